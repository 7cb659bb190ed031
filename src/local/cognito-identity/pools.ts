import {
  choice,
  flag,
  integer,
  listOf,
  mapOf,
  nameRules,
  type Reader,
  readMember,
  readOptional,
  readText,
  structure,
  text,
  type TextRules,
} from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { IdentityPoolState, IdentityProviderState, State } from '../state/index.ts'

/** Cognito's quota of identity pools in an account. */
const maxPools = 1000

/** The operations on identity pools themselves. */
export function poolSettingOperations(): Operations {
  return {
    'cognito-identity.CreateIdentityPool': createIdentityPool,
    'cognito-identity.DescribeIdentityPool': (state, input, context) =>
      describe(readIdentityPool(state, input, context)),
    'cognito-identity.UpdateIdentityPool': updateIdentityPool,
    'cognito-identity.ListIdentityPools': listIdentityPools,
    'cognito-identity.DeleteIdentityPool': deleteIdentityPool,
  }
}

function createIdentityPool(state: State, input: JsonObject, { region, random }: Context): JsonObject {
  const settings = readSettings(input)
  if (Object.keys(state.identityPools).length >= maxPools) {
    throw new ServiceError('LimitExceededException', 'The account has as many identity pools as it may have.')
  }
  const identityPoolId = `${region}:${random.uuid()}`
  const pool: IdentityPoolState = {
    identityPoolId,
    region,
    ...settings,
    roles: createMap(),
    roleMappings: createMap(),
    identities: createMap(),
    principalTags: createMap(),
  }
  state.identityPools[identityPoolId] = pool
  return describe(pool)
}

/** Whatever is not sent goes back to its default; roles and identities stay. */
function updateIdentityPool(state: State, input: JsonObject, context: Context): JsonObject {
  const pool: IdentityPoolState = { ...readIdentityPool(state, input, context), ...readSettings(input) }
  state.identityPools[pool.identityPoolId] = pool
  return describe(pool)
}

function listIdentityPools(state: State, input: JsonObject, { region }: Context): JsonObject {
  readMember(input, 'MaxResults', integer({ min: 1, max: 60 }))
  const pools = Object.values(state.identityPools).filter((pool) => pool.region === region)
  const page = readPage(input, pools, ({ identityPoolId }) => identityPoolId, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['ListIdentityPools', region],
  })
  const IdentityPools = page.items.map(({ identityPoolId, settings }) => {
    return { IdentityPoolId: identityPoolId, IdentityPoolName: settings['IdentityPoolName'] }
  })
  return { IdentityPools, ...page.next }
}

/** STS takes no token of the pool any more; credentials last as long as they were issued for. */
function deleteIdentityPool(state: State, input: JsonObject, context: Context): undefined {
  const { identityPoolId } = readIdentityPool(state, input, context)
  delete state.identityPools[identityPoolId]
}

function readSettings(input: JsonObject): Pick<IdentityPoolState, 'settings' | 'providers'> {
  const settings = settingsShape()(input, '')
  const providers = readProviders(input)
  return { settings: { IdentityPoolTags: {}, ...settings }, providers }
}

function readProviders(input: JsonObject): readonly IdentityProviderState[] {
  const shape = structure(
    {
      ProviderName: text({ min: 1, max: 128, pattern: /^[\w.:/-]+$/ }),
      ClientId: text({ min: 1, max: 128, pattern: /^\w+$/ }),
      ServerSideTokenCheck: flag(),
    },
    ['ProviderName', 'ClientId'],
  )
  const providers = input['CognitoIdentityProviders'] ?? []
  return listOf(shape)(providers, 'cognitoIdentityProviders').map((provider) => ({
    providerName: String(provider['ProviderName']),
    clientId: String(provider['ClientId']),
    serverSideTokenCheck: provider['ServerSideTokenCheck'] === true,
  }))
}

function settingsShape(): Reader<JsonObject> {
  const arns = listOf(text(identityArnRules()))
  return structure(
    {
      IdentityPoolName: text(identityPoolNameRules()),
      AllowUnauthenticatedIdentities: flag(),
      AllowClassicFlow: flag(),
      SupportedLoginProviders: smallMap(
        text({ min: 1, max: 128 }),
        text({ min: 1, max: 128, pattern: /^[\w.;/-]+$/ }),
        10,
      ),
      DeveloperProviderName: text({ min: 1, max: 128, pattern: /^[\w.-]+$/ }),
      OpenIdConnectProviderARNs: arns,
      SamlProviderARNs: arns,
      IdentityPoolTags: mapOf(text({ min: 1, max: 128 }), text({ max: 256 })),
    },
    ['IdentityPoolName', 'AllowUnauthenticatedIdentities'],
  )
}

/** An `IdentityPool`. */
function describe({ identityPoolId, settings, providers }: IdentityPoolState): JsonObject {
  const CognitoIdentityProviders = providers.map(({ providerName, clientId, serverSideTokenCheck }) => {
    return { ProviderName: providerName, ClientId: clientId, ServerSideTokenCheck: serverSideTokenCheck }
  })
  return {
    IdentityPoolId: identityPoolId,
    ...settings,
    ...(providers.length > 0 && { CognitoIdentityProviders }),
  }
}

/** The operations on the roles of identity pools, and on how they are chosen. */
export function poolRoleOperations(): Operations {
  return {
    'cognito-identity.GetIdentityPoolRoles': getIdentityPoolRoles,
    'cognito-identity.SetIdentityPoolRoles': setIdentityPoolRoles,
  }
}

function getIdentityPoolRoles(state: State, input: JsonObject, context: Context): JsonObject {
  const { identityPoolId, roles, roleMappings } = readIdentityPool(state, input, context)
  return {
    IdentityPoolId: identityPoolId,
    Roles: roles,
    ...(Object.keys(roleMappings).length > 0 && { RoleMappings: roleMappings }),
  }
}

/** Replaces roles and mappings together: what is not sent is gone. */
function setIdentityPoolRoles(state: State, input: JsonObject, context: Context): undefined {
  const pool = readIdentityPool(state, input, context)
  const kind = text({ min: 1, max: 128, pattern: /^(un)?authenticated$/ })
  const roles = createMap(Object.entries(readMember(input, 'Roles', smallMap(kind, text(identityArnRules()), 2))))
  const roleMappings = createMap(Object.entries(readOptional(input, 'RoleMappings', mappings()) ?? {}))
  state.identityPools[pool.identityPoolId] = { ...pool, roles, roleMappings }
}

function mappings(): Reader<Readonly<Record<string, JsonObject>>> {
  const provider = text({ min: 1, max: 128 })
  return (value, path) => {
    if (!isObject(value))
      throw new ServiceError('SerializationException', `The value at '${path}' is of the wrong type.`)
    const entries = Object.entries(value)
    if (entries.length > 10) throw invalidParameter('There may be 10 role mappings at most.')
    return Object.fromEntries(
      entries.map(([name, item]) => [provider(name, `${path}.key`), mapping(item, `${path}.${name}`)]),
    )
  }
}

function mapping(value: unknown, path: string): JsonObject {
  const rule = structure(
    {
      Claim: text({ ...nameRules(), max: 64 }),
      MatchType: choice(['Equals', 'Contains', 'StartsWith', 'NotEqual']),
      Value: text({ min: 1, max: 128 }),
      RoleARN: text(identityArnRules()),
    },
    ['Claim', 'MatchType', 'Value', 'RoleARN'],
  )
  const shape = structure(
    {
      Type: choice(['Token', 'Rules']),
      AmbiguousRoleResolution: choice(['AuthenticatedRole', 'Deny']),
      RulesConfiguration: structure({ Rules: listOf(rule, 400) }, ['Rules']),
    },
    ['Type'],
  )
  const read = shape(value, `${path}.member`)
  if (read['AmbiguousRoleResolution'] === undefined) {
    throw invalidParameter('AmbiguousRoleResolution is required for role mappings of type Token and Rules.')
  }
  if ((read['Type'] === 'Rules') !== (read['RulesConfiguration'] !== undefined)) {
    throw invalidParameter('RulesConfiguration is for role mappings of type Rules, and required there.')
  }
  return read
}

/** Ids of identity pools and of identities: a region, a colon and a UUID. */
export function identityIdRules(): TextRules {
  return { min: 1, max: 55, pattern: /^[\w-]+:[0-9a-f-]+$/ }
}

/** Names of identity pools. */
export function identityPoolNameRules(): TextRules {
  return { min: 1, max: 128, pattern: /^[\w\s+=,.@-]+$/ }
}

/** ARNs of roles and providers. */
export function identityArnRules(): TextRules {
  return { min: 20, max: 2048 }
}

/** The pool that `IdentityPoolId` names. */
export function readIdentityPool(state: State, input: JsonObject, context: Context): IdentityPoolState {
  const identityPoolId = readText(input, 'IdentityPoolId', identityIdRules())
  const pool = state.identityPools[identityPoolId]
  if (pool === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `IdentityPool '${identityPoolId}' not found.`)
  }
  return pool
}

/** Throws where `Logins` is no map of at most ten tokens by provider. What they are worth is another question. */
export function checkLogins(input: JsonObject): void {
  readOptional(input, 'Logins', smallMap(text({ min: 1, max: 128 }), text({ min: 1, max: 50_000 }), 10))
}

/** A map from text to text of at most `max` entries. */
export function smallMap(
  key: Reader<string>,
  item: Reader<string>,
  max: number,
): Reader<Readonly<Record<string, string>>> {
  const read = mapOf(key, item)
  return (value, path) => {
    const map = read(value, path)
    if (Object.keys(map).length <= max) return map
    throw invalidParameter(
      `1 validation error detected: Value at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
    )
  }
}

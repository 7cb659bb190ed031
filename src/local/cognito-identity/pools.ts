import { removeEndingOf } from '../expiry.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { IdentityPoolState, IdentityProviderState, State } from '../state.ts'
import { readMember } from '../cognito-idp/input.ts'
import { readPage } from '../cognito-idp/paging.ts'
import { flag, integer, listOf, mapOf, type Reader, structure, text } from '../cognito-idp/shape.ts'
import { identityArnRules, identityPoolNameRules, readIdentityPool, smallMap } from './input.ts'

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

/** Tokens for STS end with the pool; credentials last as long as they were issued for. */
function deleteIdentityPool(state: State, input: JsonObject, context: Context): undefined {
  const { identityPoolId } = readIdentityPool(state, input, context)
  removeEndingOf(state.openIdTokens, identityPoolId)
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

import { isObject, type JsonObject } from '../json.ts'
import { type Context, ServiceError } from '../operation.ts'
import type { PoolState, UserState } from '../state/index.ts'
import { attributesFor, callTrigger } from '../triggers.ts'
import { systemScopes } from './clients.ts'
import { chooseRole, groupsOfUser } from './groups.ts'

/** Why tokens are issued: what `triggerSource` says after `TokenGeneration_`. */
export type TokenSource =
  | 'Authentication'
  | 'NewPasswordChallenge'
  | 'AuthenticateDevice'
  | 'RefreshTokens'
  | 'HostedAuth'
  | 'ClientCredentials'

/** The claims of the tokens that are to be issued. */
export interface TokenClaims {
  readonly access: JsonObject
  readonly id: JsonObject
}

/** The claims as the pre-token-generation trigger wants them. Throws as `callTrigger` does. */
export async function customizeClaims(
  { access, id }: TokenClaims,
  pool: PoolState,
  user: UserState,
  { source, clientMetadata }: { readonly source: TokenSource; readonly clientMetadata?: JsonObject | undefined },
  context: Pick<Context, 'triggers'>,
): Promise<TokenClaims> {
  const version = readVersion(pool, context)
  if (version === undefined) return { access, id }
  const groups = groupsOfUser(pool, user)
  const { roles, preferred } = chooseRole(groups)
  const isFirst = version === 'V1_0'
  const request = {
    userAttributes: attributesFor(user),
    groupConfiguration: {
      groupsToOverride: groups.map(({ name }) => name),
      iamRolesToOverride: roles,
      preferredRole: preferred ?? null,
    },
    ...(!isFirst && { scopes: String(access['scope']).split(' ') }),
    ...(clientMetadata !== undefined && { clientMetadata }),
  }
  const member = isFirst ? 'claimsOverrideDetails' : 'claimsAndScopeOverrideDetails'
  const response = await callTrigger(
    'PreTokenGeneration',
    pool,
    {
      source: `TokenGeneration_${source}`,
      clientId: String(access['client_id']),
      userName: user.username,
      request,
      response: { [member]: null },
      version: version.slice(1, 2),
    },
    context,
  )
  const details = readDetails(response?.[member])
  const forId = isFirst ? details : readDetails(details['idTokenGeneration'])
  const forAccess = isFirst ? {} : readDetails(details['accessTokenGeneration'])
  const override = 'groupOverrideDetails' in details ? readDetails(details['groupOverrideDetails']) : undefined
  return {
    access: changeScopes(
      changeClaims(withGroups(access, override, false), forAccess, { isTextOnly: false, kind: 'access' }),
      forAccess,
      [],
    ),
    id: changeClaims(withGroups(id, override, true), forId, { isTextOnly: isFirst, kind: 'id' }),
  }
}

/** The claims of a machine's token as the trigger wants them, from version V3_0 on. */
export async function customizeMachineClaims(
  access: JsonObject,
  pool: PoolState,
  clientMetadata: JsonObject | undefined,
  context: Pick<Context, 'triggers'>,
): Promise<JsonObject> {
  if (readVersion(pool, context) !== 'V3_0') return access
  const clientId = String(access['client_id'])
  const request = {
    userAttributes: {},
    groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
    scopes: String(access['scope']).split(' '),
    ...(clientMetadata !== undefined && { clientMetadata }),
  }
  const response = await callTrigger(
    'PreTokenGeneration',
    pool,
    {
      ...{ source: 'TokenGeneration_ClientCredentials', clientId, userName: clientId, request, version: '3' },
      response: { claimsAndScopeOverrideDetails: null },
    },
    context,
  )
  const details = readDetails(response?.['claimsAndScopeOverrideDetails'])
  const changes = readDetails(details['accessTokenGeneration'])
  return changeScopes(changeClaims(access, changes, { isTextOnly: false, kind: 'access' }), changes, systemScopes())
}

function readVersion({ userPoolId }: PoolState, { triggers }: Pick<Context, 'triggers'>) {
  const trigger = triggers[userPoolId]?.PreTokenGeneration
  return typeof trigger === 'function' ? 'V1_0' : trigger?.version
}

function readDetails(value: unknown): JsonObject {
  if (value === undefined || value === null) return {}
  if (isObject(value)) return value
  throw invalidOutput()
}

/** The groups that the trigger gives in place of the user's own. Without any, there are none. */
function withGroups(claims: JsonObject, override: JsonObject | undefined, isId: boolean): JsonObject {
  if (override === undefined) return claims
  const { 'cognito:groups': _, 'cognito:roles': __, 'cognito:preferred_role': ___, ...rest } = claims
  const groups = readTexts(override['groupsToOverride'])
  const roles = readTexts(override['iamRolesToOverride'])
  const preferred = override['preferredRole']
  return {
    ...rest,
    ...(groups.length > 0 && { 'cognito:groups': groups }),
    ...(isId && roles.length > 0 && { 'cognito:roles': roles }),
    ...(isId && typeof preferred === 'string' && { 'cognito:preferred_role': preferred }),
  }
}

/** Adds, replaces and takes away claims, except those that Cognito keeps to itself. What is added and suppressed is not there. */
function changeClaims(
  claims: JsonObject,
  details: JsonObject,
  { isTextOnly, kind }: { readonly isTextOnly: boolean; readonly kind: 'access' | 'id' },
): JsonObject {
  const added = readDetails(details['claimsToAddOrOverride'])
  if (isTextOnly && Object.values(added).some((value) => typeof value !== 'string')) throw invalidOutput()
  const suppressed = new Set(readTexts(details['claimsToSuppress']))
  const isFree = (name: string, value?: unknown): boolean => {
    if (kind === 'access' && name === 'aud') return value === claims['client_id']
    return !protectedClaims(kind).includes(name) && !name.startsWith('cognito:') && !name.startsWith('dev:')
  }
  const more = Object.entries(added).filter(([name, value]) => isFree(name, value))
  return Object.fromEntries(
    Object.entries({ ...claims, ...Object.fromEntries(more) }).filter(([name]) => {
      return !suppressed.has(name) || !isFree(name)
    }),
  )
}

/** Scopes are texts without blanks; those of `fixed` are not added. */
function changeScopes(claims: JsonObject, details: JsonObject, fixed: readonly string[]): JsonObject {
  const added = readTexts(details['scopesToAdd'])
  if (added.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) throw invalidOutput()
  const gone = new Set(readTexts(details['scopesToSuppress']))
  const held = String(claims['scope']).split(' ')
  const scopes = [...held, ...added.filter((scope) => !fixed.includes(scope))].filter((scope) => !gone.has(scope))
  return { ...claims, scope: [...new Set(scopes)].join(' ') }
}

function readTexts(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw invalidOutput()
}

/** What a trigger cannot change, as the developer guide lists it. */
function protectedClaims(kind: 'access' | 'id'): readonly string[] {
  return [
    ...['acr', 'amr', 'at_hash', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti'],
    ...['sub', 'token_use'],
    ...(kind === 'id'
      ? ['aud', 'identities']
      : ['username', 'client_id', 'scope', 'device_key', 'event_id', 'version']),
  ]
}

function invalidOutput(): ServiceError {
  return new ServiceError('InvalidLambdaResponseException', 'Unrecognizable lambda output')
}

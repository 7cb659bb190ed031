import type { JsonObject } from '../json.ts'
import { type Context, Deferred, type Operations, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, RefreshState, State, UserState } from '../state.ts'
import { getTokenLife, machineScopes } from './clients.ts'
import { chooseRole, groupsOfUser } from './groups.ts'
import { createRefreshToken } from './refresh-tokens.ts'
import { getIssuer } from './user-pool.ts'

/**
 * The answer to a sign-in that is complete, with a new refresh token, or to a renewal, which sends one only where it has
 * taken the place of the one that is there.
 */
export function authenticationResult(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
  { renewed, token: replacement, deviceKey = renewed?.deviceKey }: IssueOptions = {},
): { readonly ChallengeParameters: JsonObject; readonly AuthenticationResult: JsonObject } {
  const { random, now } = context
  const issuedAt = Math.floor(now / 1000)
  const { authTime, originJti } = renewed ?? { authTime: issuedAt, originJti: random.uuid() }
  const life = getTokenLife(client, 'AccessToken')
  const grant: Grant = {
    issuer: getIssuer(pool, context),
    clientId: client.clientId,
    scope: 'aws.cognito.signin.user.admin',
    authTime,
    issuedAt,
    expiresAt: issuedAt + life,
    originJti,
    eventId: random.uuid(),
  }
  const device = deviceKey === undefined ? {} : { device_key: deviceKey }
  const access = { ...accessClaims(pool, user, grant, random.uuid()), ...device }
  const id = idClaims(pool, user, { ...grant, expiresAt: issuedAt + getTokenLife(client, 'IdToken') }, random.uuid())
  const { username } = user
  const grantOfToken = { username, authTime, originJti, deviceKey }
  const token = renewed === undefined ? createRefreshToken(pool, client, grantOfToken, context) : replacement
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: new Deferred(pool.userPoolId, (keys) => keys.issue('access', access)),
      ExpiresIn: life,
      TokenType: 'Bearer',
      ...(token !== undefined && { RefreshToken: token }),
      IdToken: new Deferred(pool.userPoolId, (keys) => keys.issue('id', id)),
    },
  }
}

/** What else decides about the tokens. */
export interface IssueOptions {
  /** The refresh token that is used, where these tokens take the place of earlier ones. */
  readonly renewed?: RefreshState | undefined
  /** The refresh token that takes the place of the one that is used. */
  readonly token?: string | undefined
  /** The device that the user signs in from. */
  readonly deviceKey?: string | undefined
}

/** What the tokens of one sign-in have in common. Times are in whole seconds since the epoch. */
export interface Grant {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
  readonly authTime: number
  readonly issuedAt: number
  readonly expiresAt: number
  readonly originJti: string
  readonly eventId: string
}

/** The claims of a user's access token, without overrides. */
export function accessClaims(pool: PoolState, user: UserState, grant: Grant, jti: string): JsonObject {
  return {
    sub: user.attributes['sub'],
    ...groupsClaim(pool, user),
    iss: grant.issuer,
    version: 2,
    client_id: grant.clientId,
    origin_jti: grant.originJti,
    event_id: grant.eventId,
    token_use: 'access',
    scope: grant.scope,
    auth_time: grant.authTime,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    jti,
    username: user.username,
  }
}

/** The claims of a user's ID token, without overrides, `at_hash` and `nonce`. */
export function idClaims(pool: PoolState, user: UserState, grant: Grant, jti: string): JsonObject {
  const { roles, preferred } = chooseRole(groupsOfUser(pool, user))
  return {
    ...attributeClaims(user),
    ...groupsClaim(pool, user),
    ...(roles.length > 0 ? { 'cognito:roles': roles } : {}),
    ...(preferred !== undefined ? { 'cognito:preferred_role': preferred } : {}),
    iss: grant.issuer,
    'cognito:username': user.username,
    origin_jti: grant.originJti,
    aud: grant.clientId,
    event_id: grant.eventId,
    token_use: 'id',
    auth_time: grant.authTime,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    jti,
  }
}

/** The claims of a machine's access token (client credentials). */
export function machineClaims(grant: Omit<Grant, 'originJti' | 'eventId'>, jti: string): JsonObject {
  return {
    sub: grant.clientId,
    token_use: 'access',
    scope: grant.scope,
    auth_time: grant.authTime,
    iss: grant.issuer,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    version: 2,
    jti,
    client_id: grant.clientId,
  }
}

function groupsClaim(pool: PoolState, user: UserState): JsonObject {
  const names = groupsOfUser(pool, user).map(({ name }) => name)
  return names.length > 0 ? { 'cognito:groups': names } : {}
}

/** Attributes are text in the directory; in tokens a few of them have a type (OpenID Connect Core section 5.1). */
function attributeClaims({ attributes }: UserState): JsonObject {
  const claims = Object.entries(attributes).map(([name, value]): [string, unknown] => {
    if (name === 'email_verified' || name === 'phone_number_verified') return [name, value === 'true']
    if (name === 'identities') return [name, JSON.parse(value)]
    if (name === 'address') return [name, { formatted: value }]
    return [name, value]
  })
  return {
    ...verification(attributes, 'email'),
    ...verification(attributes, 'phone_number'),
    ...Object.fromEntries(claims),
  }
}

/** A user with an e-mail address or a phone number always has the claim that says whether it is verified. */
function verification(attributes: UserState['attributes'], name: string): JsonObject {
  return attributes[name] === undefined ? {} : { [`${name}_verified`]: false }
}

/** The token endpoint, for the client credentials grant (RFC 6749 section 4.4). */
export function tokenOperations(): Operations {
  return { 'oauth2.token': grantToken }
}

function grantToken(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined || input['grant_type'] === undefined) throw refusal('invalid_request')
  if (input['grant_type'] !== 'client_credentials') throw refusal('unsupported_grant_type')
  const client = authenticateClient(pool, input)
  const claims = machineTokenClaims(pool, client, readScope(client, input['scope']), context)
  return {
    access_token: new Deferred(pool.userPoolId, (keys) => keys.issue('access', claims)),
    expires_in: getTokenLife(client, 'AccessToken'),
    token_type: 'Bearer',
  }
}

/** The claims of a machine token of this client, issued now. */
export function machineTokenClaims(
  pool: PoolState,
  client: ClientState,
  scope: string,
  context: Context,
  expiresIn: number = getTokenLife(client, 'AccessToken'),
): JsonObject {
  const issuedAt = Math.floor(context.now / 1000)
  const grant = {
    issuer: getIssuer(pool, context),
    clientId: client.clientId,
    scope,
    authTime: issuedAt,
    issuedAt,
    expiresAt: issuedAt + expiresIn,
  }
  return machineClaims(grant, context.random.uuid())
}

function authenticateClient(pool: PoolState, input: JsonObject): ClientState {
  const client = pool.clients[String(input['client_id'])]
  if (client === undefined) throw refusal('invalid_client')
  if (client.secret === undefined) throw refusal('unauthorized_client')
  if (input['client_secret'] !== client.secret) throw refusal('invalid_client')
  return client
}

/** The scopes asked for; without any, all that the client may have. */
function readScope(client: ClientState, asked: unknown): string {
  const scopes = machineScopes(client) ?? []
  if (scopes.length === 0) throw refusal('unauthorized_client')
  if (typeof asked !== 'string' || asked === '') return scopes.join(' ')
  const names = asked.split(' ')
  if (names.some((name) => !scopes.includes(name))) throw refusal('invalid_scope')
  return names.join(' ')
}

function refusal(code: string): ServiceError {
  return new ServiceError(code, '')
}

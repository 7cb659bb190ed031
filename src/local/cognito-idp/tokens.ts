import { base64url } from 'jose'
import { clientIdRules, listOf, readOptional, readText, readTexts, scopeRules, text } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import { type Context, Deferred, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { removeEnding } from '../sorted-pairs.ts'
import type { AuthenticationLevel, ClientState, PoolState, RefreshState, State, UserState } from '../state/index.ts'
import { attributesFor, callTrigger } from '../triggers.ts'
import { findClient, getTokenLife, listSetting, machineScopes, secretsOf } from './clients.ts'
import { chooseRole, groupsOfUser } from './groups.ts'
import { createRefreshToken, revokeFamily } from './refresh-tokens.ts'
import { customizeClaims, customizeMachineClaims, type TokenSource } from './token-trigger.ts'
import { getIssuer } from './user-pool.ts'
import { dropSession, type NewSession, startSession, touchSession } from './user-sessions.ts'

/**
 * The answer to a sign-in that is complete, with a new refresh token, or to a renewal, which sends one only where it has
 * taken the place of the one that is there.
 */
export function authenticationResult(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
  options: IssueOptions = {},
): { readonly ChallengeParameters: JsonObject; readonly AuthenticationResult: JsonObject } {
  const { accessToken, idToken, refreshToken, expiresIn } = issueTokens(pool, user, client, context, options)
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresIn,
      TokenType: 'Bearer',
      ...(refreshToken !== undefined && { RefreshToken: refreshToken }),
      IdToken: idToken,
    },
  }
}

/** The tokens of a sign-in, as values of an output. */
export interface IssuedTokens {
  readonly accessToken: Deferred
  readonly idToken: Deferred
  readonly refreshToken: string | undefined
  /** The life of the access token, in seconds. */
  readonly expiresIn: number
}

/** What else decides about the tokens. */
export interface IssueOptions {
  /** The refresh token that is used, where these tokens take the place of earlier ones. */
  readonly renewed?: RefreshState | undefined
  /** The refresh token that takes the place of the one that is used. */
  readonly token?: string | undefined
  /** The device that the user signs in from. */
  readonly deviceKey?: string | undefined
  /** The scopes, with blanks between. Default: those of the renewed token, or those of a sign-in by the API. */
  readonly scope?: string | undefined
  /** When the user was authenticated, in seconds. Default: now. */
  readonly authTime?: number | undefined
  /** The `aud` of the access token. Default: that of the renewed token, or none. */
  readonly audience?: string | undefined
  /** Whether the triggers that come with a sign-in have been called before. */
  readonly isAuthenticated?: boolean | undefined
  /** The `nonce` of the ID token. */
  readonly nonce?: string | undefined
  /** Whether the ID token has the `at_hash` of the access token. */
  readonly withHash?: boolean | undefined
  /** The session of managed login that the sign-in came through. */
  readonly originSessionId?: string | undefined
  /** The claims `acr` and `amr`. Default: those of the renewed token. */
  readonly level?: AuthenticationLevel | undefined
  /** What the user has shown, for a later step-up. */
  readonly factors?: readonly string[] | undefined
  /** What triggers are told. Default: `RefreshTokens` for renewals, `Authentication` otherwise. */
  readonly source?: TokenSource | undefined
  readonly clientMetadata?: JsonObject | undefined
  /** What is undone where a trigger refuses the tokens. The new refresh token and its session are taken away in any case. */
  readonly undo?: (() => void) | undefined
}

/**
 * Issues the tokens of a user: every flow ends here. The triggers are asked when the output is made; where one of them
 * refuses, the answer is its error, and no refresh token and no session is left.
 */
export function issueTokens(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
  options: IssueOptions = {},
): IssuedTokens {
  const { random, now } = context
  const { renewed, token: replacement, deviceKey = renewed?.deviceKey, nonce, withHash, originSessionId } = options
  const { source = renewed === undefined ? 'Authentication' : 'RefreshTokens', clientMetadata } = options
  const scope = options.scope ?? renewed?.scope ?? apiScope()
  const audience = options.audience ?? renewed?.audience
  const level = options.level ?? renewed?.level
  const issuedAt = Math.floor(now / 1000)
  const { authTime, originJti } = renewed ?? { authTime: options.authTime ?? issuedAt, originJti: random.uuid() }
  const expiresIn = getTokenLife(client, 'AccessToken')
  const grant: Grant = {
    issuer: getIssuer(pool, context),
    clientId: client.clientId,
    scope,
    authTime,
    issuedAt,
    expiresAt: issuedAt + expiresIn,
    originJti,
    eventId: random.uuid(),
  }
  const device = deviceKey === undefined ? {} : { device_key: deviceKey }
  const bound = audience === undefined ? {} : { aud: audience }
  const access = { ...accessClaims(pool, user, grant, random.uuid()), ...device, ...bound, ...level }
  const forId = { ...grant, expiresAt: issuedAt + getTokenLife(client, 'IdToken') }
  const id = { ...idClaims(pool, user, forId, random.uuid()), ...level, ...(nonce !== undefined && { nonce }) }
  const grantOfToken = {
    username: user.username,
    authTime,
    originJti,
    deviceKey,
    scope: options.scope,
    audience,
    level,
    factors: options.factors,
  }
  const created = renewed === undefined ? createRefreshToken(pool, client, grantOfToken, context) : undefined
  if (created !== undefined)
    beginSession(pool, { ...grantOfToken, clientId: client.clientId, originSessionId }, context)
  else touchSession(pool, user.username, originJti, now)
  const made = once(async (keys: KeyRing) => {
    try {
      const isNew = renewed === undefined && options.isAuthenticated !== true
      if (isNew) await callPostAuthentication(pool, user, client, deviceKey, clientMetadata, context)
      const claims = await customizeClaims({ access, id }, pool, user, { source, clientMetadata }, context)
      const accessToken = await keys.issue('access', claims.access)
      const hash = withHash === true ? { at_hash: await leftHalfHash(accessToken) } : {}
      return { accessToken, idToken: await keys.issue('id', { ...claims.id, ...hash }) }
    } catch (error) {
      if (created !== undefined) {
        removeEnding(pool.refreshTokens, created)
        dropSession(pool, user.username, originJti)
      }
      options.undo?.()
      throw error
    }
  })
  return {
    accessToken: new Deferred(pool.userPoolId, async (keys) => (await made(keys)).accessToken),
    idToken: new Deferred(pool.userPoolId, async (keys) => (await made(keys)).idToken),
    refreshToken: created ?? replacement,
    expiresIn,
  }
}

/** The scope of a sign-in by the API. */
export function apiScope(): string {
  return 'aws.cognito.signin.user.admin'
}

/** Begins the session of a sign-in. Sign-ins whose sessions have to make way for it end. */
export function beginSession(pool: PoolState, grant: Omit<NewSession, 'until'>, context: Context): void {
  const client = pool.clients[grant.clientId]
  const life = client === undefined ? 0 : getTokenLife(client, 'RefreshToken') * 1000
  const started = startSession(pool, { ...grant, until: context.now + life }, context)
  for (const { username, originJti } of started?.ended ?? []) {
    if (originJti !== undefined) revokeFamily(pool, username, originJti, context)
  }
}

/** Tells the trigger of a sign-in that is about to succeed. An error of it refuses the sign-in. */
export async function callPostAuthentication(
  pool: PoolState,
  user: UserState,
  { clientId }: ClientState,
  deviceKey: string | undefined,
  clientMetadata: JsonObject | undefined,
  context: Context,
): Promise<void> {
  const newDeviceUsed = deviceKey !== undefined && !user.devices.some(({ key }) => key === deviceKey)
  const request = {
    userAttributes: attributesFor(user),
    newDeviceUsed,
    ...(clientMetadata !== undefined && { clientMetadata }),
  }
  const call = { source: 'PostAuthentication_Authentication', clientId, userName: user.username, request }
  await callTrigger('PostAuthentication', pool, call, context)
}

/** A function that does its work once, whoever asks first. */
function once<T, R>(work: (argument: T) => Promise<R>): (argument: T) => Promise<R> {
  let made: Promise<R> | undefined
  return (argument) => {
    made ??= work(argument)
    return made
  }
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
    ...attributeClaims(readableAttributes(pool, user, grant)),
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

/**
 * The attributes that the client may read with these scopes: all with `profile`, or with none of `profile`, `email` and
 * `phone`; otherwise the address, the number, or both.
 */
export function readableAttributes(
  pool: PoolState,
  { attributes }: UserState,
  { clientId, scope }: Pick<Grant, 'clientId' | 'scope'>,
): UserState['attributes'] {
  const readable = pool.clients[clientId]?.settings['ReadAttributes']
  const scopes = scope.split(' ')
  const isOpen = scopes.includes('profile') || !['email', 'phone'].some((one) => scopes.includes(one))
  const isGranted = (name: string) => {
    if (isOpen || scopes.includes(apiScope())) return true
    if (name.startsWith('email')) return scopes.includes('email')
    return name.startsWith('phone_number') && scopes.includes('phone')
  }
  const isReadable = (name: string) => !Array.isArray(readable) || readable.includes(name)
  const held = Object.entries(attributes).filter(([name]) => name === 'sub' || (isReadable(name) && isGranted(name)))
  return Object.fromEntries(held)
}

/** Attributes are text in the directory; in tokens a few of them have a type (OpenID Connect Core section 5.1). */
function attributeClaims(attributes: UserState['attributes']): JsonObject {
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

/** Tokens of machines by the API. */
export function tokenOperations(): Operations {
  return { 'cognito-idp.GetClientToken': getClientToken }
}

/** What a machine gets at the token endpoint, by the client credentials grant (RFC 6749 section 4.4). */
export function grantToMachine(pool: PoolState, input: JsonObject, context: Context): JsonObject {
  const client = authenticateClient(pool, input)
  const scope = readScope(client, input['scope'])
  return {
    access_token: issueMachineToken(pool, client, scope, readMetadata(input['aws_client_metadata']), context),
    expires_in: getTokenLife(client, 'AccessToken'),
    token_type: 'Bearer',
  }
}

/** Clients of this operation have a secret, and ALLOW_CLIENT_TOKEN_AUTH as their only flow. */
function getClientToken(state: State, input: JsonObject, context: Context): JsonObject {
  const clientId = readText(input, 'ClientId', clientIdRules())
  const secret = readText(input, 'Secret', { min: 1, max: 64, pattern: /^[\w+]+$/ })
  const asked = readOptional(input, 'Scopes', listOf(text(scopeRules()), 50)) ?? []
  const clientMetadata = readTexts(input, 'ClientMetadata')
  const found = findClient(state, clientId)
  if (found === undefined || found.pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }
  const { pool, client } = found
  if (!listSetting(client, 'ExplicitAuthFlows').includes('ALLOW_CLIENT_TOKEN_AUTH')) {
    throw invalidParameter('Auth flow not enabled for this client')
  }
  if (!secretsOf(client).includes(secret)) {
    throw notAuthorized(`Unable to verify secret for client ${clientId}`)
  }
  const scopes = machineScopes(client) ?? []
  const unknown = asked.find((scope) => !scopes.includes(scope))
  if (unknown !== undefined || scopes.length === 0) throw invalidParameter(`Invalid scope requested: ${unknown ?? ''}`)
  const scope = (asked.length > 0 ? asked : scopes).join(' ')
  return {
    ClientAuthenticationResult: {
      AccessToken: issueMachineToken(pool, client, scope, clientMetadata, context),
      ExpiresIn: getTokenLife(client, 'AccessToken'),
      TokenType: 'Bearer',
    },
  }
}

/** The token of a machine, as the trigger wants it. */
function issueMachineToken(
  pool: PoolState,
  client: ClientState,
  scope: string,
  clientMetadata: JsonObject | undefined,
  context: Context,
): Deferred {
  const claims = machineTokenClaims(pool, client, scope, context)
  return new Deferred(pool.userPoolId, async (keys) => {
    return keys.issue('access', await customizeMachineClaims(claims, pool, clientMetadata, context))
  })
}

function readMetadata(value: unknown): JsonObject | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  try {
    const metadata: unknown = JSON.parse(value)
    if (isObject(metadata)) return metadata
  } catch {}
  throw refusal('invalid_request')
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
  if (!secretsOf(client).includes(String(input['client_secret']))) throw refusal('invalid_client')
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

/** OpenID Connect Core section 3.1.3.6. */
export async function leftHalfHash(accessToken: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))
  return base64url.encode(new Uint8Array(digest, 0, 16))
}

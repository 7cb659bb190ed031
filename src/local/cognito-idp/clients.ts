import {
  arnRules,
  choice,
  clientNameRules,
  flag,
  integer,
  listOf,
  providerNameRules,
  type Reader,
  readFlag,
  readOptionalText,
  readText,
  scopeRules,
  structure,
  text,
} from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { ClientState, PoolState, State } from '../state/index.ts'
import { readClient, readPool } from './directory.ts'
import { isInSchema } from './schema.ts'
import { isScope } from './resource-servers.ts'

/** Cognito's quota of app clients in a pool. */
const maxClients = 1000

/** The operations on app clients. */
export function clientOperations(): Operations {
  return {
    'cognito-idp.CreateUserPoolClient': createClient,
    'cognito-idp.DeleteUserPoolClient': deleteClient,
    'cognito-idp.DescribeUserPoolClient': describeClient,
    'cognito-idp.ListUserPoolClients': listClients,
    'cognito-idp.UpdateUserPoolClient': updateClient,
  }
}

function createClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const name = readText(input, 'ClientName', clientNameRules())
  const wantsSecret = readFlag(input, 'GenerateSecret')
  const given = readOptionalText(input, 'ClientSecret', { min: 24, max: 64, pattern: /^[\w+]+$/ })
  if (wantsSecret && given !== undefined) throw invalidParameter('Give either GenerateSecret or ClientSecret.')
  const settings = withDefaults(settingsShape()(input, ''))
  const { random, now } = context
  const clientId = random.lowerAlphanumeric(26)
  const secret = wantsSecret ? random.lowerAlphanumeric(51) : given
  const client: ClientState = { clientId, name, secret, settings, createdAt: now, updatedAt: now }
  checkClient(pool, client)
  if (Object.keys(pool.clients).length >= maxClients) {
    throw new ServiceError('LimitExceededException', 'The pool has as many app clients as it may have.')
  }
  pool.clients[clientId] = client
  return { UserPoolClient: describe(pool, client) }
}

/** Whatever is not sent goes back to its default; the name stays, and so does the secret. */
function updateClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = readClient(pool, input)
  const client: ClientState = {
    ...old,
    name: readOptionalText(input, 'ClientName', clientNameRules()) ?? old.name,
    settings: withDefaults(settingsShape()(input, '')),
    updatedAt: context.now,
  }
  checkClient(pool, client)
  pool.clients[client.clientId] = client
  return { UserPoolClient: describe(pool, client) }
}

function describeClient(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  return { UserPoolClient: describe(pool, readClient(pool, input)) }
}

/** Its sessions and refresh tokens are of no use without it, and leave when they end. */
function deleteClient(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  const { clientId } = readClient(pool, input)
  delete pool.clients[clientId]
}

function listClients(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.clients), ({ clientId }) => clientId, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['ListUserPoolClients', pool.userPoolId],
  })
  const UserPoolClients = page.items.map(({ clientId, name }) => {
    return { ClientId: clientId, UserPoolId: pool.userPoolId, ClientName: name }
  })
  return { UserPoolClients, ...page.next }
}

/** A `UserPoolClientType`. Times are in seconds since the epoch, with fractions. */
function describe({ userPoolId }: PoolState, client: ClientState): JsonObject {
  return {
    UserPoolId: userPoolId,
    ClientName: client.name,
    ClientId: client.clientId,
    ClientSecret: client.secret,
    LastModifiedDate: client.updatedAt / 1000,
    CreationDate: client.createdAt / 1000,
    ...client.settings,
  }
}

/** Throws where the settings of a client contradict each other or name what the pool does not have. */
export function checkClient(pool: PoolState, client: ClientState): void {
  checkAuthFlows(client)
  checkLives(client)
  checkUrls(client)
  checkOAuth(pool, client)
  checkAttributes(pool, client)
  for (const name of listSetting(client, 'SupportedIdentityProviders')) {
    if (name === 'COGNITO' || pool.providers[name] !== undefined) continue
    throw invalidParameter(`The provider ${name} does not exist for User Pool ${pool.userPoolId}`)
  }
}

/** Clients read and write attributes of the schema; `sub` and what Cognito itself writes they only read. */
function checkAttributes(pool: PoolState, client: ClientState): void {
  const check = (member: string, kind: string, isFixed: (name: string) => boolean) => {
    const bad = listSetting(client, member).some((name) => !isInSchema(pool, name) || isFixed(name))
    if (bad) throw invalidParameter(`Invalid ${kind} attributes specified while creating a client`)
  }
  check('ReadAttributes', 'read', () => false)
  check('WriteAttributes', 'write', (name) => name === 'sub' || name === 'identities' || name.endsWith('_verified'))
}

function checkAuthFlows(client: ClientState): void {
  const flows = listSetting(client, 'ExplicitAuthFlows')
  const current = flows.filter((flow) => flow.startsWith('ALLOW_'))
  if (current.length > 0 && current.length < flows.length) {
    throw invalidParameter('Legacy and new authentication flows cannot be mixed in ExplicitAuthFlows.')
  }
  if (!flows.includes('ALLOW_CLIENT_TOKEN_AUTH')) return
  if (flows.length > 1) throw invalidParameter('ALLOW_CLIENT_TOKEN_AUTH cannot be combined with other flows.')
  if (client.secret === undefined) throw invalidParameter('ALLOW_CLIENT_TOKEN_AUTH needs a client secret.')
}

/** ID and access tokens live from 5 minutes to a day, refresh tokens from an hour to 10 years, longer than the others. */
function checkLives(client: ClientState): void {
  const check = (kind: TokenKind, min: number, max: number) => {
    const life = getTokenLife(client, kind)
    if (life >= min && life <= max) return
    throw invalidParameter(`Invalid range for token validity: ${kind} must be valid for ${min} to ${max} seconds.`)
  }
  check('AccessToken', 300, 86_400)
  check('IdToken', 300, 86_400)
  check('RefreshToken', 3600, 315_360_000)
  if (
    getTokenLife(client, 'RefreshToken') <
    Math.max(getTokenLife(client, 'AccessToken'), getTokenLife(client, 'IdToken'))
  ) {
    throw invalidParameter('Refresh token validity must not be shorter than that of the ID and access tokens.')
  }
}

/** Redirects go to HTTPS, to an app's own scheme, or to localhost; never to a URL with a fragment. */
function checkUrls(client: ClientState): void {
  const urls = [...listSetting(client, 'CallbackURLs'), ...listSetting(client, 'LogoutURLs')]
  const bad = urls.find((url) => !isRedirectUrl(url))
  if (bad !== undefined) throw invalidParameter(`${bad} is not a valid redirect URI.`)
  const fallback = client.settings['DefaultRedirectURI']
  if (fallback !== undefined && !listSetting(client, 'CallbackURLs').includes(String(fallback))) {
    throw invalidParameter('The DefaultRedirectURI is not in the list of CallbackURLs.')
  }
}

/** Whether browsers can be sent to a URL. */
export function isRedirectUrl(url: string): boolean {
  const isPlain = /^http:\/\/(?!localhost(:\d+)?(\/|$)|127\.0\.0\.1(:\d+)?(\/|$)|\[::1\](:\d+)?(\/|$))/.test(url)
  return URL.canParse(url) && !url.includes('#') && !isPlain
}

function checkOAuth(pool: PoolState, client: ClientState): void {
  checkOAuthFlows(client)
  const scopes = listSetting(client, 'AllowedOAuthScopes')
  const unknown = scopes.find((scope) => !systemScopes().includes(scope) && !isScope(pool, scope))
  if (unknown !== undefined) throw new ServiceError('ScopeDoesNotExistException', `Invalid scope requested: ${unknown}`)
}

function checkOAuthFlows(client: ClientState): void {
  const flows = listSetting(client, 'AllowedOAuthFlows')
  const scopes = listSetting(client, 'AllowedOAuthScopes')
  if (client.settings['AllowedOAuthFlowsUserPoolClient'] !== true) return
  const invalidFlow = (message: string) => new ServiceError('InvalidOAuthFlowException', message)
  const isInteractive = flows.includes('code') || flows.includes('implicit')
  if (flows.includes('client_credentials')) {
    if (isInteractive) {
      throw invalidFlow('client_credentials flow can not be selected along with code flow or implicit flow.')
    }
    if (client.secret === undefined) {
      throw invalidFlow('client_credentials flow can not be selected if client does not have a client secret.')
    }
    const personal = scopes.find((scope) => systemScopes().includes(scope))
    if (personal !== undefined) throw invalidFlow(`${personal} is not supported with client_credentials flow.`)
  }
  if (isInteractive && listSetting(client, 'CallbackURLs').length === 0) {
    throw invalidFlow('CallbackURLs can not be empty if code flow or implicit flow is selected.')
  }
}

/** Whether the client's users cannot find out who else exists. With the API's default, LEGACY, they can. */
export function hidesUnknownUsers({ settings }: ClientState): boolean {
  return settings['PreventUserExistenceErrors'] === 'ENABLED'
}

/** The three kinds of token, as `TokenValidityUnits` names them. */
export type TokenKind = 'AccessToken' | 'IdToken' | 'RefreshToken'

/** What CreateUserPoolClient and UpdateUserPoolClient both take, beside the name. */
export function settingsShape(): Reader<JsonObject> {
  const urls = () => listOf(text(urlRules()), 100)
  const names = () => listOf(text({ min: 1, max: 2048 }))
  const units = () => choice(['seconds', 'minutes', 'hours', 'days'])
  return structure({
    RefreshTokenValidity: integer({ min: 0, max: 315_360_000 }),
    AccessTokenValidity: integer({ min: 1, max: 86_400 }),
    IdTokenValidity: integer({ min: 1, max: 86_400 }),
    TokenValidityUnits: structure({ AccessToken: units(), IdToken: units(), RefreshToken: units() }),
    ReadAttributes: names(),
    WriteAttributes: names(),
    ExplicitAuthFlows: listOf(choice(explicitAuthFlows())),
    SupportedIdentityProviders: listOf(text(providerNameRules())),
    CallbackURLs: urls(),
    LogoutURLs: urls(),
    DefaultRedirectURI: text(urlRules()),
    AllowedOAuthFlows: listOf(choice(['code', 'implicit', 'client_credentials']), 3),
    AllowedOAuthScopes: listOf(text(scopeRules()), 50),
    AllowedOAuthFlowsUserPoolClient: flag(),
    AnalyticsConfiguration: structure({
      ApplicationId: text({ pattern: /^[0-9a-fA-F]+$/ }),
      ApplicationArn: text(arnRules()),
      RoleArn: text(arnRules()),
      ExternalId: text(),
      UserDataShared: flag(),
    }),
    PreventUserExistenceErrors: choice(['LEGACY', 'ENABLED']),
    EnableTokenRevocation: flag(),
    EnablePropagateAdditionalUserContextData: flag(),
    AuthSessionValidity: integer({ min: 3, max: 15 }),
    RefreshTokenRotation: structure(
      { Feature: choice(['ENABLED', 'DISABLED']), RetryGracePeriodSeconds: integer({ min: 0, max: 60 }) },
      ['Feature'],
    ),
  })
}

/** The settings of a client, with defaults for what is not set: at its creation, and again at every update. */
export function withDefaults(settings: JsonObject): JsonObject {
  return {
    RefreshTokenValidity: 30,
    ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
    AllowedOAuthFlowsUserPoolClient: false,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
    ...settings,
  }
}

/** The life of a client's tokens, in seconds. */
export function getTokenLife({ settings }: ClientState, kind: TokenKind): number {
  const validity = settings[`${kind}Validity`]
  const units = settings['TokenValidityUnits']
  const unit = isObject(units) ? units[kind] : undefined
  if (typeof validity !== 'number' || validity === 0) return kind === 'RefreshToken' ? 30 * 86_400 : 3600
  switch (unit ?? (kind === 'RefreshToken' ? 'days' : 'hours')) {
    case 'seconds':
      return validity
    case 'minutes':
      return validity * 60
    case 'hours':
      return validity * 3600
    default:
      return validity * 86_400
  }
}

/** A list of texts among the settings; empty where there is none. */
export function listSetting({ settings }: ClientState, name: string): readonly string[] {
  const list = settings[name]
  return Array.isArray(list) ? list.map(String) : []
}

/** The custom scopes that a client may be granted as a machine; undefined if none were set. */
export function machineScopes(client: ClientState): readonly string[] | undefined {
  if (client.settings['AllowedOAuthScopes'] === undefined) return undefined
  return listSetting(client, 'AllowedOAuthScopes').filter((scope) => !systemScopes().includes(scope))
}

/** The scopes that every pool has. */
export function systemScopes(): readonly string[] {
  return ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin']
}

/** A sign-in flow that an app client allows (`ExplicitAuthFlows`). Those without ALLOW_ cannot be mixed with those that have it. */
export type AuthFlow =
  | 'ADMIN_NO_SRP_AUTH'
  | 'CUSTOM_AUTH_FLOW_ONLY'
  | 'USER_PASSWORD_AUTH'
  | 'ALLOW_ADMIN_USER_PASSWORD_AUTH'
  | 'ALLOW_CUSTOM_AUTH'
  | 'ALLOW_USER_PASSWORD_AUTH'
  | 'ALLOW_USER_SRP_AUTH'
  | 'ALLOW_REFRESH_TOKEN_AUTH'
  | 'ALLOW_USER_AUTH'
  | 'ALLOW_CLIENT_TOKEN_AUTH'

export function explicitAuthFlows(): readonly AuthFlow[] {
  return [
    'ADMIN_NO_SRP_AUTH',
    'CUSTOM_AUTH_FLOW_ONLY',
    'USER_PASSWORD_AUTH',
    'ALLOW_ADMIN_USER_PASSWORD_AUTH',
    'ALLOW_CUSTOM_AUTH',
    'ALLOW_USER_PASSWORD_AUTH',
    'ALLOW_USER_SRP_AUTH',
    'ALLOW_REFRESH_TOKEN_AUTH',
    'ALLOW_USER_AUTH',
    'ALLOW_CLIENT_TOKEN_AUTH',
  ]
}

function urlRules() {
  return { min: 1, max: 1024, pattern: /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u }
}

/**
 * The `SECRET_HASH` that a sign-in with these parameters needs: base64 of HMAC-SHA256, by the client's secret, of the
 * user name as given and the client's id. Undefined where the client has no secret. Changes nothing and never throws.
 */
export async function expectedSecretHash(
  state: State,
  input: JsonObject,
  parameters: 'AuthParameters' | 'ChallengeResponses',
): Promise<SecretHashes> {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const given = input[parameters]
  if (found?.client.secret === undefined || !isObject(given)) return undefined
  const { pool, client } = found
  const refresh = pool.refreshTokens[String(given['REFRESH_TOKEN'])]
  const username = typeof given['USERNAME'] === 'string' ? given['USERNAME'] : (refresh?.username ?? '')
  return computeSecretHash(client, username)
}

/** The hashes that count, one for each secret of a client; undefined without a secret. */
export type SecretHashes = readonly string[] | undefined

/** Base64 of HMAC-SHA256, by each of the client's secrets, of the user name and the client's id. */
export async function computeSecretHash(client: ClientState, username: string): Promise<SecretHashes> {
  const secrets = secretsOf(client)
  if (secrets.length === 0) return undefined
  return Promise.all(secrets.map((secret) => hash(secret, username + client.clientId)))
}

/** Whether this is a secret of the client; nothing is right for a client without one. */
export function isSecretOf(client: ClientState, given: string | undefined): boolean {
  const secrets = secretsOf(client)
  return given === undefined ? secrets.length === 0 : secrets.includes(given)
}

/** The secrets that count: none, one, or two while they are rotated. */
export function secretsOf({ secret, newSecret }: ClientState): readonly string[] {
  return [secret, newSecret?.value].filter((value) => value !== undefined)
}

/** The app client of this id, with its pool: that of `userPoolId` where one is named. */
export function findClient(
  state: State,
  clientId: string,
  userPoolId?: unknown,
): { readonly pool: PoolState; readonly client: ClientState } | undefined {
  for (const pool of Object.values(state.pools)) {
    const client = pool.clients[clientId]
    if (client !== undefined && (typeof userPoolId !== 'string' || userPoolId === pool.userPoolId))
      return { pool, client }
  }
  return undefined
}

/** Throws NotAuthorizedException unless the parameters hold the hash that the client needs, and none where it needs none. */
export function checkSecretHash(
  { clientId, secret }: ClientState,
  expected: SecretHashes,
  given: string | undefined,
): void {
  if (secret === undefined && given === undefined) return
  if (given === undefined) {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`)
  }
  if (expected === undefined || !expected.includes(given)) {
    throw notAuthorized(`Unable to verify secret hash for client ${clientId}`)
  }
}

async function hash(secret: string, message: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(message)))
  return btoa(String.fromCharCode(...digest))
}

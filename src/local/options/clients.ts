import { type AuthFlow, explicitAuthFlows, isRedirectUrl, systemScopes, withDefaults } from '../cognito-idp/clients.ts'
import { clientIdRules, clientNameRules, providerNameRules, scopeRules } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import type { ClientState } from '../state/index.ts'
import {
  checkChoice,
  checkFlag,
  checkList,
  checkMembers,
  checkObject,
  checkOptionalInteger,
  checkOptionalText,
  checkText,
  refuse,
} from './check.ts'

/** An app client of a local pool, beside the one of `clientId`. */
export interface LocalClient {
  readonly clientId: string
  /** Default: the client's id. */
  readonly name?: string | undefined
  /** The client secret; true for one at random. Default: none, as public clients are. */
  readonly secret?: string | true | undefined
  /**
   * The scopes that the client may be granted: custom ones such as `orders/read`, and with `callbackUrls` also `openid` and its
   * like. Default: with `callbackUrls`, all that every pool has; otherwise none over the wire.
   */
  readonly scopes?: readonly string[] | undefined
  /**
   * Where managed login may send browsers back to, compared character by character. Default: none, and no managed login.
   *
   * @example
   * ```ts
   * const pool = await createLocalPool({
   *   users: { alice: { password: 'Correct-h0rse' } },
   *   clients: [{ clientId: 'web', callbackUrls: ['http://localhost:3000/callback'], logoutUrls: ['http://localhost:3000/'] }],
   * })
   * ```
   */
  readonly callbackUrls?: readonly string[] | undefined
  /** Where managed login may send browsers to after signing out. Default: none. */
  readonly logoutUrls?: readonly string[] | undefined
  /** How tokens are granted: `code`, `implicit` or `client_credentials`. Default: `code` with `callbackUrls`, for machines otherwise. */
  readonly oauthFlows?: readonly OAuthFlow[] | undefined
  /** Who may sign users in: `COGNITO` for the pool, and names of identity providers, which can be made later. Default: the pool. */
  readonly providers?: readonly string[] | undefined
  /** Each renewal replaces the refresh token; the old one works on for so many seconds, 0 to 60. Default: no rotation. */
  readonly rotationGrace?: number | undefined
  /** The life of its ID and access tokens in seconds. Default 3600. */
  readonly expiresIn?: number | undefined
  /** How users may sign in. Default: with their password, sent or by SRP, as administrator too, and by refresh token. */
  readonly authFlows?: readonly AuthFlow[] | undefined
  /** `PreventUserExistenceErrors`: unknown users get the answer of wrong passwords. Default false, as by the API. */
  readonly hideUnknownUsers?: boolean | undefined
}

/** A grant of OAuth 2.0 (`AllowedOAuthFlows`). */
export type OAuthFlow = 'code' | 'implicit' | 'client_credentials'

/** What the client of `clientId` has where `clients` does not tell of it. */
export type MainClient = Pick<LocalClient, 'callbackUrls' | 'logoutUrls'>

/** The client of `clientId` and all others, by id. */
export function createClients(
  {
    clientId,
    clients,
  }: { readonly clientId?: string | undefined; readonly clients?: readonly LocalClient[] | undefined },
  mainClient: MainClient,
  random: Randomness,
  now: number,
): [string, Record<string, ClientState>] {
  const map = createMap<ClientState>()
  const generated = random.lowerAlphanumeric(26)
  for (const [index, client] of checkList('clients', clients).entries()) {
    const path = `clients[${index}]`
    const state = createClient(path, client, random, now)
    if (map[state.clientId] !== undefined) refuse(path, `the client ${state.clientId} is given twice.`)
    map[state.clientId] = state
  }
  const main = clientId === undefined ? generated : checkText('clientId', clientId, clientIdRules())
  map[main] ??= {
    clientId: main,
    name: main,
    settings: readSettings('', { ...mainClient }),
    createdAt: now,
    updatedAt: now,
  }
  return [main, map]
}

function createClient(path: string, client: unknown, random: Randomness, now: number): ClientState {
  const details = checkObject(path, client)
  checkMembers(path, details, [
    ...['clientId', 'name', 'secret', 'scopes', 'expiresIn', 'authFlows', 'hideUnknownUsers'],
    ...['callbackUrls', 'logoutUrls', 'oauthFlows', 'providers', 'rotationGrace'],
  ])
  const { secret } = details
  const generated = random.lowerAlphanumeric(51)
  const clientId = checkText(`${path}.clientId`, details['clientId'], clientIdRules())
  const given = secret === true ? generated : secret
  return {
    clientId,
    name: checkOptionalText(`${path}.name`, details['name'], clientNameRules()) ?? clientId,
    secret: given === undefined ? undefined : checkText(`${path}.secret`, given, { min: 1, max: 64 }),
    settings: readSettings(path, details),
    createdAt: now,
    updatedAt: now,
  }
}

function readSettings(path: string, details: JsonObject): JsonObject {
  const { expiresIn, authFlows, hideUnknownUsers, rotationGrace } = details
  const life = checkOptionalInteger(`${path}.expiresIn`, expiresIn, 1)
  const grace = checkOptionalInteger(`${path}.rotationGrace`, rotationGrace, 0)
  if (grace !== undefined && grace > 60) refuse(`${path}.rotationGrace`, 'expected at most 60.')
  return withDefaults({
    ExplicitAuthFlows: authFlows === undefined ? defaultFlows() : readFlows(`${path}.authFlows`, authFlows),
    ...(checkFlag(`${path}.hideUnknownUsers`, hideUnknownUsers, false) && { PreventUserExistenceErrors: 'ENABLED' }),
    ...(life !== undefined && {
      AccessTokenValidity: life,
      IdTokenValidity: life,
      TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds' },
    }),
    ...(grace !== undefined && { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: grace } }),
    ...readOAuth(path, details),
  })
}

/** What the client may do at the domain of managed login. */
function readOAuth(path: string, { scopes, callbackUrls, logoutUrls, oauthFlows, providers }: JsonObject): JsonObject {
  const urls = (name: string, given: unknown) => {
    return checkList(`${path}.${name}`, given).map((url, index) => readUrl(`${path}.${name}[${index}]`, url))
  }
  const callbacks = callbackUrls === undefined ? [] : urls('callbackUrls', callbackUrls)
  const logouts = logoutUrls === undefined ? [] : urls('logoutUrls', logoutUrls)
  const given = scopes === undefined ? undefined : readScopes(`${path}.scopes`, scopes)
  const names = given ?? (callbacks.length > 0 ? systemScopes() : undefined)
  const standard = callbacks.length > 0 ? 'code' : 'client_credentials'
  const flows =
    oauthFlows === undefined
      ? (names ?? []).length > 0
        ? [standard]
        : []
      : checkList(`${path}.oauthFlows`, oauthFlows).map((flow, index) => {
          const at = `${path}.oauthFlows[${index}]`
          return checkChoice(at, flow ?? null, ['code', 'implicit', 'client_credentials'], 'code')
        })
  if (flows.some((flow) => flow !== 'client_credentials') && callbacks.length === 0) {
    refuse(`${path}.callbackUrls`, 'expected at least one address for users to come back to.')
  }
  if (flows.includes('client_credentials') && flows.length > 1) {
    refuse(`${path}.oauthFlows`, 'client_credentials goes with no other flow.')
  }
  const sources = checkList(`${path}.providers`, providers ?? (callbacks.length > 0 ? ['COGNITO'] : []))
  return {
    ...(names !== undefined && { AllowedOAuthScopes: names }),
    ...(flows.length > 0 && { AllowedOAuthFlows: flows, AllowedOAuthFlowsUserPoolClient: true }),
    ...(callbacks.length > 0 && { CallbackURLs: callbacks }),
    ...(logouts.length > 0 && { LogoutURLs: logouts }),
    ...(sources.length > 0 && {
      SupportedIdentityProviders: sources.map((name, index) => {
        return checkText(`${path}.providers[${index}]`, name, providerNameRules())
      }),
    }),
  }
}

function readUrl(path: string, url: unknown): string {
  const text = checkText(path, url, { min: 1, max: 1024 })
  return isRedirectUrl(text)
    ? text
    : refuse(path, 'expected an https URL, an app scheme, or http at localhost; no "#".')
}

function readScopes(path: string, scopes: unknown): string[] {
  return checkList(path, scopes).map((scope, index) => checkText(`${path}[${index}]`, scope, scopeRules()))
}

function readFlows(path: string, flows: unknown): string[] {
  return checkList(path, flows).map((flow, index) => {
    const at = `${path}[${index}]`
    if (flow === undefined) refuse(at, 'expected the name of a flow.')
    return checkChoice(at, flow, explicitAuthFlows(), 'ALLOW_REFRESH_TOKEN_AUTH')
  })
}

function defaultFlows(): readonly AuthFlow[] {
  return [
    'ALLOW_ADMIN_USER_PASSWORD_AUTH',
    'ALLOW_REFRESH_TOKEN_AUTH',
    'ALLOW_USER_PASSWORD_AUTH',
    'ALLOW_USER_SRP_AUTH',
  ]
}

import { assertConfig } from '../errors.ts'
import { isTexts } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { isSafeEndpoint } from '../internal/urls.ts'
import type { Fetch, KeyOptions, PoolSettings } from '../keys/index.ts'
import { checkOrigins } from '../token-sources/index.ts'
import type { TakeOver } from './foreign/foreign-session.ts'
import type { LoginPage } from './pages.ts'
import { checkParameters, type LoginParameters } from './parameters.ts'
import type { Renewals, SessionStore } from './stores/store.ts'

/** What was learned or went wrong, for the application's log. It holds no token and no code. */
export type LoginEvent =
  | { readonly type: 'signed-in' | 'renewed' | 'signed-out'; readonly sub: string | undefined }
  /** What was tried, and why it failed. */
  | { readonly type: 'failed'; readonly during: 'login' | 'renewal' | 'sign-out'; readonly error: unknown }

export interface LoginOptions
  extends Pick<PoolSettings, 'userPoolId' | 'replicaRegions' | 'issuer' | 'jwksUrl' | 'jwks' | 'keyStore'>,
    Pick<KeyOptions, 'keyCache' | 'allowTestKeys'> {
  /** The URL of the pool's managed login, such as `https://auth.example.com`. */
  readonly domain: string
  /** The app client's id. */
  readonly clientId: string
  /** Of an app client that has one. */
  readonly clientSecret?: string | undefined
  /**
   * The callback, as it is registered with the app client: `https://app.example.com/auth/callback`. The other routes lie beside
   * it: `/auth/login`, `/auth/logout`, `/auth/me`. The last part of its path is free, but for these names.
   */
  readonly redirectUri: string
  /**
   * Seal the cookies: each 32 random bytes in base64 or hexadecimal (`openssl rand -base64 32`). The first one seals, all of them
   * open, so that a new one can be put in front and the old one removed later.
   */
  readonly secrets: string | readonly string[]
  /** What the tokens are for. `openid` has to be among them. Default `['openid']`. */
  readonly scopes?: readonly string[] | undefined
  /** The resource server that access tokens are bound to (RFC 8707): their `aud`, so the guard's `audience` too. Default: none. */
  readonly resource?: string | undefined
  /** What every login asks for, unless the request says otherwise. */
  readonly defaults?: LoginParameters | undefined
  /**
   * Which tokens the session keeps. The guard needs the one of its `tokenUse`; without `refresh` a session ends with its
   * token. Default `['access', 'refresh']`.
   */
  readonly keep?: readonly ('access' | 'id' | 'refresh')[] | undefined
  /** The name of the session's cookie, without a prefix; other cookies add to it. Default `session`. */
  readonly cookieName?: string | undefined
  /** Seconds after which a session that nobody uses ends. Default 86,400: a day. */
  readonly idleLifetime?: number | undefined
  /** Seconds after which any session ends. Default 2,592,000: thirty days, as Cognito's refresh tokens by default. */
  readonly absoluteLifetime?: number | undefined
  /** Keeps sessions on the server; the browser has an id only. Default: none, the session is in the cookie, sealed. */
  readonly store?: SessionStore | undefined
  /** Has to be said of an app client that rotates refresh tokens: its `RetryGracePeriodSeconds`, 0 to 60. */
  readonly rotation?: { readonly gracePeriod: number } | undefined
  /** Lets one of several isolates renew a session, and gives the others what it got. Needed with rotation and no grace period. */
  readonly renewals?: Renewals | undefined
  /** Takes over the sessions of other libraries' cookies: what `takeOver` returned. */
  readonly foreign?: TakeOver | undefined
  /**
   * Where Cognito's sign-out leads back to, character by character as it is registered with the app client. Default: the
   * logout route, `https://app.example.com/auth/logout`. `null`: Cognito's own session is left alone.
   */
  readonly logoutUri?: string | null | undefined
  /** Whether GET of the logout route signs out, as any link on any site can then do. Default false: it asks first. */
  readonly signOutByGet?: boolean | undefined
  /** Other origins that a login or a sign-out may lead back to. Default: none. */
  readonly returnOrigins?: readonly string[] | undefined
  /** Other origins that may cause unsafe requests with the session, as in `cookie`. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined
  /** Makes the HTML of a page; undefined for the plain one. */
  readonly pages?: ((page: LoginPage) => string | undefined) | undefined
  /**
   * For plain http on this machine: the cookies have neither the prefix `__Host-` nor `Secure`, so they are no safer than
   * the machine. Throws for any other `redirectUri`. Default false.
   */
  readonly development?: boolean | undefined
  /** Called for logs and metrics; what it throws changes nothing. */
  readonly onEvent?: ((event: LoginEvent, context: { readonly request: Request }) => void) | undefined
  /** Seconds that Cognito may take to answer. Default 5. */
  readonly timeout?: number | undefined
  /** Replaces the platform's `fetch`. */
  readonly fetch?: Fetch | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** Replaces the timer. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined
}

/** The options of a login, with what holds where nothing was said. */
export interface LoginSettings extends LoginOptions {
  readonly scopes: readonly string[]
  readonly keep: readonly ('access' | 'id' | 'refresh')[]
  readonly cookieName: string
  readonly timeout: number
  readonly idleLifetime: number
  readonly absoluteLifetime: number
  readonly development: boolean
  readonly now: () => number
  readonly secrets: readonly string[]
  readonly returnOrigins: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Checks the options and fills in the defaults. Throws ConfigurationError, naming the option. */
export function readLoginOptions(options: LoginOptions): LoginSettings {
  const place = 'createLogin'
  checkOptions<LoginOptions>(place, options, [
    ...(['userPoolId', 'replicaRegions', 'issuer', 'jwksUrl', 'jwks', 'keyStore', 'keyCache'] as const),
    ...(['allowTestKeys', 'domain', 'clientId', 'clientSecret', 'redirectUri', 'secrets', 'scopes'] as const),
    ...(['resource', 'defaults', 'keep', 'cookieName', 'idleLifetime', 'absoluteLifetime', 'store'] as const),
    ...(['rotation', 'renewals', 'foreign', 'logoutUri', 'signOutByGet', 'returnOrigins'] as const),
    ...(['allowedOrigins', 'pages', 'development', 'onEvent', 'timeout', 'fetch', 'now', 'sleep'] as const),
  ])
  const { domain, clientId, clientSecret = 'none', redirectUri, rotation, foreign, allowTestKeys } = options
  const { issuer = domain, jwksUrl = domain } = options
  const { scopes = ['openid'], keep = ['access', 'refresh'], cookieName = 'session', timeout = 5 } = options
  const { idleLifetime = 86_400, absoluteLifetime = 2_592_000, development = false, now = Date.now } = options
  const must = (name: string, holds: unknown, expected: string) => assertConfig(`${place}: ${name}`, holds, expected)

  for (const [name, url] of Object.entries({ domain, issuer, jwksUrl, redirectUri }))
    must(name, typeof url === 'string' && isSafeEndpoint(url, allowTestKeys), 'an https URL.')
  for (const [name, text] of Object.entries({ clientId, clientSecret }))
    must(name, text && typeof text === 'string', 'that of an app client.')
  for (const [name, seconds] of Object.entries({ idleLifetime, absoluteLifetime, timeout }))
    must(name, Number(seconds) > 0, 'seconds > 0.')
  const { protocol, pathname } = new URL(redirectUri)
  must('redirectUri', !/(\/|\/(login|logout|me))$/.test(pathname), 'a path of its own.')
  const isHere = development === (protocol === 'http:') && isSafeEndpoint(redirectUri)
  must('development', isHere, 'true for http on this machine.')
  const secrets = [options.secrets].flat()
  must('secrets', secrets.length && secrets.every(isRandom), 'each of `openssl rand -base64 32`.')
  must('scopes', isTexts(scopes) && scopes.includes('openid'), 'scopes with openid.')
  const areKinds = keep.every((kind) => /^(access|id|refresh)$/.test(kind))
  must('keep', areKinds && /access|id/.test(keep.join()), 'access or id, and refresh.')
  must('cookieName', /^[\w-]+$/.test(cookieName), 'letters, digits, - and _.')
  if (rotation !== undefined) {
    checkOptions<{ gracePeriod: number }>(`${place}: rotation`, rotation, ['gracePeriod'])
    const { gracePeriod } = rotation
    must('rotation: gracePeriod', gracePeriod >= 0 && gracePeriod <= 60, 'seconds, 0 to 60.')
    must('rotation', gracePeriod || options.renewals, 'a grace period, or `renewals`.')
  }
  must('foreign', !foreign || 'adopt' in foreign, 'what takeOver returned.')
  const returnOrigins = checkOrigins(`${place}: returnOrigins`, options.returnOrigins)
  const allowedOrigins = checkOrigins(place, options.allowedOrigins)
  checkParameters(`${place}: defaults`, options.defaults ?? {})
  const settled = {
    ...{ scopes, keep, cookieName, timeout, idleLifetime, absoluteLifetime, development, now },
    ...{ secrets, returnOrigins, allowedOrigins },
  }
  // Not by assignment, which fails on options that are frozen; nor by a copy, which lacks what they inherit.
  return { __proto__: options, ...settled } as unknown as LoginSettings
}

/** Whether a secret is as long as 32 bytes in base64, and not one letter over and over. */
function isRandom(secret: unknown): boolean {
  return typeof secret === 'string' && secret.length >= 43 && new Set(secret).size >= 10
}

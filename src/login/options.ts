import { assertConfig } from '../errors.ts'
import { isTexts } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { isLoopback, isSafeEndpoint } from '../internal/urls.ts'
import type { Fetch, KeyOptions, PoolSettings } from '../keys/index.ts'
import { checkOrigins } from '../token-sources/index.ts'
import type { TakeOver } from './foreign/foreign-session.ts'
import type { LoginPage } from './pages.ts'
import type { Renewals, SessionStore } from './stores/store.ts'

/** What one login asks of Cognito. */
export interface LoginParameters {
  /** `login` asks again whoever is signed in; `none` asks nobody, and fails where somebody would have to be asked. */
  readonly prompt?: 'login' | 'none' | 'select_account' | 'consent' | undefined
  /** A name to begin with. */
  readonly loginHint?: string | undefined
  /** The language of managed login, such as `de`. */
  readonly lang?: string | undefined
  /** Levels of authentication, any of which will do, such as `urn:cognito:loa:2`. A sign-in without one of them is refused. */
  readonly acrValues?: readonly string[] | undefined
  /** How old the sign-in may be at most, in seconds. An older one is refused. */
  readonly maxAge?: number | undefined
  /** The name of an identity provider to go to at once. */
  readonly identityProvider?: string | undefined
  /** Further parameters of the authorize request. Those of the protocol itself are refused. */
  readonly parameters?: { readonly [name: string]: string } | undefined
}

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

/** The parameters of an authorize request that are no one's to choose (RFC 6749, RFC 7636, OpenID Connect Core). */
const reserved =
  /^(client_(id|secret)|redirect_uri|response_(type|mode)|scope|state|nonce|code_challenge(_method)?|request(_uri)?|resource|prompt|login_hint|lang|acr_values|max_age|identity_provider)$/i

/** Throws ConfigurationError, naming the option. */
export function checkLoginOptions(options: LoginOptions): void {
  const place = 'createLogin'
  checkOptions<LoginOptions>(place, options, [
    ...([
      'userPoolId',
      'replicaRegions',
      'issuer',
      'jwksUrl',
      'jwks',
      'keyStore',
      'keyCache',
      'allowTestKeys',
    ] as const),
    ...(['domain', 'clientId', 'clientSecret', 'redirectUri', 'secrets', 'scopes', 'resource', 'defaults'] as const),
    ...(['keep', 'cookieName', 'idleLifetime', 'absoluteLifetime', 'store', 'rotation', 'renewals'] as const),
    ...(['foreign', 'logoutUri', 'signOutByGet', 'returnOrigins', 'allowedOrigins', 'pages', 'development'] as const),
    ...(['onEvent', 'timeout', 'fetch', 'now', 'sleep'] as const),
  ])
  const { clientId, clientSecret, redirectUri, secrets, scopes, keep, rotation, development, allowTestKeys } = options
  const must = (name: string, holds: unknown, expected: string) => assertConfig(`${place}: ${name}`, holds, expected)
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  must(
    'domain',
    isText(options.domain) && isSafeEndpoint(options.domain, allowTestKeys),
    'the https URL of managed login.',
  )
  must('clientId', isText(clientId), 'the id of an app client.')
  must('clientSecret', clientSecret === undefined || isText(clientSecret), 'a secret, or none.')
  const isUrl = isText(redirectUri) && isSafeEndpoint(redirectUri)
  must(
    'redirectUri',
    isUrl && !/(^[^/]*\/\/[^/]*|\/|\/(login|logout|me))$/.test(redirectUri),
    'the https URL of the callback.',
  )
  const isLocal = redirectUri.startsWith('http:') && isLoopback(redirectUri)
  must(
    'development',
    (development === true) === isLocal,
    'true with an http URL of this machine as `redirectUri`, and only there.',
  )
  must(
    'secrets',
    [secrets].flat().length > 0 && [secrets].flat().every(isRandom),
    '32 random bytes each: openssl rand -base64 32.',
  )
  must(
    'scopes',
    scopes === undefined || (isTexts(scopes) && scopes.includes('openid')),
    'an array of scopes with openid.',
  )
  const kinds: readonly unknown[] = ['access', 'id', 'refresh']
  must(
    'keep',
    keep === undefined || (keep.every((kind) => kinds.includes(kind)) && keep.some((kind) => kind !== 'refresh')),
    'access, id or both, and refresh.',
  )
  must('cookieName', /^[\w-]+$/.test(options.cookieName ?? 'session'), 'letters, digits, - and _, without a prefix.')
  for (const name of ['idleLifetime', 'absoluteLifetime', 'timeout'] as const)
    must(name, options[name] === undefined || Number(options[name]) > 0, 'seconds, more than 0.')
  if (rotation !== undefined) {
    checkOptions<{ gracePeriod: number }>(`${place}: rotation`, rotation, ['gracePeriod'])
    const { gracePeriod } = rotation
    must('rotation: gracePeriod', gracePeriod >= 0 && gracePeriod <= 60, 'seconds, 0 to 60.')
    must(
      'rotation',
      gracePeriod > 0 || options.renewals,
      'a grace period at the app client, or `renewals`: two tabs that renew at once would sign each other out.',
    )
  }
  must('foreign', !options.foreign || 'adopt' in options.foreign, 'what takeOver returned.')
  checkOrigins(`${place}: returnOrigins`, options.returnOrigins)
  checkOrigins(place, options.allowedOrigins)
  checkParameters(`${place}: defaults`, options.defaults ?? {})
}

/** Throws ConfigurationError for a parameter that belongs to the protocol, or has an option of its own. */
export function checkParameters(place: string, given: LoginParameters): void {
  checkOptions<LoginParameters>(place, given, [
    'prompt',
    'loginHint',
    'lang',
    'acrValues',
    'maxAge',
    'identityProvider',
    'parameters',
  ])
  const taken = Object.keys(given.parameters ?? {}).find((name) => reserved.test(name))
  assertConfig(
    `${place}: parameters`,
    !taken,
    `no ${taken}, which belongs to the protocol or has an option of its own.`,
  )
}

/** Whether a secret is as long as 32 bytes in base64, and not one letter over and over. */
function isRandom(secret: unknown): boolean {
  return typeof secret === 'string' && secret.length >= 43 && new Set(secret).size >= 10
}

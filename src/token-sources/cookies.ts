import { AuthenticationError, ConfigurationError, ForbiddenError, assertConfig, UnavailableError } from '../errors.ts'
import { isTexts } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { isSafeEndpoint } from '../internal/urls.ts'
import { bearer, type TokenSource, type TokenSourceContext } from './bearer.ts'

/** How many cookies of one name are tried. */
const MAX_CANDIDATES = 4

export interface CookieOptions {
  /**
   * Origins other than the request's own that may cause unsafe requests and WebSocket upgrades with the cookie, such as
   * `['https://app.example']`. They are compared with the Origin header field as a whole. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined
}

/**
 * Reads the token from the cookie `name`, where no Authorization header came. On unsafe methods and WebSocket upgrades the
 * request must come from its own origin, or from an allowed one. The name is compared as browsers send it, so that a prefix
 * such as `__Host-` keeps its meaning. Throws ConfigurationError where `name` is no cookie name (RFC 6265 section 4.1.1).
 *
 * @example
 * ```ts
 * import { cookie, createGuard } from 'cognigate'
 *
 * const guard = createGuard({
 *   userPoolId: 'eu-west-1_AbCdEfGhI',
 *   clientId: '1example23456789abcdefghij',
 *   tokenSource: cookie('__Host-token', { allowedOrigins: ['https://admin.example.com'] }),
 * })
 * ```
 */
export function cookie(name: string, options: CookieOptions = {}): TokenSource {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) throw new ConfigurationError('cookie: expected the name of a cookie.')
  checkOptions<CookieOptions>('cookie', options, ['allowedOrigins'])
  const origins = checkOrigins('cookie', options.allowedOrigins)
  return (request, context) => {
    context.onAnswer(varyByCookie)
    if (request.headers.has('authorization')) return bearer(request)
    const candidates: string[] = []
    for (const [key, text] of cookiesOf(request)) {
      const value = key === name && candidates.length < MAX_CANDIDATES && decodeValue(text)
      if (value) candidates.push(value)
    }
    return chooseToken(candidates, request, context, origins)
  }
}

/**
 * Says that an answer depends on the cookies of its request, whether or not it had any: in place if the answer can be changed,
 * as most can. A switch of protocols is left alone.
 */
export function varyByCookie(response: Response): Response {
  const isSet = /(^|,)\s*(cookie|\*)\s*(,|$)/i.test(response.headers.get('vary') ?? '')
  if (isSet || response.status === 101) return response
  try {
    response.headers.append('vary', 'Cookie')
    return response
  } catch {
    const copy = new Response(response.body, response)
    copy.headers.append('vary', 'Cookie')
    return copy
  }
}

/**
 * Goes once over the cookies of a request, in the order of its header. Names and values are as they were sent, without spaces
 * and tabs around them (RFC 6265 section 5.2): what else looks like white space is part of a name.
 */
export function* cookiesOf(request: Request): Generator<readonly [name: string, value: string]> {
  const header = request.headers.get('cookie') ?? ''
  for (let start = 0; start < header.length; ) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon < 0 ? header.length : semicolon
    const pair = header.slice(start, end)
    const equals = pair.indexOf('=')
    if (equals >= 0) yield [trim(pair.slice(0, equals)), trim(pair.slice(equals + 1))]
    start = end + 1
  }
}

/** Not by a regular expression, which would take quadratic time for the spaces that it does not remove. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** A space or a tab. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * Undoes the percent-encoding of a token; undefined where it is none, or one of letters that no token has. To find out by
 * an exception costs a hundred times as much, and a header may hold thousands.
 */
export function decodeValue(text: string): string | undefined {
  return /%(?![0-7][\da-f])/i.test(text) ? undefined : decodeURIComponent(text)
}

/**
 * The one token that counts among the candidates of a request, any of which another site may have planted: the valid ones
 * must be of one subject, and the latest issued is taken. A token that is invalid or cannot be checked now counts only if no
 * valid one is there. Throws AuthenticationError or UnavailableError then, and AuthenticationError where the subjects differ;
 * ForbiddenError where the request may come from another site.
 */
export async function chooseToken(
  candidates: readonly string[],
  request: Request,
  context: TokenSourceContext,
  allowedOrigins: readonly string[],
): Promise<string | undefined> {
  if (candidates.length === 0) return undefined
  if (isCrossSite(request, context.strictCookies, allowedOrigins)) throw new ForbiddenError('CROSS_SITE_REQUEST')
  let chosen: { readonly token: string; readonly subject: string; readonly issuedAt: number } | undefined
  let refusal: unknown
  for (const token of candidates.slice(0, MAX_CANDIDATES)) {
    try {
      const { issuer, sub, issuedAt } = await context.verify(token)
      const subject = `${issuer} ${sub}`
      if (chosen !== undefined && chosen.subject !== subject) {
        throw new AuthenticationError('TOKENS_MISMATCHED', { claim: 'sub' })
      }
      if (chosen === undefined || issuedAt > chosen.issuedAt) chosen = { token, subject, issuedAt }
    } catch (error) {
      const unknown = error instanceof UnavailableError
      if (!unknown && (!(error instanceof AuthenticationError) || error.code === 'TOKENS_MISMATCHED')) throw error
      if (unknown && !(refusal instanceof UnavailableError)) refusal = error
      refusal ??= error
    }
  }
  if (chosen === undefined) throw refusal
  return chosen.token
}

const safeMethods = /^(GET|HEAD|OPTIONS|TRACE)$/

/**
 * Whether a cookie must not authenticate this request, since another site may have caused it: an unsafe method (RFC 9110
 * section 9.2.1), a WebSocket upgrade, or any request where `strict`, that comes neither from its own origin nor from one of
 * these.
 */
export function isCrossSite(
  { headers, method, url }: Request,
  strict: TokenSourceContext['strictCookies'],
  allowedOrigins: readonly string[],
): boolean {
  const upgrade = /websocket/i.test(headers.get('upgrade') ?? '')
  if (!strict && !upgrade && safeMethods.test(method)) return false
  const site = headers.get('sec-fetch-site')
  const navigation =
    method === 'GET' && headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'
  if (strict === 'allow-navigation' && !upgrade && navigation) return false
  const origin = headers.get('origin')
  if (origin !== null && allowedOrigins.includes(origin)) return false
  return site === null ? origin !== new URL(url).origin : site !== 'same-origin'
}

/**
 * Gives back the `allowedOrigins` of a cookie source. Throws ConfigurationError unless each is an origin as browsers write it:
 * scheme, host and port, nothing else.
 */
export function checkOrigins(place: string, origins: readonly string[] = []): readonly string[] {
  assertConfig(
    `${place}: allowedOrigins`,
    isTexts(origins) &&
      origins.every((origin) => !origin.includes('*') && isSafeEndpoint(origin) && new URL(origin).origin === origin),
    'an array of origins such as https://app.example (http on this machine only)',
  )
  return [...origins]
}

/** How many `LastAuthUser` cookies of one client are looked at. */
const MAX_USERS = 4

const PREFIX = 'CognitoIdentityServiceProvider.'

/**
 * Reads the token from the cookies that Amplify's `CookieStorage` keeps for server-side rendering:
 * `CognitoIdentityServiceProvider.<client>.LastAuthUser` names the user, whose access token (or ID token, where the guard
 * asks for ID tokens) stands in `CognitoIdentityServiceProvider.<client>.<user>.accessToken`. The rules of `cookie` apply.
 * The user's part of a name is percent-decoded, since Amplify encodes it, and nothing else of it.
 *
 * @example
 * ```ts
 * import { amplifyCookies, createGuard } from 'cognigate'
 *
 * const guard = createGuard({
 *   userPoolId: 'eu-west-1_AbCdEfGhI',
 *   clientId: '1example23456789abcdefghij',
 *   tokenSource: amplifyCookies(),
 * })
 * ```
 */
export function amplifyCookies(options: CookieOptions = {}): TokenSource {
  checkOptions<CookieOptions>('amplifyCookies', options, ['allowedOrigins'])
  const origins = checkOrigins('amplifyCookies', options.allowedOrigins)
  return (request, context) => {
    context.onAnswer(varyByCookie)
    if (request.headers.has('authorization')) return bearer(request)
    const { clientIds, tokenUse } = context
    if (clientIds.length === 0) throw new ConfigurationError('amplifyCookies: needs a `clientId` that is not null.')
    const kind = tokenUse === 'id' ? 'idToken' : 'accessToken'
    const users = new Map<string, Set<string>>()
    const tokens = new Map<string, string[]>()
    for (const [name, text] of cookiesOf(request)) {
      if (!name.startsWith(PREFIX)) continue
      const afterClient = name.indexOf('.', PREFIX.length)
      const beforeKind = name.lastIndexOf('.')
      const clientId = name.slice(PREFIX.length, afterClient)
      const ending = name.slice(beforeKind + 1)
      if (afterClient === beforeKind && ending === 'LastAuthUser') {
        const user = decodeUser(text)
        const found = of(users, clientId, () => new Set<string>())
        if (user && found.size < MAX_USERS) found.add(user)
      } else if (afterClient < beforeKind && ending === kind) {
        const user = decodeUser(name.slice(afterClient + 1, beforeKind))
        const value = decodeValue(text)
        if (user && value) of(tokens, `${clientId}.${user}`, () => []).push(value)
      }
    }
    const candidates = clientIds.flatMap((clientId) =>
      [...(users.get(clientId) ?? [])].flatMap((user) => tokens.get(`${clientId}.${user}`) ?? []),
    )
    return chooseToken(candidates, request, context, origins)
  }
}

/** Undoes the percent-encoding of a user name; undefined where it is none. */
function decodeUser(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function of<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

import { AuthenticationError, ConfigurationError, ForbiddenError, UnavailableError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { checkOrigins, isCrossSite } from './cross-site.ts'
import { bearer, type TokenSource, type TokenSourceContext } from './token-source.ts'

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
 * createGuard({ userPoolId, clientId, groups, tokenFrom: cookie('__Host-token') })
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
  const said = /(^|,)\s*(cookie|\*)\s*(,|$)/i.test(response.headers.get('vary') ?? '')
  if (said || response.status === 101) return response
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
 * must be of one subject, and the latest issued is taken. One that is not valid, or of which that cannot be told now, counts
 * only where no other is. Throws AuthenticationError or UnavailableError then, and AuthenticationError where the subjects
 * differ; ForbiddenError where the request may come from another site.
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

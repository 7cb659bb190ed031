import { AuthenticationError, ConfigurationError, ForbiddenError } from '../errors.ts'
import { isCrossSite } from './cross-site.ts'
import { bearer, type TokenSource, type TokenSourceContext } from './token-source.ts'

/** How many cookies of one name are tried. */
const MAX_CANDIDATES = 4

/**
 * Reads the token from the cookie `name`, where no Authorization header came. On unsafe methods and WebSocket upgrades the
 * request must come from its own origin. Throws ConfigurationError where `name` is no cookie name (RFC 6265 section 4.1.1).
 */
export function cookie(name: string): TokenSource {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) throw new ConfigurationError('cookie: expected the name of a cookie.')
  return (request, context) => {
    if (request.headers.has('authorization')) return bearer(request)
    return chooseToken(cookiesOf(request, name), request, context)
  }
}

/**
 * The values of the cookies of one name, in the order of the header. Names and values may be percent-encoded; a cookie
 * that is empty or not properly encoded is ignored.
 */
export function cookiesOf(request: Request, name: string): readonly string[] {
  const pairs = (request.headers.get('cookie') ?? '').split(';')
  return pairs.flatMap((pair) => {
    const [key = '', ...value] = pair.trim().split('=')
    return decode(key) === name ? decode(value.join('=')) || [] : []
  })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * The one token that counts among the candidates of a request, any of which another site may have planted: the valid ones
 * must be of one subject, and the latest issued is taken. Throws AuthenticationError where they are not, or none is valid;
 * ForbiddenError where the request may come from another site.
 */
export async function chooseToken(
  candidates: readonly string[],
  request: Request,
  context: TokenSourceContext,
): Promise<string | undefined> {
  if (candidates.length === 0) return undefined
  if (isCrossSite(request, context.strictCookies)) throw new ForbiddenError('CROSS_SITE_REQUEST')
  let chosen: { readonly token: string; readonly subject: string; readonly issuedAt: number } | undefined
  let refusal: unknown
  for (const token of candidates.slice(0, MAX_CANDIDATES)) {
    try {
      const { issuer, sub, issuedAt } = await context.verify(token)
      const subject = `${issuer} ${sub}`
      if (chosen !== undefined && chosen.subject !== subject) throw new AuthenticationError('TOKENS_MISMATCHED')
      if (chosen === undefined || issuedAt > chosen.issuedAt) chosen = { token, subject, issuedAt }
    } catch (error) {
      if (!(error instanceof AuthenticationError) || error.code === 'TOKENS_MISMATCHED') throw error
      refusal ??= error
    }
  }
  if (chosen === undefined) throw refusal
  return chosen.token
}

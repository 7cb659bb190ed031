import { must } from '../errors.ts'
import { isTexts } from '../encoding.ts'
import { isSafeEndpoint } from '../internal/urls.ts'
import type { TokenSourceContext } from './token-source.ts'

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
  must(
    `${place}: allowedOrigins`,
    isTexts(origins) &&
      origins.every((origin) => !origin.includes('*') && isSafeEndpoint(origin) && new URL(origin).origin === origin),
    'an array of origins such as https://app.example (http on this machine only)',
  )
  return [...origins]
}

const safeMethods = /^(GET|HEAD|OPTIONS|TRACE)$/

/**
 * Whether a cookie must not authenticate this request, since another site may have caused it: an unsafe method (RFC 9110
 * section 9.2.1), a WebSocket upgrade, or any request where `always`, that does not come from its own origin.
 */
export function isCrossSite(request: Request, always: boolean): boolean {
  const { headers } = request
  const upgrade = /websocket/i.test(headers.get('upgrade') ?? '')
  if (!always && !upgrade && safeMethods.test(request.method)) return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin'
  return headers.get('origin') !== new URL(request.url).origin
}

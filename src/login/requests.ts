/**
 * Whether a request only looks ahead (prefetch, prerender, a router's own), or asks for header fields alone. Such a request
 * starts, ends and changes nothing.
 */
export function isPassive({ method, headers }: Request): boolean {
  const purpose = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map((name) => headers.get(name)).join()
  const isAhead = headers.has('next-router-prefetch') || headers.has('x-middleware-prefetch')
  return method === 'HEAD' || isAhead || /prefetch|prerender|preview/i.test(purpose)
}

/** Whether a person waits for a page, rather than a script for data: by `Sec-Fetch-Mode` and `Accept`. */
export function wantsPage({ headers }: Request): boolean {
  const mode = headers.get('sec-fetch-mode')
  const navigates = mode === null ? !headers.has('x-requested-with') : mode === 'navigate'
  return navigates && /\btext\/html\b/i.test(headers.get('accept') ?? '')
}

/** Whether a page is shown inside another one, where Cognito's own pages refuse to appear. */
export function isFramed({ headers }: Request): boolean {
  return (headers.get('sec-fetch-dest') ?? 'document') !== 'document'
}

/** Where a page that was asked for is to be found again; a form that was sent is not. */
export function addressOf({ method, url }: Request): string {
  const { pathname, search } = new URL(url)
  return method === 'GET' ? pathname + search : '/'
}

/** A longer return address is dropped: it has to fit into a cookie. In characters. */
const MAX_ADDRESS = 1500

/** Where a login may lead to. */
export interface ReturnRules {
  /** The application's own origin. */
  readonly origin: string
  /** Further origins. */
  readonly origins: readonly string[]
  /** The routes of the login itself, which lead nowhere. */
  readonly own: { has(path: string): boolean }
}

/**
 * The address to return to: a path of this origin, or a URL of another one that is listed. Anything else becomes `/`. Browsers
 * take a backslash for a slash and drop control characters, so neither is let through.
 */
export function returnAddress(given: string | null | undefined, { origin, origins, own }: ReturnRules): string {
  const isAddress = given && given.length <= MAX_ADDRESS && /^(\/(?!\/)|https?:\/\/)[^\\\p{Cc}]*$/u.test(given)
  if (!isAddress || !URL.canParse(given, origin)) return '/'
  const url = new URL(given, origin)
  const isOwn = url.origin === origin
  const path = url.pathname + url.search + url.hash
  if (path.startsWith('//') || !(isOwn ? !own.has(url.pathname) : origins.includes(url.origin))) return '/'
  return isOwn ? path : url.origin + path
}

export { amplifyCookies, cookie, type CookieOptions } from './cookies.ts'
export { bearer, type TokenSource, type TokenSourceContext } from './bearer.ts'

export {
  amplifyCookies,
  checkOrigins,
  type CookieOptions,
  cookie,
  cookiesOf,
  decodeValue,
  isCrossSite,
  varyByCookie,
} from './cookies.ts'
export { type AnswerChange, bearer, type TokenSource, type TokenSourceContext } from './bearer.ts'

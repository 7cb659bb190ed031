export { TokenCache } from './cache.ts'
export type { TokenClaims } from './claims.ts'
export { checkTokenPair } from './pair.ts'
export {
  createVerifier,
  type Expectations,
  type TokenCacheOptions,
  type TokenVerifier,
  type VerifiedToken,
} from './verify.ts'
export {
  type AccessPrincipal,
  type ClientPrincipal,
  createPrincipal,
  type IdPrincipal,
  type Principal,
  type PrincipalFor,
  type TokenUse,
  type UserPrincipal,
} from './principal.ts'

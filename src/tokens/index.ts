export { TokenCache } from './cache.ts'
export { checkTokenPair } from './pair.ts'
export {
  createVerifier,
  type Expectations,
  type TokenCacheOptions,
  type TokenVerifier,
  type VerifiedToken,
} from './verify.ts'
export type {
  AccessPrincipal,
  ClientPrincipal,
  IdPrincipal,
  Principal,
  PrincipalFor,
  TokenUse,
  UserPrincipal,
} from './principal.ts'

export {
  type AuthenticationCode,
  type AuthenticationDetails,
  AuthenticationError,
  CognigateError,
  ConfigurationError,
  type ForbiddenCode,
  ForbiddenError,
  type UnavailableCode,
  UnavailableError,
} from './errors.ts'
export {
  type Access,
  type CognisesGroup,
  type Condition,
  type Decision,
  defineGroups,
  type Explanation,
  type GroupDefinition,
  type Groups,
  type GroupsOptions,
  type ReasonedDecision,
  type StepUp,
} from './permissions/index.ts'
export type { Refusal } from './guard/index.ts'
export type { GuardEvent, GuardEventContext } from './guard/index.ts'
export type { GuardOptions, GuardPool, TokenCacheOptions } from './guard/index.ts'
export {
  type AuthenticateContext,
  type AuthorizeContext,
  createGuard,
  type Guard,
  type GuardAdapter,
  type VerifyContext,
} from './guard/index.ts'
export type {
  AccessPrincipal,
  ClientPrincipal,
  IdPrincipal,
  Principal,
  TokenUse,
  UserPrincipal,
} from './tokens/index.ts'
export type { Claims } from './internal/claims.ts'
export { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from './guard/index.ts'
export {
  amplifyCookies,
  bearer,
  type CookieOptions,
  cookie,
  type TokenSource,
  type TokenSourceContext,
} from './token-sources/index.ts'
export type { Jwk, JwkSet, KeyCacheOptions, KeyStore, KeyStoreEntry } from './keys/index.ts'

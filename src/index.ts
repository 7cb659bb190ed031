export {
  type AuthenticationCode,
  type AuthenticationDetails,
  AuthenticationError,
  CognigateError,
  ConfigurationError,
  type ForbiddenCode,
  ForbiddenError,
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
} from './groups/index.ts'
export type { Refusal } from './guard/answers.ts'
export type { GuardEvent, GuardEventContext } from './guard/events.ts'
export type { GuardOptions, GuardPool } from './guard/options.ts'
export {
  type AuthenticateContext,
  type AuthorizeContext,
  createGuard,
  type Guard,
  type GuardAdapter,
  type VerifyContext,
} from './guard.ts'
export type {
  AccessPrincipal,
  Claims,
  ClientPrincipal,
  IdPrincipal,
  Principal,
  TokenUse,
  UserPrincipal,
} from './principal.ts'
export { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from './protected-resource.ts'
export {
  amplifyCookies,
  bearer,
  type CacheOptions,
  type CookieOptions,
  cookie,
  type Jwk,
  type JwkSet,
  type KeyStore,
  type KeyStoreEntry,
  type TokenSource,
  type TokenSourceContext,
} from './tokens/index.ts'

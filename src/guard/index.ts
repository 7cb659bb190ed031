export type { Refusal } from './problem-response.ts'
export type { GuardEvent, GuardEventContext } from './events.ts'
export type { GuardOptions, GuardPool, TokenCacheOptions } from './options.ts'
export {
  createGuard,
  type AuthenticateContext,
  type AuthorizeContext,
  type Guard,
  type GuardAdapter,
  type VerifyContext,
} from './guard.ts'
export { protectedResource, type ProtectedResource, type ProtectedResourceOptions } from './protected-resource.ts'

/**
 * Browser login through Cognito's managed login: sealed sessions that renew themselves, as a token source of the guard.
 * @module
 */
export { createLogin, type Login, type LoginTokens } from './login.ts'
export { ConfigurationError } from '../errors.ts'
export {
  type AmplifySessionOptions,
  amplifySession,
  type CognitoAtEdgeSessionOptions,
  cognitoAtEdgeSession,
  type ForeignCookieOptions,
  type Refresher,
} from './foreign/amplify-session.ts'
export type { ForeignSession, ForeignTokens, TakeOver, TakingLogin, Verify } from './foreign/foreign-session.ts'
export { takeOver } from './foreign/take-over.ts'
export type { LoginEvent, LoginOptions } from './options.ts'
export { type OtherSessions, otherSessions } from './other-sessions.ts'
export type { LoginPage, LoginPageKind } from './pages.ts'
export type { LoginParameters } from './parameters.ts'
export { type MeContext, type MeGuard, type MeRoute, meRoute } from './me.ts'
export type { HandleContext, StartOptions } from './routes.ts'
export { type D1SessionsOptions, d1Sessions, type SessionDatabase, type SessionStatement } from './stores/d1.ts'
export {
  type DurableObjectRenewalsOptions,
  durableObjectRenewals,
  durableObjectSessions,
  type LoginNamespace,
  LoginObject,
  type ObjectState,
} from './stores/durable-object.ts'
export { kvSessions, type SessionNamespace } from './stores/kv.ts'
export type { Renewals, SessionStore } from './stores/store.ts'
export { type LoginPagesOptions, loginPages, type PageTexts } from './styled-pages.ts'

/**
 * Browser login through Cognito's managed login: sealed sessions that renew themselves, as a token source of the guard.
 * @module
 */
export { ConfigurationError } from '../errors.ts'
export type { ForeignSession, ForeignTokens } from './foreign/foreign-session.ts'
export { createLogin, type Login, type LoginTokens } from './login.ts'
export type { LoginEvent, LoginOptions, LoginParameters } from './options.ts'
export type { LoginPage, LoginPageKind } from './pages.ts'
export type { HandleContext, MeGuard, StartOptions } from './routes.ts'
export type { Renewals, SessionStore } from './stores/store.ts'

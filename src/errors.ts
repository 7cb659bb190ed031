/** Base of every error that this package throws on purpose: tell them apart by `code`. */
export abstract class CognigateError extends Error {
  /** Stable, machine-readable reason. */
  abstract readonly code: string
}

/** An option or a call is wrong: the application's own mistake, never answered with 401 or 403. */
export class ConfigurationError extends CognigateError {
  override readonly name = 'ConfigurationError'
  readonly code = 'CONFIGURATION'
}

/** Throws ConfigurationError, `<place>: expected <expected>`, unless `holds`. */
export function assertConfig(place: string, holds: unknown, expected: string): asserts holds {
  if (!holds) throw new ConfigurationError(`${place}: expected ${expected}`)
}

/** An error with an HTTP answer of its own. The message only spells out the code, so it never holds a part of a token. */
export abstract class RefusalError<C extends string = string> extends CognigateError {
  abstract readonly status: number
  readonly code: C

  constructor(code: C, details?: object, options?: ErrorOptions) {
    super(`${code.charAt(0)}${code.slice(1).toLowerCase().replaceAll('_', ' ')}.`, options)
    this.code = code
    if (details) Object.defineProperty(this, 'details', { value: details })
  }
}

/** Why nobody could be established as the caller. */
export type AuthenticationCode =
  /** There is no token. */
  | 'TOKEN_MISSING'
  /** Not a token of the form that Cognito issues. */
  | 'TOKEN_MALFORMED'
  | 'TOKEN_EXPIRED'
  /** `nbf` lies in the future. */
  | 'TOKEN_NOT_YET_VALID'
  /** A claim that is read is missing or of the wrong type, or the `mapClaims` option threw. */
  | 'CLAIM_INVALID'
  /** No configured pool, or not the one that `selectPool` names. */
  | 'ISSUER_UNKNOWN'
  /** An ID token where access tokens are asked for, or the reverse. */
  | 'TOKEN_USE_WRONG'
  /** Issued to another app client. */
  | 'CLIENT_WRONG'
  | 'AUDIENCE_WRONG'
  /** The issuer has no such key. */
  | 'KEY_UNKNOWN'
  | 'SIGNATURE_INVALID'
  /** The `validate` option did not say `true`. */
  | 'VALIDATION_FAILED'
  /** Two tokens that should belong together do not. */
  | 'TOKENS_MISMATCHED'
  /** A machine's token where users are admitted only. */
  | 'USER_REQUIRED'

/** What stands behind an AuthenticationError, for the server's own log: no HTTP answer carries it. */
export interface AuthenticationDetails {
  /** The claim that decided. */
  readonly claim?: string | undefined
  /** What it should have been. */
  readonly expected?: unknown
  /** What it was: text (shortened) or a number, or else the name of its type. Whoever sent the token chose it. */
  readonly actual?: string | number | undefined
}

/** Nobody, or nobody acceptable, is calling: HTTP 401. */
export class AuthenticationError extends RefusalError<AuthenticationCode> {
  override readonly name = 'AuthenticationError'
  readonly status = 401
  /** Not enumerable, so that neither logs nor JSON carry them unasked. */
  declare readonly details: AuthenticationDetails

  constructor(code: AuthenticationCode, details: AuthenticationDetails = {}) {
    super(code, details)
  }
}

/** Why a known caller may not do this. */
export type ForbiddenCode =
  /** The caller's groups do not allow the permission. */
  | 'PERMISSION_DENIED'
  /** They would, after a fresh or stronger sign-in (RFC 9470); answered 401. */
  | 'STEP_UP_REQUIRED'
  /** The caller is a member of none of the required groups. */
  | 'GROUP_REQUIRED'
  /** `unknownGroups: 'refuse'`, and the map lacks a group of the caller. */
  | 'GROUP_UNKNOWN'
  /** The token lacks a scope. */
  | 'SCOPE_REQUIRED'
  /** A cookie does not authenticate a cross-site request. */
  | 'CROSS_SITE_REQUEST'

/** What stands behind a ForbiddenError, for the server's own log: no HTTP answer carries it, but for what a client has to bring. */
export interface ForbiddenDetails<D> {
  /** Of `PERMISSION_DENIED` and `STEP_UP_REQUIRED`: the decision. */
  readonly decision?: D | undefined
  /** Of `STEP_UP_REQUIRED`: how old the sign-in may be at most, in seconds. */
  readonly maxAge?: number | undefined
  /** Of `STEP_UP_REQUIRED`: the authentication contexts, any of which will do. */
  readonly acrValues?: readonly string[] | undefined
  /** Of `SCOPE_REQUIRED`: the required scopes, separated by spaces. */
  readonly scope?: string | undefined
  /** The claim that decided. */
  readonly claim?: string | undefined
  /** What was asked for: a permission, scopes, a fresh sign-in. */
  readonly expected?: unknown
  /** What there was instead, as the token has it: keep it out of answers. */
  readonly actual?: unknown
}

/** The caller is known and may not do this: HTTP 403, but 401 where another sign-in would help. */
export class ForbiddenError<D = unknown> extends RefusalError<ForbiddenCode> {
  override readonly name = 'ForbiddenError'
  readonly status: 401 | 403
  /** Not enumerable, so that neither logs nor JSON carry them. */
  declare readonly details: ForbiddenDetails<D>

  constructor(code: ForbiddenCode, details: ForbiddenDetails<D> = {}) {
    super(code, details)
    this.status = code === 'STEP_UP_REQUIRED' ? 401 : 403
  }
}

/** What cannot be had right now. */
export type UnavailableCode =
  /** The keys of the issuer cannot be fetched, so the token cannot be checked. */
  | 'KEYS_UNAVAILABLE'
  /** The tokens of a login session have ended and cannot be renewed now, though the session may still be good. */
  | 'RENEWAL_UNAVAILABLE'

/** The keys of the issuer cannot be fetched right now, or a session cannot be renewed, so nobody can be let in: HTTP 503. */
export class UnavailableError extends RefusalError<UnavailableCode> {
  override readonly name = 'UnavailableError'
  readonly status = 503
  /** After how many seconds a new attempt makes sense; a whole number, at least 1. */
  readonly retryAfter: number

  /** `cause` says why the last attempt failed. */
  constructor(retryAfter: number, options?: ErrorOptions, code: UnavailableCode = 'KEYS_UNAVAILABLE') {
    super(code, undefined, options)
    this.retryAfter = Math.max(1, Math.ceil(retryAfter) || 1)
  }
}

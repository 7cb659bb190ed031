import { CognigateError } from '../errors.ts'

/** Why signing in cannot go on, where AWS itself did not refuse. */
export type SignInCode =
  /** The server's values for SRP are not acceptable (RFC 5054 section 2.5.4): it may not be the one that it says it is. */
  | 'SRP_REFUSED'
  /** The answer is not what the API promises. */
  | 'ANSWER_MALFORMED'
  /** Not a step, or sealed for another purpose, client, pool or browser, or with another secret. */
  | 'STEP_INVALID'
  | 'STEP_EXPIRED'
  /** The user has to sign in again: the refresh token has ended, or there is none. */
  | 'SESSION_ENDED'
  /** `authorizedFetch` met a challenge that it cannot answer by itself. */
  | 'CHALLENGE_UNANSWERED'
  /** The token endpoint refused the client: `cause` has its error code. */
  | 'CLIENT_REFUSED'

/** Signing in cannot go on. The message only spells out the code, so it never holds a password, code or token. */
export class SignInError extends CognigateError {
  override readonly name = 'SignInError'
  readonly code: SignInCode

  constructor(code: SignInCode, options?: ErrorOptions) {
    super(`${code.charAt(0)}${code.slice(1).toLowerCase().replaceAll('_', ' ')}.`, options)
    this.code = code
  }
}

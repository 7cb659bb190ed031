import { AuthenticationError, type RefusalError } from '../errors.ts'

/** What a guard offers to the token source that serves it. */
export interface TokenSourceContext {
  /** The ids of the app clients of the guard's pools; empty where any client is accepted. */
  readonly clientIds: readonly string[]
  readonly tokenUse: 'access' | 'id' | 'any'
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /**
   * Whether cookies are held to the rules for unsafe methods whatever the method is; 'allow-navigation' lets top-level
   * navigations by GET pass all the same.
   */
  readonly strictCookies: boolean | 'allow-navigation'
  /** Verifies a candidate, where a request carries several. Throws as `guard.verify` does. */
  verify(token: string): Promise<{ readonly issuer: string; readonly sub: string; readonly issuedAt: number }>
  /** Leaves `Set-Cookie` values for `guard.adapter.commit` to add to the answer, such as those of a renewed session. */
  setCookies(values: readonly string[]): void
  /**
   * Has `change` applied to the answer, whatever it is, refusals included; possibly more than once. A source that looks at
   * cookies sees to `Vary: Cookie` by it, as `cookie` does.
   */
  onAnswer(change: AnswerChange): void
}

/** Changes an answer. `refusal` is given with the guard's own answer to an error; it may be made a page or a redirect. */
export type AnswerChange = (response: Response, refusal?: RefusalError) => Response

/**
 * Finds the token of a request; undefined means that there is none. Throws AuthenticationError `TOKEN_MALFORMED` where
 * there is something that is no token. A source that reads cookies should be made of `cookie`, which knows what other
 * sites can make a browser send.
 */
export type TokenSource = (
  request: Request,
  context: TokenSourceContext,
) => string | undefined | Promise<string | undefined>

/**
 * The bearer token of the Authorization header (RFC 6750 section 2.1), the default source. The scheme in any case, one or
 * more spaces, and what follows is the token, as it is; any other Authorization header is refused, since it was meant to
 * say who is calling.
 */
export function bearer(request: Request): string | undefined {
  const header = request.headers.get('authorization')
  if (header === null) return undefined
  let start = 7
  while (header.charAt(start) === ' ') start++
  if (header.slice(0, 7).toLowerCase() !== 'bearer ' || start >= header.length) {
    throw new AuthenticationError('TOKEN_MALFORMED')
  }
  return header.slice(start)
}

import { AuthenticationError } from '../errors.ts'
import { assertMade } from '../internal/options.ts'
import type { UserSession, UserSessions } from '../sign-in/index.ts'
import type { Login } from './login.ts'

/** The user's sessions on other devices, of pools that track sessions. Calls throw AwsError, or AuthenticationError without a session here. */
export interface OtherSessions {
  /** Without the session of the request, and that of managed login that it came from. */
  list(request: Request): Promise<readonly UserSession[]>
  /**
   * Ends one of them, with the session of managed login that it came from; default: all. The session of the request stays:
   * signing out is what ends it.
   */
  revoke(request: Request, sessionId?: string): Promise<void>
}

/**
 * Lists and ends the other sessions of who is signed in. The access token needs the scope `aws.cognito.signin.user.admin`. Ask the
 * guard first, and hold `revoke` to POST: it acts for whoever the request's session is.
 *
 * @example
 * ```ts
 * import { type Login, otherSessions } from 'cognigate/login'
 * import { createAccount, type SignIn } from 'cognigate/sign-in'
 *
 * const endOthers = (login: Login, signIn: SignIn, request: Request) =>
 *   otherSessions(login, createAccount(signIn)).revoke(request)
 * ```
 */
export function otherSessions(
  login: Pick<Login, 'tokens'>,
  account: { readonly sessions: UserSessions },
): OtherSessions {
  assertMade('otherSessions', login, 'tokens', 'what createLogin returns.')
  assertMade('otherSessions', Object(account).sessions, 'list', 'what createAccount returns.')
  const { sessions } = account
  async function accessTokenOf(request: Request): Promise<string> {
    const tokens = await login.tokens(request)
    if (!tokens?.accessToken) throw new AuthenticationError('TOKEN_MISSING')
    return tokens.accessToken
  }
  async function list(request: Request): Promise<readonly UserSession[]> {
    const found: UserSession[] = []
    for await (const session of sessions.list(await accessTokenOf(request))) found.push(session)
    const own = found.find(({ isCurrent }) => isCurrent)
    return found.filter(({ id, isCurrent }) => !isCurrent && id !== own?.originId)
  }
  return {
    list,
    async revoke(request, sessionId) {
      const token = await accessTokenOf(request)
      // A token's session alone would come back by its session of managed login, unseen.
      if (sessionId !== undefined) await sessions.revoke(token, sessionId, { linked: true })
      else for (const { id } of await list(request)) await sessions.revoke(token, id)
    },
  }
}

import type { LoginSettings } from '../options.ts'
import type { Grant } from '../protocol.ts'
import type { SessionContent } from '../session-content.ts'

/** Tokens of another library's cookies. */
export interface ForeignTokens {
  readonly accessToken: string
  readonly idToken?: string | undefined
  readonly refreshToken?: string | undefined
  readonly deviceKey?: string | undefined
}

/** Reads the session that another library keeps in cookies, so that nobody is signed out when a site moves over. */
export interface ForeignSession {
  /** Kept in a session that was taken over, so that the same reader renews it. */
  readonly name: string
  /** The tokens in the cookies of a request, and the values of `Set-Cookie` that remove them. Nothing in them is verified here. */
  read(
    request: Request,
    clientId: string,
  ): { readonly tokens: ForeignTokens; readonly remove: readonly string[] } | undefined
  /** Renews tokens that the token endpoint does not renew. Without it the token endpoint is asked. Throws as `SignIn.refresh` does. */
  renew?(tokens: ForeignTokens): Promise<ForeignTokens>
}

/** Verifies the tokens of one sign-in. Throws as a guard does. */
export type Verify = (accessToken: string, idToken: string | undefined) => Promise<Omit<Grant, 'refresh'>>

/** What a takeover is given by the login that does it. */
export interface TakingLogin {
  readonly options: LoginSettings
  readonly protocol: { readonly verify: Verify }
  contentOf(grant: Grant, session: Pick<SessionContent, 'id' | 'from' | 'page'>): SessionContent
  /** The ids of sessions that were signed out in this browser. */
  readonly ended: readonly string[]
}

/** The readers of a login, as `takeOver` puts them together. */
export interface TakeOver {
  /** The session that the cookies of a request hold, and the values of `Set-Cookie` that remove them. */
  adopt(
    request: Request,
    login: TakingLogin,
  ): Promise<{ readonly content: SessionContent; readonly remove: readonly string[] } | undefined>
  /** Renews a session by the reader that it came by; undefined where the token endpoint is to be asked. */
  renew(content: SessionContent, verify: Verify): Promise<Grant | undefined>
  /** The values of `Set-Cookie` that remove all that the readers find. */
  remove(request: Request, clientId: string): readonly string[]
}

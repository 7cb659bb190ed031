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

import type { Claims } from '../internal/claims.ts'

/** What Cognito calls the two kinds of tokens that a guard reads (`token_use`). */
export type TokenUse = 'access' | 'id'

interface Caller<C> {
  /** The `iss` claim; `issuer` and `sub` together identify a caller. */
  readonly issuer: string
  /** The `sub` claim: stable within the pool, unlike the user name. */
  readonly sub: string
  readonly userPoolId: string
  /** The app client that the token was issued to. */
  readonly clientId: string
  /** Group names, from `cognito:groups` or by `resolveGroups`; frozen. */
  readonly groups: readonly string[]
  /** OAuth scopes; always empty for ID tokens, which carry none. */
  readonly scopes: readonly string[]
  /** `iat`, in seconds since the epoch. */
  readonly issuedAt: number
  /** `exp`, in seconds since the epoch. */
  readonly expiresAt: number
  /** The token's claims, or what the `mapClaims` option made of them; deeply frozen. */
  readonly claims: C
}

interface User<C> extends Caller<C> {
  readonly kind: 'user'
  readonly username: string
}

/** A signed-in user, established from an access token. Access tokens carry no e-mail address. */
export interface AccessPrincipal<C = Claims> extends User<C> {
  readonly tokenUse: 'access'
}

/** A signed-in user, established from an ID token. */
export interface IdPrincipal<C = Claims> extends User<C> {
  readonly tokenUse: 'id'
  readonly email: string | undefined
  /** Whether Cognito has verified `email`; false where the claim is absent. */
  readonly emailVerified: boolean
}

/** A machine: a token of the client-credentials grant. It has groups only by the `resolveGroups` option. */
export interface ClientPrincipal<C = Claims> extends Caller<C> {
  readonly kind: 'client'
  readonly tokenUse: 'access'
}

/** A person, by either token. */
export type UserPrincipal<C = Claims> = AccessPrincipal<C> | IdPrincipal<C>

/** Who is calling. */
export type Principal<C = Claims> = UserPrincipal<C> | ClientPrincipal<C>

/** The principals that a guard of the given `tokenUse` establishes. */
export type PrincipalFor<U extends TokenUse | 'any', C> = U extends 'access'
  ? AccessPrincipal<C> | ClientPrincipal<C>
  : U extends 'id'
    ? IdPrincipal<C>
    : Principal<C>

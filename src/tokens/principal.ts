import { AuthenticationError } from '../errors.ts'
import { type Claims, claim } from '../internal/claims.ts'
import { deepFreeze } from '../internal/encoding.ts'
import { noPromise } from '../internal/promises.ts'
import type { AcceptedIssuer } from '../keys/index.ts'
import type { TokenClaims } from './claims.ts'

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

/**
 * Who a verified token says is calling; deeply frozen, `payload` too. The parts are frozen one by one: to go through frozen
 * claims once more would take as long as to make the rest.
 */
export function createPrincipal<C>(
  payload: Claims,
  { use, username, groups, sub, clientId, scopes, issuedAt, expiresAt }: TokenClaims,
  { issuer, userPoolId }: AcceptedIssuer,
  mapClaims = (raw: Claims) => raw as C,
): Principal<C> {
  const { freeze } = Object
  const claims = mapped(deepFreeze(payload), mapClaims)
  if (!Object.is(claims, payload)) deepFreeze(claims)
  const caller = {
    issuer,
    sub,
    userPoolId,
    clientId,
    groups: freeze(groups),
    scopes: freeze(scopes),
    issuedAt,
    expiresAt,
    claims,
  }
  if (username === undefined) return freeze({ kind: 'client', tokenUse: 'access', ...caller, groups: freeze([]) })
  if (use === 'access') return freeze({ kind: 'user', tokenUse: use, username, ...caller })
  const email = claim(payload, 'email')
  return freeze({
    kind: 'user',
    tokenUse: use,
    username,
    email: typeof email === 'string' ? email : undefined,
    emailVerified: claim(payload, 'email_verified') === true,
    ...caller,
  })
}

/** A token whose claims the application cannot read is no token for it; its own error may quote claims and is dropped. */
function mapped<C>(payload: Claims, mapClaims: (raw: Claims) => C): C {
  let claims: C
  try {
    claims = mapClaims(payload)
  } catch {
    throw new AuthenticationError('CLAIM_INVALID')
  }
  noPromise('mapClaims', claims)
  return claims
}

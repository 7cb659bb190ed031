import { decodeJsonObject } from '../encoding.ts'
import { AuthenticationError } from '../errors.ts'
import { regionOf, serviceHost } from '../internal/regions.ts'
import type { IdPrincipal } from '../principal.ts'

/** What an identity pool learns of a caller. */
export interface Login {
  /** The user pool, as identity pools name it. */
  readonly provider: string
  /** The user's `sub`. */
  readonly sub: string
  /** The ID token. */
  readonly token: string
}

/** The part of a guard that knows the token behind a principal. */
export interface PrincipalGuard<P> {
  /** The raw token of a principal that this guard established; throws for any other object. */
  readonly tokenOf: (principal: P) => string
}

/**
 * The login of a principal. Throws what the guard throws for an object that it did not establish, and AuthenticationError
 * where the token is not a user's ID token or has expired at `now` (milliseconds). The token itself is asked, and not the
 * principal, whose claims an application may have mapped.
 */
export function loginOf<P extends IdPrincipal<unknown>>(principal: P, guard: PrincipalGuard<P>, now: number): Login {
  const token = guard.tokenOf(principal)
  const claims = decodeJsonObject(token.split('.')[1] ?? '')
  if (claims?.['token_use'] !== 'id') throw new AuthenticationError('TOKEN_USE_WRONG')
  if (!(Number(claims['exp']) * 1000 > now)) throw new AuthenticationError('TOKEN_EXPIRED')
  const { userPoolId } = principal
  return {
    provider: `${serviceHost('cognito-idp', regionOf(userPoolId))}/${userPoolId}`,
    sub: String(claims['sub']),
    token,
  }
}

import { deepFreeze } from '../encoding.ts'
import { AuthenticationError } from '../errors.ts'
import { noPromise } from '../internal/promises.ts'
import { type Claims, claim, type Principal } from '../principal.ts'
import type { AcceptedIssuer } from './accepted-pool.ts'
import type { TokenClaims } from './claims.ts'

/**
 * Who a verified token says is calling; deeply frozen, `payload` too. The parts are frozen one by one: to go through frozen
 * claims once more would take as long as to make the rest.
 */
export function createPrincipal<C>(
  payload: Claims,
  { use, username, groups, sub, clientId, scopes, issuedAt, expiresAt }: TokenClaims,
  { issuer, userPoolId }: AcceptedIssuer,
  mapClaims: (raw: Claims) => C,
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
  noPromise('claims', claims)
  return claims
}

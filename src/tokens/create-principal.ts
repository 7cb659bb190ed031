import { deepFreeze } from '../encoding.ts'
import { AuthenticationError } from '../errors.ts'
import { type Claims, claim, type Principal } from '../principal.ts'
import type { AcceptedIssuer } from './accepted-pool.ts'
import type { TokenClaims } from './claims.ts'

/** Who a verified token says is calling; deeply frozen, `payload` too. */
export function createPrincipal<C>(
  payload: Claims,
  { use, username, notBefore, ...held }: TokenClaims,
  { issuer, userPoolId }: AcceptedIssuer,
  mapClaims: (raw: Claims) => C,
): Principal<C> {
  const claims = mapped(deepFreeze(payload), mapClaims)
  const caller = { issuer, userPoolId, ...held, claims }
  if (username === undefined) return deepFreeze({ kind: 'client', tokenUse: 'access', ...caller, groups: [] })
  if (use === 'access') return deepFreeze({ kind: 'user', tokenUse: use, username, ...caller })
  const email = claim(payload, 'email')
  return deepFreeze({
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
  try {
    return mapClaims(payload)
  } catch {
    throw new AuthenticationError('CLAIM_INVALID')
  }
}

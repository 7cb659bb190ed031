import { AuthenticationError } from '../errors.ts'
import { deepFreeze } from '../internal/encoding.ts'
import { noPromise } from '../internal/promises.ts'
import { type AcceptedIssuer, type RequestContext, type SigningKey, verifySignature } from '../keys/index.ts'
import { TokenCache } from './cache.ts'
import { checkClaims, checkTime, type TokenClaims, wrongClaim } from './claims.ts'
import { decodeToken } from './decode.ts'
import { claim, type Claims } from '../internal/claims.ts'
import type { Principal, TokenUse } from './principal.ts'

export interface VerifierOptions<C> {
  /** The `aud` that access tokens must carry. Default: none, or the client's id. */
  readonly audience?: string | undefined
  /** In seconds. Default 0. */
  readonly clockTolerance?: number | undefined
  readonly tokenCache?: TokenCacheOptions | undefined
  /** Makes the principal's claims of the raw ones. Default: these. */
  readonly mapClaims?: ((raw: Claims) => C) | undefined
  /** Milliseconds since the epoch. Default: the platform's clock. */
  readonly now?: (() => number) | undefined
}

/** How verified tokens are remembered, so that a signature is not verified twice. */
export interface TokenCacheOptions {
  /** How many at most; 0 for none. Default 1,000. */
  readonly maxEntries?: number | undefined
}

/** What one verification asks for. */
export interface Expectations {
  readonly tokenUse: TokenUse | 'any'
  /** Only tokens of this pool; undefined for any configured one. */
  readonly userPoolId?: string | undefined
}

/** A token whose signature and static claims hold. */
export interface VerifiedToken<C> {
  readonly token: string
  readonly principal: Principal<C>
  readonly payload: Claims
  readonly claims: TokenClaims
  readonly issuer: AcceptedIssuer
  readonly key: SigningKey
}

/**
 * Verifies a token; at once where it was verified before, still holds, and nobody has to be asked. Throws AuthenticationError,
 * or UnavailableError where the keys cannot be had.
 */
export type TokenVerifier<C> = (
  token: string,
  expected: Expectations,
  context: RequestContext,
) => VerifiedToken<C> | Promise<VerifiedToken<C>>

/** Verifies Cognito's tokens: the order of the checks keeps unsigned input from causing a fetch or a signature check. */
export function createVerifier<C>(
  issuers: ReadonlyMap<unknown, AcceptedIssuer>,
  options: VerifierOptions<C>,
): TokenVerifier<C> {
  const { audience, clockTolerance = 0, mapClaims = (raw: Claims) => raw as C, now = Date.now } = options
  const names = Object.freeze([...issuers.keys()])
  const cache = new TokenCache<VerifiedToken<C>>(options.tokenCache?.maxEntries ?? 1000)

  function checkNow(issuer: AcceptedIssuer, claims: TokenClaims, expected: Expectations): void {
    const { userPoolId = issuer.userPoolId, tokenUse } = expected
    if (userPoolId !== issuer.userPoolId) throw wrongClaim('ISSUER_UNKNOWN', 'iss', userPoolId, issuer.issuer)
    if (tokenUse !== 'any' && tokenUse !== claims.use) {
      throw wrongClaim('TOKEN_USE_WRONG', 'token_use', tokenUse, claims.use)
    }
    checkTime(claims, now(), clockTolerance)
  }

  function recall(token: string, expected: Expectations): VerifiedToken<C> | undefined {
    const seen = cache.get(token)
    if (seen === undefined) return undefined
    checkNow(seen.issuer, seen.claims, expected)
    return seen.issuer.keys.current(seen.key.jwk.kid) === seen.key ? seen : undefined
  }

  async function verifyAnew(token: string, expected: Expectations, context: RequestContext): Promise<VerifiedToken<C>> {
    const { kid, payload, signingInput, signature } = decodeToken(token)
    const iss = claim(payload, 'iss')
    const issuer = issuers.get(iss)
    if (issuer === undefined) throw wrongClaim('ISSUER_UNKNOWN', 'iss', names, iss)
    const claims = checkClaims(payload, issuer, audience)
    checkNow(issuer, claims, expected)
    let key = issuer.keys.current(kid)
    if (key === undefined) {
      key = await issuer.keys.find(kid, claims.issuedAt, context)
      const seen = cache.get(token)
      if (seen?.key === key) return seen
    }
    if (!(await verifySignature(key, signature, signingInput))) throw new AuthenticationError('SIGNATURE_INVALID')
    const principal = createPrincipal(payload, claims, issuer, mapClaims)
    const verified = { token, principal, payload, claims, issuer, key }
    cache.set(verified)
    return verified
  }

  return (token, expected, context) => recall(token, expected) ?? verifyAnew(token, expected, context)
}

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
  noPromise('mapClaims', claims)
  return claims
}

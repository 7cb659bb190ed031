import { AuthenticationError } from '../errors.ts'
import { type AcceptedIssuer, type RequestContext, type SigningKey, verifySignature } from '../keys/index.ts'
import { TokenCache } from './cache.ts'
import { checkClaims, checkTime, type TokenClaims, wrongClaim } from './claims.ts'
import { decodeToken } from './decode.ts'
import { claim, type Claims } from '../internal/claims.ts'
import type { TokenUse } from './principal.ts'

export interface VerifierOptions {
  /** The `aud` that access tokens must carry. Default: none, or the client's id. */
  readonly audience?: string | undefined
  /** In seconds. Default 0. */
  readonly clockTolerance?: number | undefined
  readonly tokenCache?: TokenCacheOptions | undefined
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

/** A token whose signature and static claims hold. `P`: what is made of it, once. */
export interface VerifiedToken<P = unknown> {
  readonly token: string
  readonly principal: P
  readonly payload: Claims
  readonly claims: TokenClaims
  readonly issuer: AcceptedIssuer
  readonly key: SigningKey
}

/**
 * Verifies a token; at once where it was verified before, still holds, and nobody has to be asked. Throws AuthenticationError,
 * or UnavailableError where the keys cannot be had.
 */
export type TokenVerifier<P> = (
  token: string,
  expected: Expectations,
  context: RequestContext,
) => VerifiedToken<P> | Promise<VerifiedToken<P>>

/**
 * Verifies Cognito's tokens: the order of the checks keeps unsigned input from causing a fetch or a signature check.
 * `describe` makes the principal of a token that holds.
 */
export function createVerifier<P>(
  issuers: ReadonlyMap<unknown, AcceptedIssuer>,
  options: VerifierOptions,
  describe: (payload: Claims, claims: TokenClaims, issuer: AcceptedIssuer) => P,
): TokenVerifier<P> {
  const { audience, clockTolerance = 0, now = Date.now } = options
  const names = Object.freeze([...issuers.keys()])
  const cache = new TokenCache<VerifiedToken<P>>(options.tokenCache?.maxEntries ?? 1000)

  function checkNow(issuer: AcceptedIssuer, claims: TokenClaims, expected: Expectations): void {
    const { userPoolId = issuer.userPoolId, tokenUse } = expected
    if (userPoolId !== issuer.userPoolId) throw wrongClaim('ISSUER_UNKNOWN', 'iss', userPoolId, issuer.issuer)
    if (tokenUse !== 'any' && tokenUse !== claims.use) {
      throw wrongClaim('TOKEN_USE_WRONG', 'token_use', tokenUse, claims.use)
    }
    checkTime(claims, now(), clockTolerance)
  }

  function recall(token: string, expected: Expectations): VerifiedToken<P> | undefined {
    const seen = cache.get(token)
    if (seen === undefined) return undefined
    checkNow(seen.issuer, seen.claims, expected)
    return seen.issuer.keys.current(seen.key.jwk.kid) === seen.key ? seen : undefined
  }

  async function verifyAnew(token: string, expected: Expectations, context: RequestContext): Promise<VerifiedToken<P>> {
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
    const principal = describe(payload, claims, issuer)
    const verified = { token, principal, payload, claims, issuer, key }
    cache.set(verified)
    return verified
  }

  return (token, expected, context) => recall(token, expected) ?? verifyAnew(token, expected, context)
}

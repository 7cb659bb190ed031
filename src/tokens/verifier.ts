import { AuthenticationError } from '../errors.ts'
import { type Claims, claim, type Principal, type TokenUse } from '../principal.ts'
import type { AcceptedIssuer } from './accepted-pool.ts'
import { checkClaims, checkTime, type TokenClaims, wrongClaim } from './claims.ts'
import { decodeToken } from './compact-token.ts'
import { createPrincipal } from './create-principal.ts'
import type { CacheOptions, RequestContext } from './key-source.ts'
import { type SigningKey, verifySignature } from './signing-key.ts'
import { TokenCache } from './token-cache.ts'

export interface VerifierOptions<C> {
  /** The `aud` that access tokens must carry. Default: none, or the client's id. */
  readonly audience?: string | undefined
  /** In seconds. Default 0. */
  readonly clockTolerance?: number | undefined
  /** How many verified tokens are remembered as `maxTokens`. Default 1,000. */
  readonly cache?: CacheOptions | undefined
  /** Makes the principal's claims of the raw ones. Default: these. */
  readonly claims?: ((raw: Claims) => C) | undefined
  /** Milliseconds since the epoch. Default: the platform's clock. */
  readonly now?: (() => number) | undefined
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
  const { audience, clockTolerance = 0, claims: mapClaims = (raw: Claims) => raw as C, now = Date.now } = options
  const names = Object.freeze([...issuers.keys()])
  const cache = new TokenCache<VerifiedToken<C>>(options.cache?.maxTokens ?? 1000)

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

import { AuthenticationError } from '../errors.ts'
import type { Claims, TokenUse } from '../principal.ts'
import type { AcceptedIssuer } from './accepted-pool.ts'

/** The claims that every Cognito token has and that are used here, after their types were checked. */
export interface TokenClaims {
  readonly use: TokenUse
  readonly sub: string
  /** Absent for machine clients. */
  readonly username: string | undefined
  readonly clientId: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly notBefore: number | undefined
}

/** Reads an own property, so that nothing is inherited from Object.prototype. */
export function claim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/**
 * Checks everything about a token's claims that does not change with time: use, client, audience and the types of the
 * claims that are read. Throws AuthenticationError.
 */
export function checkClaims(payload: Claims, { clientIds }: AcceptedIssuer, audience: string | undefined): TokenClaims {
  const use = claim(payload, 'token_use')
  if (use !== 'access' && use !== 'id') throw new AuthenticationError('TOKEN_USE_WRONG')
  const access = use === 'access'
  const aud = claim(payload, 'aud')
  const clientId = access ? claim(payload, 'client_id') : aud
  if (!clientId || typeof clientId !== 'string' || (clientIds.length > 0 && !clientIds.includes(clientId))) {
    throw new AuthenticationError('CLIENT_WRONG')
  }
  // Resource binding puts an `aud` into access tokens; without it Cognito's have none.
  if (access && aud !== audience && (aud !== clientId || audience !== undefined)) {
    throw new AuthenticationError('AUDIENCE_WRONG')
  }
  const sub = text(payload, 'sub')
  const username = text(payload, access ? 'username' : 'cognito:username')
  const memberOf = claim(payload, 'cognito:groups')
  const groups = memberOf === undefined ? [] : memberOf
  const issuedAt = seconds(payload, 'iat')
  const expiresAt = seconds(payload, 'exp')
  const scope = text(payload, 'scope')
  text(payload, 'jti')
  const machine = access && username === undefined && sub === clientId
  if (!sub || !(username || machine) || !isTexts(groups) || issuedAt === undefined || expiresAt === undefined)
    throw invalid()
  return {
    use,
    sub,
    username,
    clientId,
    groups,
    scopes: (access && scope?.split(' ').filter(Boolean)) || [],
    issuedAt,
    expiresAt,
    notBefore: seconds(payload, 'nbf'),
  }
}

/** Checks the use of a token against what is asked for here. Throws AuthenticationError `TOKEN_USE_WRONG`. */
export function checkUse(claims: TokenClaims, tokenUse: TokenUse | 'any'): void {
  if (tokenUse !== 'any' && claims.use !== tokenUse) throw new AuthenticationError('TOKEN_USE_WRONG')
}

/**
 * Checks a token's life against the clock. `now` in milliseconds, `tolerance` in seconds. Throws AuthenticationError.
 * Whole seconds for `nbf`, as other verifiers count, so that nothing is accepted here that they refuse.
 */
export function checkTime(claims: TokenClaims, now: number, tolerance: number): void {
  if (now / 1000 >= claims.expiresAt + tolerance) throw new AuthenticationError('TOKEN_EXPIRED')
  if (claims.notBefore !== undefined && claims.notBefore > Math.floor(now / 1000) + tolerance) {
    throw new AuthenticationError('TOKEN_NOT_YET_VALID')
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

function text(payload: Claims, name: string): string | undefined {
  const value = claim(payload, name)
  if (value !== undefined && typeof value !== 'string') throw invalid()
  return value
}

function seconds(payload: Claims, name: string): number | undefined {
  const value = claim(payload, name)
  if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value))) throw invalid()
  return value
}

function invalid(): AuthenticationError {
  return new AuthenticationError('CLAIM_INVALID')
}

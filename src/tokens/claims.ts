import { isTexts } from '../internal/encoding.ts'
import { type AuthenticationCode, AuthenticationError } from '../errors.ts'
import { type Claims, claim } from '../internal/claims.ts'
import type { TokenUse } from './principal.ts'
import type { AcceptedIssuer } from '../keys/index.ts'

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

/**
 * Checks everything about a token's claims that does not change with time: use, client, audience and the types of the
 * claims that are read. Throws AuthenticationError.
 */
export function checkClaims(payload: Claims, { clientIds }: AcceptedIssuer, audience: string | undefined): TokenClaims {
  const use = claim(payload, 'token_use')
  if (use !== 'access' && use !== 'id') throw wrongClaim('TOKEN_USE_WRONG', 'token_use', 'access or id', use)
  const access = use === 'access'
  const aud = claim(payload, 'aud')
  const clientId = access ? claim(payload, 'client_id') : aud
  if (!clientId || typeof clientId !== 'string' || (clientIds.length > 0 && !clientIds.includes(clientId))) {
    throw wrongClaim('CLIENT_WRONG', access ? 'client_id' : 'aud', clientIds, clientId)
  }
  // Resource binding puts an `aud` into access tokens; without it Cognito's have none.
  if (access && aud !== audience && (aud !== clientId || audience !== undefined)) {
    throw wrongClaim('AUDIENCE_WRONG', 'aud', audience ?? clientId, aud)
  }
  const nameClaim = access ? 'username' : 'cognito:username'
  const sub = required(payload, 'sub', isName)
  const username = optional(payload, nameClaim, isName)
  const groups = optional(payload, 'cognito:groups', isTexts) ?? []
  const issuedAt = required(payload, 'iat', isFiniteNumber)
  const expiresAt = required(payload, 'exp', isFiniteNumber)
  const notBefore = optional(payload, 'nbf', isFiniteNumber)
  const scope = optional(payload, 'scope', isText)
  optional(payload, 'jti', isText)
  // A machine has no user name: its own id is the subject.
  if (!(username || (access && sub === clientId))) throw new AuthenticationError('CLAIM_INVALID', { claim: nameClaim })
  return {
    use,
    sub,
    username,
    clientId,
    groups,
    scopes: (access && scope?.split(' ').filter(Boolean)) || [],
    issuedAt,
    expiresAt,
    notBefore,
  }
}

/**
 * Checks a token's life against the clock. `now` in milliseconds, `tolerance` in seconds. Throws AuthenticationError.
 * Whole seconds for `nbf`, as other verifiers count, so that nothing is accepted here that they refuse.
 */
export function checkTime(claims: TokenClaims, now: number, tolerance: number): void {
  // A clock that gives no number says of no token that it is still valid.
  if (!(Number.isFinite(now) && now / 1000 < claims.expiresAt + tolerance)) {
    throw wrongClaim('TOKEN_EXPIRED', 'exp', now / 1000 - tolerance, claims.expiresAt)
  }
  if (claims.notBefore !== undefined && claims.notBefore > Math.floor(now / 1000) + tolerance) {
    throw wrongClaim('TOKEN_NOT_YET_VALID', 'nbf', now / 1000 + tolerance, claims.notBefore)
  }
}

/** The longest text of a claim that stands in details: they are for logs, and the token may be anybody's. */
const MAX_DETAIL = 200

/** An error that says in its details which claim decided, what it should have been, and what it was. */
export function wrongClaim(code: AuthenticationCode, name: string, expected: unknown, value: unknown) {
  const actual =
    typeof value === 'string' ? value.slice(0, MAX_DETAIL) : typeof value === 'number' ? value : typeof value
  return new AuthenticationError(code, { claim: name, expected, actual })
}

/** A claim that must be of its type where it is present. */
function optional<T>(payload: Claims, name: string, is: (value: unknown) => value is T): T | undefined {
  return claim(payload, name) === undefined ? undefined : required(payload, name, is)
}

/** A claim that must be there. Of one that is not as it should be the details name no more than the type: it may be personal. */
function required<T>(payload: Claims, name: string, is: (value: unknown) => value is T): T {
  const value = claim(payload, name)
  if (is(value)) return value
  throw new AuthenticationError('CLAIM_INVALID', { claim: name, actual: typeof value })
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isName(value: unknown): value is string {
  return isText(value) && value !== ''
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

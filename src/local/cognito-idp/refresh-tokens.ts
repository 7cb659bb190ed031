import { putEnding, removeEndingOf } from '../sorted-pairs.ts'
import { isObject } from '../json.ts'
import type { Context } from '../operation.ts'
import { notAuthorized, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, RefreshState } from '../state.ts'
import { lifeOf } from './clients.ts'

/** A new refresh token of this user and client. One that takes another's place lives for what remained of that one. */
export function createRefreshToken(
  pool: PoolState,
  client: ClientState,
  grant: Pick<RefreshState, 'username' | 'authTime' | 'originJti' | 'deviceKey'>,
  { now, random }: Pick<Context, 'now' | 'random'>,
  until = now + lifeOf(client, 'RefreshToken') * 1000,
): string {
  const token = random.opaque(48)
  const { username, authTime, originJti, deviceKey } = grant
  const entry = { username, clientId: client.clientId, authTime, originJti, until, deviceKey }
  putEnding(pool.refreshTokens, token, entry, now)
  return token
}

/**
 * What a refresh token stands for. Throws NotAuthorizedException where it stands for nothing with this client, and
 * RefreshTokenReuseException where another one has taken its place and its grace period is over.
 */
export function readRefreshToken(pool: PoolState, client: ClientState, token: string, now: number): RefreshState {
  const state = pool.refreshTokens[token]
  if (state === undefined || state.clientId !== client.clientId) throw notAuthorized('Invalid Refresh Token')
  if (state.isRevoked) throw notAuthorized('Refresh Token has been revoked')
  if (state.until <= now) throw notAuthorized('Refresh Token has expired')
  if (state.replacedUntil !== undefined && state.replacedUntil <= now) {
    throw new ServiceError('RefreshTokenReuseException', 'The refresh token has been used before.')
  }
  return state
}

/** Puts another refresh token in the place of this one, which works on for the grace period of its first use. */
export function rotateRefreshToken(pool: PoolState, client: ClientState, token: string, context: Context): string {
  const state = readRefreshToken(pool, client, token, context.now)
  const replacedUntil = state.replacedUntil ?? context.now + gracePeriodOf(client) * 1000
  pool.refreshTokens[token] = { ...state, replacedUntil }
  return createRefreshToken(pool, client, state, context, state.until)
}

/** Whether each use of a refresh token of this client yields another one. */
export function isRotating({ settings }: ClientState): boolean {
  const rotation = settings['RefreshTokenRotation']
  return isObject(rotation) && rotation['Feature'] === 'ENABLED'
}

/** In seconds. */
function gracePeriodOf({ settings }: ClientState): number {
  const rotation = settings['RefreshTokenRotation']
  return isObject(rotation) ? Number(rotation['RetryGracePeriodSeconds'] ?? 0) : 0
}

/** Ends all refresh tokens and open challenges of a user. */
export function revokeTokens(pool: PoolState, username: string): void {
  for (const entries of [pool.refreshTokens, pool.sessions]) removeEndingOf(entries, username)
}

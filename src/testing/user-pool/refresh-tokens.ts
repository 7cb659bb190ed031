import { putEnding, removeEndingOf } from '../expiry.ts'
import type { Context } from '../operation.ts'
import { notAuthorized } from '../service-error.ts'
import type { ClientState, PoolState, RefreshState } from '../state.ts'
import { lifeOf } from './client-settings.ts'

/** A new refresh token of this user and client. */
export function createRefreshToken(
  pool: PoolState,
  client: ClientState,
  grant: Pick<RefreshState, 'username' | 'authTime' | 'originJti'>,
  context: Pick<Context, 'now' | 'random'>,
): string {
  const token = context.random.opaque(48)
  const { username, authTime, originJti } = grant
  const until = context.now + lifeOf(client, 'RefreshToken') * 1000
  putEnding(pool.refreshTokens, token, { username, clientId: client.clientId, authTime, originJti, until }, context.now)
  return token
}

/** What a refresh token stands for. Throws NotAuthorizedException where it stands for nothing with this client. */
export function readRefreshToken(pool: PoolState, client: ClientState, token: string, now: number): RefreshState {
  const state = pool.refreshTokens[token]
  if (state === undefined || state.clientId !== client.clientId) throw notAuthorized('Invalid Refresh Token')
  if (state.until <= now) throw notAuthorized('Refresh Token has expired')
  return state
}

/** Ends all refresh tokens and open challenges of a user. */
export function revokeTokens(pool: PoolState, username: string): void {
  for (const entries of [pool.refreshTokens, pool.sessions]) removeEndingOf(entries, username)
}

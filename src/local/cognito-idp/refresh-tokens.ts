import { clientIdRules, readOptionalText, readText } from '../input.ts'
import { isObject } from '../json.ts'
import { type Context, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { keysOfOwner, putEnding, removeEndingOf } from '../sorted-pairs.ts'
import type { ClientState, PoolState, RefreshState } from '../state/index.ts'
import { findClient, getTokenLife, isSecretOf } from './clients.ts'
import { dropSession } from './user-sessions.ts'

/** What the tokens of one sign-in have in common. */
type Grant = Omit<RefreshState, 'clientId' | 'until' | 'replacedUntil' | 'isRevoked'>

/** A new refresh token of this user and client. One that takes another's place lives for what remained of that one. */
export function createRefreshToken(
  pool: PoolState,
  client: ClientState,
  grant: Grant,
  { now, random }: Pick<Context, 'now' | 'random'>,
  until = now + getTokenLife(client, 'RefreshToken') * 1000,
): string {
  const token = random.opaque(48)
  putEnding(pool.refreshTokens, token, { ...pick(grant), clientId: client.clientId, until }, now)
  return token
}

function pick(grant: Grant): Grant {
  const { username, authTime, originJti, deviceKey, scope, audience, level, factors } = grant
  return { username, authTime, originJti, deviceKey, scope, audience, level, factors }
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
  const replacedUntil = state.replacedUntil ?? context.now + readGracePeriod(client) * 1000
  pool.refreshTokens[token] = { ...state, replacedUntil }
  return createRefreshToken(pool, client, state, context, state.until)
}

/** Whether each use of a refresh token of this client yields another one. */
export function isRotating({ settings }: ClientState): boolean {
  const rotation = settings['RefreshTokenRotation']
  return isObject(rotation) && rotation['Feature'] === 'ENABLED'
}

/** In seconds. */
function readGracePeriod({ settings }: ClientState): number {
  const rotation = settings['RefreshTokenRotation']
  return isObject(rotation) ? Number(rotation['RetryGracePeriodSeconds'] ?? 0) : 0
}

/** Ends all refresh tokens and open challenges of a user, and user operations with the access tokens that came with them. */
export function revokeTokens(pool: PoolState, username: string, context: Pick<Context, 'now'>): void {
  removeEndingOf(pool.sessions, username)
  for (const token of keysOfOwner(pool.refreshTokens, username)) revoke(pool, token, context)
  removeEndingOf(pool.userSessions, username)
}

/** Ends one sign-in: all refresh tokens that came from it, its access tokens for user operations, and its session. */
export function revokeFamily(
  pool: PoolState,
  username: string,
  originJti: string,
  context: Pick<Context, 'now'>,
): void {
  for (const key of keysOfOwner(pool.refreshTokens, username)) {
    if (pool.refreshTokens[key]?.originJti === originJti) revoke(pool, key, context)
  }
  dropSession(pool, username, originJti)
}

/** Ends the access tokens of one sign-in for user operations. */
export function revokeOrigin(
  pool: PoolState,
  username: string,
  originJti: string,
  { now }: Pick<Context, 'now'>,
): void {
  putEnding(pool.revokedOrigins, originJti, { username, until: now + 86_400_000 }, now)
}

function revoke(pool: PoolState, token: string, context: Pick<Context, 'now'>): void {
  const entry = pool.refreshTokens[token]
  if (entry === undefined) return
  pool.refreshTokens[token] = { ...entry, isRevoked: true }
  revokeOrigin(pool, entry.username, entry.originJti, context)
}

/** The operation by which a client ends one sign-in. Unknown tokens are no error (RFC 7009 section 2.2). */
export function revocationOperations(): Operations {
  return {
    'cognito-idp.RevokeToken': (state, input, context) => {
      const token = readText(input, 'Token', { min: 1 })
      const clientId = readText(input, 'ClientId', clientIdRules())
      const secret = readOptionalText(input, 'ClientSecret', { min: 1, max: 64, pattern: /^[\w+]+$/ })
      const found = findClient(state, clientId)
      if (found === undefined || found.pool.region !== context.region) {
        throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
      }
      const { pool, client } = found
      if (!isSecretOf(client, secret)) throw notAuthorized(`Unable to verify secret for client ${clientId}`)
      if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
        throw new ServiceError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.')
      }
      const entry = pool.refreshTokens[token]
      if (entry?.clientId !== clientId) return {}
      revokeFamily(pool, entry.username, entry.originJti, context)
      return {}
    },
  }
}

import type { Context } from '../operation.ts'
import { keysOfOwner, putEnding, removeEnding } from '../sorted-pairs.ts'
import type { PoolState, UserSessionState } from '../state/index.ts'

/** What a session begins with. */
export type NewSession = Pick<UserSessionState, 'username' | 'clientId' | 'originJti' | 'originSessionId' | 'until'>

/**
 * Begins a session where the pool tracks them: a token session for a sign-in with its `originJti`, a session of managed
 * login without. Beyond what the pool allows, the user's token session that was used least recently ends. Returns the id
 * of the new one, and the sessions that ended.
 */
export function startSession(
  pool: PoolState,
  { username, clientId, originJti, originSessionId, until }: NewSession,
  { now, random }: Pick<Context, 'now' | 'random'>,
): { readonly id: string; readonly ended: readonly UserSessionState[] } | undefined {
  if (!tracksSessions(pool)) return undefined
  const ended: UserSessionState[] = []
  if (originJti !== undefined) {
    const held = listSessions(pool, username, now).filter(([, { originJti: origin }]) => origin !== undefined)
    const oldest = held.toSorted(([, a], [, b]) => a.lastActiveAt - b.lastActiveAt)
    for (const [id, session] of oldest.slice(0, Math.max(0, held.length - maxSessions(pool) + 1))) {
      removeEnding(pool.userSessions, id)
      ended.push(session)
    }
  }
  const id = `${originJti === undefined ? 'sso' : 'tkn'}${random.lowerAlphanumeric(25)}`
  const times = { createdAt: now, lastActiveAt: now, until }
  putEnding(pool.userSessions, id, { username, clientId, originJti, originSessionId, ...times }, now)
  return { id, ended }
}

/** Notes that the session of a sign-in has been used, by a renewal. */
export function touchSession(pool: PoolState, username: string, originJti: string, now: number): void {
  const found = listSessions(pool, username, now).find(([, session]) => session.originJti === originJti)
  if (found !== undefined) pool.userSessions[found[0]] = { ...found[1], lastActiveAt: now }
}

/** Takes the session of a sign-in away. */
export function dropSession(pool: PoolState, username: string, originJti: string): void {
  for (const id of keysOfOwner(pool.userSessions, username)) {
    if (pool.userSessions[id]?.originJti === originJti) removeEnding(pool.userSessions, id)
  }
}

/** The sessions of a user that are alive. */
export function listSessions(
  pool: PoolState,
  username: string,
  now: number,
): readonly (readonly [id: string, session: UserSessionState])[] {
  return keysOfOwner(pool.userSessions, username).flatMap((id) => {
    const session = pool.userSessions[id]
    return session === undefined || session.until <= now ? [] : [[id, session] as const]
  })
}

/** Whether the pool tracks sessions. */
export function tracksSessions({ sessionTracking }: PoolState): boolean {
  return sessionTracking?.isEnabled === true
}

/** How many token sessions a user may have at a time. */
export function maxSessions({ sessionTracking }: PoolState): number {
  return sessionTracking?.maxPerUser ?? 20
}

import { notAuthorized, ServiceError } from '../service-error.ts'
import type { PoolState, UserState } from '../state.ts'
import { putUser } from './directory.ts'

/** After so many wrong passwords in a row, each further one locks the user out for twice as long, from a second. */
const freeAttempts = 5
const longestLock = 900_000

/**
 * Throws unless this is the user's password and the user may sign in with it: wrong passwords are counted, and the state
 * of the user shows only to whoever has the right one.
 */
export function checkSignIn(pool: PoolState, user: UserState, password: string, now: number): void {
  const { count = 0, lockedUntil = 0 } = user.failures ?? {}
  if (lockedUntil > now) throw notAuthorized('Password attempts exceeded')
  if (user.status === 'RESET_REQUIRED') {
    throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user')
  }
  if (user.password === undefined || user.password !== password) {
    const over = count + 1 - freeAttempts
    const lock = over < 0 ? 0 : Math.min(1000 * 2 ** over, longestLock)
    putUser(pool, { ...user, failures: { count: count + 1, lockedUntil: now + lock } })
    throw notAuthorized('Incorrect username or password.')
  }
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.')
  if (user.passwordUntil !== undefined && user.passwordUntil <= now) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.')
  }
  if (user.failures !== undefined) {
    const { failures: _, ...rest } = user
    putUser(pool, rest)
  }
}

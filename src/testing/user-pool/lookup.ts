import type { JsonObject } from '../json.ts'
import type { Context } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { GroupState, PoolState, State, UserState } from '../state.ts'
import { nameRules, readText } from './input.ts'

/** The pool that `UserPoolId` names. */
export function readPool(state: State, input: JsonObject, context: Context): PoolState {
  const userPoolId = readText(input, 'UserPoolId', { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-zA-Z]+$/ })
  const pool = state.pools[userPoolId]
  if (pool === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `User pool ${userPoolId} does not exist.`)
  }
  return pool
}

/** The group that `GroupName` names. */
export function readGroup(pool: PoolState, input: JsonObject): GroupState {
  const group = pool.groups[readText(input, 'GroupName', nameRules())]
  if (group === undefined) throw new ServiceError('ResourceNotFoundException', 'Group not found.')
  return group
}

/** The user that `Username` names: a user name, a sub, or an alias. */
export function readUser(pool: PoolState, input: JsonObject): UserState {
  const user = findUser(pool, readText(input, 'Username', nameRules()))
  if (user === undefined) throw userNotFound()
  return user
}

/** Cognito's answer for a user that is not there. */
export function userNotFound(): ServiceError {
  return new ServiceError('UserNotFoundException', 'User does not exist.')
}

/**
 * The user of this name. Where the pool has no such user name, a `sub` or an alias names a user too; an e-mail address
 * or phone number only when verified.
 */
export function findUser(pool: PoolState, name: string): UserState | undefined {
  const exact = pool.users[name]
  if (exact !== undefined) return exact
  const users = Object.values(pool.users)
  const fold = (text: string) => (pool.caseSensitive ? text : text.toLowerCase())
  const wanted = fold(name)
  return (
    users.find((user) => fold(user.username) === wanted) ??
    users.find((user) => user.attributes['sub'] === name) ??
    users.find((user) => hasAlias(pool, user, wanted, fold))
  )
}

function hasAlias(pool: PoolState, user: UserState, wanted: string, fold: (text: string) => string): boolean {
  return pool.aliases.some((alias) => {
    const value = user.attributes[alias]
    const isVerified = alias === 'preferred_username' || user.attributes[`${alias}_verified`] === 'true'
    return value !== undefined && isVerified && fold(value) === wanted
  })
}

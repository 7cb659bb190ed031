import type { JsonObject } from '../json.ts'
import type { Context } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { ClientState, GroupState, PoolState, State, UserState } from '../state.ts'
import { folding, listUsersBy, type Order } from './directory.ts'
import { readText } from './input.ts'
import { clientIdRules, nameRules } from './rules.ts'

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

/** The app client that `ClientId` names. */
export function readClient(pool: PoolState, input: JsonObject): ClientState {
  const clientId = readText(input, 'ClientId', clientIdRules())
  const client = pool.clients[clientId]
  if (client === undefined) {
    throw new ServiceError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }
  return client
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
 * or phone number only when verified, unless users have it instead of a name of their own.
 */
export function findUser(pool: PoolState, name: string): UserState | undefined {
  const exact = pool.users[name]
  if (exact !== undefined) return exact
  const first = (order: Order, key: string) => listUsersBy(pool, order, { key, isPrefix: false, count: 1 })[0]?.[1]
  const folded = folding(pool)(name)
  const byAlias = () => {
    const aliases = [...pool.usernameAttributes, ...pool.aliases]
    return aliases.map((alias) => first(`alias:${alias}`, folded)).find((user) => user !== undefined)
  }
  return first('folded', folded) ?? first('sub', name) ?? byAlias()
}

import { clientIdRules, nameRules, readText } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, ServiceError } from '../operation.ts'
import { createSortedPairs, type Range, type SortedPairs } from '../sorted-pairs.ts'
import type { AliasAttribute, ClientState, GroupState, PoolState, State, UserState } from '../state/index.ts'

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

/** The user of this name. A `sub`, which administrators' operations accept, names nobody who signs in. */
export function findSigningIn(pool: PoolState, name: string): UserState | undefined {
  const user = findUser(pool, name)
  return user !== undefined && user.username !== name && user.attributes['sub'] === name ? undefined : user
}

/**
 * The users of a pool in some order: by user name, by what ListUsers can filter by, by alias, by group, by passkey, or
 * by an identity that they are linked to. Each is made from the users when it is first needed, kept from then on, and
 * never stored.
 */
export type Order =
  | 'username'
  | 'folded'
  | SearchableAttribute
  | 'status'
  | 'cognito:user_status'
  | 'mfa'
  | `alias:${AliasAttribute}`
  | `group:${string}`
  | `passkey:${string}`
  | `linked:${string}`

/** The attributes that ListUsers can filter by. */
export type SearchableAttribute = ReturnType<typeof searchableAttributes>[number]

/** Found by the record of the users, so that a pool whose settings are replaced keeps them. */
const indexes = new WeakMap<object, Map<string, SortedPairs>>()

/** Writes a user, in place of the one of the same name. Nothing else may write users. */
export function putUser(pool: PoolState, user: UserState): void {
  const orders = getOrders(pool)
  const users: Record<string, UserState> = pool.users
  const old = users[user.username]
  const before = old === undefined ? new Map<Order, string>() : computeKeys(pool, old)
  const after = computeKeys(pool, user)
  users[user.username] = user
  for (const [order, key] of before) {
    if (after.get(order) !== key) orders.get(order)?.remove(key, user.username)
  }
  for (const [order, key] of after) {
    if (before.get(order) !== key) getOrder(orders, order).add(key, user.username)
  }
}

/** Takes a user away. */
export function removeUser(pool: PoolState, user: UserState): void {
  const orders = getOrders(pool)
  for (const [order, key] of computeKeys(pool, user)) orders.get(order)?.remove(key, user.username)
  const users: Record<string, UserState> = pool.users
  delete users[user.username]
}

/** How many users the pool has. */
export function countUsers(pool: PoolState): number {
  return getOrders(pool).get('username')?.size ?? 0
}

/** The users of a range, each with the key that it has in this order. */
export function listUsersBy(pool: PoolState, order: Order, range: Range): (readonly [key: string, user: UserState])[] {
  return (getOrders(pool).get(order)?.list(range) ?? []).flatMap(([key, name]) => {
    const user = pool.users[name]
    return user === undefined ? [] : [[key, user] as const]
  })
}

/** Members of the group, by user name. */
export function listMembers(pool: PoolState, group: GroupState, range: Range): readonly UserState[] {
  return listUsersBy(pool, `group:${membershipIn(pool, group.name)}`, range).map(([, user]) => user)
}

/**
 * What stands in a user's `groups` for the group of this name as it is now: its name, and from its second time on also
 * which time it is. Who was a member when a group was deleted is so none of the next one of that name, and deleting
 * touches no user.
 */
export function membershipIn(pool: PoolState, groupName: string): string {
  const times = pool.deletedGroups[groupName]
  return times === undefined ? groupName : `${groupName} ${times}`
}

/** Forgets the order of the members of a group that is about to go. */
export function dropMembers(pool: PoolState, groupName: string): void {
  getOrders(pool).delete(`group:${membershipIn(pool, groupName)}`)
  pool.deletedGroups[groupName] = (pool.deletedGroups[groupName] ?? 0) + 1
}

/** How the pool compares names: as they are, or without regard to case. */
export function folding({ caseSensitive }: Pick<PoolState, 'caseSensitive'>): (name: string) => string {
  return (name) => (caseSensitive ? name : name.toLowerCase())
}

/** The value by which an alias, folded, names this user: verified, unless users have it instead of a name. */
export function computeAlias(
  pool: Pick<PoolState, 'caseSensitive' | 'usernameAttributes'>,
  alias: AliasAttribute,
  attributes: UserState['attributes'],
): string | undefined {
  const value = attributes[alias]
  const isName = pool.usernameAttributes.some((name) => name === alias) || alias === 'preferred_username'
  return value !== undefined && (isName || attributes[`${alias}_verified`] === 'true')
    ? folding(pool)(value)
    : undefined
}

export function searchableAttributes() {
  return ['sub', 'email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'] as const
}

/** The key that a value has in an order: user names, `sub` and `status` are compared as they are (ListUsers). */
export function keyIn(order: Order, value: string): string {
  return order === 'username' || order === 'sub' || order === 'status' ? value : value.toLowerCase()
}

/** In which orders a user is, and by which key. */
function computeKeys(pool: PoolState, user: UserState): Map<Order, string> {
  const { username, attributes } = user
  const keys = new Map<Order, string>([
    ['username', username],
    ['status', user.enabled ? 'Enabled' : 'Disabled'],
    ['cognito:user_status', keyIn('cognito:user_status', user.status)],
  ])
  if (user.mfa.length > 0) keys.set('mfa', username)
  if (!pool.caseSensitive) keys.set('folded', username.toLowerCase())
  for (const name of searchableAttributes()) {
    const value = attributes[name]
    if (value !== undefined) keys.set(name, keyIn(name, value))
  }
  for (const alias of [...pool.usernameAttributes, ...pool.aliases]) {
    const value = computeAlias(pool, alias, attributes)
    if (value !== undefined) keys.set(`alias:${alias}`, value)
  }
  for (const group of user.groups) keys.set(`group:${group}`, username)
  for (const { id } of user.passkeys ?? []) keys.set(`passkey:${id}`, username)
  for (const { providerName, userId } of attributes['identities'] === undefined ? [] : readIdentities(user)) {
    keys.set(linkKey(String(providerName), String(userId)), username)
  }
  return keys
}

/** The order in which the user is who is linked to an identity of a provider. */
export function linkKey(provider: string, userId: string): `linked:${string}` {
  return `linked:${JSON.stringify([provider, userId])}`
}

/** The identities of providers that a user has, as the attribute `identities` holds them. */
export function readIdentities({ attributes }: Pick<UserState, 'attributes'>): readonly JsonObject[] {
  try {
    const list: unknown = JSON.parse(attributes['identities'] ?? '[]')
    return Array.isArray(list) ? list.filter(isObject) : []
  } catch {
    return []
  }
}

function getOrders(pool: PoolState): Map<string, SortedPairs> {
  const known = indexes.get(pool.users)
  if (known !== undefined) return known
  const pairs = new Map<string, [key: string, name: string][]>()
  for (const user of Object.values(pool.users)) {
    for (const [order, key] of computeKeys(pool, user)) {
      const list = pairs.get(order)
      if (list === undefined) pairs.set(order, [[key, user.username]])
      else list.push([key, user.username])
    }
  }
  const orders = new Map([...pairs].map(([order, list]) => [order, createSortedPairs(list)]))
  indexes.set(pool.users, orders)
  return orders
}

function getOrder(orders: Map<string, SortedPairs>, order: Order): SortedPairs {
  const known = orders.get(order)
  if (known !== undefined) return known
  const made = createSortedPairs()
  orders.set(order, made)
  return made
}

/** Which users a filter selects: by which order, and what their key in it is or begins with. */
export interface UserFilter {
  readonly order: 'username' | 'status' | 'cognito:user_status' | SearchableAttribute
  readonly key: string
  readonly isPrefix: boolean
}

/**
 * What the `Filter` of ListUsers selects: `name = "value"` or `name ^= "value"` (begins with), with quotation marks
 * and backslashes in the value escaped by a backslash. An empty filter selects all.
 */
export function readUserFilter(filter: string): UserFilter {
  if (filter.trim() === '') return { order: 'username', key: '', isPrefix: true }
  const [, name, operator, quoted] = /^\s*"?([\w:.-]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/s.exec(filter) ?? []
  if (name === undefined || quoted === undefined) throw invalidParameter('Error while parsing filter.')
  const names = ['username', 'status', 'cognito:user_status', ...searchableAttributes()] as const
  const order = names.find((known) => known === name)
  if (order === undefined) throw invalidParameter('One or more attributes of the filter cannot be searched.')
  return { order, key: keyIn(order, quoted.replaceAll(/\\(.)/gs, '$1')), isPrefix: operator !== '=' }
}

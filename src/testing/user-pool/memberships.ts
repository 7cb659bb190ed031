import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { GroupState, PoolState, State, UserState } from '../state.ts'
import { describeGroup } from './groups.ts'
import { readGroup, readPool, readUser } from './lookup.ts'
import { readPage } from './paging.ts'
import { describeUser } from './users.ts'

/** The operations on who is in which group. Adding a member and removing a stranger change nothing and succeed. */
export function membershipOperations(): Operations {
  return {
    'cognito-idp.AdminAddUserToGroup': addUserToGroup,
    'cognito-idp.AdminListGroupsForUser': listGroupsForUser,
    'cognito-idp.AdminRemoveUserFromGroup': removeUserFromGroup,
    'cognito-idp.ListUsersInGroup': listUsersInGroup,
  }
}

/**
 * The groups of a user, in the order in which tokens name them: by precedence, lowest number first and those without
 * one last, then by name.
 */
export function groupsOfUser(pool: PoolState, user: UserState): GroupState[] {
  const rank = ({ precedence = Number.POSITIVE_INFINITY }: GroupState) => precedence
  return user.groups
    .flatMap((name) => pool.groups[name] ?? [])
    .sort((a, b) => (rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) - rank(b)))
}

function addUserToGroup(state: State, input: JsonObject, context: Context): undefined {
  const { pool, user, group } = readMembership(state, input, context)
  if (user.groups.includes(group.name)) return
  pool.users[user.username] = { ...user, groups: [...user.groups, group.name] }
}

function removeUserFromGroup(state: State, input: JsonObject, context: Context): undefined {
  const { pool, user, group } = readMembership(state, input, context)
  pool.users[user.username] = { ...user, groups: user.groups.filter((name) => name !== group.name) }
}

function readMembership(state: State, input: JsonObject, context: Context) {
  const pool = readPool(state, input, context)
  return { pool, user: readUser(pool, input), group: readGroup(pool, input) }
}

function listGroupsForUser(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  const page = readPage(input, groupsOfUser(pool, user), ({ name }) => name, {
    token: 'NextToken',
    limit: 'Limit',
    max: 60,
    scope: ['AdminListGroupsForUser', pool.userPoolId, user.username],
  })
  return { Groups: page.items.map((group) => describeGroup(pool.userPoolId, group)), ...page.next }
}

function listUsersInGroup(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const group = readGroup(pool, input)
  const members = Object.values(pool.users).filter((user) => user.groups.includes(group.name))
  const page = readPage(input, members, ({ username }) => username, {
    token: 'NextToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsersInGroup', pool.userPoolId, group.name],
  })
  return { Users: page.items.map((user) => describeUser(user)), ...page.next }
}

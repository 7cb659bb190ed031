import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { GroupState, PoolState, State, UserState } from '../state.ts'
import { describeGroup } from './groups.ts'
import { readGroup, readPool, readUser } from './lookup.ts'
import { readPage, readSortedPage } from './paging.ts'
import { describeUser } from './users.ts'
import { membershipIn, membersOf, putUser } from './directory.ts'

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
  return currentOf(pool, user)
    .flatMap((membership) => pool.groups[groupNameOf(membership)] ?? [])
    .sort((a, b) => (rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) - rank(b)))
}

/** The memberships of a user, without those of groups that were deleted since. */
function currentOf(pool: PoolState, user: UserState): readonly string[] {
  return user.groups.filter((membership) => membership === membershipIn(pool, groupNameOf(membership)))
}

function groupNameOf(membership: string): string {
  return membership.split(' ', 1)[0] ?? ''
}

function addUserToGroup(state: State, input: JsonObject, context: Context): undefined {
  const { pool, user, group } = readMembership(state, input, context)
  const membership = membershipIn(pool, group.name)
  if (user.groups.includes(membership)) return
  putUser(pool, { ...user, groups: [...currentOf(pool, user), membership] })
}

function removeUserFromGroup(state: State, input: JsonObject, context: Context): undefined {
  const { pool, user, group } = readMembership(state, input, context)
  const membership = membershipIn(pool, group.name)
  putUser(pool, { ...user, groups: currentOf(pool, user).filter((other) => other !== membership) })
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
  const list = (after: string | undefined, count: number) => {
    return membersOf(pool, group, { after: after === undefined ? undefined : [after, after], count })
  }
  const page = readSortedPage(input, list, ({ username }) => username, {
    token: 'NextToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsersInGroup', pool.userPoolId, group.name],
  })
  return { Users: page.items.map((user) => describeUser(user)), ...page.next }
}

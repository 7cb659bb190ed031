import { refuseYoungRole } from '../iam/roles.ts'
import { arnRules, nameRules, readOptionalInteger, readOptionalText, readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import { readPage, readSortedPage } from '../paging.ts'
import type { GroupState, PoolState, State, UserState } from '../state/index.ts'
import { dropMembers, membershipIn, listMembers, putUser, readGroup, readPool, readUser } from './directory.ts'
import { describeUser } from './users.ts'

/** Cognito's quota of groups in a pool. */
const maxGroups = 10_000

/** The operations on groups. */
export function groupOperations(): Operations {
  return {
    'cognito-idp.CreateGroup': createGroup,
    'cognito-idp.DeleteGroup': deleteGroup,
    'cognito-idp.GetGroup': getGroup,
    'cognito-idp.ListGroups': listGroups,
    'cognito-idp.UpdateGroup': updateGroup,
  }
}

/** A `GroupType`. Times are in seconds since the epoch, with fractions. */
export function describeGroup(userPoolId: string, group: GroupState): JsonObject {
  return {
    GroupName: group.name,
    UserPoolId: userPoolId,
    Description: group.description,
    RoleArn: group.roleArn,
    Precedence: group.precedence,
    LastModifiedDate: group.updatedAt / 1000,
    CreationDate: group.createdAt / 1000,
  }
}

function createGroup(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const group: GroupState = {
    name: readText(input, 'GroupName', nameRules()),
    ...readDetails(state, input, context),
    createdAt: context.now,
    updatedAt: context.now,
  }
  if (pool.groups[group.name] !== undefined) {
    throw new ServiceError('GroupExistsException', 'A group with the name already exists.')
  }
  if (Object.keys(pool.groups).length >= maxGroups) {
    throw new ServiceError('LimitExceededException', 'The pool has as many groups as it may have.')
  }
  pool.groups[group.name] = group
  return { Group: describeGroup(pool.userPoolId, group) }
}

/** What is not sent stays as it is. */
function updateGroup(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = readGroup(pool, input)
  const {
    description = old.description,
    roleArn = old.roleArn,
    precedence = old.precedence,
  } = readDetails(state, input, context)
  const group: GroupState = { ...old, description, roleArn, precedence, updatedAt: context.now }
  pool.groups[group.name] = group
  return { Group: describeGroup(pool.userPoolId, group) }
}

function readDetails(
  state: State,
  input: JsonObject,
  context: Context,
): Pick<GroupState, 'description' | 'roleArn' | 'precedence'> {
  const roleArn = readOptionalText(input, 'RoleArn', arnRules())
  refuseYoungRole(state, roleArn, context)
  return {
    description: readOptionalText(input, 'Description', { max: 2048 }),
    roleArn,
    precedence: readOptionalInteger(input, 'Precedence', { min: 0 }),
  }
}

function deleteGroup(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  const { name } = readGroup(pool, input)
  dropMembers(pool, name)
  delete pool.groups[name]
}

function getGroup(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  return { Group: describeGroup(pool.userPoolId, readGroup(pool, input)) }
}

function listGroups(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.groups), ({ name }) => name, {
    token: 'NextToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListGroups', pool.userPoolId],
  })
  return { Groups: page.items.map((group) => describeGroup(pool.userPoolId, group)), ...page.next }
}

/** The operations on who is in which group. Adding a member again, or removing someone who is not a member, changes nothing and is not an error. */
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
    return listMembers(pool, group, { after: after === undefined ? undefined : [after, after], count })
  }
  const page = readSortedPage(input, list, ({ username }) => username, {
    token: 'NextToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsersInGroup', pool.userPoolId, group.name],
  })
  return { Users: page.items.map((user) => describeUser(user)), ...page.next }
}

/** The claims of an ID token by which an identity pool chooses the role. */
export interface RoleChoice {
  /** The roles of all groups that have one, each once, in the order of the groups. */
  readonly roles: readonly string[]
  /** The role of the groups with the lowest precedence number; undefined where they have different roles. */
  readonly preferred: string | undefined
}

/**
 * `cognito:roles` and `cognito:preferred_role` of somebody in these groups (CreateGroup, `Precedence`). Only groups
 * with a role count. A group without a precedence comes after all that have one.
 */
export function chooseRole(groups: readonly GroupState[]): RoleChoice {
  const candidates = groups.flatMap(({ roleArn, precedence = Number.POSITIVE_INFINITY }) =>
    roleArn === undefined ? [] : [{ roleArn, precedence }],
  )
  const first = Math.min(...candidates.map(({ precedence }) => precedence))
  const leaders = new Set(candidates.filter(({ precedence }) => precedence === first).map(({ roleArn }) => roleArn))
  return {
    roles: [...new Set(candidates.map(({ roleArn }) => roleArn))],
    preferred: leaders.size === 1 ? [...leaders][0] : undefined,
  }
}

import { refuseYoungRole } from '../iam/roles.ts'
import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { GroupState, State } from '../state.ts'
import { dropMembers } from './directory.ts'
import { readOptionalInteger, readOptionalText, readText } from './input.ts'
import { readGroup, readPool } from './lookup.ts'
import { readPage } from './paging.ts'
import { arnRules, nameRules } from './rules.ts'

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

import { readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { IamGroupState, IamUserState, State } from '../state/index.ts'
import { alreadyExists, createArn, createId, deleteConflict, limitExceeded, noSuchEntity, toDate } from './entities.ts'
import { iamNameRules, inQueryWords, pathPrefixRules, pathRules, readMarkedPage } from './input.ts'
import { describeListedUser, putUser, readUser } from './users.ts'

/** IAM's quotas: of groups in an account, and of groups that a user is in. */
const maxGroups = 300
const maxGroupsOfUser = 10

/** The operations on IAM groups, which are no groups of user pools. */
export function groupEntityOperations(): Operations {
  return inQueryWords({
    'iam.CreateGroup': createGroup,
    'iam.GetGroup': getGroup,
    'iam.ListGroups': listGroups,
    'iam.UpdateGroup': updateGroup,
    'iam.DeleteGroup': deleteGroup,
    'iam.AddUserToGroup': addUserToGroup,
    'iam.RemoveUserFromGroup': removeUserFromGroup,
    'iam.ListGroupsForUser': listGroupsForUser,
  })
}

function createGroup(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'GroupName', iamNameRules(128))
  const path = readOptionalText(input, 'Path', pathRules()) ?? '/'
  refuseTaken(state, name)
  if (Object.keys(state.iamGroups).length >= maxGroups) {
    throw limitExceeded(`Cannot exceed quota for GroupsPerAccount: ${maxGroups}`)
  }
  const group: IamGroupState = {
    name,
    path,
    id: createId('AGPA', context),
    arn: createArn(`group${path}${name}`, context),
    policies: createMap(),
    managedPolicies: [],
    createdAt: context.now,
  }
  putGroup(state, group)
  return { Group: describeGroup(group) }
}

function refuseTaken(state: State, name: string): void {
  if (state.iamGroups[name.toLowerCase()] !== undefined) throw alreadyExists(`Group with name ${name} already exists.`)
}

function getGroup(state: State, input: JsonObject): JsonObject {
  const group = readGroup(state, input)
  const page = readMarkedPage(input, membersOf(state, group), ({ name }) => name, ['GetGroup', group.id])
  return { Group: describeGroup(group), Users: page.items.map(describeListedUser), ...page.more }
}

function listGroups(state: State, input: JsonObject): JsonObject {
  const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
  const groups = Object.values(state.iamGroups).filter(({ path }) => path.startsWith(prefix))
  const page = readMarkedPage(input, groups, ({ name }) => name, ['ListGroups'])
  return { Groups: page.items.map(describeGroup), ...page.more }
}

function updateGroup(state: State, input: JsonObject, context: Context): undefined {
  const group = readGroup(state, input)
  const name = readOptionalText(input, 'NewGroupName', iamNameRules(128)) ?? group.name
  const path = readOptionalText(input, 'NewPath', pathRules()) ?? group.path
  const [old, key] = [group.name.toLowerCase(), name.toLowerCase()]
  if (key !== old) refuseTaken(state, name)
  for (const user of membersOf(state, group)) {
    putUser(state, { ...user, groups: user.groups.map((other) => (other === old ? key : other)) })
  }
  delete state.iamGroups[old]
  putGroup(state, { ...group, name, path, arn: createArn(`group${path}${name}`, context) })
}

function deleteGroup(state: State, input: JsonObject): undefined {
  const group = readGroup(state, input)
  const held = [
    [membersOf(state, group), 'must remove users from group first.'],
    [Object.keys(group.policies), 'must delete policies first.'],
    [group.managedPolicies, 'must detach all policies first.'],
  ] as const
  const found = held.find(([things]) => things.length > 0)
  if (found !== undefined) throw deleteConflict(`Cannot delete entity, ${found[1]}`)
  delete state.iamGroups[group.name.toLowerCase()]
}

function addUserToGroup(state: State, input: JsonObject): undefined {
  const group = readGroup(state, input)
  const user = readUser(state, input)
  const key = group.name.toLowerCase()
  if (user.groups.includes(key)) return
  if (user.groups.length >= maxGroupsOfUser) {
    throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${maxGroupsOfUser}`)
  }
  putUser(state, { ...user, groups: [...user.groups, key] })
}

function removeUserFromGroup(state: State, input: JsonObject): undefined {
  const group = readGroup(state, input)
  const user = readUser(state, input)
  putUser(state, { ...user, groups: user.groups.filter((name) => name !== group.name.toLowerCase()) })
}

function listGroupsForUser(state: State, input: JsonObject): JsonObject {
  const user = readUser(state, input)
  const groups = user.groups.flatMap((name) => state.iamGroups[name] ?? [])
  const page = readMarkedPage(input, groups, ({ name }) => name, ['ListGroupsForUser', user.id])
  return { Groups: page.items.map(describeGroup), ...page.more }
}

/** The IAM group that `GroupName` names, in any case. Throws NoSuchEntity. */
export function readGroup(state: State, input: JsonObject): IamGroupState {
  const name = readText(input, 'GroupName', iamNameRules(128))
  const group = state.iamGroups[name.toLowerCase()]
  if (group === undefined) throw noSuchEntity(`The group with name ${name} cannot be found.`)
  return group
}

/** Keeps a group, in place of what it was. */
export function putGroup(state: State, group: IamGroupState): void {
  state.iamGroups[group.name.toLowerCase()] = group
}

/** A `Group`. */
export function describeGroup({ name, path, id, arn, createdAt }: IamGroupState): JsonObject {
  return { Path: path, GroupName: name, GroupId: id, Arn: arn, CreateDate: toDate(createdAt) }
}

function membersOf(state: State, { name }: IamGroupState): readonly IamUserState[] {
  const key = name.toLowerCase()
  return Object.values(state.iamUsers).filter(({ groups }) => groups.includes(key))
}

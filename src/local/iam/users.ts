import { readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { ServiceError } from '../operation.ts'
import type { IamUserState, State } from '../state/index.ts'
import {
  alreadyExists,
  createArn,
  createId,
  deleteConflict,
  describeAnyTags,
  describeBoundary,
  limitExceeded,
  noSuchEntity,
  toDate,
} from './entities.ts'
import { iamNameRules, inQueryWords, pathPrefixRules, pathRules, readMarkedPage, readTags } from './input.ts'
import { readBoundary } from './policies.ts'
import { findPrincipal } from './principal.ts'

/** IAM's quota of users in an account. */
const maxUsers = 5000

/** The operations on IAM users, and on what users may have in AWS but never have here. */
export function userEntityOperations(): Operations {
  return inQueryWords({
    'iam.CreateUser': createUser,
    'iam.GetUser': getUser,
    'iam.ListUsers': listUsers,
    'iam.UpdateUser': updateUser,
    'iam.DeleteUser': deleteUser,
    'iam.GetLoginProfile': refuseLoginProfile,
    'iam.DeleteLoginProfile': refuseLoginProfile,
    'iam.ListMFADevices': listNothing('MFADevices'),
    'iam.ListSSHPublicKeys': listNothing('SSHPublicKeys'),
    'iam.ListSigningCertificates': listNothing('Certificates'),
    'iam.ListServiceSpecificCredentials': listNothing('ServiceSpecificCredentials'),
  })
}

function createUser(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'UserName', iamNameRules(64))
  const path = readOptionalText(input, 'Path', pathRules()) ?? '/'
  const user: IamUserState = {
    name,
    path,
    id: createId('AIDA', context),
    arn: createArn(`user${path}${name}`, context),
    permissionsBoundary: readBoundary(state, input),
    tags: createMap(readTags(input) ?? []),
    policies: createMap(),
    managedPolicies: [],
    groups: [],
    accessKeyIds: [],
    createdAt: context.now,
  }
  refuseTaken(state, name)
  if (Object.keys(state.iamUsers).length >= maxUsers) {
    throw limitExceeded(`Cannot exceed quota for UsersPerAccount: ${maxUsers}`)
  }
  putUser(state, user)
  return { User: describeUser(user) }
}

function refuseTaken(state: State, name: string): void {
  if (state.iamUsers[name.toLowerCase()] !== undefined) throw alreadyExists(`User with name ${name} already exists.`)
}

/** Without a name it is the caller that is asked for. The administrator of the local AWS is a user that no list has. */
function getUser(state: State, input: JsonObject, context: Context): JsonObject {
  const principal = input['UserName'] === undefined ? findPrincipal(state, context.caller, context.region) : undefined
  if (principal?.kind !== 'administrator') return { User: describeUser(readUserOrCaller(state, input, context)) }
  const { arn, userId } = principal
  return { User: { Path: '/', UserName: 'local', UserId: userId, Arn: arn, CreateDate: new Date(0) } }
}

function listUsers(state: State, input: JsonObject): JsonObject {
  const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
  const users = Object.values(state.iamUsers).filter(({ path }) => path.startsWith(prefix))
  const page = readMarkedPage(input, users, ({ name }) => name, ['ListUsers'])
  return { Users: page.items.map(describeListedUser), ...page.more }
}

/** A user of another name keeps id, keys and policies. */
function updateUser(state: State, input: JsonObject, context: Context): undefined {
  const user = readUser(state, input)
  const name = readOptionalText(input, 'NewUserName', iamNameRules(64)) ?? user.name
  const path = readOptionalText(input, 'NewPath', pathRules()) ?? user.path
  if (name.toLowerCase() !== user.name.toLowerCase()) refuseTaken(state, name)
  delete state.iamUsers[user.name.toLowerCase()]
  putUser(state, { ...user, name, path, arn: createArn(`user${path}${name}`, context) })
  for (const id of user.accessKeyIds) {
    const key = state.accessKeys[id]
    if (key !== undefined) state.accessKeys[id] = { ...key, user: name.toLowerCase() }
  }
}

function deleteUser(state: State, input: JsonObject): undefined {
  const user = readUser(state, input)
  const held = [
    [user.accessKeyIds, 'must delete access keys first.'],
    [Object.keys(user.policies), 'must delete policies first.'],
    [user.managedPolicies, 'must detach all policies first.'],
    [user.groups, 'must remove user from all groups first.'],
  ] as const
  const found = held.find(([things]) => things.length > 0)
  if (found !== undefined) throw deleteConflict(`Cannot delete entity, ${found[1]}`)
  delete state.iamUsers[user.name.toLowerCase()]
}

function refuseLoginProfile(state: State, input: JsonObject, context: Context): never {
  const { name } = readUserOrCaller(state, input, context)
  throw noSuchEntity(`Login Profile for User ${name} cannot be found.`)
}

/** Terraform asks for all of these before it deletes a user. */
function listNothing(member: string) {
  return (state: State, input: JsonObject, context: Context): JsonObject => {
    if (input['UserName'] !== undefined) readUserOrCaller(state, input, context)
    return { [member]: [], IsTruncated: false }
  }
}

/** The IAM user that `UserName` names, in any case. Throws NoSuchEntity. */
export function readUser(state: State, input: JsonObject): IamUserState {
  const name = readText(input, 'UserName', { ...iamNameRules(128) })
  const user = state.iamUsers[name.toLowerCase()]
  if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`)
  return user
}

/** The same; without a name it is the user who calls. */
export function readUserOrCaller(state: State, input: JsonObject, context: Context): IamUserState {
  if (input['UserName'] !== undefined) return readUser(state, input)
  const principal = findPrincipal(state, context.caller, context.region)
  if (principal?.user !== undefined && principal.kind === 'user') return principal.user
  throw new ServiceError('ValidationError', 'Must specify userName when calling with non-User credentials')
}

/** Keeps a user, in place of what it was. */
export function putUser(state: State, user: IamUserState): void {
  state.iamUsers[user.name.toLowerCase()] = user
}

/** A `User`, as GetUser returns it. */
export function describeUser(user: IamUserState): JsonObject {
  return {
    ...describeListedUser(user),
    PermissionsBoundary: describeBoundary(user.permissionsBoundary),
    Tags: describeAnyTags(user),
  }
}

/** A `User`, as ListUsers returns it: without tags and boundary. */
export function describeListedUser({ name, path, id, arn, createdAt }: IamUserState): JsonObject {
  return { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: toDate(createdAt) }
}

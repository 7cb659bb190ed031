import { partitionOf } from '../hosts.ts'
import { isNull, readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import { accountId, type RoleState, type State } from '../state.ts'
import { checkTrustPolicy } from './document-checks.ts'
import {
  iamNameRules,
  inQueryWords,
  invalidInput,
  readDocument,
  readMarkedPage,
  readNumberedPage,
  readTagKeys,
  readTags,
  readWhole,
  sizeOf,
} from './input.ts'
import { readPolicyArn } from './policies.ts'
import {
  describeListedRole,
  describeRole,
  describeTags,
  encodeDocument,
  isYoung,
  limitExceeded,
  noSuchEntity,
  readRole,
} from './roles.ts'

/** IAM's quota of roles in an account. */
const maxRoles = 1000
/** IAM's quota of characters in a trust policy. */
const maxTrustPolicy = 2048

/** The operations on roles themselves. */
export function roleOperations(): Operations {
  return inQueryWords({
    'iam.CreateRole': createRole,
    'iam.GetRole': (state, input, context) => ({ Role: describeRole(readRole(state, input, context)) }),
    'iam.ListRoles': listRoles,
    'iam.UpdateRole': updateRole,
    'iam.UpdateAssumeRolePolicy': updateAssumeRolePolicy,
    'iam.DeleteRole': deleteRole,
    'iam.ListInstanceProfilesForRole': listInstanceProfiles,
  })
}

function createRole(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'RoleName', iamNameRules(64))
  const path = readOptionalText(input, 'Path', { min: 1, max: 512, pattern: /^\/(?:[!-~]+\/)?$/ }) ?? '/'
  const role: RoleState = {
    name,
    id: `AROA${context.random.lowerAlphanumeric(17).toUpperCase()}`,
    path,
    arn: `arn:${partitionOf(context.region)}:iam::${accountId()}:role${path}${name}`,
    ...readDetails(input),
    trustPolicy: readTrustPolicy(input, 'AssumeRolePolicyDocument'),
    permissionsBoundary: readBoundary(input),
    tags: createMap(readTags(input) ?? []),
    policies: createMap(),
    managedPolicies: [],
    createdAt: context.now,
  }
  if (state.roles[name.toLowerCase()] !== undefined) {
    throw new ServiceError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
  }
  if (Object.keys(state.roles).length >= maxRoles) {
    throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${maxRoles}`)
  }
  state.roles[name.toLowerCase()] = role
  return { Role: describeRole(role) }
}

function listRoles(state: State, input: JsonObject, context: Context): JsonObject {
  const prefix = readOptionalText(input, 'PathPrefix', { min: 1, max: 512, pattern: /^\/[!-\u007f]*$/ }) ?? '/'
  const roles = Object.values(state.roles).filter((role) => role.path.startsWith(prefix) && !isYoung(role, context))
  const page = readMarkedPage(input, roles, ({ name }) => name, ['ListRoles'])
  return { Roles: page.items.map(describeListedRole), ...page.more }
}

/** There are no instance profiles here, since there are no instances. Terraform asks before it deletes a role. */
function listInstanceProfiles(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const page = readMarkedPage(input, [], () => '', ['ListInstanceProfilesForRole', role.name])
  return { InstanceProfiles: page.items, ...page.more }
}

/** A description that is not sent stays; a duration that is not sent becomes an hour, as AWS documents it. */
function updateRole(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const { description = role.description, maxSessionDuration } = readDetails(input)
  state.roles[role.name.toLowerCase()] = { ...role, description, maxSessionDuration }
  return {}
}

function updateAssumeRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const trustPolicy = readTrustPolicy(input, 'PolicyDocument')
  state.roles[role.name.toLowerCase()] = { ...role, trustPolicy }
}

/** The role's temporary credentials end with it, so that a later role of its name does not inherit them. */
function deleteRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const conflict = (message: string) => new ServiceError('DeleteConflict', message, 409)
  if (role.managedPolicies.length > 0) throw conflict('Cannot delete entity, must detach all policies first.')
  if (Object.keys(role.policies).length > 0) throw conflict('Cannot delete entity, must delete policies first.')
  delete state.roles[role.name.toLowerCase()]
}

function readDetails(input: JsonObject): Pick<RoleState, 'description' | 'maxSessionDuration'> {
  return {
    description: readOptionalText(input, 'Description', {
      max: 1000,
      pattern: /^[\t\n\r\u0020-\u007e\u00a1-\u00ff]*$/,
    }),
    maxSessionDuration: readWhole(input, 'MaxSessionDuration', { min: 3600, max: 43_200 }) ?? 3600,
  }
}

function readTrustPolicy(input: JsonObject, name: 'AssumeRolePolicyDocument' | 'PolicyDocument'): string {
  const text = readDocument(input, name)
  if (sizeOf(text) > maxTrustPolicy) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${maxTrustPolicy}`)
  }
  checkTrustPolicy(text)
  return text
}

/** GetAccountAuthorizationDetails: the roles of the account with all that they hold. There is nothing else in the answer. */
export function accountDetailsOperations(): Operations {
  return inQueryWords({ 'iam.GetAccountAuthorizationDetails': getAccountAuthorizationDetails })
}

function getAccountAuthorizationDetails(state: State, input: JsonObject, context: Context): JsonObject {
  const { Filter: filter = [] } = input
  const kinds: unknown[] = Array.isArray(filter) ? filter : [filter]
  const known = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']
  if (!kinds.every((kind) => typeof kind === 'string' && known.includes(kind))) {
    throw invalidInput(`Filter: expected some of ${known.join(', ')}.`)
  }
  const isAsked = kinds.length === 0 || kinds.includes('Role')
  const there = isAsked ? Object.values(state.roles).filter((role) => !isYoung(role, context)) : []
  const page = readMarkedPage(input, there, ({ name }) => name.toLowerCase(), ['GetAccountAuthorizationDetails'])
  const details = page.items.map((role): JsonObject => {
    const { Description: _, MaxSessionDuration: __, ...described } = describeRole(role)
    return {
      ...described,
      InstanceProfileList: [],
      RolePolicyList: Object.entries(role.policies).map(([PolicyName, text]) => {
        return { PolicyName, PolicyDocument: encodeDocument(text) }
      }),
      AttachedManagedPolicies: role.managedPolicies.map((PolicyArn) => {
        return { PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1), PolicyArn }
      }),
    }
  })
  return { UserDetailList: [], GroupDetailList: [], RoleDetailList: details, Policies: [], ...page.more }
}

/** The operations on permissions boundaries of roles. */
export function boundaryOperations(): Operations {
  return inQueryWords({
    'iam.PutRolePermissionsBoundary': putRolePermissionsBoundary,
    'iam.DeleteRolePermissionsBoundary': deleteRolePermissionsBoundary,
  })
}

/** The ARN of the boundary, where one is given. */
export function readBoundary(input: JsonObject): string | undefined {
  return (input['PermissionsBoundary'] ?? undefined) === undefined
    ? undefined
    : readPolicyArn(input, 'PermissionsBoundary')
}

function putRolePermissionsBoundary(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const permissionsBoundary = readBoundary(input)
  if (permissionsBoundary === undefined) throw isNull('permissionsBoundary')
  state.roles[role.name.toLowerCase()] = { ...role, permissionsBoundary }
}

function deleteRolePermissionsBoundary(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  if (role.permissionsBoundary === undefined) {
    throw noSuchEntity(`Role ${role.name} does not have a permissions boundary.`)
  }
  const { permissionsBoundary: _, ...rest } = role
  state.roles[role.name.toLowerCase()] = rest
}

/** IAM's quota of tags of a role. */
const maxTags = 50

/** The operations on tags of roles. */
export function tagOperations(): Operations {
  return inQueryWords({
    'iam.TagRole': tagRole,
    'iam.UntagRole': untagRole,
    'iam.ListRoleTags': listRoleTags,
  })
}

/** The case of keys is kept, but keys that differ only in case are the same. */
function tagRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const added = readTags(input)
  if (added === undefined) throw isNull('tags')
  const tags = createMap([...without(role.tags, [...added.keys()]), ...added])
  if (Object.keys(tags).length > maxTags) throw limitExceeded(`Cannot exceed quota for TagsPerRole: ${maxTags}`)
  state.roles[role.name.toLowerCase()] = { ...role, tags }
}

function untagRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  state.roles[role.name.toLowerCase()] = { ...role, tags: createMap(without(role.tags, readTagKeys(input))) }
}

function listRoleTags(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const page = readNumberedPage(input, describeTags(role), ['ListRoleTags', role.name])
  return { Tags: page.items, ...page.more }
}

function without(tags: Readonly<Record<string, string>>, keys: readonly string[]): [string, string][] {
  const gone = keys.map((key) => key.toLowerCase())
  return Object.entries(tags).filter(([key]) => !gone.includes(key.toLowerCase()))
}

import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import { accountId, type RoleState, type State } from '../state.ts'
import { partitionOf } from '../partitions.ts'
import { readOptionalText, readText } from '../cognito-idp/input.ts'
import { readBoundary } from './boundaries.ts'
import { checkTrustPolicy } from './document-checks.ts'
import { iamNameRules, inQueryWords, readDocument, readTags, readWhole } from './input.ts'
import { readMarkedPage } from './paging.ts'
import { sizeOf } from './policy-sizes.ts'
import { describeListedRole, describeRole, isYoung, limitExceeded, readRole } from './roles.ts'

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

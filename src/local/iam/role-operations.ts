import { readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { RoleState, State } from '../state/index.ts'
import { checkTrustPolicy } from './document-checks.ts'
import { alreadyExists, createArn, createId, deleteConflict, limitExceeded, noSuchEntity } from './entities.ts'
import {
  iamNameRules,
  inQueryWords,
  invalidInput,
  pathPrefixRules,
  pathRules,
  readDocument,
  readMarkedPage,
  readTags,
  readWhole,
  sizeOf,
} from './input.ts'
import { readBoundary } from './policies.ts'
import {
  describeListedRole,
  describeNewRole,
  describeRole,
  isServiceLinked,
  isYoung,
  putRole,
  readChangeableRole,
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
    'iam.UpdateRoleDescription': updateRoleDescription,
    'iam.UpdateAssumeRolePolicy': updateAssumeRolePolicy,
    'iam.DeleteRole': deleteRole,
    'iam.ListInstanceProfilesForRole': listInstanceProfiles,
    'iam.CreateServiceLinkedRole': createServiceLinkedRole,
    'iam.DeleteServiceLinkedRole': deleteServiceLinkedRole,
    'iam.GetServiceLinkedRoleDeletionStatus': getDeletionStatus,
  })
}

function createRole(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'RoleName', iamNameRules(64))
  const path = readOptionalText(input, 'Path', pathRules()) ?? '/'
  if (isServiceLinked({ path })) throw invalidInput('Paths of service-linked roles are for AWS.')
  const role: RoleState = {
    ...createState(name, path, context),
    ...readDetails(input),
    trustPolicy: readTrustPolicy(input, 'AssumeRolePolicyDocument'),
    permissionsBoundary: readBoundary(state, input),
    tags: createMap(readTags(input) ?? []),
  }
  if (state.roles[name.toLowerCase()] !== undefined) throw alreadyExists(`Role with name ${name} already exists.`)
  refuseFullAccount(state)
  putRole(state, role)
  return { Role: describeNewRole(role) }
}

function refuseFullAccount({ roles }: State): void {
  if (Object.keys(roles).length < maxRoles) return
  throw limitExceeded(`Cannot exceed quota for RolesPerAccount: ${maxRoles}`)
}

function createState(
  name: string,
  path: string,
  context: Context,
): Omit<RoleState, 'trustPolicy' | 'maxSessionDuration'> {
  return {
    name,
    id: createId('AROA', context),
    path,
    arn: createArn(`role${path}${name}`, context),
    tags: createMap(),
    policies: createMap(),
    managedPolicies: [],
    createdAt: context.now,
  }
}

function listRoles(state: State, input: JsonObject, context: Context): JsonObject {
  const prefix = readOptionalText(input, 'PathPrefix', pathPrefixRules()) ?? '/'
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
  const role = readChangeableRole(state, input, context)
  const { description = role.description, maxSessionDuration } = readDetails(input)
  putRole(state, { ...role, description, maxSessionDuration })
  return {}
}

/** What there was before UpdateRole; it is kept for those who still call it. A service-linked role takes it too. */
function updateRoleDescription(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const { description = '' } = readDetails(input)
  const next = { ...role, description }
  putRole(state, next)
  return { Role: describeNewRole(next) }
}

function updateAssumeRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readChangeableRole(state, input, context)
  putRole(state, { ...role, trustPolicy: readTrustPolicy(input, 'PolicyDocument') })
}

/** The role's temporary credentials end with it, so that a later role of its name does not inherit them. */
function deleteRole(state: State, input: JsonObject, context: Context): undefined {
  const role = readChangeableRole(state, input, context)
  if (role.managedPolicies.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.')
  if (Object.keys(role.policies).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.')
  delete state.roles[role.name.toLowerCase()]
}

/** The services with service-linked roles that somebody with user pools meets, and what their roles are called. */
const serviceRoles: Readonly<Record<string, { readonly name: string; readonly policy: string }>> = {
  'cognito-idp.amazonaws.com': {
    name: 'AWSServiceRoleForAmazonCognitoIdp',
    policy: 'AmazonCognitoIdpServiceRolePolicy',
  },
  'email.cognito-idp.amazonaws.com': {
    name: 'AWSServiceRoleForAmazonCognitoIdpEmailService',
    policy: 'AmazonCognitoIdpEmailServiceRolePolicy',
  },
}

/** A role that only one service of AWS assumes. The local AWS knows those of Cognito. */
function createServiceLinkedRole(state: State, input: JsonObject, context: Context): JsonObject {
  const service = readText(input, 'AWSServiceName', { min: 1, max: 128, pattern: /^[\w+=,.@-]+$/ })
  const known = Object.hasOwn(serviceRoles, service) ? serviceRoles[service] : undefined
  if (known === undefined) throw invalidInput(`Service role for ${service} is not known to the local AWS.`)
  if (input['CustomSuffix'] !== undefined) throw invalidInput(`Custom suffix is not allowed for ${service}`)
  const { name, policy } = known
  if (state.roles[name.toLowerCase()] !== undefined) {
    throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`)
  }
  refuseFullAccount(state)
  const statement = { Effect: 'Allow', Principal: { Service: [service] }, Action: ['sts:AssumeRole'] }
  const role: RoleState = {
    ...createState(name, `/aws-service-role/${service}/`, context),
    description: readDetails(input).description,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    maxSessionDuration: 3600,
    managedPolicies: [`arn:${createArn('', context).split(':')[1]}:iam::aws:policy/aws-service-role/${policy}`],
  }
  putRole(state, role)
  return { Role: describeNewRole(role) }
}

/** Deletes at once, so that GetServiceLinkedRoleDeletionStatus only ever tells of success. */
function deleteServiceLinkedRole(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  if (!isServiceLinked(role)) throw noSuchEntity(`The role with name ${role.name} is not a service-linked role.`)
  delete state.roles[role.name.toLowerCase()]
  return { DeletionTaskId: `task${role.path}${role.name}/${context.random.uuid()}` }
}

function getDeletionStatus(_: State, input: JsonObject): JsonObject {
  const id = readText(input, 'DeletionTaskId', { min: 1, max: 1000 })
  if (!/^task\/aws-service-role\/[^/]+\/[^/]+\/[0-9a-f-]{36}$/.test(id)) {
    throw noSuchEntity('Deletion task could not be found for this identifier.')
  }
  return { Status: 'SUCCEEDED' }
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

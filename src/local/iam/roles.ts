import { readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, ServiceError } from '../operation.ts'
import type { RoleState, State } from '../state/index.ts'
import { describeAnyTags, describeBoundary, encodeDocument, noSuchEntity, toDate } from './entities.ts'
import { iamNameRules } from './input.ts'

/** The role that `RoleName` names, in any case. Throws NoSuchEntity; also as long as IAM does not show it. */
export function readRole(state: State, input: JsonObject, context: Context): RoleState {
  const name = readText(input, 'RoleName', iamNameRules(64))
  const role = state.roles[name.toLowerCase()]
  if (role === undefined || isYoung(role, context)) {
    throw noSuchEntity(`The role with name ${name} cannot be found.`)
  }
  return role
}

/** The same, for a change. Throws UnmodifiableEntity for a service-linked role. */
export function readChangeableRole(state: State, input: JsonObject, context: Context): RoleState {
  const role = readRole(state, input, context)
  if (!isServiceLinked(role)) return role
  throw new ServiceError(
    'UnmodifiableEntity',
    `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
  )
}

/** Whether a role is one that a service of AWS has made for itself. */
export function isServiceLinked({ path }: Pick<RoleState, 'path'>): boolean {
  return path.startsWith('/aws-service-role/')
}

/** Keeps a role, in place of what it was. */
export function putRole(state: State, role: RoleState): void {
  state.roles[role.name.toLowerCase()] = role
}

/** The role of this ARN; undefined where there is none, or if IAM does not show it yet. */
export function findRole(state: State, arn: string, context: Context): RoleState | undefined {
  const role = roleOf(state, arn)
  return role === undefined || isYoung(role, context) ? undefined : role
}

/** Throws InvalidParameterException for a role that IAM does not show yet; roles that it does not have may be named. */
export function refuseYoungRole(state: State, arn: string | undefined, context: Context): void {
  const role = arn === undefined ? undefined : roleOf(state, arn)
  if (role !== undefined && isYoung(role, context)) throw invalidParameter('The role ARN is not valid.')
}

/** Whether a role is so new that other places of IAM do not know it. */
export function isYoung({ createdAt }: RoleState, { now, iamDelay }: Context): boolean {
  return now < createdAt + iamDelay
}

/** A `Role`, as GetRole returns it. */
export function describeRole(role: RoleState): JsonObject {
  return {
    ...describeNewRole(role),
    RoleLastUsed:
      role.lastUsed === undefined ? {} : { LastUsedDate: toDate(role.lastUsed.at), Region: role.lastUsed.region },
  }
}

/** A `Role`, as CreateRole returns it. */
export function describeNewRole(role: RoleState): JsonObject {
  return {
    ...describeListedRole(role),
    PermissionsBoundary: describeBoundary(role.permissionsBoundary),
    Tags: describeAnyTags(role),
  }
}

/** A `Role`, as ListRoles returns it: without tags and boundary. */
export function describeListedRole(role: RoleState): JsonObject {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: toDate(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  }
}

function roleOf(state: State, arn: string): RoleState | undefined {
  const role = state.roles[arn.slice(arn.lastIndexOf('/') + 1).toLowerCase()]
  return role?.arn === arn ? role : undefined
}

import { readText } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, ServiceError } from '../operation.ts'
import type { RoleState, State } from '../state.ts'
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

/** NoSuchEntity, with status 404. */
export function noSuchEntity(message: string): ServiceError {
  return new ServiceError('NoSuchEntity', message, 404)
}

/** LimitExceeded, with status 409. */
export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceeded', message, 409)
}

/** A `Role`, as GetRole returns it. */
export function describeRole(role: RoleState): JsonObject {
  const tags = describeTags(role)
  return {
    ...describeListedRole(role),
    PermissionsBoundary:
      role.permissionsBoundary === undefined
        ? undefined
        : { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: role.permissionsBoundary },
    Tags: tags.length === 0 ? undefined : tags,
  }
}

/** A `Role`, as ListRoles returns it: without tags and boundary. */
export function describeListedRole(role: RoleState): JsonObject {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(Math.floor(role.createdAt / 1000) * 1000),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  }
}

/** The tags of a role. */
export function describeTags({ tags }: RoleState): readonly JsonObject[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** The text of a policy as IAM gives it out: percent-encoded (RFC 3986 section 2.1). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

function roleOf(state: State, arn: string): RoleState | undefined {
  const role = state.roles[arn.slice(arn.lastIndexOf('/') + 1).toLowerCase()]
  return role?.arn === arn ? role : undefined
}

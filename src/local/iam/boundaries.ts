import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { State } from '../state.ts'
import { isNull } from '../cognito-idp/shape.ts'
import { inQueryWords } from './input.ts'
import { readPolicyArn } from './managed-policies.ts'
import { noSuchEntity, readRole } from './roles.ts'

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

import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import type { RoleState, State } from '../state.ts'
import { readText } from '../cognito-idp/input.ts'
import { checkIdentityPolicy } from './document-checks.ts'
import { iamNameRules, inQueryWords, readDocument } from './input.ts'
import { readMarkedPage } from './paging.ts'
import { sizeOf } from './policy-sizes.ts'
import { encodeDocument, limitExceeded, noSuchEntity, readRole } from './roles.ts'

/** IAM's quota of characters in all inline policies of a role together. */
const maxInlinePolicies = 10_240

/** The operations on the policies that a role has for itself. */
export function inlinePolicyOperations(): Operations {
  return inQueryWords({
    'iam.PutRolePolicy': putRolePolicy,
    'iam.GetRolePolicy': getRolePolicy,
    'iam.DeleteRolePolicy': deleteRolePolicy,
    'iam.ListRolePolicies': listRolePolicies,
  })
}

function putRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const name = readPolicyName(input)
  const text = readDocument(input, 'PolicyDocument')
  checkIdentityPolicy(text)
  const policies = createMap(Object.entries(role.policies))
  policies[name] = text
  const size = Object.values(policies).reduce((sum, policy) => sum + sizeOf(policy), 0)
  if (size > maxInlinePolicies) {
    throw limitExceeded(`Maximum policy size of ${maxInlinePolicies} bytes exceeded for role ${role.name}`)
  }
  state.roles[role.name.toLowerCase()] = { ...role, policies }
}

function getRolePolicy(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const [name, text] = readPolicy(role, input)
  return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeDocument(text) }
}

function deleteRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const [name] = readPolicy(role, input)
  const policies = createMap(Object.entries(role.policies).filter(([other]) => other !== name))
  state.roles[role.name.toLowerCase()] = { ...role, policies }
}

function listRolePolicies(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const page = readMarkedPage(input, Object.keys(role.policies), (name) => name, ['ListRolePolicies', role.name])
  return { PolicyNames: page.items, ...page.more }
}

function readPolicy(role: RoleState, input: JsonObject): readonly [name: string, text: string] {
  const name = readPolicyName(input)
  const text = role.policies[name]
  if (text === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`)
  return [name, text]
}

function readPolicyName(input: JsonObject): string {
  return readText(input, 'PolicyName', iamNameRules(128))
}

import { partitionOf } from '../hosts.ts'
import { readOptionalText, readText } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Operations, ServiceError } from '../operation.ts'
import { accountId, type PolicyState, type RoleState, type State } from '../state.ts'
import { checkIdentityPolicy } from './document-checks.ts'
import {
  iamNameRules,
  inQueryWords,
  invalidInput,
  readDocument,
  readMarkedPage,
  readNumberedPage,
  sizeOf,
} from './input.ts'
import { encodeDocument, limitExceeded, noSuchEntity, readRole } from './roles.ts'

/** IAM's quota of managed policies attached to a role. */
const maxAttached = 10
/** IAM's quota of characters in a managed policy. */
const maxPolicy = 6144

/** The operations on managed policies of roles. */
export function managedPolicyOperations(): Operations {
  return inQueryWords({
    'iam.AttachRolePolicy': attachRolePolicy,
    'iam.CreatePolicy': createPolicy,
    'iam.DeletePolicy': deletePolicy,
    'iam.DetachRolePolicy': detachRolePolicy,
    'iam.GetPolicy': (state, input) => ({ Policy: describePolicy(state, readPolicy(state, input)) }),
    'iam.ListAttachedRolePolicies': listAttachedRolePolicies,
  })
}

/**
 * The ARN of a managed policy, well-formed: one of AWS's own, or of the account. The local AWS does not know which
 * policies of AWS there are and what they allow, so that none of them grants anything.
 */
export function readPolicyArn(input: JsonObject, name: 'PolicyArn' | 'PermissionsBoundary'): string {
  const arn = readText(input, name, { min: 20, max: 2048 })
  const [, account] = /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/(?:[!-.0-~]+\/)*[\w+=,.@-]{1,128}$/.exec(arn) ?? []
  if (account === undefined) throw invalidInput('The ARN is not one of a policy.')
  if (account !== 'aws' && account !== accountId()) {
    throw noSuchEntity('The policy does not exist or is not attachable.')
  }
  return arn
}

function createPolicy(state: State, input: JsonObject, context: Context): JsonObject {
  const name = readText(input, 'PolicyName', iamNameRules(128))
  const path = readOptionalText(input, 'Path', { min: 1, max: 512, pattern: /^(?:\/[A-Za-z0-9.,+@=_-]+)*\/$/ }) ?? '/'
  const document = readDocument(input, 'PolicyDocument')
  const arn = `arn:${partitionOf(context.region)}:iam::${accountId()}:policy${path}${name}`
  checkIdentityPolicy(document)
  if (sizeOf(document) > maxPolicy) throw limitExceeded(`Cannot exceed quota for PolicySize: ${maxPolicy}`)
  if (state.policies[arn] !== undefined) {
    throw new ServiceError(
      'EntityAlreadyExists',
      `A policy called ${name} already exists. Duplicate names are not allowed.`,
      409,
    )
  }
  const policy: PolicyState = {
    name,
    path,
    arn,
    document,
    defaultVersion: 1,
    versions: [{ version: 1, document, createdAt: context.now }],
    lastVersion: 1,
    tags: createMap(),
    createdAt: context.now,
    updatedAt: context.now,
    id: `ANPA${context.random.lowerAlphanumeric(17).toUpperCase()}`,
    description: readOptionalText(input, 'Description', { max: 1000 }),
  }
  state.policies[arn] = policy
  return { Policy: describePolicy(state, policy) }
}

function deletePolicy(state: State, input: JsonObject): undefined {
  const { arn } = readPolicy(state, input)
  if (countAttachments(state, arn) > 0) {
    throw new ServiceError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409)
  }
  delete state.policies[arn]
}

function readPolicy(state: State, input: JsonObject): PolicyState {
  const arn = readPolicyArn(input, 'PolicyArn')
  const policy = state.policies[arn]
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

/** A `Policy`. */
function describePolicy(state: State, { name, id, arn, path, description, createdAt }: PolicyState): JsonObject {
  const date = new Date(Math.floor(createdAt / 1000) * 1000)
  return {
    PolicyName: name,
    PolicyId: id,
    Arn: arn,
    Path: path,
    DefaultVersionId: 'v1',
    AttachmentCount: countAttachments(state, arn),
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: description,
    CreateDate: date,
    UpdateDate: date,
  }
}

function countAttachments({ roles }: State, arn: string): number {
  return Object.values(roles).filter(({ managedPolicies }) => managedPolicies.includes(arn)).length
}

function attachRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const arn = readPolicyArn(input, 'PolicyArn')
  const isOwn = arn.includes(`:${accountId()}:`)
  const isHere = isOwn ? state.policies[arn] !== undefined : arn.split(':')[1] === role.arn.split(':')[1]
  if (!isHere) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
  if (role.managedPolicies.includes(arn)) return
  if (role.managedPolicies.length >= maxAttached) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${maxAttached}`)
  }
  state.roles[role.name.toLowerCase()] = { ...role, managedPolicies: [...role.managedPolicies, arn] }
}

function detachRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const arn = readPolicyArn(input, 'PolicyArn')
  if (!role.managedPolicies.includes(arn)) throw noSuchEntity('The policy was not found.')
  const managedPolicies = role.managedPolicies.filter((other) => other !== arn)
  state.roles[role.name.toLowerCase()] = { ...role, managedPolicies }
}

function listAttachedRolePolicies(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const rules = { min: 1, max: 512, pattern: /^(?:\/[A-Za-z0-9.,+@=_-]+)*\/$/ }
  const prefix = readOptionalText(input, 'PathPrefix', rules) ?? '/'
  const arns = role.managedPolicies.filter((arn) => arn.slice(arn.indexOf('/')).startsWith(prefix))
  const page = readNumberedPage(input, arns, ['ListAttachedRolePolicies', role.name])
  const policies = page.items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }))
  return { AttachedPolicies: policies, ...page.more }
}

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
  const [name, text] = readInlinePolicy(role, input)
  return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeDocument(text) }
}

function deleteRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const [name] = readInlinePolicy(role, input)
  const policies = createMap(Object.entries(role.policies).filter(([other]) => other !== name))
  state.roles[role.name.toLowerCase()] = { ...role, policies }
}

function listRolePolicies(state: State, input: JsonObject, context: Context): JsonObject {
  const role = readRole(state, input, context)
  const page = readMarkedPage(input, Object.keys(role.policies), (name) => name, ['ListRolePolicies', role.name])
  return { PolicyNames: page.items, ...page.more }
}

function readInlinePolicy(role: RoleState, input: JsonObject): readonly [name: string, text: string] {
  const name = readPolicyName(input)
  const text = role.policies[name]
  if (text === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`)
  return [name, text]
}

function readPolicyName(input: JsonObject): string {
  return readText(input, 'PolicyName', iamNameRules(128))
}

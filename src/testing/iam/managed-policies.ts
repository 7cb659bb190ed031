import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { accountId, type State } from '../state.ts'
import { readOptionalText, readText } from '../user-pool/input.ts'
import { inQueryWords, invalidInput } from './input.ts'
import { readNumberedPage } from './paging.ts'
import { limitExceeded, noSuchEntity, readRole } from './roles.ts'

/** IAM's quota of managed policies attached to a role. */
const maxAttached = 10

/** The operations on managed policies of roles. */
export function managedPolicyOperations(): Operations {
  return inQueryWords({
    'iam.AttachRolePolicy': attachRolePolicy,
    'iam.DetachRolePolicy': detachRolePolicy,
    'iam.ListAttachedRolePolicies': listAttachedRolePolicies,
  })
}

/**
 * The ARN of a managed policy. Any well-formed ARN of AWS's own policies or of the account's will do: the local pool
 * has no CreatePolicy and holds no managed policy, so that none grants anything.
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

function attachRolePolicy(state: State, input: JsonObject, context: Context): undefined {
  const role = readRole(state, input, context)
  const arn = readPolicyArn(input, 'PolicyArn')
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

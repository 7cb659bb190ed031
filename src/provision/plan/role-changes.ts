import type { PolicyDocument } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { belongsToGroup } from '../names.ts'
import type { RoleChange, RoleCreation, RoleEdit } from './plan.ts'
import { describePolicyChange, isSamePolicy } from '../policy/compare-policies.ts'
import { longestPolicies, policySize } from '../policy/documents.ts'
import type { DesiredRole } from '../state/desired.ts'
import type { RoleState } from '../state/state.ts'

/** Plans a new role. `reason`: why there is none. */
export function planRoleCreation(desired: DesiredRole, reason: string): RoleCreation {
  const { group, name, trustPolicy, permissionsBoundary, tags, policies, managedPolicies } = desired
  if (trustPolicy === undefined) throw new ConfigurationError('identityPool: needed for the role of a group.')
  const nothing: PolicyDocument = { Version: '2012-10-17', Statement: [] }
  const allowed = Object.entries(policies).flatMap(([policyName, policy]) =>
    describePolicyChange({ ...nothing, Version: policy['Version'] }, policy).map(
      (line) => `policy ${policyName} ${line}`,
    ),
  )
  const bound = permissionsBoundary === undefined ? [] : [`permissions boundary: ${permissionsBoundary}`]
  return {
    kind: 'role',
    action: 'create',
    group,
    reasons: [reason, ...allowed, ...managedPolicies.map((arn) => `managed policy ${arn} is attached`), ...bound],
    name,
    trustPolicy,
    permissionsBoundary,
    tags: { ...tags },
    edits: [
      ...Object.entries(policies).map(([policyName, policy]): RoleEdit => ({ edit: 'put', name: policyName, policy })),
      ...managedPolicies.map((arn): RoleEdit => ({ edit: 'attach', arn })),
    ],
  }
}

/** IAM's default quota of managed policies per role ("IAM and AWS STS quotas"). */
const mostAttached = 10

/**
 * The steps from a role as it is to the desired one, if any. The work may end after any step, so their order matters:
 * - A boundary is set first and removed last.
 * - If the trust policy changes, everything undeclared is removed before, so that the group never gets what others had.
 * - If it does not, new policies come before removals, as far as IAM's quotas allow.
 * - A policy is replaced in place, so that the role never lacks a permission that it keeps.
 */
export function planRoleChange(role: RoleState, desired: DeclaredRole): RoleChange | undefined {
  const trust = trustSteps(role, desired)
  const boundary = boundarySteps(role, desired)
  const isBounded = desired.permissionsBoundary !== undefined
  const puts = policySteps(role, desired)
  const removals = removalSteps(role, desired)
  const attachments = attachmentSteps(role, desired)
  const detachments = detachmentSteps(role, desired)
  const isOpen = trust.length === 0
  const hasRoom = isOpen && totalPolicySize({ ...role.policies, ...desired.policies }) <= longestPolicies
  const steps = [
    ...tagSteps(role, desired),
    ...(isBounded ? boundary : []),
    ...(isOpen ? [] : detachments),
    ...(hasRoom ? [] : removals),
    ...trust,
    ...puts,
    ...(isOpen ? inQuota(role.managedPolicies.length, attachments, detachments) : attachments),
    ...(hasRoom ? removals : []),
    ...(isBounded ? [] : boundary),
  ]
  if (steps.length === 0) return undefined
  return {
    kind: 'role',
    action: 'change',
    group: desired.group,
    reasons: steps.flatMap(({ reasons }) => reasons),
    name: role.name,
    arn: role.arn,
    edits: steps.map(({ edit }) => edit),
  }
}

/** A role as it should be. */
export type DeclaredRole = Omit<DesiredRole, 'tags'> & Pick<RoleCreation, 'tags'>

/** Attaches, then detaches. If the role is at its quota, each attachment is preceded by a detachment. */
function inQuota(attached: number, attachments: readonly Step[], detachments: readonly Step[]): Step[] {
  const steps: Step[] = []
  const left = [...detachments]
  let count = attached
  for (const attachment of attachments) {
    const detachment = count < mostAttached ? undefined : left.shift()
    if (detachment) steps.push(detachment)
    else count++
    steps.push(attachment)
  }
  return [...steps, ...left]
}

function totalPolicySize(policies: Readonly<Record<string, PolicyDocument>>): number {
  return Object.values(policies).reduce((sum, policy) => sum + policySize(policy), 0)
}

/** A step and its reasons. */
interface Step {
  readonly edit: RoleEdit
  readonly reasons: readonly string[]
}

function tagSteps(role: RoleState, { tags }: DeclaredRole): Step[] {
  if (belongsToGroup(role, tags)) return []
  return [{ edit: { edit: 'tag', tags: { ...tags } }, reasons: ['the role is adopted'] }]
}

function boundarySteps({ permissionsBoundary: found }: RoleState, { permissionsBoundary: arn }: DeclaredRole): Step[] {
  if (found === arn) return []
  const reason = `permissions boundary: ${found ?? 'none'} → ${arn ?? 'none'}`
  return [{ edit: { edit: 'boundary', arn }, reasons: [reason] }]
}

function trustSteps(role: RoleState, { trustPolicy: policy }: DeclaredRole): Step[] {
  if (policy === undefined || isSamePolicy(role.trustPolicy, policy)) return []
  const reasons = describePolicyChange(role.trustPolicy, policy).map((line) => `trust policy ${line}`)
  return [{ edit: { edit: 'trust', policy }, reasons }]
}

function policySteps(role: RoleState, desired: DeclaredRole): Step[] {
  return Object.entries(desired.policies).flatMap(([name, policy]): Step[] => {
    const found = role.policies[name]
    if (found && isSamePolicy(found, policy)) return []
    const reasons = found
      ? describePolicyChange(found, policy).map((line) => `policy ${name} ${line}`)
      : [`policy ${name} is missing`]
    return [{ edit: { edit: 'put', name, policy }, reasons }]
  })
}

function attachmentSteps(role: RoleState, desired: DeclaredRole): Step[] {
  return desired.managedPolicies
    .filter((arn) => !role.managedPolicies.includes(arn))
    .map((arn) => ({ edit: { edit: 'attach', arn }, reasons: [`managed policy ${arn} is not attached`] }))
}

function detachmentSteps(role: RoleState, desired: DeclaredRole): Step[] {
  return role.managedPolicies
    .filter((arn) => !desired.managedPolicies.includes(arn))
    .map((arn) => ({ edit: { edit: 'detach', arn }, reasons: [`managed policy ${arn} is not declared`] }))
}

function removalSteps(role: RoleState, desired: DeclaredRole): Step[] {
  return Object.keys(role.policies)
    .filter((name) => !Object.hasOwn(desired.policies, name))
    .map((name) => ({ edit: { edit: 'remove', name }, reasons: [`policy ${name} is not declared`] }))
}

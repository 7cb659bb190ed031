import { ConfigurationError } from '../../errors.ts'
import type { PolicyDocument } from '../iam/index.ts'
import { describePolicyChange, longestPolicies, sizeOf } from '../policy/index.ts'
import type { WantedRole } from './desired.ts'
import type { ObservedRole } from './observe.ts'
import type { RoleChange, RoleCreation, RoleEdit } from './plan.ts'
import {
  attachmentSteps,
  boundarySteps,
  type DeclaredRole,
  detachmentSteps,
  ownershipSteps,
  policySteps,
  removalSteps,
  type Step,
  trustSteps,
} from './role-steps.ts'

/** IAM's quota of managed policies of a role, where it was not raised ("IAM and AWS STS quotas"). */
const mostAttached = 10

/** The creation of a role; `reason` says why there is none. The other reasons say what it allows. */
export function createRole(wanted: WantedRole, reason: string): RoleCreation {
  const { group, name, trustPolicy, permissionsBoundary, tags, policies, managedPolicies } = wanted
  if (trustPolicy === undefined) throw new ConfigurationError('identityPool: needed for the role of a group.')
  const nothing: PolicyDocument = { Version: '2012-10-17', Statement: [] }
  const allowed = Object.entries(policies).flatMap(([policyName, policy]) =>
    describePolicyChange({ ...nothing, Version: policy['Version'] }, policy).map(
      (line) => `policy ${policyName} ${line}`,
    ),
  )
  const bound = permissionsBoundary === undefined ? [] : [`permissions boundary ${permissionsBoundary} limits it`]
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

/**
 * What makes a role the wanted one; undefined where it is already. The order counts, for the work may end after any step:
 * - a boundary is set first, and taken away last, so that nothing is unbounded that was bounded or will be;
 * - what is not declared goes before the trust policy is set, so that the group never gets what strangers had;
 * - where the trust policy is right, what is added comes before what is taken away, as far as IAM's quotas allow;
 * - a policy is replaced in place, so that the role never lacks what it had and keeps.
 */
export function changeRole(role: ObservedRole, wanted: DeclaredRole): RoleChange | undefined {
  const trust = trustSteps(role, wanted)
  const boundary = boundarySteps(role, wanted)
  const isBounded = wanted.permissionsBoundary !== undefined
  const puts = policySteps(role, wanted)
  const removals = removalSteps(role, wanted)
  const attachments = attachmentSteps(role, wanted)
  const detachments = detachmentSteps(role, wanted)
  const isOpen = trust.length === 0
  const hasRoom = isOpen && inlineSizeOf({ ...role.policies, ...wanted.policies }) <= longestPolicies
  const steps = [
    ...ownershipSteps(role, wanted),
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
    group: wanted.group,
    reasons: steps.flatMap(({ reasons }) => reasons),
    name: role.name,
    arn: role.arn,
    edits: steps.map(({ edit }) => edit),
  }
}

/** Attaches and then detaches, but detaches one before where the role has as many as it may. */
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

function inlineSizeOf(policies: Readonly<Record<string, PolicyDocument>>): number {
  return Object.values(policies).reduce((sum, policy) => sum + sizeOf(policy), 0)
}

import { describePolicyChange, isSamePolicy } from '../policy/index.ts'
import type { ObservedRole } from './observe.ts'
import { isOurs } from './ownership.ts'
import type { RoleChange, RoleCreation, RoleEdit } from './plan.ts'
import type { WantedRole } from './wanted-role.ts'

/** The creation of a role; `reason` says why there is none. */
export function createRole(wanted: WantedRole, reason: string): RoleCreation {
  const { group, name, trustPolicy, permissionsBoundary, tags, policies, managedPolicies } = wanted
  return {
    kind: 'role',
    action: 'create',
    group,
    reasons: [reason],
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
 * What makes a role the wanted one; undefined where it is already. What restricts comes first, what is added comes before
 * what is taken away, and a policy is replaced in place: at no time does the role lack what it had and keeps.
 */
export function changeRole(role: ObservedRole, wanted: WantedRole): RoleChange | undefined {
  const steps = [
    ...ownershipSteps(role, wanted),
    ...boundarySteps(role, wanted),
    ...trustSteps(role, wanted),
    ...policySteps(role, wanted),
    ...attachmentSteps(role, wanted),
    ...removalSteps(role, wanted),
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

interface Step {
  readonly edit: RoleEdit
  readonly reasons: readonly string[]
}

function ownershipSteps(role: ObservedRole, { tags }: WantedRole): Step[] {
  if (isOurs(role, tags)) return []
  return [{ edit: { edit: 'tag', tags: { ...tags } }, reasons: ['the role is adopted'] }]
}

function boundarySteps({ permissionsBoundary: found }: ObservedRole, { permissionsBoundary: arn }: WantedRole): Step[] {
  if (found === arn) return []
  const reason =
    arn === undefined
      ? `permissions boundary ${found} is not declared`
      : `permissions boundary is ${found ?? 'missing'}, not ${arn}`
  return [{ edit: { edit: 'boundary', arn }, reasons: [reason] }]
}

function trustSteps(role: ObservedRole, { trustPolicy: policy }: WantedRole): Step[] {
  if (isSamePolicy(role.trustPolicy, policy)) return []
  const reasons = describePolicyChange(role.trustPolicy, policy).map((line) => `trust policy ${line}`)
  return [{ edit: { edit: 'trust', policy }, reasons }]
}

function policySteps(role: ObservedRole, wanted: WantedRole): Step[] {
  return Object.entries(wanted.policies).flatMap(([name, policy]): Step[] => {
    const found = role.policies[name]
    if (found && isSamePolicy(found, policy)) return []
    const reasons = found
      ? describePolicyChange(found, policy).map((line) => `policy ${name} ${line}`)
      : [`policy ${name} is missing`]
    return [{ edit: { edit: 'put', name, policy }, reasons }]
  })
}

function attachmentSteps(role: ObservedRole, wanted: WantedRole): Step[] {
  return wanted.managedPolicies
    .filter((arn) => !role.managedPolicies.includes(arn))
    .map((arn) => ({ edit: { edit: 'attach', arn }, reasons: [`managed policy ${arn} is not attached`] }))
}

function removalSteps(role: ObservedRole, wanted: WantedRole): Step[] {
  const managed = role.managedPolicies
    .filter((arn) => !wanted.managedPolicies.includes(arn))
    .map((arn): Step => ({ edit: { edit: 'detach', arn }, reasons: [`managed policy ${arn} is not declared`] }))
  const inline = Object.keys(role.policies)
    .filter((name) => wanted.policies[name] === undefined)
    .map((name): Step => ({ edit: { edit: 'remove', name }, reasons: [`policy ${name} is not declared`] }))
  return [...managed, ...inline]
}

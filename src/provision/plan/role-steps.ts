import { describePolicyChange, isSamePolicy } from '../policy/index.ts'
import type { WantedRole } from './desired.ts'
import type { ObservedRole } from './observe.ts'
import { isOurs } from './ownership.ts'
import type { RoleCreation, RoleEdit } from './plan.ts'

/** What a role should be. */
export type DeclaredRole = Omit<WantedRole, 'tags'> & Pick<RoleCreation, 'tags'>

/** A step towards the declared role, and why it is taken. */
export interface Step {
  readonly edit: RoleEdit
  readonly reasons: readonly string[]
}

export function ownershipSteps(role: ObservedRole, { tags }: DeclaredRole): Step[] {
  if (isOurs(role, tags)) return []
  return [{ edit: { edit: 'tag', tags: { ...tags } }, reasons: ['the role is adopted'] }]
}

export function boundarySteps(
  { permissionsBoundary: found }: ObservedRole,
  { permissionsBoundary: arn }: DeclaredRole,
): Step[] {
  if (found === arn) return []
  const reason =
    arn === undefined
      ? `permissions boundary ${found} is not declared`
      : `permissions boundary is ${found ?? 'missing'}, not ${arn}`
  return [{ edit: { edit: 'boundary', arn }, reasons: [reason] }]
}

export function trustSteps(role: ObservedRole, { trustPolicy: policy }: DeclaredRole): Step[] {
  if (policy === undefined || isSamePolicy(role.trustPolicy, policy)) return []
  const reasons = describePolicyChange(role.trustPolicy, policy).map((line) => `trust policy ${line}`)
  return [{ edit: { edit: 'trust', policy }, reasons }]
}

export function policySteps(role: ObservedRole, wanted: DeclaredRole): Step[] {
  return Object.entries(wanted.policies).flatMap(([name, policy]): Step[] => {
    const found = role.policies[name]
    if (found && isSamePolicy(found, policy)) return []
    const reasons = found
      ? describePolicyChange(found, policy).map((line) => `policy ${name} ${line}`)
      : [`policy ${name} is missing`]
    return [{ edit: { edit: 'put', name, policy }, reasons }]
  })
}

export function attachmentSteps(role: ObservedRole, wanted: DeclaredRole): Step[] {
  return wanted.managedPolicies
    .filter((arn) => !role.managedPolicies.includes(arn))
    .map((arn) => ({ edit: { edit: 'attach', arn }, reasons: [`managed policy ${arn} is not attached`] }))
}

export function detachmentSteps(role: ObservedRole, wanted: DeclaredRole): Step[] {
  return role.managedPolicies
    .filter((arn) => !wanted.managedPolicies.includes(arn))
    .map((arn) => ({ edit: { edit: 'detach', arn }, reasons: [`managed policy ${arn} is not declared`] }))
}

export function removalSteps(role: ObservedRole, wanted: DeclaredRole): Step[] {
  return Object.keys(role.policies)
    .filter((name) => !Object.hasOwn(wanted.policies, name))
    .map((name) => ({ edit: { edit: 'remove', name }, reasons: [`policy ${name} is not declared`] }))
}

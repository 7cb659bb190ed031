import type { GroupSpec } from '../definitions/read-definitions.ts'
import { belongsToPool } from '../names.ts'
import type { RoleLink, RolePlan } from './plan-role.ts'
import type { GroupChange, GroupDeletion, GroupSettings, IdentityPoolChange, RoleDeletion, RoleEdit } from './plan.ts'
import { listAllowedActions } from '../policy/documents.ts'
import type { IdentityPoolState, RoleState, GroupState, State } from '../state/state.ts'

/** The change that a group needs, if any. Members that are not defined stay as they are. */
export function planGroupChange(
  { name, description, precedence }: GroupSpec,
  group: GroupState | undefined,
  link: RoleLink | undefined,
): GroupChange | undefined {
  if (group === undefined) {
    const set = { description, precedence, role: link?.name }
    return { kind: 'group', action: 'create', group: name, reasons: ['the pool has no such group'], set }
  }
  const set: { -readonly [K in keyof GroupSettings]: GroupSettings[K] } = {}
  const reasons: string[] = []
  // Cognito may return an empty description as none.
  if (description !== undefined && description !== (group.description ?? '')) {
    set.description = description
    reasons.push(`description: ${group.description ?? 'not set'} → ${description}`)
  }
  if (precedence !== undefined && precedence !== group.precedence) {
    set.precedence = precedence
    reasons.push(`precedence: ${group.precedence ?? 'not set'} → ${precedence}`)
  }
  if (link !== undefined && link.arn !== group.roleArn) {
    set.role = link.name
    reasons.push(`role: ${group.roleArn ?? 'none'} → ${link.arn}`)
  }
  return reasons.length > 0 ? { kind: 'group', action: 'change', group: name, reasons, set } : undefined
}

/** Deletes groups that are not defined, and then this pool's roles that no defined group has. */
export function planDeletions(
  unmanagedGroups: readonly GroupState[],
  plans: readonly RolePlan[],
  { roles, groups, members }: State,
  userPoolId: string,
): (GroupDeletion | RoleDeletion)[] {
  const own = [...roles.values()].filter((role) => belongsToPool(role, userPoolId))
  const linked = new Set(plans.flatMap(({ spec, link }) => (link ? spec.name : [])))
  const staying = [...groups.values()].filter((group) => !unmanagedGroups.includes(group) && !linked.has(group.name))
  const kept = new Set([...plans.map(({ role }) => role?.arn), ...staying.map(({ roleArn }) => roleArn)])
  return [
    ...unmanagedGroups.map((group) => {
      const role = own.find(({ arn }) => arn === group.roleArn)
      return planGroupDeletion(group, members.get(group.name) ?? 0, role)
    }),
    ...own.filter(({ arn }) => !kept.has(arn)).map(planRoleDeletion),
  ]
}

function planGroupDeletion({ name, roleArn }: GroupState, members: number, role: RoleState | undefined): GroupDeletion {
  const actions = role ? [...new Set(Object.values(role.policies).flatMap(listAllowedActions))] : []
  const powers = actions.length > 0 ? `, which allows ${actions.join(', ')}` : ''
  const lost = roleArn === undefined ? 'the membership' : `the membership and ${roleArn}${powers}`
  const reasons = ['the group is not defined', `${members} ${members === 1 ? 'member loses' : 'members lose'} ${lost}`]
  return { kind: 'group', action: 'delete', group: name, reasons, members, roleArn, actions }
}

function planRoleDeletion({ name, arn, tags, policies, managedPolicies }: RoleState): RoleDeletion {
  const edits = [
    ...managedPolicies.map((policy): RoleEdit => ({ edit: 'detach', arn: policy })),
    ...Object.keys(policies).map((policy): RoleEdit => ({ edit: 'remove', name: policy })),
  ]
  const group = tags['cognigate:group'] ?? ''
  return { kind: 'role', action: 'delete', group, reasons: ['no defined group has this role'], name, arn, edits }
}

/** The change after which only members can use a group's role. Undefined if there is nothing to change. */
export function planIdentityPoolChange(identityPool: IdentityPoolState): IdentityPoolChange | undefined {
  const { classicFlow } = identityPool
  const mapByToken = unmappedProviders(identityPool)
  if (!classicFlow && mapByToken.length === 0) return undefined
  const reasons = [
    ...(classicFlow ? ['classic flow: allowed → off'] : []),
    ...mapByToken.map((provider) => `role mapping of ${provider}: not by token → by token`),
  ]
  return { kind: 'identity-pool', action: 'change', reasons, disableClassicFlow: classicFlow, mapByToken }
}

/** The user pool's providers whose role mapping is not by token. */
export function unmappedProviders({ providers, mappedByToken }: IdentityPoolState): string[] {
  return providers.filter((provider) => !mappedByToken.includes(provider))
}

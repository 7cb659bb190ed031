import type { PoolAdmin } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import { actionsOf } from '../policy/index.ts'
import { inTurns } from '../../internal/concurrency.ts'
import type { ObservedRole, SeenGroup, World } from '../state/read-state.ts'
import { isOfPool } from './ownership.ts'
import type { RolePlan } from './desired.ts'
import type { GroupDeletion, RoleDeletion, RoleEdit } from './plan.ts'

/** Groups of the pool that are not defined. */
export interface UndefinedGroups {
  /** Those that pruning deletes. */
  readonly strangers: readonly SeenGroup[]
  /** Those that Cognito made itself for an identity provider, by their names, which begin with the pool's id. */
  readonly providers: readonly SeenGroup[]
}

export function undefinedGroups(
  groups: Iterable<SeenGroup>,
  defined: ReadonlySet<string>,
  userPoolId: string,
): UndefinedGroups {
  const all = [...groups].filter(({ name }) => !defined.has(name))
  const isProviders = ({ name }: SeenGroup) => name.startsWith(`${userPoolId}_`)
  return { strangers: all.filter((group) => !isProviders(group)), providers: all.filter(isProviders) }
}

/** How many users are in each of the groups (ListUsersInGroup). */
export async function countMembers(
  admin: PoolAdmin,
  groups: readonly SeenGroup[],
  options: CallOptions,
): Promise<ReadonlyMap<string, number>> {
  const counts = await inTurns(groups, async ({ name }): Promise<[string, number]> => {
    let members = 0
    for await (const _ of admin.groups.members(name, options)) members++
    return [name, members]
  })
  return new Map(counts)
}

/**
 * The deletions of groups that are not defined, and then of roles of ours that no defined group has.
 */
export function planDeletions(
  strangers: readonly SeenGroup[],
  plans: readonly RolePlan[],
  { roles, groups, members }: World,
  userPoolId: string,
): (GroupDeletion | RoleDeletion)[] {
  const own = [...roles.values()].filter((role) => isOfPool(role, userPoolId))
  const linked = new Set(plans.flatMap(({ spec, link }) => (link ? spec.name : [])))
  const staying = [...groups.values()].filter((group) => !strangers.includes(group) && !linked.has(group.name))
  const kept = new Set([...plans.map(({ role }) => role?.arn), ...staying.map(({ roleArn }) => roleArn)])
  return [
    ...strangers.map((group) => {
      const role = own.find(({ arn }) => arn === group.roleArn)
      return deleteGroup(group, members.get(group.name) ?? 0, role)
    }),
    ...own.filter(({ arn }) => !kept.has(arn)).map(deleteRole),
  ]
}

function deleteGroup({ name, roleArn }: SeenGroup, members: number, role: ObservedRole | undefined): GroupDeletion {
  const actions = role ? [...new Set(Object.values(role.policies).flatMap(actionsOf))] : []
  const powers = actions.length > 0 ? `, which allows ${actions.join(', ')}` : ''
  const lost = roleArn === undefined ? 'the membership' : `the membership and ${roleArn}${powers}`
  const reasons = ['the group is not defined', `${members} ${members === 1 ? 'member loses' : 'members lose'} ${lost}`]
  return { kind: 'group', action: 'delete', group: name, reasons, members, roleArn, actions }
}

function deleteRole({ name, arn, tags, policies, managedPolicies }: ObservedRole): RoleDeletion {
  const edits = [
    ...managedPolicies.map((policy): RoleEdit => ({ edit: 'detach', arn: policy })),
    ...Object.keys(policies).map((policy): RoleEdit => ({ edit: 'remove', name: policy })),
  ]
  const group = tags['cognigate:group'] ?? ''
  return { kind: 'role', action: 'delete', group, reasons: ['no defined group has this role'], name, arn, edits }
}

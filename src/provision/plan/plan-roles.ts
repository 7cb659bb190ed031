import { chooseRole } from './choose-role.ts'
import { needsRole, type Target } from './desired.ts'
import type { RoleLink } from './group-changes.ts'
import type { ObservedRole } from './observe.ts'
import type { ForeignRole } from './ownership.ts'
import type { RoleChange, RoleCreation } from './plan.ts'
import { changeRole, createRole } from './role-changes.ts'
import type { World } from './world.ts'

/** What is planned for the role of one group. */
export interface RolePlan extends Target {
  /** The role that is the group's own already, or is adopted. */
  readonly role?: ObservedRole | undefined
  readonly change?: RoleCreation | RoleChange | undefined
  /** What the group is to be linked to; undefined where the group needs no role. */
  readonly link?: RoleLink | undefined
  /** The ARN of a role that is not the group's own, though the group is linked to it and needs none. */
  readonly strayArn?: string | undefined
  /** The role in the way. */
  readonly conflict?: ForeignRole | undefined
}

/** Plans the role of one group; `adopters` are the groups that take over roles, by their ARNs. */
export function planRole(target: Target, world: World, adopters: ReadonlyMap<string, string>): RolePlan {
  const { spec, wanted } = target
  const { account, partition, groups, roles } = world
  if (!needsRole(spec)) return planPowerless(target, world)
  const choice = chooseRole(wanted, groups.get(spec.name), { account, adopters, roles })
  if ('conflict' in choice) return { ...target, conflict: choice.conflict }
  if ('create' in choice) {
    const { name } = wanted
    const link = { name, arn: `arn:${partition}:iam::${account}:role/${name}` }
    return { ...target, change: createRole(wanted, choice.create), link }
  }
  const { role } = choice
  return { ...target, role, change: changeRole(role, wanted), link: role }
}

/** A role of ours whose group may touch nothing in AWS any more keeps its name and loses what it holds. */
function planPowerless(target: Target, { account, groups, roles }: World): RolePlan {
  const group = groups.get(target.spec.name)
  const choice = chooseRole(target.wanted, group, { account, adopters: new Map(), roles })
  const role = 'role' in choice ? choice.role : undefined
  const strayArn = group?.roleArn === role?.arn ? undefined : group?.roleArn
  return { ...target, role, change: role && changeRole(role, target.wanted), strayArn }
}

import type { PolicyDocument } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { type GroupSpec, readDefinitions } from '../definitions/index.ts'
import { checkCollisions, policyNameOf, roleNameOf } from '../names.ts'
import { canonicalJson, trustPolicyOf } from '../policy/index.ts'
import type { ObservedRole, World } from '../state/read-state.ts'
import type { RoleLink } from './group-changes.ts'
import { chooseRole, type ForeignRole, type RoleTags, roleTagsOf } from './ownership.ts'
import type { DesiredGroup, DesiredState, GroupPlan, RoleChange, RoleCreation } from './plan.ts'
import { changeRole, createRole } from './role-changes.ts'

/** The role that a group should have. */
export interface WantedRole {
  readonly group: string
  /** The name that it gets where it is created. */
  readonly name: string
  readonly tags: RoleTags
  /** Undefined where no identity pool is known, which is only where no group needs a role. */
  readonly trustPolicy: PolicyDocument | undefined
  /** The inline policies by name: one, or none where the group has managed policies only. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  readonly managedPolicies: readonly string[]
  readonly permissionsBoundary?: string | undefined
}

/** A defined group with the role that it should have. */
export interface Target {
  readonly spec: GroupSpec
  readonly wanted: WantedRole
}

/** What a plan is made for: the pools, and the desired state. */
export type PlanSubject = Pick<GroupPlan, 'userPoolId' | 'identityPoolId' | 'desired'>

/** Whether a group may touch anything in AWS, so that it needs a role. */
export function needsRole({ policy, managedPolicies }: GroupSpec): boolean {
  return policy !== undefined || managedPolicies.length > 0
}

/** Adds what the roles of the groups are called and how they are tagged. Throws ConfigurationError for names that collide. */
export async function desiredGroups(
  specs: readonly GroupSpec[],
  userPoolId: string,
  rolePrefix: string,
): Promise<DesiredGroup[]> {
  await checkCollisions(
    specs.map(({ name }) => name),
    rolePrefix,
  )
  return Promise.all(
    specs.map(async (spec) => ({
      ...spec,
      role: {
        name: await roleNameOf(spec.name, rolePrefix),
        policyName: await policyNameOf(spec.name),
        tags: await roleTagsOf(userPoolId, spec.name),
      },
    })),
  )
}

/** The groups of a plan, each with the role that it should have. */
export function targetsOf({ identityPoolId, desired }: PlanSubject): Target[] {
  const trustPolicy = identityPoolId === undefined ? undefined : trustPolicyOf(identityPoolId)
  return desired.groups.map(({ role, ...spec }) => {
    const { name: group, policy, managedPolicies, permissionsBoundary } = spec
    const policies = policy ? { [role.policyName]: policy } : {}
    return {
      spec,
      wanted: { group, name: role.name, tags: role.tags, trustPolicy, policies, managedPolicies, permissionsBoundary },
    }
  })
}

/**
 * Throws ConfigurationError unless the desired state of a saved plan is one that `planGroups` makes: its groups are checked
 * as definitions are, and names and tags of the roles follow from them and from the pool.
 */
export async function checkDesired({ userPoolId, identityPoolId, desired }: PlanSubject): Promise<void> {
  const { groups, rolePrefix, adopt, prune, secureIdentityPool } = desired
  const isWhole =
    typeof rolePrefix === 'string' &&
    [prune, secureIdentityPool].every((flag) => typeof flag === 'boolean') &&
    Array.isArray(adopt) &&
    adopt.every((arn) => typeof arn === 'string')
  const byName = <T>(read: (group: DesiredGroup) => T): Record<string, T> =>
    Object.fromEntries(groups.map((group) => [group.name, read(group)]))
  const specs = readDefinitions({
    groups: byName(({ description, precedence }) => ({ description, precedence })),
    policies: byName(({ policy }) => policy),
    managedPolicies: byName(({ managedPolicies }) => managedPolicies),
    permissionsBoundary: byName(({ permissionsBoundary }) => permissionsBoundary),
  })
  const made = await desiredGroups(specs, userPoolId, rolePrefix)
  const sorted = (list: readonly DesiredGroup[]) => list.map((group) => canonicalJson(group)).sort()
  const again: DesiredState = { ...desired, groups: made }
  const isSame = canonicalJson(sorted(again.groups)) === canonicalJson(sorted(groups))
  if (isWhole && isSame && !(identityPoolId === undefined && specs.some(needsRole))) return
  throw new ConfigurationError(
    'its desired state is not one that planGroups makes, such as a role of another name than the group gives it',
  )
}

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

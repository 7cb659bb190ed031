import { ConfigurationError } from '../../errors.ts'
import { adoptersOf, checkAdopted } from './adoption.ts'
import { type PlanSubject, targetsOf } from './desired.ts'
import { type Found, findingsOf } from './findings.ts'
import { changeGroup } from './group-changes.ts'
import { secureIdentityPool } from './identity-pool-changes.ts'
import { RoleConflictError } from './ownership.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { planRole } from './plan-roles.ts'
import { planDeletions, undefinedGroups } from './pruning.ts'
import { type World, worldIn } from './world.ts'

/** What follows from a desired state in a world. */
export interface Derived extends Pick<GroupPlan, 'changes' | 'unmanaged'> {
  readonly found: readonly Found[]
}

/**
 * What has to be done in a world to reach the desired state, and what is unsafe then. Throws RoleConflictError where a role
 * that is not ours is in the way, and ConfigurationError for `adopt`.
 */
export function derive(subject: PlanSubject, world: World): Derived {
  const { desired, userPoolId } = subject
  const targets = targetsOf(subject)
  const adopters = adoptersOf(desired.adopt, targets, world.groups)
  const plans = targets.map((target) => planRole(target, world, adopters))
  const conflicts = plans.flatMap(({ conflict }) => conflict ?? [])
  if (conflicts.length > 0) throw new RoleConflictError(conflicts)
  checkAdopted(desired.adopt, plans)

  const defined = new Set(targets.map(({ spec }) => spec.name))
  const { strangers, providers } = undefinedGroups(world.groups.values(), defined, userPoolId)
  const left = [...(desired.prune ? [] : strangers), ...providers.filter(({ roleArn }) => roleArn !== undefined)]
  const { identityPool } = world
  const secured = desired.secureIdentityPool && identityPool ? secureIdentityPool(identityPool) : undefined
  const changes: PlannedChange[] = [
    ...(secured ? [secured] : []),
    ...plans.flatMap(({ spec, change, link }) => {
      const groupChange = changeGroup(spec, world.groups.get(spec.name), link)
      return [change, groupChange].filter((item) => item !== undefined)
    }),
    ...(desired.prune ? planDeletions(strangers, plans, world, userPoolId) : []),
  ]
  return {
    changes,
    found: findingsOf(plans, left, world, secured !== undefined, subject),
    unmanaged: left.map(({ name, roleArn }) => ({ group: name, roleArn })),
  }
}

/** What follows from a plan itself, whatever is written in its changes and findings. Throws ConfigurationError. */
export function deriveFromPlan(plan: GroupPlan): Derived {
  checkVersion(plan)
  return readingPlan(() => derive(plan, worldIn(plan)))
}

/** Throws ConfigurationError unless it is a plan of this version. */
export function checkVersion(plan: GroupPlan): void {
  const { version }: { version?: unknown } = typeof plan === 'object' && plan !== null ? plan : {}
  if (version === 2) return
  const why =
    version === 1
      ? 'it is of version 1, which went by the words stored in it; make a new plan with planGroups and save that'
      : 'expected a plan of planGroups'
  throw new ConfigurationError(`plan: ${why}.`)
}

/** Does something with a plan that may have been edited. What fails over its form is a ConfigurationError. */
export function readingPlan<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** The error for a plan that is not as `planGroups` makes it. */
export function unreadable(cause: unknown): Error {
  const why = cause instanceof ConfigurationError ? ` (${cause.message.replace(/\.$/, '')})` : ''
  return new ConfigurationError(`plan: it is not as planGroups made it${why}; make a new plan.`, { cause })
}

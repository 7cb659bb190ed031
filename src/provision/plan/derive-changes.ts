import { collectFindings, type DraftFinding } from './findings.ts'
import { planDeletions, planGroupChange, planIdentityPoolChange } from './group-changes.ts'
import { assignAdoptions, checkAdoptions, planRole, RoleConflictError } from './plan-role.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { listTargets, type PlanScope } from '../state/desired.ts'
import { findUndefinedGroups, type State } from '../state/state.ts'

/** What follows from the desired state and the state that AWS is in. */
export interface DerivedChanges extends Pick<GroupPlan, 'changes' | 'unmanaged'> {
  readonly found: readonly DraftFinding[]
}

/**
 * Compares the desired state with the actual one: what has to change, and what is unsafe. Throws RoleConflictError, and
 * ConfigurationError for `adopt`.
 */
export function deriveChanges(scope: PlanScope, state: State): DerivedChanges {
  const { desired, userPoolId } = scope
  const targets = listTargets(scope)
  const adopters = assignAdoptions(desired.adopt, targets, state.groups)
  const plans = targets.map((target) => planRole(target, state, adopters))
  const conflicts = plans.flatMap(({ conflict }) => conflict ?? [])
  if (conflicts.length > 0) throw new RoleConflictError(conflicts)
  checkAdoptions(desired.adopt, plans)

  const defined = new Set(targets.map(({ spec }) => spec.name))
  const { unmanagedGroups, providers } = findUndefinedGroups(state.groups.values(), defined, userPoolId)
  const left = [...(desired.prune ? [] : unmanagedGroups), ...providers.filter(({ roleArn }) => roleArn !== undefined)]
  const { identityPool } = state
  const secured = desired.secureIdentityPool && identityPool ? planIdentityPoolChange(identityPool) : undefined
  const changes: PlannedChange[] = [
    ...(secured ? [secured] : []),
    ...plans.flatMap(({ spec, change, link }) => {
      const groupChange = planGroupChange(spec, state.groups.get(spec.name), link)
      return [change, groupChange].filter((item) => item !== undefined)
    }),
    ...(desired.prune ? planDeletions(unmanagedGroups, plans, state, userPoolId) : []),
  ]
  return {
    changes,
    found: collectFindings(plans, left, state, secured !== undefined, scope),
    unmanaged: left.map(({ name, roleArn }) => ({ group: name, roleArn })),
  }
}

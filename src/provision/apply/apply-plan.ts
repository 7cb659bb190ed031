import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { PlanBlockedError, StalePlanError } from './errors.ts'
import { type ApplyOptions, makeChanges } from './make-changes.ts'
import { addIds } from '../plan/findings.ts'
import { deriveChanges } from '../plan/plan-groups.ts'
import type { GroupPlan, PlannedChange } from '../plan/plan.ts'
import { checkChanges, checkForm, checkVersion } from '../plan/saved-plan.ts'
import { checkClients, readState } from '../state/read-state.ts'
import { compareFingerprints, createFingerprint, stateFrom } from '../state/state.ts'

/**
 * Does what a plan says, in its order, and resolves to the changes that were made. The plan may have been saved as JSON: what
 * is done is worked out again from its desired state, and the words in it are not trusted.
 *
 * Throws, and writes nothing: PlanBlockedError for findings that are not allowed, StalePlanError where what the plan saw
 * has changed since, RoleConflictError where a role that is not ours is in the way, ConfigurationError for another account
 * or pool, for a plan of version 1 and for one that was edited so that its parts do not fit together. Throws PlanFailedError
 * where a change fails: whatever is done then can be left as it is, a new plan goes on from there.
 */
export async function applyPlan(plan: GroupPlan, options: ApplyOptions): Promise<readonly PlannedChange[]> {
  checkOptions<ApplyOptions>(
    'applyPlan',
    options,
    ['admin', 'iam', 'identityPool', 'accountDetails', 'onChange', 'onProgress', 'timeout', 'signal'],
    Object.fromEntries(
      ['prune', 'acceptFindings', 'adopt', 'secureIdentityPool', 'rolePrefix'].map((name) => [
        name,
        'planGroups takes it, and the plan holds it.',
      ]),
    ),
  )
  checkClients(options)
  checkVersion(plan)
  await checkForm(plan)
  checkPools(plan, options)
  const state = await readState(options, plan, options.timeout ?? 900)
  if (state.account !== plan.account)
    throw new ConfigurationError(`plan: made for account ${plan.account}, and this is ${state.account}.`)
  const changed = compareFingerprints(createFingerprint(plan, stateFrom(plan)), createFingerprint(plan, state))
  if (changed.length > 0) throw new StalePlanError(changed)
  const derived = deriveChanges(plan, state)
  const findings = await addIds(derived.found, plan.acceptFindings)
  const blocking = findings.filter(({ accepted }) => !accepted)
  if (blocking.length > 0) throw new PlanBlockedError(blocking)
  checkChanges(plan, derived)
  return makeChanges(derived.changes, state.roles, options)
}

function checkPools(plan: GroupPlan, { admin, identityPool }: ApplyOptions): void {
  const check = (kind: string, made: string | undefined, given: string | undefined) => {
    if (made !== undefined && made !== given)
      throw new ConfigurationError(`plan: expected one of ${kind} ${given}, and it is one of ${made}.`)
  }
  check('user pool', plan.userPoolId, admin.userPoolId)
  check('identity pool', plan.identityPoolId, identityPool?.identityPoolId)
}

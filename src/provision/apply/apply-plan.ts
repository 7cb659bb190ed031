import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { PlanBlockedError, StalePlanError } from './errors.ts'
import { type ApplyOptions, makeChanges } from './make-changes.ts'
import { deriveChanges } from '../plan/derive-changes.ts'
import { addIds } from '../plan/findings.ts'
import type { GroupPlan, PlanFinding, PlannedChange } from '../plan/plan.ts'
import { checkChanges, checkForm, checkVersion, deriveFromPlan } from '../plan/saved-plan.ts'
import { checkClients, readState } from '../state/read-state.ts'
import { compareFingerprints, createFingerprint, stateFrom } from '../state/state.ts'

/**
 * Makes the changes of a plan, in order, and resolves to them. The plan may have been saved as JSON: the changes are worked
 * out again from its desired state, and what is stored in it is not trusted.
 *
 * @example
 * ```ts
 * const plan: GroupPlan = JSON.parse(await readFile('plan.json', 'utf8'))
 * await applyPlan(plan, { ...clients, onChange: ({ done, total }) => console.error(`${done} of ${total}`) })
 * ```
 *
 * @throws PlanBlockedError if a finding is not in the plan's `acceptFindings`; nothing was written
 * @throws StalePlanError if what the plan depends on has changed since it was made; nothing was written, unless this is the
 * cause of a PlanFailedError
 * @throws RoleConflictError if a role that does not belong to the group is in the way; nothing was written
 * @throws ConfigurationError for another account or pool, for a plan of version 1, and for a plan that was edited so that
 * its parts do not fit together; nothing was written
 * @throws PlanFailedError if a change fails. The changes before it stay, and a new plan goes on from there
 */
export async function applyPlan(plan: GroupPlan, options: ApplyOptions): Promise<readonly PlannedChange[]> {
  checkOptions<ApplyOptions>(
    'applyPlan',
    options,
    ['admin', 'iam', 'identityPool', 'accountDetails', 'onChange', 'onProgress', 'timeout', 'signal'],
    Object.fromEntries(
      ['prune', 'acceptFindings', 'adopt', 'secureIdentityPool', 'rolePrefix'].map((name) => [
        name,
        'it is an option of planGroups, and stored in the plan.',
      ]),
    ),
  )
  checkClients(options)
  checkVersion(plan)
  await checkForm(plan)
  checkPools(plan, options)
  const state = await readState(options, plan, options.timeout ?? 900)
  if (state.account !== plan.account)
    throw new ConfigurationError(
      `plan: it is for account ${plan.account}, and these credentials are of account ${state.account}.`,
    )
  const changed = compareFingerprints(createFingerprint(plan, stateFrom(plan)), createFingerprint(plan, state))
  if (changed.length > 0) throw new StalePlanError(changed)
  const derived = deriveChanges(plan, state)
  const findings = await addIds(derived.found, plan.acceptFindings)
  const shown = await addIds(deriveFromPlan(plan).found, plan.acceptFindings)
  const hidden = compareIds(shown, findings)
  if (hidden.length > 0) throw new StalePlanError(hidden.map((id) => `finding ${id}`))
  const blocking = findings.filter(({ accepted }) => !accepted)
  if (blocking.length > 0) throw new PlanBlockedError(blocking)
  checkChanges(plan, derived)
  if (compareIds(plan.findings, findings).length > 0)
    throw new ConfigurationError(
      'plan: its findings do not follow from its desired state, so it was edited; make a new plan with planGroups.',
    )
  return makeChanges(derived.changes, state.roles, options)
}

/** The ids that only one of two lists has. What is stored in a plan may be anything. */
function compareIds(a: readonly (Partial<PlanFinding> | null)[], b: readonly PlanFinding[]): string[] {
  const left = a.map((finding) => String(finding?.id))
  const right = b.map(({ id }) => id)
  return [...left.filter((id) => !right.includes(id)), ...right.filter((id) => !left.includes(id))].sort()
}

function checkPools(plan: GroupPlan, { admin, identityPool }: ApplyOptions): void {
  const check = (kind: string, made: string | undefined, given: string | undefined) => {
    if (made !== undefined && made !== given)
      throw new ConfigurationError(`plan: it is for ${kind} ${made}, and the client is for ${given ?? 'none'}.`)
  }
  check('user pool', plan.userPoolId, admin.userPoolId)
  check('identity pool', plan.identityPoolId, identityPool?.identityPoolId)
}

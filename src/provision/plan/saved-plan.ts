import { ConfigurationError } from '../../errors.ts'
import { deriveChanges, type DerivedChanges } from './plan-groups.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { canonicalJson } from '../../internal/json.ts'
import { checkDesired } from '../state/desired.ts'
import { createFingerprint, stateFrom } from '../state/state.ts'

/** What follows from a plan itself, whatever is written in its changes and findings. Throws ConfigurationError. */
export function deriveFromPlan(plan: GroupPlan): DerivedChanges {
  checkVersion(plan)
  return readingPlan(() => deriveChanges(plan, stateFrom(plan)))
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

/** Throws ConfigurationError unless all parts of the plan have the form that `planGroups` gives them. */
export async function checkForm(plan: GroupPlan): Promise<void> {
  try {
    const lists: unknown[] = [plan.changes, plan.findings, plan.unmanaged, plan.acceptFindings]
    if (!lists.every(Array.isArray)) throw new ConfigurationError('a list is missing')
    createFingerprint(plan, stateFrom(plan))
    await checkDesired(plan)
  } catch (cause) {
    throw malformedPlan(cause)
  }
  deriveFromPlan(plan)
}

/** A change that was taken out of the plan, or put into it, must not go unnoticed. Reasons are words, and do not count. */
export function checkChanges(plan: GroupPlan, { changes }: DerivedChanges): void {
  const toText = (list: readonly PlannedChange[]) =>
    canonicalJson(list.map((change) => (typeof change === 'object' && change ? { ...change, reasons: [] } : change)))
  if (toText(plan.changes) === toText(changes)) return
  throw new ConfigurationError(
    'plan: its changes are not those that its desired state makes, so that it was edited; make a new plan with planGroups.',
  )
}

/** Does something with a plan that may have been edited. What fails over its form is a ConfigurationError. */
function readingPlan<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw malformedPlan(cause)
  }
}

/** The error for a plan that is not as `planGroups` makes it. */
function malformedPlan(cause: unknown): Error {
  const why = cause instanceof ConfigurationError ? ` (${cause.message.replace(/\.$/, '')})` : ''
  return new ConfigurationError(`plan: it is not as planGroups made it${why}; make a new plan.`, { cause })
}

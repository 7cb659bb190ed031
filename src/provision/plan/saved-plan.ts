import { ConfigurationError } from '../../errors.ts'
import { deriveChanges, type DerivedChanges } from './derive-changes.ts'
import type { GroupPlan, PlannedChange } from './plan.ts'
import { canonicalJson } from '../../internal/json.ts'
import { checkDesired } from '../state/desired.ts'
import { createFingerprint, stateFrom } from '../state/state.ts'

/** What follows from a plan's desired state and snapshot. Its stored changes and findings are ignored. Throws ConfigurationError. */
export function deriveFromPlan(plan: GroupPlan): DerivedChanges {
  checkVersion(plan)
  try {
    return deriveChanges(plan, stateFrom(plan))
  } catch (cause) {
    throw malformedPlan(cause)
  }
}

/** Throws ConfigurationError unless this is a plan of version 2. */
export function checkVersion(plan: GroupPlan): void {
  const { version }: { version?: unknown } = typeof plan === 'object' && plan !== null ? plan : {}
  if (version === 2) return
  const why =
    version === 1
      ? 'it has version 1, and only version 2 can be applied safely; make a new plan with planGroups'
      : 'expected a plan that planGroups made'
  throw new ConfigurationError(`plan: ${why}.`)
}

/** Throws ConfigurationError unless all parts of the plan look as `planGroups` makes them. */
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

/** Throws ConfigurationError if changes were added to the plan or removed from it. Their reasons do not matter. */
export function checkChanges(plan: GroupPlan, { changes }: DerivedChanges): void {
  const toText = (list: readonly PlannedChange[]) =>
    canonicalJson(list.map((change) => (typeof change === 'object' && change ? { ...change, reasons: [] } : change)))
  if (toText(plan.changes) === toText(changes)) return
  throw new ConfigurationError(
    'plan: its changes do not follow from its desired state, so it was edited; make a new plan with planGroups.',
  )
}

function malformedPlan(cause: unknown): Error {
  const why = cause instanceof ConfigurationError ? ` (${cause.message.replace(/\.$/, '')})` : ''
  return new ConfigurationError(`plan: it was edited since planGroups made it${why}; make a new plan.`, { cause })
}

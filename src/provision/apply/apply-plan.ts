import { isJsonObject } from '../../encoding.ts'
import { ConfigurationError } from '../../errors.ts'
import { differencesOf, fingerprintOf } from '../plan/fingerprint.ts'
import { checkClients } from '../plan/observe.ts'
import type { GroupPlan, PlannedChange } from '../plan/plan.ts'
import { readWorld, type Scope } from '../plan/read-world.ts'
import { sharedLimits } from '../plan/shared-limits.ts'
import { PlanBlockedError, PlanFailedError, PlanOutdatedError } from './apply-errors.ts'
import type { ApplyOptions } from './apply-options.ts'
import { createBuilder } from './builder.ts'

/**
 * Does what a plan says, in its order, and resolves to the changes that were made. The plan may have been saved as JSON.
 *
 * Throws, and writes nothing: PlanBlockedError for findings that are not allowed, PlanOutdatedError where what the plan saw
 * has changed since, ConfigurationError for another account or pool. Throws PlanFailedError where a change fails: whatever
 * is done then can be left as it is, a new plan goes on from there.
 */
export async function applyPlan(plan: GroupPlan, options: ApplyOptions): Promise<readonly PlannedChange[]> {
  checkClients(options)
  checkPlan(plan, options)
  const blocking = plan.findings.filter(({ id }) => !plan.allow.includes(id))
  if (blocking.length > 0) throw new PlanBlockedError(blocking)
  if (plan.changes.length === 0) return []
  const { deadline = 900, signal, iam } = options
  const world = await readWorld(options, () => scopeOf(plan), sharedLimits(iam.seams, deadline, signal), undefined)
  if (world.account !== plan.account)
    throw new ConfigurationError(`plan: made for account ${plan.account}, and this is ${world.account}.`)
  const changed = differencesOf(plan.seen, await fingerprintOf(world.sight))
  if (changed.length > 0) throw new PlanOutdatedError(changed)
  return carryOut(plan, options)
}

/** Does what a plan says without asking whether it may, or whether the world is still as it was. */
export async function carryOut({ changes }: GroupPlan, options: ApplyOptions): Promise<readonly PlannedChange[]> {
  const { signal, onChange } = options
  const build = createBuilder(options)
  const total = changes.length
  const done: PlannedChange[] = []
  for (const change of changes) {
    onChange?.({ change, state: 'started', done: done.length, total })
    try {
      signal?.throwIfAborted()
      await build(change)
    } catch (cause) {
      throw new PlanFailedError(done, change, { cause })
    }
    done.push(change)
    onChange?.({ change, state: 'done', done: done.length, total })
  }
  return done
}

function checkPlan(plan: GroupPlan, { admin, identityPool }: ApplyOptions): void {
  const check = (isRight: boolean, expected: string) => {
    if (!isRight) throw new ConfigurationError(`plan: expected ${expected}.`)
  }
  const isWhole = [plan?.changes, plan?.findings, plan?.allow].every(Array.isArray) && isJsonObject(plan.seen)
  check(isWhole && plan.version === 1, 'a plan of planGroups')
  check(
    plan.userPoolId === admin.userPoolId,
    `one of user pool ${admin.userPoolId}, and it is one of ${plan.userPoolId}`,
  )
  const { identityPoolId } = identityPool
  check(
    plan.identityPoolId === identityPoolId,
    `one of identity pool ${identityPoolId}, and it is one of ${plan.identityPoolId}`,
  )
}

/** What the plan saw is what has to be looked at again. */
function scopeOf({ seen }: GroupPlan): Scope {
  const named = (kind: string) =>
    Object.keys(seen).flatMap((name) => (name.startsWith(kind) ? name.slice(kind.length) : []))
  return { groups: named('group '), roles: named('role '), counted: named('members of ') }
}

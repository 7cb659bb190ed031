import { CognigateError, ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { checkDesired } from '../plan/desired.ts'
import { identify } from '../plan/findings.ts'
import {
  checkVersion,
  derive,
  type Derived,
  deriveFromPlan,
  type ReadOptions,
  unreadable,
} from '../plan/plan-groups.ts'
import type { GroupPlan, PlanFinding, PlannedChange } from '../plan/plan.ts'
import { canonicalJson } from '../policy/index.ts'
import { differencesOf, fingerprintOf } from '../state/fingerprint.ts'
import { checkClients, type PlanClients, readWorld, type World, worldIn } from '../state/read-state.ts'
import { createBuilder } from './role-builder.ts'

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
    ['admin', 'iam', 'identityPool', 'accountDetails', 'onChange', 'onProgress', 'deadline', 'signal'],
    Object.fromEntries(
      ['prune', 'allow', 'adopt', 'secureIdentityPool', 'rolePrefix'].map((name) => [
        name,
        'planGroups takes it, and the plan holds it.',
      ]),
    ),
  )
  checkClients(options)
  checkVersion(plan)
  await checkForm(plan)
  checkPools(plan, options)
  const world = await readWorld(options, plan, options.deadline ?? 900)
  if (world.account !== plan.account)
    throw new ConfigurationError(`plan: made for account ${plan.account}, and this is ${world.account}.`)
  const changed = differencesOf(fingerprintOf(plan, worldIn(plan)), fingerprintOf(plan, world))
  if (changed.length > 0) throw new StalePlanError(changed)
  const derived = derive(plan, world)
  const findings = await identify(derived.found, plan.allow)
  const blocking = findings.filter(({ allowed }) => !allowed)
  if (blocking.length > 0) throw new PlanBlockedError(blocking)
  checkChanges(plan, derived)
  return carryOut(derived.changes, world.roles, options)
}

/** Does changes without asking whether they may be done. `roles` are those that were seen, by name in lower case. */
export async function carryOut(
  changes: readonly PlannedChange[],
  roles: World['roles'],
  options: ApplyOptions,
): Promise<readonly PlannedChange[]> {
  const { signal, onChange } = options
  const build = createBuilder(options, roles)
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

/** Throws ConfigurationError unless all parts of the plan have the form that `planGroups` gives them. */
async function checkForm(plan: GroupPlan): Promise<void> {
  try {
    const lists: unknown[] = [plan.changes, plan.findings, plan.unmanaged, plan.allow]
    if (!lists.every(Array.isArray)) throw new ConfigurationError('a list is missing')
    fingerprintOf(plan, worldIn(plan))
    await checkDesired(plan)
  } catch (cause) {
    throw unreadable(cause)
  }
  deriveFromPlan(plan)
}

function checkPools(plan: GroupPlan, { admin, identityPool }: ApplyOptions): void {
  const check = (kind: string, made: string | undefined, given: string | undefined) => {
    if (made !== undefined && made !== given)
      throw new ConfigurationError(`plan: expected one of ${kind} ${given}, and it is one of ${made}.`)
  }
  check('user pool', plan.userPoolId, admin.userPoolId)
  check('identity pool', plan.identityPoolId, identityPool?.identityPoolId)
}

/** A change that was taken out of the plan, or put into it, must not go unnoticed. Reasons are words, and do not count. */
function checkChanges(plan: GroupPlan, { changes }: Derived): void {
  const textOf = (list: readonly PlannedChange[]) =>
    canonicalJson(list.map((change) => (typeof change === 'object' && change ? { ...change, reasons: [] } : change)))
  if (textOf(plan.changes) === textOf(changes)) return
  throw new ConfigurationError(
    'plan: its changes are not those that its desired state makes, so that it was edited; make a new plan with planGroups.',
  )
}

/** A change that was begun or is done. */
export interface ChangeProgress {
  readonly change: PlannedChange
  readonly state: 'started' | 'done'
  /** How many changes are done, of all that the plan has. */
  readonly done: number
  readonly total: number
}

/** How a plan is applied. */
export interface ApplyOptions extends PlanClients, ReadOptions {
  /** Called before and after each change. What it throws ends the work, and is thrown as it is. */
  readonly onChange?: ((progress: ChangeProgress) => void) | undefined
  /** Seconds that looking whether the plan is up to date may take, and then the work, with all waiting. Default 900. */
  readonly deadline?: number | undefined
  /** Ends the work before its next call: PlanFailedError then says what is done. */
  readonly signal?: AbortSignal | undefined
}

/** The plan has findings that its `allow` does not name. Nothing was written. */
export class PlanBlockedError extends CognigateError {
  override readonly name = 'PlanBlockedError'
  readonly code = 'PLAN_BLOCKED'
  readonly findings: readonly PlanFinding[]

  constructor(findings: readonly PlanFinding[]) {
    const lines = findings.map(({ id, message }) => `${message} (allow: '${id}')`)
    super(['The plan is blocked until this is settled, or allowed by name when planning:', ...lines].join('\n  '))
    this.findings = findings
  }
}

/** What the plan saw has changed since. Nothing was written; make a new plan. */
export class StalePlanError extends CognigateError {
  override readonly name = 'StalePlanError'
  readonly code = 'STALE_PLAN'
  /** What has changed, such as `group admin` or `role role_admin`. */
  readonly changed: readonly string[]

  constructor(changed: readonly string[]) {
    super(`The plan is out of date; make a new one. Changed since: ${changed.join(', ')}.`)
    this.changed = changed
  }
}

/** A change failed: `cause` says why. Those before it are done; plan again to go on. */
export class PlanFailedError extends CognigateError {
  override readonly name = 'PlanFailedError'
  readonly code = 'PLAN_FAILED'
  /** What is done. */
  readonly done: readonly PlannedChange[]
  /** What was begun and may be done in part. */
  readonly failed: PlannedChange

  constructor(done: readonly PlannedChange[], failed: PlannedChange, options: ErrorOptions) {
    const what = failed.kind === 'identity-pool' ? 'the identity pool' : `${failed.kind} of group ${failed.group}`
    const why = options.cause instanceof Error ? ` ${options.cause.message}` : ''
    super(
      `${failed.action} ${what} failed, ${done.length} changes before it are done; plan again to go on.${why}`,
      options,
    )
    this.done = done
    this.failed = failed
  }
}

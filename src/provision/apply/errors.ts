import { CognigateError } from '../../errors.ts'
import type { PlanFinding, PlannedChange } from '../plan/plan.ts'

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

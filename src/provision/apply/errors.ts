import { CognigateError } from '../../errors.ts'
import type { PlanFinding, PlannedChange } from '../plan/plan.ts'

/** The plan has findings that were not accepted. Nothing was written. */
export class PlanBlockedError extends CognigateError {
  override readonly name = 'PlanBlockedError'
  readonly code = 'PLAN_BLOCKED'
  readonly findings: readonly PlanFinding[]

  constructor(findings: readonly PlanFinding[]) {
    const lines = findings.map(({ id, message }) => `${message} (acceptFindings: '${id}')`)
    super(
      ['The plan is blocked. Fix these findings, or accept them in `acceptFindings` of planGroups:', ...lines].join(
        '\n  ',
      ),
    )
    this.findings = findings
  }
}

/** What the plan depends on has changed since it was made. Make a new plan. */
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

/** A change failed, and `cause` says why. The changes before it are done. Plan again to go on. */
export class PlanFailedError extends CognigateError {
  override readonly name = 'PlanFailedError'
  readonly code = 'PLAN_FAILED'
  /** The changes that were made. */
  readonly done: readonly PlannedChange[]
  /** The change that failed. Part of it may be done. */
  readonly failed: PlannedChange

  constructor(done: readonly PlannedChange[], failed: PlannedChange, options: ErrorOptions) {
    const what = failed.kind === 'identity-pool' ? 'the identity pool' : `${failed.kind} of group ${failed.group}`
    const why = options.cause instanceof Error ? ` ${options.cause.message}` : ''
    super(`${failed.action} ${what} failed after ${done.length} changes; plan again to go on.${why}`, options)
    this.done = done
    this.failed = failed
  }
}

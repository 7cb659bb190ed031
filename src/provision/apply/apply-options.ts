import type { PlanClients } from '../plan/observe.ts'
import type { PlannedChange } from '../plan/plan.ts'
import type { ReadOptions } from '../plan/plan-options.ts'

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

import type { BulkResult, Ending, Membership } from './membership.ts'

/**
 * How far a task is: `unclear` whether it holds already, `todo`, in `doubt` because the answer to the write was lost, or
 * at its end.
 */
export type TaskState = 'unclear' | 'todo' | 'doubt' | 'ok' | 'skipped' | 'failed'

/** An entry on its way. */
export interface Task<E extends Membership = Membership> {
  readonly entry: E
  readonly change: 'add' | 'remove'
  state: TaskState
  /** The pool's own name of the user, once it is known. */
  username?: string | undefined
  error?: unknown
  /** An earlier task for the same user and group. */
  twin?: Task<E> | undefined
}

/** A task that nothing is known of yet. */
export function createTask<E extends Membership>(entry: E, change: 'add' | 'remove'): Task<E> {
  return { entry, change, state: 'unclear' }
}

/** Settles what is known to hold, or not to hold, already. */
export function settle(task: Task, username: string, isMember: boolean): void {
  task.username = username
  task.state = isMember === (task.change === 'add') ? 'skipped' : 'todo'
}

/** Ends a task with an error. */
export function fail(task: Task, error: unknown): void {
  task.state = 'failed'
  task.error = error
}

/** Finds tasks for the same user and group; the first of them is done, the others follow it. */
export function pairTwins(tasks: readonly Task[]): void {
  const first = new Map<string, Task>()
  for (const task of tasks) {
    const { username, state, entry } = task
    if (username === undefined || state === 'failed') continue
    const key = JSON.stringify([username, entry.group])
    const twin = first.get(key)
    if (twin === undefined) first.set(key, task)
    else if (state !== 'skipped' && state !== 'ok') task.twin = twin
  }
}

/** The report: every task in exactly one list. */
export function report<E extends Membership>(tasks: readonly Task<E>[], ended: Ending): BulkResult<E> {
  const ok: E[] = []
  const skipped: E[] = []
  const failed: { entry: E; error: unknown }[] = []
  const pending: E[] = []
  for (const { entry, twin, ...own } of tasks) {
    const { state, error } = twin ?? own
    if (state === 'ok' && !twin) ok.push(entry)
    else if (state === 'ok' || state === 'skipped') skipped.push(entry)
    else if (state === 'failed') failed.push({ entry, error })
    else pending.push(entry)
  }
  return { ok, skipped, failed, pending, ended }
}

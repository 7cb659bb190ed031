import { getClock, isAwsError } from '../../aws/index.ts'
import { assertConfig } from '../../errors.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import type { OpenJournal, Listing } from './journal.ts'
import type { BulkOptions, BulkResult, StopReason, Membership } from './memberships.ts'
import { createThrottledClient, remember, Stop } from './throttled-client.ts'

/** How many results may be lost, and would be done again, where a run is killed. */
const UNSAVED = 20

/** A piece of bulk work, phase by phase. */
export interface Work {
  /** Lists the members of each group, and settles the entries that this decides. */
  listMembers(groups: Iterable<string>, keepMembers: boolean): Promise<void>
  /** Finds out who is meant by names that the listings did not show, and settles the rest. */
  resolve(): Promise<void>
  /** Does what is to be done of these tasks. */
  perform(tasks: readonly Task[]): Promise<void>
  readonly stopReason: StopReason
}

/** Works on tasks, which may become more. Throws ConfigurationError, naming the option. */
export function createWork(admin: PoolAdmin, tasks: readonly Task[], journal: OpenJournal, options: BulkOptions): Work {
  const { now } = getClock(admin)
  const client = createThrottledClient(admin, options, (seconds) => report(seconds))
  const { concurrency = 5 } = options
  assertConfig('concurrency', Number.isInteger(concurrency) && concurrency > 0, 'a whole number, at least 1.')
  const complete = new Map<string, ReadonlySet<string>>()
  const start = now()
  const earlier = tasks.filter(({ state }) => state === 'ok' || state === 'skipped').length
  let done = earlier
  let failed = 0
  let unsaved = 0
  let stopReason: StopReason = 'done'
  const inParallel = <T>(items: Iterable<T>, step: (item: T) => Promise<void>) =>
    mapConcurrent(
      items,
      concurrency,
      async (item) => {
        try {
          await step(item)
        } catch (error) {
          stopReason = error instanceof Stop ? error.stopReason : 'aborted'
          if (!(error instanceof Stop)) throw error
        }
      },
      () => stopReason === 'done',
    )

  const report = (waiting?: number) => {
    const seconds = (now() - start) / 1000
    const rate = seconds > 0 ? (done + failed - earlier) / seconds : 0
    const remaining = rate > 0 ? (tasks.length - done - failed) / rate : undefined
    const { throttled } = client
    options.onProgress?.({ total: tasks.length, done, failed, throttled, rate, remaining, waiting })
  }
  const advance = async ({ state }: Task) => {
    if (state === 'ok' || state === 'skipped') done++
    if (state === 'failed') failed++
    report()
    if (++unsaved < UNSAVED) return
    unsaved = 0
    await journal.save()
  }
  const failAll = async (failing: readonly Task[], error: unknown) => {
    if (error instanceof Stop) throw error
    for (const task of failing) {
      fail(task, error)
      await advance(task)
    }
  }

  const listGroup = async (group: string, keepMembers: boolean) => {
    const listing: Listing = journal.listings.get(group) ?? { isDone: false, members: [] }
    journal.listings.set(group, listing)
    if (listing.isDone) {
      if (keepMembers) complete.set(group, new Set(listing.members))
      return
    }
    const members = new Set(listing.members)
    const waiting = groupBy(
      tasks.filter((task) => task.entry.group === group && task.state === 'unclear'),
      ({ entry }) => entry.username,
    )
    let isWhole = keepMembers || listing.token === undefined
    const seen = new Set<string>()
    do {
      const page = await client
        .call('list')('ListUsersInGroup', { GroupName: group, NextToken: listing.token })
        .catch((error: unknown) => {
          // The token is from an earlier run, and too old: from the start.
          const isStale = isAwsError(error) && error.code === 'InvalidParameterException' && listing.token && !seen.size
          if (!isStale) throw error
          isWhole = true
          members.clear()
          return { Users: [], NextToken: undefined, isStale: true }
        })
      for (const { Username = '' } of page.Users ?? []) {
        members.add(Username)
        for (const task of waiting.get(Username) ?? []) {
          settle(task, Username, true)
          await advance(task)
        }
      }
      listing.token = page.NextToken || undefined
      remember(seen, listing.token, 'ListUsersInGroup')
      listing.isDone = listing.token === undefined && !('isStale' in page)
      if (keepMembers) listing.members = [...members]
    } while (!listing.isDone)
    if (isWhole) complete.set(group, members)
  }

  const resolveUser = async (given: string, waiting: readonly Task[]) => {
    try {
      const { Username = given } = await client.call('read')('AdminGetUser', { Username: given })
      for (const task of waiting) {
        const { group } = task.entry
        // A name that is the pool's own was seen in the listing, had it been there.
        const isSeen =
          complete.get(group)?.has(Username) ?? (Username !== given && (await client.isMember(Username, group)))
        settle(task, Username, isSeen)
        await advance(task)
      }
    } catch (error) {
      await failAll(
        waiting.filter(({ state }) => state === 'unclear'),
        error,
      )
    }
  }

  const write = async (task: Task) => {
    const { username = task.entry.username, entry, change } = task
    const operation = change === 'add' ? 'AdminAddUserToGroup' : 'AdminRemoveUserFromGroup'
    for (let lost = 0; task.state === 'todo' || task.state === 'lost'; ) {
      try {
        if (task.state === 'lost' && (await client.isMember(username, entry.group)) === (change === 'add')) {
          task.state = 'ok'
        } else if (lost >= client.attempts) {
          fail(task, task.error)
        } else {
          task.state = 'todo'
          await client.call('write')(operation, { Username: username, GroupName: entry.group })
          task.state = 'ok'
        }
      } catch (error) {
        if (error instanceof Stop) throw error
        if (isAwsError(error) && error.outcome === 'unknown') {
          task.state = 'lost'
          task.error = error
          lost++
        } else fail(task, task.state === 'lost' ? (task.error ?? error) : error)
      }
    }
    await advance(task)
  }

  return {
    async listMembers(groups, keepMembers) {
      await saving(journal, () =>
        inParallel(groups, async (group) => {
          await listGroup(group, keepMembers).catch((error) =>
            failAll(
              tasks.filter(({ entry, state }) => entry.group === group && state === 'unclear'),
              error,
            ),
          )
          await journal.save()
        }),
      )
    },
    async resolve() {
      const unclear = tasks.filter(
        ({ state, entry }) => state === 'unclear' && journal.listings.get(entry.group)?.isDone,
      )
      const users = groupBy(unclear, ({ entry }) => entry.username)
      await saving(journal, () => inParallel(users, ([given, waiting]) => resolveUser(given, waiting)))
      markDuplicates(tasks)
    },
    async perform(chosen) {
      const todo = chosen.filter(({ state, duplicateOf }) => (state === 'todo' || state === 'lost') && !duplicateOf)
      await saving(journal, () => inParallel(todo, write))
    },
    get stopReason() {
      return stopReason
    },
  }
}

async function saving(journal: OpenJournal, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } finally {
    await journal.save()
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/**
 * How far a task is: `unclear` whether it holds already, `todo`, `lost` where the response to the write was lost, or
 * at its end.
 */
export type TaskState = 'unclear' | 'todo' | 'lost' | 'ok' | 'skipped' | 'failed'

/** An entry on its way. */
export interface Task<E extends Membership = Membership> {
  readonly entry: E
  readonly change: 'add' | 'remove'
  state: TaskState
  /** The pool's own name of the user, once it is known. */
  username?: string | undefined
  error?: unknown
  /** An earlier task for the same user and group. */
  duplicateOf?: Task<E> | undefined
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
export function markDuplicates(tasks: readonly Task[]): void {
  const first = new Map<string, Task>()
  for (const task of tasks) {
    const { username, state, entry } = task
    if (username === undefined || state === 'failed') continue
    const key = JSON.stringify([username, entry.group])
    const duplicateOf = first.get(key)
    if (duplicateOf === undefined) first.set(key, task)
    else if (state !== 'skipped' && state !== 'ok') task.duplicateOf = duplicateOf
  }
}

/** The report: every task in exactly one list. */
export function report<E extends Membership>(tasks: readonly Task<E>[], stopReason: StopReason): BulkResult<E> {
  const ok: E[] = []
  const skipped: E[] = []
  const failed: { entry: E; error: unknown }[] = []
  const pending: E[] = []
  for (const { entry, duplicateOf, ...own } of tasks) {
    const { state, error } = duplicateOf ?? own
    if (state === 'ok' && !duplicateOf) ok.push(entry)
    else if (state === 'ok' || state === 'skipped') skipped.push(entry)
    else if (state === 'failed') failed.push({ entry, error })
    else pending.push(entry)
  }
  return { ok, skipped, failed, pending, stopReason }
}

import { assertConfig, ConfigurationError } from '../../errors.ts'
import { assertMade, checkOptions } from '../../internal/options.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import { openJournal } from './journal.ts'
import { createTask, createWork, report } from './work.ts'

/** A user in a group. */
export interface Membership {
  /** A user name or an alias. */
  readonly username: string
  readonly group: string
}

/** Memberships, in memory or as they come. */
export type Memberships = Iterable<Membership> | AsyncIterable<Membership>

/** Why bulk work stopped: everything was tried (`done`), or a limit was reached. */
export type StopReason = 'done' | 'aborted' | 'timeout' | 'max-calls'

/** What became of each entry. Every entry stands in exactly one of the four lists, in the order of the input. */
export interface BulkResult<E> {
  /** Done by this run or, with a journal, by an earlier one. */
  readonly ok: readonly E[]
  /** Already so, or given twice. */
  readonly skipped: readonly E[]
  readonly failed: readonly { readonly entry: E; readonly error: unknown }[]
  /** Not known to be done. Give these again: nothing is done twice. */
  readonly pending: readonly E[]
  readonly stopReason: StopReason
}

/** How far the work has come. */
export interface BulkProgress {
  /** Entries in all, as far as they are known. */
  readonly total: number
  /** Entries that are done or were skipped. */
  readonly done: number
  readonly failed: number
  /** How often AWS asked to be called less often. */
  readonly throttled: number
  /** Entries a second, since the start of this run. */
  readonly rate: number
  /** Seconds that the rest takes at this rate; undefined while there is none. */
  readonly remaining: number | undefined
  /** Seconds that a call now waits because AWS asked to be called less often; undefined where an entry was done. */
  readonly waiting: number | undefined
}

/**
 * Where an interrupted run is remembered: a file, a key of a store. It holds user names,
 * and decides what is done: keep it as safe as the input.
 */
export interface Journal {
  /** What was saved last, or undefined. */
  load(): Promise<string | undefined>
  save(text: string): Promise<void>
}

/** The limits of bulk work. */
export interface BulkOptions {
  /** Calls at the same time. Default 5. */
  readonly concurrency?: number | undefined
  /**
   * Writes a second at most; reads may be twice and four times as many, as their quotas are. AWS's quota of writes is 25
   * for all callers together unless it was raised. Default 15. Throttles slow the work down further.
   */
  readonly rate?: number | undefined
  /** How often an entry may fail for another reason than a throttle. Default 5. */
  readonly attempts?: number | undefined
  /** Seconds until the rest is left pending; throttled entries wait until then. Default 3,600. */
  readonly timeout?: number | undefined
  /** How many calls to AWS are made before the rest is left pending, such as the subrequests of a Worker. Default: no limit. */
  readonly maxCalls?: number | undefined
  /** Ends the work: calls under way are waited for, the rest is left pending. */
  readonly signal?: AbortSignal | undefined
  /**
   * Lets a later run with the same entries continue where this one stopped. The journal of a finished run (`done`) is refused:
   * start a new one to do the work again, failed entries included.
   */
  readonly journal?: Journal | undefined
  /** Called after each entry, and before each wait for a throttle. */
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined
}

const limits = ['concurrency', 'rate', 'attempts', 'timeout', 'maxCalls', 'signal'] as const
/** The names of all of BulkOptions. */
export const bulkOptions = [...limits, 'journal', 'onProgress'] as const
/** What to do instead of options that others have. */
export const bulkHints = {
  retries: 'it is called "attempts", and counts the first one.',
  group: 'each entry names its group.',
  groups: 'each entry names its group.',
  maxRemovals: 'that is an option of syncMembers.',
}

/** All entries, read before anything is sent. Throws ConfigurationError for one that is none, and what the input throws. */
export async function readAll(entries: Memberships): Promise<Membership[]> {
  const isIterable = Symbol.asyncIterator in Object(entries) || Symbol.iterator in Object(entries)
  assertConfig('entries', isIterable, 'memberships, in memory or as they come.')
  const all: Membership[] = []
  for await (const entry of entries) {
    const { username, group } = entry ?? {}
    if (typeof username !== 'string' || typeof group !== 'string' || !username || !group) {
      throw new ConfigurationError(`entries[${all.length}]: expected a username and a group.`)
    }
    all.push(entry)
  }
  return all
}

/**
 * Adds users to groups. It reads all input first, lists each named group once to see who is a member already, and looks up the
 * other names, since they may be aliases. It does not throw for what AWS answers: the result has an error for each entry that
 * failed. Throws ConfigurationError for a wrong entry or option and for a journal of other work or of a finished run, and
 * whatever the input or the journal throws.
 *
 * @example
 * ```ts
 * import { addMembers } from 'cognigate/admin'
 *
 * const { ok, failed, pending } = await addMembers(admin, [
 *   { username: 'alice', group: 'editor' },
 *   { username: 'bob', group: 'editor' },
 * ])
 * ```
 */
export function addMembers(
  admin: PoolAdmin,
  entries: Memberships,
  options?: BulkOptions,
): Promise<BulkResult<Membership>> {
  return changeMembers(admin, entries, 'add', options)
}

/** Removes users from groups; everything else is as for `addMembers`. */
export function removeMembers(
  admin: PoolAdmin,
  entries: Memberships,
  options?: BulkOptions,
): Promise<BulkResult<Membership>> {
  return changeMembers(admin, entries, 'remove', options)
}

async function changeMembers(
  admin: PoolAdmin,
  entries: Memberships,
  change: 'add' | 'remove',
  options: BulkOptions = {},
): Promise<BulkResult<Membership>> {
  assertMade(`${change}Members`, admin, 'call', 'what createPoolAdmin returns.')
  checkOptions<BulkOptions>(`${change}Members`, options, bulkOptions, bulkHints)
  const tasks = (await readAll(entries)).map((entry) => createTask(entry, change))
  const journal = await openJournal(options.journal, admin.userPoolId, change, tasks)
  const work = createWork(admin, tasks, journal, options)
  await work.listMembers(
    new Set(tasks.filter(({ state }) => state === 'unclear').map(({ entry }) => entry.group)),
    false,
  )
  await work.resolve()
  await work.perform(tasks)
  if (work.stopReason === 'done') await journal.finish()
  return report(tasks, work.stopReason)
}

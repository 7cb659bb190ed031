import { ConfigurationError } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
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

/** Why a piece of bulk work came to its end: all was tried, or one of its limits was reached. */
export type StopReason = 'done' | 'aborted' | 'timeout' | 'max-calls'

/** What became of each entry. Every entry stands in exactly one of the four lists, in the order of the input. */
export interface BulkResult<E> {
  /** Done by this work; with a journal, by this or an earlier run. */
  readonly ok: readonly E[]
  /** Held already, or given twice. */
  readonly skipped: readonly E[]
  readonly failed: readonly { readonly entry: E; readonly error: unknown }[]
  /** Not known to be done: to be given again, which repeats nothing. */
  readonly pending: readonly E[]
  readonly stopReason: StopReason
}

/** How far the work is. */
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

/** Where an interrupted run is remembered: a file, a key of a store. It holds user names. */
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
  /** How often an entry may fail by other errors than throttles. Default 5. */
  readonly attempts?: number | undefined
  /** Seconds after which the rest is left pending; throttled entries wait until then. Default 3,600. */
  readonly timeout?: number | undefined
  /** Calls of AWS after which the rest is left pending, such as the subrequests of a Worker. Default: any number. */
  readonly maxCalls?: number | undefined
  /** Ends the work: calls under way are waited for, the rest is left pending. */
  readonly signal?: AbortSignal | undefined
  /**
   * Lets a later run with the same entries go on where this one ended. A journal of a run that came to its end (`done`) is
   * refused: start a new one to do the work again, failed entries included.
   */
  readonly journal?: Journal | undefined
  /** Told after each entry, and before each wait because AWS asked to be called less often. */
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
 * Adds users to groups. All input is read first. One listing of each named group tells who is in it already; other
 * names are looked up, since writes take aliases and lists have user names. Never throws for what AWS answers: the
 * report has an error for each entry that failed. Throws ConfigurationError for an entry or option that is none and for
 * the journal of other work or of a run that is finished, and what the input or the journal throws.
 */
export function addMembers(
  admin: PoolAdmin,
  entries: Memberships,
  options?: BulkOptions,
): Promise<BulkResult<Membership>> {
  return changeMembers(admin, entries, 'add', options)
}

/** Removes users from groups; all else like `addMembers`. */
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

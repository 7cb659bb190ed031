import { isJsonObject, isTexts, sha256 } from '../../internal/encoding.ts'
import { ConfigurationError, assertConfig } from '../../errors.ts'
import type { Journal, Membership } from './memberships.ts'
import type { Task, TaskState } from './work.ts'

/** How far the listing of a group's members came. */
export interface Listing {
  /** Where it goes on; undefined at the start and at the end. */
  token?: string | undefined
  isDone: boolean
  /** The members so far, where they are kept. */
  members: string[]
}

/** What a journal keeps of a piece of work. */
export interface OpenJournal {
  readonly listings: Map<string, Listing>
  /** Removals that a sync has done. */
  readonly removed: Membership[]
  /** Saves, after what is being saved already. */
  save(): Promise<void>
  /** Saves that all was tried: no later run takes this for the state of the pool. */
  finish(): Promise<void>
}

/** What the journal's text looks like. */
interface Saved {
  readonly version: 2
  /** Whether all was tried. */
  readonly finished: boolean
  readonly userPoolId: string
  readonly operation: string
  /** SHA-256 of the entries. */
  readonly entries: string
  /** A letter for each task. */
  readonly states: string
  /** The pool's own names of users, by the task's index, where the entry has another one. */
  readonly names: { readonly [index: string]: string }
  readonly listings: readonly (readonly [string, Listing])[]
  readonly removed: readonly Membership[]
}

/**
 * Brings tasks to where an earlier run left them. Failed ones are tried again. Throws ConfigurationError where the
 * journal belongs to another pool, operation or list of entries, and where its run came to its end: the pool may have
 * changed since.
 */
export async function openJournal(
  journal: Journal | undefined,
  userPoolId: string,
  operation: string,
  tasks: readonly Task[],
): Promise<OpenJournal> {
  const listings = new Map<string, Listing>()
  const removed: Membership[] = []
  if (journal === undefined) return { listings, removed, save: async () => {}, finish: async () => {} }
  assertConfig(
    'journal',
    typeof journal?.load === 'function' && typeof journal.save === 'function',
    'functions load and save.',
  )
  const entries = await sha256(JSON.stringify(tasks.map(({ entry }) => [entry.username, entry.group])))
  const text = await journal.load()
  if (text !== undefined) {
    const saved = parse(text, tasks.length)
    const isOurs = saved?.userPoolId === userPoolId && saved.operation === operation && saved.entries === entries
    if (!saved || !isOurs) {
      throw new ConfigurationError(
        'journal: it belongs to another pool, operation, list of entries or version; start a new one.',
      )
    }
    if (saved.finished) {
      throw new ConfigurationError(
        'journal: its run is finished, and the pool may have changed since; start a new journal to do it again.',
      )
    }
    for (const [group, listing] of saved.listings) listings.set(group, { ...listing, members: [...listing.members] })
    removed.push(...saved.removed)
    for (const [index, task] of tasks.entries()) {
      task.state = readState(saved.states.charAt(index))
      if (task.state !== 'unclear') task.username = saved.names[index] ?? task.entry.username
    }
  }
  let last: Promise<void> = Promise.resolve()
  let finished = false
  const toSaved = (): Saved => ({
    version: 2,
    finished,
    userPoolId,
    operation,
    entries,
    removed,
    listings: [...listings],
    states: tasks.map(({ state }) => state.charAt(0)).join(''),
    names: Object.fromEntries(
      tasks.flatMap(({ username, entry }, index) =>
        username === undefined || username === entry.username ? [] : [[index, username]],
      ),
    ),
  })
  const save = () => (last = last.then(() => journal.save(JSON.stringify(toSaved()))))
  return {
    listings,
    removed,
    save,
    finish() {
      finished = true
      return save()
    },
  }
}

function readState(letter: string): TaskState {
  const states: readonly TaskState[] = ['todo', 'lost', 'ok', 'skipped']
  return states.find((state) => state.startsWith(letter)) ?? 'unclear'
}

function parse(text: string, tasks: number): Saved | undefined {
  try {
    const saved: unknown = JSON.parse(text)
    return isSaved(saved, tasks) ? saved : undefined
  } catch {
    return undefined
  }
}

/** Whether a text that was kept elsewhere has the form in which it was written. */
function isSaved(saved: unknown, tasks: number): saved is Saved {
  if (!isJsonObject(saved)) return false
  const { version, finished, states, names, listings, removed } = saved
  return (
    version === 2 &&
    typeof finished === 'boolean' &&
    typeof states === 'string' &&
    // A sync also has a letter for each removal.
    states.length >= tasks &&
    isJsonObject(names) &&
    isTexts(Object.values(names)) &&
    isListOf(listings, (entry) => isListOf(entry, () => true) && typeof entry[0] === 'string' && isListing(entry[1])) &&
    isListOf(removed, (item) => isJsonObject(item) && isTexts([item['username'], item['group']]))
  )
}

function isListing(listing: unknown): boolean {
  if (!isJsonObject(listing)) return false
  const { token = '', isDone, members } = listing
  return typeof token === 'string' && typeof isDone === 'boolean' && isTexts(members)
}

function isListOf(list: unknown, holds: (item: unknown) => boolean): list is readonly unknown[] {
  return Array.isArray(list) && list.every(holds)
}

import { encodeUtf8, isJsonObject } from '../../encoding.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Journal, Membership } from './membership.ts'
import type { Task, TaskState } from './task.ts'

/** How far the listing of a group's members came. */
export interface Sweep {
  /** Where it goes on; undefined at the start and at the end. */
  token?: string | undefined
  isDone: boolean
  /** The members so far, where they are kept. */
  members: string[]
}

/** What a journal keeps of a piece of work. */
export interface Record {
  readonly sweeps: Map<string, Sweep>
  /** Removals that a sync has done. */
  readonly removed: Membership[]
  /** Saves, after what is being saved already. */
  save(): Promise<void>
}

/** What the journal's text looks like. */
interface Saved {
  readonly version: 1
  readonly userPoolId: string
  readonly operation: string
  /** SHA-256 of the entries. */
  readonly entries: string
  /** A letter for each task. */
  readonly states: string
  /** The pool's own names of users, by the task's index, where the entry has another one. */
  readonly names: { readonly [index: string]: string }
  readonly sweeps: readonly (readonly [string, Sweep])[]
  readonly removed: readonly Membership[]
}

/**
 * Brings tasks to where an earlier run left them. Failed ones are tried again. Throws ConfigurationError where the
 * journal belongs to another pool, operation or list of entries.
 */
export async function openRecord(
  journal: Journal | undefined,
  userPoolId: string,
  operation: string,
  tasks: readonly Task[],
): Promise<Record> {
  const sweeps = new Map<string, Sweep>()
  const removed: Membership[] = []
  if (journal === undefined) return { sweeps, removed, save: async () => {} }
  const entries = await digest(tasks.map(({ entry }) => [entry.username, entry.group]))
  const text = await journal.load()
  if (text !== undefined) {
    const saved = parse(text)
    const isOurs = saved?.userPoolId === userPoolId && saved.operation === operation && saved.entries === entries
    if (!saved || !isOurs) {
      throw new ConfigurationError('journal: belongs to another pool, operation or list of entries.')
    }
    for (const [group, sweep] of saved.sweeps) sweeps.set(group, { ...sweep, members: [...sweep.members] })
    removed.push(...saved.removed)
    for (const [index, task] of tasks.entries()) {
      task.state = stateOf(saved.states.charAt(index))
      if (task.state !== 'unclear') task.username = saved.names[index] ?? task.entry.username
    }
  }
  let last: Promise<void> = Promise.resolve()
  const word = (): Saved => ({
    ...{ version: 1, userPoolId, operation, entries, removed, sweeps: [...sweeps] },
    states: tasks.map(({ state }) => state.charAt(0)).join(''),
    names: Object.fromEntries(
      tasks.flatMap(({ username, entry }, index) =>
        username === undefined || username === entry.username ? [] : [[index, username]],
      ),
    ),
  })
  return {
    sweeps,
    removed,
    save: () => (last = last.then(() => journal.save(JSON.stringify(word())))),
  }
}

function stateOf(letter: string): TaskState {
  const states: readonly TaskState[] = ['todo', 'doubt', 'ok', 'skipped']
  return states.find((state) => state.startsWith(letter)) ?? 'unclear'
}

function parse(text: string): Saved | undefined {
  try {
    const saved: unknown = JSON.parse(text)
    return isJsonObject(saved) && saved['version'] === 1 ? (saved as unknown as Saved) : undefined
  } catch {
    return undefined
  }
}

async function digest(value: unknown): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(JSON.stringify(value))))
  return btoa(String.fromCharCode(...bytes))
}

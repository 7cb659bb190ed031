import { CognigateError, ConfigurationError } from '../../errors.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import { assertMade, checkOptions } from '../../internal/options.ts'
import { isTexts } from '../../internal/encoding.ts'
import {
  type BulkOptions,
  bulkHints,
  bulkOptions,
  type BulkResult,
  type Membership,
  type Memberships,
  readAll,
} from './memberships.ts'
import { openJournal } from './journal.ts'
import { createTask, createWork, fail, report, settle, type Task } from './work.ts'

/** What a sync may do. */
export interface SyncOptions extends BulkOptions {
  /** The groups whose members are replaced. Entries may name no other group. */
  readonly groups: readonly string[]
  /** How many members may be removed at most; more are taken for a mistake. */
  readonly maxRemovals: number
}

/** A membership that is added or removed. */
export interface MembershipChange extends Membership {
  readonly change: 'add' | 'remove'
}

/** The sync looks like a mistake. Nothing was written. */
export class SyncRefusedError extends CognigateError {
  override readonly name = 'SyncRefusedError'
  readonly code: 'NO_ENTRIES' | 'TOO_MANY_REMOVALS'
  /** How many members would have been removed, with those that earlier runs of the journal did remove. */
  readonly removals: number | undefined

  constructor(code: SyncRefusedError['code'], removals?: number) {
    super(
      code === 'NO_ENTRIES'
        ? 'There are no entries: removing every member is taken for a mistake.'
        : `${removals} members would be removed, earlier runs included; "maxRemovals" allows fewer.`,
    )
    this.code = code
    this.removals = removals
  }
}

/**
 * Makes the members of some groups exactly those of the entries. All input is read and every name is looked up before
 * anything is written; members are added before others are removed. Where it is not certain who is meant by an entry,
 * nobody is removed from its group, and those who would be are reported as failed. The result tells what this run and, with
 * a journal, earlier ones did, not who is a member now: a member added again meanwhile stays. Throws SyncRefusedError for no
 * entries and for more than `maxRemovals` removals; everything else is as for `addMembers`.
 *
 * @example
 * ```ts
 * import { syncMembers } from 'cognigate/admin'
 *
 * const staff = [{ username: 'alice', group: 'editor' }]
 * const { ok } = await syncMembers(admin, staff, { groups: ['editor'], maxRemovals: 10 })
 * ```
 */
export async function syncMembers(
  admin: PoolAdmin,
  entries: Memberships,
  options: SyncOptions,
): Promise<BulkResult<MembershipChange>> {
  const { group, groups: _, maxRemovals: __, ...hints } = bulkHints
  assertMade('syncMembers', admin, 'call', 'what createPoolAdmin returns.')
  checkOptions<SyncOptions>('syncMembers', options, [...bulkOptions, 'groups', 'maxRemovals'], hints)
  const { groups, maxRemovals } = options
  if (!isTexts(groups) || groups.length === 0) throw new ConfigurationError('groups: expected the names of groups.')
  if (!(maxRemovals >= 0)) throw new ConfigurationError('maxRemovals: expected a number, 0 or more.')
  const wanted = await readAll(entries)
  if (wanted.length === 0) throw new SyncRefusedError('NO_ENTRIES')
  const tasks: Task<MembershipChange>[] = wanted.map(({ username, group }, index) => {
    if (!groups.includes(group)) throw new ConfigurationError(`entries[${index}]: the group is not one of \`groups\`.`)
    return createTask({ username, group, change: 'add' }, 'add')
  })
  const operation = `sync ${JSON.stringify([...new Set(groups)].sort())}`
  const journal = await openJournal(options.journal, admin.userPoolId, operation, tasks)
  const additions = [...tasks]
  const work = createWork(admin, tasks, journal, options)
  await work.listMembers(new Set(groups), true)
  await work.resolve()
  if (work.stopReason !== 'done') return report(tasks, work.stopReason)

  const removals = findRemovals(additions, journal.listings, new Set(groups))
  const gone = journal.removed.map(({ username, group }) => toRemoval(username, group))
  for (const task of gone) task.state = 'ok'
  const isGone = new Set(gone.map(({ entry }) => JSON.stringify([entry.username, entry.group])))
  const rest = removals.filter(({ entry }) => !isGone.has(JSON.stringify([entry.username, entry.group])))
  if (gone.length + rest.length > maxRemovals)
    throw new SyncRefusedError('TOO_MANY_REMOVALS', gone.length + rest.length)
  tasks.push(...gone, ...rest)
  await work.perform(additions)
  await work.perform(rest)
  journal.removed.push(...rest.filter(({ state }) => state === 'ok').map(({ entry }) => entry))
  if (work.stopReason === 'done') await journal.finish()
  else await journal.save()
  return report(tasks, work.stopReason)
}

/** The members that no entry names. */
function findRemovals(
  additions: readonly Task[],
  listings: ReadonlyMap<string, { readonly isDone: boolean; readonly members: readonly string[] }>,
  groups: ReadonlySet<string>,
): Task<MembershipChange>[] {
  return [...groups].flatMap((group) => {
    const own = additions.filter(({ entry }) => entry.group === group)
    const kept = new Set(own.map(({ username }) => username))
    const listing = listings.get(group)
    const uncertain = own.find(({ username, error }) => username === undefined && !isNobody(error))
    return (listing?.isDone ? listing.members : [])
      .filter((username) => !kept.has(username))
      .map((username) => {
        const task = toRemoval(username, group)
        if (uncertain) fail(task, uncertain.error)
        return task
      })
  })
}

function toRemoval(username: string, group: string): Task<MembershipChange> {
  const task = createTask({ username, group, change: 'remove' as const }, 'remove')
  settle(task, username, true)
  return task
}

/** Whether an entry named a user who does not exist, and so certainly no member. */
function isNobody(error: unknown): boolean {
  return error instanceof CognigateError && error.code === 'UserNotFoundException'
}

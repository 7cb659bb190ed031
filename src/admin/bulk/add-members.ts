import type { PoolAdmin } from '../pool-admin.ts'
import { checkOptions } from '../../internal/options.ts'
import {
  type BulkOptions,
  type BulkResult,
  bulkHints,
  bulkOptions,
  type Membership,
  type Memberships,
  readAll,
} from './membership.ts'
import { openRecord } from './record.ts'
import { createTask, report } from './task.ts'
import { createWork } from './work.ts'

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
  const record = await openRecord(options.journal, admin.userPoolId, change, tasks)
  const work = createWork(admin, tasks, record, options)
  await work.sweep(new Set(tasks.filter(({ state }) => state === 'unclear').map(({ entry }) => entry.group)), false)
  await work.resolve()
  await work.perform(tasks)
  if (work.ending === 'done') await record.finish()
  return report(tasks, work.ending)
}

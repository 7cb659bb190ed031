/** Puts many users into groups: `npx node examples/admin/bulk.ts <group,group> <username> …`. */
import { addMembers, type BulkProgress, type BulkResult, type Membership, type PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/**
 * Adds every user to every group. What failed for one entry keeps no other from being done, and running it again does
 * only what is not done yet.
 */
export async function welcome(
  admin: PoolAdmin,
  groups: string,
  ...usernames: readonly string[]
): Promise<BulkResult<Membership>> {
  const all = await admin.groups.list().toArray()
  console.log(`Managing ${all.length} groups:`)
  for (const { name, precedence } of all) console.log(`- ${name} (precedence: ${precedence ?? 'none'})`)

  const entries = usernames.flatMap((username) => groups.split(',').map((group) => ({ username, group })))
  const result = await addMembers(admin, entries, { onProgress: showProgress(2) })
  for (const { username, group } of result.ok) console.log(`Added ${username} to ${group}`)
  for (const { username, group } of result.skipped) console.log(`${username} was in ${group} already`)
  for (const { entry, error } of result.failed) {
    console.log(`Failed for ${entry.username} and ${entry.group}: ${error instanceof Error ? error.message : error}`)
  }
  for (const { username, group } of result.pending) console.log(`Not tried: ${username} and ${group}`)
  return result
}

/** Says how far the work is, every so many seconds and at the end, on standard error. */
function showProgress(seconds: number): (progress: BulkProgress) => void {
  let last = Date.now()
  return ({ total, done, failed, rate, waiting }) => {
    const isEnd = done + failed === total
    if (!isEnd && Date.now() - last < seconds * 1000) return
    last = Date.now()
    const why = waiting === undefined ? '' : `, waiting ${waiting.toFixed(1)} s because AWS asked to`
    console.error(`${done + failed} of ${total}, ${rate.toFixed(1)} a second${why}`)
  }
}

if (import.meta.main) await welcome(poolFromEnvironment(), ...words('group,group', 'username'))

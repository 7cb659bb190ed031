/** Puts a user into groups and takes the user out of one: `npx node examples/admin/membership.ts <username> <group> <other>`. */
import type { PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** Adds a user to two groups, and removes the user from the second. Tokens tell of it from the next one on. */
export async function changeMembership(
  admin: PoolAdmin,
  username: string,
  group: string,
  other: string,
): Promise<void> {
  await admin.users.addToGroup(username, group)
  await admin.users.addToGroup(username, other)
  console.log(`${username} is now in ${await resolveGroups(admin, username)}`)
  await admin.users.removeFromGroup(username, other)
  console.log(`${username} is now in ${await resolveGroups(admin, username)}`)
}

async function resolveGroups(admin: PoolAdmin, username: string): Promise<string> {
  const groups = await admin.users.groups(username).toArray()
  return groups.map(({ name }) => name).join(', ') || 'no group'
}

if (import.meta.main) await changeMembership(poolFromEnvironment(), ...words('username', 'group', 'other'))

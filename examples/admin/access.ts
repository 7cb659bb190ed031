/**
 * Asks the pool whether a user is in any of some groups: `npx node examples/admin/access.ts <username> <group> …`. On
 * requests a guard decides by the groups of the caller's token, without asking anybody.
 */
import type { PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** Whether the user is in at least one of the groups now. A disabled user has no access, whatever the groups. */
export async function hasAccess(admin: PoolAdmin, username: string, ...required: readonly string[]): Promise<boolean> {
  const [user, groups] = await Promise.all([admin.users.get(username), admin.users.groups(username).toArray()])
  const names = groups.map(({ name }) => name)
  const granted = user.enabled && names.some((name) => required.includes(name))
  console.log(`Access ${granted ? 'granted' : 'denied'}. Groups: ${names.join(', ') || 'none'}.`)
  if (!granted) console.log(user.enabled ? `Required: ${required.join(' or ')}.` : 'The user is disabled.')
  return granted
}

if (import.meta.main) await hasAccess(poolFromEnvironment(), ...words('username', 'group'))

/** Disables an account, or enables it again: `npx node examples/admin/account-status.ts disable|enable <username>`. */
import type { PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/**
 * Ends a user's sign-ins and refresh tokens. Attributes and groups stay. Access and ID tokens that were issued before are
 * good until they expire, wherever they are verified without asking Cognito.
 */
export async function disableAccount(admin: PoolAdmin, username: string): Promise<void> {
  await admin.users.disable(username)
  await admin.users.signOut(username)
  await showStatus(admin, username)
}

/** Lets a user sign in again. */
export async function enableAccount(admin: PoolAdmin, username: string): Promise<void> {
  await admin.users.enable(username)
  await showStatus(admin, username)
}

async function showStatus(admin: PoolAdmin, username: string): Promise<void> {
  const { enabled } = await admin.users.get(username)
  console.log(`${username} is ${enabled ? 'enabled' : 'disabled'}.`)
}

if (import.meta.main) {
  const [action, username] = words('disable or enable', 'username')
  if (action === 'disable') await disableAccount(poolFromEnvironment(), username)
  else if (action === 'enable') await enableAccount(poolFromEnvironment(), username)
  else throw new Error('Expected: disable or enable.')
}

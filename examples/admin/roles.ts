/** Gives a user one role in place of any other: `npx node examples/admin/roles.ts <username> <role>`. */
import { assignRole, ConfigurationError, type PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** The groups that are roles. A user's other groups are left alone. */
const roles = ['admin', 'manager', 'employee', 'guest']

/** The new role comes before the old ones go, so that no failure leaves the user with none. */
export async function assignUserRole(admin: PoolAdmin, username: string, role: string): Promise<void> {
  try {
    const { removed } = await assignRole(admin, username, role, { among: roles })
    console.log(`${username} has the role ${role}${removed.length > 0 ? `, no longer ${removed.join(', ')}` : ''}.`)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    console.log(`${role} is no role.`)
  }
}

if (import.meta.main) await assignUserRole(poolFromEnvironment(), ...words('username', 'role'))

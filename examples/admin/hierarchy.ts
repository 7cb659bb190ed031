/** Promotes a user in a hierarchy of groups: `npx node examples/admin/hierarchy.ts <username> <role>`. */
import { ConfigurationError, highestRole, type PoolAdmin, PromotionError, promote } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** The lower the number, the higher the authority. */
const hierarchy = { super_admin: 1, admin: 10, manager: 20, employee: 30, guest: 40 }

/** Gives the user a strictly higher role in place of the present one, or changes nothing. */
export async function promoteUser(admin: PoolAdmin, username: string, role: string): Promise<void> {
  const highest = () => highestRole(admin, username, { among: hierarchy, fallback: 'guest' })
  const { role: before } = await highest()
  try {
    await promote(admin, username, role, { among: hierarchy })
    console.log(`Promoted ${username} from ${before} to ${role}`)
  } catch (error) {
    if (error instanceof PromotionError) console.log(`Cannot promote ${username} from ${before} to ${role}`)
    else if (error instanceof ConfigurationError) console.log(`${role} is no role.`)
    else throw error
  }
  const { role: after } = await highest()
  console.log(`${username} is ${after}`)
}

if (import.meta.main) await promoteUser(poolFromEnvironment(), ...words('username', 'role'))

/** Reads groups: `npx node examples/admin/groups.ts <group>` shows that one, and then a line for each of the pool. */
import { isAwsError, type PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** Prints one group and the list of all. */
export async function showGroups(admin: PoolAdmin, name: string): Promise<void> {
  try {
    const { description, precedence } = await admin.groups.get(name)
    console.log(`Group: ${name}`)
    console.log(`Description: ${description ?? 'none'}`)
    console.log(`Precedence: ${precedence ?? 'none'}`)
  } catch (error) {
    if (!isAwsError(error, 'GetGroup') || error.code !== 'ResourceNotFoundException') throw error
    console.log(`There is no group ${name}.`)
  }
  const groups = await admin.groups.list().toArray()
  console.log(`Groups in all: ${groups.length}`)
  for (const group of groups) console.log(`- ${group.name}: ${group.description ?? 'no description'}`)
}

if (import.meta.main) await showGroups(poolFromEnvironment(), ...words('group'))

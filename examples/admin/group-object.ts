/** What is known of a group: `npx node examples/admin/group-object.ts <group>`. */
import type { Group, PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment, words } from './pool.ts'

/** Prints all that a group has. */
export async function showGroup(admin: PoolAdmin, name: string): Promise<void> {
  const group = await admin.groups.get(name)
  console.log(`Name: ${group.name}`)
  console.log(`Description: ${group.description ?? 'none'}`)
  console.log(`Created: ${group.createdAt?.toISOString()}`)
  console.log(`Modified: ${group.updatedAt?.toISOString()}`)
  console.log(`Role: ${group.roleArn ?? 'none'}`)
  console.log(`Precedence: ${group.precedence ?? 'none'}`)
  if (isStrong(group)) console.log('A group of high priority.')
}

/** The lower the number, the stronger the group; without one it is the weakest. */
function isStrong({ precedence = Number.POSITIVE_INFINITY }: Group): boolean {
  return precedence < 10
}

if (import.meta.main) await showGroup(poolFromEnvironment(), ...words('group'))

/** Who is in which group, both ways round: `npx node examples/admin/report.ts`. */
import { auditPool, type PoolAdmin } from 'cognigate/admin'
import { poolFromEnvironment } from './pool.ts'

/** Prints the groups with their members, the users with their groups, and what deserves a look. */
export async function reportGroups(admin: PoolAdmin): Promise<void> {
  const { groups, users, findings } = await auditPool(admin)

  console.log('GROUPS AND THEIR MEMBERS')
  for (const { group, members } of groups) {
    console.log(`${group.name} (${group.description ?? 'no description'})`)
    console.log(`  Created: ${group.createdAt?.toISOString()}`)
    console.log(`  Precedence: ${group.precedence ?? 'none'}`)
    console.log(`  Members (${members.length}): ${members.join(', ') || 'none'}`)
  }

  console.log('USERS AND THEIR GROUPS')
  for (const { user, groups: names } of users) console.log(`${user.username}: ${names.join(', ') || 'no groups'}`)

  console.log(`FINDINGS (${findings.length})`)
  for (const finding of findings) console.log(`- ${finding.message}`)
}

if (import.meta.main) await reportGroups(poolFromEnvironment())

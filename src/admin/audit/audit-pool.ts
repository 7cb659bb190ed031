import type { Group } from '../groups.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import type { User } from '../user.ts'
import type { Finding } from './finding.ts'
import { type AuditOptions, streamAudit } from './stream-audit.ts'

/** Who is in which group, both ways round. */
export interface Audit {
  readonly groups: readonly { readonly group: Group; readonly members: readonly string[] }[]
  readonly users: readonly { readonly user: User; readonly groups: readonly string[] }[]
  readonly findings: readonly Finding[]
}

/** Audits a pool that fits in memory; `streamAudit` is for others, and has the details. */
export async function auditPool(admin: PoolAdmin, options?: AuditOptions): Promise<Audit> {
  const groups = new Map<string, { group: Group; members: string[] }>()
  const users = new Map<string, { user: User; groups: string[] }>()
  const findings: Finding[] = []
  const entryOf = (user: User) => {
    const entry = users.get(user.username) ?? { user, groups: [] }
    users.set(user.username, entry)
    return entry
  }
  for await (const record of streamAudit(admin, options)) {
    if (record.kind === 'group') groups.set(record.group.name, { group: record.group, members: [] })
    if (record.kind === 'user') entryOf(record.user)
    if (record.kind === 'finding') findings.push(record.finding)
    if (record.kind !== 'member') continue
    groups.get(record.group)?.members.push(record.user.username)
    entryOf(record.user).groups.push(record.group)
  }
  return { groups: [...groups.values()], users: [...users.values()], findings }
}

import { type Finding, type Group, type PoolAdmin, streamAudit, type User } from '../../admin/index.ts'
import type { Groups } from '../../index.ts'

/** A user, as far as an audit tells it. */
export interface AuditedUser {
  readonly username: string
  /** An e-mail address, or another name for people. */
  readonly label: string
  readonly status: string
  readonly enabled: boolean
  readonly createdAt: Date | undefined
  readonly groups: readonly string[]
}

/** What users with the same groups may do. */
export interface Effective {
  readonly may: readonly string[]
  readonly conditional: readonly string[]
}

/** A pool as it was read. */
export interface PoolAudit {
  readonly userPoolId: string
  readonly readAt: Date
  /** By precedence, then by name. */
  readonly groups: readonly Group[]
  /** By user name. */
  readonly users: readonly AuditedUser[]
  readonly findings: readonly Finding[]
  /** Undefined without definitions. */
  readonly map: Groups | undefined
  /** Computed once for each set of groups. */
  effectiveOf(groups: readonly string[]): Effective
}

/** The limits of the reading. `onRead` is told how many records came, and how many seconds a throttle is waited for. */
export interface CollectOptions {
  readonly signal: AbortSignal
  readonly concurrency?: number | undefined
  readonly timeout?: number | undefined
  onRead(records: number, waiting?: number): void
}

/**
 * Reads a pool. What is kept for each user are the members of AuditedUser and no other attribute. Users who come into being or go
 * while it reads are in it or not. Throws AwsError, and the signal's reason.
 */
export async function collectAudit(
  admin: PoolAdmin,
  map: Groups | undefined,
  { signal, concurrency, timeout, onRead }: CollectOptions,
): Promise<PoolAudit> {
  const groups: Group[] = []
  const users = new Map<string, AuditedUser & { groups: string[] }>()
  const findings: Finding[] = []
  const entryOf = (user: User) => {
    const found = users.get(user.username)
    if (found !== undefined) return found
    const entry = { ...toAudited(user), groups: [] }
    users.set(user.username, entry)
    return entry
  }
  let read = 0
  const records = streamAudit(admin, {
    signal,
    ...(map && { groups: map.names }),
    ...(concurrency !== undefined && { concurrency }),
    ...(timeout !== undefined && { timeout }),
    onProgress: ({ waiting }) => onRead(read, waiting),
  })
  for await (const record of records) {
    if (record.kind === 'finding') findings.push(record.finding)
    if (record.kind === 'group') groups.push(record.group)
    if (record.kind === 'user') entryOf(record.user)
    if (record.kind === 'member') entryOf(record.user).groups.push(record.group)
    if (record.kind === 'user' || record.kind === 'member') onRead(++read)
  }
  const order = new Map(
    groups
      .sort((a, b) => (a.precedence ?? Infinity) - (b.precedence ?? Infinity) || compare(a.name, b.name))
      .map(({ name }, index) => [name, index]),
  )
  for (const user of users.values()) user.groups.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  const effects = new Map<string, Effective>()
  return {
    userPoolId: admin.userPoolId,
    readAt: new Date(),
    groups,
    users: [...users.values()].sort((a, b) => compare(a.username, b.username)),
    findings: findings.sort((a, b) => compare(a.kind, b.kind) || compare(a.message, b.message)),
    map,
    effectiveOf(memberOf) {
      const key = memberOf.join('\n')
      const known = effects.get(key) ?? toEffective(map, memberOf)
      effects.set(key, known)
      return known
    },
  }
}

function toAudited({ username, attributes, status, enabled, createdAt }: User): Omit<AuditedUser, 'groups'> {
  const { email, phone_number: phone, preferred_username: preferred } = attributes
  return { username, label: email ?? phone ?? preferred ?? '', status: status ?? '', enabled, createdAt }
}

function toEffective(map: Groups | undefined, groups: readonly string[]): Effective {
  const access = Object.entries(map?.effective(groups) ?? {})
  const pick = (kind: string) => access.flatMap(([permission, each]) => (each === kind ? [permission] : []))
  return { may: pick('allow'), conditional: pick('conditional') }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The findings for people: those about many users of one group in one line. */
export function summarize(findings: readonly Finding[]): string[] {
  const many = new Map<string, string[]>()
  const lines: string[] = []
  for (const finding of findings) {
    const key =
      finding.kind === 'disabled-member' ? `d${finding.group}` : finding.kind === 'large-token' ? 'l' : undefined
    if (key === undefined || !('username' in finding)) lines.push(finding.message)
    else append(many, key, finding.username)
  }
  for (const [key, names] of many) {
    const some = names.slice(0, 3).map((name) => JSON.stringify(name))
    const who = some.join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '')
    lines.push(
      key === 'l'
        ? `The groups of ${who} make ID tokens that may not fit into a cookie.`
        : `Disabled but still in the group ${JSON.stringify(key.slice(1))}: ${who}.`,
    )
  }
  return lines
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

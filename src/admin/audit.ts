import { AwsError } from '../aws/index.ts'
import { mergeConcurrent } from '../internal/concurrency.ts'
import { encodeUtf8, escapeControlCharacters } from '../internal/encoding.ts'
import { assertMade, checkOptions } from '../internal/options.ts'
import type { BulkOptions } from './bulk/memberships.ts'
import { createThrottledClient, remember, Stop, type ThrottledClient } from './bulk/throttled-client.ts'
import { type Group, toGroup } from './groups.ts'
import type { PoolAdmin } from './pool-admin.ts'
import { type AttributeNames, createAttributeNames, type User, toUser } from './users.ts'

/** Who is in which group, both ways round. Groups, members and users stand in the order in which Cognito lists them. */
export interface Audit {
  readonly groups: readonly { readonly group: Group; readonly members: readonly string[] }[]
  readonly users: readonly { readonly user: User; readonly groups: readonly string[] }[]
  readonly findings: readonly Finding[]
}

/**
 * Audits a pool that fits in memory: who is in which group, and what deserves a look. For larger pools use `streamAudit`. Throws
 * AwsError, and the signal's reason.
 *
 * @example
 * ```ts
 * import { auditPool } from 'cognigate/admin'
 *
 * const { findings } = await auditPool(admin, { groups })
 * for (const finding of findings) console.log(finding.message)
 * ```
 */
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
    if (record.kind === 'finding') findings.push(record.finding)
    if (record.kind === 'user') {
      const entry = entryOf(record.user)
      // Members may have been seen before; the order is that of the list of users.
      users.delete(record.user.username)
      users.set(record.user.username, entry)
    }
    if (record.kind !== 'member') continue
    groups.get(record.group)?.members.push(record.user.username)
    entryOf(record.user).groups.push(record.group)
  }
  // The lists of members are read several at a time, so they end in any order.
  const order = new Map([...groups.keys()].map((name, index) => [name, index]))
  for (const entry of users.values()) entry.groups.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  return { groups: [...groups.values()], users: [...users.values()], findings }
}

/** Something in a pool that deserves a look. `message` describes it, with control characters escaped. */
export type Finding = { readonly message: string } & FindingDetails

/** What a finding is about. */
export type FindingDetails =
  /** Nobody is in the group. */
  | { readonly kind: 'empty-group'; readonly group: string }
  /** The given map has no such group; `similar` is one of the map that differs in case or form only. */
  | { readonly kind: 'unknown-group'; readonly group: string; readonly similar: string | undefined }
  /** A user who cannot sign in is still a member. */
  | { readonly kind: 'disabled-member'; readonly group: string; readonly username: string }
  /** A group that Cognito made for the users of an identity provider, `<pool id>_<provider>`, has a role. */
  | { readonly kind: 'provider-group'; readonly group: string; readonly roleArn: string }
  /** Groups of one precedence; with different roles, their common members get no preferred role. */
  | {
      readonly kind: 'precedence-tie'
      readonly precedence: number
      readonly groups: readonly string[]
      readonly rolesDiffer: boolean
    }
  /** The user's groups make ID tokens large; `bytes` is what they add. */
  | { readonly kind: 'large-token'; readonly username: string; readonly bytes: number }

/** The findings that need only the groups. */
export function findInGroups(
  groups: readonly Group[],
  userPoolId: string,
  known: readonly string[] | undefined,
): Finding[] {
  const isOfProvider = (name: string) => isProviderGroup(name, userPoolId)
  const details: FindingDetails[] = [
    ...groups.flatMap(({ name }) =>
      known && !known.includes(name) && !isOfProvider(name) ? [unknownGroup(name, known)] : [],
    ),
    ...groups.flatMap(({ name, roleArn }): FindingDetails[] =>
      roleArn !== undefined && isOfProvider(name) ? [{ kind: 'provider-group', group: name, roleArn }] : [],
    ),
    ...findTies(groups),
  ]
  return details.map(toFinding)
}

/** Whether Cognito itself made a group, for the users of an identity provider. Nobody defines it or fills it. */
export function isProviderGroup(name: string, userPoolId: string): boolean {
  return name.startsWith(`${userPoolId}_`)
}

/** A finding with its message. */
export function toFinding(details: FindingDetails): Finding {
  return { ...details, message: escapeControlCharacters(describe(details)) }
}

function describe(details: FindingDetails): string {
  switch (details.kind) {
    case 'empty-group':
      return `Nobody is in the group "${details.group}".`
    case 'unknown-group': {
      const similar = details.similar === undefined ? '' : ` Did you mean "${details.similar}"?`
      return `The map has no group "${details.group}", so it grants its members nothing.${similar}`
    }
    case 'disabled-member':
      return `"${details.username}" is disabled but still in the group "${details.group}".`
    case 'provider-group':
      return `Every user of an identity provider gets the role ${details.roleArn}: Cognito adds them to "${details.group}".`
    case 'precedence-tie': {
      const names = details.groups.map((name) => `"${name}"`).join(', ')
      const effect = details.rolesDiffer ? ' A user in several of them gets no preferred role.' : ''
      return `The groups ${names} have the same precedence, ${details.precedence}.${effect}`
    }
    default:
      return `The groups of "${details.username}" add ${details.bytes} bytes to an ID token, which may then not fit into a cookie.`
  }
}

function unknownGroup(group: string, known: readonly string[]): FindingDetails {
  const fold = (name: string) => name.normalize('NFKC').toLowerCase()
  return { kind: 'unknown-group', group, similar: known.find((name) => fold(name) === fold(group)) }
}

function findTies(groups: readonly Group[]): FindingDetails[] {
  const precedences = new Set(groups.flatMap(({ precedence }) => precedence ?? []))
  return [...precedences].flatMap((precedence): FindingDetails[] => {
    const tied = groups.filter((group) => group.precedence === precedence)
    if (tied.length < 2) return []
    const rolesDiffer = new Set(tied.flatMap(({ roleArn }) => roleArn ?? [])).size > 1
    return [{ kind: 'precedence-tie', precedence, groups: tied.map(({ name }) => name), rolesDiffer }]
  })
}

/** What a group adds to its members' ID tokens: its name and its role, quoted, in base64url. In bytes. */
export function countTokenBytes({ name, roleArn }: Group): number {
  const json = JSON.stringify(name) + (roleArn === undefined ? '' : `,${JSON.stringify(roleArn)}`)
  return Math.ceil(((encodeUtf8(json).length + 1) * 4) / 3)
}

/** What an audit compares the pool with, and its limits. */
export interface AuditOptions extends Pick<BulkOptions, 'concurrency' | 'rate' | 'attempts' | 'timeout' | 'signal'> {
  /** Called before each wait because AWS asked to be called less often. */
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined
  /** The groups that the application knows: their names, or what `defineGroups` returned. Default: not compared. */
  readonly groups?: readonly string[] | { readonly names: readonly string[] } | undefined
  /**
   * How many bytes a user's groups may add to an ID token. Default 2,600, with which a token mostly still fits into a
   * cookie (4,096).
   */
  readonly maxGroupBytes?: number | undefined
}

/** Why an audit is waiting. */
export interface AuditProgress {
  /** How often AWS asked to be called less often. */
  readonly throttled: number
  /** Seconds that a call now waits because of it. */
  readonly waiting: number
}

/** A piece of an audit. Each group comes before its members; otherwise pieces come as they are found. */
export type AuditRecord =
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'member'; readonly group: string; readonly user: User }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'finding'; readonly finding: Finding }

/**
 * Audits a pool of any size: all groups, who is in them, all users, and what deserves a look, from pages of ListGroups,
 * ListUsersInGroup and ListUsers only. No more is remembered than the groups and, where the names of all groups together
 * are too large for a token, a number for each member. Throws AwsError, and the signal's reason.
 *
 * @example
 * ```ts
 * import { streamAudit } from 'cognigate/admin'
 *
 * for await (const record of streamAudit(admin)) {
 *   if (record.kind === 'member') console.log(record.group, record.user.username)
 * }
 * ```
 */
export async function* streamAudit(
  admin: PoolAdmin,
  options: AuditOptions = {},
): AsyncGenerator<AuditRecord, void, undefined> {
  assertMade('audit', admin, 'call', 'what createPoolAdmin returns.')
  checkOptions<AuditOptions>('audit', options, [
    'groups',
    'maxGroupBytes',
    'concurrency',
    'rate',
    'attempts',
    'timeout',
    'signal',
    'onProgress',
  ])
  const { concurrency = 5, maxGroupBytes = 2600, onProgress } = options
  const known = options.groups && ('names' in options.groups ? options.groups.names : options.groups)
  const client: ThrottledClient = createThrottledClient(admin, options, (waiting) =>
    onProgress?.({ throttled: client.throttled, waiting }),
  )
  const names = createAttributeNames(admin.attributeMap)
  try {
    const groups: Group[] = []
    const pages = readPages('ListGroups', async (NextToken) => {
      const page = await client.call('list')('ListGroups', { NextToken })
      return { items: page.Groups, token: page.NextToken }
    })
    for await (const page of pages) {
      for (const wire of page) {
        const group = toGroup({ ...wire })
        groups.push(group)
        yield { kind: 'group', group }
      }
    }
    for (const finding of findInGroups(groups, admin.userPoolId, known)) yield { kind: 'finding', finding }
    const bytes = new Map(groups.map((group) => [group.name, countTokenBytes(group)]))
    const canBeLarge = sum(bytes.values()) > maxGroupBytes
    const bytesOf = new Map<string, number>()
    const sources = [
      readUsers(names, client),
      ...groups.map(({ name }) => readMembers(names, client, name, isProviderGroup(name, admin.userPoolId))),
    ]
    for await (const records of mergeConcurrent(sources, concurrency)) {
      yield* records
      if (!canBeLarge) continue
      for (const record of records) {
        if (record.kind !== 'member') continue
        const { username } = record.user
        bytesOf.set(username, (bytesOf.get(username) ?? 0) + (bytes.get(record.group) ?? 0))
      }
    }
    for (const [username, size] of bytesOf) {
      if (size > maxGroupBytes)
        yield { kind: 'finding', finding: toFinding({ kind: 'large-token', username, bytes: size }) }
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    options.signal?.throwIfAborted()
    throw new AwsError({ code: 'TimeoutError', operation: 'ListUsersInGroup' })
  }
}

async function* readMembers(
  names: AttributeNames,
  { call }: ThrottledClient,
  group: string,
  isOfProvider: boolean,
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  let isEmpty = true
  const pages = readPages('ListUsersInGroup', async (NextToken) => {
    const page = await call('list')('ListUsersInGroup', { GroupName: group, NextToken })
    return { items: page.Users, token: page.NextToken }
  })
  for await (const page of pages) {
    if (page.length > 0) isEmpty = false
    yield page.flatMap((wire): AuditRecord[] => {
      const user = toUser({ ...wire }, names)
      const member: AuditRecord = { kind: 'member', group, user }
      if (user.enabled) return [member]
      return [
        member,
        { kind: 'finding', finding: toFinding({ kind: 'disabled-member', group, username: user.username }) },
      ]
    })
  }
  if (isEmpty && !isOfProvider) yield [{ kind: 'finding', finding: toFinding({ kind: 'empty-group', group }) }]
}

async function* readUsers(
  names: AttributeNames,
  { call }: ThrottledClient,
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  const pages = readPages('ListUsers', async (PaginationToken) => {
    const page = await call('list')('ListUsers', { PaginationToken })
    return { items: page.Users, token: page.PaginationToken }
  })
  for await (const page of pages)
    yield page.map((wire) => ({ kind: 'user', user: toUser({ ...wire }, names) }) as const)
}

async function* readPages<T>(
  operation: string,
  read: (token: string | undefined) => Promise<{ items: readonly T[] | undefined; token: string | undefined }>,
): AsyncGenerator<readonly T[], void, undefined> {
  const seen = new Set<string>()
  let next: string | undefined
  do {
    const { items = [], token } = await read(next)
    yield items
    next = token || undefined
    remember(seen, next, operation)
  } while (next !== undefined)
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0)
}

import { AwsError } from '../../aws/index.ts'
import { type AttributeNames, createAttributeNames } from '../attributes.ts'
import { type Caller, createCaller, remember, Stop } from '../bulk/caller.ts'
import { checkOptions } from '../../internal/options.ts'
import type { BulkOptions } from '../bulk/membership.ts'
import { type Group, groupOf } from '../groups.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import { type User, userOf } from '../user.ts'
import { bytesInToken, type Finding, findInGroups, isProviderGroup, toFinding } from './finding.ts'
import { merge } from './merge.ts'

/** What an audit compares the pool with, and how fast it goes. */
export interface AuditOptions extends Pick<BulkOptions, 'concurrency' | 'rate' | 'attempts' | 'deadline' | 'signal'> {
  /** Told before each wait because AWS asked to be called less often. */
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined
  /** The groups that the application knows: their names, or what `defineGroups` returned. Default: not compared. */
  readonly groups?: readonly string[] | { readonly names: readonly string[] } | undefined
  /**
   * How many bytes a user's groups may add to an ID token. Default 2,600, with which a token mostly still fits into a
   * cookie (4,096).
   */
  readonly maxGroupBytes?: number | undefined
}

/** Why an audit stands still. */
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
 */
export async function* streamAudit(
  admin: PoolAdmin,
  options: AuditOptions = {},
): AsyncGenerator<AuditRecord, void, undefined> {
  checkOptions<AuditOptions>('audit', options, [
    ...(['groups', 'maxGroupBytes', 'concurrency', 'rate', 'attempts', 'deadline', 'signal', 'onProgress'] as const),
  ])
  const { concurrency = 5, maxGroupBytes = 2600, onProgress } = options
  const known = options.groups && ('names' in options.groups ? options.groups.names : options.groups)
  const caller: Caller = createCaller(admin, options, (waiting) =>
    onProgress?.({ throttled: caller.throttled, waiting }),
  )
  const names = createAttributeNames(admin.attributeMap)
  try {
    const groups: Group[] = []
    const pages = pagesOf('ListGroups', async (NextToken) => {
      const page = await caller.call('list')('ListGroups', { NextToken })
      return { items: page.Groups, token: page.NextToken }
    })
    for await (const page of pages) {
      for (const wire of page) {
        const group = groupOf({ ...wire })
        groups.push(group)
        yield { kind: 'group', group }
      }
    }
    for (const finding of findInGroups(groups, admin.userPoolId, known)) yield { kind: 'finding', finding }
    const bytes = new Map(groups.map((group) => [group.name, bytesInToken(group)]))
    const canBeLarge = sum(bytes.values()) > maxGroupBytes
    const bytesOf = new Map<string, number>()
    const sources = [
      usersOf(names, caller),
      ...groups.map(({ name }) => membersOf(names, caller, name, isProviderGroup(name, admin.userPoolId))),
    ]
    for await (const records of merge(sources, concurrency)) {
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
    throw new AwsError({ code: 'DeadlineExceeded', operation: 'ListUsersInGroup' })
  }
}

async function* membersOf(
  names: AttributeNames,
  { call }: Caller,
  group: string,
  isOfProvider: boolean,
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  let isEmpty = true
  const pages = pagesOf('ListUsersInGroup', async (NextToken) => {
    const page = await call('list')('ListUsersInGroup', { GroupName: group, NextToken })
    return { items: page.Users, token: page.NextToken }
  })
  for await (const page of pages) {
    if (page.length > 0) isEmpty = false
    yield page.flatMap((wire): AuditRecord[] => {
      const user = userOf({ ...wire }, names)
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

async function* usersOf(
  names: AttributeNames,
  { call }: Caller,
): AsyncGenerator<readonly AuditRecord[], void, undefined> {
  const pages = pagesOf('ListUsers', async (PaginationToken) => {
    const page = await call('list')('ListUsers', { PaginationToken })
    return { items: page.Users, token: page.PaginationToken }
  })
  for await (const page of pages)
    yield page.map((wire) => ({ kind: 'user', user: userOf({ ...wire }, names) }) as const)
}

async function* pagesOf<T>(
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

import type { Audit, AuditRecord, PoolAdmin } from '../../admin/index.ts'
import { type CallOptions, createPace, getClock } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'

/** Reads who is in the groups that matter. Throws AwsError, and ConfigurationError without a source. */
export async function readMemberships(touched: ChangedGroups, options: ImpactOptions): Promise<GroupSets> {
  const sets = createGroupSets(touched.groups)
  let memberships = 0
  const onWait = (waiting: number) => options.onProgress?.({ memberships, users: sets.size, waiting })
  for await (const [username, group] of membershipsFrom(touched, sets, options, onWait)) {
    sets.add(username, group)
    options.onProgress?.({ memberships: ++memberships, users: sets.size })
  }
  return sets
}

/** Where the memberships come from: the pool itself, or an audit of it, complete or streamed. */
export type ImpactOptions = CommonOptions &
  (
    | {
        readonly admin: Pick<PoolAdmin, 'groups'>
        readonly audit?: undefined
        /** How many seconds one call may take, including waits for throttles. Default 300. */
        readonly timeout?: number | undefined
        /** Stops the reading. The signal's reason is thrown. */
        readonly signal?: AbortSignal | undefined
      }
    | { readonly audit: Audit | AsyncIterable<AuditRecord>; readonly admin?: undefined }
  )

interface CommonOptions {
  /** Called after each membership that matters, and before each wait because AWS throttles. */
  readonly onProgress?: ((progress: ImpactProgress) => void) | undefined
}

/** The progress of `planImpact`. */
export interface ImpactProgress {
  /** How many memberships were read. */
  readonly memberships: number
  /** How many users they belong to. */
  readonly users: number
  /** How many seconds a call now waits because AWS throttles. */
  readonly waiting?: number | undefined
}

type Membership = readonly [username: string, group: string]

async function* membershipsFrom(
  { groups, changed }: ChangedGroups,
  sets: GroupSets,
  options: ImpactOptions,
  onWait: (seconds: number) => void,
): AsyncGenerator<Membership, void, undefined> {
  const { admin, audit } = options
  if (audit) {
    const counts = new Set(groups)
    for await (const membership of auditedMemberships(audit)) if (counts.has(membership[1])) yield membership
    return
  }
  if (!admin) throw new ConfigurationError('planImpact: expected `admin` or `audit`.')
  const call: CallOptions = {
    timeout: options.timeout ?? 300,
    signal: options.signal,
    pace: createPace(getClock(admin), ({ seconds }) => onWait(seconds)),
  }
  const existing = new Set<string>()
  for await (const { name } of admin.groups.list(call)) existing.add(name)
  for (const group of groups) {
    if (!existing.has(group)) continue
    for await (const { username } of admin.groups.members(group, call)) {
      // The changed groups come first: whoever is in none of them is not concerned.
      if (changed.has(group) || sets.has(username)) yield [username, group]
    }
  }
}

async function* auditedMemberships(
  audit: NonNullable<ImpactOptions['audit']>,
): AsyncGenerator<Membership, void, undefined> {
  if ('users' in audit) {
    for (const { user, groups } of audit.users) for (const group of groups) yield [user.username, group]
    return
  }
  for await (const record of audit) if (record.kind === 'member') yield [record.user.username, record.group]
}

/** Who is in which groups. Each distinct set of groups is kept once. */
interface GroupSets {
  /** How many users there are. */
  readonly size: number
  has(username: string): boolean
  add(username: string, group: string): void
  /** The users with their groups, in the order of `groups`. The same set is the same array. */
  entries(): Iterable<readonly [username: string, set: readonly string[]]>
}

function createGroupSets(groups: readonly string[]): GroupSets {
  const places = new Map(groups.map((group, place) => [group, place]))
  const sets: (readonly number[])[] = [[]]
  const ids = new Map<string, number>()
  const users = new Map<string, number>()

  const idOf = (set: readonly number[]): number => {
    const key = set.join()
    const id = ids.get(key) ?? sets.push(set) - 1
    ids.set(key, id)
    return id
  }
  return {
    get size() {
      return users.size
    },
    has: (username) => users.has(username),
    add(username, group) {
      const place = places.get(group)
      if (place === undefined) return
      const set = sets[users.get(username) ?? 0] ?? []
      if (!set.includes(place)) users.set(username, idOf([...set, place].sort((a, b) => a - b)))
    },
    *entries() {
      const named = sets.map((set) => set.flatMap((place) => groups[place] ?? []))
      for (const [username, id] of users) yield [username, named[id] ?? []]
    },
  }
}

/** What changes, and whose members have to be read for it. */
export interface ChangedGroups {
  /** Permissions that members of some groups gain or lose. */
  readonly permissions: readonly string[]
  /** The groups through which they do. */
  readonly changed: ReadonlySet<string>
  /** Groups that matter for these permissions, the changed ones first. */
  readonly groups: readonly string[]
}

import type { Audit, AuditRecord, PoolAdmin } from '../../admin/index.ts'
import { type CallOptions, createPace, getClock } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Groups } from '../../permissions/index.ts'

/** Reads who is in the groups that count, once. Throws AwsError, and ConfigurationError where no source is given. */
export async function readMemberships(touched: GroupComparison, options: ImpactOptions): Promise<GroupSets> {
  const sets = createGroupSets(touched.groups)
  let memberships = 0
  const onWait = (waiting: number) => options.onProgress?.({ memberships, users: sets.size, waiting })
  for await (const [username, group] of membershipsFrom(touched, sets, options, onWait)) {
    sets.add(username, group)
    options.onProgress?.({ memberships: ++memberships, users: sets.size })
  }
  return sets
}

/** Where the members come from: the pool, or an audit of it, whole or as it comes. */
export type ImpactOptions = CommonOptions &
  (
    | {
        readonly admin: Pick<PoolAdmin, 'groups'>
        readonly audit?: undefined
        /** Seconds that one call may wait out throttles. Default 300. */
        readonly timeout?: number | undefined
        /** Ends the sweep: it throws the signal's reason. */
        readonly signal?: AbortSignal | undefined
      }
    | { readonly audit: Audit | AsyncIterable<AuditRecord>; readonly admin?: undefined }
  )

interface CommonOptions {
  /** Told after each membership that counts, and before each wait because AWS asked to be called less often. */
  readonly onProgress?: ((progress: ImpactProgress) => void) | undefined
}

/** How far the sweep of the members is. */
export interface ImpactProgress {
  /** Memberships read. */
  readonly memberships: number
  /** Users met among them. */
  readonly users: number
  /** How many seconds a call waits now, because AWS asked to be called less often. */
  readonly waiting?: number | undefined
}

type Membership = readonly [username: string, group: string]

async function* membershipsFrom(
  { groups, changed }: GroupComparison,
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
  if (!admin) throw new ConfigurationError('options: expected an admin or an audit.')
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

/** Who is in which groups: each distinct set of groups is kept once, and a user is a number. */
interface GroupSets {
  /** How many users are in any. */
  readonly size: number
  has(username: string): boolean
  add(username: string, group: string): void
  /** The users with their sets of groups, in the order of `groups`: the same array for the same set. */
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

/** What a change touches, as far as the definitions tell. */
interface GroupComparison {
  /** Functions that change for some group. */
  readonly permissions: readonly string[]
  /** Groups for which they change. */
  readonly changed: ReadonlySet<string>
  /** Groups that have a say in them, before or after, the changed ones first. */
  readonly groups: readonly string[]
}

/**
 * Compares what each group alone says of each function. Nothing changes for members of groups that all say the same as
 * before, since groups add up permission by permission: a denial outweighs all, and what is allowed without a condition
 * outweighs one.
 */
export function compareGroups(before: Groups, after: Groups): GroupComparison {
  const names = [...new Set([...after.names, ...before.names])]
  const differs = (name: string, fn: string) => accessOfGroup(before, name, fn) !== accessOfGroup(after, name, fn)
  const permissions = [...new Set([...after.permissions, ...before.permissions])].filter((fn) =>
    names.some((name) => differs(name, fn)),
  )
  const changed = new Set(names.filter((name) => permissions.some((fn) => differs(name, fn))))
  const others = names.filter(
    (name) => !changed.has(name) && permissions.some((fn) => accessOfGroup(after, name, fn) !== 'DENY_DEFAULT'),
  )
  return { permissions, changed, groups: [...changed, ...others] }
}

/** What a group alone says of a permission: `DENY_DEFAULT` where nothing, `DENY_CONDITION` where claims decide. */
function accessOfGroup(groups: Groups, name: string, fn: string): string {
  return groups.can([name], fn) ? 'ALLOW' : groups.decide([name], fn).code
}

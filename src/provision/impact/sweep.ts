import { type CallOptions, createPace } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { createGroupSets, type GroupSets } from './group-sets.ts'
import type { ImpactOptions } from './impact.ts'
import type { Touched } from './touched.ts'

/** Reads who is in the groups that count, once. Throws AwsError, and ConfigurationError where no source is given. */
export async function sweep(touched: Touched, options: ImpactOptions): Promise<GroupSets> {
  const sets = createGroupSets(touched.groups)
  let memberships = 0
  const onWait = (waiting: number) => options.onProgress?.({ memberships, users: sets.size, waiting })
  for await (const [username, group] of membershipsFrom(touched, sets, options, onWait)) {
    sets.add(username, group)
    options.onProgress?.({ memberships: ++memberships, users: sets.size })
  }
  return sets
}

type Membership = readonly [username: string, group: string]

async function* membershipsFrom(
  { groups, changed }: Touched,
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
    deadline: options.deadline ?? 300,
    signal: options.signal,
    pace: createPace(admin.seams ?? {}, ({ seconds }) => onWait(seconds)),
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

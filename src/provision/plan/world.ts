import type { Group } from '../../admin/index.ts'
import type { CallOptions } from '../../aws/index.ts'
import { roleNameIn } from './choose-role.ts'
import { type PlanSubject, targetsOf } from './desired.ts'
import { type ObservedIdentityPool, type ObservedRole, observe, observeRoles, type Surroundings } from './observe.ts'
import type { PlanClients, ReadOptions } from './plan-options.ts'
import type { GroupPlan, SeenState } from './plan.ts'
import { countMembers, undefinedGroups } from './pruning.ts'
import { sharedLimits } from './shared-limits.ts'

/** What of a group in the pool matters here. */
export type SeenGroup = Pick<Group, 'name' | 'description' | 'precedence' | 'roleArn'>

/** The world as a plan sees it. */
export interface World {
  readonly account: string
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  /** All groups of the pool. */
  readonly groups: ReadonlyMap<string, SeenGroup>
  /** The roles that the plan is about and that are there, by name in lower case. */
  readonly roles: ReadonlyMap<string, ObservedRole>
  /** Undefined where the plan needs none. */
  readonly identityPool: ObservedIdentityPool | undefined
  /** How many users are in the groups that are to be deleted. */
  readonly members: ReadonlyMap<string, number>
}

/** Who reads, how, and who is told. */
export type Reader = PlanClients & ReadOptions & Pick<CallOptions, 'signal'>

/** Reads what a plan is about, within `deadline` seconds. Throws AwsError. */
export async function readWorld(reader: Reader, subject: PlanSubject, deadline: number): Promise<World> {
  const { admin, iam, accountDetails = false, onProgress, signal } = reader
  let read = 0
  let total = 0
  const options = sharedLimits(iam.seams, deadline, signal, (waiting) => onProgress?.({ read, total, waiting }))
  const { account, partition, groups, listed, identityPool } = await observe(reader, subject.identityPoolId, options)
  const there = rolesInScope(subject, { groups, listed })
  total = there.length
  const onRead = () => onProgress?.({ read: ++read, total })
  const roles = await observeRoles(iam, there, listed, accountDetails, options, onRead)
  const strangers = subject.desired.prune ? strangersIn(subject, groups) : []
  const members = await countMembers(admin, strangers, options)
  return { account, partition, groups, roles, identityPool, members }
}

/** The groups of the pool that pruning deletes. */
export function strangersIn({ userPoolId, desired }: PlanSubject, groups: World['groups']): readonly SeenGroup[] {
  return undefinedGroups(groups.values(), new Set(desired.groups.map(({ name }) => name)), userPoolId).strangers
}

/** The names that the roles of the defined groups have or should have, in lower case; they need not be there. */
export function roleNamesOf(subject: PlanSubject, groups: World['groups']): string[] {
  const names = targetsOf(subject).flatMap(({ spec, wanted }) => {
    return [wanted.name, linkedName(groups.get(spec.name)?.roleArn)]
  })
  return [...new Set(names.filter((name) => name !== undefined).map((name) => name.toLowerCase()))]
}

/** Those, the roles that other groups are linked to, and where the plan prunes all roles that look like a group's. */
function rolesInScope(subject: PlanSubject, { groups, listed }: Pick<Surroundings, 'groups' | 'listed'>): string[] {
  const { prune, rolePrefix } = subject.desired
  const linked = [...groups.values()].flatMap(({ roleArn }) => linkedName(roleArn)?.toLowerCase() ?? [])
  const prefix = rolePrefix.toLowerCase()
  const similar = prune ? [...listed.keys()].filter((name) => name.startsWith(prefix)) : []
  const wanted = new Set([...roleNamesOf(subject, groups), ...linked, ...similar])
  // In one order, however they are read: what is planned to be deleted has it, too.
  return [...wanted].sort().flatMap((name) => listed.get(name)?.RoleName ?? [])
}

function linkedName(roleArn: string | undefined): string | undefined {
  return roleArn === undefined ? undefined : roleNameIn(roleArn)
}

/** What was seen, as plain JSON. Times of creation are left out: they decide nothing. */
export function seenOf({ partition, groups, roles, identityPool, members }: World): SeenState {
  return {
    partition,
    groups: [...groups.values()].map(({ name, description, precedence, roleArn }) => {
      return { name, description, precedence, roleArn }
    }),
    roles: [...roles.values()].map(({ createdAt: _, ...role }) => role),
    identityPool,
    members: [...members].map(([group, count]) => ({ group, count })),
  }
}

/** What a plan saw. */
export function worldIn({ account, seen }: Pick<GroupPlan, 'account' | 'seen'>): World {
  return {
    account,
    partition: seen.partition,
    groups: new Map(seen.groups.map((group) => [group.name, group])),
    roles: new Map(seen.roles.map((role) => [role.name.toLowerCase(), role])),
    identityPool: seen.identityPool,
    members: new Map(seen.members.map(({ group, count }) => [group, count])),
  }
}

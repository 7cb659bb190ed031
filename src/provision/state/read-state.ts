import type { Group, PoolAdmin } from '../../admin/index.ts'
import { type CallOptions, isAwsError, type List } from '../../aws/index.ts'
import { createMarkerList } from '../../aws/index.ts'
import type { Iam, PolicyDocument, Role, WireRole } from '../../aws/index.ts'
import { documentIn, roleOf } from '../../aws/index.ts'
import { malformed, orNothing } from '../../aws/index.ts'
import type { IdentityPool } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { inTurns } from '../../internal/concurrency.ts'
import { type PlanSubject, targetsOf } from '../plan/desired.ts'
import { roleNameIn } from '../plan/ownership.ts'
import type { ReadOptions } from '../plan/plan-groups.ts'
import type { GroupPlan, SeenState } from '../plan/plan.ts'
import { countMembers, undefinedGroups } from '../plan/pruning.ts'
import { sharedLimits } from '../plan/role-changes.ts'

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

/** What provisioning calls. */
export interface ProvisionClients {
  /** `createPoolAdmin` of `cognigate/admin`. */
  readonly admin: PoolAdmin
  readonly iam: Iam
  readonly identityPool: IdentityPool
}

/** The same where an identity pool is needed only if a group has a policy. */
export interface PlanClients extends Omit<ProvisionClients, 'identityPool'> {
  /** Needed where a group has a policy of its own or a managed one. */
  readonly identityPool?: IdentityPool | undefined
}

/** Throws ConfigurationError, naming the option, where a client is missing. */
export function checkClients(clients: PlanClients): void {
  const given: Partial<PlanClients> = clients
  const check = (name: string, isThere: unknown, maker: string) => {
    if (!isThere) throw new ConfigurationError(`${name}: expected what ${maker} returns.`)
  }
  check('admin', given.admin?.groups, 'createPoolAdmin')
  check('iam', given.iam?.roles, 'createIamClient')
  if (given.identityPool !== undefined) check('identityPool', given.identityPool?.describe, 'createIdentityPoolClient')
}

/** A role with all that it holds. */
export interface ObservedRole extends Role {
  /** Inline policies by name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  /** ARNs. */
  readonly managedPolicies: readonly string[]
}

/** What stands in the identity pool about the user pool. */
export interface ObservedIdentityPool {
  readonly classicFlow: boolean
  /** The user pool's providers, as role mappings name them. */
  readonly providers: readonly string[]
  /** Those of `providers` that have a `Token` mapping with `AmbiguousRoleResolution: Deny`. */
  readonly mappedByToken: readonly string[]
  /** The providers of other user pools whose tokens choose the role, too. */
  readonly othersByToken: readonly string[]
  /** ARNs of the roles that the identity pool itself gives to whomever: by default, or by a rule of any provider. */
  readonly givenRoles: readonly string[]
}

/** What a plan starts from. */
export interface Surroundings {
  readonly account: string
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  readonly groups: ReadonlyMap<string, Group>
  /** The account's roles as they are listed, by name in lower case, since IAM ignores case. */
  readonly listed: ReadonlyMap<string, WireRole>
  readonly identityPool: ObservedIdentityPool | undefined
}

/**
 * Reads what concerns no single role: GetCallerIdentity, ListGroups, ListRoles, and of the identity pool where the plan has
 * one DescribeIdentityPool and GetIdentityPoolRoles.
 */
export async function observe(
  { admin, iam, identityPool: client }: PlanClients,
  identityPoolId: string | undefined,
  options: CallOptions,
): Promise<Surroundings> {
  const isNeeded = client !== undefined && identityPoolId !== undefined
  const [{ account, arn }, groups, listed, identityPool] = await Promise.all([
    iam.caller(options),
    admin.groups.list(options).toArray(),
    listRoles(iam, options).toArray(),
    isNeeded ? observeIdentityPool(admin.userPoolId, client, options) : undefined,
  ])
  return {
    account,
    partition: arn.split(':')[1] ?? '',
    groups: new Map(groups.sort((a, b) => (a.name < b.name ? -1 : 1)).map((group) => [group.name, group])),
    listed: new Map(listed.map((role) => [role.RoleName.toLowerCase(), role])),
    identityPool,
  }
}

/** As they are on the wire: what is listed of a role that does not matter here cannot stop a plan. */
function listRoles(iam: Iam, options: CallOptions): List<WireRole> {
  return createMarkerList(
    'ListRoles',
    (position) => iam.call('ListRoles', { ...position, MaxItems: 1000 }, options),
    ({ Roles }) => Roles,
  )
}

async function observeIdentityPool(
  userPoolId: string,
  identityPool: IdentityPool,
  options: CallOptions,
): Promise<ObservedIdentityPool> {
  const [{ allowClassicFlow, providers }, { roles, roleMappings }] = await Promise.all([
    identityPool.describe(options),
    identityPool.roles(options),
  ])
  const all = providers.map(({ providerName, clientId }) => `${providerName}:${clientId}`).sort()
  const own = all.filter((provider) => provider.includes(`/${userPoolId}:`))
  const ruled = Object.values(roleMappings).flatMap(({ rules = [] }) => rules.map(({ roleArn }) => roleArn))
  return {
    classicFlow: allowClassicFlow,
    providers: own,
    mappedByToken: own.filter((provider) => {
      const mapping = roleMappings[provider]
      return mapping?.type === 'Token' && mapping.ambiguousRoleResolution === 'Deny'
    }),
    othersByToken: all.filter((provider) => !own.includes(provider) && roleMappings[provider]?.type === 'Token'),
    givenRoles: [...new Set([...Object.values(roles), ...ruled])].sort(),
  }
}

/**
 * Reads roles with their policies; those that are not there are left out. `onRead` is called after each. `listed` are the
 * account's roles as ListRoles has them.
 */
export async function observeRoles(
  iam: Iam,
  names: readonly string[],
  listed: Surroundings['listed'],
  accountDetails: boolean,
  options: CallOptions,
  onRead: () => void,
): Promise<ReadonlyMap<string, ObservedRole>> {
  // A page of details brings what takes four calls for each role.
  if (accountDetails && Math.ceil(listed.size / PAGE) < names.length * 4) {
    const found = await readDetails(iam, names, listed, options).catch((error: unknown) => {
      if (isAwsError(error) && error.code.startsWith('AccessDenied')) return undefined
      throw error
    })
    if (found) {
      for (const _ of names) onRead()
      return found
    }
  }
  const roles = await inTurns(names, async (name) => {
    const role = await orNothing(observeRole(iam, name, options))
    onRead()
    return role
  })
  return new Map(roles.flatMap((role) => (role ? [[role.name.toLowerCase(), role]] : [])))
}

/** How many roles are asked for in one page of details, each with all its policies: XML of more would be too long. */
const PAGE = 200

/** The same from the details of the whole account (GetAccountAuthorizationDetails), which lack what ListRoles has. */
async function readDetails(
  iam: Iam,
  names: readonly string[],
  listed: Surroundings['listed'],
  options: CallOptions,
): Promise<ReadonlyMap<string, ObservedRole>> {
  const operation = 'GetAccountAuthorizationDetails'
  const wanted = new Set(names)
  const found = new Map<string, ObservedRole>()
  const details = createMarkerList(
    operation,
    (position) => iam.call(operation, { Filter: ['Role'], ...position, MaxItems: PAGE }, options),
    ({ RoleDetailList }) => RoleDetailList,
  )
  for await (const detail of details) {
    if (!wanted.has(detail.RoleName)) continue
    const { Description, MaxSessionDuration } = listed.get(detail.RoleName.toLowerCase()) ?? {}
    const role = roleOf({ ...detail, Description, MaxSessionDuration })
    if (role === undefined) throw malformed(operation)
    const policies = (detail.RolePolicyList ?? []).map(({ PolicyName, PolicyDocument: text }) => {
      const document = documentIn(text)
      if (document === undefined) throw malformed(operation)
      return [PolicyName, document] as const
    })
    const managedPolicies = (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn }) => PolicyArn)
    found.set(role.name.toLowerCase(), { ...role, policies: Object.fromEntries(policies), managedPolicies })
  }
  return new Map(
    names.flatMap((name) => {
      const role = found.get(name.toLowerCase())
      return role ? [[name.toLowerCase(), role] as const] : []
    }),
  )
}

/** Reads a role with its policies. Throws AwsError, of code `NoSuchEntity` also where it vanishes between two calls. */
export async function observeRole(iam: Iam, name: string, options: CallOptions): Promise<ObservedRole> {
  const role = await iam.roles.get(name, options)
  const [policies, managedPolicies] = await Promise.all([
    iam.roles.policies(name, options).toArray(),
    iam.roles.managedPolicies(name, options).toArray(),
  ])
  const documents = await Promise.all(
    policies.map(async (policy): Promise<[string, PolicyDocument | undefined]> => {
      return [policy, await iam.roles.policy(name, policy, options)]
    }),
  )
  const found = documents.filter((entry): entry is [string, PolicyDocument] => entry[1] !== undefined)
  return { ...role, policies: Object.fromEntries(found), managedPolicies }
}

import type { Group, PoolAdmin } from '../../admin/index.ts'
import {
  type CallOptions,
  createMarkerList,
  parseDocument,
  getClock,
  type IamClient,
  type IdentityPoolClient,
  isAwsError,
  type List,
  malformed,
  findOrUndefined,
  type PolicyDocument,
  parseRole,
  type WireRole,
} from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { mapConcurrent } from '../../internal/concurrency.ts'
import { CONCURRENCY, sharedLimits } from '../limits.ts'
import type { PlanScope } from './desired.ts'
import {
  parseLinkedName,
  listRoleNames,
  type IdentityPoolState,
  type RoleState,
  type GroupState,
  findUnmanagedGroups,
  type State,
} from './state.ts'

/** Reads all that a plan is about, within `timeout` seconds. Throws AwsError. */
export async function readState(reader: StateReader, scope: PlanScope, timeout: number): Promise<State> {
  const { admin, iam, accountDetails = false, onProgress, signal } = reader
  let read = 0
  let total = 0
  const options = sharedLimits(getClock(iam), timeout, signal, (waiting) => onProgress?.({ read, total, waiting }))
  const { account, partition, groups, listed, identityPool } = await readOverview(reader, scope.identityPoolId, options)
  const there = rolesInScope(scope, { groups, listed })
  total = there.length
  const onRead = () => onProgress?.({ read: ++read, total })
  const roles = await readRoles(iam, there, listed, accountDetails, options, onRead)
  const unmanagedGroups = scope.desired.prune ? findUnmanagedGroups(scope, groups) : []
  const members = await countMembers(admin, unmanagedGroups, options)
  return { account, partition, groups, roles, identityPool, members }
}

type StateReader = ProvisionClients & ReadOptions & Pick<CallOptions, 'signal'>

/** The clients that provisioning uses. */
export interface ProvisionClients {
  /** `createPoolAdmin` of `cognigate/admin`. */
  readonly admin: PoolAdmin
  readonly iam: IamClient
  /** Needed if a group has a policy or managed policies, and for `secureIdentityPool`. */
  readonly identityPool?: IdentityPoolClient | undefined
}

/** Throws ConfigurationError if a client is missing. */
export function checkClients(clients: ProvisionClients): void {
  const given: Partial<ProvisionClients> = clients
  const check = (name: string, isThere: unknown, maker: string) => {
    if (!isThere) throw new ConfigurationError(`${name}: expected what ${maker} returns.`)
  }
  check('admin', given.admin?.groups, 'createPoolAdmin')
  check('iam', given.iam?.roles, 'createIamClient')
  if (given.identityPool !== undefined) check('identityPool', given.identityPool?.describe, 'createIdentityPoolClient')
}

/** Options for reading the state from AWS. */
export interface ReadOptions {
  /**
   * Whether to read roles with GetAccountAuthorizationDetails: for 50 groups that takes 6 calls instead of 205. The AWS key
   * needs `iam:GetAccountAuthorizationDetails` on `*`. If that is denied, roles are read one by one. Default false.
   */
  readonly accountDetails?: boolean | undefined
  /** Called after each role that was read, and before each wait because AWS throttles, also while changes are made. */
  readonly onProgress?: ((progress: PlanProgress) => void) | undefined
}

/** The progress of reading. */
export interface PlanProgress {
  /** How many roles were read. */
  readonly read: number
  /** How many roles there are to read; 0 until that is known. */
  readonly total: number
  /** How many seconds a call now waits because AWS throttles. */
  readonly waiting?: number | undefined
}

/** What is read before single roles. */
interface Overview {
  readonly account: string
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  readonly groups: ReadonlyMap<string, Group>
  /** The account's roles as ListRoles has them, by name in lower case, since IAM ignores case. */
  readonly listed: ReadonlyMap<string, WireRole>
  readonly identityPool: IdentityPoolState | undefined
}

/**
 * Calls GetCallerIdentity, ListGroups and ListRoles, and if the plan has an identity pool DescribeIdentityPool and
 * GetIdentityPoolRoles.
 */
async function readOverview(
  { admin, iam, identityPool: client }: ProvisionClients,
  identityPoolId: string | undefined,
  options: CallOptions,
): Promise<Overview> {
  const isNeeded = client !== undefined && identityPoolId !== undefined
  const [{ account, arn }, groups, listed, identityPool] = await Promise.all([
    iam.caller(options),
    admin.groups.list(options).toArray(),
    listRoles(iam, options).toArray(),
    isNeeded ? readIdentityPool(admin.userPoolId, client, options) : undefined,
  ])
  return {
    account,
    partition: arn.split(':')[1] ?? '',
    groups: new Map(groups.sort((a, b) => (a.name < b.name ? -1 : 1)).map((group) => [group.name, group])),
    listed: new Map(listed.map((role) => [role.RoleName.toLowerCase(), role])),
    identityPool,
  }
}

/** Roles as they are on the wire, not parsed: an odd role that the plan is not about must not stop it. */
function listRoles(iam: IamClient, options: CallOptions): List<WireRole> {
  return createMarkerList(
    'ListRoles',
    (position) => iam.call('ListRoles', { ...position, MaxItems: 1000 }, options),
    ({ Roles }) => Roles,
  )
}

async function readIdentityPool(
  userPoolId: string,
  identityPool: IdentityPoolClient,
  options: CallOptions,
): Promise<IdentityPoolState> {
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

/** The roles to read: those of the defined groups, those other groups are linked to, and for `prune` all with the prefix. */
function rolesInScope(scope: PlanScope, { groups, listed }: Pick<Overview, 'groups' | 'listed'>): string[] {
  const { prune, rolePrefix } = scope.desired
  const linked = [...groups.values()].flatMap(({ roleArn }) => parseLinkedName(roleArn)?.toLowerCase() ?? [])
  const prefix = rolePrefix.toLowerCase()
  const similar = prune ? [...listed.keys()].filter((name) => name.startsWith(prefix)) : []
  const names = new Set([...listRoleNames(scope, groups), ...linked, ...similar])
  // Sorted, so that deletions have the same order however roles are read.
  return [...names].sort().flatMap((name) => listed.get(name)?.RoleName ?? [])
}

/** Reads roles with their policies. Roles that do not exist are left out. `onRead` is called after each. */
async function readRoles(
  iam: IamClient,
  names: readonly string[],
  listed: Overview['listed'],
  accountDetails: boolean,
  options: CallOptions,
  onRead: () => void,
): Promise<ReadonlyMap<string, RoleState>> {
  // One page of details replaces four calls per role.
  if (accountDetails && Math.ceil(listed.size / PAGE) < names.length * 4) {
    const found = await readAccountDetails(iam, names, listed, options).catch((error: unknown) => {
      if (isAwsError(error) && error.code.startsWith('AccessDenied')) return undefined
      throw error
    })
    if (found) {
      for (const _ of names) onRead()
      return found
    }
  }
  const roles = await mapConcurrent(names, CONCURRENCY, async (name) => {
    const role = await findOrUndefined(readRole(iam, name, options))
    onRead()
    return role
  })
  return new Map(roles.flatMap((role) => (role ? [[role.name.toLowerCase(), role]] : [])))
}

/** How many roles a page of details has. Each comes with all its policies, so more would be too long an answer. */
const PAGE = 200

/** Reads roles by GetAccountAuthorizationDetails. It lacks some members that ListRoles has. */
async function readAccountDetails(
  iam: IamClient,
  names: readonly string[],
  listed: Overview['listed'],
  options: CallOptions,
): Promise<ReadonlyMap<string, RoleState>> {
  const operation = 'GetAccountAuthorizationDetails'
  const asked = new Set(names)
  const found = new Map<string, RoleState>()
  const details = createMarkerList(
    operation,
    (position) => iam.call(operation, { Filter: ['Role'], ...position, MaxItems: PAGE }, options),
    ({ RoleDetailList }) => RoleDetailList,
  )
  for await (const detail of details) {
    if (!asked.has(detail.RoleName)) continue
    const { Description, MaxSessionDuration } = listed.get(detail.RoleName.toLowerCase()) ?? {}
    const role = parseRole({ ...detail, Description, MaxSessionDuration })
    if (role === undefined) throw malformed(operation)
    const policies = (detail.RolePolicyList ?? []).map(({ PolicyName, PolicyDocument: text }) => {
      const document = parseDocument(text)
      if (document === undefined) throw malformed(operation)
      return [PolicyName, document] as const
    })
    const managedPolicies = (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn }) => PolicyArn)
    found.set(role.name.toLowerCase(), { ...role, ...inOrder(policies, managedPolicies) })
  }
  return new Map(
    names.flatMap((name) => {
      const role = found.get(name.toLowerCase())
      return role ? [[name.toLowerCase(), role] as const] : []
    }),
  )
}

/** A role's policies by their names, since operations list them in orders of their own, and plans follow it. */
function inOrder(
  policies: readonly (readonly [string, PolicyDocument])[],
  managedPolicies: readonly string[],
): Pick<RoleState, 'policies' | 'managedPolicies'> {
  const sorted = policies.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { policies: Object.fromEntries(sorted), managedPolicies: managedPolicies.toSorted() }
}

/** Reads a role with its policies. Throws AwsError, with `NoSuchEntity` also if it vanishes between two calls. */
export async function readRole(iam: IamClient, name: string, options: CallOptions): Promise<RoleState> {
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
  return { ...role, ...inOrder(found, managedPolicies) }
}

/** Counts the members of groups (ListUsersInGroup). */
async function countMembers(
  admin: PoolAdmin,
  groups: readonly GroupState[],
  options: CallOptions,
): Promise<ReadonlyMap<string, number>> {
  const counts = await mapConcurrent(groups, CONCURRENCY, async ({ name }): Promise<[string, number]> => {
    let members = 0
    for await (const _ of admin.groups.members(name, options)) members++
    return [name, members]
  })
  return new Map(counts)
}

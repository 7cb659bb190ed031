import type { Group, PoolAdmin } from '../../admin/index.ts'
import type { CallOptions, List } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Iam, PolicyDocument, Role } from '../iam/index.ts'
import { createMarkerList } from '../iam/marker-list.ts'
import { orNothing } from '../iam/writer.ts'
import type { IdentityPool } from '../identity-pool/index.ts'
import { inTurns } from './in-turns.ts'

/** What provisioning calls. */
export interface ProvisionClients {
  /** `createPoolAdmin` of `cognigate/admin`. */
  readonly admin: PoolAdmin
  readonly iam: Iam
  readonly identityPool: IdentityPool
}

/** Throws ConfigurationError, naming the option, where a client is missing. */
export function checkClients(clients: ProvisionClients): void {
  const given: Partial<ProvisionClients> | undefined = clients
  const check = (name: string, isThere: unknown, maker: string) => {
    if (!isThere) throw new ConfigurationError(`${name}: expected what ${maker} returns.`)
  }
  check('admin', given?.admin?.groups, 'createPoolAdmin')
  check('iam', given?.iam?.roles, 'createIam')
  check('identityPool', given?.identityPool?.describe, 'createIdentityPool')
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
  /** The real names of the account's roles, by name in lower case, since IAM ignores case. */
  readonly roleNames: ReadonlyMap<string, string>
  readonly identityPool: ObservedIdentityPool
}

/** Reads what concerns no single role: GetCallerIdentity, ListGroups, ListRoles, DescribeIdentityPool, GetIdentityPoolRoles. */
export async function observe(clients: ProvisionClients, options: CallOptions): Promise<Surroundings> {
  const { admin, iam } = clients
  const [{ account, arn }, groups, roleNames, identityPool] = await Promise.all([
    iam.caller(options),
    admin.groups.list(options).toArray(),
    namesOfRoles(iam, options).toArray(),
    observeIdentityPool(clients, options),
  ])
  return {
    account,
    partition: arn.split(':')[1] ?? '',
    groups: new Map(groups.map((group) => [group.name, group])),
    roleNames: new Map(roleNames.map((name) => [name.toLowerCase(), name])),
    identityPool,
  }
}

/** Only the names: what else is listed of a role that does not matter here cannot stop a plan. */
function namesOfRoles(iam: Iam, options: CallOptions): List<string> {
  return createMarkerList(
    'ListRoles',
    (position) => iam.call('ListRoles', { ...position, MaxItems: 1000 }, options),
    ({ Roles }) => Roles?.map(({ RoleName }) => RoleName),
  )
}

async function observeIdentityPool(
  { admin, identityPool }: ProvisionClients,
  options: CallOptions,
): Promise<ObservedIdentityPool> {
  const [{ allowClassicFlow, providers }, { roles, roleMappings }] = await Promise.all([
    identityPool.describe(options),
    identityPool.roles(options),
  ])
  const all = providers.map(({ providerName, clientId }) => `${providerName}:${clientId}`).sort()
  const own = all.filter((provider) => provider.includes(`/${admin.userPoolId}:`))
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

/** Reads roles with their policies; those that are not there are left out. `onRead` is called after each. */
export async function observeRoles(
  iam: Iam,
  names: readonly string[],
  options: CallOptions,
  onRead?: () => void,
): Promise<ReadonlyMap<string, ObservedRole>> {
  const roles = await inTurns(names, async (name) => {
    const role = await orNothing(observeRole(iam, name, options))
    onRead?.()
    return role
  })
  return new Map(roles.flatMap((role) => (role ? [[role.name.toLowerCase(), role]] : [])))
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

import type { Group } from '../../admin/index.ts'
import type { PolicyDocument, Role } from '../../aws/index.ts'
import { belongsToPool, parseRoleName } from '../names.ts'
import { canonicalJson } from '../../internal/json.ts'
import { type PlanScope, listTargets } from './desired.ts'

/** The state that AWS is in, as far as a plan needs it. */
export interface State {
  readonly account: string
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  /** All groups of the pool. */
  readonly groups: ReadonlyMap<string, GroupState>
  /** The existing roles that the plan is about, by name in lower case, since IAM ignores case. */
  readonly roles: ReadonlyMap<string, RoleState>
  /** Undefined if the plan needs none. */
  readonly identityPool: IdentityPoolState | undefined
  /** Group to be deleted → number of members. */
  readonly members: ReadonlyMap<string, number>
}

/** A group of the pool. */
export type GroupState = Pick<Group, 'name' | 'description' | 'precedence' | 'roleArn'>

/** A role with its policies. */
export interface RoleState extends Role {
  /** Inline policies by name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  /** ARNs. */
  readonly managedPolicies: readonly string[]
}

/** The identity pool's settings for the user pool. */
export interface IdentityPoolState {
  readonly classicFlow: boolean
  /** The user pool's providers, as role mappings name them. */
  readonly providers: readonly string[]
  /** Those of `providers` that have a `Token` mapping with `AmbiguousRoleResolution: Deny`. */
  readonly mappedByToken: readonly string[]
  /** Providers of other user pools whose tokens choose the role. */
  readonly othersByToken: readonly string[]
  /** ARNs of the roles that the identity pool gives by default, or by a rule of any provider. */
  readonly givenRoles: readonly string[]
}

/** The state when the plan was made, as plain JSON. */
export interface StateSnapshot {
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  /** All groups of the pool. */
  readonly groups: readonly {
    readonly name: string
    readonly description?: string | undefined
    readonly precedence?: number | undefined
    readonly roleArn?: string | undefined
  }[]
  /** Roles that groups have or may get. If the plan prunes, also all that have the prefix of this pool's roles. */
  readonly roles: readonly RoleState[]
  readonly identityPool?: IdentityPoolState | undefined
  /** How many members the groups to be deleted have. */
  readonly members: readonly { readonly group: string; readonly count: number }[]
}

/** A state as plain JSON. Creation times are left out, since nothing depends on them. */
export function takeSnapshot({ partition, groups, roles, identityPool, members }: State): StateSnapshot {
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

/** The state in a plan's snapshot. */
export function stateFrom({
  account,
  snapshot,
}: {
  readonly account: string
  readonly snapshot: StateSnapshot
}): State {
  return {
    account,
    partition: snapshot.partition,
    groups: new Map(snapshot.groups.map((group) => [group.name, group])),
    roles: new Map(snapshot.roles.map((role) => [role.name.toLowerCase(), role])),
    identityPool: snapshot.identityPool,
    members: new Map(snapshot.members.map(({ group, count }) => [group, count])),
  }
}

/**
 * What a plan depends on, by name (`group admin`, `role role_admin`, `members of admin`, `identity pool`), each as a text that
 * changes with it. Roles that do not exist count too: one that appears is a change.
 */
export function createFingerprint(scope: PlanScope, state: State): Record<string, string> {
  const { desired } = scope
  const { groups, roles, identityPool, members } = state
  const defined = new Set(desired.groups.map(({ name }) => name))
  const unmanagedGroups = desired.prune ? findUnmanagedGroups(scope, groups) : []
  // Findings depend on the roles of groups that are not defined.
  const linked = [...groups.values()].filter(({ name, roleArn }) => !defined.has(name) && roleArn !== undefined)
  const names = [...desired.groups, ...unmanagedGroups, ...linked].map(({ name }) => name)
  const own = desired.prune
    ? [...roles].flatMap(([name, role]) => (belongsToPool(role, scope.userPoolId) ? name : []))
    : []
  const snapshot: [string, unknown][] = [
    ['partition', state.partition],
    ['identity pool', identityPool],
    ...names.map((name): [string, unknown] => [`group ${name}`, viewGroup(groups.get(name))]),
    ...[...listRoleNames(scope, groups), ...own].map((name): [string, unknown] => [
      `role ${name}`,
      viewRole(roles.get(name)),
    ]),
    ...[...members].map(([group, count]): [string, unknown] => [`members of ${group}`, count]),
  ]
  return Object.fromEntries(snapshot.map(([name, value]) => [name, canonicalJson(value)]))
}

/** The names of what differs between two fingerprints. */
export function compareFingerprints(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => a[name] !== b[name]).sort()
}

function viewGroup(group: GroupState | undefined): unknown {
  if (group === undefined) return null
  const { description, roleArn, precedence } = group
  return { description, roleArn, precedence }
}

/** All of a role that matters: its trust policy, tags, policies and settings. */
function viewRole(role: RoleState | undefined): unknown {
  if (role === undefined) return null
  const { createdAt: _, managedPolicies, ...rest } = role
  return { ...rest, managedPolicies: [...managedPolicies].sort() }
}

/** Groups of the pool that are not defined. */
interface UndefinedGroups {
  /** Those that `prune` deletes. */
  readonly unmanagedGroups: readonly GroupState[]
  /** Those that Cognito made for an identity provider. Their names begin with the pool's id. */
  readonly providers: readonly GroupState[]
}

export function findUndefinedGroups(
  groups: Iterable<GroupState>,
  defined: ReadonlySet<string>,
  userPoolId: string,
): UndefinedGroups {
  const all = [...groups].filter(({ name }) => !defined.has(name))
  const isProviders = ({ name }: GroupState) => name.startsWith(`${userPoolId}_`)
  return { unmanagedGroups: all.filter((group) => !isProviders(group)), providers: all.filter(isProviders) }
}

/** The groups that `prune` deletes. */
export function findUnmanagedGroups(
  { userPoolId, desired }: PlanScope,
  groups: State['groups'],
): readonly GroupState[] {
  return findUndefinedGroups(groups.values(), new Set(desired.groups.map(({ name }) => name)), userPoolId)
    .unmanagedGroups
}

/** The names of the roles that the defined groups have or should have, in lower case. */
export function listRoleNames(scope: PlanScope, groups: State['groups']): string[] {
  const names = listTargets(scope).flatMap(({ spec, desired }) => {
    return [desired.name, parseLinkedName(groups.get(spec.name)?.roleArn)]
  })
  return [...new Set(names.filter((name) => name !== undefined).map((name) => name.toLowerCase()))]
}

export function parseLinkedName(roleArn: string | undefined): string | undefined {
  return roleArn === undefined ? undefined : parseRoleName(roleArn)
}

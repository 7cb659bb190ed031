import type { Group } from '../../admin/index.ts'
import type { PolicyDocument, Role } from '../../aws/index.ts'
import { belongsToPool, parseRoleName } from '../names.ts'
import { canonicalJson } from '../../internal/json.ts'
import { type PlanScope, listTargets } from './desired.ts'

/** The world as a plan sees it. */
export interface State {
  readonly account: string
  /** `aws`, `aws-us-gov` or another. */
  readonly partition: string
  /** All groups of the pool. */
  readonly groups: ReadonlyMap<string, GroupState>
  /** The roles that the plan is about and that are there, by name in lower case. */
  readonly roles: ReadonlyMap<string, RoleState>
  /** Undefined where the plan needs none. */
  readonly identityPool: IdentityPoolState | undefined
  /** How many users are in the groups that are to be deleted. */
  readonly members: ReadonlyMap<string, number>
}

/** What of a group in the pool matters here. */
export type GroupState = Pick<Group, 'name' | 'description' | 'precedence' | 'roleArn'>

/** A role with all that it holds. */
export interface RoleState extends Role {
  /** Inline policies by name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  /** ARNs. */
  readonly managedPolicies: readonly string[]
}

/** What stands in the identity pool about the user pool. */
export interface IdentityPoolState {
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

/** What was there when the plan was made. */
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
  /** Roles that groups have or may get, and where the plan prunes all that look like a group's. */
  readonly roles: readonly RoleState[]
  readonly identityPool?: IdentityPoolState | undefined
  /** How many users are in the groups that are to be deleted. */
  readonly members: readonly { readonly group: string; readonly count: number }[]
}

/** What was seen, as plain JSON. Times of creation are left out: they decide nothing. */
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

/** What a plan saw. */
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
 * What a plan depends on, by what it is, each as a text that is equal where nothing changed: `group admin`, `role role_admin`,
 * `members of admin`, `identity pool`. Names that are free count, too: a role that appears there is a change.
 */
export function createFingerprint(scope: PlanScope, state: State): Record<string, string> {
  const { desired } = scope
  const { groups, roles, identityPool, members } = state
  const unmanagedGroups = desired.prune ? findUnmanagedGroups(scope, groups) : []
  const names = [...desired.groups, ...unmanagedGroups].map(({ name }) => name)
  const own = desired.prune
    ? [...roles].flatMap(([name, role]) => (belongsToPool(role, scope.userPoolId) ? name : []))
    : []
  const snapshot: [string, unknown][] = [
    ['identity pool', identityPool],
    ...names.map((name): [string, unknown] => [`group ${name}`, viewGroup(groups.get(name))]),
    ...[...roleNamesOf(scope, groups), ...own].map((name): [string, unknown] => [
      `role ${name}`,
      viewRole(roles.get(name)),
    ]),
    ...[...members].map(([group, count]): [string, unknown] => [`members of ${group}`, count]),
  ]
  return Object.fromEntries(snapshot.map(([name, value]) => [name, canonicalJson(value)]))
}

/** The names of what differs between two fingerprints, or stands in one of them only. */
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

/** Everything that a role is and holds: who may take it and whose it is as well as what it allows. */
function viewRole(role: RoleState | undefined): unknown {
  if (role === undefined) return null
  const { createdAt: _, managedPolicies, ...rest } = role
  return { ...rest, managedPolicies: [...managedPolicies].sort() }
}

/** Groups of the pool that are not defined. */
interface UndefinedGroups {
  /** Those that pruning deletes. */
  readonly unmanagedGroups: readonly GroupState[]
  /** Those that Cognito made itself for an identity provider, by their names, which begin with the pool's id. */
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

/** The groups of the pool that pruning deletes. */
export function findUnmanagedGroups(
  { userPoolId, desired }: PlanScope,
  groups: State['groups'],
): readonly GroupState[] {
  return findUndefinedGroups(groups.values(), new Set(desired.groups.map(({ name }) => name)), userPoolId)
    .unmanagedGroups
}

/** The names that the roles of the defined groups have or should have, in lower case; they need not be there. */
export function roleNamesOf(scope: PlanScope, groups: State['groups']): string[] {
  const names = listTargets(scope).flatMap(({ spec, desired }) => {
    return [desired.name, linkedName(groups.get(spec.name)?.roleArn)]
  })
  return [...new Set(names.filter((name) => name !== undefined).map((name) => name.toLowerCase()))]
}

export function linkedName(roleArn: string | undefined): string | undefined {
  return roleArn === undefined ? undefined : parseRoleName(roleArn)
}

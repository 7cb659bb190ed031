import { checkOptions } from '../../internal/options.ts'
import type { Groups } from '../../permissions/index.ts'
import { type Definitions, type GroupsInput, readGroups } from '../definitions/read-definitions.ts'
import { compareGroups, compareSets } from './compare-groups.ts'
import { type ChangedGroups, type ImpactOptions, readMemberships } from './read-memberships.ts'

/**
 * Finds out what it would mean for the users of a pool if `after` replaced `before`: who gains and who loses which permissions.
 * A group that is no longer defined grants nothing to its members. The users' claims are not known: a permission that depends on
 * other conditions than before is `conditional`. What changes at all is what `compareGroups` proves.
 *
 * Reads the members of the groups that matter for the changed permissions (ListGroups, ListUsersInGroup), or of none if nothing
 * changes.
 *
 * @example
 * ```ts
 * const { users, permissions } = await planImpact(groupsBefore, groupsAfter, { admin })
 * console.log(permissions['posts.write']) // { gains: 2, loses: 0, conditional: 0 }
 * ```
 *
 * @throws ConfigurationError for wrong definitions
 * @throws AwsError if AWS refuses a call
 */
export async function planImpact(before: ImpactInput, after: ImpactInput, options: ImpactOptions): Promise<Impact> {
  checkOptions<ImpactOptions>('planImpact', options, ['admin', 'audit', 'timeout', 'signal', 'onProgress'], {
    iam: 'it is not needed: members are read by "admin".',
    identityPool: 'it is not needed: members are read by "admin".',
  })
  const [old, now] = [readGroups(before), readGroups(after)]
  const touched = findChanged(old, now)
  const differs = compareSets(old, now)
  const counts = new Map(touched.permissions.map((permission) => [permission, { gains: 0, loses: 0, conditional: 0 }]))
  const users: UserImpact[] = []
  let unaffected = 0

  const changeOf = (groups: readonly string[]): Change => {
    const had = new Map(Object.entries(old.effective(groups)))
    const has = new Map(Object.entries(now.effective(groups)))
    const became = (access: string) =>
      touched.permissions.filter((permission) => {
        const accessNow = has.get(permission) ?? 'deny'
        if (accessNow !== access) return false
        return (had.get(permission) ?? 'deny') !== access || (access === 'conditional' && differs(groups, permission))
      })
    return { gains: became('allow'), loses: became('deny'), conditional: became('conditional') }
  }

  const members = touched.permissions.length > 0 ? (await readMemberships(touched, options)).entries() : []
  const changes = new Map<readonly string[], Change>()
  for (const [username, groups] of members) {
    if (!groups.some((group) => touched.changed.has(group))) continue
    const change = changes.get(groups) ?? changeOf(groups)
    changes.set(groups, change)
    const { gains, loses, conditional } = change
    if (gains.length + loses.length + conditional.length === 0) {
      unaffected++
      continue
    }
    users.push({ username, groups, gains, loses, conditional })
    for (const kind of ['gains', 'loses', 'conditional'] as const) {
      for (const permission of change[kind]) {
        const count = counts.get(permission)
        if (count) count[kind]++
      }
    }
  }
  users.sort((a, b) => (a.username < b.username ? -1 : 1))
  const permissions: Record<string, PermissionImpact> = Object.fromEntries(counts)
  return { users, permissions, unaffected }
}

/** Groups in any form that `defineGroups` takes or returns, or definitions with policies, which are ignored. */
export type ImpactInput = Definitions | GroupsInput

/** What a change of the groups means for their members. Plain JSON. */
export interface Impact {
  /** The users for whom anything changes, sorted by name. */
  readonly users: readonly UserImpact[]
  /** Every permission that changes for some group, with how many users that concerns: perhaps none. */
  readonly permissions: { readonly [name: string]: PermissionImpact }
  /** For how many members of changed groups nothing changes, since their other groups decide. */
  readonly unaffected: number
}

/** What a change means for one user. A permission is in at most one of the lists. */
export interface UserImpact {
  readonly username: string
  /** Those of the user's groups that matter for what changes. */
  readonly groups: readonly string[]
  /** Permissions the user gains, whatever the claims. */
  readonly gains: readonly string[]
  /** Permissions the user loses, including those that depended on a condition. */
  readonly loses: readonly string[]
  /** Permissions that now depend on a condition, and did not before, or on another one. */
  readonly conditional: readonly string[]
}

/** How many users gain a permission, lose it, or have it under a condition from now on. */
export type PermissionImpact = { readonly [K in 'gains' | 'loses' | 'conditional']: number }

/** The groups and permissions in a difference of the two maps, and the groups that decide about these permissions too. */
function findChanged(before: Groups, after: Groups): ChangedGroups {
  const { gains, losses } = compareGroups(before, after)
  const differences = [...gains, ...losses]
  const permissions = [...new Set(differences.flatMap((difference) => difference.permissions))]
  const changed = new Set(differences.flatMap((difference) => difference.groups))
  const others = [...new Set([...after.names, ...before.names])].filter(
    (name) =>
      !changed.has(name) &&
      permissions.some((permission) =>
        [before, after].some((groups) => groups.decide([name], permission).code !== 'DENY_DEFAULT'),
      ),
  )
  return { permissions, changed, groups: [...changed, ...others] }
}

type Change = Pick<UserImpact, keyof PermissionImpact>

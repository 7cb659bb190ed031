import { checkOptions } from '../../internal/options.ts'
import { type Definitions, type GroupsInput, readGroups } from '../definitions/read-definitions.ts'
import { type ImpactOptions, readMemberships, compareGroups } from './read-memberships.ts'

/**
 * What it would mean for the users of a pool if `after` took the place of `before`: who gains and who loses which function.
 * A group that vanishes from the definitions grants nothing to those who are still in it. Of claims nothing is known: a
 * condition that only changes its terms changes nothing here.
 *
 * Reads the members of the groups that have a say in what changes (ListGroups, ListUsersInGroup), or none where nothing
 * changes; remembers a number for each of them and each distinct set of groups. Throws ConfigurationError for wrong
 * definitions, and AwsError.
 */
export async function planImpact(before: ImpactInput, after: ImpactInput, options: ImpactOptions): Promise<Impact> {
  checkOptions<ImpactOptions>('planImpact', options, ['admin', 'audit', 'timeout', 'signal', 'onProgress'], {
    iam: 'it is not needed: members are read by "admin".',
    identityPool: 'it is not needed: members are read by "admin".',
  })
  const [old, now] = [readGroups(before), readGroups(after)]
  const touched = compareGroups(old, now)
  const counts = new Map(touched.permissions.map((fn) => [fn, { gains: 0, loses: 0, conditional: 0 }]))
  const users: UserImpact[] = []
  let unaffected = 0

  const changeOf = (groups: readonly string[]): Change => {
    const had = new Map(Object.entries(old.effective(groups)))
    const has = new Map(Object.entries(now.effective(groups)))
    const became = (access: string) =>
      touched.permissions.filter((fn) => {
        const accessNow = has.get(fn) ?? 'deny'
        return accessNow === access && (had.get(fn) ?? 'deny') !== accessNow
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
      for (const fn of change[kind]) {
        const count = counts.get(fn)
        if (count) count[kind]++
      }
    }
  }
  users.sort((a, b) => (a.username < b.username ? -1 : 1))
  const permissions: Record<string, PermissionImpact> = Object.fromEntries(counts)
  return { users, permissions, unaffected }
}

/** Groups in any form that `defineGroups` takes or returns, or definitions with policies, which do not count here. */
export type ImpactInput = Definitions | GroupsInput

/** What a change of the groups means for their members. Plain data, fit for JSON. */
export interface Impact {
  /** The users for whom anything changes, in the order of their names. */
  readonly users: readonly UserImpact[]
  /** Every function that changes for some group, with how many users it changes for: none, where nobody is concerned. */
  readonly permissions: { readonly [name: string]: PermissionImpact }
  /** How many members of changed groups may do exactly what they might: other groups of theirs outweigh the change. */
  readonly unaffected: number
}

/** What a change means for one user. A function stands in one list at most, in those of the user it changes for only. */
export interface UserImpact {
  readonly username: string
  /** Those of the user's groups that have a say in what changes. */
  readonly groups: readonly string[]
  /** Functions that the user may use from now on, whatever the claims. */
  readonly gains: readonly string[]
  /** Functions that the user may not use any more, be it that the claims decided so far. */
  readonly loses: readonly string[]
  /** Functions over which a condition decides from now on, and nothing or none did before. */
  readonly conditional: readonly string[]
}

/** How many users a change of a function concerns. */
export type PermissionImpact = { readonly [K in 'gains' | 'loses' | 'conditional']: number }

type Change = Pick<UserImpact, keyof PermissionImpact>

import { checkOptions } from '../../internal/options.ts'
import { groupsOf } from '../definitions/index.ts'
import type { FunctionImpact, Impact, ImpactInput, ImpactOptions, UserImpact } from './impact.ts'
import { sweep } from './sweep.ts'
import { touchedBy } from './touched.ts'

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
  checkOptions<ImpactOptions>('planImpact', options, ['admin', 'audit', 'deadline', 'signal', 'onProgress'], {
    iam: 'it is not needed: members are read by "admin".',
    identityPool: 'it is not needed: members are read by "admin".',
  })
  const [old, now] = [groupsOf(before), groupsOf(after)]
  const touched = touchedBy(old, now)
  const counts = new Map(touched.functions.map((fn) => [fn, { gains: 0, loses: 0, conditional: 0 }]))
  const users: UserImpact[] = []
  let unaffected = 0

  const changeOf = (groups: readonly string[]): Change => {
    const had = new Map(Object.entries(old.effective(groups)))
    const has = new Map(Object.entries(now.effective(groups)))
    const became = (access: string) =>
      touched.functions.filter((fn) => {
        const accessNow = has.get(fn) ?? 'deny'
        return accessNow === access && (had.get(fn) ?? 'deny') !== accessNow
      })
    return { gains: became('allow'), loses: became('deny'), conditional: became('conditional') }
  }

  const members = touched.functions.length > 0 ? (await sweep(touched, options)).entries() : []
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
  const functions: Record<string, FunctionImpact> = Object.fromEntries(counts)
  return { users, functions, unaffected }
}

type Change = Pick<UserImpact, keyof FunctionImpact>

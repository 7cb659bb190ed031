import type { Claims } from '../../internal/claims.ts'
import { checkOptions } from '../../internal/options.ts'
import type { Groups, Predicate } from '../../permissions/index.ts'
import { readGroups } from '../definitions/read-definitions.ts'
import { type AccessTable, Bits, type GroupRules, readAccess, readFormula, toKey } from './access-table.ts'
import { always, findGap, type Gap, predicateKey } from './claims-gap.ts'
import type { ImpactInput } from './plan-impact.ts'

/**
 * Proves what members of groups may do with `after` that they might not with `before`, and the other way round: for every set of
 * groups, every permission and all claims.
 *
 * A map allows a set of groups a permission if none of them denies it, its gate holds and some group allows it. If `after` allows a
 * set that `before` refuses, take the group that allows it: `before` refuses that group alone, or together with one group whose deny
 * `after` has not. So sets of one or two groups are enough to find every difference, and the work grows with the number of groups.
 *
 * Precedence, policies and descriptions are not compared. A predicate counts as unchanged if its text is, and what depends on any
 * other predicate is not proved.
 *
 * @example
 * ```ts
 * import { compareGroups } from 'cognigate/provision'
 *
 * const before = { editor: { allow: ['posts.write'] }, suspended: { deny: ['posts.write'] } }
 * const { verdict, gains } = compareGroups(before, { editor: { allow: ['posts.write'] } })
 * verdict // 'wider'
 * gains[0]?.example.groups // ['editor', 'suspended']
 * ```
 *
 * @throws ConfigurationError for wrong definitions
 */
export function compareGroups(
  before: ImpactInput,
  after: ImpactInput,
  options: CompareGroupsOptions = {},
): GroupsComparison {
  checkOptions<CompareGroupsOptions>('compareGroups', options, ['unknownGroups'])
  const { unknownGroups = {} } = options
  checkOptions<NonNullable<CompareGroupsOptions['unknownGroups']>>('compareGroups: unknownGroups', unknownGroups, [
    'before',
    'after',
  ])
  const maps = {
    before: { groups: readGroups(before), refusesUnknown: unknownGroups.before === 'refuse' },
    after: { groups: readGroups(after), refusesUnknown: unknownGroups.after === 'refuse' },
  }
  const permissions = [...new Set([...maps.before.groups.permissions, ...maps.after.groups.permissions])].sort(
    byCodeUnit,
  )
  const names = [...new Set([...maps.after.groups.names, ...maps.before.groups.names])]
  // A name that neither map knows matters only where one of them refuses it.
  const stranger = nameNobodyHas(names)
  if (maps.before.refusesUnknown || maps.after.refusesUnknown) names.push(stranger)
  const old = readAccess(maps.before.groups, permissions, maps.before.refusesUnknown)
  const now = readAccess(maps.after.groups, permissions, maps.after.refusesUnknown)
  const describe = (from: AccessTable, to: AccessTable, direction: 'gains' | 'losses') =>
    merge(findExamples(from, to, names, permissions.length)).map(({ places, groups, gap, cause }): Difference => {
      const [place = 0] = places
      const permission = permissions[place] ?? ''
      const who = groups[0] ?? []
      const context = { claims: gap.claims, now: gap.now ?? 1_800_000_000_000 }
      const decide = (map: { groups: Groups; refusesUnknown: boolean }) =>
        map.refusesUnknown && who.some((name) => !map.groups.names.includes(name))
          ? 'UNKNOWN_GROUP'
          : map.groups.decide(who, permission, context).code
      return {
        permissions: places.map((each) => permissions[each] ?? ''),
        groups: [...new Set(groups.map((set) => set.at(-1) ?? ''))],
        together: who.length > 1,
        cause: groups.some((set) => set.at(-1) === stranger) ? 'unknown-group' : nameCause(cause, direction),
        proved: gap.proved,
        example: {
          groups: who,
          permission,
          ...(gap.claims !== undefined && Object.keys(gap.claims).length > 0 && { claims: gap.claims }),
          ...(gap.now !== undefined && { now: gap.now }),
          before: decide(maps.before),
          after: decide(maps.after),
        },
      }
    })
  const gains = describe(old, now, 'gains')
  const losses = describe(now, old, 'losses')
  const verdict =
    gains.length > 0 ? (losses.length > 0 ? 'different' : 'wider') : losses.length > 0 ? 'narrower' : 'same'
  const own = new Set(predicatesOf(maps.before.groups))
  const texts = new Set([...own].map(predicateKey))
  const predicates = predicatesOf(maps.after.groups).filter((test) => !own.has(test) && texts.has(predicateKey(test)))
  return {
    verdict,
    compared: { groups: names.length, permissions: permissions.length },
    assumed: { predicates: new Set(predicates).size },
    gains,
    losses,
  }
}

/** The predicates of all rules and gates. */
function predicatesOf({ definitions, options }: Groups): Predicate<never>[] {
  const rules = Object.values(definitions).flatMap(({ allow = [] }) => allow)
  const conditions = rules.map((rule) => (typeof rule === 'string' ? undefined : rule.when))
  return [...conditions, ...Object.values(options.require)].flatMap((condition): Predicate<never>[] => {
    if (typeof condition === 'function') return [condition]
    return Object.values(condition ?? {}).flatMap((test) => (typeof test === 'function' ? [test] : []))
  })
}

/** Tells of one set of groups whether some claims make a difference between the two maps. */
export function compareSets(old: Groups, now: Groups): (groups: readonly string[], permission: string) => boolean {
  const permissions = [...new Set([...old.permissions, ...now.permissions])].sort(byCodeUnit)
  const [before, after] = [readAccess(old, permissions, false), readAccess(now, permissions, false)]
  const places = new Map(permissions.map((permission, place) => [permission, place]))
  return (groups, permission) => {
    const place = places.get(permission)
    if (place === undefined) return false
    const read = (table: AccessTable) => {
      const rules = groups.map(table.rulesOf)
      const isDenied = rules.some(({ denied }) => denied.has(place))
      return { formula: isDenied ? [] : rules.flatMap((each) => readFormula(each, place)), gate: table.gateOf(place) }
    }
    const [was, is] = [read(before), read(after)]
    return (
      findGap(is.formula, is.gate, was.formula, was.gate) !== undefined ||
      findGap(was.formula, was.gate, is.formula, is.gate) !== undefined
    )
  }
}

export interface CompareGroupsOptions {
  /** What the guard does about groups that a map does not define: 'ignore' by default, or 'refuse', as its option of this name. */
  readonly unknownGroups?:
    | { readonly before?: 'ignore' | 'refuse' | undefined; readonly after?: 'ignore' | 'refuse' | undefined }
    | undefined
}

/** What two maps of groups allow differently. Plain JSON. */
export interface GroupsComparison {
  /** Whether the second map allows the same, more, less, or more here and less there. */
  readonly verdict: 'same' | 'wider' | 'narrower' | 'different'
  /** How many groups and permissions the two maps have together. */
  readonly compared: { readonly groups: number; readonly permissions: number }
  /** How many predicates of the second map were taken to decide as before, since one of the first map has the same text. */
  readonly assumed: { readonly predicates: number }
  /** What only the second map allows. */
  readonly gains: readonly Difference[]
  /** What only the first map allows. */
  readonly losses: readonly Difference[]
}

/** Permissions that members of some groups gain or lose, all for one reason. */
export interface Difference {
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
  /** Whether it concerns only those who have another group that allows it. */
  readonly together: boolean
  readonly cause: DifferenceCause
  /** False where a predicate decides: it may hold for the same callers as before. */
  readonly proved: boolean
  /** The smallest example. The decisions are those of the two maps themselves. */
  readonly example: {
    readonly groups: readonly string[]
    readonly permission: string
    readonly claims?: Claims
    /** Milliseconds since the epoch, where the time has a say. */
    readonly now?: number
    readonly before: string
    readonly after: string
  }
}

/** Why members gain or lose a permission. */
export type DifferenceCause =
  | 'new-group'
  | 'removed-group'
  | 'unknown-group'
  | 'new-permission'
  | 'removed-permission'
  | 'allow'
  | 'deny'
  | 'condition'
  | 'gate'

/** What stands on the side that refuses. */
type Cause = 'no-group' | 'no-group-now' | 'no-permission' | 'allow' | 'deny' | 'condition' | 'gate'

function nameCause(cause: Cause, direction: 'gains' | 'losses'): DifferenceCause {
  if (cause === 'no-group') return direction === 'gains' ? 'new-group' : 'removed-group'
  if (cause === 'no-group-now') return direction === 'gains' ? 'removed-group' : 'new-group'
  if (cause === 'no-permission') return direction === 'gains' ? 'new-permission' : 'removed-permission'
  return cause
}

/** One permission that `to` allows this set of groups, and `from` does not. The last group is the one that matters. */
interface Example {
  readonly place: number
  readonly groups: readonly string[]
  readonly cause: Cause
  readonly gap: Gap
}

/** Every example with one group, and every one with a second group whose deny `to` has not. */
function findExamples(from: AccessTable, to: AccessTable, names: readonly string[], size: number): Example[] {
  const solve = createSolver(from, to)
  const sameGates = new Bits(size)
  for (let place = 0; place < size; place++) if (from.gateKeys[place] === to.gateKeys[place]) sameGates.add(place)
  const examples: Example[] = []
  /** Group by permission that `to` allows it, best one that `from` allows it too. */
  const allowing = new Map<number, { readonly name: string; readonly isOld: boolean }>()
  const alone = new Map<string, Bits>()
  for (const name of names) {
    const before = from.rulesOf(name)
    const after = to.rulesOf(name)
    const gained = new Bits(size)
    alone.set(name, gained)
    const look = (place: number) => {
      const gap = solve(before, after, place)
      if (gap !== undefined) {
        gained.add(place)
        const cause = findCause(from, name, place)
        const reasons = cause === undefined ? solve.reasons(before, after, place, gap) : [{ cause, gap }]
        for (const reason of reasons) examples.push({ place, groups: [name], ...reason })
      }
      const found = allowing.get(place)
      if (found?.isOld || (found !== undefined && gap !== undefined)) return
      if (solve.ever(after, place) !== undefined) allowing.set(place, { name, isOld: gap === undefined })
    }
    for (const index of after.allowed.words.keys()) {
      const open = (after.allowed.word(index) | after.conditional.word(index)) & ~after.denied.word(index)
      if (open === 0) continue
      // Where both maps allow it without a condition, and the gate is the same, nothing changes.
      const same = open & after.allowed.word(index) & before.allowed.word(index) & ~before.denied.word(index)
      eachPlace(same & sameGates.word(index), index, (place) => {
        if (allowing.get(place)?.isOld !== true && solve.ever(after, place)) allowing.set(place, { name, isOld: true })
      })
      eachPlace(open & ~(same & sameGates.word(index)), index, look)
    }
  }
  for (const name of names) {
    const before = from.rulesOf(name)
    const after = to.rulesOf(name)
    for (const index of before.denied.words.keys()) {
      const lifted = before.denied.word(index) & ~after.denied.word(index) & ~(alone.get(name)?.word(index) ?? 0)
      eachPlace(lifted, index, (place) => {
        const other = allowing.get(place)
        if (other === undefined || other.name === name) return
        const gap = solve.ever(to.rulesOf(other.name), place)
        const cause = from.defines(name) ? (to.defines(name) ? 'deny' : 'no-group-now') : 'no-group'
        if (gap !== undefined) examples.push({ place, groups: [other.name, name], cause, gap })
      })
    }
  }
  return examples
}

/** Claims by which `to` allows a permission to a group alone and `from` does not; `ever`: by which `to` allows it at all. */
function createSolver(from: AccessTable, to: AccessTable) {
  const found = new Map<string, Gap | undefined>()
  const remember = (key: string, find: () => Gap | undefined) => {
    if (!found.has(key)) found.set(key, find())
    return found.get(key)
  }
  const ever = (after: GroupRules, place: number) => {
    const formula = readFormula(after, place)
    return remember(`${to.gateKeys[place]} ${formula === always ? '' : toKey(formula)}`, () =>
      findGap(formula, to.gateOf(place), [], []),
    )
  }
  const solve = (before: GroupRules, after: GroupRules, place: number) => {
    if (before.denied.has(place) || !from.known.has(place)) return ever(after, place)
    const old = readFormula(before, place)
    const now = readFormula(after, place)
    const key = `${from.gateKeys[place]} ${toKey(old)} → ${to.gateKeys[place]} ${toKey(now)}`
    return remember(key, () => findGap(now, to.gateOf(place), old, from.gateOf(place)))
  }
  /** Whether the rule's condition is weaker, or the gate, or both; each with its own example. */
  const reasons = (before: GroupRules, after: GroupRules, place: number, gap: Gap) => {
    if (from.gateKeys[place] === to.gateKeys[place]) return [{ cause: 'condition' as const, gap }]
    const old = readFormula(before, place)
    const now = readFormula(after, place)
    const key = `${from.gateKeys[place]} ${toKey(old)} → ${to.gateKeys[place]} ${toKey(now)}`
    const [gate, oldGate] = [to.gateOf(place), from.gateOf(place)]
    const byRule = remember(`condition ${key}`, () => findGap(now, [...gate, ...oldGate], old, []))
    const byGate = remember(`gate ${key}`, () => findGap(now, gate, always, oldGate))
    const found = [
      ...(byRule === undefined ? [] : [{ cause: 'condition' as const, gap: byRule }]),
      ...(byGate === undefined ? [] : [{ cause: 'gate' as const, gap: byGate }]),
    ]
    return found.length > 0 ? found : [{ cause: 'condition' as const, gap }]
  }
  return Object.assign(solve, { ever, reasons })
}

/** Why a group that is allowed something now was not; undefined where both maps allow it under conditions. */
function findCause(from: AccessTable, name: string, place: number): Cause | undefined {
  const { allowed, conditional, denied } = from.rulesOf(name)
  if (!from.defines(name)) return 'no-group'
  if (!from.known.has(place)) return 'no-permission'
  if (denied.has(place)) return 'deny'
  return allowed.has(place) || conditional.has(place) ? undefined : 'allow'
}

/** Examples that differ in nothing but the permission, then in nothing but the groups, are one difference. */
function merge(examples: readonly Example[]) {
  interface Merged extends Omit<Example, 'place' | 'groups'> {
    readonly places: number[]
    readonly groups: (readonly string[])[]
  }
  const byGroup = new Map<string, Merged>()
  for (const { place, groups, cause, gap } of examples) {
    const key = JSON.stringify([groups.at(-1), groups.length, cause, gap])
    const same = byGroup.get(key)
    if (same) same.places.push(place)
    else byGroup.set(key, { places: [place], groups: [groups], cause, gap })
  }
  const merged = new Map<string, Merged>()
  for (const each of byGroup.values()) {
    const key = JSON.stringify([each.places, each.groups[0]?.length, each.cause, each.gap])
    const same = merged.get(key)
    if (same) same.groups.push(...each.groups)
    else merged.set(key, each)
  }
  return [...merged.values()]
}

function eachPlace(word: number, index: number, visit: (place: number) => void): void {
  for (let left = word; left !== 0; left &= left - 1) visit(index * 32 + 31 - Math.clz32(left & -left))
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : 1
}

function nameNobodyHas(names: readonly string[]): string {
  let name = 'undefined-group'
  while (names.includes(name)) name += '-'
  return name
}

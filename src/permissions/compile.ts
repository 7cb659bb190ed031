import { deepFreeze } from '../internal/encoding.ts'
import type { DecisionContext, Failure, Test } from './conditions.ts'
import { type DecisionCode, stepUpFor, weigh } from './decide.ts'
import { mergeMemory } from './merge-cache.ts'
import type { Access, GroupDefinition, Groups } from './types.ts'

/** The deciding part of `Groups`, from what has been read. */
export function compile(
  groups: ReadonlyMap<string, Group>,
  known: ReadonlyMap<string, Known>,
  evaluate: (test: Test, context: DecisionContext) => Failure | undefined,
): Pick<Groups, 'knows' | 'can' | 'decide' | 'explain' | 'stepUp' | 'effective' | 'matrix'> {
  const find = mergeMemory(groups, (members) => mergeOf(members, known.size), known.size)

  const levelFor = (memberOf: readonly string[], fn: string) => {
    const entry = known.get(fn)
    return entry && levelOf(find(memberOf), entry)
  }

  /** What there is to be weighed, if the caller were a member of one more group. */
  const caseOf = (memberOf: readonly string[], fn: string, context?: DecisionContext, more?: Group): Case => {
    const { covers, gates } = known.get(fn) ?? { covers: [], gates: [] }
    const merge = find(memberOf)
    let applied: readonly Applied[] = merge.applied.get(fn) ?? appliedRules(merge.groups, covers)
    // A name that nobody knows takes no place.
    if (covers.length) merge.applied.set(fn, applied)
    if (more) applied = [...applied, ...appliedRules([more], covers)]
    return { applied, gates, fails: (test) => evaluate(test, context ?? {}) }
  }

  const decisionOf = (memberOf: readonly string[], fn: string, code: DecisionCode) => {
    const list = Array.isArray(memberOf) ? [...memberOf] : []
    const nobody = !list.length && known.has(fn)
    return { allowed: code === 'ALLOW', code: nobody ? 'NO_GROUPS' : code, permission: fn, groups: list } as const
  }

  const decide = (memberOf: readonly string[], fn: string, context?: DecisionContext) => {
    const { code, matched, failed } = weigh(caseOf(memberOf, fn, context))
    return { ...decisionOf(memberOf, fn, code), matched, failed }
  }

  const effective = (memberOf: readonly string[]): Record<string, Access> => {
    const merge = find(memberOf)
    return Object.fromEntries(Array.from(known, ([fn, entry]) => [fn, accessOf(levelOf(merge, entry))]))
  }

  return {
    knows: (name): name is string => known.has(name),
    can: (memberOf, fn, context) => {
      const level = levelFor(memberOf, fn)
      return level === conditional ? weigh(caseOf(memberOf, fn, context)).code === 'ALLOW' : level === allowed
    },
    decide,
    explain: (memberOf, fn, context) => {
      const decision = decide(memberOf, fn, context)
      const helps = (more: Group) => weigh(caseOf(memberOf, fn, context, more)).code === 'ALLOW'
      const wouldAllow = decision.allowed ? [] : [...groups.values()].filter(helps).map(({ name }) => name)
      return { ...decision, wouldAllow }
    },
    stepUp: (memberOf, fn, context) => {
      const asked = caseOf(memberOf, fn, context)
      return weigh(asked).code === 'DENY_CONDITION' ? stepUpFor(asked) : undefined
    },
    effective,
    matrix: () => Object.fromEntries([...groups.keys()].map((name) => [name, effective([name])])),
  }
}

function accessOf(level: number): Access {
  return level === allowed ? 'allow' : level === conditional ? 'conditional' : 'deny'
}

/** No rule allows it. At 0 nobody has asked yet. */
const silent = 1
/** Rules allow it, but a condition or a gate has the last word. */
export const conditional = 2
/** A rule allows it, always. */
export const allowed = 3
/** A rule denies it. */
const denied = 4

/** What is known of a function beside its name. */
export interface Known {
  /** Its place among the known ones. */
  readonly index: number
  /** The names of rules that cover it: its own, and wildcards. */
  readonly covers: readonly string[]
  readonly gates: readonly Rule[]
}

/** What a set of groups may do. */
export interface Merge {
  readonly groups: readonly Group[]
  /** The groups and all that they inherit from. */
  readonly reached: readonly Group[]
  /** A level per function, in the order of the known ones, found when it is first asked for. */
  readonly levels: Uint8Array
  /** The rules for permissions that have been asked for more closely, found on demand. */
  readonly applied: Map<string, readonly Applied[]>
}

/** Merges groups, to be asked about so many permissions. */
export function mergeOf(groups: readonly Group[], permissions: number): Merge {
  return { groups, reached: [...reachedFrom(groups).keys()], levels: new Uint8Array(permissions), applied: new Map() }
}

/** What merged groups may do with a permission: the highest level of any rule counts. */
export function levelOf(merge: Merge, known: Known): number {
  // Apart, so that engines can put this much in the caller's place.
  return merge.levels[known.index] || findLevel(merge, known)
}

function findLevel({ reached, levels }: Merge, { index, covers, gates }: Known): number {
  let level = silent
  for (const group of reached) for (const name of covers) level = Math.max(level, group.levels.get(name) ?? 0)
  if (level === allowed && gates.length) level = conditional
  levels[index] = level
  return level
}

/** The highest level that rules give to each of their names. */
export function levelsOf(rules: readonly Rule[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  for (const { effect, name, tests } of rules) {
    const level = effect === 'deny' ? denied : tests.length ? conditional : allowed
    levels.set(name, Math.max(level, levels.get(name) ?? 0))
  }
  return levels
}

/** A rule of a group, or a gate, which is a rule that allows where its tests hold. */
export interface Rule {
  readonly effect: 'allow' | 'deny'
  /** As written: a name or a wildcard. */
  readonly name: string
  /** All must hold; empty where there is no condition. */
  readonly tests: readonly Test[]
}

/** A group, read. */
export interface Group {
  readonly name: string
  /** Filled in once every group is read. */
  readonly parents: Group[]
  readonly rules: readonly Rule[]
  /** The highest level that a rule of its own gives to a name. */
  readonly levels: ReadonlyMap<string, number>
  /** The definition in its full form, frozen. */
  readonly definition: GroupDefinition
}

/** A rule that bore on a decision. Frozen: explanations share it. */
export interface MatchedRule {
  readonly effect: 'allow' | 'deny'
  /** As the definition has it: a name or a wildcard. */
  readonly rule: string
  /** The group that the rule stands in. */
  readonly group: string
  /** From the caller's group to `group` by inheritance, both included; one name where the caller is a member of it. */
  readonly via: readonly string[]
}

/** A rule that reaches the caller. */
export interface Applied extends Rule {
  readonly match: MatchedRule
}

/** What a decision is made of: the rules that reach the caller, the function's gates, and what becomes of their tests. */
export interface Case {
  readonly applied: readonly Applied[]
  readonly gates: readonly Rule[]
  readonly fails: (test: Test) => Failure | undefined
}

/** All groups whose rules reach members of the given ones, nearest first, each with the one that inherits from it. */
export function reachedFrom(groups: readonly Group[]): ReadonlyMap<Group, Group | undefined> {
  const reached = new Map<Group, Group | undefined>(groups.map((group) => [group, undefined]))
  // A Map goes on to what is added to it meanwhile: breadth first.
  for (const group of reached.keys()) {
    for (const parent of group.parents) if (!reached.has(parent)) reached.set(parent, group)
  }
  return reached
}

/** The rules of these names that reach members of the groups. */
export function appliedRules(groups: readonly Group[], names: readonly string[]): readonly Applied[] {
  const reached = reachedFrom(groups)
  const applied: Applied[] = []
  for (const group of reached.keys()) {
    if (!names.some((name) => group.levels.has(name))) continue
    const via: string[] = []
    for (let at: Group | undefined = group; at; at = reached.get(at)) via.push(at.name)
    via.reverse()
    for (const rule of group.rules) {
      if (!names.includes(rule.name)) continue
      applied.push({ ...rule, match: deepFreeze({ effect: rule.effect, rule: rule.name, group: group.name, via }) })
    }
  }
  return applied
}

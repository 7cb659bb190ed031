import { deepFreeze } from '../internal/encoding.ts'
import type { Evaluate, Test } from './conditions.ts'
import { type AppliedRule, type Case, decide, findStepUp, type Rule } from './decide.ts'
import { createMergeCache } from './merge-cache.ts'
import type { Access, AllowRule, DecisionCode, DecisionContext, GroupDefinition, Groups } from './types.ts'

/** A group as parsed. */
export interface Group {
  readonly name: string
  /** Filled in once every group is parsed. */
  readonly parents: Group[]
  /** The definition in its full form, frozen. */
  readonly definition: GroupDefinition & {
    readonly [K in 'inherits' | 'allow' | 'deny']-?: NonNullable<GroupDefinition[K]>
  }
  /** The highest level that its own rules give to each of their names; found when a member first asks. */
  levels?: Map<string, number>
}

/** The tests of allow rules that have a condition. */
export type Tests = ReadonlyMap<AllowRule, readonly Test[]>

/** What a set of groups may do. */
interface Merge {
  /** The groups and all that they inherit from, nearest first, each with the one that inherits from it. */
  readonly reached: ReadonlyMap<Group, Group | undefined>
  /** A level per permission, in the order of the known ones, found when it is first asked for. */
  readonly levels: Uint8Array
  /** What there is to decide about permissions for which a level was not enough, found when it is needed. */
  readonly cases: Map<string, Omit<Case, 'fails'> & { readonly names: readonly string[] }>
}

// The larger level wins, so that a deny beats any allow. `decide` says the same, rule by rule, for explanations.
/** No rule allows it. At 0 nobody has asked yet. */
const silent = 1
/** Rules allow it, but a condition or a gate decides. */
const conditional = 2
/** A rule allows it, always. */
const allowed = 3
/** A rule denies it. */
const denied = 4

/** The deciding part of `Groups`. `known` has the place of each permission, `gates` the rules of `require` by name. */
export function compile(
  groups: ReadonlyMap<string, Group>,
  tests: Tests,
  known: ReadonlyMap<string, number>,
  gates: ReadonlyMap<string, Rule>,
  evaluate: Evaluate,
): Pick<Groups, 'knows' | 'can' | 'decide' | 'explain' | 'stepUp' | 'effective' | 'matrix'> {
  const find = createMergeCache(groups, (members) => mergeGroups(members, known.size), known.size)

  const findLevel = ({ reached, levels }: Merge, permission: string, index: number): number => {
    const names = listCovers(permission)
    let level = silent
    for (const group of reached.keys())
      for (const name of names) level = Math.max(level, findLevels(group).get(name) ?? 0)
    if (level === allowed && names.some((name) => gates.has(name))) level = conditional
    levels[index] = level
    return level
  }

  /** The rules of these names in the groups that are reached. */
  const applyRules = (reached: Merge['reached'], names: readonly string[]): readonly AppliedRule[] => {
    const applied: AppliedRule[] = []
    for (const group of reached.keys()) {
      if (!names.some((name) => findLevels(group).has(name))) continue
      const via: string[] = []
      for (let at: Group | undefined = group; at; at = reached.get(at)) via.push(at.name)
      via.reverse()
      const add = (effect: Rule['effect'], rule: AllowRule) => {
        const name = typeof rule === 'string' ? rule : rule.permission
        if (!names.includes(name)) return
        const match = deepFreeze({ effect, rule: name, group: group.name, via })
        applied.push({ effect, name, tests: tests.get(rule) ?? [], match })
      }
      for (const rule of group.definition.allow) add('allow', rule)
      for (const name of group.definition.deny) add('deny', name)
    }
    return applied
  }

  /** What there is to decide, if the caller were a member of one more group. */
  const buildCase = (
    memberOf: readonly string[],
    permission: string,
    context?: DecisionContext,
    more?: Group,
  ): Case => {
    const { reached, cases } = find(memberOf)
    let kept = cases.get(permission)
    if (!kept) {
      const names = known.has(permission) ? listCovers(permission) : []
      kept = { names, applied: applyRules(reached, names), gates: names.flatMap((name) => gates.get(name) ?? []) }
      // A name that nobody knows takes no place.
      if (names.length) cases.set(permission, kept)
    }
    const { names, applied } = kept
    return {
      applied: more ? [...applied, ...applyRules(reachGroups([more]), names)] : applied,
      gates: kept.gates,
      fails: (test) => evaluate(test, context ?? {}),
    }
  }

  const explainWithout = (memberOf: readonly string[], permission: string, context?: DecisionContext) => {
    const { code, matched, failed } = decide(buildCase(memberOf, permission, context))
    const list = Array.isArray(memberOf) ? [...memberOf] : []
    const reason: DecisionCode = !list.length && known.has(permission) ? 'NO_GROUPS' : code
    return { allowed: code === 'ALLOW', code: reason, permission, groups: list, matched, failed }
  }

  const effective = (memberOf: readonly string[]): Record<string, Access> => {
    const merge = find(memberOf)
    return Object.fromEntries(
      Array.from(known, ([permission, index]) => {
        const level = merge.levels[index] || findLevel(merge, permission, index)
        return [permission, level === allowed ? 'allow' : level === conditional ? 'conditional' : 'deny']
      }),
    )
  }

  return {
    knows: (name): name is string => known.has(name),
    can: (memberOf, permission, context) => {
      const index = known.get(permission)
      if (index === undefined) return false
      const merge = find(memberOf)
      const level = merge.levels[index] || findLevel(merge, permission, index)
      return (
        level === allowed ||
        (level === conditional && decide(buildCase(memberOf, permission, context)).code === 'ALLOW')
      )
    },
    decide: explainWithout,
    explain: (memberOf, permission, context) => {
      const decision = explainWithout(memberOf, permission, context)
      const helps = (more: Group) => decide(buildCase(memberOf, permission, context, more)).code === 'ALLOW'
      const wouldAllow = decision.allowed ? [] : [...groups.values()].filter(helps).map(({ name }) => name)
      return { ...decision, wouldAllow }
    },
    stepUp: (memberOf, permission, context) => {
      const asked = buildCase(memberOf, permission, context)
      return decide(asked).code === 'DENY_CONDITION' ? findStepUp(asked) : undefined
    },
    effective,
    matrix: () => Object.fromEntries([...groups.keys()].map((name) => [name, effective([name])])),
  }
}

function mergeGroups(groups: readonly Group[], permissions: number): Merge {
  return { reached: reachGroups(groups), levels: new Uint8Array(permissions), cases: new Map() }
}

/** All groups whose rules apply to members of the given ones, nearest first, each with the one that inherits from it. */
function reachGroups(groups: readonly Group[]): ReadonlyMap<Group, Group | undefined> {
  const reached = new Map<Group, Group | undefined>(groups.map((group) => [group, undefined]))
  // A Map also iterates over what is added meanwhile: breadth first.
  for (const group of reached.keys()) {
    for (const parent of group.parents) if (!reached.has(parent)) reached.set(parent, group)
  }
  return reached
}

/** All names of rules that cover a permission: its own, and the wildcards above it. */
function listCovers(permission: string): readonly string[] {
  const parts = permission.split('.')
  return [permission, ...parts.map((_, index) => [...parts.slice(0, index), '*'].join('.'))]
}

/** The highest level that the group's own rules give to each of their names. */
function findLevels(group: Group): ReadonlyMap<string, number> {
  if (!group.levels) {
    group.levels = new Map()
    const { allow, deny } = group.definition
    for (const rule of allow) {
      if (typeof rule === 'string') group.levels.set(rule, allowed)
      else if (!group.levels.has(rule.permission)) group.levels.set(rule.permission, conditional)
    }
    for (const name of deny) group.levels.set(name, denied)
  }
  return group.levels
}

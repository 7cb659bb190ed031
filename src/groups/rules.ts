import { deepFreeze } from '../encoding.ts'
import type { Test } from './condition.ts'
import type { GroupDefinition } from './definition.ts'
import type { Failure } from './evaluation.ts'

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

import type { Test } from './condition.ts'
import { weigh } from './decision.ts'
import type { DecisionCode, Weighed } from './decision.ts'
import type { DecisionContext, Failure } from './evaluation.ts'
import type { Access, Groups } from './groups.ts'
import { mergeMemory } from './memory.ts'
import { allowed, conditional, denied, mergeOf } from './merge.ts'
import type { Merge } from './merge.ts'
import { covers } from './names.ts'
import { appliedRules } from './rules.ts'
import type { Applied, Group, Rule } from './rules.ts'
import { stepUpFor } from './step-up.ts'

/** The deciding part of `Groups`, from what has been read. */
export function compile(
  groups: ReadonlyMap<string, Group>,
  functions: readonly string[],
  gates: readonly Rule[],
  evaluate: (test: Test, context: DecisionContext) => Failure | undefined,
): Pick<Groups, 'knows' | 'can' | 'decide' | 'explain' | 'stepUp' | 'effective' | 'matrix'> {
  const indexes = new Map(functions.map((name, index) => [name, index]))
  const gatesOf = functions.map((fn) => gates.filter(({ name }) => covers(name, fn)))
  const find = mergeMemory(groups, (members) => mergeOf(members, indexes, gatesOf))

  const weighAt = (applied: readonly Applied[], index: number, context?: DecisionContext): Weighed =>
    weigh(applied, gatesOf[index] ?? [], (test) => evaluate(test, context ?? {}))

  const codeOf = (memberOf: readonly string[], fn: string, context?: DecisionContext): DecisionCode => {
    const index = indexes.get(fn)
    if (index === undefined) return 'DENY_DEFAULT'
    const merge = find(memberOf)
    const level = merge.levels[index]
    if (level === conditional) return weighAt(appliedTo(merge, fn), index, context).code
    return level === allowed ? 'ALLOW' : level === denied ? 'DENY_EXPLICIT' : codeOfNothing(memberOf)
  }

  const decisionOf = (memberOf: readonly string[], fn: string, code: DecisionCode) => ({
    allowed: code === 'ALLOW',
    code,
    function: fn,
    groups: Array.isArray(memberOf) ? [...memberOf] : [],
  })

  const effective = (memberOf: readonly string[]): Record<string, Access> => {
    const { levels } = find(memberOf)
    return Object.fromEntries(functions.map((fn, index) => [fn, accessOf(levels[index])]))
  }

  return {
    knows: (name): name is string => indexes.has(name),
    // What `codeOf` says, without its detours: this is asked on every request.
    can: (memberOf, fn, context) => {
      const level = find(memberOf).levels[indexes.get(fn) ?? -1]
      return level === conditional ? codeOf(memberOf, fn, context) === 'ALLOW' : level === allowed
    },
    decide: (memberOf, fn, context) => decisionOf(memberOf, fn, codeOf(memberOf, fn, context)),
    explain: (memberOf, fn, context) => {
      const index = indexes.get(fn)
      const weighWith = (more: readonly Group[]): Weighed =>
        index === undefined
          ? { code: 'DENY_DEFAULT', matched: [], failed: [] }
          : weighAt(appliedRules([...find(memberOf).groups, ...more], fn), index, context)
      const { code, matched, failed } = weighWith([])
      const helpful =
        code === 'ALLOW' ? [] : [...groups.values()].filter((group) => weighWith([group]).code === 'ALLOW')
      return {
        ...decisionOf(memberOf, fn, code === 'DENY_DEFAULT' && index !== undefined ? codeOfNothing(memberOf) : code),
        matched,
        failed,
        wouldAllow: helpful.map(({ name }) => name),
      }
    },
    stepUp: (memberOf, fn, context) => {
      if (codeOf(memberOf, fn, context) !== 'DENY_CONDITION') return undefined
      const gates = gatesOf[indexes.get(fn) ?? -1] ?? []
      return stepUpFor(appliedTo(find(memberOf), fn), gates, (test) => evaluate(test, context ?? {}))
    },
    effective,
    matrix: () => Object.fromEntries([...groups.keys()].map((name) => [name, effective([name])])),
  }
}

/** The rules that a merge applies to a function, found once. */
function appliedTo({ applied, groups }: Merge, fn: string): readonly Applied[] {
  const found = applied.get(fn) ?? appliedRules(groups, fn)
  applied.set(fn, found)
  return found
}

function codeOfNothing(memberOf: readonly string[]): DecisionCode {
  return Array.isArray(memberOf) && memberOf.length ? 'DENY_DEFAULT' : 'NO_GROUPS'
}

function accessOf(level: number | undefined): Access {
  return level === allowed ? 'allow' : level === conditional ? 'conditional' : 'deny'
}

import type { Test } from './condition.ts'
import { type DecisionCode, weigh } from './decision.ts'
import type { DecisionContext, Failure } from './evaluation.ts'
import type { Access, Groups } from './groups.ts'
import { mergeMemory } from './memory.ts'
import { allowed, conditional, type Known, levelOf, mergeOf } from './merge.ts'
import { type Applied, appliedRules, type Case, type Group } from './rules.ts'
import { stepUpFor } from './step-up.ts'

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
    return { allowed: code === 'ALLOW', code: nobody ? 'NO_GROUPS' : code, function: fn, groups: list } as const
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

import type { Test } from './conditions.ts'
import type { ConditionFailure, Explanation, FailedCondition, MatchedRule, StepUp } from './types.ts'

/** What a decision is made of: the rules that apply to the caller, the permission's gates, and how their tests turn out. */
export interface Case {
  readonly applied: readonly AppliedRule[]
  readonly gates: readonly Rule[]
  readonly fails: (test: Test) => ConditionFailure | undefined
}

/** A rule of a group, or a gate, which is a rule that allows if its tests hold. */
export interface Rule {
  readonly effect: 'allow' | 'deny'
  /** As written: a name or a wildcard. */
  readonly name: string
  /** All must hold; empty if there is no condition. */
  readonly tests: readonly Test[]
}

/** A rule that applies to the caller. */
export interface AppliedRule extends Rule {
  readonly match: MatchedRule
}

/**
 * Decides a case: a deny wins, then a gate that is shut, then any allow rule whose condition holds. Never `NO_GROUPS`.
 * The levels of `compile` say the same, as numbers of which the larger wins, for decisions that need no reasons.
 */
export function decide({ applied, gates, fails }: Case): Pick<Explanation, 'code' | 'matched' | 'failed'> {
  const denies = applied.filter(({ effect }) => effect === 'deny')
  if (denies.length || !applied.length) {
    return {
      code: denies.length ? 'DENY_EXPLICIT' : 'DENY_DEFAULT',
      matched: denies.map(({ match }) => match),
      failed: [],
    }
  }
  const findFailed = (at: FailedCondition['at'], { name, tests }: Rule, group?: { group: string }): FailedCondition[] =>
    tests.flatMap((test) => {
      const failure = fails(test)
      return failure ? [{ at, rule: name, ...group, ...failure }] : []
    })
  const shut = gates.flatMap((gate) => findFailed('require', gate))
  const tried = applied.map((rule) => ({ ...rule, failed: findFailed('when', rule, { group: rule.match.group }) }))
  const open = tried.filter(({ failed }) => !failed.length)
  return {
    code: open.length && !shut.length ? 'ALLOW' : 'DENY_CONDITION',
    matched: (open.length ? open : tried).map(({ match }) => match),
    failed: [...shut, ...(open.length ? [] : tried.flatMap(({ failed }) => failed))],
  }
}

/** The least that opens the gates and one of the rules, if only `auth_time` and `acr` are in the way. */
export function findStepUp({ applied, gates, fails }: Case): StepUp | undefined {
  const open = applied.filter(({ tests }) => !tests.some(fails))
  for (const rule of [...open, ...applied]) {
    const found = combine(
      [...gates, rule].flatMap(({ tests }) => tests),
      fails,
    )
    if (found) return found
  }
  return undefined
}

/** All that the tests ask of a sign-in, even what holds today: a new sign-in could lose it. */
function combine(tests: readonly Test[], fails: Case['fails']): StepUp | undefined {
  let maxAge = Infinity
  let acrValues: readonly string[] | undefined
  for (const test of tests) {
    if (test.kind === 'maxAge') {
      maxAge = Math.min(maxAge, test.expected.maxAge)
    } else if (test.kind === 'equals' && test.claim === 'acr') {
      const values = test.expected.filter((value) => typeof value === 'string')
      acrValues = acrValues?.filter((value) => values.includes(value)) ?? values
    } else if (fails(test)) {
      return undefined
    }
  }
  if (acrValues?.length === 0) return undefined
  return { ...(maxAge < Infinity && { maxAge }), ...(acrValues && { acrValues }) }
}

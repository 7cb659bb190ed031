import type { Case, MatchedRule, Rule } from './compile.ts'
import type { Failure, Test } from './conditions.ts'

/**
 * Why: `ALLOW`; `DENY_EXPLICIT`, a deny rule; `DENY_CONDITION`, an allow rule whose condition, or whose function's gate,
 * does not hold; `NO_GROUPS`, the caller has none; `DENY_DEFAULT`, nothing allows it, or nobody knows the function.
 */
export type DecisionCode = 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_DEFAULT' | 'DENY_CONDITION' | 'NO_GROUPS'

/** A condition that did not hold. It tells names, never values. */
export interface FailedCondition extends Failure {
  readonly at: 'when' | 'require'
  /** The allow rule, or the key of `require`, that the condition belongs to. */
  readonly rule: string
  /** The group that the allow rule stands in; absent for a gate. */
  readonly group?: string
}

/** May these groups use this function? Plain data, fit for JSON. */
export interface Decision {
  readonly allowed: boolean
  readonly code: DecisionCode
  readonly permission: string
  /** The caller's groups, as given. */
  readonly groups: readonly string[]
  /** Of reasoned decisions: the deny rules of `DENY_EXPLICIT`; else the allow rules that hold, or would but for a condition. */
  readonly matched?: readonly MatchedRule[]
  /** Of reasoned decisions: what stood in the way of `DENY_CONDITION`. */
  readonly failed?: readonly FailedCondition[]
  /** From `explain` only: groups any of which, beside the caller's, would have allowed it in the same context. */
  readonly wouldAllow?: readonly string[]
}

/** A decision with its reasons. */
export type Explanation = Required<Decision>

/** A decision with its reasons, except for groups that would have allowed it: their search takes longer the more there are. */
export type ReasonedDecision = Omit<Explanation, 'wouldAllow'>

/** The reasons, weighed; never `NO_GROUPS`. */
export type Weighed = Pick<Explanation, 'code' | 'matched' | 'failed'>

/** Weighs the rules over a function, and its gates. */
export function weigh({ applied, gates, fails }: Case): Weighed {
  const denies = applied.filter(({ effect }) => effect === 'deny')
  const failuresOf = (at: FailedCondition['at'], { name, tests }: Rule, group?: { group: string }): FailedCondition[] =>
    tests.flatMap((test) => {
      const failure = fails(test)
      return failure ? [{ at, rule: name, ...group, ...failure }] : []
    })
  if (denies.length || !applied.length) {
    return {
      code: denies.length ? 'DENY_EXPLICIT' : 'DENY_DEFAULT',
      matched: denies.map(({ match }) => match),
      failed: [],
    }
  }
  const shut = gates.flatMap((gate) => failuresOf('require', gate))
  const tried = applied.map((rule) => ({ ...rule, failed: failuresOf('when', rule, { group: rule.match.group }) }))
  const open = tried.filter(({ failed }) => !failed.length)
  return {
    code: open.length && !shut.length ? 'ALLOW' : 'DENY_CONDITION',
    matched: (open.length ? open : tried).map(({ match }) => match),
    failed: [...shut, ...(open.length ? [] : tried.flatMap(({ failed }) => failed))],
  }
}

/** What a fresh sign-in has to bring (RFC 9470 section 3). */
export interface StepUp {
  /** Seconds that may have passed since it (`max_age`). */
  readonly maxAge?: number
  /** Authentication contexts, one of which it needs (`acr_values`). */
  readonly acrValues?: readonly string[]
}

/** The least that would open the gates and one of the rules, where only `auth_time` and `acr` are in the way. */
export function stepUpFor({ applied, gates, fails }: Case): StepUp | undefined {
  const open = applied.filter(({ tests }) => !tests.some(fails))
  for (const { tests } of [...open, ...applied]) {
    const all = [...gates, { tests }].flatMap((one) => one.tests)
    const found = demandOf(all, fails)
    if (found) return found
  }
  return undefined
}

/** All that the tests ask of a sign-in, what holds today included: a new sign-in could lose it. */
function demandOf(tests: readonly Test[], fails: Case['fails']): StepUp | undefined {
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

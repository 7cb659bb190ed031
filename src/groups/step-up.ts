import type { Test } from './condition.ts'
import type { Case } from './rules.ts'

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

import { describe, expect, it } from 'vitest'
import { type Condition, defineGroups } from '../../src/permissions/index.ts'

const now = 1_700_000_000_000
const fresh = 1_699_999_990
const old = 1_600_000_000

function stepUp(gate: Condition | undefined, rules: (Condition | undefined)[], claims?: Record<string, unknown>) {
  const groups = defineGroups(
    { g: { allow: rules.map((when) => (when ? { permission: 'a', when } : 'a')) }, deniers: { deny: ['a'] } },
    { permissions: ['a'], require: gate ? { a: gate } : {} },
  )
  expect(groups.stepUp(['g', 'deniers'], 'a', { claims, now })).toBeUndefined()
  expect(groups.stepUp([], 'a', { claims, now })).toBeUndefined()
  return groups.stepUp(['g'], 'a', { claims, now })
}

const recent: Condition = { auth_time: { maxAge: 900 } }
const high: Condition = { acr: ['high', 'higher'] }

describe('what a fresh sign-in could bring', () => {
  it.each<[string, Condition | undefined, (Condition | undefined)[], Record<string, unknown> | undefined, unknown]>([
    ['allowed', recent, [undefined], { auth_time: fresh }, undefined],
    ['an old sign-in', recent, [undefined], { auth_time: old }, { maxAge: 900 }],
    ['no sign-in time', recent, [undefined], {}, { maxAge: 900 }],
    ['no claims', recent, [undefined], undefined, { maxAge: 900 }],
    ['a sign-in later than now', recent, [undefined], { auth_time: fresh + 60 }, { maxAge: 900 }],
    ['too low a context', high, [undefined], { acr: 'low' }, { acrValues: ['high', 'higher'] }],
    [
      'both, one of which holds',
      { ...recent, ...high },
      [undefined],
      { acr: 'high', auth_time: old },
      { maxAge: 900, acrValues: ['high', 'higher'] },
    ],
    ['a rule', undefined, [recent], { auth_time: old }, { maxAge: 900 }],
    ['a gate and a rule: the shorter', recent, [{ auth_time: { maxAge: 60 } }], { auth_time: old }, { maxAge: 60 }],
    [
      'a gate and a rule: the shorter, the other way round',
      { auth_time: { maxAge: 60 } },
      [recent],
      { auth_time: old },
      { maxAge: 60 },
    ],
    [
      'a gate and a rule: what both take',
      high,
      [{ acr: ['higher', 'low'] }],
      { acr: 'low' },
      { acrValues: ['higher'] },
    ],
    ['a gate and a rule that take nothing in common', high, [{ acr: 'low' }], { acr: 'low' }, undefined],
    ['something else in the gate', { ...recent, amr: 'mfa' }, [undefined], { auth_time: old }, undefined],
    [
      'something else in the gate, which holds',
      { ...recent, amr: 'mfa' },
      [undefined],
      { auth_time: old, amr: ['mfa'] },
      { maxAge: 900 },
    ],
    ['something else in the rule', recent, [{ amr: 'mfa' }], { auth_time: old }, undefined],
    [
      'a rule that holds beside one that does not',
      recent,
      [{ ...high }, undefined],
      { auth_time: old },
      { maxAge: 900 },
    ],
    ['one of two rules', undefined, [{ amr: 'mfa' }, recent], { auth_time: old }, { maxAge: 900 }],
    ['a predicate', recent, [() => false], { auth_time: old }, undefined],
    ['a predicate on the context', { acr: () => false }, [undefined], { acr: 'low' }, undefined],
    ['a context that is no string', { acr: 5 }, [undefined], { acr: 'low' }, undefined],
  ])('%s', (_, gate, rules, claims, expected) => {
    expect(stepUp(gate, rules, claims)).toEqual(expected)
  })
})

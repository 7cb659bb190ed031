import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineGroups } from '../../src/permissions/index.ts'
import { naiveCode } from './naive.ts'
import { acrs, compile, scenario } from './scenarios.ts'

describe('agreement with the naive evaluator', () => {
  it('decides alike, in whatever order and form the groups come', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(scenario, ({ map: drawn, isList, calls }) => {
        const map = { ...drawn, gates: [...new Map(drawn.gates)] }
        const groups = compile(map, isList)
        for (const { memberOf, fn, acr, isFrozen } of [...calls, ...calls.toReversed()]) {
          const given = isFrozen ? Object.freeze([...memberOf]) : [...memberOf]
          const context = acr === undefined ? {} : { claims: { acr } }
          const code = naiveCode(map, memberOf, fn, acr)
          seen.add(code)
          const decision = { allowed: code === 'ALLOW', code, permission: fn, groups: memberOf }
          const decided = groups.decide(given, fn, context)
          expect(decided).toMatchObject(decision)
          expect(groups.can(given, fn, context)).toBe(code === 'ALLOW')
          expect(groups.explain(given, fn, context)).toMatchObject(decided)
          expect(groups.knows(fn)).toBe(map.permissions.includes(fn))
        }
      }),
      { numRuns: 1500, seed: 20_240_501 },
    )
    expect([...seen].sort()).toEqual(['ALLOW', 'DENY_CONDITION', 'DENY_DEFAULT', 'DENY_EXPLICIT', 'NO_GROUPS'])
  })

  it('says which further groups would have allowed it', () => {
    let named = 0
    fc.assert(
      fc.property(scenario, ({ map: drawn, calls }) => {
        const map = { ...drawn, gates: [...new Map(drawn.gates)] }
        const groups = compile(map, true)
        for (const { memberOf, fn, acr } of calls) {
          const { code, wouldAllow } = groups.explain(memberOf, fn, acr === undefined ? {} : { claims: { acr } })
          const expected =
            code === 'ALLOW'
              ? []
              : groups.names.filter((name) => naiveCode(map, [...memberOf, name], fn, acr) === 'ALLOW')
          named += expected.length
          expect(wouldAllow).toEqual(expected)
        }
      }),
      { numRuns: 500, seed: 20_240_502 },
    )
    expect(named).toBeGreaterThan(100)
  })

  it('reports what it decides', () => {
    fc.assert(
      fc.property(scenario, ({ map: drawn, isList, calls }) => {
        const map = { ...drawn, gates: [...new Map(drawn.gates)] }
        const groups = compile(map, isList)
        const matrix = groups.matrix()
        for (const { memberOf } of calls) {
          const effective = groups.effective(memberOf)
          expect(Object.keys(effective).sort()).toEqual([...map.permissions].sort())
          for (const fn of map.permissions) {
            const codes = [undefined, ...acrs].map((acr) => naiveCode(map, memberOf, fn, acr))
            const bare = codes[0]
            const access = Object.getOwnPropertyDescriptor(effective, fn)?.value
            expect(access).toBe(bare === 'ALLOW' ? 'allow' : bare === 'DENY_CONDITION' ? 'conditional' : 'deny')
          }
        }
        for (const name of groups.names) {
          expect(Object.getOwnPropertyDescriptor(matrix, name)?.value).toEqual(groups.effective([name]))
        }
      }),
      { numRuns: 300, seed: 20_240_503 },
    )
  })

  it('makes the same of its own definitions', () => {
    fc.assert(
      fc.property(scenario, ({ map: drawn, isList, calls }) => {
        const map = { ...drawn, gates: [...new Map(drawn.gates)] }
        const groups = compile(map, isList)
        const again = defineGroups(groups.definitions, groups.options)
        expect(again.definitions).toEqual(groups.definitions)
        expect(again.options).toEqual(groups.options)
        expect(again.matrix()).toEqual(groups.matrix())
        for (const { memberOf, fn, acr } of calls) {
          const context = { claims: { acr } }
          expect(again.explain(memberOf, fn, context)).toEqual(groups.explain(memberOf, fn, context))
        }
      }),
      { numRuns: 300, seed: 20_240_504 },
    )
  })
})

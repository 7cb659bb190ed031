import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineGroups } from '../../src/groups/index.ts'
import type { GroupDefinition } from '../../src/groups/index.ts'
import { naiveCode } from './naive.ts'
import type { NaiveGroup, NaiveMap, NaiveRule } from './naive.ts'

const groupNames = [
  'a',
  'b',
  'a,b',
  'A',
  'c',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  'а',
  'é',
  '1',
  '0',
]
const segments = ['a', 'b', 'A', '__proto__', 'constructor', ' a', 'a,b', 'é', '0']
const acrs = ['low', 'high']

const fnName = fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))
const ruleName = fc.oneof(
  fc.constant('*'),
  fnName.map((name) => `${name}.*`),
)

const scenario = fc
  .record({
    functions: fc.uniqueArray(fnName, { minLength: 1, maxLength: 12 }),
    names: fc.uniqueArray(fc.constantFrom(...groupNames), { minLength: 1, maxLength: 8 }),
  })
  .chain(({ functions, names }) => {
    // A wildcard over nothing is refused where it would allow; in a deny it may protect what is yet to come.
    const stems = functions.flatMap((fn) =>
      fn.split('.').map((_, depth, all) => [...all.slice(0, depth), '*'].join('.')),
    )
    const known = { weight: 3, arbitrary: fc.constantFrom(...functions) }
    const rule = fc.oneof(known, { weight: 1, arbitrary: fc.constantFrom(...stems) })
    const denial = fc.oneof(known, { weight: 1, arbitrary: ruleName })
    const groups = fc.tuple(
      ...names.map((name, index) =>
        fc.record<NaiveGroup>({
          name: fc.constant(name),
          inherits: index
            ? fc.uniqueArray(fc.constantFrom(...names.slice(0, index)), { maxLength: 2 })
            : fc.constant<string[]>([]),
          allow: fc.array(
            fc.oneof(
              rule.map((of): NaiveRule => ({ name: of })),
              fc.record<NaiveRule>({ name: rule, acr: fc.constantFrom(...acrs) }),
            ),
            { maxLength: 4 },
          ),
          deny: fc.array(denial, { maxLength: 1 }),
        }),
      ),
    )
    const gates = fc.oneof(
      { weight: 2, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(rule, fc.constantFrom(...acrs)), { maxLength: 2 }) },
    )
    return fc.record({
      map: fc.record({ groups, functions: fc.constant(functions), gates }),
      isList: fc.boolean(),
      calls: fc.array(
        fc.record({
          memberOf: fc.array(fc.oneof(fc.constantFrom(...names), fc.constantFrom(...groupNames, 'unknown', '')), {
            maxLength: 5,
          }),
          fn: fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom(...functions) },
            { weight: 1, arbitrary: fc.oneof(fnName, ruleName) },
          ),
          acr: fc.option(fc.constantFrom(...acrs), { nil: undefined }),
          isFrozen: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    })
  })

function compile(map: NaiveMap, isList: boolean) {
  // A later gate of the same name replaces the earlier one, as keys of an object do.
  const gates = new Map(map.gates.map(([name, acr]) => [name, { acr }]))
  const definitions = Object.fromEntries(
    map.groups.map((group): [string, GroupDefinition] => [
      group.name,
      {
        inherits: group.inherits,
        allow: group.allow.map(({ name, acr }) =>
          acr === undefined ? name : { function: name, when: { acr: [acr] } },
        ),
        deny: group.deny,
      },
    ]),
  )
  if (isList) return defineGroups(definitions, { functions: map.functions, require: Object.fromEntries(gates) })
  const all = { ...definitions, everyName: { deny: map.functions } }
  return defineGroups(all, { require: Object.fromEntries(gates) })
}

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
          const decision = { allowed: code === 'ALLOW', code, function: fn, groups: memberOf }
          const decided = groups.decide(given, fn, context)
          expect(decided).toMatchObject(decision)
          expect(groups.can(given, fn, context)).toBe(code === 'ALLOW')
          expect(groups.explain(given, fn, context)).toMatchObject(decided)
          expect(groups.knows(fn)).toBe(map.functions.includes(fn))
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
          expect(Object.keys(effective).sort()).toEqual([...map.functions].sort())
          for (const fn of map.functions) {
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

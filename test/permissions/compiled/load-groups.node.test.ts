import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGroups, type CompiledGroups, loadGroups } from '../../../src/permissions/compiled/index.ts'
import { type Condition, defineGroups, type GroupDefinition, type Groups } from '../../../src/permissions/index.ts'
import { compile, scenario } from '../scenarios.ts'

/** As it goes through a file. */
function reload<P extends string, G extends string>(groups: Groups<P, G>): Groups<P, G> {
  const compiled: CompiledGroups<P, G> = JSON.parse(JSON.stringify(compileGroups(groups)))
  return loadGroups(compiled)
}

const scalar = fc.oneof(fc.constantFrom('gold', 'silver', 'a b', '__proto__'), fc.integer(), fc.boolean())
const condition: fc.Arbitrary<Condition> = fc.dictionary(
  fc.constantFrom('acr', 'scope', 'custom:tier', 'email', '__proto__'),
  fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })),
  { minKeys: 1, maxKeys: 3 },
)
const aged: fc.Arbitrary<Condition> = fc
  .integer({ min: 1, max: 1000 })
  .map((maxAge) => ({ auth_time: { maxAge }, acr: 'high' }))
const claims = fc.dictionary(
  fc.constantFrom('acr', 'scope', 'custom:tier', 'email', '__proto__', 'email_verified'),
  fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })),
)

describe('groups that were compiled and loaded', () => {
  it('answer every question as those of defineGroups, and are the same in full', () => {
    let asked = 0
    fc.assert(
      fc.property(scenario, ({ map: drawn, isList, calls }) => {
        const groups = compile({ ...drawn, gates: [...new Map(drawn.gates)] }, isList)
        const loaded = reload(groups)
        expect(loaded.definitions).toEqual(groups.definitions)
        expect(loaded.options).toEqual(groups.options)
        expect([loaded.names, loaded.permissions]).toEqual([groups.names, groups.permissions])
        expect(loaded.matrix()).toEqual(groups.matrix())
        for (const { memberOf, fn, acr } of calls) {
          asked++
          const context = acr === undefined ? {} : { claims: { acr } }
          expect(loaded.explain(memberOf, fn, context)).toEqual(groups.explain(memberOf, fn, context))
          expect(loaded.can(memberOf, fn, context)).toBe(groups.can(memberOf, fn, context))
          expect(loaded.stepUp(memberOf, fn, context)).toEqual(groups.stepUp(memberOf, fn, context))
          expect(loaded.knows(fn)).toBe(groups.knows(fn))
        }
      }),
      { numRuns: 3000, seed: 20_261_127 },
    )
    expect(asked).toBeGreaterThan(10_000)
  })

  it('hold conditions on values, scopes, verified addresses and ages as before', () => {
    fc.assert(
      fc.property(
        fc.oneof(condition, aged),
        fc.oneof(condition, aged),
        claims,
        fc.integer({ min: 0, max: 2000 }),
        (when, gate, given, age) => {
          const groups = defineGroups(
            { a: { allow: [{ permission: 'x', when }, 'y'], precedence: 0, description: 'A "b"\u2028' } },
            { require: { y: gate }, trustedClaims: ['custom:tier', 'email', '__proto__'] },
          )
          const loaded = reload(groups)
          const context = { claims: { ...given, auth_time: 10_000 - age }, now: 10_000_000 }
          for (const permission of ['x', 'y'] as const) {
            expect(loaded.explain(['a'], permission, context)).toEqual(groups.explain(['a'], permission, context))
          }
          expect(loaded.definitions).toEqual(groups.definitions)
          expect(Object.isFrozen(loaded.definitions.a)).toBe(true)
        },
      ),
      { numRuns: 500, seed: 20_261_128 },
    )
  })

  it('can be compiled again to the same text', () => {
    const groups = defineGroups({ a: { allow: ['x'], precedence: 3 }, b: { inherits: ['a'], deny: ['x', 'later.*'] } })
    const text = JSON.stringify(compileGroups(groups))
    expect(JSON.stringify(compileGroups(reload(groups)))).toBe(text)
    expect(defineGroups(reload(groups).definitions).can(['b'], 'x')).toBe(false)
  })
})

describe('what is no compiled map', () => {
  it.each([
    [
      'a predicate for a rule',
      { a: { allow: ['y', { permission: 'x', when: () => true }] } },
      'groups.a.allow[1].when',
    ],
    [
      'a predicate for a claim',
      { 'a,b': { allow: [{ permission: 'x', when: { sub: () => true } }] } },
      'groups["a,b"].allow[0].when.sub',
    ],
  ])('cannot be compiled, with its place: %s', (_, map: Record<string, GroupDefinition>, path) => {
    expect(() => compileGroups(defineGroups(map))).toThrow(`${path}: expected a claim and its values: a predicate`)
  })

  it('cannot be compiled, with its place: a predicate for a gate', () => {
    const groups = defineGroups({ a: { allow: ['x'] } }, { require: { x: { sub: () => true } } })
    expect(() => compileGroups(groups)).toThrow('require.x.sub: expected a claim and its values')
  })

  it.each([
    [{ cognigate: 2, map: [[], [], [], []] }],
    [{ cognigate: '1', map: [] }],
    [{ map: [] }],
    [[]],
    [null],
    ['x'],
  ])('is refused at load, with the command to run: %j', (given) => {
    const load = loadGroups as (given: unknown) => unknown
    expect(() => load(given)).toThrow('expected a map of version 1; write it again by: npx cognigate compile')
  })
})

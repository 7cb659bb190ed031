import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Asker, caslJudge, cedarJudge, type Judge } from './judges.ts'
import { naiveCode, type NaiveMap } from './naive.ts'
import { compile, scenario } from './scenarios.ts'

const judges: [string, (map: NaiveMap) => Judge, number][] = [
  ['Cedar', cedarJudge, 120],
  ['CASL', caslJudge, 600],
]

describe.each(judges)('%s, given the same map in its own words', (_, judgeOf, numRuns) => {
  it('decides random maps alike', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(scenario, ({ map: drawn, isList, calls }) => {
        const map = { ...drawn, gates: [...new Map(drawn.gates)] }
        const groups = compile(map, isList)
        const judge = judgeOf(map)
        for (const { memberOf, fn, acr } of calls) {
          const { code } = groups.decide(memberOf, fn, { claims: acr === undefined ? {} : { acr } })
          const { allowed, denied = code === 'DENY_EXPLICIT' } = judge({ memberOf, acr }, fn)
          seen.set(code, (seen.get(code) ?? 0) + 1)
          expect([code === 'ALLOW', code === 'DENY_EXPLICIT'], `${code} ${fn} ${memberOf}`).toEqual([allowed, denied])
        }
      }),
      { numRuns, seed: 20_261_126 },
    )
    expect(Math.min(...seen.values())).toBeGreaterThan(10)
    expect([...seen.keys()].sort()).toEqual(['ALLOW', 'DENY_CONDITION', 'DENY_DEFAULT', 'DENY_EXPLICIT', 'NO_GROUPS'])
  })
})

describe('every map of up to two groups, two permissions and three rules, gates among them,', () => {
  type Put = (map: NaiveMap) => void
  const permissions = ['p', 'p.q']
  const names = [...permissions, 'p.*', '*']
  const inheritance = [[], ['a', 'b'], ['b', 'a']] as const
  const rules: Put[] = names.flatMap((name) => [
    ...[0, 1].flatMap((at): Put[] => [
      ({ groups }) => void groups[at]?.allow.push({ name }),
      ({ groups }) => void groups[at]?.allow.push({ name, acr: 'high' }),
      ({ groups }) => void groups[at]?.deny.push(name),
    ]),
    ({ gates }) => void gates.push([name, 'high']),
  ])
  const askers: Asker[] = [[], ['a'], ['b'], ['a', 'b'], ['unknown', 'b', 'a']].flatMap((memberOf) =>
    ['high', 'low', undefined].map((acr) => ({ memberOf, acr })),
  )

  function* chosen(most: number): Generator<readonly Put[]> {
    yield []
    for (const [one, first] of rules.entries()) {
      yield [first]
      for (const [two, second] of rules.entries()) {
        if (two <= one) continue
        yield [first, second]
        for (const third of most > 2 ? rules.slice(two + 1) : []) yield [first, second, third]
      }
    }
  }

  /** Every map of so many rules. */
  function* maps(most: number): Generator<NaiveMap> {
    for (const [child, parent] of inheritance) {
      for (const put of chosen(most)) {
        const groups = ['a', 'b'].map((name) => ({
          name,
          inherits: name === child ? [parent] : [],
          allow: [],
          deny: [],
        }))
        const map: NaiveMap = { groups, permissions, gates: [] }
        for (const rule of put) rule(map)
        yield map
      }
    }
  }

  it.each<[string, (map: NaiveMap) => Judge, number]>([
    [
      'the naive evaluator',
      (map) =>
        ({ memberOf, acr }, fn) => ({
          allowed: naiveCode(map, memberOf, fn, acr) === 'ALLOW',
          denied: naiveCode(map, memberOf, fn, acr) === 'DENY_EXPLICIT',
        }),
      3,
    ],
    ['CASL', caslJudge, 3],
    ['Cedar, slower by far and so asked less, of up to two rules,', cedarJudge, 2],
  ])(
    'is decided as %s does',
    (_, judgeOf, most) => {
      let asked = 0
      for (const map of maps(most)) {
        const groups = compile(map, true)
        const judge = judgeOf(map)
        for (const asker of most > 2
          ? askers
          : askers.filter(({ memberOf, acr }) => memberOf[0] === 'a' && acr === 'high')) {
          const context = { claims: asker.acr === undefined ? {} : { acr: asker.acr } }
          for (const fn of [...permissions, 'q']) {
            asked++
            const { code } = groups.decide(asker.memberOf, fn, context)
            const { allowed, denied = code === 'DENY_EXPLICIT' } = judge(asker, fn)
            if (
              (code === 'ALLOW') === allowed &&
              (code === 'DENY_EXPLICIT') === denied &&
              groups.can(asker.memberOf, fn, context) === allowed
            )
              continue
            expect.fail(`${code}, but ${allowed}: ${JSON.stringify({ map, asker, fn })}`)
          }
        }
      }
      expect(asked).toBeGreaterThan(most > 2 ? 300_000 : 7_000)
    },
    60_000,
  )
})

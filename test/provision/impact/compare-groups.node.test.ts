import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.ts'
import type { Claims } from '../../../src/internal/claims.ts'
import { type Condition, defineGroups, type Groups } from '../../../src/permissions/index.ts'
import { compareGroups, type Difference, type GroupsComparison } from '../../../src/provision/impact/compare-groups.ts'
import { cedarJudge } from '../../permissions/judges.ts'
import { naiveCode } from '../../permissions/naive.ts'
import { compile, scenario } from '../../permissions/scenarios.ts'

function* subsets(names: readonly string[]): Generator<string[]> {
  for (let set = 1; set < 2 ** names.length; set++) yield names.filter((_, index) => (set >> index) & 1)
}

/** What an example needs in order to count: the maps themselves say so. */
function expectReplayed(differences: readonly Difference[], before: Groups, after: Groups, isGain: boolean): void {
  for (const { example, proved } of differences) {
    const { groups, permission, claims = {}, now = 1_800_000_000_000 } = example
    const [was, is] = [before, after].map((map) => map.can(groups, permission, { claims, now }))
    if (proved) expect([was, is], JSON.stringify(example)).toEqual([!isGain, isGain])
  }
}

const reaches = (differences: readonly Difference[], permission: string) =>
  differences.some(({ permissions }) => permissions.includes(permission))

/** Which permissions some set of groups gains, and which it loses, by trying every set with every caller. */
function tryAll(
  names: readonly string[],
  permissions: readonly string[],
  callers: readonly unknown[],
  asks: readonly [old: Ask, now: Ask],
) {
  const gained = new Set<string>()
  const lost = new Set<string>()
  for (const memberOf of subsets(names)) {
    for (const permission of permissions) {
      for (const caller of callers) {
        const [was, is] = asks.map((ask) => ask(memberOf, permission, caller))
        if (is && !was) gained.add(permission)
        if (was && !is) lost.add(permission)
      }
    }
  }
  return { gained, lost }
}
type Ask = (memberOf: readonly string[], permission: string, caller: unknown) => boolean

function expectAgreement(
  { gains, losses, verdict }: GroupsComparison,
  permissions: readonly string[],
  { gained, lost }: { gained: Set<string>; lost: Set<string> },
): void {
  for (const permission of permissions) {
    expect([permission, reaches(gains, permission), reaches(losses, permission)]).toEqual([
      permission,
      gained.has(permission),
      lost.has(permission),
    ])
  }
  const expected = gained.size > 0 ? (lost.size > 0 ? 'different' : 'wider') : lost.size > 0 ? 'narrower' : 'same'
  expect(verdict).toBe(expected)
}

describe('compareGroups beside every set of groups tried out', () => {
  it('finds exactly the permissions that some set gains or loses, by the rules counted out', () => {
    const verdicts = new Map<string, number>()
    fc.assert(
      fc.property(scenario, scenario, ({ map: old }, { map: now }) => {
        const [before, after] = [compile(old, true), compile(now, true)]
        const comparison = compareGroups(before, after)
        verdicts.set(comparison.verdict, (verdicts.get(comparison.verdict) ?? 0) + 1)
        const names = [...new Set([...before.names, ...after.names])]
        const permissions = [...new Set([...before.permissions, ...after.permissions])]
        const askBy =
          (map: typeof old): Ask =>
          (memberOf, permission, acr) =>
            naiveCode({ ...map, gates: [...new Map(map.gates)] }, memberOf, permission, acr as string) === 'ALLOW'
        const acrs = [...new Set(['none', ...conditionsOf(old), ...conditionsOf(now)])]
        expectAgreement(comparison, permissions, tryAll(names, permissions, acrs, [askBy(old), askBy(now)]))
        expect(compareGroups(before, before).verdict).toBe('same')
        expectReplayed(comparison.gains, before, after, true)
        expectReplayed(comparison.losses, before, after, false)
      }),
      { numRuns: 25, seed: 20_261_127 },
    )
    expect([...verdicts.keys()]).toEqual(expect.arrayContaining(['different']))
  })

  it('agrees with Cedar', () => {
    fc.assert(
      fc.property(scenario, scenario, ({ map: old }, { map: now }) => {
        const [before, after] = [compile(old, true), compile(now, true)]
        const names = [...new Set([...before.names, ...after.names])].slice(0, 4)
        const permissions = [...new Set([...before.permissions, ...after.permissions])]
        const askCedar = (map: typeof old): Ask => {
          const judge = cedarJudge({ ...map, gates: [...new Map(map.gates)] })
          return (memberOf, permission, acr) =>
            map.permissions.includes(permission) && judge({ memberOf, acr: acr as string }, permission).allowed
        }
        // Cedar holds one set of policies at a time.
        const seen = [old, now].map((map) => {
          const ask = askCedar(map)
          return new Map(
            [...subsets(names)].flatMap((set) =>
              permissions.flatMap((permission) =>
                ['none', 'high', 'low'].map(
                  (acr) => [JSON.stringify([permission, set, acr]), ask(set, permission, acr)] as const,
                ),
              ),
            ),
          )
        })
        const comparison = compareGroups(before, after)
        for (const [key, was] of seen[0] ?? []) {
          const is = seen[1]?.get(key) ?? false
          const [permission]: [string] = JSON.parse(key)
          if (is && !was) expect(reaches(comparison.gains, permission), key).toBe(true)
          if (was && !is) expect(reaches(comparison.losses, permission), key).toBe(true)
        }
      }),
      { numRuns: 8, seed: 20_261_127 },
    )
  })

  it('finds what conditions of every kind let through, claim by claim', () => {
    const term: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
      { acr: 'high' },
      { acr: ['high', 'low'] },
      { auth_time: { maxAge: 300 } },
      { auth_time: { maxAge: 900 } },
      { 'custom:tier': ['gold', 'platinum'] },
      { 'custom:tier': 'gold', acr: 'high' },
      { scope: ['a', 'b'] },
      { scope: 'b' },
      { email: 'a@example.com' },
      { email_verified: true },
      { aud: 'one' },
      { aud: ['one', 'two'] },
      { auth_time: 1_800_000_000 - 301 },
      { auth_time: [1_800_000_000 - 301, 1_800_000_000] },
    )
    const group = fc.record({
      allow: fc.array(
        fc.oneof(
          fc.constant<string>('p'),
          term.map((when) => ({ permission: 'p', when })),
        ),
        { maxLength: 3 },
      ),
      deny: fc.constantFrom([], [], ['p']),
    })
    const map = fc
      .record({ groups: fc.dictionary(fc.constantFrom('a', 'b', 'c'), group), gate: fc.option(term) })
      .map(({ groups, gate }) =>
        defineGroups(groups, {
          permissions: ['p'],
          trustedClaims: ['custom:tier', 'email', 'email_verified'],
          ...(gate !== null && { require: { p: gate } }),
        }),
      )
    const callers = ['high', 'low', undefined]
      .flatMap((acr) => [0, 1, 301, 302, 901, undefined].map((age) => ({ acr, age })))
      .flatMap((caller) => [undefined, 'gold', 'platinum', ['gold', 'other']].map((tier) => ({ ...caller, tier })))
      .flatMap((caller) => [undefined, 'a', 'b', 'a b'].map((scope) => ({ ...caller, scope })))
      .flatMap((caller) => [undefined, 'a@example.com', 'b@example.com'].map((email) => ({ ...caller, email })))
      .flatMap((caller) => [undefined, 'one', 'two', ['one', 'two']].map((aud) => ({ ...caller, aud })))
      .map(({ acr, age, tier, scope, email, aud }) => ({
        ...(aud && { aud }),
        ...(acr && { acr }),
        ...(age !== undefined && { auth_time: 1_800_000_000 - age }),
        ...(tier && { 'custom:tier': tier }),
        ...(scope && { scope }),
        ...(email && { email, email_verified: true }),
      }))
    const ask =
      (groups: Groups): Ask =>
      (memberOf, permission, claims) =>
        groups.can(memberOf, permission, { claims: claims as Claims, now: 1_800_000_000_000 })
    fc.assert(
      fc.property(map, map, (before, after) => {
        const comparison = compareGroups(before, after)
        const names = [...new Set([...before.names, ...after.names])]
        // Whatever some caller gains or loses is found, and whatever is found, some caller really gains or loses.
        const { gained, lost } = tryAll(names, ['p'], callers, [ask(before), ask(after)])
        if (gained.has('p')) expect(reaches(comparison.gains, 'p')).toBe(true)
        if (lost.has('p')) expect(reaches(comparison.losses, 'p')).toBe(true)
        for (const { proved } of [...comparison.gains, ...comparison.losses]) expect(proved).toBe(true)
        expectReplayed(comparison.gains, before, after, true)
        expectReplayed(comparison.losses, before, after, false)
      }),
      { numRuns: 100, seed: 20_261_127 },
    )
  })
})

function conditionsOf(map: {
  groups: readonly { allow: readonly { acr?: string }[] }[]
  gates: readonly [string, string][]
}) {
  return [
    ...map.groups.flatMap(({ allow }) => allow.flatMap(({ acr }) => acr ?? [])),
    ...map.gates.map(([, acr]) => acr),
  ]
}

describe('compareGroups', () => {
  const causes = (differences: readonly Difference[]) => differences.map(({ groups, cause }) => [groups.join(), cause])

  it('says which group matters, and why', () => {
    const before = defineGroups(
      {
        viewer: { allow: ['posts.read'] },
        editor: { allow: ['posts.write', { permission: 'posts.purge', when: { acr: 'high' } }] },
        suspended: { deny: ['*'] },
        old: { allow: ['posts.read'] },
      },
      {
        permissions: ['posts.read', 'posts.write', 'posts.purge'],
        require: { 'posts.write': { auth_time: { maxAge: 60 } } },
      },
    )
    const after = defineGroups(
      {
        viewer: { allow: ['posts.read', 'posts.list'] },
        editor: { allow: ['posts.write', { permission: 'posts.purge', when: { acr: ['high', 'low'] } }] },
        guest: { allow: ['posts.read'] },
      },
      { permissions: ['posts.read', 'posts.write', 'posts.purge', 'posts.list'] },
    )
    const { gains, losses, verdict } = compareGroups(before, after)
    expect(verdict).toBe('different')
    expect(causes(gains)).toEqual([
      ['viewer', 'new-permission'],
      ['editor', 'condition'],
      ['editor', 'gate'],
      ['guest', 'new-group'],
      ['suspended', 'removed-group'],
      ['suspended', 'removed-group'],
    ])
    expect(causes(losses)).toEqual([['old', 'removed-group']])
    expect(gains.at(-1)?.example).toMatchObject({ before: 'DENY_EXPLICIT', after: 'ALLOW' })
    expect(gains.at(-1)?.together).toBe(true)
  })

  it('proves nothing about predicates that differ, and takes those of equal text for equal', () => {
    const own = (limit: number) => ({ sub: (value: unknown) => String(value).length > limit })
    const map = (when: Condition) => defineGroups({ a: { allow: [{ permission: 'p', when }] } })
    expect(compareGroups(map(own(1)), map(own(2)))).toMatchObject({ verdict: 'same', assumed: { predicates: 1 } })
    const one = map(own(1))
    expect(compareGroups(one, one)).toMatchObject({ verdict: 'same', assumed: { predicates: 0 } })
    const changed = compareGroups(map(own(1)), map({ sub: (value: unknown) => value === 'x' }))
    expect(changed.gains.map(({ proved }) => proved)).toEqual([false])
    const opened = compareGroups(map(own(1)), map({ acr: 'high' }))
    expect(opened.gains.map(({ proved }) => proved)).toEqual([false])
  })

  it('takes no two bound functions for equal, though the text of all is the same', () => {
    const bound = (pattern: RegExp) => {
      const test = pattern.test.bind(pattern) as (value: unknown) => boolean
      return defineGroups({ a: { allow: [{ permission: 'p', when: { sub: test } }] } })
    }
    const opened = compareGroups(bound(/^root$/), bound(/./))
    expect(opened.gains).toMatchObject([{ cause: 'condition', proved: false }])
    expect(opened.assumed).toEqual({ predicates: 0 })
    const same = bound(/^root$/)
    expect(compareGroups(same, same).verdict).toBe('same')
  })

  it('tells a weaker condition from a gate that changes with it', () => {
    const high = { permission: 'p', when: { acr: 'high' } } as const
    const gate = (maxAge: number) => ({ require: { p: { auth_time: { maxAge } } } })
    const causesOf = (before: Groups, after: Groups) => causes(compareGroups(before, after).gains)
    const conditional = defineGroups({ a: { allow: [high] } })
    expect(causesOf(conditional, defineGroups({ a: { allow: ['p'] } }, gate(900)))).toEqual([['a', 'condition']])
    const gated = defineGroups({ a: { allow: [high] } }, gate(900))
    expect(causesOf(gated, defineGroups({ a: { allow: [high] } }))).toEqual([['a', 'gate']])
    const both = causesOf(gated, defineGroups({ a: { allow: ['p'] } }))
    expect(both.toSorted()).toEqual([
      ['a', 'condition'],
      ['a', 'gate'],
    ])
  })

  it('counts a group that the map lacks as a deny of everything where the guard refuses it', () => {
    const map = defineGroups({ a: { allow: ['p'] } })
    const { verdict, gains } = compareGroups(map, map, { unknownGroups: { before: 'refuse' } })
    expect(verdict).toBe('wider')
    expect(gains).toMatchObject([
      { cause: 'unknown-group', together: true, example: { before: 'UNKNOWN_GROUP', after: 'ALLOW' } },
    ])
    expect(compareGroups(map, map, { unknownGroups: { before: 'refuse', after: 'refuse' } }).verdict).toBe('same')
  })

  it('needs work that grows with the groups and not with their sets', () => {
    const permissions = Array.from({ length: 1000 }, (_, index) => `area${index % 50}.thing${index}`)
    const map = (shift: number) =>
      defineGroups(
        Object.fromEntries(
          Array.from({ length: 300 }, (_, group) => [
            `group${group}`,
            {
              allow: permissions.filter((_, index) => (index * 7 + group + shift) % 50 === 0),
              deny: [`area${group % 50}.*`],
            },
          ]),
        ),
        { permissions },
      )
    expect(compareGroups(map(0), map(0)).verdict).toBe('same')
    expect(compareGroups(map(0), map(1)).compared).toEqual({ groups: 300, permissions: 1000 })
  })

  it('refuses options that it does not know', () => {
    // @ts-expect-error the option is misspelt
    expect(() => compareGroups({}, {}, { unknownGroup: {} })).toThrow(ConfigurationError)
  })
})

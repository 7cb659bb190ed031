import { describe, expect, it } from 'vitest'
import { defineGroups, type Groups, type Predicate } from '../../src/permissions/index.ts'
import type { Claims } from '../../src/internal/claims.ts'

/** As a program without types would call it. */
const define: (definitions: unknown, options?: unknown) => unknown = Object.assign(defineGroups)

/** The message for a rule that names `name`, with a list of permissions. */
function messageFor(name: string, permissions: readonly string[]): string {
  try {
    define({ g: { allow: [name] } }, { permissions })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('expected a throw')
}

describe('the message for an unknown name', () => {
  it.each<[string, string[], string]>([
    ['posts.raed', ['users.read', 'posts.read'], 'did you mean "posts.read"?'],
    ['one more at the end', ['z', 'one more at the end!', 'one'], 'did you mean "one more at the end!"?'],
    ['abx', ['zzx', 'aby'], 'did you mean "aby"?'],
    ['xbc', ['xzz', 'ybc'], 'did you mean "ybc"?'],
    ['abc', ['abcdefgh', 'abd'], 'did you mean "abd"?'],
    // One letter is all that a name of two has in common with most others.
    ['aa', ['ab', 'a'], 'expected one of ab, a.'],
    ['aaa', ['aba', 'aa', 'aaaaa'], 'did you mean "aba"?'],
  ])('suggests the nearest: %s among %j', (name, permissions, hint) => {
    expect(messageFor(name, permissions)).toBe(`groups.g.allow[0]: unknown permission ${JSON.stringify(name)}; ${hint}`)
  })

  it('lists twenty at the most', () => {
    const names = Array.from({ length: 21 }, (_, index) => `f${String.fromCharCode(97 + index)}`)
    expect(messageFor('x', names.slice(0, 20))).toMatch(/; expected one of (f[a-s], ){19}ft\.$/)
    expect(messageFor('x', names)).toMatch(/; expected one of (f[a-t], ){20}…$/)
  })

  it('guesses nothing where nothing is known', () => {
    expect(messageFor('a', [])).toBe('groups.g.allow[0]: unknown permission "a"; there is none.')
  })

  it('says which keys there are', () => {
    expect(() => define({ g: { alow: [] } })).toThrow('groups.g.alow: unknown key "alow"; did you mean "allow"?')
    expect(() => define({ g: { x: [] } })).toThrow(
      'groups.g.x: unknown key "x"; expected one of inherits, allow, deny, precedence, description.',
    )
  })
})

describe('definitions', () => {
  it('may hold a group named like a method of compiled groups', () => {
    const groups = defineGroups({ can: { allow: ['a'] }, explain: { inherits: ['can'] } })
    expect(groups.names).toEqual(['can', 'explain'])
    expect(groups.can(['explain'], 'a')).toBe(true)
  })

  it('of cognises keep a rank and a description', () => {
    const { definitions } = defineGroups([
      { group_name: 'a', allowed_functions: ['x'], precedence: 0, description: 'first' },
      { group_name: 'b', allowed_functions: [] },
    ])
    expect(definitions).toStrictEqual({
      a: { inherits: [], allow: ['x'], deny: [], precedence: 0, description: 'first' },
      b: { inherits: [], allow: [], deny: [] },
    })
  })

  it('may name their schema, which is no group; an object of that name is one', () => {
    const named = defineGroups({ $schema: './groups.schema.json', a: { allow: ['x'] } })
    expect([named.names, named.definitions]).toEqual([['a'], { a: { inherits: [], allow: ['x'], deny: [] } }])
    expect(named.can(['$schema'], 'x')).toBe(false)
    const group = defineGroups({ $schema: { allow: ['x'] }, a: { inherits: ['$schema'] } })
    expect([group.names, group.can(['a'], 'x')]).toEqual([['$schema', 'a'], true])
  })

  it('may say false of a group not yet created', () => {
    expect(defineGroups([{ group_name: 'g', created: false, allowed_functions: ['a'] }]).can(['g'], 'a')).toBe(true)
    expect(defineGroups([{ group_name: 'g', created: true, allowed_functions: ['a'] }]).can(['g'], 'a')).toBe(true)
  })

  it('have no members in their full form that nobody gave', () => {
    const { definitions } = defineGroups({ a: {}, b: { precedence: 3 }, c: { description: 'x' } })
    expect(Object.values(definitions).map((definition) => Object.keys(definition))).toEqual([
      ['inherits', 'allow', 'deny'],
      ['inherits', 'allow', 'deny', 'precedence'],
      ['inherits', 'allow', 'deny', 'description'],
    ])
  })

  it('keep their values and ages, in rules and in gates', () => {
    const condition = { acr: ['high', 'higher'], amr: 'mfa', auth_time: { maxAge: 900 } }
    const { definitions, options } = defineGroups(
      { g: { allow: [{ permission: 'a', when: condition }] } },
      { require: { a: condition } },
    )
    const full = { ...condition, amr: ['mfa'] }
    expect(definitions.g.allow).toStrictEqual([{ permission: 'a', when: full }])
    expect(options.require).toStrictEqual({ a: full })
  })

  it('keep their predicates, in rules and in gates', () => {
    const mine: Predicate<Claims> = (claims) => claims.sub === 'x'
    const high: Predicate<unknown> = (acr) => acr === 'high'
    const { definitions, options } = defineGroups(
      {
        g: {
          allow: [
            { permission: 'a', when: mine },
            { permission: 'b', when: { acr: high } },
          ],
        },
      },
      { require: { a: mine, b: { acr: high } } },
    )
    expect(definitions.g.allow?.[0]).toStrictEqual({ permission: 'a', when: mine })
    expect(definitions.g.allow?.[1]).toStrictEqual({ permission: 'b', when: { acr: high } })
    expect(options.require).toStrictEqual({ a: mine, b: { acr: high } })
  })
})

describe('what matched', () => {
  it.each<[string, unknown]>([
    ['a name', { g: { allow: ['a'] } }],
    ['a rule with a condition', { g: { allow: [{ permission: 'a', when: { acr: 'high' } }] } }],
    ['a rule of cognises', [{ group_name: 'g', allowed_functions: ['a'] }]],
  ])('says of %s that it allows', (_, definitions) => {
    const groups: Groups = Reflect.apply(defineGroups, undefined, [definitions])
    const { code, matched } = groups.explain(['g'], 'a', { claims: { acr: 'high' } })
    expect([code, matched]).toEqual(['ALLOW', [{ effect: 'allow', rule: 'a', group: 'g', via: ['g'] }]])
  })
})

describe('conditions', () => {
  const claims = {
    sub: 'alice',
    scope: ['posts/read'],
    'custom:tier': 'gold',
    'custom:email': 'a@b.c',
    email_domain: 'b.c',
  }

  it('take a scope claim that is a list already', () => {
    const groups = defineGroups({ g: { allow: [{ permission: 'a', when: { scope: 'posts/read' } }] } })
    expect(groups.can(['g'], 'a', { claims })).toBe(true)
    expect(groups.can(['g'], 'a', { claims: { scope: ['posts/read openid'] } })).toBe(false)
    expect(groups.can(['g'], 'a', { claims: { scope: 5 } })).toBe(false)
  })

  it.each(['custom:email', 'email_domain'])(
    'ask for no verification of %s, which only resembles an address',
    (claim) => {
      const groups = defineGroups(
        { g: { allow: [{ permission: 'a', when: { [claim]: claims[claim as keyof typeof claims] } }] } },
        { trustedClaims: [claim] },
      )
      expect(groups.can(['g'], 'a', { claims })).toBe(true)
    },
  )

  it('say what failed in so many words', () => {
    const groups = defineGroups({
      all: { allow: [{ permission: 'a', when: () => false }] },
      one: { allow: [{ permission: 'b', when: { sub: () => false } }] },
      same: { allow: [{ permission: 'c', when: { sub: 'bob' } }] },
      none: { deny: ['a'] },
    })
    const failed = (group: string, fn: string) => groups.explain([group], fn, { claims }).failed
    expect(failed('all', 'a')).toStrictEqual([{ at: 'when', rule: 'a', group: 'all', kind: 'predicate' }])
    expect(failed('one', 'b')).toStrictEqual([{ at: 'when', rule: 'b', group: 'one', kind: 'predicate', claim: 'sub' }])
    expect(failed('same', 'c')).toStrictEqual([{ at: 'when', rule: 'c', group: 'same', kind: 'equals', claim: 'sub' }])
    expect(failed('none', 'a')).toStrictEqual([])
    expect(failed('same', 'a')).toStrictEqual([])
  })

  it('of a gate count for the step-up of their own permission', () => {
    const groups = defineGroups(
      { g: { allow: ['a', 'b', 'c'] } },
      { require: { b: { auth_time: { maxAge: 60 } }, c: { acr: 'high' } } },
    )
    expect(groups.stepUp(['g'], 'a', { claims })).toBeUndefined()
    expect(groups.stepUp(['g'], 'b', { claims })).toStrictEqual({ maxAge: 60 })
    expect(groups.stepUp(['g'], 'c', { claims })).toStrictEqual({ acrValues: ['high'] })
  })
})

import { describe, expect, it } from 'vitest'
import { defineGroups } from '../../src/permissions/index.ts'
import { createMergeCache } from '../../src/permissions/merge-cache.ts'

const map = () =>
  defineGroups({ a: { allow: ['x'] }, b: { allow: ['y'] }, 'a,b': { allow: ['z'] }, c: { deny: ['x'] } })
const may = (groups: ReturnType<typeof map>, memberOf: readonly string[]) =>
  groups.permissions.filter((fn) => groups.can(memberOf, fn)).join('')

describe('remembered merges', () => {
  it('tell lists apart by content', () => {
    const groups = map()
    for (let round = 0; round < 3; round++) {
      expect(may(groups, ['a', 'b'])).toBe('xy')
      expect(may(groups, ['a,b'])).toBe('z')
      expect(may(groups, ['b', 'a'])).toBe('xy')
      expect(may(groups, ['a', 'a,b'])).toBe('xz')
      expect(may(groups, ['a', '', 'b'])).toBe('xy')
      expect(may(groups, ['ab'])).toBe('')
      expect(may(groups, [''])).toBe('')
      expect(may(groups, [])).toBe('')
      expect(may(groups, ['b', 'c', 'a'])).toBe('y')
    }
  })

  it('follow an array that changes', () => {
    const groups = map()
    const memberOf = ['a']
    expect(may(groups, memberOf)).toBe('x')
    memberOf.push('b')
    expect(may(groups, memberOf)).toBe('xy')
    memberOf[0] = 'c'
    expect(may(groups, memberOf)).toBe('y')
    memberOf.length = 0
    expect(may(groups, memberOf)).toBe('')
    memberOf.push('a,b')
    expect(may(groups, Object.freeze(memberOf))).toBe('z')
    expect(may(groups, memberOf)).toBe('z')
  })

  it('do not take a sealed or preserved array for a frozen one', () => {
    const groups = map()
    for (const close of [Object.seal, Object.preventExtensions]) {
      const memberOf = close(['a'])
      expect(may(groups, memberOf)).toBe('x')
      memberOf[0] = 'b'
      expect(may(groups, memberOf)).toBe('y')
    }
  })

  it('belong to one definition', () => {
    const memberOf = Object.freeze(['a'])
    const other = defineGroups({ a: { allow: ['y'] }, b: { allow: ['x'] } })
    expect(may(map(), memberOf)).toBe('x')
    expect(other.can(memberOf, 'x')).toBe(false)
    expect(other.can(memberOf, 'y')).toBe(true)
  })

  it('survive frozen and fresh arrays in turn', () => {
    const groups = map()
    const frozen = Object.freeze(['a', 'b'])
    for (let round = 0; round < 50; round++) {
      expect(may(groups, frozen)).toBe('xy')
      expect(may(groups, round % 2 ? ['c', 'b'] : ['b'])).toBe('y')
    }
  })

  it.each([undefined, null, 'a', 1, { 0: 'a', length: 1 }, new Set(['a']), true])(
    'take only arrays: %o',
    (memberOf) => {
      const groups = map()
      const call: (name: 'can' | 'decide' | 'explain' | 'effective' | 'stepUp') => unknown = (name) =>
        Reflect.apply(groups[name], groups, [memberOf, 'x'])
      expect(call('can')).toBe(false)
      expect(call('decide')).toEqual({
        allowed: false,
        code: 'NO_GROUPS',
        permission: 'x',
        groups: [],
        matched: [],
        failed: [],
      })
      expect(call('explain')).toMatchObject({ code: 'NO_GROUPS', wouldAllow: ['a'] })
      expect(call('effective')).toEqual({ x: 'deny', y: 'deny', z: 'deny' })
      expect(call('stepUp')).toBeUndefined()
    },
  )

  it('are bounded, and stay right when they are forgotten', () => {
    const names = Array.from({ length: 40 }, (_, index) => `g${index}`)
    const groups = defineGroups(Object.fromEntries(names.map((name, index) => [name, { allow: [`f${index}`] }])))
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 20_000; round++) {
      const members = Array.from({ length: 1 + random(6) }, () => names[random(40)] ?? '')
      const asked = random(40)
      const expected = members.includes(`g${asked}`)
      if (groups.can(round % 3 ? members : Object.freeze(members), `f${asked}`) !== expected) {
        expect.fail(`round ${round}: ${members} may ${expected ? '' : 'not '}do f${asked}`)
      }
    }
  })

  it('bear long lists', () => {
    const groups = map()
    const unknown = Array.from({ length: 10_000 }, (_, index) => `unknown-${index}`)
    const repeated = Array.from({ length: 10_000 }, (_, index) => (index % 2 ? 'a' : 'b'))
    for (let round = 0; round < 20; round++) {
      expect(groups.can([...unknown, 'a'], 'x')).toBe(true)
      expect(groups.can([...unknown], 'x')).toBe(false)
      expect(may(groups, [...repeated])).toBe('xy')
    }
  })

  it('merge once what amounts to the same list', () => {
    const known = new Map(['a', 'b', 'c'].map((name) => [name, { name }]))
    const merged: string[] = []
    const find = createMergeCache(
      known,
      (groups) => {
        merged.push(groups.map(({ name }) => name).join('+'))
        return { groups }
      },
      1,
    )
    merged.length = 0
    const first = find(['a', 'b'])
    expect(find(['a', 'b'])).toBe(first)
    expect(find(['a', 'a', 'unknown', 'b', 'a', ''])).toBe(first)
    expect(find(Object.freeze(['unknown', 'a', 'b', 'b']))).toBe(first)
    find(['b', 'c', 'b', 'c'])
    find(['c'])
    expect(merged).toEqual(['a+b', 'b+c', 'c'])
  })
})

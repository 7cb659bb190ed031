import { describe, expect, it } from 'vitest'
import { defineGroups } from '../../src/permissions/index.ts'
import { maps, rows } from './groups.ts'

describe('hostile groups', () => {
  it.each(
    rows.map((row) => ({
      ...row,
      label: `${row.what}: ${JSON.stringify(row.memberOf).slice(0, 60)}, ${JSON.stringify(row.fn)}`,
    })),
  )('$label → $code', ({ map, memberOf, fn, code }) => {
    const groups = defineGroups<string, string>(maps[map])
    const can: (memberOf: readonly string[], fn: string) => boolean = groups.can
    for (const given of [memberOf, Object.freeze([...memberOf]), [...memberOf]]) {
      expect(groups.decide(given, fn).code).toBe(code)
      expect(groups.explain(given, fn).code).toBe(code)
      expect(can(given, fn)).toBe(code === 'ALLOW')
    }
  })

  it('has rows of every answer', () => {
    expect(new Set(rows.map((row) => row.code)).size).toBe(4)
  })

  it('keeps two maps of equal names apart', () => {
    const memberOf = Object.freeze(['admin'])
    const one = defineGroups({ admin: { allow: ['a'] }, other: { allow: ['b'] } })
    const two = defineGroups({ admin: { allow: ['b'] }, other: { allow: ['a'] } })
    for (let round = 0; round < 3; round++) {
      expect([one.can(memberOf, 'a'), one.can(memberOf, 'b')]).toEqual([true, false])
      expect([two.can(memberOf, 'a'), two.can(memberOf, 'b')]).toEqual([false, true])
    }
  })

  it('is not reached by a polluted prototype', () => {
    const pollution = {
      allow: ['*'],
      inherits: ['admin'],
      when: undefined,
      admin: { allow: ['*'] },
      acr: 'high',
      sub: 'x',
    }
    Object.defineProperties(Object.prototype, Object.getOwnPropertyDescriptors(pollution))
    try {
      const groups = defineGroups({ a: { allow: ['x', { permission: 'y', when: { acr: 'high' } }] }, b: {} })
      expect(groups.names).toEqual(['a', 'b'])
      expect(groups.can(['b'], 'x')).toBe(false)
      expect(groups.can(['admin'], 'x')).toBe(false)
      expect(groups.can(['a'], 'y', { claims: {} })).toBe(false)
    } finally {
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
    }
  })
})

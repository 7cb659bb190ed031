import { defineGroups } from '../../../src/index.ts'
import type { Case } from './case.ts'

const throwing = () => {
  throw new Error('no')
}

export const groupCases: readonly Case[] = [
  {
    id: 'predicates',
    about: 'a predicate that throws: its rule grants nothing and its gate stays shut',
    async run(kit) {
      const principal = { 'cognito:groups': ['a'], acr: 'high' }
      const predicates = [throwing, async () => true, () => 1, () => 'true', () => ({}), () => undefined]
      const token = await kit.token(principal)
      const results: boolean[] = []
      for (const predicate of predicates) {
        const test = predicate as () => boolean
        const when = defineGroups({ a: { allow: [{ permission: 'x', when: test }] } })
        const gate = defineGroups({ a: { allow: ['x'] } }, { require: { x: test } })
        for (const groups of [when, gate]) {
          const guard = kit.guard({ groups })
          results.push(guard.can(await guard.verify(token), 'x'))
        }
      }
      return results.filter(Boolean).length
    },
    expect: 0,
  },
  {
    id: 'lists-that-change',
    about:
      'an array changed after the first call; frozen and fresh arrays alternating: never a stale or foreign answer',
    async run() {
      const groups = defineGroups({ a: { allow: ['x'] }, b: { allow: ['y'] } })
      const list = ['a']
      const before = groups.can(list, 'x')
      list[0] = 'b'
      const after = groups.can(list, 'x')
      const wrong: unknown[] = []
      for (let round = 0; round < 100; round++) {
        for (const memberOf of [
          Object.freeze(['a']),
          ['b'],
          Object.freeze(['b']),
          ['a'],
          ['a,b'],
          Object.freeze(['a,b']),
        ]) {
          const expected = [memberOf[0] === 'a', memberOf[0] === 'b']
          const got = [groups.can(memberOf, 'x'), groups.can(memberOf, 'y')]
          if (got.join() !== expected.join()) wrong.push([memberOf, got])
        }
      }
      return [before, after, wrong]
    },
    expect: [true, false, []],
  },
  {
    id: 'wildcard-from-caller',
    about: 'wildcards only from the definition, never from the token or caller',
    async run(kit) {
      const guard = kit.guard({ groups: defineGroups({ admin: { allow: ['*', 'posts.read'] }, none: {} }) })
      const principal = await guard.verify(await kit.token({ 'cognito:groups': ['admin'] }))
      return ['*', 'posts.*', 'posts', 'posts.*.read', '__proto__', 'toString', ''].map((fn) =>
        guard.can(principal, fn),
      )
    },
    expect: [false, false, false, false, false, false, false],
  },
  {
    id: 'foreign-principal',
    about: 'a principal that this guard did not establish: denied',
    async run(kit) {
      const groups = defineGroups({ admin: { allow: ['x'] } })
      const guard = kit.guard({ groups })
      const token = await kit.token({ 'cognito:groups': ['admin'] })
      const own = await guard.verify(token)
      const other = await kit.guard({ groups }).verify(token)
      const forged = [
        other,
        { ...own },
        Object.create(own) as typeof own,
        JSON.parse(JSON.stringify(own)) as typeof own,
      ]
      return [guard.can(own, 'x'), ...forged.map((principal) => guard.can(principal, 'x'))]
    },
    expect: [true, false, false, false, false],
  },
]

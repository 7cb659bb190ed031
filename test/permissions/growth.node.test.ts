import { describe, expect, it } from 'vitest'
import { defineGroups, type GroupDefinition, type Groups } from '../../src/permissions/index.ts'

/**
 * How much work a call makes, whatever the machine: every look-up in a Map or Set counts once, and whatever goes over an
 * array, a Map or a Set counts as much as that holds.
 */
function workOf(call: () => unknown): number {
  let work = 0
  const restore: (() => void)[] = []
  const count = (
    prototype: object,
    names: readonly PropertyKey[],
    cost: (self: unknown, args: unknown[]) => number,
  ) => {
    for (const name of names) {
      const original = Reflect.getOwnPropertyDescriptor(prototype, name)
      const method: unknown = original?.value
      if (!original || typeof method !== 'function') throw new Error(`no method ${String(name)}`)
      const counted = function (this: unknown, ...args: unknown[]): unknown {
        work += cost(this, args)
        return Reflect.apply(method, this, args)
      }
      restore.push(() => Object.defineProperty(prototype, name, original))
      Object.defineProperty(prototype, name, { ...original, value: counted })
    }
  }
  const lengthOf = (self: unknown) => (Array.isArray(self) ? self.length : 1)
  const sizeOf = (self: unknown) => (self instanceof Map || self instanceof Set ? self.size : 1)
  const methods = [
    'includes',
    'indexOf',
    'filter',
    'map',
    'flatMap',
    'some',
    'every',
    'find',
    'findIndex',
    'slice',
    'sort',
    'toSorted',
  ]
  count(Array.prototype, [...methods, 'join', 'reverse', 'unshift', 'values', 'entries', Symbol.iterator], lengthOf)
  count(Array, ['from'], (_, [list]) => lengthOf(list))
  count(Array.prototype, ['push', 'pop', 'at'], () => 1)
  for (const { prototype } of [Map, Set]) {
    count(prototype, ['has', 'delete'], () => 1)
    count(prototype, ['forEach', 'keys', 'values', 'entries', Symbol.iterator], sizeOf)
  }
  count(Map.prototype, ['get', 'set'], () => 1)
  count(Set.prototype, ['add'], () => 1)
  count(String.prototype, ['startsWith', 'split', 'slice', 'endsWith', 'normalize'], () => 1)
  work = 0
  let done = 0
  try {
    call()
  } finally {
    done = work
    for (const undo of restore.reverse()) undo()
  }
  return done
}

const range = (length: number) => Array.from({ length }, (_, index) => index)
const functionsOf = (length: number) => range(length).map((index) => `area${index % 50}.f${index}`)
const mapOf = (groups: number, definition: (index: number) => GroupDefinition): Record<string, GroupDefinition> =>
  Object.fromEntries(range(groups).map((index) => [`g${index}`, definition(index)]))

/** Defines so many of something, and what is then asked. */
type Subject = (size: number) => { define: () => Groups; ask?: (groups: Groups) => unknown }

describe('ten times as much', () => {
  it.each<[string, number, Subject]>([
    [
      'listed permissions',
      200,
      (size) => {
        const permissions = functionsOf(size)
        return {
          define: () =>
            defineGroups(
              mapOf(5, () => ({ allow: permissions })),
              { permissions },
            ),
        }
      },
    ],
    [
      'permissions that only rules name',
      200,
      (size) => ({ define: () => defineGroups(mapOf(5, () => ({ allow: functionsOf(size) }))) }),
    ],
    [
      'groups over one list',
      20,
      (size) => {
        const permissions = functionsOf(100)
        return {
          define: () =>
            defineGroups(
              mapOf(size, () => ({ allow: permissions })),
              { permissions },
            ),
        }
      },
    ],
    [
      'wildcards and gates',
      20,
      (size) => {
        const permissions = range(size).map((index) => `area${index}.f`)
        const wildcards = range(size).map((index) => `area${index}.*`)
        const require = Object.fromEntries(wildcards.map((name) => [name, { acr: 'high' }]))
        return {
          define: () =>
            defineGroups(
              mapOf(3, () => ({ allow: wildcards })),
              { permissions, require },
            ),
        }
      },
    ],
    [
      'groups that inherit from each other, parents first',
      30,
      (size) => ({
        define: () =>
          defineGroups(mapOf(size, (index) => ({ inherits: index ? [`g${index - 1}`] : [], allow: [`f${index}`] }))),
        ask: (groups) => groups.can([`g${size - 1}`], 'f0'),
      }),
    ],
    [
      'groups that inherit from each other, children first',
      30,
      (size) => ({
        define: () =>
          defineGroups(
            mapOf(size, (index) => ({ inherits: index < size - 1 ? [`g${index + 1}`] : [], allow: [`f${index}`] })),
          ),
        ask: (groups) => groups.can(['g0'], `f${size - 1}`),
      }),
    ],
    [
      'parents of one group',
      30,
      (size) => ({
        define: () =>
          defineGroups(
            mapOf(size, (index) => ({
              inherits: index ? [] : range(size - 1).map((at) => `g${at + 1}`),
              allow: ['f'],
            })),
          ),
        ask: (groups) => groups.can(['g0'], 'f'),
      }),
    ],
    [
      'groups that a caller is in',
      12,
      (size) => ({
        define: () => defineGroups(mapOf(size, (index) => ({ allow: [`f${index}`] }))),
        ask: (groups) => groups.can([...groups.names], 'f0'),
      }),
    ],
    [
      'names that nobody knows in a list',
      1100,
      (size) => ({
        define: () => defineGroups({ a: { allow: ['f'] } }),
        ask: (groups) => groups.can([...range(size).map((index) => `unknown${index}`), 'a'], 'f'),
      }),
    ],
  ])('%s: at most twelve times the work', (_, size, subject) => {
    const measure = (times: number) => {
      const { define, ask } = subject(size * times)
      let groups: Groups | undefined
      const defining = workOf(() => (groups = define()))
      const asking = workOf(() => (groups ? ask?.(groups) : undefined))
      return { defining, asking }
    }
    const [one, ten, hundred] = [measure(1), measure(10), measure(100)]
    expect(one.defining).toBeGreaterThan(0)
    expect(ten.defining).toBeLessThanOrEqual(12 * one.defining)
    expect(hundred.defining).toBeLessThanOrEqual(12 * ten.defining)
    if (one.asking === 0) return
    expect(hundred.asking).toBeLessThanOrEqual(120 * one.asking)
  })
})

describe('a question that is asked for the first time', () => {
  it.each<[string, (size: number) => Groups]>([
    [
      'permissions',
      (size) =>
        defineGroups(
          mapOf(5, () => ({ allow: ['*'] })),
          { permissions: functionsOf(size) },
        ),
    ],
    [
      'wildcards of a group',
      (size) =>
        defineGroups(
          mapOf(5, () => ({ allow: range(size).map((index) => `area${index}.*`) })),
          {
            permissions: range(size).map((index) => `area${index}.f0`),
          },
        ),
    ],
    [
      'gates',
      (size) => {
        const permissions = range(size).map((index) => `area${index}.f0`)
        const require = Object.fromEntries(permissions.map((name) => [name, { acr: 'high' }]))
        return defineGroups(
          mapOf(5, () => ({ allow: ['*'] })),
          { permissions, require },
        )
      },
    ],
    [
      'groups that the caller is not in',
      (size) =>
        defineGroups(
          mapOf(size, () => ({ allow: ['area0.f0', 'area0.*'] })),
          { permissions: ['area0.f0'] },
        ),
    ],
  ])('takes no longer with a hundred times the %s', (_, define) => {
    const work = (size: number) => {
      const groups = define(size)
      // The rules of a group are indexed when a member first asks for anything.
      groups.can(['g2', 'g1', 'g0'], 'area1.f0')
      return workOf(() => groups.can(['g0', 'g1', 'g2'], 'area0.f0'))
    }
    expect(work(10)).toBeGreaterThan(0)
    expect(work(1000)).toBe(work(10))
  })

  it('goes once over the rules of the groups that are asked about', () => {
    const work = (size: number) => {
      const names = range(size).map((index) => `area${index}.f0`)
      const groups = defineGroups(mapOf(20, () => ({ allow: names })))
      return workOf(() => groups.can(['g0', 'g1'], 'area0.f0'))
    }
    expect(work(1000)).toBeLessThanOrEqual(12 * work(100))
    expect(work(1000)).toBeLessThan(2 * 1000 * 4)
  })

  it('about a long list again takes only a comparison with it', () => {
    for (const size of [10, 1000]) {
      const groups = defineGroups(mapOf(size, (index) => ({ allow: [`f${index}`] })))
      const names = groups.names
      for (let time = 0; time < 3; time++) groups.can([...names], 'f0')
      const list = [...names]
      expect(workOf(() => groups.can(list, 'f0'))).toBeLessThan(size + 20)
    }
  })
})

describe('explaining a denial', () => {
  it('takes a look at each group that might help, not at each pair of them', () => {
    const work = (size: number) => {
      const groups = defineGroups(mapOf(size, (index) => ({ allow: [`f${index}`] })))
      return workOf(() => groups.explain(['g0'], `f${size - 1}`))
    }
    expect(work(1000)).toBeLessThanOrEqual(12 * work(100))
  })
})

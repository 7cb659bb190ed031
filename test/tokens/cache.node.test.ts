import { describe, expect, it } from 'vitest'
import { TokenCache } from '../../src/tokens/cache.ts'
import { createRandom } from '../support/random.ts'

const tail = (text: string) => text.padStart(43, '-')
const entryOf = (name: string, end = name) => ({ token: `${name}.${tail(end)}` })

describe('the memory of verified tokens', () => {
  it('gives back what was set, and nothing for another token of the same tail', () => {
    const cache = new TokenCache<{ token: string }>(2)
    const entry = entryOf('a', 'same')
    cache.set(entry)
    expect(cache.get(entry.token)).toBe(entry)
    expect(cache.get(entryOf('b', 'same').token)).toBeUndefined()
    expect(cache.get(tail('same'))).toBeUndefined()
    expect(cache.get('')).toBeUndefined()
  })

  it('lets the oldest go that nobody asked for', () => {
    const cache = new TokenCache<{ token: string }>(2)
    const [a, b, c, d, e] = [entryOf('a'), entryOf('b'), entryOf('c'), entryOf('d'), entryOf('e')]
    const kept = () => [a, b, c, d, e].filter((entry) => cache.get(entry.token) === entry)
    cache.set(a)
    cache.set(b)
    cache.get(a.token)
    cache.set(c)
    expect(kept()).toEqual([a, c])
    // All were asked for: each gets another turn, and the oldest goes. The new one stays.
    cache.set(d)
    expect(kept()).toEqual([c, d])
    cache.set(e)
    expect(kept()).toHaveLength(2)
    expect(cache.get(e.token)).toBe(e)
  })

  it('holds no more than it may, and what was set last, whatever is asked', () => {
    const random = createRandom(7)
    for (const max of [1, 2, 5]) {
      const cache = new TokenCache<{ token: string }>(max)
      const entries = Array.from({ length: 12 }, (_, at) => entryOf(`entry ${at}`))
      for (let turn = 0; turn < 2000; turn++) {
        const entry = random.pick(entries)
        if (random.below(2) === 0) cache.get(entry.token)
        else {
          cache.set(entry)
          expect(cache.get(entry.token)).toBe(entry)
        }
        if (turn % 100 === 99) expect(entries.filter(({ token }) => cache.get(token)).length).toBeLessThanOrEqual(max)
      }
    }
  })

  it('counts what is set again as used', () => {
    const cache = new TokenCache<{ token: string }>(2)
    const [first, second, third] = [entryOf('a', '1'), entryOf('b', '2'), entryOf('c', '3')]
    cache.set(first)
    cache.set(second)
    const again = entryOf('a2', '1')
    cache.set(again)
    cache.set(third)
    expect(cache.get(second.token)).toBeUndefined()
    expect(cache.get(again.token)).toBe(again)
    expect(cache.get(first.token)).toBeUndefined()
  })

  it('remembers nothing where it has no room', () => {
    const cache = new TokenCache<{ token: string }>(0)
    const entry = entryOf('a')
    cache.set(entry)
    expect(cache.get(entry.token)).toBeUndefined()
    cache.set(entry)
    expect(cache.get(entry.token)).toBeUndefined()
  })

  it('stays as small as it is told, over many', () => {
    const cache = new TokenCache<{ token: string }>(3)
    const entries = Array.from({ length: 50 }, (_, index) => entryOf(`t${index}`))
    for (const entry of entries) cache.set(entry)
    expect(entries.map((entry) => cache.get(entry.token) === entry).lastIndexOf(false)).toBe(46)
    expect(entries.filter((entry) => cache.get(entry.token) === entry)).toHaveLength(3)
  })
})

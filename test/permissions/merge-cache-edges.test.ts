import { describe, expect, it } from 'vitest'
import { createMergeCache } from '../../src/permissions/merge-cache.ts'

/** A memory over so many groups, and what it had to merge. */
function setUp(count: number) {
  const names = Array.from({ length: count }, (_, index) => `g${index}`)
  const known = new Map(names.map((name) => [name, { name }]))
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
  return { names, merged, find }
}

describe('the memory of merges', () => {
  it('keeps all that go on from one place', () => {
    const { merged, find } = setUp(4)
    const lists = [['g0'], ['g1'], ['g2'], ['g1', 'g0'], ['g1', 'g2'], ['g1', 'g3'], []]
    for (let round = 0; round < 3; round++) for (const list of lists) find([...list])
    expect(merged).toEqual(['g0', 'g1', 'g2', 'g1+g0', 'g1+g2', 'g1+g3', ''])
  })

  it('has room for 2,048 places, and then begins anew', () => {
    const { names, merged, find } = setUp(2049)
    for (const name of names.slice(0, 2048)) find([name])
    expect(merged).toHaveLength(2048)
    find(['g0'])
    find(['g2047', 'g2047'])
    expect(merged).toHaveLength(2048)
    expect(find(['g2048']).groups.map(({ name }) => name)).toEqual(['g2048'])
    expect(merged).toHaveLength(2049)
    expect(find(['g0']).groups.map(({ name }) => name)).toEqual(['g0'])
    find(['g0'])
    expect(merged).toHaveLength(2050)
  })

  it('cannot be filled by names that nobody has defined, nor by repetition', () => {
    const { merged, find } = setUp(2)
    find(['g0'])
    for (let index = 0; index < 5000; index++) {
      find([`unknown-${index}`, 'g0', `other-${index}`])
      find(Array.from({ length: 3 }, () => 'g0'))
    }
    expect(merged).toEqual(['g0'])
  })

  it('knows frozen lists again, whatever was asked meanwhile', () => {
    const { merged, find } = setUp(3)
    const lists = [['g0'], ['g1'], ['g0', 'g1']].map((list) => Object.freeze(list))
    const first = lists.map((list) => find(list))
    expect(lists.toReversed().map((list) => find(list))).toEqual(first.toReversed())
    expect(lists.map((list, index) => find(list) === first[index])).toEqual([true, true, true])
    expect(merged).toEqual(['g0', 'g1', 'g0+g1'])
  })

  it('takes a hole for no group', () => {
    const { find } = setUp(2)
    const list = ['g0', '', 'g1']
    delete list[1]
    expect(find(list).groups.map(({ name }) => name)).toEqual(['g0', 'g1'])
  })
})

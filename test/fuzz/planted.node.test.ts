import { describe, expect, it } from 'vitest'
import { faults, search } from './planted.ts'

/** Faults that scenarios must find, planted by hand in a copy of the sources; `search` throws where one has lost its place. */
describe('what a scenario must find', () => {
  it('is nothing in the sources as they are', async () => {
    expect(await search(undefined, 1, 100)).toBeUndefined()
  })

  it.each(faults)('$what', async (fault) => {
    expect(await search(fault, 1, 1000)).toMatch(/Counterexample/)
  })
})

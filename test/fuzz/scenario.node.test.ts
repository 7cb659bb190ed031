import fc from 'fast-check'
import { expect, it } from 'vitest'
import { play, scenarios } from './scenario.ts'

/** Set FUZZ_SEED to run a failing seed again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

it('what must pass passes, and what must not does not, whatever happens to keys, clock, maps and cookies', async () => {
  const counts: Record<string, number> = {}
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    for (const [status, count] of Object.entries(await play(scenario))) counts[status] = (counts[status] ?? 0) + count
  })
  await fc.assert(property, { seed, numRuns: 300 })
  for (const status of [200, 401, 403, 503]) expect(counts[status], `seed ${seed}: ${status}`).toBeGreaterThan(20)
})

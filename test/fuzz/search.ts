import process from 'node:process'
import fc from 'fast-check'
import { play, scenarios } from './scenario.ts'

/** Plays scenarios on the sources beside it: `node search.ts <seed> <runs> [shrink]`. Prints what goes wrong, with
 * `shrink` the least of it. */
const [, , seed, runs, shrink] = process.argv
const property = fc.asyncProperty(scenarios, async (scenario) => void (await play(scenario)))
const details = await fc.check(property, {
  seed: Number(seed),
  numRuns: Number(runs),
  endOnFailure: shrink !== 'shrink',
})
if (details.failed) {
  console.log(fc.defaultReportMessage(details))
  process.exitCode = 1
}

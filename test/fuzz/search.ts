import process from 'node:process'
import fc from 'fast-check'
import { play, scenarios } from './scenario.ts'

/** Plays scenarios on the sources beside it: `node search.ts <seed> <runs>`. Prints the least that goes wrong. */
const [, , seed, runs] = process.argv
const property = fc.asyncProperty(scenarios, async (scenario) => void (await play(scenario)))
const details = await fc.check(property, { seed: Number(seed), numRuns: Number(runs) })
if (details.failed) {
  console.log(fc.defaultReportMessage(details))
  process.exitCode = 1
}

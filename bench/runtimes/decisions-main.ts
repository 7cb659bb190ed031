import process from 'node:process'
import type { Case } from '../cases/case.ts'
import { decisionCases } from '../cases/decision-cases.ts'
import { sample } from '../samples.ts'
import { ownClock } from './thread-clock.ts'

const [, , rounds = '', batch = ''] = process.argv
const clock = ownClock()
const cases = await decisionCases()
/** Uses every answer, so that no call can be optimized away. */
let allowed = 0

function repeat(run: Case, operations: number): void {
  for (let index = 0; index < operations; index++) if (run(index)) allowed++
}

async function repeatAsync(run: Case, operations: number): Promise<void> {
  for (let index = 0; index < operations; index++) if (await run(index)) allowed++
}

const samples = await sample(
  Object.keys(cases),
  async (name, operations) => {
    const run = cases[name] ?? (() => false)
    const begun = clock()
    if (name === 'casbin') await repeatAsync(run, operations)
    else repeat(run, operations)
    return clock() - begun
  },
  { rounds: Number(rounds), batch: Number(batch) },
)
if (allowed === 0) throw new Error('Nothing was allowed.')
process.stdout.write(JSON.stringify(samples))

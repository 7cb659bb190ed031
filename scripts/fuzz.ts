import process from 'node:process'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { fuzz } from '../test/fuzz/fuzzer.ts'
import { faults, search } from '../test/fuzz/planted.ts'
import { play, scenarios } from '../test/fuzz/scenario.ts'

const usage = `npm run fuzz [-- --seconds 60] [--seed N] [--planted]

Half of the time it plays random scenarios, in which a model says what has to pass and what must not, and shrinks what goes
wrong; the other half it sends garbage through random guards. It prints the seed, how the requests were answered, and what
should not have happened. Exit code 1 where there is any of that.

  --planted   instead, plants each of ${faults.length} known faults in a copy of the sources, and looks whether it is found`

const numbers = readNumbers()
if (typeof numbers === 'string') {
  console.error(`${numbers}\n\n${usage}`)
  process.exitCode = 2
} else {
  process.exitCode = (await (numbers.planted ? findPlanted(numbers.seed) : look(numbers))) ? 0 : 1
}

async function look({ seconds, seed }: { readonly seconds: number; readonly seed: number }): Promise<boolean> {
  const milliseconds = seconds * 500
  const property = fc.asyncProperty(scenarios, async (scenario) => void (await play(scenario)))
  const limits = { numRuns: 1_000_000, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }
  const played = await fc.check(property, { seed, ...limits })
  console.log(`seed ${seed}: ${played.numRuns} scenarios, ${played.failed ? 'one goes wrong' : 'none goes wrong'}`)
  if (played.failed) console.log(printable(fc.defaultReportMessage(played) ?? ''))

  const end = performance.now() + milliseconds
  const { requests, answers, findings } = await fuzz(seed, () => performance.now() < end)
  console.log(`seed ${seed}: ${requests} requests, ${findings.length} findings`)
  for (const [answer, count] of Object.entries(answers).sort())
    console.log(`${answer.padEnd(24)}${String(count).padStart(9)}`)
  for (const finding of findings) console.log(printable(finding))
  return !played.failed && findings.length === 0
}

async function findPlanted(seed: number): Promise<boolean> {
  let missed = 0
  for (const fault of faults) {
    const found = await search(fault, seed, 1000, 'shrink')
    console.log(
      `${found === undefined ? 'MISSED' : (/after \d+ tests/.exec(found)?.[0] ?? 'found').padEnd(16)}  ${fault.what}`,
    )
    if (found === undefined) missed++
  }
  console.log(`seed ${seed}: ${faults.length - missed} of ${faults.length} planted faults found`)
  return missed === 0
}

function readNumbers(): { readonly seconds: number; readonly seed: number; readonly planted: boolean } | string {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string' },
        seed: { type: 'string' },
        planted: { type: 'boolean', default: false },
      },
    })
    const seconds = Number(values.seconds ?? 60)
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
    if (!(seconds > 0)) return '--seconds: expected a number over 0'
    const isWhole = Number.isInteger(seed) && seed >= 0
    return isWhole ? { seconds, seed, planted: values.planted } : '--seed: expected a whole number, 0 or more'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Findings quote what was sent; a terminal must not obey it. */
function printable(text: string): string {
  return text.replace(/[^\n -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

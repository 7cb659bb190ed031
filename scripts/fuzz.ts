import process from 'node:process'
import { parseArgs } from 'node:util'
import { fuzz } from '../test/fuzz/fuzzer.ts'

const usage = `npm run fuzz [-- --seconds 60] [--seed N]

Sends random requests through random guards and prints the seed, how many there were, how they were answered, and what
should not have happened. Exit code 1 where there is any of that.`

const numbers = readNumbers()
if (typeof numbers === 'string') {
  console.error(`${numbers}\n\n${usage}`)
  process.exitCode = 2
} else {
  const { seconds, seed } = numbers
  const end = performance.now() + seconds * 1000
  const { requests, answers, findings } = await fuzz(seed, () => performance.now() < end)
  console.log(`seed ${seed}: ${requests} requests, ${findings.length} findings`)
  for (const [answer, count] of Object.entries(answers).sort())
    console.log(`${answer.padEnd(24)}${String(count).padStart(9)}`)
  for (const finding of findings) console.log(printable(finding))
  process.exitCode = findings.length === 0 ? 0 : 1
}

function readNumbers(): { readonly seconds: number; readonly seed: number } | string {
  try {
    const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } })
    const seconds = Number(values.seconds ?? 60)
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
    if (!(seconds > 0)) return '--seconds: expected a number over 0'
    return Number.isInteger(seed) && seed >= 0 ? { seconds, seed } : '--seed: expected a whole number, 0 or more'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Findings quote what was sent; a terminal must not obey it. */
function printable(text: string): string {
  return text.replace(/[^\n -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

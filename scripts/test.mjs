import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { judge } from './lib/junit.mjs'
import { run } from './lib/run.mjs'
import { runners } from './lib/runners.mjs'

const wanted = process.argv.slice(2)
const all = runners()
const unknown = wanted.filter((name) => name !== '--list' && !all.some((runner) => runner.name === name))

if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; \`npm test -- --list\` names the runners`)
  process.exitCode = 2
} else if (wanted.includes('--list')) {
  for (const { name, about, skip } of all)
    console.log(`${name.padEnd(16)}${about}${skip ? ` (skipped here: ${skip})` : ''}`)
} else {
  process.exitCode = await testAll(all.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
}

/**
 * @param {import('./lib/runners.mjs').Runner[]} chosen
 * @returns {Promise<number>} the exit code
 */
async function testAll(chosen) {
  const reports = mkdtempSync(join(tmpdir(), 'cognigate-test-'))
  const total = { passed: 0, failed: 0 }
  /** @type {string[]} */
  const skips = []
  try {
    const built = await build()
    line('build', built.seconds, built.ok ? 'dist' : 'FAILED')
    if (!built.ok) {
      total.failed++
      console.log(built.output)
    }
    const left = [...chosen]
    const work = async () => {
      for (let runner = left.shift(); runner; runner = left.shift()) {
        if (runner.skip !== undefined) {
          skips.push(`skipped: ${runner.name}, ${runner.skip}`)
          continue
        }
        const counts = await testOne(runner, join(reports, `${runner.name}.xml`))
        total.passed += counts.passed
        total.failed += counts.failed
        if (counts.skipped > 0) skips.push(`skipped: ${counts.skipped} in ${runner.name}`)
      }
    }
    // Two at a time: each of them has idle moments.
    await Promise.all([work(), work()])
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
  for (const skip of skips) console.log(skip)
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

/**
 * @param {import('./lib/runners.mjs').Runner} runner
 * @param {string} report
 */
async function testOne(runner, report) {
  const outcome = await run(runner.command(report), { env: runner.env ?? {}, limit: 900 })
  const counts = judge(readIfThere(report), outcome.ok)
  line(runner.name, outcome.seconds, `${counts.passed} passed${counts.failed > 0 ? `, ${counts.failed} FAILED` : ''}`)
  if (counts.failed > 0) console.log(`${outcome.output.trimEnd()}\n${runner.name}: ${outcome.ending}`)
  return counts
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * @param {string} name
 * @param {number} seconds
 * @param {string} result
 */
function line(name, seconds, result) {
  console.log(`${name.padEnd(16)}${seconds.toFixed(1).padStart(6)} s  ${result}`)
}

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { checkPackedTypes } from './lib/packed-types.mjs'
import { run } from './lib/run.mjs'
import { root, runtimes, tool } from './lib/runtimes.mjs'

const { node } = runtimes

/** @typedef {{ name: string, start: () => Promise<import('./lib/run.mjs').Outcome>, print?: boolean }} Check */

/**
 * What needs the build and the package. Two run at a time, in this order: the longest first, so that both end together. None of them
 * writes where another reads: the package is packed once, by hand, for npm's own way builds `dist` anew.
 *
 * @type {readonly Check[]}
 */
const checks = [
  { name: 'documents', start: () => run([node, 'scripts/check-docs.mjs']) },
  { name: 'types packed, oldest', start: () => checkPackedTypes('typescript57', tarball) },
  { name: 'docs site', start: () => docsSite() },
  { name: 'types packed, 5.9', start: () => checkPackedTypes('typescript59', tarball) },
  { name: 'attw', start: () => run([tool('attw'), tarball, '--profile', 'esm-only', '--no-emoji']) },
  { name: 'sizes', start: () => run([node, 'scripts/check-sizes.mjs']), print: true },
  { name: 'types of tests, scripts', start: () => types('tsconfig.test.json') },
  { name: 'types of browser tests', start: () => types('tsconfig.browser.json') },
  { name: 'lint and format', start: () => run([tool('biome'), 'ci', '--colors=off', '--error-on-warnings']) },
  { name: 'types packed, newest', start: () => checkPackedTypes('typescript', tarball) },
  { name: 'types on Workers', start: () => types('tsconfig.workers.json') },
  { name: 'JSR dry run', start: () => run([runtimes.deno, 'publish', '--dry-run', '--allow-dirty']) },
  { name: 'unused code', start: () => run([tool('knip'), '--no-progress']) },
  { name: 'wrangler dry run', start: () => deployDryRun() },
  { name: 'types of src, adapters', start: () => types('tsconfig.json') },
  { name: 'types of the server, cli', start: () => types('tsconfig.node.json') },
  { name: 'types of type tests', start: () => types('tsconfig.types.json') },
  { name: 'types of the page', start: () => types('tsconfig.page.json') },
  { name: 'types on Bun', start: () => types('tsconfig.bun.json') },
  { name: 'types on Deno', start: () => denoCheck('examples/deno.ts') },
  { name: 'publint', start: () => run([tool('publint'), 'run', tarball, '--strict']) },
  { name: 'publint of create', start: () => run([tool('publint'), 'run', '--strict', 'create']) },
  { name: 'first answer', start: () => run([node, 'scripts/check-first-answer.mjs']), print: true },
]
const folder = mkdtempSync(join(tmpdir(), 'cognigate-check-'))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const tarball = join(folder, `cognigate-${version}.tgz`)

let wrong = 0
try {
  await judge({ name: 'build', start: build })
  const pack = ['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  await judge({ name: 'package', start: () => run(pack) })
  const left = [...checks]
  const work = async () => {
    for (let check = left.shift(); check; check = left.shift()) await judge(check)
  }
  await Promise.all([work(), work()])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(wrong === 0 ? 'all checks are clean' : `${wrong} of ${checks.length + 2} checks are not clean`)
process.exitCode = wrong === 0 ? 0 : 1

/**
 * Runs a check to its end, and then prints what it says, so that two at a time can be read.
 *
 * @param {Check} check
 */
async function judge({ name, start, print = false }) {
  const { ok, ending, output, seconds } = await start()
  console.log(`${name.padEnd(24)}${seconds.toFixed(1).padStart(5)} s  ${ok ? 'ok' : `WRONG: ${ending}`}`)
  if (!ok || print) console.log(output.trimEnd())
  if (!ok) wrong++
}

/** @param {string} project */
function types(project) {
  return run([node, `${root}/node_modules/typescript/bin/tsc`, '-p', project])
}

/** Builds the site of the documents. Its packages have a lock file of their own, and are installed here the first time. */
async function docsSite() {
  const cwd = `${root}/docs`
  const installed = existsSync(`${cwd}/node_modules`) ? undefined : await run(['npm', 'ci'], { cwd })
  return installed?.ok === false ? installed : run(['npm', 'run', 'build'], { cwd })
}

/** Bundles the worker of wrangler.toml as a deployment would, and sends nothing. */
function deployDryRun() {
  return run([tool('wrangler'), 'deploy', '--dry-run'], {
    env: { WRANGLER_SEND_METRICS: 'false', CI: 'true' },
  })
}

/**
 * Type-checks an example by Deno, against the built package as an application has it: in `node_modules`. By its own name
 * from within the checkout, Deno would read the JavaScript of `dist` and no types.
 *
 * @param {string} example path from the checkout's root
 */
async function denoCheck(example) {
  const folder = mkdtempSync(join(tmpdir(), 'cognigate-deno-'))
  try {
    const installed = join(folder, 'node_modules', 'cognigate')
    cpSync(`${root}/dist`, join(installed, 'dist'), { recursive: true })
    cpSync(`${root}/package.json`, join(installed, 'package.json'))
    cpSync(`${root}/${example}`, join(folder, 'example.ts'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: { cognigate: '*' } }))
    return await run([runtimes.deno, 'check', 'example.ts'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

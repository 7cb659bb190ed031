import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { checkPackedTypes } from './lib/packed-types.mjs'
import { run } from './lib/run.mjs'
import { root, runtimes, tool } from './lib/runtimes.mjs'

const { node } = runtimes

/** @type {readonly { name: string, start: () => Promise<import('./lib/run.mjs').Outcome>, print?: boolean }[]} */
const checks = [
  { name: 'build', start: build },
  { name: 'types of src, adapters', start: () => types('tsconfig.json') },
  { name: 'types of the server, cli', start: () => types('tsconfig.node.json') },
  { name: 'types of tests, scripts', start: () => types('tsconfig.test.json') },
  { name: 'types of type tests', start: () => types('tsconfig.types.json') },
  { name: 'types of browser tests', start: () => types('tsconfig.browser.json') },
  { name: 'types of the page', start: () => types('tsconfig.page.json') },
  { name: 'types on Workers', start: () => types('tsconfig.workers.json') },
  { name: 'types on Bun', start: () => types('tsconfig.bun.json') },
  { name: 'types on Deno', start: () => denoCheck('examples/deno.ts') },
  { name: 'types packed, oldest', start: () => checkPackedTypes('typescript57') },
  { name: 'types packed, 5.9', start: () => checkPackedTypes('typescript59') },
  { name: 'types packed, newest', start: () => checkPackedTypes('typescript') },
  { name: 'documents', start: () => run([node, 'scripts/check-docs.mjs']) },
  { name: 'docs site', start: () => docsSite() },
  { name: 'lint and format', start: () => run([tool('biome'), 'ci', '--colors=off', '--error-on-warnings']) },
  { name: 'unused code', start: () => run([tool('knip'), '--no-progress']) },
  { name: 'publint', start: () => run([tool('publint'), 'run', '--strict']) },
  { name: 'publint of create', start: () => run([tool('publint'), 'run', '--strict', 'create']) },
  { name: 'attw', start: () => run([tool('attw'), '--pack', '.', '--profile', 'esm-only', '--no-emoji']) },
  { name: 'JSR dry run', start: () => run([runtimes.deno, 'publish', '--dry-run', '--allow-dirty']) },
  { name: 'sizes', start: () => run([node, 'scripts/check-sizes.mjs']), print: true },
  { name: 'first answer', start: () => run([node, 'scripts/check-first-answer.mjs']), print: true },
  { name: 'wrangler dry run', start: () => deployDryRun() },
]

let wrong = 0
for (const { name, start, print = false } of checks) {
  const { ok, ending, output, seconds } = await start()
  console.log(`${name.padEnd(24)}${seconds.toFixed(1).padStart(5)} s  ${ok ? 'ok' : `WRONG: ${ending}`}`)
  if (!ok || print) console.log(output.trimEnd())
  if (!ok) wrong++
}
console.log(wrong === 0 ? 'all checks are clean' : `${wrong} of ${checks.length} checks are not clean`)
process.exitCode = wrong === 0 ? 0 : 1

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

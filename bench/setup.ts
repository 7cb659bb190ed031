import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from '../scripts/lib/build.mjs'
import { run } from '../scripts/lib/run.mjs'
import { root } from '../scripts/lib/runtimes.mjs'

const modules = `${root}/bench/node_modules`

/** Where the measured build of the package is, apart from `dist`, which others may be building. */
export const buildFolder = process.env.BENCH_BUILD ?? `${modules}/.build`

/** What peers have in other versions: here they are as above, for ours and for the comparisons with them. */
const shared = ['aws-jwt-verify', 'hono', 'oauth4webapi']

/** Installs the peers where they are missing, and builds the package. */
export async function setUp(report: (line: string) => void): Promise<void> {
  if (!existsSync(`${modules}/.package-lock.json`)) {
    report('First use: installing the peers of bench/package.json with `npm ci` in bench/ …')
    await must(['npm', 'ci'], `${root}/bench`)
  }
  for (const name of shared) {
    const [here, above] = [`${modules}/${name}`, `${root}/node_modules/${name}`].map(versionAt)
    if (here !== above)
      throw new Error(`bench/package.json: expected ${name} ${above}, as in package.json, not ${here}.`)
  }
  if (process.env.BENCH_BUILD !== undefined) return
  report('Building the package …')
  const { ok, ending, output } = await build(buildFolder)
  if (!ok) throw new Error(`The build: ${ending}\n${output}`)
  // What bundlers are told of the package.
  writeFileSync(`${buildFolder}/package.json`, JSON.stringify({ type: 'module', sideEffects: false }))
}

/** The version of an installed package. */
export function versionOf(name: string): string {
  const folder = [modules, `${root}/node_modules`].map((all) => `${all}/${name}`).find((path) => existsSync(path))
  return versionAt(folder ?? root)
}

function versionAt(folder: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  return version
}

async function must(command: readonly string[], cwd: string): Promise<void> {
  const { ok, ending, output } = await run(command, { cwd })
  if (!ok) throw new Error(`${command.join(' ')}: ${ending}\n${output}`)
}

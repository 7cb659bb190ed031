import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/**
 * Builds the package into `dist` from nothing: by tsc alone, and the JSON Schema copied beside. A build that fails leaves
 * the `dist` before it as it was, and one that does not takes its place at once, so that whoever reads it meanwhile finds
 * a whole one.
 */
export async function build() {
  const folder = mkdtempSync(`${root}/.dist-`)
  try {
    const tsc = `${root}/node_modules/typescript/bin/tsc`
    const outcome = await run([runtimes.node, tsc, '-p', 'tsconfig.build.json', '--outDir', `${folder}/dist`])
    if (outcome.ok) {
      copyFileSync(`${root}/src/groups/groups.schema.json`, `${folder}/dist/groups.schema.json`)
      rmSync(`${root}/dist`, { recursive: true, force: true })
      renameSync(`${folder}/dist`, `${root}/dist`)
    }
    return outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { bundleCommandLine } from './command-line.mjs'
import { makeEager } from './eager.mjs'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/**
 * Builds the package into `dist`, or another folder beside it, from nothing: by tsc, the functions of a first answer made
 * eager, the command line bundled, and the JSON Schemas copied beside. A build that fails leaves the folder before it as it was, and one that does not
 * takes its place at once, so that whoever reads it meanwhile finds a whole one. It is built as deep in the checkout as it will
 * stand, since the declaration maps name the sources by relative paths.
 *
 * @param {string} target
 */
export async function build(target = `${root}/dist`) {
  const folder = mkdtempSync(`${root}/.dist-`)
  try {
    chmodSync(folder, 0o755)
    const outcome = await buildInto(folder)
    if (outcome.ok) {
      rmSync(target, { recursive: true, force: true })
      renameSync(folder, target)
    }
    return outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} folder
 * @returns {Promise<import('./run.mjs').Outcome>}
 */
async function buildInto(folder) {
  const tsc = `${root}/node_modules/typescript/bin/tsc`
  const compiled = await run([runtimes.node, tsc, '-p', 'tsconfig.build.json', '--outDir', folder])
  if (!compiled.ok) return compiled
  copyFileSync(`${root}/src/permissions/groups.schema.json`, `${folder}/groups.schema.json`)
  copyFileSync(`${root}/src/provision/definitions/definitions.schema.json`, `${folder}/definitions.schema.json`)
  copyFileSync(`${root}/src/local/options/seed.schema.json`, `${folder}/seed.schema.json`)
  try {
    await bundleCommandLine(folder)
    await makeEager(folder)
  } catch (error) {
    return {
      ...compiled,
      ok: false,
      ending: 'no first answer',
      output: `${error instanceof Error ? error.message : error}\n`,
    }
  }
  const loaded = await run([runtimes.node, '--input-type=module', '-e', entries(folder)])
  return { ...loaded, seconds: compiled.seconds + loaded.seconds }
}

/**
 * A program that loads every subpath: a function used while a module is loaded, before its constant is there, shows here.
 *
 * @param {string} folder
 */
function entries(folder) {
  /** @type {Record<string, { default: string } | string>} */
  const subpaths = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).exports
  return Object.values(subpaths)
    .flatMap((target) => (typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist/, folder)]))
    .map((path) => `import ${JSON.stringify(path)}`)
    .join('\n')
}

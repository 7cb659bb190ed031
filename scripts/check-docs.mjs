import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { marks, modulesOf } from './lib/code-blocks.mjs'
import { run } from './lib/run.mjs'
import { filesBelow, root, runtimes } from './lib/runtimes.mjs'

/** Compiles every TypeScript block of the documents, decisions aside, under `strict` and against the built package. */

/** Global types by what a block calls them. @type {Record<string, readonly string[]>} */
const typeSets = { node: ['node'], workers: ['@cloudflare/workers-types'], bun: ['bun'] }

const compilerOptions = {
  ...{ target: 'es2023', module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2023'], moduleDetection: 'force' },
  ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
  // As Deno names packages.
  paths: {
    'npm:cognigate': [`${root}/dist/src/index.d.ts`],
    'npm:cognigate/fetch': [`${root}/dist/adapters/fetch/index.d.ts`],
  },
}

const documents = ['README.md', 'SECURITY.md', ...filesBelow('docs', ['.md'])]
  .filter((path) => !path.startsWith('docs/decisions/'))
  .map((path) => ({ path, modules: modulesOf(readFileSync(`${root}/${path}`, 'utf8')) }))
const folder = mkdtempSync(`${root}/.docs-`)
/** @type {string[]} */
const faults = []
try {
  for (const { path, modules } of documents) {
    for (const { name, types, line, text } of modules) {
      if (typeSets[types] === undefined) faults.push(`${path}(${line}): no types are called ${types}`)
      const file = `${folder}/${types}/${path}/${name}`
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
  for (const [name, types] of Object.entries(typeSets)) {
    if (!documents.some(({ modules }) => modules.some((module) => module.types === name))) continue
    const tsconfig = { compilerOptions: { ...compilerOptions, types }, include: ['.'] }
    writeFileSync(`${folder}/${name}/tsconfig.json`, JSON.stringify(tsconfig))
    const tsc = [runtimes.node, `${root}/node_modules/typescript/bin/tsc`, '--pretty', 'false', '-p', '.']
    const { ok, output } = await run(tsc, { cwd: `${folder}/${name}` })
    // The lines of a block are those of its document.
    if (!ok) faults.push(output.trimEnd().replace(/^(\S+\.md)\/[^/(]+\(/gm, '$1('))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const fault of faults) console.log(fault)
if (faults.length > 0) console.log(`\n${marks}`)
const count = documents.reduce((sum, { modules }) => sum + modules.length, 0)
console.log(`${count} examples of ${documents.length} documents`)
process.exitCode = faults.length === 0 ? 0 : 1

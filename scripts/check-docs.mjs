import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  examplesOf,
  frameworks,
  hasFrameworks,
  makeFolder,
  marks,
  packageExports,
  readBlocks,
  withComparisons,
  writeModules,
} from './lib/code-blocks.mjs'
import { run } from './lib/run.mjs'
import { filesBelow, root, runtimes } from './lib/runtimes.mjs'

/**
 * Compiles every TypeScript block of the documents, decisions aside, under `strict` and against the built package; runs those
 * that say what comes out, and compares.
 */

/** Compiler options by what a block calls its kind. @type {Record<string, object>} */
const kinds = {
  node: { types: ['node'] },
  workers: { types: ['@cloudflare/workers-types'] },
  bun: { types: ['bun'] },
  examples: { types: ['node'] },
  bundler: { types: ['node'], lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx' },
}

const compilerOptions = {
  ...{ target: 'es2023', module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2023'], moduleDetection: 'force' },
  ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
  paths: {
    // As Deno names packages.
    'npm:cognigate': [`${root}/dist/src/index.d.ts`],
    'npm:cognigate/fetch': [`${root}/dist/adapters/fetch/index.d.ts`],
    // One Hono for the adapter and for what stands on Hono.
    hono: [`${root}/node_modules/hono/dist/types/index.d.ts`],
    'hono/*': [`${root}/node_modules/hono/dist/types/*`],
  },
}

const documents = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...filesBelow('docs', ['.md'])]
  .filter((path) => !/^docs\/(decisions|node_modules|\.vitepress)\//.test(path))
  .map((path) => ({ path, ...readBlocks(`${root}/${path}`) }))
const folder = makeFolder()
/** @type {string[]} */
const faults = []
const exported = packageExports()
const counts = { compiled: 0, examples: 0, run: 0, compared: 0 }
try {
  for (const { path, modules } of documents) {
    if (!hasFrameworks && modules.some(({ text }) => needsFramework(text))) {
      console.log(`skipped: ${path} needs docs/node_modules (cd docs && npm ci)`)
      continue
    }
    counts.compiled += modules.length
    for (const module of modules) {
      if (kinds[module.types] === undefined) faults.push(`${path}(${module.line}): no kind is called ${module.types}`)
      writeModules(`${folder}/${module.types}/${path}`, [module])
    }
  }
  for (const path of filesBelow('src', ['.ts']).concat(filesBelow('adapters', ['.ts']))) {
    if (path.startsWith('src/internal/')) continue
    const examples = examplesOf(readFileSync(`${root}/${path}`, 'utf8'), exported)
    counts.examples += examples.length
    writeModules(`${folder}/examples/${path}`, examples)
  }
  copyFileSync(`${root}/scripts/lib/code-blocks-names.d.ts`, `${folder}/examples/names.d.ts`)
  for (const [name, options] of Object.entries(kinds)) {
    if (!existsSync(`${folder}/${name}`)) continue
    const tsconfig = { compilerOptions: { ...compilerOptions, ...options }, include: ['.'] }
    writeFileSync(`${folder}/${name}/tsconfig.json`, JSON.stringify(tsconfig))
    const tsc = [runtimes.node, `${root}/node_modules/typescript/bin/tsc`, '--pretty', 'false', '-p', '.']
    const { ok, output } = await run(tsc, { cwd: `${folder}/${name}` })
    // The lines of a block are those of its document.
    if (!ok) faults.push(output.trimEnd().replace(/^(\S+\.(?:md|ts))\/[^(\n]+\(/gm, '$1('))
  }
  for (const document of documents) await compare(document)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const fault of faults) console.log(fault)
if (faults.length > 0) console.log(`\n${marks}`)
const { compiled, examples, run: ran, compared } = counts
console.log(
  `${documents.length} documents: ${compiled} blocks compiled, ${ran} of them run, ${compared} results compared; ${examples} examples of doc comments compiled`,
)
process.exitCode = faults.length === 0 ? 0 : 1

/** Runs the modules of a document that say so, and its commands, and compares what comes out. @param {typeof documents[number]} document */
async function compare({ path, modules, outputs }) {
  /** @type {Map<string | undefined, string>} */
  const printed = new Map()
  for (const module of modules) {
    if (!module.isRun) continue
    const { text, count } = withComparisons(module.text)
    const place = `${folder}/run/${path}`
    writeModules(
      place,
      modules.map((one) => (one === module ? { ...one, text } : one)),
    )
    const { ok, output } = await run([runtimes.node, `${place}/${module.name}`])
    printed.set(module.name, output)
    counts.run++
    counts.compared += count
    if (!ok) faults.push(`${path}: ${output.trimEnd().split('\n').slice(0, 12).join('\n  ')}`)
  }
  for (const { command, module, text, line } of outputs) {
    const output = command === '' ? printed.get(module) : (await run(['sh', '-c', command])).output
    counts.compared++
    if (output === undefined) faults.push(`${path}(${line}): the block before this output is not run`)
    else if (output.trimEnd() !== text.trimEnd())
      faults.push(`${path}(${line}): what is printed is\n${output.trimEnd()}`)
  }
}

/** @param {string} text */
function needsFramework(text) {
  return [...text.matchAll(/from '([^']+)'/g)].some(([, name = '']) =>
    frameworks.some((framework) => name === framework || name.startsWith(`${framework}/`)),
  )
}

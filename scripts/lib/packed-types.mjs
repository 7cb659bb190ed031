import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/** Where an application runs: its global types, and how its bundler or runtime finds packages. */
const places = [
  { lib: ['es2023', 'webworker'], types: [], module: 'nodenext', moduleResolution: 'nodenext' },
  { lib: ['es2023', 'webworker'], types: [], module: 'esnext', moduleResolution: 'bundler' },
  { lib: ['es2023'], types: ['node'], module: 'nodenext', moduleResolution: 'nodenext' },
  { lib: ['es2023'], types: ['@cloudflare/workers-types'], module: 'esnext', moduleResolution: 'bundler' },
]

/** What applications have beside the package, and what the package brings along. */
const neighbours = [
  ...['hono', '@types/node', 'undici-types', '@cloudflare/workers-types'],
  ...['jose', 'aws4fetch', '@rgrove/parse-xml'],
]

/**
 * Compiles `test/runtimes/package/types` against the package as `npm pack` has made it of `dist`, at one version of TypeScript,
 * with all declarations checked. What must not compile has to be an error that says what is marked.
 *
 * @param {string} typescript the folder of the version in `node_modules`
 * @param {string} tarball the package
 * @returns {Promise<import('./run.mjs').Outcome>}
 */
export async function checkPackedTypes(typescript, tarball) {
  const begun = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'cognigate-types-'))
  /** @type {string[]} */
  const faults = []
  try {
    const installed = join(folder, 'node_modules', 'cognigate')
    mkdirSync(installed, { recursive: true })
    await must(['tar', '-xzf', tarball, '--strip-components=1', '-C', installed], folder)
    for (const name of neighbours) {
      mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
      symlinkSync(`${root}/node_modules/${name}`, join(folder, 'node_modules', name))
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    for (const name of ['uses.ts', 'misuses.ts']) writeFileSync(join(folder, name), fixture(name))
    const wanted = marksOf(fixture('misuses.ts'))
    const compile = async (/** @type {(typeof places)[number]} */ place) => {
      const name = `${(place.types[0] ?? 'webworker').replace(/\W+/g, '')}-${place.moduleResolution}`
      const compilerOptions = { target: 'es2023', strict: true, noEmit: true, skipLibCheck: false, ...place }
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
      const tsc = `${root}/node_modules/${typescript}/bin/tsc`
      const { output } = await run([runtimes.node, tsc, '-p', `${name}.json`, '--pretty', 'false'], { cwd: folder })
      faults.push(...differences(output, wanted).map((fault) => `${name}: ${fault}`))
    }
    const left = [...places]
    const work = async () => {
      for (let place = left.shift(); place; place = left.shift()) await compile(place)
    }
    await Promise.all([work(), work()])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const ok = faults.length === 0
  const ending = ok ? '' : `${faults.length} differences from what has to be said`
  return { ok, ending, output: faults.join('\n'), seconds: (performance.now() - begun) / 1000 }
}

/** @param {string} name */
function fixture(name) {
  return readFileSync(`${root}/test/runtimes/package/types/${name}`, 'utf8')
}

/**
 * By line, what the compiler has to say of it.
 *
 * @param {string} text
 * @returns {Map<number, string>}
 */
function marksOf(text) {
  const marks = text
    .split('\n')
    .map((line, index) => /** @type {const} */ ([index + 1, line.split(/(?<=\)) \/\/ /)[1]]))
  return new Map(marks.flatMap(([line, mark]) => (mark === undefined ? [] : [[line, mark]])))
}

/**
 * @param {string} output of tsc
 * @param {ReadonlyMap<number, string>} wanted
 * @returns {string[]}
 */
function differences(output, wanted) {
  const left = new Map(wanted)
  /** @type {string[]} */
  const faults = []
  // What is indented belongs to the error above.
  for (const error of output.split(/\n(?! )/)) {
    if (error.trim() === '') continue
    const line = Number(/^misuses\.ts\((\d+),/.exec(error)?.[1])
    if (error.includes(wanted.get(line) ?? '\0')) left.delete(line)
    else faults.push(error)
  }
  return [...faults, ...[...left].map(([line, mark]) => `misuses.ts(${line}): no error with: ${mark}`)]
}

/**
 * @param {readonly string[]} command
 * @param {string} cwd
 */
async function must(command, cwd) {
  const { ok, ending, output } = await run(command, { cwd })
  if (!ok) throw new Error(`${command.join(' ')}: ${ending}\n${output}`)
}

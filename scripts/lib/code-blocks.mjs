import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './runtimes.mjs'

/** The frameworks of the recipes. They are installed in `docs` alone, so that installing the rest stays light. */
export const frameworks = Object.keys(JSON.parse(readFileSync(`${root}/docs/package.json`, 'utf8')).devDependencies)
export const hasFrameworks = existsSync(`${root}/docs/node_modules`)

/**
 * @typedef {object} Module the TypeScript of a document that belongs together
 * @property {string} name of its file
 * @property {string} types the kind of program that it is: `node` by default
 * @property {string} text with every line where it stands in the document
 * @property {number} line of its first block
 * @property {boolean} isRun whether it is run, and what its comments say compared
 */

/**
 * @typedef {object} Output what a document says is printed
 * @property {string} command that prints it, or nothing for the module before it
 * @property {string | undefined} module the name of that module
 * @property {string} text
 * @property {number} line
 */

/** What a document may say to the check, for the message of a fault. */
export const marks = `HTML comments right before a block say what it needs, and nobody sees them on the page:
  <!-- before: declare const userPoolId: string -->   code above the block, over as many lines as it takes
  <!-- continues -->                                  the block goes on where the one before it ended
  <!-- file: definitions.ts -->                       other blocks of the page import it by this name
  <!-- types: workers -->                             global types: node (as if not said), workers, bun, bundler
  <!-- run -->                                        it is run; \`expression // value\` lines are compared
  <!-- output -->                                     the block is what the module before it prints
  <!-- output: node examples/x.ts -->                 the block is what the command prints`

/**
 * The TypeScript code blocks of a Markdown document as modules. Code stays on its line, so that the compiler names the lines of
 * the document.
 *
 * @param {string} markdown
 * @returns {Module[]}
 */
export function modulesOf(markdown) {
  return blocksOf(markdown).modules
}

/**
 * The modules of a document, and what it says is printed.
 *
 * @param {string} markdown
 * @returns {{ modules: Module[], outputs: Output[] }}
 */
export function blocksOf(markdown) {
  const lines = markdown.split('\n')
  /** @type {(Omit<Module, 'text'> & { lines: string[] })[]} */
  const modules = []
  /** @type {Output[]} */
  const outputs = []
  for (const { language, from, to } of fences(lines)) {
    const comments = commentsBefore(lines, from - 1)
    const find = (/** @type {string} */ name) => comments.find((comment) => comment.name === name)
    const output = find('output')
    if (output) {
      const text = lines.slice(from + 1, to).join('\n')
      outputs.push({ command: output.text.trim(), module: modules.at(-1)?.name, text, line: from + 1 })
      continue
    }
    const extension = { ts: 'ts', typescript: 'ts', tsx: 'tsx' }[language]
    if (extension === undefined) continue
    let module = find('continues') && modules.at(-1)
    if (module === undefined) {
      const [file, types] = [find('file'), find('types')]
      const name = file?.text.trim() ?? `block-${from + 1}.${extension}`
      module = { name, types: types?.text.trim() ?? 'node', line: from + 1, isRun: false, lines: lines.map(() => '') }
      modules.push(module)
    }
    if (find('run')) module.isRun = true
    for (const { name, text, line } of comments) {
      if (name === 'before') for (const [at, part] of text.split('\n').entries()) module.lines[line + at] = part
    }
    for (let at = from + 1; at < to; at++) module.lines[at] = lines[at] ?? ''
  }
  return {
    modules: modules.map(({ lines: own, ...rest }) => ({ ...rest, text: `${own.join('\n')}\nexport {}\n` })),
    outputs,
  }
}

/**
 * A module that compares what its comments say: `groups.can(memberOf, 'posts.read') // true`. Text behind a colon explains.
 *
 * @param {string} text
 */
export function withComparisons(text) {
  const value = String.raw`true|false|undefined|-?\d[\d_.]*|'[^']*'|\[.*\]|\{.*\}`
  const line = new RegExp(String.raw`^(?!const |let |import |export |//|[\s})])(.+?);?\s+// (${value})(?:[:,;] .*)?$`)
  const lines = text.split('\n').map((code, at) => {
    const [, expression, expected] = line.exec(code) ?? []
    return expression === undefined ? code : `compare(${at + 1}, ${expression}, ${expected});`
  })
  const count = lines.filter((code) => code.startsWith('compare(')).length
  return { text: `${lines.join('\n')}\nimport assert from 'node:assert/strict'\n${compare}`, count }
}

/** In the module that is run: says which line of the document is wrong, and goes on. */
const compare = `function compare(line: number, actual: unknown, expected: unknown) {
  try {
    assert.deepEqual(actual, expected)
  } catch (error) {
    console.error(line + ': ' + (error as Error).message)
    process.exitCode = 1
  }
}
`

/** A new folder in this checkout, from which modules can import the package itself, what is installed here, and the frameworks. */
export function makeFolder() {
  const folder = mkdtempSync(`${root}/.docs-`)
  for (const name of hasFrameworks ? frameworks : []) {
    const link = `${folder}/node_modules/${name}`
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(`${root}/docs/node_modules/${name}`, link)
  }
  return folder
}

/**
 * Writes modules of one document into a folder, under the names that they import each other by.
 *
 * @param {string} folder
 * @param {readonly Module[]} modules
 */
export function writeModules(folder, modules) {
  for (const { name, text } of modules) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** @param {string} path @returns {{ modules: Module[], outputs: Output[] }} */
export function readBlocks(path) {
  return blocksOf(readFileSync(path, 'utf8'))
}

/** @param {readonly string[]} lines */
function* fences(lines) {
  for (let from = 0; from < lines.length; from++) {
    const [, indent = '', fence, language = ''] = /^( *)(`{3,})\s*(\w*)/.exec(lines[from] ?? '') ?? []
    if (fence === undefined) continue
    let to = from + 1
    while (to < lines.length && lines[to] !== `${indent}${fence}`) to++
    yield { language, from, to }
    from = to
  }
}

/**
 * The comments that end on the line before a block, empty lines aside.
 *
 * @param {readonly string[]} lines
 * @param {number} last
 */
function commentsBefore(lines, last) {
  /** @type {{ name: string, text: string, line: number }[]} */
  const comments = []
  for (let end = last; end >= 0; end--) {
    if (lines[end] === '') continue
    if (!lines[end]?.endsWith('-->')) break
    let start = end
    while (start >= 0 && !lines[start]?.startsWith('<!--')) start--
    const comment = lines.slice(start, end + 1).join('\n')
    const [, name = '', text = ''] = /^<!--\s*(\w+):?([\s\S]*?)-->$/.exec(comment) ?? []
    comments.unshift({ name, text, line: start })
    end = start
  }
  return comments
}

/**
 * The `@example`s of a source file as modules, on the lines where they stand in it.
 *
 * @param {string} source
 * @param {ReadonlyMap<string, string>} exports the package's names, and where each is imported from
 * @returns {Module[]}
 */
export function examplesOf(source, exports) {
  const lines = source.split('\n')
  /** @type {Module[]} */
  const modules = []
  for (const [at, line] of lines.entries()) {
    if (!/^\s*\* @example$/.test(line) || !/^\s*\* ```ts$/.test(lines[at + 1] ?? '')) continue
    const own = lines.map(() => '')
    for (let to = at + 2; to < lines.length && !/^\s*\* ```$/.test(lines[to] ?? ''); to++) {
      own[to] = (lines[to] ?? '').replace(/^\s*\* ?/, '')
    }
    const code = own.join('\n')
    const isNamed = (/** @type {string} */ name) =>
      new RegExp(String.raw`\b(?:const|let|function|class|interface) ${name}\b|import [^']*\b${name}\b[^']* from`).test(
        code,
      )
    const names = new Set([...code.matchAll(/(?<![.\w'-])([A-Za-z]\w+)\b(?!['-])/g)].map(([, name = '']) => name))
    const imports = [...names].flatMap((name) => {
      const from = isNamed(name) ? undefined : exports.get(name)
      return from === undefined ? [] : [`import { ${name} } from '${from}'`]
    })
    own[at] = imports.join('; ')
    const text = `${own.join('\n')}\nexport {}\n`
    modules.push({ name: `example-${at + 1}.ts`, types: 'examples', line: at + 1, isRun: false, text })
  }
  return modules
}

/** The names that a built package exports, and the subpath of each; the first of several. */
export function packageExports() {
  const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  /** @type {Map<string, string>} */
  const found = new Map()
  for (const [subpath, { types }] of Object.entries(exports)) {
    if (types === undefined) continue
    const text = readFileSync(`${root}/${types}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    const declared = [...text.matchAll(/export (?:declare )?(?:function|const|class|interface|type) (\w+)/g)]
    const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      ),
    )
    for (const name of [...declared.map(([, name = '']) => name), ...listed]) {
      if (name !== '' && !found.has(name)) found.set(name, `cognigate${subpath.slice(1)}`)
    }
  }
  return found
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'acorn'
import { ancestor } from 'acorn-walk'
import MagicString from 'magic-string'
import { run } from './run.mjs'
import { root, runtimes } from './runtimes.mjs'

/**
 * @typedef {object} Compilation what V8 did with the functions of one file
 * @property {string} path
 * @property {ReadonlySet<number>} ran where the functions end that were compiled
 * @property {number} lazy how many of them were parsed once more, when they were first called
 */

/**
 * Puts every function of a build that runs for a first answer into parentheses, so that V8 compiles it while it reads the
 * module: most of a first answer in a fresh isolate is functions that run for the first time.
 *
 * @param {string} folder of the build, with `src` and `adapters` in it
 * @returns {Promise<number>} how many functions
 */
export async function makeEager(folder) {
  let wrapped = 0
  for (const { path, ran } of await compilations(folder, 'all')) {
    const text = readFileSync(path, 'utf8')
    const { code, count } = inParentheses(text, ran)
    if (count > 0) writeFileSync(path, code)
    wrapped += count
  }
  if (wrapped === 0) throw new Error('No function of the build ran for a first answer.')
  return wrapped
}

/**
 * The functions of a build that V8 compiles only when a first answer calls them. The number does not depend on the machine.
 *
 * @param {string} folder
 * @returns {Promise<number>}
 */
export async function countLazy(folder) {
  return (await compilations(folder, 'static')).reduce((sum, { lazy }) => sum + lazy, 0)
}

/**
 * The text with the functions that end at one of `ends` in parentheses. What cannot stand there, methods, and generators stay.
 *
 * @param {string} text of a module
 * @param {ReadonlySet<number>} ends
 */
export function inParentheses(text, ends) {
  const output = new MagicString(text)
  let count = 0
  /** @param {import('acorn').Node & { generator?: boolean }} node */
  const isHot = (node) => ends.has(node.end) && !node.generator
  /** @param {import('acorn').Node} node */
  const wrap = (node) => {
    output.appendRight(node.start, '(').appendLeft(node.end, ')')
    count++
  }
  ancestor(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), {
    FunctionDeclaration(node, _state, ancestors) {
      const [parent, outer] = [ancestors.at(-2), ancestors.at(-3)]
      const within = parent?.type === 'BlockStatement' && /Function/.test(outer?.type ?? '') ? parent : undefined
      if (
        !isHot(node) ||
        !node.id ||
        (!within && parent?.type !== 'Program' && parent?.type !== 'ExportNamedDeclaration')
      )
        return
      // A constant is not hoisted. Within a function it goes to the top; that no module misses one while it is loaded, the
      // build finds out by loading them all.
      const start = `${within ? '\n' : ''}const ${node.id.name} = (${node.async ? 'async ' : ''}function`
      output.overwrite(node.start, node.id.end, start)
      output.appendLeft(node.end, ');')
      if (within) output.move(node.start, node.end, within.start + 1)
      count++
    },
    FunctionExpression(node, _state, ancestors) {
      const parent = /** @type {{ type: string, method?: boolean, kind?: string } | undefined} */ (ancestors.at(-2))
      const isMember = parent?.type === 'MethodDefinition' || parent?.method || /^[gs]et$/.test(parent?.kind ?? '')
      if (isHot(node) && !isMember) wrap(node)
    },
    ArrowFunctionExpression(node) {
      if (isHot(node)) wrap(node)
    },
  })
  return { code: output.toString(), count }
}

/**
 * What V8 compiles of a build for its first answers.
 *
 * @param {string} folder
 * @param {'import' | 'static' | 'all'} what
 * @returns {Promise<Compilation[]>}
 */
async function compilations(folder, what) {
  const logs = mkdtempSync(join(tmpdir(), 'cognigate-eager-'))
  const log = join(logs, 'v8.log')
  try {
    const flags = ['--log-function-events', `--logfile=${log}`, '--no-logfile-per-isolate']
    const { ok, ending, output } = await run([
      ...[runtimes.node, ...flags, `${root}/scripts/lib/first-answer.mjs`, folder, what],
    ])
    if (!ok) throw new Error(`A first answer of the build: ${ending}\n${output}`)
    return readLog(readFileSync(log, 'utf8'), `${pathToFileURL(folder)}/`)
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
}

/**
 * @param {string} log
 * @param {string} base URL of the build
 * @returns {Compilation[]}
 */
function readLog(log, base) {
  const lines = log.split('\n').map((line) => line.split(','))
  return lines
    .filter(([kind, , url]) => kind === 'script-details' && url?.startsWith(base))
    .map(([, script, url = '']) => {
      const events = lines.filter(([kind, , id]) => kind === 'function' && id === script)
      const ran = new Set(events.filter(([, event]) => event === 'interpreter').map(([, , , , end]) => Number(end)))
      const lazy = events.filter(([, event]) => event === 'parse-function').length
      return { path: new URL(url).pathname, ran, lazy }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

import { spawn } from 'node:child_process'
import { root } from './runtimes.mjs'

/** The Node of the suites comes first: its place in `.bin` may be another version's, which brings the same name. */
const path = `${root}/node_modules/node/bin:${root}/node_modules/.bin:${process.env.PATH}`

/**
 * @typedef {object} Outcome
 * @property {boolean} ok whether it ended by itself with exit code 0
 * @property {string} ending how it ended otherwise, for people
 * @property {string} output everything written to stdout and stderr, in order of arrival
 * @property {number} seconds
 */

/**
 * Runs a command and waits for its end. Never rejects: a command that cannot start has not ended well.
 *
 * @param {readonly string[]} command the program and its arguments
 * @param {{ cwd?: string, env?: Record<string, string>, limit?: number }} [options] `cwd`: the checkout by default; `limit`:
 *   seconds until it is killed, 300 by default
 * @returns {Promise<Outcome>}
 */
export function run([program = '', ...args], { cwd = root, env = {}, limit = 300 } = {}) {
  const begun = performance.now()
  return new Promise((resolve) => {
    let output = ''
    let late = false
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { ...process.env, PATH: path, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const timer = setTimeout(() => {
      late = true
      killGroup(child)
    }, limit * 1000)
    const end = (/** @type {boolean} */ ok, /** @type {string} */ ending) => {
      clearTimeout(timer)
      resolve({ ok, ending, output, seconds: (performance.now() - begun) / 1000 })
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.on('error', (error) => end(false, `could not start: ${error.message}`))
    child.on('close', (code, signal) => {
      if (late) end(false, `killed after ${limit} s`)
      else end(code === 0, signal ? `ended by ${signal}` : `exit code ${code}`)
    })
  })
}

/**
 * Ends a command and whatever it started.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function killGroup(child) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

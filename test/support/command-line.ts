import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root, runtimes } from '../../scripts/lib/runtimes.mjs'

/** The built command line. */
export const commandLine = `${root}/dist/cli/main.js`

/** How a program ended. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end while this process goes on, so that a server in it can answer. */
export async function run(
  command: readonly [string, ...string[]],
  options: {
    readonly cwd?: string
    readonly env?: NodeJS.ProcessEnv
    readonly input?: string
    /** In milliseconds. Default: a minute. */
    readonly timeout?: number
  } = {},
): Promise<Ended> {
  const [program, ...args] = command
  const { PATH, HOME } = process.env
  const child = spawn(program, args, { cwd: options.cwd, env: { PATH, HOME, TZ: 'UTC', ...options.env } })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (part) => {
    printed.stdout += String(part)
  })
  child.stderr.on('data', (part) => {
    printed.stderr += String(part)
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 110_000)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearTimeout(timer)
  return { status, ...printed }
}

/** Puts a program of this name into a folder for the PATH. `script` is of sh. */
export function putProgram(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

/** A `cognigate` and an `npx cognigate` that are the built ones. */
export function putCommandLine(folder: string, runtime: string = runtimes.node): void {
  putProgram(folder, 'cognigate', `exec ${runtime} ${commandLine} "$@"`)
  putProgram(folder, 'npx', `[ "$1" = cognigate ] || exit 9; shift; exec ${runtime} ${commandLine} "$@"`)
}

/** Whether a program is on the PATH. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

import { type ChildProcess, spawn } from 'node:child_process'
import { root } from '../../../scripts/lib/runtimes.mjs'

export interface StartOptions {
  /** The program and its arguments up to the options of `npm start`. Default: the start script on this Node. */
  readonly command?: readonly [string, ...string[]]
  readonly args?: readonly string[]
  /** `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** How a program ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningApp {
  readonly url: string
  /** What it has printed. */
  readonly output: string
  readonly pid: number
  /** Sends a signal to the program, or to it and all that it started, as a terminal does. */
  stop(signal?: NodeJS.Signals, to?: 'program' | 'group'): Promise<Ending>
}

/** Runs `npm start` to its end. */
export async function runToEnd(options: StartOptions): Promise<Ending> {
  return ending(launch(options)).ended
}

/** Runs `npm start` until it listens. Rejects where it ends before that. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  const child = launch({ ...options, args: options.args ?? ['--port', '0'] })
  const { ended, output } = ending(child)
  const listening = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => output().includes('Ctrl-C stops.') && resolve())
  })
  const early = await Promise.race([listening, ended])
  const url = /^Listening on (\S+)$/m.exec(output())?.[1]
  const { pid } = child
  if (early !== undefined || url === undefined || pid === undefined) {
    throw new Error(`It did not start: ${early?.stderr || output()}`)
  }
  return {
    url,
    output: output(),
    pid,
    stop(signal = 'SIGTERM', to = 'program') {
      process.kill(to === 'group' ? -pid : pid, signal)
      return ended
    },
  }
}

function launch({
  command = [process.execPath, 'examples/playground/main.ts'],
  args = [],
  env = {},
}: StartOptions): ChildProcess {
  const [program, ...first] = command
  const inherited = { ...process.env, PORT: undefined, COGNITO_USER_POOL_ID: undefined, COGNITO_CLIENT_ID: undefined }
  return spawn(program, [...first, ...args], {
    cwd: root,
    detached: true,
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function ending(child: ChildProcess): { readonly ended: Promise<Ending>; readonly output: () => string } {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { ended, output: () => stdout }
}

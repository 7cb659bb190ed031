import { spawn } from 'node:child_process'
import { root } from '../../scripts/lib/runtimes.mjs'

export interface ExampleServer {
  readonly url: string
  stop(): Promise<void>
}

/** Runs an example as its user would, until it says where it listens. Rejects where it ends before that. */
export function startExample(
  [program, ...args]: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<ExampleServer> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = () => {
    child.kill('SIGKILL')
    return ended
  }
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (text: string) => {
      output += text
      const url = /Listening on (http:\/\/\S+)/.exec(output)?.[1]
      if (url !== undefined) resolve({ url, stop })
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
    child.once('error', reject)
    void ended.then(() => reject(new Error(`It did not start: ${output}`)))
  })
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A server in a process of its own. */
export interface Emulator {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a command that gets a free port, and waits until it answers HTTP. */
export async function startEmulator(
  commandFor: (port: number) => readonly [command: string, ...args: string[]],
  options: { readonly cwd: string; readonly env?: (port: number) => Record<string, string> },
): Promise<Emulator> {
  const port = await freePort()
  const [command, ...args] = commandFor(port)
  const env = { ...process.env, ...options.env?.(port) }
  const child = spawn(command, args, { cwd: options.cwd, env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  try {
    await answers(url, child)
  } catch (error) {
    await stop(child)
    throw error
  }
  return { url, stop: () => stop(child) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 900; attempt++) {
    if (child.exitCode !== null) throw new Error(`the emulator ended with ${child.exitCode}`)
    const isThere = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the emulator does not answer')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A cognito-local process with no pool yet. */
export interface Emulator {
  /** Where its API and its issuers are, without final slash. */
  readonly endpoint: string
  /** Calls an operation of the user-pool API. Throws where it answers with an error. */
  call<T>(operation: string, input: object): Promise<T>
  stop(): Promise<void>
}

/** Starts cognito-local in an empty folder of its own. */
export async function startEmulator(): Promise<Emulator> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'cognito-local-'))
  const config = { UserPoolDefaults: { UsernameAttributes: [] }, TokenConfig: { IssuerDomain: endpoint } }
  await mkdir(join(folder, '.cognito'))
  await writeFile(join(folder, '.cognito', 'config.json'), JSON.stringify(config))
  const program = createRequire(import.meta.url).resolve('cognito-local/lib/bin/start.js')
  const env = { PATH: process.env['PATH'] ?? '', PORT: `${port}`, HOST: '127.0.0.1' }
  const child = spawn(process.execPath, [program], { cwd: folder, env, stdio: 'ignore' })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill()) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await answered(`${endpoint}/health`, 60_000)
  } catch (error) {
    await stop()
    throw error
  }
  return { endpoint, call: (operation, input) => call(endpoint, operation, input), stop }
}

async function call<T>(endpoint: string, operation: string, input: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  })
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

async function answered(url: string, milliseconds: number): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('cognito-local did not start.')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port.')
  return address.port
}

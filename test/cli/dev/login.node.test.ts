import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { navigation } from '../../support/managed-login.ts'
import { PageVisitor } from '../../support/page-visitor.ts'
import { rawFetch } from '../../support/raw-fetch.ts'

// The page of browser login, followed to the letter, with other ports: both Workers in one, each below a path of its own.

let folder: string
let child: ChildProcess | undefined
let app: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-login-'))
  const page = readFileSync(`${root}/docs/login.md`, 'utf8')
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text)
  const [ports, awsPorts] = [await freePort(), await freePort()]
  app = `http://localhost:${ports}`
  const here = (text: string) => text.replace(':9400', `:${awsPorts}`).replace('http://localhost:8787', app)
  const write = (name: string, text: string) => writeFileSync(join(folder, name), here(text))
  const [hono = '', plain = ''] = blocks('ts')
  write('hono.ts', hono)
  write('plain.ts', plain)
  write(
    'worker.ts',
    `import hono from './hono.ts'
import plain from './plain.ts'
export default { fetch: (request, env, ctx) => (new URL(request.url).pathname === '/plain' ? plain : hono).fetch(request, env, ctx) }`,
  )
  write('wrangler.toml', blocks('toml').find((text) => text.includes('wrangler.toml')) ?? '')
  const seed = blocks('yaml').find((text) => text.includes('seed.yaml')) ?? ''
  write('seed.yaml', `${seed}clients: [{ clientId: web, callbackUrls: ["http://localhost:8787/auth/callback"] }]\n`)
  write('.dev.vars', blocks('sh').find((text) => text.includes('.dev.vars')) ?? '')
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(`${root}/node_modules`))
    symlinkSync(`${root}/node_modules/${name}`, join(folder, 'node_modules', name))
  symlinkSync(root, join(folder, 'node_modules/cognigate'))
  const wrangler = [`${root}/node_modules/wrangler/bin/wrangler.js`, 'dev', '--port', `${ports}`]
  const args = ['dev', '--port', `${awsPorts}`, '--seed', 'seed.yaml', '--', runtimes.node, ...wrangler]
  child = spawn(runtimes.node, [`${root}/src/cli/main.ts`, ...args, '--inspector-port', '0', '--ip', '127.0.0.1'], {
    cwd: folder,
    env: { PATH: `${dirname(runtimes.node)}:${process.env['PATH']}`, CI: 'true', WRANGLER_SEND_METRICS: 'false' },
  })
  await ready(child)
})
afterAll(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

async function ready({ stdout, stderr }: ChildProcess): Promise<void> {
  let text = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [stdout, stderr]) {
      stream?.on('data', (chunk) => {
        text += String(chunk)
        if (text.includes('Ready on')) resolve()
      })
    }
    child?.once('close', () => reject(new Error(text)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

it('takes a reader from nothing to a protected page, on Hono and on a plain Worker in wrangler dev', async () => {
  const jar = new Map<string, string>()
  async function visit(address: string): Promise<string> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await rawFetch(new URL(address, app), 'GET', { ...navigation, cookie })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return response.headers.get('location') ?? `${response.status} ${await response.text()}`
  }
  for (const [path, text] of [
    ['/', '200 <h1>Only for editors</h1>'],
    ['/plain', '200 Hello alice'],
  ] as const) {
    jar.clear()
    const login = await visit(path)
    expect(login).toBe(`/auth/login?return_to=${encodeURIComponent(path)}`)
    const visitor = await new PageVisitor(fetch).open(await visit(login))
    await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
    expect(await visit(visitor.outside ?? '')).toBe(path)
    expect(await visit(path)).toBe(text)
  }
})

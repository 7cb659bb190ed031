import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { startWorkers } from './edge.ts'

const hono = 'test/runtimes/workers/apps/hono-worker.ts'
const plain = 'test/runtimes/workers/apps/plain-worker.ts'

let pool: LocalPool
let miniflare: Miniflare

beforeAll(async () => {
  const groups = { viewer: {}, editor: {}, admin: {} }
  const users = { alice: { groups: ['editor'] }, bob: { groups: ['viewer'] }, carol: {}, dave: { groups: ['admin'] } }
  pool = await createLocalPool({ groups, users })
  const { userPoolId, clientId } = pool.settings
  const bindings = { USER_POOL_ID: userPoolId, CLIENT_ID: clientId }
  miniflare = await startWorkers(
    [
      {
        name: 'front',
        source: plain,
        bindings: { ...bindings, NAME: 'front' },
        durableObjects: { ROOM: 'Room' },
        serviceBindings: { BACK: 'back' },
      },
      {
        name: 'back',
        source: plain,
        bindings: { ...bindings, NAME: 'back' },
        durableObjects: { ROOM: { className: 'Room', scriptName: 'front' } },
      },
      {
        name: 'app',
        source: hono,
        bindings,
        kvNamespaces: { DONE: 'done' },
        queueProducers: { JOBS: 'jobs' },
        queueConsumers: { jobs: { maxBatchTimeout: 0 } },
      },
    ],
    (request) => pool.fetch(request),
  )
}, 60_000)

afterAll(() => miniflare?.dispose())

const headersOf = async (caller: string): Promise<Record<string, string>> =>
  caller === 'nobody' ? {} : { authorization: `Bearer ${(await pool.tokens(caller)).accessToken}` }

async function ask(worker: string, caller: string, path: string, method = 'GET') {
  return miniflare.dispatchFetch(`http://${worker}.test${path}`, { method, headers: await headersOf(caller) })
}

describe('a Durable Object', () => {
  it('guards itself, whoever calls it', async () => {
    const refused = await ask('front', 'nobody', '/room')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await (await ask('front', 'bob', '/room')).json()).toEqual({ entered: 1, room: 'bob' })
    expect(await (await ask('back', 'alice', '/room')).json()).toEqual({ entered: 2, room: 'alice' })
  })

  it('answers 403 where its own guard denies, and nothing behind it has run', async () => {
    const denied = await ask('front', 'bob', '/room/close')
    expect([denied.status, ((await denied.json()) as { code: string }).code]).toEqual([403, 'PERMISSION_DENIED'])
    const { entered } = (await (await ask('front', 'dave', '/room/close')).json()) as { entered: number }
    expect(entered).toBe(3)
  })
})

describe('a Worker behind a service binding', () => {
  it('guards the request that is passed on with its Authorization field', async () => {
    expect(await (await ask('front', 'alice', '/back')).json()).toEqual({ caller: 'alice', worker: 'back' })
  })

  it('refuses a request that is passed on without it', async () => {
    const response = await ask('front', 'alice', '/bare')
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  })

  it('is not reached through a guard that refuses', async () => {
    expect((await ask('front', 'nobody', '/back')).status).toBe(401)
  })
})

describe.each([
  ['Hono', 'app', '/room'],
  ['withGuard', 'front', '/echo'],
])('a WebSocket behind %s', (_name, worker, path) => {
  const upgrade = (headers: Record<string, string>) =>
    miniflare.dispatchFetch(`http://${worker}.test${path}`, { headers: { upgrade: 'websocket', ...headers } })

  it('is opened for a caller who may, and knows the caller', async () => {
    const response = await upgrade(await headersOf('bob'))
    expect(response.status).toBe(101)
    const socket = response.webSocket!
    const answers: unknown[] = []
    const closed = new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        if (answers.push(data) === 2) resolve()
      })
    })
    socket.accept()
    socket.send('one')
    socket.send('two')
    await closed
    socket.close()
    expect(answers).toEqual(['bob: one', 'bob: two'])
  })

  it.each([
    ['without a token', async () => ({}), 401],
    ['with a token that is none', async () => ({ authorization: 'Bearer none' }), 401],
    [
      'with a token as subprotocol only',
      async () => ({ 'sec-websocket-protocol': (await pool.tokens('bob')).accessToken }),
      401,
    ],
    ["with a machine's token", async () => ({ authorization: `Bearer ${await machineToken()}` }), 401],
  ])('is not opened %s', async (_case, headers, status) => {
    const response = await upgrade(await headers())
    expect([response.status, response.webSocket ?? null]).toEqual([status, null])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

it('a WebSocket is not opened for a caller who may not', async () => {
  const headers = { upgrade: 'websocket', ...(await headersOf('carol')) }
  const response = await miniflare.dispatchFetch('http://app.test/room', { headers })
  expect([response.status, response.webSocket ?? null]).toEqual([403, null])
})

describe('a Hono app', () => {
  it.each([
    ['bob', '/mounted/me', 200, 'bob'],
    ['nobody', '/mounted/me', 401, 'TOKEN_MISSING'],
    ['bob', '/mounted/purge', 403, 'PERMISSION_DENIED'],
    ['dave', '/mounted/purge', 200, 'purged'],
  ])('guards a mounted app: %s, %s', async (caller, path, status, text) => {
    const response = await ask('app', caller, path)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
  })

  it('has one guard for all requests', async () => {
    for (const reader of ['alice', 'bob']) {
      expect(await (await ask('app', reader, '/posts')).json()).toEqual({ reader, guards: 1 })
    }
  })

  it('stands beside a queue consumer, which only admitted requests feed', async () => {
    const kv = await miniflare.getKVNamespace('DONE', 'app')
    expect((await ask('app', 'bob', '/posts', 'POST')).status).toBe(403)
    expect((await ask('app', 'alice', '/posts', 'POST')).status).toBe(200)
    await expect.poll(() => kv.get('last'), { timeout: 60_000 }).toBe('written by alice')
  })
})

async function machineToken(): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const { clientId } = pool.settings
  const times = { iat: now, auth_time: now, exp: now + 60 }
  return pool.sign({
    iss: pool.issuer,
    sub: clientId,
    client_id: clientId,
    token_use: 'access',
    scope: 'a/b',
    ...times,
  })
}

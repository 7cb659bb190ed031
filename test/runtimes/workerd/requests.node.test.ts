import { request as httpRequest } from 'node:http'
import type { Miniflare } from 'miniflare'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accessClaims, clientId, createKey, sign, TestIssuer, type TestKey, userPoolId } from '../../support/issuer.ts'
import { startWorkers } from './edge.ts'

const bindings = { USER_POOL_ID: userPoolId, CLIENT_ID: clientId, NAME: 'front' }
const sources = [
  ['Hono', 'test/runtimes/workers/apps/hono-worker.ts', '/posts'],
  ['withGuard', 'test/runtimes/workers/apps/plain-worker.ts', '/'],
] as const
const never = () => new Promise<Response>(() => {})

let key: TestKey
let token: string
let miniflare: Miniflare

beforeAll(async () => {
  key = await createKey('key-1')
  const now = Math.floor(Date.now() / 1000)
  token = await sign(key, accessClaims({ iat: now, auth_time: now, exp: now + 3600, 'cognito:groups': ['viewer'] }))
})

afterEach(() => miniflare.dispose())

describe.each(sources)('cold requests to %s, in one isolate', (_name, source, path) => {
  const start = async (issuer: TestIssuer) => {
    const durableObjects = path === '/' ? { ROOM: 'Room' } : {}
    miniflare = await startWorkers([{ name: 'app', source, bindings, durableObjects }], issuer.fetch)
    await miniflare.dispatchFetch('http://app.test/nothing-that-needs-keys')
    expect(issuer.asked).toEqual([])
  }
  const ask = async () => {
    const response = await miniflare.dispatchFetch(`http://app.test${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await response.text()
    return response.status
  }
  const asked = async (issuer: TestIssuer, times: number) => {
    while (issuer.asked.length < times) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('a hundred at once cause one fetch, and all are answered', async () => {
    const issuer = new TestIssuer(key)
    issuer.respond = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return issuer.answer()
    }
    await start(issuer)
    const statuses = await Promise.all(Array.from({ length: 100 }, ask))
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 200))
    expect(issuer.asked).toHaveLength(1)
  })

  it('one whose fetch never settles fails no other, and nobody asks before its lease is over', async () => {
    const issuer = new TestIssuer(key)
    await start(issuer)
    issuer.respond = () => {
      issuer.respond = undefined
      return never()
    }
    const stuck = ask()
    await asked(issuer, 1)
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 200))
    expect(issuer.asked).toHaveLength(2)
    expect(await stuck).toBe(200)
    expect(await ask()).toBe(200)
    expect(issuer.asked).toHaveLength(2)
  })

  it('one whose client is gone fails no other', async () => {
    const issuer = new TestIssuer(key)
    await start(issuer)
    issuer.respond = () => {
      issuer.respond = undefined
      return never()
    }
    const gone = httpRequest(new URL(path, await miniflare.ready), { headers: { authorization: `Bearer ${token}` } })
    gone.on('error', () => {})
    gone.end()
    await asked(issuer, 1)
    const waiting = Array.from({ length: 10 }, ask)
    gone.destroy()
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(issuer.asked).toHaveLength(2)
  })

  it('an issuer that is down is 503 for all, and asked again after the cooldown only', async () => {
    const issuer = new TestIssuer(key)
    issuer.respond = () => new Response('down', { status: 500 })
    await start(issuer)
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array.from({ length: 20 }, () => 503))
    expect(await ask()).toBe(503)
    expect(issuer.asked).toHaveLength(1)
  })
})

import type { KVNamespace } from '@cloudflare/workers-types'
import type { Miniflare } from 'miniflare'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  accessClaims,
  clientId,
  createKey,
  issuerName,
  regionalIssuerName,
  sign,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../../support/issuer.ts'
import { startWorkers } from './edge.ts'

const hour = 3600
const kvKey = `cognigate:keys:v1:${issuerName}`
const cacheUrl = `https://keys.cognigate.invalid/v1/${encodeURIComponent(issuerName)}`

/** Workers of one script are isolates of their own, which share nothing but the stores. By name: seconds ahead, and a fault. */
const isolates: Readonly<Record<string, readonly [number, string?]>> = {
  first: [0],
  second: [0],
  soon: [hour - 30],
  stale: [hour],
  late: [24 * hour - 30],
  over: [24 * hour],
  slow: [0, 'slow put'],
  stuck: [0, 'hanging put'],
  deaf: [0, 'hanging get'],
  broken: [0, 'throws'],
}

let key: TestKey
let rotated: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  const now = Math.floor(Date.now() / 1000)
  token = await sign(key, accessClaims({ iat: now - 60, auth_time: now - 60, exp: now + 100 * hour }))
})

describe.each(['kv', 'cache'] as const)('keys in %s', (store) => {
  let issuer: TestIssuer
  let miniflare: Miniflare
  /** What a slow store waits for. */
  let gate: { readonly opened: Promise<void>; readonly open: () => void }

  beforeEach(async () => {
    issuer = new TestIssuer(key)
    const workers = Object.entries(isolates).map(([name, [ahead, fault]]) => ({
      name,
      source: 'test/runtimes/workers/apps/key-store-worker.ts',
      bindings: { USER_POOL_ID: userPoolId, CLIENT_ID: clientId, STORE: store, AHEAD: ahead, FAULT: fault ?? '' },
      kvNamespaces: { KEYS: 'keys' },
    }))
    let openGate = () => {}
    gate = { opened: new Promise<void>((resolve) => (openGate = resolve)), open: () => openGate() }
    miniflare = await startWorkers(workers, async (request) => {
      if (request.url !== 'https://gate.test/') return issuer.fetch(request)
      await gate.opened
      return new Response()
    })
  })

  afterEach(() => miniflare.dispose())

  const ask = async (isolate: string, path = '/') => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await miniflare.dispatchFetch(`http://${isolate}.test${path}`, { headers })
    await response.text()
    return response.status
  }
  const namespace = () => miniflare.getKVNamespace('KEYS', 'first') as unknown as Promise<KVNamespace>
  const cache = async () => (await miniflare.getCaches()).open('cognigate-keys')
  const read = async (): Promise<unknown> => {
    if (store === 'kv') return (await namespace()).get(kvKey, 'json')
    return (await (await cache()).match(cacheUrl))?.json() ?? null
  }
  const stored = () => expect.poll(read, { timeout: 60_000 }).not.toBeNull()
  const write = async (text: string) => {
    if (store === 'kv') return (await namespace()).put(kvKey, text)
    const { Response: EdgeResponse } = await import('miniflare')
    await (await cache()).put(cacheUrl, new EdgeResponse(text, { headers: { 'cache-control': 'max-age=3600' } }))
  }

  it('spare a fresh isolate the fetch until the soft age', async () => {
    expect(await ask('first')).toBe(200)
    await stored()
    expect([await ask('second'), await ask('soon')]).toEqual([200, 200])
    expect(issuer.asked).toHaveLength(1)
    expect(await ask('stale')).toBe(200)
    expect(issuer.asked).toHaveLength(2)
  })

  it('bridge an outage of the issuer for fresh isolates until the hard age', async () => {
    expect(await ask('first')).toBe(200)
    await stored()
    issuer.respond = () => new Response('down', { status: 500 })
    expect([await ask('second'), await ask('stale'), await ask('late'), await ask('over')]).toEqual([
      200, 200, 200, 503,
    ])
  })

  it('are stored as JSON, under a name of their own, beyond the hard age', async () => {
    const before = Date.now()
    expect(await ask('first')).toBe(200)
    await stored()
    const entry = (await read()) as { fetchedAt: number }
    expect(entry).toEqual({ issuer: issuerName, fetchedAt: expect.any(Number), keys: [key.jwk] })
    expect(entry.fetchedAt).toBeGreaterThanOrEqual(before)
    if (store === 'kv') {
      const { keys } = await (await namespace()).list()
      expect(keys).toEqual([{ name: kvKey, expiration: expect.any(Number) }])
      expect(keys[0]!.expiration! - before / 1000).toBeGreaterThan(24 * hour)
    } else {
      const response = await (await cache()).match(cacheUrl)
      expect(response?.headers.get('cache-control')).toBe('max-age=90000')
      expect(await (await miniflare.getCaches()).default.match(cacheUrl)).toBeUndefined()
      expect((await (await miniflare.getKVNamespace('KEYS', 'first')).list()).keys).toEqual([])
    }
  })

  it('are written after the answer', async () => {
    expect(await ask('slow')).toBe(200)
    expect(await read()).toBeNull()
    gate.open()
    await stored()
    expect(await ask('second')).toBe(200)
    expect(issuer.asked).toHaveLength(1)
  })

  it.each(['stuck', 'deaf', 'broken'])('are fetched where the store is %s', async (isolate) => {
    expect(await ask(isolate)).toBe(200)
    expect(await ask(isolate)).toBe(200)
    expect(issuer.asked).toHaveLength(1)
  })

  it('are fetched where an entry is not what was put there', async () => {
    const now = Date.now()
    const entry = { issuer: issuerName, fetchedAt: now - 1000, keys: [rotated.jwk] }
    const twice = [rotated.jwk, rotated.jwk]
    const rows: readonly [string, string][] = [
      ['nothing', ''],
      ['no JSON', '{"issuer":'],
      ['HTML', '<html></html>'],
      ['null', 'null'],
      ['a list', JSON.stringify([entry])],
      ['text in JSON', JSON.stringify(JSON.stringify(entry))],
      ['a bare key set', JSON.stringify({ keys: [key.jwk] })],
      ['another issuer', JSON.stringify({ ...entry, issuer: regionalIssuerName })],
      ['no issuer', JSON.stringify({ ...entry, issuer: undefined })],
      ['the future', JSON.stringify({ ...entry, fetchedAt: now + 600_000 })],
      ['1e999', JSON.stringify(entry).replace(`${now - 1000}`, '1e999')],
      ['-1e999', JSON.stringify(entry).replace(`${now - 1000}`, '-1e999')],
      ['a time as text', JSON.stringify({ ...entry, fetchedAt: `${now}` })],
      ['no time', JSON.stringify({ ...entry, fetchedAt: undefined })],
      ['past the hard age', JSON.stringify({ ...entry, fetchedAt: now - 24 * hour * 1000 })],
      ['no keys', JSON.stringify({ ...entry, keys: [] })],
      ['keys as object', JSON.stringify({ ...entry, keys: { 0: key.jwk } })],
      [
        'a secret as key',
        JSON.stringify({ ...entry, keys: [{ kty: 'oct', kid: 'key-1', k: 'c2VjcmV0', alg: 'HS256' }] }),
      ],
      ['one kid twice', JSON.stringify({ ...entry, keys: twice })],
      ['members of prototypes', `{"__proto__":${JSON.stringify({ ...entry, keys: [key.jwk] })}}`],
    ]
    for (const [index, [what, text]] of rows.entries()) {
      await write(text)
      expect([what, await ask('first', '/cold')]).toEqual([what, 200])
      expect([what, issuer.asked.length]).toEqual([what, index + 1])
      await expect.poll(read, { timeout: 60_000 }).toMatchObject({ issuer: issuerName, keys: [key.jwk] })
    }
  })
})

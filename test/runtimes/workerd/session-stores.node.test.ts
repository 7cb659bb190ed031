import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorkers } from './edge.ts'

const source = 'test/runtimes/workers/apps/session-stores-worker.ts'
let miniflare: Miniflare

beforeAll(async () => {
  const shared = { kvNamespaces: { KV: 'sessions' }, d1Databases: { DATABASE: 'sessions' }, bindings: {} }
  const object = { className: 'LoginObject', useSQLite: true }
  miniflare = await startWorkers(
    [
      { name: 'one', source, ...shared, durableObjects: { LOGIN: object } },
      { name: 'two', source, ...shared, durableObjects: { LOGIN: { ...object, scriptName: 'one' } } },
    ],
    async () => new Response('no network in tests', { status: 599 }),
  )
  await call('d1', 'migrate')
})
afterAll(() => miniflare.dispose())

/** By the isolate `two` where said, which shares nothing with `one` but the stores. */
async function call(store: string, operation: string, ...args: (string | number)[]): Promise<unknown> {
  const body = JSON.stringify([store, operation, ...args])
  const response = await miniflare.dispatchFetch('http://one.test/', { method: 'POST', body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${store} ${operation}: ${text}`)
  return JSON.parse(text)
}

describe.each(['kv', 'd1', 'object'])('sessions in %s, in workerd', (store) => {
  it('are there until they end, and are replaced only while they are there', async () => {
    expect(await call(store, 'get', 'a')).toBeNull()
    await call(store, 'replace', 'a', 'never', 100)
    expect(await call(store, 'get', 'a')).toBeNull()
    await call(store, 'put', 'b', 'first', 100)
    await call(store, 'replace', 'b', 'second', 100)
    expect(await call(store, 'get', 'b')).toBe('second')
    await call(store, 'delete', 'b')
    expect(await call(store, 'get', 'b')).toBeNull()
    // A renewal that was under way does not bring it back.
    await call(store, 'replace', 'b', 'third', 100)
    expect(await call(store, 'get', 'b')).toBeNull()
  })

  it.runIf(store !== 'kv')('are gone when their time is over', async () => {
    await call(store, 'put', 'c', 'value', -1)
    expect(await call(store, 'get', 'c')).toBeNull()
  })
})

describe('renewals by a Durable Object, in workerd', () => {
  async function renew(name: string, key: string, more = ''): Promise<unknown> {
    return (await miniflare.dispatchFetch(`http://${name}.test/renew?name=${name}&key=${key}${more}`)).json()
  }

  it('are one for all isolates, at once and later', async () => {
    const results = await Promise.all(['one', 'two', 'one', 'two'].map((name) => renew(name, 'k')))
    expect(new Set(results).size).toBe(1)
    expect(await renew('two', 'k')).toBe(results[0])
    expect(await renew('two', 'other')).not.toBe(results[0])
  })

  it('that fail leave the next one to try', async () => {
    expect(await renew('one', 'f', '&fail')).toBe('no network')
    expect(await renew('two', 'f')).toMatch(/^two-/)
  })

  it('that were abandoned are taken over when their time is over', async () => {
    // The Worker that claimed it never comes to an end, and workerd gives it up.
    const hung = await miniflare.dispatchFetch('http://one.test/renew?name=one&key=h&hang&timeout=0.05').catch(() => {})
    expect(hung?.ok ?? false).toBe(false)
    expect(await renew('two', 'h', '&timeout=0.05')).toMatch(/^two-/)
    expect(await renew('one', 'h')).toMatch(/^two-/)
  })
})

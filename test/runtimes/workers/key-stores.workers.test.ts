import { beforeAll, describe, expect, it, vi } from 'vitest'
import { cacheKeyStore, type KeyNamespace, kvKeyStore, type NamedCaches } from '../../../adapters/workers/index.ts'
import { ConfigurationError, createGuard, type KeyStore } from '../../../src/index.ts'
import {
  accessClaims,
  createKey,
  issuerName,
  regionalIssuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
} from '../../support/issuer.ts'

let key: TestKey
let rotated: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  token = await sign(key, accessClaims({ exp: start + 200_000 }))
})

/** A KV namespace in memory, which counts. */
class MemoryNamespace implements KeyNamespace {
  readonly texts = new Map<string, string>()
  readonly put = vi.fn(async (name: string, text: string) => void this.texts.set(name, text))
  readonly get = vi.fn(async (name: string): Promise<unknown> => JSON.parse(this.texts.get(name) ?? 'null'))
}

const entryOf = (fetchedAt = start * 1000, keys = [key.jwk], issuer = issuerName) => ({ issuer, fetchedAt, keys })

describe('kvKeyStore', () => {
  it('gives back what was put, issuer by issuer, and nothing where nothing was', async () => {
    const namespace = new MemoryNamespace()
    const store = kvKeyStore(namespace)
    await store.put(issuerName, entryOf())
    await store.put(regionalIssuerName, entryOf(start, [rotated.jwk], regionalIssuerName))
    expect(await store.get(issuerName)).toEqual(entryOf())
    expect(await store.get(regionalIssuerName)).toEqual(entryOf(start, [rotated.jwk], regionalIssuerName))
    expect(await store.get('https://other.example')).toBeNull()
    expect(namespace.put.mock.calls.map(([name]) => name)).toEqual([
      `cognigate:keys:v1:${issuerName}`,
      `cognigate:keys:v1:${regionalIssuerName}`,
    ])
  })

  it.each([
    [undefined, 90_000],
    [60, 60],
    [700_000, 700_000],
  ])('with keepFor %s lets an entry expire after %i seconds', async (keepFor, expirationTtl) => {
    const namespace = new MemoryNamespace()
    await kvKeyStore(namespace, { keepFor }).put(issuerName, entryOf())
    expect(namespace.put).toHaveBeenCalledWith(expect.any(String), expect.any(String), { expirationTtl })
  })

  it.each<[string, () => unknown, number]>([
    ['the same entry', () => entryOf(), 0],
    ['the same keys, a little older', () => entryOf(start * 1000 - 599_999), 0],
    ['the same keys, ten minutes older', () => entryOf(start * 1000 - 600_000), 1],
    ['the same keys, from the future', () => entryOf(start * 1000 + 1), 1],
    ['other keys', () => entryOf(start * 1000, [rotated.jwk]), 1],
    ['more keys', () => entryOf(start * 1000, [key.jwk, rotated.jwk]), 1],
    ['another issuer', () => ({ ...entryOf(), issuer: regionalIssuerName }), 1],
    ['no time', () => ({ ...entryOf(), fetchedAt: undefined }), 1],
    ['nothing', () => null, 1],
    ['a list', () => [entryOf()], 1],
  ])('where it read %s, writes %#', async (_name, held, writes) => {
    const namespace = new MemoryNamespace()
    namespace.texts.set(`cognigate:keys:v1:${issuerName}`, JSON.stringify(held()))
    const store = kvKeyStore(namespace)
    await store.get(issuerName)
    await store.put(issuerName, entryOf())
    expect(namespace.put).toHaveBeenCalledTimes(writes)
    expect(await store.get(issuerName)).toEqual(writes === 0 ? held() : entryOf())
  })

  it('writes again what a failed write left unwritten', async () => {
    const namespace = new MemoryNamespace()
    namespace.put.mockRejectedValueOnce(new Error('429'))
    const store = kvKeyStore(namespace)
    await expect(store.put(issuerName, entryOf())).rejects.toThrow('429')
    await store.put(issuerName, entryOf())
    expect(namespace.texts.size).toBe(1)
  })

  it('is not written to for every key that a stranger makes up', async () => {
    const namespace = new MemoryNamespace()
    const issuer = new TestIssuer(key)
    const guard = createGuard({ ...issuer.settings, keyStore: kvKeyStore(namespace) })
    await guard.verify(token)
    for (let turn = 0; turn < 50; turn++) {
      issuer.pass(10)
      const junk = await sign(key, accessClaims({ iat: start - 60 }), { kid: `junk-${turn}` })
      await expect(guard.verify(junk)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
    }
    expect(issuer.asked).toHaveLength(51)
    expect(namespace.put).toHaveBeenCalledTimes(1)
    issuer.keys = [key, rotated]
    issuer.pass(10)
    await guard.verify(await sign(rotated, accessClaims({ iat: start - 60 })))
    expect(namespace.put).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['no namespace', undefined],
    ['null', null],
    ['a name', 'KEYS'],
    ['something else', { get: () => {} }],
  ])('throws where the binding is %s', (_name, namespace) => {
    expect(() => kvKeyStore(namespace as unknown as KeyNamespace)).toThrow(/binding/)
  })
})

describe('cacheKeyStore', () => {
  it("keeps entries in the platform's cache of its name, and in no other", async () => {
    await cacheKeyStore({ name: 'one' }).put(issuerName, entryOf())
    expect(await cacheKeyStore({ name: 'one' }).get(issuerName)).toEqual(entryOf())
    expect(await cacheKeyStore({ name: 'one' }).get(regionalIssuerName)).toBeUndefined()
    expect(await cacheKeyStore({ name: 'two' }).get(issuerName)).toBeUndefined()
    expect(await cacheKeyStore().get(issuerName)).toBeUndefined()
  })

  it.each([
    [issuerName],
    ['https://idp.example/a?b=c'],
    ['https://idp.example/../../etc'],
    ['http://[::1]:9229/local_1'],
  ])('names %s by a URL that leads nowhere', async (issuer) => {
    const urls: string[] = []
    const cache = { match: async () => undefined, put: async (url: string) => void urls.push(url) }
    const caches: NamedCaches = { open: async () => cache }
    await cacheKeyStore({ caches }).put(issuer, entryOf())
    const { origin, pathname, search } = new URL(urls[0]!)
    expect([origin, search]).toEqual(['https://keys.cognigate.invalid', ''])
    expect(decodeURIComponent(pathname.replace('/v1/', ''))).toBe(issuer)
  })

  it.each(['', 'default', 7])('throws for the name %s', (name) => {
    expect(() => cacheKeyStore({ name: name as string })).toThrow(ConfigurationError)
  })

  it('throws where there is no Cache API', () => {
    vi.stubGlobal('caches', undefined)
    expect(() => cacheKeyStore()).toThrow(/caches/)
    vi.unstubAllGlobals()
  })
})

it.each([59, 0, -1, 60.5, Number.NaN, Number.POSITIVE_INFINITY, '90000', null])('keepFor %s throws', (keepFor) => {
  const options = { keepFor: keepFor as number }
  expect(() => kvKeyStore(new MemoryNamespace(), options)).toThrow(/keepFor/)
  expect(() => cacheKeyStore(options)).toThrow(/keepFor/)
})

describe('a store that hangs', () => {
  const never = () => new Promise<never>(() => {})
  const fine: KeyStore = { get: async () => undefined, put: async () => {} }

  it.each<[string, Partial<KeyStore>, number]>([
    ['nowhere', {}, 0],
    ['in get', { get: never }, 750],
    ['in put', { put: never }, 750],
    ['in both', { get: never, put: never }, 1500],
  ])('%s costs no more than a part of the deadline', async (_name, fault, milliseconds) => {
    const issuer = new TestIssuer(key)
    const guard = createGuard({ ...issuer.settings, keyStore: { ...fine, ...fault } })
    const before = issuer.time
    expect((await guard.verify(token)).kind).toBe('user')
    expect(issuer.asked).toHaveLength(1)
    expect(issuer.time - before).toBeGreaterThanOrEqual(milliseconds)
    expect(issuer.time - before).toBeLessThan(milliseconds + 750)
  })
})

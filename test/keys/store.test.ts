import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions, type KeyStoreEntry } from '../../src/index.ts'
import { inBrowser } from '../support/browser.ts'
import {
  accessClaims,
  createKey,
  issuerName,
  settled,
  sign,
  start,
  TestIssuer,
  type TestKey,
} from '../support/issuer.ts'

let key: TestKey
let rotated: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  token = await sign(key, accessClaims({ exp: start + 200_000 }))
})

function setUp(options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  const guard = createGuard({ ...issuer.settings, ...options } as GuardOptions)
  const errorOf = (jwt: string): Promise<Error & { code?: string }> =>
    guard.verify(jwt).then(
      () => Promise.reject(new Error('accepted')),
      (error) => error,
    )
  const outcome = (jwt: string) =>
    guard.verify(jwt).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? String(error),
    )
  return { issuer, guard, outcome, errorOf }
}

const younger = (seconds: number) => sign(rotated, accessClaims({ exp: start + 200_000, iat: start + seconds }))
const down = () => new Response(null, { status: 500 })
const hang = () => new Promise<Response>(() => {})

describe('a key store', () => {
  class Store {
    entry: unknown
    written: KeyStoreEntry | undefined
    get = async () => this.entry
    put = async (_issuer: string, entry: KeyStoreEntry) => {
      this.written = entry
    }
  }

  it('that holds keys older than the known ones does not bring them back', async () => {
    const keyStore = new Store()
    const { issuer, outcome } = setUp({ keyStore })
    issuer.keys = [rotated]
    const rotatedToken = await sign(rotated, accessClaims({ exp: start + 200_000 }))
    expect(await outcome(rotatedToken)).toBe('accepted')
    keyStore.entry = { issuer: issuerName, fetchedAt: start * 1000 - 1, keys: [key.jwk] }
    issuer.pass(3600)
    issuer.respond = down
    expect(await outcome(rotatedToken)).toBe('accepted')
    expect(await outcome(token)).not.toBe('accepted')
  })

  it('does not answer for an issuer that is down: a younger key may exist', async () => {
    const keyStore = new Store()
    const { issuer, outcome } = setUp({ keyStore })
    keyStore.entry = { issuer: issuerName, fetchedAt: issuer.time, keys: [key.jwk] }
    issuer.pass(60)
    issuer.respond = down
    expect(await outcome(await younger(30))).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(1)
    expect(await outcome(await younger(-30))).toBe('KEY_UNKNOWN')
    issuer.pass(60)
    issuer.respond = undefined
    expect(await outcome(await younger(30))).toBe('KEY_UNKNOWN')
  })

  it('is read once for all who wait for it', async () => {
    const keyStore = new Store()
    const { issuer, outcome } = setUp({ keyStore })
    keyStore.entry = { issuer: issuerName, fetchedAt: issuer.time, keys: [key.jwk] }
    let reads = 0
    keyStore.get = async () => {
      reads++
      return keyStore.entry
    }
    expect(await Promise.all([outcome(token), outcome(token), outcome(token)])).toEqual(Array(3).fill('accepted'))
    expect([reads, issuer.asked]).toEqual([1, []])
  })

  it('that is slow past the soft age keeps nobody waiting but the one who asks it', async () => {
    const keyStore = new Store()
    const { issuer, guard, outcome } = setUp({ keyStore })
    await guard.verify(token)
    issuer.pass(3600)
    keyStore.get = hang
    const first = outcome(token)
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toHaveLength(1)
    expect(await first).toBe('accepted')
    expect(issuer.asked).toHaveLength(2)
  })

  it('may hold keys of this very millisecond', async () => {
    const keyStore = new Store()
    const { issuer, outcome } = setUp({ keyStore })
    keyStore.entry = { issuer: issuerName, fetchedAt: issuer.time, keys: [key.jwk] }
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toEqual([])
  })

  it.skipIf(inBrowser)('is written before the answer, where nobody else waits, and that is no failure', async () => {
    const keyStore = new Store()
    const { guard, errorOf } = setUp({ keyStore })
    keyStore.put = async (_issuer, entry) => {
      await settled()
      keyStore.written = entry
    }
    await guard.verify(token)
    expect(keyStore.written).toEqual({ issuer: issuerName, fetchedAt: start * 1000, keys: [key.jwk] })
    expect((await errorOf(await younger(0))).cause).toBeUndefined()
  })
})

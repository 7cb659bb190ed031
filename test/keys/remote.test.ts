import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions, type KeyStoreEntry } from '../../src/index.ts'
import {
  accessClaims,
  createKey,
  issuerName,
  regionalIssuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
} from '../support/issuer.ts'

let key: TestKey
let rotated: TestKey
let token: string
let rotatedToken: string

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  token = await sign(key, accessClaims({ exp: start + 200_000 }))
  rotatedToken = await sign(rotated, accessClaims({ exp: start + 200_000, iat: start - 60 }))
})

function setUp(options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  const guard = createGuard({ ...issuer.settings, ...options } as GuardOptions)
  const outcome = (jwt: string) =>
    guard.verify(jwt).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? String(error),
    )
  return { issuer, guard, outcome }
}

const hang = () => new Promise<Response>(() => {})

describe('keys, when nothing is known', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ['302', () => new Response(null, { status: 302, headers: { location: 'https://evil.example/jwks.json' } })],
    ['403', () => new Response('Forbidden', { status: 403 })],
    ['404', () => new Response(null, { status: 404 })],
    ['500', () => new Response('no', { status: 500 })],
    ['HTML', () => new Response('<html></html>')],
    ['nothing', () => new Response('')],
    ['{}', () => Response.json({})],
    ['{"keys":{}}', () => Response.json({ keys: {} })],
    ['no keys', () => Response.json({ keys: [] })],
    ['an array', () => Response.json([])],
    ['1 MB', () => Response.json({ keys: [key.jwk], filler: 'x'.repeat(1_000_000) })],
    ['no answer', hang],
    ['a body that never ends', () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))],
  ])('%s is 503 and not 401', async (_name, respond) => {
    const { issuer, outcome } = setUp()
    issuer.respond = respond
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(1)
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(1)
    issuer.respond = undefined
    issuer.pass(10)
    expect(await outcome(token)).toBe('accepted')
  })

  it('says after how many seconds to come back', async () => {
    const { issuer, guard } = setUp()
    issuer.respond = () => new Response(null, { status: 500 })
    await expect(guard.verify(token)).rejects.toMatchObject({ status: 503, retryAfter: 10 })
    issuer.pass(7.5)
    await expect(guard.verify(token)).rejects.toMatchObject({ retryAfter: 3 })
  })

  it('a hundred requests at once fetch once', async () => {
    const { issuer, outcome } = setUp()
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(token)))
    expect(new Set(outcomes)).toEqual(new Set(['accepted']))
    expect(issuer.asked).toHaveLength(1)
  })

  it('waiting requests take over from one whose fetch never settles', async () => {
    const { issuer, outcome } = setUp()
    let first = true
    issuer.respond = () => {
      const answer = first ? hang() : issuer.answer()
      first = false
      return answer
    }
    const stuck = outcome(token)
    const waiting = await Promise.all([outcome(token), outcome(token), outcome(token)])
    expect(waiting).toEqual(['accepted', 'accepted', 'accepted'])
    expect(issuer.asked).toHaveLength(2)
    expect(['accepted', 'KEYS_UNAVAILABLE']).toContain(await stuck)
    expect(await outcome(token)).toBe('accepted')
  })

  it('uses the key that imports beside one that does not, and neither of two with one kid', async () => {
    const { issuer, outcome } = setUp()
    issuer.respond = () =>
      Response.json({
        keys: [
          { ...key.jwk, kid: 'broken', n: '!' },
          { ...rotated.jwk, kid: 'twice' },
          key.jwk,
          { ...key.jwk, kid: 'twice' },
        ],
      })
    expect(await outcome(token)).toBe('accepted')
    issuer.pass(10)
    expect(await outcome(await sign(rotated, accessClaims({ iat: start - 60 }), { kid: 'twice' }))).toBe('KEY_UNKNOWN')
  })

  it.each([
    ['no alg, no use', { alg: undefined, use: undefined }, 'accepted'],
    ['use enc', { use: 'enc' }, 'KEYS_UNAVAILABLE'],
    ['alg RS512', { alg: 'RS512' }, 'KEYS_UNAVAILABLE'],
    ['kty EC', { kty: 'EC' }, 'KEYS_UNAVAILABLE'],
    ['key_ops without verify', { key_ops: ['encrypt'] }, 'KEYS_UNAVAILABLE'],
  ])('a key with %s', async (_name, changes, expected) => {
    const { issuer, outcome } = setUp()
    issuer.respond = () => Response.json({ keys: [{ ...key.jwk, ...changes }] })
    expect(await outcome(token)).toBe(expected)
  })
})

describe('known keys', () => {
  it('serve through an outage until the hard age', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.respond = () => new Response(null, { status: 500 })
    for (let hour = 0; hour < 23; hour++) {
      issuer.pass(3600)
      expect(await outcome(token)).toBe('accepted')
    }
    const asked = issuer.asked.length
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toHaveLength(asked)
    issuer.pass(3600)
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    issuer.respond = undefined
    issuer.pass(10)
    expect(await outcome(token)).toBe('accepted')
  })

  it('past the soft age one request waits for the refresh, others use them meanwhile', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.pass(3600)
    issuer.respond = hang
    const before = issuer.time
    const first = outcome(token)
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.time).toBe(before)
    expect(await first).toBe('accepted')
    expect(issuer.time - before).toBe(3000)
    expect(issuer.asked).toHaveLength(2)
  })

  it('a withdrawn key is refused past the soft age', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.keys = [rotated]
    issuer.pass(3600)
    expect(await outcome(token)).toBe('KEY_UNKNOWN')
  })
})

describe('unknown kids', () => {
  it('thirty of them ask the issuer once in a cooldown', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.pass(60)
    for (let turn = 0; turn < 30; turn++) {
      expect(await outcome(await sign(key, accessClaims({ iat: start - 5 }), { kid: `random-${turn}` }))).toBe(
        'KEY_UNKNOWN',
      )
    }
    expect(issuer.asked).toHaveLength(2)
  })

  it('a rotated key is found', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.keys = [key, rotated]
    issuer.pass(60)
    expect(await Promise.all([outcome(rotatedToken), outcome(rotatedToken), outcome(token)])).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ])
    expect(issuer.asked).toHaveLength(2)
  })

  it('while cooling, a token younger than the last fetch is 503, an older one 401', async () => {
    const { issuer, guard, outcome } = setUp()
    await outcome(token)
    issuer.keys = [key, rotated]
    issuer.pass(4)
    const young = await sign(rotated, accessClaims({ iat: start + 3 }))
    await expect(guard.verify(young)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE', retryAfter: 6 })
    expect(await outcome(rotatedToken)).toBe('KEY_UNKNOWN')
    issuer.pass(6)
    expect(await outcome(young)).toBe('accepted')
  })

  it("at the pool's unused issuer do not keep the used one from its new key", async () => {
    const { issuer, outcome } = setUp()
    issuer.respond = (request) =>
      request.url.startsWith(regionalIssuerName) ? new Response(null, { status: 403 }) : issuer.answer()
    await outcome(token)
    issuer.keys = [key, rotated]
    issuer.pass(60)
    const junk = await sign(key, accessClaims({ iss: regionalIssuerName }), { kid: 'junk' })
    expect(await outcome(junk)).toBe('KEYS_UNAVAILABLE')
    expect(await outcome(rotatedToken)).toBe('accepted')
  })

  it('never cross from one pool to another', async () => {
    const other = { userPoolId: 'eu-west-1_OtherPool', clientId: 'other' }
    const issuer = new TestIssuer(key)
    issuer.respond = (request) =>
      Response.json({ keys: [request.url.includes('OtherPool') ? { ...rotated.jwk, kid: 'key-1' } : key.jwk] })
    const { userPoolId, clientId, ...settings } = issuer.settings
    const guard = createGuard({ ...settings, pools: [{ userPoolId, clientId }, other] })
    const iss = `https://cognito-idp.eu-west-1.amazonaws.com/${other.userPoolId}`
    await guard.verify(token)
    await expect(guard.verify(await sign(key, accessClaims({ iss, client_id: 'other' })))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
    await guard.verify(await sign(rotated, accessClaims({ iss, client_id: 'other' }), { kid: 'key-1' }))
  })
})

describe('a key store', () => {
  class MemoryStore {
    entries = new Map<string, unknown>()
    get = async (issuer: string) => this.entries.get(issuer)
    put = async (issuer: string, entry: KeyStoreEntry) =>
      void this.entries.set(issuer, JSON.parse(JSON.stringify(entry)))
  }

  it('spares a fresh isolate the fetch, and carries the age of the keys', async () => {
    const keyStore = new MemoryStore()
    const first = setUp({ keyStore })
    expect(await first.outcome(token)).toBe('accepted')
    const second = setUp({ keyStore })
    second.issuer.pass(3599)
    expect(await second.outcome(token)).toBe('accepted')
    expect(second.issuer.asked).toEqual([])
    second.issuer.pass(1)
    expect(await second.outcome(token)).toBe('accepted')
    expect(second.issuer.asked).toHaveLength(1)
  })

  it('bridges an outage for a fresh isolate until the hard age', async () => {
    const keyStore = new MemoryStore()
    await setUp({ keyStore }).outcome(token)
    const late = setUp({ keyStore })
    late.issuer.respond = () => new Response(null, { status: 500 })
    late.issuer.pass(86_399)
    expect(await late.outcome(token)).toBe('accepted')
    late.issuer.pass(11)
    expect(await late.outcome(token)).toBe('KEYS_UNAVAILABLE')
  })

  it.each<[string, (entry: KeyStoreEntry) => unknown]>([
    ['another issuer', (entry) => ({ ...entry, issuer: regionalIssuerName })],
    ['the future', (entry) => ({ ...entry, fetchedAt: entry.fetchedAt + 60_000 })],
    ['a time past the hard age', (entry) => ({ ...entry, fetchedAt: entry.fetchedAt - 86_400_000 })],
    ['no time', ({ fetchedAt, ...entry }) => entry],
    ['a time as text', (entry) => ({ ...entry, fetchedAt: String(entry.fetchedAt) })],
    ['nowhere', () => 'garbage'],
    ['a set without keys', (entry) => ({ ...entry, keys: [] })],
    ['a broken set', (entry) => ({ ...entry, keys: 'none' })],
  ])('an entry of %s is a miss', async (_name, change) => {
    const keyStore = new MemoryStore()
    const { issuer, outcome } = setUp({ keyStore })
    keyStore.entries.set(issuerName, change({ issuer: issuerName, fetchedAt: start * 1000, keys: [rotated.jwk] }))
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toHaveLength(1)
  })

  it('that fails is as good as none', async () => {
    const failing = { get: () => Promise.reject(new Error('down')), put: () => Promise.reject(new Error('down')) }
    expect(await setUp({ keyStore: failing }).outcome(token)).toBe('accepted')
  })

  it('is written after the answer, where the platform waits', async () => {
    const keyStore = new MemoryStore()
    const { guard } = setUp({ keyStore })
    const waited: Promise<unknown>[] = []
    await guard.verify(token, { waitUntil: (work) => waited.push(work) })
    await Promise.all(waited)
    expect(waited).toHaveLength(1)
    expect(keyStore.entries.get(issuerName)).toMatchObject({ issuer: issuerName, fetchedAt: start * 1000 })
  })
})

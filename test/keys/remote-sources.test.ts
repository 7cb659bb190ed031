import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, createGuard, type GuardOptions, type KeyStoreEntry } from '../../src/index.ts'
import type { AcceptedIssuer } from '../../src/keys/issuers.ts'
import { acceptPools, createPrefetch } from '../../src/keys/index.ts'
import {
  accessClaims,
  clientId,
  createKey,
  issuerName,
  regionalIssuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'
import { VirtualTime } from '../support/virtual-time.ts'

let key: TestKey
let rotated: TestKey
let token: string
let rotatedToken: string

const far = { exp: start + 999_999_999 }

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  token = await sign(key, accessClaims(far))
  rotatedToken = await sign(rotated, accessClaims({ ...far, iat: start - 60 }))
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
const year = 365 * 86_400

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const bytesOf = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))

/** A key pair of so many bits; the test issuer's own maker refuses short ones. */
async function createShortKey(modulusLength: number): Promise<TestKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { n = '', e = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  return { kid: 'key-1', privateKey, jwk: { kty: 'RSA', n, e, kid: 'key-1', alg: 'RS256', use: 'sig' } }
}

async function signWith({ kid, privateKey }: TestKey): Promise<string> {
  const part = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)))
  const input = `${part({ alg: 'RS256', kid })}.${part(accessClaims(far))}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(input))
  return `${input}.${base64url(new Uint8Array(signature))}`
}

/** What verifies under the exponent 1, and is made without any key: the padded hash itself (RFC 8017 section 9.2). */
async function forgeForExponentOne(): Promise<string> {
  const part = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)))
  const input = `${part({ alg: 'RS256', kid: 'key-1' })}.${part(accessClaims(far))}`
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(input)))
  const digestInfo = [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20, ...hash]
  const padding = new Array<number>(256 - 3 - digestInfo.length).fill(0xff)
  return `${input}.${base64url(Uint8Array.from([0, 1, ...padding, 0, ...digestInfo]))}`
}

describe('a weak key', () => {
  const weak: [string, () => Promise<{ jwk: TestKey['jwk']; jwt: string }>][] = [
    ['the exponent 1', async () => ({ jwk: { ...key.jwk, e: 'AQ' }, jwt: await forgeForExponentOne() })],
    ['the exponent 1 behind zeros', async () => ({ jwk: { ...key.jwk, e: 'AAAB' }, jwt: await forgeForExponentOne() })],
    ['the exponent 0', async () => ({ jwk: { ...key.jwk, e: 'AA' }, jwt: token })],
    ['the exponent 2', async () => ({ jwk: { ...key.jwk, e: 'Ag' }, jwt: token })],
    ['the exponent 65536', async () => ({ jwk: { ...key.jwk, e: 'AQAA' }, jwt: token })],
    [
      '1,024 bits',
      async () => {
        const short = await createShortKey(1024)
        return { jwk: short.jwk, jwt: await signWith(short) }
      },
    ],
    [
      '1,024 bits behind zeros',
      async () => {
        const short = await createShortKey(1024)
        const n = base64url(Uint8Array.from([...new Uint8Array(128), ...bytesOf(short.jwk.n)]))
        return { jwk: { ...short.jwk, n }, jwt: await signWith(short) }
      },
    ],
    ['2,040 bits', async () => ({ jwk: { ...key.jwk, n: base64url(bytesOf(key.jwk.n).slice(1)) }, jwt: token })],
    [
      '2,047 bits',
      async () => ({
        jwk: { ...key.jwk, n: base64url(bytesOf(key.jwk.n).map((byte, at) => (at ? byte : 0x7f))) },
        jwt: token,
      }),
    ],
  ]

  it.each(weak)('with %s is never used', async (_name, make) => {
    const { jwk, jwt } = await make()
    const fetched = setUp()
    fetched.issuer.respond = () => Response.json({ keys: [jwk] })
    expect(await fetched.outcome(jwt)).toBe('KEYS_UNAVAILABLE')
    expect(() => setUp({ jwks: { keys: [jwk] } })).toThrow(ConfigurationError)
    const beside = setUp({ jwks: { keys: [jwk, rotated.jwk] } })
    expect(await beside.outcome(jwt)).toBe('KEY_UNKNOWN')
    const stored = setUp({
      keyStore: {
        get: async () => ({ issuer: issuerName, fetchedAt: start * 1000, keys: [jwk] }),
        put: async () => {},
      },
    })
    stored.issuer.keys = [rotated]
    expect(await stored.outcome(jwt)).not.toBe('accepted')
    expect(stored.issuer.asked).toHaveLength(1)
  })

  it('that shares its kid with a sound one disqualifies both, as two sound ones do', async () => {
    const { issuer, outcome } = setUp()
    issuer.respond = () => Response.json({ keys: [key.jwk, { ...key.jwk, e: 'AQ' }] })
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
  })

  it('is not one of 2,048 bits or more, with an odd exponent of 3 or more', async () => {
    for (const modulusLength of [2048, 3072]) {
      const { jwk, ...pair } = await createShortKey(modulusLength)
      const { issuer, outcome } = setUp()
      issuer.respond = () => Response.json({ keys: [jwk] })
      expect(await outcome(await signWith({ jwk, ...pair }))).toBe('accepted')
    }
    for (const e of ['Aw', 'EQ']) expect(() => setUp({ jwks: { keys: [{ ...key.jwk, e }] } })).not.toThrow()
  })
})

describe('a token in the cache', () => {
  it('is refused once another key bears its kid, whoever fetched that', async () => {
    const { issuer, outcome } = setUp()
    expect(await outcome(token)).toBe('accepted')
    issuer.respond = () => Response.json({ keys: [{ ...rotated.jwk, kid: 'key-1' }, { ...rotated.jwk }] })
    issuer.pass(60)
    expect(await outcome(rotatedToken)).toBe('accepted')
    // The keys are fresh now, so nothing has to be asked for the cached token.
    expect(await outcome(token)).toBe('SIGNATURE_INVALID')
    expect(await outcome(token)).toBe('SIGNATURE_INVALID')
    expect(issuer.asked).toHaveLength(2)
  })

  it('is refused once its key has left the set', async () => {
    const { issuer, outcome } = setUp()
    expect(await outcome(token)).toBe('accepted')
    issuer.keys = [rotated]
    issuer.pass(60)
    expect(await outcome(rotatedToken)).toBe('accepted')
    expect(await outcome(token)).toBe('KEY_UNKNOWN')
  })
})

describe('a clock', () => {
  it.each([
    ['a second', 1],
    ['a day', 86_400],
    ['a year', year],
  ])('that was %s ahead leaves no withdrawn key valid', async (_name, ahead) => {
    const { issuer, outcome } = setUp()
    issuer.pass(ahead)
    expect(await outcome(token)).toBe('accepted')
    issuer.pass(-ahead)
    issuer.keys = [rotated]
    expect(await outcome(token)).toBe('KEY_UNKNOWN')
    expect(await outcome(rotatedToken)).toBe('accepted')
  })

  it('that was ahead during an outage costs no outage afterwards', async () => {
    const { issuer, outcome } = setUp()
    issuer.pass(year)
    issuer.respond = () => new Response(null, { status: 500 })
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    issuer.pass(-year)
    issuer.respond = undefined
    expect(await outcome(token)).toBe('accepted')
  })

  it('that was ahead when an unknown key was asked for hides no new key', async () => {
    const { issuer, outcome } = setUp()
    expect(await outcome(token)).toBe('accepted')
    issuer.pass(3000)
    expect(await outcome(rotatedToken)).toBe('KEY_UNKNOWN')
    issuer.pass(-1500)
    issuer.keys = [key, rotated]
    expect(await outcome(rotatedToken)).toBe('accepted')
  })

  /** A clock that stands still unless it is set, and timers that know nothing of it. */
  function apart() {
    const clock = { time: start * 1000 }
    const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds / 100))
    return { clock, ...setUp({ now: () => clock.time, sleep }) }
  }

  const asking = async ({ asked }: TestIssuer) => {
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve))
  }

  it('that was ahead when a request for keys began keeps nobody waiting for that one', async () => {
    const { clock, issuer, outcome } = apart()
    clock.time += year * 1000
    issuer.respond = hang
    const stuck = outcome(token)
    await asking(issuer)
    clock.time = start * 1000
    issuer.respond = undefined
    expect(await outcome(token)).toBe('accepted')
    expect(await stuck).toBe('accepted')
  })

  it('that goes back while a request waits for keys ends the wait', async () => {
    const { clock, issuer, outcome } = apart()
    let answer = () => {}
    issuer.respond = () => new Promise((resolve) => (answer = () => resolve(issuer.answer())))
    const first = outcome(token)
    await asking(issuer)
    const waiting = outcome(token)
    clock.time -= year * 1000
    expect(await waiting).toBe('KEYS_UNAVAILABLE')
    answer()
    expect(await first).toBe('accepted')
  })

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    undefined,
    null,
    '1767225600000',
    new Date(start * 1000),
  ])('that gives %s accepts no token, and keeps no keys', async (value) => {
    const { issuer, outcome } = setUp()
    const now = issuer.now
    let time: () => unknown = now
    const strange = setUp({ now: () => time() as number, fetch: issuer.fetch, sleep: issuer.sleep })
    expect(await strange.outcome(token)).toBe('accepted')
    time = () => value
    const expired = await sign(key, accessClaims({ exp: 1 }))
    expect([await strange.outcome(token), await strange.outcome(expired)]).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
    const asked = issuer.asked.length
    // From the second look at the clock on, which is the one for keys.
    let looks = 0
    time = () => (looks++ ? value : now())
    for (const jwt of [token, rotatedToken]) {
      looks = 0
      await strange.outcome(jwt)
    }
    expect(issuer.asked.length - asked).toBeLessThanOrEqual(2)
    time = now
    issuer.pass(10)
    expect(await strange.outcome(token)).toBe('accepted')
    expect(await outcome(token)).toBe('accepted')
  })

  it('that gives no number leaves an answer of 503 with a Retry-After', async () => {
    let looks = 0
    const { guard } = setUp({ now: () => (looks++ ? Number.NaN : start * 1000) })
    await expect(guard.verify(token)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE', retryAfter: 1 })
  })
})

describe('a store', () => {
  const storeOf = (entry: () => unknown) => {
    const written: KeyStoreEntry[] = []
    return {
      written,
      get: async () => entry(),
      put: async (_issuer: string, value: KeyStoreEntry) => void written.push(value),
    }
  }

  it('whose entry was written by a clock ahead is passed over, and written anew', async () => {
    const store = storeOf(() => ({ issuer: issuerName, fetchedAt: (start + year) * 1000, keys: [rotated.jwk] }))
    const { issuer, outcome } = setUp({ keyStore: store })
    expect(await outcome(rotatedToken)).toBe('KEY_UNKNOWN')
    expect(await outcome(token)).toBe('accepted')
    expect([issuer.asked.length, store.written.map(({ fetchedAt }) => fetchedAt)]).toEqual([1, [start * 1000]])
  })

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1, 0])(
    'whose entry is of the time %s is passed over',
    async (fetchedAt) => {
      const { issuer, outcome } = setUp({
        keyStore: storeOf(() => ({ issuer: issuerName, fetchedAt, keys: [rotated.jwk] })),
      })
      expect(await outcome(token)).toBe('accepted')
      expect(issuer.asked).toHaveLength(1)
    },
  )

  it('that throws at once, or gives nothing to wait for, is as good as none', async () => {
    const store = {
      get: () => {
        throw new Error('down')
      },
      put: () => {
        throw new Error('down')
      },
    }
    const failures: unknown[] = []
    const { guard } = setUp({
      keyStore: store,
      onEvent: ({ type }) => void (type === 'keys-failed' && failures.push(type)),
    })
    await guard.verify(token)
    const none = { get: () => undefined, put: () => undefined } as unknown as typeof store
    await setUp({ keyStore: none }).guard.verify(token)
    expect(failures).toEqual([])
  })
})

describe('keys that have outlived `maxAge`', () => {
  it('serve for `staleIfError` more, and not at all where that is 0', async () => {
    const { issuer, outcome } = setUp({ keyCache: { maxAge: 60, staleIfError: 0 } })
    expect(await outcome(token)).toBe('accepted')
    issuer.respond = () => new Response(null, { status: 500 })
    issuer.pass(59)
    expect(await outcome(token)).toBe('accepted')
    issuer.pass(1)
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
  })
})

describe('the first request for keys', () => {
  const cut = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"keys":['))
          controller.error(new TypeError('cut'))
        },
      }),
    )

  it.each<[string, () => Response | Promise<Response>]>([
    ['is reset', () => Promise.reject(new TypeError('reset'))],
    ['breaks while the answer comes', cut],
  ])('that %s is tried once more at once', async (_name, breakOff) => {
    const { issuer, outcome } = setUp()
    issuer.respond = () => (issuer.asked.length === 1 ? breakOff() : issuer.answer())
    expect(await outcome(token)).toBe('accepted')
    expect([issuer.asked.length, issuer.time]).toEqual([2, start * 1000])
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['is reset', () => Promise.reject(new TypeError('reset'))],
    ['breaks while the answer comes', cut],
  ])('that %s twice is not tried again before the cooldown is over', async (_name, breakOff) => {
    const { issuer, outcome } = setUp()
    issuer.respond = breakOff
    expect(await Promise.all([outcome(token), outcome(token), outcome(token)])).toEqual(
      Array(3).fill('KEYS_UNAVAILABLE'),
    )
    issuer.pass(9)
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(2)
    issuer.pass(1)
    issuer.respond = undefined
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toHaveLength(3)
  })

  it.each<[string, () => Response]>([
    ['500', () => new Response('no', { status: 500 })],
    ['302', () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } })],
    ['too much', () => new Response('x'.repeat(70_000))],
    ['no JSON', () => new Response('<html>')],
    ['no keys', () => Response.json({ keys: [] })],
  ])('that is answered by %s is not tried again', async (_name, respond) => {
    const { issuer, outcome } = setUp()
    issuer.respond = respond
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(1)
  })

  it('is the only one that is tried again: with keys known, one that breaks is a failure', async () => {
    const { issuer, outcome } = setUp()
    await outcome(token)
    issuer.respond = () => Promise.reject(new TypeError('reset'))
    issuer.pass(3600)
    expect(await outcome(token)).toBe('accepted')
    expect(issuer.asked).toHaveLength(2)
  })
})

describe('thousands that wait', () => {
  async function wait(count: number, respond: (asked: number, virtual: VirtualTime) => Promise<Response>) {
    const virtual = new VirtualTime()
    const { issuer, outcome } = setUp({ now: virtual.now, sleep: virtual.sleep })
    issuer.respond = () => respond(issuer.asked.length, virtual)
    const outcomes = await virtual.until(Promise.all(Array.from({ length: count }, () => outcome(token))))
    const { sleeps, time } = virtual
    return { kinds: [...new Set(outcomes)], asked: issuer.asked.length, sleeps, waited: time - start * 1000 }
  }

  it('for an issuer that hangs look at the clock a score of times each, and ask it once and once more where that one seems dead', async () => {
    const { kinds, asked, sleeps, waited } = await wait(2000, hang)
    expect([kinds, asked, waited]).toEqual([['KEYS_UNAVAILABLE'], 2, 3000])
    expect(sleeps / 2000).toBeLessThan(20)
  })

  it('for an issuer that is slow get its answer in less than twice the time', async () => {
    for (const delay of [1, 15, 100, 700, 1400]) {
      const slow = async (_asked: number, { sleep }: VirtualTime) => {
        await sleep(delay)
        return Response.json({ keys: [key.jwk] })
      }
      const { kinds, asked, waited } = await wait(200, slow)
      expect([kinds, asked]).toEqual([['accepted'], 1])
      expect(waited).toBeLessThanOrEqual(10 + 2 * delay)
    }
  })

  it('take over from a request that is dead as soon as its lease ends', async () => {
    const virtual = new VirtualTime()
    const { issuer, outcome } = setUp({ now: virtual.now, sleep: virtual.sleep })
    issuer.respond = () => (issuer.asked.length === 1 ? hang() : issuer.answer())
    const dead = outcome(token)
    const others = Promise.all(Array.from({ length: 200 }, () => outcome(token)))
    expect(new Set(await virtual.until(others))).toEqual(new Set(['accepted']))
    // Half of what a request waits at most, and the time until the next look at the clock.
    expect([issuer.asked.length, virtual.time - start * 1000 < 1520]).toEqual([2, true])
    await virtual.until(dead)
  })
})

describe('the address of the keys', () => {
  it('is below the issuer, unless `jwksUrl` says another one', async () => {
    const { issuer, outcome } = setUp({ jwksUrl: 'https://keys.example/pool.json' })
    expect(await outcome(token)).toBe('accepted')
    expect(await outcome(await sign(key, accessClaims({ iss: regionalIssuerName })))).toBe('accepted')
    expect(issuer.asked).toEqual(Array(2).fill('https://keys.example/pool.json'))
  })

  it('changes nothing about who issues tokens', async () => {
    const emulator = { issuer: 'http://localhost:9229/eu-west-1_TestPool1', jwksUrl: 'https://cognito/jwks.json' }
    const { issuer, outcome } = setUp(emulator)
    expect(await outcome(token)).toBe('ISSUER_UNKNOWN')
    expect(await outcome(await sign(key, accessClaims({ iss: 'https://cognito' })))).toBe('ISSUER_UNKNOWN')
    expect(await outcome(await sign(key, accessClaims({ iss: emulator.issuer })))).toBe('accepted')
    expect(issuer.asked).toEqual([emulator.jwksUrl])
  })

  it("is each pool's own", async () => {
    const { clientId: _one, userPoolId: _two, ...settings } = new TestIssuer(key).settings
    const other = 'us-east-1_OtherPool'
    const asked: string[] = []
    const guard = createGuard({
      ...settings,
      fetch: async ({ url }) => {
        asked.push(url)
        return Response.json({ keys: [url.includes('other') ? rotated.jwk : key.jwk] })
      },
      pools: [
        { userPoolId, clientId },
        { userPoolId: other, clientId, jwksUrl: 'https://other.example/jwks.json' },
      ],
    })
    const iss = `https://cognito-idp.us-east-1.amazonaws.com/${other}`
    await guard.verify(token)
    await guard.verify(await sign(rotated, accessClaims({ ...far, iss })))
    await expect(guard.verify(await sign(key, accessClaims({ iss, iat: start - 60 })))).rejects.toMatchObject({
      code: 'KEY_UNKNOWN',
    })
    expect(asked).toEqual([`${issuerName}/.well-known/jwks.json`, 'https://other.example/jwks.json'])
  })

  it.each<[string, Record<string, unknown>]>([
    ['issuer', { issuer: 'http://issuer.example' }],
    ['issuer', { issuer: 'http://localhost.evil.example/pool' }],
    ['issuer', { issuer: 'http://127.0.0.1.evil.example/pool' }],
    ['issuer', { issuer: 'http://169.254.169.254/pool' }],
    ['issuer', { issuer: 'https://user:secret@issuer.example' }],
    ['issuer', { issuer: 'https://user@issuer.example' }],
    ['issuer', { issuer: 'http://localhost:80@evil.example/pool' }],
    ['issuer', { issuer: 'https://issuer.example/' }],
    ['issuer', { issuer: 'https://issuer.example/#pool' }],
    ['issuer', { issuer: 'ftp://issuer.example' }],
    ['issuer', { issuer: '' }],
    ['issuer', { issuer: ['https://issuer.example'] }],
    ['jwksUrl', { jwksUrl: 'http://keys.example/jwks.json' }],
    ['jwksUrl', { jwksUrl: 'https://user:secret@keys.example/jwks.json' }],
    ['jwksUrl', { jwksUrl: 'file:///jwks.json' }],
    ['jwksUrl', { jwksUrl: '/jwks.json' }],
    ['jwksUrl', { jwksUrl: '' }],
    ['jwksUrl', { jwksUrl: 5 }],
    ['replicaRegions', { replicaRegions: 'us-west-2' }],
    ['replicaRegions', { replicaRegions: [5] }],
    ['replicaRegions', { replicaRegions: ['us-west-2'], issuer: 'https://issuer.example' }],
  ])('and issuers are checked: %s %j', (name, options) => {
    const create = () => setUp(options as Partial<GuardOptions>)
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(new RegExp(`^${name}: expected `))
    expect(create).not.toThrow(/secret/)
  })

  it('may be http on this machine, and elsewhere with test keys', () => {
    for (const host of ['localhost:9229', '127.0.0.1', '[::1]:80']) {
      expect(() => setUp({ issuer: `http://${host}/pool`, jwksUrl: `http://${host}/jwks` })).not.toThrow()
    }
    const compose = { issuer: 'http://cognito:9229/pool', jwksUrl: 'http://cognito:9229/jwks' }
    expect(() => setUp({ ...compose, allowTestKeys: true })).not.toThrow()
    expect(() => setUp({ issuer: 'http://u:p@cognito:9229/pool', allowTestKeys: true })).toThrow(ConfigurationError)
  })

  it('has no meaning beside a fixed key set', () => {
    const both = { jwks: { keys: [key.jwk] }, jwksUrl: 'https://keys.example/jwks.json' }
    expect(() => setUp(both)).toThrow(/^jwks: expected neither `jwksUrl` nor `keyStore`/)
  })
})

describe('a replicated pool', () => {
  const west = `https://cognito-idp.us-west-2.amazonaws.com/${userPoolId}`

  it('has an issuer for each of its regions, with keys of its own', async () => {
    const { issuer, outcome } = setUp({ replicaRegions: ['us-west-2'] })
    issuer.respond = ({ url }) =>
      Response.json({ keys: [url.startsWith(west) ? { ...rotated.jwk, kid: 'key-1' } : key.jwk] })
    const replica = await sign(rotated, accessClaims({ iss: west }), { kid: 'key-1' })
    expect(await outcome(replica)).toBe('accepted')
    expect(await outcome(token)).toBe('accepted')
    expect(await outcome(await sign(key, accessClaims({ iss: west })))).toBe('SIGNATURE_INVALID')
    expect(issuer.asked).toEqual([`${west}/.well-known/jwks.json`, `${issuerName}/.well-known/jwks.json`])
  })

  it.each([
    'https://cognito-idp.us-west-1.amazonaws.com/eu-west-1_TestPool1',
    'https://issuer-cognito-idp.us-west-2.amazonaws.com/eu-west-1_TestPool1',
    'https://cognito-idp.us-west-2.amazonaws.com/us-west-2_TestPool1',
    'https://cognito-idp.us-west-2.amazonaws.com/eu-west-1_TestPool2',
  ])('has no other issuers: %s', async (iss) => {
    const { outcome } = setUp({ replicaRegions: ['us-west-2'] })
    expect(await outcome(await sign(key, accessClaims({ iss, iat: start - 60 })))).toBe('ISSUER_UNKNOWN')
  })

  it('is none without the option', async () => {
    expect(await setUp().outcome(await sign(key, accessClaims({ iss: west })))).toBe('ISSUER_UNKNOWN')
  })

  it.each([[['mars-north-1']], [['']], [['us-west-2.evil.example/']], [['eu-west-1']], [['us-west-2', 'us-west-2']]])(
    'has regions of AWS, each once: %j',
    (replicaRegions) => {
      expect(() => setUp({ replicaRegions })).toThrow(ConfigurationError)
    },
  )
})

describe('keys before the first request', () => {
  function prefetcher(respond?: (url: string) => Response | Promise<Response>, pools?: { userPoolId: string }[]) {
    const issuer = new TestIssuer(key)
    issuer.respond = respond && (({ url }) => respond(url))
    const settings = (pools ?? [{ userPoolId }]).map((pool) => ({ ...pool, clientId }))
    const accepted = acceptPools(settings, issuer.settings)
    const hosts = () => issuer.asked.map((url) => new URL(url).hostname.replace(/\..*/, ''))
    return { issuer, accepted, prefetch: createPrefetch(accepted), hosts }
  }
  const refused = () => new Response(null, { status: 403 })

  it("come from the pool's original issuer, and the other one is left alone", async () => {
    const { accepted, prefetch, hosts } = prefetcher()
    await prefetch()
    expect(hosts()).toEqual(['cognito-idp'])
    const [first, second] = [...accepted.values()] as [AcceptedIssuer, AcceptedIssuer]
    expect([first.keys.current('key-1')?.jwk.kid, second.keys.current('key-1')]).toEqual(['key-1', undefined])
    await prefetch()
    expect(hosts()).toEqual(['cognito-idp'])
  })

  it('come from the other issuer where the original refuses, which is then not asked any more', async () => {
    const { issuer, prefetch, hosts } = prefetcher((url) =>
      url.includes('//cognito-idp') ? refused() : Response.json({ keys: [key.jwk] }),
    )
    await prefetch()
    expect(hosts()).toEqual(['cognito-idp', 'issuer-cognito-idp'])
    issuer.pass(7200)
    await prefetch()
    expect(hosts()).toEqual(['cognito-idp', 'issuer-cognito-idp', 'issuer-cognito-idp'])
  })

  it('are an error where a pool has none now', async () => {
    const { prefetch } = prefetcher(refused)
    await expect(prefetch()).rejects.toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      cause: { message: 'The issuer answered 403.' },
    })
  })

  it('are those of every pool', async () => {
    const pools = [{ userPoolId }, { userPoolId: 'us-east-1_OtherPool' }]
    const { prefetch, hosts } = prefetcher(undefined, pools)
    await prefetch()
    expect(hosts()).toEqual(['cognito-idp', 'cognito-idp'])
    const half = prefetcher(
      (url) => (url.includes('OtherPool') ? refused() : Response.json({ keys: [key.jwk] })),
      pools,
    )
    await expect(half.prefetch()).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
    expect([...half.accepted.values()].map(({ keys }) => keys.current('key-1') !== undefined)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('of a fixed set are imported, and fetched from nowhere', async () => {
    const issuer = new TestIssuer(key)
    const accepted = acceptPools([{ userPoolId, clientId, jwks: { keys: [key.jwk] } }], issuer.settings)
    await createPrefetch(accepted)()
    expect(issuer.asked).toEqual([])
    expect([...accepted.values()][0]?.keys.current('key-1')?.jwk.kid).toBe('key-1')
  })

  it('are one request with those who ask meanwhile', async () => {
    const { issuer, accepted, prefetch } = prefetcher()
    const [first] = [...accepted.values()]
    await Promise.all([prefetch(), prefetch(), first?.keys.find('key-1', start, {})])
    expect(issuer.asked).toHaveLength(1)
  })
})

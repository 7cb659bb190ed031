import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions, type KeyStoreEntry } from '../../src/index.ts'
import { accessClaims, createKey, issuerName, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'

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

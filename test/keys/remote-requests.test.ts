import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, settled, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'

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

describe('the request for keys', () => {
  it('follows no redirect, and ends when nobody waits any more', async () => {
    const { issuer, outcome } = setUp()
    let seen: Request | undefined
    issuer.respond = (request) => {
      seen = request
      return hang()
    }
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect([seen?.method, seen?.redirect, seen?.signal.aborted]).toEqual(['GET', 'manual', true])
  })

  it.each([
    ['The issuer answered 500.', () => new Response('no', { status: 500 })],
    ['The issuer answered 404.', () => new Response(null, { status: 404 })],
    ['The issuer answered 204.', () => new Response(null, { status: 204 })],
    ['The issuer did not answer in time.', hang],
    ['The key set is too large.', () => Response.json({ filler: 'x'.repeat(70_000) })],
    ['No usable key.', () => Response.json({ keys: [] })],
    ['network', () => Promise.reject(new TypeError('network'))],
  ])('that fails is the cause: %s', async (message, respond) => {
    const { issuer, errorOf } = setUp()
    issuer.respond = respond
    for (let turn = 0; turn < 2; turn++) {
      const { code, cause } = await errorOf(token)
      expect([code, cause instanceof Error && cause.message]).toEqual(['KEYS_UNAVAILABLE', message])
    }
  })

  it('may bring 65,536 bytes', async () => {
    const { issuer, outcome } = setUp()
    const around = JSON.stringify({ keys: [key.jwk], filler: '' }).length
    const ofLength = (bytes: number) =>
      new Response(JSON.stringify({ keys: [key.jwk], filler: 'x'.repeat(bytes - around) }))
    issuer.respond = () => ofLength(65_537)
    expect(await outcome(token)).toBe('KEYS_UNAVAILABLE')
    issuer.pass(10)
    issuer.respond = () => ofLength(65_536)
    expect(await outcome(token)).toBe('accepted')
  })

  it('reads a character that comes in two pieces', async () => {
    const { issuer, outcome } = setUp()
    const bytes = new TextEncoder().encode(JSON.stringify({ keys: [{ ...key.jwk, kid: 'kéy' }] }))
    const cut = bytes.indexOf(0xc3) + 1
    issuer.respond = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const piece of [bytes.slice(0, cut), bytes.slice(cut)]) controller.enqueue(piece)
            controller.close()
          },
        }),
      )
    expect(await outcome(await sign(key, accessClaims(), { kid: 'kéy' }))).toBe('accepted')
  })

  it('makes do with the one good key among odd things', async () => {
    const { issuer, outcome } = setUp()
    const odd = [null, undefined, 'key', 5, true, [], {}, [key.jwk], { kid: 'key-9' }]
    issuer.respond = () => Response.json({ keys: [...odd, key.jwk, ...odd] })
    expect(await outcome(token)).toBe('accepted')
  })
})

describe('a fixed key', () => {
  it.each<[string, Record<string, unknown>]>([
    ['n', { n: 5 }],
    ['n', { n: '' }],
    ['n', { n: undefined }],
    ['e', { e: 65_537 }],
    ['e', { e: '' }],
    ['e', { e: undefined }],
    ['kid', { kid: 1 }],
    ['kid', { kid: '' }],
    ['kid', { kid: undefined }],
  ])('without a proper %s is none: %j', (_name, changes) => {
    for (const allowTestKeys of [false, true]) {
      const options = { jwks: { keys: [{ ...key.jwk, ...changes }] }, allowTestKeys }
      expect(() => setUp(options as Partial<GuardOptions>)).toThrow(ConfigurationError)
    }
  })
})

describe('a refresh', () => {
  it('that brings the same key leaves verified tokens verified', async () => {
    const { issuer, guard } = setUp()
    const principal = await guard.verify(token)
    for (let hour = 1; hour < 4; hour++) {
      issuer.pass(3600)
      expect(await guard.verify(token)).toBe(principal)
      expect(issuer.asked).toHaveLength(hour + 1)
    }
  })

  it.each([
    ['modulus', () => ({ n: rotated.jwk.n })],
    ['exponent', () => ({ e: 'Aw' })],
  ])('that brings another %s under the same kid is another key', async (_name, changes) => {
    const { issuer, outcome } = setUp()
    expect(await outcome(token)).toBe('accepted')
    issuer.respond = () => Response.json({ keys: [{ ...key.jwk, ...changes() }] })
    issuer.pass(3600)
    expect(await outcome(token)).toBe('SIGNATURE_INVALID')
  })

  it('that fails for an unknown key says so, and not that there is no such key', async () => {
    const { issuer, errorOf, outcome } = setUp()
    expect(await outcome(token)).toBe('accepted')
    issuer.pass(60)
    issuer.respond = down
    expect(await errorOf(await younger(60))).toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      cause: { message: 'The issuer answered 500.' },
    })
    expect(await outcome(await younger(-60))).toBe('KEY_UNKNOWN')
  })

  it('that was not needed is no failure', async () => {
    const waited: unknown[] = []
    for (const context of [{}, { waitUntil: (work: unknown) => waited.push(work) }]) {
      const { guard, errorOf } = setUp()
      await guard.verify(token, context)
      const { code, cause } = await errorOf(await younger(0))
      expect([code, cause]).toEqual(['KEYS_UNAVAILABLE', undefined])
    }
    expect(waited).toEqual([])
  })

  it('is one for all who ask at once, also without a cooldown', async () => {
    const { issuer, outcome } = setUp({ keyCache: { cooldown: 0 } })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(token)))
    expect(new Set(outcomes)).toEqual(new Set(['accepted']))
    expect(issuer.asked).toHaveLength(1)
  })

  it('under way keeps others waiting, although the one before it ran out of time meanwhile', async () => {
    const { issuer, outcome } = setUp()
    issuer.respond = async () => {
      if (issuer.asked.length === 1) return hang()
      await issuer.sleep(1300)
      return issuer.answer()
    }
    const stuck = outcome(token)
    await issuer.sleep(2000)
    const waiting = [outcome(token), outcome(token)]
    expect(await stuck).toBe('KEYS_UNAVAILABLE')
    expect(await Promise.all([...waiting, outcome(token)])).toEqual(['accepted', 'accepted', 'accepted'])
    expect(issuer.asked).toHaveLength(2)
  })
})

describe('a request that waits for keys', () => {
  /** A clock that stands still, and timers that run out only by hand. */
  function byHand() {
    const clock = { time: start * 1000, waits: [] as { milliseconds: number; end: () => void }[] }
    const sleep = (milliseconds: number) =>
      new Promise<void>((end) => {
        clock.waits.push({ milliseconds, end })
      })
    return { clock, ...setUp({ now: () => clock.time, sleep }) }
  }

  it('waits for its deadline, although the request before failed and the lease of the next one ran out', async () => {
    const { clock, issuer, outcome } = byHand()
    let answer = () => {}
    issuer.respond = () =>
      issuer.asked.length === 1 ? hang() : new Promise((resolve) => (answer = () => resolve(issuer.answer())))
    /** Lets the time pass to so many milliseconds after the start, and all polls of before run out. */
    const passTo = async (milliseconds: number) => {
      clock.time = start * 1000 + milliseconds
      for (const { end } of clock.waits.splice(1)) end()
      await settled()
    }
    const stuck = outcome(token)
    await settled()
    await passTo(500)
    const second = outcome(token)
    await settled()
    await passTo(1500)
    expect(issuer.asked).toHaveLength(2)
    const [ofStuck, ofSecond] = clock.waits.splice(0)
    expect([ofStuck?.milliseconds, ofSecond?.milliseconds]).toEqual([3000, 2000])
    clock.waits.push({ milliseconds: 0, end: () => {} })
    await passTo(2000)
    const third = outcome(token)
    await settled()
    clock.time = start * 1000 + 3000
    ofStuck?.end()
    expect(await stuck).toBe('KEYS_UNAVAILABLE')
    await passTo(3100)
    await passTo(3200)
    answer()
    expect(await second).toBe('accepted')
    await passTo(3300)
    expect(await third).toBe('accepted')
    expect(issuer.asked).toHaveLength(2)
  })

  it('ends at its deadline, and asks nobody any more', async () => {
    const { clock, issuer, outcome } = byHand()
    issuer.respond = hang
    const cancelled = outcome(token)
    const waiting = outcome(token)
    await settled()
    expect(clock.waits.map(({ milliseconds }) => milliseconds)).toEqual([3000, 10])
    issuer.respond = undefined
    clock.time += 3000
    clock.waits[1]?.end()
    expect(await waiting).toBe('KEYS_UNAVAILABLE')
    expect(issuer.asked).toHaveLength(1)
    clock.waits[0]?.end()
    expect(await cancelled).toBe('KEYS_UNAVAILABLE')
  })

  it('does not wait for a request that is over, whatever became of it', async () => {
    const { clock, issuer, guard, outcome } = byHand()
    await guard.verify(token)
    clock.time += 60_000
    issuer.respond = hang
    const unknown = await younger(-60)
    const cancelled = outcome(unknown)
    await settled()
    clock.time += 2999
    const late = outcome(unknown)
    await settled()
    const [deadline, poll] = clock.waits.slice(-2)
    expect([deadline?.milliseconds, poll?.milliseconds]).toEqual([3000, 1])
    clock.time += 1
    poll?.end()
    expect(await late).toBe('KEY_UNKNOWN')
    deadline?.end()
    expect(await cancelled).toBe('KEY_UNKNOWN')
  })
})

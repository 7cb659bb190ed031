import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'
import { VirtualTime } from '../support/virtual-time.ts'

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims({ exp: start + 200_000 }))
})

function setUp(options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  const guard = createGuard({ ...issuer.settings, ...options } as GuardOptions)
  const outcome = (jwt: string) =>
    guard.verify(jwt).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? String(error),
    )
  return { issuer, outcome }
}

const hang = () => new Promise<Response>(() => {})

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
    // Noted here: signatures are verified in real time, and virtual time goes on meanwhile.
    let asked = 0
    issuer.respond = () => {
      asked = virtual.time
      return issuer.asked.length === 1 ? hang() : issuer.answer()
    }
    const dead = outcome(token)
    const others = Promise.all(Array.from({ length: 200 }, () => outcome(token)))
    expect(new Set(await virtual.until(others))).toEqual(new Set(['accepted']))
    // Half of what a request waits at most, and the time until the next look at the clock.
    expect([issuer.asked.length, asked - start * 1000 < 1520]).toEqual([2, true])
    await virtual.until(dead)
  })
})

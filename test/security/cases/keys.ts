import { settled, start } from '../../support/issuer.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import { type Case, outcomeOf, tally } from './case.ts'

const many = <T>(count: number, of: () => T) => Array.from({ length: count }, of)
const hang = () => new Promise<Response>(() => {})

export const keyCases: readonly Case[] = [
  {
    id: 'cold-concurrent',
    about: '100 cold concurrent requests: one fetch, all 200',
    async run(kit) {
      const issuer = kit.issuer()
      const guard = kit.guard({}, issuer)
      const token = await kit.token()
      const outcomes = await Promise.all(many(100, () => outcomeOf(guard.authenticate(kit.request(token)))))
      return [tally(outcomes), issuer.asked.length]
    },
    expect: [{ accepted: 100 }, 1],
  },
  {
    id: 'cold-concurrent-outage',
    about: 'none known: 503 for all, after one fetch',
    async run(kit) {
      const issuer = kit.issuer()
      issuer.respond = () => new Response(null, { status: 500 })
      const guard = kit.guard({}, issuer)
      const token = await kit.token()
      const outcomes = await Promise.all(many(100, () => outcomeOf(guard.authenticate(kit.request(token)))))
      return [tally(outcomes), issuer.asked.length]
    },
    expect: [{ KEYS_UNAVAILABLE: 100 }, 1],
  },
  {
    id: 'never-settles',
    about: 'a fetch that never settles in one request cannot fail another: waiters take over',
    async run(kit) {
      const issuer = kit.issuer()
      const answers = [hang]
      issuer.respond = () => answers.pop()?.() ?? issuer.answer()
      const guard = kit.guard({}, issuer)
      const token = await kit.token()
      void outcomeOf(guard.verify(token))
      const outcomes = await Promise.all(many(20, () => outcomeOf(guard.verify(token))))
      return [tally(outcomes), issuer.asked.length]
    },
    expect: [{ accepted: 20 }, 2],
  },
  {
    id: 'late-answer',
    about: 'an answer that comes after its request gave up is not taken over',
    async run(kit) {
      const issuer = kit.issuer()
      let answerLate: (response: Response) => void = () => {}
      issuer.respond = () => new Promise<Response>((resolve) => (answerLate = resolve))
      const guard = kit.guard({}, issuer)
      const forged = await kit.token({}, kit.keys['stranger'], { kid: 'key-1' })
      const first = await outcomeOf(guard.verify(forged))
      issuer.respond = undefined
      issuer.pass(10)
      await guard.verify(await kit.token())
      answerLate(Response.json({ keys: [{ ...kit.keys['stranger']!.jwk, kid: 'key-1' }] }))
      await settled()
      return [first, await outcomeOf(guard.verify(forged)), await outcomeOf(guard.verify(await kit.token()))]
    },
    expect: ['KEYS_UNAVAILABLE', 'SIGNATURE_INVALID', 'accepted'],
  },
  {
    id: 'forgery-beside-refresh',
    about: 'past the soft age the others use the old keys meanwhile, and only those',
    async run(kit) {
      const issuer = kit.issuer()
      const guard = kit.guard({}, issuer)
      const token = await kit.token({ exp: 9_999_999_999 })
      const forged = await kit.token({ exp: 9_999_999_999 }, kit.keys['stranger'], { kid: 'key-1' })
      await guard.verify(token)
      issuer.pass(3600)
      const sent = many(20, () => [outcomeOf(guard.verify(token)), outcomeOf(guard.verify(forged))]).flat()
      return [tally(await Promise.all(sent)), issuer.asked.length]
    },
    expect: [{ accepted: 20, SIGNATURE_INVALID: 20 }, 2],
  },
  {
    id: 'store-fails',
    about: 'a store that fails or hands out junk is as good as none',
    async run(kit) {
      const token = await kit.token()
      const gets = [
        () => Promise.reject(new Error('down')),
        async () => ({ keys: 'x' }),
        async () => undefined,
        () => hang() as never,
      ]
      const outcomes: string[] = []
      for (const get of gets) {
        const keyStore = { get, put: () => Promise.reject(new Error('down')) }
        outcomes.push(await outcomeOf(kit.guard({ keyStore }).verify(token)))
      }
      return outcomes
    },
    expect: ['accepted', 'accepted', 'accepted', 'accepted'],
  },
  {
    id: 'thousands-waiting',
    about:
      'thousands waiting on a hanging issuer: no polling storm, and a second fetch only since the first seems dead',
    async run(kit) {
      const issuer = kit.issuer()
      issuer.respond = hang
      const virtual = new VirtualTime()
      const guard = kit.guard({ now: virtual.now, sleep: virtual.sleep }, issuer)
      const token = await kit.token()
      const outcomes = await virtual.until(Promise.all(many(2000, () => outcomeOf(guard.verify(token)))))
      return [tally(outcomes), issuer.asked.length, virtual.time - start * 1000, virtual.sleeps < 2000 * 20]
    },
    expect: [{ KEYS_UNAVAILABLE: 2000 }, 2, 3000, true],
  },
  {
    id: 'clock-without-number',
    about: '`now()` that gives NaN: expired tokens are refused, and no keys are kept',
    async run(kit) {
      const issuer = kit.issuer()
      let now: () => unknown = issuer.now
      const guard = kit.guard({ now: () => now() as number }, issuer)
      const [token, expired] = [await kit.token(), await kit.token({ exp: start - 1 })]
      const first = await outcomeOf(guard.verify(token))
      const outcomes: string[] = []
      for (const value of [Number.NaN, undefined, 'now', Number.NEGATIVE_INFINITY, new Date(0)]) {
        now = () => value
        outcomes.push(await outcomeOf(guard.verify(token)), await outcomeOf(guard.verify(expired)))
      }
      now = issuer.now
      return [first, tally(outcomes), await outcomeOf(guard.verify(token)), issuer.asked.length]
    },
    expect: ['accepted', { TOKEN_EXPIRED: 10 }, 'accepted', 1],
  },
  {
    id: 'cached-token-other-key',
    about: "a valid token's cache entry is never served after another key bears its kid",
    async run(kit) {
      const issuer = kit.issuer()
      const guard = kit.guard({}, issuer)
      const token = await kit.token({ iat: start - 60 })
      const other = await kit.token({ iat: start - 60 }, kit.keys['key-2'])
      const before = await outcomeOf(guard.verify(token))
      const jwk = kit.keys['key-2']!.jwk
      issuer.respond = () => Response.json({ keys: [jwk, { ...jwk, kid: 'key-1' }] })
      issuer.pass(60)
      return [before, await outcomeOf(guard.verify(other)), await outcomeOf(guard.verify(token))]
    },
    expect: ['accepted', 'accepted', 'SIGNATURE_INVALID'],
  },
]

import { settled } from '../../support/issuer.ts'
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
        const jwks = { get, put: () => Promise.reject(new Error('down')) }
        outcomes.push(await outcomeOf(kit.guard({ jwks }).verify(token)))
      }
      return outcomes
    },
    expect: ['accepted', 'accepted', 'accepted', 'accepted'],
  },
]

import { createGuard } from '../../../src/index.ts'
import { start } from '../../support/issuer.ts'
import { otherClientId, otherIssuerName, otherPoolId } from '../world.ts'
import { type Case, outcomeOf, tally, textsIn } from './case.ts'

export const tokenCases: readonly Case[] = [
  {
    id: 'random-kids',
    about: '30 different random kids: at most one fetch per window',
    async run(kit) {
      const issuer = kit.issuer()
      const guard = kit.guard({}, issuer)
      await guard.verify(await kit.token())
      const fetches: number[] = []
      for (const window of [1, 2]) {
        issuer.pass(60)
        for (let turn = 0; turn < 30; turn++) {
          await outcomeOf(guard.verify(await kit.token({}, kit.key, { kid: `${window}-${crypto.randomUUID()}` })))
        }
        fetches.push(issuer.asked.length)
      }
      return fetches
    },
    expect: [2, 3],
  },
  {
    id: 'same-token-often',
    about: '100 verifications of one token agree (no stateful matching)',
    async run(kit) {
      const token = await kit.token()
      const guard = kit.guard()
      const bad = await kit.token({}, kit.keys['stranger'], { kid: 'key-1' })
      const outcomes: string[] = []
      for (let turn = 0; turn < 100; turn++) {
        outcomes.push(await outcomeOf(guard.authenticate(kit.request(token))))
        outcomes.push(await outcomeOf(guard.authenticate(kit.request(bad))))
      }
      return tally(outcomes)
    },
    expect: { accepted: 100, SIGNATURE_INVALID: 100 },
  },
  {
    id: 'another-guard',
    about: "a valid token's cache entry is never served under another guard",
    async run(kit) {
      const token = await kit.token()
      const issuer = kit.issuer()
      const guards = [
        {},
        { clientId: 'another' },
        { tokenUse: 'id' },
        { audience: 'https://api.example' },
        { jwks: { keys: [kit.keys['key-2']!.jwk] } },
      ]
      const outcomes: string[] = []
      for (const options of guards) outcomes.push(await outcomeOf(kit.guard(options as object, issuer).verify(token)))
      return outcomes
    },
    expect: ['accepted', 'CLIENT_WRONG', 'TOKEN_USE_WRONG', 'AUDIENCE_WRONG', 'KEY_UNKNOWN'],
  },
  {
    id: 'verify-without-pool',
    about: "`selectPool` and `verify` without a pool id: error, not another tenant's token",
    async run(kit) {
      const { userPoolId, clientId, ...rest } = kit.issuer().settings
      const pools = [
        { userPoolId, clientId },
        { userPoolId: otherPoolId, clientId: otherClientId },
      ]
      const guard = createGuard({ ...rest, pools, selectPool: () => userPoolId })
      const foreign = await kit.token({ iss: otherIssuerName, client_id: otherClientId })
      const contexts = [undefined, {}, { userPoolId }, { userPoolId: otherPoolId }, { userPoolID: otherPoolId }]
      const outcomes: string[] = []
      for (const context of contexts) outcomes.push(await outcomeOf(guard.verify(foreign, context)))
      return outcomes
    },
    expect: ['CONFIGURATION', 'CONFIGURATION', 'ISSUER_UNKNOWN', 'accepted', 'CONFIGURATION'],
  },
  {
    id: 'tampered-claims',
    about: 'a cache entry is never served after its claims object was tampered with by a handler (it is frozen)',
    async run(kit) {
      const guard = kit.guard({ clockTolerance: 0 })
      const token = await kit.token({ nested: { list: [{ deep: 1 }] } })
      const principal = await guard.verify(token)
      const before = JSON.stringify(principal)
      const attempts: (() => unknown)[] = [
        () => Object.assign(principal, { username: 'mallory' }),
        () => Object.assign(principal.claims, { exp: start + 9e9 }),
        () => (principal.groups as string[]).push('admin'),
        () => (principal.scopes as string[]).push('admin'),
        () => Object.setPrototypeOf(principal, { admin: true }),
        () => Object.defineProperty(principal.claims, 'x', { value: 1 }),
        () => ((principal.claims['nested'] as { list: { deep: number }[] }).list[0]!.deep = 2),
        () => Reflect.deleteProperty(principal.claims, 'exp'),
      ]
      const stopped = attempts.map((attempt) => {
        try {
          return attempt() === false
        } catch (error) {
          return error instanceof TypeError
        }
      })
      const after = JSON.stringify(await guard.verify(token))
      return [stopped.every(Boolean), after === before, Object.keys(Object.getPrototypeOf(principal) as object)]
    },
    expect: [true, true, []],
  },
  {
    id: 'refused-before-decoding',
    about: 'a 1 MB token (refused before decoding)',
    async run(kit) {
      const guard = kit.guard()
      const token = `${await kit.token()}${'A'.repeat(1_000_000)}`
      const { atob: decode } = globalThis
      const { parse } = JSON
      let decoded = 0
      try {
        globalThis.atob = (text) => {
          decoded++
          return decode(text)
        }
        JSON.parse = (...args) => {
          decoded++
          return parse(...args)
        }
        return [await outcomeOf(guard.authenticate(kit.request(token))), decoded]
      } finally {
        globalThis.atob = decode
        JSON.parse = parse
      }
    },
    expect: ['TOKEN_MALFORMED', 0],
  },
  {
    id: 'check-waits',
    about: 'check that refuses a token already in the cache: 401',
    async run(kit) {
      const revoked = new Set<string>()
      const guard = kit.guard({ validate: async ({ sub }) => !revoked.has(sub) })
      const token = await kit.token()
      const first = await outcomeOf(guard.authenticate(kit.request(token)))
      revoked.add('11111111-2222-4333-8444-555555555555')
      return [first, await outcomeOf(guard.authenticate(kit.request(token))), await outcomeOf(guard.verify(token))]
    },
    expect: ['accepted', 'VALIDATION_FAILED', 'VALIDATION_FAILED'],
  },
  {
    id: 'principal-without-token',
    about: 'JSON.stringify, spread and console output of a principal: no token in them',
    async run(kit) {
      const guard = kit.guard()
      const token = await kit.token()
      const principal = await guard.authenticate(kit.request(token))
      const texts = [JSON.stringify(principal), ...textsIn(principal), ...textsIn({ ...principal }), `${principal}`]
      const parts = [token, ...token.split('.')]
      return [texts.some((text) => parts.some((part) => text.includes(part))), guard.tokenOf(principal) === token]
    },
    expect: [false, true],
  },
  {
    id: 'errors-without-token',
    about: 'JSON.stringify, spread and console output of an error: no token in them',
    async run(kit) {
      const issuer = kit.issuer()
      const guard = kit.guard(
        {
          mapClaims: (raw) => {
            throw new Error(`cannot read ${JSON.stringify(raw)}`)
          },
          keyCache: { maxAge: 0, cooldown: 0 },
        },
        issuer,
      )
      const tokens = [
        await kit.token(),
        await kit.token({ exp: 1 }),
        await kit.token({ iss: `https://evil.example/${'x'.repeat(20)}` }),
        await kit.token({}, kit.keys['stranger'], { kid: 'key-1' }),
        await kit.token({}, kit.key, { kid: 'unknown-key-of-the-token' }),
        `${await kit.token()}.junk`,
      ]
      const leaks: string[] = []
      for (const token of tokens) {
        const error: unknown = await guard.verify(token).then(String, (thrown: unknown) => thrown)
        const texts = textsIn(error).join('\n')
        const parts = token.split('.').filter((part) => part.length > 8)
        // Details may name the issuer that was not the right one, but only to who asks for them.
        const printed = [JSON.stringify(error), JSON.stringify({ ...(error as object) }), String(error)].join('\n')
        const told = [...parts, 'canary', 'alice', 'unknown-key'].some((part) => texts.includes(part))
        if (told || printed.includes('evil') || (error as Error).stack?.includes('evil')) leaks.push(String(error))
      }
      return leaks
    },
    expect: [],
  },
]

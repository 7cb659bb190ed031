import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, createGuard, type GuardOptions } from '../../src/index.ts'
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
let key: TestKey
let rotated: TestKey
let token: string
const far = { exp: start + 999_999_999 }

beforeAll(async () => {
  key = await createKey('key-1')
  rotated = await createKey('key-2')
  token = await sign(key, accessClaims(far))
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

import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, issuerName, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'
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

import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, sign, start, TestIssuer, type TestKey } from '../support/issuer.ts'

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

describe('a static key set', () => {
  it('fetches nothing', async () => {
    const { issuer, outcome } = setUp({ jwks: { keys: [key.jwk] } })
    expect(await outcome(token)).toBe('accepted')
    expect(await outcome(rotatedToken)).toBe('KEY_UNKNOWN')
    expect(issuer.asked).toEqual([])
  })

  it.each([
    ['nothing in it', { keys: [] }],
    ['no RSA key', { keys: [{ ...{ kty: 'EC', kid: 'a', n: 'x', e: 'AQAB' } }] }],
    ['a key set as text', '{"keys":[]}'],
  ])('with %s throws', (_name, jwks) => {
    expect(() => setUp({ jwks: jwks as never })).toThrow(/jwks: expected/)
  })

  it.each([
    ['a local pool', { kid: 'cognigate-local-1' }],
    ['cognito-local', { n: '2uLO7yh1_6Icfd89V3nNTc_qhfpDN7vEmOYlmJQlc9_Rm'.padEnd(342, 'A') }],
    ['moto', { n: 'j1pT3xKbswmMySvCefmiD3mfDaRFpZ9Y3Jl4fF0h'.padEnd(342, 'A') }],
  ])('with a key of %s throws, unless test keys are allowed', (_name, changes) => {
    const jwks = { keys: [key.jwk, { ...rotated.jwk, ...changes }] }
    expect(() => setUp({ jwks })).toThrow(/^jwks: .*allowTestKeys/)
    expect(() => setUp({ jwks, allowTestKeys: true })).not.toThrow()
  })
})

it('a modulus with a leading zero is none, and hides no published key', () => {
  const published = '2uLO7yh1/6Icfd89V3nNTc/qhfpDN7vEmOYlmJQlc9/Rm'.padEnd(342, 'A')
  const n = btoa(`\0${atob(published)}`)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  expect(() => setUp({ jwks: { keys: [{ ...key.jwk, n }] } })).toThrow(/^jwks: /)
})

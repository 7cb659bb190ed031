import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createGuard } from '../../src/index.ts'
import { createRandom, type Random } from '../support/random.ts'
import {
  accessClaims,
  clientId,
  createKey,
  idClaims,
  issuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

/** Set WITNESS_SEED to run a failing seed again. */
const seed = Number(process.env.WITNESS_SEED ?? Math.floor(Math.random() * 2 ** 31))
const rounds = 3000

let key: TestKey
let otherKey: TestKey
let accepts: (token: string) => Promise<{ ours: boolean; jose: boolean; aws: boolean }>

beforeAll(async () => {
  console.log(`witness seed: ${seed}`)
  vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 })
  key = await createKey('key-1')
  otherKey = { ...(await createKey('key-2')), kid: 'key-1' }
  const keys = [key.jwk, otherKey.jwk].map((jwk) => ({
    ...jwk,
    alg: 'RS256' as const,
    use: 'sig' as const,
    kty: 'RSA' as const,
  }))
  const guard = createGuard({ ...new TestIssuer(key).settings, jwks: { keys }, tokenUse: 'any' })
  const keySet = createLocalJWKSet({ keys })
  const verifier = CognitoJwtVerifier.create({ userPoolId, tokenUse: null, clientId })
  verifier.cacheJwks({ keys })
  const passes = (promise: Promise<unknown>) =>
    promise.then(
      () => true,
      () => false,
    )
  accepts = async (token) => ({
    ours: await passes(guard.verify(token)),
    jose: await passes(
      jwtVerify(token, keySet, { issuer: issuerName, algorithms: ['RS256'], currentDate: new Date(start * 1000) }),
    ),
    aws: await passes(Promise.resolve().then(() => verifier.verify(token))),
  })
})

afterAll(() => {
  vi.useRealTimers()
})

describe('jose and aws-jwt-verify', () => {
  it(`accept every one of ${rounds} mutated tokens that we accept`, { timeout: 120_000 }, async () => {
    const random = createRandom(seed)
    const accepted: string[] = []
    for (let round = 0; round < rounds; round++) {
      const token = await mutated(random)
      const { ours, jose, aws } = await accepts(token)
      if (ours) accepted.push(token)
      if (ours && !(jose && aws))
        throw new Error(`seed ${seed}, round ${round}: accepted by us, jose ${jose}, aws-jwt-verify ${aws}: ${token}`)
    }
    expect(accepted.length).toBeGreaterThan(rounds / 100)
    expect(accepted.length).toBeLessThan(rounds)
  })

  it('accept no token as Cognito issues it that we refuse, nor the reverse', { timeout: 120_000 }, async () => {
    const random = createRandom(seed)
    const outcomes = new Set<boolean>()
    for (let round = 0; round < 500; round++) {
      const token = await issued(random)
      const { ours, jose, aws } = await accepts(token)
      expect(ours, `seed ${seed}, round ${round}: ${token}`).toBe(jose && aws)
      outcomes.add(ours)
    }
    expect(outcomes).toEqual(new Set([true, false]))
  })
})

/** A token as Cognito could have issued it at any time, perhaps expired, perhaps for another client or by another key. */
function issued(random: Random): Promise<string> {
  const exp = start + random.pick([-3600, -1, 0, 1, 2, 60, 3600])
  const times = { exp, iat: exp - 3600, auth_time: exp - 3600 }
  const groups = random.pick([
    undefined,
    ['editor'],
    ['a', 'b', 'ü'],
    Array.from({ length: 100 }, (_, index) => `group-${index}`),
  ])
  const common = { ...times, 'cognito:groups': groups, sub: crypto.randomUUID() }
  const client = random.pick([clientId, clientId, clientId, 'another'])
  const claims = random.pick([
    accessClaims({ ...common, client_id: client, username: random.pick(['alice', 'ålice', 'a"b\\c']) }),
    idClaims({ ...common, aud: client, nonce: 'n', 'custom:tier': 'gold' }),
    accessClaims({ ...common, sub: client, client_id: client, username: undefined, 'cognito:groups': undefined }),
  ])
  return sign(random.pick([key, key, key, otherKey]), claims)
}

async function mutated(random: Random): Promise<string> {
  const how = random.pick(['claims', 'claims', 'header', 'text', 'text', 'parts', 'forge'])
  const claims = random.pick([accessClaims(), idClaims()])
  if (how === 'claims') return sign(key, mutateClaims(claims, random))
  const token = await sign(key, claims)
  const parts = token.split('.')
  if (how === 'text') return mutateText(token, random)
  if (how === 'parts')
    return random
      .pick([parts.slice(1), [...parts, ''], [...parts].reverse(), ['', ...parts.slice(1)], parts.slice(0, 2), parts])
      .join('.')
  if (how === 'forge')
    return [
      encode({ alg: random.pick(['none', 'HS256', 'RS256']), kid: 'key-1' }),
      encode(mutateClaims(claims, random)),
      parts[2],
    ].join('.')
  const header = random.pick<Record<string, unknown>>([
    { typ: 'JWT' },
    { typ: 'at+jwt' },
    { kid: 'key-2' },
    { kid: 'key-2', typ: 'JWT' },
    { jwk: otherKey.jwk },
    { jku: 'https://evil.example' },
    { x5t: 'abc' },
    { cty: 'JWT' },
  ])
  return sign(key, claims, header)
}

function mutateClaims(claims: Record<string, unknown>, random: Random): Record<string, unknown> {
  const changed = { ...claims }
  for (let count = random.below(3); count >= 0; count--) {
    const name = random.pick([...Object.keys(claims), 'nbf', 'aud', 'client_id', 'extra', 'constructor'])
    changed[name] = random.pick<unknown>([
      undefined,
      null,
      '',
      'x',
      0,
      1,
      -1,
      start,
      start + 1,
      start - 1,
      start + 0.5,
      1e300,
      String(start),
      true,
      [],
      {},
      [clientId],
      ['a', 1],
      clientId,
      issuerName,
      'access',
      'id',
      claims[random.pick(Object.keys(claims))],
    ])
  }
  return changed
}

function mutateText(token: string, random: Random): string {
  const at = random.below(token.length)
  const char = random.pick([...'AZaz09-_.+/= \n\u00e9'])
  return random.pick([
    () => token.slice(0, at) + char + token.slice(at + 1),
    () => token.slice(0, at) + char + token.slice(at),
    () => token.slice(0, at) + token.slice(at + 1),
    () => token.slice(0, at),
    () => token + char,
    () => char + token,
    () => token.slice(0, -1) + char,
    () => token.toLowerCase(),
    () => `${token}=`,
  ])()
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

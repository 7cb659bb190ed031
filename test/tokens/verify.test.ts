import { createGuard, type GuardOptions } from '../../src/index.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  idClaims,
  issuerName,
  regionalIssuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

let key: TestKey
let otherKey: TestKey

beforeAll(async () => {
  key = await createKey('key-1')
  otherKey = await createKey('key-2')
})

function guardOf(options: Partial<GuardOptions> = {}) {
  const issuer = new TestIssuer(key)
  return { issuer, guard: createGuard({ ...issuer.settings, ...options } as GuardOptions) }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('a token as Cognito issues it', () => {
  it('is an access principal', async () => {
    const { guard } = guardOf()
    const token = await sign(key, accessClaims())
    const principal = await guard.authenticate(bearerRequest(token))
    expect(principal).toMatchObject({
      kind: 'user',
      tokenUse: 'access',
      username: 'alice',
      sub: '11111111-2222-4333-8444-555555555555',
      issuer: issuerName,
      userPoolId,
      clientId,
      groups: ['editor'],
      scopes: ['aws.cognito.signin.user.admin'],
      issuedAt: start,
      expiresAt: start + 3600,
    })
    expect(principal).not.toHaveProperty('email')
    expect(guard.tokenOf(principal)).toBe(token)
    expect(JSON.stringify(principal)).not.toContain(token)
  })

  it('is an ID principal where ID tokens are asked for', async () => {
    const { guard } = guardOf({ tokenUse: 'id' })
    const principal = await guard.authenticate(bearerRequest(await sign(key, idClaims())))
    expect(principal).toMatchObject({ tokenUse: 'id', email: 'alice@example.com', emailVerified: true, scopes: [] })
  })

  it('is a client principal for a machine, without user name and groups', async () => {
    const { guard } = guardOf()
    const claims = accessClaims({
      sub: clientId,
      username: undefined,
      'cognito:groups': undefined,
      scope: 'api/read api/write',
    })
    const principal = await guard.authenticate(bearerRequest(await sign(key, claims)))
    expect(principal).toMatchObject({ kind: 'client', clientId, scopes: ['api/read', 'api/write'], groups: [] })
    expect(principal).not.toHaveProperty('username')
  })

  it('may come from either issuer of the pool', async () => {
    const { guard, issuer } = guardOf()
    await guard.verify(await sign(key, accessClaims()))
    await guard.verify(await sign(key, accessClaims({ iss: regionalIssuerName })))
    expect(issuer.asked).toEqual([`${issuerName}/.well-known/jwks.json`, `${regionalIssuerName}/.well-known/jwks.json`])
  })

  it('has deeply frozen claims', async () => {
    const { guard } = guardOf()
    const principal = await guard.verify(await sign(key, accessClaims({ nested: { list: [{ deep: 1 }] } })))
    const { nested } = principal.claims as { nested: { list: { deep: number }[] } }
    expect(() => (nested.list[0]!.deep = 2)).toThrow(TypeError)
    expect(() => (principal.groups as string[]).push('admin')).toThrow(TypeError)
    expect(() => Object.assign(principal, { username: 'mallory' })).toThrow(TypeError)
  })

  it('is answered alike a hundred times, with one fetch and one principal', async () => {
    const { guard, issuer } = guardOf()
    const request = bearerRequest(await sign(key, accessClaims()))
    const first = await guard.authenticate(request)
    for (let turn = 0; turn < 100; turn++) expect(await guard.authenticate(request)).toBe(first)
    expect(issuer.asked).toHaveLength(1)
  })
})

describe('refused claims', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['another issuer', 'ISSUER_UNKNOWN', { iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another11' }],
    ['an issuer with a final slash', 'ISSUER_UNKNOWN', { iss: `${issuerName}/` }],
    ['no issuer', 'ISSUER_UNKNOWN', { iss: undefined }],
    ['an issuer list', 'ISSUER_UNKNOWN', { iss: [issuerName] }],
    ['an ID token', 'TOKEN_USE_WRONG', idClaims()],
    ['no use', 'TOKEN_USE_WRONG', { token_use: undefined }],
    ['another client', 'CLIENT_WRONG', { client_id: 'another' }],
    ['a client list', 'CLIENT_WRONG', { client_id: [clientId] }],
    ['a client object', 'CLIENT_WRONG', { client_id: { [clientId]: true } }],
    ['no client', 'CLIENT_WRONG', { client_id: undefined }],
    ['a foreign audience', 'AUDIENCE_WRONG', { aud: 'https://elsewhere.example' }],
    ['an audience list', 'AUDIENCE_WRONG', { aud: [clientId] }],
    ['no subject', 'CLAIM_INVALID', { sub: undefined }],
    ['an empty subject', 'CLAIM_INVALID', { sub: '' }],
    ['a numeric subject', 'CLAIM_INVALID', { sub: 7 }],
    ['no user name, and no machine', 'CLAIM_INVALID', { username: undefined }],
    ['an empty user name', 'CLAIM_INVALID', { username: '' }],
    ['no expiry', 'CLAIM_INVALID', { exp: undefined }],
    ['expiry null', 'CLAIM_INVALID', { exp: null }],
    ['expiry as a string', 'CLAIM_INVALID', { exp: String(start + 10) }],
    ['negative expiry', 'TOKEN_EXPIRED', { exp: -1 }],
    ['expiry now', 'TOKEN_EXPIRED', { exp: start }],
    ['expiry just before now', 'TOKEN_EXPIRED', { exp: start - 0.5 }],
    ['no time of issue', 'CLAIM_INVALID', { iat: undefined }],
    ['time of issue as a string', 'CLAIM_INVALID', { iat: 'now' }],
    ['a future nbf', 'TOKEN_NOT_YET_VALID', { nbf: start + 1 }],
    ['nbf as a string', 'CLAIM_INVALID', { nbf: '0' }],
    ['groups as a string', 'CLAIM_INVALID', { 'cognito:groups': 'admin' }],
    ['groups as an object', 'CLAIM_INVALID', { 'cognito:groups': { 0: 'admin' } }],
    ['groups with a number', 'CLAIM_INVALID', { 'cognito:groups': ['admin', 1] }],
    ['nested groups', 'CLAIM_INVALID', { 'cognito:groups': [['admin']] }],
    ['groups null', 'CLAIM_INVALID', { 'cognito:groups': null }],
    ['scope as a list', 'CLAIM_INVALID', { scope: ['a'] }],
    ['jti as a number', 'CLAIM_INVALID', { jti: 1 }],
  ])('%s', async (_name, code, changes) => {
    const { guard } = guardOf()
    expect(await codeOf(guard.verify(await sign(key, accessClaims(changes))))).toBe(code)
  })

  it.each([
    ['an access token', accessClaims()],
    ['an audience list', idClaims({ aud: [clientId] })],
    ['another client', idClaims({ aud: 'another' })],
    ['no user name', idClaims({ 'cognito:username': undefined })],
  ])('as an ID token: %s', async (_name, claims) => {
    const { guard } = guardOf({ tokenUse: 'id' })
    expect(await codeOf(guard.verify(await sign(key, claims)))).toMatch(
      /^(TOKEN_USE_WRONG|CLIENT_WRONG|CLAIM_INVALID)$/,
    )
  })

  it('asks nobody for keys on account of a token that is refused by its claims', async () => {
    const { guard, issuer } = guardOf()
    await codeOf(guard.verify(await sign(key, accessClaims({ iss: 'https://evil.example', exp: 0 }))))
    await codeOf(guard.verify(await sign(key, accessClaims({ exp: start - 1 }))))
    expect(issuer.asked).toEqual([])
  })
})

describe('time', () => {
  it.each([
    [0, start + 3599.999, 'accepted'],
    [0, start + 3600, 'TOKEN_EXPIRED'],
    [30, start + 3629.999, 'accepted'],
    [30, start + 3630, 'TOKEN_EXPIRED'],
  ])('tolerance %d s at %d', async (clockTolerance, at, expected) => {
    const { guard, issuer } = guardOf({ clockTolerance })
    const token = await sign(key, accessClaims())
    issuer.time = at * 1000
    expect(await codeOf(guard.verify(token))).toBe(expected)
  })

  it('ends a cached token with its exp', async () => {
    const { guard, issuer } = guardOf()
    const token = await sign(key, accessClaims())
    await guard.verify(token)
    issuer.pass(3600)
    expect(await codeOf(guard.verify(token))).toBe('TOKEN_EXPIRED')
  })

  it('takes a far or fractional exp for a number like any other, and iat for no time at all', async () => {
    const { guard } = guardOf()
    const claims = accessClaims({ exp: (start + 60) * 1000.5, iat: start + 86_400 })
    expect(await codeOf(guard.verify(await sign(key, claims)))).toBe('accepted')
  })

  it('lets nbf pass within the tolerance', async () => {
    const { guard } = guardOf({ clockTolerance: 5 })
    expect(await codeOf(guard.verify(await sign(key, accessClaims({ nbf: start + 5 }))))).toBe('accepted')
    expect(await codeOf(guard.verify(await sign(key, accessClaims({ nbf: start + 6 }))))).toBe('TOKEN_NOT_YET_VALID')
  })
})

describe('headers and forms', () => {
  it.each<[string, Record<string, unknown>]>([
    ['no kid', { kid: undefined }],
    ['an empty kid', { kid: '' }],
    ['a numeric kid', { kid: 1 }],
    ['crit', { crit: ['b64'], b64: true }],
    ['b64', { b64: true }],
  ])('%s is malformed', async (_name, header) => {
    const { guard } = guardOf()
    const token = await sign(key, accessClaims())
    const forged = [encode({ alg: 'RS256', kid: 'key-1', ...header }), ...token.split('.').slice(1)].join('.')
    expect(await codeOf(guard.verify(forged))).toBe('TOKEN_MALFORMED')
  })

  it.each([
    { alg: 'none' },
    { alg: 'None' },
    { alg: 'HS256' },
    { alg: 'RS384' },
    { alg: 'PS256' },
    { alg: '' },
    { alg: ['RS256'] },
    { alg: null },
    {},
  ])('%j is malformed', async (algorithm) => {
    const { guard } = guardOf()
    const token = await sign(key, accessClaims())
    const forged = [encode({ ...algorithm, kid: 'key-1' }), ...token.split('.').slice(1)].join('.')
    expect(await codeOf(guard.verify(forged))).toBe('TOKEN_MALFORMED')
  })

  it.each<[string, (token: string) => string]>([
    ['two parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['four parts', (token) => `${token}.e30`],
    ['an empty header', (token) => `.${token.split('.').slice(1).join('.')}`],
    ['an empty signature', (token) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['padding', (token) => `${token}==`],
    ['white space', (token) => `${token.slice(0, 20)} ${token.slice(20)}`],
    ['a line break', (token) => `${token}\n`],
    ['the other alphabet', (token) => `${token.slice(0, -3)}+/A`],
    ['left-over bits', (token) => token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1)],
    ['a payload that is an array', (token) => replacePayload(token, '[]')],
    ['a payload that is no JSON', (token) => replacePayload(token, '{')],
    ['a byte order mark', (token) => replacePayload(token, '\ufeff{}')],
    ['more than 16 kB', (token) => replacePayload(token, JSON.stringify({ filler: 'x'.repeat(16_384) }))],
  ])('%s is malformed', async (_name, mutate) => {
    const { guard, issuer } = guardOf()
    expect(await codeOf(guard.verify(mutate(await sign(key, accessClaims()))))).toBe('TOKEN_MALFORMED')
    expect(issuer.asked).toEqual([])
  })

  it('never follows a header to keys', async () => {
    const { guard, issuer } = guardOf()
    const token = await sign(otherKey, accessClaims(), {
      kid: 'key-1',
      jwk: otherKey.jwk,
      jku: 'https://evil.example/jwks.json',
      x5u: 'https://evil.example/cert',
    })
    expect(await codeOf(guard.verify(token))).toBe('SIGNATURE_INVALID')
    expect(issuer.asked).toEqual([`${issuerName}/.well-known/jwks.json`])
  })

  it.each(['__proto__', 'constructor', '../../x', 'k'.repeat(10_000)])('kid %.20s is an unknown key', async (kid) => {
    const { guard, issuer } = guardOf()
    issuer.pass(1)
    expect(await codeOf(guard.verify(await sign(key, accessClaims(), { kid })))).toBe('KEY_UNKNOWN')
  })
})

describe('the verified-token cache', () => {
  it('never takes a token for another with the same signature tail', async () => {
    const { guard } = guardOf()
    const token = await sign(key, accessClaims())
    await guard.verify(token)
    const forged = replacePayload(token, JSON.stringify(accessClaims({ 'cognito:groups': ['admin'] })))
    expect(await codeOf(guard.verify(forged))).toBe('SIGNATURE_INVALID')
    expect(await codeOf(guard.verify(token))).toBe('accepted')
  })

  it('forgets a token with its key, past the soft age', async () => {
    const { guard, issuer } = guardOf({ keyCache: { maxAge: 600 } })
    const token = await sign(key, accessClaims())
    await guard.verify(token)
    issuer.keys = [otherKey]
    issuer.pass(599)
    expect(await codeOf(guard.verify(token))).toBe('accepted')
    issuer.pass(1)
    expect(await codeOf(guard.verify(token))).toBe('KEY_UNKNOWN')
  })

  it("is the guard's own", async () => {
    const first = guardOf()
    const second = guardOf({ clientId: 'another' })
    const token = await sign(key, accessClaims())
    await first.guard.verify(token)
    expect(await codeOf(second.guard.verify(token))).toBe('CLIENT_WRONG')
  })

  it('is bounded: the least recently used token is verified anew', async () => {
    const { guard } = guardOf({ tokenCache: { maxEntries: 2 } })
    const [one, two, three] = await Promise.all(['1', '2', '3'].map((jti) => sign(key, accessClaims({ jti }))))
    const firstOne = await guard.verify(one!)
    const firstTwo = await guard.verify(two!)
    expect(await guard.verify(one!)).toBe(firstOne)
    await guard.verify(three!)
    expect(await guard.verify(one!)).toBe(firstOne)
    expect(await guard.verify(two!)).not.toBe(firstTwo)
  })
})

function encode(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function replacePayload(token: string, payload: string): string {
  const [header, , signature] = token.split('.')
  const bytes = new TextEncoder().encode(payload)
  const encoded = btoa(String.fromCharCode(...bytes))
  return [header, encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), signature].join('.')
}

import { beforeAll, describe, expect, it } from 'vitest'
import { type AuthenticationDetails, AuthenticationError, createGuard, type GuardOptions } from '../../src/index.ts'
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
} from '../support/issuer.ts'

let key: TestKey

beforeAll(async () => {
  key = await createKey('key-1')
})

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ ...new TestIssuer(key).settings, ...options } as GuardOptions)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('where any client is accepted, there must be one all the same', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['null', null],
    ['a number', 5],
    ['a list', [clientId]],
    ['true', true],
  ])('%s', async (_name, value) => {
    const access = await sign(key, accessClaims({ client_id: value }))
    const id = await sign(key, idClaims({ aud: value }))
    expect(await codeOf(guardOf({ clientId: null }).verify(access))).toBe('CLIENT_WRONG')
    expect(await codeOf(guardOf({ clientId: null, tokenUse: 'id' }).verify(id))).toBe('CLIENT_WRONG')
  })
})

describe('who is a machine', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['an access token whose subject is the client', { sub: clientId, username: undefined }, 'accepted'],
    ['one with an empty user name', { sub: clientId, username: '' }, 'CLAIM_INVALID'],
    ['one whose user name is null', { sub: clientId, username: null }, 'CLAIM_INVALID'],
    ['another subject', { sub: 'another', username: undefined }, 'CLAIM_INVALID'],
  ])('%s: %j → %s', async (_name, changes, expected) => {
    expect(await codeOf(guardOf().verify(await sign(key, accessClaims(changes))))).toBe(expected)
  })

  it('never somebody with an ID token', async () => {
    const token = await sign(key, idClaims({ sub: clientId, 'cognito:username': undefined }))
    expect(await codeOf(guardOf({ tokenUse: 'id' }).verify(token))).toBe('CLAIM_INVALID')
    expect(await codeOf(guardOf({ tokenUse: 'any' }).verify(token))).toBe('CLAIM_INVALID')
  })

  it('has the kind and use of one, and no groups even if the token names some', async () => {
    const claims = accessClaims({ sub: clientId, username: undefined, 'cognito:groups': ['admin'] })
    const principal = await guardOf().verify(await sign(key, claims))
    expect(principal).toMatchObject({ kind: 'client', tokenUse: 'access', groups: [] })
    expect(Object.isFrozen(principal.groups)).toBe(true)
  })
})

describe('what is absent', () => {
  it('is no group and no scope', async () => {
    const principal = await guardOf().verify(
      await sign(key, accessClaims({ 'cognito:groups': undefined, scope: undefined })),
    )
    expect([principal.groups, principal.scopes]).toEqual([[], []])
    const id = await guardOf({ tokenUse: 'id' }).verify(await sign(key, idClaims({ 'cognito:groups': undefined })))
    expect([id.groups, id.scopes]).toEqual([[], []])
  })

  it('is no e-mail address, and none that is verified', async () => {
    const guard = guardOf({ tokenUse: 'id' })
    const of = async (changes: Record<string, unknown>) => guard.verify(await sign(key, idClaims(changes)))
    expect(await of({})).toMatchObject({ kind: 'user', email: 'alice@example.com', emailVerified: true })
    expect(await of({ email: undefined })).toMatchObject({ kind: 'user', email: undefined })
    expect(await of({ email: ['alice@example.com'] })).toMatchObject({ email: undefined })
    for (const value of [undefined, false, 'true', 1, null]) {
      expect(await of({ email_verified: value })).toMatchObject({ emailVerified: false })
    }
  })
})

describe('scopes', () => {
  it.each([
    ['a b', ['a', 'b']],
    [' a  b ', ['a', 'b']],
    ['', []],
    [' ', []],
  ])('%j are %j', async (scope, scopes) => {
    expect((await guardOf().verify(await sign(key, accessClaims({ scope })))).scopes).toEqual(scopes)
  })

  it('of an ID token are none, whatever it says', async () => {
    const principal = await guardOf({ tokenUse: 'id' }).verify(await sign(key, idClaims({ scope: 'admin' })))
    expect(principal.scopes).toEqual([])
  })
})

describe('custom claims', () => {
  it('may be a web of objects, which is frozen to the last', async () => {
    const guard = createGuard({
      ...new TestIssuer(key).settings,
      mapClaims: () => {
        const parent: { name: string; children: { name: string; parent?: unknown }[] } = { name: 'a', children: [] }
        parent.children.push({ name: 'b', parent }, { name: 'c', parent })
        return parent
      },
    })
    const { claims } = await guard.verify(await sign(key, accessClaims()))
    expect(claims.children.map((child) => [child.parent === claims, Object.isFrozen(child)])).toEqual([
      [true, true],
      [true, true],
    ])
    expect([Object.isFrozen(claims), Object.isFrozen(claims.children)]).toEqual([true, true])
  })
})

describe('the details of a refusal', () => {
  const guardAt = (options: Partial<GuardOptions> = {}) => {
    const issuer = new TestIssuer(key)
    return { issuer, guard: createGuard({ ...issuer.settings, ...options } as GuardOptions) }
  }
  const thrownBy = (promise: Promise<unknown>): Promise<AuthenticationError> =>
    promise.then(
      () => Promise.reject(new Error('accepted')),
      (error) => error,
    )

  it.each<[Record<string, unknown>, Partial<GuardOptions>, AuthenticationDetails]>([
    [{ token_use: 'id' }, {}, { claim: 'aud', expected: [clientId], actual: 'undefined' }],
    [{ token_use: 'refresh' }, {}, { claim: 'token_use', expected: 'access or id', actual: 'refresh' }],
    [{}, { tokenUse: 'id' }, { claim: 'token_use', expected: 'id', actual: 'access' }],
    [{ client_id: 'another' }, {}, { claim: 'client_id', expected: [clientId], actual: 'another' }],
    [{ client_id: ['a'] }, {}, { claim: 'client_id', expected: [clientId], actual: 'object' }],
    [{ aud: 'elsewhere' }, {}, { claim: 'aud', expected: clientId, actual: 'elsewhere' }],
    [{}, { audience: 'api' }, { claim: 'aud', expected: 'api', actual: 'undefined' }],
    [
      { iss: 'https://evil.example' },
      {},
      { claim: 'iss', expected: [issuerName, regionalIssuerName], actual: 'https://evil.example' },
    ],
    [{ exp: start - 5 }, { clockTolerance: 2 }, { claim: 'exp', expected: start - 2, actual: start - 5 }],
    [{ nbf: start + 5 }, { clockTolerance: 2 }, { claim: 'nbf', expected: start + 2, actual: start + 5 }],
    [{ exp: '1' }, {}, { claim: 'exp', actual: 'string' }],
    [{ iat: undefined }, {}, { claim: 'iat', actual: 'undefined' }],
    [{ sub: '' }, {}, { claim: 'sub', actual: 'string' }],
    [{ username: undefined }, {}, { claim: 'username' }],
    [{ username: 7 }, {}, { claim: 'username', actual: 'number' }],
    [{ 'cognito:groups': 'admin' }, {}, { claim: 'cognito:groups', actual: 'string' }],
    [{ scope: ['a'] }, {}, { claim: 'scope', actual: 'object' }],
  ])('names the claim that decided: %j', async (changes, options, details) => {
    const error = await thrownBy(guardAt(options).guard.verify(await sign(key, accessClaims(changes))))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.details).toEqual(details)
  })

  it.each<[Record<string, unknown>, AuthenticationDetails]>([
    [{ iss: regionalIssuerName }, { claim: 'iss', expected: issuerName, actual: regionalIssuerName }],
    [
      { sub: 'someone-else' },
      { claim: 'sub', expected: '11111111-2222-4333-8444-555555555555', actual: 'someone-else' },
    ],
    [{ origin_jti: undefined }, { claim: 'origin_jti', expected: accessClaims()['origin_jti'], actual: 'undefined' }],
  ])('names the claim in which two tokens differ: %j', async (changes, details) => {
    const tokens = { idToken: await sign(key, idClaims()), accessToken: await sign(key, accessClaims(changes)) }
    expect((await thrownBy(guardAt().guard.verifyTokens(tokens))).details).toEqual(details)
  })

  it('names the hash that is not of the access token, and no hash', async () => {
    const tokens = {
      idToken: await sign(key, idClaims({ at_hash: 'AAAA' })),
      accessToken: await sign(key, accessClaims()),
    }
    expect((await thrownBy(guardAt().guard.verifyTokens(tokens))).details).toEqual({ claim: 'at_hash' })
  })

  it('is short, whatever the token holds', async () => {
    const error = await thrownBy(guardAt().guard.verify(await sign(key, accessClaims({ iss: 'x'.repeat(9000) }))))
    expect(error.details.actual).toBe('x'.repeat(200))
  })

  it('is nothing where no claim decided', async () => {
    const { guard } = guardAt()
    for (const jwt of ['junk', await sign(key, accessClaims(), { typ: 'JWT', kid: 'unknown' })]) {
      expect((await thrownBy(guard.verify(jwt))).details).toEqual({})
    }
  })

  it('stands in no answer, and in nothing that is printed unasked', async () => {
    const { guard } = guardAt()
    const request = bearerRequest(await sign(key, accessClaims({ client_id: 'tell-nobody' })))
    const error = await thrownBy(guard.authenticate(request))
    expect(error.details.actual).toBe('tell-nobody')
    const response = guard.toResponse(error, request)
    const told = [
      await response.text(),
      ...[...response.headers].flat(),
      JSON.stringify(error),
      JSON.stringify({ ...error }),
      String(error),
      error.stack,
      ...Object.keys(error),
    ].join('\n')
    for (const secret of ['tell-nobody', clientId, 'client_id', 'details']) expect(told).not.toContain(secret)
  })

  it('cannot be used to change what is accepted', async () => {
    const { guard } = guardAt()
    const token = await sign(key, accessClaims({ client_id: 'another' }))
    const { details } = await thrownBy(guard.verify(token))
    expect(() => (details.expected as string[]).push('another')).toThrow(TypeError)
    expect(await codeOf(guard.verify(token))).toBe('CLIENT_WRONG')
  })
})

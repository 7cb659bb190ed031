import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { decode, readKeys } from '../support/local-pool.ts'

const start = 1_767_225_600
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`

let pool: LocalPool

beforeAll(async () => {
  pool = await createLocalPool({
    now: () => start * 1000 + 999,
    groups: [
      'viewer',
      { name: 'editor', precedence: 20, roleArn: arn('editor') },
      { name: 'admin', precedence: 1, roleArn: arn('admin') },
      { name: 'auditor', precedence: 1, roleArn: arn('auditor') },
      { name: 'owner', precedence: 1, roleArn: arn('admin') },
      { name: 'lead', precedence: 0 },
      { name: 'guest', roleArn: arn('guest') },
      { name: 'visitor', roleArn: arn('visitor') },
    ],
    users: {
      alice: {
        email: 'alice@example.com',
        email_verified: true,
        groups: ['viewer', 'editor', 'admin'],
        attributes: { given_name: 'Alice', 'custom:tier': 'gold', 'custom:seats': 3, address: '1 High Street' },
      },
      bob: {},
      carol: {
        sub: '11111111-2222-4333-8444-555555555555',
        attributes: {
          email: 'carol@example.com',
          phone_number: '+15550100',
          phone_number_verified: true,
          identities: '[{"userId":"42","providerName":"Corp","providerType":"SAML","primary":"true"}]',
        },
      },
      tied: { groups: ['admin', 'auditor'] },
      agreed: { groups: ['owner', 'admin', 'editor'] },
      led: { groups: ['lead', 'editor'] },
      last: { groups: ['guest', 'editor'] },
      unranked: { groups: ['guest', 'visitor'] },
    },
    clients: [{ clientId: 'machine1', secret: true, scopes: ['orders/read', 'orders/write'], expiresIn: 600 }],
  })
})

describe('the independent witnesses', () => {
  it('jose verifies both tokens against the keys that fetch serves', async () => {
    const { idToken, accessToken } = await pool.tokens('alice')
    const keys = createRemoteJWKSet(new URL(`${pool.issuer}/.well-known/jwks.json`), {
      [customFetch]: (url, init) => pool.fetch(new Request(url, { method: init.method })),
    })
    const options = { issuer: pool.issuer, algorithms: ['RS256'], currentDate: new Date(start * 1000) }
    const id = await jwtVerify(idToken, keys, { ...options, audience: pool.settings.clientId })
    const access = await jwtVerify(accessToken, keys, options)
    expect(id.payload['token_use']).toBe('id')
    expect(access.payload['token_use']).toBe('access')
    expect(id.protectedHeader.kid).not.toBe(access.protectedHeader.kid)
    expect(id.protectedHeader).toEqual({ kid: expect.stringMatching(/^cognigate-local-/), alg: 'RS256' })
  })

  it('aws-jwt-verify accepts all three kinds of token, and of both issuers', async () => {
    const real = await createLocalPool({ users: ['alice'], issuer: 'updated' })
    const { userPoolId, clientId } = real.settings
    const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: null })
    const { keys } = await readKeys(real)
    verifier.cacheJwks({ keys: keys.map(({ n = '', e = '', ...key }) => ({ ...key, n, e, kty: 'RSA' })) })
    const updated = await real.tokens('alice')
    const original = await real.tokens('alice', { issuer: 'original' })
    const machine = await real.clientTokens({ scope: 'orders/read' })
    for (const token of [updated.idToken, updated.accessToken, original.idToken, machine.accessToken]) {
      expect(await verifier.verify(token)).toEqual(decode(token).claims)
    }
    expect(decode(updated.idToken).claims['iss']).toBe(
      `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`,
    )
    expect(decode(original.idToken).claims['iss']).toBe(`https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`)
  })

  it('jose refuses the token of another pool and one that has expired', async () => {
    const keys = createLocalJWKSet(await readKeys(pool))
    const other = await createLocalPool({ users: ['alice'] })
    const options = { currentDate: new Date(start * 1000) }
    await expect(jwtVerify((await other.tokens('alice')).accessToken, keys)).rejects.toThrow('no applicable key')
    const { accessToken } = await pool.tokens('alice', { expiresIn: -1 })
    await expect(jwtVerify(accessToken, keys, options)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
  })
})

describe('the claims of a user', () => {
  it('are those of Cognito in the access token, and no others', async () => {
    const { accessToken, expiresIn } = await pool.tokens('alice')
    expect(expiresIn).toBe(3600)
    expect(decode(accessToken).claims).toEqual({
      sub: expect.stringMatching(uuid),
      'cognito:groups': ['admin', 'editor', 'viewer'],
      iss: pool.issuer,
      version: 2,
      client_id: pool.settings.clientId,
      origin_jti: expect.stringMatching(uuid),
      event_id: expect.stringMatching(uuid),
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: start,
      exp: start + 3600,
      iat: start,
      jti: expect.stringMatching(uuid),
      username: 'alice',
    })
  })

  it('are those of Cognito in the ID token, and no others', async () => {
    const { idToken } = await pool.tokens('alice')
    expect(decode(idToken).claims).toEqual({
      sub: expect.stringMatching(uuid),
      given_name: 'Alice',
      'custom:tier': 'gold',
      'custom:seats': '3',
      address: { formatted: '1 High Street' },
      email: 'alice@example.com',
      email_verified: true,
      'cognito:groups': ['admin', 'editor', 'viewer'],
      'cognito:roles': [arn('admin'), arn('editor')],
      'cognito:preferred_role': arn('admin'),
      iss: pool.issuer,
      'cognito:username': 'alice',
      origin_jti: expect.stringMatching(uuid),
      aud: pool.settings.clientId,
      event_id: expect.stringMatching(uuid),
      token_use: 'id',
      auth_time: start,
      exp: start + 3600,
      iat: start,
      jti: expect.stringMatching(uuid),
    })
  })

  it('leave groups, roles and e-mail out for a user who has none', async () => {
    const { idToken, accessToken } = await pool.tokens('bob')
    const names = [...Object.keys(decode(idToken).claims), ...Object.keys(decode(accessToken).claims)]
    expect(names.filter((name) => /groups|role|email/.test(name))).toEqual([])
  })

  it('have the types of OpenID Connect', async () => {
    const { claims } = decode((await pool.tokens('carol')).idToken)
    expect(claims).toMatchObject({
      sub: '11111111-2222-4333-8444-555555555555',
      email: 'carol@example.com',
      email_verified: false,
      phone_number: '+15550100',
      phone_number_verified: true,
      identities: [{ userId: '42', providerName: 'Corp', providerType: 'SAML', primary: 'true' }],
    })
  })

  it('tie the two tokens of one sign-in together, and no others', async () => {
    const first = await pool.tokens('alice')
    const second = await pool.tokens('alice')
    const [id, access, other] = [first.idToken, first.accessToken, second.accessToken].map(
      (token) => decode(token).claims,
    )
    for (const name of ['sub', 'origin_jti', 'event_id', 'iss', 'iat', 'exp', 'auth_time']) {
      expect(id?.[name]).toBe(access?.[name])
    }
    expect(id?.['jti']).not.toBe(access?.['jti'])
    expect(other?.['sub']).toBe(access?.['sub'])
    expect(other?.['origin_jti']).not.toBe(access?.['origin_jti'])
    expect(first.refreshToken).not.toBe(second.refreshToken)
  })
})

describe('the roles of an ID token', () => {
  it.each([
    ['tied', [arn('admin'), arn('auditor')], undefined],
    ['agreed', [arn('admin'), arn('editor')], arn('admin')],
    ['led', [arn('editor')], arn('editor')],
    ['last', [arn('editor'), arn('guest')], arn('editor')],
    ['unranked', [arn('guest'), arn('visitor')], undefined],
  ])('of %s', async (username, roles, preferred) => {
    const { idToken, accessToken } = await pool.tokens(username)
    const { claims } = decode(idToken)
    expect(claims['cognito:roles']).toEqual(roles)
    expect(claims['cognito:preferred_role']).toBe(preferred)
    expect(Object.hasOwn(claims, 'cognito:preferred_role')).toBe(preferred !== undefined)
    expect(Object.keys(decode(accessToken).claims).filter((name) => name.includes('role'))).toEqual([])
  })
})

describe('the options of tokens', () => {
  it('choose client, scope, times and nonce', async () => {
    const tokens = await pool.tokens('alice', {
      clientId: 'machine1',
      scope: ['openid', 'email'],
      nonce: 'n-0S6',
      authTime: start - 50,
      issuedAt: start - 20,
    })
    const id = decode(tokens.idToken).claims
    const access = decode(tokens.accessToken).claims
    expect(tokens.expiresIn).toBe(600)
    expect(id).toMatchObject({
      aud: 'machine1',
      nonce: 'n-0S6',
      auth_time: start - 50,
      iat: start - 20,
      exp: start + 580,
    })
    expect(access).toMatchObject({
      client_id: 'machine1',
      scope: 'openid email',
      auth_time: start - 50,
      iat: start - 20,
    })
    expect(access).not.toHaveProperty('nonce')
    expect(access).not.toHaveProperty('aud')
    expect(id).not.toHaveProperty('scope')
  })

  it('at_hash is the left half of the SHA-256 of the access token', async () => {
    const { idToken, accessToken } = await pool.tokens('alice', { atHash: true })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))
    const half = btoa(String.fromCharCode(...new Uint8Array(digest).slice(0, 16)))
    const expected = half.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    expect(decode(idToken).claims['at_hash']).toBe(expected)
    expect(decode((await pool.tokens('alice')).idToken).claims).not.toHaveProperty('at_hash')
  })

  it('override claims of both tokens or of one, and take claims away', async () => {
    const { idToken, accessToken } = await pool.tokens('alice', {
      claims: { exp: 'soon', 'cognito:groups': undefined, acr: 'b' },
      id: { aud: ['x'], acr: undefined },
      access: { aud: 'https://api.example.com', client_id: 7 },
    })
    const id = decode(idToken).claims
    const access = decode(accessToken).claims
    expect(id).toMatchObject({ exp: 'soon', aud: ['x'] })
    expect(access).toMatchObject({ exp: 'soon', aud: 'https://api.example.com', client_id: 7, acr: 'b' })
    for (const name of ['cognito:groups', 'acr']) expect(id).not.toHaveProperty(name)
    expect(access).not.toHaveProperty('cognito:groups')
  })

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'an unknown user',
      () => pool.tokens('mallory'),
      'tokens: unknown user mallory; known users are agreed, alice, bob, carol',
    ],
    ['a name of Object.prototype', () => pool.tokens('constructor'), 'tokens: unknown user constructor'],
    ['an unknown client', () => pool.tokens('alice', { clientId: 'x' }), 'tokens: unknown client; known are'],
    ['a life that is not whole', () => pool.tokens('alice', { expiresIn: 1.5 }), 'tokens: expiresIn'],
    ['an unknown machine', () => pool.clientTokens({ clientId: 'x', scope: 'a' }), 'clientTokens: unknown client'],
    ['a machine without a scope', () => pool.clientTokens(), 'clientTokens: give a scope'],
    [
      'a scope that the machine may not have',
      () => pool.clientTokens({ clientId: 'machine1', scope: 'orders/delete' }),
      'clientTokens: the client machine1 may not have the scope orders/delete.',
    ],
  ])('refuse %s', async (_, attempt, message) => {
    const error = await attempt().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as Error).message).toContain(message)
  })

  it('find a user by sub', async () => {
    const { accessToken } = await pool.tokens('11111111-2222-4333-8444-555555555555')
    expect(decode(accessToken).claims['username']).toBe('carol')
  })
})

describe('machine tokens', () => {
  it('have the claims of the client credentials grant, and no others', async () => {
    const { accessToken, expiresIn } = await pool.clientTokens({ clientId: 'machine1' })
    expect(expiresIn).toBe(600)
    expect(decode(accessToken).claims).toEqual({
      sub: 'machine1',
      token_use: 'access',
      scope: 'orders/read orders/write',
      auth_time: start,
      iss: pool.issuer,
      exp: start + 600,
      iat: start,
      version: 2,
      jti: expect.stringMatching(uuid),
      client_id: 'machine1',
    })
  })

  it('are the main client’s by default, with claims and life to choose', async () => {
    const { accessToken } = await pool.clientTokens({ scope: ['a/b', 'c'], claims: { sub: undefined }, expiresIn: 60 })
    const { claims } = decode(accessToken)
    expect(claims).toMatchObject({ client_id: pool.settings.clientId, scope: 'a/b c', exp: start + 60 })
    expect(claims).not.toHaveProperty('sub')
  })
})

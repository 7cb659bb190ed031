import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { PageVisitor } from '../../support/page-visitor.ts'

const callback = 'https://app.example.com/callback'
const verifier = 'a-verifier-of-forty-three-characters-or-more'
const challenge = createHash('sha256').update(verifier).digest('base64url')
let pool: LocalPool
let base: string

beforeAll(async () => {
  pool = await createLocalPool({
    users: { alice: { password: 'Correct-h0rse', email: 'alice@example.com' }, bob: { password: 'Correct-h0rse' } },
    clients: [
      { clientId: 'app', callbackUrls: [callback, 'myapp://back'], logoutUrls: ['https://app.example.com/'] },
      { clientId: 'other', callbackUrls: [callback], scopes: ['openid'] },
      { clientId: 'tokens', callbackUrls: [callback], oauthFlows: ['implicit'] },
      { clientId: 'none' },
    ],
  })
  base = `https://${pool.domain}`
})

const send = (request: Request) => pool.fetch(request)
const parameters = { client_id: 'app', redirect_uri: callback, response_type: 'code', state: 'the-state' }

/** The address of an authorize request; undefined leaves a parameter out. */
function authorizeUrl(changes: Record<string, string | undefined> = {}, path = '/oauth2/authorize'): string {
  const given = Object.entries({ ...parameters, ...changes }).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, value]]
  })
  return `${base}${path}?${new URLSearchParams(given)}`
}

async function signIn(changes: Record<string, string | undefined> = {}, visitor = new PageVisitor(send)) {
  await visitor.open(authorizeUrl(changes))
  if (visitor.outside === undefined) await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
  return visitor
}

async function post(path: string, form: Record<string, string> | string, headers: Record<string, string> = {}) {
  const response = await pool.fetch(
    new Request(`${base}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) }),
  )
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers }
}

const redeem = (code: string, changes: Record<string, string> = {}) =>
  post('/oauth2/token', {
    ...{ grant_type: 'authorization_code', client_id: 'app', redirect_uri: callback, code },
    ...changes,
  })

describe('an authorize request', () => {
  it.each<readonly [about: string, changes: Record<string, string | undefined>, error: string]>([
    ['without a client', { client_id: undefined }, "Required String parameter 'client_id' is not present"],
    ['of an unknown client', { client_id: 'nobody' }, 'Client does not exist.'],
    ['of a client named __proto__', { client_id: '__proto__' }, 'Client does not exist.'],
    ['without an address', { redirect_uri: undefined }, "Required String parameter 'redirect_uri' is not present"],
    ...[
      `${callback}/`,
      `${callback}?a=b`,
      `${callback}#`,
      `${callback}%2f..`,
      callback.replace('https', 'http'),
      callback.replace('app.', 'APP.'),
      'https://app.example.com/Callback',
      'https://app.example.com:443/callback',
      'https://app.example.com@evil.example/callback',
      'https://app.example.com.evil.example/callback',
      '//app.example.com/callback',
      'javascript:alert(1)',
      ` ${callback}`,
      `${callback}\r\nset-cookie: a=b`,
      'myapp://back/',
    ].map(
      (address) =>
        [`with the address ${JSON.stringify(address)}`, { redirect_uri: address }, 'redirect_mismatch'] as const,
    ),
  ])('%s goes to the page of errors, never to the client', async (_, changes, error) => {
    const visitor = await new PageVisitor(send).open(authorizeUrl(changes))
    expect(visitor.outside).toBeUndefined()
    expect(visitor.page).toMatchObject({
      status: 400,
      error,
      title: 'An error was encountered with the requested page.',
    })
  })

  it.each([
    ['without a response type', { response_type: undefined }, 'invalid_request'],
    ['for an unknown response type', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['for tokens that the client may not have', { response_type: 'token' }, 'unauthorized_client', 'fragment'],
    ['for a scope that the client may not have', { client_id: 'other', scope: 'openid email' }, 'invalid_scope'],
    ['for an unknown scope', { scope: 'openid everything' }, 'invalid_scope'],
    ['with a plain challenge', { code_challenge: verifier, code_challenge_method: 'plain' }, 'invalid_request'],
    ['with a challenge without method', { code_challenge: challenge }, 'invalid_request'],
    ['with a method without challenge', { code_challenge_method: 'S256' }, 'invalid_request'],
    ['with a short challenge', { code_challenge: 'abc', code_challenge_method: 'S256' }, 'invalid_request'],
    ['with an unknown prompt', { prompt: 'maybe' }, 'invalid_request'],
    ['with none beside another prompt', { prompt: 'none login' }, 'invalid_request'],
    ['with none while nobody is signed in', { prompt: 'none' }, 'login_required'],
    ['with an age that is no number', { max_age: '-1' }, 'invalid_request'],
    ['for a resource that is no URL', { resource: 'orders' }, 'invalid_request'],
    ['for a level that the pool lacks', { acr_values: 'gold' }, 'invalid_request'],
  ] as const)('%s is refused at the client, with its state', async (_, changes, error, place?: 'fragment') => {
    const visitor = await new PageVisitor(send).open(authorizeUrl(changes))
    expect(visitor.outside?.startsWith(`${callback}${place === 'fragment' ? '#' : '?'}`)).toBe(true)
    expect(Object.fromEntries(visitor.answer)).toMatchObject({ error, state: 'the-state' })
  })

  it.each(['client_id', 'redirect_uri', 'state', 'scope', 'response_type', 'nonce'])(
    'that repeats %s is refused',
    async (name) => {
      const visitor = await new PageVisitor(send).open(`${authorizeUrl({ nonce: 'n', scope: 'openid' })}&${name}=app`)
      const error = visitor.outside === undefined ? visitor.page.error : visitor.answer.get('error')
      expect(error).toBe('invalid_request')
    },
  )

  it('with a huge state comes back with it, and one with HTML is escaped on the page', async () => {
    const state = `"><script>alert(1)</script>${'é%&+ '.repeat(2000)}`
    const visitor = await signIn({ state })
    expect(visitor.answer.get('state')).toBe(state)
  })

  it('goes to an app scheme too', async () => {
    expect((await signIn({ redirect_uri: 'myapp://back' })).outside).toMatch(/^myapp:\/\/back\?code=[\w-]{36}&state=/)
  })
})

describe('a page', () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`
  it.each(['/login', '/signup', '/confirmUser', '/forgotPassword', '/confirmForgotPassword', '/error'])(
    'at %s escapes every parameter, and lets no script run',
    async (path) => {
      const names = [
        'state',
        'nonce',
        'login_hint',
        'lang',
        'identity_provider',
        'idp_identifier',
        'error',
        'foo',
        evil,
      ]
      const url = authorizeUrl(Object.fromEntries(names.map((name) => [name, evil])), path)
      const response = await pool.fetch(new Request(url))
      const text = await response.text()
      expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>/)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/)
      expect(policy).not.toMatch(/unsafe|script-src/)
      expect(response.headers.get('x-frame-options')).toBe('DENY')
    },
  )

  it('shows what was typed escaped, and no password', async () => {
    const visitor = await new PageVisitor(send).open(authorizeUrl())
    await visitor.send({ username: evil, password: 'a wrong password' })
    expect(visitor.page.error).toBe('User does not exist.')
    expect(visitor.page.text).not.toMatch(/<script|<img|a wrong password/)
  })

  it('takes a form of its own browser only', async () => {
    const visitor = await new PageVisitor(send).open(authorizeUrl())
    const form = { username: 'alice', password: 'Correct-h0rse' }
    const foreign = await pool.fetch(
      new Request(visitor.page.url, { method: 'POST', body: new URLSearchParams({ ...form, _csrf: 'a'.repeat(43) }) }),
    )
    expect([foreign.status, foreign.headers.get('location')]).toEqual([403, null])
    for (const cookie of ['', 'XSRF-TOKEN=', 'XSRF-TOKEN=short']) {
      const body = new URLSearchParams({ ...form, _csrf: cookie.slice(11) })
      const answer = await pool.fetch(new Request(visitor.page.url, { method: 'POST', body, headers: { cookie } }))
      expect(answer.status).toBe(403)
    }
    expect((await visitor.send(form)).answer.get('code')).not.toBeNull()
  })

  it('is not for scripts of other origins, and the token endpoint is', async () => {
    const headers = { origin: 'https://evil.example' }
    const page = await pool.fetch(new Request(authorizeUrl({}, '/login'), { headers }))
    expect(page.headers.get('access-control-allow-origin')).toBeNull()
    expect((await post('/oauth2/token', {}, headers)).headers.get('access-control-allow-origin')).toBe('*')
  })

  it('has cookies for HTTPS, out of reach of scripts, and none of another pool', async () => {
    const visitor = await signIn()
    const response = await pool.fetch(new Request(authorizeUrl({}, '/login')))
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^XSRF-TOKEN=\w{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ])
    const stranger = await createLocalPool({
      domain: 'stranger',
      clients: [{ clientId: 'app', callbackUrls: [callback] }],
    })
    const elsewhere = new PageVisitor((request) => stranger.fetch(request))
    for (const [name, value] of visitor.cookies) elsewhere.cookies.set(name, value)
    await elsewhere.open(authorizeUrl().replace(base, `https://${stranger.domain}`))
    expect(elsewhere.page.title).toBe('Sign in')
  })
})

describe('a code', () => {
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const codeOf = async (changes?: Record<string, string | undefined>) =>
    (await signIn(changes)).answer.get('code') ?? ''

  it.each([
    ['of another client', { client_id: 'other' }, 'invalid_grant'],
    ['with another address', { redirect_uri: 'myapp://back' }, 'invalid_grant'],
    ['with another verifier', { code_verifier: `${verifier}x` }, 'invalid_grant'],
    ['with the challenge as verifier', { code_verifier: challenge }, 'invalid_grant'],
    ['without its verifier', { code_verifier: '' }, 'invalid_grant'],
    ['of an unknown client', { client_id: 'nobody' }, 'invalid_client'],
    ['with a secret that the client has not', { client_secret: 'x' }, 'invalid_client'],
    ['of a client without the grant', { client_id: 'tokens' }, 'unauthorized_client'],
    ['that is made up', { code: 'a6f5e1f8-29d1-4d5c-8d5c-2a0f1f3f0001' }, 'invalid_grant'],
    ['named __proto__', { code: '__proto__' }, 'invalid_grant'],
    ['for another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('is not redeemed %s, and then still by its client', async (_, changes, error) => {
    const code = await codeOf(pkce)
    expect(await redeem(code, { code_verifier: verifier, ...changes })).toMatchObject({ status: 400, body: { error } })
    expect(await redeem(code, { code_verifier: verifier })).toMatchObject({ status: 200 })
  })

  it('works once, for five minutes', async () => {
    const code = await codeOf()
    expect((await redeem(code)).status).toBe(200)
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const late = await codeOf()
    pool.advance(300)
    expect(await redeem(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('without a challenge takes no verifier', async () => {
    expect((await redeem(await codeOf(), { code_verifier: verifier })).body).toEqual({ error: 'invalid_grant' })
  })

  it('gives the scopes that were asked for, an ID token with openid only, and the nonce in it', async () => {
    const { body } = await redeem(await codeOf({ scope: 'openid phone', nonce: 'the-nonce' }))
    expect(decodeJwt(body.access_token)['scope']).toBe('openid phone')
    expect(decodeJwt(body.id_token)).toMatchObject({ nonce: 'the-nonce', 'cognito:username': 'alice' })
    expect(decodeJwt(body.id_token)['email']).toBeUndefined()
    const plain = await redeem(await codeOf({ scope: 'aws.cognito.signin.user.admin' }))
    expect(Object.keys(plain.body)).toEqual(['access_token', 'refresh_token', 'expires_in', 'token_type'])
    const all = await redeem(await codeOf())
    expect(decodeJwt(all.body.access_token)['scope']).toBe('openid email phone profile aws.cognito.signin.user.admin')
    const renewed = await post('/oauth2/token', {
      ...{ grant_type: 'refresh_token', client_id: 'app', refresh_token: body.refresh_token },
    })
    expect(renewed.body.refresh_token).toBeUndefined()
    expect(decodeJwt(renewed.body.access_token)['scope']).toBe('openid phone')
  })

  it('binds the access token to a resource, over renewals too', async () => {
    const resource = 'https://api.example.com/v1'
    const { body } = await redeem(await codeOf({ resource }))
    expect(decodeJwt(body.access_token).aud).toBe(resource)
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: body.refresh_token }
    expect(decodeJwt((await post('/oauth2/token', form)).body.access_token).aud).toBe(resource)
  })

  it('is no token of a disabled user', async () => {
    const own = await createLocalPool({
      users: { alice: { password: 'Correct-h0rse', enabled: false } },
      clients: [{ clientId: 'app', callbackUrls: [callback] }],
    })
    const visitor = new PageVisitor((request) => own.fetch(request))
    await visitor.open(authorizeUrl().replace(base, `https://${own.domain}`))
    await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
    expect(visitor.page.error).toBe('User is disabled.')
  })
})

describe('tokens in the fragment', () => {
  it('come with openid, state and no refresh token', async () => {
    const { outside = '', answer } = await signIn({ client_id: 'tokens', response_type: 'token', nonce: 'n' })
    expect(outside.startsWith(`${callback}#`)).toBe(true)
    expect([...answer.keys()].toSorted()).toEqual(['access_token', 'expires_in', 'id_token', 'state', 'token_type'])
    expect(decodeJwt(answer.get('id_token') ?? '')).toMatchObject({ nonce: 'n', aud: 'tokens' })
  })
})

describe('a session of managed login', () => {
  it('signs in silently for an hour, keeps auth_time, and yields to prompt and max_age', async () => {
    const visitor = await signIn()
    const first = decodeJwt((await redeem(visitor.answer.get('code') ?? '')).body.id_token)
    pool.advance(1000)
    await visitor.open(authorizeUrl({ prompt: 'none' }))
    const second = decodeJwt((await redeem(visitor.answer.get('code') ?? '')).body.id_token)
    expect(second['auth_time']).toBe(first['auth_time'])
    for (const changes of [{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '999' }]) {
      await visitor.open(authorizeUrl(changes))
      expect(visitor.page.title).toBe('Sign in')
    }
    await visitor.open(authorizeUrl({ max_age: '999' }))
    await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
    const third = decodeJwt((await redeem(visitor.answer.get('code') ?? '')).body.id_token)
    expect(Number(third['auth_time'])).toBeGreaterThanOrEqual(Number(first['auth_time']) + 1000)
    pool.advance(3600)
    await visitor.open(authorizeUrl())
    expect(visitor.page.title).toBe('Sign in')
  })

  it('outlives GlobalSignOut, and ends at /logout', async () => {
    const visitor = await signIn({ scope: 'openid aws.cognito.signin.user.admin' })
    const { body } = await redeem(visitor.answer.get('code') ?? '')
    const response = await pool.fetch(
      new Request(pool.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.GlobalSignOut' },
        body: JSON.stringify({ AccessToken: body.access_token }),
      }),
    )
    expect(response.status).toBe(200)
    expect(
      (
        await pool.fetch(
          new Request(`${base}/oauth2/userInfo`, { headers: { authorization: `Bearer ${body.access_token}` } }),
        )
      ).status,
    ).toBe(401)
    await visitor.open(authorizeUrl({ prompt: 'none' }))
    expect(visitor.answer.get('code')).not.toBeNull()
    const before = new Map(visitor.cookies)
    await visitor.open(`${base}/logout?client_id=app&logout_uri=https://app.example.com/&state=x`)
    expect(visitor.outside).toBe('https://app.example.com/')
    // The old cookie is of no use any more.
    for (const [name, value] of before) visitor.cookies.set(name, value)
    await visitor.open(authorizeUrl({ prompt: 'none' }))
    expect(visitor.answer.get('error')).toBe('login_required')
  })

  it.each([
    ['an address that differs by a slash', { client_id: 'app', logout_uri: 'https://app.example.com' }],
    ['a callback address', { client_id: 'app', logout_uri: callback }],
    [
      'what discovery promises other clients',
      { id_token_hint: 'x', post_logout_redirect_uri: 'https://app.example.com/' },
    ],
    ['no client', { logout_uri: 'https://app.example.com/' }],
    ['an unknown client', { client_id: 'x', logout_uri: 'https://app.example.com/' }],
    [
      'a foreign address to come back to',
      { client_id: 'app', redirect_uri: 'https://evil.example/', response_type: 'code' },
    ],
  ])('does not end with %s', async (_, query) => {
    const visitor = await signIn()
    await visitor.open(`${base}/logout?${new URLSearchParams(Object.entries(query))}`)
    expect(visitor.page.error).toBe("Required String parameter 'redirect_uri' is not present")
    await visitor.open(authorizeUrl({ prompt: 'none' }))
    expect(visitor.answer.get('code')).not.toBeNull()
  })

  it('makes way for another user, with the parameters of an authorize request', async () => {
    const visitor = await signIn()
    await visitor.open(authorizeUrl({}, '/logout'))
    expect(visitor.page.title).toBe('Sign in')
    await visitor.send({ username: 'bob', password: 'Correct-h0rse' })
    const { body } = await redeem(visitor.answer.get('code') ?? '')
    expect(decodeJwt(body.id_token)['cognito:username']).toBe('bob')
  })
})

describe('user info', () => {
  it.each([
    ['no token', undefined],
    ['a made-up token', 'x.y.z'],
    ['an ID token', 'id'],
    ['a token without openid', 'api'],
  ])('refuses %s', async (_, kind) => {
    const { accessToken, idToken } = await pool.tokens('alice')
    const token = kind === 'id' ? idToken : kind === 'api' ? accessToken : kind
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await pool.fetch(new Request(`${base}/oauth2/userInfo`, { headers }))
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ])
  })
})

describe('revocation', () => {
  it.each([
    [{ client_id: 'app' }, 400, { error: 'invalid_request' }],
    [{ client_id: 'nobody', token: 'x' }, 400, { error: 'invalid_client' }],
    [{ client_id: 'app', token: 'a.b.c' }, 400, { error: 'unsupported_token_type' }],
    [{ client_id: 'app', token: 'unknown' }, 200, undefined],
  ])('of %j answers %i', async (form, status, body) => {
    expect(await post('/oauth2/revoke', Object.fromEntries(Object.entries(form)))).toMatchObject({
      status,
      ...(body && { body }),
    })
  })

  it('of another client’s refresh token changes nothing', async () => {
    const { body } = await redeem((await signIn()).answer.get('code') ?? '')
    expect((await post('/oauth2/revoke', { client_id: 'other', token: body.refresh_token })).status).toBe(200)
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: body.refresh_token }
    expect((await post('/oauth2/token', form)).status).toBe(200)
  })
})

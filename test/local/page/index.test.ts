import { beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../src/local/dispatcher.ts'
import { openPool, type LocalPool } from '../../../src/local/local-pool.ts'
import type { LocalRequest } from '../../../src/local/operation.ts'
import { answerPage } from '../../../src/local/page/index.ts'
import { createWorld, type World } from '../../../src/local/world.ts'

const password = 'Correct-Horse-1'

let world: World
let pool: LocalPool

beforeEach(() => {
  world = createWorld({ verifySignature: false })
  pool = openPool(world, {
    userPoolId: 'eu-west-1_AbCdEfGhI',
    groups: ['editor', 'viewer'],
    users: { alice: { groups: ['editor'], password, email: 'alice@x.test' }, bob: {} },
    clients: [{ clientId: 'withsecret', secret: 'the-secret-of-the-client' }],
  })
})

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly remoteAddress?: string
}

function toRequest({
  method = 'GET',
  url = 'http://localhost:9229/',
  headers = {},
  body,
  remoteAddress,
}: Sent): LocalRequest {
  const all = new Map(Object.entries(headers))
  return {
    method,
    url,
    remoteAddress,
    headers: { get: (name) => all.get(name.toLowerCase()) ?? null },
    text: async () => String(body),
  }
}

async function ask(sent: Sent): Promise<Response> {
  const response = await answerPage(world, toRequest(sent))
  if (response === undefined) throw new Error('It is not for the page.')
  return response
}

/** As the page's script asks. */
async function get(path: string) {
  const headers = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }
  return (await ask({ url: `http://localhost:9229/_cognigate/${path}`, headers })).json()
}

async function post(path: string, body: object) {
  const headers = {
    ...{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    ...{ origin: 'http://localhost:9229', 'content-type': 'application/json' },
  }
  const url = `http://localhost:9229/_cognigate/${path}`
  const response = await ask({ method: 'POST', url, headers, body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}

/** A call as a client of AWS sends it. */
async function callAws(operation: string, input: object) {
  const url = 'https://cognito-idp.eu-west-1.amazonaws.com/'
  const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` }
  return (await dispatch(world, toRequest({ method: 'POST', url, headers, body: JSON.stringify(input) }))).json()
}

describe('the page', () => {
  it('allows its own script and style by their hashes, and nothing else', async () => {
    const response = await ask({})
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    for (const [name, directive] of [
      ['script type="module"', 'script'],
      ['style', 'style'],
    ] as const) {
      const text = html.split(`<${name}>`)[1]?.split(`</${directive}>`)[0] ?? ''
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
      expect(policy).toContain(`${directive}-src 'sha256-${btoa(String.fromCharCode(...digest))}'`)
    }
    expect(policy).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/)
    expect(policy).not.toContain('unsafe')
    expect(html).not.toMatch(/\son[a-z]+=|style=|src=/)
    expect(html.match(/<script|<style/g)).toHaveLength(2)
    expect(response.headers.get('x-frame-options')).toBe('DENY')
  })

  it('holds nothing of the pools: a script asks for that', async () => {
    const html = await (await ask({})).text()
    expect(html).not.toMatch(/alice|AbCdEfGhI/)
    expect((await ask({ method: 'HEAD' })).body).toBeNull()
  })

  it.each<[string, Sent]>([
    ['a call of Cognito', { method: 'POST' }],
    ['a query of IAM', { url: 'http://localhost:9229/?Action=ListRoles' }],
    ['a signed request', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } }],
    ['a host of AWS', { url: 'https://cognito-idp.eu-west-1.amazonaws.com/' }],
    ['the keys of a pool', { url: 'http://localhost:9229/eu-west-1_AbCdEfGhI/.well-known/jwks.json' }],
  ])('leaves %s to the local AWS', async (_, sent) => {
    expect(await answerPage(world, toRequest(sent))).toBeUndefined()
  })
})

describe('who is answered', () => {
  const overview = 'http://localhost:9229/_cognigate/overview'
  const clock = { method: 'POST', url: 'http://localhost:9229/_cognigate/clock', body: '{"seconds":60}' }
  const json = { 'content-type': 'application/json' }

  it.each<[string, Sent]>([
    ['localhost', { url: overview }],
    ['a name below localhost', { url: 'http://aws.localhost:9229/_cognigate/overview' }],
    ['127.0.0.1', { url: 'http://127.0.0.1:9229/_cognigate/overview' }],
    ['[::1]', { url: 'http://[::1]:9229/_cognigate/overview' }],
    ['an address of this machine', { url: overview, remoteAddress: '::ffff:127.0.0.1' }],
    [
      'a link from another site to the page',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } },
    ],
    ['curl', { ...clock, headers: json }],
    [
      'its own script',
      { ...clock, headers: { ...json, origin: 'http://localhost:9229', 'sec-fetch-site': 'same-origin' } },
    ],
  ])('answers %s', async (_, sent) => {
    expect((await ask(sent)).status).toBe(200)
  })

  it.each<[string, Sent]>([
    ['a name of a stranger that points here', { url: 'http://rebound.evil.test:9229/_cognigate/overview' }],
    ['the page itself by such a name', { url: 'http://rebound.evil.test:9229/' }],
    ['a name that only begins like one of this machine', { url: 'http://localhost.evil.test:9229/' }],
    ['an address of the network', { url: 'http://192.168.1.7:9229/' }],
    ['an address that is written like one of this machine', { url: 'http://127.0.0.1.evil.test:9229/' }],
    ['another machine that says localhost', { url: overview, remoteAddress: '192.168.1.8' }],
    ['a script of another site', { ...clock, headers: { ...json, origin: 'https://evil.test' } }],
    ['a sandboxed script', { ...clock, headers: { ...json, origin: 'null' } }],
    ['another port of this machine', { ...clock, headers: { ...json, origin: 'http://localhost:3000' } }],
    ['another scheme', { ...clock, headers: { ...json, origin: 'https://localhost:9229' } }],
    ['a form of another site', { ...clock, headers: { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' } }],
    ['a form without a type', { ...clock, headers: {} }],
    ['a form in plain text', { ...clock, headers: { 'content-type': 'text/plain' } }],
    [
      'a script element of another site',
      { url: overview, headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    ],
    [
      'a navigation to the data',
      { url: overview, headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
    ],
    [
      'a question of the browser whether another site may',
      { method: 'OPTIONS', url: overview, headers: { origin: 'https://evil.test' } },
    ],
    ['a sister site', { url: overview, headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' } }],
    [
      'a frame',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } },
    ],
  ])('refuses %s, and does nothing', async (_, sent) => {
    const before = world.clock.now()
    const response = await ask(sent)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toMatch(/alice|AbCdEfGhI/)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(world.clock.now() - before).toBeLessThan(50_000)
  })

  it.each([
    ['GET', 'nothing', 404],
    ['GET', 'constructor', 404],
    ['GET', 'clock', 404],
    ['PUT', 'clock', 404],
    ['GET', 'outbox?pool=constructor', 404],
    ['GET', 'outbox', 404],
  ])('has nothing for %s %s', async (method, path, status) => {
    const sent = { method, url: `http://localhost:9229/_cognigate/${path}`, headers: json, body: '{}' }
    expect((await ask(sent)).status).toBe(status)
  })

  it.each(['', '[]', '{', 'null'])('refuses the body %j', async (body) => {
    expect((await ask({ ...clock, headers: json, body })).status).toBe(400)
  })
})

describe('what it shows and does', () => {
  it('shows the pools, with counts', async () => {
    const { pools } = await get('overview')
    expect(pools).toEqual([
      {
        ...{ id: 'eu-west-1_AbCdEfGhI', name: 'eu-west-1_AbCdEfGhI', region: 'eu-west-1', users: 2, groups: 2 },
        clients: expect.arrayContaining([{ id: 'withsecret', name: 'withsecret' }]),
      },
    ])
  })

  it('writes by the operations of Cognito, which judge as they always do', async () => {
    const create = (input: object) =>
      post('call', { pool: pool.settings.userPoolId, operation: 'AdminCreateUser', input })
    expect((await create({ Username: 'carol' })).body).toMatchObject({ User: { Username: 'carol' } })
    expect(await create({ Username: 'carol' })).toEqual({
      status: 400,
      body: { code: 'UsernameExistsException', message: expect.any(String) },
    })
    expect((await create({ Username: '' })).body).toMatchObject({ code: 'InvalidParameterException' })
    const elsewhere = await create({ Username: 'dave', UserPoolId: 'eu-west-1_Elsewhere' })
    expect(elsewhere.status).toBe(200)
    expect((await callAws('ListUsers', { UserPoolId: pool.settings.userPoolId })).Users).toHaveLength(4)
    expect(pool.count('AdminCreateUser')).toBe(0)
  })

  it('offers the operations of Cognito alone', async () => {
    for (const operation of ['CreateRole', 'iam.CreateRole', 'constructor', 'NoSuchThing', 7]) {
      const { status } = await post('call', { pool: pool.settings.userPoolId, operation, input: {} })
      expect([operation, status]).toEqual([operation, 400])
    }
  })

  it('shows codes, newest first', async () => {
    const { clientId, userPoolId } = pool.settings
    for (const Username of ['alice', 'alice']) await callAws('ForgotPassword', { ClientId: clientId, Username })
    await callAws('AdminUpdateUserAttributes', {
      UserPoolId: userPoolId,
      Username: 'alice',
      UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
    })
    for (const Username of ['alice', 'alice']) await callAws('ForgotPassword', { ClientId: clientId, Username })
    const messages = await get(`outbox?pool=${userPoolId}`)
    expect(messages).toEqual([...pool.outbox].reverse())
    expect(messages[0]).toMatchObject({ to: 'alice@x.test', purpose: 'forgot-password' })
  })

  it('issues the tokens of a user', async () => {
    const { body } = await post('tokens', { pool: pool.settings.userPoolId, username: 'alice' })
    expect(body.accessToken).toMatch(/^eyJ/)
    expect((await callAws('GetUser', { AccessToken: body.accessToken })).Username).toBe('alice')
    expect((await post('tokens', { pool: pool.settings.userPoolId, username: 'nobody' })).status).toBe(400)
  })

  it('rotates the keys, with or without the old ones', async () => {
    const kids = async () => {
      const response = await dispatch(world, `${pool.issuer}/.well-known/jwks.json`)
      return (await response.json()).keys.map(({ kid }: { kid: string }) => kid)
    }
    const before = await kids()
    await post('keys', { pool: pool.settings.userPoolId })
    const both = await kids()
    expect(both).toEqual(expect.arrayContaining(before))
    expect(both.length).toBeGreaterThan(before.length)
    await post('keys', { pool: pool.settings.userPoolId, keepOld: false })
    for (const kid of both) expect(await kids()).not.toContain(kid)
  })

  it('moves the clock', async () => {
    const { body } = await post('clock', { seconds: 3600 })
    expect(Math.abs(body.now - Date.now() - 3_600_000)).toBeLessThan(60_000)
    for (const seconds of ['60', null, undefined]) expect((await post('clock', { seconds })).status).toBe(400)
  })

  it('orders faults, shows how often they hit, and ends them', async () => {
    const options = { error: 'TooManyRequestsException', times: 2 }
    expect((await post('faults', { operation: 'ListUsers', options })).body).toMatchObject([{ hits: 0 }])
    const answered = await callAws('ListUsers', { UserPoolId: pool.settings.userPoolId })
    expect(answered.__type).toBe('TooManyRequestsException')
    expect(await get('faults')).toEqual([{ operation: 'ListUsers', options, hits: 1 }])
    await post('recover', {})
    expect(await get('faults')).toEqual([])
    for (const bad of [
      { operation: 'NoSuch', options: {} },
      { operation: '*', options: { timse: 1 } },
      { options: {} },
    ]) {
      expect((await post('faults', bad)).status).toBe(400)
    }
  })
})

describe('recent calls', () => {
  it('has what was sent and answered, with status, error code and duration', async () => {
    await callAws('AdminGetUser', { UserPoolId: pool.settings.userPoolId, Username: 'alice' })
    await callAws('AdminGetUser', { UserPoolId: pool.settings.userPoolId, Username: 'nobody' })
    await callAws('NoSuchThing', {})
    const [found, missing, unknown] = await get('calls')
    expect(found).toMatchObject({ id: 1, operation: 'AdminGetUser', status: 200, duration: expect.any(Number) })
    expect(JSON.parse(found.input)).toEqual({ UserPoolId: pool.settings.userPoolId, Username: 'alice' })
    expect(JSON.parse(found.output)).toMatchObject({ Username: 'alice', UserStatus: 'CONFIRMED' })
    expect(missing).toMatchObject({
      id: 2,
      status: 400,
      error: { code: 'UserNotFoundException', message: 'User does not exist.' },
    })
    expect(unknown).toMatchObject({ status: 501, error: { code: 'UnknownOperationException' } })
    expect((await get('calls?after=2')).map(({ id }: { id: number }) => id)).toEqual([3])
  })

  it('hides passwords, tokens, codes, sessions and secrets unless they are asked for', async () => {
    const { clientId, userPoolId } = pool.settings
    const AuthParameters = { USERNAME: 'alice', PASSWORD: password }
    const { AuthenticationResult } = await callAws('InitiateAuth', {
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId, AuthParameters },
    })
    await callAws('GetUser', { AccessToken: AuthenticationResult.AccessToken })
    await callAws('AdminSetUserPassword', { UserPoolId: userPoolId, Username: 'bob', Password: 'Another-Horse-2' })
    const { Session } = await callAws('AdminInitiateAuth', {
      ...{ UserPoolId: userPoolId, ClientId: clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' },
      AuthParameters: { USERNAME: 'bob', PASSWORD: 'Another-Horse-2' },
    })
    const { SecretCode } = await callAws('AssociateSoftwareToken', { AccessToken: AuthenticationResult.AccessToken })
    await callAws('VerifySoftwareToken', { AccessToken: AuthenticationResult.AccessToken, UserCode: '135791' })
    await callAws('DescribeUserPoolClient', { UserPoolId: userPoolId, ClientId: 'withsecret' })
    const secrets = [
      ...[password, 'Another-Horse-2', Session, SecretCode, '135791', 'the-secret-of-the-client'],
      ...[AuthenticationResult.AccessToken, AuthenticationResult.IdToken, AuthenticationResult.RefreshToken],
    ]
    const clean = JSON.stringify(await get('calls'))
    const full = JSON.stringify(await get('calls?secrets=shown'))
    for (const secret of secrets) {
      expect(secret).toEqual(expect.any(String))
      expect(clean).not.toContain(secret)
      expect(full).toContain(secret)
    }
    expect(clean).toContain('USER_PASSWORD_AUTH')
    expect(clean).toContain('Bearer')
  })

  it('keeps 200 calls, and no text that is long', async () => {
    const UserPoolId = pool.settings.userPoolId
    for (let count = 0; count < 250; count++) await callAws('ListGroups', { UserPoolId })
    await callAws('AdminGetUser', { UserPoolId, Username: 'x'.repeat(70_000) })
    const recent = world.log.recent()
    expect(recent.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => index + 52))
    expect(recent.at(-1)?.input).toBeUndefined()
    await callAws('AdminGetUser', { UserPoolId, Username: 'x'.repeat(60_000) })
    const shown = await get('calls')
    expect(shown).toHaveLength(100)
    expect(shown.at(-1).input.length).toBeLessThan(20_100)
  })

  it('shows calls that wait for their answer, and those that a fault hit', async () => {
    pool.fail('ListGroups', { error: 'InternalErrorException', times: 1 })
    await callAws('ListGroups', { UserPoolId: pool.settings.userPoolId })
    pool.fail('ListUsers', { hang: true })
    const stop = new AbortController()
    const url = 'https://cognito-idp.eu-west-1.amazonaws.com/'
    const headers = { 'x-amz-target': 'AWSCognitoIdentityProviderService.ListUsers' }
    const sent = { ...toRequest({ method: 'POST', url, headers, body: '{}' }), signal: stop.signal }
    const hanging = dispatch(world, sent)
    while (world.log.recent().length < 2) await Promise.resolve()
    const calls = await get('calls')
    stop.abort()
    await hanging.catch(() => {})
    expect(calls).toMatchObject([
      { operation: 'ListGroups', status: 400, faulted: true, error: { code: 'InternalErrorException' } },
      { operation: 'ListUsers' },
    ])
    expect(calls[1]).not.toHaveProperty('status')
  })
})

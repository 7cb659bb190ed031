import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld, type LocalPool, type SignedRequest } from '../../src/local/index.ts'
import { authorizationFor, readKeys, requestFor } from '../support/local-pool.ts'

let pool: LocalPool

beforeAll(async () => {
  pool = await createLocalPool({
    userPoolId: 'eu-west-1_AbCdEfGhI',
    clientId: 'public1',
    clients: [
      { clientId: 'machine1', secret: 's3cret+/:', scopes: ['orders/read', 'orders/write'] },
      { clientId: 'scopeless', secret: true },
    ],
  })
})

describe('the issuer hosts', () => {
  const statusOf = async (local: LocalPool, prefix: string, document = 'jwks.json') => {
    const url = `https://${prefix}cognito-idp.eu-west-1.amazonaws.com/${local.settings.userPoolId}/.well-known/${document}`
    return (await local.fetch(new Request(url))).status
  }

  it('both serve by default', async () => {
    for (const document of ['jwks.json', 'openid-configuration']) {
      expect([await statusOf(pool, '', document), await statusOf(pool, 'issuer-', document)]).toEqual([200, 200])
    }
  })

  it.each([
    ['original', [200, 403]],
    ['updated', [403, 200]],
  ] as const)('only the %s one serves with strictIssuer', async (issuer, statuses) => {
    const strict = await createLocalPool({ issuer, strictIssuer: true })
    for (const document of ['jwks.json', 'openid-configuration']) {
      expect([await statusOf(strict, '', document), await statusOf(strict, 'issuer-', document)]).toEqual(statuses)
    }
  })

  it('serve the configuration of OpenID Connect', async () => {
    const response = await pool.fetch(new Request(`${pool.issuer}/.well-known/openid-configuration`))
    const domain = 'https://local-abcdefghi.auth.eu-west-1.amazoncognito.com'
    expect(await response.json()).toEqual({
      authorization_endpoint: `${domain}/oauth2/authorize`,
      end_session_endpoint: `${domain}/logout`,
      id_token_signing_alg_values_supported: ['RS256'],
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
      jwks_uri: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/jwks.json',
      response_types_supported: ['code', 'token'],
      revocation_endpoint: `${domain}/oauth2/revoke`,
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      token_endpoint: `${domain}/oauth2/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      userinfo_endpoint: `${domain}/oauth2/userInfo`,
    })
  })
})

describe('nothing is served at', () => {
  const id = 'eu-west-1_AbCdEfGhI'
  it.each([
    ['GET', 'https://example.com/'],
    ['GET', 'http://localhost:3000/'],
    ['GET', `https://cognito-idp.eu-west-1.amazonaws.com.example.com/${id}/.well-known/jwks.json`],
    ['GET', `https://xcognito-idp.eu-west-1.amazonaws.com/${id}/.well-known/jwks.json`],
    ['GET', `https://cognito-idp.us-east-1.amazonaws.com/${id}/.well-known/jwks.json`],
    ['GET', 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Nowhere00/.well-known/jwks.json'],
    ['GET', 'https://cognito-idp.eu-west-1.amazonaws.com/__proto__/.well-known/jwks.json'],
    ['GET', `https://cognito-idp.eu-west-1.amazonaws.com/${id}/.well-known/other.json`],
    ['POST', `https://cognito-idp.eu-west-1.amazonaws.com/${id}/.well-known/jwks.json`],
    ['GET', 'https://cognito-idp.eu-west-1.amazonaws.com/'],
    ['POST', 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/'],
    ['POST', 'https://other.auth.eu-west-1.amazoncognito.com/oauth2/token'],
    ['POST', 'https://local-abcdefghi.auth.us-east-1.amazoncognito.com/oauth2/token'],
    ['GET', 'https://local-abcdefghi.auth.eu-west-1.amazoncognito.com/oauth2/token'],
  ])('%s %s', async (method, url) => {
    const response = await pool.fetch(new Request(url, { method }))
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ message: expect.any(String) })
  })
})

describe('the signature', () => {
  const post = (local: LocalPool, authorization: string | undefined) => {
    const request = requestFor(local, 'ListGroups', { UserPoolId: local.settings.userPoolId })
    if (authorization === undefined) request.headers.delete('authorization')
    else request.headers.set('authorization', authorization)
    return local.fetch(request)
  }

  it.each<[string, string | undefined, string]>([
    ['missing', undefined, 'MissingAuthenticationTokenException'],
    ['a bearer token', 'Bearer x', 'IncompleteSignatureException'],
    [
      'without headers',
      authorizationFor().replace('SignedHeaders=host;x-amz-date, ', ''),
      'IncompleteSignatureException',
    ],
    ['with a short signature', authorizationFor().slice(0, -1), 'IncompleteSignatureException'],
    ['with a second signature', `${authorizationFor()}, Signature=0`, 'IncompleteSignatureException'],
    ['of another region', authorizationFor('us-east-1'), 'InvalidSignatureException'],
    ['of another service', authorizationFor('eu-west-1', 'iam'), 'InvalidSignatureException'],
  ])('is refused: %s', async (_, authorization, type) => {
    const response = await post(pool, authorization)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ __type: type })
  })

  it('is judged by verifySignature, which passes on true only', async () => {
    const seen: SignedRequest[] = []
    const answers: unknown[] = [true, false, 'yes', Promise.resolve(true), Promise.resolve(false)]
    const local = await createLocalPool({
      verifySignature(request) {
        seen.push(request)
        return answers[seen.length - 1] as boolean
      },
    })
    const statuses: number[] = []
    for (const _ of answers) statuses.push((await post(local, authorizationFor())).status)
    expect(statuses).toEqual([200, 400, 400, 200, 400])
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: `${local.endpoint}/`,
      service: 'cognito-idp',
      region: 'eu-west-1',
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ UserPoolId: local.settings.userPoolId })
    expect(seen[0]?.headers.get('x-amz-target')).toBe('AWSCognitoIdentityProviderService.ListGroups')
    expect((await post(local, 'Bearer x')).status).toBe(400)
    expect(seen).toHaveLength(answers.length)
  })

  it('is not needed with verifySignature false', async () => {
    expect((await post(await createLocalPool({ verifySignature: false }), undefined)).status).toBe(200)
  })

  it('is not asked for where the operation is not offered', async () => {
    const url = 'https://cognito-identity.eu-west-1.amazonaws.com/'
    const headers = { 'x-amz-target': 'AWSCognitoIdentityService.ListGroups' }
    for (const authorization of ['', 'Bearer a', authorizationFor('us-east-1', 'iam')]) {
      const request = new Request(url, { method: 'POST', headers: { ...headers, authorization }, body: '{}' })
      const response = await pool.fetch(request)
      expect([response.status, await response.json()]).toEqual([
        501,
        {
          __type: 'UnknownOperationException',
          message: 'The local pool does not offer the operation cognito-identity.ListGroups.',
        },
      ])
    }
    expect(pool.requests.slice(-3)).toMatchObject(Array(3).fill({ operation: 'ListGroups', status: 501 }))
  })
})

describe('the token endpoint', () => {
  const basic = (id: string, secret: string) =>
    `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`
  const post = (form: Record<string, string> | string, headers: Record<string, string> = {}) => {
    const contentType = 'application/x-www-form-urlencoded'
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    const init = { method: 'POST', body, headers: { 'content-type': contentType, ...headers } }
    return pool.fetch(new Request(`https://${pool.domain}/oauth2/token`, init))
  }
  const grant = { grant_type: 'client_credentials' }
  const machine = { authorization: basic('machine1', 's3cret+/:') }

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['by Basic authentication', { ...grant, scope: 'orders/read' }, machine, 'orders/read'],
    ['with all scopes', grant, machine, 'orders/read orders/write'],
    ['by form', { ...grant, client_id: 'machine1', client_secret: 's3cret+/:' }, {}, 'orders/read orders/write'],
  ])('grants a machine token %s', async (_, form, headers, scope) => {
    const response = await post(form, headers)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const body = (await response.json()) as { access_token: string }
    expect(body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' })
    const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(await readKeys(pool)))
    expect(payload).toMatchObject({ sub: 'machine1', client_id: 'machine1', scope, token_use: 'access' })
  })

  it.each<[string, Record<string, string> | string, Record<string, string>, string]>([
    ['no grant type', {}, machine, 'invalid_request'],
    ['another grant type', { grant_type: 'password' }, machine, 'unsupported_grant_type'],
    ['another content type', grant, { ...machine, 'content-type': 'application/json' }, 'invalid_request'],
    ['a parameter given twice', 'grant_type=client_credentials&scope=a&scope=b', machine, 'invalid_request'],
    ['credentials given twice', { ...grant, client_secret: 's3cret+/:' }, machine, 'invalid_request'],
    ['no client', grant, {}, 'invalid_client'],
    ['an unknown client', grant, { authorization: basic('nobody', 'x') }, 'invalid_client'],
    ['a client of Object.prototype', grant, { authorization: basic('constructor', 'x') }, 'invalid_client'],
    ['a wrong secret', grant, { authorization: basic('machine1', 's3cret') }, 'invalid_client'],
    ['no secret', { ...grant, client_id: 'machine1' }, {}, 'invalid_client'],
    ['a scheme other than Basic', grant, { authorization: 'Bearer x' }, 'invalid_client'],
    ['Basic without a colon', grant, { authorization: `Basic ${btoa('machine1')}` }, 'invalid_client'],
    ['Basic that is not form-encoded', grant, { authorization: `Basic ${btoa('machine1:%')}` }, 'invalid_client'],
    ['a client without a secret', grant, { authorization: basic('public1', '') }, 'unauthorized_client'],
    ['a scope that is not granted', { ...grant, scope: 'orders/read admin' }, machine, 'invalid_scope'],
  ])('refuses %s', async (_, form, headers, error) => {
    const response = await post(form, headers)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error })
  })

  it('refuses a client that has no scopes', async () => {
    const authorization = basic('scopeless', pool.clientSecret('scopeless'))
    expect(await (await post(grant, { authorization })).json()).toEqual({ error: 'unauthorized_client' })
  })

  it('is not led astray by parameters of its own names', async () => {
    const response = await post({ ...grant, UserPoolId: 'x', domain: 'y' }, machine)
    expect(response.status).toBe(200)
  })

  it('gives the secrets of clients that have one', () => {
    expect(pool.clientSecret('machine1')).toBe('s3cret+/:')
    expect(pool.clientSecret('scopeless')).toMatch(/^[0-9a-z]{51}$/)
    expect(() => pool.clientSecret('public1')).toThrow('clientSecret')
  })
})

describe('the request log', () => {
  let local: LocalPool

  beforeEach(async () => {
    local = await createLocalPool({ now: () => 5000, users: ['alice'], groups: ['viewer'] })
  })

  it('holds no header, no body and no query', async () => {
    await local.fetch(new Request('https://example.com/a?token=secret-1', { headers: { authorization: 'secret-2' } }))
    await local.fetch(requestFor(local, 'AdminCreateUser', { TemporaryPassword: 'secret-3' }))
    await local.fetch(new Request(`${local.issuer}/.well-known/jwks.json`))
    expect(JSON.stringify(local.requests)).not.toMatch(/secret|AWS4/)
    expect(local.requests).toEqual([
      {
        method: 'GET',
        url: 'https://example.com/a',
        service: undefined,
        operation: undefined,
        userPoolId: undefined,
        at: 5000,
        status: 404,
        faulted: false,
      },
      {
        method: 'POST',
        url: 'https://cognito-idp.eu-west-1.amazonaws.com/',
        service: 'cognito-idp',
        operation: 'AdminCreateUser',
        userPoolId: undefined,
        at: 5000,
        status: 400,
        faulted: false,
      },
      {
        method: 'GET',
        url: `${local.issuer}/.well-known/jwks.json`,
        service: 'issuer',
        operation: 'jwks',
        userPoolId: local.settings.userPoolId,
        at: 5000,
        status: 200,
        faulted: false,
      },
    ])
  })

  it('counts, and is a copy', async () => {
    for (const _ of [1, 2, 3]) await local.fetch(new Request(`${local.issuer}/.well-known/jwks.json`))
    await local.fetch(requestFor(local, 'ListGroups', {}))
    const counts = ['jwks', 'issuer.jwks', 'ListGroups', 'cognito-idp.jwks', '*', undefined].map((name) =>
      local.count(name),
    )
    expect(counts).toEqual([3, 3, 1, 0, 4, 4])
    Object.assign(local.requests[0] ?? {}, { operation: 'forged' })
    expect(local.count('jwks')).toBe(3)
  })

  it('of a pool leaves out the other pools of its world, and nothing else', async () => {
    const world = createLocalWorld()
    const [first, second] = [await world.createPool(), await world.createPool()]
    const foreign = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Nowhere00'
    for (const issuer of [first.issuer, second.issuer, foreign]) {
      await first.fetch(new Request(`${issuer}/.well-known/jwks.json`))
    }
    expect([world.count('jwks'), first.count('jwks'), second.count('jwks')]).toEqual([3, 2, 2])
  })
})

it('reads only url, method, headers and text() of a request', async () => {
  const touched: (string | symbol)[] = []
  const real = requestFor(pool, 'ListGroups', { UserPoolId: pool.settings.userPoolId })
  const request = new Proxy(real, {
    get(target, name) {
      touched.push(name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  expect((await pool.fetch(request)).status).toBe(200)
  expect(new Set(touched)).toEqual(new Set(['url', 'method', 'headers', 'text']))
})

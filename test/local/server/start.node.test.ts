import { get } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuard, defineGroups } from '../../../src/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'

const groups = defineGroups({ editor: { allow: ['posts.write'] } })
const pool = {
  userPoolId: 'eu-west-1_AbCdEfGhI',
  clientId: 'main',
  groups: ['editor'],
  users: { alice: { password: 'Correct-horse-1', groups: ['editor'] } },
}
const target = (operation: string) => ({ 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` })
const signed = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/${region}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
})

let server: LocalServer
const lines: string[] = []
const post = (body: string, headers: Record<string, string>, path = '/') =>
  fetch(server.url + path, { method: 'POST', headers, body })

beforeAll(async () => {
  server = await startLocalServer({ pool, log: (line) => lines.push(line) })
})
afterAll(() => server?.close())

describe('a local server routes', () => {
  it('a signed call by the scope of its signature', async () => {
    const headers = { ...signed('cognito-idp'), ...target('ListGroups') }
    const answer = await post(JSON.stringify({ UserPoolId: pool.userPoolId }), headers)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ Groups: [{ GroupName: 'editor' }] })
  })

  it('an unsigned call by its target header, to the region of the client that it names', async () => {
    const body = {
      ClientId: 'main',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'alice', PASSWORD: 'Correct-horse-1' },
    }
    const answer = await post(JSON.stringify(body), target('InitiateAuth'))
    const { AuthenticationResult } = (await answer.json()) as { AuthenticationResult: { AccessToken: string } }
    const own = await post(JSON.stringify({ AccessToken: AuthenticationResult.AccessToken }), target('GetUser'))
    expect(await own.json()).toMatchObject({ Username: 'alice' })
  })

  it.each([
    ['a signature', 'Action=ListRoles&Version=2010-05-08', signed('iam', 'us-east-1'), '<ListRolesResponse'],
    ['a form', 'Action=AssumeRoleWithWebIdentity&Version=2011-06-15', {}, 'ValidationError'],
  ])('the Query protocol by %s', async (_, body, headers, expected) => {
    const answer = await post(body, { 'content-type': 'application/x-www-form-urlencoded', ...headers })
    expect(await answer.text()).toContain(expected)
  })

  it('issuer paths', async () => {
    const answer = await fetch(`${server.url}/eu-west-1_AbCdEfGhI/.well-known/openid-configuration`)
    expect(await answer.json()).toMatchObject({ issuer: server.pool.issuer })
    expect((await fetch(`${server.url}/eu-west-1_Nowhere00/.well-known/jwks.json`)).status).toBe(404)
  })
})

describe('a local server', () => {
  it('gives a guard what it needs', async () => {
    const guard = createGuard({ ...server.settings, groups })
    const { accessToken } = await server.pool.tokens('alice')
    expect(guard.can(await guard.verify(accessToken), 'posts.write')).toBe(true)
  })

  it('issues by its own address when asked to, in tokens, keys and discovery alike', async () => {
    const own = await startLocalServer({ pool, issuer: 'local' })
    try {
      const issuer = `${own.url}/eu-west-1_AbCdEfGhI`
      const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
      expect(discovery).toMatchObject({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        token_endpoint: `${issuer}/oauth2/token`,
      })
      const { userPoolId, clientId } = own.settings
      const guard = createGuard({ userPoolId, clientId, issuer: String(own.settings.issuer), groups })
      const { accessToken } = await own.pool.tokens('alice')
      expect((await guard.verify(accessToken)).issuer).toBe(issuer)
      expect((await fetch(`${issuer}/oauth2/token`, { method: 'POST' })).status).toBe(400)
    } finally {
      await own.close()
    }
  })

  it.each([
    ['another service, by its signature', '', signed('s3'), 'NotImplemented', 'the service s3 in eu-west-1'],
    [
      'another service, by its target',
      '{}',
      { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
      'UnknownOperationException',
      'the service DynamoDB_20120810',
    ],
    [
      'an operation that it does not have',
      '{}',
      { ...signed('cognito-idp'), ...target('FlyToTheMoon') },
      'UnknownOperationException',
      'cognito-idp.FlyToTheMoon',
    ],
  ])('answers 501 and logs a line for %s', async (_, body, headers, code, words) => {
    lines.length = 0
    const answer = await post(body, headers)
    expect(answer.status).toBe(501)
    const text = await answer.text()
    expect(text).toContain(code)
    expect(text).toContain(words)
    expect(lines).toEqual([expect.stringContaining(words)])
  })

  it.each([
    ['https://evil.test', 400],
    ['http://localhost.evil.test', 400],
    ['null', 400],
    ['http://localhost:3000', 200],
    [undefined, 200],
  ])(
    'takes made-up keys for the administrator unless a page of another machine has them: %s',
    async (origin, status) => {
      const headers = { ...signed('cognito-idp'), ...target('ListUserPools'), ...(origin !== undefined && { origin }) }
      const answer = await post('{"MaxResults":1}', headers)
      expect(answer.status).toBe(status)
      if (status === 400) expect(await answer.text()).toContain('UnrecognizedClientException')
    },
  )

  it.each([
    ['localhost', 200],
    ['rebound.evil.test', 403],
  ])('takes them by GET only at a name of this machine: %s', async (host, status) => {
    const { port } = new URL(server.url)
    const headers = { ...signed('iam'), host: `${host}:${port}` }
    const answered = await new Promise<number | undefined>((resolve, reject) => {
      const url = `${server.url}/?Action=ListRoles&Version=2010-05-08`
      get(url, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject)
    })
    expect(answered).toBe(status)
  })

  it('lets pages of every origin call it and read what clients need', async () => {
    const preflight = await fetch(server.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-amz-target',
      },
    })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-amz-target')
    const refused = await post('{"ClientId":"nobody"}', { ...target('InitiateAuth'), origin: 'https://app.example' })
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    const exposed = String(refused.headers.get('access-control-expose-headers')).toLowerCase().split(',')
    for (const name of ['x-amzn-requestid', 'x-amzn-errortype', 'x-amzn-errormessage']) {
      expect(exposed).toContain(name)
      expect(refused.headers.get(name)).toBeTruthy()
    }
  })

  it('refuses bodies that are too large, and serves on', async () => {
    expect((await post('x'.repeat(4_000_001), target('InitiateAuth'))).status).toBe(413)
    expect((await post('{}', target('InitiateAuth'))).status).toBe(400)
  })

  it('ends the connection where a fault does, and closes while a request hangs', async () => {
    const own = await startLocalServer({ pool })
    const jwks = `${own.url}/eu-west-1_AbCdEfGhI/.well-known/jwks.json`
    own.pool.fail('jwks', { networkError: true, times: 1 })
    await expect(fetch(jwks)).rejects.toThrow('fetch failed')
    own.pool.fail('jwks', { hang: true, times: 1 })
    const hanging = fetch(jwks)
    const settled = expect(hanging).rejects.toThrow()
    while (own.pool.count('jwks') < 2) await new Promise((resolve) => setImmediate(resolve))
    await own.close()
    await settled
  })

  it('says that a port is in use, and which', async () => {
    const port = Number(new URL(server.url).port)
    await expect(startLocalServer({ port })).rejects.toThrow(`port: ${port} on 127.0.0.1 is in use`)
    await expect(startLocalServer({ host: '203.0.113.9' })).rejects.toThrow('host: 203.0.113.9 is not an address')
  })

  it.each<[object, string]>([
    [{ regin: 'eu-west-1' }, 'unknown option "regin"; did you mean "region"?'],
    [{ users: {} }, 'put it into "pool"'],
    [{ port: -1 }, 'port: expected a whole number'],
    [{ issuer: 'cognito' }, 'issuer: expected "aws" or "local"'],
    [{ region: 'nowhere' }, 'region: expected a region of AWS'],
    [{ pool: { userz: {} } }, 'unknown option "userz"'],
  ])('refuses the options %j', async (options, message) => {
    await expect(startLocalServer(options)).rejects.toThrow(message)
  })

  it('survives what is no HTTP', async () => {
    const { port } = new URL(server.url)
    const text = await new Promise<string>((resolve) => {
      let all = ''
      const client = connect(Number(port), '127.0.0.1', () => client.write('GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n'))
      client.on('data', (chunk) => {
        all += String(chunk)
      })
      client.on('close', () => resolve(all))
    })
    expect(text).toContain('400')
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404)
  })

  it('reports what it does not offer in one printable line, whatever the caller named', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    lines.length = 0
    const hostile = `Nothing\n200 all is well\u001b[31m${'x'.repeat(1000)}`
    for (const body of [
      new URLSearchParams({ Action: hostile, Version: '2010-05-08' }),
      new URLSearchParams({ Action: 'A', Version: hostile }),
      new URLSearchParams({ Action: 'A' }),
    ]) {
      expect((await post(String(body), form)).status).toBe(501)
    }
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/^501 [\x20-\x7e]{1,200}$/)
    expect(lines[2]).toContain('forms without Version')
  })
})

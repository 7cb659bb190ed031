import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type JwkSet } from '../../src/index.ts'
import { startWorkers } from '../runtimes/workerd/edge.ts'
import { type Emulator, startEmulator } from './emulator.ts'

/** It is none of ours. In its pool alice is a viewer and an editor, bob an admin, carol in no group. */
let emulator: Emulator
let endpoint: string
let userPoolId: string
let clientId: string
let miniflare: Miniflare
const asked: string[] = []
const tokens = new Map<string, { readonly AccessToken: string; readonly IdToken: string }>()

beforeAll(async () => {
  emulator = await startEmulator()
  endpoint = emulator.endpoint
  await setUpPool()
  miniflare = await startWorkers(
    [
      {
        name: 'app',
        source: 'test/runtimes/workers/apps/hono-worker.ts',
        bindings: { USER_POOL_ID: userPoolId, CLIENT_ID: clientId, ISSUER: `${endpoint}/${userPoolId}` },
      },
    ],
    (request) => {
      asked.push(request.url)
      return fetch(request)
    },
  )
}, 60_000)

afterAll(async () => {
  await miniflare?.dispose()
  await emulator?.stop()
})

describe('tokens of cognito-local, at a Hono app in workerd', () => {
  it.each([
    ['alice', 'GET', '/posts', 200, { reader: 'alice' }],
    ['alice', 'POST', '/posts', 200, { author: 'alice' }],
    ['alice', 'GET', '/purge', 403, { code: 'PERMISSION_DENIED' }],
    ['alice', 'GET', '/mounted/purge', 403, { code: 'PERMISSION_DENIED' }],
    ['bob', 'GET', '/posts', 200, { reader: 'bob' }],
    ['carol', 'GET', '/posts', 403, { code: 'PERMISSION_DENIED' }],
  ])('%s, %s %s: %i', async (caller, method, path, status, body) => {
    const response = await ask(accessTokenOf(caller), method, path)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(body)
  })

  it('bob may purge', async () => {
    expect(await (await ask(accessTokenOf('bob'), 'GET', '/purge')).text()).toBe('purged')
  })

  it.each<[string, (token: string) => string, string]>([
    ['other groups', (token) => withClaims(token, { 'cognito:groups': ['admin'] }), 'SIGNATURE_INVALID'],
    ['a later expiry', (token) => withClaims(token, { exp: 9_999_999_999 }), 'SIGNATURE_INVALID'],
    ['another signature', (token) => flipped(token), 'SIGNATURE_INVALID'],
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1), 'TOKEN_MALFORMED'],
    ['another client', (token) => withClaims(token, { client_id: 'other' }), 'CLIENT_WRONG'],
    ['another issuer', (token) => withClaims(token, { iss: 'http://127.0.0.1:1/local_1' }), 'ISSUER_UNKNOWN'],
    [
      'another pool of the emulator',
      (token) => withClaims(token, { iss: `${endpoint}/local_other` }),
      'ISSUER_UNKNOWN',
    ],
  ])('with %s are refused', async (_what, change, code) => {
    const response = await ask(change(accessTokenOf('alice')), 'GET', '/posts')
    expect([response.status, response.headers.get('cache-control')]).toEqual([401, 'no-store'])
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
    expect(await response.json()).toMatchObject({ code })
  })

  it('are refused where they are ID tokens', async () => {
    const response = await ask(tokens.get('alice')?.IdToken ?? '', 'GET', '/posts')
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'TOKEN_USE_WRONG'])
  })

  it('cost one question for keys in all', () => {
    expect(asked).toEqual([`${endpoint}/${userPoolId}/.well-known/jwks.json`])
  })
})

describe('the key set of cognito-local, whose private half is public', () => {
  const settings = async () => {
    const response = await fetch(`${endpoint}/${userPoolId}/.well-known/jwks.json`)
    const jwks = (await response.json()) as JwkSet
    return { userPoolId, clientId, issuer: `${endpoint}/${userPoolId}`, jwks }
  }

  it('as a static set makes construction throw', async () => {
    const options = await settings()
    expect(() => createGuard(options)).toThrow(/allowTestKeys/)
    expect(() => createGuard({ ...options, allowTestKeys: false })).toThrow(/allowTestKeys/)
  })

  it('is accepted where test keys are allowed, and verifies both tokens of a sign-in', async () => {
    const guard = createGuard({ ...(await settings()), allowTestKeys: true })
    const { AccessToken: accessToken, IdToken: idToken } = tokens.get('alice')!
    const { id, access } = await guard.verifyTokens({ idToken, accessToken })
    expect([id.email, access.username, [...access.groups].sort()]).toEqual([
      'alice@example.com',
      'alice',
      ['editor', 'viewer'],
    ])
  })
})

function ask(token: string, method: string, path: string) {
  return miniflare.dispatchFetch(`http://app.test${path}`, { method, headers: { authorization: `Bearer ${token}` } })
}

function accessTokenOf(caller: string): string {
  return tokens.get(caller)?.AccessToken ?? ''
}

async function setUpPool(): Promise<void> {
  userPoolId = (await emulator.call<{ UserPool: { Id: string } }>('CreateUserPool', { PoolName: 'test' })).UserPool.Id
  const UserPoolId = userPoolId
  const client = { UserPoolId, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] }
  clientId = (await emulator.call<{ UserPoolClient: { ClientId: string } }>('CreateUserPoolClient', client))
    .UserPoolClient.ClientId
  for (const GroupName of ['viewer', 'editor', 'admin']) await emulator.call('CreateGroup', { UserPoolId, GroupName })
  for (const [Username, groups] of [
    ['alice', ['viewer', 'editor']],
    ['bob', ['admin']],
    ['carol', []],
  ] as const) {
    const UserAttributes = [{ Name: 'email', Value: `${Username}@example.com` }]
    await emulator.call('AdminCreateUser', { UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' })
    await emulator.call('AdminSetUserPassword', { UserPoolId, Username, Password: 'Pass-word-1', Permanent: true })
    for (const GroupName of groups) await emulator.call('AdminAddUserToGroup', { UserPoolId, Username, GroupName })
    const AuthParameters = { USERNAME: Username, PASSWORD: 'Pass-word-1' }
    const input = { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId, AuthParameters }
    const { AuthenticationResult } = await emulator.call<{
      AuthenticationResult: { AccessToken: string; IdToken: string }
    }>('InitiateAuth', input)
    tokens.set(Username, AuthenticationResult)
  }
}

function withClaims(token: string, changes: Record<string, unknown>): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...changes }
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}

/** Another first character of the signature, of the same alphabet. */
function flipped(token: string): string {
  const at = token.lastIndexOf('.') + 1
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuard } from '../../src/index.ts'
import { createLogin, type Login } from '../../src/login/index.ts'
import { navigation, script } from '../support/managed-login.ts'
import { secret } from './login-app.ts'

/** A certified provider in the place of Cognito: with its paths and the claims of its tokens, and nothing of ours. */
const redirectUri = 'http://localhost:9999/auth/callback'
const resource = 'https://api.example.com'
const clientSecret = 'a_b_0123456789abcdef0123456789'
let server: Server
let issuer: string
const accounts = { alice: { sub: 'alice', username: 'alice' } }

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: ['public', 'confidential'].map((name) => ({
      client_id: name,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'native',
      token_endpoint_auth_method: name === 'public' ? 'none' : 'client_secret_post',
      ...(name === 'confidential' && { client_secret: clientSecret }),
    })),
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      revocation: '/oauth2/revoke',
      jwks: '/.well-known/jwks.json',
    },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'token_use', 'cognito:username', 'cognito:groups', 'origin_jti'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        token_use: 'id',
        'cognito:username': id,
        'cognito:groups': ['editor'],
        origin_jti: 'o',
      }),
    }),
    extraTokenClaims: (_, token) => ({
      token_use: 'access',
      username: token.accountId,
      'cognito:groups': ['editor'],
      origin_jti: 'o',
    }),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client?.clientId, accountId: 'alice' })
      grant.addOIDCScope('openid')
      grant.addResourceScope(resource, 'openid')
      await grant.save()
      return grant
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'openid', audience: resource, accessTokenFormat: 'jwt' as const }),
      },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  })
  const callback = provider.callback()
  handler = async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    await provider.interactionFinished(request, response, { login: { accountId: 'alice' }, consent: {} })
  }
})
afterAll(() => void server.close())

let handler: Parameters<typeof createServer>[1] & {} = () => {}

/** Goes through the provider as a browser does, and gives the address that it sends back to. */
async function throughProvider(start: string): Promise<string> {
  const jar = new Map<string, string>()
  let next = start
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next, { headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    next = new URL(response.headers.get('location') ?? '', next).href
    if (next.startsWith(redirectUri)) return next
  }
  throw new Error('the provider does not come to an end')
}

const cookiesOf = (response: Response | undefined) =>
  Object.fromEntries((response?.headers.getSetCookie() ?? []).map((line) => line.split(';')[0]?.split(/=(.*)/) ?? []))

describe.each(['public', 'confidential'])('a %s client at oidc-provider', (clientId) => {
  const kept: Record<string, string> = {}
  let login: Login
  let skew = 0
  const now = () => Date.now() + skew
  const guard = () =>
    createGuard({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId,
      issuer,
      audience: resource,
      tokenSource: login.session,
      now,
    })
  const request = (path: string, headers: object, method = 'GET') =>
    new Request(`http://localhost:9999${path}`, {
      method,
      headers: {
        ...headers,
        cookie: Object.entries(kept)
          .map(([name, value]) => `${name}=${value}`)
          .join('; '),
      },
    })

  it('signs in by code, PKCE, nonce and iss, and both tokens hold', async () => {
    login = createLogin({
      domain: issuer,
      issuer,
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId,
      ...(clientId === 'confidential' && { clientSecret }),
      redirectUri,
      development: true,
      secrets: secret,
      resource,
      scopes: ['openid'],
      rotation: { gracePeriod: 10 },
      now,
    })
    const started = await login.handle(request('/auth/login?return_to=/deep', navigation))
    Object.assign(kept, cookiesOf(started))
    const back = await throughProvider(started?.headers.get('location') ?? '')
    expect(new URL(back).searchParams.get('iss')).toBe(issuer)
    const done = await login.handle(request(new URL(back).pathname + new URL(back).search, navigation))
    expect(done?.headers.get('location')).toBe('/deep')
    Object.assign(kept, cookiesOf(done))
    const principal = await guard().authenticate(request('/deep', script))
    expect(principal).toMatchObject({ kind: 'user', username: accounts.alice.username, groups: ['editor'], issuer })
  })

  it('renews with rotation, and signs out with revocation', async () => {
    // The provider's own clock stays: what it issues now is good for half a minute here.
    skew = 3600_000 - 30_000
    const renewing = guard()
    const later = request('/deep', script)
    const principal = await renewing.authenticate(later)
    expect(principal).toMatchObject({ username: 'alice' })
    expect(principal.expiresAt * 1000).toBeGreaterThan(now())
    Object.assign(kept, cookiesOf(renewing.adapter.commit(later, new Response())))
    const out = await login.handle(request('/auth/logout', { ...navigation, 'sec-fetch-site': 'same-origin' }, 'POST'))
    expect(out?.headers.get('location')).toBe(
      `${issuer}/logout?client_id=${clientId}&logout_uri=http%3A%2F%2Flocalhost%3A9999%2Fauth%2Flogout`,
    )
  })
})

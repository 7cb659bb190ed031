import { decodeJwt } from 'jose'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { PageVisitor } from '../../support/page-visitor.ts'

// openid-client is certified by the OpenID Foundation, and knows nothing of Cognito.

const callback = 'http://localhost:3000/callback'
const secret = 'a_secret+with_signs+of_both_kinds_00'
let server: LocalServer
let issuer: URL

beforeAll(async () => {
  server = await startLocalServer({
    issuer: 'local',
    pool: {
      groups: ['editor'],
      users: { alice: { password: 'Correct-h0rse', groups: ['editor'], email: 'alice@example.com' } },
      clients: [
        { clientId: 'public', callbackUrls: [callback], logoutUrls: ['http://localhost:3000/'], rotationGrace: 0 },
        { clientId: 'confidential', secret, callbackUrls: [callback] },
        { clientId: 'implicit', callbackUrls: [callback], oauthFlows: ['implicit'] },
      ],
    },
  })
  issuer = new URL(server.pool.issuer)
})

afterAll(() => server.close())

const discover = (clientId: string, authentication?: openid.ClientAuth) =>
  openid.discovery(issuer, clientId, undefined, authentication ?? openid.None(), {
    execute: [openid.allowInsecureRequests],
  })

/** Signs alice in on the page, as the client has sent the browser there, and returns the address that she is sent back to. */
async function signIn(url: URL, visitor = new PageVisitor(fetch)): Promise<URL> {
  await visitor.open(url.href)
  if (visitor.outside === undefined) await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
  return new URL(visitor.outside ?? 'about:blank')
}

async function begin(config: openid.Configuration, parameters: Record<string, string> = {}) {
  const verifier = openid.randomPKCECodeVerifier()
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: openid.randomState(),
    expectedNonce: openid.randomNonce(),
    idTokenExpected: true,
  }
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid email profile',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  })
  return { url, checks }
}

describe('openid-client', () => {
  it('signs in with a code and PKCE, asks who it is, renews with rotation, revokes and signs out', async () => {
    const config = await discover('public')
    const visitor = new PageVisitor(fetch)
    const { url, checks } = await begin(config)
    const tokens = await openid.authorizationCodeGrant(config, await signIn(url, visitor), checks)
    const claims = tokens.claims()
    expect(claims).toMatchObject({ 'cognito:username': 'alice', 'cognito:groups': ['editor'], aud: 'public' })
    expect(claims?.['at_hash']).toMatch(/^[\w-]{22}$/)
    expect(decodeJwt(tokens.access_token)).toMatchObject({ scope: 'openid email profile', client_id: 'public' })

    const about = await openid.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '')
    expect(about).toMatchObject({ username: 'alice', email: 'alice@example.com', email_verified: 'false' })

    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
    expect(renewed.claims()?.auth_time).toBe(claims?.auth_time)
    await expect(openid.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })

    await openid.tokenRevocation(config, renewed.refresh_token ?? '')
    await expect(openid.refreshTokenGrant(config, renewed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })

    // The page knows the browser: no second password.
    const again = await begin(config)
    await visitor.open(again.url.href)
    expect(visitor.answer.get('code')).toMatch(/^[\w-]{36}$/)
    const end = openid.buildEndSessionUrl(config, { client_id: 'public', logout_uri: 'http://localhost:3000/' })
    await visitor.open(end.href)
    expect(visitor.outside).toBe('http://localhost:3000/')
    await visitor.open((await begin(config)).url.href)
    expect(visitor.page.title).toBe('Sign in')
  })

  it.each([
    ['in the form', openid.ClientSecretPost(secret)],
    ['by HTTP Basic, percent-encoded', openid.ClientSecretBasic(secret)],
    [
      'by HTTP Basic, as it is',
      (_: unknown, client: openid.ClientMetadata, __: unknown, headers: Headers) => {
        headers.set('authorization', `Basic ${btoa(`${client.client_id}:${secret}`)}`)
      },
    ],
  ] satisfies [string, openid.ClientAuth][])('sends its secret %s', async (_, authentication) => {
    const config = await discover('confidential', authentication)
    const { url, checks } = await begin(config)
    const tokens = await openid.authorizationCodeGrant(config, await signIn(url), checks)
    expect((await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token).toMatch(/^eyJ/)
    const wrong = await discover('confidential', openid.ClientSecretPost('not the secret'))
    await expect(openid.refreshTokenGrant(wrong, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_client',
    })
  })
})

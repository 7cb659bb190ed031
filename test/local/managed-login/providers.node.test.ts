import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool, type LocalPoolSettings } from '../../../src/local/index.ts'
import type { TriggerEvent } from '../../../src/local/triggers.ts'
import { call } from '../../support/local-pool.ts'
import { PageVisitor } from '../../support/page-visitor.ts'

const callback = 'https://app.example.com/callback'

async function start(settings: LocalPoolSettings = {}) {
  const pool = await createLocalPool({
    users: { alice: { password: 'Correct-h0rse', email: 'alice@example.com' } },
    clients: [{ clientId: 'app', callbackUrls: [callback], providers: ['COGNITO', 'corp'] }],
    ...settings,
  })
  const provider = {
    UserPoolId: pool.settings.userPoolId,
    ProviderName: 'corp',
    ProviderType: 'OIDC',
    ProviderDetails: {
      client_id: 'x',
      client_secret: 'y',
      attributes_request_method: 'GET',
      authorize_scopes: 'openid',
      oidc_issuer: 'https://corp.example',
    },
    AttributeMapping: { email: 'mail', username: 'sub', given_name: 'first' },
    IdpIdentifiers: ['corp.example'],
  }
  expect((await call(pool, 'CreateIdentityProvider', provider)).status).toBe(200)
  return { pool, visitor: new PageVisitor((request) => pool.fetch(request)) }
}

const address = (pool: LocalPool, more: Record<string, string> = {}) =>
  `https://${pool.domain}/oauth2/authorize?${new URLSearchParams({
    ...{ client_id: 'app', redirect_uri: callback, response_type: 'code' },
    ...more,
  })}`

async function claimsOf(pool: LocalPool, visitor: PageVisitor) {
  const response = await pool.fetch(
    new Request(`https://${pool.domain}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', client_id: 'app', redirect_uri: callback },
        code: visitor.answer.get('code') ?? '',
      }),
    }),
  )
  const { id_token, access_token } = (await response.json()) as { id_token: string; access_token: string }
  return { id: decodeJwt(id_token), access: decodeJwt(access_token) }
}

describe('another provider', () => {
  it.each([{ identity_provider: 'corp' }, { idp_identifier: 'corp.example' }])(
    'named by %j signs a user in, who is made with mapped attributes, a group and a nonce',
    async (named) => {
      const { pool, visitor } = await start()
      await visitor.open(address(pool, Object.fromEntries(Object.entries(named))))
      expect(visitor.page.title).toBe('Sign in with corp')
      await visitor.send({ subject: 'u-1', 'claim.mail': 'u1@corp.example', 'claim.first': '<b>Una</b>' })
      const { id, access } = await claimsOf(pool, visitor)
      expect(id).toMatchObject({
        'cognito:username': 'corp_u-1',
        'cognito:groups': [`${pool.settings.userPoolId}_corp`],
        email: 'u1@corp.example',
        email_verified: false,
        given_name: '<b>Una</b>',
        nonce: expect.stringMatching(/^[\w-]{20,}$/),
        identities: [{ userId: 'u-1', providerName: 'corp', providerType: 'OIDC', primary: true }],
      })
      expect(access['username']).toBe('corp_u-1')
      // The same user the next time, changed as the provider says, and with the nonce that is asked for.
      await visitor.open(address(pool, { prompt: 'login', identity_provider: 'corp', nonce: 'mine' }))
      await visitor.send({ subject: 'u-1', 'claim.mail': 'new@corp.example' })
      const again = (await claimsOf(pool, visitor)).id
      expect(again).toMatchObject({ sub: id.sub, email: 'new@corp.example', nonce: 'mine' })
    },
  )

  it('signs in as the user whom its identity is linked to', async () => {
    const { pool, visitor } = await start()
    const link = {
      UserPoolId: pool.settings.userPoolId,
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: 'alice' },
      SourceUser: { ProviderName: 'corp', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: 'u-2' },
    }
    expect((await call(pool, 'AdminLinkProviderForUser', link)).status).toBe(200)
    await visitor.open(address(pool))
    expect(visitor.page.text).toContain('Continue with corp')
    await visitor.open(address(pool, { identity_provider: 'corp' }))
    await visitor.send({ subject: 'u-2' })
    expect((await claimsOf(pool, visitor)).id['cognito:username']).toBe('alice')
  })

  it('is no way in for clients that do not have it, or for a strange id', async () => {
    const { pool, visitor } = await start({
      clients: [{ clientId: 'app', callbackUrls: [callback] }],
    })
    await visitor.open(address(pool, { identity_provider: 'corp' }))
    expect(visitor.page.error).toBe('The provider is not one of the app client.')
    const other = await start()
    await other.visitor.open(address(other.pool, { identity_provider: 'corp' }))
    await other.visitor.send({ subject: '"><script>'.repeat(20) })
    expect(other.visitor.page).toMatchObject({ title: 'Sign in with corp', error: expect.any(String) })
    expect(other.visitor.page.text).not.toContain('"><script>')
  })

  it('alone leaves no password on the page', async () => {
    const { pool, visitor } = await start({
      clients: [{ clientId: 'app', callbackUrls: [callback], providers: ['corp'] }],
    })
    await visitor.open(address(pool))
    expect(visitor.page.text).toContain('Continue with corp')
    expect(visitor.page.text).not.toContain('type="password"')
    const csrf = visitor.cookies.get('XSRF-TOKEN') ?? ''
    const body = new URLSearchParams({ _csrf: csrf, username: 'alice', password: 'Correct-h0rse' })
    await visitor.open(visitor.page.url, { method: 'POST', body })
    expect(visitor.outside).toBeUndefined()
  })
})

describe('triggers', () => {
  const told: TriggerEvent[] = []
  const note = (event: TriggerEvent) => {
    told.push(event)
    return event
  }

  it('are told of a sign-in on the page once, and of its tokens as of a hosted one', async () => {
    told.length = 0
    const { pool, visitor } = await start({
      triggers: { PreAuthentication: note, PostAuthentication: note, PreTokenGeneration: note },
    })
    await visitor.open(address(pool))
    await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
    expect(told.map(({ triggerSource }) => triggerSource)).toEqual([
      'PreAuthentication_Authentication',
      'PostAuthentication_Authentication',
    ])
    await claimsOf(pool, visitor)
    expect(told.map(({ triggerSource }) => triggerSource).slice(2)).toEqual(['TokenGeneration_HostedAuth'])
  })

  it.each(['PreAuthentication', 'PostAuthentication'] as const)(
    '%s refuses on the page, and leaves no session',
    async (name) => {
      const refuse = () => {
        throw new Error('Not <today>.')
      }
      const { pool, visitor } = await start({ triggers: { [name]: refuse } })
      await visitor.open(address(pool))
      await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
      expect(visitor.page).toMatchObject({ title: 'Sign in', error: `${name} failed with error Not <today>..` })
      await visitor.open(address(pool, { prompt: 'none' }))
      expect(visitor.answer.get('error')).toBe('login_required')
    },
  )

  it('PostConfirmation that fails is told, after the account is confirmed', async () => {
    const refuse = () => {
      throw new Error('The mail server is down.')
    }
    const { pool, visitor } = await start({ triggers: { PostConfirmation: refuse } })
    await visitor.open(address(pool).replace('/oauth2/authorize', '/signup'))
    await visitor.send({ username: 'carol', password: 'Correct-h0rse', 'attribute.email': 'carol@example.com' })
    await visitor.send({ code: pool.outbox.at(-1)?.code ?? '' })
    expect(visitor.page.error).toContain('The mail server is down.')
    await visitor.open(address(pool))
    await visitor.send({ username: 'carol', password: 'Correct-h0rse' })
    expect(visitor.answer.get('code')).not.toBeNull()
  })
})

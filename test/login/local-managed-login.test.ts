import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { honoGuard, loginRoutes } from '../../adapters/hono/index.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLocalPool, type LocalClient, type LocalPoolSettings } from '../../src/local/index.ts'
import { createLogin, type LoginEvent, type LoginOptions, meRoute, otherSessions } from '../../src/login/index.ts'
import { createAccount, createSignIn } from '../../src/sign-in/index.ts'
import { totp } from '../sign-in/totp.ts'
import { call } from '../support/local-pool.ts'
import { navigation, script } from '../support/managed-login.ts'
import { PageVisitor } from '../support/page-visitor.ts'

// Our login, on Hono, with the endpoints and pages of the local managed login: two readings of one protocol.

const origin = 'https://app.example.com'
const password = 'Correct-h0rse'
const totpSecret = 'JBSWY3DPEHPK3PXP'

interface Settings {
  readonly client?: Partial<LocalClient>
  readonly pool?: Partial<LocalPoolSettings>
  readonly login?: Partial<LoginOptions>
}

async function open({ client = {}, pool: more = {}, login: options = {} }: Settings = {}) {
  const pool = await createLocalPool({
    clientId: 'app',
    groups: ['editor'],
    users: {
      alice: { password, groups: ['editor'], email: 'alice@example.com' },
      dave: { password, groups: ['editor'], mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret },
    },
    clients: [
      { clientId: 'app', callbackUrls: [`${origin}/auth/callback`], logoutUrls: [`${origin}/auth/logout`], ...client },
    ],
    ...more,
  })
  const events: LoginEvent[] = []
  const login = createLogin({
    ...pool.settings,
    domain: `https://${pool.domain}`,
    redirectUri: `${origin}/auth/callback`,
    secrets: 'kq0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM8Pz4mK1=',
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const groups = defineGroups(
    { editor: { allow: ['posts.*'] } },
    {
      permissions: ['posts.read', 'posts.publish', 'posts.purge'],
      require: { 'posts.publish': { auth_time: { maxAge: 300 } }, 'posts.purge': { acr: ['urn:cognito:loa:3'] } },
    },
  )
  const audience = options.resource === undefined ? {} : { audience: options.resource }
  const guard = createGuard({ ...pool.settings, groups, tokenSource: login.session, ...audience })
  const { permissionRequired } = honoGuard(guard)
  const app = new Hono()
  app.route('/auth', loginRoutes(login, { me: meRoute(guard) }))
  for (const name of ['read', 'publish', 'purge'] as const)
    app.get(`/${name}`, permissionRequired(`posts.${name}`), (c) => c.text(`${name} by ${c.var.principal.username}`))

  /** Somebody's browser: cookies at the app, and the pages of managed login. */
  class Person {
    readonly jar = new Map<string, { readonly value: string; readonly until: number }>()
    readonly pages = new PageVisitor((request) => pool.fetch(request))

    request(path: string, headers: Readonly<Record<string, string>> = navigation, method = 'GET'): Request {
      const alive = [...this.jar].filter(([, { until }]) => until > pool.settings.now())
      const cookie = alive.map(([name, { value }]) => `${name}=${value}`).join('; ')
      return new Request(new URL(path, origin), { method, headers: { ...headers, cookie } })
    }

    async ask(path: string, headers: Readonly<Record<string, string>> = navigation, method = 'GET'): Promise<Response> {
      const response = await app.request(this.request(path, headers, method))
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = '', life = ''] = /^([^=]+)=([^;]*);.*Max-Age=(\d+)/.exec(line) ?? []
        this.jar.set(name, { value, until: pool.settings.now() + Number(life) * 1000 })
      }
      return response
    }

    /** Follows where a page of the app leads, until an answer is no redirect, or managed login shows a page. */
    async visit(path: string): Promise<string> {
      let next = path
      for (let hops = 0; hops < 10; hops++) {
        const response = await this.ask(next)
        const location = response.headers.get('location')
        if (location === null) return `${response.status} ${await response.text()}`
        next = location
        if (!location.startsWith(`https://${pool.domain}/`)) continue
        await this.pages.open(location)
        if (this.pages.outside === undefined) return this.pages.page.title
        next = this.pages.outside
      }
      throw new Error('a loop')
    }

    /** Sends the form of the page, and follows back to the app. */
    async send(values: Readonly<Record<string, string>>): Promise<string> {
      await this.pages.send(values)
      return this.pages.outside === undefined ? this.pages.page.title : this.visit(this.pages.outside)
    }

    signIn(username = 'alice'): Promise<string> {
      return this.send({ username, password })
    }

    async me(): Promise<unknown> {
      const response = await this.ask('/auth/me', script)
      return response.ok ? response.json() : response.status
    }

    async signOut(): Promise<string> {
      const { location } = await (await this.ask('/auth/logout', { ...script, origin }, 'POST')).json()
      await this.pages.open(location)
      return this.visit(this.pages.outside ?? '')
    }
  }
  return { pool, login, guard, events, person: new Person(), another: () => new Person() }
}

const headingOf = (answer: string) => `${answer.slice(0, 3)} ${/<h1[^>]*>(.*?)<\/h1>/.exec(answer)?.[1]}`

describe('a login at the local managed login', () => {
  it.each([
    ['public', undefined, undefined],
    ['confidential', 'a_secret+with_signs+of_both_kinds_00', undefined],
    ['public, that rotates,', undefined, 30],
  ])('by a %s client leads back, renews, and ends here, there and for its refresh token', async (_, secret, grace) => {
    const { pool, person, events } = await open({
      client: { ...(secret && { secret }), ...(grace && { rotationGrace: grace }) },
      login: { ...(secret && { clientSecret: secret }), ...(grace && { rotation: { gracePeriod: grace } }) },
    })
    expect(await person.visit('/read?page=2')).toBe('Sign in')
    expect(await person.signIn()).toBe('200 read by alice')
    expect(person.pages.outside).toMatch(/^https:\/\/app\.example\.com\/auth\/callback\?code=/)
    expect(await person.me()).toMatchObject({
      user: { username: 'alice', groups: ['editor'] },
      permissions: { 'posts.read': true, 'posts.publish': true, 'posts.purge': false },
    })
    pool.advance(3590)
    expect(await person.visit('/read')).toBe('200 read by alice')
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'renewed'])
    const before = new Map(person.jar)
    expect(headingOf(await person.signOut())).toBe('200 Signed out')
    expect(await person.visit('/read')).toBe('Sign in')
    expect(events.at(-1)?.type).toBe('signed-out')
    // Whoever has copied the cookies has a session until its token ends, and no longer.
    person.jar.clear()
    for (const [name, value] of before) person.jar.set(name, value)
    pool.advance(3590)
    expect(await person.me()).toBe(401)
  })

  it('asks again with prompt=login, and nobody with prompt=none', async () => {
    const { pool, person } = await open()
    expect(headingOf(await person.visit('/auth/login?return_to=/read&prompt=none'))).toBe('401 Please sign in')
    await person.visit('/read')
    await person.signIn()
    expect(await person.visit('/auth/login?return_to=/read&prompt=none')).toBe('200 read by alice')
    pool.advance(31)
    expect(await person.visit('/auth/login?return_to=/read')).toBe('200 read by alice')
    expect(await person.visit('/auth/login?return_to=/read&prompt=login')).toBe('Sign in')
    expect(await person.signIn('dave')).toBe('Enter the code')
  })

  it('has a name to begin with and says the language that was asked for, over the steps', async () => {
    const { person } = await open({ login: { defaults: { lang: 'de' } } })
    await person.visit('/auth/login?login_hint=alice')
    expect(person.pages.page.text).toMatch(/name="username"[^>]* value="alice"/)
    expect(person.pages.page.text).toContain('Cognito’s own pages would be in German')
    expect(person.pages.page.text).toContain('<html lang="en">')
    await person.visit('/auth/login?lang=tlh')
    expect(person.pages.page.text).not.toContain('Cognito’s own pages')
  })

  it('takes a sign-in that is as fresh as max_age says, and asks for another one otherwise', async () => {
    const { pool, person } = await open()
    await person.visit('/publish')
    expect(await person.signIn()).toBe('200 publish by alice')
    pool.advance(200)
    expect(await person.visit('/auth/login?return_to=/read&max_age=300')).toBe('200 read by alice')
    pool.advance(200)
    expect(await person.visit('/publish')).toBe('Sign in')
    expect(await person.signIn()).toBe('200 publish by alice')
  })

  it('steps up to the level that a permission needs, and says so where the user has no second factor', async () => {
    const { pool, person, another } = await open()
    const code = () => totp(totpSecret, pool.settings.now())
    const SoftwareTokenMfaSettings = { Enabled: false }
    await call(pool, 'AdminSetUserMFAPreference', { Username: 'dave', SoftwareTokenMfaSettings })
    await person.visit('/read')
    // The application is asked for where a second factor is needed, and else not.
    expect(await person.signIn('dave')).toBe('200 read by dave')
    expect(await person.visit('/purge')).toBe('Sign in')
    await person.signIn('dave')
    expect(await person.send({ code: await code() })).toBe('200 purge by dave')
    const other = another()
    await other.visit('/read')
    await other.signIn()
    expect(await other.visit('/purge')).toBe('Sign in')
    expect(await other.signIn()).toBe('Sign in')
    expect(other.pages.page.error).toBe('The user cannot reach any of TARGET_ACR_VALUES.')
    expect(await other.visit('/read')).toBe('200 read by alice')
  })

  it('binds access tokens to a resource, over a renewal', async () => {
    const resource = 'https://api.example.com'
    const { pool, person } = await open({ login: { resource } })
    await person.visit('/read')
    expect(await person.signIn()).toBe('200 read by alice')
    pool.advance(3590)
    expect(await person.visit('/read')).toBe('200 read by alice')
  })

  it('goes to an identity provider at once', async () => {
    const { pool, person } = await open({ client: { providers: ['COGNITO', 'corp'] } })
    const ProviderDetails = {
      ...{ client_id: 'x', client_secret: 'y', attributes_request_method: 'GET' },
      ...{ authorize_scopes: 'openid', oidc_issuer: 'https://corp.example' },
    }
    await call(pool, 'CreateIdentityProvider', { ProviderName: 'corp', ProviderType: 'OIDC', ProviderDetails })
    expect(await person.visit('/auth/login?identity_provider=corp')).toBe('Sign in with corp')
    await person.send({ subject: 'u-1' })
    expect(await person.me()).toMatchObject({ user: { username: 'corp_u-1' } })
  })

  it.each([
    ['the client may not use codes', { client: { oauthFlows: ['implicit'] as const } }, 'unauthorized_client'],
    ['a scope is not the client’s', { login: { scopes: ['openid', 'orders/read'] } }, 'invalid_scope'],
    ['the pool has no such level', { login: { defaults: { acrValues: ['urn:example:gold'] } } }, 'invalid_request'],
  ])('ends in a page where %s', async (_, settings, error) => {
    const { person, events } = await open(settings)
    expect(headingOf(await person.visit('/read'))).toBe('400 Sign-in failed')
    expect(events).toMatchObject([{ type: 'failed', during: 'login', error: { error } }])
  })

  it('ends on Cognito’s own page of errors where the callback is not registered', async () => {
    const { person } = await open({ client: { callbackUrls: [`${origin}/other`] } })
    expect(await person.visit('/read')).toBe('An error was encountered with the requested page.')
    expect(person.pages.page.error).toBe('redirect_mismatch')
  })

  it('is over for who was signed out or disabled by an administrator: a login for pages, 401 for scripts', async () => {
    for (const operation of ['AdminUserGlobalSignOut', 'AdminDisableUser']) {
      const { pool, person } = await open()
      await person.visit('/read')
      await person.signIn()
      expect((await call(pool, operation, { Username: 'alice' })).status).toBe(200)
      pool.advance(3601)
      expect(await person.me()).toBe(401)
      expect(person.request('/').headers.get('cookie')).not.toContain('__Host-session=')
    }
  })

  it('keeps a session while the token endpoint fails, until its token ends', async () => {
    const { pool, person } = await open()
    await person.visit('/read')
    await person.signIn()
    pool.fail('token', { status: 500 })
    pool.advance(3590)
    expect(await person.visit('/read')).toBe('200 read by alice')
    pool.advance(60)
    expect(headingOf(await person.visit('/read'))).toBe('503 Please try again')
    pool.recover()
    pool.advance(10)
    expect(await person.visit('/read')).toBe('200 read by alice')
  })

  it('lists and ends the other sessions of its user, where the pool tracks them', async () => {
    const { pool, login, person, another } = await open({
      pool: { maxSessions: 5 },
      login: { scopes: ['openid', 'aws.cognito.signin.user.admin'] },
    })
    const others = otherSessions(login, createAccount(createSignIn({ ...pool.settings })))
    const [phone, tablet] = [another(), another()]
    for (const browser of [person, phone, tablet]) {
      await browser.visit('/read')
      expect(await browser.signIn()).toBe('200 read by alice')
    }
    // Of each other browser: its session, and that of managed login.
    const found = await others.list(person.request('/'))
    expect(found.map(({ type }) => type).toSorted()).toEqual(['SSO', 'SSO', 'TOKEN', 'TOKEN'])
    const one = found.find(({ type }) => type === 'TOKEN')
    await others.revoke(person.request('/', script, 'POST'), one?.id)
    expect(await others.list(person.request('/'))).toHaveLength(2)
    await others.revoke(person.request('/', script, 'POST'))
    expect(await others.list(person.request('/'))).toEqual([])
    // Managed login still knows this browser.
    expect(await person.visit('/auth/login?return_to=/read&prompt=none')).toBe('200 read by alice')
    pool.advance(3590)
    const after = await Promise.all([person, phone, tablet].map((browser) => browser.visit('/read')))
    expect(after).toEqual(['200 read by alice', 'Sign in', 'Sign in'])
  })
})

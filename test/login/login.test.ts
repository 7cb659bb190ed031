import { describe, expect, it } from 'vitest'
import { script, scriptedCognito } from '../support/managed-login.ts'
import { loginApp } from './login-app.ts'

const textOf = async (response: Response) =>
  `${response.status} ${(await response.text())
    .replace(/<[^>]*>/g, ' ')
    .replace(/ +/g, ' ')
    .trim()}`

/** A browser that is sent to Cognito: the authorize request, before it is made. */
async function begun(
  app: Awaited<ReturnType<typeof loginApp>>,
  path = '/auth/login?return_to=/deep/link',
  headers = {},
) {
  const response = await app.browser.send(path, { headers })
  return new URL(response.headers.get('location') ?? 'none:')
}

/** Where Cognito sends that browser back to. */
function backFrom(app: Awaited<ReturnType<typeof loginApp>>, url: URL): string {
  return app.cognito.authorize(url).headers.get('location') ?? ''
}

describe('a login from a deep link', () => {
  it('sends a signed-out browser to Cognito and brings it back to the page', async () => {
    const { browser } = await loginApp()
    expect(await textOf(await browser.visit('/deep/link?a=1'))).toBe('200 hello alice')
    expect(browser.trail).toEqual([
      '/deep/link',
      '/auth/login',
      'auth.example.com/oauth2/authorize',
      '/auth/callback',
      '/deep/link',
    ])
  })

  it('answers 401 to a script, and never by a redirect', async () => {
    const { browser } = await loginApp()
    const scripts: Record<string, string>[] = [
      script,
      { accept: '*/*' },
      { ...script, accept: 'text/html' },
      { accept: 'application/json', 'sec-fetch-mode': 'navigate' },
    ]
    for (const headers of scripts) {
      const response = await browser.send('/deep/link', { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('vary')).toBe('Cookie')
    }
  })

  it('goes by Accept where a browser sends no Sec-Fetch-Mode', async () => {
    const { app } = await loginApp()
    const ask = (headers: Record<string, string>) => app(new Request('https://app.example.com/', { headers }))
    expect((await ask({ accept: 'text/html' })).status).toBe(302)
    expect((await ask({ accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' })).status).toBe(401)
    expect((await ask({})).status).toBe(401)
  })

  it('shows a page, and no login, to whom a permission is missing', async () => {
    const { browser } = await loginApp()
    await browser.visit('/')
    const response = await browser.send('/users')
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await textOf(response)).toContain('No access')
    expect((await browser.send('/users', { headers: script })).headers.get('content-type')).toBe(
      'application/problem+json',
    )
  })

  it('sends a form without a session nowhere, with a page that is no redirect', async () => {
    const { browser } = await loginApp()
    const headers = { origin: 'https://app.example.com', 'sec-fetch-site': 'same-origin' }
    const response = await browser.send('/deep/link', { method: 'POST', headers, body: 'secret=form-data' })
    const text = await response.text()
    expect(response.status).toBe(401)
    expect(text).toContain('Sign in')
    // What was sent to is no page to come back to.
    expect(text).toContain('href="/auth/login?return_to=%2F"')
    expect(`${text}${[...response.headers]}`).not.toContain('form-data')
  })

  it('shows a link in place of a redirect in a frame, on pages and on the login itself', async () => {
    const { browser } = await loginApp()
    for (const path of ['/deep/link', '/auth/login?return_to=/deep/link']) {
      const response = await browser.send(path, { headers: { 'sec-fetch-dest': 'iframe' } })
      expect(response.status).toBe(401)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(await response.text()).toContain('target=_top')
    }
  })

  it('keeps pages of a session out of shared caches, unless the handler says otherwise', async () => {
    const { browser } = await loginApp()
    await browser.visit('/')
    expect((await browser.send('/')).headers.get('cache-control')).toBe('private, no-store')
    expect((await browser.send('/', { headers: script })).headers.get('cache-control')).toBeNull()
  })
})

describe('cases from the field', () => {
  it('L01: sends a nonce always, and demands exactly it', async () => {
    const app = await loginApp()
    const url = await begun(app)
    expect(url.searchParams.get('nonce')).toMatch(/^[\w-]{20,}$/)
    app.cognito.nonce = 'nobody-asked-for-this'
    expect(await textOf(await app.browser.send(backFrom(app, url)))).toContain('400 Sign-in failed')
    expect(app.browser.cookies).toEqual({})
  })

  it('L04: state is short and opaque', async () => {
    const app = await loginApp()
    const states = await Promise.all([1, 2, 3].map(async () => (await begun(app)).searchParams.get('state')))
    for (const state of states) expect(state).toMatch(/^[\w-]{22,43}$/)
    expect(new Set(states).size).toBe(3)
  })

  it('L06: a dead refresh token leads to a login for pages, to 401 for calls, and signs out all the same', async () => {
    for (const act of ['page', 'call', 'sign-out'] as const) {
      const { browser, cognito } = await loginApp()
      await browser.visit('/')
      cognito.refreshTokens.clear()
      cognito.pool.advance(3600)
      cognito.calls.length = 0
      if (act === 'page')
        expect((await browser.send('/deep/link')).headers.get('location')).toBe('/auth/login?return_to=%2Fdeep%2Flink')
      if (act === 'call') expect((await browser.send('/', { headers: script })).status).toBe(401)
      if (act === 'sign-out') {
        const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
        expect((await browser.send('/auth/logout', { method: 'POST', headers })).status).toBe(303)
      }
      expect(cognito.calls.filter(({ path }) => path === '/oauth2/token').length).toBe(act === 'sign-out' ? 0 : 1)
      expect(Object.keys(browser.cookies).filter((name) => !/ended|rounds/.test(name))).toEqual([])
    }
  })

  it('waits for the token endpoint no longer than it is told to, and says that it does not answer', async () => {
    const cognito = await scriptedCognito()
    const hanging = ({ signal }: Request) =>
      new Promise<Response>((_, reject) => void signal.addEventListener('abort', () => reject(signal.reason)))
    const fetch = (request: Request) => (request.url.includes('/oauth2/') ? hanging(request) : cognito.fetch(request))
    const { browser } = await loginApp({ fetch, timeout: 0.01 }, { cognito })
    expect(await textOf(await browser.visit('/deep/link'))).toMatch(/^503 Please try again/)
  })

  it('L07: signs out at Cognito by client_id and logout_uri, and keeps the way on in a cookie', async () => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
    const response = await browser.send('/auth/logout?return_to=/deep/link', { method: 'POST', headers })
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin + url.pathname).toBe('https://auth.example.com/logout')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: cognito.pool.settings.clientId,
      logout_uri: 'https://app.example.com/auth/logout',
    })
    expect((await browser.send('/auth/logout')).headers.get('location')).toBe('/deep/link')
    expect(await textOf(await browser.send('/auth/logout'))).toContain('Signed out')
  })

  it.each([
    ['sec-purpose', 'prefetch'],
    ['sec-purpose', 'prefetch;prerender'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
    ['next-router-prefetch', '1'],
    ['HEAD', ''],
  ])('L09: %s %s starts no login, redeems no code, renews nothing and signs nobody out', async (name, value) => {
    const app = await loginApp()
    const { browser, cognito } = app
    const init = name === 'HEAD' ? { method: 'HEAD' } : { headers: { [name]: value } }
    const silent = async (path: string, signed: boolean) => {
      const before = { ...browser.cookies }
      const calls = cognito.calls.length
      const response = await browser.send(path, init)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('cache-control')).toMatch(/no-store/)
      expect(browser.cookies).toEqual(before)
      expect(cognito.calls.length).toBe(calls)
      if (path.startsWith('/auth')) expect(await response.text()).toBe('')
      else expect(response.status).toBe(signed ? 200 : 401)
    }
    await silent('/deep/link', false)
    await silent('/auth/login', false)
    const back = backFrom(app, await begun(app))
    await silent(back.replace('https://app.example.com', ''), false)
    // The real one works afterwards.
    expect((await browser.send(back)).headers.get('location')).toBe('/deep/link')
    await silent('/auth/logout', true)
    cognito.pool.advance(3600)
    await silent('/deep/link', false)
    expect((await browser.send('/deep/link')).status).toBe(200)
  })

  it('L12: a callback without its cookie never redeems the code', async () => {
    const app = await loginApp()
    const back = backFrom(app, await begun(app))
    const other = await loginApp({}, { cognito: app.cognito })
    expect(await textOf(await other.browser.send(back))).toContain('400 Please start again')
    expect(await textOf(await other.browser.send('/auth/callback?code=abc'))).toContain('Please start again')
    expect(app.cognito.calls.filter(({ path }) => path === '/oauth2/token')).toEqual([])
    await other.browser.visit('/deep/link')
    expect((await other.browser.send(back)).headers.get('location')).toBe('/deep/link')
  })

  it('L12: a callback seen again beside a session that is over asks to start again', async () => {
    const app = await loginApp({ idleLifetime: 1000 })
    const back = backFrom(app, await begun(app))
    expect((await app.browser.send(back)).headers.get('location')).toBe('/deep/link')
    expect((await app.browser.send(back)).headers.get('location')).toBe('/deep/link')
    app.browser.jar = new Map([...app.browser.jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
    app.cognito.pool.advance(1001)
    expect(await textOf(await app.browser.send(back))).toContain('400 Please start again')
  })

  it('L15: sends the secret in the body, and revokes with it as it is', async () => {
    const secret = 'a_b+c_d+e_f+0123456789abcdef'
    const { browser, cognito } = await loginApp({ clientSecret: secret }, { cognito: await scriptedCognito(secret) })
    await browser.visit('/')
    expect(cognito.calls.at(-1)?.form.get('client_secret')).toBe(secret)
    expect(cognito.calls.at(-1)?.headers.get('authorization')).toBeNull()
    const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
    await browser.send('/auth/logout', { method: 'POST', headers })
    expect(cognito.revoked.size).toBe(1)
  })
})

describe('several logins at once', () => {
  it('keeps one cookie a login, and at most five', async () => {
    const app = await loginApp()
    const urls: URL[] = []
    for (let tab = 0; tab < 7; tab++) urls.push(await begun(app, `/auth/login?return_to=/tab-${tab}`))
    expect(Object.keys(app.browser.cookies).filter((name) => name.includes('.login-'))).toHaveLength(5)
    expect((await app.browser.send(backFrom(app, urls[6] as URL))).headers.get('location')).toBe('/tab-6')
    expect((await app.browser.send(backFrom(app, urls[3] as URL))).headers.get('location')).toBe('/tab-3')
    // The oldest is gone. There is a session, so its tab goes on to that one's page.
    expect((await app.browser.send(backFrom(app, urls[0] as URL))).headers.get('location')).toBe('/tab-3')
  })

  it('takes a callback with the state of one login and the cookie of another for none', async () => {
    const app = await loginApp()
    const [one, two] = [await begun(app), await begun(app)]
    const back = new URL(backFrom(app, one))
    back.searchParams.set('state', two.searchParams.get('state') ?? '')
    // The code was made for another verifier.
    expect(await textOf(await app.browser.send(back.href))).toContain('400 Sign-in failed')
  })

  it('forgets a login after an hour', async () => {
    const app = await loginApp()
    const back = backFrom(app, await begun(app))
    app.cognito.pool.advance(3599)
    const jar = new Map(app.browser.jar)
    app.cognito.pool.advance(2)
    app.browser.jar = new Map([...jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
    expect(await textOf(await app.browser.send(back))).toContain('Please start again')
  })
})

describe('loops', () => {
  it('end after two rounds with a page that starts afresh by a click', async () => {
    // A guard that lets nobody in: each login is successful, and leads back to it.
    const { browser, cognito } = await loginApp({}, { guardOptions: { validate: () => false } })
    const response = await browser.visit('/deep/link')
    const text = await response.text()
    expect(response.status).toBe(400)
    expect(text).toContain('Sign-in does not hold')
    expect(cognito.calls.filter(({ path }) => path === '/oauth2/token')).toHaveLength(2)
    const href = /href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&#38;', '&') ?? ''
    expect(href).toBe('/auth/login?return_to=%2Fdeep%2Flink&afresh=1')
    expect((await browser.send(href)).status).toBe(302)
  })

  it('end where a session cookie never sticks', async () => {
    const { browser, cognito } = await loginApp()
    const take = browser.take.bind(browser)
    browser.take = (response) => {
      take(response)
      browser.jar.delete('__Host-session')
      return response
    }
    expect(await textOf(await browser.visit('/deep/link'))).toContain('Sign-in does not hold')
    expect(cognito.calls.filter(({ path }) => path === '/oauth2/token')).toHaveLength(2)
  })

  it('end where two hosts serve the application', async () => {
    const { browser } = await loginApp()
    expect(
      (await browser.send('https://www.example.com/auth/login?return_to=/deep/link')).headers.get('location'),
    ).toBe('https://app.example.com/auth/login?return_to=%2Fdeep%2Flink&moved=1')
    // A proxy that hides the host: the login goes on all the same.
    const hidden = await browser.send('https://internal.example/auth/login?return_to=/deep/link&moved=1')
    expect(hidden.headers.get('location')).toMatch(/^https:\/\/auth\.example\.com/)
  })

  it('end where the clock is wrong', async () => {
    const now = () => Date.now() + 7200_000
    const { browser, cognito } = await loginApp({ now }, { cognito: await scriptedCognito() })
    expect(await textOf(await browser.visit('/deep/link'))).toMatch(/^400 Sign-in failed/)
    expect(cognito.calls.length).toBe(1)
  })

  it('are not seen in logins that follow each other at leisure', async () => {
    const { browser, cognito } = await loginApp()
    for (let time = 0; time < 4; time++) {
      await browser.visit('/deep/link')
      cognito.pool.advance(31)
      expect((await browser.visit('/auth/login?return_to=/deep/link')).status).toBe(200)
      cognito.pool.advance(31)
    }
  })
})

describe('a step-up', () => {
  it('by age leads to such a login and back to the page', async () => {
    const { browser, cognito } = await loginApp()
    cognito.authTime = Math.floor(cognito.pool.settings.now() / 1000) - 1000
    await browser.visit('/')
    const refusal = await browser.send('/publish')
    expect(refusal.headers.get('location')).toBe('/auth/login?return_to=%2Fpublish&max_age=300')
    const url = new URL((await browser.send(refusal.headers.get('location') ?? '')).headers.get('location') ?? '')
    expect(url.searchParams.get('max_age')).toBe('300')
    cognito.authTime = undefined
    const before = browser.cookies['__Host-session']
    expect(await textOf(await browser.visit('/publish'))).toBe('200 hello alice')
    expect(browser.cookies['__Host-session']).not.toBe(before)
  })

  it('that is answered by an old sign-in, or without the level, ends in a page and lets nobody in', async () => {
    const { browser, cognito, handled } = await loginApp()
    cognito.authTime = Math.floor(cognito.pool.settings.now() / 1000) - 1000
    expect(await textOf(await browser.visit('/publish'))).toContain('403 A stronger sign-in is needed')
    expect(await textOf(await browser.visit('/purge'))).toContain('403 A stronger sign-in is needed')
    expect(handled).toEqual([])
    cognito.claims = { acr: 'urn:cognito:loa:2' }
    cognito.pool.advance(31)
    expect(await textOf(await browser.visit('/purge'))).toBe('200 hello alice')
  })

  it('that is answered without the time of the sign-in ends in a page, and the log says why', async () => {
    const { browser, cognito, handled, events } = await loginApp()
    await browser.visit('/')
    handled.length = 0
    cognito.id = { auth_time: undefined }
    cognito.claims = { auth_time: 1 }
    expect(await textOf(await browser.visit('/auth/login?return_to=/publish&max_age=300'))).toContain('403 A stronger')
    expect(handled).toEqual([])
    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { details: { claim: 'auth_time' } } })
  })

  it('by another user replaces the session', async () => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    const old = browser.cookies['__Host-session'] ?? ''
    cognito.user = 'bob'
    await browser.visit('/auth/login?return_to=/auth/me')
    const me = await (await browser.send('/auth/me', { headers: script })).json()
    expect(me).toMatchObject({ user: { username: 'bob', groups: [] }, permissions: { 'posts.read': false } })
    // A late answer that brings the old session back does not bring alice back.
    browser.jar.set('__Host-session', { value: old, until: Infinity })
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })
})

describe('parameters of a login', () => {
  it('come from the query, from defaults and from the application', async () => {
    const app = await loginApp({ defaults: { lang: 'de', parameters: { theme: 'dark' } }, scopes: ['openid', 'email'] })
    const url = await begun(
      app,
      '/auth/login?prompt=login&login_hint=a%40b&identity_provider=Google&acr_values=urn:a+urn:b&max_age=60&redirect_uri=x&state=y&scope=z',
    )
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      lang: 'de',
      theme: 'dark',
      prompt: 'login',
      login_hint: 'a@b',
      identity_provider: 'Google',
      acr_values: 'urn:a urn:b',
      max_age: '60',
      scope: 'openid email',
      redirect_uri: 'https://app.example.com/auth/callback',
    })
    const started = await app.login.start(app.browser.request('/x'), { lang: 'fr', returnTo: '/y' })
    expect(new URL(started.headers.get('location') ?? '').searchParams.get('lang')).toBe('fr')
  })

  it('of another form than theirs, or too long, are left out', async () => {
    const app = await loginApp()
    for (const [query, name] of [
      [`login_hint=${'a'.repeat(257)}`, 'login_hint'],
      [`prompt=${'a'.repeat(257)}`, 'prompt'],
      ...['abc', '1e3', '-1', '1.5', '1234567890', '0x10', ' 1'].map((age) => [`max_age=${age}`, 'max_age']),
      ['scope=admin', 'claims'],
      ['response_mode=fragment', 'response_mode'],
    ]) {
      const url = await begun(app, `/auth/login?${query}`)
      expect([url.searchParams.get(`${name}`), url.searchParams.get('scope')], query).toEqual([null, 'openid'])
    }
    const url = await begun(app, `/auth/login?login_hint=${'a'.repeat(256)}&max_age=123456789`)
    expect(url.searchParams.get('login_hint')).toHaveLength(256)
    expect(url.searchParams.get('max_age')).toBe('123456789')
  })

  it.each(['prompt', 'login_hint', 'lang', 'acr_values', 'max_age', 'identity_provider', 'Max_Age'])(
    'have one place: %s is no custom parameter',
    async (name) => {
      await expect(loginApp({ defaults: { parameters: { [name]: 'x' } } })).rejects.toThrow(
        `createLogin: defaults: parameters: expected no ${name}`,
      )
    },
  )

  it('bind tokens to a resource server, in the request and in what is accepted', async () => {
    const resource = 'https://api.example.com'
    const app = await loginApp({ resource }, { guardOptions: { audience: resource } })
    const url = await begun(app)
    expect(url.searchParams.get('resource')).toBe(resource)
    // Cognito answers with tokens for nobody in particular.
    expect(await textOf(await app.browser.send(backFrom(app, url)))).toContain('400 Sign-in failed')
    const bound = await loginApp({ resource }, { cognito: app.cognito, guardOptions: { audience: resource } })
    app.cognito.claims = { aud: resource }
    app.cognito.id = { aud: app.cognito.pool.settings.clientId }
    expect(await textOf(await bound.browser.visit('/deep/link'))).toBe('200 hello alice')
  })

  it('make the cookie of a login no larger, however long they are', async () => {
    const app = await loginApp()
    const noise = (length: number) =>
      Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => (byte % 36).toString(36)).join('')
    const names = ['prompt', 'login_hint', 'lang', 'acr_values', 'identity_provider']
    const query = new URLSearchParams(names.map((name) => [name, noise(256)]))
    query.set('return_to', `/${noise(1400)}`)
    const url = await begun(app, `/auth/login?${query}`)
    for (const name of names) expect(url.searchParams.get(name)).toBe(query.get(name))
    const [cookie = ''] =
      Object.entries(app.browser.cookies)
        .find(([name]) => name.includes('.login-'))
        ?.slice(1) ?? []
    expect(cookie.length).toBeGreaterThan(1000)
    expect(cookie.length).toBeLessThan(2000)
  })

  it.each(['redirect_uri', 'state', 'nonce', 'client_id', 'response_type', 'code_challenge', 'SCOPE'])(
    'never replace %s',
    async (name) => {
      await expect(loginApp({ defaults: { parameters: { [name]: 'x' } } })).rejects.toThrow(
        `createLogin: defaults: parameters: expected no ${name}`,
      )
      const { login } = await loginApp()
      await expect(
        login.start(new Request('https://app.example.com/'), { parameters: { [name]: 'x' } }),
      ).rejects.toThrow(name)
    },
  )
})

describe('/me', () => {
  it('says who is signed in, what they may do, and until when', async () => {
    const { browser, cognito } = await loginApp()
    const before = Math.floor(cognito.pool.settings.now() / 1000)
    await browser.visit('/')
    const response = await browser.send('/auth/me', { headers: script })
    expect(response.headers.get('cache-control')).toBe('no-store')
    const me: { expiresAt: number } = await response.json()
    const after = Math.floor(cognito.pool.settings.now() / 1000)
    expect(me.expiresAt).toBeGreaterThanOrEqual(before + 3600)
    expect(me.expiresAt).toBeLessThanOrEqual(after + 3600)
    expect(me).toEqual({
      user: { sub: expect.any(String), username: 'alice', groups: ['editor'] },
      permissions: { 'posts.read': true, 'posts.publish': true, 'posts.purge': false, 'users.delete': false },
      expiresAt: expect.any(Number),
    })
  })

  it('is 401 for nobody, and no route without a guard', async () => {
    const { browser, login } = await loginApp()
    expect((await browser.send('/auth/me', { headers: script })).status).toBe(401)
    expect(await login.handle(browser.request('/auth/me'))).toBeUndefined()
    expect(await login.handle(browser.request('/elsewhere'))).toBeUndefined()
  })
})

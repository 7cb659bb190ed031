import { describe, expect, it } from 'vitest'
import type { SessionStore } from '../../src/login/index.ts'
import { amplifySession, cognitoAtEdgeSession, createLogin, takeOver } from '../../src/login/index.ts'
import { navigation, script, scriptedCognito } from '../support/managed-login.ts'
import { loginApp, redirectUri, secret } from './login-app.ts'

const own = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const other = 'Zt7Qw1Er5Ty8Ui2Op4As6Df9Gh3Jk0LzXcVbNmQpRs='

/** A store in memory, as D1 behaves. */
function memoryStore(): SessionStore & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    get: async (key) => entries.get(key),
    put: async (key, value) => void entries.set(key, value),
    replace: async (key, value) => void (entries.has(key) && entries.set(key, value)),
    delete: async (key) => void entries.delete(key),
  }
}

describe('the cookie of a session', () => {
  it('is one that no script reads and no other host sets, and holds no readable token', async () => {
    const { browser, cognito } = await loginApp()
    const back =
      cognito
        .authorize(new URL((await browser.send('/auth/login')).headers.get('location') ?? ''))
        .headers.get('location') ?? ''
    const lines = (await browser.send(back)).headers.getSetCookie()
    for (const line of lines) {
      expect(line).toMatch(/^__Host-session[\w.-]*=[^;]*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
      expect(line).not.toMatch(/eyJ[\w-]*\./)
    }
    expect(lines.find((line) => line.startsWith('__Host-session='))).toContain('; Max-Age=86400;')
  })

  it.each([
    ['truncated', (value: string) => value.slice(0, -1)],
    ['tampered', (value: string) => `${value.slice(0, 100)}${value[100] === 'A' ? 'B' : 'A'}${value.slice(101)}`],
    ['empty', () => ''],
    ['foreign', () => '1AQIDBAUGBwgJCgsMDQ4PEA'],
    ['oversized', () => `1${'A'.repeat(20_000)}`],
    ['of two chunks, one of which is missing', (value: string) => `2${value.slice(1)}`],
    ['not base64url', () => '1%FF%00é'],
  ])('that is %s means signed out, and is removed', async (_, change) => {
    const { browser } = await loginApp()
    await browser.visit('/')
    browser.jar.set('__Host-session', { value: change(browser.cookies['__Host-session'] ?? ''), until: Infinity })
    // Browsers cannot send letters outside of ASCII in a Request of Node.
    if (!/^[\x20-\x7e]*$/.test(browser.cookies['__Host-session'] ?? '')) return
    const response = await browser.send('/', { headers: script })
    expect(response.status).toBe(401)
    expect(browser.cookies['__Host-session']).toBeUndefined()
  })

  it('opens with every listed secret, is sealed with the first, and not with one that is gone', async () => {
    const { browser, cognito } = await loginApp({ secrets: [secret] })
    await browser.visit('/')
    const value = { value: browser.cookies['__Host-session'] ?? '', until: Infinity }
    const both = await loginApp({ secrets: [other, secret] }, { cognito })
    both.browser.jar.set('__Host-session', value)
    expect((await both.browser.send('/', { headers: script })).status).toBe(200)
    const without = await loginApp({ secrets: [other] }, { cognito })
    without.browser.jar.set('__Host-session', value)
    expect((await without.browser.send('/', { headers: script })).status).toBe(401)
    // A renewal seals with the new one.
    cognito.pool.advance(3600)
    await both.browser.send('/', { headers: script })
    without.browser.jar.set('__Host-session', { value: both.browser.cookies['__Host-session'] ?? '', until: Infinity })
    expect((await without.browser.send('/', { headers: script })).status).toBe(200)
  })

  it('is bound to its name, its purpose, its client and its pool', async () => {
    const { browser, cognito } = await loginApp()
    await browser.send('/auth/login')
    const login = Object.entries(browser.cookies).find(([name]) => name.includes('.login-'))?.[1] ?? ''
    browser.jar.set('__Host-session', { value: `1${login}`, until: Infinity })
    expect((await browser.send('/', { headers: script })).status).toBe(401)
    await browser.visit('/')
    const value = { value: browser.cookies['__Host-session'] ?? '', until: Infinity }
    const renamed = await loginApp({ cookieName: 'other' }, { cognito })
    renamed.browser.jar.set('__Host-other', value)
    expect((await renamed.browser.send('/', { headers: script })).status).toBe(401)
    const elsewhere = await loginApp({}, { cognito: await scriptedCognito() })
    elsewhere.browser.jar.set('__Host-session', value)
    expect((await elsewhere.browser.send('/', { headers: script })).status).toBe(401)
  })

  it('of 100 groups fits into two cookies of 4 kB, and into none with the ID token beside it', async () => {
    const groups = Array.from({ length: 100 }, (_, at) => `group-number-${`${at}`.padStart(4, '0')}`)
    const refresh = `eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIn0.${['A'.repeat(342), 'B'.repeat(16), 'C'.repeat(1200), 'D'.repeat(22)].map(randomDigits).join('.')}`
    const app = await loginApp({}, { guardOptions: { unknownGroups: 'ignore' } })
    app.cognito.claims = { 'cognito:groups': [...groups, 'editor'] }
    const fetch = app.cognito.fetch
    const { browser } = await loginApp(
      { fetch: async (request) => replaceRefresh(await fetch(request), refresh) },
      { cognito: app.cognito },
    )
    expect((await browser.visit('/')).status).toBe(200)
    const size = Object.entries(browser.cookies)
      .filter(([name]) => /^__Host-session(\.1)?$/.test(name))
      .map(([, value]) => value.length)
    const total = size.reduce((sum, length) => sum + length, 0)
    expect(total).toBeGreaterThan(2500)
    expect(total).toBeLessThan(4500)
  })

  it('that does not fit ends in a page, and not in a loop', async () => {
    const app = await loginApp({ keep: ['access', 'id', 'refresh'] })
    app.cognito.claims = { blob: randomDigits('x'.repeat(7000)) }
    const response = await app.browser.visit('/')
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('too many groups')
  })

  it('ends after its idle time, and after its absolute one however it is used', async () => {
    const { browser, cognito } = await loginApp({ idleLifetime: 1000, absoluteLifetime: 5000 })
    cognito.life = 86_400
    await browser.visit('/')
    const held = new Map([...browser.jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
    for (let time = 0; time < 5; time++) {
      cognito.pool.advance(900)
      expect((await browser.send('/', { headers: script })).status).toBe(200)
    }
    cognito.pool.advance(600)
    const late = new Map([...browser.jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
    browser.jar = late
    expect((await browser.send('/', { headers: script })).status).toBe(401)
    browser.jar = held
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })
})

describe('the life of a session', () => {
  /** Keeps all cookies for ever, as a thief would. */
  const keep = ({ browser }: Awaited<ReturnType<typeof loginApp>>) => {
    browser.jar = new Map([...browser.jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
  }
  const ageOf = (response: Response) =>
    response.headers.getSetCookie().flatMap((line) => /^__Host-session=[^;]+;.*Max-Age=(\d+)/.exec(line)?.[1] ?? [])

  it('ends with its idle time, whatever the cookie says and however long its tokens live', async () => {
    const app = await loginApp({ idleLifetime: 1000 })
    app.cognito.life = 86_400
    await app.browser.visit('/')
    keep(app)
    app.cognito.pool.advance(999)
    const kept = new Map(app.browser.jar)
    expect((await app.browser.send('/', { headers: script })).status).toBe(200)
    app.browser.jar = kept
    app.cognito.pool.advance(2)
    expect((await app.browser.send('/', { headers: script })).status).toBe(401)
    expect(app.browser.cookies['__Host-session']).toBeUndefined()
  })

  it('ends with its absolute time however often it is renewed, and its cookie does too', async () => {
    const app = await loginApp({ idleLifetime: 9000, absoluteLifetime: 10_000 })
    await app.browser.visit('/')
    const ages: string[] = []
    for (let time = 0; time < 3; time++) {
      app.cognito.pool.advance(3300 + 250)
      keep(app)
      const response = await app.browser.send('/', { headers: script })
      if (time < 2) expect(response.status).toBe(200)
      else expect([response.status, app.browser.cookies['__Host-session']]).toEqual([401, undefined])
      ages.push(...ageOf(response))
    }
    expect(ages.map((age) => Math.round(Number(age) / 100))).toEqual([64, 29])
  })

  it('is over where the clock gives no number', async () => {
    const cognito = await scriptedCognito()
    let isBroken = false
    const { browser } = await loginApp(
      { now: () => (isBroken ? Number.NaN : cognito.pool.settings.now()) },
      { cognito },
    )
    await browser.visit('/')
    isBroken = true
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })

  it('is not shortened by an isolate whose clock is ten minutes slow', async () => {
    const cognito = await scriptedCognito()
    const slow = await loginApp({ now: () => cognito.pool.settings.now() - 600_000 }, { cognito })
    const { browser } = await loginApp({}, { cognito })
    await browser.visit('/')
    slow.browser.jar = new Map(browser.jar)
    expect((await slow.browser.send('/', { headers: script })).status).toBe(200)
  })
})

describe('cookies and other sites', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://sub.example.com' }, 403],
    [{}, 403],
    [own, 200],
  ])('a POST with %o is %i', async (headers, status) => {
    const { browser, handled } = await loginApp()
    await browser.visit('/')
    handled.length = 0
    const response = await browser.send('/', {
      method: 'POST',
      headers: { ...script, 'sec-fetch-site': 'none', ...headers },
    })
    expect(response.status).toBe(status)
    expect(handled.length).toBe(status === 200 ? 1 : 0)
  })

  it('an Authorization header counts before the session', async () => {
    const { browser } = await loginApp()
    await browser.visit('/')
    for (const headers of [script, navigation]) {
      const response = await browser.send('/', { headers: { ...headers, authorization: 'Bearer x' } })
      expect([response.status, response.headers.get('location')]).toEqual([401, null])
      expect(response.headers.get('www-authenticate')).toContain('invalid_token')
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  it('an Authorization header counts before the session for what is asked of the login, too', async () => {
    const { browser, login } = await loginApp()
    await browser.visit('/')
    expect(await login.tokens(browser.request('/'))).toMatchObject({ accessToken: expect.any(String) })
    const headers = { ...script, authorization: 'Bearer of.somebody.else' }
    expect(await login.tokens(browser.request('/', { headers }))).toBeUndefined()
  })

  it('in development have no prefix and no Secure, on this machine only', async () => {
    const cognito = await scriptedCognito()
    const base = { ...cognito.pool.settings, domain: cognito.domain, secrets: secret }
    const login = createLogin({ ...base, redirectUri: 'http://localhost:8787/auth/callback', development: true })
    const response = await login.handle(new Request('http://localhost:8787/auth/login'))
    expect(response?.headers.getSetCookie()[0]).toMatch(
      /^session\.login-[\w-]{8}=[^;]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    )
    for (const [uri, development] of [
      [redirectUri, true],
      ['http://localhost:8787/auth/callback', undefined],
      ['http://app.example.com/auth/callback', true],
    ] as const)
      expect(() => createLogin({ ...base, redirectUri: uri, development })).toThrow(
        /createLogin: (development|redirectUri)/,
      )
  })
})

describe('renewal', () => {
  it('comes before the token ends, with the answer, and nobody signs in again', async () => {
    const { browser, cognito, events } = await loginApp()
    await browser.visit('/')
    const before = browser.cookies['__Host-session']
    cognito.pool.advance(3600 - 59)
    const response = await browser.send('/', { headers: script })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(browser.cookies['__Host-session']).not.toBe(before)
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'renewed'])
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).toEqual([])
  })

  it('without another refresh token keeps the one that it has', async () => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    cognito.calls.length = 0
    for (let time = 0; time < 3; time++) {
      cognito.pool.advance(3600)
      expect((await browser.send('/', { headers: script })).status).toBe(200)
    }
    const used = cognito.calls.map(({ form }) => form.get('refresh_token'))
    expect([used.length, new Set(used).size]).toEqual([3, 1])
  })

  it.each([
    ['id', 'access'],
    ['access', 'id'],
  ] as const)('comes before the first of its tokens ends, which is the %s token', async (first, second) => {
    const { browser, cognito } = await loginApp({ keep: [first, second, 'refresh'] })
    const soon = Math.floor(cognito.pool.settings.now() / 1000) + 600
    if (first === 'id') cognito.id = { exp: soon }
    else Object.assign(cognito, { life: 600, id: { exp: soon + 3000 } })
    await browser.visit('/')
    cognito.id = {}
    cognito.calls.length = 0
    cognito.pool.advance(500)
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).toEqual([])
    cognito.pool.advance(60)
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).not.toEqual([])
    expect(cognito.calls).toHaveLength(1)
  })

  it('that fails keeps the old token until it ends, and then is 503 and no sign-out', async () => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    cognito.pool.advance(3600 - 59)
    cognito.broken = () => {
      throw new TypeError('no network')
    }
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    // It is not asked again at once.
    cognito.calls.length = 0
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    expect(cognito.calls).toEqual([])
    cognito.pool.advance(60)
    const response = await browser.send('/', { headers: script })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ code: 'RENEWAL_UNAVAILABLE' })
    const page = await browser.send('/deep/link')
    expect([page.status, page.headers.get('location')]).toEqual([503, null])
    cognito.broken = undefined
    expect((await browser.send('/', { headers: script })).status).toBe(200)
  })

  it.each([
    ['500', 500],
    ['429', 429],
    ['HTML', 502],
  ])('takes an answer of %s for a failed network', async (_, status) => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    cognito.pool.advance(3600)
    cognito.broken = () => new Response('<html>', { status })
    expect((await browser.send('/', { headers: script })).status).toBe(503)
    cognito.broken = undefined
    expect((await browser.send('/', { headers: script })).status).toBe(200)
  })

  it('in two tabs at once asks Cognito once, and both go on, in whatever order they are answered', async () => {
    for (const order of [0, 1]) {
      const { browser, cognito } = await loginApp({ rotation: { gracePeriod: 30 } })
      cognito.rotation = 30
      await browser.visit('/')
      cognito.pool.advance(3600)
      cognito.calls.length = 0
      const app = await loginApp({ rotation: { gracePeriod: 30 } }, { cognito })
      // Two isolates, which share nothing.
      const requests = [browser.request('/', { headers: script }), browser.request('/', { headers: script })]
      const answers = await Promise.all([browser.app(requests[0] as Request), app.app(requests[1] as Request)])
      for (const answer of order === 0 ? answers : answers.toReversed()) {
        expect(answer.status).toBe(200)
        browser.take(answer)
      }
      cognito.pool.advance(3600)
      expect((await browser.send('/', { headers: script })).status).toBe(200)
    }
  })

  it('within an isolate is one for many requests, and those wait only where their token has ended', async () => {
    const { browser, cognito, app } = await loginApp({ rotation: { gracePeriod: 1 } })
    cognito.rotation = 0
    await browser.visit('/')
    for (const ahead of [3600 - 30, 3600 + 30]) {
      cognito.pool.advance(ahead)
      cognito.calls.length = 0
      const answers = await Promise.all(Array.from({ length: 5 }, () => app(browser.request('/', { headers: script }))))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect(cognito.calls.length).toBe(1)
      for (const answer of answers) browser.take(answer)
    }
  })

  it('with rotation and no grace period is one for all isolates, and the winner shares its tokens', async () => {
    const shared = new Map<string, Promise<string>>()
    const renewals = {
      once: (key: string, work: () => Promise<string>) => {
        const known = shared.get(key) ?? work()
        shared.set(key, known)
        return known
      },
    }
    const options = { rotation: { gracePeriod: 0 }, renewals }
    const one = await loginApp(options)
    one.cognito.rotation = 0
    const two = await loginApp(options, { cognito: one.cognito })
    await one.browser.visit('/')
    one.cognito.pool.advance(3600)
    one.cognito.calls.length = 0
    const answers = await Promise.all([one, two].map(({ app }) => app(one.browser.request('/', { headers: script }))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(one.cognito.calls.length).toBe(1)
    one.browser.take(answers[1] as Response)
    one.cognito.pool.advance(3600)
    expect((await one.browser.send('/', { headers: script })).status).toBe(200)
    // What is shared is sealed.
    expect([...(await Promise.all(shared.values()))].join()).not.toMatch(/eyJ[\w-]*\./)
  })

  it('that another isolate shared a while ago, and that has ended since, is renewed itself', async () => {
    const shared = new Map<string, string>()
    const renewals = {
      async once(key: string, work: () => Promise<string>) {
        const value = shared.get(key) ?? (await work())
        shared.set(key, value)
        return value
      },
    }
    const options = { rotation: { gracePeriod: 0 }, renewals }
    const { browser, cognito, app } = await loginApp(options)
    Object.assign(cognito, { rotation: 0, life: 300 })
    await browser.visit('/')
    cognito.pool.advance(300)
    // Its answer is lost on the way.
    expect((await app(browser.request('/', { headers: script }))).status).toBe(200)
    cognito.pool.advance(600)
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    cognito.pool.advance(300)
    expect((await browser.send('/', { headers: script })).status).toBe(200)
  })

  it('by one isolate for all asks again whenever a token ends, though the refresh token stays', async () => {
    const shared = new Map<string, string>()
    const renewals = {
      async once(key: string, work: () => Promise<string>) {
        const value = shared.get(key) ?? (await work())
        shared.set(key, value)
        return value
      },
    }
    const { browser, cognito } = await loginApp({ renewals })
    cognito.life = 300
    await browser.visit('/')
    cognito.calls.length = 0
    for (const count of [1, 2, 3]) {
      cognito.pool.advance(300)
      expect((await browser.send('/', { headers: script })).status).toBe(200)
      expect(cognito.calls.length).toBe(count)
    }
  })

  it('with rotation and neither is refused where the login is made', async () => {
    await expect(loginApp({ rotation: { gracePeriod: 0 } })).rejects.toThrow(
      'createLogin: rotation: expected a grace period',
    )
    await expect(loginApp({ rotation: { gracePeriod: 61 } })).rejects.toThrow('rotation: gracePeriod')
  })

  it('never brings in another user', async () => {
    const { browser, cognito } = await loginApp()
    await browser.visit('/')
    for (const state of cognito.refreshTokens.values()) Object.assign(state, { username: 'bob' })
    cognito.pool.advance(3600)
    expect((await browser.send('/', { headers: script })).status).toBe(503)
  })
})

describe('sign-out', () => {
  it('ends the session here, at Cognito and its refresh token, and clears the cache', async () => {
    const { browser, cognito, events } = await loginApp()
    await browser.visit('/')
    const response = await browser.send('/auth/logout', { method: 'POST', headers: own })
    expect(response.status).toBe(303)
    expect(response.headers.get('clear-site-data')).toBe('"cache"')
    expect(cognito.revoked.size).toBe(1)
    expect(events.at(-1)?.type).toBe('signed-out')
    expect((await browser.send('/', { headers: script })).status).toBe(401)
    expect((await browser.visit(response.headers.get('location') ?? '')).status).toBe(200)
    expect(cognito.user).toBeUndefined()
    // The back button: Cognito asks again.
    expect(await (await browser.visit('/deep/link')).text()).toContain('Sign-in cancelled')
  })

  it('is not done by another site, and by GET only where it was chosen', async () => {
    const { browser } = await loginApp()
    await browser.visit('/')
    const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await browser.send('/auth/logout', { method: 'POST', headers: cross })).status).toBe(403)
    expect((await browser.send('/auth/logout', { method: 'POST', headers: { 'sec-fetch-site': 'none' } })).status).toBe(
      403,
    )
    const asked = await browser.send('/auth/logout')
    expect([
      asked.status,
      (await asked.text()).includes('<form method=post action="/auth/logout?" target=_top>'),
    ]).toEqual([200, true])
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    const chosen = await loginApp({ signOutByGet: true })
    await chosen.browser.visit('/')
    expect((await chosen.browser.send('/auth/logout')).status).toBe(303)
    expect((await chosen.browser.send('/', { headers: script })).status).toBe(401)
  })

  it('works without a session, while Cognito is away, and for a script', async () => {
    const { browser, cognito } = await loginApp()
    expect((await browser.send('/auth/logout', { method: 'POST', headers: own })).status).toBe(303)
    await browser.visit('/')
    cognito.broken = () => {
      throw new TypeError('no network')
    }
    const response = await browser.send('/auth/logout', { method: 'POST', headers: script })
    expect(response.status).toBe(200)
    expect((await response.json()).location).toMatch(/^https:\/\/auth\.example\.com\/logout\?/)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })

  it('stays here only where Cognito is to be left alone', async () => {
    const { browser } = await loginApp({ logoutUri: null })
    await browser.visit('/')
    const response = await browser.send('/auth/logout?return_to=/deep/link', { method: 'POST', headers: own })
    expect(response.headers.get('location')).toBe('/deep/link')
  })

  it('at the moment of a renewal is final: the renewed session does not come back to life', async () => {
    for (const store of [undefined, memoryStore()]) {
      const { browser, cognito, app } = await loginApp({ store })
      await browser.visit('/')
      cognito.pool.advance(3600)
      // The renewal is under way while the other tab signs out; its answer comes last.
      const renewed = await app(browser.request('/', { headers: script }))
      await browser.send('/auth/logout', { method: 'POST', headers: own })
      browser.take(renewed)
      expect((await browser.send('/', { headers: script })).status).toBe(401)
    }
  })

  it('is final for the sessions before it too: a late answer brings none of them back', async () => {
    const { browser, cognito, app } = await loginApp({ rotation: { gracePeriod: 30 } })
    const late: Response[] = []
    for (let time = 0; time < 3; time++) {
      await browser.visit('/auth/login?afresh=1&return_to=/deep/link')
      cognito.pool.advance(3600)
      late.push(await app(browser.request('/', { headers: script })))
    }
    await browser.send('/auth/logout', { method: 'POST', headers: own })
    for (const answer of late) {
      expect(answer.status).toBe(200)
      browser.take(answer)
      expect((await browser.send('/', { headers: script })).status).toBe(401)
    }
  })

  it('between a renewal’s answer and its cookies is final too, here and on the server', async () => {
    for (const store of [undefined, memoryStore()]) {
      const cognito = await scriptedCognito()
      let between: (() => Promise<unknown>) | undefined
      const fetch = async (request: Request) => {
        const answer = await cognito.fetch(request)
        const work = between
        between = undefined
        await work?.()
        return answer
      }
      const { browser, app, handled } = await loginApp({ store, fetch }, { cognito })
      await browser.visit('/')
      cognito.pool.advance(3600)
      handled.length = 0
      between = () => browser.send('/auth/logout', { method: 'POST', headers: own })
      browser.take(await app(browser.request('/', { headers: script })))
      expect(between).toBeUndefined()
      expect((await browser.send('/', { headers: script })).status).toBe(401)
      expect([...(store?.entries.keys() ?? [])]).toEqual([])
    }
  })
})

describe('a request that only looks ahead', () => {
  const ahead = { headers: { ...script, 'sec-purpose': 'prefetch' } }

  it('removes no session that does not open', async () => {
    const { browser } = await loginApp()
    browser.jar.set('__Host-session', { value: '1planted', until: Infinity })
    expect((await browser.send('/', ahead)).headers.getSetCookie()).toEqual([])
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).not.toEqual([])
  })

  it('finds no session that is over, though its token is good', async () => {
    const { browser, cognito } = await loginApp({ idleLifetime: 1000 })
    await browser.visit('/')
    browser.jar = new Map([...browser.jar].map(([name, { value }]) => [name, { value, until: Infinity }]))
    expect((await browser.send('/', ahead)).status).toBe(200)
    cognito.pool.advance(1001)
    expect((await browser.send('/', ahead)).status).toBe(401)
  })

  it('does not lengthen a session', async () => {
    const { browser, cognito } = await loginApp({ idleLifetime: 3000 })
    await browser.visit('/')
    cognito.pool.advance(1000)
    expect((await browser.send('/', ahead)).headers.getSetCookie()).toEqual([])
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).not.toEqual([])
  })

  it('takes no session of another library over', async () => {
    const { browser, cognito } = await loginApp({ foreign: takeOver([cognitoAtEdgeSession()]) })
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    browser.jar.set(`${prefix}.LastAuthUser`, { value: 'alice', until: Infinity })
    const { accessToken } = await cognito.pool.tokens('alice')
    browser.jar.set(`${prefix}.alice.accessToken`, { value: accessToken, until: Infinity })
    const response = await browser.send('/', ahead)
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
    expect((await browser.send('/', { headers: script })).headers.getSetCookie()).not.toEqual([])
  })
})

describe('a session on the server', () => {
  it('leaves an id in the browser and nothing readable in the store, with another id at every login', async () => {
    const store = memoryStore()
    const { browser } = await loginApp({ store })
    await browser.visit('/')
    const id = browser.cookies['__Host-session'] ?? ''
    expect(id).toMatch(/^1[\w-]{24}$/)
    expect([...store.entries].join()).not.toMatch(/eyJ[\w-]*\./)
    expect([...store.entries.keys()].join()).not.toContain(id.slice(1))
    await browser.visit('/auth/login?return_to=/deep/link')
    expect(browser.cookies['__Host-session']).not.toBe(id)
    expect(store.entries.size).toBe(1)
  })

  it('is bound to its id: what somebody copies in the store from one session to another opens nothing', async () => {
    const store = memoryStore()
    const alice = await loginApp({ store })
    const bob = await loginApp({ store }, { cognito: alice.cognito })
    await alice.browser.visit('/')
    const [[key] = ['']] = store.entries
    const ofAlice = store.entries.get(key) ?? ''
    alice.cognito.user = 'bob'
    // The same isolate, which knows what it sealed, and another one, which does not.
    for (const { app } of [alice, bob]) {
      const { browser } = await loginApp({ store }, { cognito: alice.cognito })
      await browser.visit('/auth/login?return_to=/deep/link')
      for (const other of store.entries.keys()) if (other !== key) store.entries.set(other, ofAlice)
      expect((await app(browser.request('/', { headers: script }))).status).toBe(401)
      expect((await app(alice.browser.request('/', { headers: script }))).status).toBe(200)
    }
  })

  it('is renewed in the store, ends with it, and is not taken for another', async () => {
    const store = memoryStore()
    const { browser, cognito } = await loginApp({ store })
    await browser.visit('/')
    cognito.pool.advance(3600)
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    const [[key, value] = ['', '']] = store.entries
    store.entries.set('0'.repeat(64), value)
    store.entries.delete(key)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })
})

describe('sessions of other libraries', () => {
  const names = ['alice', 'alice@example.com', 'al+ice', 'àlice'] as const

  it.each(names)('L17: are taken over from Amplify with the device’s key, for the user name %s', async (name) => {
    const cognito = await scriptedCognito()
    const seen: unknown[] = []
    const signIn = {
      async refresh(tokens: object) {
        seen.push(tokens)
        return { ...(await cognito.pool.tokens('alice')), refreshToken: 'next' }
      },
    }
    const { browser, handled } = await loginApp(
      { foreign: takeOver([amplifySession({ signIn, domain: 'example.com' })]) },
      { cognito },
    )
    const { accessToken, refreshToken } = await cognito.pool.tokens('alice', { expiresIn: 300 })
    const { clientId } = cognito.pool.settings
    // js-cookie's encoding: all of it, but for a few letters.
    const user = encodeURIComponent(name).replaceAll('%2B', '+')
    const prefix = `CognitoIdentityServiceProvider.${clientId}`
    const set = (key: string, value: string) => browser.jar.set(key, { value, until: Infinity })
    set(`${prefix}.LastAuthUser`, encodeURIComponent(name))
    set(`${prefix}.${user}.accessToken`, accessToken)
    set(`${prefix}.${user}.refreshToken`, refreshToken)
    set(`${prefix}.${user}.deviceKey`, 'eu-west-1_device')
    const response = await browser.send('/', { headers: script })
    expect(response.status).toBe(200)
    expect(response.headers.getSetCookie().filter((line) => line.includes('LastAuthUser'))).toHaveLength(2)
    expect(Object.keys(browser.cookies)).toEqual(['__Host-session'])
    // Renewed by the API, with the device's key, and never at the token endpoint.
    cognito.pool.advance(300)
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    expect(seen).toEqual([expect.objectContaining({ refreshToken, deviceKey: 'eu-west-1_device' })])
    expect(cognito.calls).toEqual([])
    expect(handled).toHaveLength(2)
  })

  it('of cognito-at-edge are renewed at once where they have ended, and stay ended after a sign-out', async () => {
    const cognito = await scriptedCognito()
    const { browser } = await loginApp({ foreign: takeOver([cognitoAtEdgeSession()]) }, { cognito })
    const { accessToken } = await cognito.pool.tokens('alice', { expiresIn: 300 })
    cognito.refreshTokens.set('at-edge', { username: 'alice' })
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    const held = new Map(
      Object.entries({ LastAuthUser: 'alice', 'alice.accessToken': accessToken, 'alice.refreshToken': 'at-edge' }).map(
        ([name, value]) => [`${prefix}.${name}`, { value, until: Infinity }],
      ),
    )
    browser.jar = new Map(held)
    cognito.pool.advance(400)
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    expect(cognito.calls.map(({ form }) => form.get('refresh_token'))).toEqual(['at-edge'])
    await browser.send('/auth/logout', { method: 'POST', headers: own })
    // Cookies of another domain that could not be removed.
    for (const [name, cookie] of held) browser.jar.set(name, cookie)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })

  it('whose refresh token is dead at the API lead to a login for pages, and to 401 for calls', async () => {
    const cognito = await scriptedCognito()
    let code = 'NotAuthorizedException'
    const signIn = {
      refresh: () => Promise.reject(Object.assign(new Error('Refresh Token has expired'), { name: 'AwsError', code })),
    }
    const { browser } = await loginApp({ foreign: takeOver([amplifySession({ signIn })]) }, { cognito })
    const { accessToken, refreshToken } = await cognito.pool.tokens('alice', { expiresIn: 300 })
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    const tokens = { LastAuthUser: 'alice', 'alice.accessToken': accessToken, 'alice.refreshToken': refreshToken }
    for (const [name, value] of Object.entries(tokens)) browser.jar.set(`${prefix}.${name}`, { value, until: Infinity })
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    cognito.pool.advance(300)
    code = 'TooManyRequestsException'
    expect((await browser.send('/', { headers: script })).status).toBe(503)
    code = 'NotAuthorizedException'
    const held = new Map(browser.jar)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
    browser.jar = held
    expect((await browser.send('/deep/link')).status).toBe(302)
    expect(Object.keys(browser.cookies)).toEqual([])
  })

  it.each([
    ['at-edge', 200],
    [undefined, 401],
  ])('that lack a token that is kept are renewed at once, or are none (%s)', async (refreshToken, status) => {
    const cognito = await scriptedCognito()
    cognito.refreshTokens.set('at-edge', { username: 'alice' })
    const { browser } = await loginApp(
      { foreign: takeOver([cognitoAtEdgeSession()]), keep: ['access', 'id', 'refresh'] },
      { cognito, guardOptions: { tokenUse: 'id' } },
    )
    const { accessToken } = await cognito.pool.tokens('alice')
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    const tokens = { LastAuthUser: 'alice', 'alice.accessToken': accessToken, 'alice.refreshToken': refreshToken }
    for (const [name, value] of Object.entries(tokens))
      if (value) browser.jar.set(`${prefix}.${name}`, { value, until: Infinity })
    expect((await browser.send('/', { headers: script })).status).toBe(status)
    expect(cognito.calls.length).toBe(refreshToken ? 1 : 0)
  })

  it('that are kept on the server stay ended after a sign-out too, though their cookies could not be removed', async () => {
    const cognito = await scriptedCognito()
    const store = memoryStore()
    const { browser } = await loginApp({ foreign: takeOver([cognitoAtEdgeSession()]), store }, { cognito })
    const { accessToken } = await cognito.pool.tokens('alice')
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    const plant = () => {
      for (const [name, value] of [
        ['LastAuthUser', 'alice'],
        ['alice.accessToken', accessToken],
        ['alice.refreshToken', 'at-edge'],
      ] as const)
        browser.jar.set(`${prefix}.${name}`, { value, until: Infinity })
    }
    plant()
    expect((await browser.send('/', { headers: script })).status).toBe(200)
    expect(store.entries.size).toBe(1)
    await browser.send('/auth/logout', { method: 'POST', headers: own })
    plant()
    expect((await browser.send('/', { headers: script })).status).toBe(401)
    expect(store.entries.size).toBe(0)
  })

  it('are removed by a sign-out, though another session was the one that counted', async () => {
    const { browser, cognito } = await loginApp({
      foreign: takeOver([cognitoAtEdgeSession({ domain: 'example.com' })]),
    })
    await browser.visit('/')
    const name = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    browser.jar.set(`${name}.LastAuthUser`, { value: 'alice', until: Infinity })
    const { accessToken } = await cognito.pool.tokens('alice')
    browser.jar.set(`${name}.alice.accessToken`, { value: accessToken, until: Infinity })
    const lines = (await browser.send('/auth/logout', { method: 'POST', headers: own })).headers.getSetCookie()
    for (const key of ['LastAuthUser', 'alice.accessToken'])
      for (const domain of ['', '; Domain=example.com'])
        expect(lines).toContain(`${name}.${key}=; Path=/; Max-Age=0; Secure${domain}`)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })

  it('do not count in requests of other sites, nor where they are forged', async () => {
    const cognito = await scriptedCognito()
    const { browser } = await loginApp({ foreign: takeOver([cognitoAtEdgeSession()]) }, { cognito })
    const prefix = `CognitoIdentityServiceProvider.${cognito.pool.settings.clientId}`
    const { accessToken } = await cognito.pool.tokens('alice')
    const set = (name: string, value: string) => browser.jar.set(`${prefix}.${name}`, { value, until: Infinity })
    set('LastAuthUser', 'alice')
    set('alice.accessToken', accessToken)
    const cross = { ...script, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await browser.send('/', { method: 'POST', headers: cross })).status).toBe(401)
    set('alice.accessToken', `${accessToken.slice(0, -8)}AAAAAAAA`)
    expect((await browser.send('/', { headers: script })).status).toBe(401)
  })
})

/** Digits of base64url that do not repeat, as many as there are letters. */
function randomDigits(letters: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let state = letters.length
  const text = Array.from(letters, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return digits[state >>> 26] ?? ''
  }).join('')
  return text.length % 4 === 0 ? text : `${text.slice(0, -1)}A`
}

async function replaceRefresh(response: Response, refresh_token: string): Promise<Response> {
  const body = await response.json()
  return Response.json('access_token' in body ? { ...body, refresh_token } : body, { status: response.status })
}

import { describe, expect, it } from 'vitest'
import { protectAll } from '../../adapters/fetch/index.ts'
import { createCookies } from '../../src/login/cookies.ts'
import { navigation, script } from '../support/managed-login.ts'
import { loginApp } from './login-app.ts'

type App = Awaited<ReturnType<typeof loginApp>>

const own = { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }
const at = 'https://app.example.com'

/** A browser that is signed in, and its session's cookie. */
async function signedIn(options?: Parameters<typeof loginApp>[0]): Promise<App & { readonly value: string }> {
  const app = await loginApp(options)
  await app.browser.visit('/')
  app.handled.length = 0
  app.cognito.calls.length = 0
  return { ...app, value: app.browser.cookies['__Host-session'] ?? '' }
}

const asks =
  ({ app }: App) =>
  (cookie: string, path = '/', init: RequestInit & { headers?: Record<string, string> } = {}) =>
    app(new Request(at + path, { ...init, headers: { ...script, ...init.headers, cookie } }))

describe('the name of a session cookie', () => {
  it('is taken as it was sent: no other spelling, prefix or white space stands for it', async () => {
    const app = await signedIn()
    const ask = asks(app)
    for (const name of [
      ...['session', '__Secure-session', '__host-session', '__HOST-SESSION', '__Host-Session', '%5F%5FHost-session'],
      ...['__Host-sessio%6E', '\u00a0__Host-session', '__Host-session\u00a0', '"__Host-session"', '__Host-session.0'],
      ...['__Host-session.', '__Host-session ;x', '=__Host-session', '__Host-', '__Host-sess\u00adion'],
    ]) {
      expect((await ask(`${name}=${app.value}`)).status, name).toBe(401)
    }
    for (const line of [` \t__Host-session \t=\t ${app.value} `, `a=b;__Host-session=${app.value};;`])
      expect((await ask(line)).status, line).toBe(200)
    expect(app.handled).toHaveLength(2)
  })

  it('stands for nothing beside the same name with other prefixes', async () => {
    const app = await signedIn()
    const mallory = await loginApp({}, { cognito: app.cognito })
    app.cognito.user = 'bob'
    await mallory.browser.visit('/auth/login?return_to=/deep/link')
    const planted = mallory.browser.cookies['__Host-session'] ?? ''
    const cookie = `session=${planted}; __Secure-session=${planted}; __Host-session=${app.value}`
    expect(await (await asks(app)(cookie, '/auth/me')).json()).toMatchObject({ user: { username: 'alice' } })
  })
})

it('a session is bound to its app client and its pool, though the guard takes tokens of both', async () => {
  const app = await signedIn()
  const { clientId } = app.cognito.pool.settings
  const guardOptions = { clientId: [clientId, 'other'] }
  for (const [options, status] of [
    [{}, 200],
    [{ clientId: 'other' }, 401],
    [{ issuer: `${app.cognito.pool.issuer}X` }, 401],
    [{ userPoolId: 'eu-west-1_Another00' }, 401],
  ] as const) {
    const other = await loginApp(options, { cognito: app.cognito, guardOptions })
    expect((await asks(other)(`__Host-session=${app.value}`)).status).toBe(status)
  }
})

describe('cookies of any content', () => {
  const values = [
    ...[
      '',
      '%',
      '%FF',
      '%00',
      '%E0%A4%A',
      '%0d%0aset-cookie:x=1',
      '"',
      '=',
      'null',
      '[]',
      '{}',
      '-1',
      'NaN',
      'Infinity',
    ],
    ...['1e999', '__proto__', 'constructor', '1', '2', '1AQ', '//evil', 'javascript:alert(1)', 'x'.repeat(9000)],
  ]
  const suffixes = ['', '.1', '.2', '.ended', '.rounds', '.after', '.login-AAAAAAAA', '.login-', '.x']

  it.each(suffixes)('under __Host-session%s bring no error, no session and no other site', async (suffix) => {
    const app = await loginApp()
    const ask = asks(app)
    for (const value of values) {
      const cookie = `__Host-session${suffix}=${value}`
      for (const [path, init] of [
        ['/', {}],
        ['/auth/me', {}],
        ['/auth/login', { headers: navigation }],
        ['/auth/callback?code=x&state=AAAAAAAAAAAAAAAA', { headers: navigation }],
        ['/auth/logout', { headers: navigation }],
        ['/auth/logout', { method: 'POST', headers: own }],
        ['/', { method: 'POST', headers: own }],
      ] as const) {
        const response = await ask(cookie, path, init)
        const what = `${path} with ${cookie.slice(0, 60)}`
        expect(response.status, what).toBeLessThan(500)
        expect(response.headers.get('location') ?? '/', what).toMatch(/^(\/(?!\/)|https:\/\/auth\.example\.com\/)/)
        expect(response.headers.get('set-cookie') ?? '', what).not.toMatch(/x=1/)
      }
    }
    expect(app.handled).toEqual([])
    expect(app.cognito.calls).toEqual([])
  })

  it('beside a good session leave it as it is', async () => {
    const app = await signedIn()
    const ask = asks(app)
    for (const suffix of suffixes.slice(1))
      for (const value of values)
        expect((await ask(`__Host-session=${app.value}; __Host-session${suffix}=${value}`)).status).toBe(200)
  })

  it('before and after a good session of the same name: the good one counts', async () => {
    const app = await signedIn()
    const ask = asks(app)
    for (const value of values) {
      const planted = `__Host-session=${value}`
      const good = `__Host-session=${app.value}`
      expect((await ask(`${planted}; ${good}`)).status, value.slice(0, 20)).toBe(200)
      expect((await ask(`${good}; ${planted}`)).status, value.slice(0, 20)).toBe(200)
    }
  })
})

describe('a session and other sites', () => {
  it.each<[string, string, Record<string, string>, number]>([
    ['POST', 'of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['POST', 'of another site without Origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['POST', 'of a sandboxed frame', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 403],
    ['POST', 'of a subdomain', { 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' }, 403],
    ['POST', 'that says same-origin in capitals', { 'sec-fetch-site': 'SAME-ORIGIN', origin: at }, 403],
    ['PUT', 'of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['DELETE', 'of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['PATCH', 'of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['GET', 'that upgrades to a WebSocket', { 'sec-fetch-site': 'cross-site', upgrade: 'websocket' }, 403],
    ['GET', 'that upgrades to a WebSocket in capitals', { 'sec-fetch-site': 'cross-site', upgrade: 'WebSocket' }, 403],
    ['GET', 'that upgrades to a WebSocket here', { 'sec-fetch-site': 'same-origin', upgrade: 'websocket' }, 200],
    ['GET', 'that is a link', { 'sec-fetch-site': 'cross-site' }, 200],
    ['POST', 'of this page', own, 200],
    [
      'POST',
      'of an origin that is allowed',
      { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' },
      200,
    ],
  ])('%s %s', async (method, _, headers, status) => {
    const app = await signedIn({ allowedOrigins: ['https://admin.example.com'] })
    const response = await asks(app)(`__Host-session=${app.value}`, '/', { method, headers })
    expect(response.status).toBe(status)
    expect(app.handled).toHaveLength(status === 200 ? 1 : 0)
  })

  it.each<[string, Record<string, string>, number]>([
    ['with Origin: null and no Sec-Fetch-Site', { origin: 'null' }, 403],
    ['with another Origin and no Sec-Fetch-Site', { origin: 'https://evil.example' }, 403],
    ['with neither', {}, 403],
    ['with this Origin alone, of an old browser', { origin: at }, 303],
    ['with Origin: null from this page', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
    ['from another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    ['from a subdomain', { origin: 'https://x.example.com', 'sec-fetch-site': 'same-site' }, 403],
    ['from nowhere', { 'sec-fetch-site': 'none' }, 403],
  ])('a sign-out by POST %s is answered as it should be', async (_, headers, status) => {
    const app = await signedIn()
    const { 'sec-fetch-site': __, ...page } = navigation
    const cookie = `__Host-session=${app.value}`
    const response = await app.app(
      new Request(`${at}/auth/logout`, { method: 'POST', headers: { ...page, ...headers, cookie } }),
    )
    expect(response.status).toBe(status)
    expect(app.cognito.revoked.size).toBe(status === 303 ? 1 : 0)
    if (status === 403) expect(response.headers.getSetCookie()).toEqual([])
  })

  it('are kept apart by protectAll for GET as well', async () => {
    const { guard, value } = await signedIn()
    const { 'posts.read': read } = protectAll(guard as Parameters<typeof protectAll>[0], {
      'posts.read': () => new Response('posts'),
    }) as Record<string, (request: Request) => Promise<Response>>
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 200],
    ] as const) {
      const headers = { ...script, 'sec-fetch-site': site, cookie: `__Host-session=${value}` }
      expect((await read?.(new Request(at, { headers })))?.status).toBe(status)
    }
  })
})

describe('answers that depend on cookies', () => {
  it('say so, and are kept by nobody where they are refusals or bring cookies', async () => {
    const app = await signedIn()
    const { browser, cognito } = app
    const seen: [string, string | null, string | null][] = []
    const ask = async (what: string, path: string, headers: Record<string, string> = script) => {
      const response = await browser.send(path, { headers })
      expect(response.headers.get('vary'), what).toMatch(/\bcookie\b/i)
      seen.push([what, response.headers.get('cache-control'), response.headers.get('location')])
    }
    await ask('a call', '/')
    await ask('a page', '/', navigation)
    await ask('a refused call', '/users')
    await ask('a refused page', '/users', navigation)
    await ask('who it is', '/auth/me')
    cognito.pool.advance(3600)
    await ask('a renewal', '/')
    browser.jar.clear()
    await ask('nobody', '/')
    await ask('nobody, at a page', '/', navigation)
    await ask('nobody, ahead', '/', { ...navigation, 'sec-purpose': 'prefetch' })
    expect(seen).toEqual([
      ['a call', null, null],
      ['a page', 'private, no-store', null],
      ['a refused call', 'no-store', null],
      ['a refused page', 'no-store', null],
      ['who it is', 'no-store', null],
      ['a renewal', 'no-store', null],
      ['nobody', 'no-store', null],
      ['nobody, at a page', 'no-store', '/auth/login?return_to=%2F'],
      ['nobody, ahead', 'no-store', null],
    ])
  })
})

describe('a form with a session that is over', () => {
  it.each(['idle', 'absolute', 'revoked'])('(%s) is 401, and its data is nowhere', async (how) => {
    const app = await signedIn({ idleLifetime: 7200, absoluteLifetime: 10_000 })
    const { browser, cognito } = app
    if (how === 'revoked') cognito.refreshTokens.clear()
    for (const [name, { value }] of browser.jar) browser.jar.set(name, { value, until: Infinity })
    cognito.pool.advance(how === 'idle' ? 7201 : how === 'absolute' ? 10_001 : 3600)
    const response = await browser.send('/deep/link', { method: 'POST', headers: own, body: 'secret=form-data' })
    expect([response.status, response.headers.get('location')]).toEqual([401, null])
    expect(`${await response.text()}${[...response.headers]}${[...browser.jar].flat()}`).not.toContain('form-data')
    expect(app.handled).toEqual([])
  })
})

describe('chunks of a session', () => {
  const cookies = createCookies('session')
  const jarOf = (line: string) => cookies.read(new Request(at, { headers: { cookie: line } }))
  const lineOf = (set: readonly string[]) => set.map((one) => one.split(';')[0]).join('; ')

  it('fit into 4,096 bytes each with all that is set of them, 8 kB in all, and what is longer is none', () => {
    const room = 2 * (3900 - '__Host-session'.length)
    for (const length of [1, 3000, 3886, 3887, 7000, room]) {
      const text = 'x'.repeat(length)
      const set = cookies.setChunks(text, 2_592_000)
      expect(set).toHaveLength(2)
      for (const one of set ?? []) expect(one.length).toBeLessThanOrEqual(4096)
      expect(cookies.joinChunks(jarOf(lineOf(set ?? [])))).toContain(text)
    }
    expect(room).toBeLessThan(8192)
    expect(cookies.setChunks('x'.repeat(room + 1), 60)).toBeUndefined()
  })

  it('are none where one was lost, and one that stayed behind does no harm', () => {
    const [head = '', tail = ''] = lineOf(cookies.setChunks('x'.repeat(5000), 60) ?? []).split('; ')
    for (const lost of [head, tail]) expect(cookies.joinChunks(jarOf(lost)).filter((one) => one !== '')).toEqual([])
    const small = lineOf(cookies.setChunks('small', 60)?.slice(0, 1) ?? [])
    expect(cookies.joinChunks(jarOf(`${small}; ${tail}`))).toEqual(['small'])
  })
})

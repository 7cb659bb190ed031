import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loginApp } from './login-app.ts'
import { type SecureSite, startSecureSite } from './secure-site.ts'

const origin = 'https://app.example.com'
let browser: Browser
let site: SecureSite
let context: BrowserContext
let page: Page

beforeAll(async () => {
  site = await startSecureSite()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', ...site.args],
    ],
  })
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})
beforeEach(async () => {
  site.app = await loginApp()
  site.requests.length = 0
  site.evil.clear()
  site.holds = false
  context = await browser.newContext({ ignoreHTTPSErrors: true })
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
}, 60_000)
afterEach(() => context.close())

const bodyOf = async (path: string) => {
  await page.goto(origin + path)
  return page.innerText('body')
}
const signIn = async () => expect(await bodyOf('/deep/link')).toBe('hello alice')
const stored = async () =>
  (await context.cookies()).filter(({ name }) => /session/i.test(name)).map(({ name, domain }) => `${domain} ${name}`)
/** What the application was sent last under the names of a session, prefixed or not. */
const sent = () => {
  const header = site.requests.at(-1)?.headers.get('cookie') ?? ''
  return header.split('; ').filter((pair) => /session(=|\.1=)/i.test(pair))
}

it('Chromium keeps the session from scripts and other sites, as its attributes ask', async () => {
  await signIn()
  const cookies = (await context.cookies(origin)).filter(({ name }) => name.startsWith('__Host-session'))
  expect(cookies.map(({ name }) => name)).toContain('__Host-session')
  for (const cookie of cookies)
    expect(cookie).toMatchObject({
      ...{ domain: 'app.example.com', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' },
    })
  expect(await page.evaluate('document.cookie')).toBe('')
  expect(await page.evaluate('cookieStore.getAll()')).toEqual([])
  // Not sent to a sibling, to its parent, or by plain http.
  for (const address of ['https://www.example.com/', 'https://example.com/', 'http://app.example.com/'])
    expect((await context.cookies(address)).filter(({ name }) => name.startsWith('__Host-'))).toEqual([])
})

describe('cookies that a subdomain tosses', () => {
  const lines = (value: string) => [
    `__Host-session=${value}; Domain=example.com; Path=/; Secure`,
    `__Host-session=${value}; Domain=app.example.com; Path=/; Secure`,
    `__Host-session=${value}; Path=/deep; Secure`,
    `__Host-session=${value}; Path=/; Secure`,
    `__host-session=${value}; Domain=example.com; Path=/; Secure`,
    `=__Host-session=${value}; Domain=example.com; Path=/; Secure`,
    `__Host-session\t=${value}; Domain=example.com; Path=/; Secure`,
    `__Secure-session=${value}; Domain=example.com; Path=/; Secure`,
    `session=${value}; Domain=example.com; Path=/`,
    `session=${value}; Domain=example.com; Path=/deep/`,
    `__Host-session.1=${value}; Domain=example.com; Path=/; Secure`,
    `__Host-session.ended=x; Domain=example.com; Path=/; Secure`,
  ]

  async function toss(value: string) {
    site.evil.set('/toss', { setCookie: lines(value) })
    await page.goto('https://evil.example.com/toss')
    // Once more by plain http, as somebody in between could.
    await page.goto('http://evil.example.com/toss')
    await page.goto('http://app.example.com/toss')
  }

  it('of another user sign nobody in', async () => {
    const other = await loginApp({}, { cognito: site.app.cognito })
    await other.browser.visit('/')
    await toss(other.browser.cookies['__Host-session'] ?? '')
    await page.goto(`${origin}/nothing`)
    expect(await page.evaluate(`fetch('/auth/me').then((answer) => answer.status)`)).toBe(401)
    expect(sent().filter((pair) => pair.startsWith('__Host-'))).toEqual([])
    expect(sent().some((pair) => pair.startsWith('session='))).toBe(true)
    expect(site.app.handled).toEqual([])
  })

  it('replace no session that is there, and end none', async () => {
    await signIn()
    await toss('1planted')
    expect(await bodyOf('/deep/link')).toBe('hello alice')
    expect(sent().filter((pair) => /^__Host-session=/i.test(pair))).toHaveLength(1)
    expect(sent().length).toBeGreaterThan(1)
    expect(site.requests.filter(({ path }) => path === '/auth/callback')).toHaveLength(1)
  })
})

it('a script of the page can neither read nor replace the session, and one that it invents opens nothing', async () => {
  await signIn()
  const write = `for (const name of ['__Host-session', '__Host-session.1', '__Host-session.ended'])
    document.cookie = name + '=1planted; Path=/; Secure'`
  await page.evaluate(write)
  expect(await bodyOf('/deep/link')).toBe('hello alice')
  await context.clearCookies()
  await page.evaluate(write)
  expect(await page.evaluate(`fetch('/deep/link').then((answer) => answer.status)`)).toBe(401)
  expect(sent()).toContain('__Host-session=1planted')
  // The browser forgets what opened nothing.
  expect(await stored()).not.toContain('app.example.com __Host-session')
})

describe('other sites', () => {
  const attempts = (host: string): string => `<!doctype html>
    <img src="${host}/auth/logout"><img src="${host}/deep/link">
    <iframe src="${host}/deep/link"></iframe>
    <script>
      for (const path of ['/auth/logout', '/deep/link'])
        for (const method of ['POST', 'GET'])
          fetch('${host}' + path, { method, mode: 'no-cors', credentials: 'include' }).catch(() => {})
    </script>`
  const form = `<!doctype html><form method=post action="${origin}/auth/logout"></form><script>document.forms[0].submit()</script>`

  it.each([
    ['https://evil.example', 'cross-site', false],
    ['https://evil.example.com', 'same-site', true],
  ])(
    '%s signs nobody out and changes nothing, though Chromium sends what it has (%s)',
    async (evil, relation, sends) => {
      await signIn()
      site.app.handled.length = 0
      site.requests.length = 0
      site.evil.set('/all', { html: attempts(origin) })
      site.evil.set('/form', { html: form })
      await page.goto(`${evil}/all`)
      await expect.poll(() => site.requests.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(7)
      await page.goto(`${evil}/form`)
      await page.getByRole('heading', { name: 'No access' }).waitFor()
      const posts = site.requests.filter(({ method }) => method === 'POST')
      expect(posts.length).toBeGreaterThanOrEqual(3)
      for (const { headers } of posts) {
        expect(headers.get('sec-fetch-site')).toBe(relation)
        expect(headers.get('cookie')?.includes('__Host-session=') ?? false).toBe(sends)
      }
      expect(site.app.handled.filter((line) => line.startsWith('POST'))).toEqual([])
      expect(site.app.cognito.revoked.size).toBe(0)
      expect(await bodyOf('/deep/link')).toBe('hello alice')
    },
  )

  it('may link to a page: the session comes along, and no login is needed', async () => {
    await signIn()
    site.evil.set('/link', { html: `<!doctype html><a href="${origin}/deep/link">go</a>` })
    await page.goto('https://evil.example/link')
    await page.getByText('go').click()
    await page.waitForURL(`${origin}/deep/link`)
    expect(await page.innerText('body')).toBe('hello alice')
    expect(site.requests.filter(({ path }) => path === '/auth/callback')).toHaveLength(1)
  })
})

it('what Chromium fetches ahead begins no login, ends no session and leaves no cookie', async () => {
  const paths = ['/auth/login?return_to=/', '/auth/logout', '/deep/link', '/auth/callback?code=x&state=y']
  const rules = JSON.stringify({ prefetch: [{ urls: paths, eagerness: 'immediate' }] })
  const html = `<!doctype html>${paths.map((path) => `<link rel=prefetch href="${path}&a">`).join('')}
    <script type=speculationrules>${rules}</script>`
  const { app } = site.app
  site.app = {
    ...site.app,
    app: async (request) =>
      new URL(request.url).pathname === '/ahead'
        ? new Response(html, { headers: { 'content-type': 'text/html' } })
        : app(request),
  }
  const ahead = () => site.requests.filter(({ headers }) => headers.get('sec-purpose')?.startsWith('prefetch'))
  await page.goto(`${origin}/ahead`)
  await expect.poll(() => ahead().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
  expect(await stored()).toEqual([])
  await signIn()
  const before = ahead().length
  const cookies = await stored()
  await page.goto(`${origin}/ahead`)
  await expect.poll(() => ahead().length, { timeout: 20_000 }).toBeGreaterThan(before)
  expect(await stored()).toEqual(cookies)
  expect(await bodyOf('/deep/link')).toBe('hello alice')
  expect(site.app.cognito.calls.filter(({ path }) => path === '/oauth2/token')).toHaveLength(1)
})

describe('large sessions', () => {
  const groups = Array.from({ length: 100 }, (_, at) => `group-number-${`${at}`.padStart(4, '0')}`)
  const blob = (length: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => byte.toString(36)).join('')
  const chunks = async () =>
    (await context.cookies(origin))
      .filter(({ name }) => /^__Host-session(\.1)?$/.test(name))
      .map(({ value }) => value.length)

  it('of a hundred groups are kept whole, with five logins under way beside them', async () => {
    site.app = await loginApp({ keep: ['access', 'id', 'refresh'] })
    site.app.cognito.claims = { 'cognito:groups': ['editor', ...groups], blob: blob(1200) }
    await signIn()
    const sizes = await chunks()
    expect(sizes).toHaveLength(2)
    for (const size of sizes) expect(size).toBeLessThanOrEqual(4096)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(8192)
    site.holds = true
    for (let tab = 0; tab < 7; tab++) await page.goto(`${origin}/auth/login?afresh=1&return_to=/${tab}`)
    expect((await stored()).filter((name) => name.includes('.login-'))).toHaveLength(5)
    expect(await bodyOf('/deep/link')).toBe('hello alice')
    expect((site.requests.at(-1)?.headers.get('cookie') ?? '').length).toBeLessThan(12_000)
  })

  it('that lose a part begin a login, and what is smaller afterwards leaves no part behind', async () => {
    site.app = await loginApp({ keep: ['access', 'id', 'refresh'] })
    site.app.cognito.claims = { blob: blob(1500) }
    for (const name of ['__Host-session', '__Host-session.1']) {
      await signIn()
      expect(await chunks()).toHaveLength(2)
      await context.clearCookies({ name })
      site.app.cognito.pool.advance(31)
      expect(await page.evaluate(`fetch('/deep/link').then((answer) => answer.status)`)).toBe(401)
    }
    site.app.cognito.claims = {}
    await page.goto(`${origin}/auth/login?afresh=1&return_to=/deep/link`)
    expect(await page.innerText('body')).toBe('hello alice')
    expect(await chunks()).toHaveLength(1)
  })

  it('that do not fit end in a page, and leave the browser without a session', async () => {
    site.app = await loginApp({ keep: ['access', 'id', 'refresh'] })
    site.app.cognito.claims = { blob: blob(5000) }
    expect(await bodyOf('/deep/link')).toContain('too many groups')
    expect(await chunks()).toEqual([])
    expect(site.app.handled).toEqual([])
  })
})

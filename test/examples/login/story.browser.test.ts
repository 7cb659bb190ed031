import { existsSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { root } from '../../../scripts/lib/runtimes.mjs'
import { launchChromium, watch } from '../../support/chromium.ts'
import { totp } from '../../sign-in/totp.ts'
import { type LoginSettings, type RunningLogin, startLogin } from './running-login.ts'

const password = 'Correct-h0rse'
const totpSecret = 'JBSWY3DPEHPK3PXP'
const shots = process.env.SCREENSHOTS

let browser: Browser
let context: BrowserContext
let running: RunningLogin
let page: Page
let complaints: string[] = []
/** How often somebody was shown the page of managed login that asks for a name. */
let asked: number

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

afterEach(async () => {
  await context?.close()
  await running?.stop()
  expect(complaints).toEqual([])
})

/** alice, an editor with an authenticator app; bob, who is in no group; carol with an address. */
async function start(settings: Omit<LoginSettings, 'pool'> = {}, width = 390): Promise<void> {
  running = await startLogin('worker.ts', {
    pool: {
      groups: ['editor', 'reader'],
      users: {
        alice: { password, groups: ['editor'], mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret },
        bob: { password },
        carol: { password, groups: ['reader'], email: 'carol@example.com', email_verified: true },
      },
    },
    ...settings,
  })
  context = await browser.newContext({ viewport: { width, height: 700 } })
  complaints = []
  asked = 0
  context.on('request', (request) => {
    if (request.method() === 'GET' && new URL(request.url()).pathname.endsWith('/login')) asked++
    if (request.url().startsWith(`${running.url}/auth/login`)) asked--
  })
  page = await open()
}

async function open(): Promise<Page> {
  const opened = await context.newPage()
  // Refusals are meant to be some, and a browser asks for an icon by itself.
  watch(opened, /status of 40[0134]/, complaints)
  return opened
}

async function shoot(name: string): Promise<void> {
  const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  expect([name, fits]).toEqual([name, true])
  if (shots) await page.screenshot({ path: `${shots}/login-${name}.png` })
}

const heading = (name: string, on = page) => on.getByRole('heading', { name, exact: true }).waitFor()
const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const cookies = async () => (await context.cookies(running.url)).map(({ name }) => name)
const renewals = () => running.server.pool.count('token')
const newestCode = () => running.server.pool.outbox.at(-1)?.code ?? ''

async function signIn(username: string, secret = password): Promise<void> {
  await page.getByLabel(/^User name/).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await press('Sign in')
}

async function enterCode(): Promise<void> {
  await heading('Enter the code')
  await page.getByLabel('Code').fill(await totp(totpSecret, running.server.pool.settings.now()))
  await press('Continue')
}

it('the whole story: a deep link, a guarded call, a renewal, two tabs, a step-up, and an end that holds', async () => {
  await start({ client: { rotationGrace: 30 } })
  const { server, url } = running
  await page.goto(`${url}/posts?page=2`)
  await heading('Sign in')
  await shoot('managed-login')
  await signIn('alice')
  await enterCode()
  await page.getByText('Signed in as alice.').waitFor()
  expect(page.url()).toBe(`${url}/posts?page=2`)
  await page.getByText('First post, Second post').waitFor()
  await shoot('signed-in')
  // No script sees a cookie.
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect((await context.cookies(url)).every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Lax')).toBe(true)
  expect([asked, renewals()]).toEqual([1, 1])

  // The token ends; nobody is asked.
  await running.advance(3590)
  await page.reload()
  await page.getByText('Signed in as alice.').waitFor()
  expect([asked, renewals()]).toEqual([1, 2])

  // Two tabs at once, in two isolates, and again when the token that was replaced is dead.
  const second = await open()
  for (const round of [1, 2]) {
    await running.advance(3590)
    const addresses = [`${url}/posts?page=2&isolate=one`, `${url}/posts?isolate=other`]
    await Promise.all([page, second].map((tab, at) => tab.goto(addresses[at] ?? '')))
    await Promise.all([page, second].map((tab) => tab.getByText('First post, Second post').waitFor()))
    expect([round, asked]).toEqual([round, 1])
  }
  expect(renewals()).toBeGreaterThanOrEqual(4)

  // A step-up: an older sign-in is not enough, and managed login asks for everything again.
  await page.getByRole('link', { name: 'Publish' }).click()
  await heading('Sign in')
  expect(new URL(page.url()).searchParams.get('max_age')).toBe('300')
  await signIn('alice')
  await enterCode()
  await heading('Publish')
  expect(page.url()).toBe(`${url}/publish`)

  // A missing permission is a page, and no login.
  await page.goto(`${url}/delete`)
  await heading('No access')
  await shoot('no-access')
  expect(asked).toBe(2)
  await page.goBack()
  await page.getByText('Signed in as alice.').waitFor()

  await press('Sign out')
  await heading('Signed out')
  await shoot('signed-out')
  expect((await cookies()).filter((name) => !/\.ended$/.test(name))).toEqual([])
  expect(server.pool.count('revoke')).toBe(1)

  // The page of before does not come out of a cache, in this tab or the other.
  await page.goBack()
  await heading('Sign in')
  expect(await page.content()).not.toContain('First post')
  await second.reload()
  await heading('Sign in', second)

  // Somebody else at the same machine sees what is theirs, and nothing of before.
  await page.goto(`${url}/`)
  await signIn('bob')
  await page.getByText('Signed in as bob.').waitFor()
  await page.getByText('The call was refused: 403').waitFor()
  await second.goto(`${url}/posts`)
  await heading('No access', second)
})

it('tabs that renew at once by a Durable Object stay signed in without a grace period', async () => {
  await start({ client: { rotationGrace: 0 }, hasObject: true }, 1200)
  const { url } = running
  await page.goto(`${url}/posts`)
  await shoot('managed-login-1200')
  await signIn('carol')
  await page.getByText('First post, Second post').waitFor()
  await shoot('signed-in-1200')
  const tabs = [page, await open(), await open()]
  for (const round of [1, 2]) {
    await running.advance(3590)
    await Promise.all(tabs.map((tab) => tab.goto(`${url}/posts?isolate=${tabs.indexOf(tab)}`)))
    await Promise.all(tabs.map((tab) => tab.getByText('First post, Second post').waitFor()))
    // One of them has asked Cognito, once.
    expect([asked, renewals()]).toEqual([1, 1 + round])
  }
  await page.goto(`${url}/delete`)
  await shoot('no-access-1200')
  await page.goto(`${url}/`)
  await press('Sign out')
  await heading('Signed out')
  await shoot('signed-out-1200')
})

it('who signs up, and who has forgotten the password, lands at the page that they wanted', async () => {
  await start()
  const { url, server } = running
  await page.goto(`${url}/?from=sign-up`)
  await page.getByText('Create an account').click()
  await page.getByLabel('User name').fill('dora')
  await page.getByLabel('E-mail address').fill('dora@example.com')
  await page.getByLabel('Password').fill('Brand-new-h0rse')
  await shoot('sign-up')
  await press('Create the account')
  await heading('Confirm your account')
  await page.getByLabel('Code').fill(newestCode())
  await press('Confirm')
  await heading('Sign in')
  await signIn('dora', 'Brand-new-h0rse')
  await page.getByText('Signed in as dora.').waitFor()
  expect(page.url()).toBe(`${url}/?from=sign-up`)
  await press('Sign out')
  await heading('Signed out')

  await page.goto(`${url}/posts?from=forgotten`)
  await page.getByText('Forgot your password?').click()
  await page.getByLabel('User name').fill('carol')
  await press('Send a code')
  await heading('Choose a new password')
  await page.getByLabel('Code').fill(newestCode())
  await page.getByLabel('New password').fill('Other-h0rse-2')
  await shoot('forgotten')
  await press('Change the password')
  await heading('Sign in')
  await signIn('carol', 'Other-h0rse-2')
  await page.getByText('First post, Second post').waitFor()
  expect(page.url()).toBe(`${url}/posts?from=forgotten`)

  // The callback again leads to the page, and to no login where nobody is signed in.
  const callback = `${url}/auth/callback?code=used&state=over`
  await page.goto(callback)
  await page.getByText('Signed in as carol.').waitFor()
  expect(page.url()).toBe(`${url}/posts?from=forgotten`)
  await context.clearCookies()
  await page.goto(callback)
  await heading('Please start again')
  await shoot('start-again')

  // A browser that keeps no session ends in a page that says so; managed login has asked once.
  await running.loseSessions()
  asked = 0
  await page.goto(`${url}/posts`)
  await signIn('carol', 'Other-h0rse-2')
  await heading('Sign-in does not hold')
  await shoot('loop')
  expect(asked).toBe(1)
  expect(server.pool.count('error')).toBe(0)
})

const hasReact = existsSync(`${root}/docs/node_modules/react-dom`)
if (!hasReact) console.log('skipped: React is not installed (npm ci --prefix docs)')

it.skipIf(!hasReact)('the React recipe of the documentation shows what the session may do', async () => {
  await start()
  const { url } = running
  const [, recipe = ''] = /```tsx\n(.*?)```/s.exec(readFileSync(`${root}/docs/login.md`, 'utf8')) ?? []
  const { outputFiles } = await build({
    stdin: {
      loader: 'tsx',
      resolveDir: `${root}/docs`,
      contents: `import { createRoot } from 'react-dom/client'
${recipe}
const show = (me: Me | undefined) => <MeContext value={me}>
  <h2>{me?.user?.username ?? 'nobody'}</h2>
  {['posts.read', 'posts.delete'].map((name) => <May key={name} permission={name}><button>{name}</button></May>)}
</MeContext>
const place = document.body.appendChild(document.createElement('div'))
loadMe().then((me) => createRoot(place).render(show(me)))`,
    },
    bundle: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    format: 'iife',
    jsx: 'automatic',
    write: false,
  })
  const content = outputFiles[0]?.text ?? ''
  const shown = async (name: string) => {
    await page.evaluate(content)
    await page.getByRole('heading', { name, level: 2 }).waitFor()
    return page.locator('div button').allTextContents()
  }
  await page.goto(`${url}/posts`)
  await signIn('carol')
  await page.getByText('First post, Second post').waitFor()
  expect(await shown('carol')).toEqual(['posts.read'])
  await press('Sign out')
  await heading('Signed out')
  // The pages of the login run no script: what follows is on one that is open to all.
  await page.goto(`${url}/page.js`)
  expect(await shown('nobody')).toEqual([])
})

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'
import { launchChromium, watch } from '../../support/chromium.ts'

let browser: Browser
let app: RunningApp
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  app = await startApp()
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

afterEach(async () => {
  await context.close()
  expect(complaints).toEqual([])
})

it.each([390, 1200])(
  'signs alice in for real, and calls what her groups allow, in a window of %i px',
  async (width) => {
    await open(width)
    await signIn('alice')
    await page.getByText('Back to the app').click()
    await page.locator('input[name="caller"][value="signed-in"]:checked').waitFor()
    await page.getByText('alice has signed in. The token comes from the cookie of the sign-in page.').waitFor()
    await page.getByRole('button', { name: 'Call admin_panel: GET /api/admin_panel' }).click()
    await page.getByText('Allowed: Group1 allows admin_panel.').waitFor()
    expect(await page.locator('#result .badge').textContent()).toBe('200')
    expect(await overflow()).toBe(0)
  },
)

it('shows the code that bob is asked for, and whom the app takes him for', async () => {
  await open(390)
  await signIn('bob')
  await page.getByText('A code was sent to b***@e***.').waitFor()
  const outbox = context.waitForEvent('page')
  await page.getByText('Codes that were not really sent').click()
  const codes = await outbox
  const code = await codes.locator('#outbox li b').first().textContent()
  await page.getByLabel('Code').filter({ visible: true }).fill(`${code}`)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Signed in as bob.').waitFor()
  await page.getByText('Back to the app').click()
  await page.getByRole('button', { name: 'Call admin_panel: GET /api/admin_panel' }).click()
  await page.getByText('Refused: nothing in String allows admin_panel').waitFor()
})

it('lets a stranger sign up, who is then in no group', async () => {
  await open(390)
  await page.getByText('Sign in on the app’s own pages').click()
  await page.getByRole('button', { name: 'Sign up' }).first().click()
  await visible('User name').fill('frank')
  await visible('E-mail').fill('frank@example.com')
  await visible('Password').fill('Correct-Horse-2')
  await page.locator('button[type=submit]').getByText('Sign up').click()
  await page.getByText('If the name was free, a code was sent').waitFor()
  const [message] = await (await fetch(new URL('/__start/outbox', app.url))).json()
  expect(message).toMatchObject({ to: 'frank@example.com', purpose: 'sign-up' })
  await visible('Code').fill(message.code)
  await page.locator('button[type=submit]').getByText('Confirm').click()
  await page.getByText('Confirmed. Sign in now.').waitFor()
  await visible('Password').fill('Correct-Horse-2')
  await page.locator('button[type=submit]').getByText('Sign in', { exact: true }).click()
  await page.getByText('Back to the app').click()
  await page.getByRole('button', { name: 'Call view_data: GET /api/view_data' }).click()
  await page.getByText('Refused: frank is in no group. String would allow it.').waitFor()
})

it.each([390, 1200])(
  'brings who opens a deep link through managed login and back, in a session that no script sees, in a window of %i px',
  async (width) => {
    await open(width)
    await page.goto(new URL('account', app.url).href)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await managedSignIn('alice')
    await page.getByRole('heading', { name: 'Signed in as alice' }).waitFor()
    expect(page.url()).toBe(new URL('account', app.url).href)
    await shoot(`account-${width}`)
    expect(await overflow()).toBe(0)
    await page.getByText('Who may call what').click()
    expect(await page.locator('input[name="caller"]:checked').getAttribute('value')).toBe('session')
    expect(await page.textContent('#story')).toContain('no script sees a token')
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect((await page.request.get(new URL('/__start/tokens/session', app.url).href)).status()).toBe(404)
    await page.getByRole('button', { name: 'Call update_data: POST /api/update_data' }).click()
    await page.getByText('Allowed: Group1 allows update_data.').waitFor()
    expect(await page.locator('#result .badge').textContent()).toBe('200')
    await shoot(`session-${width}`)
    expect(await overflow()).toBe(0)
    // A session is chosen like any other caller: the page can still call as nobody.
    await page.locator('input[value="nobody"]').check()
    await page.getByRole('button', { name: 'Call me: GET /api/me' }).click()
    await page.locator('#verdict', { hasText: 'Refused: the request carries no token.' }).waitFor()
    await page.locator('input[value="session"]').check()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('input[value="alice"]:checked').waitFor()
    expect(page.url()).toBe(app.url)
    expect(await page.locator('input[value="session"]').count()).toBe(0)
    // Managed login asks again, and somebody else signs in.
    await page.getByText('Sign in with managed login').click()
    await managedSignIn('carol')
    await page.getByText('carol has signed in.').waitFor()
  },
)

it('asks bob for a code on the pages of managed login too, which say where it is', async () => {
  await open(390)
  await page.getByText('Sign in with managed login').click()
  await managedSignIn('bob')
  await page.getByText('We sent a code to b***@e***.').waitFor()
  await shoot('code')
  const outbox = context.waitForEvent('page')
  await page.getByText('Codes that were not really sent').click()
  const code = await (await outbox).locator('#outbox[open] li b').first().textContent()
  await page.getByLabel('Code').fill(`${code}`)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('bob has signed in.').waitFor()
})

async function shoot(name: string): Promise<void> {
  const { SCREENSHOTS: shots } = process.env
  if (shots) await page.screenshot({ path: `${shots}/playground-${name}.png`, fullPage: true })
}

async function managedSignIn(username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill('Correct-Horse-1')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function open(width: number): Promise<void> {
  context = await browser.newContext({ viewport: { width, height: 780 }, hasTouch: width < 600 })
  page = await context.newPage()
  complaints = watch(page, /^Failed to load resource: the server responded with a status of 40[13]/)
  await page.goto(app.url)
}

/** Signs in with the password that the terminal shows. */
async function signIn(username: string): Promise<void> {
  const password = /password is (\S+)$/m.exec(app.output)?.[1]
  await page.getByText('Sign in on the app’s own pages').click()
  await visible('User name').fill(username)
  await visible('Password').fill(`${password}`)
  await page.locator('button[type=submit]').getByText('Sign in', { exact: true }).click()
}

function visible(label: string) {
  return page.getByLabel(label).filter({ visible: true })
}

/** By how many pixels the page is wider than what can be seen of it. */
function overflow(): Promise<number> {
  return page.locator('html').evaluate((box) => box.scrollWidth - box.clientWidth)
}

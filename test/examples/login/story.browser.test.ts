import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type RunningLogin, startLogin } from './running-login.ts'
import { launchChromium, watch } from '../../support/chromium.ts'

let browser: Browser
let context: BrowserContext
let running: RunningLogin
let page: Page
let complaints: string[]

const shots = process.env.SCREENSHOTS

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  running = await startLogin('worker.ts')
  context = await browser.newContext({ viewport: { width: 390, height: 700 } })
  complaints = []
  page = await open()
})
afterEach(async () => {
  await context.close()
  await running.stop()
  expect(complaints).toEqual([])
})

async function open(): Promise<Page> {
  const opened = await context.newPage()
  // Refusals are meant to be some, and a browser asks for an icon by itself.
  watch(opened, /status of 40[0134]/, complaints)
  return opened
}

async function shoot(name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` })
}

const continueAtCognito = () => page.getByText('Continue as alice').click()
const cookies = async () => (await context.cookies(running.url)).map(({ name }) => name)

it('the whole story: a deep link, a guarded call, a renewal, two tabs, a step-up, and an end that holds', async () => {
  const { cognito, url } = running
  cognito.rotation = 30
  await page.goto(`${url}/posts?page=2`)
  await page.getByRole('heading', { name: 'Cognito' }).waitFor()
  await continueAtCognito()
  await page.getByText('Signed in as alice.').waitFor()
  expect(page.url()).toBe(`${url}/posts?page=2`)
  await page.getByText('First post, Second post').waitFor()
  await shoot('signed-in')
  // No script sees a cookie.
  expect(await page.evaluate(() => document.cookie)).toBe('')
  expect((await context.cookies(url)).every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Lax')).toBe(true)

  // The token ends; nobody is asked.
  await running.advance(3590)
  await page.reload()
  await page.getByText('Signed in as alice.').waitFor()
  const renewals = () => cognito.calls.filter(({ form }) => form.get('grant_type') === 'refresh_token').length
  expect(renewals()).toBe(1)
  expect(running.asked()).toBe(1)

  // Two tabs at once.
  await running.advance(3590)
  const second = await open()
  await Promise.all([page.reload(), second.goto(`${url}/posts`)])
  await Promise.all([page, second].map((tab) => tab.getByText('First post, Second post').waitFor()))
  await running.advance(40)
  await Promise.all([page.reload(), second.reload()])
  await Promise.all([page, second].map((tab) => tab.getByText('First post, Second post').waitFor()))
  expect(running.asked()).toBe(1)

  // A step-up: an older sign-in is not enough, and Cognito asks again.
  await page.getByRole('link', { name: 'Publish' }).click()
  await page.getByRole('heading', { name: 'Cognito' }).waitFor()
  expect(new URL(page.url()).searchParams.get('max_age')).toBe('300')
  await continueAtCognito()
  await page.getByRole('heading', { name: 'Publish' }).waitFor()
  expect(page.url()).toBe(`${url}/publish`)

  // A missing permission is a page, and no login.
  await page.goto(`${url}/delete`)
  await page.getByRole('heading', { name: 'No access' }).waitFor()
  await shoot('no-access')
  expect(running.asked()).toBe(2)
  await page.goBack()
  await page.getByText('Signed in as alice.').waitFor()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Signed out' }).waitFor()
  await shoot('signed-out')
  expect((await cookies()).filter((name) => !/\.ended$/.test(name))).toEqual([])
  expect(cognito.revoked.size).toBe(1)

  // The page of before does not come out of a cache, in this tab or the other.
  await page.goBack()
  await page.getByRole('heading', { name: 'Cognito' }).waitFor()
  expect(await page.content()).not.toContain('First post')
  await second.reload()
  await second.getByRole('heading', { name: 'Cognito' }).waitFor()
})

it('a callback that is opened again leads to the page, and to no login where nobody is signed in', async () => {
  const { url } = running
  const seen: string[] = []
  page.on('request', (request) => void seen.push(request.url()))
  await page.goto(`${url}/posts`)
  await continueAtCognito()
  await page.getByText('Signed in as alice.').waitFor()
  const callback = `${seen.find((address) => address.includes('/auth/callback'))}`
  await page.goto(callback)
  await page.getByText('Signed in as alice.').waitFor()
  expect(page.url()).toBe(`${url}/posts`)
  await context.clearCookies()
  await page.goto(callback)
  await page.getByRole('heading', { name: 'Please start again' }).waitFor()
  await shoot('start-again')
})

it('a browser that keeps no session ends in a page that says so', async () => {
  await running.loseSessions()
  await page.goto(`${running.url}/posts`)
  await continueAtCognito()
  await page.getByRole('heading', { name: 'Sign-in does not hold' }).waitFor()
  await shoot('loop')
  expect(running.asked()).toBe(1)
})

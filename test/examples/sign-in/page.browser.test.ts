import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { totp } from '../../sign-in/totp.ts'
import { password, type RunningWorker, startWorker } from './running-worker.ts'
import { launchChromium, watch } from '../../support/chromium.ts'

let browser: Browser
let worker: RunningWorker
let strict: RunningWorker
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  worker = await startWorker({
    groups: ['editor'],
    users: {
      alice: { password, groups: ['editor'] },
      mia: { password, email: 'mia@x.test', mfa: ['EMAIL_OTP'] },
      fresh: { password, status: 'FORCE_CHANGE_PASSWORD' },
      tom: { password },
      pat: { password },
      late: { password, email: 'late@x.test', status: 'UNCONFIRMED' },
    },
    requiredAttributes: ['email'],
  })
  strict = await startWorker({ users: { ann: { password } }, mfaRequired: true, mfaMethods: ['SOFTWARE_TOKEN_MFA'] })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await worker?.miniflare.dispose()
  await strict?.miniflare.dispose()
})

afterEach(async () => {
  await context.close()
  expect(complaints).toEqual([])
})

it.each([320, 390, 1200])('signs in from first request to a guarded call, in a window of %i px', async (width) => {
  await open(worker, width)
  expect(await said()).toBe('')
  await signIn('alice', 'Wrong-Horse-7')
  await page.getByText('That did not work. Check the user name and the password').waitFor()
  await signIn('alice')
  await page.getByText('Signed in as alice.').waitFor()
  await page.getByText('What you may do here').click()
  expect(await page.locator('#permissions').textContent()).toBe('{"posts.write":true}')
  expect(await overflow()).toBe(0)
  await page.reload()
  await page.getByText('Signed in as alice.').waitFor()
  expect(await page.evaluate(() => document.cookie)).toBe('')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('Signed out.').waitFor()
  await page.reload()
  await field('Password').waitFor()
})

it('asks for the code of a second factor, and takes a right one after a wrong one', async () => {
  await open(worker, 390)
  await signIn('mia')
  await page.getByText('A code was sent to m***@x***.').waitFor()
  expect(await overflow()).toBe(0)
  const code = `${worker.pool.outbox.at(-1)?.code}`
  await field('Code').fill(code === '000000' ? '000001' : '000000')
  await submit('Continue')
  await page.getByText('The code is wrong, or it has ended.').waitFor()
  // As when a phone has let the page go while the code was fetched from another app.
  await page.reload()
  await page.getByText('A code was sent to m***@x***.').waitFor()
  expect(worker.pool.outbox.at(-1)?.code).toBe(code)
  await field('Code').fill(code)
  await submit('Continue')
  await page.getByText('Signed in as mia.').waitFor()
})

it('takes a new password and what else is missing, in place of a temporary one', async () => {
  await open(worker, 390)
  await signIn('fresh')
  await field('New password').fill('Another-Horse-2')
  await field('email').fill('fresh@x.test')
  await submit('Continue')
  await page.getByText('Signed in as fresh.').waitFor()
})

it('sets an authenticator app up during sign-in, by an image or a link', async () => {
  await open(strict, 390)
  await signIn('ann')
  const image = page.getByAltText('QR code for the authenticator app')
  await image.waitFor()
  expect(await image.evaluate((one) => one instanceof HTMLImageElement && one.complete && one.naturalWidth > 0)).toBe(
    true,
  )
  expect(await overflow()).toBe(0)
  const secret = `${await page.locator('#app code').textContent()}`
  expect(await page.getByText('Open in an app on this phone').getAttribute('href')).toContain(`secret=${secret}`)
  await field('Code of the app').fill(await totp(secret, Date.now()))
  await submit('Continue')
  await page.getByText('Signed in as ann.').waitFor()
})

it('sets an authenticator app up after signing in, and asks for its code next time', async () => {
  await open(worker, 390)
  await signIn('tom')
  await page.getByRole('button', { name: 'Set up an app' }).click()
  await page.getByAltText('QR code for the authenticator app').waitFor()
  expect(await overflow()).toBe(0)
  const secret = `${await page.locator('#account code').last().textContent()}`
  await field('Code of the app').fill(await totp(secret, Date.now()))
  await submit('Turn on')
  await page.getByText('From now on the app’s code is asked for.').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn('tom')
  await page.getByText('Enter the code that your authenticator app shows.').waitFor()
})

it('signs up, confirms, and sets a forgotten password', async () => {
  await open(worker, 390)
  await page.getByRole('button', { name: 'Sign up' }).first().click()
  await field('User name').fill('carol')
  await field('E-mail').fill('carol@x.test')
  await field('Password').fill('tooweak-tooweak')
  await submit('Sign up')
  await page.getByText('Choose a longer password').waitFor()
  await field('Password').fill(password)
  await submit('Sign up')
  await page.getByText('If the name was free, a code was sent').waitFor()
  expect(await field('User name').inputValue()).toBe('carol')
  expect(await overflow()).toBe(0)
  // The sentence of before is gone at once, or it would be taken for the answer that is under way.
  expect(await said()).toBe('A code is on its way.')
  const release = await hold('**/resend')
  await page.getByRole('button', { name: 'Send another code' }).click()
  expect(await said()).toBe('')
  release()
  await page.getByText('A code is on its way.').waitFor()
  await field('Code').fill(`${worker.pool.outbox.at(-1)?.code}`)
  await submit('Confirm')
  await page.getByText('Confirmed. Sign in now.').waitFor()
  await page.getByRole('button', { name: 'Forgot the password?' }).click()
  await submit('Send a code')
  await page.getByText('If there is such a user, a code was sent.').waitFor()
  await field('Code').fill(`${worker.pool.outbox.at(-1)?.code}`)
  await field('New password').fill('Another-Horse-2')
  await submit('Set the password')
  await page.getByText('The new password is set. Sign in with it.').waitFor()
  await field('Password').fill('Another-Horse-2')
  await submit('Sign in')
  await page.getByText('Signed in as carol.').waitFor()
})

it('adds a passkey, signs in with it alone, and deletes it', async () => {
  await open(worker, 390)
  const authenticator = await addAuthenticator()
  await signIn('pat')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('The passkey is added.').waitFor()
  await page.locator('#passkeys li').waitFor()
  expect(await overflow()).toBe(0)
  expect(await authenticator.count()).toBe(1)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('Signed out.').waitFor()
  await field('User name').fill('pat')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('Signed in as pat.').waitFor()
  await page.getByRole('button', { name: /^Delete the passkey/ }).click()
  await page.getByText('The passkey is deleted.').waitFor()
  expect(await page.locator('#passkeys li').count()).toBe(0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await field('User name').fill('pat')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('No passkey was used.').waitFor()
})

it('refuses a passkey of somebody else, of nobody, and for another challenge, all in the same way', async () => {
  await open(worker, 390)
  const authenticator = await addAuthenticator()
  await signIn('pat')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('The passkey is added.').waitFor()
  const own = await page.evaluate(async () => (await fetch('passkeys')).json())
  await page.getByRole('button', { name: 'Sign out' }).click()
  const answers = await page.evaluate(async (id: string) => {
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
    }
    const answered: unknown[] = []
    const shapes = []
    for (const username of ['alice', 'nobody', 'pat']) {
      const { options } = await post('sign-in/passkey', { username })
      shapes.push({ ...options, challenge: '', allowCredentials: options.allowCredentials.map(Object.keys) })
      const allowCredentials = [{ type: 'public-key', id }]
      const challenge = username === 'pat' ? 'AAAAAAAAAAAAAAAAAAAAAA' : options.challenge
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...options, challenge, allowCredentials })
      const credential = await navigator.credentials.get({ publicKey })
      answered.push(await post('respond', { credential: (credential as PublicKeyCredential).toJSON() }))
    }
    return { answered, shapes }
  }, own.passkeys[0].id)
  expect(answers.shapes).toEqual(Array.from({ length: 3 }, () => answers.shapes[0]))
  expect(answers.answered).toEqual(Array.from({ length: 3 }, () => ({ status: 401, code: 'SIGN_IN_REFUSED' })))
  expect(await authenticator.count()).toBe(1)
})

it('lets somebody confirm a sign-up later, who has come back to sign in', async () => {
  await open(worker, 390)
  await signIn('late')
  await page.getByText('confirm the sign-up').waitFor()
  await page.getByRole('button', { name: 'Confirm' }).click()
  expect(await field('User name').inputValue()).toBe('late')
  await page.getByRole('button', { name: 'Send another code' }).click()
  await page.getByText('A code is on its way.').waitFor()
  await field('Code').fill(`${worker.pool.outbox.at(-1)?.code}`)
  await submit('Confirm')
  await page.getByText('Confirmed. Sign in now.').waitFor()
  await signIn('late')
  await page.getByText('Signed in as late.').waitFor()
})

it('can be filled in as soon as it knows who is there, and not before', async () => {
  await open(worker, 390)
  const release = await hold('**/me')
  await page.reload()
  expect(await page.locator('main').isVisible()).toBe(false)
  release()
  await page.getByRole('button', { name: 'Sign up' }).first().click()
  await field('E-mail').fill('quick@x.test')
})

it('says so when the server is gone, and can be filled in all the same', async () => {
  await open(worker, 390)
  await page.route('**/me', (route) => route.abort())
  await page.reload()
  await page.getByText('There is no connection. Try again.').waitFor()
  await field('User name').fill('alice')
  complaints = complaints.filter((text) => !text.includes('net::ERR_FAILED'))
})

it('leads back only to pages of its own site', async () => {
  for (const [from, links] of [
    ['/app?x=1', 1],
    ['https://evil.test/', 0],
    ['//evil.test', 0],
    ['javascript:alert(1)', 0],
  ] as const) {
    await open(worker, 390, `?return=${encodeURIComponent(from)}`)
    await signIn('alice')
    await page.getByText('Signed in as alice.').waitFor()
    expect([from, await page.getByText('Back to the app').count()]).toEqual([from, links])
    if (links === 1) expect(await page.getByText('Back to the app').getAttribute('href')).toBe(`${worker.url}app?x=1`)
    await context.close()
  }
})

it('is used by keyboard alone', async () => {
  await open(worker, 1200)
  await field('User name').focus()
  await page.keyboard.type('alice')
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByText('Signed in as alice.').waitFor()
})

/** An authenticator in software that says yes to everything, and how many passkeys it holds. */
async function addAuthenticator() {
  const client = await context.newCDPSession(page)
  await client.send('WebAuthn.enable')
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...({ protocol: 'ctap2', transport: 'internal' } as const),
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
  return {
    count: async () => (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  }
}

async function open(at: RunningWorker, width: number, query = ''): Promise<void> {
  context = await browser.newContext({ viewport: { width, height: 780 }, hasTouch: width < 600 })
  page = await context.newPage()
  complaints = watch(page, /^Failed to load resource: the server responded with a status of 40[01]/)
  await page.goto(at.url + query)
}

/** Keeps requests of the page from the server, until what is returned is called. */
async function hold(url: string): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(url, async (route) => {
    await released
    await route.continue()
  })
  return release
}

async function signIn(username: string, withPassword = password): Promise<void> {
  await field('User name').fill(username)
  await field('Password').fill(withPassword)
  await submit('Sign in')
}

async function submit(name: string): Promise<void> {
  await page.locator('button[type=submit]').getByText(name, { exact: true }).click()
}

/** The field of the form that is shown. */
function field(label: string) {
  return page.getByLabel(label).filter({ visible: true })
}

function said(): Promise<string | null> {
  return page.locator('#said').textContent()
}

/** By how many pixels the page is wider than what can be seen of it. */
function overflow(): Promise<number> {
  return page.locator('html').evaluate((box) => box.scrollWidth - box.clientWidth)
}

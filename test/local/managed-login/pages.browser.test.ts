import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LocalPoolSettings } from '../../../src/local/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { totp } from '../../sign-in/totp.ts'
import { call } from '../../support/local-pool.ts'
import { launchChromium, watch } from '../../support/chromium.ts'

const password = 'Correct-h0rse'
const shots = process.env.SCREENSHOTS

/** The client, whose only page says that the browser is back. */
const client = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,"><p>You are back.</p>')
})
let home: string
let callback: string

let browser: Browser
let context: BrowserContext
let page: Page
let server: LocalServer
let complaints: string[]

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    client.listen(0, 'localhost', resolve)
  })
  home = `http://localhost:${(client.address() as AddressInfo).port}/`
  callback = `${home}callback`
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  client.close()
})

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 390, height: 700 } })
  page = await context.newPage()
  complaints = watch(page, /status of 40[03]/)
})

afterEach(async () => {
  await context.close()
  await server.close()
  expect(complaints).toEqual([])
})

async function start(pool: LocalPoolSettings): Promise<void> {
  server = await startLocalServer({
    issuer: 'local',
    pool: { clients: [{ clientId: 'app', callbackUrls: [callback], logoutUrls: [home] }], ...pool },
  })
}

/** At localhost, as passkeys need it. */
const base = () => server.pool.issuer.replace('127.0.0.1', 'localhost')
const open = (more: Record<string, string> = {}, path = '/oauth2/authorize') =>
  page.goto(
    `${base()}${path}?${new URLSearchParams({
      ...{ client_id: 'app', redirect_uri: callback, response_type: 'code', state: 'the-state' },
      ...more,
    })}`,
  )
const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const newestCode = () => server.pool.outbox.at(-1)?.code ?? ''

async function shoot(name: string): Promise<void> {
  const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  expect([name, fits]).toEqual([name, true])
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

async function signIn(username: string, secret = password): Promise<void> {
  await page.getByLabel(/^(User name|E-mail address)/).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await press('Sign in')
}

/** The claims of the ID token for the code that the browser has come back with. */
async function finish() {
  await page.getByText('You are back.').waitFor()
  const { searchParams } = new URL(page.url())
  expect(searchParams.get('state')).toBe('the-state')
  const response = await fetch(`${server.pool.issuer}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: 'app', redirect_uri: callback },
      code: searchParams.get('code') ?? '',
    }),
  })
  expect(response.status).toBe(200)
  const { id_token } = (await response.json()) as { id_token: string }
  return decodeJwt(id_token)
}

describe('the pages of managed login', () => {
  it('sign in with a password, after a wrong one, and out again', async () => {
    await start({ users: { alice: { password } } })
    await open()
    await shoot('sign-in-phone')
    await signIn('alice', 'Wrong-h0rse')
    await page.getByRole('alert').filter({ hasText: 'Incorrect username or password.' }).waitFor()
    await shoot('wrong-password')
    await signIn('alice')
    expect(await finish()).toMatchObject({ 'cognito:username': 'alice' })
    await open()
    await finish()
    await page.goto(`${base()}/logout?client_id=app&logout_uri=${home}`)
    await page.getByText('You are back.').waitFor()
    await page.setViewportSize({ width: 1200, height: 800 })
    await open()
    await heading('Sign in')
    await shoot('sign-in-desktop')
    await page.emulateMedia({ colorScheme: 'dark' })
    await shoot('sign-in-dark')
    await page.goto(`${base()}/oauth2/authorize?client_id=app&redirect_uri=http://evil.example/&response_type=code`)
    await page.getByText('redirect_mismatch').waitFor()
    await shoot('error')
  })

  it('ask for codes of every kind, and let a wrong one be corrected', async () => {
    const totpSecret = 'JBSWY3DPEHPK3PXP'
    await start({
      users: {
        app: { password, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret },
        mail: { password, email: 'mail@x.test', email_verified: true, mfa: ['EMAIL_OTP'] },
        text: { password, attributes: { phone_number: '+41790000000', phone_number_verified: true }, mfa: ['SMS_MFA'] },
        both: {
          password,
          email: 'both@x.test',
          email_verified: true,
          mfa: ['EMAIL_OTP', 'SOFTWARE_TOKEN_MFA'],
          totpSecret,
        },
      },
    })
    const codeOf = async (wrong: string, right: () => string | Promise<string>) => {
      await heading('Enter the code')
      await page.getByLabel('Code').fill(wrong)
      await press('Continue')
      await page.getByRole('alert').filter({ hasText: 'Invalid code received for user' }).waitFor()
      await page.getByLabel('Code').fill(await right())
      await press('Continue')
    }
    const now = () => totp(totpSecret, server.pool.settings.now())
    await open()
    await signIn('app')
    await codeOf('000000', now)
    expect(await finish()).toMatchObject({ 'cognito:username': 'app' })
    await open({ prompt: 'login' })
    await signIn('mail')
    await page.getByText('We sent a code to m***@x***').waitFor()
    await shoot('code')
    await codeOf('000000', newestCode)
    expect(await finish()).toMatchObject({ 'cognito:username': 'mail' })
    await open({ prompt: 'login' })
    await signIn('text')
    await codeOf('000000', newestCode)
    expect(await finish()).toMatchObject({ 'cognito:username': 'text' })
    const offered = { Enabled: true, PreferredMfa: false }
    const either = { SoftwareTokenMfaSettings: offered, EmailMfaSettings: offered }
    const preference = { UserPoolId: server.pool.settings.userPoolId, Username: 'both', ...either }
    expect((await call(server.pool, 'AdminSetUserMFAPreference', preference)).status).toBe(200)
    await open({ prompt: 'login', acr_values: 'urn:cognito:loa:3' })
    await signIn('both')
    await heading('How do you want to get a code?')
    await shoot('choice-of-factors')
    await press('Authenticator app')
    await codeOf('000000', now)
    expect(await finish()).toMatchObject({ 'cognito:username': 'both', acr: 'urn:cognito:loa:3' })
  })

  it('choose a new password, with what the pool requires, and set up an application', async () => {
    await start({
      requiredAttributes: ['given_name'],
      mfaRequired: true,
      users: { fresh: { password, status: 'FORCE_CHANGE_PASSWORD' } },
    })
    await open()
    await signIn('fresh')
    await heading('Choose a new password')
    await page.getByLabel('New password').fill('weak')
    await page.getByLabel('Given name').fill('Fresh')
    await press('Continue')
    await page.getByRole('alert').filter({ hasText: 'Password did not conform with policy' }).waitFor()
    await page.getByLabel('New password').fill('Correct-h0rse-2')
    await page.getByLabel('Given name').fill('Fresh')
    await shoot('new-password')
    await press('Continue')
    await heading('Set up a second factor')
    await shoot('set-up')
    const secret = (await page.locator('#secret').textContent()) ?? ''
    await page.getByLabel('Code of the app').fill('000000')
    await press('Continue')
    await page.getByRole('alert').filter({ hasText: 'Code mismatch' }).waitFor()
    expect(await page.locator('#secret').textContent()).toBe(secret)
    await page.getByLabel('Code of the app').fill(await totp(secret, server.pool.settings.now()))
    await press('Continue')
    expect(await finish()).toMatchObject({ 'cognito:username': 'fresh', given_name: 'Fresh' })
  })

  it('set up e-mail as a second factor', async () => {
    await start({ mfaRequired: true, users: { fresh: { password } } })
    await open()
    await signIn('fresh')
    await page.getByLabel('E-mail address').fill('fresh@x.test')
    await press('Send a code')
    await page.getByText('We sent a code to f***@x***').waitFor()
    await page.getByLabel('Code').fill(newestCode())
    await press('Continue')
    expect(await finish()).toMatchObject({ email: 'fresh@x.test', email_verified: true })
  })

  it('make an account, confirm it with the second code, sign in, and change a forgotten password', async () => {
    await start({ requiredAttributes: ['email', 'name'] })
    await open({ lang: 'de' })
    await page.getByRole('link', { name: 'Create an account' }).click()
    await shoot('sign-up')
    await page.getByLabel('User name').fill('carol')
    await page.getByLabel('E-mail address').fill('carol@x.test')
    await page.getByLabel('Name', { exact: true }).fill("Carol <b>O'Neil</b>")
    await page.getByLabel('Password').fill('weak')
    await press('Create the account')
    await page.getByRole('alert').filter({ hasText: 'Password' }).waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe("Carol <b>O'Neil</b>")
    await page.getByLabel('Password').fill(password)
    await press('Create the account')
    await heading('Confirm your account')
    expect(await page.getByLabel('User name').inputValue()).toBe('carol')
    // Who signs in before is led back here.
    await page.getByRole('link', { name: 'Back to signing in' }).click()
    await signIn('carol')
    await heading('Confirm your account')
    await press('Send another code')
    await heading('Confirm your account')
    await expect.poll(() => server.pool.outbox.length, { timeout: 60_000 }).toBe(2)
    await page.getByLabel('Code').fill('x')
    await press('Confirm')
    await page.getByRole('alert').filter({ hasText: 'verification code' }).waitFor()
    await page.getByLabel('Code').fill(newestCode())
    await shoot('confirm')
    await press('Confirm')
    await heading('Sign in')
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await shoot('forgot-password')
    expect(await page.getByLabel('User name').inputValue()).toBe('carol')
    await press('Send a code')
    await heading('Choose a new password')
    await page.getByLabel('Code').fill(newestCode())
    await page.getByLabel('New password').fill('Correct-h0rse-2')
    await shoot('new-forgotten-password')
    await press('Change the password')
    await heading('Sign in')
    await page.getByLabel('Password', { exact: true }).fill('Correct-h0rse-2')
    await press('Sign in')
    expect(await finish()).toMatchObject({ name: "Carol <b>O'Neil</b>", email_verified: true })
  })

  it('add a passkey, and sign in with it', async () => {
    await start({ passkeys: { relyingPartyId: 'localhost' }, users: { alice: { password } } })
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
    await open({}, '/passkeys/add')
    await signIn('alice')
    await finish()
    await open({}, '/passkeys/add')
    await heading('Add a passkey')
    await shoot('add-passkey')
    await press('Create a passkey')
    await finish()
    expect((await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toHaveLength(1)
    await open({ prompt: 'login' })
    await page.getByLabel('User name').fill('alice')
    await press('Sign in with a passkey')
    await heading('Use your passkey')
    await shoot('use-passkey')
    await press('Use a passkey')
    expect(await finish()).toMatchObject({ 'cognito:username': 'alice' })
  })

  it('sign in with a code by e-mail in place of a password', async () => {
    await start({ users: { mail: { password, email: 'mail@x.test', email_verified: true } } })
    await open()
    await page.getByLabel('User name').fill('mail')
    await press('Send a code by e-mail')
    await page.getByLabel('Code').fill(newestCode())
    await press('Continue')
    expect(await finish()).toMatchObject({ 'cognito:username': 'mail' })
  })
})

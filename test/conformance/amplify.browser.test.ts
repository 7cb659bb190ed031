import { build } from 'esbuild'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pointers } from '../../src/cli/local/describe.ts'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import { totp } from '../sign-in/totp.ts'
import { hasAmplify } from './amplify.ts'
import { launchChromium } from '../support/chromium.ts'

// Amplify as an app has it: in a page of Chromium, from another origin than the local server, which the browser's own CORS
// lets through or not. It is configured by the line that the server prints, and nothing stands in for its `fetch`.

if (!hasAmplify) console.log('skipped: Amplify is not installed (npm ci --prefix bench)')

const password = 'Correct-h0rse'
/** The package `aws-amplify` adds to its parts, which are what is installed, no more than this `configure`. */
const script = `
  import { Amplify as core, defaultStorage } from '@aws-amplify/core'
  import { cognitoUserPoolsTokenProvider as tokenProvider } from '@aws-amplify/auth/cognito'
  import * as auth from '@aws-amplify/auth'
  const configure = (settings) => {
    tokenProvider.setAuthConfig(settings.Auth)
    tokenProvider.setKeyValueStorage(defaultStorage)
    core.configure(settings, { Auth: { tokenProvider } })
  }
  Object.assign(globalThis, { Amplify: { configure }, auth })
`

describe.skipIf(!hasAmplify)('Amplify in a page of another origin', () => {
  let browser: Browser
  let app: ReturnType<typeof createServer>
  let server: LocalServer
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: fileURLToPath(new URL('../../bench', import.meta.url)), loader: 'js' },
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
    })
    const html = `<!doctype html><title>app</title><link rel="icon" href="data:,"><script>${outputFiles[0]?.text.replaceAll('</script', '<\\/script')}</script>`
    app = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
    )
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    app?.close()
  })

  beforeEach(async () => {
    server = await startLocalServer({
      pool: { groups: ['editor'], users: { alice: { password, groups: ['editor'], email: 'alice@example.com' } } },
    })
    complaints = []
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (/CORS|Access-Control/.test(message.text())) complaints.push(message.text())
    })
    const address = app.address()
    if (address === null || typeof address === 'string') throw new Error('The app has no port.')
    await page.goto(`http://localhost:${address.port}/`)
    expect(new URL(page.url()).origin).not.toBe(server.url)
    await page.evaluate(pointers(server, false).find(({ name }) => name === 'Amplify')?.code ?? '')
  })

  afterEach(async () => {
    await page.close()
    await server.close()
    expect(complaints).toEqual([])
  })

  /** Runs code in the page, where `auth` is Amplify's. */
  async function run(code: string): Promise<unknown> {
    const caught = `.catch(({ name, message }) => ({ failed: name + ': ' + message }))`
    return page.evaluate(`(async () => { ${code} })()${caught}`)
  }

  it('signs in by SRP, is still signed in after a reload, renews, and signs out', async () => {
    expect(await run(`return auth.signIn({ username: 'alice', password: '${password}' })`)).toMatchObject({
      isSignedIn: true,
    })
    await page.reload()
    await page.evaluate(pointers(server, false).find(({ name }) => name === 'Amplify')?.code ?? '')
    const session = `const { tokens } = await auth.fetchAuthSession({ forceRefresh: true })
      return [tokens.accessToken.payload['cognito:groups'], tokens.accessToken.payload.iss]`
    expect(await run(session)).toEqual([['editor'], server.pool.issuer])
    expect(await run('return auth.fetchUserAttributes()')).toMatchObject({ email: 'alice@example.com' })
    await run('return auth.signOut({ global: true })')
    expect(await run('return auth.getCurrentUser().catch(({ name }) => name)')).toBe('UserUnAuthenticatedException')
    expect(server.pool.requests.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['InitiateAuth', 'RespondToAuthChallenge', 'GetUser', 'GlobalSignOut']),
    )
  })

  it('learns the code and the message of a refusal, which CORS has to show it', async () => {
    const refused = `return auth.signIn({ username: 'alice', password: 'Wr0ng-password' })
      .catch(({ name, message }) => ({ name, message }))`
    expect(await run(refused)).toEqual({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
  })

  it('signs up, confirms by the code that was mailed, and sets an authenticator app up', async () => {
    const signUp = `return auth.signUp({ username: 'bob', password: '${password}',
      options: { userAttributes: { email: 'bob@example.com' } } })`
    expect(await run(signUp)).toMatchObject({ nextStep: { signUpStep: 'CONFIRM_SIGN_UP' } })
    const code = server.pool.outbox.at(-1)?.code
    await run(`return auth.confirmSignUp({ username: 'bob', confirmationCode: '${code}' })`)
    await run(`return auth.signIn({ username: 'bob', password: '${password}' })`)
    const secret = String(await run('return (await auth.setUpTOTP()).sharedSecret'))
    await run(`return auth.verifyTOTPSetup({ code: '${await totp(secret, Date.now())}' })`)
    await run(`return auth.updateMFAPreference({ totp: 'PREFERRED' })`)
    expect(await run('return auth.fetchMFAPreference()')).toEqual({ enabled: ['TOTP'], preferred: 'TOTP' })
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import type { Browser, Page, Request as PageRequest } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/lib/runtimes.mjs'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { launchChromium, watch } from '../support/chromium.ts'
import { hasAmplify } from './amplify.ts'

// Amplify's own sign-in by redirect, with PKCE and its own state, at the pages of the local managed login. Amplify knows managed
// login by https alone, so that the browser's requests to its name are answered by the pool.

if (!hasAmplify) console.log('skipped: Amplify is not installed (npm ci --prefix bench)')

const program = (pool: LocalPool, home: string) => `
import { Amplify } from '@aws-amplify/core'
import { fetchAuthSession, getCurrentUser, signInWithRedirect, signOut } from '@aws-amplify/auth'
import { cognitoUserPoolsTokenProvider as tokenProvider } from '@aws-amplify/auth/cognito'
import '@aws-amplify/auth/enable-oauth-listener'
const Auth = { Cognito: {
  userPoolId: '${pool.settings.userPoolId}', userPoolClientId: '${pool.settings.clientId}',
  loginWith: { oauth: { domain: '${pool.domain}', scopes: ['openid', 'aws.cognito.signin.user.admin'],
    redirectSignIn: ['${home}'], redirectSignOut: ['${home}'], responseType: 'code' } },
} }
// What the package aws-amplify does by itself.
tokenProvider.setAuthConfig(Auth)
Amplify.configure({ Auth }, { Auth: { tokenProvider } })
const show = async () => {
  const user = await getCurrentUser().catch(() => undefined)
  document.querySelector('h1').textContent = user ? 'Signed in as ' + user.username : 'Signed out'
}
document.querySelector('#in').onclick = () => signInWithRedirect()
document.querySelector('#out').onclick = () => signOut()
document.querySelector('#renew').onclick = async () => {
  const { tokens } = await fetchAuthSession({ forceRefresh: true })
  document.querySelector('p').textContent = 'Renewed for ' + tokens.accessToken.payload.username
}
const { Hub } = await import('@aws-amplify/core')
Hub.listen('auth', show)
setTimeout(show)
`

describe.skipIf(!hasAmplify)('signInWithRedirect of Amplify', () => {
  let browser: Browser
  let page: Page
  let app: Server
  let pool: LocalPool
  const complaints: string[] = []

  beforeAll(async () => {
    let script = ''
    app = createServer(({ url = '/' }, response) => {
      const isScript = url === '/app.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(
        isScript
          ? script
          : '<!doctype html><link rel="icon" href="data:,"><h1>…</h1><p></p><button id="in">Sign in</button><button id="out">Sign out</button><button id="renew">Renew</button><script type="module" src="/app.js"></script>',
      )
    })
    await new Promise<void>((resolve) => app.listen(0, 'localhost', resolve))
    const home = `http://localhost:${(app.address() as AddressInfo).port}/`
    pool = await createLocalPool({
      clientId: 'app',
      users: { alice: { password: 'Correct-h0rse' } },
      clients: [{ clientId: 'app', callbackUrls: [home], logoutUrls: [home] }],
    })
    const { outputFiles } = await build({
      stdin: { contents: program(pool, home), resolveDir: `${root}/bench` },
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
      target: 'es2023',
      write: false,
    })
    script = outputFiles[0]?.text ?? ''
    browser = await launchChromium()
    page = await browser.newPage()
    watch(page, /status of 40[03]/, complaints)
    await page.route(/amazon(aws|cognito)\.com/, async (route) => {
      const response = await pool.fetch(await toRequest(route.request()))
      const headers = Object.fromEntries(response.headers)
      const cookies = response.headers.getSetCookie().join('\n')
      const location = response.headers.get('location')
      // A browser follows no redirect of an answer that is put into its way, so a page of one line does.
      const answer = location
        ? { status: 200, body: `<meta http-equiv="refresh" content="0;url=${location.replaceAll('&', '&amp;')}">` }
        : { status: response.status, body: await response.text() }
      const type: Record<string, string> = location ? { 'content-type': 'text/html' } : {}
      await route.fulfill({ ...answer, headers: { ...headers, ...type, ...(cookies && { 'set-cookie': cookies }) } })
    })
    await page.goto(home)
  })

  afterAll(async () => {
    await browser?.close()
    app?.close()
  })

  it('signs in, renews, is known the next time, and signs out', async () => {
    const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
    await heading('Signed out')
    await page.locator('#in').click()
    await page.getByLabel('User name').fill('alice')
    await page.getByLabel('Password').fill('Correct-h0rse')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await heading('Signed in as alice')
    await page.locator('#renew').click()
    await page.getByText('Renewed for alice').waitFor()
    await page.reload()
    await heading('Signed in as alice')
    await page.locator('#out').click()
    await heading('Signed out')
    expect([pool.count('logout'), pool.count('revoke') + pool.count('RevokeToken')]).toEqual([1, 1])
    expect(complaints).toEqual([])
  })
})

async function toRequest(request: PageRequest): Promise<Request> {
  const body = request.postData()
  return new Request(request.url(), {
    method: request.method(),
    headers: await request.allHeaders(),
    ...(body !== null && { body }),
  })
}

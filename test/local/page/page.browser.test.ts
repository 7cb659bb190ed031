import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { launchChromium, watch } from '../../support/chromium.ts'

const password = 'Correct-Horse-1'

let browser: Browser
let server: LocalServer
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchChromium(
    '--host-resolver-rules=MAP rebound.test 127.0.0.1',
    // Chromium protects this machine as well; here the server has to.
    '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
  )
})

afterAll(() => browser?.close())

beforeEach(async () => {
  complaints = []
  server = await startLocalServer({
    pool: {
      userPoolId: 'eu-west-1_AbCdEfGhI',
      groups: ['editor', 'viewer'],
      users: [
        { username: 'alice', password, email: 'alice@x.test', email_verified: true, groups: ['editor'] },
        { username: '<img/src=x/onerror=alert(1)>' },
        ...Array.from({ length: 60 }, (_, index) => ({ username: `user-${String(index).padStart(2, '0')}` })),
      ],
      clients: [{ clientId: 'withsecret', secret: 'the-secret-of-the-client' }],
    },
  })
  await open(1200)
})

afterEach(async () => {
  await context.close()
  await server.close()
  expect(complaints).toEqual([])
})

describe('the page of the local AWS', () => {
  it('shows users page by page, finds them, and shows markup as text', async () => {
    expect(await page.textContent('#about')).toContain('62 users · 2 groups · 2 app clients')
    expect(await page.locator('main li').count()).toBe(25)
    expect(await page.locator('main li').first().textContent()).toContain('<img/src=x/onerror=alert(1)>')
    expect(await page.locator('main img').count()).toBe(0)
    await page.getByRole('button', { name: 'More' }).click()
    await page.locator('main li').nth(49).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.locator('main li').nth(61).waitFor()
    expect(await page.getByRole('button', { name: 'More' }).isVisible()).toBe(false)
    for (const [search, found] of [
      ['user-1', 10],
      ['alice@', 1],
      ['"', 1],
      ['\\', 1],
    ] as const) {
      await page.getByLabel('Name or e-mail begins with').fill(search)
      await page.getByRole('button', { name: 'Find' }).click()
      await page.waitForFunction(
        (count) => document.querySelectorAll('main section:first-child > div li').length === count,
        found,
      )
    }
    expect(await page.locator('main').textContent()).toContain('No user.')
  })

  it('creates a user in a group, who then signs in, and removes, disables and deletes the user', async () => {
    await page.getByText('Create a user').click()
    await page.getByLabel('User name').fill('carol')
    await page.getByLabel('E-mail', { exact: true }).fill('carol@x.test')
    await page.getByLabel('Password').fill('weak')
    await page.getByLabel('Group').selectOption('viewer')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('InvalidPasswordException').waitFor()
    await callAws('AdminDeleteUser', { Username: 'carol' })
    await page.getByLabel('Password').fill('Correct-Horse-2')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('Created.', { exact: true }).waitFor()
    expect(await page.textContent('#about')).toContain('63 users')
    const { AuthenticationResult } = await callAws('InitiateAuth', {
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: server.settings.clientId },
      AuthParameters: { USERNAME: 'carol', PASSWORD: 'Correct-Horse-2' },
    })
    expect(groupsIn(AuthenticationResult.AccessToken)).toEqual(['viewer'])
    const detail = page.locator('#detail')
    await detail.getByLabel('Group').selectOption('editor')
    await detail.getByRole('button', { name: 'Add' }).click()
    await detail.getByText('In all groups.').waitFor()
    await detail.getByRole('button', { name: 'Remove from viewer' }).click()
    await page.getByText('Removed from viewer.').waitFor()
    expect(groupsIn((await server.pool.tokens('carol')).accessToken)).toEqual(['editor'])
    await detail.getByRole('button', { name: 'Disable' }).click()
    await detail.getByText('CONFIRMED, disabled').waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await detail.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Deleted.').waitFor()
    expect(await server.pool.tokens('carol').catch(({ message }) => message)).toMatch(/unknown user/)
  })

  it('shows groups and their members, app clients, and a secret when it is asked for', async () => {
    await page.getByRole('link', { name: 'Groups' }).click()
    await page.getByRole('button', { name: 'editor' }).click()
    await page.locator('#detail li').getByText('alice').waitFor()
    await page.getByRole('link', { name: 'Clients' }).click()
    await page.getByRole('button', { name: 'withsecret' }).click()
    await page.locator('#detail pre').waitFor()
    expect(await page.locator('main').textContent()).not.toContain('the-secret-of-the-client')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('the-secret-of-the-client').waitFor()
  })

  it('shows codes and calls as they come, without secrets unless they are asked for', async () => {
    await page.getByRole('link', { name: 'Codes' }).click()
    await page.getByText('None so far.').waitFor()
    await callAws('ForgotPassword', { ClientId: server.settings.clientId, Username: 'alice' })
    await comeBack()
    await page.getByText(`${server.pool.outbox.at(-1)?.code}`, { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Calls' }).click()
    await page.getByText('ForgotPassword', { exact: true }).waitFor()
    await callAws('InitiateAuth', {
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: server.settings.clientId },
      AuthParameters: { USERNAME: 'alice', PASSWORD: password },
    })
    await callAws('InitiateAuth', {
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: server.settings.clientId },
      AuthParameters: { USERNAME: 'alice', PASSWORD: 'wrong' },
    })
    await comeBack()
    const latest = page.locator('main li').first()
    await latest.getByText('NotAuthorizedException').waitFor()
    expect(await page.locator('main li').allTextContents()).toEqual([
      expect.stringContaining('400InitiateAuth'),
      expect.stringContaining('200InitiateAuth'),
      expect.stringContaining('200ForgotPassword'),
    ])
    expect(await page.locator('main').textContent()).not.toMatch(/eyJ|Correct-Horse/)
    await page.getByLabel('Show passwords, tokens and codes').check()
    await page.locator('main li').nth(1).getByText('eyJ').first().waitFor({ state: 'attached' })
    expect(await page.locator('main').textContent()).toContain(password)
  })

  it('moves the clock, rotates the keys and orders faults', async () => {
    await page.getByRole('link', { name: 'Clock, keys, faults' }).click()
    const before = await callAws('DescribeUserPool', {})
    expect(before.UserPool.Id).toBe('eu-west-1_AbCdEfGhI')
    const token = (await server.pool.tokens('alice')).accessToken
    await page.getByRole('button', { name: '+ 1 day' }).click()
    await page.getByText('The clock is moved.').waitFor()
    expect((await callAws('GetUser', { AccessToken: token })).message).toBe('Access Token has expired')
    const kid = async () => JSON.parse(atob((await server.pool.tokens('alice')).accessToken.split('.')[0] ?? '')).kid
    const first = await kid()
    await page.getByRole('button', { name: 'Rotate', exact: true }).click()
    await page.getByText('Rotated. Tokens from before still verify.').waitFor()
    expect(await kid()).not.toBe(first)
    await page.getByLabel('Operation').fill('ListUsers')
    await page.getByLabel('Error code, or milliseconds late').fill('TooManyRequestsException')
    await page.getByLabel('How many times').fill('1')
    await page.getByRole('button', { name: 'Order' }).click()
    await page.locator('#faults').getByText('error TooManyRequestsException, times 1').waitFor()
    expect((await callAws('ListUsers', {})).__type).toBe('TooManyRequestsException')
    expect((await callAws('ListUsers', { Limit: 1 })).Users).toHaveLength(1)
    await page.getByLabel('Operation').fill('NoSuchOperation')
    await page.getByRole('button', { name: 'Order' }).click()
    await page.getByText('unknown operation NoSuchOperation').waitFor()
  })

  it('shows one pool of several, and says so where there is none', async () => {
    const { UserPool } = await callAws('CreateUserPool', { PoolName: 'second' })
    await page.reload()
    await page.getByLabel('User pool').selectOption(UserPool.Id)
    await page.getByText(`second, ${UserPool.Id} · eu-west-1 · 0 users · 0 groups · 0 app clients`).waitFor()
    await page.getByText('No user.').waitFor()
    await server.close()
    server = await startLocalServer({ pool: false })
    await page.goto(server.url)
    await page.getByText('There is no user pool yet: CreateUserPool makes one.').waitFor()
    await page.getByRole('link', { name: 'Calls' }).click()
    await page.getByText('None so far.').waitFor()
  })

  it.each([320, 390])('fits a phone of %i px without scrolling sideways', async (width) => {
    await context.close()
    await open(width)
    await callAws('AdminGetUser', { Username: 'x'.repeat(120) })
    for (const tab of ['Users', 'Groups', 'Clients', 'Codes', 'Calls', 'Clock, keys, faults']) {
      await page.getByRole('link', { name: tab }).click()
      await page.locator(`nav a[aria-current]`).getByText(tab).waitFor()
      await page.locator('main section').first().waitFor()
      expect([tab, await overflow()]).toEqual([tab, 0])
    }
    await page.getByRole('link', { name: 'Users' }).click()
    await page.getByRole('button', { name: 'alice' }).click()
    await page.locator('#detail h2').getByText('alice').waitFor()
    expect(await overflow()).toBe(0)
  })

  it('says so when the server is gone', async () => {
    await page.route('**/_cognigate/**', (route) => route.abort())
    await page.getByRole('link', { name: 'Groups' }).click()
    await page.getByText('Failed to fetch').waitFor()
    complaints = complaints.filter((text) => !text.includes('net::ERR_FAILED'))
  })
})

describe('other sites', () => {
  it('get nothing by a name of theirs that leads to this machine', async () => {
    const { port } = new URL(server.url)
    const answered = await page.goto(`http://rebound.test:${port}/`)
    expect(answered?.status()).toBe(403)
    // The site's own page came while the name still led to the site.
    await page.route('**/attack', (route) => route.fulfill({ contentType: 'text/html', body: '<p>attack</p>' }))
    await page.goto(`http://rebound.test:${port}/attack`)
    const statuses = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' }
      const clock = await fetch('/_cognigate/clock', { method: 'POST', headers, body: '{"seconds":60}' })
      return [clock.status, (await fetch('/_cognigate/overview')).status, (await fetch('/')).status]
    })
    expect(statuses).toEqual([403, 403, 403])
    complaints = complaints.filter((text) => !text.includes('status of 403'))
  })

  it('cannot post, read, or frame it', async () => {
    await page.route('http://evil.test/', (route) => {
      return route.fulfill({ contentType: 'text/html', body: `<iframe src="${server.url}/"></iframe>` })
    })
    const before = Date.now()
    await page.goto('http://evil.test/')
    const results = await page.evaluate(async (url) => {
      const attempt = (path: string, init?: RequestInit) =>
        fetch(url + path, init).then(
          ({ status, type }) => `${type} ${status}`,
          () => 'failed',
        )
      const body = '{"seconds":86400}'
      const json = { 'content-type': 'application/json' }
      return [
        await attempt('/_cognigate/clock', { method: 'POST', body, headers: json }),
        await attempt('/_cognigate/clock', { method: 'POST', body }),
        await attempt('/_cognigate/clock', { method: 'POST', body, mode: 'no-cors' }),
        await attempt('/_cognigate/overview'),
        await attempt('/'),
      ]
    }, server.url)
    expect(results.map((result) => result.split(' ')[0])).toEqual([
      'failed',
      'failed',
      expect.stringMatching(/opaque|failed/),
      'failed',
      'failed',
    ])
    expect(server.pool.settings.now() - before).toBeLessThan(86_400_000)
    const frame = page.frames()[1]
    expect(
      await frame
        ?.locator('main')
        .count()
        .catch(() => 0),
    ).toBe(0)
    complaints = []
  })
})

async function open(width: number): Promise<void> {
  context = await browser.newContext({ viewport: { width, height: 780 }, hasTouch: width < 600 })
  page = await context.newPage()
  complaints = watch(page, /^Failed to load resource: the server responded with a status of 400/)
  await page.goto(server.url)
  await page.locator('main section').first().waitFor()
}

/** As when somebody comes back to the window: the page looks at once, and not in two seconds. */
function comeBack(): Promise<void> {
  return page.evaluate(() => void dispatchEvent(new Event('focus')))
}

/** A call as a client of AWS sends it. */
async function callAws(operation: string, input: object) {
  const { userPoolId } = server.settings
  const named =
    'AccessToken' in input || 'AuthFlow' in input || 'ClientId' in input ? input : { UserPoolId: userPoolId, ...input }
  const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/eu-west-1/cognito-idp/aws4_request`
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    },
    body: JSON.stringify(named),
  })
  const text = await response.text()
  return text === '' ? {} : JSON.parse(text)
}

function groupsIn(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())['cognito:groups']
}

/** By how many pixels the page is wider than what can be seen of it. */
function overflow(): Promise<number> {
  return page.locator('html').evaluate((box) => box.scrollWidth - box.clientWidth)
}

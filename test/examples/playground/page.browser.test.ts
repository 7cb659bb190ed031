import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

beforeEach(() => open({ width: 1200, height: 900 }))

afterEach(async () => {
  await context.close()
  expect(complaints).toEqual([])
})

describe('the page of npm start', () => {
  it.each([
    ['alice', 'alice is in Group1.', ['Group1'], [200, 200, 403, 403, 200, 200]],
    ['bob', 'bob is in String.', ['String'], [200, 403, 200, 200, 403, 403]],
    ['carol', 'carol is in Group1 and String.', ['Group1', 'String'], [200, 200, 200, 200, 200, 200]],
    ['dave', 'dave is signed in, and in no group.', [], [200, 403, 403, 403, 403, 403]],
    [
      'erin',
      'erin is in Visitors. The map does not know Visitors, which therefore grants nothing.',
      [],
      [200, 403, 403, 403, 403, 403],
    ],
    ['expired', 'alice is in Group1, but her token ended an hour ago.', [], [401, 401, 401, 401, 401, 401]],
    [
      'tampered',
      'dave wrote Group1 into his token himself; the signature no longer fits.',
      [],
      [401, 401, 401, 401, 401, 401],
    ],
    ['nobody', 'The request carries no token at all.', [], [401, 401, 401, 401, 401, 401]],
  ])('shows what %s may call', async (id, story, members, statuses) => {
    await choose(id)
    expect(await page.textContent('#story')).toBe(story)
    expect(
      await page.locator('thead .member').evaluateAll((heads) => heads.map((head) => head.getAttribute('data-group'))),
    ).toEqual(members)
    await page.getByRole('button', { name: 'Call all' }).click()
    await page.locator('.summary li').nth(5).waitFor()
    expect(await page.locator('tbody .badge').allTextContents()).toEqual(statuses.map(String))
    expect(await page.locator('.summary .badge').allTextContents()).toEqual(statuses.map(String))
    for (const [index, sentence] of (await page.locator('.summary li > span:last-child').allTextContents()).entries()) {
      expect(sentence).toMatch(statuses[index] === 200 ? /^Allowed: / : /^Refused: /)
    }
  })

  it('shows the answer, the reason and the way to repeat it of a single call', async () => {
    await choose('bob')
    await callFunction('admin_panel', 'GET')
    expect(await verdict()).toBe(
      'Refused: nothing in String allows admin_panel, and what is not allowed is denied. Group1 would allow it.',
    )
    expect(await page.locator('#result .badge').textContent()).toBe('403')
    expect(await page.locator('#result').textContent()).toContain('"code": "PERMISSION_DENIED"')
    await page.getByText('Decision: DENY_DEFAULT').click()
    expect(JSON.parse((await page.locator('#result details').nth(1).locator('pre').textContent()) ?? '')).toMatchObject(
      {
        code: 'DENY_DEFAULT',
        wouldAllow: ['Group1'],
      },
    )
    await choose('alice')
    expect(await page.textContent('#result')).toBe('Nothing called yet.')
    await callFunction('update_data', 'POST')
    expect(await verdict()).toBe('Allowed: Group1 allows update_data.')
    expect(await page.locator('#result').textContent()).toContain('"updated": true')
    const curl = await page.locator('#result details').nth(2).locator('pre').textContent()
    expect(curl).toMatch(
      /^curl -i -X POST http:\/\/localhost:\d+\/api\/update_data -H 'Authorization: Bearer [\w.-]+'$/,
    )
  })

  it('shows the matrix of groups and routes to the letter', async () => {
    const rows = await page
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('b, td .unseen, .anyone')].map((cell) => cell.textContent)),
      )
    expect(rows).toEqual([
      ['me', 'any signed-in user'],
      ['protected', 'allowed', 'not allowed'],
      ['public', 'not allowed', 'allowed'],
      ['view_data', 'not allowed', 'allowed'],
      ['update_data', 'allowed', 'not allowed'],
      ['admin_panel', 'allowed', 'not allowed'],
    ])
  })

  it('takes a token of one’s own, and shows text where a token brings markup', async () => {
    await choose('own')
    await callFunction('protected', 'GET')
    expect(await page.textContent('#result')).toBe('Paste a token first.')
    const token = await (await fetch(new URL('/__start/tokens/alice', app.url))).text()
    await page.getByLabel('Access token').fill(`  ${token.slice(0, 40)}\n${token.slice(40)}\n`)
    await callFunction('protected', 'GET')
    expect(await verdict()).toBe('Allowed: Group1 allows protected.')
    expect(await page.locator('thead .member').textContent()).toContain('Group1')
    await page.getByLabel('Access token').fill('<img src=x onerror=alert(1)>')
    await callFunction('protected', 'GET')
    expect(await verdict()).toMatch(/^Refused: this is not a token\./)
    expect(await page.locator('#result img').count()).toBe(0)
  })

  it('is used by keyboard alone', async () => {
    await page.locator('input[value="alice"]').focus()
    await page.keyboard.press('ArrowDown')
    expect(await page.textContent('#story')).toBe('bob is in String.')
    await page.getByRole('button', { name: 'Call view_data: GET /api/view_data' }).focus()
    await page.keyboard.press('Enter')
    expect(await verdict()).toBe('Allowed: String allows view_data.')
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Call view_data: GET /api/view_data')
  })

  it.each([320, 360, 412])('fits a phone of %i px without scrolling sideways', async (width) => {
    await context.close()
    await open({ width, height: 740 })
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const id of ['erin', 'own', 'carol']) {
      await choose(id)
      expect(await overflow()).toBe(0)
    }
    await callFunction('admin_panel', 'GET')
    await verdict()
    await page.getByText('Decision: ALLOW').click()
    await page.getByText('The same in the terminal').click()
    expect(await overflow()).toBe(0)
    await page.getByRole('button', { name: 'Call all' }).tap()
    await page.locator('.summary li').nth(5).waitFor()
    expect(await overflow()).toBe(0)
    if (width >= 360) expect(await overflow('.scroller')).toBe(0)
  })

  it('says so when the app is gone', async () => {
    await choose('nobody')
    await page.route('**/api/me', (route) => route.abort())
    await page.getByRole('button', { name: 'Call me: GET /api/me' }).click()
    await page.getByText('Is `npm start` still running?').waitFor()
    complaints = complaints.filter((text) => !text.includes('net::ERR_FAILED'))
  })
})

it('changes groups through the admin API, which shows at once', async () => {
  const own = await startApp()
  try {
    await context.close()
    await open({ width: 360, height: 740 }, own.url)
    await choose('bob')
    await page.getByRole('button', { name: 'Call add-bob: PUT' }).click()
    expect(await verdict()).toBe(
      'Refused: nothing in String allows admin_panel, and what is not allowed is denied. Group1 would allow it.',
    )
    await choose('alice')
    await page.getByRole('button', { name: 'Call add-bob: PUT' }).click()
    expect(await verdict()).toBe('Allowed: Group1 allows admin_panel.')
    expect(await page.locator('#result .badge').textContent()).toBe('204')
    expect(await page.locator('#admin-calls .badge').allTextContents()).toEqual(['204'])
    expect(await page.locator('#result').textContent()).not.toContain('Answer of the app')
    expect(await page.locator('label:has(input[value="bob"]) small').textContent()).toBe('in Group1 and String')
    expect(await page.locator('input[name="caller"]:checked').getAttribute('value')).toBe('alice')
    await choose('bob')
    expect(await page.textContent('#story')).toBe('bob is in Group1 and String.')
    await callFunction('admin_panel', 'GET')
    expect(await verdict()).toBe('Allowed: Group1 allows admin_panel.')
    await page.getByRole('button', { name: 'Call remove-bob: DELETE' }).click()
    await page.getByText('OWN_ACCOUNT').waitFor()
    expect(await page.locator('#result .badge').textContent()).toBe('409')
    expect(await page.locator('#result .hint').count()).toBe(0)
    expect(await overflow()).toBe(0)
    complaints = complaints.filter((text) => !text.includes('status of 409'))
  } finally {
    await own.stop()
  }
})

it('asks for a token of one’s own before a user pool of one’s own', async () => {
  const env = { COGNITO_USER_POOL_ID: 'eu-central-1_AbCdEfGhI', COGNITO_CLIENT_ID: '1h57kf5cpq17m0eml12example' }
  const own = await startApp({ env })
  try {
    await context.close()
    await open({ width: 360, height: 740 }, own.url)
    expect(
      await page
        .locator('input[name="caller"]')
        .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('value'))),
    ).toEqual(['own', 'nobody'])
    expect(await page.textContent('#setting')).toContain(env.COGNITO_USER_POOL_ID)
    expect(await page.getByLabel('Access token').isVisible()).toBe(true)
    expect(await page.locator('#administration').isVisible()).toBe(false)
    await choose('nobody')
    expect(await page.getByLabel('Access token').isVisible()).toBe(false)
    await callFunction('me', 'GET')
    expect(await verdict()).toBe('Refused: the request carries no token. No group is looked at.')
  } finally {
    await own.stop()
  }
})

async function open(viewport: { width: number; height: number }, url = app.url): Promise<void> {
  context = await browser.newContext({ viewport, hasTouch: viewport.width < 600 })
  page = await context.newPage()
  complaints = watch(page, /^Failed to load resource: the server responded with a status of 40[13]/)
  await page.goto(url)
  await page.locator('tbody tr').nth(5).waitFor()
}

async function choose(id: string): Promise<void> {
  await page.locator(`label:has(input[value="${id}"])`).click()
}

async function callFunction(name: string, method: string): Promise<void> {
  await page.getByRole('button', { name: `Call ${name}: ${method} /api/${name}` }).click()
}

async function verdict(): Promise<string | null> {
  return page.locator('#result:not([aria-busy]) #verdict').textContent()
}

/** By how many pixels the page, or a box in it, is wider than what can be seen of it. */
function overflow(selector = 'html'): Promise<number> {
  return page.locator(selector).evaluate((box) => box.scrollWidth - box.clientWidth)
}

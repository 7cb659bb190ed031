import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../../src/admin/index.ts'
import { collectAudit, type Effective, type PoolAudit } from '../../../src/cli/audit/collect.ts'
import { formatPage } from '../../../src/cli/audit/page.ts'
import { defineGroups } from '../../../src/index.ts'
import { createLocalPool } from '../../../src/local/index.ts'
import { launchChromium } from '../../support/chromium.ts'

// The page of `cognigate audit --format html`, as Chromium shows it. SCREENSHOTS=FOLDER keeps pictures of it.

const hostile = [
  '</script><img/src=x/onerror=alert(1)>',
  '<!--<script>',
  '\u202egnp.exe',
  'bell\u0007and\u2028line',
  '`alert(1)`"\'&amp;',
]
const shots = process.env['SCREENSHOTS']

let browser: Browser
let context: BrowserContext
let page: Page
let folder: string
let complaints: string[] = []
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-audit-page-'))
  browser = await launchChromium()
  writeFileSync(join(folder, 'small.html'), formatPage(await auditSmallPool()))
  writeFileSync(join(folder, 'large.html'), formatPage(largeAudit()))
})
afterEach(async () => {
  await context?.close()
  const found = complaints
  complaints = []
  expect(found).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** A pool whose users have groups of all kinds, and names that would do something. */
async function auditSmallPool(): Promise<PoolAudit> {
  const map = defineGroups(
    {
      admin: { allow: ['*'], precedence: 1 },
      viewer: { allow: ['posts.read'], precedence: 30 },
      editor: { inherits: ['viewer'], allow: ['posts.write'], precedence: 20 },
      suspended: { deny: ['*'], precedence: 0 },
    },
    {
      permissions: ['posts.read', 'posts.write', 'posts.delete'],
      require: { 'posts.delete': { auth_time: { maxAge: 900 } } },
    },
  )
  const pool = await createLocalPool({
    userPoolId: 'eu-west-1_AbCdEfGhI',
    groups: ['admin', 'viewer', 'editor', 'suspended', 'old-<b>'],
    users: {
      alice: { groups: ['admin'] },
      bob: { groups: ['viewer', 'old-<b>'] },
      carol: { groups: ['editor'], enabled: false },
      dave: {},
      erin: { groups: ['editor', 'suspended'] },
    },
  })
  for (const [day, name] of hostile.entries()) {
    pool.advance(86_400 * (day + 1))
    await pool.fetch(createUser(name))
  }
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const admin = createPoolAdmin({ userPoolId: 'eu-west-1_AbCdEfGhI', credentials, fetch: pool.fetch })
  const audit = await collectAudit(admin, map, { signal: new AbortController().signal, onRead() {} })
  // A name that the API refuses may still come from elsewhere.
  const evil = hostile.map((username, index) => ({
    ...{ username, label: '', status: 'CONFIRMED', enabled: true, groups: ['viewer'] },
    createdAt: new Date(1_700_000_000_000 + index * 86_400_000),
  }))
  return { ...audit, users: [...audit.users.filter(({ username }) => !hostile.includes(username)), ...evil] }
}

function createUser(username: string): Request {
  const body = JSON.stringify({ UserPoolId: 'eu-west-1_AbCdEfGhI', Username: username })
  return new Request('https://cognito-idp.eu-west-1.amazonaws.com/', { method: 'POST', body })
}

/** 10,000 users in 30 groups, by 50 permissions. */
function largeAudit(): PoolAudit {
  const areas = ['posts', 'users', 'billing', 'reports', 'media', 'comments', 'settings', 'exports', 'logs', 'teams']
  const permissions = areas.flatMap((area) =>
    ['read', 'write', 'delete', 'publish', 'approve'].map((what) => `${area}.${what}`),
  )
  const names = Array.from({ length: 30 }, (_, index) => `team-${index}-${areas[index % 10]}`)
  const map = defineGroups(
    Object.fromEntries(
      names.map((name, at) => [
        name,
        at === 0
          ? { deny: ['billing.*'] }
          : { allow: [`${areas[at % 10]}.*`, permissions[(at * 7) % 50] ?? ''], precedence: at },
      ]),
    ),
    { permissions },
  )
  const users = Array.from({ length: 10_000 }, (_, index) => ({
    username: `${String(index).padStart(8, '0')}-1111-4222-8333-444455556666`,
    label: `first.last-name${index}@example.com`,
    status: index % 3 === 0 ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED',
    enabled: index % 40 !== 0,
    createdAt: new Date(1_600_000_000_000 + index * 1e7),
    groups: names.filter((_, at) => ((index + 7) * (at + 11) * 2_654_435_761) % 1_000_003 < 70_000),
  }))
  const effects = new Map<string, Effective>()
  return {
    ...{ userPoolId: 'eu-west-1_AbCdEfGhI', readAt: new Date('2026-11-27T10:00:00Z'), users, findings: [], map },
    groups: names.map((name) => ({ name })),
    effectiveOf(groups) {
      const key = groups.join()
      const may = Object.entries(map.effective(groups)).flatMap(([name, access]) => (access === 'allow' ? [name] : []))
      const known = effects.get(key) ?? { may, conditional: [] }
      effects.set(key, known)
      return known
    },
  }
}

async function open(file: string, options: BrowserContextOptions = {}): Promise<void> {
  context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(request.url())
  })
  await page.goto(pathToFileURL(join(folder, file)).href)
}

async function shoot(name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `audit-${name}.png`) })
}

const rows = () => page.locator('.users tbody tr')
const firstNames = async () => (await page.locator('.users tbody th').allTextContents()).slice(0, 5)
const status = () => page.getByRole('status').textContent()

describe('the audit page', () => {
  it('shows findings, what each group may do and how many are in it', async () => {
    await open('small.html')
    expect(await page.locator('h1').textContent()).toBe('Access audit of eu-west-1_AbCdEfGhI')
    expect(await page.locator('li').allTextContents()).toContainEqual(expect.stringContaining('old-<b>'))
    const table = page.locator('.matrix tr')
    const shown = await table.evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.getAttribute('title') ?? cell.textContent).join(' | ')),
    )
    expect(shown).toEqual([
      ' | posts.read | posts.write | posts.delete',
      ...['admin', 'editor', 'old-<b>', 'suspended', 'viewer'].map((name) => expect.stringMatching(`^${name} \\(\\d`)),
    ])
    const [, admin, editor, , suspended, viewer] = shown
    const denied = 'denied, whatever other groups allow'
    expect(suspended).toBe(`suspended (1) | ${denied} | ${denied} | ${denied}`)
    expect(admin).toBe('admin (1) | may | may | under a condition')
    expect(editor).toBe('editor (2) | may | may | no')
    expect(viewer).toBe(`viewer (${hostile.length + 1}) | may | no | no`)
    await shoot('matrix')
  })

  it('finds users by name, group, status and what they can do, and marks those who are disabled', async () => {
    await open('small.html')
    expect(await status()).toBe('10 users, 1 of them disabled')
    await page.getByLabel('Search').fill(' AL')
    expect(await firstNames()).toEqual(['</script><img/src=x/onerror=alert(1)>', '`alert(1)`"\'&amp;', 'alice'])
    await page.getByLabel('Search').fill('')
    await page.getByLabel('Who can').selectOption('posts.write')
    expect(await firstNames()).toEqual(['alice', 'carol'])
    expect(await status()).toBe('2 users, 1 of them disabled')
    const off = page.locator('.users tr.off')
    expect(await off.locator('th').textContent()).toBe('carol')
    expect(await off.locator('.state').textContent()).toMatch(/^disabled/)
    await page.getByLabel('Who can').selectOption('posts.delete')
    expect(await firstNames()).toEqual(['alice'])
    expect(await status()).toBe('1 user, 1 of them under a condition')
    await page.getByLabel('Who can').selectOption('anything')
    await page.getByLabel('Member of').selectOption('editor')
    expect(await firstNames()).toEqual(['carol', 'erin'])
    await page.getByLabel('Member of').selectOption('any group')
    await page
      .locator('label')
      .filter({ hasText: /^Status/ })
      .locator('select')
      .selectOption('confirmed')
    expect(await rows().count()).toBe(9)
  })

  it('sorts by each column in both directions, by the keyboard alone', async () => {
    await open('large.html')
    const read = (column: number) =>
      rows().evaluateAll((all, at) => all.map((row) => row.children[at]?.textContent ?? ''), column)
    const count = (text: string) => (text === 'none' ? 0 : text.split(', ').length)
    const values: readonly (readonly [string, (text: string) => string | number])[] = [
      ['User', (text) => text],
      ['Groups', count],
      ['May', Number.parseInt],
      ['Status', (text) => text],
      ['Created', (text) => text],
    ]
    for (const [at, [name, toValue]] of values.entries()) {
      const head = page.locator('.users th').filter({ hasText: name })
      const ends: (string | number)[] = []
      for (const direction of at === 0 ? ['descending', 'ascending'] : ['ascending', 'descending']) {
        await head.getByRole('button').focus()
        await page.keyboard.press('Enter')
        expect(await head.getAttribute('aria-sort')).toBe(direction)
        const found = (await read(at)).map((text) => toValue(text))
        const sorted = found.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        expect(found, `${name} ${direction}`).toEqual(direction === 'ascending' ? sorted : sorted.reverse())
        ends.push(found[0] ?? '')
      }
      expect(ends[0], name).not.toBe(ends[1])
    }
  })

  it('can be gone through by the keyboard: fields, heads, what users may do, more rows', async () => {
    await open('large.html')
    const reached: string[] = []
    for (let step = 0; step < 11; step++) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate(() => {
          const { activeElement: at } = document
          return (
            at?.closest('label')?.firstChild?.textContent ?? at?.getAttribute('aria-label') ?? at?.textContent ?? ''
          )
        }),
      )
    }
    expect(reached.slice(0, 10)).toEqual([
      ...['Groups and permissions', 'Search', 'Member of', 'Who can', 'Status'],
      ...['User', 'Groups', 'May', 'Status', 'Created'],
    ])
    const [summary = ''] = reached.slice(10)
    expect(summary).toMatch(/^\d+ of 50$/)
    await page.keyboard.press('Enter')
    await page.locator('.users details[open]').waitFor()
    const told = (await page.locator('.users details[open]').textContent())?.slice(summary.length).split(', ') ?? []
    expect(told).toHaveLength(Number.parseInt(summary, 10))
    expect(await rows().count()).toBe(100)
    await page.getByRole('button', { name: 'Show 100 more' }).press('Enter')
    expect(await rows().count()).toBe(200)
    await page.getByLabel('Search').fill('name99')
    expect(await status()).toMatch(/^111 users/)
    await page.getByRole('button', { name: 'Show 100 more' }).press('Enter')
    expect(await rows().count()).toBe(111)
    const focused = page.locator('.users tbody tr:has(:focus)')
    expect(await focused.evaluate((row) => [...(row.parentElement?.children ?? [])].indexOf(row))).toBe(100)
  })

  it('shows hostile names as text in which nothing turns and nothing runs', async () => {
    await open('small.html')
    const names = await page.locator('.users tbody th').allTextContents()
    expect(names).toEqual(expect.arrayContaining(['</script><img/src=x/onerror=alert(1)>', '<!--<script>']))
    expect(names).toEqual(expect.arrayContaining(['\\u202egnp.exe', 'bell\\u0007and\\u2028line']))
    expect(await page.locator('img, b').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(2)
    // A script of another text does not run, and nothing is loaded.
    const refused = await page.evaluate(async () => {
      const told: string[] = []
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => told.push(effectiveDirective))
      const image = document.createElement('img')
      const failed = new Promise((resolve) => image.addEventListener('error', resolve))
      image.src = 'https://example.com/x.png'
      await failed
      document.body.style.color = 'red'
      const element = document.createElement('script')
      try {
        element.text = 'globalThis.ran = true'
        document.body.append(element)
      } catch {}
      await new Promise((resolve) => setTimeout(resolve))
      return { told, ran: 'ran' in globalThis }
    })
    expect(refused.ran).toBe(false)
    expect(refused.told).toContain('img-src')
    complaints = complaints.filter((text) => !/Content Security Policy|TrustedScript|example\.com/.test(text))
  })

  it('fits a phone, where the fields of a user have their names and can be sorted', async () => {
    await open('large.html', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(wide).toBe(390)
    const label = page.locator('.users tbody tr').first().locator('td').first()
    expect(await label.evaluate((cell) => getComputedStyle(cell, '::before').content)).toBe('"Groups"')
    await page.getByLabel('Sort by').selectOption('Created ↓')
    expect(await firstNames()).toContain('first.last-name9999@example.com')
    await shoot('phone')
    await page.locator('.users').scrollIntoViewIfNeeded()
    await shoot('phone-users')
  })

  it('has the colours of the reader, with enough contrast', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await open('large.html', { colorScheme })
      const ratios = await page.evaluate(() => {
        const luminance = (color: string) => {
          const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map((part) => {
            const value = Number(part) / 255
            return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
          })
          return 0.2126 * r + 0.7152 * g + 0.0722 * b
        }
        const ground = luminance(getComputedStyle(document.body).backgroundColor)
        return ['body', '.faint', '.y', '.n', '.off .state', 'label'].map((selector) => {
          const element = document.querySelector(selector)
          const text = element === null ? Number.NaN : luminance(getComputedStyle(element).color)
          return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05)
        })
      })
      for (const ratio of ratios) expect(ratio).toBeGreaterThan(4.5)
      await shoot(colorScheme)
      await context.close()
    }
  })

  it('prints the whole matrix, the findings and at most 500 of the users found, and says so', async () => {
    await open('large.html')
    await page.emulateMedia({ media: 'print' })
    const print = () => page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    await print()
    expect(await page.locator('.paper').textContent()).toBe(
      'The first 500 of 10,000 users. Filter before printing to have others.',
    )
    expect(await rows().count()).toBe(500)
    expect(await page.locator('.bar').isVisible()).toBe(false)
    const heads = await page.locator('.matrix thead th').allTextContents()
    expect([heads.length, new Set(heads).size, await page.locator('.matrix table').count()]).toEqual([50, 50, 2])
    // Paper of A4, without its margins.
    await page.setViewportSize({ width: 703, height: 1000 })
    const widths = await page
      .locator('table')
      .evaluateAll((all) => all.map((table) => table.getBoundingClientRect().right))
    expect(Math.max(...widths)).toBeLessThanOrEqual(703)
    await page.evaluate(() => dispatchEvent(new Event('afterprint')))
    await page.emulateMedia({ media: 'screen' })
    expect([await rows().count(), await page.locator('.matrix table').count()]).toEqual([100, 1])
    await page.getByLabel('Search').fill('name77')
    await page.getByLabel('Who can').selectOption('posts.read')
    await print()
    expect(await page.locator('.paper').textContent()).toMatch(
      /^Only: name has "name77", can posts.read\. \d+ users\.$/,
    )
  })

  it('is half a megabyte at most for 10,000 users, 50 permissions and 30 groups', async () => {
    const html = formatPage(largeAudit())
    expect(Buffer.byteLength(html)).toBeLessThan(500_000)
    const started = performance.now()
    await open('large.html')
    const shown = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
    console.log(
      `audit page: ${Math.round(Buffer.byteLength(html) / 1000)} kB, first rows after ${Math.round(shown ?? performance.now() - started)} ms`,
    )
  })
})

import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../../support/chromium.ts'

/** Runs in the page: a pool, a guard, and what the guard says of three requests. */
const pageScript = `
  import { createGuard, defineGroups } from './src/index.ts'
  import { createLocalPool } from './src/local/index.ts'

  export async function scene() {
    const groups = defineGroups({ viewer: { allow: ['posts.read'] } }, { permissions: ['posts.read', 'posts.write'] })
    const pool = await createLocalPool({ groups: ['viewer'], users: { alice: { groups: ['viewer'] } } })
    const guard = createGuard({ ...pool.settings, groups })
    const { accessToken } = await pool.tokens('alice')
    const request = (token) => new Request('/', { headers: token ? { authorization: 'Bearer ' + token } : {} })
    const codeOf = (promise) => promise.then(() => 'accepted', (error) => error.code)
    const [header, payload, signature] = accessToken.split('.')
    const other = signature.startsWith('A') ? 'B' : 'A'
    const principal = await guard.authenticate(request(accessToken))
    return {
      username: principal.username,
      read: guard.can(principal, 'posts.read'),
      write: guard.can(principal, 'posts.write'),
      anonymous: await codeOf(guard.authenticate(request())),
      forged: await codeOf(guard.authenticate(request([header, payload, other + signature.slice(1)].join('.')))),
    }
  }
`

let browser: Browser
let script: string

beforeAll(async () => {
  const result = await build({
    stdin: { contents: pageScript, resolveDir: '.', loader: 'js' },
    bundle: true,
    format: 'iife',
    globalName: 'cognigate',
    platform: 'browser',
    write: false,
  })
  script = result.outputFiles[0]?.text ?? ''
  browser = await launchChromium()
})

afterAll(() => browser?.close())

it('authenticates and authorizes in a page, by Web standards alone', async () => {
  const page = await browser.newPage()
  await page.route('http://localhost/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>page</title>' }),
  )
  await page.goto('http://localhost/')
  await page.addScriptTag({ content: script })
  expect(await page.evaluate('cognigate.scene()')).toEqual({
    username: 'alice',
    read: true,
    write: false,
    anonymous: 'TOKEN_MISSING',
    forged: 'SIGNATURE_INVALID',
  })
})

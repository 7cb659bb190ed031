import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { root } from '../../../scripts/lib/runtimes.mjs'
import { type Cognito, navigation, scriptedCognito } from '../../support/managed-login.ts'
import { secrets } from './running-login.ts'

type Fields = Record<string, { key: string; value: string }[]>
interface Answer {
  readonly status?: string
  readonly headers: Fields
  readonly body?: string
  readonly uri?: string
}

let cognito: Cognito
let handler: (event: object) => Promise<Answer>
let size: number
const jar = new Map<string, string>()

beforeAll(async () => {
  cognito = await scriptedCognito()
  const { userPoolId, clientId } = cognito.pool.settings
  const settings = {
    DOMAIN: cognito.domain,
    USER_POOL_ID: userPoolId,
    CLIENT_ID: clientId,
    REDIRECT_URI: 'https://site.example.com/auth/callback',
    SECRETS: secrets,
  }
  const { outputFiles } = await build({
    entryPoints: ['examples/login/edge.ts'],
    absWorkingDir: root,
    bundle: true,
    define: { SETTINGS: JSON.stringify(settings) },
    format: 'esm',
    logLevel: 'error',
    minify: true,
    platform: 'node',
    target: 'node22',
    write: false,
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  size = deflateRawSync(code, { level: 9 }).length
  const folder = mkdtempSync(join(tmpdir(), 'edge-'))
  const file = join(folder, 'index.mjs')
  writeFileSync(file, code)
  vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) => cognito.fetch(new Request(input, init)))
  ;({ handler } = await import(pathToFileURL(file).href))
  rmSync(folder, { recursive: true })
})
afterEach(() => void jar.clear())

/** What CloudFront gives a viewer-request function, and does with the answer. */
async function ask(
  uri: string,
  fields: Readonly<Record<string, string>> = navigation,
  method = 'GET',
): Promise<Answer> {
  const [path, querystring = ''] = uri.split('?')
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const all = { host: 'site.example.com', ...fields, ...(cookie && { cookie }) }
  const headers = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, [{ key, value }]]))
  const request = { clientIp: '192.0.2.1', method, uri: path, querystring, headers }
  const config = { distributionDomainName: 'd1.cloudfront.net', distributionId: 'E1', eventType: 'viewer-request' }
  const answer = await handler({ Records: [{ cf: { config, request } }] })
  if (answer.status) {
    for (const { value } of answer.headers['set-cookie'] ?? []) {
      const [, name = '', text = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(value) ?? []
      if (/Max-Age=0\b/.test(attributes)) jar.delete(name)
      else jar.set(name, text)
    }
  }
  return answer
}

const locationOf = ({ headers }: Answer) => headers['location']?.[0]?.value ?? ''
const pathOf = (location: string) => location.replace('https://site.example.com', '')

async function signIn(path: string): Promise<Answer> {
  const refused = await ask(path)
  expect(refused.status).toBe('302')
  const started = await ask(pathOf(locationOf(refused)))
  const back = cognito.authorize(new URL(locationOf(started))).headers.get('location') ?? ''
  return ask(pathOf(back))
}

it('is a fraction of the megabyte that a viewer-request function may have', () => {
  expect(size).toBeGreaterThan(10_000)
  expect(size).toBeLessThan(45_000)
})

it('sends people to Cognito and back, and who is let in on to the origin, with the request as it came', async () => {
  const signedIn = await signIn('/docs/index.html?a=1')
  expect([signedIn.status, locationOf(signedIn)]).toEqual(['302', '/docs/index.html?a=1'])
  const passed = await ask('/docs/index.html?a=1')
  expect(passed.status).toBeUndefined()
  expect(passed.uri).toBe('/docs/index.html')
})

it('lets nothing through to whom nothing is allowed, whatever the method', async () => {
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
    const { status } = await ask('/docs/index.html', { accept: '*/*' }, method)
    expect([method, status]).toEqual([method, '401'])
  }
  cognito.user = 'bob'
  await signIn('/docs/')
  const refused = await ask('/docs/')
  cognito.user = 'alice'
  expect(refused.status).toBe('403')
  expect(refused.body).toContain('No access')
})

it('gives the cookies of a renewed session by a redirect to the same page, once', async () => {
  cognito.life = 30
  await signIn('/docs/')
  cognito.life = 3600
  const renewed = await ask('/docs/?b=2')
  expect([renewed.status, locationOf(renewed)]).toEqual(['307', 'https://site.example.com/docs/?b=2'])
  expect(renewed.headers['cache-control']?.[0]?.value).toContain('no-store')
  expect((await ask('/docs/?b=2')).status).toBeUndefined()
})

it('signs out at Cognito too', async () => {
  await signIn('/docs/')
  const own = { ...navigation, 'sec-fetch-site': 'same-origin' }
  const answer = await ask('/auth/logout', own, 'POST')
  expect(answer.status).toBe('303')
  expect(locationOf(answer)).toMatch(/^https:\/\/auth\.example\.com\/logout\?/)
  expect((await ask('/docs/')).status).toBe('302')
})

import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene, Verdict } from '../../../examples/playground/page/scene.ts'
import { bundle } from '../../../examples/playground/bundle.ts'
import { type RunningApp, startApp } from './running-app.ts'

const run = promisify(execFile)
const users = ['alice', 'bob', 'carol', 'dave', 'erin']

/** Method, path, and the status for alice, bob, carol, dave and erin. */
const matrix = [
  ['GET', '/api/me', [200, 200, 200, 200, 200]],
  ['GET', '/api/protected', [200, 403, 200, 403, 403]],
  ['GET', '/api/public', [403, 200, 200, 403, 403]],
  ['GET', '/api/view_data', [403, 200, 200, 403, 403]],
  ['POST', '/api/update_data', [200, 403, 200, 403, 403]],
  ['GET', '/api/admin_panel', [200, 403, 200, 403, 403]],
] as const

let app: RunningApp
let lines: readonly string[]

beforeAll(async () => {
  app = await startApp()
  lines = app.output.split('\n')
}, 60_000)

afterAll(async () => {
  await app?.stop()
})

describe('the printout', () => {
  it.each([
    ['alice', 'in Group1', 'may call protected, update_data, admin_panel'],
    ['bob', 'in String', 'may call public, view_data'],
    ['carol', 'in Group1 and String', 'may call protected, public, view_data, update_data, admin_panel'],
    ['dave', 'in no group', 'has no permission'],
    ['erin', 'in Visitors', 'has no permission'],
  ])('says who %s is', (...columns) => {
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toContainEqual(columns)
  })

  it.skipIf(spawnSync('curl', ['--version']).status !== 0).each([
    ['alice', 200],
    ['bob', 403],
    ['carol', 200],
    ['dave', 403],
    ['erin', 403],
  ])('has a curl line that a shell takes with the name %s and that the app answers', async (name, status) => {
    const line = lines.find((text) => text.startsWith('  curl ')) ?? ''
    const { stdout, stderr } = await run('sh', ['-c', line.replace('tokens/alice', `tokens/${name}`)])
    expect(stdout, stderr).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('fits one screen of 24 lines and 120 columns, and holds no token', () => {
    expect(lines.length).toBeLessThanOrEqual(24)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
    expect(app.output).not.toContain('eyJ')
  })
})

describe('the app', () => {
  it.each(matrix)('answers %s %s to each user as the map says', async (method, path, statuses) => {
    const answers = await Promise.all(
      users.map(async (name) => {
        return (await fetch(new URL(path, app.url), { method, headers: await headersOf(name) })).status
      }),
    )
    expect(answers).toEqual(statuses)
  })

  it.each(matrix)('answers %s %s without a token with 401', async (method, path) => {
    const response = await fetch(new URL(path, app.url), { method })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('is the worker as it would be deployed: nothing of the page is in it', async () => {
    const main = /^main = "(.+)"$/m.exec(readFileSync('wrangler.toml', 'utf8'))?.[1] ?? ''
    expect(main).toBe('examples/worker.ts')
    expect(await bundle(main, ['workerd'])).not.toMatch(/__start|createLocalPool|alice/)
  })
})

describe('the page service', () => {
  it('explains each call of each caller as the app answers it', async () => {
    const scene = await getJson<Scene>('/__start/scene')
    expect(scene.callers.map(({ id }) => id)).toEqual([...users, 'expired', 'tampered'])
    expect(scene.permissions.map(({ method, path }) => [method, path])).toEqual(
      matrix.map(([method, path]) => [method, path]),
    )
    for (const { id } of [...scene.callers, { id: 'nobody' }]) {
      const headers = await headersOf(id)
      for (const { name, method, path } of scene.permissions) {
        const response = await fetch(new URL(path, app.url), { method, headers })
        const verdict = await getJson<Verdict>(`/__start/verdicts/${name}`, headers)
        const { code } = response.ok ? { code: 'ALLOW' } : await response.json()
        expect([id, name, verdict.allowed], verdict.sentence).toEqual([id, name, response.ok])
        if (response.status === 401) expect(verdict.code).toBe(code)
        if (response.status === 403) expect(verdict.code).toMatch(/^(DENY_DEFAULT|NO_GROUPS)$/)
      }
    }
  })

  it.each([
    ['alice', 'admin_panel', 'ALLOW', 'Allowed: Group1 allows admin_panel.'],
    [
      'bob',
      'admin_panel',
      'DENY_DEFAULT',
      'Refused: nothing in String allows admin_panel, and what is not allowed is denied. Group1 would allow it.',
    ],
    ['dave', 'view_data', 'NO_GROUPS', 'Refused: dave is in no group. String would allow it.'],
    ['erin', 'me', 'ALLOW', 'Allowed: erin is signed in, which is all it takes.'],
    ['expired', 'me', 'TOKEN_EXPIRED', 'Refused: the token has expired. No group is looked at.'],
    [
      'tampered',
      'admin_panel',
      'SIGNATURE_INVALID',
      'Refused: the signature does not fit the token, so somebody has changed it. No group is looked at.',
    ],
    ['nobody', 'me', 'TOKEN_MISSING', 'Refused: the request carries no token. No group is looked at.'],
  ])('tells why %s may or may not call %s', async (caller, name, code, sentence) => {
    const verdict = await getJson<Verdict>(`/__start/verdicts/${name}`, await headersOf(caller))
    expect(verdict).toMatchObject({ code, sentence })
  })

  it.each([
    '/__start/',
    '/__start/tokens',
    '/__start/tokens/mallory',
    '/__start/verdicts/users.delete',
    '/__start/page.ts',
  ])('has nothing at %s', async (path) => {
    expect((await fetch(new URL(path, app.url))).status).toBe(404)
  })

  it('only answers GET', async () => {
    const response = await fetch(new URL('/__start/tokens/alice', app.url), { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
  })

  it.each(['/', '/__start/page.css', '/__start/page.js', '/__start/scene'])(
    'serves %s with strict headers and no token',
    async (path) => {
      const response = await fetch(new URL(path, app.url))
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; /,
      )
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await response.text()).not.toContain('eyJhbGci')
    },
  )
})

async function headersOf(caller: string): Promise<Record<string, string>> {
  if (caller === 'nobody') return {}
  const token = await fetch(new URL(`/__start/tokens/${caller}`, app.url))
  return { authorization: `Bearer ${await token.text()}` }
}

async function getJson<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(path, app.url), { headers })
  expect(response.status).toBe(200)
  return response.json()
}

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene, Verdict } from '../../../examples/page/scene.ts'
import { bundle } from '../../../scripts/start/bundle.ts'
import { type RunningApp, startApp } from './running-app.ts'

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
    ['alice', 'in Group1: may call protected, update_data, admin_panel'],
    ['bob', 'in String: may call public, view_data'],
    ['carol', 'in Group1 and String: may call protected, public, view_data, update_data, admin_panel'],
    ['dave', 'in no group: may call none of the functions, so this is refused'],
    ['erin', 'in Visitors: may call none of the functions, so this is refused'],
  ])('says who %s is, and gives the token and a curl line', (name, about) => {
    const at = lines.indexOf(`${name}, ${about}`)
    expect(at).toBeGreaterThan(0)
    expect(lines[at + 1]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(lines[at + 2]).toMatch(/^curl -i .*'$/)
    expect(lines[at + 2]).toContain(lines[at + 1])
  })

  it.each([
    ['alice', 200],
    ['bob', 200],
    ['carol', 200],
    ['dave', 403],
    ['erin', 403],
  ])('has a curl line for %s that a shell takes and the app answers', async (name, status) => {
    const args = shellWords(lineAfter(name, 2))
    expect(args.slice(0, 1)).toEqual(['-i'])
    const url = args.find((arg) => arg.startsWith('http://'))
    const header = args[args.indexOf('-H') + 1] ?? ''
    const method = args.includes('-X') ? args[args.indexOf('-X') + 1] : 'GET'
    const authorization = header.replace(/^Authorization: /, '')
    const response = await fetch(url ?? '', { method: method ?? '', headers: { authorization } })
    expect(response.status).toBe(status)
  })

  it('says when the tokens end', () => {
    const told = /^refused, with fresh tokens; those below end at (\d\d:\d\d):\d\d\. /m.exec(app.output)?.[1]
    const { exp } = claimsOf(lineAfter('alice', 1))
    expect(told).toBe(new Date(exp * 1000).toLocaleTimeString('en-GB').slice(0, 5))
  })
})

describe('the app', () => {
  it.each(matrix)('answers %s %s to each user as the map says', async (method, path, statuses) => {
    const answers = await Promise.all(
      users.map(async (name) => {
        const headers = { authorization: `Bearer ${lineAfter(name, 1)}` }
        return (await fetch(new URL(path, app.url), { method, headers })).status
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

function lineAfter(name: string, offset: number): string {
  return lines[lines.findIndex((line) => line.startsWith(`${name}, `)) + offset] ?? ''
}

async function headersOf(caller: string): Promise<Record<string, string>> {
  if (caller === 'nobody') return {}
  const { token } = await getJson<{ token: string }>(`/__start/tokens/${caller}`)
  return { authorization: `Bearer ${token}` }
}

async function getJson<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(path, app.url), { headers })
  expect(response.status).toBe(200)
  return response.json()
}

/** The arguments of a curl line, as a shell reads them. */
function shellWords(line: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${line}`], { encoding: 'utf8' })
  return stdout.trimEnd().split('\n')
}

function claimsOf(token: string): { exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

import { assertGuarded } from 'cognigate/hono'
import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import app from '../../examples/admin-api/worker.ts'
import { bundle } from '../../examples/playground/bundle.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

let pool: LocalPool
let miniflare: Miniflare

beforeAll(async () => {
  const [script] = await Promise.all([bundle('examples/admin-api/worker.ts', ['workerd', 'worker']), reset()])
  const { userPoolId, clientId } = pool.settings
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      modules: true,
      script,
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        COGNITO_USER_POOL_ID: userPoolId,
        COGNITO_CLIENT_ID: clientId,
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'example-secret',
      },
      outboundService: async (request) => {
        const { url, method, headers } = request
        const body = method === 'POST' ? await request.text() : null
        const response = await pool.fetch(new Request(url, { method, headers: [...headers], body }))
        return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
      },
    }),
  )
  await miniflare.ready
}, 60_000)

afterAll(() => miniflare?.dispose())

const writes: readonly (readonly [string, string])[] = [
  ['PUT', '/admin/groups/Group1/members/bob'],
  ['DELETE', '/admin/groups/String/members/bob'],
  ['POST', '/admin/users/bob/disable'],
  ['POST', '/admin/users/bob/enable'],
]

describe('examples/admin-api/worker.ts in workerd, without the API of Node', () => {
  beforeEach(() => {
    pool.recover()
  })

  it('lists the groups of the map', async () => {
    const response = await call('alice', 'GET', '/admin/groups')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual([{ name: 'Group1', description: 'Administrators' }, { name: 'String' }])
  })

  it('lists the members of a group, page by page', async () => {
    const first = await json('alice', 'GET', '/admin/groups/String/members')
    expect(first).toMatchObject({ members: { length: 60 }, next: expect.any(String) })
    const rest = await json(
      'alice',
      'GET',
      `/admin/groups/String/members?token=${encodeURIComponent(String(first.next))}`,
    )
    expect(rest.next).toBeUndefined()
    const names = [first, rest].flatMap(({ members }) => members.map(({ username }) => username))
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBe(71)
    expect(names).toContain('bob')
  })

  it('adds and removes a member, which the next token tells of', async () => {
    expect(await may('bob')).toBe(403)
    expect((await call('alice', 'PUT', '/admin/groups/Group1/members/bob')).status).toBe(204)
    expect(await may('bob')).toBe(200)
    expect((await call('alice', 'PUT', '/admin/groups/Group1/members/bob')).status).toBe(204)
    expect((await call('alice', 'DELETE', '/admin/groups/Group1/members/bob')).status).toBe(204)
    expect(await may('bob')).toBe(403)
    expect((await json('alice', 'GET', '/admin/groups/Group1/members')).members).toEqual([
      { username: 'alice', enabled: true },
    ])
  })

  it('disables and enables a user, and ends what was signed in', async () => {
    const carol = async () => {
      const { members } = await json('alice', 'GET', '/admin/groups/String/members')
      return members.find(({ username }) => username === 'carol')?.enabled
    }
    expect((await call('alice', 'POST', '/admin/users/carol/disable')).status).toBe(204)
    expect(await carol()).toBe(false)
    expect(pool.count('AdminUserGlobalSignOut')).toBe(1)
    expect((await call('alice', 'POST', '/admin/users/carol/enable')).status).toBe(204)
    expect(await carol()).toBe(true)
  })

  it.each([
    ['bob', 403, 'PERMISSION_DENIED'],
    ['dave', 403, 'PERMISSION_DENIED'],
    ['nobody', 401, 'TOKEN_MISSING'],
  ])('refuses %s everything, and asks AWS nothing', async (caller, status, code) => {
    const asked = pool.requests.filter(({ service }) => service === 'cognito-idp').length
    for (const [method, path] of [
      ['GET', '/admin/groups'],
      ['GET', '/admin/groups/Group1/members'],
      ...writes,
    ] as const) {
      const response = await call(caller, method, path)
      expect([method, path, response.status, await response.json()]).toMatchObject([method, path, status, { code }])
    }
    expect(pool.requests.filter(({ service }) => service === 'cognito-idp').length).toBe(asked)
  })

  it.each([
    ['PUT', '/admin/groups/Visitors/members/bob', 404, 'GROUP_UNKNOWN'],
    ['GET', '/admin/groups/Visitors/members', 404, 'GROUP_UNKNOWN'],
    ['GET', '/admin/groups/group1/members', 404, 'GROUP_UNKNOWN'],
    ['PUT', '/admin/groups/Group1/members/mallory', 404, 'NOT_FOUND'],
    ['DELETE', '/admin/groups/Group1/members/mallory', 404, 'NOT_FOUND'],
    ['POST', '/admin/users/mallory/disable', 404, 'NOT_FOUND'],
    ['POST', '/admin/users/mallory/enable', 404, 'NOT_FOUND'],
    ['PUT', '/admin/groups/Group1/members/two%20words', 400, 'REQUEST_INVALID'],
    ['GET', '/admin/groups/String/members?token=made-up', 400, 'REQUEST_INVALID'],
    ['DELETE', '/admin/groups/Group1/members/alice', 409, 'OWN_ACCOUNT'],
    ['DELETE', '/admin/groups/Group1/members/alice%40example.com', 409, 'OWN_ACCOUNT'],
    ['POST', '/admin/users/alice%40example.com/disable', 409, 'OWN_ACCOUNT'],
  ])('answers %s %s with %i', async (method, path, status, code) => {
    const response = await call('alice', method, path)
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    expect(await response.json()).toMatchObject({ status, code, title: expect.any(String) })
    expect(await may('alice')).toBe(200)
  })

  it.each([
    ['TooManyRequestsException', 503, 'BUSY'],
    ['AccessDeniedException', 502, 'POOL_UNAVAILABLE'],
  ])('says no more than that where AWS answers %s', async (error, status, code) => {
    pool.fail('ListGroups', { error, message: 'User: arn:aws:iam::123456789012:user/api is not authorized' })
    const response = await call('alice', 'GET', '/admin/groups')
    const text = await response.text()
    expect(response.status).toBe(status)
    expect(JSON.parse(text)).toMatchObject({ code })
    expect(text).not.toContain('arn:')
  })
})

it('has no route that nobody guards', () => {
  expect(() => assertGuarded(app)).not.toThrow()
  expect(app.routes.filter(({ method }) => method !== 'ALL').length).toBe(6)
})

async function reset(): Promise<void> {
  const extras = Array.from({ length: 69 }, (_, index) => [`user-${index}`, { groups: ['String'] }] as const)
  pool = await createLocalPool({
    groups: { Group1: { description: 'Administrators' }, String: {}, Visitors: {} },
    aliases: ['email'],
    users: {
      alice: { groups: ['Group1'], email: 'alice@example.com', email_verified: true },
      bob: { groups: ['String'] },
      carol: { groups: ['String'] },
      dave: {},
      ...Object.fromEntries(extras),
    },
  })
}

/** The status of a call that needs `admin_panel`, with a fresh token. */
async function may(username: string): Promise<number> {
  return (await call(username, 'GET', '/admin/groups')).status
}

async function call(caller: string, method: string, path: string) {
  const token = caller === 'nobody' ? undefined : (await pool.tokens(caller)).accessToken
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return miniflare.dispatchFetch(`https://app.test${path}`, { method, headers })
}

interface Members {
  readonly members: readonly { readonly username: string; readonly enabled: boolean }[]
  readonly next?: string
}

async function json(caller: string, method: string, path: string): Promise<Members> {
  return (await (await call(caller, method, path)).json()) as Members
}

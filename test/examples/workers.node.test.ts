import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../examples/playground/bundle.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

/** Caller, method, path, status, and what stands in the answer. */
type Row = readonly [string, string, string, number, object]

let pool: LocalPool

beforeAll(async () => {
  pool = await createLocalPool({
    groups: ['viewer', 'editor', 'Group1', 'String'],
    users: {
      alice: { groups: ['editor', 'Group1'] },
      bob: { groups: ['viewer', 'String'] },
      carol: {},
    },
  })
})

describe.each(examples())('%s in workerd, without the API of Node', (file, rows) => {
  let miniflare: Miniflare

  beforeAll(async () => {
    miniflare = new Miniflare(
      convertV4MiniflareOptions({
        cf: false,
        modules: true,
        script: await bundle(`examples/${file}`, ['workerd', 'worker']),
        compatibilityDate: '2026-08-03',
        compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
        bindings: { COGNITO_USER_POOL_ID: pool.settings.userPoolId, COGNITO_CLIENT_ID: pool.settings.clientId },
        outboundService: async ({ url, method, headers }) => {
          const response = await pool.fetch(new Request(url, { method, headers: [...headers] }))
          return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
        },
      }),
    )
    await miniflare.ready
  }, 60_000)

  afterAll(() => miniflare?.dispose())

  it.each(rows)('answers %s, %s %s, with %i', async (caller, method, path, status, body) => {
    const token = caller === 'nobody' ? undefined : (await pool.tokens(caller)).accessToken
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await miniflare.dispatchFetch(`https://app.test${path}`, { method, headers })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(body)
  })
})

function examples(): [string, readonly Row[]][] {
  return [
    [
      'worker.ts',
      [
        ['alice', 'GET', '/api/admin_panel', 200, { panel: 'All systems go.' }],
        ['alice', 'POST', '/api/update_data', 200, { updated: true }],
        ['alice', 'GET', '/api/view_data', 403, { code: 'PERMISSION_DENIED' }],
        ['bob', 'GET', '/api/admin_panel', 403, { code: 'PERMISSION_DENIED' }],
        ['bob', 'GET', '/api/view_data', 200, { data: [3, 1, 4, 1, 5] }],
        ['carol', 'GET', '/api/me', 200, { username: 'carol', groups: [] }],
        ['carol', 'GET', '/api/public', 403, { code: 'PERMISSION_DENIED' }],
        ['nobody', 'GET', '/api/me', 401, { code: 'TOKEN_MISSING' }],
        ['nobody', 'GET', '/api/protected', 401, { code: 'TOKEN_MISSING' }],
      ],
    ],
    [
      'plain-worker.ts',
      [
        ['alice', 'POST', '/', 200, { caller: 'alice' }],
        ['bob', 'GET', '/', 200, { caller: 'bob' }],
        ['bob', 'POST', '/', 403, { code: 'PERMISSION_DENIED' }],
        ['carol', 'GET', '/', 403, { code: 'PERMISSION_DENIED' }],
        ['nobody', 'GET', '/', 401, { code: 'TOKEN_MISSING' }],
      ],
    ],
  ]
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../scripts/lib/runtimes.mjs'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { type ExampleServer, startExample } from './example-server.ts'

let pool: LocalPool
let env: Record<string, string>

beforeAll(async () => {
  pool = await createLocalPool({
    groups: ['viewer', 'editor'],
    users: { alice: { groups: ['editor'] }, bob: { groups: ['viewer'] }, carol: {} },
  })
  const keys = await pool.fetch(new Request(`${pool.issuer}/.well-known/jwks.json`))
  env = {
    COGNITO_USER_POOL_ID: pool.settings.userPoolId,
    COGNITO_CLIENT_ID: pool.settings.clientId,
    COGNITO_JWKS: await keys.text(),
    ALLOW_TEST_KEYS: 'true',
  }
})

describe.each([
  ['bun.ts on Bun', [runtimes.bun, 'examples/bun.ts']],
  ['deno.ts on Deno', [runtimes.deno, 'run', '-A', 'examples/deno.ts']],
  ['node.ts on Node', [runtimes.node, 'examples/node.ts']],
] as const)('%s', (_, command) => {
  let server: ExampleServer

  beforeAll(async () => {
    server = await startExample(command, env)
  }, 60_000)

  afterAll(() => server?.stop())

  it.each([
    ['alice', 'GET', 200, { reader: 'alice' }],
    ['alice', 'POST', 200, { author: 'alice' }],
    ['bob', 'GET', 200, { reader: 'bob' }],
    ['bob', 'POST', 403, { code: 'PERMISSION_DENIED' }],
    ['carol', 'GET', 403, { code: 'PERMISSION_DENIED' }],
    ['nobody', 'GET', 401, { code: 'TOKEN_MISSING' }],
    ['nobody', 'POST', 401, { code: 'TOKEN_MISSING' }],
  ])('answers %s, %s, with %i', async (caller, method, status, body) => {
    const token = caller === 'nobody' ? undefined : (await pool.tokens(caller)).accessToken
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(new URL('/posts', server.url), { method, headers })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(body)
  })

  it('refuses an expired token', async () => {
    const { accessToken } = await pool.tokens('alice', { expiresIn: -60 })
    const headers = { authorization: `Bearer ${accessToken}` }
    const response = await fetch(new URL('/posts', server.url), { headers })
    expect([response.status, (await response.json()).code]).toEqual([401, 'TOKEN_EXPIRED'])
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { type APIGatewayProxyResult, handle as handleLambda } from 'hono/aws-lambda'
import { handle as handlePages } from 'hono/cloudflare-pages'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { honoGuard } from '../../adapters/hono/index.ts'
import { perEnv } from '../../adapters/workers/index.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, TestIssuer, type TestKey, userPoolId } from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.read'] } })
let key: TestKey
let token: string
let server: Server | undefined

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

afterEach(() => server?.close())

/** The same request, once more: its status, with a token or without. */
type Send = (authorization: string | undefined) => Promise<number>

const hosts: [string, (app: Hono) => Promise<Send>][] = [
  [
    '@hono/node-server',
    async (app) => {
      server = createServer(getRequestListener(app.fetch))
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      return async (authorization) => {
        const headers: Record<string, string> = authorization ? { authorization } : {}
        return (await fetch(`http://127.0.0.1:${port}/posts`, { headers })).status
      }
    },
  ],
  [
    'hono/cloudflare-pages',
    async (app) => {
      const onRequest = handlePages(app)
      return async (authorization) => {
        const request = new Request('https://app.example/posts', { headers: authorization ? { authorization } : {} })
        const context = { request, env: { ASSETS: {}, CF_PAGES: '1', POOL: userPoolId }, waitUntil() {} }
        return (await onRequest(context as never)).status
      }
    },
  ],
  [
    'hono/aws-lambda',
    async (app) => {
      const handler = handleLambda(app)
      return async (authorization) => {
        const requestContext = { http: { method: 'GET', path: '/posts' }, domainName: 'app.example' }
        const headers = { host: 'app.example', ...(authorization ? { authorization } : {}) }
        const event = { version: '2.0', rawPath: '/posts', rawQueryString: '', headers, requestContext }
        return ((await handler(event as never)) as APIGatewayProxyResult).statusCode
      }
    },
  ],
]

describe.each(hosts)('a guard for each env, on %s', (_name, start) => {
  it('is one guard: two requests cause one fetch of the keys', async () => {
    const issuer = new TestIssuer(key)
    const envs = new Set<unknown>()
    const guardOf = perEnv((env: { readonly POOL?: string }) =>
      createGuard({ ...issuer.settings, userPoolId: env.POOL ?? userPoolId, clientId, groups }),
    )
    const { permissionRequired } = honoGuard((c: Context) => {
      envs.add(c.env)
      return guardOf(c.env)
    })
    const send = await start(new Hono().get('/posts', permissionRequired('posts.read'), (c) => c.text('ok')))
    expect([await send(`Bearer ${token}`), await send(`Bearer ${token}`), await send(undefined)]).toEqual([
      200, 200, 401,
    ])
    expect(envs.size).toBe(3)
    expect(issuer.asked).toHaveLength(1)
  })
})

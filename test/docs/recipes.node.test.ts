import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasFrameworks, makeFolder, readBlocks, writeModules } from '../../scripts/lib/code-blocks.mjs'
import { root } from '../../scripts/lib/runtimes.mjs'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'

if (!hasFrameworks)
  console.log('skipped: the recipes on their frameworks, since docs/node_modules is not there (cd docs && npm ci)')

/** What answers a request in a recipe. */
type Answer = (request: Request) => Response | Promise<Response>

const [userPoolId, clientId] = ['eu-west-1_AbCdEfGhI', '1example23456789abcdefghij']
const nativeFetch = globalThis.fetch
let pool: LocalPool
let folder: string

beforeAll(async () => {
  folder = makeFolder()
  pool = await createLocalPool({
    userPoolId,
    clientId,
    groups: ['viewer', 'editor'],
    users: { alice: { groups: ['editor', 'viewer'] }, bob: { groups: ['viewer'] }, carol: {} },
  })
  vi.stubGlobal('fetch', pool.fetch)
  vi.stubEnv('COGNITO_USER_POOL_ID', userPoolId)
  vi.stubEnv('COGNITO_CLIENT_ID', clientId)
})

afterAll(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** The modules of a page as it prints them, by their names. */
async function load(page: string, file: string): Promise<Record<string, unknown>> {
  const { modules } = readBlocks(`${root}/docs/${page}.md`)
  writeModules(`${folder}/${page}`, modules)
  return import(/* @vite-ignore */ `${folder}/${page}/${file}`)
}

/** Sends what a recipe's server is asked over HTTP. */
function overHttp(port: number): Answer {
  return ({ url, method, headers }) =>
    nativeFetch(new URL(new URL(url).pathname, `http://127.0.0.1:${port}`), { method, headers })
}

const recipes: Record<string, () => Promise<{ answer: Answer; close?: () => unknown }>> = {
  'getting-started/hono': async () => {
    const { default: app } = (await load('getting-started/hono', 'app.ts')) as { default: { fetch: Answer } }
    return { answer: (request) => app.fetch(request) }
  },
  'recipes/express': async () => {
    const { app } = (await load('recipes/express', 'app.ts')) as {
      app: { listen(port: number): import('node:http').Server }
    }
    const server = app.listen(0)
    await new Promise((resolve) => server.once('listening', resolve))
    return { answer: overHttp((server.address() as AddressInfo).port), close: () => server.close() }
  },
  'recipes/fastify': async () => {
    const { app } = (await load('recipes/fastify', 'app.ts')) as {
      app: { listen(options: { port: number }): Promise<string>; close(): Promise<void> }
    }
    const address = await app.listen({ port: 0 })
    return { answer: overHttp(Number(new URL(address).port)), close: () => app.close() }
  },
  'recipes/nextjs': async () => {
    const { GET } = (await load('recipes/nextjs', 'app/api/posts/route.ts')) as { GET: Answer }
    type Route = (request: Request, context: { params: Promise<{ id: string }> }) => Promise<Response>
    const { PUT } = (await load('recipes/nextjs', 'app/api/posts/[id]/route.ts')) as { PUT: Route }
    const params = Promise.resolve({ id: '7' })
    return { answer: (request) => (request.method === 'GET' ? GET(request) : PUT(request, { params })) }
  },
  'recipes/sveltekit': async () => {
    type Handle = (input: {
      event: { request: Request; url: URL; locals: object }
      resolve: (event: { request: Request }) => Response | Promise<Response>
    }) => Promise<Response>
    const { handle } = (await load('recipes/sveltekit', 'src/hooks.server.ts')) as { handle: Handle }
    type Route = (event: { request: Request }) => Promise<Response>
    const routes = (await load('recipes/sveltekit', 'src/routes/api/posts/+server.ts')) as Record<'GET' | 'POST', Route>
    return {
      answer: (request) =>
        handle({
          event: { request, url: new URL(`/api${new URL(request.url).pathname}`, request.url), locals: {} },
          resolve: (event) => routes[request.method as 'GET' | 'POST'](event),
        }),
    }
  },
  'recipes/lambda': async () => {
    type Handler = (
      event: object,
      context: object,
    ) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>
    const { handler } = (await load('recipes/lambda', 'index.ts')) as { handler: Handler }
    return {
      answer: async ({ url, method, headers }) => {
        const { pathname, hostname } = new URL(url)
        const event = {
          ...{ version: '2.0', routeKey: '$default', rawPath: pathname, rawQueryString: '', isBase64Encoded: false },
          headers: Object.fromEntries(headers),
          requestContext: { domainName: hostname, http: { method, path: pathname } },
        }
        const { statusCode, headers: fields, body } = await handler(event, {})
        return new Response(body, { status: statusCode, headers: fields })
      },
    }
  },
  'recipes/zod-openapi': async () => {
    const { app } = (await load('recipes/zod-openapi', 'app.ts')) as { app: { fetch: Answer } }
    return { answer: (request) => app.fetch(request) }
  },
}

describe.runIf(hasFrameworks)('the recipes, as their pages print them', () => {
  it.each(Object.keys(recipes))('%s lets callers pass whose groups allow it, and refuses the others', async (name) => {
    const { answer, close } = await (recipes[name]?.() ?? Promise.reject(new Error(name)))
    const ask = async (caller: string | undefined, method: string) => {
      const headers: Record<string, string> =
        caller === undefined ? {} : { authorization: `Bearer ${(await pool.tokens(caller)).accessToken}` }
      return answer(new Request('http://app.test/posts', { method, headers }))
    }
    try {
      const read = await ask('bob', 'GET')
      expect([read.status, read.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('application/json'),
      ])
      const strange = await ask(undefined, 'GET')
      expect([strange.status, strange.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(strange.headers.get('content-type')).toContain('application/problem+json')
      expect(await strange.json()).toMatchObject({ code: 'TOKEN_MISSING', status: 401 })
      const denied = await ask('carol', 'GET')
      expect([denied.status, await denied.json()]).toMatchObject([403, { code: 'PERMISSION_DENIED' }])
      if (name === 'recipes/zod-openapi') return
      const write = name === 'recipes/nextjs' ? 'PUT' : 'POST'
      expect((await ask('alice', write)).status).toBe(200)
      expect((await ask('bob', write)).status).toBe(403)
    } finally {
      await close?.()
    }
  })

  it('OpenAPI: the document names the scheme and the refusals', async () => {
    const { answer } = (await recipes['recipes/zod-openapi']?.()) ?? {}
    const document = await (await answer?.(new Request('http://app.test/openapi.json')))?.json()
    expect(document.paths['/posts'].get.security).toEqual([{ cognito: [] }])
    expect(Object.keys(document.paths['/posts'].get.responses)).toEqual(['200', '401', '403'])
  })

  it('Next.js: the proxy lets verified callers pass only', async () => {
    const { proxy } = (await load('recipes/nextjs', 'proxy.ts')) as { proxy: Answer }
    const headers = { authorization: `Bearer ${(await pool.tokens('bob')).accessToken}` }
    const passed = await proxy(new Request('http://app.test/api/posts', { headers }))
    expect([passed.status, passed.headers.get('x-middleware-next')]).toEqual([200, '1'])
    expect((await proxy(new Request('http://app.test/api/posts'))).status).toBe(401)
  })
})

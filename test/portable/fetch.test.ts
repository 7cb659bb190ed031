import { beforeAll, describe, expect, it, vi } from 'vitest'
import { protect, protectAll } from '../../adapters/fetch.ts'
import { ConfigurationError, cookie, createGuard, defineGroups, ForbiddenError } from '../../src/index.ts'
import { accessClaims, bearerRequest, clientId, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.read', 'posts.write'] }, admin: { allow: ['admin_panel'] } })

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const guardOf = (options = {}) => createGuard({ ...new TestIssuer(key).settings, groups, ...options })
const hello = () => new Response('hello')

describe('protect', () => {
  it('hands on the caller and what the server passes', async () => {
    const handler = protect(guardOf(), 'posts.read', (_request, { principal }, server: { port: number }) =>
      Response.json([principal.username, server.port]),
    )
    expect(await (await handler(bearerRequest(token), { port: 80 })).json()).toEqual(['alice', 80])
  })

  it('refuses before the handler', async () => {
    const handler = vi.fn(hello)
    const guarded = protect(guardOf(), 'admin_panel', handler)
    expect((await guarded(bearerRequest(token))).status).toBe(403)
    expect((await guarded(new Request('https://app.example/'))).status).toBe(401)
    const machine = await sign(key, accessClaims({ sub: clientId, username: undefined }))
    expect((await guarded(bearerRequest(machine))).status).toBe(401)
    expect(handler).not.toHaveBeenCalled()
  })

  it('takes several functions, or none', async () => {
    const all = protect(guardOf(), { allOf: ['posts.read', 'posts.write'] }, hello)
    const any = protect(guardOf(), { anyOf: ['admin_panel', 'posts.write'] }, hello)
    const signedIn = protect(guardOf(), { allOf: [] }, hello)
    for (const handler of [all, any, signedIn]) expect((await handler(bearerRequest(token))).status).toBe(200)
    expect((await signedIn(new Request('https://app.example/'))).status).toBe(401)
  })

  it('names an unknown function: at once, or on the first request', async () => {
    expect(() => protect(guardOf(), 'posts.raed' as 'posts.read', hello)).toThrow(ConfigurationError)
    const handler = vi.fn(hello)
    const late = protect(() => guardOf(), 'posts.raed' as 'posts.read', handler)
    await expect(late(bearerRequest(token))).rejects.toThrow(ConfigurationError)
    expect(handler).not.toHaveBeenCalled()
  })

  it('waits for the resource, once a check, after authentication; its errors are of the app', async () => {
    const locks = defineGroups(
      { editor: { allow: [{ function: 'posts.edit', when: (_claims, { resource }) => resource !== 'locked' }] } },
      { functions: ['posts.edit', 'posts.drop'] },
    )
    const guard = createGuard({ ...new TestIssuer(key).settings, groups: locks })
    const edit = (resource: () => unknown) => [
      protect(guard, 'posts.edit', hello, { resource }),
      protect(guard, { anyOf: ['posts.drop', 'posts.edit'] }, hello, { resource }),
      protect(guard, { allOf: ['posts.edit'] }, hello, { resource }),
      protectAll(guard, { 'posts.edit': hello }, { resource })['posts.edit'],
    ]
    for (const [value, expected] of [
      ['locked', 403],
      ['open', 200],
    ] as const) {
      const resource = vi.fn(async () => value)
      const handlers = edit(resource)
      for (const handler of handlers) {
        expect((await handler(new Request('https://app.example/'))).status).toBe(401)
      }
      expect(resource).not.toHaveBeenCalled()
      for (const handler of handlers) expect((await handler(bearerRequest(token))).status).toBe(expected)
      expect(resource).toHaveBeenCalledTimes(handlers.length)
    }
    const thrown = new ForbiddenError('GROUP_REQUIRED')
    for (const handler of edit(() => Promise.reject(thrown))) {
      await expect(handler(bearerRequest(token))).rejects.toBe(thrown)
    }
  })

  it('answers a denial of its own guard in the handler, and nothing else', async () => {
    const guard = guardOf()
    const denied = protect(guard, 'posts.read', (request, { principal }) => {
      guard.authorize(principal, 'admin_panel', { request })
      return hello()
    })
    expect((await denied(bearerRequest(token))).status).toBe(403)
    const broken = protect(guard, 'posts.read', () => {
      throw new Error('mine')
    })
    await expect(broken(bearerRequest(token))).rejects.toThrow('mine')
  })

  it('lets the app word a refusal', async () => {
    const handler = protect(guardOf(), 'admin_panel', hello, {
      onRefusal: (error, { request }) =>
        new Response(`${error.code} at ${request.url}`, {
          status: 200,
          headers: { 'cache-control': 'public', 'x-own': '1' },
        }),
    })
    const response = await handler(bearerRequest(token))
    expect(await response.text()).toBe('FUNCTION_DENIED at https://app.example/posts')
    expect([response.status, response.headers.get('cache-control'), response.headers.get('x-own')]).toEqual([
      403,
      'no-store',
      '1',
    ])
  })

  it('admits machines where asked', async () => {
    const machine = await sign(key, accessClaims({ sub: clientId, username: undefined }))
    const handler = protect(
      guardOf({ groupsOf: () => ['editor'] }),
      'posts.read',
      (_request, { principal }) => new Response(principal.kind),
      { clients: true },
    )
    expect(await (await handler(bearerRequest(machine))).text()).toBe('client')
  })
})

describe('protectAll', () => {
  it('guards each handler by the function of its name', async () => {
    const api = protectAll(guardOf(), {
      'posts.read': (_request, { principal }) => new Response(principal.username),
      admin_panel: () => new Response('panel'),
    })
    expect(Object.keys(api)).toEqual(['posts.read', 'admin_panel'])
    expect(await (await api['posts.read'](bearerRequest(token))).text()).toBe('alice')
    expect((await api.admin_panel(bearerRequest(token))).status).toBe(403)
  })

  it('names an unknown function', () => {
    expect(() => protectAll(guardOf(), { 'posts.raed': hello } as never)).toThrow(ConfigurationError)
  })

  it('holds cookies to the strict rules on any method', async () => {
    const guard = guardOf({ tokenFrom: cookie('token_cookie') })
    const api = protectAll(guard, { 'posts.read': hello })
    const request = (headers: Record<string, string>) =>
      ({
        method: 'GET',
        url: 'https://app.example/',
        headers: new Headers({ cookie: `token_cookie=${token}`, ...headers }),
      }) as Request
    expect((await api['posts.read'](request({}))).status).toBe(403)
    expect((await api['posts.read'](request({ 'sec-fetch-site': 'same-origin' }))).status).toBe(200)
    expect((await protect(guard, 'posts.read', hello)(request({}))).status).toBe(200)
  })
})

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { protect, protectAll } from '../../../adapters/fetch/index.ts'
import { ConfigurationError, cookie, createGuard, defineGroups, ForbiddenError } from '../../../src/index.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  sign,
  TestIssuer,
  type TestKey,
} from '../../support/issuer.ts'

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

  it('takes several permissions, or none', async () => {
    const all = protect(guardOf(), { allOf: ['posts.read', 'posts.write'] }, hello)
    const any = protect(guardOf(), { anyOf: ['admin_panel', 'posts.write'] }, hello)
    const signedIn = protect(guardOf(), { allOf: [] }, hello)
    for (const handler of [all, any, signedIn]) expect((await handler(bearerRequest(token))).status).toBe(200)
    expect((await signedIn(new Request('https://app.example/'))).status).toBe(401)
  })

  it('names an unknown permission: at once, or on the first request', async () => {
    expect(() => protect(guardOf(), 'posts.raed' as 'posts.read', hello)).toThrow(ConfigurationError)
    const handler = vi.fn(hello)
    const late = protect(() => guardOf(), 'posts.raed' as 'posts.read', handler)
    await expect(late(bearerRequest(token))).rejects.toThrow(ConfigurationError)
    expect(handler).not.toHaveBeenCalled()
  })

  it("waits for the resource, once a check, after authentication; its errors are the app's", async () => {
    const locks = defineGroups(
      { editor: { allow: [{ permission: 'posts.edit', when: (_claims, { resource }) => resource !== 'locked' }] } },
      { permissions: ['posts.edit', 'posts.drop'] },
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
    expect(await response.text()).toBe('PERMISSION_DENIED at https://app.example/posts')
    expect([response.status, response.headers.get('cache-control'), response.headers.get('x-own')]).toEqual([
      403,
      'no-store',
      '1',
    ])
  })

  it('answers preflights where asked, before the guard, and hands on no other request', async () => {
    const handler = vi.fn(hello)
    const preflight = vi.fn(() => new Response(null, { status: 204 }))
    const guarded = protect(guardOf(), 'posts.read', handler, { preflight })
    const preflightHeaders = { origin: 'https://page.example', 'access-control-request-method': 'GET' }
    for (const [method, headers, expected] of [
      ['OPTIONS', preflightHeaders, 204],
      ['OPTIONS', { ...preflightHeaders, authorization: `Bearer ${token}` }, 204],
      ['OPTIONS', { origin: 'https://page.example' }, 401],
      ['OPTIONS', { 'access-control-request-method': 'GET' }, 401],
      ['GET', preflightHeaders, 401],
      ['POST', preflightHeaders, 401],
    ] as const) {
      // `origin` is a name that browsers keep to themselves.
      const request = { method, url: 'https://app.example/', headers: new Headers(headers) } as Request
      expect((await guarded(request)).status, `${method} ${JSON.stringify(headers)}`).toBe(expected)
      expect((await protect(guardOf(), 'posts.read', handler)(request)).status).toBe(
        'authorization' in headers ? 200 : 401,
      )
    }
    expect(preflight).toHaveBeenCalledTimes(2)
  })

  it('refuses options and requirements that it does not know', () => {
    for (const [options, message] of [
      [{ ressource: () => 1 }, /protect: unknown option "ressource"; did you mean "resource"\?/],
      [{ navigations: true }, /only `protectAll` needs it/],
      [[], /expected an object with options/],
    ] as const) {
      expect(() => protect(guardOf(), 'posts.read', hello, options as object)).toThrow(message)
    }
    const requirements: readonly unknown[] = [
      { anyof: ['posts.read'] },
      { anyOf: ['posts.read'], allOf: ['admin_panel'] },
      { anyOf: 'posts.read' },
      ['posts.read'],
      {},
      undefined,
      null,
    ]
    for (const requirement of requirements) {
      expect(() => protect(guardOf(), requirement as 'posts.read', hello)).toThrow(ConfigurationError)
    }
    expect(() => protect(Promise.resolve(guardOf()) as never, 'posts.read' as never, hello)).toThrow(
      /not a promise of it/,
    )
  })

  it('says what is missing', () => {
    const guard = guardOf()
    const incomplete: [() => unknown, string][] = [
      [() => protect(undefined as never, 'posts.read' as never, hello), 'protect: expected what createGuard returned'],
      [() => protect(guard, undefined as never, hello), 'protect: expected an object with options.'],
      [() => protect(guard, 'posts.read', undefined as never), 'protect: expected a handler.'],
      [() => protectAll(guard, undefined as never), 'protectAll: expected an object of handlers.'],
      [() => protectAll(guard, hello as never), 'protectAll: expected an object of handlers.'],
      [() => protectAll(guard, { 'posts.read': undefined as never }), 'protectAll: expected a handler.'],
      [
        () => protectAll(guard, { 'posts.raed': hello } as never),
        'protectAll: unknown permission "posts.raed"; did you mean "posts.read"?',
      ],
    ]
    for (const [define, message] of incomplete) {
      expect(define).toThrow(ConfigurationError)
      expect(define).toThrow(message)
    }
  })

  it("checks a guard's names once", async () => {
    const guard = guardOf()
    const knows = vi.spyOn(guard.adapter, 'knowsPermission')
    const handler = protect(() => guard, 'posts.read', hello)
    for (let turn = 0; turn < 3; turn++) expect((await handler(bearerRequest(token))).status).toBe(200)
    expect(knows).toHaveBeenCalledTimes(1)
  })

  it('takes the waitUntil of the platform where the server passes one', async () => {
    const waited: Promise<unknown>[] = []
    const context = { waitUntil: (work: Promise<unknown>) => void waited.push(work) }
    const tell = () => ({ ...new TestIssuer(key).settings, groups, onEvent: async () => {} })
    const handler = protect(createGuard(tell()), 'posts.read', (_request, _caller, ..._rest: unknown[]) => hello())
    for (const rest of [[], [{}, context], [null, 7, context], [{ waitUntil: 'no function' }]]) {
      expect((await handler(bearerRequest(token), ...rest)).status).toBe(200)
    }
    expect(waited.length).toBe(4)
  })

  it('tells `onEvent` of each refusal once, and of those that it raises itself', async () => {
    const events: string[] = []
    const guard = guardOf({
      onEvent: (event: { type: string; code?: string }) => void events.push(`${event.type} ${event.code ?? ''}`.trim()),
    })
    const told = async (request: Request, requirement: 'posts.read' | 'admin_panel') => {
      events.length = 0
      await protect(guard, requirement, hello)(request)
      return events.join(', ')
    }
    const machine = await sign(key, accessClaims({ sub: clientId, username: undefined }))
    expect(await told(bearerRequest(token), 'posts.read')).toBe('authenticated, authorized')
    expect(await told(bearerRequest(token), 'admin_panel')).toBe('authenticated, denied')
    expect(await told(bearerRequest(machine), 'posts.read')).toBe('authenticated, refused USER_REQUIRED')
    expect(await told(new Request('https://app.example/'), 'posts.read')).toBe('refused TOKEN_MISSING')
  })

  it('passes on `Vary: Cookie`, on streamed and on immutable answers and on redirected refusals too', async () => {
    const guard = guardOf({ tokenSource: cookie('token') })
    const cookies = new Headers({ cookie: `token=${token}` })
    const asked = (headers: Headers) => ({ method: 'GET', url: 'https://app.example/', headers }) as Request
    const streamed = () => new Response(new Blob(['streamed']).stream(), { headers: { vary: 'Origin' } })
    const away = () => Response.redirect('https://app.example/elsewhere', 303)
    for (const [handler, headers, status, vary] of [
      [streamed, cookies, 200, 'Origin, Cookie'],
      [away, cookies, 303, 'Cookie'],
      [hello, new Headers(), 302, 'Cookie'],
    ] as const) {
      const onRefusal = () => Response.redirect('https://app.example/login', 302)
      const answer = await protect(guard, 'posts.read', handler, { onRefusal })(asked(headers))
      expect([answer.status, answer.headers.get('vary')]).toEqual([status, vary])
      if (handler === streamed) expect(await answer.text()).toBe('streamed')
    }
  })

  it('admits machines where asked', async () => {
    const machine = await sign(key, accessClaims({ sub: clientId, username: undefined }))
    const handler = protect(
      guardOf({ resolveGroups: () => ['editor'] }),
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
    const guard = guardOf({ tokenSource: cookie('token_cookie') })
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

  it('admits navigations with a cookie where asked to, and nothing else from other sites', async () => {
    const guard = guardOf({ tokenSource: cookie('token_cookie') })
    const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const ask = async (options: object, method: string, headers: Record<string, string>) => {
      const all = new Headers({ cookie: `token_cookie=${token}`, ...headers })
      const request = { method, url: 'https://app.example/', headers: all } as Request
      return (await protectAll(guard, { 'posts.read': hello }, options)['posts.read'](request)).status
    }
    const asked = { navigations: true }
    expect(await ask({}, 'GET', navigation)).toBe(403)
    expect(await ask({ navigations: 1 }, 'GET', navigation)).toBe(403)
    expect(await ask(asked, 'GET', navigation)).toBe(200)
    expect(await ask(asked, 'GET', { ...navigation, 'sec-fetch-dest': 'iframe' })).toBe(403)
    expect(await ask(asked, 'GET', { ...navigation, 'sec-fetch-mode': 'no-cors' })).toBe(403)
    expect(await ask(asked, 'GET', { ...navigation, upgrade: 'websocket' })).toBe(403)
    expect(await ask(asked, 'GET', { 'sec-fetch-site': 'cross-site' })).toBe(403)
    for (const method of ['POST', 'HEAD', 'DELETE']) expect(await ask(asked, method, navigation)).toBe(403)
  })

  it('refuses options that it does not know', () => {
    expect(() => protectAll(guardOf(), { 'posts.read': hello }, { navigation: true } as object)).toThrow(
      /"navigations"/,
    )
  })
})

describe('what is given', () => {
  it('has no say after it: a redirected refusal is not stored, whatever it says', async () => {
    const onRefusal = () =>
      new Response(null, { status: 303, headers: { location: '/login', 'cache-control': 'public, max-age=60' } })
    const { headers } = await protect(guardOf(), 'posts.read', hello, { onRefusal })(
      new Request('https://app.example/'),
    )
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
  })

  it('as null in place of a replacement leaves the refusal', async () => {
    const onRefusal = (() => null) as unknown as () => undefined
    const answer = await protect(guardOf(), 'posts.read', hello, { onRefusal })(new Request('https://app.example/'))
    expect(answer.status).toBe(401)
  })

  it.each(['allOf', 'anyOf'] as const)('as %s is copied', async (form) => {
    const names: 'admin_panel'[] = ['admin_panel']
    const changed = { [form]: names } as { allOf: ('posts.read' | 'admin_panel')[] }
    const handler = protect(guardOf(), changed, hello)
    changed[form as 'allOf'] = []
    names.length = 0
    changed[form as 'allOf'] = ['posts.read']
    expect((await handler(bearerRequest(token))).status).toBe(403)
  })
})

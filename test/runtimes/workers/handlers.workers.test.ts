import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { perEnv, withGuard } from '../../../adapters/workers/index.ts'
import { createGuard, defineGroups, type ForbiddenError, type GuardOptions, type KeyStore } from '../../../src/index.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  sign,
  TestIssuer,
  type TestKey,
} from '../../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.write'] }, admin: { allow: ['posts.purge'] } })
const url = 'https://app.example/'

let key: TestKey
let token: string
let machine: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
  machine = await sign(key, accessClaims({ sub: clientId, username: undefined, 'cognito:groups': undefined }))
})

const guardOf = () => createGuard({ ...new TestIssuer(key).settings, groups })
const ctx = createExecutionContext

describe('withGuard', () => {
  it('hands on the request, the env, the context and the caller', async () => {
    const guard = guardOf()
    const env = { region: 'eu-west-1' }
    const own = ctx()
    const request = bearerRequest(token)
    const handler = vi.fn(() => new Response('ok', { headers: { 'cache-control': 'public' } }))
    const response = await withGuard((_env: typeof env) => guard, handler)(request, env, own)
    expect(handler.mock.calls).toEqual([
      [request, env, own, expect.objectContaining({ kind: 'user', username: 'alice' })],
    ])
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'public'])
  })

  it.each<[string, () => Request, number, string, string | null]>([
    ['no token', () => new Request(url), 401, 'TOKEN_MISSING', 'Bearer'],
    [
      'a token that is none',
      () => bearerRequest('none'),
      401,
      'TOKEN_MALFORMED',
      'Bearer error="invalid_token", error_description="Token malformed."',
    ],
    [
      "a machine's token",
      () => bearerRequest(machine),
      401,
      'USER_REQUIRED',
      'Bearer error="invalid_token", error_description="User required."',
    ],
    ['no token, by HEAD', () => new Request(url, { method: 'HEAD' }), 401, '', 'Bearer'],
    ['no token, by OPTIONS', () => new Request(url, { method: 'OPTIONS' }), 401, 'TOKEN_MISSING', 'Bearer'],
    [
      'no token, for a WebSocket',
      () => new Request(url, { headers: { upgrade: 'websocket' } }),
      401,
      'TOKEN_MISSING',
      'Bearer',
    ],
  ])('refuses %s before the handler', async (_name, request, status, code, challenge) => {
    const guard = guardOf()
    const handler = vi.fn(() => new Response('secret'))
    const response = await withGuard(() => guard, handler)(request(), {}, ctx())
    expect(handler).not.toHaveBeenCalled()
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain(code)
  })

  it('answers 503 while the keys cannot be had', async () => {
    const issuer = new TestIssuer(key)
    issuer.respond = () => new Response(null, { status: 500 })
    const guard = createGuard({ ...issuer.settings, groups })
    const response = await withGuard(
      () => guard,
      () => new Response('secret'),
    )(bearerRequest(token), {}, ctx())
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10'])
  })

  it('admits machines where asked', async () => {
    const guard = guardOf()
    const fetch = withGuard(
      () => guard,
      (_request, _env: object, _ctx, { kind }) => new Response(kind),
      { clients: true },
    )
    expect(await (await fetch(bearerRequest(machine), {}, ctx())).text()).toBe('client')
    expect(await (await fetch(bearerRequest(token), {}, ctx())).text()).toBe('user')
  })

  it('answers 403 to a denial of its own guard only; whatever else is thrown propagates', async () => {
    const guard = guardOf()
    const other = guardOf()
    const stranger = await other.verify(token)
    const denial = (() => {
      try {
        other.authorize(stranger, 'posts.purge')
      } catch (error) {
        return error as ForbiddenError
      }
    })()
    expect(denial?.code).toBe('PERMISSION_DENIED')
    const own = withGuard(
      () => guard,
      (request, _env: object, _ctx, principal) => {
        guard.authorize(principal, 'posts.purge', { request })
        return new Response('purged')
      },
    )
    expect((await own(bearerRequest(token), {}, ctx())).status).toBe(403)
    for (const error of [new Error('mine'), denial, 'text', undefined]) {
      const failing = withGuard(
        () => guard,
        () => Promise.reject(error),
      )
      const outcome = await failing(bearerRequest(token), {}, ctx()).then(
        () => 'answered',
        (reason: unknown) => [reason],
      )
      expect(outcome).toEqual([error])
    }
  })

  it("lets the app word a refusal, in the handler's guard too, while status and header fields stay", async () => {
    const guard = guardOf()
    const onRefusal = vi.fn(
      (error: { code: string }, { env }: { env: { name: string } }) =>
        new Response(`${error.code} in ${env.name}`, {
          status: 200,
          headers: { 'cache-control': 'public', 'www-authenticate': 'Basic' },
        }),
    )
    const fetch = withGuard(
      (_env: { name: string }) => guard,
      (request, _env, _ctx, principal) => {
        guard.authorize(principal, 'posts.purge', { request })
        return new Response('purged')
      },
      { onRefusal },
    )
    for (const [request, status, code, challenge] of [
      [new Request(url), 401, 'TOKEN_MISSING', 'Bearer'],
      [bearerRequest(token), 403, 'PERMISSION_DENIED', null],
    ] as const) {
      const response = await fetch(request, { name: 'test' }, ctx())
      expect([
        response.status,
        response.headers.get('cache-control'),
        response.headers.get('www-authenticate'),
      ]).toEqual([status, 'no-store', challenge])
      expect(await response.text()).toBe(`${code} in test`)
      expect(onRefusal).toHaveBeenLastCalledWith(expect.objectContaining({ code }), { request, env: { name: 'test' } })
    }
  })

  it('keeps the words of the guard where the app has none', async () => {
    const guard = guardOf()
    const fetch = withGuard(
      () => guard,
      () => new Response('secret'),
      { onRefusal: () => undefined },
    )
    expect((await fetch(new Request(url), {}, ctx())).headers.get('content-type')).toBe('application/problem+json')
  })

  it('gives writes of a key store to the context, and does not wait for them', async () => {
    const entries: unknown[] = []
    let write = () => {}
    const keyStore: KeyStore = {
      get: async () => undefined,
      put: async (_issuer, entry) => {
        await new Promise<void>((resolve) => (write = resolve))
        entries.push(entry)
      },
    }
    const guard = createGuard({ ...new TestIssuer(key).settings, keyStore })
    const own = ctx()
    const response = await withGuard(
      () => guard,
      () => new Response('ok'),
    )(bearerRequest(token), {}, own)
    expect([response.status, entries.length]).toEqual([200, 0])
    setTimeout(() => write(), 50)
    await waitOnExecutionContext(own)
    expect(entries).toMatchObject([{ keys: [{ kid: 'key-1' }] }])
  })

  it('opens a WebSocket with the cookies that the token source left', async () => {
    const options: GuardOptions<string, string, 'access'> = {
      ...new TestIssuer(key).settings,
      tokenSource: (request, { setCookies }) => {
        setCookies(['session=renewed; Path=/; HttpOnly'])
        return request.headers.get('x-token') ?? undefined
      },
    }
    const guard = createGuard(options)
    const fetch = withGuard(
      () => guard,
      (_request, _env: object, _ctx, { username }) => {
        const { 0: client, 1: server } = new WebSocketPair()
        server.accept()
        server.addEventListener('message', ({ data }) => server.send(`${username}: ${data}`))
        return new Response(null, { status: 101, webSocket: client })
      },
    )
    const response = await fetch(new Request(url, { headers: { upgrade: 'websocket', 'x-token': token } }), {}, ctx())
    expect([response.status, response.headers.getSetCookie()]).toEqual([101, ['session=renewed; Path=/; HttpOnly']])
    const socket = response.webSocket!
    const message = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)))
    socket.accept()
    socket.send('hello')
    expect(await message).toBe('alice: hello')
    socket.close()
  })
})

describe('the options of withGuard', () => {
  const preflightHeaders = { origin: 'https://page.example', 'access-control-request-method': 'GET' }
  const preflight = (_request: Request, env: { readonly page: string }) =>
    new Response(null, { status: 204, headers: { 'access-control-allow-origin': env.page } })

  it('answer a preflight, which never reaches the guard or the handler', async () => {
    const handler = vi.fn(() => new Response('secret'))
    const guardOfEnv = vi.fn((_env: { readonly page: string }) => guardOf())
    const env = { page: 'https://page.example' }
    const fetch = withGuard(guardOfEnv, handler, { preflight })
    for (const authorization of ['', `Bearer ${token}`]) {
      const asked = new Request(url, { method: 'OPTIONS', headers: { ...preflightHeaders, authorization } })
      const answer = await fetch(asked, env, ctx())
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, env.page])
    }
    const others: [string, Record<string, string>][] = [
      ['OPTIONS', {}],
      ['OPTIONS', { origin: 'https://page.example' }],
      ['OPTIONS', { 'access-control-request-method': 'GET' }],
      ['GET', preflightHeaders],
      ['POST', preflightHeaders],
    ]
    for (const [method, headers] of others) {
      expect((await fetch(new Request(url, { method, headers }), env, ctx())).status).toBe(401)
    }
    expect(handler).not.toHaveBeenCalled()
  })

  it('redirect a refusal by 302 and 303 only', async () => {
    for (const [status, sent] of [
      [302, 302],
      [303, 303],
      [307, 401],
    ] as const) {
      const onRefusal = async () => new Response(null, { status, headers: { location: '/login' } })
      const answer = await withGuard(guardOf, () => new Response('secret'), { onRefusal })(new Request(url), {}, ctx())
      expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
        sent,
        '/login',
        'no-store',
      ])
      expect(answer.headers.get('www-authenticate')).toBe(sent === 401 ? 'Bearer' : null)
    }
  })

  it('are known by name, and the guard is none of a promise', async () => {
    const handler = () => new Response('secret')
    expect(() => withGuard(guardOf, handler, { onRefused: () => undefined } as object)).toThrow(/"onRefusal"/)
    const late = withGuard((async () => guardOf()) as never, handler)
    await expect(late(new Request(url), {}, ctx())).rejects.toThrow(/not a promise of it/)
  })
})

describe('perEnv', () => {
  interface Settings {
    readonly name?: string | undefined
    readonly KV?: object
    readonly request?: object
  }

  it('creates one thing for all envs whose members are the same, as far as they were read', () => {
    const kv = {}
    const create = vi.fn((env: Settings) => ({ of: env.name, kv: env.KV }))
    const of = perEnv(create)
    const first = of({ name: 'first', KV: kv, request: {} })
    expect(of({ name: 'first', KV: kv, request: {} })).toBe(first)
    expect(of({ KV: kv, name: 'first' })).toBe(first)
    expect(create).toHaveBeenCalledTimes(1)
    for (const other of [{ name: 'second', KV: kv }, { name: 'first', KV: {} }, { name: 'first' }, { KV: kv }, {}]) {
      expect(of(other)).toEqual({
        of: 'name' in other ? other.name : undefined,
        kv: 'KV' in other ? other.KV : undefined,
      })
    }
    expect(create).toHaveBeenCalledTimes(6)
    expect(of({ name: 'first', KV: kv })).toBe(first)
  })

  it.each<[string, (env: Settings) => unknown, Settings, Settings, boolean]>([
    ['nothing is read', () => 1, { name: 'a' }, { name: 'b' }, true],
    ['a member is NaN', (env) => env.KV, { KV: Object(Number.NaN) }, { KV: Object(Number.NaN) }, false],
    ['a member is asked for', (env) => 'name' in env, { name: 'a' }, { name: 'a' }, true],
    ['a member that is undefined is asked for', (env) => 'name' in env, { name: undefined }, {}, false],
    ['a member is inherited', (env) => env.name, Object.create({ name: 'a' }), { name: 'a' }, true],
    ['all are read by a spread', (env) => ({ ...env }), { name: 'a' }, { name: 'a' }, false],
    ['all names are read', (env) => Object.keys(env), { name: 'a' }, { name: 'a' }, false],
    ['a member is looked at', (env) => Object.hasOwn(env, 'name'), { name: 'a' }, { name: 'a' }, false],
    ['others are read later', (env) => () => env.name, { name: 'a' }, { name: 'b' }, true],
  ])('tells whether two envs are alike where %s', (_name, create, one, other, alike) => {
    const spy = vi.fn((env: Settings) => [create(env)])
    const of = perEnv(spy)
    const made = of(one)
    expect(of(one)).toBe(made)
    expect(of(other) === made).toBe(alike)
    expect(spy).toHaveBeenCalledTimes(alike ? 1 : 2)
  })

  it('hands over bindings as they are, and does without an env', () => {
    class Binding {
      #secret = 'kept'
      get() {
        return this.#secret
      }
    }
    const of = perEnv((env: { readonly KV: Binding }) => env.KV.get())
    expect(of(Object.freeze({ KV: new Binding() }))).toBe('kept')
    const create = vi.fn(() => 'made')
    const ofNothing = perEnv(create)
    expect([ofNothing(undefined as never), ofNothing(undefined as never)]).toEqual(['made', 'made'])
    expect(create).toHaveBeenCalledTimes(1)
  })

  it('refuses a promise', () => {
    for (const promise of [Promise.resolve(1), Promise.reject(new Error('no')), { then: () => {} }]) {
      expect(() => perEnv(() => promise)({})).toThrow(/returns no promise/)
    }
  })

  it('keeps a hundred at most', () => {
    const create = vi.fn((env: { readonly of: number }) => env.of)
    const of = perEnv(create)
    for (let at = 0; at <= 100; at++) of({ of: at })
    of({ of: 1 })
    expect(create).toHaveBeenCalledTimes(101)
    of({ of: 0 })
    expect(create).toHaveBeenCalledTimes(102)
  })

  it('remembers what is nothing, and not what was thrown', () => {
    const env = {}
    const nothing = vi.fn(() => undefined)
    const ofNothing = perEnv(nothing)
    ofNothing(env)
    ofNothing(env)
    expect(nothing).toHaveBeenCalledTimes(1)
    let turn = 0
    const of = perEnv(() => {
      if (turn++ === 0) throw new Error('not yet')
      return turn
    })
    expect(() => of(env)).toThrow('not yet')
    expect([of(env), of(env)]).toEqual([2, 2])
  })

  it('lets a wrong setting fail every request, and answers none of them', async () => {
    const of = perEnv((env: { pool: string }) => createGuard({ userPoolId: env.pool, clientId }))
    const handler = vi.fn(() => new Response('secret'))
    const fetch = withGuard(of, handler)
    for (let turn = 0; turn < 2; turn++) {
      await expect(fetch(bearerRequest(token), { pool: 'nonsense' }, ctx())).rejects.toMatchObject({
        code: 'CONFIGURATION',
      })
    }
    expect(handler).not.toHaveBeenCalled()
  })
})

it('perEnv tells envs apart that answer to `get` alone', () => {
  const envOf = (name: string) => new Proxy<{ NAME?: string }>({}, { get: () => name })
  const nameOf = perEnv(({ NAME }: { NAME?: string }) => `${NAME}`)
  expect([nameOf(envOf('a')), nameOf(envOf('b'))]).toEqual(['a', 'b'])
})

import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { streamText } from 'hono/streaming'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type GuardEnv, honoGuard } from '../../../adapters/hono/index.ts'
import {
  AuthenticationError,
  ConfigurationError,
  cookie,
  createGuard,
  defineGroups,
  ForbiddenError,
  type GuardOptions,
} from '../../../src/index.ts'
import { inBrowser } from '../../support/browser.ts'
import { accessClaims, clientId, createKey, sign, TestIssuer, type TestKey } from '../../support/issuer.ts'

const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'] },
    admin: { allow: ['*'] },
  },
  { permissions: ['posts.read', 'posts.write', 'posts.purge'] },
)

let key: TestKey
let token: string
let machine: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
  machine = await sign(
    key,
    accessClaims({ sub: clientId, username: undefined, 'cognito:groups': undefined, scope: 'posts/read' }),
  )
})

const guardOf = () => createGuard({ ...new TestIssuer(key).settings, groups })
const headers = (jwt = token) => ({ headers: { authorization: `Bearer ${jwt}` } })
interface App {
  request(path: string, init?: RequestInit): Response | Promise<Response>
}
const status = async (app: App, path: string, init?: RequestInit) => (await app.request(path, init)).status

describe('loginCheck', () => {
  it('sets the principal', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const app = new Hono<GuardEnv>().use(loginCheck()).get('/me', (c) => c.json(c.var.principal))
    const response = await app.request('/me', headers())
    expect(response.status).toBe(200)
    const body = await response.text()
    expect(body).toContain('"username":"alice"')
    expect(body).not.toContain(token)
    expect(response.headers.get('cache-control')).toBeNull()
  })

  it('answers as the guard does, and nothing of the handler runs', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const handler = vi.fn((c: Context) => c.text('secret'))
    const app = new Hono().use(loginCheck()).all('/me', handler)
    const response = await app.request('/me?x=1')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toEqual({
      title: 'Token missing.',
      status: 401,
      code: 'TOKEN_MISSING',
      instance: '/me',
    })
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'PROPFIND']) expect(await status(app, '/me', { method })).toBe(401)
    expect(handler).not.toHaveBeenCalled()
  })

  it('optional lets an absent token pass, and no other', async () => {
    const { loginCheck, permissionRequired } = honoGuard(guardOf())
    const app = new Hono()
      .get('/', loginCheck({ optional: true }), (c) => c.text(c.var.principal?.username ?? 'nobody'))
      .get('/posts', loginCheck({ optional: true }), permissionRequired('posts.read'), (c) => c.text('posts'))
    expect(await (await app.request('/')).text()).toBe('nobody')
    expect(await (await app.request('/', headers())).text()).toBe('alice')
    expect(await status(app, '/', { headers: { authorization: 'Bearer junk' } })).toBe(401)
    expect(await status(app, '/', { headers: { authorization: 'Basic x' } })).toBe(401)
    expect(await status(app, '/posts')).toBe(401)
    const issuer = new TestIssuer(key)
    issuer.respond = () => new Response(null, { status: 500 })
    const dark = new Hono().get('/', honoGuard(createGuard(issuer.settings)).loginCheck({ optional: true }), (c) =>
      c.text(''),
    )
    expect(await status(dark, '/', headers())).toBe(503)
    expect(await status(dark, '/')).toBe(200)
  })

  it('admits users only, unless clients are asked for', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const app = new Hono()
      .get('/users', loginCheck(), (c) => c.text(c.var.principal.username))
      .get('/all', loginCheck({ clients: true }), (c) => c.text(c.var.principal.kind))
    expect(await status(app, '/users', headers(machine))).toBe(401)
    expect(await (await app.request('/all', headers(machine))).text()).toBe('client')
    expect(await (await app.request('/all', headers())).text()).toBe('user')
  })
})

describe('permissionRequired', () => {
  const app = () => {
    const { permissionRequired } = honoGuard(guardOf())
    return new Hono()
      .get('/read', permissionRequired('posts.read'), (c) => c.text(c.var.principal.username))
      .get('/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))
      .get('/any', permissionRequired({ anyOf: ['posts.purge', 'posts.write'] }), (c) => c.text('any'))
      .get('/none', permissionRequired({ anyOf: ['posts.purge'] }), (c) => c.text('none'))
      .get('/all', permissionRequired({ allOf: ['posts.read', 'posts.write'] }), (c) => c.text('all'))
      .get('/too-much', permissionRequired({ allOf: ['posts.read', 'posts.purge'] }), (c) => c.text('too much'))
      .get('/posts/:id', permissionRequired('posts.read'), (c) => c.text(c.req.param('id')))
  }

  it.each([
    ['/read', 200],
    ['/purge', 403],
    ['/any', 200],
    ['/none', 403],
    ['/all', 200],
    ['/too-much', 403],
    ['/posts/7', 200],
  ])('%s is %d', async (path, expected) => {
    expect(await status(app(), path, headers())).toBe(expected)
    expect(await status(app(), path)).toBe(401)
  })

  it('guards HEAD like GET, and keeps parameters', async () => {
    expect(await status(app(), '/purge', { method: 'HEAD', ...headers() })).toBe(403)
    expect(await (await app().request('/posts/7', headers())).text()).toBe('7')
  })

  it('does not trust a principal that somebody set', async () => {
    const { permissionRequired } = honoGuard(guardOf())
    const forged = new Hono<{ Variables: { principal: unknown } }>()
      .use(async (c, next) => {
        c.set('principal', { kind: 'user', username: 'mallory', groups: ['admin'] })
        await next()
      })
      .get('/', permissionRequired('posts.read'), (c) => c.text(c.var.principal.username))
    expect(await status(forged, '/')).toBe(401)
    expect(await (await forged.request('/', headers())).text()).toBe('alice')
  })

  it('verifies once a request', async () => {
    const guard = guardOf()
    const authenticate = vi.spyOn(guard, 'authenticate')
    const { loginCheck, permissionRequired, groupRequired } = honoGuard(guard)
    const app = new Hono().get('/', loginCheck(), permissionRequired('posts.read'), groupRequired('editor'), (c) =>
      c.text('ok'),
    )
    expect(await status(app, '/', headers())).toBe(200)
    expect(authenticate).toHaveBeenCalledTimes(1)
  })

  it('hands a resource to predicates', async () => {
    const own = defineGroups({
      author: { allow: [{ permission: 'posts.edit', when: (_claims, { resource }) => resource === 'mine' }] },
    })
    const guard = createGuard({ ...new TestIssuer(key).settings, groups: own })
    const { permissionRequired } = honoGuard(guard)
    const app = new Hono().get('/:id', permissionRequired('posts.edit', { resource: (c) => c.req.param('id') }), (c) =>
      c.text('ok'),
    )
    const author = await sign(key, accessClaims({ 'cognito:groups': ['author'] }))
    expect(await status(app, '/mine', headers(author))).toBe(200)
    expect(await status(app, '/theirs', headers(author))).toBe(403)
  })

  const locks = defineGroups(
    { editor: { allow: [{ permission: 'posts.edit', when: (_claims, { resource }) => resource !== 'locked' }] } },
    { permissions: ['posts.edit', 'posts.drop'] },
  )
  const lockGuard = () => createGuard({ ...new TestIssuer(key).settings, groups: locks })

  it.each<[string, unknown, number]>([
    ['a value', 'locked', 403],
    ['a promise', Promise.resolve('locked'), 403],
    ['a thenable', { then: (resolve: (value: string) => void) => resolve('locked') }, 403],
    ['a promise of another value', Promise.resolve('open'), 200],
  ])('waits for the resource: %s', async (_name, resource, expected) => {
    const { permissionRequired } = honoGuard(lockGuard())
    const app = new Hono()
      .get('/', permissionRequired('posts.edit', { resource: () => resource }), (c) => c.text('ok'))
      .get('/any', permissionRequired({ anyOf: ['posts.drop', 'posts.edit'] }, { resource: () => resource }), (c) =>
        c.text('ok'),
      )
      .get('/all', permissionRequired({ allOf: ['posts.edit'] }, { resource: () => resource }), (c) => c.text('ok'))
    for (const path of ['/', '/any', '/all']) expect(await status(app, path, headers())).toBe(expected)
  })

  it('asks for the resource once a check, after authentication', async () => {
    const { permissionRequired } = honoGuard(lockGuard())
    const resource = vi.fn(async () => 'open')
    const app = new Hono()
      .get('/any', permissionRequired({ anyOf: ['posts.drop', 'posts.edit'] }, { resource }), (c) => c.text('ok'))
      .get('/all', permissionRequired({ allOf: ['posts.edit', 'posts.edit'] }, { resource }), (c) => c.text('ok'))
    expect(await status(app, '/any')).toBe(401)
    expect(await status(app, '/any', headers(machine))).toBe(401)
    expect(resource).not.toHaveBeenCalled()
    expect(await status(app, '/any', headers())).toBe(200)
    expect(resource).toHaveBeenCalledTimes(1)
    expect(await status(app, '/all', headers())).toBe(200)
    expect(resource).toHaveBeenCalledTimes(2)
  })

  it.each<[string, unknown]>([
    ['an error', new Error('the database is down')],
    ['a refusal that another guard threw', new AuthenticationError('TOKEN_EXPIRED')],
    ['a denial that another guard threw', new ForbiddenError('GROUP_REQUIRED')],
  ])('leaves %s of `resource` to the app', async (_name, thrown) => {
    const { permissionRequired } = honoGuard(lockGuard())
    const fails = { thrown: () => Promise.reject(thrown), now: () => raise(thrown) }
    for (const resource of [fails.thrown, fails.now]) {
      const handler = vi.fn((c: Context) => c.text('ok'))
      const app = new Hono().get('/', permissionRequired('posts.edit', { resource }), handler)
      const caught = vi.fn()
      app.onError((error, c) => {
        caught(error)
        return c.text('broken', 500)
      })
      expect(await status(app, '/', headers())).toBe(500)
      expect(caught.mock.calls).toEqual([[thrown]])
      expect(handler).not.toHaveBeenCalled()
    }
  })

  it('refuses options and requirements that it does not know', () => {
    const { loginCheck, permissionRequired, groupRequired, scopeRequired } = honoGuard(guardOf())
    const misspelt: [() => unknown, RegExp][] = [
      [() => honoGuard(guardOf(), { onrefusal: () => undefined } as object), /honoGuard: .*"onRefusal"/],
      [() => honoGuard(undefined as never), /honoGuard: expected what createGuard returned/],
      [() => honoGuard(Promise.resolve(guardOf()) as never), /not a promise of it/],
      [() => loginCheck({ optinal: true } as object), /loginCheck: .*"optional"/],
      [() => permissionRequired('posts.read', { client: true } as object), /permissionRequired: .*"clients"/],
      [() => permissionRequired({ anyof: ['posts.read'] } as never), /permissionRequired: .*"anyOf"/],
      [() => permissionRequired({ anyOf: ['posts.read'], allOf: ['posts.purge'] }), /expected a permission, \{ anyOf/],
      [() => permissionRequired(['posts.read'] as never), ConfigurationError as never],
      [
        () => permissionRequired('posts.raed' as never),
        /^permissionRequired: unknown permission "posts.raed"; did you mean "posts.read"\?$/,
      ],
      [
        () => permissionRequired({ anyOf: [7] } as never),
        /^permissionRequired: unknown permission 7; expected one of /,
      ],
      [
        () => groupRequired('editor', 'edtior' as never),
        /^groupRequired: unknown group "edtior"; did you mean "editor"\?$/,
      ],
      [() => groupRequired('editor', { resource: () => 1 } as object), /only `permissionRequired`/],
      [() => groupRequired('editor', ['admin'] as object), /expected an object with options/],
      [() => groupRequired({ clients: true } as never, 'editor'), /options only as the last argument/],
      [() => scopeRequired('posts/read', { optional: true } as object), /only `loginCheck` can be optional/],
    ]
    for (const [define, message] of misspelt) expect(define).toThrow(message)
  })

  it('asks once a guard whether names are known, also with a guard function', async () => {
    const guard = guardOf()
    const knowsGroup = vi.spyOn(guard.adapter, 'knowsGroup')
    const { groupRequired } = honoGuard((_c: Context) => guard)
    const app = new Hono().get('/', groupRequired('editor'), (c) => c.text('ok'))
    for (let turn = 0; turn < 5; turn++) expect(await status(app, '/', headers())).toBe(200)
    expect(knowsGroup).toHaveBeenCalledTimes(1)
  })

  it('verifies again where the request was replaced since', async () => {
    const mallory = await sign(key, accessClaims({ sub: 'mallory', username: 'mallory', 'cognito:groups': ['viewer'] }))
    const { loginCheck, permissionRequired } = honoGuard(guardOf())
    const app = (replacement: RequestInit) =>
      new Hono().get(
        '/',
        loginCheck(),
        async (c, next) => {
          c.req.raw = new Request('http://localhost/', replacement)
          await next()
        },
        permissionRequired('posts.write'),
        (c) => c.text(c.var.principal.username),
      )
    expect(await status(app({}), '/', headers())).toBe(401)
    expect(await status(app(headers(mallory)), '/', headers())).toBe(403)
    expect(await status(app(headers('junk')), '/', headers())).toBe(401)
    const alice = await app(headers()).request('/', headers(mallory))
    expect([alice.status, await alice.text()]).toEqual([200, 'alice'])
  })

  it('refuses names that the map does not know where the route is defined', () => {
    const { permissionRequired, groupRequired } = honoGuard(guardOf())
    expect(() => permissionRequired('posts.raed' as 'posts.read')).toThrow(/"posts.raed"/)
    expect(() => permissionRequired({ allOf: ['posts.raed' as 'posts.read'] })).toThrow(ConfigurationError)
    expect(() => permissionRequired({ anyOf: [] })).toThrow(ConfigurationError)
    expect(() => groupRequired('edtor' as 'editor')).toThrow(/"edtor"/)
  })

  it('with a guard function, refuses them on the first request, before the handler, as a mistake of the application', async () => {
    const { permissionRequired } = honoGuard((_c: Context) => guard)
    const guard = guardOf()
    const handler = vi.fn((c: Context) => c.text('ok'))
    const caught = vi.fn()
    const app = new Hono().get('/', permissionRequired('posts.raed' as 'posts.read'), handler)
    app.onError((error, c) => {
      caught(error)
      return c.text('broken', 500)
    })
    expect(await status(app, '/', headers())).toBe(500)
    expect(caught.mock.calls[0]?.[0]).toBeInstanceOf(ConfigurationError)
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('groupRequired and scopeRequired', () => {
  it('want a direct member of one group', async () => {
    const { groupRequired } = honoGuard(guardOf())
    const app = new Hono()
      .get('/one', groupRequired('admin', 'editor'), (c) => c.text(c.var.principal.username))
      .get('/inherited', groupRequired('viewer'), (c) => c.text('no'))
    expect(await status(app, '/one', headers())).toBe(200)
    const refused = await app.request('/inherited', headers())
    expect([refused.status, (await refused.json()).code]).toEqual([403, 'GROUP_REQUIRED'])
  })

  it('want all scopes, and say which', async () => {
    const { scopeRequired } = honoGuard(guardOf())
    const app = new Hono()
      .get('/users', scopeRequired('posts/read'), (c) => c.text(c.var.principal.username))
      .get('/machines', scopeRequired('posts/read', { clients: true }), (c) => c.text(c.var.principal.clientId))
      .get('/both', scopeRequired('posts/read', 'posts/write', { clients: true }), (c) => c.text('no'))
    const refused = await app.request('/users', headers())
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="posts/read"')
    expect(await status(app, '/machines', headers(machine))).toBe(200)
    expect(await status(app, '/both', headers(machine))).toBe(403)
    expect(() => scopeRequired(...([] as unknown as ['a']))).toThrow(ConfigurationError)
    expect(() => scopeRequired('a"b')).toThrow(ConfigurationError)
  })
})

describe('errors of handlers', () => {
  const throwing = (onError?: (error: Error, c: Context) => Response) => {
    const guard = guardOf()
    const { loginCheck } = honoGuard(guard)
    const app = new Hono()
      .get('/denied', loginCheck(), (c) => {
        guard.authorize(c.var.principal, 'posts.purge')
        return c.text('purged')
      })
      .get('/other-guard', loginCheck(), async (c) => {
        const other = guardOf()
        other.authorize(await other.verify(token), 'posts.purge')
        return c.text('purged')
      })
      .get('/verify', loginCheck(), async (c) => c.json(await guard.verify('junk')))
      .get('/mine', loginCheck(), () => {
        throw new Error('mine')
      })
    app.onError(onError ?? ((error, c) => c.text(error.message, 500)))
    return app
  }

  it.each([
    ['/denied', 403],
    ['/other-guard', 500],
    ['/verify', 500],
    ['/mine', 500],
  ])('%s is %d', async (path, expected) => {
    const response = await throwing().request(path, headers())
    expect(response.status).toBe(expected)
    if (expected === 403) expect((await response.json()).code).toBe('PERMISSION_DENIED')
  })

  it('of a sub-app with its own onError are answered likewise; its own 403 keeps its words', async () => {
    for (const [onError, body] of [
      [(_error: Error, c: Context) => c.text('broken', 500), 'PERMISSION_DENIED'],
      [(_error: Error, c: Context) => c.text('Ask your admin.', 403), 'Ask your admin.'],
    ] as const) {
      const app = new Hono().route('/sub', throwing(onError))
      const response = await app.request('/sub/denied', headers())
      expect(response.status).toBe(403)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.text()).toContain(body)
    }
  })
})

describe('within an app', () => {
  it('works with route, basePath, mount and sub-apps', async () => {
    const guard = guardOf()
    const { loginCheck, permissionRequired } = honoGuard(guard)
    const sub = new Hono<GuardEnv>().get('/name', (c) => c.text(c.var.principal.username))
    const based = new Hono().basePath('/v1').get('/posts', permissionRequired('posts.read'), (c) => c.text('posts'))
    const mounted = new Hono().get('/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))
    const app = new Hono()
      .use('/sub/*', loginCheck())
      .route('/sub', sub)
      .route('/', based)
      .mount('/mounted', mounted.fetch)
    expect(await (await app.request('/sub/name', headers())).text()).toBe('alice')
    expect(await status(app, '/sub/name')).toBe(401)
    expect(await status(app, '/v1/posts', headers())).toBe(200)
    expect(await status(app, '/v1/posts')).toBe(401)
    expect(await status(app, '/mounted/purge', headers())).toBe(403)
    expect(await status(app, '/mounted/purge')).toBe(401)
  })

  it.skipIf(inBrowser)('leaves CORS to cors(), before or behind, and lets no preflight past the guard', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const open = new Hono()
      .use(cors({ origin: 'https://spa.example' }))
      .use(loginCheck())
      .get('/', (c) => c.text('ok'))
    const refused = await open.request('/', { headers: { origin: 'https://spa.example' } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://spa.example'])
    expect(await status(open, '/', { method: 'OPTIONS', headers: { origin: 'https://spa.example' } })).toBe(204)
    const shut = new Hono()
      .use(loginCheck())
      .use(cors())
      .get('/', (c) => c.text('ok'))
    expect(await status(shut, '/', { method: 'OPTIONS', headers: { origin: 'https://spa.example' } })).toBe(401)
  })

  it('keeps its own Cache-Control, whatever was set before', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const app = new Hono()
      .use(async (c, next) => {
        c.header('cache-control', 'public, max-age=3600')
        c.res.headers.set('cache-control', 'public, max-age=3600')
        await next()
      })
      .get('/', loginCheck(), (c) => c.text('ok'))
    expect((await app.request('/')).headers.get('cache-control')).toBe('no-store')
    expect((await app.request('/', headers())).headers.get('cache-control')).toBe('public, max-age=3600')
  })

  it('streams', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const app = new Hono().get('/', loginCheck(), (c) =>
      streamText(c, async (stream) => {
        await stream.write('one ')
        await stream.write(c.var.principal.username)
      }),
    )
    expect(await (await app.request('/', headers())).text()).toBe('one alice')
  })

  it.skipIf(inBrowser)('adds the cookies that the token source left, to answers and to refusals', async () => {
    const options: GuardOptions<string, string, 'access'> = {
      ...new TestIssuer(key).settings,
      tokenSource: (request, { setCookies }) => {
        setCookies(['session=renewed; Path=/; HttpOnly'])
        return request.headers.get('x-token') ?? undefined
      },
    }
    const { loginCheck } = honoGuard(createGuard(options))
    const app = new Hono().get('/', loginCheck(), (c) => {
      c.header('set-cookie', 'own=1')
      return c.text('ok')
    })
    const ok = await app.request('/', { headers: { 'x-token': token } })
    expect(ok.headers.getSetCookie()).toEqual(['own=1', 'session=renewed; Path=/; HttpOnly'])
    expect(ok.headers.get('cache-control')).toBe('no-store')
    const refused = await app.request('/')
    expect([refused.status, ...refused.headers.getSetCookie()]).toEqual([401, 'session=renewed; Path=/; HttpOnly'])
  })

  it.skipIf(inBrowser)(
    'adds them to the answer for a denial in the handler, also where a middleware has replaced the request',
    async () => {
      const guard = createGuard({
        ...new TestIssuer(key).settings,
        groups,
        tokenSource: (request, { setCookies }) => {
          setCookies(['session=renewed; Path=/; HttpOnly'])
          return request.headers.get('x-token') ?? undefined
        },
      })
      const app = new Hono().get(
        '/',
        honoGuard(guard).loginCheck(),
        async (c, next) => {
          // As `bodyLimit` of Hono does.
          c.req.raw = new Request(c.req.raw)
          await next()
        },
        (c) => {
          guard.authorize(c.var.principal, 'posts.purge')
          return c.text('ok')
        },
      )
      app.onError((error, c) => c.text(error.message, 500))
      const denied = await app.request('/', { headers: { 'x-token': token } })
      expect([denied.status, ...denied.headers.getSetCookie()]).toEqual([403, 'session=renewed; Path=/; HttpOnly'])
    },
  )

  it('writes to a key store with and without an execution context', async () => {
    const written: string[] = []
    const keyStore = { get: async () => undefined, put: async (issuer: string) => void written.push(issuer) }
    const waited: Promise<unknown>[] = []
    const context = {
      waitUntil: (work: Promise<unknown>) => void waited.push(work),
      passThroughOnException() {},
      props: {},
    }
    for (const executionContext of [undefined, context]) {
      const { loginCheck } = honoGuard(createGuard({ ...new TestIssuer(key).settings, keyStore }))
      const app = new Hono().get('/', loginCheck(), (c) => c.text('ok'))
      expect((await app.request('/', headers(), {}, executionContext)).status).toBe(200)
    }
    await Promise.all(waited)
    expect([written.length, waited.length]).toEqual([2, 1])
  })

  it('lets the app word a refusal, while status and header fields stay', async () => {
    const { loginCheck, permissionRequired } = honoGuard(guardOf(), {
      onRefusal: async (error, c) =>
        error.status === 401
          ? c.text('no', 200, { 'cache-control': 'public', 'www-authenticate': 'Basic' })
          : undefined,
    })
    const app = new Hono().get('/', loginCheck(), permissionRequired('posts.purge'), (c) => c.text('ok'))
    const reworded = await app.request('/')
    expect([reworded.status, await reworded.text()]).toEqual([401, 'no'])
    expect([reworded.headers.get('www-authenticate'), reworded.headers.get('cache-control')]).toEqual([
      'Bearer',
      'no-store',
    ])
    expect((await (await app.request('/', headers())).json()).code).toBe('PERMISSION_DENIED')
  })

  it.skipIf(inBrowser)('lets the app redirect a refusal by 302 and 303, and by no other status', async () => {
    for (const [given, sent] of [
      [302, 302],
      [303, 303],
      [301, 401],
      [307, 401],
      [200, 401],
    ] as const) {
      const { loginCheck } = honoGuard(guardOf(), {
        onRefusal: (_error, c) => c.body(null, given, { location: '/login', 'set-cookie': 'back=/; Path=/' }),
      })
      const app = new Hono()
        .use(async (c, next) => {
          c.res.headers.set('access-control-allow-origin', 'https://page.example')
          await next()
        })
        .get('/', loginCheck(), (c) => c.text('ok'))
      const answer = await app.request('/')
      expect([answer.status, answer.headers.get('location'), ...answer.headers.getSetCookie()]).toEqual([
        sent,
        '/login',
        'back=/; Path=/',
      ])
      expect(answer.headers.get('www-authenticate')).toBe(sent === 401 ? 'Bearer' : null)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://page.example')
    }
  })

  it.skipIf(inBrowser)('answers preflights by `cors` before the guard, which no other request passes', async () => {
    const { loginCheck } = honoGuard(guardOf())
    const handler = vi.fn((c: Context) => c.text('ok'))
    const app = new Hono()
      .use(cors({ origin: 'https://page.example' }))
      .use(loginCheck())
      .all('/', handler)
    const origin = 'https://page.example'
    const preflight = await app.request('/', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    for (const method of ['GET', 'POST', 'PROPFIND']) {
      const refused = await app.request('/', { method, headers: { origin } })
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin])
    }
    expect(handler).not.toHaveBeenCalled()
  })

  it.skipIf(inBrowser)('says `Vary: Cookie` on every answer for which a cookie source was asked', async () => {
    const guard = createGuard({
      ...new TestIssuer(key).settings,
      groups,
      tokenSource: cookie('token'),
      validate: (principal) =>
        principal.kind === 'user' && principal.username === 'broken' ? raise(new Error('mine')) : true,
    })
    const { loginCheck, permissionRequired } = honoGuard(guard, {
      onRefusal: (error, c) => (error.status === 401 ? c.redirect('/login', 303) : undefined),
    })
    const app = new Hono()
      .use(async (c, next) => {
        c.res.headers.set('vary', 'Accept-Encoding')
        await next()
      })
      .get('/', loginCheck(), (c) => c.text('ok'))
      .get('/open', loginCheck({ optional: true }), (c) => c.text('ok'))
      .get('/purge', permissionRequired('posts.purge'), (c) => c.text('ok'))
      .get('/late', loginCheck(), permissionRequired('posts.read'), (c) => {
        guard.authorize(c.var.principal, 'posts.purge')
        return c.text('ok')
      })
      .get('/resource', permissionRequired('posts.read', { resource: () => raise(new Error('mine')) }), (c) =>
        c.text(''),
      )
      .get('/failing', loginCheck(), () => raise(new Error('mine')))
      .get('/frozen', loginCheck(), () => Response.redirect('https://app.example/', 302))
      .get('/stream', loginCheck(), (c) => streamText(c, async (stream) => void (await stream.write('ok'))))
      .get('/free', (c) => c.text('ok'))
    app.onError(() => new Response('broken', { status: 500 }))
    const broken = await sign(key, accessClaims({ username: 'broken' }))
    const own = `token=${token}`
    for (const [path, cookies, expected] of [
      ['/', own, 200],
      ['/', '', 303],
      ['/', 'token=junk', 303],
      ['/', `token=${broken}`, 500],
      ['/open', '', 200],
      ['/open', own, 200],
      ['/purge', own, 403],
      ['/late', own, 403],
      ['/resource', own, 500],
      ['/failing', own, 500],
      ['/frozen', own, 302],
      ['/stream', own, 200],
    ] as const) {
      const answer = await app.request(path, { headers: { cookie: cookies } })
      const varies = (answer.headers.get('vary') ?? '').toLowerCase().split(/, */).sort()
      expect([path, answer.status, varies]).toEqual([path, expected, ['accept-encoding', 'cookie']])
    }
    expect((await app.request('/free')).headers.get('vary')).toBe('Accept-Encoding')
  })

  it('tells `onEvent` of each refusal once, and of what it raises itself', async () => {
    const events: string[] = []
    const waited: Promise<unknown>[] = []
    const guard = createGuard({
      ...new TestIssuer(key).settings,
      groups,
      onEvent: async (event) => void events.push('code' in event ? `${event.type} ${event.code}` : event.type),
    })
    const { loginCheck, permissionRequired, groupRequired, scopeRequired } = honoGuard(guard)
    const app = new Hono()
      .get('/', loginCheck(), permissionRequired('posts.read'), (c) => c.text('ok'))
      .get('/open', loginCheck({ optional: true }), (c) => c.text('ok'))
      .get('/purge', loginCheck(), permissionRequired('posts.purge'), (c) => c.text('ok'))
      .get('/any', permissionRequired({ anyOf: ['posts.purge', 'posts.write'] }), (c) => c.text('ok'))
      .get('/admin', loginCheck(), groupRequired('admin'), (c) => c.text('ok'))
      .get('/scope', loginCheck(), scopeRequired('posts/none'), (c) => c.text('ok'))
      .get('/late', loginCheck(), permissionRequired('posts.read'), (c) => {
        guard.authorize(c.var.principal, 'posts.purge')
        return c.text('ok')
      })
    const context = {
      waitUntil: (work: Promise<unknown>) => void waited.push(work),
      passThroughOnException() {},
      props: {},
    }
    const told = async (path: string, init?: RequestInit) => {
      events.length = 0
      await app.request(path, init, {}, context)
      return events.join(', ')
    }
    expect(await told('/', headers())).toBe('authenticated, authorized')
    expect(await told('/')).toBe('refused TOKEN_MISSING')
    expect(await told('/open')).toBe('')
    expect(await told('/open', headers('junk'))).toBe('refused TOKEN_MALFORMED')
    expect(await told('/', headers(machine))).toBe('authenticated, refused USER_REQUIRED')
    expect(await told('/purge', headers())).toBe('authenticated, denied')
    expect(await told('/any', headers())).toBe('authenticated, authorized')
    expect(await told('/admin', headers())).toBe('authenticated, refused GROUP_REQUIRED')
    expect(await told('/scope', headers())).toBe('authenticated, refused SCOPE_REQUIRED')
    expect(await told('/late', headers())).toBe('authenticated, authorized, denied')
    expect(waited.length).toBeGreaterThanOrEqual(16)
    await Promise.all(waited)
  })

  it('asks for the words of a denial in a handler once, however many checks stand before it', async () => {
    const guard = guardOf()
    const onRefusal = vi.fn((error: { code: string }, c: Context) => c.text(error.code))
    const { loginCheck, permissionRequired } = honoGuard(guard, { onRefusal })
    const app = new Hono().get('/', loginCheck(), permissionRequired('posts.read'), (c) => {
      guard.authorize(c.var.principal, 'posts.purge')
      return c.text('ok')
    })
    const denied = await app.request('/', headers())
    expect([denied.status, await denied.text()]).toEqual([403, 'PERMISSION_DENIED'])
    expect(onRefusal).toHaveBeenCalledTimes(1)
  })

  it.skipIf(inBrowser)('reads cookies', async () => {
    const guard = createGuard({ ...new TestIssuer(key).settings, groups, tokenSource: cookie('token_cookie') })
    const { loginCheck } = honoGuard(guard)
    const app = new Hono().all('/', loginCheck(), (c) => c.text(c.var.principal.username))
    const init = { headers: { cookie: `token_cookie=${token}` } }
    expect(await status(app, '/', init)).toBe(200)
    expect(await status(app, '/', { method: 'POST', ...init })).toBe(403)
  })
})

function raise(error: unknown): never {
  throw error
}

it('a redirect of the inner guard stays, whichever guard is further out', async () => {
  const guard = createGuard({ ...new TestIssuer(key).settings, groups })
  const inner = honoGuard(guard, { onRefusal: (_error, c) => c.redirect('/upgrade', 303) })
  const app = new Hono().use(honoGuard(guard).loginCheck()).get('/', inner.loginCheck(), (c) => {
    guard.authorize(c.var.principal, 'posts.purge')
    return c.text('panel')
  })
  const answer = await app.request('/', { headers: { authorization: `Bearer ${token}` } })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/upgrade'])
})

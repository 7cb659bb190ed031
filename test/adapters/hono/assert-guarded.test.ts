import { type Context, type Handler, Hono, type MiddlewareHandler, type Next, type NotFoundHandler } from 'hono'
import { cors } from 'hono/cors'
import { logger } from 'hono/logger'
import { LinearRouter } from 'hono/router/linear-router'
import { PatternRouter } from 'hono/router/pattern-router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { beforeAll, describe, expect, it } from 'vitest'
import { unguarded } from '../../../adapters/hono/assert-guarded.ts'
import { assertGuarded, honoGuard } from '../../../adapters/hono/index.ts'
import { createGuard, defineGroups } from '../../../src/index.ts'
import { clientId, createKey, TestIssuer, userPoolId } from '../../support/issuer.ts'
import { createRandom, type Random } from '../../support/random.ts'

const groups = defineGroups({ editor: { allow: ['posts.read'] } })
let issuer: TestIssuer

beforeAll(async () => {
  issuer = new TestIssuer(await createKey('key-1'))
})

const { loginCheck, permissionRequired, groupRequired, scopeRequired, resourceMetadata } = honoGuard(
  createGuard({ userPoolId, clientId, groups, fetch: (request) => issuer.fetch(request) }),
)
const ok = () => new Response('ok')
const failure = (app: Parameters<typeof assertGuarded>[0], open?: string[]) => {
  try {
    assertGuarded(app, { public: open })
    return 'guarded'
  } catch (error) {
    return String(error)
  }
}

describe('assertGuarded', () => {
  it.each([
    ['a check of its own', new Hono().get('/', loginCheck(), ok)],
    [
      'each kind of check',
      new Hono()
        .get('/a', permissionRequired('posts.read'), ok)
        .get('/b', groupRequired('editor'), ok)
        .get('/c', scopeRequired('s'), ok),
    ],
    ['a check over all', new Hono().use(loginCheck()).get('/', ok).post('/posts/:id', ok).all('/x/*', ok)],
    [
      'a check over a part',
      new Hono().use('/api/*', loginCheck()).get('/api', ok).get('/api/posts/:id{[0-9]+}', ok).get('/api/:a/:b?', ok),
    ],
    ['a check in a sub-app', new Hono().route('/sub', new Hono().use(loginCheck()).get('/posts', ok))],
    ['a check over a sub-app', new Hono().use('/sub/*', loginCheck()).route('/sub', new Hono().get('/posts', ok))],
    [
      'a check over a sub-app with onError',
      new Hono().use('/sub/*', loginCheck()).route('/sub', withOnError(new Hono().get('/posts', ok))),
    ],
    [
      'a check in a sub-app with onError',
      new Hono().route('/sub', withOnError(new Hono().use(loginCheck()).get('/posts', ok))),
    ],
    ['a check over a mounted app', new Hono().use('/old/*', loginCheck()).mount('/old', ok)],
    ['a check of one method for that method', new Hono().get('/posts/*', loginCheck()).get('/posts/:id', ok)],
    ['its own middleware and a check', new Hono().use(resourceMetadata()).use(loginCheck()).get('/', ok)],
    ['other middleware behind a check', new Hono().use(loginCheck()).use(cors()).get('/', ok)],
    ['the same path with a pattern', new Hono().use('/:id{.+}', loginCheck()).get('/:id{.+}', ok)],
    ['the same path with wildcards', new Hono().use('/a/*/b', loginCheck()).get('/a/*/b', ok)],
    ['a check over a parameter', new Hono().use('/:tenant/*', loginCheck()).get('/:tenant', ok).get('/acme/x', ok)],
    ['a check over both forms', new Hono().use('/a', loginCheck()).use('/a/:b', loginCheck()).get('/a/:b?', ok)],
    ['a check with the optional form', new Hono().use('/a/:b?', loginCheck()).get('/a', ok).get('/a/:b', ok)],
    ['handlers with two parameters behind a check', new Hono().use(loginCheck()).get('/', async (_c, _next) => ok())],
    ['a notFound behind a check', withNotFound(new Hono().use(loginCheck()), () => new Response('page'))],
    ['a notFound with words of its own', withNotFound(new Hono(), (c) => c.json({ error: 'nothing here' }, 404))],
    ['a notFound that is plain', withNotFound(new Hono(), () => new Response('nothing here', { status: 404 }))],
  ])('is content with %s', (_name, app) => {
    expect(failure(app)).toBe('guarded')
  })

  it.each([
    ['no check', new Hono().get('/', ok), 'GET /.'],
    ['a check behind the route', new Hono().get('/', ok).use(loginCheck()), 'GET /.'],
    ['an optional check', new Hono().use(loginCheck({ optional: true })).get('/', ok), 'GET /.'],
    ['a check of another path', new Hono().use('/api/*', loginCheck()).get('/apis', ok), 'GET /apis.'],
    ['a check of another method', new Hono().get('/posts', loginCheck()).post('/posts', ok), 'POST /posts.'],
    ['a check of one method before all', new Hono().get('/posts', loginCheck()).all('/posts', ok), 'ALL /posts.'],
    ['middleware that may answer', new Hono().use('/*', async (_c, _next) => ok()).use(loginCheck()), 'ALL /*.'],
    ['other middleware before a check', new Hono().use('/*', cors()).use(loginCheck()), 'ALL /*.'],
    ['a late route', lateRoute(), 'GET /late.'],
    ['a mounted app', new Hono().mount('/old', ok), 'ALL /old/*.'],
    [
      'a sub-app',
      new Hono().use('/api/*', loginCheck()).route('/sub', new Hono().get('/posts', ok)),
      'GET /sub/posts.',
    ],
    ['a sub-app with onError', new Hono().route('/sub', withOnError(new Hono().get('/posts', ok))), 'GET /sub/posts.'],
    ['several', new Hono().get('/a', ok).post('/b', ok), 'GET /a, POST /b.'],
  ])('names %s', (_name, app, named) => {
    expect(failure(app)).toContain(`nobody guards ${named}`)
  })

  it.each<[string, Parameters<typeof assertGuarded>[0], string, string]>([
    ['a check of one depth before all', app('/files/:name', '/files/*'), '/files/:name', 'GET /files/*'],
    ['a check that misses the optional form', app('/a/:b', '/a/:b?'), '/a/:b', 'GET /a/:b?'],
    ['a check that misses one of two optional forms', app('/a/:b/:c?', '/a/:b?/:c?'), '/a/:b/:c?', 'GET /a/:b?/:c?'],
    ['a slash at the end', app('/posts', '/posts/'), '/posts', 'GET /posts/'],
    ['a pattern that spans segments', app('/:name', '/:name{.+}'), '/:name', 'GET /:name{.+}'],
    ["a pattern in the check's path", app('/:name{[a-z]+}', '/:name'), '/:name{[a-z]+}', 'GET /:name'],
    ['a wildcard in the middle', app('/api/*/x', '/api/:any/x'), '/api/*/x', 'GET /api/:any/x'],
  ])('says what cannot be shown: %s', (_name, given, check, route) => {
    expect(failure(given)).toContain(`it cannot be shown that the check at ${check} stands before all of ${route}.`)
  })

  it.each<[string, (c: Context) => Response | Promise<Response>]>([
    ['serves a page', () => new Response('page')],
    ['serves a page with the helpers', (c) => c.html('page')],
    ['looks at the path', (c) => (c.req.path === '/' ? c.text('404 Not Found', 404) : c.text('page'))],
    ['looks at the bindings', (c) => c.text(String(Object.keys(c.env)), 404)],
    ['answers later', async (c) => c.text('404 Not Found', 404)],
    ['fails', () => Promise.reject(new Error('broken'))],
  ])('says what cannot be shown: a notFound that %s', (_name, notFound) => {
    const open = withNotFound(new Hono().use('/api/*', loginCheck()), notFound)
    expect(failure(open)).toContain('it cannot be shown that `notFound` always answers 404')
    expect(failure(open, ['notFound'])).toBe('guarded')
    expect(
      failure(
        withNotFound(new Hono(), (c) => c.text('404 Not Found', 404)),
        ['notFound'],
      ),
    ).toContain('is none')
  })

  it('leaves the app as it was', async () => {
    const untouched = new Hono().get('/', loginCheck(), ok)
    assertGuarded(untouched)
    untouched.get('/late', ok)
    expect((await untouched.request('/late')).status).toBe(200)
    expect((await untouched.request('/')).status).toBe(401)
    expect((await untouched.request('/nothing')).status).toBe(404)
  })

  it('takes middleware that never answers, as the app was given it', () => {
    const log = logger(() => {})
    const open = withOnError(new Hono().use(log)).get('/sub', loginCheck(), ok)
    const logged = new Hono().use(log).route('/', open)
    expect(failure(logged)).toContain('nobody guards ALL /*. It takes `next`')
    expect(() => assertGuarded(logged, { middleware: [log] })).not.toThrow()
    expect(() => assertGuarded(logged, { middleware: [log, logger(() => {})] })).toThrow(
      /middleware: expected the very/,
    )
  })

  it('refuses options that it does not know', () => {
    expect(() => assertGuarded(new Hono(), { publik: ['/'] } as object)).toThrow(/did you mean "public"/)
  })

  it('lets be public what is listed, and keeps the list true', () => {
    const app = new Hono().get('/', ok).get('/posts', ok).post('/posts', loginCheck(), ok)
    expect(failure(app, ['/', 'GET /posts'])).toBe('guarded')
    expect(failure(app, ['/', '/posts'])).toBe('guarded')
    expect(failure(app, ['/'])).toContain('nobody guards GET /posts.')
    expect(failure(app, ['/', '/posts', '/about'])).toContain('/about is none')
    expect(failure(app, ['/', '/posts', 'POST /posts'])).toContain('POST /posts is none')
  })
})

/** What a random app is made of: segments of paths, and what stands at them. */
const segments = ['a', 'b', 'ab', 'v1.0', ':x', ':y', ':x?', ':y?', ':x{[a-z]+}', ':x{.+}', ':x{a|b}?', '*', 'a*', '']
const routers = {
  'the default router': () => new SmartRouter<never>({ routers: [new RegExpRouter(), new TrieRouter()] }),
  RegExpRouter: () => new RegExpRouter<never>(),
  TrieRouter: () => new TrieRouter<never>(),
  LinearRouter: () => new LinearRouter<never>(),
  PatternRouter: () => new PatternRouter<never>(),
}

const rounds = 600

describe.each(Object.entries(routers))('what assertGuarded passes, on %s', (_name, router) => {
  it('answers nobody without a token', { timeout: 60_000 }, async () => {
    const random = createRandom(20_261_126)
    let [answers, proven] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      const made = await attempt(() => randomApp(random, router))
      if (made === undefined) continue
      const { app, middleware, namesOf, paths } = made
      const open = new Set(unguarded(app, middleware).map(({ name }) => name))
      for (let turn = 0; turn < 24; turn++) {
        const method = random.pick(['GET', 'GET', 'POST', 'HEAD', 'PURGE', 'OPTIONS'])
        const path = randomRequestPath(random, random.pick(paths))
        const answer = await attempt(async () => app.request(`http://app.example${path}`, { method }))
        if (answer?.status === 401) proven++
        if (answer?.status !== 200) continue
        answers++
        const names = namesOf(Number(answer.headers.get('x-id')), method === 'HEAD' ? 'GET' : method)
        const seen = names.some((name) => open.has(name))
        const table = () => app.routes.map((route) => `${route.method} ${route.path}`).join(', ')
        expect(seen, `${method} ${path} was answered by ${names}, of ${table()}`).toBe(true)
      }
    }
    // Not an empty proof: open routes answered, guarded ones refused.
    expect(Math.min(answers, proven)).toBeGreaterThan(600)
  })
})

/** Nothing where the router does not support a path: it throws at registration or at the first request. */
async function attempt<T>(make: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await make()
  } catch {
    return undefined
  }
}

function randomPath({ below, pick }: Random): string {
  return `/${Array.from({ length: below(4) }, () => pick(segments)).join('/')}${pick(['', '', '/*', '/'])}`
}

/** A path that differs from another in one segment. */
function relativeOf({ below, pick }: Random, path: string): string {
  const parts = path.slice(1).split('/')
  parts.splice(below(parts.length + 1), below(2), ...(below(3) > 0 ? [pick(segments)] : []))
  return `/${parts.join('/')}`
}

/** A path that a route may stand for, with an accident now and then. */
function randomRequestPath({ below, pick }: Random, path: string): string {
  const words = ['a', 'b', 'ab', 'abc', 'v1.0', 'v1x0', 'a/b', 'x%2Fy', '%61', '']
  const named = path.split('/').flatMap((segment) => {
    if (segment.endsWith('?') && below(2) === 0) return []
    return /[:*]/.test(segment) ? pick(words) : segment
  })
  const accident = below(4) === 0 ? `/${pick(words)}` : ''
  return `${named.join('/') || '/'}${accident}`
}

/** An app, the middleware to be listed, the names of the routes that a handler stands at, and all paths. */
function randomApp(random: Random, router: () => NonNullable<Hono['router']>) {
  const { below, pick } = random
  const middleware: MiddlewareHandler[] = []
  const paths: string[] = []
  const names = new Map<number, string[]>()
  const app = withOnError(new Hono({ router: router(), strict: below(5) > 0 }))

  function register(target: Hono, note: (id: number, index: number) => void): void {
    const path = paths.length > 0 && below(3) > 0 ? relativeOf(random, pick(paths)) : randomPath(random)
    const [before, id] = [target.routes.length, paths.length]
    paths.push(path)
    const answer = () => new Response('content', { headers: { 'x-id': String(id) } })
    const pass: MiddlewareHandler = async (_c, next) => next()
    const handler: Handler = pick([
      loginCheck(),
      loginCheck(),
      loginCheck(),
      permissionRequired('posts.read'),
      loginCheck({ optional: true }),
      answer,
      answer,
      answer,
      async (_c: Context, next: Next) => (below(2) === 0 ? answer() : next()),
      pass,
    ])
    if (handler === pass && below(2) === 0) middleware.push(pass)
    const attach = pick([
      () => target.use(path, handler),
      () => target.use(path, handler),
      () => target.use(handler),
      () => target.get(path, handler),
      () => target.all(path, handler),
      () => target.on(['GET', 'PURGE'], path, handler),
      () => (handler === answer ? target.mount(path, answer) : target.post(path, handler)),
    ])
    attach()
    for (let index = before; index < target.routes.length; index++) note(id, index)
  }

  function noteAt(offset: number) {
    return (id: number, index: number) => names.set(id, [...(names.get(id) ?? []), String(offset + index)])
  }

  for (let count = 1 + below(6); count > 0; count--) {
    if (below(5) > 0) register(app, noteAt(0))
    else {
      const sub = below(2) === 0 ? new Hono() : withOnError(new Hono())
      const base = randomPath(random).replace(/\/\*$/, '')
      for (let inner = 1 + below(3); inner > 0; inner--) register(sub, noteAt(app.routes.length))
      app.route(base, sub)
      paths.push(...sub.routes.map(({ path }) => `${base}${path}`.replace(/\/\//g, '/')))
    }
  }
  const notFoundId = paths.length
  if (below(3) === 0) app.notFound(() => new Response('content', { headers: { 'x-id': String(notFoundId) } }))

  function namesOf(id: number, method: string): string[] {
    if (id === notFoundId) return ['notFound']
    const routes = (names.get(id) ?? []).flatMap((index) => app.routes[Number(index)] ?? [])
    return routes
      .filter((route) => /^ALL$/.test(route.method) || route.method === method)
      .map((route) => `${route.method} ${route.path}`)
  }

  return { app, middleware, namesOf, paths }
}

function withOnError<T extends { onError(handler: () => Response): unknown }>(app: T): T {
  app.onError(() => new Response('broken', { status: 500 }))
  return app
}

function withNotFound<T extends { notFound(handler: NotFoundHandler): unknown }>(app: T, notFound: NotFoundHandler): T {
  app.notFound(notFound)
  return app
}

/** A check at one path before a route at another. */
function app(check: string, route: string) {
  return new Hono().use(check, loginCheck()).get(route, ok)
}

function lateRoute(): Hono {
  const app = new Hono()
  app.use('/api/*', loginCheck())
  app.get('/api/posts', ok)
  app.get('/late', ok)
  return app
}

it('asks notFound more than once', () => {
  let asked = 0
  const app = withNotFound(new Hono(), () => new Response('x', { status: asked++ ? 200 : 404 }))
  expect(failure(app)).toContain('notFound')
})

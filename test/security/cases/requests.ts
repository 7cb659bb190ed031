import { Hono } from 'hono'
import { protect, protectAll } from '../../../adapters/fetch/index.ts'
import { assertGuarded, honoGuard } from '../../../adapters/hono/index.ts'
import { withGuard } from '../../../adapters/workers/index.ts'
import { AuthenticationError, cookie, defineGroups, ForbiddenError, UnavailableError } from '../../../src/index.ts'
import { type Case, type Kit, outcomeOf } from './case.ts'

const groups = defineGroups({ editor: { allow: ['read'] }, admin: { allow: ['purge'] } })
const ctx = { waitUntil: () => {} }
const answerOf = (promise: Promise<Response>) =>
  promise.then(
    ({ status }) => status,
    (error: Error) => error.message,
  )

async function handlers(kit: Kit, handler: () => Response) {
  const guard = kit.guard({ groups })
  const request = () => kit.token().then((token) => kit.request(token))
  const app = new Hono()
    .get('/posts', honoGuard(guard).loginCheck(), handler)
    .onError((error, c) => c.text(error.message, 500))
  return [
    await answerOf(protect(guard, 'read', handler)(await request())),
    await answerOf(protectAll(guard, { read: handler })['read'](await request())),
    await answerOf(withGuard(() => guard, handler)(await request(), {}, ctx)),
    await answerOf(Promise.resolve(app.fetch(await request()))),
  ]
}

export const requestCases: readonly Case[] = [
  {
    id: 'handler-throws',
    about: 'thrown errors inside the handler propagate',
    async run(kit) {
      const thrown = [
        new Error('mine'),
        new AuthenticationError('TOKEN_EXPIRED'),
        new ForbiddenError('PERMISSION_DENIED'),
        new UnavailableError(1),
      ]
      const answers = []
      for (const error of thrown) {
        const throwing = () => {
          throw error
        }
        answers.push((await handlers(kit, throwing)).every((answer) => answer === error.message || answer === 500))
      }
      return answers
    },
    expect: [true, true, true, true],
  },
  {
    id: 'handler-authorizes',
    about: "a ForbiddenError of the guard's own `authorize` there is 403",
    async run(kit) {
      const guard = kit.guard({ groups })
      const other = kit.guard({ groups })
      const token = await kit.token()
      const own = protect(guard, 'read', (_request, { principal }) => {
        guard.authorize(principal, 'purge')
        return new Response('purged')
      })
      const foreign = protect(guard, 'read', async () => {
        other.authorize(await other.verify(token), 'purge')
        return new Response('purged')
      })
      return [await answerOf(own(kit.request(token))), await answerOf(foreign(kit.request(token)))]
    },
    expect: [403, 'Permission denied.'],
  },
  {
    id: 'answers-untouched',
    about: 'answers to which commit added cookies carry no-store; other answers of handlers are untouched',
    async run(kit) {
      const answer = new Response('done', { headers: { 'cache-control': 'public, max-age=60' } })
      const token = await kit.token()
      const plain = await protect(kit.guard({ groups }), 'read', () => answer)(kit.request(token))
      const renewing = kit.guard({
        groups,
        tokenSource: (_request, { setCookies }) => {
          setCookies(['session=renewed; HttpOnly'])
          return token
        },
      })
      const committed = await protect(
        renewing,
        'read',
        () => new Response('done', { headers: { 'cache-control': 'public' } }),
      )(kit.request(token))
      const refused = await protect(renewing, 'purge', () => answer)(kit.request(token))
      return [
        plain === answer,
        committed.headers.get('cache-control'),
        committed.headers.getSetCookie(),
        refused.status,
        refused.headers.getSetCookie(),
      ]
    },
    expect: [true, 'no-store', ['session=renewed; HttpOnly'], 403, ['session=renewed; HttpOnly']],
  },
  {
    id: 'vary-cookie',
    about: 'every answer for which a cookie source was asked carries `Vary: Cookie`',
    async run(kit) {
      const guard = kit.guard({ groups, tokenSource: cookie('token') })
      const token = await kit.token()
      const from = (carried?: string, method = 'GET') =>
        ({
          method,
          url: 'https://app.example/posts',
          headers: new Headers(carried === undefined ? {} : { cookie: `token=${carried}` }),
        }) as Request
      const answers: unknown[] = []
      for (const request of [from(token), from(), from('junk'), from(token, 'POST')]) {
        for (const fn of ['read', 'purge']) {
          const { status, headers } = await protect(guard, fn, () => new Response())(request)
          answers.push(status, headers.get('vary'))
        }
      }
      const upgrade = Object.defineProperty(new Response(null), 'status', { value: 101 })
      const { headers } = await protect(guard, 'read', () => upgrade)(from(token))
      return [...answers, headers.get('vary')]
    },
    expect: [200, 403, 401, 401, 401, 401, 403, 403].flatMap((status) => [status, 'Cookie']).concat(null as never),
  },
  {
    id: 'step-up-injection',
    about: 'header injection through any claim or option (CR, LF, ")',
    async run(kit) {
      const acr = ['high"', 'a\r\nset-cookie: x=1', 'a b', '\u00e4', 'phr']
      const guard = kit.guard({ groups: defineGroups({ editor: { allow: ['x'] } }, { require: { x: { acr } } }) })
      const response = await protect(guard, 'x', () => new Response())(kit.request(await kit.token()))
      return [response.status, response.headers.get('www-authenticate'), response.headers.get('set-cookie')]
    },
    expect: [401, 'Bearer error="insufficient_user_authentication", acr_values="phr"', null],
  },
  {
    id: 'path-in-answer',
    about: 'bodies and headers hold no token: no query string either',
    async run(kit) {
      const url = 'https://app.example/a%22%0d%0a<script>?access_token=secret-in-query#fragment'
      const response = await protect(kit.guard({ groups }), 'read', () => new Response())(new Request(url))
      const body = await response.text()
      return [
        response.status,
        response.headers.get('content-type'),
        body.includes('secret-in-query'),
        (JSON.parse(body) as { code: string }).code,
      ]
    },
    expect: [401, 'application/problem+json', false, 'TOKEN_MISSING'],
  },
  {
    id: 'principal-as-json',
    about: '`c.json(c.var.principal)`: no token in it',
    async run(kit) {
      const { loginCheck } = honoGuard(kit.guard({ groups }))
      const token = await kit.token()
      const app = new Hono().get('/posts', loginCheck(), (c) => c.json({ ...c.var.principal, all: c.var.principal }))
      const body = await (await app.fetch(kit.request(token))).text()
      return [body.includes('"username":"alice"'), token.split('.').some((part) => body.includes(part))]
    },
    expect: [true, false],
  },
  {
    id: 'principal-set-by-others',
    about: 'a principal set by someone else with `c.set`: not trusted',
    async run(kit) {
      const guard = kit.guard({ groups })
      const { permissionRequired, loginCheck } = honoGuard(guard)
      const admin = await guard.verify(await kit.token({ 'cognito:groups': ['admin'] }))
      const app = new Hono<{ Variables: { principal: unknown } }>()
        .use(async (c, next) => {
          c.set('principal', admin)
          await next()
        })
        .get('/posts', permissionRequired('purge') as never, (c) => c.text('purged'))
        .get('/login', loginCheck() as never, (c) => c.text('in'))
        .get('/optional', loginCheck({ optional: true }) as never, (c) => c.text(String(c.var.principal)))
      return [
        (await app.request('/posts')).status,
        (await app.fetch(kit.request(await kit.token()))).status,
        (await app.request('/login')).status,
        await (await app.request('/optional')).text(),
      ]
    },
    expect: [401, 403, 401, 'undefined'],
  },
  {
    id: 'on-event',
    about: 'an exception in `onEvent`: no effect on the answer',
    async run(kit) {
      const listeners = [
        () => {
          throw new Error('no')
        },
        () => Promise.reject(new Error('no')),
        () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('no')) }) as never,
      ]
      const answers: unknown[] = []
      for (const onEvent of listeners) {
        const guard = kit.guard({ groups, onEvent })
        for (const fn of ['read', 'purge']) {
          answers.push(await answerOf(protect(guard, fn, () => new Response())(kit.request(await kit.token()))))
        }
      }
      return answers
    },
    expect: [200, 403, 200, 403, 200, 403],
  },
  {
    id: 'source-throws',
    about: 'a token source that throws lets nobody in',
    async run(kit) {
      const sources = [
        () => {
          throw new Error('mine')
        },
        () => Promise.reject(new Error('mine')),
        () => undefined,
        () => '',
        async () => undefined,
      ]
      const outcomes: string[] = []
      for (const tokenSource of sources)
        outcomes.push(await outcomeOf(kit.guard({ tokenSource }).authenticate(kit.request('x'))))
      return outcomes
    },
    expect: ['threw Error: mine', 'threw Error: mine', 'TOKEN_MISSING', 'TOKEN_MISSING', 'TOKEN_MISSING'],
  },
  {
    id: 'unguarded-routes',
    about: 'assertGuarded names the routes that nobody guards',
    async run(kit) {
      const { loginCheck, permissionRequired } = honoGuard(kit.guard({ groups }))
      const done = () => new Response('done')
      const apps = [
        new Hono().get('/a', loginCheck(), done),
        new Hono().get('/a', done),
        new Hono().get('/a', done).use('*', loginCheck()),
        new Hono().get('/a', loginCheck({ optional: true }), done),
        new Hono().get('/a', permissionRequired('read'), done).post('/a', done),
        new Hono().use('/b/*', loginCheck()).get('/a', done),
        new Hono().get('/a', loginCheck(), done).route('/sub', new Hono().delete('/:id', done)),
        new Hono().use(loginCheck()).mount('/m', done),
        new Hono().mount('/m', done),
      ]
      return apps.map((app) => {
        try {
          assertGuarded(app)
          return 'guarded'
        } catch (error) {
          return /(GET|POST|DELETE|ALL) \/\S*/.exec(String(error))?.[0]
        }
      })
    },
    expect: [
      'guarded',
      'GET /a.',
      'GET /a.',
      'GET /a.',
      'POST /a.',
      'GET /a.',
      'DELETE /sub/:id.',
      'guarded',
      'ALL /m/*.',
    ],
  },
]

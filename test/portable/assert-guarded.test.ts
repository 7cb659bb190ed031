import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { beforeAll, describe, expect, it } from 'vitest'
import { assertGuarded, honoGuard } from '../../adapters/hono.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { clientId, createKey, TestIssuer, userPoolId } from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.read'] } })
let issuer: TestIssuer

beforeAll(async () => {
  issuer = new TestIssuer(await createKey('key-1'))
})

const { loginCheck, permissionRequired, groupRequired, scopeRequired } = honoGuard(
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
    ['other middleware and a check', new Hono().use(cors()).use(loginCheck()).get('/', ok)],
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
    [
      'a check of one depth before all',
      new Hono().use('/files/:name', loginCheck()).get('/files/*', ok),
      'GET /files/*.',
    ],
    ['a check that misses the optional form', new Hono().use('/a/:b', loginCheck()).get('/a/:b?', ok), 'GET /a/:b?.'],
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

  it('lets be public what is listed, and keeps the list true', () => {
    const app = new Hono().get('/', ok).get('/posts', ok).post('/posts', loginCheck(), ok)
    expect(failure(app, ['/', 'GET /posts'])).toBe('guarded')
    expect(failure(app, ['/', '/posts'])).toBe('guarded')
    expect(failure(app, ['/'])).toContain('nobody guards GET /posts.')
    expect(failure(app, ['/', '/posts', '/about'])).toContain('/about is none')
    expect(failure(app, ['/', '/posts', 'POST /posts'])).toContain('POST /posts is none')
  })
})

function withOnError<T extends { onError(handler: () => Response): unknown }>(app: T): T {
  app.onError(() => new Response('broken', { status: 500 }))
  return app
}

function lateRoute(): Hono {
  const app = new Hono()
  app.use('/api/*', loginCheck())
  app.get('/api/posts', ok)
  app.get('/late', ok)
  return app
}

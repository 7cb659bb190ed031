import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { beforeAll, describe, expect, it } from 'vitest'
import { protect, protectAll } from '../../adapters/fetch/index.ts'
import { honoGuard } from '../../adapters/hono/index.ts'
import { withGuard } from '../../adapters/workers/index.ts'
import { amplifyCookies, cookie, createGuard, defineGroups, type TokenSource } from '../../src/index.ts'
import { accessClaims, clientId, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

const groups = defineGroups({ editor: { allow: ['posts.read'] }, admin: { allow: ['posts.purge'] } })

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const settings = () => new TestIssuer(key).settings

/** A stand-in for what browsers send, since some runtimes drop header fields that only they may set. */
function incoming(headers: Record<string, string>, method = 'GET'): Request {
  const request = new Request('https://app.example/posts', { method })
  return Object.defineProperty(request, 'headers', { value: new Headers(headers) })
}

const varies = (response: Response) => /(^|, ?)cookie(,|$)/i.test(response.headers.get('vary') ?? '')

describe('Vary: Cookie', () => {
  const name = `CognitoIdentityServiceProvider.${clientId}`
  const sources: [string, TokenSource, () => string][] = [
    ['cookie', cookie('token'), () => `token=${token}`],
    ['amplifyCookies', amplifyCookies(), () => `${name}.LastAuthUser=a; ${name}.a.accessToken=${token}`],
    [
      "a source of one's own that asks it",
      (request, context) => cookie('token')(request, context),
      () => `token=${token}`,
    ],
  ]
  const cases: [string, (carried: string) => Request, number][] = [
    ['a caller', (carried) => incoming({ cookie: carried }), 200],
    ['nobody', () => incoming({}), 401],
    ['a bad token', () => incoming({ cookie: `token=junk; ${name}.LastAuthUser=a; ${name}.a.accessToken=junk` }), 401],
    ['another site', (carried) => incoming({ cookie: carried }, 'POST'), 403],
    ['an Authorization header beside it', () => incoming({ authorization: `Bearer ${token}` }), 200],
  ]
  for (const [source, tokenSource, carried] of sources) {
    it.each(cases)(`${source}, %s: the answer says what it depends on`, async (_name, request, status) => {
      const guard = createGuard({ ...settings(), groups, tokenSource })
      const { loginCheck, permissionRequired } = honoGuard(guard)
      const done = () => new Response('done')
      const app = new Hono().use(loginCheck()).all('/posts', permissionRequired('posts.read'), done)
      const answers = [
        protect(guard, 'posts.read', done),
        (one: Request) => withGuard(() => guard, done)(one, {}, { waitUntil() {} }),
        (one: Request) => app.fetch(one),
      ].map((answer) => answer(request(carried())))
      for (const answer of await Promise.all(answers)) expect([answer.status, varies(answer)]).toEqual([status, true])
    })
  }

  it('is there once, beside what the application says, also on a refusal behind CORS', async () => {
    const guard = createGuard({ ...settings(), groups, tokenSource: cookie('token') })
    const { loginCheck, permissionRequired } = honoGuard(guard)
    const app = new Hono()
      .use(cors({ origin: 'https://other.example' }))
      .use('/before/*', async (c, next) => {
        c.res.headers.set('vary', 'Accept-Language')
        await next()
      })
      .get('/before/posts', permissionRequired('posts.read'), (c) => c.text('posts'))
      .get('/before/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))
      .get('/alone', permissionRequired('posts.read'), (c) => c.text('alone'))
      .use(loginCheck({ optional: true }))
      .get('/posts', permissionRequired('posts.read'), (c) => c.text('posts', 200, { vary: 'Accept-Encoding' }))
      .get('/open', (c) => c.text('open', 200, { vary: 'cookie' }))
      .get('/any', (c) => c.text('any', 200, { vary: '*' }))
      .get('/own', loginCheck(), () => {
        throw new Error('mine')
      })
      .onError((_error, c) => c.text('mine', 500))
    const vary = async (path: string, headers: Record<string, string> = {}) => {
      const request = Object.defineProperty(incoming(headers), 'url', { value: `https://app.example${path}` })
      const answer = await app.fetch(request)
      return [answer.status, (answer.headers.get('vary') ?? '').toLowerCase().split(/, ?/).sort().join()]
    }
    expect(await vary('/posts', { cookie: `token=${token}` })).toEqual([200, 'accept-encoding,cookie,origin'])
    expect(await vary('/before/posts')).toEqual([401, 'accept-language,cookie,origin'])
    expect(await vary('/before/posts', { cookie: `token=${token}` })).toEqual([200, 'accept-language,cookie,origin'])
    expect(await vary('/before/purge', { cookie: `token=${token}` })).toEqual([403, 'accept-language,cookie,origin'])
    expect(await vary('/alone')).toEqual([401, 'cookie,origin'])
    expect(await vary('/alone', { cookie: `token=${token}` })).toEqual([200, 'cookie,origin'])
    expect(await vary('/posts')).toEqual([401, 'cookie,origin'])
    expect(await vary('/posts', { cookie: 'token=junk' })).toEqual([401, 'cookie,origin'])
    expect(await vary('/open')).toEqual([200, expect.stringMatching(/^cookie(,origin)?$/)])
    expect(await vary('/any')).toEqual([200, expect.stringContaining('*')])
    expect(await vary('/own', { cookie: `token=${token}` })).toEqual([500, 'cookie,origin'])
  })

  it('is there where a refusal is worded', async () => {
    const guard = createGuard({ ...settings(), groups, tokenSource: cookie('token') })
    const answer = await protectAll(
      guard,
      { 'posts.purge': () => new Response('purged') },
      { onRefusal: () => new Response('no') },
    )['posts.purge'](incoming({ cookie: `token=${token}`, 'sec-fetch-site': 'same-origin' }))
    expect([answer.status, await answer.text(), varies(answer)]).toEqual([403, 'no', true])
  })

  it('is added to answers that cannot be changed, by a copy', async () => {
    const guard = createGuard({ ...settings(), tokenSource: cookie('token') })
    const request = incoming({ cookie: `token=${token}` })
    await guard.authenticate(request)
    const fixed = new Response('body', { status: 203, headers: { 'x-own': '1' } })
    fixed.headers.append = () => {
      throw new TypeError('immutable')
    }
    const answer = guard.adapter.commit(request, fixed)
    expect(answer).not.toBe(fixed)
    expect([answer.status, answer.headers.get('x-own'), varies(answer)]).toEqual([203, '1', true])
    expect(await answer.text()).toBe('body')
  })

  it('leaves a switch of protocols alone', async () => {
    const guard = createGuard({ ...settings(), tokenSource: cookie('token') })
    const request = incoming({ cookie: `token=${token}` })
    await guard.authenticate(request)
    const upgrade = Object.defineProperty(new Response(null), 'status', { value: 101 })
    expect(guard.adapter.commit(request, upgrade)).toBe(upgrade)
    expect(varies(upgrade)).toBe(false)
  })

  it('is not there where nobody looked at cookies', async () => {
    const guard = createGuard({ ...settings(), groups })
    const answers = [incoming({ cookie: `token=${token}` }), incoming({ authorization: `Bearer ${token}` })].map(
      (request) => protect(guard, 'posts.read', () => new Response())(request),
    )
    expect((await Promise.all(answers)).map((answer) => [answer.status, varies(answer)])).toEqual([
      [401, false],
      [200, false],
    ])
  })
})

import { Hono } from 'hono'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { protect } from '../../adapters/fetch/index.ts'
import { honoGuard } from '../../adapters/hono/index.ts'
import { withGuard } from '../../adapters/workers/index.ts'
import {
  AuthenticationError,
  createGuard,
  defineGroups,
  ForbiddenError,
  type GuardEvent,
  type GuardEventContext,
} from '../../src/index.ts'
import {
  accessClaims,
  bearerRequest,
  createKey,
  idClaims,
  issuerName,
  sign,
  TestIssuer,
  type TestKey,
} from '../support/issuer.ts'

const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'] },
    admin: { allow: ['*'] },
  },
  { require: { 'posts.write': { auth_time: { maxAge: 900 } } } },
)

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

type Told = [event: GuardEvent, context: GuardEventContext]

function setUp(options: object = {}) {
  const issuer = new TestIssuer(key)
  const told: Told[] = []
  const onEvent = (...args: Told) => void told.push(args)
  const guard = createGuard({ ...issuer.settings, groups, onEvent, ...options })
  const types = () => told.map(([event]) => ('code' in event ? event.code : event.type))
  return { issuer, guard, told, types }
}

const junk = () => bearerRequest('junk')
const codeOf = (promise: Promise<unknown>) => promise.catch((error: { code?: string }) => error.code)

describe('onEvent', () => {
  it('hears who was established, with the request', async () => {
    const { guard, told } = setUp()
    const request = bearerRequest(token)
    const principal = await guard.authenticate(request)
    expect(told).toEqual([
      [
        { type: 'authenticated', principal },
        { request, waitUntil: expect.any(Function) },
      ],
    ])
    expect(told[0]?.[0]).toMatchObject({ principal: { username: 'alice' } })
    expect(Object.isFrozen(told[0]?.[0])).toBe(true)
  })

  it('hears of tokens that came some other way, without a request', async () => {
    const { guard, told, types } = setUp()
    await guard.verify(token)
    await guard.verifyTokens({ idToken: await sign(key, idClaims()), accessToken: token })
    await codeOf(guard.verify('junk'))
    await codeOf(guard.verifyTokens({ idToken: await sign(key, idClaims({ sub: 'bob' })), accessToken: token }))
    expect(types()).toEqual(['authenticated', 'authenticated', 'authenticated', 'TOKEN_MALFORMED', 'TOKENS_MISMATCHED'])
    expect(told.every(([, { request }]) => request === undefined)).toBe(true)
  })

  it('hears what was decided, by which rule, over which resource', async () => {
    const { guard, told, issuer } = setUp()
    const request = bearerRequest(token)
    const principal = await guard.authenticate(request)
    told.length = 0
    const resource = { id: 7 }
    guard.can(principal, 'posts.read')
    guard.explain(principal, 'posts.read')
    expect(told).toEqual([])
    guard.authorize(principal, 'posts.read', { request, resource })
    issuer.pass(901)
    for (const fn of ['posts.purge', 'posts.write'] as const) {
      expect(() => guard.authorize(principal, fn)).toThrow(ForbiddenError)
    }
    const rule = (effect: string, name: string, group: string, via: string[]) => ({ effect, rule: name, group, via })
    const base = { groups: ['editor'], failed: [] }
    expect(told.map(([event]) => event)).toEqual([
      {
        type: 'authorized',
        principal,
        resource,
        decision: {
          ...base,
          allowed: true,
          code: 'ALLOW',
          permission: 'posts.read',
          matched: [rule('allow', 'posts.read', 'viewer', ['editor', 'viewer'])],
        },
      },
      {
        type: 'denied',
        principal,
        resource: undefined,
        decision: {
          ...base,
          allowed: false,
          code: 'DENY_EXPLICIT',
          permission: 'posts.purge',
          matched: [rule('deny', 'posts.purge', 'editor', ['editor'])],
        },
      },
      {
        type: 'denied',
        principal,
        resource: undefined,
        decision: {
          ...base,
          allowed: false,
          code: 'DENY_CONDITION',
          permission: 'posts.write',
          matched: [rule('allow', 'posts.write', 'editor', ['editor'])],
          failed: [{ at: 'require', rule: 'posts.write', claim: 'auth_time', kind: 'maxAge' }],
        },
      },
    ])
    expect(told[0]?.[1].request).toBe(request)
    expect(told[0]?.[0]).toHaveProperty('resource', resource)
  })

  it('hears of an issuer that does not answer, and of the request that is refused for it', async () => {
    const { guard, told, issuer, types } = setUp()
    issuer.respond = () => new Response(null, { status: 500 })
    expect(await codeOf(guard.authenticate(bearerRequest(token)))).toBe('KEYS_UNAVAILABLE')
    expect(types()).toEqual(['keys-failed', 'KEYS_UNAVAILABLE'])
    expect(told[0]?.[0]).toEqual({ type: 'keys-failed', issuer: issuerName, error: expect.any(Error) })
    // Nobody asks again while the issuer rests.
    expect(await codeOf(guard.authenticate(bearerRequest(token)))).toBe('KEYS_UNAVAILABLE')
    expect(types()).toEqual(['keys-failed', 'KEYS_UNAVAILABLE', 'KEYS_UNAVAILABLE'])
  })

  it.each<[string, object, () => Request | Promise<Request>, string]>([
    ['no token', {}, () => new Request('https://app.example/'), 'TOKEN_MISSING'],
    ['a bad token', {}, junk, 'TOKEN_MALFORMED'],
    ['a check that says no', { validate: () => false }, () => bearerRequest(token), 'VALIDATION_FAILED'],
    ['a missing scope', { scopes: ['posts/write'] }, () => bearerRequest(token), 'SCOPE_REQUIRED'],
    [
      'an unknown group',
      { unknownGroups: 'refuse' },
      async () => bearerRequest(await sign(key, accessClaims({ 'cognito:groups': ['nobody'] }))),
      'GROUP_UNKNOWN',
    ],
  ])('hears of a refusal for %s, once a request', async (_name, options, request, code) => {
    const { guard, told } = setUp(options)
    const incoming = await request()
    const error = await guard.authenticate(incoming).catch((reason: unknown) => reason)
    await codeOf(guard.authenticate(incoming))
    guard.adapter.report(error, incoming)
    expect(told).toEqual([
      [
        { type: 'refused', code, error },
        { request: incoming, waitUntil: expect.any(Function) },
      ],
    ])
    expect(told[0]?.[0]).toHaveProperty('error', error)
  })

  it('hears nothing of errors that are no refusals', async () => {
    const own = new Error('mine')
    const { guard, told } = setUp({
      validate: () => {
        throw own
      },
    })
    const request = bearerRequest(token)
    await expect(guard.authenticate(request)).rejects.toBe(own)
    for (const error of [own, undefined, null, 'text', { code: 'TOKEN_MISSING' }]) guard.adapter.report(error, request)
    expect(told).toEqual([])
  })

  it('hears of refusals that an adapter raises, and not of denials again', async () => {
    const { guard, types } = setUp()
    const request = bearerRequest(token)
    const principal = await guard.authenticate(request)
    guard.adapter.report(new ForbiddenError('GROUP_REQUIRED'), request)
    guard.adapter.report(new AuthenticationError('USER_REQUIRED'), request)
    guard.adapter.report(new AuthenticationError('USER_REQUIRED'), request)
    const later = guard.withGroups(defineGroups({ other: { allow: ['posts.read'] } }))
    let denial: unknown
    try {
      later.authorize(principal, 'posts.read', { request })
    } catch (error) {
      denial = error
    }
    guard.adapter.report(denial, request)
    expect(types()).toEqual(['authenticated', 'GROUP_REQUIRED', 'USER_REQUIRED', 'denied'])
  })

  it('hears once of a request that is authenticated twice, by whichever of two guards', async () => {
    const { guard, types } = setUp()
    const request = bearerRequest(token)
    await guard.authenticate(request)
    await guard.authenticate(request)
    await guard.withGroups(defineGroups({ other: {} })).authenticate(request)
    expect(types()).toEqual(['authenticated'])
    await guard.authenticate(bearerRequest(token))
    expect(types()).toEqual(['authenticated', 'authenticated'])
  })

  it('need not be there', async () => {
    const guard = createGuard({ ...new TestIssuer(key).settings, groups })
    expect(guard.adapter.report(new AuthenticationError('USER_REQUIRED'), junk())).toBeUndefined()
  })
})

describe('through the adapters, each fact once:', () => {
  it('Hono with both checks', async () => {
    const { guard, types } = setUp()
    const { loginCheck, permissionRequired } = honoGuard(guard)
    const app = new Hono()
      .use(loginCheck())
      .get('/read', permissionRequired('posts.read'), (c) => c.text('read'))
      .get('/purge', permissionRequired('posts.purge'), (c) => c.text('purged'))
    const ask = async (path: string, bearer = token) =>
      (await app.fetch(bearerRequest(bearer, `https://app.example${path}`))).status
    expect([await ask('/read'), await ask('/purge'), await ask('/read', 'junk')]).toEqual([200, 403, 401])
    expect(types()).toEqual(['authenticated', 'authorized', 'authenticated', 'denied', 'TOKEN_MALFORMED'])
  })

  it('Hono with an optional check: nobody is no refusal, unless a check behind it refuses', async () => {
    const { guard, types } = setUp()
    const { loginCheck, permissionRequired } = honoGuard(guard)
    const app = new Hono()
      .use(loginCheck({ optional: true }))
      .get('/open', (c) => c.text('open'))
      .get('/read', permissionRequired('posts.read'), (c) => c.text('read'))
    expect((await app.request('/open')).status).toBe(200)
    expect(types()).toEqual([])
    expect((await app.request('/read')).status).toBe(401)
    expect(types()).toEqual(['TOKEN_MISSING'])
  })

  it('protect and withGuard', async () => {
    const { guard, types } = setUp()
    await protect(guard, 'posts.read', () => new Response())(bearerRequest(token))
    await protect(guard, 'posts.purge', () => new Response())(bearerRequest(token))
    await withGuard(
      () => guard,
      () => new Response(),
    )(junk(), {}, { waitUntil() {} })
    expect(types()).toEqual(['authenticated', 'authorized', 'authenticated', 'denied', 'TOKEN_MALFORMED'])
  })
})

describe('waitUntil', () => {
  it('is handed what the listener returns, and comes with the request to where it is not given', async () => {
    const write = Promise.resolve('written')
    const waiting: Promise<unknown>[] = []
    const { guard } = setUp({ onEvent: () => write })
    const answer = withGuard(
      () => guard,
      (request, _env, _ctx, principal) => {
        guard.authorize(principal, 'posts.read', { request })
        guard.authorize(principal, 'posts.read')
        return new Response('ok')
      },
    )
    const ctx = {
      waitUntil(work: Promise<unknown>) {
        if (this !== ctx) throw new TypeError('Illegal invocation')
        waiting.push(work)
      },
    }
    expect((await answer(bearerRequest(token), {}, ctx)).status).toBe(200)
    expect(waiting).toHaveLength(2)
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
  })

  it('may be called by the listener, and drops what is rejected', async () => {
    const waiting: Promise<unknown>[] = []
    const onEvent = (_event: GuardEvent, { waitUntil }: GuardEventContext) => {
      waitUntil(Promise.reject(new Error('log full')))
      waitUntil('no promise' as never)
    }
    const { guard } = setUp({ onEvent })
    await guard.authenticate(bearerRequest(token), { waitUntil: (work) => void waiting.push(work) })
    await guard.authenticate(bearerRequest(token))
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
  })

  it('reaches the events of keys', async () => {
    const waiting: Promise<unknown>[] = []
    const { guard, issuer } = setUp({ onEvent: async () => {} })
    issuer.respond = () => new Response(null, { status: 500 })
    await codeOf(guard.verify(token, { waitUntil: (work) => void waiting.push(work) }))
    expect(waiting).toHaveLength(2)
  })

  it('that throws changes nothing', async () => {
    const { guard } = setUp({ onEvent: async () => {} })
    const waitUntil = () => {
      throw new TypeError('The response was sent already.')
    }
    expect(await guard.authenticate(bearerRequest(token), { waitUntil })).toMatchObject({ username: 'alice' })
  })
})

describe('a listener changes nothing', () => {
  const thrower = () => {
    throw new Error('log full')
  }
  it.each<[string, (event: never) => unknown]>([
    ['throws', thrower],
    ['rejects', () => Promise.reject(new Error('log full'))],
    ['never settles', () => new Promise(() => {})],
    [
      'returns a thenable that rejects',
      () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(new Error('no')) }),
    ],
    ['returns a thenable that throws', () => ({ then: thrower })],
    ['returns a thenable that never calls back', () => ({ then: () => {} })],
    ['returns a getter that throws', () => Object.defineProperty({}, 'then', { get: thrower })],
    [
      'returns a promise with members of its own',
      () => Object.assign(Promise.reject(new Error('no')), { then: thrower, catch: thrower }),
    ],
    [
      'returns a promise whose constructor throws',
      () => {
        const promise = Promise.resolve()
        return Object.defineProperty(promise, 'constructor', { get: thrower })
      },
    ],
    ['returns true', () => true],
    ['returns null', () => null],
    [
      'turns the decision round',
      (event: { decision?: { allowed: boolean } }) => {
        if (event.decision) event.decision.allowed = !event.decision.allowed
      },
    ],
    [
      'exchanges the event',
      (event: { type: string; principal: unknown }) => {
        event.type = 'authorized'
        event.principal = undefined
      },
    ],
  ])('that %s', async (_name, onEvent) => {
    const unhandled = vi.fn()
    const node = 'process' in globalThis && typeof process.on === 'function'
    if (node) process.on('unhandledRejection', unhandled)
    const { guard, issuer } = setUp({ onEvent })
    const waitUntil = () => {}
    const principal = await guard.authenticate(bearerRequest(token), { waitUntil })
    expect(principal).toMatchObject({ username: 'alice' })
    expect(guard.authorize(principal, 'posts.read')).toBeUndefined()
    expect(() => guard.authorize(principal, 'posts.purge')).toThrow(ForbiddenError)
    const request = junk()
    expect(await codeOf(guard.authenticate(request))).toBe('TOKEN_MALFORMED')
    expect(guard.adapter.report(new ForbiddenError('GROUP_REQUIRED'), request)).toBeUndefined()
    issuer.respond = () => new Response(null, { status: 500 })
    const other = setUp({ onEvent, fetch: issuer.fetch }).guard
    expect(await codeOf(other.verify(token))).toBe('KEYS_UNAVAILABLE')
    await new Promise((resolve) => setTimeout(resolve, 0))
    if (node) process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

it('a listener cannot change the answer', async () => {
  const onEvent = (event: GuardEvent) => {
    if (event.type !== 'refused') return
    for (const change of [{ status: 200 }, { code: 'X' }, { message: 'X' }]) {
      try {
        Object.assign(event.error, change)
      } catch {}
    }
    try {
      Object.assign((event.error as ForbiddenError).details, { scope: 'X' })
    } catch {}
  }
  const { guard } = setUp({ onEvent, scopes: ['posts/write'] })
  const request = bearerRequest(token)
  const error: unknown = await guard.authenticate(request).catch((thrown: unknown) => thrown)
  const answer = guard.toResponse(error, request)
  expect(answer.status).toBe(403)
  expect(answer.headers.get('www-authenticate')).toContain('scope="posts/write"')
  expect(await answer.json()).toMatchObject({ code: 'SCOPE_REQUIRED', status: 403, title: 'Scope required.' })
  const stranger = new Request('https://app.example/')
  const missing: unknown = await guard.authenticate(stranger).catch((thrown: unknown) => thrown)
  expect(guard.toResponse(missing, stranger).status).toBe(401)
})

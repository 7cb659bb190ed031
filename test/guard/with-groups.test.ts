import { beforeAll, describe, expect, it, vi } from 'vitest'
import { Hono } from 'hono'
import { protect } from '../../adapters/fetch/index.ts'
import { type GuardEnv, honoGuard } from '../../adapters/hono/index.ts'
import { withGuard } from '../../adapters/workers/index.ts'
import {
  ConfigurationError,
  createGuard,
  defineGroups,
  ForbiddenError,
  type Principal,
  type UserPrincipal,
} from '../../src/index.ts'
import { inBrowser } from '../support/browser.ts'
import {
  accessClaims,
  bearerRequest,
  clientId,
  createKey,
  issuerName,
  sign,
  start,
  TestIssuer,
  type TestKey,
  userPoolId,
} from '../support/issuer.ts'

const first = defineGroups({ editor: { allow: ['posts.read', 'posts.write'] }, old: {} })
/** As a map comes out of a store, where only its text is known. */
const text = JSON.stringify({
  editor: { allow: ['posts.read', 'posts.archive', { permission: 'posts.sign', when: { acr: 'gold' } }] },
  admin: { inherits: ['editor'], allow: ['*'] },
})
const second = defineGroups(JSON.parse(text))

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

function setUp() {
  const issuer = new TestIssuer(key)
  return { issuer, guard: createGuard({ ...issuer.settings, groups: first }) }
}

describe('a guard with another map', () => {
  it('decides by it, while the first guard goes on deciding by its own', async () => {
    const { guard } = setUp()
    const later = guard.withGroups(second)
    const principal = await guard.authenticate(bearerRequest(token))
    const asked = ['posts.read', 'posts.write', 'posts.archive', 'posts.sign'] as const
    const may = (one: { can(whom: typeof principal, fn: string): boolean }) => asked.map((fn) => one.can(principal, fn))
    for (let round = 0; round < 2; round++) {
      expect(may(later)).toEqual([true, false, true, false])
      expect(may(guard as typeof later)).toEqual([true, true, false, false])
    }
    expect(later.authorize(principal, 'posts.archive')).toBeUndefined()
    expect(() => later.authorize(principal, 'posts.write')).toThrow(ForbiddenError)
    expect(later.explain(principal, 'posts.write')).toMatchObject({ code: 'DENY_DEFAULT' })
    expect(guard.authorize(principal, 'posts.write')).toBeUndefined()
  })

  it('knows the names of the new map', () => {
    const { guard } = setUp()
    const later = guard.withGroups(second)
    expect(
      ['posts.write', 'posts.archive'].map((fn) => [
        guard.adapter.knowsPermission(fn),
        later.adapter.knowsPermission(fn),
      ]),
    ).toEqual([
      [true, false],
      [false, true],
    ])
    expect(
      ['editor', 'old', 'admin'].map((name) => [guard.adapter.knowsGroup(name), later.adapter.knowsGroup(name)]),
    ).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ])
  })

  it('shares keys, verified tokens and principals, both ways', async () => {
    const { guard, issuer } = setUp()
    const principal = await guard.authenticate(bearerRequest(token))
    const later = guard.withGroups(second)
    issuer.respond = () => new Response(null, { status: 500 })
    expect(await later.authenticate(bearerRequest(token))).toBe(principal)
    const other = await later.verify(await sign(key, accessClaims({ sub: 'bob', username: 'bob' })))
    expect(guard.can(other, 'posts.write')).toBe(true)
    expect(guard.tokenOf(other)).toBe(later.tokenOf(other))
    const last = later.withGroups(first).withGroups(second)
    expect(last.can(other, 'posts.archive')).toBe(true)
    expect(issuer.asked).toEqual([`${issuerName}/.well-known/jwks.json`])
  })

  it('refuses the principals of other guards still', async () => {
    const foreign = await setUp().guard.authenticate(bearerRequest(token))
    const later = setUp().guard.withGroups(second)
    expect(later.can(foreign, 'posts.read')).toBe(false)
    expect(later.explain(foreign, 'posts.read')).toEqual({
      allowed: false,
      code: 'DENY_DEFAULT',
      permission: 'posts.read',
      groups: [],
      matched: [],
      failed: [],
      wouldAllow: [],
    })
    expect(() => later.authorize(foreign, 'posts.read')).toThrow(ForbiddenError)
    expect(() => later.tokenOf(foreign)).toThrow(ConfigurationError)
  })

  it('answers for the denials of both, and of no other guard', async () => {
    const { guard } = setUp()
    const later = guard.withGroups(second)
    const principal = await guard.authenticate(bearerRequest(token))
    const denials = [
      catchError(() => later.authorize(principal, 'posts.write')),
      catchError(() => guard.authorize(principal, 'posts.archive' as 'posts.read')),
    ]
    const stranger = setUp().guard
    for (const denial of denials) {
      expect([guard, later, later.withGroups(first), stranger].map((one) => one.adapter.isOwnDenial(denial))).toEqual([
        true,
        true,
        true,
        false,
      ])
    }
  })

  it('may deny in a handler behind the first guard: 403', async () => {
    const { guard } = setUp()
    const later = guard.withGroups(second)
    const archive = (principal: Principal) => {
      later.authorize(principal as UserPrincipal as never, 'posts.write')
      return new Response('written')
    }
    const app = new Hono<GuardEnv>()
      .use(honoGuard(guard).loginCheck() as never)
      .get('/posts', (c) => archive(c.var.principal))
      .onError((_error, c) => c.text('mine', 500))
    const answers = [
      protect(guard, 'posts.write', (_request, { principal }) => archive(principal))(bearerRequest(token)),
      withGuard(
        () => guard,
        (_request, _env, _ctx, principal) => archive(principal),
      )(bearerRequest(token), {}, { waitUntil() {} }),
      app.fetch(bearerRequest(token)),
    ]
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([403, 403, 403])
  })

  it('keeps the options: check, onEvent, unknownGroups, resolveGroups', async () => {
    const onEvent = vi.fn()
    let open = true
    const guard = createGuard({
      ...new TestIssuer(key).settings,
      groups: first,
      onEvent,
      validate: () => open,
      unknownGroups: 'refuse',
      resolveGroups: () => ['old'],
    })
    const principal = await guard.authenticate(bearerRequest(token))
    expect(principal.groups).toEqual(['old'])
    const later = guard.withGroups(second)
    await expect(later.authenticate(bearerRequest(token))).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' })
    catchError(() => later.authorize(principal, 'posts.read'))
    expect(onEvent.mock.calls.map(([{ type }]) => type)).toEqual(['authenticated', 'refused', 'denied'])
    open = false
    await expect(later.authenticate(bearerRequest(token))).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('looks at claims by the rules of the new map', async () => {
    const { guard, issuer } = setUp()
    const gold = await guard.verify(await sign(key, accessClaims({ acr: 'gold' })))
    expect(guard.withGroups(second).can(gold, 'posts.sign')).toBe(true)
    const gates = { require: { 'posts.read': { auth_time: { maxAge: 60 } } } }
    const gated = guard.withGroups(defineGroups({ editor: { allow: ['posts.read'] } }, gates))
    expect(gated.can(gold, 'posts.read')).toBe(true)
    issuer.time = (start + 61) * 1000
    expect(catchError(() => gated.authorize(gold, 'posts.read'))).toMatchObject({ code: 'STEP_UP_REQUIRED' })
    expect(guard.can(gold, 'posts.read')).toBe(true)
  })

  it.skipIf(inBrowser)('adds the cookies that a token source left, whichever of the two is asked', async () => {
    const guard = createGuard({
      ...new TestIssuer(key).settings,
      groups: first,
      tokenSource: (_request, { setCookies }) => {
        setCookies(['a=1'])
        return token
      },
    })
    const request = new Request('https://app.example/')
    await guard.authenticate(request)
    const response = guard.withGroups(second).adapter.commit(request, new Response('x'))
    expect(response.headers.getSetCookie()).toEqual(['a=1'])
  })

  it('may be given to a guard that had no map', async () => {
    const guard = createGuard(new TestIssuer(key).settings)
    const principal = await guard.verify(token)
    expect(guard.withGroups(first).can(principal, 'posts.write')).toBe(true)
    expect(guard.adapter.knowsPermission('posts.write')).toBe(false)
  })

  it('takes the id of its only pool, and of no other', () => {
    const { guard } = setUp()
    expect(guard.withGroups(second, userPoolId).adapter.knowsPermission('posts.archive')).toBe(true)
    expect(() => guard.withGroups(second, 'eu-west-1_Another11')).toThrow(ConfigurationError)
    expect(() => guard.withGroups(second, 'eu-west-1_Another11')).toThrow('withGroups')
  })
})

describe('with many pools', () => {
  const otherPoolId = 'us-east-1_OtherPool'
  const orders = defineGroups({ editor: { allow: ['orders.read'] } })
  const newOrders = defineGroups({ editor: { allow: ['orders.write'] } })
  const asked = ['posts.write', 'posts.archive', 'orders.read', 'orders.write'] as const

  async function many() {
    const { userPoolId, clientId, ...settings } = new TestIssuer(key).settings
    const pools = [
      { userPoolId, clientId, groups: first },
      { userPoolId: otherPoolId, clientId: 'other', groups: orders },
    ]
    const guard = createGuard<string, string>({ ...settings, pools })
    const iss = `https://cognito-idp.us-east-1.amazonaws.com/${otherPoolId}`
    const here = await guard.verify(token)
    const there = await guard.verify(await sign(key, accessClaims({ iss, client_id: 'other' })))
    const may = (one: typeof guard) => [here, there].map((whom) => asked.filter((fn) => one.can(whom, fn)).join())
    return { guard, may }
  }

  it('replaces the map of one, by its id', async () => {
    const { guard, may } = await many()
    expect(may(guard)).toEqual(['posts.write', 'orders.read'])
    const one = guard.withGroups(second, userPoolId)
    expect(may(one)).toEqual(['posts.archive', 'orders.read'])
    const both = one.withGroups(newOrders, otherPoolId)
    expect(may(both)).toEqual(['posts.archive', 'orders.write'])
    expect(may(guard)).toEqual(['posts.write', 'orders.read'])
    expect(asked.map((fn) => both.adapter.knowsPermission(fn))).toEqual([false, true, false, true])
  })

  it.each([undefined, '', 'eu-west-1_Another11', clientId])('throws where no pool is meant: %j', async (id) => {
    const { guard } = await many()
    expect(() => Reflect.apply(guard.withGroups, guard, [second, id])).toThrow(ConfigurationError)
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('expected a throw')
}

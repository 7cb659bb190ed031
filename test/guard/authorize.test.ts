import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError, cookie, createGuard, defineGroups, ForbiddenError } from '../../src/index.ts'
import { accessClaims, bearerRequest, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'] },
  admin: { allow: ['*'] },
})

let key: TestKey
let token: string

beforeAll(async () => {
  key = await createKey('key-1')
  token = await sign(key, accessClaims())
})

const settings = () => new TestIssuer(key).settings
const request = () => bearerRequest(token)

describe('authorize, can and explain', () => {
  it('agree', async () => {
    const guard = createGuard({ ...settings(), groups })
    const principal = await guard.authenticate(request())
    for (const [fn, allowed] of [
      ['posts.read', true],
      ['posts.write', true],
      ['posts.purge', false],
    ] as const) {
      expect(guard.can(principal, fn)).toBe(allowed)
      expect(guard.explain(principal, fn).allowed).toBe(allowed)
      if (allowed) expect(guard.authorize(principal, fn)).toBeUndefined()
      else expect(() => guard.authorize(principal, fn)).toThrow(ForbiddenError)
    }
  })

  it('carry the decision, where nobody prints it', async () => {
    const guard = createGuard({ ...settings(), groups })
    const principal = await guard.authenticate(request())
    const error = catchError(() => guard.authorize(principal, 'posts.purge'))
    expect(error).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' })
    expect((error as ForbiddenError<{ code: string }>).details.decision).toMatchObject({
      code: 'DENY_EXPLICIT',
      permission: 'posts.purge',
    })
    expect(JSON.stringify(error)).not.toContain('posts.purge')
    expect(guard.adapter.isOwnDenial(error)).toBe(true)
    expect(guard.adapter.isOwnDenial(new ForbiddenError('PERMISSION_DENIED'))).toBe(false)
  })

  it('allow nothing to a function that no map knows', async () => {
    const guard = createGuard({ ...settings(), groups })
    const principal = await guard.authenticate(
      bearerRequest(await sign(key, accessClaims({ 'cognito:groups': ['admin'] }))),
    )
    const unknown = 'posts.archive' as 'posts.read'
    expect(guard.can(principal, 'posts.purge')).toBe(true)
    expect(guard.can(principal, unknown)).toBe(false)
    expect(guard.explain(principal, unknown)).toMatchObject({ allowed: false, code: 'DENY_DEFAULT' })
    expect(() => guard.authorize(principal, unknown)).toThrow(ForbiddenError)
    expect([guard.adapter.knowsPermission('posts.read'), guard.adapter.knowsPermission('posts.archive')]).toEqual([
      true,
      false,
    ])
    expect([guard.adapter.knowsGroup('admin'), guard.adapter.knowsGroup('Admin')]).toEqual([true, false])
  })

  it('allow nothing to a principal that this guard did not establish', async () => {
    const guard = createGuard({ ...settings(), groups })
    const principal = await createGuard({ ...settings(), groups }).authenticate(request())
    for (const foreign of [principal, { ...principal }, { ...principal, groups: ['admin'] }]) {
      expect(guard.can(foreign, 'posts.read')).toBe(false)
      expect(guard.explain(foreign, 'posts.read')).toMatchObject({ allowed: false, code: 'DENY_DEFAULT' })
      expect(() => guard.authorize(foreign, 'posts.read')).toThrow(ForbiddenError)
      expect(() => guard.tokenOf(foreign)).toThrow(ConfigurationError)
      expect(() => guard.tokenOf(foreign)).toThrow(/^tokenOf: /)
    }
  })

  it('allow nothing without a map', async () => {
    const guard = createGuard(settings())
    const principal = await guard.authenticate(request())
    expect(guard.can(principal, 'posts.read' as never)).toBe(false)
    expect(guard.adapter.knowsGroup('anything')).toBe(true)
  })
})

describe('permissions', () => {
  it('say of every function what can says, with the claims of the caller', async () => {
    const gated = defineGroups(
      {
        viewer: { allow: ['posts.read', { permission: 'posts.edit', when: { sub: (sub, c) => c.resource === sub } }] },
        vip: { allow: [{ permission: 'posts.sign', when: { acr: 'gold' } }] },
        admin: { inherits: ['viewer'], allow: ['*'], deny: ['posts.sign'] },
      },
      { permissions: ['posts.read', 'posts.edit', 'posts.sign', 'posts.purge', '__proto__'] },
    )
    const guard = createGuard({ ...settings(), groups: gated })
    const sub = 'someone'
    for (const memberOf of [[], ['viewer'], ['vip'], ['viewer', 'vip'], ['admin'], ['admin', 'vip'], ['unknown']]) {
      for (const claims of [{}, { acr: 'gold' }]) {
        const principal = await guard.verify(
          await sign(key, accessClaims({ ...claims, sub, 'cognito:groups': memberOf })),
        )
        for (const context of [{}, { resource: sub }, { resource: 'other' }]) {
          const said = guard.permissions(principal, context)
          expect(Object.keys(said)).toEqual(gated.permissions)
          for (const fn of gated.permissions) {
            expect(Object.getOwnPropertyDescriptor(said, fn)?.value).toBe(guard.can(principal, fn, context))
          }
        }
      }
    }
  })

  it('of one pool are false for the permissions of another', async () => {
    const { userPoolId, clientId, ...rest } = settings()
    const orders = defineGroups({ editor: { allow: ['orders.read', 'posts.read'] } })
    const other = { userPoolId: 'us-east-1_OtherPool', clientId: 'other', groups: orders }
    const guard = createGuard({ ...rest, pools: [{ userPoolId, clientId, groups }, other] })
    expect(guard.permissions(await guard.verify(token))).toEqual({
      'posts.read': true,
      'posts.write': true,
      'posts.purge': false,
      'orders.read': false,
    })
  })

  it('are none without a map', async () => {
    const guard = createGuard(settings())
    expect(guard.permissions(await guard.verify(token))).toEqual({})
  })
})

describe('a step-up', () => {
  const gated = defineGroups(
    {
      editor: { allow: ['posts.write', { permission: 'posts.sign', when: { acr: ['gold', 'silver'] } }] },
      viewer: { allow: ['posts.sign'] },
    },
    { permissions: ['posts.write', 'posts.sign'], require: { 'posts.write': { auth_time: { maxAge: 900 } } } },
  )

  it('is asked for where the sign-in is too old, and only there', async () => {
    const issuer = new TestIssuer(key)
    const guard = createGuard({ ...issuer.settings, groups: gated })
    const principal = await guard.authenticate(request())
    expect(guard.authorize(principal, 'posts.write')).toBeUndefined()
    issuer.pass(901)
    const error = catchError(() => guard.authorize(principal, 'posts.write'))
    expect(error).toBeInstanceOf(ForbiddenError)
    expect(error).toMatchObject({ status: 401, code: 'STEP_UP_REQUIRED', details: { maxAge: 900 } })
    const response = guard.toResponse(error, request())
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", max_age="900"',
    )
    expect(await response.json()).toEqual({
      title: 'Step up required.',
      status: 401,
      code: 'STEP_UP_REQUIRED',
      instance: '/posts',
      max_age: 900,
    })
    const viewer = await guard.verify(await sign(key, accessClaims({ 'cognito:groups': ['viewer'] })))
    expect(catchError(() => guard.authorize(viewer, 'posts.write'))).toMatchObject({
      status: 403,
      code: 'PERMISSION_DENIED',
    })
  })

  it('names the authentication contexts', async () => {
    const guard = createGuard({ ...settings(), groups: gated })
    const principal = await guard.authenticate(request())
    const error = catchError(() => guard.authorize(principal, 'posts.sign'))
    const response = guard.toResponse(error, request())
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", acr_values="gold silver"',
    )
    expect(await response.json()).toMatchObject({ code: 'STEP_UP_REQUIRED', acr_values: 'gold silver' })
    const silver = await guard.verify(await sign(key, accessClaims({ acr: 'silver' })))
    expect(guard.can(silver, 'posts.sign')).toBe(true)
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

describe('a misspelt name in a context', () => {
  const locked = defineGroups({
    viewer: {
      allow: [{ permission: 'posts.read', when: (_claims, { resource }) => resource !== 'locked' }, 'posts.list'],
    },
    editor: { allow: ['posts.write'] },
  })

  it('allows nothing, and is named by what throws', async () => {
    const guard = createGuard({ ...settings(), groups: locked })
    const jwt = await sign(key, accessClaims({ 'cognito:groups': ['viewer'] }))
    const principal = await guard.authenticate(bearerRequest(jwt))
    expect(guard.can(principal, 'posts.read', { resource: 'open' })).toBe(true)
    for (const context of [{ resorce: 'locked' }, { claims: {} }, Object.create({ resorce: 'locked' })]) {
      expect(guard.can(principal, 'posts.read', context)).toBe(false)
      expect(guard.explain(principal, 'posts.read', context)).toMatchObject({ allowed: false, code: 'DENY_DEFAULT' })
      expect(guard.permissions(principal, context)).toEqual({
        'posts.read': false,
        'posts.list': false,
        'posts.write': false,
      })
      for (const permission of ['posts.read', 'posts.list', 'posts.write'] as const)
        expect(() => guard.authorize(principal, permission, context)).toThrow(ConfigurationError)
    }
    const misspelt: object = { resorce: 'locked' }
    expect(() => guard.authorize(principal, 'posts.read', misspelt)).toThrow(
      'authorize: unknown option "resorce"; did you mean "resource"?',
    )
    expect(locked.can(['viewer'], 'posts.read', { claims: {}, resource: 'open' })).toBe(true)
    expect(locked.can(['viewer'], 'posts.read', { claims: {}, ...misspelt })).toBe(false)
    expect(locked.explain(['viewer'], 'posts.read', { claims: {}, ...misspelt }).code).toBe('DENY_CONDITION')
  })

  it('lets nobody in', async () => {
    const guard = createGuard({ ...settings(), tokenSource: cookie('token') })
    const asked = { method: 'GET', url: 'https://app.example/', headers: new Headers({ cookie: `token=${token}` }) }
    const outcome = (context: object) =>
      guard.authenticate(asked as Request, context).then(
        () => 'accepted',
        (error: { code?: string }) => error.code ?? String(error),
      )
    expect(await outcome({ strictCookies: false, optional: true, waitUntil: () => {} })).toBe('accepted')
    expect(await outcome({ strictCookies: true })).toBe('CROSS_SITE_REQUEST')
    expect(await outcome({ strictCookie: true })).toBe('CONFIGURATION')
    for (const strictCookies of ['allow-navigations', 0, '', null, 1])
      expect(await outcome({ strictCookies })).toBe('CONFIGURATION')
  })
})

import { type Context, Hono } from 'hono'
import { hc } from 'hono/client'
import { describe, expectTypeOf, it } from 'vitest'
import { protect, protectAll } from '../../adapters/fetch/index.ts'
import { type GuardEnv, honoGuard } from '../../adapters/hono/index.ts'
import { perEnv, withGuard } from '../../adapters/workers/index.ts'
import {
  type AccessPrincipal,
  type Claims,
  type ClientPrincipal,
  createGuard,
  defineGroups,
  type Guard,
  type IdPrincipal,
  type Principal,
  type UserPrincipal,
} from '../../src/index.ts'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})
const orders = defineGroups({ clerk: { allow: ['orders.read'] } })
const pool = { userPoolId: 'eu-west-1_TestPool1', clientId: 'client' }
const guard = createGuard({ ...pool, groups })

describe('createGuard', () => {
  it('knows the permissions, the groups and the kinds of principals', () => {
    expectTypeOf(guard).toEqualTypeOf<
      Guard<'posts.read' | 'posts.write', 'viewer' | 'editor', AccessPrincipal | ClientPrincipal>
    >()
    expectTypeOf(guard.authenticate).returns.resolves.toEqualTypeOf<AccessPrincipal | ClientPrincipal>()
    const byId = createGuard({ ...pool, groups, tokenUse: 'id' })
    expectTypeOf(byId.authenticate).returns.resolves.toEqualTypeOf<IdPrincipal>()
    const byAny = createGuard({ ...pool, tokenUse: 'any' })
    expectTypeOf(byAny.authenticate).returns.resolves.toEqualTypeOf<Principal>()
  })

  it('joins the maps of many pools', () => {
    const many = createGuard({
      pools: [
        { ...pool, groups },
        { userPoolId: 'eu-west-1_OtherPool', clientId: 'x', groups: orders },
      ],
    })
    expectTypeOf(many.can).parameter(1).toEqualTypeOf<'posts.read' | 'posts.write' | 'orders.read'>()
  })

  it('has typed claims', async () => {
    const typed = createGuard({ ...pool, mapClaims: (raw) => ({ tier: String(raw['custom:tier']) }) })
    expectTypeOf((await typed.verify('')).claims).toEqualTypeOf<{ tier: string }>()
    expectTypeOf((await guard.verify('')).claims).toEqualTypeOf<Claims>()
  })

  it('does without a map, and then authorizes nothing', async () => {
    const mapless = createGuard(pool)
    const principal = await mapless.verify('')
    // @ts-expect-error no function is known
    mapless.can(principal, 'posts.read')
  })

  it('knows the names of a map that stands inline', async () => {
    const inline = createGuard({
      ...pool,
      groups: defineGroups({
        viewer: { allow: ['posts.read'] },
        editor: { inherits: ['viewer'], allow: ['posts.write'] },
      }),
    })
    expectTypeOf(inline).toEqualTypeOf<typeof guard>()
    const principal = await inline.verify('')
    inline.can(principal, 'posts.read')
    // @ts-expect-error misspelt
    inline.can(principal, 'posts.raed')
    const listed = createGuard({
      ...pool,
      groups: defineGroups({ all: { allow: ['*'] } }, { permissions: ['a', 'b'] }),
    })
    expectTypeOf(listed.can).parameter(1).toEqualTypeOf<'a' | 'b'>()
    const cognises = createGuard({
      ...pool,
      groups: defineGroups([{ group_name: 'g', allowed_functions: ['a', 'b'] }]),
    })
    expectTypeOf(cognises).toEqualTypeOf<Guard<'a' | 'b', 'g', AccessPrincipal | ClientPrincipal>>()
    const again = createGuard({ ...pool, groups: defineGroups(groups) })
    expectTypeOf(again).toEqualTypeOf<typeof guard>()
    const unknown = createGuard({ ...pool, groups: defineGroups(JSON.parse('{}')) })
    expectTypeOf(unknown).toEqualTypeOf<Guard<string, string, AccessPrincipal | ClientPrincipal>>()
    // @ts-expect-error misspelt parent
    createGuard({ ...pool, groups: defineGroups({ viewer: { allow: ['a'] }, editor: { inherits: ['viewr'] } }) })
    // @ts-expect-error not in the list
    createGuard({ ...pool, groups: defineGroups({ viewer: { allow: ['b'] } }, { permissions: ['a'] }) })
  })

  it('knows the names of maps that stand inline in pools', () => {
    const many = createGuard({
      pools: [
        { ...pool, groups: defineGroups({ viewer: { allow: ['posts.read'] } }) },
        {
          userPoolId: 'eu-west-1_OtherPool',
          clientId: 'x',
          groups: defineGroups({ clerk: { allow: ['orders.read'] } }),
        },
        { userPoolId: 'eu-west-1_ThirdPool', clientId: 'x' },
      ],
    })
    expectTypeOf(many).toEqualTypeOf<
      Guard<'posts.read' | 'orders.read', 'viewer' | 'clerk', AccessPrincipal | ClientPrincipal>
    >()
  })

  it('knows the names of a map that stands inline in withGroups', () => {
    const other = guard.withGroups(defineGroups({ clerk: { allow: ['orders.read'] } }))
    expectTypeOf(other).toEqualTypeOf<Guard<'orders.read', 'clerk', AccessPrincipal | ClientPrincipal>>()
    const joined = guard.withGroups(defineGroups({ clerk: { allow: ['orders.read'] } }), pool.userPoolId)
    expectTypeOf(joined.can).parameter(1).toEqualTypeOf<'posts.read' | 'posts.write' | 'orders.read'>()
  })

  it('knows all of them at once', async () => {
    const whole = createGuard({
      ...pool,
      tokenUse: 'id',
      mapClaims: (raw) => ({ tier: String(raw['custom:tier']) }),
      groups: defineGroups({ viewer: { allow: ['posts.read'] } }, { permissions: ['posts.read', 'posts.write'] }),
      validate: (principal) => principal.claims.tier === 'gold' && principal.email !== undefined,
    })
    expectTypeOf(whole).toEqualTypeOf<Guard<'posts.read' | 'posts.write', 'viewer', IdPrincipal<{ tier: string }>>>()
  })

  it('refuses what cannot be meant', () => {
    // @ts-expect-error clientId is missing
    createGuard({ userPoolId: 'eu-west-1_TestPool1' })
    // @ts-expect-error a misspelt option
    createGuard({ ...pool, clockTolerence: 5 })
    // @ts-expect-error one pool or many
    createGuard({ ...pool, pools: [pool] })
    // @ts-expect-error resolveGroups is synchronous
    createGuard({ ...pool, groups, resolveGroups: async () => ['editor'] })
  })
})

describe('a principal', () => {
  it('tells users from machines, and access tokens from ID tokens', () => {
    const narrow = (principal: Principal) => {
      if (principal.kind === 'client') {
        // @ts-expect-error machines have no user name
        return principal.username
      }
      expectTypeOf(principal).toEqualTypeOf<UserPrincipal>()
      // @ts-expect-error access tokens carry no e-mail address
      if (principal.tokenUse === 'access') return principal.email
      return principal.email
    }
    expectTypeOf(narrow).toBeFunction()
  })

  it('is read-only', async () => {
    const principal = await guard.verify('')
    // @ts-expect-error frozen
    principal.groups = []
    // @ts-expect-error frozen
    principal.groups.push('editor')
  })
})

describe('authorize, can and explain', () => {
  it('take known permissions only', async () => {
    const principal = await guard.verify('')
    guard.authorize(principal, 'posts.read')
    // @ts-expect-error misspelt
    guard.authorize(principal, 'posts.raed')
    // @ts-expect-error misspelt
    guard.can(principal, 'posts.raed')
    // @ts-expect-error misspelt
    guard.explain(principal, 'posts.raed')
  })
})

describe('permissions', () => {
  it('have the names of the permissions', async () => {
    const may = guard.permissions(await guard.verify(''))
    expectTypeOf(may).toEqualTypeOf<{ readonly [K in 'posts.read' | 'posts.write']: boolean }>()
    // @ts-expect-error misspelt
    may['posts.raed']
  })
})

describe('onEvent', () => {
  it('tells events apart by their type, with typed claims', () => {
    createGuard({
      ...pool,
      groups,
      mapClaims: (raw) => ({ tier: String(raw['custom:tier']) }),
      onEvent(event, { request, waitUntil }) {
        expectTypeOf(request).toEqualTypeOf<Request | undefined>()
        waitUntil(Promise.resolve())
        if (event.type === 'authenticated') expectTypeOf(event.principal.claims).toEqualTypeOf<{ tier: string }>()
        if (event.type === 'refused') expectTypeOf(event.code).toEqualTypeOf(event.error.code)
        if (event.type === 'denied') expectTypeOf(event.decision.matched[0]?.rule).toEqualTypeOf<string | undefined>()
        // @ts-expect-error only refusals have a code
        return event.code
      },
    })
  })
})

describe('verify', () => {
  it('takes the id of a pool, and no other name', () => {
    guard.verify('', { userPoolId: 'eu-west-1_TestPool1', waitUntil: () => {} })
    // @ts-expect-error misspelt
    guard.verify('', { userPoolID: 'eu-west-1_TestPool1' })
    // @ts-expect-error misspelt
    guard.verifyTokens({ idToken: '', accessToken: '' }, { userPoolID: 'eu-west-1_TestPool1' })
  })
})

describe('honoGuard', () => {
  const { loginCheck, permissionRequired, groupRequired, scopeRequired } = honoGuard(guard)

  it('takes known names only', () => {
    permissionRequired({ anyOf: ['posts.read', 'posts.write'] })
    groupRequired('editor', 'viewer')
    // @ts-expect-error misspelt
    permissionRequired('posts.raed')
    // @ts-expect-error misspelt
    permissionRequired({ allOf: ['posts.raed'] })
    // @ts-expect-error misspelt
    groupRequired('edtor')
    // @ts-expect-error at least one
    groupRequired()
    // @ts-expect-error at least one
    scopeRequired()
  })

  it('types the principal of a handler', () => {
    new Hono()
      .get('/a', loginCheck(), (c) => {
        expectTypeOf(c.var.principal).toEqualTypeOf<AccessPrincipal>()
        return c.text('')
      })
      .get('/b', loginCheck({ optional: true }), (c) => {
        expectTypeOf(c.var.principal).toEqualTypeOf<AccessPrincipal | undefined>()
        return c.text('')
      })
      .get('/c', permissionRequired('posts.read', { clients: true }), (c) => {
        expectTypeOf(c.var.principal).toEqualTypeOf<AccessPrincipal | ClientPrincipal>()
        return c.text('')
      })
      .get('/d', groupRequired('editor'), scopeRequired('a', { clients: true }), (c) => {
        expectTypeOf(c.var.principal.clientId).toEqualTypeOf<string>()
        return c.text('')
      })
    new Hono<GuardEnv>().get('/', (c) => {
      expectTypeOf(c.var.principal).toEqualTypeOf<UserPrincipal>()
      return c.text('')
    })
  })

  it('gives `resource` the parameters of the path, and takes any annotation of the context', () => {
    const ownerOf = async (id: string) => id
    new Hono().put('/posts/:id', permissionRequired('posts.write', { resource: (c) => ownerOf(c.req.param('id')) }))
    permissionRequired('posts.write', { resource: async (c) => ownerOf(c.req.param('id')) })
    permissionRequired('posts.write', { resource: (c: Context) => ownerOf(c.req.param('id') ?? '') })
    permissionRequired('posts.write', { resource: (c: Context<{ Bindings: { DB: string } }>) => c.env.DB })
    permissionRequired('posts.write', { resource: (c) => expectTypeOf(c.req.param).toBeFunction() })
    // @ts-expect-error a number is no id
    permissionRequired('posts.write', { resource: (c) => ownerOf(Number(c.req.param('id'))) })
  })

  it('refuses misspelt names whatever way they are written', () => {
    const inline = honoGuard(createGuard({ ...pool, groups }))
    const chosen = honoGuard((_c: Context) => guard)
    const many = honoGuard(createGuard({ pools: [{ ...pool, groups }] }))
    for (const made of [inline, chosen, many]) {
      made.permissionRequired('posts.read')
      // @ts-expect-error misspelt
      made.permissionRequired('posts.raed')
      // @ts-expect-error misspelt
      made.permissionRequired({ anyOf: ['posts.read', 'posts.raed'] })
      // @ts-expect-error misspelt
      made.groupRequired('editor', 'edtor')
    }
    const fn: string = 'posts.read'
    // @ts-expect-error any string
    permissionRequired(fn)
  })

  it('knows the principal after a statement of its own only in an app of GuardEnv', () => {
    const untyped = new Hono()
    untyped.use(loginCheck())
    // @ts-expect-error the type of `untyped` is what it was
    untyped.get('/', (c) => c.text(c.var.principal.username))
    const typed = new Hono<GuardEnv>()
    typed.use(loginCheck())
    typed.get('/', (c) => c.text(c.var.principal.username))
    new Hono().use(loginCheck()).get('/', (c) => c.text(c.var.principal.username))
  })

  it('leaves RPC types as they are', () => {
    const app = new Hono().get('/posts/:id', loginCheck(), permissionRequired('posts.read'), (c) =>
      c.json({ id: c.req.param('id'), n: 1 }),
    )
    const client = hc<typeof app>('http://localhost')
    type Answer = Awaited<ReturnType<Awaited<ReturnType<(typeof client.posts)[':id']['$get']>>['json']>>
    expectTypeOf<Answer>().toEqualTypeOf<{ id: string; n: number }>()
  })
})

describe('protect and protectAll', () => {
  it('take known names only, and type the caller', () => {
    protect(guard, 'posts.read', (_request, { principal }) => {
      expectTypeOf(principal).toEqualTypeOf<AccessPrincipal>()
      return new Response()
    })
    protect(
      guard,
      'posts.read',
      (_request, { principal }) => {
        expectTypeOf(principal).toEqualTypeOf<AccessPrincipal | ClientPrincipal>()
        return new Response()
      },
      { clients: true },
    )
    // @ts-expect-error misspelt
    protect(guard, 'posts.raed', () => new Response())
    const api = protectAll(guard, { 'posts.read': (_request, { principal }) => new Response(principal.username) })
    expectTypeOf(api).toHaveProperty('posts.read')
    // @ts-expect-error misspelt
    protectAll(guard, { 'posts.raed': () => new Response() })
  })

  it('refuse misspelt names whatever way they are written', () => {
    const hello = () => new Response()
    const handlers = { 'posts.raed': hello }
    const inline = () => createGuard({ ...pool, groups })
    // @ts-expect-error misspelt
    protect(createGuard({ ...pool, groups }), 'posts.raed', hello)
    // @ts-expect-error misspelt
    protect(() => guard, 'posts.raed', hello)
    // @ts-expect-error misspelt
    protect(inline, 'posts.raed', hello)
    // @ts-expect-error misspelt
    protect(guard, { anyOf: ['posts.read', 'posts.raed'] }, hello)
    // @ts-expect-error misspelt
    protect(guard, { allOf: ['posts.raed'] }, hello)
    // @ts-expect-error any string
    protect(guard, String('posts.read'), hello)
    // @ts-expect-error misspelt
    protectAll(guard, handlers)
    // @ts-expect-error misspelt
    protectAll(guard, { 'posts.read': hello, 'posts.raed': hello })
    // @ts-expect-error misspelt
    protectAll(guard, { 'posts.read': hello, ...handlers })
    // @ts-expect-error misspelt
    protectAll(guard, { posts_read: hello })
    // @ts-expect-error misspelt
    protectAll(() => guard, { 'posts.raed': hello })
    // @ts-expect-error misspelt
    protectAll(createGuard({ ...pool, groups }), { 'posts.raed': hello })
    // @ts-expect-error any string
    protectAll(guard, Object.fromEntries([['posts.read', hello]]))
    // @ts-expect-error misspelt
    protectAll(guard, { 'posts.raed': hello } as const)
    protectAll(guard, {
      async 'posts.read'(_request, { principal }) {
        expectTypeOf(principal).toEqualTypeOf<AccessPrincipal>()
        return new Response()
      },
      'posts.write': hello,
    })
    const mapless = createGuard(pool)
    // @ts-expect-error a guard without a map knows no function
    protect(mapless, 'posts.read', hello)
    protect(mapless, { allOf: [] }, hello)
  })

  it('take known options only', () => {
    const hello = () => new Response()
    protectAll(guard, { 'posts.read': hello }, { navigations: true, resource: async () => 1 })
    // @ts-expect-error navigations are for protectAll
    protect(guard, 'posts.read', hello, { navigations: true })
    protect(guard, 'posts.read', hello, { onRefusal: async () => undefined, preflight: () => new Response() })
    // @ts-expect-error a preflight has an answer
    protect(guard, 'posts.read', hello, { preflight: () => undefined })
  })

  it('pass on what the server passes', () => {
    const handler = protect(
      guard,
      'posts.read',
      (_request, _caller, server: { port: number }) => new Response(`${server.port}`),
    )
    expectTypeOf(handler).parameters.toEqualTypeOf<[Request, { port: number }]>()
  })
})

describe('withGuard', () => {
  it('types env and the caller', () => {
    const guardOf = perEnv((_env: { POOL: string }) => guard)
    withGuard(guardOf, (_request, env, ctx, principal) => {
      expectTypeOf(env).toEqualTypeOf<{ POOL: string }>()
      expectTypeOf(ctx.waitUntil).toBeFunction()
      expectTypeOf(principal).toEqualTypeOf<AccessPrincipal>()
      return new Response()
    })
    withGuard(
      guardOf,
      (_request, _env, _ctx, principal) => {
        expectTypeOf(principal).toEqualTypeOf<AccessPrincipal | ClientPrincipal>()
        return new Response()
      },
      { clients: true },
    )
  })
})

/**
 * Guards for Hono: middleware that says who is calling and what that caller's groups allow.
 * @module
 */
import type { Context, MiddlewareHandler } from 'hono'
import { AuthenticationError, assertConfig, ForbiddenError } from '../../src/errors.ts'
import type { Guard, Principal, Refusal, UserPrincipal } from '../../src/index.ts'
import { assertKnown, checkOptions } from '../../src/internal/options.ts'
import {
  type AdmissionOptions,
  type Admitted,
  admit,
  authorize,
  checkRequirement,
  copyRequirement,
  guardChooser,
  ownHeaders,
  type RefusalAnswer,
  type Requirement,
  refuse,
  type UserOf,
} from '../adapter.ts'
import { markGuard, markPassing } from './assert-guarded.ts'

export type { AdmissionOptions, RefusalAnswer, Requirement } from '../adapter.ts'
export { type AssertGuardedOptions, assertGuarded } from './assert-guarded.ts'
export { type LoginRoutesOptions, loginRoutes } from './login-routes.ts'

/**
 * The environment of an app whose routes are behind `loginCheck`. Routes that follow in one chain know the type of
 * `c.var.principal` by themselves; after `app.use(loginCheck())` as a statement of its own they know it only where the app
 * was made with this type, since a statement cannot change the type of `app`.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { type GuardEnv, honoGuard } from 'cognigate/hono'
 * import { Hono } from 'hono'
 *
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij' })
 * const app = new Hono<GuardEnv>()
 * app.use(honoGuard(guard).loginCheck())
 * app.get('/me', (c) => c.text(c.var.principal.username))
 * ```
 */
export type GuardEnv<P = UserPrincipal> = { Variables: { principal: P } }

export interface HonoGuardOptions {
  /**
   * Replaces the body of a refusal. Status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` are kept. A redirect (302,
   * 303) is sent instead of the refusal: `(error, c) => (error.status === 401 ? c.redirect('/login') : undefined)`.
   */
  readonly onRefusal?: ((error: Refusal, c: Context) => RefusalAnswer) | undefined
}

export interface LoginCheckOptions<C extends boolean = boolean, O extends boolean = boolean>
  extends AdmissionOptions<C> {
  /** Lets requests without a token pass; `principal` is then undefined. An invalid token is refused all the same. */
  readonly optional?: O | undefined
}

/**
 * Hono's context, on a route whose path has the parameters that are asked for: `c.req.param('id')` is a string. The type
 * cannot see the path; a parameter that it lacks is undefined.
 */
export type ResourceContext = { readonly req: { param(name: string): string } } & Context

export interface PermissionOptions<C extends boolean = boolean> extends AdmissionOptions<C> {
  /**
   * The resource that predicates are given, for rules such as "their own". Asked once a check, after authentication, and
   * awaited; what it throws goes to the app's error handler.
   *
   * @example
   * ```ts
   * permissionRequired('posts.edit', { resource: async (c) => ownerOf(c.req.param('id')) })
   * ```
   */
  readonly resource?: ((c: ResourceContext) => unknown) | undefined
}

type GuardMiddleware<P> = MiddlewareHandler<GuardEnv<P>>
type IfOptional<P, O extends boolean> = O extends true ? P | undefined : P

/** The middleware of one guard. */
export interface HonoGuard<F extends string, G extends string, P> {
  /** Lets authenticated users pass, and sets `c.var.principal`. */
  loginCheck<const C extends boolean = false, const O extends boolean = false>(
    options?: LoginCheckOptions<C, O>,
  ): GuardMiddleware<IfOptional<Admitted<P, C>, O>>
  /** Lets users pass whose groups allow the permission, or one of `anyOf`, or all of `allOf`. */
  permissionRequired<const C extends boolean = false>(
    requirement: Requirement<F>,
    options?: PermissionOptions<C>,
  ): GuardMiddleware<Admitted<P, C>>
  /** Lets direct members of at least one of the groups pass. */
  groupRequired(...names: readonly [G, ...G[]]): GuardMiddleware<UserOf<P>>
  groupRequired<const C extends boolean = false>(
    ...names: readonly [G, ...G[], AdmissionOptions<C>]
  ): GuardMiddleware<Admitted<P, C>>
  /** Lets callers pass whose token has all of the OAuth scopes. */
  scopeRequired(...names: readonly [string, ...string[]]): GuardMiddleware<UserOf<P>>
  scopeRequired<const C extends boolean = false>(
    ...names: readonly [string, ...string[], AdmissionOptions<C>]
  ): GuardMiddleware<Admitted<P, C>>
  /** Serves the metadata of the guard's `protectedResource` at their well-known path: `app.use(resourceMetadata())`. */
  resourceMetadata(): MiddlewareHandler
}

/**
 * The middleware of a guard, or of the guard that a function chooses for each request (keep it with `perEnv`). With a
 * guard, names that it does not know throw ConfigurationError where the route is defined; with a function, on the first
 * request and before the handler.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { honoGuard } from 'cognigate/hono'
 * import { Hono } from 'hono'
 *
 * const groups = defineGroups({ viewer: { allow: ['posts.read'] } })
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij', groups })
 * const { loginCheck, permissionRequired } = honoGuard(guard)
 *
 * export const app = new Hono()
 *   .use('/api/*', loginCheck())
 *   .get('/api/posts', permissionRequired('posts.read'), (c) => c.json({ reader: c.var.principal.username }))
 * ```
 */
export function honoGuard<F extends string, G extends string, P extends Principal<unknown>>(
  guard: Guard<F, G, P> | ((c: Context) => Guard<F, G, P>),
  options: HonoGuardOptions = {},
): HonoGuard<F, G, P> {
  checkOptions<HonoGuardOptions>('honoGuard', options, ['onRefusal'])
  if (typeof guard !== 'function') guardChooser('honoGuard', guard, allow)
  const { onRefusal } = options
  /** Whom this guard established, and for which request. A variable of the context could have been set by anybody. */
  const established = contextField<{
    readonly guard: Guard<F, G, P>
    readonly request: Request
    readonly principal: P
  }>()
  /** `request` is the one that was authenticated; `c` may hold another by now. */
  async function refusal(current: Guard<F, G, P>, error: unknown, request: Request, c: Context): Promise<Response> {
    try {
      return await refuse(current, error, request, onRefusal && ((known) => onRefusal(known, c)))
    } catch (own) {
      return fail(current, own, request, c)
    }
  }

  /** The resource of a check. Its errors are the app's and no refusals, whatever they are. */
  async function ask(
    resource: (c: Context) => unknown,
    current: Guard<F, G, P>,
    request: Request,
    c: Context,
  ): Promise<unknown> {
    try {
      return await resource(c)
    } catch (error) {
      return fail(current, error, request, c)
    }
  }

  /** Throws the app's own error, whose answer is to carry what the token source left for it. */
  function fail(current: Guard<F, G, P>, error: unknown, request: Request, c: Context): never {
    replace(c, current.adapter.commit(request, c.res))
    throw error
  }

  /** A middleware that lets pass whom the guard establishes and `decide` does not refuse, and answers what they throw. */
  function middleware(
    place: string,
    check: (guard: Guard<F, G, P>) => void,
    { clients, optional, resource }: LoginCheckOptions & PermissionOptions,
    decide: (guard: Guard<F, G, P>, principal: P, context: { request: Request; resource: unknown }) => void,
  ): MiddlewareHandler {
    const guardFor = guardChooser(place, guard, check)
    const handler: MiddlewareHandler = async (c, next) => {
      const current = guardFor(c)
      const request = c.req.raw
      let principal: P | undefined
      try {
        let known = established.get(c)
        if (known?.guard !== current || known.request !== request) {
          const caller = await current.authenticate(request, { waitUntil: (work) => outlive(c, work), optional })
          known = { guard: current, request, principal: caller }
          established.set(c, known)
        }
        principal = admit(known.principal, clients)
      } catch (error) {
        const absent = error instanceof AuthenticationError && error.code === 'TOKEN_MISSING'
        if (optional !== true || !absent) return settle(c, await refusal(current, error, request, c))
      }
      if (principal) {
        const found = resource && (await ask(resource, current, request, c))
        try {
          decide(current, principal, { request, resource: found })
        } catch (error) {
          return settle(c, await refusal(current, error, request, c))
        }
      }
      c.set('principal', principal)
      await next()
      if (current.adapter.isOwnDenial(c.error) && !answered.has(c.error)) {
        answered.add(c.error)
        return settle(c, await refusal(current, c.error, request, c), c.res.status === c.error.status)
      }
      const committed = current.adapter.commit(request, c.res)
      if (committed !== c.res) replace(c, committed)
    }
    return optional === true ? markPassing(handler) : markGuard(handler)
  }

  function loginCheck(loginOptions: LoginCheckOptions = {}): MiddlewareHandler {
    checkOptions<LoginCheckOptions>('loginCheck', loginOptions, ['clients', 'optional'])
    return middleware('loginCheck', allow, loginOptions, allow)
  }

  function permissionRequired(
    requirement: Requirement<F>,
    permissionOptions: PermissionOptions = {},
  ): MiddlewareHandler {
    const place = 'permissionRequired'
    const copy = copyRequirement(requirement)
    checkOptions<PermissionOptions>(place, permissionOptions, ['clients', 'resource'])
    return middleware(
      place,
      (current) => checkRequirement(place, current, copy),
      permissionOptions,
      (current, principal, context) => authorize(current, principal, copy, context),
    )
  }

  function groupRequired(...args: readonly (string | AdmissionOptions)[]): MiddlewareHandler {
    const [names, admission] = namesAndOptions(args, 'groupRequired')
    return middleware(
      'groupRequired',
      ({ adapter: { knowsGroup, groupNames } }) => {
        for (const name of names) assertKnown('groupRequired', 'group', name, { has: knowsGroup, keys: groupNames })
      },
      admission,
      (_guard, { groups }) => {
        if (!names.some((name) => groups.includes(name))) throw new ForbiddenError('GROUP_REQUIRED')
      },
    )
  }

  function scopeRequired(...args: readonly (string | AdmissionOptions)[]): MiddlewareHandler {
    const [names, admission] = namesAndOptions(args, 'scopeRequired')
    const scope = names.join(' ')
    const quotable = names.every((name) => /^[!#-[\]-~]+$/.test(name))
    assertConfig('scopeRequired', quotable, 'OAuth scopes, without spaces or quotes.')
    return middleware('scopeRequired', allow, admission, (_guard, { scopes }) => {
      if (!names.every((name) => scopes.includes(name))) throw new ForbiddenError('SCOPE_REQUIRED', { scope })
    })
  }

  function resourceMetadata(): MiddlewareHandler {
    const guardFor = guardChooser('resourceMetadata', guard, allow)
    return markPassing(async (c, next) => {
      const metadata = guardFor(c).adapter.metadata(c.req.raw)
      if (metadata) return metadata
      await next()
    })
  }

  return { loginCheck, permissionRequired, groupRequired, scopeRequired, resourceMetadata }
}

/**
 * A private field that is put on contexts: what a WeakMap would keep for them, in a fifth of its time. Nobody else can read
 * or write it, and a copy of a context does not have it.
 */
function contextField<V>() {
  class Itself {
    constructor(context: object) {
      // biome-ignore lint/correctness/noConstructorReturn: the field of the class below is put on what is returned here.
      return context
    }
  }
  return class Field extends Itself {
    #value: V | undefined
    static get(context: object): V | undefined {
      return #value in context ? context.#value : undefined
    }
    static set(context: object, value: V): void {
      const holder = #value in context ? context : new Field(context)
      holder.#value = value
    }
  }
}

/** Denials in handlers that have their answer: a guard further out leaves them alone, whoever made its middleware. */
const answered = new WeakSet<ForbiddenError>()

/** The check that everybody passes. */
function allow(): void {}

function namesAndOptions(
  args: readonly (string | AdmissionOptions)[],
  place: string,
): readonly [readonly string[], AdmissionOptions] {
  const last = args.at(-1)
  const options = typeof last === 'object' ? last : {}
  const given = typeof last === 'object' ? args.slice(0, -1) : args
  const names = given.filter((name): name is string => typeof name === 'string' && name !== '')
  const named = names.length > 0 && names.length === given.length
  assertConfig(place, named, 'at least one name, and options only as the last argument.')
  checkOptions<AdmissionOptions>(place, options, ['clients'], {
    resource: 'only `permissionRequired` asks for a resource.',
    optional: 'only `loginCheck` can be optional.',
  })
  return [names, options]
}

/**
 * Makes `refusal` the answer, or only its header fields where the app's own error handler has written the body. Header
 * fields that were set before stay, as Hono has it and CORS needs it, but for those that belong to the refusal.
 */
function settle(c: Context, refusal: Response, keepBody = false): void {
  const before = c.res
  const headers = new Headers(before.headers)
  if (!keepBody) for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name)
  for (const [name, value] of refusal.headers) {
    if (name === 'set-cookie') addMissing(headers, name, [value], headers.getSetCookie())
    else if (name === 'vary') addMissing(headers, name, listOf(value), listOf(headers.get(name) ?? ''))
    else if (ownHeaders.includes(name) || (!keepBody && !headers.has(name))) headers.set(name, value)
  }
  const { body, status } = keepBody ? before : refusal
  replace(c, new Response(body, { status, headers }))
}

function listOf(value: string): readonly string[] {
  return value.toLowerCase().split(/, */)
}

/** Appends the values that are missing. The app's answer may already have the header fields that were set before. */
function addMissing(headers: Headers, name: string, values: readonly string[], there: readonly string[]): void {
  for (const value of values) if (!there.includes(value)) headers.append(name, value)
}

/** Lets work outlive the answer. Where the runtime has no execution context it goes on by itself. */
function outlive(c: Context, work: Promise<unknown>): void {
  try {
    c.executionCtx.waitUntil(work)
  } catch {}
}

/** Makes `response` the answer without merging it with the one that it was made of. */
function replace(c: Context, response: Response): void {
  c.res = undefined
  c.res = response
}

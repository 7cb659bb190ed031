/**
 * Guards for Hono: middleware that says who is calling and what that caller's groups allow.
 * @module
 */
import type { Context, MiddlewareHandler } from 'hono'
import { AuthenticationError, ConfigurationError, ForbiddenError } from '../src/errors.ts'
import type { Guard, Principal, Refusal, UserPrincipal } from '../src/index.ts'
import {
  type AdmissionOptions,
  type Admitted,
  admit,
  authorize,
  checkRequirement,
  type Requirement,
  refuse,
  type UserOf,
} from './admission.ts'
import { markGuard } from './hono/assert-guarded.ts'

export type { AdmissionOptions, Requirement } from './admission.ts'
export { type AssertGuardedOptions, assertGuarded } from './hono/assert-guarded.ts'

/** The environment of an app whose routes are all behind `loginCheck`: `new Hono<GuardEnv>()`. */
export type GuardEnv<P = UserPrincipal> = { Variables: { principal: P } }

export interface HonoGuardOptions {
  /** Words a refusal; status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` stay as they are. */
  readonly onRefusal?: ((error: Refusal, c: Context) => Response | undefined) | undefined
}

export interface LoginCheckOptions<C extends boolean = boolean, O extends boolean = boolean>
  extends AdmissionOptions<C> {
  /** Lets requests without a token pass; `principal` is then undefined. An invalid token is refused all the same. */
  readonly optional?: O | undefined
}

export interface PermissionOptions<C extends boolean = boolean> extends AdmissionOptions<C> {
  /** The resource that predicates are given, for rules such as "their own". */
  readonly resource?: ((c: Context) => unknown) | undefined
}

type GuardMiddleware<P> = MiddlewareHandler<GuardEnv<P>>
type IfOptional<P, O extends boolean> = O extends true ? P | undefined : P

/** The middleware of one guard. */
export interface HonoGuard<F extends string, G extends string, P> {
  /** Lets authenticated users pass, and sets `c.var.principal`. */
  loginCheck<const C extends boolean = false, const O extends boolean = false>(
    options?: LoginCheckOptions<C, O>,
  ): GuardMiddleware<IfOptional<Admitted<P, C>, O>>
  /** Lets users pass whose groups allow the function, or one of `anyOf`, or all of `allOf`. */
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
 */
export function honoGuard<F extends string, G extends string, P extends Principal<unknown>>(
  guard: Guard<F, G, P> | ((c: Context) => Guard<F, G, P>),
  options: HonoGuardOptions = {},
): HonoGuard<F, G, P> {
  const { onRefusal } = options
  /** Whom this guard established, and for which request. A variable of the context could have been set by anybody. */
  const established = new WeakMap<
    Context,
    { readonly guard: Guard<F, G, P>; readonly request: Request; readonly principal: P }
  >()

  /** `request` is the one that was authenticated; `c` may hold another by now. */
  function refusal(current: Guard<F, G, P>, error: unknown, request: Request, c: Context): Response {
    return refuse(current, error, request, onRefusal && ((known) => onRefusal(known, c)))
  }

  /** A middleware that lets pass whom the guard establishes and `decide` does not refuse, and answers what they throw. */
  function middleware(
    check: (guard: Guard<F, G, P>) => void,
    { clients, optional }: LoginCheckOptions,
    decide: (guard: Guard<F, G, P>, principal: P, c: Context) => void,
  ): MiddlewareHandler {
    if (typeof guard !== 'function') check(guard)
    const handler: MiddlewareHandler = async (c, next) => {
      const current = typeof guard === 'function' ? guard(c) : guard
      if (typeof guard === 'function') check(current)
      const request = c.req.raw
      try {
        let known = established.get(c)
        if (known?.guard !== current || known.request !== request) {
          const principal = await current.authenticate(request, { waitUntil: (work) => outlive(c, work), optional })
          known = { guard: current, request, principal }
          established.set(c, known)
        }
        decide(current, admit(known.principal, clients), c)
        c.set('principal', known.principal)
      } catch (error) {
        const absent = error instanceof AuthenticationError && error.code === 'TOKEN_MISSING'
        if (optional !== true || !absent) return settle(c, refusal(current, error, request, c))
        c.set('principal', undefined)
      }
      await next()
      if (current.denied(c.error)) return settle(c, refusal(current, c.error, request, c), c.res.status === 403)
      const committed = current.commit(request, c.res)
      if (committed !== c.res) replace(c, committed)
    }
    return optional === true ? handler : markGuard(handler)
  }

  function loginCheck(loginOptions: LoginCheckOptions = {}): MiddlewareHandler {
    return middleware(
      () => {},
      loginOptions,
      () => {},
    )
  }

  function permissionRequired(
    requirement: Requirement<F>,
    { clients, resource }: PermissionOptions = {},
  ): MiddlewareHandler {
    return middleware(
      (current) => checkRequirement(current, requirement),
      { clients },
      (current, principal, c) =>
        authorize(current, principal, requirement, { request: c.req.raw, resource: resource?.(c) }),
    )
  }

  function groupRequired(...args: readonly (string | AdmissionOptions)[]): MiddlewareHandler {
    const [names, admission] = namesAndOptions(args, 'groupRequired')
    return middleware(
      (current) => {
        const unknown = names.find((name) => !current.knowsGroup(name))
        if (unknown !== undefined)
          throw new ConfigurationError(`groupRequired: '${unknown}' is no group of the guard's groups.`)
      },
      { clients: admission.clients },
      (_guard, { groups }) => {
        if (!names.some((name) => groups.includes(name))) throw new ForbiddenError('GROUP_REQUIRED')
      },
    )
  }

  function scopeRequired(...args: readonly (string | AdmissionOptions)[]): MiddlewareHandler {
    const [names, admission] = namesAndOptions(args, 'scopeRequired')
    const scope = names.join(' ')
    if (names.some((name) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name))) {
      throw new ConfigurationError('scopeRequired: expected OAuth scopes, without spaces or quotes.')
    }
    return middleware(
      () => {},
      { clients: admission.clients },
      (_guard, { scopes }) => {
        if (!names.every((name) => scopes.includes(name))) throw new ForbiddenError('SCOPE_REQUIRED', { scope })
      },
    )
  }

  function resourceMetadata(): MiddlewareHandler {
    return async (c, next) => {
      const metadata = (typeof guard === 'function' ? guard(c) : guard).metadata(c.req.raw)
      if (metadata) return metadata
      await next()
    }
  }

  return { loginCheck, permissionRequired, groupRequired, scopeRequired, resourceMetadata }
}

function namesAndOptions(
  args: readonly (string | AdmissionOptions)[],
  what: string,
): readonly [readonly string[], AdmissionOptions] {
  const names = args.filter((arg) => typeof arg === 'string')
  if (names.length === 0) throw new ConfigurationError(`${what}: expected at least one name.`)
  return [names, args.find((arg) => typeof arg === 'object') ?? {}]
}

/**
 * Makes `response` the answer, or only its header fields where the app's own error handler has worded a 403. Hono lets
 * header fields that were set before win over those of a new answer, which is right for CORS and wrong for what belongs
 * to a refusal.
 */
function settle(c: Context, response: Response, worded = false): void {
  const own = [...response.headers].filter(([name]) => /^(cache-control|www-authenticate|retry-after)$/.test(name))
  if (!worded) c.res = response
  for (const [name, value] of own) c.header(name, value)
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

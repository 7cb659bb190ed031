/**
 * Guards for Cloudflare Workers: `fetch` handlers of Workers and Durable Objects, and stores that keep an issuer's keys
 * for fresh isolates.
 * @module
 */
import { assertConfig } from '../../src/errors.ts'
import type { Guard, Principal, Refusal } from '../../src/index.ts'
import { assertGiven, isPromised } from '../../src/internal/promises.ts'
import { checkOptions } from '../../src/internal/options.ts'
import {
  type AdmissionOptions,
  type Admitted,
  admit,
  answerGuarded,
  guardChooser,
  type RefusalAnswer,
} from '../adapter.ts'

export type { AdmissionOptions, RefusalAnswer } from '../adapter.ts'
export {
  type CacheKeyStoreOptions,
  cacheKeyStore,
  type KeyNamespace,
  type KeyStoreOptions,
  kvKeyStore,
  type NamedCaches,
} from './key-stores.ts'

/** What is needed of the platform's ExecutionContext or DurableObjectState. */
export interface WaitUntil {
  waitUntil(work: Promise<unknown>): void
}

export interface WithGuardOptions<Env, C extends boolean = boolean> extends AdmissionOptions<C> {
  /**
   * Replaces the body of a refusal. Status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` are kept. A redirect (302,
   * 303) is sent instead of the refusal.
   */
  readonly onRefusal?:
    | ((error: Refusal, context: { readonly request: Request; readonly env: Env }) => RefusalAnswer)
    | undefined
  /**
   * Answers CORS preflights: OPTIONS requests with `Origin` and `Access-Control-Request-Method`. They carry no token, so
   * without this they are refused like any other request. With it they reach neither the guard nor the handler.
   */
  readonly preflight?: ((request: Request, env: Env) => Response | Promise<Response>) | undefined
}

/** Answers a request whose caller was let in. */
export type GuardedHandler<Env, Ctx, P> = (
  request: Request,
  env: Env,
  ctx: Ctx,
  principal: P,
) => Response | Promise<Response>

/** How many values `perEnv` keeps for envs that differ in what is read of them. */
const MAX_KEPT = 100

/** What was made of an env, and what was read of it for that. */
interface Kept<T> {
  readonly value: T
  /** Undefined where the names of all members were asked for, as a spread does: then no other env is alike. */
  readonly read: ReadonlyMap<PropertyKey, unknown> | undefined
}

/**
 * Remembers what `create` makes of an `env`, so that one guard with its keys and verified tokens serves all requests of an
 * isolate. Some hosts hand over a new `env` object with every request: another one counts as the same where all members
 * that `create` read, until it returned, are equal (`Object.is`). So read what you need by name; after a spread
 * (`{ ...env }`) or `Object.keys(env)` only the very same object counts. Throws ConfigurationError where `create` returns a
 * promise; what `create` throws is not remembered.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { perEnv } from 'cognigate/workers'
 *
 * interface Env {
 *   readonly USER_POOL_ID: string
 *   readonly CLIENT_ID: string
 * }
 *
 * export const guardOf = perEnv((env: Env) => createGuard({ userPoolId: env.USER_POOL_ID, clientId: env.CLIENT_ID }))
 * ```
 */
export function perEnv<Env extends object, T>(create: (env: Env) => T): (env: Env) => T {
  const byIdentity = new WeakMap<Env, Kept<T>>()
  const byContent: Kept<T>[] = []

  function keep(env: Env): Kept<T> {
    const { recorder, read } = record(env)
    const value = create(recorder)
    assertGiven('perEnv', value, !isPromised(value), 'a function that returns no promise.')
    const kept = { value, read: read() }
    if (kept.read && byContent.push(kept) > MAX_KEPT) byContent.shift()
    return kept
  }

  return (given) => {
    const env = given ?? ({} as Env)
    let kept = byIdentity.get(env)
    if (kept === undefined) {
      kept = byContent.find(({ read }) => read && isAlike(env, read)) ?? keep(env)
      byIdentity.set(env, kept)
    }
    return kept.value
  }
}

/** Stands for a member that an env does not have. */
const absent = Symbol()

function memberOf(env: object, name: PropertyKey): unknown {
  const value: unknown = Reflect.get(env, name)
  // Some hosts hand over a proxy that answers to `get` alone.
  return value !== undefined || Reflect.has(env, name) ? value : absent
}

function isAlike(env: object, read: ReadonlyMap<PropertyKey, unknown>): boolean {
  for (const [name, value] of read) if (!Object.is(memberOf(env, name), value)) return false
  return true
}

/** An env that notes which of its members are read, and what they were. */
function record<Env extends object>(
  env: Env,
): {
  recorder: Env
  read: () => ReadonlyMap<PropertyKey, unknown> | undefined
} {
  const members = new Map<PropertyKey, unknown>()
  let listed = false
  const recorder = new Proxy(env, {
    get(target, name) {
      const value = memberOf(target, name)
      members.set(name, value)
      return value === absent ? undefined : value
    },
    has(target, name) {
      members.set(name, memberOf(target, name))
      return Reflect.has(target, name)
    },
    ownKeys(target) {
      listed = true
      return Reflect.ownKeys(target)
    },
    getOwnPropertyDescriptor(target, name) {
      listed = true
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
  return { recorder, read: () => (listed ? undefined : new Map(members)) }
}

/**
 * Guards a `fetch` handler: it runs only for authenticated callers and is handed the principal. A ForbiddenError of the
 * guard's own `authorize` in it is answered 403; whatever else it throws propagates.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { perEnv, withGuard } from 'cognigate/workers'
 *
 * interface Env {
 *   readonly USER_POOL_ID: string
 *   readonly CLIENT_ID: string
 * }
 *
 * const groups = defineGroups({ viewer: { allow: ['posts.read'] } })
 * const guardOf = perEnv((env: Env) =>
 *   createGuard({ userPoolId: env.USER_POOL_ID, clientId: env.CLIENT_ID, groups }),
 * )
 *
 * export default {
 *   fetch: withGuard(guardOf, (request, env, _ctx, principal) => {
 *     guardOf(env).authorize(principal, 'posts.read', { request })
 *     return Response.json({ reader: principal.username })
 *   }),
 * }
 * ```
 */
export function withGuard<
  Env,
  F extends string,
  G extends string,
  P extends Principal<unknown>,
  Ctx extends WaitUntil = WaitUntil,
  const C extends boolean = false,
>(
  guardOf: (env: Env) => Guard<F, G, P>,
  handler: GuardedHandler<Env, Ctx, Admitted<P, C>>,
  options: WithGuardOptions<Env, C> = {},
): (request: Request, env: Env, ctx: Ctx) => Promise<Response> {
  checkOptions<WithGuardOptions<Env>>('withGuard', options, ['clients', 'onRefusal', 'preflight'], {
    resource: 'hand it to `guard.authorize` in the handler.',
  })
  const { clients, onRefusal, preflight } = options
  assertConfig('withGuard', typeof handler === 'function', 'a handler.')
  const guardFor = guardChooser('withGuard', guardOf, () => {})
  return async (request, env, ctx) => {
    const guard = guardFor(env)
    return answerGuarded(guard, request, {
      preflight: preflight && (() => preflight(request, env)),
      establish: async () =>
        admit(await guard.authenticate(request, { waitUntil: (work) => ctx.waitUntil(work) }), clients),
      handle: (principal) => handler(request, env, ctx, principal as unknown as Admitted<P, C>),
      onRefusal: onRefusal && ((error) => onRefusal(error, { request, env })),
    })
  }
}

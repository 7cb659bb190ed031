/**
 * Guards for Cloudflare Workers: `fetch` handlers of Workers and Durable Objects, and stores that keep an issuer's keys
 * for fresh isolates.
 * @module
 */
import type { Guard, Principal, Refusal } from '../src/index.ts'
import { type AdmissionOptions, type Admitted, admit, answerGuarded } from './admission.ts'

export type { AdmissionOptions } from './admission.ts'
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
  /** Words a refusal; status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` stay as they are. */
  readonly onRefusal?:
    | ((error: Refusal, context: { readonly request: Request; readonly env: Env }) => Response | undefined)
    | undefined
}

/** Answers a request whose caller was let in. */
export type GuardedHandler<Env, Ctx, P> = (
  request: Request,
  env: Env,
  ctx: Ctx,
  principal: P,
) => Response | Promise<Response>

/**
 * Remembers what `create` makes of an `env`, so that one guard with its keys and verified tokens serves all requests of an
 * isolate.
 */
export function perEnv<Env extends object, T>(create: (env: Env) => T): (env: Env) => T {
  const created = new WeakMap<Env, { readonly value: T }>()
  return (env) => {
    let entry = created.get(env)
    if (entry === undefined) created.set(env, (entry = { value: create(env) }))
    return entry.value
  }
}

/**
 * Guards a `fetch` handler: it runs only for authenticated callers and is handed the principal. A ForbiddenError of the
 * guard's own `authorize` in it is answered 403; whatever else it throws propagates.
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
  const { clients, onRefusal } = options
  return async (request, env, ctx) => {
    const guard = guardOf(env)
    return answerGuarded(guard, request, {
      word: onRefusal && ((error) => onRefusal(error, { request, env })),
      establish: async () =>
        admit(await guard.authenticate(request, { waitUntil: (work) => ctx.waitUntil(work) }), clients),
      handle: (principal) => handler(request, env, ctx, principal as unknown as Admitted<P, C>),
    })
  }
}

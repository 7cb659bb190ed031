/**
 * Guards for anything that answers a Request with a Response: Bun.serve, Deno.serve, edge functions.
 * @module
 */
import { assertConfig } from '../../src/errors.ts'
import type { AuthenticateContext, Guard, Principal, Refusal } from '../../src/index.ts'
import { isJsonObject } from '../../src/internal/encoding.ts'
import { checkOptions } from '../../src/internal/options.ts'
import {
  type AdmissionOptions,
  type Admitted,
  admit,
  answerGuarded,
  authorize,
  checkRequirement,
  copyRequirement,
  guardChooser,
  type RefusalAnswer,
  type Requirement,
} from '../adapter.ts'

export type { AdmissionOptions, RefusalAnswer, Requirement } from '../adapter.ts'

/** A guard, or a function that says which guard a request meets. */
export type GuardFor<G> = G | ((request: Request) => G)

export interface ProtectOptions<C extends boolean = boolean> extends AdmissionOptions<C> {
  /**
   * Replaces the body of a refusal. Status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` are kept. A redirect (302,
   * 303) is sent instead of the refusal.
   */
  readonly onRefusal?: ((error: Refusal, context: { readonly request: Request }) => RefusalAnswer) | undefined
  /**
   * Answers CORS preflights: OPTIONS requests with `Origin` and `Access-Control-Request-Method`. They carry no token, so
   * without this they are refused like any other request. With it they reach neither the guard nor the handler.
   */
  readonly preflight?: ((request: Request) => Response | Promise<Response>) | undefined
  /**
   * The resource that predicates are given, for rules such as "their own". Asked once a request, after authentication, and
   * awaited; what it throws propagates.
   */
  readonly resource?: ((request: Request) => unknown) | undefined
}

export interface ProtectAllOptions<C extends boolean = boolean> extends ProtectOptions<C> {
  /**
   * Lets cookies count on navigations of a browser's tab by GET (`Sec-Fetch-Mode: navigate`, `Sec-Fetch-Dest: document`),
   * wherever they come from. Only for handlers that change nothing, since a link on another site can run them. Default
   * false.
   */
  readonly navigations?: boolean | undefined
}

/** What answers a request whose caller was let in. `rest` is what the server passes beside the request. */
export type ProtectedHandler<P, A extends readonly unknown[]> = (
  request: Request,
  caller: { readonly principal: P },
  ...rest: A
) => Response | Promise<Response>

/**
 * Guards a handler: it runs only for callers whose groups meet the requirement; `{ allOf: [] }` asks for a signed-in user
 * only. Throws ConfigurationError where the requirement names an unknown permission: at once with a guard, on the first
 * request with a function.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { protect } from 'cognigate/fetch'
 *
 * const groups = defineGroups({ viewer: { allow: ['posts.read'] } })
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij', groups })
 *
 * // For Bun.serve({ fetch }) or Deno.serve(fetch).
 * export const fetch = protect(guard, 'posts.read', (request, { principal }) =>
 *   Response.json({ url: request.url, reader: principal.username }),
 * )
 * ```
 */
export function protect<
  F extends string,
  P extends Principal<unknown>,
  A extends readonly unknown[],
  const C extends boolean = false,
>(
  guard: GuardFor<Guard<F, string, P>>,
  requirement: Requirement<NoInfer<F>>,
  handler: ProtectedHandler<Admitted<P, C>, A>,
  options: ProtectOptions<C> = {},
): (request: Request, ...rest: A) => Promise<Response> {
  checkOptions<ProtectOptions>('protect', options, ['clients', 'onRefusal', 'preflight', 'resource'], {
    navigations: 'only `protectAll` needs it; `protect` holds cookies to the rules of the method.',
  })
  return guarded('protect', guard, copyRequirement(requirement), handler, options, false)
}

/**
 * Guards a table of handlers, each by the permission of its own name. Cookies are held to the rules for unsafe methods
 * whatever the method is, since nothing here says which handler changes something; `navigations` is the exception.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { protectAll } from 'cognigate/fetch'
 *
 * const groups = defineGroups({ editor: { allow: ['posts.read', 'posts.write'] } })
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij', groups })
 *
 * export const api = protectAll(guard, {
 *   'posts.read': () => Response.json([]),
 *   'posts.write': async (request) => Response.json(await request.json(), { status: 201 }),
 * })
 * ```
 */
export function protectAll<
  F extends string,
  P extends Principal<unknown>,
  const K extends F,
  A extends readonly unknown[],
  const C extends boolean = false,
>(
  guard: GuardFor<Guard<F, string, P>>,
  handlers: { readonly [N in K]: ProtectedHandler<Admitted<P, C>, A> },
  options: ProtectAllOptions<C> = {},
): { readonly [N in K]: (request: Request, ...rest: A) => Promise<Response> } {
  const place = 'protectAll'
  checkOptions<ProtectAllOptions>(place, options, ['clients', 'navigations', 'onRefusal', 'preflight', 'resource'])
  const strict = options.navigations === true ? 'allow-navigation' : true
  assertConfig(place, isJsonObject(handlers), 'an object of handlers.')
  const names = Object.keys(handlers) as K[]
  const entries = names.map((name) => [name, guarded(place, guard, name, handlers[name], options, strict)] as const)
  return Object.fromEntries(entries) as { [N in K]: (request: Request, ...rest: A) => Promise<Response> }
}

function guarded<
  F extends string,
  P extends Principal<unknown>,
  Q extends Principal<unknown>,
  A extends readonly unknown[],
>(
  place: string,
  guard: GuardFor<Guard<F, string, P>>,
  requirement: Requirement<F>,
  handler: ProtectedHandler<Q, A>,
  { clients, onRefusal, preflight, resource }: ProtectOptions,
  strictCookies: AuthenticateContext['strictCookies'],
): (request: Request, ...rest: A) => Promise<Response> {
  assertConfig(place, typeof handler === 'function', 'a handler.')
  const guardFor = guardChooser(place, guard, (chosen) => checkRequirement(place, chosen, requirement))
  return async (request, ...rest) => {
    const guard = guardFor(request)
    return answerGuarded(guard, request, {
      preflight: preflight && (() => preflight(request)),
      establish: async () => {
        const context = { strictCookies, waitUntil: waitUntilOf(rest) }
        return admit(await guard.authenticate(request, context), clients)
      },
      resource: resource && (() => resource(request)),
      decide: (principal, found) => authorize(guard, principal, requirement, { request, resource: found }),
      handle: (principal) => handler(request, { principal: principal as unknown as Q }, ...rest),
      onRefusal: onRefusal && ((error) => onRefusal(error, { request })),
    })
  }
}

/** The platform's `waitUntil`, where it stands in one of the arguments beside the request, as on Workers and Vercel. */
function waitUntilOf(rest: readonly unknown[]): ((work: Promise<unknown>) => void) | undefined {
  const platform = rest.find(hasWaitUntil)
  return platform && ((work) => platform.waitUntil(work))
}

function hasWaitUntil(value: unknown): value is { waitUntil(work: Promise<unknown>): void } {
  return typeof value === 'object' && value !== null && 'waitUntil' in value && typeof value.waitUntil === 'function'
}

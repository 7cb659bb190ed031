/**
 * Guards for anything that answers a Request with a Response: Bun.serve, Deno.serve, edge functions.
 * @module
 */
import type { Guard, Principal, Refusal } from '../src/index.ts'
import {
  type AdmissionOptions,
  type Admitted,
  admit,
  answerGuarded,
  authorize,
  checkRequirement,
  type Requirement,
} from './admission.ts'

export type { AdmissionOptions, Requirement } from './admission.ts'

/** A guard, or a function that says which guard a request meets. */
export type GuardFor<G> = G | ((request: Request) => G)

export interface ProtectOptions<C extends boolean = boolean> extends AdmissionOptions<C> {
  /** Words a refusal; status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` stay as they are. */
  readonly onRefusal?: ((error: Refusal, context: { readonly request: Request }) => Response | undefined) | undefined
  /** The resource that predicates are given, for rules such as "their own". */
  readonly resource?: ((request: Request) => unknown) | undefined
}

/** What answers a request whose caller was let in. `rest` is what the server passes beside the request. */
export type ProtectedHandler<P, A extends readonly unknown[]> = (
  request: Request,
  caller: { readonly principal: P },
  ...rest: A
) => Response | Promise<Response>

/**
 * Guards a handler: it runs only for callers whose groups meet the requirement; `{ allOf: [] }` asks for a signed-in user
 * only. Throws ConfigurationError where the requirement names an unknown function: at once with a guard, on the first
 * request with a function.
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
  options?: ProtectOptions<C>,
): (request: Request, ...rest: A) => Promise<Response> {
  return guarded(guard, requirement, handler, options, false)
}

/**
 * Guards a table of handlers, each by the function of its own name. Cookies are held to the rules for unsafe methods
 * whatever the method is, since nothing here says which handler changes something.
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
  options?: ProtectOptions<C>,
): { readonly [N in K]: (request: Request, ...rest: A) => Promise<Response> } {
  const names = Object.keys(handlers) as K[]
  const entries = names.map((name) => [name, guarded(guard, name, handlers[name], options, true)] as const)
  return Object.fromEntries(entries) as { [N in K]: (request: Request, ...rest: A) => Promise<Response> }
}

function guarded<
  F extends string,
  P extends Principal<unknown>,
  Q extends Principal<unknown>,
  A extends readonly unknown[],
>(
  guardFor: GuardFor<Guard<F, string, P>>,
  requirement: Requirement<F>,
  handler: ProtectedHandler<Q, A>,
  options: ProtectOptions = {},
  strictCookies: boolean,
): (request: Request, ...rest: A) => Promise<Response> {
  const { clients, onRefusal, resource } = options
  if (typeof guardFor !== 'function') checkRequirement(guardFor, requirement)
  return async (request, ...rest) => {
    const guard = typeof guardFor === 'function' ? guardFor(request) : guardFor
    if (typeof guardFor === 'function') checkRequirement(guard, requirement)
    return answerGuarded(guard, request, {
      word: onRefusal && ((error) => onRefusal(error, { request })),
      establish: async () => {
        const principal = admit(await guard.authenticate(request, { strictCookies }), clients)
        authorize(guard, principal, requirement, { request, resource: resource?.(request) })
        return principal
      },
      handle: (principal) => handler(request, { principal: principal as unknown as Q }, ...rest),
    })
  }
}

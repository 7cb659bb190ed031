import { AuthenticationError, assertConfig, ForbiddenError } from '../src/errors.ts'
import type { Guard, Principal, Refusal } from '../src/index.ts'
import { assertKnown, checkOptions } from '../src/internal/options.ts'

/** What a route asks of the caller's groups: one permission, one of several, or all of several. */
export type Requirement<F extends string> = F | { readonly anyOf: readonly F[] } | { readonly allOf: readonly F[] }

/** Who is let in at all. */
export interface AdmissionOptions<C extends boolean = boolean> {
  /** Lets machine clients in as well as users; the principal's type is then the union. Default false. */
  readonly clients?: C | undefined
}

/** The users among a guard's principals, which is who adapters admit unless `clients` is set. */
export type UserOf<P> = Extract<P, { readonly kind: 'user' }>

/** The principals that an entry hands on, where `C` is its `clients` option. */
export type Admitted<P, C extends boolean> = C extends true ? P : UserOf<P>

/** What an `onRefusal` may give: a response, or nothing where the guard's own answer will do. */
export type RefusalAnswer = Response | undefined | Promise<Response | undefined>

/** Throws AuthenticationError `USER_REQUIRED` for a machine client that was not asked for. */
export function admit<P extends Principal<unknown>>(principal: P, clients: boolean | undefined): P {
  if (principal.kind !== 'user' && clients !== true) throw new AuthenticationError('USER_REQUIRED')
  return principal
}

/**
 * Makes a function that says which guard a request meets. What it meets is checked once a guard: at once where the guard
 * is known, on its first request where a function chooses it. Throws ConfigurationError where the function gives no guard,
 * such as a promise of one.
 */
export function guardChooser<A extends readonly unknown[], T extends { readonly authenticate: unknown }>(
  place: string,
  guard: T | ((...args: A) => T),
  check: (guard: T) => void,
): (...args: A) => T {
  const checked = new WeakSet<T>()
  const checkOnce = (chosen: T) => {
    if (checked.has(chosen)) return chosen
    const made = typeof chosen?.authenticate === 'function'
    assertConfig(place, made, 'what createGuard returned, and not a promise of it.')
    check(chosen)
    checked.add(chosen)
    return chosen
  }
  if (typeof guard === 'function') return (...args) => checkOnce(guard(...args))
  checkOnce(guard)
  return () => guard
}

/**
 * Throws ConfigurationError where a requirement is none of the three forms, or names a permission that no map of the guard
 * knows.
 */
export function checkRequirement<F extends string>(
  place: string,
  guard: Pick<Guard, 'adapter'>,
  requirement: Requirement<F>,
): void {
  if (typeof requirement !== 'string') {
    checkOptions<{ anyOf?: unknown; allOf?: unknown }>(place, requirement, ['anyOf', 'allOf'])
    const lists: readonly unknown[] = Object.values(requirement)
    const one = lists.length === 1 && Array.isArray(lists[0])
    assertConfig(place, one, 'a permission, { anyOf: [...] } or { allOf: [...] }.')
  }
  const permissions = permissionsOf(requirement)
  const { knowsPermission, permissionNames } = guard.adapter
  for (const permission of permissions)
    assertKnown(place, 'permission', permission, { has: knowsPermission, keys: permissionNames })
  const open = permissions.length > 0 || typeof requirement !== 'object' || 'allOf' in requirement
  assertConfig(`${place}: anyOf`, open, 'at least one permission.')
}

/** A copy of a requirement, which nobody can change between its check and its use. */
export function copyRequirement<F extends string>(requirement: Requirement<F>): Requirement<F> {
  // Whatever JSON cannot say is no requirement, and its check then says so.
  return typeof requirement === 'object' ? JSON.parse(JSON.stringify(requirement)) : requirement
}

/** Throws ForbiddenError unless the caller's groups meet the requirement. Only what decides reaches `onEvent`. */
export function authorize<F extends string, P extends Principal<unknown>>(
  guard: Guard<F, string, P>,
  principal: P,
  requirement: Requirement<F>,
  context: { readonly request: Request; readonly resource: unknown },
): void {
  if (typeof requirement === 'string') {
    guard.authorize(principal, requirement, context)
  } else if ('anyOf' in requirement) {
    const decisive =
      requirement.anyOf.find((permission) => guard.can(principal, permission, context)) ?? requirement.anyOf[0]
    if (decisive === undefined) throw new ForbiddenError('PERMISSION_DENIED')
    guard.authorize(principal, decisive, context)
  } else {
    for (const permission of requirement.allOf) guard.authorize(principal, permission, context)
  }
}

function permissionsOf<F extends string>(requirement: Requirement<F>): readonly F[] {
  if (typeof requirement === 'string') return [requirement]
  return 'anyOf' in requirement ? requirement.anyOf : requirement.allOf
}

/** Whether a request is a CORS preflight, which browsers send without credentials (Fetch standard, section 3.2.2). */
export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
}

/** What answers a request whose caller has to be established first. */
interface Guarded<P, R> {
  readonly establish: () => Promise<P>
  /** What the predicates are given. Its errors are the app's. */
  readonly resource?: (() => R) | undefined
  readonly decide?: ((principal: P, resource: Awaited<R> | undefined) => void) | undefined
  readonly handle: (principal: P) => Response | Promise<Response>
  readonly onRefusal: ((error: Refusal) => RefusalAnswer) | undefined
  readonly preflight: (() => Response | Promise<Response>) | undefined
}

/**
 * Answers a request: a preflight, with the metadata, with a refusal, or with what the handler says. A ForbiddenError of
 * the guard's own `authorize` in the handler is a refusal; whatever else it throws propagates.
 */
export async function answerGuarded<P, R>(
  guard: Pick<Guard, 'toResponse' | 'adapter'>,
  request: Request,
  { establish, resource, decide, handle, onRefusal, preflight }: Guarded<P, R>,
): Promise<Response> {
  if (preflight && isPreflight(request)) return preflight()
  const metadata = guard.adapter.metadata(request)
  if (metadata) return metadata
  let principal: P
  try {
    principal = await establish()
  } catch (error) {
    return refuse(guard, error, request, onRefusal)
  }
  const found = resource && (await resource())
  try {
    decide?.(principal, found)
  } catch (error) {
    return refuse(guard, error, request, onRefusal)
  }
  try {
    return guard.adapter.commit(request, await handle(principal))
  } catch (error) {
    if (!guard.adapter.isOwnDenial(error)) throw error
    return refuse(guard, error, request, onRefusal)
  }
}

/** Header fields that stay as the guard wrote them, whoever writes the body. */
export const ownHeaders: readonly string[] = [
  'cache-control',
  'www-authenticate',
  'retry-after',
  'x-content-type-options',
]

/**
 * The answer to a refusal. If `onRefusal` returns a response, its body is used, with the status and header fields of the
 * refusal; a redirect (302, 303) is returned, but is never stored. Rethrows errors that are not refusals.
 */
export async function refuse(
  guard: Pick<Guard, 'toResponse' | 'adapter'>,
  error: unknown,
  request: Request,
  onRefusal: ((error: Refusal) => RefusalAnswer) | undefined,
): Promise<Response> {
  const refusal = guard.toResponse(error, request)
  guard.adapter.report(error, request)
  const replacement = await onRefusal?.(error as Refusal)
  // A login session sends browsers to the login: there is no body to replace then.
  const isOurs = !replacement || (isRedirect(refusal) && !isRedirect(replacement))
  return guard.adapter.commit(request, isOurs ? refusal : withBodyOf(replacement, refusal))
}

function isRedirect({ status }: Response): boolean {
  return status === 302 || status === 303
}

function withBodyOf(replacement: Response, refusal: Response): Response {
  const headers = new Headers(replacement.headers)
  if (isRedirect(replacement)) {
    headers.set('cache-control', 'no-store')
    headers.set('x-content-type-options', 'nosniff')
    return new Response(replacement.body, { status: replacement.status, headers })
  }
  for (const name of ownHeaders) {
    const value = refusal.headers.get(name)
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return new Response(replacement.body, { status: refusal.status, headers })
}

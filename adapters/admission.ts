import { AuthenticationError, ConfigurationError, ForbiddenError } from '../src/errors.ts'
import type { Guard, Principal, Refusal } from '../src/index.ts'

/** What a route asks of the caller's groups: one function, one of several, or all of several. */
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

/** Throws AuthenticationError `USER_REQUIRED` for a machine client that was not asked for. */
export function admit<P extends Principal<unknown>>(principal: P, clients: boolean | undefined): P {
  if (principal.kind !== 'user' && clients !== true) throw new AuthenticationError('USER_REQUIRED')
  return principal
}

/** Throws ConfigurationError where a requirement names a function that no map of the guard knows. */
export function checkRequirement<F extends string>(guard: Pick<Guard, 'knows'>, requirement: Requirement<F>): void {
  for (const fn of functionsOf(requirement)) {
    if (!guard.knows(fn)) throw new ConfigurationError(`'${fn}' is no function of the guard's groups.`)
  }
  if (typeof requirement === 'object' && 'anyOf' in requirement && requirement.anyOf.length === 0) {
    throw new ConfigurationError('anyOf: expected at least one function; nothing would ever be allowed.')
  }
}

/** Throws ForbiddenError unless the caller's groups meet the requirement. Only what decides reaches `onEvent`. */
export function authorize<F extends string, P extends Principal<unknown>>(
  guard: Guard<F, string, P>,
  principal: P,
  requirement: Requirement<F>,
  context: { readonly request: Request; readonly resource: unknown },
): void {
  const functions = functionsOf(requirement)
  if (typeof requirement === 'object' && 'anyOf' in requirement) {
    const decisive = functions.find((fn) => guard.can(principal, fn, context)) ?? functions[0]
    if (decisive === undefined) throw new ForbiddenError('FUNCTION_DENIED')
    guard.authorize(principal, decisive, context)
  } else {
    for (const fn of functions) guard.authorize(principal, fn, context)
  }
}

function functionsOf<F extends string>(requirement: Requirement<F>): readonly F[] {
  if (typeof requirement === 'string') return [requirement]
  return 'anyOf' in requirement ? requirement.anyOf : requirement.allOf
}

/** What answers a request whose caller has to be established first. */
interface Guarded<P> {
  readonly establish: () => Promise<P>
  readonly handle: (principal: P) => Response | Promise<Response>
  readonly word: ((error: Refusal) => Response | undefined) | undefined
}

/**
 * Answers a request: with the metadata, with a refusal, or with what the handler says. A ForbiddenError of the guard's own
 * `authorize` in the handler is a refusal; whatever else it throws propagates.
 */
export async function answerGuarded<P>(
  guard: Pick<Guard, 'toResponse' | 'commit' | 'metadata' | 'denied'>,
  request: Request,
  { establish, handle, word }: Guarded<P>,
): Promise<Response> {
  const metadata = guard.metadata(request)
  if (metadata) return metadata
  let principal: P
  try {
    principal = await establish()
  } catch (error) {
    return refuse(guard, error, request, word)
  }
  try {
    return guard.commit(request, await handle(principal))
  } catch (error) {
    if (!guard.denied(error)) throw error
    return refuse(guard, error, request, word)
  }
}

/**
 * The answer to a refusal: in the application's own words where it has some, but always with our status and our header
 * fields. Rethrows what is no refusal.
 */
export function refuse(
  guard: Pick<Guard, 'toResponse' | 'commit'>,
  error: unknown,
  request: Request,
  word: ((error: Refusal) => Response | undefined) | undefined,
): Response {
  const ours = guard.toResponse(error, request)
  const theirs = word?.(error as Refusal)
  return guard.commit(request, theirs === undefined ? ours : reworded(ours, theirs))
}

function reworded(ours: Response, theirs: Response): Response {
  const headers = new Headers(theirs.headers)
  for (const name of ['cache-control', 'www-authenticate', 'retry-after']) {
    const value = ours.headers.get(name)
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return new Response(theirs.body, { status: ours.status, headers })
}

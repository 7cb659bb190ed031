import type { ReasonedDecision } from '../permissions/index.ts'
import { settle } from '../internal/promises.ts'
import type { Principal } from '../tokens/index.ts'
import type { RequestContext } from '../keys/index.ts'
import { isRefusal, type Refusal } from './problem-response.ts'

/** What `onEvent` is called with. Events are frozen, and so is a refusal; `resource` is the very object, so leave it as it is. */
export type GuardEvent<P = Principal> =
  /** Somebody was established as the caller: once a request, however often it is authenticated. */
  | { readonly type: 'authenticated'; readonly principal: P }
  /** Nobody was, or the caller may not come in at all, or the keys are out of reach: once a request and code. */
  | { readonly type: 'refused'; readonly code: Refusal['code']; readonly error: Refusal }
  /** `authorize` let a caller pass, or did not. `matched` in the decision names the rules. */
  | {
      readonly type: 'authorized' | 'denied'
      readonly principal: P
      readonly decision: ReasonedDecision
      readonly resource: unknown
    }
  /** An issuer was asked for its keys in vain. Known keys may still serve. */
  | { readonly type: 'keys-failed'; readonly issuer: string; readonly error: unknown }

export interface GuardEventContext {
  /** The request that the event belongs to; undefined for `verify`, `verifyTokens`, `keys-failed`, and an `authorize` without it. */
  readonly request: Request | undefined
  /** Keeps the isolate alive for work of the listener, where the platform can. A rejection of the work is dropped. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

export type OnEvent<P> = (event: GuardEvent<P>, context: GuardEventContext) => unknown

/** Calls a listener with events. Nothing that the listener does changes an answer. */
export interface Events<C> {
  /** `context` brings the platform's `waitUntil`; default: the one that came with the request. */
  emit(event: GuardEvent<Principal<C>>, request?: Request, context?: RequestContext): void
  /** Reports a refusal, unless the request was refused with this code before. Other errors are ignored. */
  refuse(error: unknown, request?: Request, context?: RequestContext): void
  /** Reports the principal that `work` resolves to, or its refusal. `optional`: a missing token is not a refusal. */
  watch<T extends Established<C>>(
    work: Promise<T>,
    context: RequestContext & { readonly optional?: boolean | undefined },
    request?: Request,
  ): Promise<T>
}

/** One principal, or those of the two tokens of one sign-in. */
type Established<C> = Principal<C> | { readonly id: Principal<C>; readonly access: Principal<C> }

export function createEvents<C>(onEvent: OnEvent<Principal<C>>): Events<C> {
  const contexts = new WeakMap<Request, RequestContext>()
  /** Of each request: who was established, and with which codes it was refused. */
  const reported = new WeakMap<Request, Set<string>>()

  function emit(event: GuardEvent<Principal<C>>, request?: Request, context = request && contexts.get(request)): void {
    const waitUntil = (work: unknown) => {
      const over = settle(work)
      try {
        context?.waitUntil?.(over)
      } catch {}
    }
    try {
      const result = onEvent(Object.freeze(event), { request, waitUntil })
      if (typeof result === 'object') waitUntil(result)
    } catch {}
  }

  function emitOnce(fact: string, event: GuardEvent<Principal<C>>, request?: Request, context?: RequestContext): void {
    const facts = (request && reported.get(request)) ?? new Set()
    if (facts.has(fact)) return
    facts.add(fact)
    if (request) reported.set(request, facts)
    emit(event, request, context)
  }

  function refuse(error: unknown, request?: Request, context?: RequestContext): void {
    if (!isRefusal(error)) return
    // The answer is made of it afterwards.
    if ('details' in error) Object.freeze(error.details)
    emitOnce(error.code, { type: 'refused', code: error.code, error: Object.freeze(error) }, request, context)
  }

  async function watch<T extends Established<C>>(
    work: Promise<T>,
    context: RequestContext & { readonly optional?: boolean | undefined },
    request?: Request,
  ): Promise<T> {
    if (request && context.waitUntil) contexts.set(request, context)
    try {
      const established = await work
      const given: Established<C> = established
      for (const principal of 'access' in given ? [given.id, given.access] : [given]) {
        emitOnce(`${principal.issuer} ${principal.sub}`, { type: 'authenticated', principal }, request, context)
      }
      return established
    } catch (error) {
      const absent = isRefusal(error) && error.code === 'TOKEN_MISSING'
      if (context.optional !== true || !absent) refuse(error, request, context)
      throw error
    }
  }

  return { emit, refuse, watch }
}

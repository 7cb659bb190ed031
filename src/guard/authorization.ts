import { ForbiddenError } from '../errors.ts'
import type { Decision, Explanation } from '../groups/index.ts'
import type { Principal } from '../principal.ts'
import type { Engine } from './engine.ts'
import type { CommonOptions, GroupMap } from './options.ts'

export interface AuthorizeContext {
  /** Handed to `onDecision`. */
  readonly request?: Request | undefined
  /** Handed to predicates, for rules such as "their own". */
  readonly resource?: unknown
}

/** Says what a caller's groups allow. */
export function createAuthorization<F extends string, C>(
  { records, now }: Engine<C>,
  mapOf: (userPoolId: string) => GroupMap<F, string> | undefined,
  onDecision: CommonOptions<'any', C>['onDecision'],
) {
  const denials = new WeakSet<object>()

  /** The map that applies to a principal, and the claims that conditions may look at; nothing for a foreign object. */
  function standing(principal: Principal<C>, resource: unknown) {
    const record = records.get(principal)
    return {
      map: record && mapOf(record.issuer.userPoolId),
      context: { claims: record?.payload, resource, now: now() },
    }
  }

  function can(principal: Principal<C>, fn: F, { resource }: AuthorizeContext = {}): boolean {
    const { map, context } = standing(principal, resource)
    return map?.can(principal.groups, fn, context) === true
  }

  function explain(principal: Principal<C>, fn: F, { resource }: AuthorizeContext = {}): Explanation {
    const { map, context } = standing(principal, resource)
    return map?.explain(principal.groups, fn, context) ?? { ...nothing(fn), matched: [], failed: [], wouldAllow: [] }
  }

  function authorize(principal: Principal<C>, fn: F, { request, resource }: AuthorizeContext = {}): void {
    const { map, context } = standing(principal, resource)
    if (!onDecision && map?.can(principal.groups, fn, context)) return
    const decision = map?.decide(principal.groups, fn, context) ?? nothing(fn)
    if (onDecision) notify(() => onDecision(decision, { principal, request }))
    if (decision.allowed) return
    const stepUp = map?.stepUp(principal.groups, fn, context)
    const denial = new ForbiddenError(stepUp ? 'STEP_UP_REQUIRED' : 'FUNCTION_DENIED', { decision, ...stepUp })
    denials.add(denial)
    throw denial
  }

  const denied = (error: unknown): error is ForbiddenError => error instanceof ForbiddenError && denials.has(error)

  return { can, explain, authorize, denied }
}

/** The decision where there is no map, or no principal of this guard. */
function nothing(fn: string): Decision {
  return { allowed: false, code: 'DENY_DEFAULT', function: fn, groups: [] }
}

/** Tells somebody of something; whatever comes of it stays here. */
function notify(tell: () => unknown): void {
  try {
    Promise.resolve(tell()).catch(() => {})
  } catch {}
}

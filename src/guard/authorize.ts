import { deepFreeze } from '../internal/encoding.ts'
import { ForbiddenError } from '../errors.ts'
import type { Explanation } from '../permissions/index.ts'
import { claim } from '../internal/claims.ts'
import { checkOptions, unknownName } from '../internal/options.ts'
import type { Principal } from '../tokens/index.ts'
import type { Shared } from './shared.ts'
import type { GroupMap } from './options.ts'

export interface AuthorizeContext {
  /** The request that this is about, for `onEvent`, which then also has the `waitUntil` that came with it. */
  readonly request?: Request | undefined
  /** Handed to predicates, for rules such as "their own". */
  readonly resource?: unknown
}

const contextNames = ['request', 'resource'] as const

/** Says what a caller's groups allow, by the map of each pool. */
export function createAuthorization<F extends string, C>(
  { records, denials, events, now }: Shared<C>,
  maps: ReadonlyMap<string, GroupMap<F, string> | undefined>,
) {
  /**
   * The map that applies to a principal, and the claims that conditions may look at; nothing for a foreign object, nor where
   * a name is misspelt: a predicate that denies by the resource would not notice.
   */
  function contextOf(principal: Principal<C>, given: AuthorizeContext) {
    const { resource } = given
    const record = unknownName(given, contextNames) === undefined ? records.get(principal) : undefined
    return {
      map: record && maps.get(record.issuer.userPoolId),
      context: { claims: record?.payload ?? {}, resource, now: now() },
    }
  }

  /** Whether rules without conditions allow it, as most do: neither claims nor the clock are needed to say so. */
  function allowsAlways(principal: Principal<C>, permission: F): boolean {
    const record = records.get(principal)
    return record !== undefined && maps.get(record.issuer.userPoolId)?.can(principal.groups, permission) === true
  }

  function can(principal: Principal<C>, permission: F, given: AuthorizeContext = {}): boolean {
    const { map, context } = contextOf(principal, given)
    return map?.can(principal.groups, permission, context) === true
  }

  function explain(principal: Principal<C>, permission: F, given: AuthorizeContext = {}): Explanation {
    const { map, context } = contextOf(principal, given)
    return map?.explain(principal.groups, permission, context) ?? nothing(permission)
  }

  function permissions(principal: Principal<C>, given: AuthorizeContext = {}): { readonly [K in F]: boolean } {
    const { map, context } = contextOf(principal, given)
    const names = [...maps.values()].flatMap((one) => one?.permissions ?? [])
    const entries = names.map((name) => [name, map?.can(principal.groups, name, context) === true])
    return Object.fromEntries(entries) as { readonly [K in F]: boolean }
  }

  function authorize(principal: Principal<C>, permission: F, given: AuthorizeContext = {}): void {
    if (unknownName(given, contextNames) !== undefined) checkOptions<AuthorizeContext>('authorize', given, contextNames)
    if (!events && allowsAlways(principal, permission)) return
    const { request, resource } = given
    const { map, context } = contextOf(principal, given)
    if (!events && map?.can(principal.groups, permission, context)) return
    const decision = deepFreeze(map?.decide(principal.groups, permission, context) ?? nothing(permission))
    events?.emit({ type: decision.allowed ? 'authorized' : 'denied', principal, decision, resource }, request)
    if (decision.allowed) return
    const stepUp = map?.stepUp(principal.groups, permission, context)
    const name = decision.failed[0]?.claim ?? 'cognito:groups'
    const denial = new ForbiddenError(stepUp ? 'STEP_UP_REQUIRED' : 'PERMISSION_DENIED', {
      decision,
      ...stepUp,
      claim: name,
      expected: permission,
      actual: claim(context.claims, name),
    })
    denials.add(denial)
    throw denial
  }

  return { can, explain, permissions, authorize }
}

/** The decision where there is no map, or no principal of this guard. */
function nothing(permission: string): Explanation {
  return { allowed: false, code: 'DENY_DEFAULT', permission, groups: [], matched: [], failed: [], wouldAllow: [] }
}

import { AuthenticationError, ConfigurationError, ForbiddenError } from './errors.ts'
import type { Decision, Explanation } from './groups/index.ts'
import { answer, isRefusal } from './guard/answers.ts'
import { keyOptionsOf } from './guard/key-options.ts'
import { checkOptions, type GuardOptions, type GuardPool } from './guard/options.ts'
import { createRegrouper } from './guard/regroup.ts'
import type { AccessPrincipal, Claims, IdPrincipal, Principal, PrincipalFor, TokenUse } from './principal.ts'
import {
  acceptPools,
  bearer,
  checkTokenPair,
  createVerifier,
  type RequestContext,
  type TokenSourceContext,
  type VerifiedToken,
} from './tokens/index.ts'

export interface AuthenticateContext extends RequestContext {
  /** Holds cookies to the rules for unsafe methods whatever the method is. */
  readonly strictCookies?: boolean | undefined
}

export interface AuthorizeContext {
  /** Handed to `onDecision`. */
  readonly request?: Request | undefined
  /** Handed to predicates, for rules such as "their own". */
  readonly resource?: unknown
}

/** Says who is calling and what that caller's groups allow. `F`: function names, `G`: group names, `P`: its principals. */
export interface Guard<F extends string = string, G extends string = string, P extends Principal<unknown> = Principal> {
  /**
   * Establishes the caller of a request. Throws AuthenticationError (401), UnavailableError (503), or ForbiddenError (403: a
   * cookie on a cross-site request, a missing scope, a group that is refused).
   */
  authenticate(request: Request, context?: AuthenticateContext): Promise<P>
  /** Verifies a token that came some other way. Throws as `authenticate` does. */
  verify(token: string, context?: RequestContext): Promise<P>
  /** Verifies the two tokens of one sign-in, whatever `tokenUse` is, and that they belong together. */
  verifyTokens(
    tokens: { readonly idToken: string; readonly accessToken: string },
    context?: RequestContext,
  ): Promise<{ readonly id: IdPrincipal<P['claims']>; readonly access: AccessPrincipal<P['claims']> }>
  /** Throws ForbiddenError (403) unless the principal's groups allow the function. */
  authorize(principal: P, fn: F, context?: AuthorizeContext): void
  /** As `authorize`, without throwing and without `onDecision`. */
  can(principal: P, fn: F, context?: AuthorizeContext): boolean
  /** Why `authorize` would or would not throw: which rule of which group decided, and what was missing. */
  explain(principal: P, fn: F, context?: AuthorizeContext): Explanation
  /** The raw token of a principal of this guard. Throws ConfigurationError for any other object. */
  tokenOf(principal: P): string
  /** The HTTP answer to an error of this package; rethrows any other. */
  toResponse(error: unknown, request: Request): Response
  /** Adds to the answer what the token source left for it, such as renewed cookies; once a request. */
  commit(request: Request, response: Response): Response
  /** Whether `error` is a ForbiddenError that this guard's own `authorize` threw. */
  denied(error: unknown): error is ForbiddenError
  /** Whether a function stands in the map, or in one of the maps. */
  knows(fn: string): fn is F
  /** Whether a group stands in the map, or in one of the maps; without a map every group counts as known. */
  knowsGroup(group: string): group is G
}

/**
 * Creates a guard. Throws ConfigurationError where an option is missing or wrong; nothing is fetched before the first
 * request.
 */
export function createGuard<
  F extends string = never,
  G extends string = string,
  U extends TokenUse | 'any' = 'access',
  C = Claims,
>(options: GuardOptions<F, G, U, C>): Guard<F, G, PrincipalFor<U, C>>
export function createGuard<F extends string, G extends string, C>(
  options: GuardOptions<F, G, TokenUse | 'any', C>,
): Guard<F, G, Principal<C>> {
  checkOptions(options)
  const { tokenUse = 'access', scopes = [], tokenFrom = bearer, check, unknownGroups, onDecision, poolFor } = options
  const { now = Date.now, cache = {} } = options
  const pools: readonly GuardPool<F, G>[] = options.pools ?? [options]
  const maps = new Map(pools.map(({ userPoolId, groups }) => [userPoolId, groups]))
  const regroup = options.groupsOf && createRegrouper(options.groupsOf)
  const issuers = acceptPools(pools, keyOptionsOf(options), options.allowTestKeys === true)
  const verifier = createVerifier({
    issuers,
    audience: options.audience,
    clockTolerance: options.clockTolerance ?? 0,
    maxTokens: cache.maxTokens ?? 1000,
    mapClaims: options.claims ?? ((raw: Claims) => raw as C),
    now,
  })
  const clientIds = [...issuers.values()].flatMap((issuer) => issuer.clientIds)
  /** What stands behind each principal of this guard. Whatever is not in here was not established by it. */
  const records = new WeakMap<object, VerifiedToken<C>>()
  const cookies = new WeakMap<Request, readonly string[]>()
  const denials = new WeakSet<object>()

  async function authenticate(request: Request, context: AuthenticateContext = {}): Promise<Principal<C>> {
    const reading = tokenFrom === bearer ? bearer(request) : tokenFrom(request, sourceContext(request, context))
    const token = typeof reading === 'object' ? await reading : reading
    if (!token) throw new AuthenticationError('TOKEN_MISSING')
    const expected = { tokenUse, userPoolId: poolOf(request) }
    return admit(verifier.recall(token, expected) ?? (await verifier.verify(token, expected, context)), request)
  }

  function poolOf(request: Request): string | undefined {
    const userPoolId = poolFor?.(request)
    if (poolFor && !userPoolId) throw new AuthenticationError('ISSUER_UNKNOWN')
    return userPoolId
  }

  function sourceContext(request: Request, context: AuthenticateContext): TokenSourceContext {
    return {
      clientIds,
      tokenUse,
      now,
      strictCookies: context.strictCookies === true,
      verify: async (token) => (await verifier.verify(token, { tokenUse, userPoolId: poolOf(request) }, context)).principal,
      setCookies: (values) => void cookies.set(request, values),
    }
  }

  async function verify(token: string, context: RequestContext = {}): Promise<Principal<C>> {
    return admit(await verifier.verify(token, { tokenUse, userPoolId: undefined }, context), undefined)
  }

  async function verifyTokens(
    { idToken, accessToken }: { readonly idToken: string; readonly accessToken: string },
    context: RequestContext = {},
  ) {
    const id = await verifier.verify(idToken, { tokenUse: 'id', userPoolId: undefined }, context)
    const access = await verifier.verify(accessToken, { tokenUse: 'access', userPoolId: undefined }, context)
    await checkTokenPair(id, access)
    return {
      id: (await admit(id, undefined)) as IdPrincipal<C>,
      access: (await admit(access, undefined)) as AccessPrincipal<C>,
    }
  }

  /** The last steps, which depend on more than the token: taken every time. */
  function admit(verified: VerifiedToken<C>, request: Request | undefined): Principal<C> | Promise<Principal<C>> {
    const principal = regroup ? regroup(verified.principal, request) : verified.principal
    if (!records.has(principal)) records.set(principal, verified)
    return check ? checkThenPermit(principal, check(principal, { request })) : permit(principal)
  }

  async function checkThenPermit(principal: Principal<C>, passed: boolean | Promise<boolean>): Promise<Principal<C>> {
    if ((await passed) !== true) throw new AuthenticationError('CHECK_REFUSED')
    return permit(principal)
  }

  function permit(principal: Principal<C>): Principal<C> {
    const { groups, tokenUse, userPoolId } = principal
    if (unknownGroups === 'refuse' && !groups.every((group) => includes(maps.get(userPoolId)?.names, group))) {
      throw new ForbiddenError('GROUP_UNKNOWN')
    }
    if (tokenUse === 'access' && !scopes.every((scope) => principal.scopes.includes(scope))) {
      throw new ForbiddenError('SCOPE_REQUIRED', { scope: scopes.join(' ') })
    }
    return principal
  }

  /** The map that applies to a principal, and the claims that conditions may look at; nothing for a foreign object. */
  function standing(principal: Principal<C>, resource: unknown) {
    const record = records.get(principal)
    return {
      map: record && maps.get(record.issuer.userPoolId),
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
    if (onDecision === undefined && can(principal, fn, { resource })) return
    const { map, context } = standing(principal, resource)
    const decision = map?.decide(principal.groups, fn, context) ?? nothing(fn)
    if (onDecision !== undefined) notify(() => onDecision(decision, { principal, request }))
    if (decision.allowed) return
    const denial = new ForbiddenError('FUNCTION_DENIED', { decision })
    denials.add(denial)
    throw denial
  }

  return {
    authenticate,
    verify,
    verifyTokens,
    authorize,
    can,
    explain,
    tokenOf(principal) {
      const record = records.get(principal)
      if (record === undefined) throw new ConfigurationError('tokenOf: expected a principal that this guard established.')
      return record.token
    },
    toResponse(error, request) {
      if (!isRefusal(error)) throw error
      return answer(error, request)
    },
    commit(request, response) {
      const setCookies = cookies.get(request)
      if (!setCookies?.length) return response
      cookies.delete(request)
      const committed = new Response(response.body, response)
      for (const cookie of setCookies) committed.headers.append('set-cookie', cookie)
      committed.headers.set('cache-control', 'no-store')
      return committed
    },
    denied: (error): error is ForbiddenError => error instanceof ForbiddenError && denials.has(error),
    knows: (fn): fn is F => pools.some(({ groups }) => groups?.knows(fn)),
    knowsGroup: (group): group is G => pools.some(({ groups }) => !groups || includes(groups.names, group)),
  }
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

function includes(names: readonly string[] = [], name: string): boolean {
  return names.includes(name)
}

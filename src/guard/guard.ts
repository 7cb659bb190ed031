import { type ForbiddenError, assertConfig } from '../errors.ts'
import type { Explanation } from '../permissions/index.ts'
import type { RequestContext } from '../keys/index.ts'
import type { AccessPrincipal, IdPrincipal, Principal, PrincipalFor, TokenUse } from '../tokens/index.ts'
import type { Claims } from '../internal/claims.ts'
import { type AuthenticateContext, createAuthentication, type VerifyContext } from './authenticate.ts'
import { type AuthorizeContext, createAuthorization } from './authorize.ts'
import {
  checkGroups,
  checkGuardOptions,
  type GroupMap,
  type GuardOptions,
  type GuardPool,
  type InferenceSites,
} from './options.ts'
import { answer, isRefusal, type Refusal } from './problem-response.ts'
import { createShared } from './shared.ts'

export type { AuthenticateContext, VerifyContext } from './authenticate.ts'
export type { AuthorizeContext } from './authorize.ts'

/** Says who is calling and what that caller's groups allow. `F`: permissions, `G`: group names, `P`: its principals. */
export interface Guard<F extends string = string, G extends string = string, P extends Principal<unknown> = Principal> {
  /**
   * Says who sent a request. Throws AuthenticationError (401), UnavailableError (503), or ForbiddenError (403: a cookie on a
   * cross-site request, a missing scope, a group that is refused).
   */
  authenticate(request: Request, context?: AuthenticateContext): Promise<P>
  /** Verifies a token that came some other way. Throws as `authenticate` does. With `selectPool`, `userPoolId` has to be given. */
  verify(token: string, context?: VerifyContext): Promise<P>
  /** Verifies the two tokens of one sign-in, whatever `tokenUse` is, and that they belong together. */
  verifyTokens(
    tokens: { readonly idToken: string; readonly accessToken: string },
    context?: VerifyContext,
  ): Promise<{ readonly id: IdPrincipal<P['claims']>; readonly access: AccessPrincipal<P['claims']> }>
  /** Throws ForbiddenError (403) unless the principal's groups allow the permission. */
  authorize(principal: P, permission: F, context?: AuthorizeContext): void
  /** As `authorize`, without throwing and without an event. */
  can(principal: P, permission: F, context?: AuthorizeContext): boolean
  /** Why `authorize` would or would not throw: which rule of which group decided, and what was missing. */
  explain(principal: P, permission: F, context?: AuthorizeContext): Explanation
  /**
   * Permission → whether `can` says so, for every permission of the map, or maps: which buttons a page shows. The server still
   * has to check.
   */
  permissions(principal: P, context?: Pick<AuthorizeContext, 'resource'>): { readonly [K in F]: boolean }
  /**
   * Fetches the keys of all pools, so that the first request need not wait: at the start of a server, or in `waitUntil`.
   * Throws UnavailableError where those of one cannot be had; the guard works all the same, and asks again when it has to.
   */
  prefetchKeys(context?: RequestContext): Promise<void>
  /** The raw token of a principal of this guard. Throws ConfigurationError for any other object. */
  tokenOf(principal: P): string
  /** What only adapters need. */
  readonly adapter: GuardAdapter
  /** The HTTP answer to an error of this package; rethrows any other. */
  toResponse(error: unknown, request: Request): Response
  /**
   * A guard with another map and the same keys, verified tokens and principals, for maps that change while the
   * application runs. With many pools, `userPoolId` says whose map is replaced. Throws ConfigurationError where no pool
   * is meant.
   */
  withGroups<F2 extends string, G2 extends string>(groups: GroupMap<F2, G2>): Guard<F2, G2, P>
  withGroups<F2 extends string, G2 extends string>(
    groups: GroupMap<F2, G2>,
    userPoolId: string,
  ): Guard<F | F2, G | G2, P>
}

/** What authors of adapters need of a guard; applications do not. */
export interface GuardAdapter {
  /** Adds to the answer what the token source left for it: `Vary: Cookie`, and renewed cookies, once a request. */
  commit(request: Request, response: Response): Response
  /** The metadata of the `protectedResource` option, where the request asks for them. */
  metadata(request: Request): Response | undefined
  /** Whether `error` is a ForbiddenError that `authorize` threw, of this guard or of one that `withGroups` made of it. */
  isOwnDenial(error: unknown): error is ForbiddenError
  /** Whether a permission stands in the map, or in one of the maps. */
  knowsPermission(name: string): boolean
  /** The permissions of the map, or of all maps. */
  permissionNames(): Iterable<string>
  /** Whether a group stands in the map, or in one of the maps; without a map every group counts as known. */
  knowsGroup(name: string): boolean
  /** The groups of the map, or of all maps. */
  groupNames(): Iterable<string>
  /**
   * Reports a refusal to `onEvent`, for refusals that an adapter raises itself (`USER_REQUIRED`, `GROUP_REQUIRED`,
   * `SCOPE_REQUIRED`). It may be called for every refusal before its answer: what this guard has reported already, denials of
   * `authorize` included, and errors that are not refusals are ignored.
   */
  report(error: unknown, request: Request): void
}

/**
 * Creates a guard over one user pool, or several. Nothing is fetched before the first request. Throws ConfigurationError where
 * an option is missing or wrong.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 *
 * const groups = defineGroups({ viewer: { allow: ['posts.read'] }, admin: { allow: ['*'] } })
 * const guard = createGuard({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij', groups })
 *
 * export async function answer(request: Request): Promise<Response> {
 *   try {
 *     const principal = await guard.authenticate(request)
 *     guard.authorize(principal, 'posts.read', { request })
 *     return Response.json({ posts: [], for: principal.sub })
 *   } catch (error) {
 *     return guard.toResponse(error, request)
 *   }
 * }
 * ```
 */
export function createGuard<
  F extends string = never,
  G extends string = string,
  U extends TokenUse | 'any' = 'access',
  C = Claims,
>(options: InferenceSites<F, G, U, C> & GuardOptions<F, G, U, C>): Guard<F, G, PrincipalFor<U, C>>
export function createGuard<F extends string, G extends string, C>(
  options: GuardOptions<F, G, TokenUse | 'any', C>,
): Guard<F, G, Principal<C>> {
  checkGuardOptions(options)
  const pools: readonly GuardPool<F, G>[] = options.pools ?? [options]
  const shared = createShared(pools, options)
  const { prefetchKeys, records, cookies, changes, denials, events } = shared

  function changed(request: Request, response: Response, refusal?: Refusal): Response {
    return [...(changes.get(request) ?? [])].reduce((answer, change) => change(answer, refusal), response)
  }

  function guardOver<F extends string, G extends string>(pools: readonly GuardPool<F, G>[]): Guard<F, G, Principal<C>> {
    const maps = new Map(pools.map(({ userPoolId, groups }) => [userPoolId, groups]))
    return {
      ...createAuthentication(shared, options, maps),
      ...createAuthorization(shared, maps),
      prefetchKeys,
      adapter: {
        commit(request, response) {
          if (!options.tokenSource) return response
          const setCookies = cookies.get(request)
          const left = changed(request, response)
          if (!setCookies?.length) return left
          cookies.delete(request)
          const committed = new Response(left.body, left)
          for (const cookie of setCookies) committed.headers.append('set-cookie', cookie)
          committed.headers.set('cache-control', 'no-store')
          return committed
        },
        metadata: (request) => options.protectedResource?.respond(request),
        isOwnDenial: (error): error is ForbiddenError => denials.has(error as object),
        knowsPermission: (name) => pools.some(({ groups }) => groups?.knows(name)),
        permissionNames: () => pools.flatMap(({ groups }) => groups?.permissions ?? []),
        knowsGroup: (name) => pools.some(({ groups }) => !groups || Object.hasOwn(groups.definitions, name)),
        groupNames: () => pools.flatMap(({ groups }) => groups?.names ?? []),
        report: (error, request) => void (denials.has(error as object) || events?.refuse(error, request)),
      },
      tokenOf(principal) {
        const record = records.get(principal)
        assertConfig('tokenOf', record, 'a principal of this guard')
        return record.token
      },
      toResponse(error, request) {
        if (!isRefusal(error)) throw error
        return changed(request, answer(error, request, options.protectedResource?.metadataUrl), error)
      },
      withGroups<F2 extends string, G2 extends string>(groups: GroupMap<F2, G2>, userPoolId?: string) {
        const meant = pools.filter((pool) => (userPoolId ? pool.userPoolId === userPoolId : pools.length === 1))
        assertConfig('withGroups', meant.length, 'the id of a pool of this guard')
        checkGroups(groups)
        return guardOver<F | F2, G | G2>(pools.map((pool) => (meant.includes(pool) ? { ...pool, groups } : pool)))
      },
    }
  }

  return guardOver(pools)
}

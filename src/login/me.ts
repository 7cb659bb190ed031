import type { IdPrincipal, Principal, UserPrincipal } from '../tokens/index.ts'

/** What `/me` needs of a guard. */
export interface MeGuard {
  authenticate(request: Request, context?: MeContext): Promise<Principal<unknown>>
  permissions(principal: Principal<unknown>): Readonly<Record<string, boolean>>
  toResponse(error: unknown, request: Request): Response
  readonly adapter: { commit(request: Request, response: Response): Response }
}

/** What a request to `/me` brings along. */
export interface MeContext {
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** The route `/me`, as `login.handle` and `loginRoutes` take it. */
export interface MeRoute {
  answer(request: Request, context?: MeContext): Promise<Response>
}

/**
 * The route that tells a front end who is signed in, what they may do by the guard's map, and when the token ends:
 * `{ user, permissions, expiresAt }`, or the guard's 401. The guard's token source has to be the login's session.
 *
 * @example
 * ```ts
 * import { type Login, type MeGuard, meRoute } from 'cognigate/login'
 *
 * const answer = (login: Login, guard: MeGuard, request: Request) => login.handle(request, { me: meRoute(guard) })
 * ```
 */
export function meRoute(guard: MeGuard): MeRoute {
  return {
    async answer(request, { waitUntil } = {}) {
      let response: Response
      try {
        const principal = await guard.authenticate(request, { waitUntil })
        const user = principal.kind === 'user' ? userOf(principal) : undefined
        const body = { user, permissions: guard.permissions(principal), expiresAt: principal.expiresAt }
        const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
        response = Response.json(body, { headers })
      } catch (error) {
        response = guard.toResponse(error, request)
      }
      return guard.adapter.commit(request, response)
    },
  }
}

function userOf({ sub, username, groups, ...more }: UserPrincipal<unknown>) {
  const { email, emailVerified } = more as Partial<IdPrincipal<unknown>>
  return { sub, username, groups, ...(email && { email, emailVerified }) }
}

import { createProtocol } from './protocol.ts'
import type { SealUse } from '../internal/seal.ts'
import type { TokenSource } from '../token-sources/index.ts'
import { createCookies } from './cookies.ts'
import { type LoginEvent, type LoginOptions, readLoginOptions } from './options.ts'
import { createRoutes, type HandleContext, type StartOptions } from './routes.ts'
import { createSessions } from './sessions.ts'

/** The tokens of a session, for calls to other services. Never for the page. */
export interface LoginTokens {
  readonly accessToken?: string | undefined
  readonly idToken?: string | undefined
}

/** Signs browsers in through managed login, and keeps them signed in. */
export interface Login {
  /** Finds the token of a request in its session: the `tokenSource` of a guard. */
  readonly session: TokenSource
  /**
   * Answers requests to the routes beside `redirectUri`: the callback itself, `login`, `logout`, and `me` where it is given.
   * Undefined for all others.
   */
  handle(request: Request, context?: HandleContext): Promise<Response | undefined>
  /** Starts a login: a redirect to Cognito, with what the browser has to bring back. For an application's own login route. */
  start(request: Request, options?: StartOptions): Promise<Response>
  /**
   * The tokens of a request's session, renewed where need be; undefined where nobody is signed in, or by an Authorization header. Ask
   * behind the guard only.
   */
  tokens(request: Request): Promise<LoginTokens | undefined>
}

/**
 * A browser login through Cognito's managed login: authorization code with PKCE, sealed sessions, renewal and sign-out. Nothing
 * is fetched before the first request.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { createLogin } from 'cognigate/login'
 *
 * const userPoolId = 'eu-west-1_AbCdEfGhI'
 * const clientId = '1example23456789abcdefghij'
 * const login = createLogin({
 *   domain: 'https://auth.example.com',
 *   userPoolId,
 *   clientId,
 *   redirectUri: 'https://app.example.com/auth/callback',
 *   secrets: '8Pz4mK1xQ0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM=', // from the environment; never from the source
 * })
 * const guard = createGuard({ userPoolId, clientId, tokenSource: login.session })
 *
 * export async function answer(request: Request): Promise<Response> {
 *   const own = await login.handle(request)
 *   if (own) return own
 *   try {
 *     const principal = await guard.authenticate(request)
 *     return guard.adapter.commit(request, Response.json({ hello: principal.sub }))
 *   } catch (error) {
 *     return guard.adapter.commit(request, guard.toResponse(error, request))
 *   }
 * }
 * ```
 *
 * @throws ConfigurationError, naming the option
 */
export function createLogin(options: LoginOptions): Login {
  const settings = readLoginOptions(options)
  const { clientId, userPoolId, issuer = userPoolId, onEvent } = settings
  const cookies = createCookies(settings.cookieName, settings.development)
  const parts = {
    options: settings,
    cookies,
    protocol: createProtocol(settings),
    useOf: (purpose: string, place: string): SealUse => ({
      purpose: `login ${purpose}`,
      context: JSON.stringify([cookies.nameOf(place), clientId, issuer]),
    }),
    async emit(event: LoginEvent, request: Request) {
      try {
        await onEvent?.(Object.freeze(event), { request })
      } catch {}
    },
  }
  const sessions = createSessions(parts)
  const { handle, start, dress } = createRoutes({ ...parts, sessions })
  return {
    session: sessions.source(dress),
    handle,
    start,
    async tokens(request) {
      if (request.headers.has('authorization')) return undefined
      const tokens = (await sessions.open(request)).content?.tokens
      return tokens && { accessToken: tokens.access, idToken: tokens.id }
    },
  }
}

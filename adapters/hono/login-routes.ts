import type { Context } from 'hono'
import { Hono } from 'hono'
import { checkOptions } from '../../src/internal/options.ts'
import type { Login, MeRoute } from '../../src/login/index.ts'
import { markPassing } from './assert-guarded.ts'

/** What `loginRoutes` serves beside the login itself. */
export interface LoginRoutesOptions {
  /** Serves `/me`, who is signed in and what they may do: `meRoute(guard)`, or that of a request. Default: no such route. */
  readonly me?: MeRoute | ((c: Context) => MeRoute) | undefined
}

/** The part of a login that the routes need. */
type Handler = Pick<Login, 'handle'>

/**
 * The routes of a login, to be mounted where its `redirectUri` says: `/login`, the callback, `/logout`, and `/me` where it is
 * given. They are open to all by their nature, and count so for `assertGuarded`.
 *
 * @example
 * ```ts
 * import { createLogin } from 'cognigate/login'
 * import { loginRoutes } from 'cognigate/hono'
 * import { Hono } from 'hono'
 *
 * const login = createLogin({
 *   domain: 'https://auth.example.com',
 *   userPoolId: 'eu-west-1_AbCdEfGhI',
 *   clientId: '1example23456789abcdefghij',
 *   redirectUri: 'https://app.example.com/auth/callback',
 *   secrets: '8Pz4mK1xQ0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM=',
 * })
 * const app = new Hono()
 * app.route('/auth', loginRoutes(login))
 * ```
 */
export function loginRoutes(login: Handler | ((c: Context) => Handler), options: LoginRoutesOptions = {}): Hono {
  checkOptions<LoginRoutesOptions>('loginRoutes', options, ['me'])
  const { me } = options
  const app = new Hono()
  app.all(
    '/*',
    markPassing(async (c, next) => {
      const current = typeof login === 'function' ? login(c) : login
      const own = await current.handle(c.req.raw, { me: typeof me === 'function' ? me(c) : me })
      if (own) return own
      await next()
    }),
  )
  return app
}

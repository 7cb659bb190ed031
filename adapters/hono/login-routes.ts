import type { Context } from 'hono'
import { Hono } from 'hono'
import { checkOptions } from '../../src/internal/options.ts'
import type { HandleContext, Login } from '../../src/login/index.ts'
import { markPassing } from './assert-guarded.ts'

/** What `loginRoutes` serves beside the login itself. */
export interface LoginRoutesOptions {
  /** Serves `/me` by this guard, or the guard of a request: who is signed in, and what they may do. Default: no such route. */
  readonly guard?: HandleContext['guard'] | ((c: Context) => HandleContext['guard']) | undefined
}

/** The part of a login that the routes need. */
type Handler = Pick<Login, 'handle'>

/**
 * The routes of a login, to be mounted where its `redirectUri` says: `/login`, the callback, `/logout`, and `/me` where a guard is
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
  checkOptions<LoginRoutesOptions>('loginRoutes', options, ['guard'])
  const { guard } = options
  const app = new Hono()
  app.all(
    '/*',
    markPassing(async (c, next) => {
      const current = typeof login === 'function' ? login(c) : login
      const own = await current.handle(c.req.raw, { guard: typeof guard === 'function' ? guard(c) : guard })
      if (own) return own
      await next()
    }),
  )
  return app
}

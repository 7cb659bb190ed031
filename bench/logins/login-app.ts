import { Hono } from 'hono'
import { honoGuard, loginRoutes } from '../../adapters/hono/index.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLogin, meRoute } from '../../src/login/index.ts'
import { clientId, userPoolId } from '../settings.ts'
import { domain, origin, secrets } from './names.ts'

/** A Hono application that shows a page to who is signed in and may see it. */
export function createLoginApp(): Hono {
  const login = createLogin({ domain, userPoolId, clientId, redirectUri: `${origin}/auth/callback`, secrets })
  const groups = defineGroups({ editor: { allow: ['posts.read'] } })
  const guard = createGuard({ userPoolId, clientId, groups, tokenSource: login.session })
  const app = new Hono()
  app.route('/auth', loginRoutes(login, { me: meRoute(guard) }))
  app.use('/*', honoGuard(guard).permissionRequired('posts.read'))
  app.get('/', (c) => c.text('Hello'))
  return app
}

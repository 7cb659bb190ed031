/**
 * Browser login on Cloudflare Workers with Hono: who is not signed in goes to managed login and comes back to where they were.
 * Register `<origin>/auth/callback` and `<origin>/auth/logout` with the app client, then
 * `openssl rand -base64 32 | wrangler secret put SECRETS -c examples/login/wrangler.toml` and
 * `wrangler deploy -c examples/login/wrangler.toml`.
 */
import { honoGuard, loginRoutes } from 'cognigate/hono'
import { durableObjectRenewals, type LoginNamespace, meRoute } from 'cognigate/login'
import { perEnv } from 'cognigate/workers'
import { Hono } from 'hono'
import { page, pageHeaders, pageScript } from './page.ts'
import { type Env, partsOf } from './parts.ts'

interface WorkerEnv extends Env {
  /** For an app client that rotates refresh tokens and has no grace period: several tabs renew by this Durable Object. */
  readonly LOGIN?: LoginNamespace
}

const parts = perEnv((env: WorkerEnv) => {
  const { LOGIN } = env
  return partsOf(env, LOGIN && { rotation: { gracePeriod: 0 }, renewals: durableObjectRenewals(LOGIN) })
})
const app = new Hono<{ Bindings: WorkerEnv }>()
const { loginCheck, permissionRequired } = honoGuard((c) => parts(c.env as WorkerEnv).guard)

app.route(
  '/auth',
  loginRoutes((c) => parts(c.env).login, { me: (c) => meRoute(parts(c.env).guard) }),
)
app.get('/page.js', (c) => c.body(pageScript, 200, { 'content-type': 'text/javascript' }))
app.get('/api/posts', permissionRequired('posts.read'), (c) => c.json({ posts: ['First post', 'Second post'] }))
app.get('/posts', permissionRequired('posts.read'), (c) => c.body(page('Posts'), 200, pageHeaders))
app.get('/publish', permissionRequired('posts.publish'), (c) => c.body(page('Publish'), 200, pageHeaders))
app.get('/delete', permissionRequired('posts.delete'), (c) => c.body(page('Delete'), 200, pageHeaders))
app.get('/', loginCheck(), (c) => c.body(page('Start'), 200, pageHeaders))

export { LoginObject } from 'cognigate/login'
export default app

/**
 * A Hono app on Cloudflare Workers: five functions, each open to the groups that the map names. Deploy it with
 * `wrangler deploy`; the two settings in wrangler.toml say which user pool it trusts.
 */
import { createGuard, defineGroups } from 'cognigate'
import { type GuardEnv, honoGuard } from 'cognigate/hono'
import { perEnv } from 'cognigate/workers'
import { type Context, Hono } from 'hono'
import { groupDetail } from './group-detail.ts'

export interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
}

const guardOf = perEnv((env: Env) =>
  createGuard({
    userPoolId: env.COGNITO_USER_POOL_ID,
    clientId: env.COGNITO_CLIENT_ID,
    groups: defineGroups(groupDetail),
  }),
)
const { loginCheck, permissionRequired } = honoGuard((c: Context<{ Bindings: Env }>) => guardOf(c.env))

const app = new Hono<GuardEnv & { Bindings: Env }>()

app.use('/api/*', loginCheck())
app.get('/api/me', ({ json, var: { principal } }) => json({ username: principal.username, groups: principal.groups }))
app.get('/api/protected', permissionRequired('protected'), (c) => c.json({ hello: c.var.principal.username }))
app.get('/api/public', permissionRequired('public'), (c) => c.json({ news: ['The gate is open.'] }))
app.get('/api/view_data', permissionRequired('view_data'), (c) => c.json({ data: [3, 1, 4, 1, 5] }))
app.post('/api/update_data', permissionRequired('update_data'), (c) => c.json({ updated: true }))
app.get('/api/admin_panel', permissionRequired('admin_panel'), (c) => c.json({ panel: 'All systems go.' }))

export default app

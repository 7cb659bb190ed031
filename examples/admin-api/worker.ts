/**
 * An admin API on Cloudflare Workers: who is in the groups of the map, and who may sign in. It stands behind the very map
 * whose groups it fills: callers need the function `admin_panel`, and groups that the map does not have are not touched.
 * Deploy it with `wrangler deploy -c examples/admin-api/wrangler.toml`; the access key, of an IAM user that may call
 * nothing but the operations named below on this one pool, is set with `wrangler secret put`.
 */
import { createGuard, defineGroups } from 'cognigate'
import { createPoolAdmin, isAwsError } from 'cognigate/admin'
import { type GuardEnv, honoGuard } from 'cognigate/hono'
import { perEnv } from 'cognigate/workers'
import { type Context, Hono } from 'hono'
import { groupDetail } from '../group-detail.ts'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
}

type ApiEnv = GuardEnv & { Bindings: Env }

const poolOf = perEnv((env: Env) => {
  const userPoolId = env.COGNITO_USER_POOL_ID
  const groups = defineGroups(groupDetail)
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY }
  return {
    names: groups.names.map(String),
    guard: createGuard({ userPoolId, clientId: env.COGNITO_CLIENT_ID, groups }),
    admin: createPoolAdmin({ userPoolId, credentials }),
  }
})
const { permissionRequired } = honoGuard((c: Context<{ Bindings: Env }>) => poolOf(c.env).guard)

const app = new Hono<ApiEnv>()

app.use('/admin/*', permissionRequired('admin_panel'))
app.use('/admin/*', async (c, next) => {
  await next()
  c.header('cache-control', 'no-store')
})
app.use('/admin/groups/:group/*', async (c, next) => {
  if (!isOurs(c, c.req.param('group'))) return problem(404, 'GROUP_UNKNOWN')
  await next()
})

// ListGroups
app.get('/admin/groups', async (c) => {
  const groups = await poolOf(c.env).admin.groups.list().toArray()
  return c.json(groups.filter(({ name }) => isOurs(c, name)).map(({ name, description }) => ({ name, description })))
})

// ListUsersInGroup: a page, and in `next` what `?token=` takes for the one after it
app.get('/admin/groups/:group/members', async (c) => {
  const members = poolOf(c.env).admin.groups.members(c.req.param('group'))
  const { items, token } = await members.page({ token: c.req.query('token') })
  return c.json({ members: items.map(({ username, enabled }) => ({ username, enabled })), next: token })
})

// AdminAddUserToGroup: counts from the user's next token on
app.put('/admin/groups/:group/members/:username', async (c) => {
  const { group, username } = c.req.param()
  await poolOf(c.env).admin.users.addToGroup(username, group)
  return c.body(null, 204)
})

// AdminGetUser, AdminRemoveUserFromGroup: tokens that were issued before name the group until they expire
app.delete('/admin/groups/:group/members/:username', async (c) => {
  const { group, username } = c.req.param()
  if (await isCaller(c, username)) return problem(409, 'OWN_ACCOUNT')
  await poolOf(c.env).admin.users.removeFromGroup(username, group)
  return c.body(null, 204)
})

// AdminGetUser, AdminDisableUser, AdminUserGlobalSignOut: no sign-in and no renewal any more
app.post('/admin/users/:username/disable', async (c) => {
  const username = c.req.param('username')
  if (await isCaller(c, username)) return problem(409, 'OWN_ACCOUNT')
  const { users } = poolOf(c.env).admin
  await users.disable(username)
  await users.signOut(username)
  return c.body(null, 204)
})

// AdminEnableUser
app.post('/admin/users/:username/enable', async (c) => {
  await poolOf(c.env).admin.users.enable(c.req.param('username'))
  return c.body(null, 204)
})

app.onError((error) => {
  if (!isAwsError(error)) throw error
  if (error.code === 'UserNotFoundException' || error.code === 'ResourceNotFoundException') {
    return problem(404, 'NOT_FOUND')
  }
  if (error.code === 'InvalidParameterException') return problem(400, 'REQUEST_INVALID')
  return error.throttled ? problem(503, 'BUSY', { 'retry-after': '5' }) : problem(502, 'POOL_UNAVAILABLE')
})

/** Whether the map has the group. */
function isOurs(c: Context<ApiEnv>, group: string): boolean {
  return poolOf(c.env).names.includes(group)
}

/** Whether a name, or an alias, is the caller's own: nobody locks themselves out by mistake. */
async function isCaller(c: Context<ApiEnv>, username: string): Promise<boolean> {
  const { attributes } = await poolOf(c.env).admin.users.get(username)
  return attributes['sub'] === c.var.principal.sub
}

const titles = {
  BUSY: 'The user pool is asked too often now.',
  GROUP_UNKNOWN: 'There is no such group in the map.',
  NOT_FOUND: 'There is no such user or group.',
  OWN_ACCOUNT: 'This cannot be done to the own account.',
  POOL_UNAVAILABLE: 'The user pool did not do it.',
  REQUEST_INVALID: 'The user pool does not take this.',
}

/** A refusal in the form of the guard's own. AWS's words are not for callers. */
function problem(status: number, code: keyof typeof titles, headers: Record<string, string> = {}): Response {
  return Response.json(
    { title: titles[code], status, code },
    { status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers } },
  )
}

export default app

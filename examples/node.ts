/**
 * A Hono app on Node, through @hono/node-server. Settings come from the environment: COGNITO_USER_POOL_ID,
 * COGNITO_CLIENT_ID, PORT, and COGNITO_JWKS, the pool's key set as JSON, where the server should not fetch it.
 */
import process from 'node:process'
import { serve } from '@hono/node-server'
import { createGuard, defineGroups } from 'cognigate'
import { honoGuard } from 'cognigate/hono'
import { Hono } from 'hono'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})

const { COGNITO_USER_POOL_ID = '', COGNITO_CLIENT_ID = '', COGNITO_JWKS, PORT = '3000', ALLOW_TEST_KEYS } = process.env

const guard = createGuard({
  userPoolId: COGNITO_USER_POOL_ID,
  clientId: COGNITO_CLIENT_ID,
  groups,
  jwks: COGNITO_JWKS === undefined ? undefined : JSON.parse(COGNITO_JWKS),
  allowTestKeys: ALLOW_TEST_KEYS === 'true',
})
const { permissionRequired } = honoGuard(guard)

const app = new Hono()
  .get('/posts', permissionRequired('posts.read'), (c) => c.json({ reader: c.var.principal.username }))
  .post('/posts', permissionRequired('posts.write'), (c) => c.json({ author: c.var.principal.username }))

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}/`)
})

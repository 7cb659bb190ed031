/**
 * A Bun server. Settings come from the environment: COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, PORT, and COGNITO_JWKS, the
 * pool's key set as JSON, where the server should not fetch it.
 */
import { createGuard, defineGroups } from 'cognigate'
import { protect } from 'cognigate/fetch'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})

const { COGNITO_USER_POOL_ID = '', COGNITO_CLIENT_ID = '', COGNITO_JWKS, PORT = '3000', ALLOW_TEST_KEYS } = Bun.env

const guard = createGuard({
  userPoolId: COGNITO_USER_POOL_ID,
  clientId: COGNITO_CLIENT_ID,
  groups,
  jwks: COGNITO_JWKS === undefined ? undefined : JSON.parse(COGNITO_JWKS),
  allowTestKeys: ALLOW_TEST_KEYS === 'true',
})

const server = Bun.serve({
  port: Number(PORT),
  hostname: '127.0.0.1',
  routes: {
    '/posts': {
      GET: protect(guard, 'posts.read', (_request, { principal }) => Response.json({ reader: principal.username })),
      POST: protect(guard, 'posts.write', (_request, { principal }) => Response.json({ author: principal.username })),
    },
  },
})

console.log(`Listening on ${server.url}`)

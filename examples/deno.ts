/**
 * A Deno server. Settings come from the environment: COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, PORT, and COGNITO_JWKS, the
 * pool's key set as JSON, where the server should not fetch it.
 */
import { createGuard, defineGroups } from 'cognigate'
import { protect } from 'cognigate/fetch'

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})

const jwks = Deno.env.get('COGNITO_JWKS')

const guard = createGuard({
  userPoolId: Deno.env.get('COGNITO_USER_POOL_ID') ?? '',
  clientId: Deno.env.get('COGNITO_CLIENT_ID') ?? '',
  groups,
  jwks: jwks === undefined ? undefined : JSON.parse(jwks),
  allowTestKeys: Deno.env.get('ALLOW_TEST_KEYS') === 'true',
})

const read = protect(guard, 'posts.read', (_request, { principal }) => Response.json({ reader: principal.username }))
const write = protect(guard, 'posts.write', (_request, { principal }) => Response.json({ author: principal.username }))

Deno.serve({ port: Number(Deno.env.get('PORT') ?? '3000'), hostname: '127.0.0.1' }, (request) =>
  request.method === 'POST' ? write(request) : read(request),
)

/** A Cloudflare Worker without a framework. */
import { createGuard, defineGroups } from 'cognigate'
import { perEnv, withGuard } from 'cognigate/workers'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  readonly COGNITO_CLIENT_ID: string
}

const groups = defineGroups({
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'] },
})

const guardOf = perEnv((env: Env) =>
  createGuard({ userPoolId: env.COGNITO_USER_POOL_ID, clientId: env.COGNITO_CLIENT_ID, groups }),
)

export default {
  fetch: withGuard(guardOf, (request, env, _ctx, principal) => {
    guardOf(env).authorize(principal, request.method === 'GET' ? 'posts.read' : 'posts.write', { request })
    return Response.json({ caller: principal.username })
  }),
}

/** The same on plain Workers: `login.handle` answers the login's own routes, the guard all others. */
import { meRoute } from 'cognigate/login'
import { perEnv, withGuard } from 'cognigate/workers'
import { page, pageHeaders, pageScript } from './page.ts'
import { type Env, partsOf } from './parts.ts'

const parts = perEnv(partsOf)
const guardOf = (env: Env) => parts(env).guard

const start = withGuard(guardOf, () => new Response(page('Start'), { headers: pageHeaders }))
const posts = withGuard(guardOf, (request, env, _ctx, principal) => {
  guardOf(env).authorize(principal, 'posts.read', { request })
  if (new URL(request.url).pathname === '/api/posts') return Response.json({ posts: ['First post', 'Second post'] })
  return new Response(page('Posts'), { headers: pageHeaders })
})

export default {
  async fetch(request, env, ctx) {
    const { login, guard } = parts(env)
    const own = await login.handle(request, { me: meRoute(guard), waitUntil: (work) => ctx.waitUntil(work) })
    if (own) return own
    switch (new URL(request.url).pathname) {
      case '/':
        return start(request, env, ctx)
      case '/posts':
      case '/api/posts':
        return posts(request, env, ctx)
      case '/page.js':
        return new Response(pageScript, { headers: { 'content-type': 'text/javascript' } })
      default:
        return new Response('Not found', { status: 404 })
    }
  },
} satisfies ExportedHandler<Env>

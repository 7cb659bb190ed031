/**
 * Browser login in front of a CloudFront distribution, as a viewer-request function of Lambda@Edge: what cognito-at-edge does,
 * with permissions. Who is let in goes on to the origin. Lambda@Edge knows no environment variables, so the settings are bundled:
 *
 * esbuild examples/login/edge.ts --bundle --minify --format=esm --platform=node --target=node22 \
 *   --define:SETTINGS="$(cat settings.json)" --outfile=index.mjs && zip edge.zip index.mjs
 *
 * Let the behavior forward request bodies where the site takes sign-out by POST (`IncludeBody: true`).
 */
import { honoGuard, loginRoutes } from 'cognigate/hono'
import { meRoute } from 'cognigate/login'
import { Hono } from 'hono'
import { type Callback, type CloudFrontRequest, handle } from 'hono/lambda-edge'
import { type Env, partsOf } from './parts.ts'

declare const SETTINGS: Env

const { login, guard } = partsOf(SETTINGS)
const { permissionRequired } = honoGuard(guard)
const app = new Hono<{
  Bindings: { callback: Callback; request: CloudFrontRequest }
  Variables: { isAdmitted: boolean }
}>()

app.route('/auth', loginRoutes(login, { me: meRoute(guard) }))
app.use('/*', async (c, next) => {
  await next()
  if (!c.var.isAdmitted) return
  // A viewer request cannot add to the answer of the origin: a session that was renewed comes by a redirect to the same page.
  if (c.res.headers.has('set-cookie')) {
    c.res = new Response(null, { status: 307, headers: [...c.res.headers, ['location', c.req.raw.url]] })
  } else c.env.callback(null, c.env.request)
})
app.all('/*', permissionRequired('posts.read'), (c) => {
  c.set('isAdmitted', true)
  return c.body(null, 204)
})

export const handler = handle(app)

/**
 * An MCP server on Cloudflare Workers (Streamable HTTP, without sessions), whose tools follow the caller's groups. Deploy
 * it with `wrangler deploy -c examples/mcp/wrangler.toml`.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { createGuard, protectedResource } from 'cognigate'
import { type GuardEnv, honoGuard } from 'cognigate/hono'
import { perEnv } from 'cognigate/workers'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { createToolServer, groups } from './tools.ts'

interface Env {
  readonly COGNITO_USER_POOL_ID: string
  /** The app client that MCP clients are configured with: Cognito registers none by itself. */
  readonly COGNITO_CLIENT_ID: string
  /** The URL of this server as clients call it, up to `/mcp`, and the identifier of a resource server of the pool. */
  readonly MCP_RESOURCE: string
}

const guardOf = perEnv((env: Env) => {
  const { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, MCP_RESOURCE: resource } = env
  // The scope `tools` of that resource server, in Cognito's notation.
  const scopes = [`${resource}/tools`]
  return createGuard({
    userPoolId,
    clientId,
    groups,
    scopes,
    // MCP clients name the resource when they ask for a token (RFC 8707). Managed login then writes it to `aud`, with the
    // code grant in pools of the Essentials and Plus plans. Tokens of other pools and other flows carry no `aud`: for
    // those leave this option out, and the scope alone says what a token is for. Never both: one of the two is refused.
    audience: resource,
    protectedResource: protectedResource({ resource, userPoolId, scopes, name: 'Notes' }),
  })
})
const { loginCheck, resourceMetadata } = honoGuard((c: Context<{ Bindings: Env }>) => guardOf(c.env))

const app = new Hono<GuardEnv & { Bindings: Env }>()

app.use(resourceMetadata())
// Clients in browsers send a bearer token and no cookie, so any origin may, and must be able to read the challenge.
app.use('/mcp', cors({ origin: '*', exposeHeaders: ['WWW-Authenticate'] }))
app.use('/mcp', loginCheck())
app.post('/mcp', async ({ env, req, var: { principal } }) => {
  const server = createToolServer(guardOf(env), principal, req.raw)
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  return transport.handleRequest(req.raw)
})
app.all('/mcp', () => new Response(null, { status: 405, headers: { allow: 'POST' } }))

export default app

import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'
import { bundle } from '../../../examples/playground/bundle.ts'
import type { LocalPool } from '../../../src/local/index.ts'

export const resource = 'https://mcp.example.com/mcp'

/** The example in workerd, and the network between it, its pool and its clients. */
export interface McpServer {
  /** What clients asked for so far, as `POST https://…`. */
  readonly asked: string[]
  /** The network as clients see it: the server, and the pool's hosts. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

/** Runs the example in workerd without the API of Node, for users of `pool`. */
export async function startMcpServer(pool: LocalPool): Promise<McpServer> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      modules: true,
      script: await bundle('examples/mcp/worker.ts', ['workerd', 'worker']),
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        COGNITO_USER_POOL_ID: pool.settings.userPoolId,
        COGNITO_CLIENT_ID: pool.settings.clientId,
        MCP_RESOURCE: resource,
      },
      outboundService: async ({ url, method, headers }) => {
        const response = await pool.fetch(new Request(url, { method, headers: [...headers] }))
        return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
      },
    }),
  )
  await miniflare.ready
  const asked: string[] = []

  async function toServer(request: Request): Promise<Response> {
    const { url, method, headers } = request
    const body = method === 'GET' || method === 'HEAD' ? undefined : await request.text()
    const answer = await miniflare.dispatchFetch(url, { method, headers: [...headers], ...(body && { body }) })
    const text = await answer.text()
    return new Response(text || null, { status: answer.status, headers: [...answer.headers] })
  }

  return {
    asked,
    async fetch(url, init) {
      const request = new Request(url, init)
      asked.push(`${request.method} ${request.url}`)
      if (new URL(resource).host === new URL(request.url).host) return toServer(request)
      return pool.fetch(request)
    },
    stop: () => miniflare.dispose(),
  }
}

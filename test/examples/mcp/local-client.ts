import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type McpServer, resource } from './mcp-server.ts'

/** An MCP client of the official SDK, and where it would have sent its user to sign in. */
export interface LocalClient {
  readonly client: Client
  /** Connects, as a host application does at its start. */
  connect(): Promise<void>
  readonly signIns: URL[]
}

/** A client that is registered with the pool and holds this token, or none. */
export function createClient(server: McpServer, clientId: string, token?: string): LocalClient {
  const signIns: URL[] = []
  const authProvider: OAuthClientProvider = {
    redirectUrl: 'http://localhost:3000/callback',
    clientMetadata: { redirect_uris: ['http://localhost:3000/callback'], token_endpoint_auth_method: 'none' },
    clientInformation: () => ({ client_id: clientId }),
    tokens: () => (token === undefined ? undefined : { access_token: token, token_type: 'Bearer' }),
    saveTokens() {},
    saveCodeVerifier() {},
    codeVerifier: () => '',
    redirectToAuthorization: (url) => void signIns.push(url),
  }
  const client = new Client({ name: 'test', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider, fetch: server.fetch })
  return { client, connect: () => client.connect(transport), signIns }
}

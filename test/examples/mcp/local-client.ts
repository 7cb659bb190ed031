import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { type McpServer, resource } from './mcp-server.ts'

/** An MCP client of the official SDK, and where it would have sent its user to sign in. */
export interface LocalClient {
  readonly client: Client
  /** Connects, as a host application does at its start. */
  connect(): Promise<void>
  readonly signIns: URL[]
  /** Redeems the code that its user has come back with; it can connect then. */
  finish(code: string): Promise<void>
}

/** Where MCP clients of these tests have their users come back to. */
export const redirectUrl = 'http://localhost:3000/callback'

/** A client that is registered with the pool and holds this token, or none. It keeps the tokens that it gets. */
export function createClient(server: McpServer, clientId: string, token?: string): LocalClient {
  const signIns: URL[] = []
  let tokens: OAuthTokens | undefined = token === undefined ? undefined : { access_token: token, token_type: 'Bearer' }
  let verifier = ''
  const authProvider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' },
    clientInformation: () => ({ client_id: clientId }),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    saveCodeVerifier: (saved) => void (verifier = saved),
    codeVerifier: () => verifier,
    redirectToAuthorization: (url) => void signIns.push(url),
  }
  const client = new Client({ name: 'test', version: '1.0.0' })
  let transport = createTransport()
  function createTransport() {
    return new StreamableHTTPClientTransport(new URL(resource), { authProvider, fetch: server.fetch })
  }
  return {
    client,
    connect: () => client.connect(transport),
    async finish(code) {
      await transport.finishAuth(code)
      transport = createTransport()
    },
    signIns,
  }
}

import {
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js'
import { ErrorCode, LATEST_PROTOCOL_VERSION, McpError } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool, type TokenOptions } from '../../../src/local/index.ts'
import { PageVisitor } from '../../support/page-visitor.ts'
import { createClient, redirectUrl } from './local-client.ts'
import { type McpServer, resource, startMcpServer } from './mcp-server.ts'

const scope = `${resource}/tools`
const metadataUrl = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const bound: TokenOptions = { scope: ['openid', scope], access: { aud: resource } }

let pool: LocalPool
let server: McpServer

beforeAll(async () => {
  pool = await createLocalPool({
    groups: ['reader', 'writer', 'owner'],
    users: { alice: { groups: ['owner'] }, bob: { groups: ['writer'], password: 'Correct-h0rse' }, carol: {} },
    clientId: 'notesclient',
    clients: [{ clientId: 'notesclient', scopes: [scope], callbackUrls: [redirectUrl] }, { clientId: 'otherclient' }],
  })
  server = await startMcpServer(pool)
}, 60_000)

afterAll(() => server?.stop())
beforeEach(() => void server.asked.splice(0))

const tokenOf = async (name: string, options: TokenOptions = bound) => (await pool.tokens(name, options)).accessToken
const clientOf = (token?: string) => createClient(server, pool.settings.clientId, token)

/** One JSON-RPC message over HTTP, as any client may send it. */
function post(message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const fields = { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers }
  return server.fetch(resource, { method: 'POST', headers: fields, body: JSON.stringify(message) })
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

describe('a client without a token', () => {
  it('finds by the refusal where its user signs in, for what and for which resource', async () => {
    const { connect, signIns } = clientOf()
    await expect(connect()).rejects.toThrow(UnauthorizedError)
    expect(server.asked).toEqual([
      `POST ${resource}`,
      `GET ${metadataUrl}`,
      expect.stringContaining('/.well-known/oauth-authorization-server/'),
      expect.stringContaining('/.well-known/openid-configuration/'),
      `GET ${pool.issuer}/.well-known/openid-configuration`,
    ])
    expect(signIns.map(({ origin, pathname }) => origin + pathname)).toEqual([
      `https://${pool.domain}/oauth2/authorize`,
    ])
    expect(Object.fromEntries(signIns[0]?.searchParams ?? [])).toMatchObject({
      client_id: pool.settings.clientId,
      code_challenge_method: 'S256',
      resource,
      response_type: 'code',
      scope,
    })
  })

  it('reads the same metadata by the challenge and by its own guess', async () => {
    const { resourceMetadataUrl, error } = extractWWWAuthenticateParams(await post(ping))
    expect([resourceMetadataUrl?.href, error]).toEqual([metadataUrl, undefined])
    const metadata = await discoverOAuthProtectedResourceMetadata(resource, { resourceMetadataUrl }, server.fetch)
    expect(metadata).toEqual({
      resource,
      authorization_servers: [pool.issuer],
      scopes_supported: [scope],
      bearer_methods_supported: ['header'],
      resource_name: 'Notes',
    })
    expect(await discoverOAuthProtectedResourceMetadata(resource, undefined, server.fetch)).toEqual(metadata)
  })
})

describe('a client whose user signs in', () => {
  it('goes the whole way of OAuth at managed login, by code and PKCE', async () => {
    const { client, connect, finish, signIns } = clientOf()
    await expect(connect()).rejects.toThrow(UnauthorizedError)
    const visitor = await new PageVisitor((request) => pool.fetch(request)).open(signIns[0]?.href ?? '')
    await visitor.send({ username: 'bob', password: 'Correct-h0rse' })
    expect(visitor.outside?.startsWith(`${redirectUrl}?`)).toBe(true)
    await finish(visitor.answer.get('code') ?? '')
    await connect()
    const toolsOf = async () => (await client.listTools()).tools.map(({ name }) => name)
    expect(await toolsOf()).toEqual(['list_notes', 'add_note'])
    expect(signIns).toHaveLength(1)
    await client.close()
  })
})

describe('a client with a token', () => {
  it.each([
    ['alice', ['list_notes', 'add_note', 'purge_notes']],
    ['bob', ['list_notes', 'add_note']],
    ['carol', []],
  ])('of %s sees the tools of the groups', async (name, names) => {
    const { client, connect, signIns } = clientOf(await tokenOf(name))
    await connect()
    expect(client.getServerVersion()).toMatchObject({ name: 'notes' })
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).toEqual(names)
    for (const tool of tools) expect(Object.keys(tool)).not.toContain('function')
    expect(signIns).toEqual([])
    await client.close()
  })

  it.each([
    ['alice', 'purge_notes', {}, 'No notes are left.', undefined],
    ['alice', 'add_note', { title: 'Buy milk' }, 'alice noted: Buy milk', undefined],
    ['bob', 'add_note', { title: 'Buy milk' }, 'bob noted: Buy milk', undefined],
    ['bob', 'purge_notes', {}, 'Permission denied.', true],
    ['carol', 'list_notes', {}, 'Permission denied.', true],
  ])('of %s calls %s', async (caller, name, args, text, isError) => {
    const { client, connect } = clientOf(await tokenOf(caller))
    await connect()
    const result = await client.callTool({ name, arguments: args })
    expect([result['content'], result['isError']]).toEqual([[{ type: 'text', text }], isError])
    await client.ping()
    await client.close()
  })

  it.each([
    ['an unknown tool', 'no_such_tool', {}, ErrorCode.InvalidParams],
    ['an argument that is missing', 'add_note', {}, ErrorCode.InvalidParams],
    ['an argument of another type', 'add_note', { title: 1 }, ErrorCode.InvalidParams],
  ])('is told of %s', async (_, name, args, code) => {
    const { client, connect } = clientOf(await tokenOf('alice'))
    await connect()
    const error = await client.callTool({ name, arguments: args }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(McpError)
    expect(error).toMatchObject({ code })
    await client.close()
  })

  it('is sent to sign in again for a scope that its token lacks', async () => {
    const { connect, signIns } = clientOf(await tokenOf('alice', { ...bound, scope: 'openid' }))
    await expect(connect()).rejects.toThrow(UnauthorizedError)
    expect(signIns.map(({ searchParams }) => searchParams.get('scope'))).toEqual([scope])
    expect(server.asked.slice(0, 2)).toEqual([`POST ${resource}`, `GET ${metadataUrl}`])
  })

  it('is sent to sign in again with a token for another resource', async () => {
    const { connect, signIns } = clientOf(
      await tokenOf('alice', { ...bound, access: { aud: 'https://other.example/mcp' } }),
    )
    await expect(connect()).rejects.toThrow(UnauthorizedError)
    expect(signIns.map(({ searchParams }) => searchParams.get('resource'))).toEqual([resource])
  })
})

describe('over HTTP', () => {
  const named = `resource_metadata="${metadataUrl}"`
  const invalid = (why: string) => `Bearer error="invalid_token", error_description="${why}", ${named}`

  it.each([
    ['no token', async () => undefined, 401, 'TOKEN_MISSING', `Bearer ${named}`],
    ['junk', async () => 'junk', 401, 'TOKEN_MALFORMED', invalid('Token malformed.')],
    [
      'an expired token',
      () => tokenOf('alice', { ...bound, expiresIn: -60 }),
      401,
      'TOKEN_EXPIRED',
      invalid('Token expired.'),
    ],
    [
      'a token for another resource',
      () => tokenOf('alice', { ...bound, access: { aud: `${resource}/` } }),
      401,
      'AUDIENCE_WRONG',
      invalid('Audience wrong.'),
    ],
    ['a token for no resource', () => tokenOf('alice', { scope }), 401, 'AUDIENCE_WRONG', invalid('Audience wrong.')],
    [
      'a token of another client',
      () => tokenOf('alice', { ...bound, clientId: 'otherclient' }),
      401,
      'CLIENT_WRONG',
      invalid('Client wrong.'),
    ],
    [
      'an ID token',
      async () => (await pool.tokens('alice', bound)).idToken,
      401,
      'TOKEN_USE_WRONG',
      invalid('Token use wrong.'),
    ],
    [
      'a machine',
      async () => (await pool.clientTokens({ claims: { aud: resource } })).accessToken,
      401,
      'USER_REQUIRED',
      invalid('User required.'),
    ],
    [
      'a token without the scope',
      () => tokenOf('alice', { ...bound, scope: 'openid' }),
      403,
      'SCOPE_REQUIRED',
      `Bearer error="insufficient_scope", scope="${scope}", ${named}`,
    ],
  ])('%s is refused', async (_, make, status, code, challenge) => {
    const token = await make()
    const response = await post(ping, token === undefined ? {} : { authorization: `Bearer ${token}` })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge])
    expect([response.headers.get('cache-control'), response.headers.get('content-type')]).toEqual([
      'no-store',
      'application/problem+json',
    ])
    const body = await response.text()
    expect(JSON.parse(body)).toMatchObject({ status, code })
    if (token) expect(body).not.toContain(token)
  })

  it('there are no streams and no sessions, and who asks for one has to be known', async () => {
    const authorization = `Bearer ${await tokenOf('bob')}`
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const response = await server.fetch(resource, { method, headers: { accept: 'text/event-stream', authorization } })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
      expect((await server.fetch(resource, { method })).status).toBe(401)
    }
    expect((await post(ping, { authorization })).headers.get('mcp-session-id')).toBeNull()
  })

  it('what is no message is told so, to known callers only', async () => {
    const authorization = `Bearer ${await tokenOf('bob')}`
    const initialize = {
      protocolVersion: LATEST_PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    }
    const rows: [unknown, Record<string, string>, number, object][] = [
      [ping, { authorization }, 200, { id: 1, result: {} }],
      [{ ...ping, method: 'initialize', params: initialize }, { authorization }, 200, { id: 1 }],
      [{ ...ping, method: 'no/such' }, { authorization }, 200, { error: { code: -32601 } }],
      [{ hello: 1 }, { authorization }, 400, { error: { code: -32700 } }],
      [ping, { authorization, 'content-type': 'text/plain' }, 415, { error: { code: -32000 } }],
      [ping, { authorization, accept: 'text/html' }, 406, { error: { code: -32000 } }],
      [{ hello: 1 }, {}, 401, { code: 'TOKEN_MISSING' }],
    ]
    for (const [message, headers, status, body] of rows) {
      const response = await post(message, headers)
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject(body)
    }
  })

  it('a page of any origin may call, and read the challenge', async () => {
    const origin = 'https://inspector.example'
    const preflight = await server.fetch(resource, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,mcp-protocol-version',
    )
    const { status, headers } = await post(ping, { origin })
    expect([status, headers.get('access-control-expose-headers')]).toEqual([401, 'WWW-Authenticate'])
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })
})

import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { issuersOf } from '../keys/index.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

export interface ProtectedResourceOptions {
  /**
   * The resource identifier: the URL that clients call, in ASCII, https and without fragment; http only for localhost.
   * Clients compare it with the URL that they call, so write it as they do.
   */
  readonly resource: string
  /** The pool whose tokens are wanted; its issuer is the authorization server. */
  readonly userPoolId?: string | undefined
  /** The issuers of authorization servers, in place of the pool's: https, or http for localhost, without query. */
  readonly authorizationServers?: readonly string[] | undefined
  /** The scopes that clients may need to ask for (RFC 6749 section 3.3). Nothing is enforced by naming them here. */
  readonly scopes?: readonly string[] | undefined
  /** A name for people. */
  readonly name?: string | undefined
}

/** The metadata of a protected resource, for clients (RFC 9728). */
export interface ProtectedResource {
  /** The URL of the metadata, which refusals name. */
  readonly metadataUrl: string
  /** The path that the metadata are served at. */
  readonly path: string
  /** The metadata, where the request asks for them; readable from any origin, as they are public. */
  respond(request: Request): Response | undefined
}

/**
 * Describes a protected resource, so that OAuth and MCP clients find out where to get a token: give it to `createGuard`,
 * whose refusals then name the metadata. Throws ConfigurationError where `resource` is no such URL, no authorization
 * server is named, or one of them or of the scopes is malformed.
 *
 * @example
 * ```ts
 * import { createGuard, protectedResource } from 'cognigate'
 *
 * const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij' }
 * const resource = protectedResource({ resource: 'https://mcp.example.com/mcp', userPoolId: pool.userPoolId })
 * const guard = createGuard({ ...pool, protectedResource: resource, audience: 'https://mcp.example.com/mcp' })
 * ```
 */
export function protectedResource(options: ProtectedResourceOptions): ProtectedResource {
  checkOptions<ProtectedResourceOptions>(
    'protectedResource',
    options,
    ['resource', 'userPoolId', 'authorizationServers', 'scopes', 'name'],
    { scope: 'it is called "scopes".', authorizationServer: 'it is called "authorizationServers".' },
  )
  const { resource, userPoolId, scopes, name } = options
  const servers = options.authorizationServers ?? (userPoolId === undefined ? [] : issuersOf(userPoolId).slice(0, 1))
  const { origin, pathname, search } = checkUrl(resource, 'resource')
  if (servers.length === 0) throw new ConfigurationError('authorizationServers: expected one, or a `userPoolId`.')
  if (servers.some((server) => checkUrl(server, 'authorizationServers').search)) {
    throw new ConfigurationError('authorizationServers: expected issuers, which have no query.')
  }
  if (scopes?.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw new ConfigurationError('scopes: expected OAuth scopes, without spaces or quotes.')
  }
  const path = `${WELL_KNOWN}${pathname === '/' ? '' : pathname}`
  const body = JSON.stringify({
    resource,
    authorization_servers: servers,
    ...(scopes && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(name !== undefined && { resource_name: name }),
  })
  const open = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  return {
    metadataUrl: `${origin}${path}${search}`,
    path,
    respond({ method, url }) {
      const asked = new URL(url)
      if (asked.pathname !== path || (search && asked.search !== search)) return undefined
      if (method === 'OPTIONS') return new Response(null, { status: 204, headers: open })
      if (method !== 'GET' && method !== 'HEAD')
        return new Response(null, { status: 405, headers: { ...open, allow: 'GET, HEAD, OPTIONS' } })
      const headers = { ...open, 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' }
      return new Response(method === 'HEAD' ? null : body, { headers })
    },
  }
}

/** What it returns is published, and quoted in header fields: no credentials, quotes or backslashes. */
function checkUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  const plain = /^https?:\/\/(?!\/)[!$-[\]-~]+$/i.test(text) && !url?.username && !url?.password
  if (!url || !plain || !(local || url.protocol === 'https:')) {
    throw new ConfigurationError(`${name}: expected an https URL in ASCII, without fragment and credentials.`)
  }
  return url
}

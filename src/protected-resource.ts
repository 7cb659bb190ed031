import { ConfigurationError } from './errors.ts'
import { issuersOf } from './pool.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

export interface ProtectedResourceOptions {
  /** The resource identifier: the URL that clients call, https and without fragment; http only for localhost. */
  readonly resource: string
  /** The pool whose tokens are wanted; its issuer is the authorization server. */
  readonly userPoolId?: string | undefined
  /** Authorization servers, in place of the pool's issuer. */
  readonly authorizationServers?: readonly string[] | undefined
  /** The scopes that clients may need to ask for. */
  readonly scopes?: readonly string[] | undefined
  /** A name for people. */
  readonly name?: string | undefined
}

/** What clients are told about a protected resource (RFC 9728). */
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
 * whose refusals then name the metadata. Throws ConfigurationError where `resource` is no such URL or no authorization
 * server is named.
 */
export function protectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const { resource, userPoolId, scopes, name } = options
  const servers = options.authorizationServers ?? (userPoolId === undefined ? [] : issuersOf(userPoolId).slice(0, 1))
  if (servers.length === 0) throw new ConfigurationError('authorizationServers: expected one, or a `userPoolId`.')
  const { origin, pathname, search } = checkResource(resource)
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
      if (new URL(url).pathname !== path) return undefined
      if (method === 'OPTIONS') return new Response(null, { status: 204, headers: open })
      if (method !== 'GET' && method !== 'HEAD')
        return new Response(null, { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } })
      const headers = { ...open, 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' }
      return new Response(method === 'HEAD' ? null : body, { headers })
    },
  }
}

function checkResource(resource: string): URL {
  const url = URL.canParse(resource) ? new URL(resource) : undefined
  const local = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (!url || url.hash || resource.includes('"') || !(local || url.protocol === 'https:')) {
    throw new ConfigurationError('resource: expected an https URL without fragment.')
  }
  return url
}

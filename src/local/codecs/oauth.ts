import { type Call, type Codec, type Incoming, ServiceError } from '../operation.ts'
import type { State } from '../state/index.ts'

/** Reads a request that a client makes of a managed-login domain: for tokens (RFC 6749 section 3.2), or to revoke them (RFC 7009). */
export function readTokenRequest(incoming: Incoming, state: State): Call | undefined {
  const { host, pathname = '' } = incoming.target ?? {}
  const [, operation] = /^\/oauth2\/(token|revoke)$/.exec(pathname) ?? []
  if (host?.kind !== 'managed-login' || operation === undefined || incoming.method !== 'POST') return undefined
  const pool = Object.values(state.pools).find(({ domains, region }) => {
    return domains[host.domain] !== undefined && region === host.region
  })
  if (pool === undefined) return undefined
  return {
    service: 'oauth2',
    operation,
    region: host.region,
    userPoolId: pool.userPoolId,
    signed: false,
    input: readInput(incoming, pool.userPoolId),
    codec: oauth,
  }
}

/**
 * Answers as RFC 6749 sections 5.1 and 5.2 say; Cognito refuses with status 400 throughout. Errors of triggers, which
 * have names of the API, are invalid requests here.
 */
export const oauth: Codec = {
  answer: (output) => {
    // What is revoked is answered with nothing.
    return output === undefined
      ? new Response(null, { status: 200, headers: uncached() })
      : Response.json(output, { headers: uncached() })
  },
  refuse: ({ code, status }) => {
    const error = code.endsWith('Exception') ? 'invalid_request' : code
    return Response.json({ error }, { status, headers: uncached() })
  },
}

function uncached(): Record<string, string> {
  return { 'cache-control': 'no-store', pragma: 'no-cache' }
}

function readInput(incoming: Incoming, userPoolId: string): Call['input'] {
  const contentType = incoming.headers.get('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(contentType)) return new ServiceError('invalid_request', '')
  const form = new URLSearchParams(incoming.body)
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) return new ServiceError('invalid_request', '')
  const credentials = basicCredentials(incoming.headers.get('authorization'))
  if (credentials instanceof ServiceError) return credentials
  if (credentials !== undefined && form.has('client_secret')) return new ServiceError('invalid_request', '')
  const named = form.get('client_id')
  if (credentials !== undefined && named !== null && named !== credentials['client_id']) {
    return new ServiceError('invalid_request', '')
  }
  return { ...Object.fromEntries(form), ...credentials, UserPoolId: userPoolId }
}

/**
 * The client's credentials in the Basic scheme: as they are, or form-encoded first (RFC 6749 section 2.3.1). Ids and secrets
 * have neither `%` nor blanks, so that both can be told apart; a `+` is one.
 */
function basicCredentials(authorization: string | null): Record<string, string> | ServiceError | undefined {
  if (authorization === null) return undefined
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return new ServiceError('invalid_client', '')
  try {
    const text = atob(encoded)
    const colon = text.indexOf(':')
    if (colon < 0) return new ServiceError('invalid_client', '')
    return {
      client_id: decodeURIComponent(text.slice(0, colon)),
      client_secret: decodeURIComponent(text.slice(colon + 1)),
    }
  } catch {
    return new ServiceError('invalid_client', '')
  }
}

/** Reads a request for the key set or the OpenID configuration of identity pools, which have one issuer in common. */
export function readIdentityWellKnown(incoming: Incoming): Call | undefined {
  const { host, pathname = '' } = incoming.target ?? {}
  const isIssuer = host?.kind === 'identity-issuer' || (host?.kind === 'service' && host.service === 'cognito-identity')
  const [, document] = /^\/\.well-known\/(jwks_uri|openid-configuration)$/.exec(pathname) ?? []
  if (!isIssuer || document === undefined || incoming.method !== 'GET') return undefined
  return {
    service: 'issuer',
    operation: document === 'jwks_uri' ? 'identity-jwks' : 'identity-openid-configuration',
    region: host.region,
    userPoolId: undefined,
    signed: false,
    input: {},
    codec: plainJson,
  }
}

/** Reads a request for a pool's key set or its OpenID configuration, on either of its issuer hosts. */
export function readWellKnown(incoming: Incoming): Call | undefined {
  const { host, pathname = '', isLocal } = incoming.target ?? {}
  const isIssuer = host?.kind === 'issuer' || (host?.kind === 'service' && host.service === 'cognito-idp')
  const [, userPoolId, document] = /^\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/.exec(pathname) ?? []
  if (!isIssuer || document === undefined || incoming.method !== 'GET') return undefined
  return {
    service: 'issuer',
    operation: document === 'jwks.json' ? 'jwks' : document,
    region: host.region,
    userPoolId,
    signed: false,
    input: { UserPoolId: userPoolId, Issuer: isLocal ? undefined : host.kind === 'issuer' ? 'updated' : 'original' },
    codec: plainJson,
  }
}

/** Answers in plain JSON. */
export const plainJson: Codec = {
  answer: (output) => Response.json(output ?? {}),
  refuse: ({ code, message, status }) => Response.json({ code, message }, { status }),
}

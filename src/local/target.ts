import { base64url } from 'jose'
import { findClient } from './cognito-idp/clients.ts'
import { type Host, isRegion, parseHost } from './hosts.ts'
import { isObject } from './json.ts'
import type { State } from './state/index.ts'

/** What a request is addressed to. */
export interface Target {
  readonly host: Host | OtherService
  /** The path at that host, with the leading slash. */
  readonly pathname: string
  /** Whether it came to an address that stands for every host of AWS at once, such as a port of this machine. */
  readonly isLocal: boolean
}

/** A service of AWS that the local AWS does not have. */
export interface OtherService {
  readonly kind: 'other'
  readonly service: string
  readonly region: string
}

/** What of a request decides where it goes. */
interface Addressed {
  readonly method: string
  readonly url: URL
  readonly headers: { get(name: string): string | null }
  readonly body: string
}

/**
 * Where a request goes. At a host name of AWS that name decides, as it does at AWS. At any other one, such as a port of
 * this machine, nothing is served unless `atAnyHost` says so; then it is the scope of the signature, then the target header, then the form of the Query protocol, then the
 * path. Calls that no signature gives a region are for that of the user pool or identity pool they mean, or `region`.
 */
export function readTarget(
  request: Addressed,
  { state, region }: { readonly state: State; readonly region: string },
  atAnyHost: boolean,
): Target | undefined {
  const { url } = request
  const { hostname, pathname } = url
  if (/(?:^|\.)(?:amazonaws\.(?:com(?:\.cn)?|eu)|amazoncognito\.com|[\w-]+\.gov|cloud\.adc-e\.uk)$/.test(hostname)) {
    const host = parseHost(url)
    return host && { host, pathname, isLocal: false }
  }
  const own = Object.values(state.pools).find(({ domains }) => domains[hostname]?.certificateArn !== undefined)
  if (own !== undefined) {
    return { host: { kind: 'managed-login', domain: hostname, region: own.region }, pathname, isLocal: false }
  }
  if (!atAnyHost) return undefined
  const host = readScope(request) ?? readTargetHeader(request, state, region) ?? readForm(request, region)
  return host === undefined ? readPath(pathname, state) : { host, pathname, isLocal: true }
}

/** By the credential scope of a Signature Version 4, in the header or in the query string. */
function readScope({ url, headers }: Addressed): Target['host'] | undefined {
  const [, fromHeader] = /^AWS4-HMAC-SHA256 Credential=([^,\s]+)/.exec(headers.get('authorization') ?? '') ?? []
  const credential = fromHeader ?? url.searchParams.get('X-Amz-Credential') ?? ''
  const [, region, service] = /\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential) ?? []
  return region === undefined || service === undefined ? undefined : toHost(service, region)
}

function readTargetHeader({ headers, body }: Addressed, state: State, region: string): Target['host'] | undefined {
  const [, name] = /^([A-Za-z0-9_]+)\.\w+$/.exec(headers.get('x-amz-target') ?? '') ?? []
  if (name === undefined) return undefined
  if (name === 'AWSCognitoIdentityProviderService') return toHost('cognito-idp', readRegion(body, state) ?? region)
  if (name === 'AWSCognitoIdentityService') return toHost('cognito-identity', readRegion(body, state) ?? region)
  return toHost(name, region)
}

/** By the version of the Query protocol, of which each service has one. */
function readForm({ method, url, headers, body }: Addressed, region: string): Target['host'] | undefined {
  const isForm = /^application\/x-www-form-urlencoded *(?:;|$)/i.test(headers.get('content-type') ?? '')
  const form = method === 'GET' ? url.searchParams : new URLSearchParams(isForm && url.pathname === '/' ? body : '')
  if (!form.has('Action') || url.pathname !== '/') return undefined
  const version = form.get('Version')
  const known = version === '2010-05-08' ? 'iam' : version === '2011-06-15' ? 'sts' : undefined
  return toHost(known ?? (version === null ? 'of forms without Version' : `of version ${version.slice(0, 20)}`), region)
}

function toHost(service: string, region: string): Target['host'] {
  if (!isRegion(region)) return { kind: 'other', service, region }
  if (service === 'cognito-idp' || service === 'cognito-identity') return { kind: 'service', service, region }
  return service === 'iam' || service === 'sts'
    ? { kind: 'query', service, region }
    : { kind: 'other', service, region }
}

/** Below the id of a pool are what it publishes, and its managed login; below their issuer is what identity pools publish. */
function readPath(path: string, state: State): Target | undefined {
  const [, issuer, document] =
    /^\/(cognito-identity[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?)(\/\.well-known\/.+)$/.exec(path) ?? []
  if (issuer !== undefined && document !== undefined) {
    const host = parseHost(new URL(`https://${issuer}`))
    return host && { host, pathname: document, isLocal: true }
  }
  const [, userPoolId = '', pathname = ''] = /^\/([\w-]+)(\/.+)$/.exec(path) ?? []
  const pool = state.pools[userPoolId]
  if (pool === undefined) return undefined
  const { region, domain } = pool
  if (pathname.startsWith('/.well-known/') || pathname.startsWith('/import/')) {
    return { host: { kind: 'issuer', region }, pathname: path, isLocal: true }
  }
  return domain === undefined ? undefined : { host: { kind: 'managed-login', domain, region }, pathname, isLocal: true }
}

/** The region of what an input names: a user pool or identity pool by its id, an app client, an access token. */
function readRegion(body: string, state: State): string | undefined {
  const input = parse(body)
  if (!isObject(input)) return undefined
  const { UserPoolId, IdentityPoolId, IdentityId, ClientId, AccessToken } = input
  for (const id of [UserPoolId, IdentityPoolId, IdentityId]) {
    const [, region] = /^([a-z0-9-]+)[_:]/.exec(String(id ?? '')) ?? []
    if (region !== undefined && isRegion(region)) return region
  }
  if (typeof AccessToken === 'string') return state.pools[readIssuedBy(AccessToken)]?.region
  return typeof ClientId === 'string' ? findClient(state, ClientId)?.pool.region : undefined
}

/** The pool that a token says it is of. Whoever uses the token checks that. */
function readIssuedBy(token: string): string {
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1] ?? '')))
    return isObject(claims) ? (String(claims['iss']).split('/').at(-1) ?? '') : ''
  } catch {
    return ''
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { listSetting } from '../cognito-idp/clients.ts'
import { levelNames } from '../cognito-idp/step-up.ts'
import type { ClientState } from '../state/index.ts'
import { redirect, toErrorPage, type Visit } from './visit.ts'

/** What a client asks for by sending a browser here (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1). */
export interface AuthorizationRequest {
  readonly client: ClientState
  readonly redirectUri: string
  readonly responseType: 'code' | 'token'
  /** The scopes that are granted, with blanks between. */
  readonly scope: string
  readonly state: string | undefined
  readonly nonce: string | undefined
  readonly codeChallenge: string | undefined
  readonly prompt: readonly string[]
  /** In seconds. */
  readonly maxAge: number | undefined
  readonly acrValues: string | undefined
  /** The resource that the access token is for (RFC 8707). */
  readonly resource: string | undefined
  readonly loginHint: string | undefined
  /** The provider that is to sign the user in; undefined for a choice. */
  readonly provider: string | undefined
}

/**
 * The request of a visit, or the answer that refuses it: Cognito's page of errors where it is not known where the browser
 * belongs, and a redirect to the client otherwise.
 */
export function readAuthorization(visit: Visit): AuthorizationRequest | Response {
  const { pool, query, repeated } = visit
  const missing = (name: string) => toErrorPage(visit, `Required String parameter '${name}' is not present`)
  const once = ['client_id', 'redirect_uri'].find((name) => repeated.includes(name))
  if (once !== undefined) return toErrorPage(visit, 'invalid_request')
  const clientId = query['client_id']
  if (!clientId) return missing('client_id')
  const client = pool.clients[clientId]
  if (client === undefined) return toErrorPage(visit, 'Client does not exist.')
  const redirectUri = query['redirect_uri']
  if (!redirectUri) return missing('redirect_uri')
  if (!listSetting(client, 'CallbackURLs').includes(redirectUri)) return toErrorPage(visit, 'redirect_mismatch')
  const responseType = query['response_type']
  const state = query['state']
  const refuse = (error: string, description?: string) => {
    return redirect(answerAddress({ redirectUri, responseType, state }, describeError(error, description)))
  }
  if (repeated.length > 0) return refuse('invalid_request', 'A parameter is repeated')
  if (responseType === undefined)
    return refuse('invalid_request', "Required String parameter 'response_type' is not present")
  if (responseType !== 'code' && responseType !== 'token') return refuse('unsupported_response_type')
  const flows = listSetting(client, 'AllowedOAuthFlows')
  const isAllowed = client.settings['AllowedOAuthFlowsUserPoolClient'] === true
  if (!isAllowed || !flows.includes(responseType === 'code' ? 'code' : 'implicit')) return refuse('unauthorized_client')
  const scope = readScope(client, query['scope'])
  if (scope === undefined) return refuse('invalid_scope')
  const rest = readRest(visit)
  if (typeof rest === 'string') return refuse('invalid_request', rest)
  return { client, redirectUri, responseType, scope, state, nonce: query['nonce'], ...rest }
}

/** The scopes that are asked for; without any, all that the client may have. Undefined where one is not allowed. */
function readScope(client: ClientState, asked: string | undefined): string | undefined {
  const allowed = listSetting(client, 'AllowedOAuthScopes')
  const names = (asked ?? '').split(' ').filter((name) => name !== '')
  if (names.some((name) => !allowed.includes(name))) return undefined
  return [...new Set(names.length > 0 ? names : allowed)].join(' ')
}

type Rest = Pick<
  AuthorizationRequest,
  'codeChallenge' | 'prompt' | 'maxAge' | 'acrValues' | 'resource' | 'loginHint' | 'provider'
>

/** The other parameters, or what is wrong with them. */
function readRest({ pool, query }: Visit): Rest | string {
  const { code_challenge: codeChallenge, code_challenge_method: method } = query
  if ((codeChallenge ?? method) !== undefined) {
    if (method !== 'S256') return 'code_challenge_method must be S256'
    if (!/^[\w-]{43}$/.test(codeChallenge ?? '')) return 'code_challenge is not a SHA-256 digest in base64url'
  }
  const prompt = (query['prompt'] ?? '').split(' ').filter((value) => value !== '')
  const unknown = prompt.some((value) => !['none', 'login', 'consent', 'select_account'].includes(value))
  if (unknown || (prompt.includes('none') && prompt.length > 1)) return 'prompt is not valid'
  const maxAge = query['max_age']
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) return 'max_age is not a number of seconds'
  const { resource, acr_values: acrValues } = query
  if (resource !== undefined && !isResource(resource)) return 'resource is not a URL'
  if (acrValues !== undefined) {
    const names = levelNames(pool)
    if (!acrValues.split(' ').some((value) => names.includes(value)))
      return 'acr_values names no level of the user pool'
  }
  const byIdentifier = Object.values(pool.providers).find(({ identifiers = [] }) => {
    return identifiers.includes(query['idp_identifier'] ?? '')
  })
  return {
    codeChallenge,
    prompt,
    maxAge: maxAge === undefined ? undefined : Number(maxAge),
    acrValues,
    resource,
    loginHint: query['login_hint'],
    provider: query['identity_provider'] ?? byIdentifier?.name,
  }
}

/** https, http at localhost, or an app's own scheme (authorize endpoint, `resource`). */
function isResource(value: string): boolean {
  if (!URL.canParse(value) || value.includes('#')) return false
  const { protocol, hostname } = new URL(value)
  return protocol !== 'http:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** The members of an error that goes to the client. */
export function describeError(error: string, description?: string): Readonly<Record<string, string>> {
  return { ...(description !== undefined && { error_description: description }), error }
}

/** The client's address with an answer: in its query for codes, in its fragment for tokens. Nothing of the address changes. */
export function answerAddress(
  {
    redirectUri,
    responseType,
    state,
  }: { redirectUri: string; responseType: string | undefined; state: string | undefined },
  members: Readonly<Record<string, string>>,
): string {
  const answer = new URLSearchParams({ ...members, ...(state !== undefined && { state }) })
  if (responseType === 'token') return `${redirectUri}#${answer}`
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${answer}`
}

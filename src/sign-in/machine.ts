import { createUserCall } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { regionOf } from '../internal/regions.ts'
import { isSafeEndpoint } from '../internal/urls.ts'
import { SignInError } from './error.ts'

/** The token of a machine: it has scopes, and neither user nor groups. */
export interface MachineToken {
  readonly accessToken: string
  /** In seconds, from when it was issued. */
  readonly expiresIn: number
  /** In seconds since the epoch, by the clock of this machine. */
  readonly expiresAt: number
}

interface MachineOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** Such as `orders/read`. Default: all that the app client has. */
  readonly scopes?: readonly string[] | undefined
  /** For the pre-token-generation trigger. */
  readonly clientMetadata?: { readonly [name: string]: string } | undefined
  readonly signal?: AbortSignal | undefined
  /** Admits an address of `http:` that is not on this machine. The secret can then be read on the way. Default false. */
  readonly allowHttp?: boolean | undefined
  /** Replaces the platform's `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}

export interface ClientCredentialsOptions extends MachineOptions {
  /** The pool's domain, such as `https://auth.example.com`. */
  readonly domain: string
  /** The resource server that the token is for (RFC 8707). Default: none. */
  readonly resource?: string | undefined
}

export interface ClientTokenOptions extends MachineOptions {
  readonly userPoolId: string
  /** Replaces AWS's own host. */
  readonly endpoint?: string | undefined
}

const NAMES = ['clientId', 'clientSecret', 'scopes', 'clientMetadata', 'signal', 'allowHttp', 'fetch', 'now'] as const

/**
 * The token of a machine, by the client_credentials grant at the pool's token endpoint (RFC 6749 section 4.4). The secret goes in
 * the body: some of Cognito's secrets have characters that HTTP Basic changes. Throws SignInError: CLIENT_REFUSED, whose
 * `cause` has the endpoint's code.
 *
 * @example
 * ```ts
 * const { accessToken } = await clientCredentials({
 *   domain: 'https://auth.example.com',
 *   clientId,
 *   clientSecret,
 *   scopes: ['orders/read'],
 * })
 * ```
 */
export async function clientCredentials(options: ClientCredentialsOptions): Promise<MachineToken> {
  checkOptions<ClientCredentialsOptions>('clientCredentials', options, [...NAMES, 'domain', 'resource'])
  const {
    domain,
    clientId,
    clientSecret,
    scopes,
    resource,
    clientMetadata,
    signal,
    allowHttp,
    now = Date.now,
  } = options
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  assertConfig('clientCredentials: domain', isSafeEndpoint(domain, allowHttp), 'the https URL of the pool’s domain.')
  assertConfig('clientCredentials: clientSecret', clientId && clientSecret, 'the id and the secret of the app client.')
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  if (scopes) form.set('scope', scopes.join(' '))
  if (resource !== undefined) form.set('resource', resource)
  if (clientMetadata) form.set('aws_client_metadata', JSON.stringify(clientMetadata))
  const request = new Request(`${domain.replace(/\/$/, '')}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    redirect: 'manual',
    ...(signal && { signal }),
  })
  const response = await fetch(request)
  const answer = await readJson(response)
  if (response.status >= 400 && response.status < 500) {
    const { error } = answer
    const isCode = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error)
    throw new SignInError('CLIENT_REFUSED', { cause: new Error(isCode ? error : `HTTP status ${response.status}`) })
  }
  if (response.status !== 200) throw new SignInError('ANSWER_MALFORMED')
  return tokenOf(answer['access_token'], answer['expires_in'], now())
}

/**
 * The token of a machine by GetClientToken, for app clients whose only flow is ALLOW_CLIENT_TOKEN_AUTH. The pool needs no domain.
 * Throws AwsError.
 */
export async function clientToken(options: ClientTokenOptions): Promise<MachineToken> {
  checkOptions<ClientTokenOptions>('clientToken', options, [...NAMES, 'userPoolId', 'endpoint'])
  const { userPoolId, endpoint, clientId: ClientId, clientSecret: Secret, scopes: Scopes, clientMetadata } = options
  const { signal, allowHttp, fetch, now = Date.now } = options
  const call = createUserCall({ region: regionOf(userPoolId), endpoint, allowHttp, fetch, now })
  const input = { ClientId, Secret, Scopes, ClientMetadata: clientMetadata }
  const { AccessToken, ExpiresIn } = (await call('GetClientToken', input, { signal })).ClientAuthenticationResult ?? {}
  return tokenOf(AccessToken, ExpiresIn, now())
}

function tokenOf(accessToken: unknown, life: unknown, now: number): MachineToken {
  if (typeof accessToken !== 'string' || accessToken === '') throw new SignInError('ANSWER_MALFORMED')
  const expiresIn = Number.isFinite(life) ? Number(life) : 0
  return { accessToken, expiresIn, expiresAt: Math.floor(now / 1000) + expiresIn }
}

/** At most 64 kB: what is longer is no answer of a token endpoint. */
async function readJson(response: Response): Promise<Record<string, unknown>> {
  let text = ''
  if (response.body) {
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    for (let length = 0; ; ) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.length
      if (length > 65_536) {
        await reader.cancel()
        return {}
      }
      text += decoder.decode(value, { stream: true })
    }
  }
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

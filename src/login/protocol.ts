import {
  allowInsecureRequests,
  type AuthorizationServer,
  type ClientAuth,
  customFetch,
  genericTokenEndpointRequest,
  validateAuthResponse,
} from 'oauth4webapi'
import { AuthenticationError, ForbiddenError, UnavailableError } from '../errors.ts'
import { claim } from '../internal/claims.ts'
import { digest, encodeBase64Url, parseJsonObject, readText } from '../internal/encoding.ts'
import { acceptPools } from '../keys/index.ts'
import { checkTokenPair, createVerifier, type VerifiedToken } from '../tokens/index.ts'
import type { LoginSettings } from './options.ts'
import type { LoginQuery } from './parameters.ts'

/** What Cognito gave for a code or a refresh token, verified. */
export interface Grant {
  readonly access: VerifiedToken
  readonly id: VerifiedToken | undefined
  readonly refresh: { readonly token: string } | undefined
}

/** What a login is bound to from its start to its callback. */
export interface LoginBinding {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** The `max_age` and `acr_values` that were asked for. */
  readonly checked: LoginQuery
}

/** How much older than `maxAge` a sign-in may be, for the time between Cognito's clock and ours. In seconds. */
const TOLERANCE = 30

export type Protocol = ReturnType<typeof createProtocol>

/** The protocol as managed login speaks it: authorization code with PKCE, renewal, revocation. */
export function createProtocol(options: LoginSettings) {
  const { clientId, clientSecret, redirectUri, resource, scopes, timeout, now } = options
  const { fetch = (request: Request) => globalThis.fetch(request) } = options
  const domain = options.domain.replace(/\/$/, '')
  const issuers = acceptPools([options], options)
  const verifyToken = createVerifier(issuers, { audience: resource, now }, () => undefined)
  const client = { client_id: clientId }
  /** In the body (RFC 6749 section 2.3.1): Cognito does not decode what HTTP Basic would have encoded. */
  const authentication: ClientAuth = (_server, _client, body) => {
    body.set('client_id', clientId)
    if (clientSecret) body.set('client_secret', clientSecret)
  }
  const server = (issuer = domain): AuthorizationServer => ({ issuer, token_endpoint: `${domain}/oauth2/token` })

  /** Sends a request. Throws UnavailableError where no answer comes, or one that says to try again. */
  async function send(url: string, init: RequestInit): Promise<Response> {
    let cause: unknown
    try {
      const signal = AbortSignal.timeout(timeout * 1000)
      const answer = await fetch(new Request(url, { ...init, redirect: 'manual', signal }))
      if (answer.status < 500 && answer.status !== 429) return answer
      cause = new Error(`HTTP status ${answer.status}`)
    } catch (error) {
      cause = error
    }
    throw new UnavailableError(5, { cause }, 'RENEWAL_UNAVAILABLE')
  }

  /** Asks the token endpoint (RFC 6749 section 5), and verifies the tokens that it gives. */
  async function ask(grantType: string, parameters: Record<string, string>): Promise<Grant> {
    const http = { [customFetch]: send, [allowInsecureRequests]: true }
    const response = await genericTokenEndpointRequest(server(), client, authentication, grantType, parameters, http)
    const { status } = response
    const body = parseJsonObject((await readText(response)) ?? '') ?? {}
    if (status !== 200 || !/^bearer$/i.test(`${body.token_type}`)) {
      throw Object.assign(new Error(`HTTP status ${status}`), { error: body.error })
    }
    const { access_token, id_token, refresh_token: refresh } = body
    const pair = await verify(`${access_token}`, id_token ? `${id_token}` : undefined)
    return { ...pair, refresh: refresh ? { token: `${refresh}` } : undefined }
  }

  async function verify(accessToken: string, idToken: string | undefined): Promise<Omit<Grant, 'refresh'>> {
    const access = await verifyToken(accessToken, { tokenUse: 'access' }, {})
    const id = idToken ? await verifyToken(idToken, { tokenUse: 'id' }, {}) : undefined
    if (id) await checkTokenPair(id, access)
    return { access, id }
  }

  return {
    /** Where a browser is sent to sign in. */
    async authorizeUrl({ state, nonce, verifier }: LoginBinding, asked: LoginQuery): Promise<string> {
      const query = new URLSearchParams({
        ...asked,
        ...(resource && { resource }),
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        nonce,
        code_challenge: encodeBase64Url(await digest(verifier)),
        code_challenge_method: 'S256',
      })
      return `${domain}/oauth2/authorize?${query}`
    },

    /** Redeems the code of a callback. Throws where anything about it, or about its tokens, does not hold. */
    async redeem(callback: URLSearchParams, binding: LoginBinding): Promise<Grant> {
      const { state, nonce, verifier, checked } = binding
      const { max_age: maxAge, acr_values: acrValues } = checked
      const iss = callback.get('iss') ?? ''
      try {
        validateAuthResponse(server(issuers.has(iss) ? iss : undefined), client, callback, state)
      } catch (error) {
        // The cause holds all of the callback, its code too.
        delete Object(error).cause
        throw error
      }
      const [code, ...others] = callback.getAll('code')
      if (!code || others.length) throw new AuthenticationError('CLAIM_INVALID', { claim: 'code' })
      const grant = await ask('authorization_code', { redirect_uri: redirectUri, code, code_verifier: verifier })
      const claims = grant.id?.payload ?? {}
      if (claim(claims, 'nonce') !== nonce) throw new AuthenticationError('CLAIM_INVALID', { claim: 'nonce' })
      const isOld = maxAge && !(Number(claim(claims, 'auth_time')) + Number(maxAge) + TOLERANCE >= now() / 1000)
      const isWeak = acrValues && !acrValues.split(' ').includes(`${claim(claims, 'acr')}`)
      if (isOld || isWeak) throw new ForbiddenError('STEP_UP_REQUIRED', { claim: isOld ? 'auth_time' : 'acr' })
      return grant
    },

    /** Renews tokens at the token endpoint. */
    renew: (refreshToken: string): Promise<Grant> => ask('refresh_token', { refresh_token: refreshToken }),

    /** Verifies tokens that came some other way. */
    verify,

    /** Ends a refresh token, and the access tokens made with it (RFC 7009). Cognito wants the secret as HTTP Basic, as it is. */
    async revoke(token: string): Promise<void> {
      const body = new URLSearchParams({ token, ...(!clientSecret && client) })
      const headers = { ...(clientSecret && { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }) }
      const { status } = await send(`${domain}/oauth2/revoke`, { method: 'POST', headers, body })
      if (status !== 200) throw new Error(`HTTP status ${status}`)
    },

    /** Where a browser is sent to end Cognito's own session. `logoutUri` is compared character by character, and no state comes back. */
    logoutUrl(logoutUri: string): string {
      return `${domain}/logout?${new URLSearchParams({ client_id: clientId, logout_uri: logoutUri })}`
    },
  }
}

/** Whether an answer says that a refresh token is good no more. */
export function isDead(error: unknown): boolean {
  return codeOf(error) === 'invalid_grant'
}

/** The error code of an answer (RFC 6749). */
export function codeOf(error: unknown): unknown {
  return Object(error).error
}

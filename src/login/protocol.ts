import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type AuthorizationServer,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  clockSkew,
  customFetch,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  validateAuthResponse,
} from 'oauth4webapi'
import { UnavailableError } from '../errors.ts'
import { acceptPools } from '../keys/index.ts'
import { checkTokenPair, createVerifier, type VerifiedToken } from '../tokens/index.ts'
import type { Claims } from '../internal/claims.ts'
import { type LoginOptions, type LoginParameters, checkParameters } from './options.ts'

/** What Cognito gave for a code or a refresh token, verified. */
export interface Grant {
  readonly access: VerifiedToken<Claims>
  readonly id: VerifiedToken<Claims> | undefined
  readonly refresh: string | undefined
}

/** What a login is bound to from its start to its callback. */
export interface LoginBinding {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly maxAge?: number | undefined
}

/** Longer answers of the token endpoint are none. In bytes. */
const MAX_BODY = 65_536

export type Protocol = ReturnType<typeof createProtocol>

/** The protocol as managed login speaks it: authorization code with PKCE, renewal, revocation. */
export function createProtocol(options: LoginOptions, now: () => number) {
  const { clientId, clientSecret, redirectUri, resource, scopes = ['openid'], timeout = 5 } = options
  const { fetch = (request: Request) => globalThis.fetch(request) } = options
  const domain = options.domain.replace(/\/$/, '')
  const issuers = acceptPools([options], options)
  const verify = createVerifier<Claims>(issuers, { audience: resource, now })
  const authentication = clientSecret ? ClientSecretPost(clientSecret) : None()

  async function send(request: Request): Promise<Response> {
    let answer: Response
    try {
      answer = await fetch(request)
    } catch (cause) {
      throw new UnavailableError(5, { cause }, 'RENEWAL_UNAVAILABLE')
    }
    const { status } = answer
    if (status < 500 && status !== 429) return answer
    throw new UnavailableError(5, { cause: new Error(`HTTP status ${status}`) }, 'RENEWAL_UNAVAILABLE')
  }

  const server = (issuer = domain): AuthorizationServer => ({ issuer, token_endpoint: `${domain}/oauth2/token` })
  const client = () => ({ client_id: clientId, [clockSkew]: Math.round((now() - Date.now()) / 1000) })
  const http = () => ({
    [customFetch]: (url: string, init: object) => send(new Request(url, init)),
    [allowInsecureRequests]: domain.startsWith('http:'),
    signal: AbortSignal.timeout(timeout * 1000),
  })

  /**
   * Reads the tokens of an answer. Our verifier judges them first, since the library checks no signature here and compares with
   * one issuer, where a pool has two; then `process` judges the answer with the issuer that was found.
   */
  async function accept(
    response: Response,
    process: (server: AuthorizationServer, answer: Response) => Promise<unknown>,
  ): Promise<Grant> {
    const text = await readText(response)
    const { status, headers } = response
    const answer = new Response(text, { status, headers })
    if (status !== 200) await process(server(), answer)
    const { access_token, id_token, refresh_token } = JSON.parse(text)
    const pair = await verifyPair(`${access_token}`, id_token && `${id_token}`)
    await process(server(pair.access.principal.issuer), answer)
    return { ...pair, refresh: refresh_token }
  }

  async function verifyPair(accessToken: string, idToken: string | undefined): Promise<Omit<Grant, 'refresh'>> {
    const access = await verify(accessToken, { tokenUse: 'access' }, {})
    const id = idToken ? await verify(idToken, { tokenUse: 'id' }, {}) : undefined
    if (id) await checkTokenPair(id, access)
    return { access, id }
  }

  return {
    /** Where a browser is sent to sign in. */
    async authorizeUrl({ state, nonce, verifier }: LoginBinding, given: LoginParameters): Promise<string> {
      checkParameters('login', given)
      const { prompt, loginHint, lang, acrValues, maxAge, identityProvider, parameters } = given
      const all = {
        ...parameters,
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        resource,
        prompt,
        login_hint: loginHint,
        lang,
        acr_values: acrValues?.join(' '),
        max_age: maxAge?.toString(),
        identity_provider: identityProvider,
      }
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(all)) if (value) query.set(name, value)
      return `${domain}/oauth2/authorize?${query}`
    },

    /** Redeems the code of a callback. Throws where anything about it, or about its tokens, does not hold. */
    async redeem(callback: URLSearchParams, { state, nonce, verifier, maxAge }: LoginBinding): Promise<Grant> {
      const iss = callback.get('iss') ?? ''
      const me = client()
      const parameters = validateAuthResponse(server(issuers.has(iss) ? iss : undefined), me, callback, state)
      const response = await authorizationCodeGrantRequest(
        server(),
        me,
        authentication,
        parameters,
        redirectUri,
        verifier,
        http(),
      )
      return accept(response, (as, answer) =>
        processAuthorizationCodeResponse(as, me, answer, {
          expectedNonce: nonce,
          requireIdToken: true,
          ...(maxAge !== undefined && { maxAge }),
        }),
      )
    },

    /** Renews tokens at the token endpoint. */
    async renew(refreshToken: string): Promise<Grant> {
      const me = client()
      const response = await refreshTokenGrantRequest(server(), me, authentication, refreshToken, http())
      return accept(response, (as, answer) => processRefreshTokenResponse(as, me, answer))
    },

    /** Verifies tokens that came some other way. */
    verify: verifyPair,

    /** Ends a refresh token, and the access tokens made with it (RFC 7009). Cognito wants the secret as HTTP Basic, as it is. */
    async revoke(token: string): Promise<void> {
      const body = new URLSearchParams({ token, ...(!clientSecret && { client_id: clientId }) }).toString()
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        ...(clientSecret && { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }),
      }
      const { redirect, signal } = { redirect: 'manual' as const, signal: AbortSignal.timeout(timeout * 1000) }
      const { status } = await send(
        new Request(`${domain}/oauth2/revoke`, { method: 'POST', headers, body, redirect, signal }),
      )
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
  return typeof error === 'object' && error && 'error' in error ? error.error : undefined
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > MAX_BODY) throw new Error('The answer is too long.')
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

import { base64url } from 'jose'
import { verifyAccessToken } from '../cognito-idp/access-token.ts'
import { isSecretOf, listSetting } from '../cognito-idp/clients.ts'
import { revokeFamily } from '../cognito-idp/refresh-tokens.ts'
import { renewByToken } from '../cognito-idp/sign-in.ts'
import { grantToMachine, issueTokens, readableAttributes } from '../cognito-idp/tokens.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, type PreparedOperation, ServiceError } from '../operation.ts'
import { removeEnding } from '../sorted-pairs.ts'
import type { ClientState, PoolState, State } from '../state/index.ts'
import { isOpenId } from './authorize.ts'
import { respond, toVisit } from './visit.ts'

/** The token endpoint: codes (RFC 6749 section 4.1.3, RFC 7636), refresh tokens, and machines. */
export const token: PreparedOperation = {
  async prepare(_, input) {
    const verifier = input['code_verifier']
    const isVerifier = typeof verifier === 'string' && /^[\w.~-]{43,128}$/.test(verifier)
    const challenge = isVerifier ? await computeChallenge(verifier) : undefined
    return (state, same, context) => grantTokens(state, same, challenge, context)
  },
}

async function computeChallenge(verifier: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
}

function grantTokens(state: State, input: JsonObject, challenge: string | undefined, context: Context): JsonObject {
  const pool = state.pools[String(input['UserPoolId'])]
  if (pool === undefined) throw refusal('invalid_request')
  switch (input['grant_type']) {
    case undefined:
      throw refusal('invalid_request')
    case 'client_credentials':
      return grantToMachine(pool, input, context)
    case 'authorization_code':
      return redeem(pool, input, challenge, context)
    case 'refresh_token':
      return renew(pool, input, context)
    default:
      throw refusal('unsupported_grant_type')
  }
}

function authenticateClient(pool: PoolState, input: JsonObject): ClientState {
  const { client_id: clientId, client_secret: secret } = input
  const client = typeof clientId === 'string' ? pool.clients[clientId] : undefined
  const given = typeof secret === 'string' && secret !== '' ? secret : undefined
  if (client === undefined || !isSecretOf(client, given)) throw refusal('invalid_client')
  return client
}

/** A code works once, for the client and the address that it was issued to, and with what its challenge was made from. */
function redeem(pool: PoolState, input: JsonObject, challenge: string | undefined, context: Context): JsonObject {
  const client = authenticateClient(pool, input)
  const isAllowed = client.settings['AllowedOAuthFlowsUserPoolClient'] === true
  if (!isAllowed || !listSetting(client, 'AllowedOAuthFlows').includes('code')) throw refusal('unauthorized_client')
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = input
  if (typeof code !== 'string' || typeof redirectUri !== 'string') throw refusal('invalid_request')
  const entry = pool.authorizationCodes[code]
  const fits =
    entry !== undefined &&
    entry.until > context.now &&
    entry.clientId === client.clientId &&
    entry.redirectUri === redirectUri &&
    (entry.codeChallenge === undefined ? verifier === undefined : entry.codeChallenge === challenge)
  if (!fits) throw refusal('invalid_grant')
  const user = pool.users[entry.username]
  removeEnding(pool.authorizationCodes, code)
  if (!user?.enabled) throw refusal('invalid_grant')
  const { scope, nonce, audience, authTime, factors, level, originSessionId } = entry
  const about = { scope, nonce, audience, authTime, factors, level, originSessionId }
  const how = { source: 'HostedAuth', isAuthenticated: true, withHash: true } as const
  const { accessToken, idToken, refreshToken, expiresIn } = issueTokens(pool, user, client, context, {
    ...how,
    ...about,
  })
  return {
    ...(isOpenId(scope) && { id_token: idToken }),
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresIn,
    token_type: 'Bearer',
  }
}

/** Tokens that belong to a device are not renewed here: the endpoint takes no device key. */
function renew(pool: PoolState, input: JsonObject, context: Context): JsonObject {
  const client = authenticateClient(pool, input)
  const { refresh_token: given } = input
  if (typeof given !== 'string' || given === '') throw refusal('invalid_request')
  const { scope, deviceKey } = pool.refreshTokens[given] ?? {}
  if (deviceKey !== undefined) throw refusal('invalid_grant')
  const { AuthenticationResult: result } = renewing(() => renewByToken(pool, client, { token: given }, context))
  return {
    ...((scope === undefined || isOpenId(scope)) && { id_token: result['IdToken'] }),
    access_token: result['AccessToken'],
    ...(result['RefreshToken'] !== undefined && { refresh_token: result['RefreshToken'] }),
    expires_in: result['ExpiresIn'],
    token_type: 'Bearer',
  }
}

/** Whatever is wrong with a refresh token or its user is `invalid_grant` here. */
function renewing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ServiceError) throw refusal('invalid_grant')
    throw error
  }
}

/** The revocation endpoint. Unknown tokens are no error (RFC 7009 section 2.2). */
export function revoke(state: State, input: JsonObject, context: Context): undefined {
  const pool = state.pools[String(input['UserPoolId'])]
  const { token: given } = input
  if (pool === undefined || typeof given !== 'string' || given === '') throw refusal('invalid_request')
  const client = authenticateClient(pool, input)
  if (client.settings['EnableTokenRevocation'] === false) throw refusal('invalid_request')
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(given)) throw refusal('unsupported_token_type')
  const entry = pool.refreshTokens[given]
  if (entry?.clientId === client.clientId) revokeFamily(pool, entry.username, entry.originJti, context)
}

/** The claims of the user whose access token it is: all as text (OpenID Connect Core section 5.3). */
export const userInfo: PreparedOperation = {
  async prepare(_, input, keys) {
    const claims = await verifyAccessToken(String(input['AccessToken']), keys).catch(() => undefined)
    return (state, same, context) => {
      const visit = toVisit(state, same)
      const answer = isObject(claims) ? describeUser(visit.pool, claims, context) : undefined
      return respond(visit, () => {
        if (answer !== undefined) return Response.json(answer, { headers: { 'cache-control': 'no-store' } })
        const error = { error: 'invalid_token', error_description: 'Access token is expired, disabled, or deleted.' }
        const challenge = `Bearer error="${error.error}", error_description="${error.error_description}"`
        return Response.json(error, {
          status: 401,
          headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' },
        })
      })
    }
  },
}

function describeUser(pool: PoolState, claims: JsonObject, { now }: Context): JsonObject | undefined {
  const { username, client_id: clientId, scope, exp, origin_jti: originJti, iss } = claims
  const user = pool.users[String(username)]
  const isOfPool = String(iss).split('/').at(-1) === pool.userPoolId
  const isOver = Number(exp) * 1000 <= now || pool.revokedOrigins[String(originJti)] !== undefined
  if (!user?.enabled || !isOfPool || isOver || !isOpenId(String(scope))) return undefined
  const readable = readableAttributes(pool, user, { clientId: String(clientId), scope: String(scope) })
  const unverified = ['email', 'phone_number'].filter((name) => readable[name] !== undefined)
  return {
    ...Object.fromEntries(unverified.map((name) => [`${name}_verified`, 'false'])),
    ...readable,
    username: user.username,
  }
}

function refusal(code: string): ServiceError {
  return new ServiceError(code, '')
}

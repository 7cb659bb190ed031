import type { JsonObject } from '../json.ts'
import { type Context, Deferred } from '../operation.ts'
import type { ClientState, PoolState, RefreshState, UserState } from '../state.ts'
import { lifeOf } from './client-settings.ts'
import { issuerOf } from './issuer.ts'
import { createRefreshToken } from './refresh-tokens.ts'
import { accessClaims, type Grant, idClaims } from './token-claims.ts'

/**
 * The answer to a sign-in that is complete, with a new refresh token, or to a renewal, which sends one only where it has
 * taken the place of the one that is there.
 */
export function authenticationResult(
  pool: PoolState,
  user: UserState,
  client: ClientState,
  context: Context,
  renewed?: RefreshState & { readonly token?: string | undefined },
): JsonObject {
  const { random, now } = context
  const issuedAt = Math.floor(now / 1000)
  const { authTime, originJti } = renewed ?? { authTime: issuedAt, originJti: random.uuid() }
  const life = lifeOf(client, 'AccessToken')
  const grant: Grant = {
    issuer: issuerOf(pool),
    clientId: client.clientId,
    scope: 'aws.cognito.signin.user.admin',
    authTime,
    issuedAt,
    expiresAt: issuedAt + life,
    originJti,
    eventId: random.uuid(),
  }
  const access = accessClaims(pool, user, grant, random.uuid())
  const id = idClaims(pool, user, { ...grant, expiresAt: issuedAt + lifeOf(client, 'IdToken') }, random.uuid())
  const { username } = user
  const grantOfToken = { username, authTime, originJti }
  const token = renewed === undefined ? createRefreshToken(pool, client, grantOfToken, context) : renewed.token
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: new Deferred(pool.userPoolId, (keys) => keys.issue('access', access)),
      ExpiresIn: life,
      TokenType: 'Bearer',
      ...(token !== undefined && { RefreshToken: token }),
      IdToken: new Deferred(pool.userPoolId, (keys) => keys.issue('id', id)),
    },
  }
}

import { compactVerify, createLocalJWKSet, decodeJwt } from 'jose'
import { isObject, type JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import { type Context, notAuthorized, type PreparedOperation, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, State, UserState } from '../state/index.ts'
import { userNotFound } from './directory.ts'

/** A user who calls with an access token of their own. */
export interface SignedIn {
  readonly pool: PoolState
  readonly user: UserState
  readonly client: ClientState
  /** The sign-in that the token comes from. */
  readonly originJti: string
}

/** An operation of a signed-in user: unsigned, with `AccessToken` in its input. */
export function withUser(
  handle: (signedIn: SignedIn, input: JsonObject, context: Context) => JsonObject | undefined,
): PreparedOperation {
  return {
    async prepare(_, input, keys) {
      const claims = await verifyAccessToken(String(input['AccessToken']), keys)
      return (state, sameInput, context) => handle(readSignedIn(state, claims, context), sameInput, context)
    },
  }
}

/** The claims of an access token that a pool of this world has signed. Throws NotAuthorizedException. */
export async function verifyAccessToken(token: string, keys: Readonly<Record<string, KeyRing>>): Promise<JsonObject> {
  try {
    const ring = keys[String(decodeJwt(token).iss).split('/').at(-1) ?? '']
    if (ring === undefined) throw notAuthorized('Invalid Access Token')
    const published = createLocalJWKSet({ keys: (await ring.publish()).map((key) => ({ ...key })) })
    const { payload } = await compactVerify(token, published, { algorithms: ['RS256'] })
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    if (isObject(claims) && claims['token_use'] === 'access') return claims
  } catch {}
  throw notAuthorized('Invalid Access Token')
}

/**
 * Whose token it is. Throws NotAuthorizedException for one that has expired, was revoked, or lacks the scope of user
 * operations, and where the user is disabled.
 */
export function readSignedIn(state: State, claims: JsonObject, { now, region }: Context): SignedIn {
  const pool = state.pools[String(claims['iss']).split('/').at(-1) ?? '']
  const client = pool?.clients[String(claims['client_id'])]
  if (pool === undefined || client === undefined || pool.region !== region) throw notAuthorized('Invalid Access Token')
  if (!(Number(claims['exp']) * 1000 > now)) throw notAuthorized('Access Token has expired')
  const originJti = String(claims['origin_jti'])
  if (pool.revokedOrigins[originJti] !== undefined) throw notAuthorized('Access Token has been revoked')
  if (!String(claims['scope']).split(' ').includes('aws.cognito.signin.user.admin')) {
    throw notAuthorized('Access Token does not have required scopes')
  }
  const user = pool.users[String(claims['username'])]
  if (user === undefined) throw userNotFound()
  if (!user.enabled) throw notAuthorized('User is disabled.')
  return { pool, user, client, originJti }
}

/** ResourceNotFoundException for a device that the user does not have. */
export function deviceNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'Device does not exist.')
}

import { compactVerify, createLocalJWKSet } from 'jose'
import { isObject, type JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import type { Context } from '../operation.ts'
import { serviceHost } from '../partitions.ts'
import { notAuthorized, type ServiceError } from '../service-error.ts'
import type { IdentityPoolState, PoolState, State } from '../state.ts'
import { listUsersBy } from '../cognito-idp/directory.ts'
import { issuerOf } from '../cognito-idp/issuer.ts'

/** A token that came as a login. `claims` is undefined where the signature is not that of the user pool. */
export interface SentLogin {
  readonly provider: string
  readonly claims: JsonObject | undefined
}

/** A login that proves who somebody is. */
export interface Login {
  /** `cognito-idp.<region>.amazonaws.com/<user pool id>` */
  readonly provider: string
  readonly clientId: string
  readonly sub: string
  readonly claims: JsonObject
}

/** The provider name of a user pool. */
export function providerOf({ region, userPoolId }: Pick<PoolState, 'region' | 'userPoolId'>): string {
  return `${serviceHost('cognito-idp', region)}/${userPoolId}`
}

/** Verifies the signatures of all tokens in `Logins`, and nothing else about them. */
export async function openLogins(
  input: JsonObject,
  keys: Readonly<Record<string, KeyRing>>,
): Promise<readonly SentLogin[]> {
  const sent = isObject(input['Logins']) ? Object.entries(input['Logins']) : []
  return Promise.all(
    sent.map(async ([provider, token]) => {
      const ring = keys[provider.slice(provider.indexOf('/') + 1)]
      return { provider, claims: ring && (await verifiedClaims(String(token), ring)) }
    }),
  )
}

async function verifiedClaims(token: string, ring: KeyRing): Promise<JsonObject | undefined> {
  try {
    const published = createLocalJWKSet({ keys: (await ring.publish()).map((key) => ({ ...key })) })
    const { payload } = await compactVerify(token, published, { algorithms: ['RS256'] })
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    return isObject(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/**
 * The logins, if all of them are ID tokens that this identity pool takes now. Throws NotAuthorizedException. The issuer
 * may be either of the user pool's two.
 */
export function judgeLogins(
  state: State,
  pool: IdentityPoolState,
  sent: readonly SentLogin[],
  { now }: Context,
): readonly Login[] {
  return sent.map(({ provider, claims }) => {
    const trusted = pool.providers.filter(({ providerName }) => providerName === provider)
    if (trusted.length === 0) throw notAuthorized('Token is not from a supported provider of this identity pool.')
    const userPool = state.pools[provider.slice(provider.indexOf('/') + 1)]
    if (claims === undefined || userPool === undefined || providerOf(userPool) !== provider) {
      throw invalidLogin("Couldn't verify signed token.")
    }
    const { iss, aud, sub, exp, token_use: use } = claims
    if (iss !== issuerOf(userPool, 'original') && iss !== issuerOf(userPool, 'updated')) {
      throw invalidLogin("Issuer doesn't match providerName")
    }
    if (typeof aud !== 'string') throw invalidLogin('Missing a required claim: aud')
    if (use !== 'id' || typeof sub !== 'string' || sub === '') throw invalidLogin('Not a Cognito token.')
    const client = trusted.find(({ clientId }) => clientId === aud)
    if (client === undefined) throw invalidLogin('Incorrect token audience.')
    const seconds = Math.floor(now / 1000)
    if (typeof exp !== 'number' || !(seconds < exp)) throw invalidLogin(`Token expired: ${seconds} >= ${exp}`)
    if (client.serverSideTokenCheck && !isEnabled(userPool, sub)) throw invalidLogin('Token is revoked.')
    return { provider, clientId: aud, sub, claims }
  })
}

function isEnabled(pool: PoolState, sub: string): boolean {
  return listUsersBy(pool, 'sub', { key: sub, isPrefix: false, count: 10 }).some(([, user]) => user.enabled)
}

function invalidLogin(reason: string): ServiceError {
  return notAuthorized(`Invalid login token. ${reason}`)
}

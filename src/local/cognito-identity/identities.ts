import { compactVerify, createLocalJWKSet } from 'jose'
import { listUsersBy } from '../cognito-idp/directory.ts'
import { getIssuer } from '../cognito-idp/user-pool.ts'
import { serviceHost } from '../hosts.ts'
import { readOptionalText, readText } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import type { KeyRing } from '../key-ring.ts'
import { type Context, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import type { IdentityPoolState, PoolState, State } from '../state.ts'
import { checkLogins, identityIdRules, readIdentityPool } from './pools.ts'

/** Somebody who may have credentials of an identity pool. */
export interface Identity {
  readonly pool: IdentityPoolState
  readonly identityId: string
  /** What proves it now; undefined for an identity without a login. */
  readonly login: Login | undefined
}

const owners = new WeakMap<object, Map<string, string>>()

/** The operations on identities. */
export function identityOperations(): Operations {
  return {
    'cognito-identity.GetId': {
      async prepare(_, input, keys) {
        const sent = await openLogins(input, keys)
        return (state, input, context) => getId(state, input, context, sent)
      },
    },
  }
}

/** The same identity for the same login; without one, a new identity each time. */
function getId(state: State, input: JsonObject, context: Context, sent: readonly SentLogin[]): JsonObject {
  readOptionalText(input, 'AccountId', { min: 1, max: 15, pattern: /^\d+$/ })
  const pool = readIdentityPool(state, input, context)
  checkLogins(input)
  const logins = judgeLogins(state, pool, sent, context)
  if (logins.length === 0) refuseGuests(pool)
  const identityId = ownerOf(pool, logins) ?? `${pool.region}:${context.random.uuid()}`
  link(pool, identityId, logins)
  return { IdentityId: identityId }
}

/**
 * The identity that `IdentityId` names, if `Logins` prove it. An identity without a login takes the first that comes.
 * Throws NotAuthorizedException.
 */
export function readIdentity(state: State, input: JsonObject, context: Context, sent: readonly SentLogin[]): Identity {
  const identityId = readText(input, 'IdentityId', identityIdRules())
  checkLogins(input)
  const pool = Object.values(state.identityPools).find((candidate) => candidate.identities[identityId] !== undefined)
  const known = pool?.identities[identityId]
  if (pool === undefined || known === undefined || pool.region !== context.region) {
    throw new ServiceError('ResourceNotFoundException', `Identity '${identityId}' not found.`)
  }
  const logins = judgeLogins(state, pool, sent, context)
  const isGuest = Object.keys(known).length === 0
  const [first] = logins
  if (first === undefined) {
    if (!isGuest) throw notAuthorized(`Access to Identity '${identityId}' is forbidden.`)
    refuseGuests(pool)
    return { pool, identityId, login: undefined }
  }
  const owner = ownerOf(pool, logins)
  if (owner !== identityId && !(isGuest && owner === undefined)) {
    throw notAuthorized(
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    )
  }
  link(pool, identityId, logins)
  return { pool, identityId, login: first }
}

function refuseGuests({ settings }: IdentityPoolState): void {
  if (settings['AllowUnauthenticatedIdentities'] === true) return
  throw notAuthorized('Unauthenticated access is not supported for this identity pool.')
}

/** Whose logins these are; undefined where nobody has any of them yet. Throws where they are of several identities. */
function ownerOf({ identities }: IdentityPoolState, logins: readonly Login[]): string | undefined {
  const byLogin = ownersOf(identities)
  const owners = logins.flatMap(({ provider, sub }) => byLogin.get(loginKey(provider, sub)) ?? [])
  const [owner, another] = new Set(owners)
  if (another === undefined) return owner
  throw new ServiceError('ResourceConflictException', 'The logins belong to more than one identity.')
}

function link({ identities }: IdentityPoolState, identityId: string, logins: readonly Login[]): void {
  const known = identities[identityId] ?? {}
  if (logins.some(({ provider, sub }) => (known[provider] ?? sub) !== sub)) {
    throw new ServiceError('ResourceConflictException', 'The identity has another login of this provider.')
  }
  const added = logins.map(({ provider, sub }) => [provider, sub] as const)
  const byLogin = ownersOf(identities)
  for (const [provider, sub] of added) byLogin.set(loginKey(provider, sub), identityId)
  identities[identityId] = createMap([...Object.entries(known), ...added])
}

/** Whose a login is. Made from the identities when it is first needed, and found by them. */
function ownersOf(identities: IdentityPoolState['identities']): Map<string, string> {
  const known = owners.get(identities)
  if (known !== undefined) return known
  const logins = Object.entries(identities).flatMap(([identityId, held]) => {
    return Object.entries(held).map(([provider, sub]) => [loginKey(provider, sub), identityId] as const)
  })
  const made = new Map(logins)
  owners.set(identities, made)
  return made
}

function loginKey(provider: string, sub: string): string {
  return `${provider} ${sub}`
}

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
export function getProviderName({ region, userPoolId }: Pick<PoolState, 'region' | 'userPoolId'>): string {
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
  context: Context,
): readonly Login[] {
  const { now } = context
  return sent.map(({ provider, claims }) => {
    const trusted = pool.providers.filter(({ providerName }) => providerName === provider)
    if (trusted.length === 0) throw notAuthorized('Token is not from a supported provider of this identity pool.')
    const userPool = state.pools[provider.slice(provider.indexOf('/') + 1)]
    if (claims === undefined || userPool === undefined || getProviderName(userPool) !== provider) {
      throw invalidLogin("Couldn't verify signed token.")
    }
    const { iss, aud, sub, exp, token_use: use } = claims
    if (iss !== getIssuer(userPool, context, 'original') && iss !== getIssuer(userPool, context, 'updated')) {
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

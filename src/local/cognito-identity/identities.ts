import { listUsersBy } from '../cognito-idp/directory.ts'
import { getIssuer } from '../cognito-idp/user-pool.ts'
import { federatedPrincipal, serviceHost } from '../hosts.ts'
import { readOptionalText, readText } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { identityKeys, type KeyRing } from '../key-ring.ts'
import { type Context, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import type { IdentityPoolState, IdentityState, PoolState, State } from '../state/index.ts'
import { findOwner, putIdentity } from './identity-index.ts'
import { openToken } from './openid-tokens.ts'
import { checkLogins, identityIdRules, readIdentityPool } from './pools.ts'

/** Somebody who may have credentials of an identity pool. */
export interface Identity {
  readonly pool: IdentityPoolState
  readonly identityId: string
  /** What proves it now; undefined for an identity without a login. */
  readonly login: Login | undefined
}

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
  const identityId = ownerOf(pool, logins) ?? createIdentityId(pool, context)
  link(pool, identityId, logins, context)
  return { IdentityId: identityId }
}

/** An id for a new identity. */
export function createIdentityId({ region }: IdentityPoolState, { random }: Context): string {
  return `${region}:${random.uuid()}`
}

/**
 * The identity that `IdentityId` names, if `Logins` prove it. An identity without a login takes the first that comes.
 * Throws NotAuthorizedException.
 */
export function readIdentity(state: State, input: JsonObject, context: Context, sent: readonly SentLogin[]): Identity {
  const identityId = readText(input, 'IdentityId', identityIdRules())
  checkLogins(input)
  const [pool, known] = findIdentity(state, identityId, context)
  if (known.isDisabled === true) throw notAuthorized(`Access to Identity '${identityId}' is forbidden.`)
  const logins = judgeLogins(state, pool, sent, context)
  const isGuest = Object.keys(known.logins).length === 0 && (known.developerUsers ?? []).length === 0
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
  link(pool, identityId, logins, context)
  return { pool, identityId, login: first }
}

/** The identity of an id, and its pool. Throws ResourceNotFoundException. */
export function findIdentity(
  state: State,
  identityId: string,
  { region }: Pick<Context, 'region'>,
): readonly [IdentityPoolState, IdentityState] {
  const pool = Object.values(state.identityPools).find((candidate) => candidate.identities[identityId] !== undefined)
  const known = pool?.identities[identityId]
  if (pool === undefined || known === undefined || pool.region !== region) {
    throw new ServiceError('ResourceNotFoundException', `Identity '${identityId}' not found.`)
  }
  return [pool, known]
}

function refuseGuests({ settings }: IdentityPoolState): void {
  if (settings['AllowUnauthenticatedIdentities'] === true) return
  throw notAuthorized('Unauthenticated access is not supported for this identity pool.')
}

/** Whose logins these are; undefined where nobody has any of them yet. Throws where they are of several identities. */
export function ownerOf(pool: IdentityPoolState, logins: readonly Login[]): string | undefined {
  const owners = logins.flatMap(({ provider, sub, isOfPool }) => {
    return isOfPool === true ? sub : (findOwner(pool.identities, provider, sub) ?? [])
  })
  const [owner, another] = new Set(owners)
  if (another === undefined) return owner
  throw new ServiceError('ResourceConflictException', 'The logins belong to more than one identity.')
}

/** Gives an identity, new or known, more logins. Tokens of identity pools are no logins that are kept. */
export function link(
  { identities }: IdentityPoolState,
  identityId: string,
  logins: readonly Login[],
  { now }: Pick<Context, 'now'>,
): void {
  const known = identities[identityId]
  const held = known?.logins ?? {}
  const kept = logins.filter(({ isOfPool }) => isOfPool !== true)
  if (kept.some(({ provider, sub }) => (held[provider] ?? sub) !== sub)) {
    throw new ServiceError('ResourceConflictException', 'The identity has another login of this provider.')
  }
  const added = kept.filter(({ provider }) => held[provider] === undefined)
  if (known !== undefined && added.length === 0) return
  const all = createMap([...Object.entries(held), ...added.map(({ provider, sub }) => [provider, sub] as const)])
  putIdentity(identities, identityId, { ...known, createdAt: known?.createdAt ?? now, logins: all, updatedAt: now })
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
  /** Whether it is a token of this identity pool, which GetOpenIdTokenForDeveloperIdentity gave out. */
  readonly isOfPool?: boolean | undefined
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
      const isOfPool = /^cognito-identity[-.][a-z0-9.-]*$/.test(provider)
      const ring = keys[isOfPool ? identityKeys : provider.slice(provider.indexOf('/') + 1)]
      return { provider, claims: ring && (await openToken(String(token), ring)) }
    }),
  )
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
    if (provider === federatedPrincipal(pool.region)) return judgePoolToken(pool, provider, claims, context.now)
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

/** A token of GetOpenIdTokenForDeveloperIdentity, which stands for the identity that it names. */
function judgePoolToken(pool: IdentityPoolState, provider: string, claims: JsonObject | undefined, now: number): Login {
  if (claims === undefined) throw invalidLogin("Couldn't verify signed token.")
  const { sub, aud, exp } = claims
  if (typeof sub !== 'string' || aud !== pool.identityPoolId) throw invalidLogin('Incorrect token audience.')
  const seconds = Math.floor(now / 1000)
  if (typeof exp !== 'number' || !(seconds < exp)) throw invalidLogin(`Token expired: ${seconds} >= ${String(exp)}`)
  return { provider, clientId: aud, sub, claims, isOfPool: true }
}

function isEnabled(pool: PoolState, sub: string): boolean {
  return listUsersBy(pool, 'sub', { key: sub, isPrefix: false, count: 10 }).some(([, user]) => user.enabled)
}

function invalidLogin(reason: string): ServiceError {
  return notAuthorized(`Invalid login token. ${reason}`)
}

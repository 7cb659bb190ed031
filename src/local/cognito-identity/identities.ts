import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { notAuthorized, ServiceError } from '../service-error.ts'
import type { IdentityPoolState, State } from '../state.ts'
import { readOptionalText, readText } from '../cognito-idp/input.ts'
import { checkLogins, identityIdRules, readIdentityPool } from './input.ts'
import { judgeLogins, type Login, openLogins, type SentLogin } from './logins.ts'

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

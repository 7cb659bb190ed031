import { readMember, readOptionalInteger, readOptionalText, readText, text, type TextRules } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import {
  type Context,
  type Handler,
  invalidParameter,
  notAuthorized,
  type Operations,
  ServiceError,
} from '../operation.ts'
import { readPage } from '../paging.ts'
import type { IdentityPoolState, State } from '../state/index.ts'
import { createIdentityId, judgeLogins, link, openLogins, ownerOf } from './identities.ts'
import { findDeveloperOwner, putIdentity } from './identity-index.ts'
import { createIdentityToken } from './openid-tokens.ts'
import { checkLogins, identityIdRules, readIdentityPool, smallMap } from './pools.ts'

/** The operations on identities of users whom the developer's own provider knows. */
export function developerIdentityOperations(): Operations {
  return {
    'cognito-identity.GetOpenIdTokenForDeveloperIdentity': {
      async prepare(_, input, keys): Promise<Handler> {
        const sent = await openLogins(input, keys)
        return (state, again, context) => getToken(state, again, context, sent)
      },
    },
    'cognito-identity.LookupDeveloperIdentity': lookUp,
    'cognito-identity.MergeDeveloperIdentities': merge,
    'cognito-identity.UnlinkDeveloperIdentity': unlink,
  }
}

/** How long a token lasts unless told otherwise, in seconds. */
const tokenSeconds = 900

/** The identity of a developer's user, new or known, and a token of it. Other logins that come along are linked to it. */
function getToken(
  state: State,
  input: JsonObject,
  context: Context,
  sent: Awaited<ReturnType<typeof openLogins>>,
): JsonObject {
  const pool = readIdentityPool(state, input, context)
  const given = readOptionalText(input, 'IdentityId', identityIdRules())
  const seconds = readOptionalInteger(input, 'TokenDuration', { min: 1, max: 86_400 }) ?? tokenSeconds
  const tags = input['PrincipalTags'] === undefined ? {} : readMember(input, 'PrincipalTags', tagMap())
  checkLogins(input)
  const provider = providerOf(pool)
  const user = isObject(input['Logins']) ? input['Logins'][provider] : undefined
  if (typeof user !== 'string') {
    throw invalidParameter('Please provide at least one developer provider login in the Logins map.')
  }
  const logins = judgeLogins(
    state,
    pool,
    sent.filter((login) => login.provider !== provider),
    context,
  )
  const owner = findDeveloperOwner(pool.identities, user)
  if (owner !== undefined && given !== undefined && owner !== given) {
    throw new ServiceError('DeveloperUserAlreadyRegisteredException', 'The developer user belongs to another identity.')
  }
  const identityId = owner ?? given ?? ownerOf(pool, logins) ?? createIdentityId(pool, context)
  if (given !== undefined && pool.identities[given] === undefined) throw notFound(`Identity '${given}' not found.`)
  if ((ownerOf(pool, logins) ?? identityId) !== identityId) throw conflict('The logins belong to another identity.')
  link(pool, identityId, logins, context)
  const known = pool.identities[identityId] ?? { logins: createMap(), createdAt: context.now, updatedAt: context.now }
  if (known.isDisabled === true) throw notAuthorized(`Access to Identity '${identityId}' is forbidden.`)
  if (owner === undefined) {
    const developerUsers = [...(known.developerUsers ?? []), user]
    putIdentity(pool.identities, identityId, { ...known, developerUsers, updatedAt: context.now })
  }
  const { identityPoolId } = pool
  const amr = ['authenticated', provider, `${provider}:${identityPoolId}:${user}`]
  return {
    IdentityId: identityId,
    Token: createIdentityToken({ identityPoolId, identityId, amr, tags, seconds }, context),
  }
}

function tagMap() {
  return smallMap(text({ min: 1, max: 128 }), text({ min: 1, max: 256 }), 50)
}

/** Either of the two names finds the other; both have to belong together. */
function lookUp(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readIdentityPool(state, input, context)
  const given = readOptionalText(input, 'IdentityId', identityIdRules())
  const user = readOptionalText(input, 'DeveloperUserIdentifier', userRules())
  if (given === undefined && user === undefined) {
    throw invalidParameter('Either IdentityId or DeveloperUserIdentifier is required.')
  }
  const owner = user === undefined ? given : findDeveloperOwner(pool.identities, user)
  const identity = owner === undefined ? undefined : pool.identities[owner]
  if (owner === undefined || identity === undefined) throw notFound('Developer user not found.')
  if (given !== undefined && given !== owner) throw conflict('The developer user belongs to another identity.')
  const page = readPage(input, identity.developerUsers ?? [], (name) => name, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 60,
    scope: ['LookupDeveloperIdentity', owner],
  })
  return { IdentityId: owner, DeveloperUserIdentifierList: page.items, ...page.next }
}

/** The destination gets all that the source has, and nobody gets at the source any more. */
function merge(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readDeveloperPool(state, input, context)
  const find = (name: 'SourceUserIdentifier' | 'DestinationUserIdentifier') => {
    const user = readText(input, name, userRules())
    const id = findDeveloperOwner(pool.identities, user)
    const identity = id === undefined ? undefined : pool.identities[id]
    if (id === undefined || identity === undefined) throw notFound(`Developer user '${user}' not found.`)
    return [id, identity] as const
  }
  const [sourceId, source] = find('SourceUserIdentifier')
  const [destinationId, destination] = find('DestinationUserIdentifier')
  if (sourceId === destinationId) throw invalidParameter('The users belong to one identity already.')
  if (Object.keys(source.logins).some((provider) => destination.logins[provider] !== undefined)) {
    throw conflict('Both identities have a login of the same provider.')
  }
  const { now } = context
  const none = { logins: createMap<string>(), developerUsers: [] }
  putIdentity(pool.identities, sourceId, { ...source, ...none, isDisabled: true, updatedAt: now })
  putIdentity(pool.identities, destinationId, {
    ...destination,
    logins: createMap([...Object.entries(destination.logins), ...Object.entries(source.logins)]),
    developerUsers: [...(destination.developerUsers ?? []), ...(source.developerUsers ?? [])],
    updatedAt: now,
  })
  return { IdentityId: destinationId }
}

function unlink(state: State, input: JsonObject, context: Context): undefined {
  const pool = readDeveloperPool(state, input, context)
  const identityId = readText(input, 'IdentityId', identityIdRules())
  const user = readText(input, 'DeveloperUserIdentifier', userRules())
  const identity = pool.identities[identityId]
  if (identity === undefined) throw notFound(`Identity '${identityId}' not found.`)
  if (findDeveloperOwner(pool.identities, user) !== identityId) throw notFound(`Developer user '${user}' not found.`)
  const developerUsers = (identity.developerUsers ?? []).filter((name) => name !== user)
  const isDisabled = developerUsers.length === 0 && Object.keys(identity.logins).length === 0
  putIdentity(pool.identities, identityId, {
    ...identity,
    developerUsers,
    ...(isDisabled && { isDisabled }),
    updatedAt: context.now,
  })
}

function readDeveloperPool(state: State, input: JsonObject, context: Context): IdentityPoolState {
  const pool = readIdentityPool(state, input, context)
  const name = readText(input, 'DeveloperProviderName', { min: 1, max: 128, pattern: /^[\w.-]+$/ })
  if (name !== providerOf(pool)) throw invalidParameter('The identity pool has no developer provider of this name.')
  return pool
}

function providerOf({ settings }: IdentityPoolState): string {
  const { DeveloperProviderName: name } = settings
  if (typeof name === 'string') return name
  throw invalidParameter('The identity pool has no developer provider.')
}

function userRules(): TextRules {
  return { min: 1, max: 1024 }
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message)
}

function conflict(message: string): ServiceError {
  return new ServiceError('ResourceConflictException', message)
}

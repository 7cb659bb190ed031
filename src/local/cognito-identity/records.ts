import { readFlag, readMember, readText, integer, listOf, text } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, type Handler, notAuthorized, type Operations } from '../operation.ts'
import { readSortedPage } from '../paging.ts'
import type { IdentityState, State } from '../state/index.ts'
import { findIdentity, judgeLogins, openLogins, ownerOf } from './identities.ts'
import { listIdentityIds, putIdentity, removeIdentity } from './identity-index.ts'
import { checkLogins, identityIdRules, readIdentityPool } from './pools.ts'

/** The operations on what identity pools know of identities. */
export function identityRecordOperations(): Operations {
  return {
    'cognito-identity.DescribeIdentity': describeIdentity,
    'cognito-identity.ListIdentities': listIdentities,
    'cognito-identity.DeleteIdentities': deleteIdentities,
    'cognito-identity.UnlinkIdentity': {
      async prepare(_, input, keys): Promise<Handler> {
        const sent = await openLogins(input, keys)
        return (state, again, context) => unlinkIdentity(state, again, context, sent)
      },
    },
  }
}

function describeIdentity(state: State, input: JsonObject, context: Context): JsonObject {
  const identityId = readText(input, 'IdentityId', identityIdRules())
  const [pool, identity] = findIdentity(state, identityId, context)
  return describe(identityId, identity, pool.settings)
}

function listIdentities(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readIdentityPool(state, input, context)
  readMember(input, 'MaxResults', integer({ min: 1, max: 60 }))
  const hidesDisabled = readFlag(input, 'HideDisabled')
  const { identityPoolId, identities, settings } = pool
  const rules = { token: 'NextToken', limit: 'MaxResults', min: 1, max: 60 } as const
  const page = readSortedPage(
    input,
    (after, count) => listIdentityIds(identities, after, { count, hidesDisabled }),
    (id) => id,
    { ...rules, scope: ['ListIdentities', identityPoolId, String(hidesDisabled)] },
  )
  const found = page.items.flatMap((id) => {
    const identity = identities[id]
    return identity === undefined ? [] : [describe(id, identity, settings)]
  })
  return { IdentityPoolId: identityPoolId, Identities: found, ...page.next }
}

/** An `IdentityDescription`. */
function describe(
  identityId: string,
  { logins, developerUsers = [], createdAt, updatedAt }: IdentityState,
  { DeveloperProviderName }: JsonObject,
): JsonObject {
  const own = developerUsers.length > 0 && DeveloperProviderName !== undefined ? [DeveloperProviderName] : []
  const providers = [...Object.keys(logins), ...own]
  return {
    IdentityId: identityId,
    ...(providers.length > 0 && { Logins: providers }),
    CreationDate: createdAt / 1000,
    LastModifiedDate: updatedAt / 1000,
  }
}

/** Ids that nobody has are taken for deleted. */
function deleteIdentities(state: State, input: JsonObject, { region }: Context): JsonObject {
  const ids = readMember(input, 'IdentityIdsToDelete', listOf(text(identityIdRules()), 60))
  const pools = Object.values(state.identityPools).filter((pool) => pool.region === region)
  for (const id of ids) for (const { identities } of pools) removeIdentity(identities, id)
  return { UnprocessedIdentityIds: [] }
}

/** Whoever takes the last login away leaves an identity that nobody gets at any more. */
function unlinkIdentity(
  state: State,
  input: JsonObject,
  context: Context,
  sent: Awaited<ReturnType<typeof openLogins>>,
): undefined {
  const identityId = readText(input, 'IdentityId', identityIdRules())
  readMember(input, 'Logins', (value) => value)
  checkLogins(input)
  const removed = readMember(input, 'LoginsToRemove', listOf(text({ min: 1, max: 128 })))
  const [pool, identity] = findIdentity(state, identityId, context)
  const logins = judgeLogins(state, pool, sent, context)
  if (identity.isDisabled === true || ownerOf(pool, logins) !== identityId) {
    throw notAuthorized(`Access to Identity '${identityId}' is forbidden.`)
  }
  const left = Object.entries(identity.logins).filter(([provider]) => !removed.includes(provider))
  const isDisabled = left.length === 0 && (identity.developerUsers ?? []).length === 0
  putIdentity(pool.identities, identityId, {
    ...identity,
    logins: createMap(left),
    ...(isDisabled && { isDisabled }),
    updatedAt: context.now,
  })
}

import { choice, integer, readChoice, readMember, readText, structure } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import { removeEnding } from '../sorted-pairs.ts'
import type { PoolState, State, UserSessionState, UserState } from '../state/index.ts'
import { type SignedIn, withUser } from './access-token.ts'
import { readClient, readPool, readUser } from './directory.ts'
import { revokeFamily } from './refresh-tokens.ts'
import { listSessions, maxSessions, tracksSessions } from './user-sessions.ts'

/** The most sessions on one page. */
const pageSize = 125
/** For how long managed login signs a user in silently at a client that has set nothing, in minutes. */
const defaultReuse = 60

/** The operations on the sessions of users, by the users themselves and by administrators, and on their settings. */
export function sessionOperations(): Operations {
  return {
    'cognito-idp.AdminListUserSessions': (state, input, context) => {
      const pool = readPool(state, input, context)
      return list({ pool, user: readUser(pool, input) }, input, context)
    },
    'cognito-idp.AdminRevokeUserSession': (state, input, context) => {
      const pool = readPool(state, input, context)
      return revoke({ pool, user: readUser(pool, input) }, input, context)
    },
    'cognito-idp.GetUserPoolClientSessionConfiguration': getClientSettings,
    'cognito-idp.GetUserPoolSessionConfiguration': (state, input, context) => {
      return describeSettings(readPool(state, input, context))
    },
    'cognito-idp.ListUserSessions': withUser(list),
    'cognito-idp.RevokeUserSession': withUser(revoke),
    'cognito-idp.SetUserPoolClientSessionConfiguration': setClientSettings,
    'cognito-idp.SetUserPoolSessionConfiguration': setSettings,
  }
}

/** Whose sessions: with `originJti` where the user calls, whose own session that is. */
interface Owner {
  readonly pool: PoolState
  readonly user: UserState
  readonly originJti?: SignedIn['originJti']
}

function list({ pool, user, originJti }: Owner, input: JsonObject, { now }: Context): JsonObject {
  checkTracked(pool)
  const sessions = listSessions(pool, user.username, now)
  const page = readPage(input, sessions, ([id, { createdAt }]) => `${String(createdAt).padStart(16, '0')} ${id}`, {
    token: 'NextToken',
    limit: 'MaxResults',
    max: pageSize,
    scope: ['ListUserSessions', pool.userPoolId, user.username],
  })
  return { Sessions: page.items.map(([id, session]) => describe(id, session, originJti)), ...page.next }
}

/** A `SessionDescriptionType`. Times are in seconds since the epoch, with fractions. */
function describe(id: string, session: UserSessionState, current: string | undefined): JsonObject {
  const { clientId, createdAt, lastActiveAt, originJti, originSessionId } = session
  return {
    SessionId: id,
    SessionType: originJti === undefined ? 'SSO' : 'TOKEN',
    ClientId: clientId,
    CreateDate: createdAt / 1000,
    LastActiveDate: lastActiveAt / 1000,
    DeviceType: 'unknown',
    LastIPAddress: '127.0.0.1',
    LastLocation: { Country: 'unknown' },
    ...(originSessionId !== undefined && { OriginSessionId: originSessionId }),
    IsCurrentSession: current !== undefined && originJti === current,
  }
}

/** Ends a session, with the tokens that belong to it. `LINKED` ends those that it came from or led to as well. */
function revoke({ pool, user, originJti }: Owner, input: JsonObject, context: Context): JsonObject {
  const id = readText(input, 'SessionId', { min: 28, max: 28, pattern: /^(tkn|sso)[a-z0-9]{25}$/ })
  const isLinked = readChoice(input, 'RevokeAssociatedSessions', ['NONE', 'LINKED']) === 'LINKED'
  checkTracked(pool)
  const sessions = listSessions(pool, user.username, context.now)
  const session = sessions.find(([known]) => known === id)?.[1]
  if (session === undefined) throw new ServiceError('ResourceNotFoundException', 'Session not found.')
  if (originJti !== undefined && session.originJti === originJti) {
    throw invalidParameter('The session of the access token cannot be revoked with it.')
  }
  const linked = sessions.filter(([other, { originSessionId }]) => {
    return isLinked && (other === session.originSessionId || originSessionId === id)
  })
  for (const [one, { originJti: origin }] of [[id, session] as const, ...linked]) {
    removeEnding(pool.userSessions, one)
    if (origin !== undefined) revokeFamily(pool, user.username, origin, context)
  }
  return {}
}

function checkTracked(pool: PoolState): void {
  if (tracksSessions(pool)) return
  throw new ServiceError('OperationNotEnabledException', 'Session tracking is not enabled for the user pool.')
}

/** Both members are needed, and take the place of what was there. */
function setSettings(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const tracking = readMember(input, 'UserSessionTracking', choice(['ENABLED', 'DISABLED']))
  const tokens = readMember(
    input,
    'TokenSession',
    structure({ MaxPerUser: integer({ min: 1, max: 100 }) }, ['MaxPerUser']),
  )
  const sessionTracking = { isEnabled: tracking === 'ENABLED', maxPerUser: Number(tokens['MaxPerUser']) }
  const renewed = { ...pool, sessionTracking }
  state.pools[pool.userPoolId] = renewed
  return describeSettings(renewed)
}

function describeSettings(pool: PoolState): JsonObject {
  return {
    UserPoolId: pool.userPoolId,
    UserSessionTracking: tracksSessions(pool) ? 'ENABLED' : 'DISABLED',
    TokenSession: { MaxPerUser: maxSessions(pool) },
  }
}

function getClientSettings(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { clientId, sessionReuse: MaxValidityMinutes = defaultReuse } = readClient(pool, input)
  return { UserPoolId: pool.userPoolId, ClientId: clientId, SSOSession: { MaxValidityMinutes } }
}

function setClientSettings(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const client = readClient(pool, input)
  const minutes = integer({ min: 0, max: 129_600 })
  const { MaxValidityMinutes } = readMember(
    input,
    'SSOSession',
    structure({ MaxValidityMinutes: minutes }, ['MaxValidityMinutes']),
  )
  checkTracked(pool)
  pool.clients[client.clientId] = { ...client, sessionReuse: Number(MaxValidityMinutes) }
  return { UserPoolId: pool.userPoolId, ClientId: client.clientId, SSOSession: { MaxValidityMinutes } }
}

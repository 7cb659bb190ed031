import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, notAuthorized } from '../service-error.ts'
import type { State, UserState } from '../state.ts'
import { isInSchema } from './attributes.ts'
import { listUsersBy, putUser, removeUser } from './directory.ts'
import { readOptional, readOptionalText, readTexts } from './input.ts'
import { readPool, readUser } from './lookup.ts'
import { readSortedPage } from './paging.ts'
import { revokeTokens } from './refresh-tokens.ts'
import { attributeNameRules } from './rules.ts'
import { listOf, text } from './shape.ts'
import { readUserFilter } from './user-filter.ts'

/** The operations on users. */
export function userOperations(): Operations {
  return {
    'cognito-idp.AdminConfirmSignUp': confirmSignUp,
    'cognito-idp.AdminDeleteUser': deleteUser,
    'cognito-idp.AdminDisableUser': (state, input, context) => setEnabled(state, input, context, false),
    'cognito-idp.AdminEnableUser': (state, input, context) => setEnabled(state, input, context, true),
    'cognito-idp.AdminGetUser': getUser,
    'cognito-idp.AdminUserGlobalSignOut': signOut,
    'cognito-idp.ListUsers': listUsers,
  }
}

/** A `UserType`. Times are in seconds since the epoch, with fractions. */
export function describeUser(user: UserState, attributesToGet?: readonly string[]): JsonObject {
  return {
    Username: user.username,
    Attributes: describeAttributes(user.attributes).filter(({ Name }) => attributesToGet?.includes(Name) ?? true),
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.updatedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  }
}

/** An `AttributeListType`. */
export function describeAttributes(attributes: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
}

function getUser(state: State, input: JsonObject, context: Context): JsonObject {
  const user = readUser(readPool(state, input, context), input)
  const { Attributes, ...rest } = describeUser(user)
  const mfa = { PreferredMfaSetting: user.preferredMfa, UserMFASettingList: user.mfa }
  return { ...rest, UserAttributes: Attributes, ...(user.mfa.length > 0 ? mfa : {}) }
}

function listUsers(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const filter = readOptionalText(input, 'Filter', { max: 256 }) ?? ''
  const names = readOptional(input, 'AttributesToGet', listOf(text(attributeNameRules())))
  const unknown = names?.find((name) => !isInSchema(pool, name))
  if (unknown !== undefined) throw invalidParameter(`One or more requested attributes do not exist in user pool.`)
  const { order, ...range } = readUserFilter(filter)
  const list = (after: string | undefined, count: number) => {
    return listUsersBy(pool, order, { ...range, after: pairOf(after), count })
  }
  const page = readSortedPage(input, list, ([key, { username }]) => JSON.stringify([key, username]), {
    token: 'PaginationToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsers', pool.userPoolId, filter],
  })
  return { Users: page.items.map(([, user]) => describeUser(user, names)), ...page.next }
}

/** A pair as a token remembers it. */
function pairOf(text: string | undefined): [key: string, name: string] | undefined {
  const [key, name]: unknown[] = text === undefined ? [] : JSON.parse(text)
  return text === undefined ? undefined : [String(key), String(name)]
}

function deleteUser(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  revokeTokens(pool, user.username)
  removeUser(pool, user)
}

/** A disabled user's refresh tokens stay revoked when the user is enabled again. */
function setEnabled(state: State, input: JsonObject, context: Context, enabled: boolean): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  putUser(pool, { ...user, enabled, updatedAt: context.now })
  if (!enabled) revokeTokens(pool, user.username)
  return {}
}

function confirmSignUp(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  readTexts(input, 'ClientMetadata')
  const user = readUser(pool, input)
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  putUser(pool, { ...user, status: 'CONFIRMED', updatedAt: context.now })
  return {}
}

/** Ends the refresh tokens. Tokens that verify offline do so until they expire. */
function signOut(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  revokeTokens(pool, readUser(pool, input).username)
  return {}
}

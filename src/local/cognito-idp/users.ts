import {
  attributeNameRules,
  choice,
  listOf,
  nameRules,
  passwordRules,
  readAttributes,
  readChoice,
  readFlag,
  readMetadata,
  readOptional,
  readOptionalText,
  readText,
  text,
} from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, notAuthorized, type Operations, ServiceError } from '../operation.ts'
import { readSortedPage } from '../paging.ts'
import type { PoolState, State, UserState } from '../state/index.ts'
import { applyChanges, checkChanges, checkNewUsername, dropAlias, findRivals } from './attributes.ts'
import {
  findUser,
  listUsersBy,
  putUser,
  readPool,
  readUser,
  readUserFilter,
  removeUser,
  userNotFound,
} from './directory.ts'
import { checkPassword, generatePassword, temporaryUntil } from './passwords.ts'
import { revokeTokens } from './refresh-tokens.ts'
import { isInSchema } from './schema.ts'
import { askBeforeSignUp, confirmed } from './sign-in-triggers.ts'

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
    return listUsersBy(pool, order, { ...range, after: parsePair(after), count })
  }
  const page = readSortedPage(input, list, ([key, { username }]) => JSON.stringify([key, username]), {
    token: 'PaginationToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsers', pool.userPoolId, filter],
  })
  // ListUsers: an error where not every user in the results has a value for what is asked for.
  const unset = names?.find((name) => page.items.some(([, { attributes }]) => attributes[name] === undefined))
  if (unset !== undefined) {
    throw invalidParameter(`One or more requested attributes are not set for all users in the results: ${unset}.`)
  }
  return { Users: page.items.map(([, user]) => describeUser(user, names)), ...page.next }
}

/** A pair as a token remembers it. */
function parsePair(text: string | undefined): [key: string, name: string] | undefined {
  const [key, name]: unknown[] = text === undefined ? [] : JSON.parse(text)
  return text === undefined ? undefined : [String(key), String(name)]
}

function deleteUser(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  revokeTokens(pool, user.username, context)
  removeUser(pool, user)
}

/** A disabled user's refresh tokens stay revoked when the user is enabled again. */
function setEnabled(state: State, input: JsonObject, context: Context, enabled: boolean): JsonObject {
  const pool = readPool(state, input, context)
  const user = readUser(pool, input)
  putUser(pool, { ...user, enabled, updatedAt: context.now })
  if (!enabled) revokeTokens(pool, user.username, context)
  return {}
}

function confirmSignUp(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const metadata = readMetadata(input)
  const user = readUser(pool, input)
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  const renewed = { ...user, status: 'CONFIRMED', updatedAt: context.now }
  putUser(pool, renewed)
  return confirmed({ pool, client: undefined, metadata }, 'ConfirmSignUp', renewed, context)
}

/** Ends the refresh tokens. Tokens that verify offline do so until they expire. */
function signOut(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  revokeTokens(pool, readUser(pool, input).username, context)
  return {}
}

/** The operation that brings users into a pool. */
export function userCreationOperations(): Operations {
  return {
    'cognito-idp.AdminCreateUser': {
      async prepare(state, input, _, context) {
        const { pool, name, named, action, validationData } = readNewUser(state, input, context)
        if (action !== 'RESEND' && findUser(pool, name) === undefined) {
          const about = { pool, client: undefined, name, metadata: readMetadata(input) }
          const attributes = Object.fromEntries(named)
          await askBeforeSignUp(about, 'AdminCreateUser', { attributes, validationData }, context)
        }
        return createUser
      },
    },
  }
}

/** Everything about a new user that can be refused before a trigger is asked, but for names that are taken. */
function readNewUser(state: State, input: JsonObject, context: Context) {
  const pool = readPool(state, input, context)
  const name = readText(input, 'Username', nameRules())
  const changes = readAttributes(input, 'UserAttributes')
  const chosen = readOptionalText(input, 'TemporaryPassword', passwordRules())
  const action = readChoice(input, 'MessageAction', ['RESEND', 'SUPPRESS'])
  const moveAliases = readFlag(input, 'ForceAliasCreation')
  const validationData = Object.fromEntries(readAttributes(input, 'ValidationData'))
  readOptional(input, 'DesiredDeliveryMediums', listOf(choice(['SMS', 'EMAIL'])))
  readMetadata(input)
  if (action === 'RESEND') return { pool, name, chosen, action, moveAliases, named: changes, validationData }
  const contact = checkNewUsername(pool, name)
  const named = contact === undefined ? changes : new Map([...changes, [contact, name]])
  checkChanges(pool, {}, named)
  if (chosen !== undefined) checkPassword(pool, chosen)
  return { pool, name, chosen, action, moveAliases, named, contact, validationData }
}

function createUser(state: State, input: JsonObject, context: Context): JsonObject {
  const { pool, name, chosen, action, moveAliases, named, contact } = readNewUser(state, input, context)
  if (action === 'RESEND') return resend(pool, findUser(pool, name), chosen, context)
  const sub = context.random.uuid()
  const username = contact === undefined ? name : sub
  const attributes = Object.fromEntries([...applyChanges({}, named), ['sub', sub]])
  claimNames(pool, name, attributes, moveAliases)
  const user: UserState = {
    username,
    status: 'FORCE_CHANGE_PASSWORD',
    enabled: true,
    password: chosen ?? generatePassword(pool, context),
    passwordUntil: temporaryUntil(pool, context),
    attributes,
    groups: [],
    mfa: [],
    devices: [],
    createdAt: context.now,
    updatedAt: context.now,
  }
  putUser(pool, user)
  return { User: describeUser(user) }
}

/** Throws where the name or an alias is taken; by force a verified alias changes hands. */
function claimNames(pool: PoolState, name: string, attributes: Record<string, string>, moveAliases: boolean): void {
  if (findUser(pool, name) !== undefined) {
    throw new ServiceError('UsernameExistsException', 'User account already exists')
  }
  const rivals = findRivals(pool, name, attributes)
  const movable = ['email', 'phone_number'].filter((alias) => pool.aliases.some((name) => name === alias))
  const fixed = rivals.find(({ alias }) => !moveAliases || !movable.includes(alias))
  if (fixed !== undefined) {
    throw new ServiceError('AliasExistsException', `An account with the ${fixed.alias} already exists.`)
  }
  for (const rival of rivals) dropAlias(pool, rival)
}

/** Sends the invitation again, which gives the temporary password another term. */
function resend(
  pool: PoolState,
  user: UserState | undefined,
  chosen: string | undefined,
  context: Context,
): JsonObject {
  if (user === undefined) throw userNotFound()
  if (user.status !== 'FORCE_CHANGE_PASSWORD') {
    throw new ServiceError('UnsupportedUserStateException', 'Resend not possible. User is in a different state.')
  }
  if (chosen !== undefined) checkPassword(pool, chosen)
  const renewed = {
    ...user,
    password: chosen ?? generatePassword(pool, context),
    passwordUntil: temporaryUntil(pool, context),
  }
  putUser(pool, renewed)
  return { User: describeUser(renewed) }
}

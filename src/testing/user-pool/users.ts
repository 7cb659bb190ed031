import { createMap, type JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { PoolState, State, UserState } from '../state.ts'
import {
  nameRules,
  readAttributes,
  readChoice,
  readFlag,
  readOptionalList,
  readOptionalText,
  readText,
} from './input.ts'
import { findUser, readPool, readUser, userNotFound } from './lookup.ts'
import { readPage } from './paging.ts'
import { createUserFilter } from './user-filter.ts'

/** The operations on users. */
export function userOperations(): Operations {
  return {
    'cognito-idp.AdminCreateUser': createUser,
    'cognito-idp.AdminGetUser': getUser,
    'cognito-idp.ListUsers': listUsers,
  }
}

/** A `UserType`. Times are in seconds since the epoch, with fractions. */
export function describeUser(user: UserState, attributesToGet?: readonly unknown[]): JsonObject {
  return {
    Username: user.username,
    Attributes: describeAttributes(user).filter(({ Name }) => attributesToGet?.includes(Name) ?? true),
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.updatedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  }
}

function describeAttributes(user: UserState): { Name: string; Value: string }[] {
  return Object.entries(user.attributes).map(([Name, Value]) => ({ Name, Value }))
}

function getUser(state: State, input: JsonObject, context: Context): JsonObject {
  const user = readUser(readPool(state, input, context), input)
  const { Attributes, ...rest } = describeUser(user)
  return { ...rest, UserAttributes: Attributes }
}

function listUsers(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const filter = readOptionalText(input, 'Filter', { max: 256 }) ?? ''
  const names = readOptionalList(input, 'AttributesToGet')
  const selected = Object.values(pool.users).filter(createUserFilter(filter))
  const page = readPage(input, selected, ({ username }) => username, {
    token: 'PaginationToken',
    limit: 'Limit',
    max: 60,
    scope: ['ListUsers', pool.userPoolId, filter],
  })
  return { Users: page.items.map((user) => describeUser(user, names)), ...page.next }
}

function createUser(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const username = readText(input, 'Username', nameRules())
  const attributes = readAttributes(input, 'UserAttributes')
  const chosen = readOptionalText(input, 'TemporaryPassword', { max: 256, pattern: /^\S+$/ })
  const action = readChoice(input, 'MessageAction', ['RESEND', 'SUPPRESS'])
  const moveAliases = readFlag(input, 'ForceAliasCreation')
  if (attributes.has('sub')) throw invalidParameter('Cannot modify the non-mutable attribute sub.')
  if (chosen !== undefined) checkPassword(chosen)
  const existing = findUser(pool, username)
  if (action === 'RESEND') return resend(existing)
  if (existing !== undefined) throw new ServiceError('UsernameExistsException', 'User account already exists')
  const rivals = aliasRivals(pool, attributes)
  if (rivals.length > 0 && !moveAliases) {
    throw new ServiceError('AliasExistsException', 'An account with the given alias already exists.')
  }
  for (const [rival, alias] of rivals) unverify(pool, rival, alias)
  const user: UserState = {
    username,
    status: 'FORCE_CHANGE_PASSWORD',
    enabled: true,
    password: chosen ?? `${context.random.alphanumeric(12)}-aA0`,
    attributes: createMap([...attributes, ['sub', context.random.uuid()]]),
    groups: [],
    createdAt: context.now,
    updatedAt: context.now,
  }
  pool.users[username] = user
  return { User: describeUser(user) }
}

function resend(user: UserState | undefined): JsonObject {
  if (user === undefined) throw userNotFound()
  if (user.status !== 'FORCE_CHANGE_PASSWORD') {
    throw new ServiceError('UnsupportedUserStateException', 'Resend not possible. User is in a different state.')
  }
  return { User: describeUser(user) }
}

/** Users who hold a verified e-mail address or phone number that the new user brings as an alias, verified too. */
function aliasRivals(pool: PoolState, attributes: ReadonlyMap<string, string>): [UserState, string][] {
  return pool.aliases
    .filter((alias) => alias !== 'preferred_username' && attributes.get(`${alias}_verified`) === 'true')
    .flatMap((alias) => {
      const value = attributes.get(alias)
      return Object.values(pool.users)
        .filter((user) => value !== undefined && user.attributes[alias] === value)
        .filter((user) => user.attributes[`${alias}_verified`] === 'true')
        .map((user): [UserState, string] => [user, alias])
    })
}

function unverify(pool: PoolState, user: UserState, alias: string): void {
  const attributes = createMap([...Object.entries(pool.users[user.username]?.attributes ?? user.attributes)])
  attributes[`${alias}_verified`] = 'false'
  pool.users[user.username] = { ...user, attributes }
}

/** The password policy that new pools have. */
function checkPassword(password: string): void {
  const rules: readonly [RegExp, string][] = [
    [/^.{8,}$/su, 'Password not long enough'],
    [/[a-z]/, 'Password must have lowercase characters'],
    [/[A-Z]/, 'Password must have uppercase characters'],
    [/[0-9]/, 'Password must have numeric characters'],
    [/[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/, 'Password must have symbol characters'],
  ]
  const broken = rules.find(([pattern]) => !pattern.test(password))
  if (broken === undefined) return
  throw new ServiceError('InvalidPasswordException', `Password did not conform with policy: ${broken[1]}`)
}

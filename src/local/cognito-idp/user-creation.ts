import type { JsonObject } from '../json.ts'
import type { Context, Operations } from '../operation.ts'
import { ServiceError } from '../service-error.ts'
import type { PoolState, State, UserState } from '../state.ts'
import { checkNewUsername, dropAlias, findRivals } from './aliases.ts'
import { applyChanges, checkChanges } from './attributes.ts'
import { readAttributes, readChoice, readFlag, readOptional, readOptionalText, readText, readTexts } from './input.ts'
import { findUser, readPool, userNotFound } from './lookup.ts'
import { checkPassword, generatePassword, temporaryUntil } from './passwords.ts'
import { nameRules, passwordRules } from './rules.ts'
import { choice, listOf } from './shape.ts'
import { describeUser } from './users.ts'
import { putUser } from './directory.ts'

/** The operation that brings users into a pool. */
export function userCreationOperations(): Operations {
  return { 'cognito-idp.AdminCreateUser': createUser }
}

function createUser(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const name = readText(input, 'Username', nameRules())
  const changes = readAttributes(input, 'UserAttributes')
  const chosen = readOptionalText(input, 'TemporaryPassword', passwordRules())
  const action = readChoice(input, 'MessageAction', ['RESEND', 'SUPPRESS'])
  const moveAliases = readFlag(input, 'ForceAliasCreation')
  readAttributes(input, 'ValidationData')
  readOptional(input, 'DesiredDeliveryMediums', listOf(choice(['SMS', 'EMAIL'])))
  readTexts(input, 'ClientMetadata')
  if (action === 'RESEND') return resend(pool, findUser(pool, name), chosen, context)
  const contact = checkNewUsername(pool, name)
  const named = contact === undefined ? changes : new Map([...changes, [contact, name]])
  checkChanges(pool, {}, named)
  if (chosen !== undefined) checkPassword(pool, chosen)
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

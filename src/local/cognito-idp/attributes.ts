import { attributeNameRules, isNull, listOf, readAttributes, readMember, readTexts, text } from '../input.ts'
import type { JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import type { ClientState, PoolState, State, UserState } from '../state/index.ts'
import { computeAlias, listUsersBy, putUser, readPool, readUser } from './directory.ts'
import { findAttribute, isInSchema, valueFault } from './schema.ts'

/** The operations on attributes of users. */
export function attributeOperations(): Operations {
  return {
    'cognito-idp.AdminDeleteUserAttributes': deleteAttributes,
    'cognito-idp.AdminUpdateUserAttributes': updateAttributes,
  }
}

function updateAttributes(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  if ((input['UserAttributes'] ?? undefined) === undefined) throw isNull('userAttributes')
  const changes = readAttributes(input, 'UserAttributes')
  readTexts(input, 'ClientMetadata')
  const user = readUser(pool, input)
  checkChanges(pool, user.attributes, changes)
  for (const [name, value] of changes) {
    if (value === '') checkRemoval(pool.requiredAttributes, name)
  }
  const attributes = Object.fromEntries(applyChanges(user.attributes, changes))
  checkAliases(pool, user.username, attributes)
  putUser(pool, { ...user, attributes, updatedAt: context.now })
  return {}
}

function deleteAttributes(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const names = readMember(input, 'UserAttributeNames', listOf(text(attributeNameRules())))
  removeAttributes(pool, readUser(pool, input), names, context)
  return {}
}

/** Takes attributes away from a user. Throws InvalidParameterException for unknown ones and for those that have to stay. */
export function removeAttributes(pool: PoolState, user: UserState, names: readonly string[], { now }: Context): void {
  for (const name of names) {
    if (!isInSchema(pool, name)) throw invalidParameter(`user.${name}: Attribute does not exist in the schema.\n`)
    checkRemoval([...pool.requiredAttributes, ...pool.usernameAttributes, 'sub', 'identities'], name)
  }
  const gone = new Set(names.flatMap((name) => [name, `${name}_verified`]))
  const attributes = Object.fromEntries(Object.entries(user.attributes).filter(([name]) => !gone.has(name)))
  putUser(pool, { ...user, attributes, updatedAt: now })
}

/** Throws InvalidParameterException for an attribute that has to stay. */
export function checkRemoval(fixed: readonly string[], name: string): void {
  if (fixed.includes(name)) throw invalidParameter(`user.${name}: Attribute cannot be deleted.\n`)
}

/**
 * Throws InvalidParameterException for changes that the directory does not take: unknown attributes, `sub`, malformed
 * values, and a verification of what the user will not have. An empty value takes an attribute away.
 */
export function checkChanges(
  pool: PoolState,
  held: UserState['attributes'],
  changes: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of changes) {
    if (name === 'sub' || name === 'identities') {
      throw invalidParameter(`Cannot modify the non-mutable attribute ${name}.`)
    }
    const attribute = findAttribute(pool, name)
    if (attribute === undefined) throw unfit(name, 'Attribute does not exist in the schema.')
    if (!attribute.isMutable && held['sub'] !== undefined) {
      throw invalidParameter(`user.${name}: Attribute cannot be updated.\n`)
    }
    const fault = value === '' ? undefined : valueFault(attribute, value)
    if (fault !== undefined) throw unfit(name, fault)
    if (value !== '') checkContact(name, value)
  }
  for (const [contact, title] of [
    ['email', 'Email'],
    ['phone_number', 'Phone Number'],
  ] as const) {
    const willHave = (changes.get(contact) ?? held[contact] ?? '') !== ''
    if (changes.get(`${contact}_verified`) !== undefined && !willHave) {
      throw invalidParameter(
        `${title} is required to verify/un-verify ${contact === 'email' ? 'an email' : 'a phone number'}`,
      )
    }
  }
}

/** A new value of an e-mail address or phone number is unverified unless the same change says otherwise. */
export function applyChanges(
  held: Readonly<Record<string, string>>,
  changes: ReadonlyMap<string, string>,
): [string, string][] {
  const result = new Map(Object.entries(held))
  for (const [name, value] of changes) {
    const isContact = name === 'email' || name === 'phone_number'
    if (isContact && value !== held[name] && held[name] !== undefined) result.set(`${name}_verified`, 'false')
    result.set(name, value)
  }
  for (const [name, value] of changes) {
    if (name.endsWith('_verified') && value !== '') result.set(name, value)
    if (value !== '') continue
    result.delete(name)
    result.delete(`${name}_verified`)
  }
  return [...result]
}

function checkContact(name: string, value: string): void {
  if (name === 'email' && !isEmail(value)) throw invalidParameter('Invalid email address format.')
  if (name === 'phone_number' && !isPhoneNumber(value)) throw invalidParameter('Invalid phone number format.')
}

function unfit(name: string, fault: string): ServiceError {
  return invalidParameter(`Attributes did not conform to the schema: ${name}: ${fault}\n`)
}

/** An address of the form that Cognito accepts as a user name. */
export function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(value)
}

/** A number in the form of E.164. */
export function isPhoneNumber(value: string): boolean {
  return /^\+\d{1,15}$/.test(value)
}

/** A user who holds the alias that another one is about to get. */
interface Rival {
  readonly user: UserState
  readonly alias: string
}

/**
 * Those who hold a name that `attributes` would give to `username`: a verified e-mail address or phone number that
 * comes verified, a preferred user name, and whatever users of this pool have instead of a user name.
 */
export function findRivals(pool: PoolState, username: string, attributes: Readonly<Record<string, string>>): Rival[] {
  return [...pool.usernameAttributes, ...pool.aliases].flatMap((alias) => {
    const key = computeAlias(pool, alias, attributes)
    if (key === undefined) return []
    const holders = listUsersBy(pool, `alias:${alias}`, { key, isPrefix: false, count: 2 })
    return holders.filter(([, user]) => user.username !== username).map(([, user]) => ({ user, alias }))
  })
}

/** Throws AliasExistsException where another user holds one of these names. */
export function checkAliases(pool: PoolState, username: string, attributes: Readonly<Record<string, string>>): void {
  const [rival] = findRivals(pool, username, attributes)
  if (rival === undefined) return
  throw new ServiceError('AliasExistsException', `An account with the given ${rival.alias} already exists.`)
}

/** Takes a verified alias away from its holder (`ForceAliasCreation`). */
export function dropAlias(pool: PoolState, { user, alias }: Rival): void {
  const held = pool.users[user.username] ?? user
  putUser(pool, { ...held, attributes: { ...held.attributes, [`${alias}_verified`]: 'false' } })
}

/**
 * Throws InvalidParameterException for a user name that could be taken for another user's alias, and where users have
 * an e-mail address or phone number instead of a name, for one that is neither.
 */
export function checkNewUsername(
  pool: Pick<PoolState, 'aliases' | 'usernameAttributes'>,
  username: string,
): 'email' | 'phone_number' | undefined {
  const { aliases, usernameAttributes } = pool
  if (usernameAttributes.length > 0) {
    if (usernameAttributes.includes('email') && isEmail(username)) return 'email'
    if (usernameAttributes.includes('phone_number') && isPhoneNumber(username)) return 'phone_number'
    if (usernameAttributes.length > 1) {
      throw invalidParameter('Username should be either an email or a phone number.')
    }
    const wanted = usernameAttributes.includes('email') ? 'an email' : 'a phone number'
    throw invalidParameter(`Username should be ${wanted}.`)
  }
  if (aliases.includes('email') && isEmail(username)) {
    throw invalidParameter('Username cannot be of email format, since user pool is configured for email alias.')
  }
  if (aliases.includes('phone_number') && isPhoneNumber(username)) {
    throw invalidParameter(
      'Username cannot be of phone number format, since user pool is configured for phone number alias.',
    )
  }
  return undefined
}

/** Whether users of this client may write the attribute. A client without `WriteAttributes` may write all but those for developers. */
export function isWritable({ settings }: ClientState, name: string): boolean {
  const writable = settings['WriteAttributes']
  return name.startsWith('dev:') ? false : !Array.isArray(writable) || writable.includes(name)
}

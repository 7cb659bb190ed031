import { createMap } from '../json.ts'
import { invalidParameter, ServiceError } from '../service-error.ts'
import type { PoolState, UserState } from '../state.ts'
import { isEmail, isPhoneNumber } from './attributes.ts'
import { folding } from './lookup.ts'

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
  const fold = folding(pool)
  const others = Object.values(pool.users).filter((user) => user.username !== username)
  const rivalsFor = (alias: string, needsVerification: boolean): Rival[] => {
    const value = attributes[alias]
    const counts = (holder: Readonly<Record<string, string>>) =>
      !needsVerification || holder[`${alias}_verified`] === 'true'
    if (value === undefined || !counts(attributes)) return []
    return others
      .filter(({ attributes: held }) => fold(held[alias] ?? '') === fold(value) && counts(held))
      .map((user) => ({ user, alias }))
  }
  return [
    ...pool.usernameAttributes.flatMap((alias) => rivalsFor(alias, false)),
    ...pool.aliases.flatMap((alias) => rivalsFor(alias, alias !== 'preferred_username')),
  ]
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
  const attributes = createMap(Object.entries(held.attributes))
  attributes[`${alias}_verified`] = 'false'
  pool.users[user.username] = { ...held, attributes }
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

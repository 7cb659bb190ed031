import { invalidParameter, ServiceError } from '../service-error.ts'
import type { PoolState, UserState } from '../state.ts'
import { isEmail, isPhoneNumber } from './attributes.ts'
import { aliasOf, listUsersBy, putUser } from './directory.ts'

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
    const key = aliasOf(pool, alias, attributes)
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

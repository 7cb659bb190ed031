import { ConfigurationError } from '../../errors.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import { ServiceError } from '../service-error.ts'
import type { GroupState, MfaMethod, PoolState, UserState } from '../state.ts'
import { checkNewUsername } from '../cognito-idp/aliases.ts'
import { nameRules } from '../cognito-idp/rules.ts'
import {
  checkChoice,
  checkFlag,
  checkList,
  checkMembers,
  checkObject,
  checkOptionalText,
  checkText,
  refuse,
} from './check.ts'
import { createDevices, type LocalDevice } from './devices.ts'
import { createAttributes } from './user-attributes.ts'

/** A user of a local pool. */
export interface LocalUser {
  /** Default: a UUID. */
  readonly sub?: string | undefined
  readonly email?: string | undefined
  /** Default: absent in the directory, and false in ID tokens of users with an `email`. */
  readonly email_verified?: boolean | undefined
  /** Names of groups of the pool. */
  readonly groups?: readonly string[] | undefined
  /** Any further attributes, such as `given_name` or `custom:tier`. */
  readonly attributes?: { readonly [name: string]: string | number | boolean } | undefined
  /** What the user signs in with, whatever the pool's policy says. Default: none, so that no password fits. */
  readonly password?: string | undefined
  /** Default true. Tokens are issued for disabled users as well, like those from before. */
  readonly enabled?: boolean | undefined
  /** Default `CONFIRMED`. */
  readonly status?: UserStatus | undefined
  /** The second factors of the user, the preferred one first. Default: none. */
  readonly mfa?: readonly MfaMethod[] | undefined
  /** Devices that the user has signed in from. Default: none. */
  readonly devices?: readonly LocalDevice[] | undefined
}

/** What Cognito calls the states of a user (`UserStatusType`). */
export type UserStatus =
  | 'UNCONFIRMED'
  | 'CONFIRMED'
  | 'ARCHIVED'
  | 'COMPROMISED'
  | 'UNKNOWN'
  | 'RESET_REQUIRED'
  | 'FORCE_CHANGE_PASSWORD'
  | 'EXTERNAL_PROVIDER'

/** The users of a local pool: by name, or as a list of names and of users with a `username`. */
export type LocalUsers =
  | { readonly [username: string]: LocalUser }
  | readonly (string | (LocalUser & { readonly username: string }))[]

/** What the users of a pool depend on. */
export interface UserSetting {
  readonly groups: Readonly<Record<string, GroupState>>
  readonly pool: Pick<PoolState, 'caseSensitive' | 'aliases' | 'usernameAttributes'>
  readonly random: Randomness
  readonly now: number
}

/** Users by name. Throws ConfigurationError for what Cognito would not take and for unknown groups. */
export function createUsers(users: LocalUsers | undefined, setting: UserSetting): Record<string, UserState> {
  const map = createMap<UserState>()
  const seen = new Set<string>()
  for (const [path, name, details] of listOf(users)) {
    const username = checkText(path, name, nameRules())
    const key = setting.pool.caseSensitive ? username : username.toLowerCase()
    if (seen.has(key)) refuse(path, `the user ${username} is given twice.`)
    seen.add(key)
    const user = createUser(path, username, details, setting)
    map[user.username] = user
  }
  return map
}

/** Where users have an e-mail address or phone number instead of a name, `name` is that, and the user name is the sub. */
function createUser(path: string, name: string, details: JsonObject, setting: UserSetting): UserState {
  const contact = contactOf(path, name, setting)
  const attributes = createAttributes(path, details, setting.random, contact && { [contact]: name })
  const mfa = checkList(`${path}.mfa`, details['mfa']).map((method, index) => mfaOf(`${path}.mfa[${index}]`, method))
  return {
    username: contact === undefined ? name : (attributes['sub'] ?? name),
    status: checkChoice(`${path}.status`, details['status'], statuses(), 'CONFIRMED'),
    enabled: checkFlag(`${path}.enabled`, details['enabled'], true),
    password: checkOptionalText(`${path}.password`, details['password'], { min: 1, max: 256 }),
    attributes,
    groups: groupsOf(path, details, setting.groups),
    mfa: [...new Set(mfa)],
    preferredMfa: mfa[0],
    ...(mfa.includes('SOFTWARE_TOKEN_MFA') && { hasSoftwareToken: true }),
    devices: createDevices(`${path}.devices`, details['devices'], setting.now),
    createdAt: setting.now,
    updatedAt: setting.now,
  }
}

function contactOf(path: string, name: string, { pool }: UserSetting): 'email' | 'phone_number' | undefined {
  try {
    return pool.usernameAttributes.length > 0 ? checkNewUsername(pool, name) : undefined
  } catch (error) {
    if (error instanceof ServiceError) throw new ConfigurationError(`${path}: ${error.message}`)
    throw error
  }
}

function mfaOf(path: string, method: unknown): MfaMethod {
  if (method === undefined) refuse(path, 'expected the name of a second factor.')
  return checkChoice(path, method, ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'], 'SMS_MFA')
}

function groupsOf(path: string, details: JsonObject, groups: UserSetting['groups']): string[] {
  const names = checkList(`${path}.groups`, details['groups']).map((name, index) => {
    if (typeof name === 'string' && groups[name] !== undefined) return name
    return refuse(
      `${path}.groups[${index}]`,
      `not a group of this pool; it has ${Object.keys(groups).join(', ') || 'none'}.`,
    )
  })
  return [...new Set(names)]
}

function listOf(users: LocalUsers | undefined): [string, unknown, JsonObject][] {
  const members = [
    'sub',
    'email',
    'email_verified',
    'groups',
    'attributes',
    'password',
    'enabled',
    'status',
    'mfa',
    'devices',
  ]
  const hints = {
    emailVerified: 'it is called "email_verified".',
    phone_number: 'put it into "attributes".',
    name: 'it is called "username", or put the attribute into "attributes".',
  }
  if (isObject(users)) {
    return Object.entries(users).map(([name, user]) => {
      const path = `users.${name}`
      const details = checkObject(path, user)
      checkMembers(path, details, members, hints)
      return [path, name, details]
    })
  }
  return checkList('users', users).map((user, index) => {
    const path = `users[${index}]`
    if (typeof user === 'string') return [path, user, {}]
    const details = checkObject(path, user)
    checkMembers(path, details, ['username', ...members], hints)
    return [path, details['username'], details]
  })
}

function statuses(): readonly UserStatus[] {
  return [
    'UNCONFIRMED',
    'CONFIRMED',
    'ARCHIVED',
    'COMPROMISED',
    'UNKNOWN',
    'RESET_REQUIRED',
    'FORCE_CHANGE_PASSWORD',
    'EXTERNAL_PROVIDER',
  ]
}

import { ConfigurationError } from '../../errors.ts'
import { checkNewUsername } from '../cognito-idp/attributes.ts'
import { createTotpSecret } from '../cognito-idp/totp.ts'
import { attributeNameRules, nameRules } from '../input.ts'
import { createMap, isObject, type JsonObject } from '../json.ts'
import { ServiceError } from '../operation.ts'
import type { Randomness } from '../randomness.ts'
import type { DeviceState, GroupState, MfaMethod, PoolState, UserState } from '../state/index.ts'
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
  /** The user's password. The pool's policy is not applied. Default: none, so every password is wrong. */
  readonly password?: string | undefined
  /** Default true. Tokens are issued for disabled users as well, like those from before. */
  readonly enabled?: boolean | undefined
  /** Default `CONFIRMED`. */
  readonly status?: UserStatus | undefined
  /** The second factors of the user, the preferred one first. Default: none. */
  readonly mfa?: readonly MfaMethod[] | undefined
  /** The secret of the user's TOTP application, in base32. Default, with SOFTWARE_TOKEN_MFA: 32 characters at random. */
  readonly totpSecret?: string | undefined
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
  for (const [path, name, details] of listUsers(users)) {
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
  const contact = readContact(path, name, setting)
  const attributes = createAttributes(path, details, setting.random, contact && { [contact]: name })
  const mfa = checkList(`${path}.mfa`, details['mfa']).map((method, index) =>
    readFactor(`${path}.mfa[${index}]`, method),
  )
  return {
    username: contact === undefined ? name : (attributes['sub'] ?? name),
    status: checkChoice(`${path}.status`, details['status'], statuses(), 'CONFIRMED'),
    enabled: checkFlag(`${path}.enabled`, details['enabled'], true),
    password: checkOptionalText(`${path}.password`, details['password'], { min: 1, max: 256 }),
    attributes,
    groups: readGroups(path, details, setting.groups),
    mfa: [...new Set(mfa)],
    preferredMfa: mfa[0],
    ...(mfa.includes('SOFTWARE_TOKEN_MFA') && {
      hasSoftwareToken: true,
      totpSecret: readTotpSecret(path, details, setting),
    }),
    devices: createDevices(`${path}.devices`, details['devices'], setting.now),
    createdAt: setting.now,
    updatedAt: setting.now,
  }
}

function readContact(path: string, name: string, { pool }: UserSetting): 'email' | 'phone_number' | undefined {
  try {
    return pool.usernameAttributes.length > 0 ? checkNewUsername(pool, name) : undefined
  } catch (error) {
    if (error instanceof ServiceError) throw new ConfigurationError(`${path}: ${error.message}`)
    throw error
  }
}

function readTotpSecret(path: string, details: JsonObject, { random }: UserSetting): string {
  const given = checkOptionalText(`${path}.totpSecret`, details['totpSecret'], { min: 16, pattern: /^[A-Z2-7]+$/ })
  return given ?? createTotpSecret(random)
}

function readFactor(path: string, method: unknown): MfaMethod {
  if (method === undefined) refuse(path, 'expected the name of a second factor.')
  return checkChoice(path, method, ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'], 'SMS_MFA')
}

function readGroups(path: string, details: JsonObject, groups: UserSetting['groups']): string[] {
  const names = checkList(`${path}.groups`, details['groups']).map((name, index) => {
    if (typeof name === 'string' && groups[name] !== undefined) return name
    return refuse(
      `${path}.groups[${index}]`,
      `not a group of this pool; it has ${Object.keys(groups).join(', ') || 'none'}.`,
    )
  })
  return [...new Set(names)]
}

function listUsers(users: LocalUsers | undefined): [string, unknown, JsonObject][] {
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
    'totpSecret',
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

/** The attributes of a user as the directory holds them, with a `sub`. `extra` are added unless given. */
export function createAttributes(
  path: string,
  details: JsonObject,
  random: Randomness,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const generated = random.uuid()
  const sub = checkOptionalText(`${path}.sub`, details['sub'], { min: 1, max: 2048 }) ?? generated
  const more = details['attributes'] === undefined ? {} : checkObject(`${path}.attributes`, details['attributes'])
  const given = {
    ...extra,
    ...more,
    email: details['email'] ?? more['email'] ?? extra['email'],
    email_verified: details['email_verified'] ?? more['email_verified'],
  }
  const attributes: [string, string][] = [['sub', sub]]
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const at = name in details ? `${path}.${name}` : `${path}.attributes.${name}`
    if (name === 'sub') refuse(at, 'give it beside the attributes.')
    checkText(at, name, attributeNameRules())
    attributes.push([name, readValue(at, name, value)])
  }
  return Object.fromEntries(attributes)
}

function readValue(path: string, name: string, value: unknown): string {
  if (name.endsWith('_verified') && !name.includes(':')) return String(checkFlag(path, value, false))
  const isScalar = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  if (!isScalar) refuse(path, 'expected a text, a number or a boolean.')
  const text = checkText(path, String(value), { max: 2048 })
  if (name === 'identities' && !isJsonArray(text)) refuse(path, 'expected a JSON array as a text.')
  return text
}

function isJsonArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}

/** A device that a user of a local pool has signed in from. */
export interface LocalDevice {
  /** Such as `eu-west-1_11111111-2222-4333-8444-555555555555`. */
  readonly key: string
  /** Such as `device_name`. Default: none. */
  readonly attributes?: { readonly [name: string]: string } | undefined
}

/** The devices of a user, last used now. */
export function createDevices(path: string, devices: unknown, now: number): DeviceState[] {
  return checkList(path, devices).map((device, index) => {
    const at = `${path}[${index}]`
    const details = checkObject(at, device)
    checkMembers(at, details, ['key', 'attributes'])
    const attributes = Object.entries(checkObject(`${at}.attributes`, details['attributes'] ?? {}))
    return {
      key: checkText(`${at}.key`, details['key'], { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ }),
      attributes: Object.fromEntries(
        attributes.map(([name, value]) => [
          checkText(`${at}.attributes`, name, attributeNameRules()),
          checkText(`${at}.attributes.${name}`, value, { max: 2048 }),
        ]),
      ),
      createdAt: now,
      updatedAt: now,
      usedAt: now,
    }
  })
}

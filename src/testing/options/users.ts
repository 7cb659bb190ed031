import { createMap, isObject, type JsonObject } from '../json.ts'
import type { Randomness } from '../randomness.ts'
import type { GroupState, UserState } from '../state.ts'
import { attributeNameRules, nameRules } from '../user-pool/input.ts'
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
  readonly password?: string | undefined
  /** Default true. Tokens are issued for disabled users as well, like those from before. */
  readonly enabled?: boolean | undefined
  /** Default `CONFIRMED`. */
  readonly status?: UserStatus | undefined
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
  readonly caseSensitive: boolean
  readonly random: Randomness
  readonly now: number
}

/** Users by name. Throws ConfigurationError for what Cognito would not take and for unknown groups. */
export function createUsers(users: LocalUsers | undefined, setting: UserSetting): Record<string, UserState> {
  const map = createMap<UserState>()
  const seen = new Set<string>()
  for (const [path, name, details] of listOf(users)) {
    const username = checkText(path, name, nameRules())
    const key = setting.caseSensitive ? username : username.toLowerCase()
    if (seen.has(key)) refuse(path, `the user ${username} is given twice.`)
    seen.add(key)
    map[username] = createUser(path, username, details, setting)
  }
  return map
}

function createUser(path: string, username: string, details: JsonObject, setting: UserSetting): UserState {
  return {
    username,
    status: checkChoice(`${path}.status`, details['status'], statuses(), 'CONFIRMED'),
    enabled: checkFlag(`${path}.enabled`, details['enabled'], true),
    password: checkOptionalText(`${path}.password`, details['password'], { min: 1, max: 256 }),
    attributes: attributesOf(path, details, setting.random),
    groups: groupsOf(path, details, setting.groups),
    createdAt: setting.now,
    updatedAt: setting.now,
  }
}

function attributesOf(path: string, details: JsonObject, random: Randomness): Record<string, string> {
  const generated = random.uuid()
  const attributes = createMap<string>()
  attributes['sub'] = checkOptionalText(`${path}.sub`, details['sub'], { min: 1, max: 2048 }) ?? generated
  const more = details['attributes'] === undefined ? {} : checkObject(`${path}.attributes`, details['attributes'])
  const given = {
    ...more,
    email: details['email'] ?? more['email'],
    email_verified: details['email_verified'] ?? more['email_verified'],
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const at = name in details ? `${path}.${name}` : `${path}.attributes.${name}`
    if (name === 'sub') refuse(at, 'give it beside the attributes.')
    checkText(at, name, attributeNameRules())
    attributes[name] = textOf(at, name, value)
  }
  return attributes
}

function textOf(path: string, name: string, value: unknown): string {
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
  const members = ['sub', 'email', 'email_verified', 'groups', 'attributes', 'password', 'enabled', 'status']
  if (isObject(users)) {
    return Object.entries(users).map(([name, user]) => {
      const path = `users.${name}`
      const details = checkObject(path, user)
      checkMembers(path, details, members)
      return [path, name, details]
    })
  }
  return checkList('users', users).map((user, index) => {
    const path = `users[${index}]`
    if (typeof user === 'string') return [path, user, {}]
    const details = checkObject(path, user)
    checkMembers(path, details, ['username', ...members])
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

import type { UserStatusType } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'
import type { User } from './user.ts'

/** A text, as a whole or by its beginning. */
export type TextMatch = string | { readonly startsWith: string }

/** What Cognito can search by, beside status and enabled. */
export type SearchableAttribute =
  | 'username'
  | 'sub'
  | 'email'
  | 'phone_number'
  | 'name'
  | 'given_name'
  | 'family_name'
  | 'preferred_username'

interface Conditions extends Record<SearchableAttribute, TextMatch> {
  status: UserStatusType
  enabled: boolean
}

/**
 * One condition that Cognito applies itself (ListUsers), in Cognito's own names. A user name and a `sub` are compared as
 * they are, other texts without regard to case.
 */
export type UserFilter = {
  [K in keyof Conditions]: { readonly [P in K]: Conditions[P] } & {
    readonly [P in Exclude<keyof Conditions, K>]?: undefined
  }
}[keyof Conditions]

/**
 * Conditions that are applied here, to every user that Cognito lists: any number of them, on any attributes, compared as
 * they are. All must hold.
 */
export interface UserCondition {
  readonly username?: TextMatch | undefined
  readonly status?: UserStatusType | undefined
  readonly enabled?: boolean | undefined
  /** By our names of the attributes. */
  readonly attributes?: { readonly [name: string]: TextMatch } | undefined
}

/** What ListUsers takes as its `Filter`. A quotation mark in a value cannot end it. */
export function wordFilter(filter: UserFilter): string {
  const [[name, match] = ['', ''], ...more] = Object.entries(filter).filter(([, match]) => match !== undefined)
  if (
    !/^(username|sub|email|phone_number|name|given_name|family_name|preferred_username|status|enabled)$/.test(name) ||
    more.length > 0
  ) {
    throw new ConfigurationError('filter: expected one condition that Cognito can search by; others go to `where`.')
  }
  if (name === 'enabled') return `status = "${match ? 'Enabled' : 'Disabled'}"`
  const [operator, value] = typeof match === 'object' ? ['^=', match.startsWith] : ['=', match]
  return `${name === 'status' ? 'cognito:user_status' : name} ${operator} "${String(value).replace(/["\\]/g, '\\$&')}"`
}

/** Whether a user is one that the filter means, as far as the user's known attributes tell. */
export function passes(user: User, filter: object, inward: (name: string) => string): boolean {
  return Object.entries(filter).every(([name, match]) => {
    const value = valueIn(isOwn(name) ? user : user.attributes, inward(name))
    return value === undefined || match === undefined || matches(value, match, !/^(username|sub)$/.test(name))
  })
}

/** Whether a user meets all conditions. */
export function meets(user: User, { attributes, ...conditions }: UserCondition): boolean {
  return (
    passes(user, conditions, String) &&
    Object.entries(attributes ?? {}).every(([name, match]) => matches(valueIn(user.attributes, name), match))
  )
}

/** Whether a condition is on the user itself, and not on an attribute. */
export function isOwn(name: string): boolean {
  return /^(username|status|enabled)$/.test(name)
}

function valueIn(members: object, name: string): unknown {
  return Object.entries(members).find(([own]) => own === name)?.[1]
}

function matches(value: unknown, match: TextMatch, ignoreCase = false): boolean {
  const fold = (part: unknown) => (ignoreCase ? `${part}`.toLowerCase() : `${part}`)
  if (value === undefined) return false
  return match instanceof Object ? fold(value).startsWith(fold(match.startsWith)) : fold(value) === fold(match)
}

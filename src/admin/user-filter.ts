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

/** A filter in the form that ListUsers takes, and a look at whether it was applied. */
export interface WordedFilter {
  /** What ListUsers takes as its `Filter`. A quotation mark in a value cannot end it. */
  readonly text: string
  /** Whether a user is one that the filter means, as far as the user's known attributes tell. */
  passes(user: User): boolean
}

/** `inward` translates Cognito's names of attributes. Throws ConfigurationError for anything but one condition. */
export function wordFilter(filter: UserFilter, inward: (name: string) => string): WordedFilter {
  const [[name, match] = [''], ...more] = Object.entries(filter).filter(([, match]) => match !== undefined)
  if (!/^[a-z_]+$/.test(name) || more.length > 0) {
    throw new ConfigurationError('filter: expected one condition; others go to `where`.')
  }
  const isOwn = /^(username|status|enabled)$/.test(name)
  const prefix = typeof match === 'object' ? match.startsWith : undefined
  const value = prefix ?? (name === 'enabled' ? (match ? 'Enabled' : 'Disabled') : match)
  const wire = name === 'enabled' ? 'status' : name === 'status' ? 'cognito:user_status' : name
  const fold = (part: unknown) => `${part}`.toLowerCase()
  return {
    text: `${wire} ${prefix === undefined ? '=' : '^='} "${`${value}`.replace(/["\\]/g, '\\$&')}"`,
    passes(user) {
      const found = isOwn ? user[name as 'username'] : user.attributes[inward(name)]
      if (found === undefined) return true
      return prefix === undefined ? fold(found) === fold(match) : fold(found).startsWith(fold(prefix))
    },
  }
}

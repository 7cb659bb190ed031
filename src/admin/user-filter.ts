import type { UserStatusType } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'

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
 * What ListUsers takes as its `Filter`. A quotation mark in a value cannot end it. Throws ConfigurationError for anything
 * but one condition.
 */
export function wordFilter(filter: UserFilter): string {
  const [[name, match] = [''], ...more] = Object.entries(filter).filter(([, match]) => match !== undefined)
  if (!/^[a-z_]+$/.test(name) || more.length > 0) {
    throw new ConfigurationError('filter: expected one condition.')
  }
  if (name === 'enabled') return `status = "${match ? 'Enabled' : 'Disabled'}"`
  const [operator, value] = typeof match === 'object' ? ['^=', match.startsWith] : ['=', match]
  return `${name === 'status' ? 'cognito:user_status' : name} ${operator} "${`${value}`.replace(/["\\]/g, '\\$&')}"`
}

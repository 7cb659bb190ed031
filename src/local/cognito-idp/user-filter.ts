import { invalidParameter } from '../service-error.ts'
import { keyIn, type SearchableAttribute, searchableAttributes } from './directory.ts'

/** Which users a filter selects: by which order, and what their key in it is or begins with. */
export interface UserFilter {
  readonly order: 'username' | 'status' | 'cognito:user_status' | SearchableAttribute
  readonly key: string
  readonly isPrefix: boolean
}

/**
 * What the `Filter` of ListUsers selects: `name = "value"` or `name ^= "value"` (begins with), with quotation marks
 * and backslashes in the value escaped by a backslash. An empty filter selects all.
 */
export function readUserFilter(filter: string): UserFilter {
  if (filter.trim() === '') return { order: 'username', key: '', isPrefix: true }
  const [, name, operator, quoted] = /^\s*"?([\w:.-]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/s.exec(filter) ?? []
  if (name === undefined || quoted === undefined) throw invalidParameter('Error while parsing filter.')
  const names = ['username', 'status', 'cognito:user_status', ...searchableAttributes()] as const
  const order = names.find((known) => known === name)
  if (order === undefined) throw invalidParameter('One or more attributes of the filter cannot be searched.')
  return { order, key: keyIn(order, quoted.replaceAll(/\\(.)/gs, '$1')), isPrefix: operator !== '=' }
}

import { invalidParameter } from '../service-error.ts'
import type { UserState } from '../state.ts'

/**
 * What the `Filter` of ListUsers selects: `name = "value"` or `name ^= "value"` (begins with), with quotation marks
 * and backslashes in the value escaped by a backslash. An empty filter selects all.
 */
export function createUserFilter(filter: string): (user: UserState) => boolean {
  if (filter.trim() === '') return () => true
  const [, name, operator, quoted] = /^\s*"?([\w:.-]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/s.exec(filter) ?? []
  if (name === undefined || quoted === undefined) throw invalidParameter('Error while parsing filter.')
  const read = readerOf(name)
  const fold = (text: string) => (isExact(name) ? text : text.toLowerCase())
  const wanted = fold(quoted.replaceAll(/\\(.)/gs, '$1'))
  return (user) => {
    const value = read(user)
    if (value === undefined) return false
    return operator === '=' ? fold(value) === wanted : fold(value).startsWith(wanted)
  }
}

/** `username` and `status` are compared case-sensitively, the other attributes are not (ListUsers). */
function isExact(name: string): boolean {
  return name === 'username' || name === 'status' || name === 'sub'
}

function readerOf(name: string): (user: UserState) => string | undefined {
  switch (name) {
    case 'username':
      return (user) => user.username
    case 'status':
      return (user) => (user.enabled ? 'Enabled' : 'Disabled')
    case 'cognito:user_status':
      return (user) => user.status
    case 'sub':
    case 'email':
    case 'phone_number':
    case 'name':
    case 'given_name':
    case 'family_name':
    case 'preferred_username':
      return (user) => user.attributes[name]
    default:
      throw invalidParameter('One or more attributes of the filter cannot be searched.')
  }
}

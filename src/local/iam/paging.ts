import type { JsonObject } from '../json.ts'
import { readOptionalText } from '../cognito-idp/input.ts'
import { readPage } from '../cognito-idp/paging.ts'
import { readWhole } from './input.ts'

/** A page of IAM, and the members that say whether there is another. */
export interface IamPage<T> {
  readonly items: readonly T[]
  readonly more: JsonObject
}

/**
 * The page that `Marker` and `MaxItems` (1 to 1000, default 100) ask for, in the order of the keys. A marker is good
 * for one operation. Keys are short, since markers have at most 320 characters.
 */
export function readMarkedPage<T>(
  input: JsonObject,
  items: readonly T[],
  keyOf: (item: T) => string,
  scope: readonly string[],
): IamPage<T> {
  const limit = readWhole(input, 'MaxItems', { min: 1, max: 1000 }) ?? 100
  const marker = readOptionalText(input, 'Marker', { min: 1, max: 320, pattern: /^[\u0020-\u00ff]+$/ })
  const rules = { token: 'NextToken', limit: 'Limit', max: 1000, scope } as const
  const page = readPage({ NextToken: marker, Limit: limit }, items, keyOf, rules)
  const next = page.next['NextToken']
  return { items: page.items, more: { IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) } }
}

/** Items that have no short key of their own, by their place. */
export function readNumberedPage<T>(input: JsonObject, items: readonly T[], scope: readonly string[]): IamPage<T> {
  const numbered = items.map((item, index) => ({ item, key: String(index).padStart(6, '0') }))
  const { items: page, more } = readMarkedPage(input, numbered, ({ key }) => key, scope)
  return { items: page.map(({ item }) => item), more }
}

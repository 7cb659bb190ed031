import { base64url } from 'jose'
import { readOptionalInteger, readOptionalText } from './input.ts'
import { compareText, type JsonObject } from './json.ts'
import { invalidParameter } from './operation.ts'

/** How one operation pages. */
export interface PagingRules {
  /** The member that carries the token, in and out. */
  readonly token: 'NextToken' | 'PaginationToken'
  /** The member that carries the page size. */
  readonly limit: 'Limit' | 'MaxResults'
  /** The smallest page that may be asked for. Default 0. */
  readonly min?: number
  /** The largest page, and the page where nothing or 0 is asked for. */
  readonly max: number
  /** What a token is good for: the operation and whatever selects its items. */
  readonly scope: readonly string[]
}

/** A page, and the token of the next one where there is one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: JsonObject
}

/**
 * The page of `items` that the input asks for, in the order of their keys. A token remembers the last key and not a
 * position, so that items that come and go between two pages shift nothing.
 */
export function readPage<T>(
  input: JsonObject,
  items: readonly T[],
  keyOf: (item: T) => string,
  rules: PagingRules,
): Page<T> {
  return readSortedPage(input, (after, count) => firstAfter(items, keyOf, after, count), keyOf, rules)
}

/** The same of items that are kept in order; `list` gives the first `count` of them after a key. */
export function readSortedPage<T>(
  input: JsonObject,
  list: (after: string | undefined, count: number) => readonly T[],
  keyOf: (item: T) => string,
  rules: PagingRules,
): Page<T> {
  const limit = readOptionalInteger(input, rules.limit, { min: rules.min ?? 0, max: rules.max }) || rules.max
  const token = readOptionalText(input, rules.token, { min: 1, max: 131_072, pattern: /^\S+$/ })
  const after = token === undefined ? undefined : keyOfToken(token, rules.scope)
  const found = list(after, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  if (last === undefined || found.length <= limit) return { items: page, next: {} }
  return { items: page, next: { [rules.token]: encodeToken(keyOf(last), rules.scope) } }
}

/** The first `count` items whose key comes after `after`, in the order of their keys; they are few. */
function firstAfter<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  after: string | undefined,
  count: number,
): readonly T[] {
  const first: { readonly key: string; readonly item: T }[] = []
  for (const item of items) {
    const key = keyOf(item)
    if (after !== undefined && compareText(key, after) <= 0) continue
    const last = first.at(-1)
    if (first.length === count && last !== undefined && compareText(key, last.key) >= 0) continue
    let at = first.length
    for (let above = first[at - 1]; above !== undefined && compareText(above.key, key) > 0; above = first[at - 1])
      at -= 1
    first.splice(at, 0, { key, item })
    if (first.length > count) first.pop()
  }
  return first.map(({ item }) => item)
}

function encodeToken(key: string, scope: readonly string[]): string {
  return base64url.encode(JSON.stringify([key, ...scope]))
}

function keyOfToken(token: string, scope: readonly string[]): string {
  try {
    const [key, ...rest]: unknown[] = JSON.parse(new TextDecoder().decode(base64url.decode(token)))
    if (typeof key === 'string' && JSON.stringify(rest) === JSON.stringify(scope)) return key
  } catch {}
  throw invalidParameter('Invalid pagination token.')
}

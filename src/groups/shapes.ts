import { isJsonObject } from '../encoding.ts'
import { must } from '../errors.ts'
import { member } from './names.ts'

/** The own members of an object literal. Throws for anything else, and for a key beyond `keys`. */
export function entriesOf(path: string, value: unknown, keys?: readonly string[]): ReadonlyMap<string, unknown> {
  must(
    path,
    isJsonObject(value) &&
      // Tells the literals of any realm from arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const entries = Object.entries(value)
  for (const [key] of entries)
    if (keys) must(member(path, key), keys.includes(key), `no such key, but ${keys.join(', ')}`)
  return new Map(entries)
}

/** Reads every item of an array, holes included, into another; an absent array is an empty one. */
export function listOf<T>(path: string, value: unknown = [], read: (path: string, item: unknown) => T): readonly T[] {
  must(path, Array.isArray(value), 'an array')
  return Array.from<unknown, T>(value, (item, index) => read(`${path}[${index}]`, item))
}

/** Whether a value is an integer from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

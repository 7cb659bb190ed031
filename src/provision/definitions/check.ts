import { ConfigurationError } from '../../errors.ts'

/** Throws ConfigurationError, with the place of the fault, unless the definition has there what it should. */
export function must(path: string, holds: boolean, expected: string): asserts holds {
  if (!holds) throw new ConfigurationError(`${path}: expected ${expected}`)
}

/** The path of a member: `policies.editor`, or `policies["a,b"]` where the key is not plain. */
export function member(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/**
 * The own members of an object literal, those that are undefined left out. Throws for anything else, and for a key beyond
 * `keys`.
 */
export function entriesOf(path: string, value: unknown, keys?: readonly string[]): ReadonlyMap<string, unknown> {
  must(
    path,
    typeof value === 'object' &&
      value !== null &&
      // Tells the literals of any realm from arrays, instances and `{ __proto__: … }`.
      !Object.getPrototypeOf(Object.getPrototypeOf(value) ?? Object.prototype),
    'a plain object',
  )
  const entries = Object.entries(value)
  for (const [key] of entries) {
    if (keys) must(member(path, key), keys.includes(key), `no such member, but ${keys.join(', ')}`)
  }
  return new Map(entries.filter(([, item]) => item !== undefined))
}

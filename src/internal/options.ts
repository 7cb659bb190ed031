import { ConfigurationError, assertConfig } from '../errors.ts'

/** The names of all members of an options type, of each of its alternatives where it is a union. */
type NamesOf<O> = O extends unknown ? keyof O & string : never

/** A list that lacks a name of the options type is a compile error. */
type Complete<O, N> = [Exclude<NamesOf<O>, N>] extends [never] ? unknown : { readonly missing: Exclude<NamesOf<O>, N> }

/** As `checkOptions`, for names that the compiler knows to be complete in some other way. */
export function checkNames(
  place: string,
  options: object,
  names: readonly string[],
  hints: Readonly<Record<string, string>> = {},
): void {
  const isOptions = typeof options === 'object' && options && !Array.isArray(options) && !('then' in options)
  assertConfig(place, isOptions, 'an object with options.')
  const known = new Set(names)
  for (const name in options) assertKnown(place, 'option', name, known, hints)
}

/** The first name in an object that is none of these; inherited ones count. For what is given with every request. */
export function unknownName(given: object, names: readonly string[]): string | undefined {
  for (const name in given) if (!names.includes(name)) return name
  return undefined
}

/** Throws ConfigurationError unless the name is known, and says which was probably meant. `kind` says what is named, such as `option`. */
export function assertKnown(
  place: string,
  kind: string,
  name: string,
  known: { has(name: string): boolean; keys(): Iterable<string> },
  hints: Readonly<Record<string, string>> = {},
): void {
  if (known.has(name)) return
  const hint = Object.hasOwn(hints, name) ? hints[name] : suggest(`${name}`, [...known.keys()])
  throw new ConfigurationError(`${place}: unknown ${kind} ${JSON.stringify(name)}; ${hint}`)
}

/**
 * Throws ConfigurationError unless `options` is an object that holds no other names than these; inherited ones count. A
 * misspelt option would otherwise go unnoticed.
 *
 * @param place what takes the options, such as `createGuard` or `createGuard: keyCache`
 * @param names every option that is known here
 * @param hints by a name that people use for something else or elsewhere, what to do instead
 * @example
 * ```ts
 * checkOptions<KeyCacheOptions>('createGuard: keyCache', options, ['maxAge', 'cooldown'], {
 *   max: 'it is called "maxAge"',
 * })
 * // createGuard: keyCache: unknown option "maxage"; did you mean "maxAge"?
 * ```
 * @alias
 */
export const checkOptions: <O extends object, const N extends NamesOf<O> = NamesOf<O>>(
  place: string,
  options: O,
  names: readonly N[] & Complete<O, N>,
  hints?: Readonly<Record<string, string>>,
) => void = checkNames

/** Throws ConfigurationError unless `value` has the method: `maker` says what makes such an object. */
export function assertMade(place: string, value: unknown, method: string, maker: string): void {
  assertConfig(place, typeof Object(value)[method] === 'function', maker)
}

function suggest(name: string, known: readonly string[]): string {
  const near = known.find((other) => difference(name, other) <= Math.min(2, other.length / 3))
  if (near) return `did you mean "${near}"?`
  const some = known.slice(0, 20).join(', ')
  return some ? `expected one of ${some}${known.length > 20 ? ', …' : '.'}` : 'there is none.'
}

/** How many characters two names do not share at their beginning and end, whatever their case. */
export function difference(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let shared = start
  while (shared < shorter && a.at(start - shared - 1) === b.at(start - shared - 1)) shared++
  return Math.max(a.length, b.length) - shared
}

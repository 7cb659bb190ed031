import { ConfigurationError, assertConfig } from '../errors.ts'

/** The names of all members of an options type, of each of its alternatives where it is a union. */
type NamesOf<O> = O extends unknown ? keyof O & string : never

/** A list that lacks a name of the options type is a compile error. */
type Complete<O, N> = [Exclude<NamesOf<O>, N>] extends [never] ? unknown : { readonly missing: Exclude<NamesOf<O>, N> }

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
 */
export function checkOptions<O extends object, const N extends NamesOf<O> = NamesOf<O>>(
  place: string,
  options: O,
  names: readonly N[] & Complete<O, N>,
  hints: Readonly<Record<string, string>> = {},
): void {
  const isOptions = typeof options === 'object' && options && !Array.isArray(options) && !('then' in options)
  assertConfig(place, isOptions, 'an object with options.')
  const known: readonly string[] = names
  for (const name in options) {
    if (known.includes(name)) continue
    const hint = Object.hasOwn(hints, name) ? hints[name] : meant(name.toLowerCase(), known)
    throw new ConfigurationError(`${place}: unknown option ${JSON.stringify(name)}; ${hint}`)
  }
}

function meant(name: string, known: readonly string[]): string {
  for (const edits of [1, 2]) {
    for (const near of known) {
      if (near.length >= edits * 3 && isNear(name, near.toLowerCase(), edits)) return `did you mean "${near}"?`
    }
  }
  return `expected one of ${known.join(', ')}.`
}

/** Whether so many letters, added, removed or replaced, make `b` of `a` (Levenshtein). */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b || !edits) return a === b
  let at = 0
  while (a[at] === b[at]) at++
  const near = (inA: number, inB: number) => isNear(a.slice(at + inA), b.slice(at + inB), edits - 1)
  return near(1, 1) || near(1, 0) || near(0, 1)
}

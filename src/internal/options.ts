import { ConfigurationError } from '../errors.ts'

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
 *   softAge: 'it is called "maxAge"',
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
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(`${place}: expected an object with options.`)
  }
  const known: readonly string[] = names
  for (const name in options) {
    if (known.includes(name)) continue
    const hint = Object.hasOwn(hints, name) ? hints[name] : meant(name, known)
    throw new ConfigurationError(`${place}: unknown option ${JSON.stringify(name)}; ${hint}`)
  }
}

function meant(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase()
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)[0]
  return near ? `did you mean "${near.candidate}"?` : `expected one of ${known.join(', ')}.`
}

/** How many letters have to be added, removed or replaced (Levenshtein). Long names are not compared. */
function editDistance(a: string, b: string): number {
  if (a.length > 40) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1]
    for (let to = 0; to < b.length; to++) {
      const replaced = (row[to] ?? 0) + (b[to] === letter ? 0 : 1)
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

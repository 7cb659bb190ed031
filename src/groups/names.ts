import { must } from '../errors.ts'

/** Known names. */
export type Names = Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>

/** The path of a member: `groups.editor`, or `groups["a,b"]` where the key is not plain. */
export function member(path: string, key: string): string {
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** A group name within Cognito's limits (CreateGroup, GroupName). */
export function groupName(path: string, name: unknown): string {
  const isName = typeof name === 'string' && (/^[!-~]{1,128}$/.test(name) || isUnusualName(name))
  must(path, isName, '1-128 letters, marks, symbols, numbers or punctuation marks')
  return name
}

/** Built from text: engines check literals when they read the source, and property classes cost more than all else here. */
function isUnusualName(name: string): boolean {
  const form = '^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$'
  return RegExp(form, 'u').test(name)
}

/** A function name; or a rule's, which may end in a wildcard. Throws where it is not among the known ones, if given. */
export function ruleName(path: string, name: unknown, known?: Names): string {
  must(path, typeof name === 'string' && /^([^.*]+\.)*([^.*]+|\*)$/.test(name), 'a name such as "a.b", "a.*" or "*"')
  if (known && !isWildcard(name)) mustKnow(path, name, known, 'function')
  return name
}

/** Whether a well-formed rule's name is one. */
export function isWildcard(rule: string): boolean {
  return rule.endsWith('*')
}

/** All names of rules that cover a function: its own, and the wildcards over it. */
export function coversOf(fn: string): readonly string[] {
  const parts = fn.split('.')
  return [fn, ...parts.map((_, index) => [...parts.slice(0, index), '*'].join('.'))]
}

/** Throws where two names look the same, and are written differently: they are equal after NFC. */
export function mustDiffer(path: string, names: Iterable<string>): void {
  const spellings = new Map<string, string>()
  for (const name of names) {
    const plain = name.normalize()
    must(path, (spellings.get(plain) ?? name) === name, `one spelling of ${JSON.stringify(plain)}, such as NFC`)
    spellings.set(plain, name)
  }
}

/** Throws, naming the nearest, where a name is not among the known ones. */
export function mustKnow(path: string, name: string, known: Names, kind: string): void {
  if (known.has(name)) return
  const nearest = [...known.keys()].sort((a, b) => difference(name, a) - difference(name, b))
  const list = nearest.length > 20 ? [...nearest.slice(0, 20), '…'] : nearest
  const hint = list.length
    ? `did you mean ${JSON.stringify(list[0])}? known ${kind}s are ${list.join(', ')}`
    : 'but none is known'
  must(path, false, `a ${kind} instead of ${JSON.stringify(name)}, ${hint}`)
}

/** How many characters two names do not share at their beginning and end. */
function difference(a: string, b: string): number {
  const start = shared([...a], [...b])
  const endOfA = [...a].slice(start).reverse()
  const endOfB = [...b].slice(start).reverse()
  return Math.max(endOfA.length, endOfB.length) - shared(endOfA, endOfB)
}

/** How many items two lists share at their beginning. */
function shared(a: readonly string[], b: readonly string[]): number {
  const differing = a.findIndex((item, index) => item !== b[index])
  return differing < 0 ? a.length : differing
}

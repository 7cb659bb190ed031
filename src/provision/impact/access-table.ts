import type { Groups } from '../../permissions/index.ts'
import { always, type Formula, type Term, toTerm } from './claims-gap.ts'

/** A set of permissions, by their places in a sorted list. */
export class Bits {
  readonly words: Uint32Array

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5)
  }

  has(place: number): boolean {
    return (((this.words[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1
  }

  add(place: number): void {
    this.setWord(place >>> 5, this.word(place >>> 5) | (1 << (place & 31)))
  }

  /** Adds the places from `start` until `end`. */
  addRange(start: number, end: number): void {
    for (let place = start; place < end; ) {
      if ((place & 31) === 0 && place + 32 <= end) {
        this.setWord(place >>> 5, 0xffffffff)
        place += 32
      } else this.add(place++)
    }
  }

  addAll(other: Bits): void {
    for (const [index, word] of other.words.entries()) this.setWord(index, this.word(index) | word)
  }

  keepOnly(other: Bits): void {
    for (const index of this.words.keys()) this.setWord(index, this.word(index) & other.word(index))
  }

  word(index: number): number {
    return this.words[index] ?? 0
  }

  setWord(index: number, word: number): void {
    this.words[index] = word
  }
}

/** What a map of groups says of a list of permissions. */
export interface AccessTable {
  /** The rules of a group, inherited ones included. A group that the map does not know has none. */
  rulesOf(group: string): GroupRules
  defines(group: string): boolean
  /** The permissions that the map knows. No other is ever allowed. */
  readonly known: Bits
  /** The gate of each permission, by a key that equal gates share. */
  readonly gateKeys: readonly string[]
  gateOf(place: number): Term
}

/** The rules of a group. `conditional` are permissions that some rule allows under a condition. */
export interface GroupRules {
  readonly allowed: Bits
  readonly denied: Bits
  readonly conditional: Bits
  readonly conditions: ReadonlySet<ConditionalRule>
}

/** A rule that allows the permissions from `start` until `end` where its term holds. */
interface ConditionalRule {
  readonly start: number
  readonly end: number
  readonly term: Term
}

/** Reads a map. `permissions` are sorted by code units. With `refusesUnknown`, a group that the map does not know denies everything. */
export function readAccess(groups: Groups, permissions: readonly string[], refusesUnknown: boolean): AccessTable {
  const size = permissions.length
  const places = new Map(permissions.map((permission, place) => [permission, place]))
  const known = new Bits(size)
  for (const permission of groups.permissions) known.add(places.get(permission) ?? 0)
  const trusted = [...groups.options.trustedClaims].sort().join()

  const findRange = (rule: string): readonly [start: number, end: number] => {
    if (rule === '*') return [0, size]
    if (rule.endsWith('*')) {
      const prefix = rule.slice(0, -1)
      // `/` follows the dot.
      return [countBelow(permissions, prefix), countBelow(permissions, `${prefix.slice(0, -1)}/`)]
    }
    const place = places.get(rule)
    return place === undefined ? [0, 0] : [place, place + 1]
  }

  const createRules = () => ({
    allowed: new Bits(size),
    denied: new Bits(size),
    conditional: new Bits(size),
    conditions: new Set<ConditionalRule>(),
  })
  const tables = new Map<string, GroupRules>()
  const read = (name: string): GroupRules => {
    const rules = createRules()
    const { allow = [], deny = [], inherits = [] } = groups.definitions[name] ?? {}
    for (const rule of allow) {
      const { permission, when } = typeof rule === 'string' ? { permission: rule, when: undefined } : rule
      const [start, end] = findRange(permission)
      if (when === undefined) rules.allowed.addRange(start, end)
      else {
        rules.conditional.addRange(start, end)
        rules.conditions.add({ start, end, term: toTerm(when, trusted) })
      }
    }
    for (const rule of deny) rules.denied.addRange(...findRange(rule))
    for (const parent of inherits) {
      const inherited = tables.get(parent)
      if (inherited === undefined) continue
      rules.allowed.addAll(inherited.allowed)
      rules.denied.addAll(inherited.denied)
      rules.conditional.addAll(inherited.conditional)
      for (const condition of inherited.conditions) rules.conditions.add(condition)
    }
    rules.allowed.keepOnly(known)
    rules.conditional.keepOnly(known)
    return rules
  }
  for (const name of parentsFirst(groups)) tables.set(name, read(name))
  const unknown = createRules()
  if (refusesUnknown) unknown.denied.addRange(0, size)

  const gates = new Map<string, Term>()
  const required = Object.entries(groups.options.require).flatMap(([rule, condition]) =>
    condition === undefined ? [] : [{ range: findRange(rule), term: toTerm(condition, trusted) }],
  )
  const gateKeys = permissions.map((_, place) => {
    const atoms = required.flatMap(({ range: [start, end], term }) => (place >= start && place < end ? term : []))
    const gate = [...new Map(atoms.map((atom) => [atom.key, atom])).values()]
    const key = toKey([gate])
    gates.set(key, gate)
    return key
  })
  return {
    known,
    gateKeys,
    gateOf: (place) => gates.get(gateKeys[place] ?? '') ?? [],
    defines: (group) => tables.has(group),
    rulesOf: (group) => tables.get(group) ?? unknown,
  }
}

/** When a group's own rules, without its denies, allow a permission. */
export function readFormula({ allowed, conditions }: GroupRules, place: number): Formula {
  if (allowed.has(place)) return always
  return Array.from(conditions).flatMap(({ start, end, term }) => (place >= start && place < end ? [term] : []))
}

/** A key that equal formulas share. */
export function toKey(formula: Formula): string {
  const terms = formula.map((term) =>
    term
      .map(({ key }) => key)
      .sort()
      .join(' & '),
  )
  return JSON.stringify(terms.sort())
}

/** How many names of a sorted list come before this one. */
function countBelow(sorted: readonly string[], name: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < name) low = middle + 1
    else high = middle
  }
  return low
}

/** The groups, each after those it inherits from; without recursion, since chains may be long. */
function parentsFirst({ names, definitions }: Groups): Iterable<string> {
  const done = new Set<string>()
  const left = [...names].reverse()
  for (let name = left.at(-1); name !== undefined; name = left.at(-1)) {
    const missing = (definitions[name]?.inherits ?? []).filter((parent) => !done.has(parent))
    if (missing.length > 0 && !done.has(name)) left.push(...missing)
    else {
      done.add(name)
      left.pop()
    }
  }
  return done
}

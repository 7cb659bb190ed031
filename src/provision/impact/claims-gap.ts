import type { Claims } from '../../internal/claims.ts'
import type { Condition, Predicate, Scalar } from '../../permissions/index.ts'

/** One test of a condition. Atoms with the same key hold for the same callers. */
export type Atom = { readonly key: string } & (
  | { readonly kind: 'equals'; readonly claim: string; readonly values: readonly Scalar[]; readonly keys: Set<string> }
  | { readonly kind: 'maxAge'; readonly claim: string; readonly maxAge: number }
  | { readonly kind: 'predicate'; readonly claim: string | undefined }
)

/** Tests that must all hold. Without any it always holds. */
export type Term = readonly Atom[]

/** Terms of which one must hold. Without any it never holds. */
export type Formula = readonly Term[]

/** What always holds. */
export const always: Formula = Object.freeze([[]])

/** Claims for which one condition holds and another does not. */
export interface Gap {
  /** Undefined where the caller must have none at all. */
  readonly claims: Claims | undefined
  /** Milliseconds since the epoch, where the time has a say. */
  readonly now?: number
  /** False where a predicate has a say, or where the search was given up. */
  readonly proved: boolean
}

/** The tests of a condition. `trusted` stands for the claims that its predicates see. */
export function toTerm(condition: Condition, trusted: string): Term {
  if (typeof condition === 'function') return [predicateAtom(undefined, condition, trusted)]
  return Object.entries(condition).map(([claim, test]): Atom => {
    if (typeof test === 'function') return predicateAtom(claim, test, trusted)
    if (typeof test === 'object' && 'maxAge' in test) {
      return { kind: 'maxAge', claim, maxAge: test.maxAge, key: `age:${test.maxAge}` }
    }
    const listed: readonly Scalar[] = Array.isArray(test) ? test : [test as Scalar]
    // `scope` is text that is split at spaces: what is no text, or holds a space, equals no part of it.
    const values =
      claim === 'scope' ? listed.filter((value) => typeof value === 'string' && !value.includes(' ')) : listed
    const keys = new Set(values.map(keyOf))
    return { kind: 'equals', claim, values, keys, key: `is:${claim}:${JSON.stringify([...keys].sort())}` }
  })
}

/** Predicates of the same text count as the same: what they close over cannot be compared. */
function predicateAtom(claim: string | undefined, test: Predicate<never>, trusted: string): Atom {
  return { kind: 'predicate', claim, key: `predicate:${claim ?? ''}:${trusted}:${predicateKey(test)}` }
}

const ids = new WeakMap<Predicate<never>, number>()
let lastId = 0

/** A predicate's text. All bound and built-in functions have the same one, so each of them counts as another. */
export function predicateKey(test: Predicate<never>): string {
  const text = String(test)
  if (!/\{\s*\[native code\]\s*\}\s*$/.test(text)) return text
  const id = ids.get(test) ?? ++lastId
  ids.set(test, id)
  return `native:${id}`
}

/** `===` as a key. */
function keyOf(value: Scalar): string {
  return `${typeof value}:${Object.is(value, -0) ? 0 : value}`
}

/** How many sets of claims are tried before the search is given up. */
const mostTries = 5000

/**
 * Claims for which `now` and its gate hold, and `before` or its gate does not; undefined where there are none. What needs the
 * fewest claims is preferred, and what is proved to what is not.
 */
export function findGap(now: Formula, nowGate: Term, before: Formula, beforeGate: Term): Gap | undefined {
  let best: Gap | undefined
  let tries = 0
  const keep = (found: Gap | undefined) => {
    if (found !== undefined && (best === undefined || isBetter(found, best))) best = found
  }
  for (const term of now) {
    const wanted = [...term, ...nowGate]
    if (findClaims(wanted, []) === undefined) continue
    for (const atom of beforeGate) keep(findClaims(wanted, [atom]))
    // One test of each term of the old formula must fail.
    const refute = (index: number, unwanted: Term): void => {
      const next = before[index]
      if (next === undefined) keep(findClaims(wanted, unwanted))
      for (const atom of next ?? []) {
        if (++tries > mostTries) return
        const more = [...unwanted, atom]
        if (findClaims(wanted, more) !== undefined) refute(index + 1, more)
      }
    }
    refute(0, [])
    if (tries > mostTries && best === undefined) best = { claims: findClaims(wanted, [])?.claims, proved: false }
  }
  return best
}

function isBetter(found: Gap, best: Gap): boolean {
  if (found.proved !== best.proved) return found.proved
  return Object.keys(found.claims ?? {}).length < Object.keys(best.claims ?? {}).length
}

/** The claims of tokens that hold one value; Cognito writes no lists there. */
const singleClaims = new Set(
  'acr auth_time client_id exp iat iss sub token_use email email_verified phone_number phone_number_verified'.split(
    ' ',
  ),
)

/** What must be true of one claim. */
interface Wanted {
  readonly lists: (readonly Scalar[])[]
  maxAge: number
}

/** Claims for which all of `wanted` hold and none of `unwanted`; undefined where there are none. */
export function findClaims(wanted: Term, unwanted: Term): Gap | undefined {
  const all = [...wanted, ...wanted.flatMap(impliedBy)]
  const held = new Set(all.map(({ key }) => key))
  if (unwanted.some(({ key }) => held.has(key))) return undefined
  const hasPredicate = all.some(({ kind }) => kind === 'predicate')
  const refutesPredicate = unwanted.some(({ kind }) => kind === 'predicate')
  // Without claims no condition holds, whatever its predicates do.
  if (all.length === 0 && refutesPredicate) return { claims: undefined, proved: true }
  const byClaim = new Map<string, Wanted>()
  for (const atom of all) {
    if (atom.kind === 'predicate') continue
    const entry = byClaim.get(atom.claim) ?? { lists: [], maxAge: Infinity }
    byClaim.set(atom.claim, entry)
    if (atom.kind === 'equals') entry.lists.push(atom.values)
    else entry.maxAge = Math.min(entry.maxAge, atom.maxAge)
  }
  const claims: Record<string, unknown> = Object.create(null)
  let now: number | undefined
  for (const [claim, { lists, maxAge }] of byClaim) {
    const excluded = new Set<string>()
    let minAge = 0
    for (const atom of unwanted) {
      if (atom.kind === 'equals' && atom.claim === claim) for (const key of atom.keys) excluded.add(key)
      if (atom.kind === 'maxAge' && atom.claim === claim) minAge = Math.max(minAge, atom.maxAge + 1)
    }
    if (minAge > maxAge) return undefined
    const isTime = maxAge < Infinity
    const left = lists.map((list) =>
      list.filter((value) => !excluded.has(keyOf(value)) && (!isTime || typeof value === 'number')),
    )
    const value =
      lists.length > 0 ? chooseValue(claim, left) : isTime ? chooseTime(1_800_000_000 - minAge, excluded) : undefined
    if (value === undefined) return undefined
    claims[claim] = value
    if (claim === 'auth_time' && typeof value === 'number' && (isTime || minAge > 0)) now = (value + minAge) * 1000
  }
  return { claims: { ...claims }, ...(now !== undefined && { now }), proved: !hasPredicate && !refutesPredicate }
}

/** A test of an address needs the address verified. */
function impliedBy(atom: Atom): Term {
  const isAddress = atom.claim === 'email' || atom.claim === 'phone_number'
  return isAddress && atom.kind !== 'predicate' ? toTerm({ [`${atom.claim}_verified`]: true }, '') : []
}

/** The latest time, in seconds, that is not excluded. */
function chooseTime(latest: number, excluded: ReadonlySet<string>): number {
  let time = latest
  while (excluded.has(keyOf(time))) time--
  return time
}

/** A value of a claim that has one of each list; undefined where there is none. */
function chooseValue(claim: string, lists: readonly (readonly Scalar[])[]): Scalar | readonly Scalar[] | undefined {
  if (singleClaims.has(claim)) return lists[0]?.find((value) => lists.every((list) => list.includes(value)))
  const chosen: Scalar[] = []
  for (const list of lists) {
    if (list.some((value) => chosen.includes(value))) continue
    const uses = (value: Scalar) => lists.filter((other) => other.includes(value)).length
    const best = list.toSorted((a, b) => uses(b) - uses(a))[0]
    if (best === undefined) return undefined
    chosen.push(best)
  }
  if (claim === 'scope') return chosen.join(' ')
  const [only] = chosen
  return chosen.length === 1 ? only : chosen
}

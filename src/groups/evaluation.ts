import { isJsonObject } from '../encoding.ts'
import { isPromised } from '../internal/promises.ts'
import { type Claims, claim as own } from '../principal.ts'
import type { Test } from './condition.ts'

/** What conditions are evaluated against. */
export interface DecisionContext {
  /** The caller's claims; without them no condition holds. */
  readonly claims?: Claims | undefined
  /** What the function is to be done to, for predicates. Not a promise: none holds for one, so await it before. */
  readonly resource?: unknown
  /** Milliseconds since the epoch; default `Date.now()`. */
  readonly now?: number | undefined
}

/** Why a test does not hold, by the claim's name: never its value, never the expected one. */
export interface Failure {
  /** The claim; absent where a predicate on all claims did not hold. */
  readonly claim?: string
  readonly kind: Test['kind']
}

/** Evaluates tests; undefined where one holds. Only the claims in `usable` count. */
export function evaluator(usable: ReadonlySet<string>): (test: Test, context: DecisionContext) => Failure | undefined {
  return (test, context) => {
    const { kind, claim } = test
    try {
      if (holds(test, usable, context)) return undefined
    } catch {
      // What cannot be evaluated does not hold.
    }
    return { kind, ...(claim !== undefined && { claim }) }
  }
}

function holds(
  { kind, claim, expected }: Test,
  usable: ReadonlySet<string>,
  { claims, resource, now = Date.now() }: DecisionContext,
): boolean {
  if (!isJsonObject(claims) || isPromised(claims)) return false
  if (kind === 'predicate') {
    // One that denies by what it is given would not notice that it is not there yet.
    if (isPromised(resource) || !Number.isFinite(now)) return false
    const view = viewOf(claims, usable)
    const value = claim === undefined ? view : view[claim]
    const result: unknown = value !== undefined && expected(value, { claims: view, resource, now })
    // An asynchronous predicate does not hold, and its rejection must not go unhandled.
    if (typeof result === 'object') Promise.resolve(result).catch(() => {})
    return result === true
  }
  const value = claim === undefined ? undefined : read(claims, claim)
  if (kind === 'maxAge') {
    return typeof value === 'number' && value * 1000 <= now && now / 1000 - value <= expected.maxAge
  }
  const held = claim === 'scope' && typeof value === 'string' ? value.split(' ') : value
  return expected.some((wanted) => (Array.isArray(held) ? held.includes(wanted) : held === wanted))
}

/** The usable claims and nothing else, however a predicate looks: a proxy would have to answer for every way. */
function viewOf(claims: Claims, usable: ReadonlySet<string>): Claims {
  const view: Record<string, unknown> = Object.create(null)
  for (const name of usable) {
    const value = read(claims, name)
    if (value !== undefined) view[name] = value
  }
  return Object.freeze(view)
}

/** A claim; undefined where it states what Cognito would have to verify, and has not. Throws where it is a promise. */
function read(claims: Claims, name: string): unknown {
  if (/^(email|phone_number)$/.test(name) && own(claims, `${name}_verified`) !== true) return undefined
  const value = own(claims, name)
  if (isPromised(value)) throw new TypeError('A claim is no promise.')
  return value
}

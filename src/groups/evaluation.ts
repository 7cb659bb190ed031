import { type Claims, claim as own } from '../principal.ts'
import type { PredicateContext, Test } from './condition.ts'

/** What conditions are evaluated against. */
export interface DecisionContext {
  /** The caller's claims; without them no condition holds. */
  readonly claims?: Claims | undefined
  /** What the function is to be done to; handed to predicates as it is. */
  readonly resource?: unknown
  /** Milliseconds since the epoch; default `Date.now()`. */
  readonly now?: number | undefined
}

/** Why a test does not hold, by the claim's name: never its value, never the expected one. */
export interface Failure {
  /** The claim; absent where a predicate on all claims did not hold. */
  readonly claim?: string
  /** The kind of test; `untrusted` where a predicate read a claim that conditions may not use. */
  readonly kind: Test['kind'] | 'untrusted'
}

/** Evaluates tests; undefined where one holds. Only the claims in `usable` count. */
export function evaluator(usable: ReadonlySet<string>): (test: Test, context: DecisionContext) => Failure | undefined {
  return (test, { claims, resource, now = Date.now() }) => {
    const { kind, claim } = test
    let failure: Failure = { kind, ...(claim !== undefined && { claim }) }
    if (!claims) return failure
    let trusted = true
    const read = (name: string): unknown => {
      if (usable.has(name) && isVerified(claims, name)) return own(claims, name)
      trusted = false
      failure = { kind: 'untrusted', claim: name }
      throw new TypeError('Conditions may not use this claim.')
    }
    try {
      const view = kind === 'predicate' ? new Proxy(claims, { get: (_, name) => read(String(name)) }) : claims
      const value = claim === undefined ? view : isVerified(claims, claim) ? own(claims, claim) : undefined
      const result = value !== undefined && holds(test, value, { claims: view, resource, now })
      if (result === true && trusted) return undefined
      // An asynchronous predicate does not hold, and its rejection must not go unhandled.
      if (typeof result === 'object') Promise.resolve(result).catch(() => {})
    } catch {
      // What cannot be evaluated does not hold.
    }
    return failure
  }
}

function holds({ kind, claim, expected }: Test, value: unknown, context: PredicateContext): unknown {
  if (kind === 'predicate') return expected(value, context)
  if (kind === 'maxAge') {
    const { now } = context
    return typeof value === 'number' && value * 1000 <= now && now / 1000 - value <= expected.maxAge
  }
  const held = claim === 'scope' && typeof value === 'string' ? value.split(' ') : value
  return expected.some((wanted) => (Array.isArray(held) ? held.includes(wanted) : held === wanted))
}

/** Whether Cognito has verified what the claim states, where that is in question. */
function isVerified(claims: Claims, name: string): boolean {
  return !/^(email|phone_number)$/.test(name) || own(claims, `${name}_verified`) === true
}

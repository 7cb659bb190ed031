import type { Claims } from '../principal.ts'
import type { Test } from './condition.ts'

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
  return ({ kind, claim, holds }, { claims, resource, now = Date.now() }) => {
    const failure = { kind, ...(claim === undefined ? {} : { claim }) }
    if (!claims) return failure
    let untrusted: string | undefined
    const read = (name: string): unknown => {
      if (usable.has(name) && isVerified(claims, name)) return own(claims, name)
      untrusted = name
      throw new TypeError('Conditions may not use this claim.')
    }
    try {
      const view = kind === 'predicate' ? new Proxy(claims, { get: (_, name) => read(String(name)) }) : claims
      const value = claim === undefined ? view : isVerified(claims, claim) ? own(claims, claim) : undefined
      const result = value !== undefined && holds(value, { claims: view, resource, now })
      if (result === true && untrusted === undefined) return undefined
      // An asynchronous predicate does not hold, and its rejection must not go unhandled.
      if (typeof result === 'object') Promise.resolve(result).catch(() => {})
    } catch {
      // What cannot be evaluated does not hold.
    }
    return untrusted === undefined ? failure : { kind: 'untrusted', claim: untrusted }
  }
}

function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** Whether Cognito has verified what the claim states, where that is in question. */
function isVerified(claims: Claims, name: string): boolean {
  return !/^(email|phone_number)$/.test(name) || own(claims, `${name}_verified`) === true
}

import { type Claims, claim as own } from '../internal/claims.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { unknownName } from '../internal/options.ts'
import { isPromised } from '../internal/promises.ts'
import type { ConditionFailure, DecisionContext, Predicate, Scalar } from './types.ts'

/** One test of a condition, copied from it: what a claim must be. A predicate without a claim takes all of them. */
export type Test = { readonly claim?: string } & (
  | { readonly kind: 'equals'; readonly expected: readonly Scalar[] }
  | { readonly kind: 'maxAge'; readonly expected: { readonly maxAge: number } }
  | { readonly kind: 'predicate'; readonly expected: Predicate<unknown> }
)

/** Evaluates a test; undefined if it holds. */
export type Evaluate = (test: Test, context: DecisionContext) => ConditionFailure | undefined

/** The claims that conditions may use: those that no user can write, and those that are trusted. */
export function usableClaims(trustedClaims: readonly string[]): ReadonlySet<string> {
  const tokenClaims = 'acr amr aud auth_time client_id exp iat iss scope sub token_use'
  return new Set([...tokenClaims.split(' '), ...trustedClaims])
}

/** Evaluates tests with the claims in `usable`, as if there were no others. */
export function createEvaluator(usable: ReadonlySet<string>): Evaluate {
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

function holds({ kind, claim, expected }: Test, usable: ReadonlySet<string>, context: DecisionContext): boolean {
  const { claims, resource, now = Date.now() } = context
  if (!isJsonObject(claims) || isPromised(claims)) return false
  if (kind === 'predicate') {
    // A predicate that denies by what it is given would not notice that the value is not there yet.
    if (isPromised(resource) || !Number.isFinite(now)) return false
    // Nor would it notice that the name is misspelt.
    if (unknownName(context, ['claims', 'resource', 'now']) !== undefined) return false
    const view = copyUsable(claims, usable)
    const value = claim === undefined ? view : view[claim]
    const result: unknown = value !== undefined && expected(value, { claims: view, resource, now })
    // An asynchronous predicate does not hold, and its rejection must not go unhandled.
    if (typeof result === 'object') Promise.resolve(result).catch(() => {})
    return result === true
  }
  const value = claim === undefined ? undefined : readClaim(claims, claim)
  if (kind === 'maxAge') {
    return typeof value === 'number' && value * 1000 <= now && now / 1000 - value <= expected.maxAge
  }
  const held = claim === 'scope' && typeof value === 'string' ? value.split(' ') : value
  return expected.some((wanted) => (Array.isArray(held) ? held.includes(wanted) : held === wanted))
}

/** The usable claims and nothing else, however a predicate looks. A proxy would have to answer for every way to look. */
function copyUsable(claims: Claims, usable: ReadonlySet<string>): Claims {
  const view: Record<string, unknown> = Object.create(null)
  for (const name of usable) {
    const value = readClaim(claims, name)
    if (value !== undefined) view[name] = value
  }
  return Object.freeze(view)
}

/** A claim; undefined if Cognito would have to verify it and has not. Throws if it is a promise. */
function readClaim(claims: Claims, name: string): unknown {
  if (/^(email|phone_number)$/.test(name) && own(claims, `${name}_verified`) !== true) return undefined
  const value = own(claims, name)
  if (isPromised(value)) throw new TypeError('A claim is no promise.')
  return value
}

import type { Claims } from '../principal.ts'
import { member, must } from './names.ts'
import { entriesOf, isCount, listOf } from './shapes.ts'

/** A value that a claim can be compared with; strictly, without conversion. */
export type Scalar = string | number | boolean

/** What a predicate may look at beside its first argument. */
export interface PredicateContext {
  /** The claims that conditions may use; reading any other throws, so that the condition does not hold. */
  readonly claims: Claims
  /** The `resource` given to the decision. */
  readonly resource: unknown
  /** The time of the decision, in milliseconds since the epoch. */
  readonly now: number
}

/** Holds on exactly `true`: not on a promise, and not where it throws. Must be synchronous. */
export type Predicate<V> = (value: V, context: PredicateContext) => boolean

/**
 * What one claim must be:
 * - a scalar: equal to it; an array: equal to any of its items. A claim that is an array needs one such item, and so
 *   does `scope`, read as a space-separated list (RFC 6749 section 3.3);
 * - `{ maxAge }`, for `auth_time` only: the sign-in is at most so many seconds old (OpenID Connect Core section
 *   3.1.2.1). A sign-in later than now is not recent but wrong, and does not hold;
 * - a predicate on the value, for example `(owner, { resource }) => …`; a claim that is absent never reaches it.
 */
export type ClaimTest = Scalar | readonly Scalar[] | { readonly maxAge: number } | Predicate<unknown>

/**
 * Claim name → test, all of which must hold, or one predicate on the claims: `(claims, { resource }) => …`.
 *
 * The token-level claims `acr`, `amr`, `aud`, `auth_time`, `client_id`, `exp`, `iat`, `iss`, `scope`, `sub` and
 * `token_use` may be used freely, every other only if it stands in `trustedClaims`: users can write most of their
 * attributes. `email` and `phone_number` also count only with `email_verified` or `phone_number_verified` exactly true.
 */
export type Condition = { readonly [claim: string]: ClaimTest } | Predicate<Claims>

/** One test of a condition. */
export interface Test {
  readonly kind: 'equals' | 'maxAge' | 'predicate'
  /** Absent where a predicate takes all claims. */
  readonly claim?: string
  /** The test as the definition has it, copied and frozen. */
  readonly expected: ClaimTest
  /** Of `equals`: the values, any of which it takes. */
  readonly values?: readonly Scalar[]
  /** Of `maxAge`, in seconds. */
  readonly maxAge?: number
  /** Holds where it returns exactly true; takes all claims where `claim` is absent. */
  readonly holds: (value: unknown, context: PredicateContext) => unknown
}

/** The claims that conditions may use: those that no user can write, and the trusted ones. */
export function usableClaims(trusted: readonly string[]): ReadonlySet<string> {
  return new Set([...'acr amr aud auth_time client_id exp iat iss scope sub token_use'.split(' '), ...trusted])
}

/** Reads a condition. Throws ConfigurationError with the place of the fault. */
export function readTests(path: string, input: unknown, usable: ReadonlySet<string>): readonly Test[] {
  if (isPredicate(input)) return [{ kind: 'predicate', expected: input, holds: input }]
  const tests = [...entriesOf(path, input)].map(([claim, expected]) => {
    const at = member(path, claim)
    must(at, usable.has(claim), 'a claim that users cannot write: name it in `trustedClaims` if it is one')
    return readTest(at, claim, expected)
  })
  must(path, tests.length > 0, 'a claim')
  return tests
}

/** The condition that the tests were read from. */
export function conditionOf(tests: readonly Test[]): Condition {
  const first = tests[0]?.claim === undefined ? tests[0]?.expected : undefined
  return typeof first === 'function'
    ? first
    : Object.freeze(Object.fromEntries(tests.map(({ claim = '', expected }) => [claim, expected])))
}

function readTest(path: string, claim: string, input: unknown): Test {
  if (isPredicate(input)) return { kind: 'predicate', claim, expected: input, holds: input }
  if (typeof input === 'object' && !Array.isArray(input)) {
    const maxAge = entriesOf(path, input, ['maxAge']).get('maxAge')
    must(path, claim === 'auth_time' && isCount(maxAge) && maxAge > 0, 'auth_time with a maxAge in seconds')
    return {
      kind: 'maxAge',
      claim,
      maxAge,
      expected: Object.freeze({ maxAge }),
      holds: (value, { now }) => typeof value === 'number' && value * 1000 <= now && now / 1000 - value <= maxAge,
    }
  }
  const values = listOf(path, Array.isArray(input) ? input : [input], scalar)
  must(path, values.length > 0, 'a value')
  return {
    kind: 'equals',
    claim,
    values,
    expected: values,
    holds: (value) => {
      const held = claim === 'scope' && typeof value === 'string' ? value.split(' ') : value
      return values.some((wanted) => (Array.isArray(held) ? held.includes(wanted) : held === wanted))
    },
  }
}

function scalar(path: string, value: unknown): Scalar {
  must(
    path,
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)),
    'a string, a number, a boolean, an array of them or a function',
  )
  return value
}

function isPredicate(value: unknown): value is Predicate<unknown> {
  return typeof value === 'function'
}

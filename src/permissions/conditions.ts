import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { isPromised } from '../internal/promises.ts'
import { claim as own, type Claims } from '../internal/claims.ts'
import { entriesOf, isCount, listOf, member } from './parse.ts'

/** A value that a claim can be compared with; strictly, without conversion. */
export type Scalar = string | number | boolean

/** What a predicate may look at beside its first argument. */
export interface PredicateContext {
  /** The claims that conditions may use, as a frozen object without a prototype. Any other claim is not in it. */
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
 * Predicates see just those claims: one that denies by a claim, such as `custom:suspended`, needs it in `trustedClaims`.
 */
export type Condition = { readonly [claim: string]: ClaimTest } | Predicate<Claims>

/** One test of a condition, copied from it: what a claim must be; a predicate without a claim takes all of them. */
export type Test = { readonly claim?: string } & (
  | { readonly kind: 'equals'; readonly expected: readonly Scalar[] }
  | { readonly kind: 'maxAge'; readonly expected: { readonly maxAge: number } }
  | { readonly kind: 'predicate'; readonly expected: Predicate<unknown> }
)

/** The claims that conditions may use: those that no user can write, and the trusted ones. */
export function usableClaims(trusted: readonly string[]): ReadonlySet<string> {
  return new Set([...'acr amr aud auth_time client_id exp iat iss scope sub token_use'.split(' '), ...trusted])
}

/** Reads a condition. Throws ConfigurationError with the place of the fault. */
export function readTests(path: string, input: unknown, usable: ReadonlySet<string>): readonly Test[] {
  if (isPredicate(input)) return [{ kind: 'predicate', expected: input }]
  const tests = [...entriesOf(path, input)].map(([claim, expected]) => {
    const at = member(path, claim)
    assertConfig(at, usable.has(claim), 'a claim that users cannot write, or one of `trustedClaims`')
    return readTest(at, claim, expected)
  })
  assertConfig(path, tests.length, 'a claim')
  return tests
}

/** The condition that the tests were read from. */
export function conditionOf(tests: readonly Test[]): Condition {
  const all = tests.find((test) => test.kind === 'predicate' && test.claim === undefined)
  return all?.kind === 'predicate'
    ? all.expected
    : Object.fromEntries(tests.map(({ claim = '', expected }) => [claim, expected]))
}

function readTest(path: string, claim: string, input: unknown): Test {
  if (isPredicate(input)) return { claim, kind: 'predicate', expected: input }
  if (typeof input === 'object' && !Array.isArray(input)) {
    const maxAge = entriesOf(path, input, ['maxAge']).get('maxAge')
    assertConfig(path, claim === 'auth_time' && isCount(maxAge) && maxAge, 'auth_time with a maxAge in seconds')
    return { claim, kind: 'maxAge', expected: { maxAge } }
  }
  const expected = listOf(path, Array.isArray(input) ? input : [input], scalar)
  assertConfig(path, expected.length, 'a value')
  return { claim, kind: 'equals', expected }
}

function scalar(path: string, value: unknown): Scalar {
  assertConfig(
    path,
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)),
    'a string, number or boolean, an array of them, or a function',
  )
  return value
}

function isPredicate(value: unknown): value is Predicate<unknown> {
  return typeof value === 'function'
}

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

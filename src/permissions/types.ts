import type { Claims } from '../internal/claims.ts'

/** `*` for every known permission, or `posts.*` for every one below `posts.`, at any depth. */
export type Wildcard = '*' | `${string}.*`

/** A permission that a group grants: its name or a wildcard, always or only under a condition. */
export type AllowRule<N extends string = string> = N | { readonly permission: N; readonly when?: Condition }

/**
 * What a group may do. `N` are the names that rules may use, `G` the groups that it may inherit from.
 *
 * @example
 * ```ts
 * const editor: GroupDefinition = { inherits: ['viewer'], allow: ['posts.*'], deny: ['posts.purge'], precedence: 20 }
 * ```
 */
export interface GroupDefinition<N extends string = string, G extends string = string> {
  /** Groups whose rules, denies included, are this group's too. */
  readonly inherits?: readonly G[] | undefined
  /** What the group may do, unless any group of the caller denies it. */
  readonly allow?: readonly AllowRule<N>[] | undefined
  /** What no member of the group may do, whatever other groups allow. A deny has no condition. */
  readonly deny?: readonly N[] | undefined
  /** The group's rank in the pool, an integer from 0; 0 is the highest. It never decides what is allowed. */
  readonly precedence?: number | undefined
  /** The group's description in the pool. */
  readonly description?: string | undefined
}

/** A group of a cognises `group_detail` file. */
export interface CognisesGroup<N extends string = string, G extends string = string> {
  readonly group_name: G
  /** The policy of the group's IAM role; never read here. */
  readonly group_policy?: unknown
  /** True, false, 'true' or 'false'. It is checked and has no effect here. */
  readonly created?: string | boolean | undefined
  /** The permissions of the group: cognises calls them functions. */
  readonly allowed_functions: readonly N[]
  /** The group's rank in the pool, an integer from 0; 0 is the highest. */
  readonly precedence?: number | undefined
  /** The group's description in the pool. */
  readonly description?: string | undefined
}

/** `P` are the names of `permissions`, `K` those that `require` may name. */
export interface GroupsOptions<P extends string = string, K extends string = string> {
  /** Every permission there is. Default: the names in the definitions that are not wildcards. */
  readonly permissions?: readonly P[] | undefined
  /**
   * Gates: permission or wildcard → a condition that must hold for everyone, whichever group grants the permission.
   * Default: none.
   */
  readonly require?: { readonly [N in K | Wildcard]?: Condition } | undefined
  /** Claims that conditions may use beside the token-level ones, because users cannot write them. Default: none. */
  readonly trustedClaims?: readonly string[] | undefined
}

/** A value that a claim is compared with. The comparison is strict: nothing is converted. */
export type Scalar = string | number | boolean

/** What a predicate may look at beside its first argument. */
export interface PredicateContext {
  /** The claims that conditions may use, as a frozen object without a prototype. It holds no other claim. */
  readonly claims: Claims
  /** The `resource` given to the decision. */
  readonly resource: unknown
  /** The time of the decision, in milliseconds since the epoch. */
  readonly now: number
}

/** Holds if it returns exactly `true`. It must be synchronous; a promise or an error counts as "does not hold". */
export type Predicate<V> = (value: V, context: PredicateContext) => boolean

/**
 * What one claim must be:
 * - a scalar: the claim equals it. An array: the claim equals one of its items. If the claim itself is an array, one of
 *   its items must match; `scope` is read as a space-separated list (RFC 6749 section 3.3).
 * - `{ maxAge }`, for `auth_time` only: the user signed in at most so many seconds ago (OpenID Connect Core section
 *   3.1.2.1). A sign-in in the future does not count.
 * - a predicate on the value, such as `(owner, { resource }) => …`. It is not called if the claim is absent.
 *
 * @example
 * ```ts
 * const condition: Condition = {
 *   'custom:tier': ['gold', 'platinum'],
 *   auth_time: { maxAge: 900 },
 *   sub: (sub, { resource }) => sub === resource,
 * }
 * ```
 */
export type ClaimTest = Scalar | readonly Scalar[] | { readonly maxAge: number } | Predicate<unknown>

/**
 * Claim name → test, where every test must hold, or one predicate on the claims: `(claims, { resource }) => …`.
 *
 * The token-level claims `acr`, `amr`, `aud`, `auth_time`, `client_id`, `exp`, `iat`, `iss`, `scope`, `sub` and
 * `token_use` may be used freely. Any other claim must be in `trustedClaims`, since users can write most of their
 * attributes. `email` and `phone_number` count only if `email_verified` or `phone_number_verified` is exactly true.
 * Predicates see only these claims: a predicate that denies by a claim such as `custom:suspended` needs it in
 * `trustedClaims`.
 *
 * @example
 * ```ts
 * const recent: Condition = { auth_time: { maxAge: 900 }, amr: 'mfa' }
 * const own: Condition = ({ sub }, { resource }) => sub === resource
 * ```
 */
export type Condition = { readonly [claim: string]: ClaimTest } | Predicate<Claims>

/** What conditions are evaluated against. */
export interface DecisionContext {
  /** The caller's claims. Without them no condition holds. */
  readonly claims?: Claims | undefined
  /** What the caller wants to act on, for predicates. Await it first: with a promise, no predicate holds. */
  readonly resource?: unknown
  /** Milliseconds since the epoch. Default: `Date.now()`. */
  readonly now?: number | undefined
}

/** Why a condition does not hold. It names the claim, never its value or the expected one. */
export interface ConditionFailure {
  /** The claim; absent if a predicate on all claims did not hold. */
  readonly claim?: string
  readonly kind: 'equals' | 'maxAge' | 'predicate'
}

/** A condition that did not hold, and where it stands. */
export interface FailedCondition extends ConditionFailure {
  readonly at: 'when' | 'require'
  /** The allow rule, or the key of `require`, that the condition belongs to. */
  readonly rule: string
  /** The group that the allow rule stands in; absent for a gate. */
  readonly group?: string
}

/** A rule that led to a decision. Frozen, since several explanations share it. */
export interface MatchedRule {
  readonly effect: 'allow' | 'deny'
  /** As the definition has it: a name or a wildcard. */
  readonly rule: string
  /** The group that the rule stands in. */
  readonly group: string
  /** From the caller's group to `group` by inheritance, both included; one name if the caller is a member of it. */
  readonly via: readonly string[]
}

/**
 * The reason for a decision:
 * - `ALLOW`: an allow rule applies, and every condition holds;
 * - `DENY_EXPLICIT`: a deny rule applies;
 * - `DENY_CONDITION`: an allow rule applies, but its condition, or a gate of the permission, does not hold;
 * - `NO_GROUPS`: the caller has no groups;
 * - `DENY_DEFAULT`: nothing allows it, or there is no such permission.
 */
export type DecisionCode = 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_DEFAULT' | 'DENY_CONDITION' | 'NO_GROUPS'

/** Whether a caller's groups grant a permission, and why. Plain data, fit for JSON. */
export interface Decision {
  readonly allowed: boolean
  readonly code: DecisionCode
  readonly permission: string
  /** The caller's groups, as given. */
  readonly groups: readonly string[]
  /** The deny rules of `DENY_EXPLICIT`; otherwise the allow rules that apply, or would if a condition held. */
  readonly matched?: readonly MatchedRule[]
  /** The conditions that did not hold, of `DENY_CONDITION`. */
  readonly failed?: readonly FailedCondition[]
  /** From `explain` only: groups any one of which, added to the caller's, would allow it in the same context. */
  readonly wouldAllow?: readonly string[]
}

/** A decision with all its reasons. */
export type Explanation = Required<Decision>

/** A decision with its reasons except `wouldAllow`, which takes longer the more groups there are. */
export type ReasonedDecision = Omit<Explanation, 'wouldAllow'>

/** What a new sign-in must bring (RFC 9470 section 3). */
export interface StepUp {
  /** The greatest age of the sign-in, in seconds (`max_age`). */
  readonly maxAge?: number
  /** Authentication contexts, one of which it must have (`acr_values`). */
  readonly acrValues?: readonly string[]
}

/** What groups do with a permission, as far as that is known without claims. `deny` also if nothing allows it. */
export type Access = 'allow' | 'deny' | 'conditional'

/**
 * Compiled groups: what the members of which groups may do. `P` are the names of the permissions, `G` those of the groups.
 *
 * `memberOf` is always the names of **all** the caller's groups. A group that is not defined grants nothing, and a
 * permission that is not known is never allowed.
 */
export interface Groups<P extends string = string, G extends string = string> {
  /** Every known permission. */
  readonly permissions: readonly P[]
  /** Every defined group. */
  readonly names: readonly G[]
  /** The definitions in their full form, frozen. Together with `options` they can be given to `defineGroups` again. */
  readonly definitions: { readonly [K in G]: GroupDefinition<P | Wildcard, G> }
  /** The options in their full form, frozen. */
  readonly options: Required<GroupsOptions<P, P>>
  /** Whether there is a permission of this name. */
  knows(name: string): name is P
  /**
   * Whether the groups grant the permission. Never throws.
   *
   * @example
   * ```ts
   * groups.can(['viewer', 'editor'], 'posts.write')
   * groups.can(principal.groups, 'posts.edit', { claims: principal.claims, resource: post.owner })
   * ```
   */
  can(memberOf: readonly string[], permission: P, context?: DecisionContext): boolean
  /** The decision with the rules behind it. Takes any name, and never throws. */
  decide(memberOf: readonly string[], permission: string, context?: DecisionContext): ReasonedDecision
  /**
   * The decision with all its reasons: for people and reports, not for every request. Takes any name, and never throws.
   *
   * @example
   * ```ts
   * const { code, matched, wouldAllow } = groups.explain(['viewer'], 'posts.write')
   * // 'DENY_DEFAULT', [], ['editor', 'admin']
   * ```
   */
  explain(memberOf: readonly string[], permission: string, context?: DecisionContext): Explanation
  /** What a new sign-in must bring to get the permission; undefined if it is granted already, or a sign-in cannot help. */
  stepUp(memberOf: readonly string[], permission: string, context?: DecisionContext): StepUp | undefined
  /**
   * Permission → what the groups do with it.
   *
   * @example
   * ```ts
   * groups.effective(['viewer'])   // { 'posts.read': 'allow', 'posts.write': 'deny', … }
   * ```
   */
  effective(memberOf: readonly string[]): { readonly [K in P]: Access }
  /** Group → permission → what that group alone does with it. */
  matrix(): { readonly [K in G]: { readonly [L in P]: Access } }
}

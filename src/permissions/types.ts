import type { Condition, DecisionContext } from './conditions.ts'
import type { Explanation, ReasonedDecision, StepUp } from './decide.ts'

/** `*` for every known function, or `posts.*` for every one below `posts.`, at any depth. */
export type Wildcard = '*' | `${string}.*`

/** A function that a group may use: its name or a wildcard, everywhere or only under a condition. */
export type AllowRule<N extends string = string> = N | { readonly permission: N; readonly when?: Condition }

/** What a group may do. `N` are the names that rules may use, `P` the groups that may be inherited. */
export interface GroupDefinition<N extends string = string, P extends string = string> {
  /** Groups whose rules, denies included, are this group's too. */
  readonly inherits?: readonly P[] | undefined
  /** What the group may do, unless any group of the caller denies it. */
  readonly allow?: readonly AllowRule<N>[] | undefined
  /** What nobody in the group may do, whatever other groups allow. Without conditions. */
  readonly deny?: readonly N[] | undefined
  /** The group's rank in the pool, an integer from 0, the lowest is the highest. It never decides what is allowed. */
  readonly precedence?: number | undefined
  /** The group's description in the pool. */
  readonly description?: string | undefined
}

/** A group of a cognises `group_detail` file. */
export interface CognisesGroup<N extends string = string, G extends string = string> {
  readonly group_name: G
  /** The policy of the group's IAM role; never read here. */
  readonly group_policy?: unknown
  /** True, false, 'true' or 'false'; checked, and of no effect here. */
  readonly created?: string | boolean | undefined
  readonly allowed_functions: readonly N[]
  /** The group's rank in the pool, an integer from 0, the lowest is the highest. */
  readonly precedence?: number | undefined
  /** The group's description in the pool. */
  readonly description?: string | undefined
}

/** `N` are the names of `permissions`, `K` those that may stand in `require`. */
export interface GroupsOptions<N extends string = string, K extends string = string> {
  /** Every function there is. Default: the names in the definitions that are not wildcards. */
  readonly permissions?: readonly N[] | undefined
  /**
   * Gates: function name or wildcard → the condition under which alone it may be used, whichever group allows it.
   * Default: none.
   */
  readonly require?: { readonly [F in K | Wildcard]?: Condition } | undefined
  /** Claims beyond the token-level ones that conditions may use, since no user can write them. Default: none. */
  readonly trustedClaims?: readonly string[] | undefined
}

/** What a caller may do with a function, as far as it can be said without claims; `deny` where nothing allows it. */
export type Access = 'allow' | 'deny' | 'conditional'

/**
 * Compiled groups: what members of which groups may do. `F` are the names of the permissions, `G` those of the groups.
 *
 * Everywhere `memberOf` are the names of all the caller's groups. A group that is not defined grants nothing, and a
 * function that is not known is never allowed.
 */
export interface Groups<F extends string = string, G extends string = string> {
  /** Every known function. To ask about them all for a caller, call `can` for each: answers are found once and kept. */
  readonly permissions: readonly F[]
  /** Every defined group. */
  readonly names: readonly G[]
  /** The definitions in their full form, frozen; with `options`, `defineGroups` makes the same of them again. */
  readonly definitions: { readonly [K in G]: GroupDefinition<F | Wildcard, G> }
  /** The options in their full form, frozen. */
  readonly options: Required<GroupsOptions<F, F>>
  /** Whether a function of this name is known. */
  knows(name: string): name is F
  /** Whether the groups allow the function. Never throws. */
  can(memberOf: readonly string[], fn: F, context?: DecisionContext): boolean
  /** The decision with the rules behind it. Takes any name, and never throws. */
  decide(memberOf: readonly string[], fn: string, context?: DecisionContext): ReasonedDecision
  /** The decision with all its reasons: for people and reports, not for every request. Takes any name, and never throws. */
  explain(memberOf: readonly string[], fn: string, context?: DecisionContext): Explanation
  /** What a fresh sign-in has to bring for the function to be allowed; undefined where it is, or anything else is missing. */
  stepUp(memberOf: readonly string[], fn: string, context?: DecisionContext): StepUp | undefined
  /** Function → what the groups may do with it. */
  effective(memberOf: readonly string[]): { readonly [K in F]: Access }
  /** Group → function → what members of that group alone may do with it. */
  matrix(): { readonly [K in G]: { readonly [L in F]: Access } }
}

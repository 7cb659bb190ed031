import type { Condition } from './condition.ts'

/** `*` for every known function, or `posts.*` for every one below `posts.`, at any depth. */
export type Wildcard = '*' | `${string}.*`

/** A function that a group may use: its name or a wildcard, everywhere or only under a condition. */
export type AllowRule<N extends string = string> = N | { readonly function: N; readonly when?: Condition }

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

/** `N` are the names of `functions`, `K` those that may stand in `require`. */
export interface GroupsOptions<N extends string = string, K extends string = string> {
  /** Every function there is. Default: the names in the definitions that are not wildcards. */
  readonly functions?: readonly N[] | undefined
  /**
   * Gates: function name or wildcard → the condition under which alone it may be used, whichever group allows it.
   * Default: none.
   */
  readonly require?: { readonly [F in K | Wildcard]?: Condition } | undefined
  /** Claims beyond the token-level ones that conditions may use, since no user can write them. Default: none. */
  readonly trustedClaims?: readonly string[] | undefined
}

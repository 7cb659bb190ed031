import type { GroupDefinition, GroupsOptions, Wildcard } from './definition.ts'
import type { Explanation, ReasonedDecision } from './decision.ts'
import type { DecisionContext } from './evaluation.ts'
import type { StepUp } from './step-up.ts'

/** What a caller may do with a function, as far as it can be said without claims; `deny` where nothing allows it. */
export type Access = 'allow' | 'deny' | 'conditional'

/**
 * Compiled groups: what members of which groups may do. `F` are the names of the functions, `G` those of the groups.
 *
 * Everywhere `memberOf` are the names of all the caller's groups. A group that is not defined grants nothing, and a
 * function that is not known is never allowed.
 */
export interface Groups<F extends string = string, G extends string = string> {
  /** Every known function. To ask about them all for a caller, call `can` for each: answers are found once and kept. */
  readonly functions: readonly F[]
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

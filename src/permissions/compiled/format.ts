import type { Scalar } from '../types.ts'

/** The version of the format. A loader takes no other. */
export const formatVersion = 1

/** Claim → the values it may have, or the greatest age of the sign-in in seconds. All must hold. */
export type CompiledTests = readonly (readonly [claim: string, expected: readonly Scalar[] | number])[]

/** A permission by its place in the list, or a wildcard or other name; with its condition where it has one. */
export type CompiledRule = number | string | readonly [name: number | string, tests: CompiledTests]

/** One group: parents by their place in the list of groups; what ends a row may be left out. */
export type CompiledGroup<G extends string = string> = readonly [
  name: G,
  allow: readonly CompiledRule[],
  deny: readonly (number | string)[],
  inherits: readonly number[],
  precedence?: number | null,
  description?: string | null,
]

/**
 * A map of groups that is checked already, as plain JSON: what `cognigate compile` and `compileGroups` write and `loadGroups` takes.
 * `P` are the names of the permissions, `G` those of the groups.
 */
export interface CompiledGroups<P extends string = string, G extends string = string> {
  /** The version of the format. */
  readonly cognigate: typeof formatVersion
  readonly map: readonly [
    permissions: readonly P[],
    groups: readonly CompiledGroup<G>[],
    require: readonly (readonly [name: number | string, tests: CompiledTests])[],
    trustedClaims: readonly string[],
  ]
}

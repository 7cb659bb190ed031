import type { CognisesGroup, GroupDefinition, Groups } from '../../groups/index.ts'
import type { PolicyDocument } from '../iam/iam.ts'

/** A group of a cognises `group_detail` file, with what Cognito keeps of a group besides. */
export interface CognisesDefinition<G extends string = string> extends CognisesGroup<string, G> {
  /** The policy of the group's role. Default: none. */
  readonly group_policy?: PolicyDocument | undefined
  /** At most 2,048 characters. */
  readonly description?: string | undefined
  /** The group's rank in the pool, an integer from 0, the lowest is the highest. */
  readonly precedence?: number | undefined
}

/** What the groups may do, in any of the forms that `defineGroups` takes or returns. */
export type GroupsInput<G extends string = string> =
  | Groups<string, G>
  | readonly CognisesDefinition<G>[]
  | { readonly [K in G]: GroupDefinition }

/**
 * What the groups may do in the application, and apart from it what they may do in AWS, so that policies never reach a
 * Worker that imports the groups. `P` are the groups with a policy, `M` those with managed policies.
 */
export interface PolicyDefinitions<G extends string = string, P extends string = string, M extends string = string> {
  readonly groups: GroupsInput<G>
  /** Group → the policy of its role. */
  readonly policies: { readonly [K in P]: K extends G ? PolicyDocument | undefined : never }
  /** Group → ARNs of the managed policies of its role. Default: none. */
  readonly managedPolicies?: { readonly [K in M]: K extends G ? readonly string[] | undefined : never } | undefined
  /** ARN of the policy that bounds what the roles may do, of all of them or by group. Default: none. */
  readonly permissionsBoundary?: string | { readonly [K in G]?: string | undefined } | undefined
}

/** Groups and what they may do in AWS: a cognises array, unchanged, or groups and policies apart. */
export type Definitions<G extends string = string, P extends string = string, M extends string = string> =
  | readonly CognisesDefinition<G>[]
  | PolicyDefinitions<G, P, M>

/** What a group should be in Cognito and IAM, read and checked. */
export interface GroupSpec {
  readonly name: string
  readonly description?: string | undefined
  readonly precedence?: number | undefined
  /** The inline policy of the group's role: a copy, as JSON. */
  readonly policy?: PolicyDocument | undefined
  /** ARNs; empty where there are none. */
  readonly managedPolicies: readonly string[]
  /** ARN. */
  readonly permissionsBoundary?: string | undefined
}

import type { PolicyDocument } from '../../aws/index.ts'
import type { DesiredState } from '../state/desired.ts'
import type { StateSnapshot } from '../state/state.ts'

/**
 * A plan: plain JSON that can be saved. `changes`, `findings` and `unmanaged` follow from `desired` and `snapshot`.
 * `describePlan` and `applyPlan` work them out again, and do not trust what is stored there.
 */
export interface GroupPlan {
  readonly version: 2
  /** The AWS account that the plan is for. */
  readonly account: string
  readonly userPoolId: string
  /** Undefined if no group needs a role. */
  readonly identityPoolId?: string | undefined
  readonly desired: DesiredState
  /** What was read from AWS. If any of it that matters has changed, the plan is refused as stale. */
  readonly snapshot: StateSnapshot
  /** In the order in which they are made. */
  readonly changes: readonly PlannedChange[]
  readonly findings: readonly PlanFinding[]
  readonly unmanaged: readonly UnmanagedGroup[]
  /** Ids of findings that were accepted. */
  readonly acceptFindings: readonly string[]
}

/** One line of a plan. */
export type PlannedChange = IdentityPoolChange | RoleCreation | RoleChange | GroupChange | GroupDeletion | RoleDeletion

/** A risk. It blocks the plan until `acceptFindings` has its id. */
export interface PlanFinding {
  /**
   * The id for `acceptFindings`: the code, then `:` and the group if there is one, then `@` and a digest if the risk depends on
   * something such as a policy. With another policy the id is another one, so that it has to be accepted again.
   */
  readonly id: string
  readonly code:
    | 'classic-flow'
    | 'role-mapping'
    | 'no-provider'
    | 'other-pool'
    | 'self-access'
    | 'foreign-role'
    | 'given-role'
    | 'undefined-group'
    | 'tied-precedence'
  readonly group?: string | undefined
  /** What is wrong, and what to do. */
  readonly message: string
  /** Whether `acceptFindings` has its id. */
  readonly accepted: boolean
}

/**
 * A group of the pool that is not defined and stays as it is. Groups that Cognito makes for identity providers are listed
 * only if they have a role.
 */
export interface UnmanagedGroup {
  readonly group: string
  /** The role that its members have. */
  readonly roleArn?: string | undefined
}

/** One step from the role as it is to the role as declared. Steps are done in order. */
export type RoleEdit =
  /** Puts this pool's tags on an adopted role. */
  | { readonly edit: 'tag'; readonly tags: Readonly<Record<string, string>> }
  /** Undefined removes the boundary. */
  | { readonly edit: 'boundary'; readonly arn?: string | undefined }
  | { readonly edit: 'trust'; readonly policy: PolicyDocument }
  /** Replaces the inline policy of this name in place, or adds it. */
  | { readonly edit: 'put'; readonly name: string; readonly policy: PolicyDocument }
  | { readonly edit: 'attach'; readonly arn: string }
  | { readonly edit: 'detach'; readonly arn: string }
  /** Removes an inline policy. */
  | { readonly edit: 'remove'; readonly name: string }

interface Change {
  /** The group whose change it is. */
  readonly group: string
  /** Why, a line each. */
  readonly reasons: readonly string[]
}

/** A new role with its policies. */
export interface RoleCreation extends Change {
  readonly kind: 'role'
  readonly action: 'create'
  readonly name: string
  readonly trustPolicy: PolicyDocument
  readonly permissionsBoundary?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** What is added after it is created. */
  readonly edits: readonly RoleEdit[]
}

/** A group's role, or an adopted one, that differs from what is declared. */
export interface RoleChange extends Change {
  readonly kind: 'role'
  readonly action: 'change'
  readonly name: string
  readonly arn: string
  readonly edits: readonly RoleEdit[]
}

/** A role of this pool that no group has any more. */
export interface RoleDeletion extends Change {
  readonly kind: 'role'
  readonly action: 'delete'
  readonly name: string
  readonly arn: string
  /** The policies that are removed first. */
  readonly edits: readonly RoleEdit[]
}

/** What is set on a group. Undefined members stay as they are. */
export interface GroupSettings {
  readonly description?: string | undefined
  readonly precedence?: number | undefined
  /** The name of the role that the group is linked to. Its ARN may not be known before it is created. */
  readonly role?: string | undefined
}

/** A group that is created or changed. Its members stay. */
export interface GroupChange extends Change {
  readonly kind: 'group'
  readonly action: 'create' | 'change'
  readonly set: GroupSettings
}

/** A group that is deleted, together with its memberships. */
export interface GroupDeletion extends Change {
  readonly kind: 'group'
  readonly action: 'delete'
  /** How many users are in it. */
  readonly members: number
  /** The role that they lose. Undefined if the group has none. */
  readonly roleArn?: string | undefined
  /** What that role's inline policies allow. Empty if the role does not belong to this pool. */
  readonly actions: readonly string[]
}

/** Changes to the identity pool so that only the members of a group can use its role. */
export interface IdentityPoolChange {
  readonly kind: 'identity-pool'
  readonly action: 'change'
  readonly reasons: readonly string[]
  /** Whether to switch off the classic flow. */
  readonly disableClassicFlow: boolean
  /** The providers that get a `Token` role mapping with `AmbiguousRoleResolution: Deny`. */
  readonly mapByToken: readonly string[]
}

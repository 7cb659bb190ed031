import type { PolicyDocument } from '../../aws/index.ts'
import type { DesiredState } from '../state/desired.ts'
import type { StateSnapshot } from '../state/state.ts'

/**
 * What would change. Plain JSON. `changes`, `findings` and `unmanaged` follow from `desired` and `seen`: `describePlan` and
 * `applyPlan` work them out again, and never go by what is written there.
 */
export interface GroupPlan {
  readonly version: 2
  /** The AWS account, the pool and the identity pool that it was made for; no identity pool where none was needed. */
  readonly account: string
  readonly userPoolId: string
  readonly identityPoolId?: string | undefined
  readonly desired: DesiredState
  /** The plan is refused where any of it that matters has changed since. */
  readonly snapshot: StateSnapshot
  /** In the order in which they are done. */
  readonly changes: readonly PlannedChange[]
  readonly findings: readonly PlanFinding[]
  readonly unmanaged: readonly UnmanagedGroup[]
  /** Ids of findings that do not block. */
  readonly acceptFindings: readonly string[]
}

/** One line of a plan. */
export type PlannedChange = IdentityPoolChange | RoleCreation | RoleChange | GroupChange | GroupDeletion | RoleDeletion

/** What makes a plan unsafe. It blocks the plan until `allow` names its id. */
export interface PlanFinding {
  /**
   * What `allow` names: the code, for a group's finding a colon and the group, and where it depends on more, such as a policy,
   * `@` and a digest of that. Another policy is another finding, which is not allowed by the old id.
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
  /** What is wrong and what can be done. */
  readonly message: string
  /** Whether `allow` names it. */
  readonly accepted: boolean
}

/**
 * A group of the pool that the definitions do not name, and that is left alone. Of those that Cognito makes for identity
 * providers only the ones that have a role.
 */
export interface UnmanagedGroup {
  readonly group: string
  /** The role that its members have. */
  readonly roleArn?: string | undefined
}

/** One step on the way from the role as it is to the role as declared, in the order in which they are done. */
export type RoleEdit =
  /** Puts this pool's tags on a role that is taken over. */
  | { readonly edit: 'tag'; readonly tags: Readonly<Record<string, string>> }
  /** Undefined takes the boundary away. */
  | { readonly edit: 'boundary'; readonly arn?: string | undefined }
  | { readonly edit: 'trust'; readonly policy: PolicyDocument }
  /** Replaces the inline policy of this name in place, or adds it. */
  | { readonly edit: 'put'; readonly name: string; readonly policy: PolicyDocument }
  | { readonly edit: 'attach'; readonly arn: string }
  | { readonly edit: 'detach'; readonly arn: string }
  /** Takes an inline policy away. */
  | { readonly edit: 'remove'; readonly name: string }

interface Change {
  /** The group whose change it is. */
  readonly group: string
  /** Why, a line each. */
  readonly reasons: readonly string[]
}

/** A role that is created, with all that it holds. */
export interface RoleCreation extends Change {
  readonly kind: 'role'
  readonly action: 'create'
  readonly name: string
  readonly trustPolicy: PolicyDocument
  readonly permissionsBoundary?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** What is added to it then. */
  readonly edits: readonly RoleEdit[]
}

/** A role of ours, or one that is adopted, that differs from what is declared. */
export interface RoleChange extends Change {
  readonly kind: 'role'
  readonly action: 'change'
  readonly name: string
  readonly arn: string
  readonly edits: readonly RoleEdit[]
}

/** A role of ours that no group has any more. */
export interface RoleDeletion extends Change {
  readonly kind: 'role'
  readonly action: 'delete'
  readonly name: string
  readonly arn: string
  /** What it held, and is taken away first. */
  readonly edits: readonly RoleEdit[]
}

/** What is set of a group. What is undefined stays as it is. */
export interface GroupSettings {
  readonly description?: string | undefined
  readonly precedence?: number | undefined
  /** The name of the role that the group is linked to. Its ARN may not be known before it is created. */
  readonly role?: string | undefined
}

/** A group of the pool that is created or changed. Its members stay. */
export interface GroupChange extends Change {
  readonly kind: 'group'
  readonly action: 'create' | 'change'
  readonly set: GroupSettings
}

/** A group of the pool that is deleted, with the memberships. */
export interface GroupDeletion extends Change {
  readonly kind: 'group'
  readonly action: 'delete'
  /** How many users are in it. */
  readonly members: number
  /** The role that they lose; undefined where the group has none. */
  readonly roleArn?: string | undefined
  /** What that role's inline policies allow, as far as it is ours and was read. */
  readonly actions: readonly string[]
}

/** The identity pool's settings that make a group's role the group's alone. */
export interface IdentityPoolChange {
  readonly kind: 'identity-pool'
  readonly action: 'change'
  readonly reasons: readonly string[]
  /** Whether the classic flow is switched off. */
  readonly disableClassicFlow: boolean
  /** The providers that get a `Token` role mapping with `AmbiguousRoleResolution: Deny`. */
  readonly mapByToken: readonly string[]
}

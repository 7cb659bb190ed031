import type { CallOptions } from '../../client/call.ts'

/** A key and a value of a role. */
export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** A role as it is on the wire. Documents are JSON texts, mostly URL-encoded; dates are seconds since the epoch. */
export interface WireRole {
  readonly Path: string
  readonly RoleName: string
  readonly RoleId: string
  readonly Arn: string
  readonly CreateDate?: number | undefined
  readonly AssumeRolePolicyDocument?: string | undefined
  readonly Description?: string | undefined
  readonly MaxSessionDuration?: number | undefined
  readonly PermissionsBoundary?: { readonly PermissionsBoundaryArn?: string | undefined } | undefined
  readonly Tags?: readonly Tag[] | undefined
}

/** A role with what it holds; without description and session duration, which lists of roles have. */
export interface WireRoleDetail extends WireRole {
  readonly RolePolicyList?: readonly { readonly PolicyName: string; readonly PolicyDocument: string }[] | undefined
  readonly AttachedManagedPolicies?: readonly { readonly PolicyArn: string }[] | undefined
}

interface RoleName {
  readonly RoleName: string
}

/** Which page of a list. */
export interface Position {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** Where a page ends. */
export interface Paged {
  readonly IsTruncated?: boolean | undefined
  readonly Marker?: string | undefined
}

interface RoleSettings {
  readonly Description?: string | undefined
  /** In seconds. */
  readonly MaxSessionDuration?: number | undefined
}

type PolicyName = RoleName & { readonly PolicyName: string }
type PolicyArn = RoleName & { readonly PolicyArn: string }
type PolicyText = { readonly PolicyDocument: string }

/** What each operation takes. */
export interface IamInputs {
  AttachRolePolicy: PolicyArn
  CreateRole: RoleName &
    RoleSettings & {
      readonly AssumeRolePolicyDocument: string
      readonly Path?: string | undefined
      readonly PermissionsBoundary?: string | undefined
      readonly Tags?: readonly Tag[] | undefined
    }
  DeleteRole: RoleName
  DeleteRolePermissionsBoundary: RoleName
  DeleteRolePolicy: PolicyName
  DetachRolePolicy: PolicyArn
  GetAccountAuthorizationDetails: Position & { readonly Filter: readonly string[] }
  GetPolicy: { readonly PolicyArn: string }
  GetPolicyVersion: { readonly PolicyArn: string; readonly VersionId: string }
  GetRole: RoleName
  GetRolePolicy: PolicyName
  ListAttachedRolePolicies: RoleName & Position & { readonly PathPrefix?: string | undefined }
  ListRolePolicies: RoleName & Position
  ListRoles: Position & { readonly PathPrefix?: string | undefined }
  ListRoleTags: RoleName & Position
  PutRolePermissionsBoundary: RoleName & { readonly PermissionsBoundary: string }
  PutRolePolicy: PolicyName & PolicyText
  TagRole: RoleName & { readonly Tags: readonly Tag[] }
  UntagRole: RoleName & { readonly TagKeys: readonly string[] }
  UpdateAssumeRolePolicy: RoleName & PolicyText
  UpdateRole: RoleName & RoleSettings
}

/** What the operations answer that answer something. */
export interface IamOutputs {
  CreateRole: { readonly Role: WireRole }
  GetAccountAuthorizationDetails: Paged & { readonly RoleDetailList?: readonly WireRoleDetail[] | undefined }
  GetPolicy: { readonly Policy: { readonly Arn?: string | undefined; readonly DefaultVersionId?: string | undefined } }
  GetPolicyVersion: { readonly PolicyVersion: { readonly Document?: string | undefined } }
  GetRole: { readonly Role: WireRole }
  GetRolePolicy: PolicyName & PolicyText
  ListAttachedRolePolicies: Paged & {
    readonly AttachedPolicies?: readonly { readonly PolicyName: string; readonly PolicyArn: string }[] | undefined
  }
  ListRolePolicies: Paged & { readonly PolicyNames?: readonly string[] | undefined }
  ListRoles: Paged & { readonly Roles?: readonly WireRole[] | undefined }
  ListRoleTags: Paged & { readonly Tags?: readonly Tag[] | undefined }
}

/** The name of an operation of IAM that is about roles, or the policies that they have. */
export type IamOperation = keyof IamInputs

/** What an operation answers. */
export type IamOutput<O extends IamOperation> = O extends keyof IamOutputs ? IamOutputs[O] : object

/** Calls an operation of IAM, in AWS's own names and shapes. */
export type IamCall = <O extends IamOperation>(
  operation: O,
  input: IamInputs[O],
  options?: CallOptions,
) => Promise<IamOutput<O>>

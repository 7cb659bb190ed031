import type { CallOptions, ClientOptions, List } from '../../index.ts'
import type { IamInputs, IamOperation, IamOutput } from './operations.ts'

/** A policy, of JSON as IAM has it: `Version`, `Statement` and so on. */
export type PolicyDocument = { readonly [member: string]: unknown }

/** How IAM and STS are reached, and as whom. */
export interface IamOptions
  extends Pick<ClientOptions, 'credentials' | 'fetch' | 'retry' | 'now' | 'sleep' | 'random' | 'fips' | 'allowHttp'> {
  /** Chooses the partition, and the STS that is asked. Default us-east-1. */
  readonly region?: string | undefined
  /** Replaces IAM's own host: the URL of an emulator, a proxy or a VPC endpoint. */
  readonly endpoint?: string | undefined
  /** The same of STS. Default: `endpoint`, where that is given. */
  readonly stsEndpoint?: string | undefined
}

/** A role of IAM. */
export interface Role {
  readonly name: string
  readonly arn: string
  /** Default `/`. */
  readonly path: string
  /** IAM's own id, such as AROA…; a role that is deleted and created again has another one. */
  readonly id: string
  readonly description?: string | undefined
  /** Who may take the role. */
  readonly trustPolicy: PolicyDocument
  /** How long its credentials last at most, in seconds. */
  readonly maxSessionDuration?: number | undefined
  /** The ARN of the policy that nothing granted to the role goes beyond. */
  readonly permissionsBoundary?: string | undefined
  /** None where a list gave the role: ListRoles leaves them out. */
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt?: Date | undefined
}

/** A role to create. */
export interface RoleInput extends Partial<Pick<Role, 'path' | 'tags'>>, RoleSettings {
  /** 1 to 64 of `[\w+=,.@-]`; IAM ignores the case when it compares names. */
  readonly name: string
  readonly trustPolicy: PolicyDocument
  readonly permissionsBoundary?: string | undefined
}

/** What UpdateRole changes. What is not named stays. */
export interface RoleSettings {
  readonly description?: string | undefined
  /** In seconds, 3,600 to 43,200. */
  readonly maxSessionDuration?: number | undefined
}

/** Which roles are listed. */
export interface RoleListOptions extends CallOptions {
  /** Those whose path begins so. Default: all. */
  readonly pathPrefix?: string | undefined
}

/**
 * The roles of an account. Every write can be run again: where its answer was lost, it is looked whether it took effect,
 * and only if not is it sent again; while the role is being changed by another call, it waits. Throws AwsError.
 */
export interface Roles {
  /** All, or those below a path (ListRoles). */
  list(options?: RoleListOptions): List<Role>
  /** Code `NoSuchEntity` where there is none (GetRole). */
  get(name: string, options?: CallOptions): Promise<Role>
  /** Undefined where there is none (GetRole). */
  find(name: string, options?: CallOptions): Promise<Role | undefined>
  /** Code `EntityAlreadyExists` where there is one of that name, unless this call made it (CreateRole). */
  create(input: RoleInput, options?: CallOptions): Promise<Role>
  /** Nothing where there is none; code `DeleteConflict` while it has policies (DeleteRole). */
  delete(name: string, options?: CallOptions): Promise<void>
  /** Changes settings and keeps the others (GetRole, UpdateRole). */
  update(name: string, settings: RoleSettings, options?: CallOptions): Promise<void>
  /** Replaces it (UpdateAssumeRolePolicy). */
  setTrustPolicy(name: string, policy: PolicyDocument, options?: CallOptions): Promise<void>
  /** Undefined takes it away (PutRolePermissionsBoundary, DeleteRolePermissionsBoundary). */
  setPermissionsBoundary(name: string, arn: string | undefined, options?: CallOptions): Promise<void>
  /** Adds tags, in place of those of the same keys (TagRole). */
  tag(name: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>
  /** Takes tags away (UntagRole). */
  untag(name: string, keys: readonly string[], options?: CallOptions): Promise<void>
  /** The names of its inline policies (ListRolePolicies). */
  policies(name: string, options?: CallOptions): List<string>
  /** An inline policy; undefined where there is none, or no such role (GetRolePolicy). */
  policy(name: string, policyName: string, options?: CallOptions): Promise<PolicyDocument | undefined>
  /** Puts an inline policy there, in place of one of that name (PutRolePolicy). */
  putPolicy(name: string, policyName: string, policy: PolicyDocument, options?: CallOptions): Promise<void>
  /** Nothing where there is none (DeleteRolePolicy). */
  deletePolicy(name: string, policyName: string, options?: CallOptions): Promise<void>
  /** The ARNs of its managed policies (ListAttachedRolePolicies). */
  managedPolicies(name: string, options?: CallOptions): List<string>
  /** Nothing where it is attached already (AttachRolePolicy). */
  attach(name: string, arn: string, options?: CallOptions): Promise<void>
  /** Nothing where it is not attached (DetachRolePolicy). */
  detach(name: string, arn: string, options?: CallOptions): Promise<void>
}

/** As whom calls are made. */
export interface Caller {
  /** 12 digits. */
  readonly account: string
  readonly arn: string
  readonly userId: string
}

/** IAM's roles, and who the caller is to AWS. */
export interface Iam {
  readonly region: string
  readonly roles: Roles
  /** The clock, the timer and the chance that this object was given. */
  readonly seams: Pick<ClientOptions, 'now' | 'sleep' | 'random'>
  /** Whose credentials these are (STS GetCallerIdentity). Throws AwsError. */
  caller(options?: CallOptions): Promise<Caller>
  /**
   * An operation of IAM, in AWS's own names and shapes, dates in seconds since the epoch. Throws AwsError; a write whose
   * answer was lost is not repeated.
   */
  call<O extends IamOperation>(operation: O, input: IamInputs[O], options?: CallOptions): Promise<IamOutput<O>>
}

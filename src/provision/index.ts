export {
  type CallOptions,
  type CredentialProvider,
  type Credentials,
  AwsError,
  isAwsError,
  type RetryOptions,
} from '../aws/index.ts'
export { ConfigurationError } from '../errors.ts'
export { PlanBlockedError, PlanFailedError, StalePlanError } from './apply/apply-plan.ts'
export type { ApplyOptions, ChangeProgress } from './apply/apply-plan.ts'
export { applyPlan } from './apply/apply-plan.ts'
export { type CreatedGroup, type CreateUpdateOptions, createUpdate } from './create-update.ts'
export {
  type Caller,
  createIamClient,
  type Iam,
  type IamOptions,
  type PolicyDocument,
  type Role,
  type RoleInput,
  type RoleListOptions,
  type RoleSettings,
  type Roles,
} from '../aws/index.ts'
export {
  createIdentityPoolClient,
  type IdentityPool,
  type IdentityPoolChanges,
  type IdentityPoolDescription,
  type IdentityPoolOptions,
  type PoolRoles,
  type RoleMapping,
  type RoleRule,
  type UserPoolProvider,
} from '../aws/index.ts'
export type { CognisesDefinition, Definitions, GroupsInput, PolicyDefinitions } from './definitions/index.ts'
export type { PlanClients, ProvisionClients } from './state/read-state.ts'
export {
  type PermissionImpact,
  type Impact,
  type ImpactInput,
  type ImpactOptions,
  type ImpactProgress,
  planImpact,
  type UserImpact,
} from './impact/index.ts'
export { type ForeignRole, RoleConflictError } from './plan/ownership.ts'
export { describePlan } from './plan/describe-plan.ts'
export type {
  DesiredGroup,
  DesiredState,
  GroupChange,
  GroupDeletion,
  GroupPlan,
  GroupSettings,
  IdentityPoolChange,
  PlanFinding,
  PlannedChange,
  RoleChange,
  RoleCreation,
  RoleDeletion,
  RoleEdit,
  SeenState,
  UnmanagedGroup,
} from './plan/plan.ts'
export { planGroups } from './plan/plan-groups.ts'
export type { PlanOptions, PlanProgress, ReadOptions } from './plan/plan-groups.ts'

export {
  AwsError,
  type CallerIdentity,
  type CallOptions,
  createIamClient,
  createIdentityPoolClient,
  type CredentialProvider,
  type Credentials,
  type IamClient,
  type IamClientOptions,
  type IdentityPoolClient,
  type IdentityPoolChanges,
  type IdentityPoolDescription,
  type IdentityPoolClientOptions,
  isAwsError,
  type PolicyDocument,
  type PoolRoles,
  type RetryOptions,
  type Role,
  type RoleInput,
  type RoleListOptions,
  type RoleMapping,
  type RoleRule,
  type Roles,
  type RoleSettings,
  type UserPoolProvider,
} from '../aws/index.ts'
export { ConfigurationError } from '../errors.ts'
export { applyPlan } from './apply/apply-plan.ts'
export { PlanBlockedError, PlanFailedError, StalePlanError } from './apply/errors.ts'
export type { ApplyOptions, ChangeProgress } from './apply/make-changes.ts'
export { type CreatedGroup, createUpdate, type CreateUpdateOptions } from './create-update.ts'
export { checkDefinitions } from './definitions/read-definitions.ts'
export type { CognisesDefinition, Definitions, GroupsInput, PolicyDefinitions } from './definitions/read-definitions.ts'
export {
  compareGroups,
  type CompareGroupsOptions,
  type Difference,
  type DifferenceCause,
  type GroupsComparison,
} from './impact/compare-groups.ts'
export {
  type Impact,
  type ImpactInput,
  type PermissionImpact,
  planImpact,
  type UserImpact,
} from './impact/plan-impact.ts'
export type { ImpactOptions, ImpactProgress } from './impact/read-memberships.ts'
export { describePlan } from './plan/describe-plan.ts'
export { planGroups, type PlanOptions } from './plan/plan-groups.ts'
export { type ForeignRole, RoleConflictError } from './plan/plan-role.ts'
export type {
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
  UnmanagedGroup,
} from './plan/plan.ts'
export { findSelfAccess, type SelfAccess, type SelfAccessPlace } from './policy/self-access.ts'
export type { DesiredGroup, DesiredState } from './state/desired.ts'
export type { PlanProgress, ProvisionClients, ReadOptions } from './state/read-state.ts'
export type { StateSnapshot } from './state/state.ts'

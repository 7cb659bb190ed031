export {
  AwsError,
  type CallOptions,
  type CommonAwsErrorCode,
  type CredentialProvider,
  type Credentials,
  isAwsError,
  type List,
  type Operation,
  type Page,
  type PageOptions,
  type PagedOperation,
  type PoolCall,
  paginate,
  type RetryOptions,
} from '../aws/index.ts'
export { ConfigurationError } from '../errors.ts'
export type { AttributeMap, Attributes } from './users.ts'
export type { AppClient, AppClientChanges, AppClients } from './app-clients.ts'
export type { Group, GroupChanges, GroupInput, PoolGroups } from './groups.ts'
export type {
  IdentityProvider,
  IdentityProviderChanges,
  IdentityProviderInput,
  IdentityProviders,
} from './identity-providers.ts'
export { createPoolAdmin, type PoolAdmin, type PoolAdminOptions } from './pool-admin.ts'
export type { Mfa, User } from './users.ts'
export type { AdminUserSessions, RevokeUserSessionOptions } from './users.ts'
export type { SearchableAttribute, TextMatch, UserFilter } from './users.ts'
export type { PasswordOptions, TriggerOptions, UserInput, UserListOptions, Users } from './users.ts'
export {
  assignRole,
  type HighestRole,
  highestRole,
  PromotionError,
  promote,
  type RoleAssignment,
  type RoleOptions,
} from './roles.ts'
export { type AdminSignInOptions, respondAsAdmin, signInAsAdmin } from './sign-in.ts'
export type {
  AnswerTo,
  ChallengeName,
  ChallengeStep,
  CodeDelivery,
  NewDevice,
  OpenStep,
  OtherChallenge,
  SignedIn,
  SignInStep,
  Tokens,
} from '../sign-in/index.ts'
export { type Audit, auditPool } from './audit.ts'
export type { Finding, FindingDetails } from './audit.ts'
export { type AuditOptions, type AuditProgress, type AuditRecord, streamAudit } from './audit.ts'
export { addMembers, removeMembers } from './bulk/memberships.ts'
export type {
  BulkOptions,
  BulkProgress,
  BulkResult,
  StopReason,
  Journal,
  Membership,
  Memberships,
} from './bulk/memberships.ts'
export { type MembershipChange, type SyncOptions, SyncRefusedError, syncMembers } from './bulk/sync-members.ts'

export type { Call, CallOptions, ClientOptions } from './client/call.ts'
export {
  AwsError,
  type AwsErrorDetails,
  type CommonAwsErrorCode,
  isAwsError,
  malformed,
  type Operation,
} from './client/error.ts'
export { resolveIamEndpoints } from './client/endpoint.ts'
export { createList, type List, type Page, type PageOptions } from './client/page.ts'
export {
  type Clock,
  createPace,
  getClock,
  keepClock,
  type Pace,
  type RetryOptions,
  type ThrottleWait,
  workBackoff,
} from './client/retry.ts'
export type { CredentialProvider, Credentials, Renewal } from './client/sign.ts'
export { createWrite, type Write } from './client/write.ts'
export {
  createIamClient,
  type IamClient,
  type IamClientOptions,
} from './services/iam/client.ts'
export { createMarkerList, findOrUndefined, parseDocument, type PolicyDocument } from './services/iam/role-policies.ts'
export {
  parseRole,
  type Role,
  type RoleInput,
  type RoleListOptions,
  type Roles,
  type RoleSettings,
} from './services/iam/roles.ts'
export type { WireRole, WireRoleDetail } from './services/iam/wire-types.ts'
export {
  createIdentityPoolCall,
  createIdentityPoolClient,
  type IdentityPoolCall,
  type IdentityPoolCallOptions,
  type IdentityPoolChanges,
  type IdentityPoolClient,
  type IdentityPoolDescription,
  type IdentityPoolOperation,
  type IdentityPoolClientOptions,
  type PoolRoles,
  type RoleMapping,
  type RoleRule,
  type UserPoolProvider,
} from './services/identity-pool/client.ts'
export type * from './services/identity-pool/wire-types.ts'
export type { CallerIdentity } from './services/sts/client.ts'
export {
  createPoolCall,
  createUserCall,
  type PagedOperation,
  paginate,
  type PoolCall,
  type PoolInput,
  type UserCall,
} from './services/user-pool/client.ts'
export type * from './services/user-pool/cognito-idp.generated.ts'

export { AwsError, type AwsErrorDetails, type CommonAwsErrorCode, isAwsError, type Operation } from './client/error.ts'
export type { Call, CallOptions, ClientOptions, Pace } from './client/call.ts'
export type * from './services/user-pool/cognito-idp.generated.ts'
export type { CredentialProvider, Credentials, Renewal } from './client/sign.ts'
export {
  createIdentityPoolCall,
  type IdentityPoolCall,
  type IdentityPoolCallOptions,
  type IdentityPoolOperation,
} from './services/identity-pool/client.ts'
export type {
  CognitoIdentityProvider,
  GetCredentialsForIdentityInput,
  GetCredentialsForIdentityOutput,
  GetIdInput,
  GetIdOutput,
  GetOpenIdTokenInput,
  GetOpenIdTokenOutput,
  IdentityCredentials,
  IdentityPoolIdInput,
  IdentityPoolInputs,
  IdentityPoolOutputs,
  IdentityPoolRoles,
  IdentityPoolSettings,
  MappingRule,
  RoleMapping,
  SetIdentityPoolRolesInput,
  UnlinkIdentityInput,
} from './services/identity-pool/wire-types.ts'
export { iamPlaceOf } from './client/endpoint.ts'
export { sleep } from './client/call.ts'
export { createPace, type ThrottleWait } from './client/retry.ts'
export { createList, type List, type Page, type PageOptions } from './client/page.ts'
export { type PagedOperation, paginate } from './client/page.ts'
export { createQueryCall, type QueryService } from './client/query.ts'
export type { QueryShape, ReadXml } from './client/query.ts'
export { backoff, type RetryOptions } from './client/retry.ts'
export { createPoolCall, type PoolCall, type PoolInput } from './services/user-pool/client.ts'
export { createIdentityClient, type Issued } from './services/identity-pool/credentials.ts'
export {
  createIamClient,
  type Caller,
  type Iam,
  type IamOptions,
  type Role,
  type RoleInput,
  type RoleListOptions,
  type RoleSettings,
  type Roles,
  type WireRole,
} from './services/iam/index.ts'
export type { PolicyDocument } from './services/iam/iam.ts'
export {
  createIdentityPoolClient,
  type IdentityPool,
  type IdentityPoolChanges,
  type IdentityPoolDescription,
  type IdentityPoolOptions,
  type PoolRoles,
  type RoleRule,
  type UserPoolProvider,
} from './services/identity-pool/index.ts'
export { createMarkerList } from './services/iam/client.ts'
export { documentIn, roleOf } from './services/iam/role.ts'
export { malformed, orNothing } from './services/iam/writer.ts'
export type { AdminInitiateAuthResponse } from './services/user-pool/cognito-idp.generated.ts'

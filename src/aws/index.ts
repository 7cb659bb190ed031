export { AwsError, type AwsErrorDetails, type CommonCode, isAwsError, type Operation } from './aws-error.ts'
export type { Call, CallOptions, ClientOptions, Pace } from './client.ts'
export type * from './cognito-idp.generated.ts'
export type { CredentialProvider, Credentials, Renewal } from './credentials.ts'
export {
  createIdentityPoolCall,
  type IdentityPoolCall,
  type IdentityPoolCallOptions,
  type IdentityPoolOperation,
} from './identity-pool-api.ts'
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
} from './identity-pool-types.ts'
export { iamPlaceOf } from './iam-place.ts'
export { sleep } from './limit.ts'
export { createPace, type ThrottleWait } from './pace.ts'
export { createList, type List, type Page, type PageOptions } from './list.ts'
export { type PagedOperation, paginate } from './paginate.ts'
export { createQueryCall, type QueryService } from './query-api.ts'
export type { QueryShape, ReadXml } from './query-protocol.ts'
export { backoff, type RetryOptions } from './retry.ts'
export { signInStepOf } from './sign-in-step.ts'
export { createPoolCall, type PoolCall, type PoolInput } from './user-pool-api.ts'

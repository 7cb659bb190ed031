export { AwsError, type CommonAwsErrorCode, isAwsError, type RetryOptions } from '../aws/index.ts'
export { AuthenticationError, type AuthenticationCode, ConfigurationError } from '../errors.ts'
export {
  type AwsCredentials,
  type PrincipalGuard,
  type RoleCredentialsOptions,
  roleCredentials,
} from './role-credentials.ts'
export type { Login } from './role-credentials.ts'

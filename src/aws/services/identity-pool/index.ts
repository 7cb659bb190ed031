export { createIdentityPoolClient } from './client.ts'
export type {
  IdentityPool,
  IdentityPoolChanges,
  IdentityPoolDescription,
  IdentityPoolOptions,
  PoolRoles,
  RoleMapping,
  RoleRule,
  UserPoolProvider,
} from './identity-pool.ts'

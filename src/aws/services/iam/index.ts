export { createIamClient } from './client.ts'
export type {
  Caller,
  Iam,
  IamOptions,
  PolicyDocument,
  Role,
  RoleInput,
  RoleListOptions,
  RoleSettings,
  Roles,
} from './iam.ts'
export type { IamInputs, IamOperation, IamOutput, IamOutputs, Tag, WireRole } from './operations.ts'

export { createIam } from './create-iam.ts'
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

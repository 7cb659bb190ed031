import type { Operations } from '../operation.ts'
import { accountDetailsOperations } from './account-details.ts'
import { boundaryOperations } from './boundaries.ts'
import { inlinePolicyOperations } from './inline-policies.ts'
import { managedPolicyOperations } from './managed-policies.ts'
import { roleOperations } from './role-life.ts'
import { tagOperations } from './tags.ts'

/** The operations of IAM, all on roles. */
export function iamOperations(): Operations {
  return {
    ...roleOperations(),
    ...inlinePolicyOperations(),
    ...managedPolicyOperations(),
    ...tagOperations(),
    ...boundaryOperations(),
    ...accountDetailsOperations(),
  }
}

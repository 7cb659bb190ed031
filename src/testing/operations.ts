import type { Operations } from './operation.ts'
import { tokenOperations } from './user-pool/client-credentials.ts'
import { groupOperations } from './user-pool/groups.ts'
import { membershipOperations } from './user-pool/memberships.ts'
import { userOperations } from './user-pool/users.ts'
import { wellKnownOperations } from './user-pool/well-known.ts'

/** All operations that a local world knows. */
export function createOperations(): Operations {
  return {
    ...wellKnownOperations(),
    ...tokenOperations(),
    ...groupOperations(),
    ...membershipOperations(),
    ...userOperations(),
  }
}

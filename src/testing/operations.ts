import { iamOperations } from './iam/operations.ts'
import { identityPoolOperations } from './identity-pool/operations.ts'
import type { Operations } from './operation.ts'
import { stsOperations } from './sts/operations.ts'
import { challengeOperations } from './user-pool/challenge-answers.ts'
import { tokenOperations } from './user-pool/client-credentials.ts'
import { clientOperations } from './user-pool/clients.ts'
import { deviceOperations } from './user-pool/devices.ts'
import { groupOperations } from './user-pool/groups.ts'
import { identityProviderOperations } from './user-pool/identity-providers.ts'
import { membershipOperations } from './user-pool/memberships.ts'
import { mfaOperations } from './user-pool/mfa-preference.ts'
import { passwordOperations } from './user-pool/passwords.ts'
import { resourceServerOperations } from './user-pool/resource-servers.ts'
import { signInOperations } from './user-pool/sign-in.ts'
import { attributeOperations } from './user-pool/user-attributes.ts'
import { userCreationOperations } from './user-pool/user-creation.ts'
import { poolOperations } from './user-pool/user-pool.ts'
import { userOperations } from './user-pool/users.ts'
import { wellKnownOperations } from './user-pool/well-known.ts'

/** All operations that a local world knows. */
export function createOperations(): Operations {
  return {
    ...wellKnownOperations(),
    ...tokenOperations(),
    ...poolOperations(),
    ...groupOperations(),
    ...membershipOperations(),
    ...userOperations(),
    ...userCreationOperations(),
    ...attributeOperations(),
    ...passwordOperations(),
    ...mfaOperations(),
    ...deviceOperations(),
    ...clientOperations(),
    ...identityProviderOperations(),
    ...resourceServerOperations(),
    ...signInOperations(),
    ...challengeOperations(),
    ...iamOperations(),
    ...stsOperations(),
    ...identityPoolOperations(),
  }
}

import { iamOperations } from './iam/operations.ts'
import { identityPoolOperations } from './cognito-identity/operations.ts'
import type { Operations } from './operation.ts'
import { stsOperations } from './sts/operations.ts'
import { challengeOperations } from './cognito-idp/challenge-answers.ts'
import { tokenOperations } from './cognito-idp/client-credentials.ts'
import { clientOperations } from './cognito-idp/clients.ts'
import { deviceOperations } from './cognito-idp/devices.ts'
import { groupOperations } from './cognito-idp/groups.ts'
import { identityProviderOperations } from './cognito-idp/identity-providers.ts'
import { membershipOperations } from './cognito-idp/memberships.ts'
import { mfaOperations } from './cognito-idp/mfa-preference.ts'
import { passwordOperations } from './cognito-idp/passwords.ts'
import { resourceServerOperations } from './cognito-idp/resource-servers.ts'
import { signInOperations } from './cognito-idp/sign-in.ts'
import { attributeOperations } from './cognito-idp/user-attributes.ts'
import { userCreationOperations } from './cognito-idp/user-creation.ts'
import { poolOperations } from './cognito-idp/user-pool.ts'
import { userOperations } from './cognito-idp/users.ts'
import { wellKnownOperations } from './cognito-idp/well-known.ts'

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

import { credentialOperations } from './cognito-identity/credentials.ts'
import { developerIdentityOperations } from './cognito-identity/developer-identities.ts'
import { identityOperations } from './cognito-identity/identities.ts'
import { identityIssuerOperations } from './cognito-identity/openid-tokens.ts'
import { identityRecordOperations } from './cognito-identity/records.ts'
import { identityTagOperations } from './cognito-identity/tags.ts'
import { poolRoleOperations, poolSettingOperations } from './cognito-identity/pools.ts'
import { brandingOperations } from './cognito-idp/branding.ts'
import { clientSecretOperations } from './cognito-idp/client-secrets.ts'
import { domainOperations } from './cognito-idp/domains.ts'
import { linkedProviderOperations } from './cognito-idp/linked-providers.ts'
import { poolFeatureOperations } from './cognito-idp/pool-features.ts'
import { termsOperations } from './cognito-idp/terms.ts'
import { userImportOperations } from './cognito-idp/user-import.ts'
import { attributeOperations } from './cognito-idp/attributes.ts'
import { authEventOperations } from './cognito-idp/auth-events.ts'
import { challengeOperations } from './cognito-idp/challenge-answers.ts'
import { clientOperations } from './cognito-idp/clients.ts'
import { deviceOperations } from './cognito-idp/devices.ts'
import { groupOperations, membershipOperations } from './cognito-idp/groups.ts'
import { identityProviderOperations } from './cognito-idp/identity-providers.ts'
import { mfaOperations } from './cognito-idp/mfa.ts'
import { ownAccountOperations } from './cognito-idp/own-account.ts'
import { passkeyOperations } from './cognito-idp/passkeys.ts'
import { passwordOperations } from './cognito-idp/passwords.ts'
import { poolMfaOperations } from './cognito-idp/pool-mfa.ts'
import { poolOperations } from './cognito-idp/pools.ts'
import { revocationOperations } from './cognito-idp/refresh-tokens.ts'
import { resourceServerOperations } from './cognito-idp/resource-servers.ts'
import { sessionOperations } from './cognito-idp/session-operations.ts'
import { signInOperations } from './cognito-idp/sign-in.ts'
import { signUpOperations } from './cognito-idp/sign-up.ts'
import { tagOperations as poolTagOperations } from './cognito-idp/tags.ts'
import { tokenOperations } from './cognito-idp/tokens.ts'
import { wellKnownOperations } from './cognito-idp/user-pool.ts'
import { userCreationOperations, userOperations } from './cognito-idp/users.ts'
import { accessKeyOperations } from './iam/access-keys.ts'
import { accountOperations } from './iam/account.ts'
import { groupEntityOperations } from './iam/groups.ts'
import { policyHolderOperations } from './iam/holders.ts'
import { oidcProviderOperations } from './iam/oidc-providers.ts'
import { managedPolicyOperations } from './iam/policies.ts'
import { roleOperations } from './iam/role-operations.ts'
import { simulationOperations } from './iam/simulation.ts'
import { tagOperations } from './iam/tags.ts'
import { userEntityOperations } from './iam/users.ts'
import { managedLoginOperations } from './managed-login/operations.ts'
import type { Operations } from './operation.ts'
import { stsOperations } from './sts/operations.ts'

/** All operations that a local world knows. */
export function createOperations(): Operations {
  return {
    ...wellKnownOperations(),
    ...tokenOperations(),
    ...managedLoginOperations(),
    ...poolOperations(),
    ...poolMfaOperations(),
    ...poolTagOperations(),
    ...brandingOperations(),
    ...clientSecretOperations(),
    ...domainOperations(),
    ...linkedProviderOperations(),
    ...poolFeatureOperations(),
    ...termsOperations(),
    ...userImportOperations(),
    ...groupOperations(),
    ...membershipOperations(),
    ...userOperations(),
    ...userCreationOperations(),
    ...attributeOperations(),
    ...passwordOperations(),
    ...mfaOperations(),
    ...deviceOperations(),
    ...passkeyOperations(),
    ...sessionOperations(),
    ...authEventOperations(),
    ...clientOperations(),
    ...identityProviderOperations(),
    ...resourceServerOperations(),
    ...signInOperations(),
    ...signUpOperations(),
    ...ownAccountOperations(),
    ...revocationOperations(),
    ...challengeOperations(),
    ...iamOperations(),
    ...stsOperations(),
    ...identityPoolOperations(),
  }
}

/** The operations of identity pools. */
export function identityPoolOperations(): Operations {
  return {
    ...poolSettingOperations(),
    ...poolRoleOperations(),
    ...identityOperations(),
    ...identityRecordOperations(),
    ...developerIdentityOperations(),
    ...identityTagOperations(),
    ...identityIssuerOperations(),
    ...credentialOperations(),
  }
}

/** The operations of IAM. */
export function iamOperations(): Operations {
  return {
    ...roleOperations(),
    ...userEntityOperations(),
    ...accessKeyOperations(),
    ...groupEntityOperations(),
    ...managedPolicyOperations(),
    ...policyHolderOperations(),
    ...tagOperations(),
    ...oidcProviderOperations(),
    ...simulationOperations(),
    ...accountOperations(),
  }
}

import { identityPoolIssuer, regionOfIdentityPool } from '../../internal/regions.ts'
import type { PolicyDocument } from '../iam/iam.ts'

/**
 * The trust policy of a group's role: signed-in users of this identity pool may take it, nobody else ("Role trust and
 * permissions" of Cognito's developer guide). `identityPoolId` is `<region>:<uuid>`; throws ConfigurationError for any other.
 */
export function trustPolicyOf(identityPoolId: string): PolicyDocument {
  const issuer = identityPoolIssuer(regionOfIdentityPool(identityPoolId))
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: issuer },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${issuer}:aud`]: identityPoolId },
          'ForAnyValue:StringLike': { [`${issuer}:amr`]: 'authenticated' },
        },
      },
    ],
  }
}

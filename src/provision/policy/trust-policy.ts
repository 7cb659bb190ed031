import { regionOfIdentityPool } from '../../pool.ts'
import type { PolicyDocument } from '../iam/iam.ts'

/**
 * The trust policy of a group's role: signed-in users of this identity pool may take it, nobody else ("Role trust and
 * permissions" of Cognito's developer guide). `identityPoolId` is `<region>:<uuid>`; throws ConfigurationError for any other.
 */
export function trustPolicyOf(identityPoolId: string): PolicyDocument {
  const issuer = issuerIn(regionOfIdentityPool(identityPoolId))
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

/** Who issues the tokens of a region's identity pools. The partitions differ, and so do the two regions of GovCloud. */
function issuerIn(region: string): string {
  if (region === 'us-gov-west-1') return 'cognito-identity-us-gov.amazonaws.com'
  if (region.startsWith('us-gov-')) return `cognito-identity.${region}.amazonaws.com`
  if (region.startsWith('cn-')) return `cognito-identity.${region}.amazonaws.com.cn`
  return 'cognito-identity.amazonaws.com'
}

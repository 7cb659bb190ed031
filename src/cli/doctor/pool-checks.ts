import type { Check } from './check.ts'
import type { PoolSettings, PoolWorld } from './read-world.ts'

const needs = 'cognito-idp:DescribeUserPool'
const identityPoolNeeds = 'cognito-identity:DescribeIdentityPool'

/** A check of the pool's settings. */
function onPool(isFaulty: (pool: PoolSettings) => unknown): Check['find'] {
  return ({ pool, userPoolId }) =>
    pool !== undefined && isFaulty(pool) ? [{ at: `pool/${userPoolId}`, name: pool.Name }] : []
}

type IdentityPool = NonNullable<PoolWorld['identityPool']>

/** A check of the identity pool. */
function onIdentityPool(isFaulty: (pool: IdentityPool) => boolean): Check['find'] {
  return ({ identityPool }) => (identityPool !== undefined && isFaulty(identityPool) ? [placeOf(identityPool)] : [])
}

/** A check of each user pool's client by which the identity pool takes tokens. */
function onProviders(
  isFaulty: (provider: IdentityPool['providers'][number], world: PoolWorld) => boolean,
): Check['find'] {
  return (world) => {
    const { identityPool, userPoolId } = world
    if (identityPool === undefined) return []
    return identityPool.providers
      .filter((provider) => isFaulty(provider, world))
      .map(({ providerName, clientId }) => {
        const other = providerName.slice(providerName.lastIndexOf('/') + 1)
        const detail = `app client ${clientId}${other === userPoolId ? '' : ` of ${other}`}`
        return { ...placeOf(identityPool), detail, key: `${providerName}:${clientId}` }
      })
  }
}

const placeOf = ({ identityPoolId, name }: IdentityPool) => ({ at: `identity-pool/${identityPoolId}`, name })

/** The checks of the pool and of the identity pool. */
export const poolChecks: readonly Check[] = [
  {
    id: 'open-registration',
    severity: 'error',
    reads: 'UserPool.DcrConfiguration',
    needs,
    message: 'Anyone can register an app client of this pool, and a guard with `clientId: null` admits its tokens.',
    fix: 'List the clients in `clientId` of the guard, and set DcrConfiguration.OpenDcrEnabled to false.',
    find: onPool(
      ({ DcrConfiguration }) => DcrConfiguration?.OpenDcrEnabled && DcrConfiguration.EnableStatus !== 'Disabled',
    ),
  },
  {
    id: 'classic-flow',
    severity: 'error',
    reads: 'AllowClassicFlow',
    needs: identityPoolNeeds,
    asks: 'identityPool',
    message:
      'The identity pool allows the classic flow, in which every signed-in user can take the role of every group.',
    fix: 'Set AllowClassicFlow to false: cognigate apply --secure-identity-pool FILE.',
    find: onIdentityPool(({ allowClassicFlow }) => allowClassicFlow),
  },
  {
    id: 'ambiguous-role',
    severity: 'error',
    reads: 'RoleMappings, CognitoIdentityProviders',
    needs: `cognito-identity:GetIdentityPoolRoles ${identityPoolNeeds}`,
    asks: 'identityPool',
    message: 'The role is not chosen by the token, or an ambiguous choice falls back to the role of all users.',
    fix:
      'Set a role mapping of type Token with AmbiguousRoleResolution Deny; for the clients of this pool: cognigate apply ' +
      '--secure-identity-pool FILE.',
    find: onProviders(({ providerName, clientId }, { poolRoles }) => {
      const mapping = poolRoles?.roleMappings[`${providerName}:${clientId}`]
      return mapping?.type !== 'Token' || mapping.ambiguousRoleResolution !== 'Deny'
    }),
  },
  {
    id: 'no-server-side-check',
    severity: 'warning',
    reads: 'CognitoIdentityProviders[].ServerSideTokenCheck',
    needs: identityPoolNeeds,
    asks: 'identityPool',
    message: 'Tokens of users who were signed out everywhere or deleted still give AWS credentials until they expire.',
    fix: 'Set ServerSideTokenCheck of the client in CognitoIdentityProviders to true.',
    find: onProviders(({ serverSideTokenCheck }) => !serverSideTokenCheck),
  },
  {
    id: 'guests',
    severity: 'warning',
    reads: 'AllowUnauthenticatedIdentities',
    needs: identityPoolNeeds,
    asks: 'identityPool',
    message:
      'The identity pool has guests: who has not signed in gets an identity, and the AWS credentials of its role for them.',
    fix: 'Set AllowUnauthenticatedIdentities to false, unless guests are meant.',
    find: onIdentityPool(({ allowUnauthenticatedIdentities }) => allowUnauthenticatedIdentities),
  },
  {
    id: 'self-sign-up',
    severity: 'note',
    reads: 'UserPool.AdminCreateUserConfig',
    needs,
    message: 'Anyone can sign up.',
    fix: 'Set AdminCreateUserConfig.AllowAdminCreateUserOnly to true, unless it is meant.',
    find: onPool(({ AdminCreateUserConfig }) => AdminCreateUserConfig?.AllowAdminCreateUserOnly !== true),
  },
  {
    id: 'no-mfa',
    severity: 'warning',
    reads: 'UserPool.MfaConfiguration',
    needs,
    message: 'Multi-factor authentication is off.',
    fix: 'Set MfaConfiguration to OPTIONAL or ON, with a method such as SoftwareTokenMfaConfiguration (SetUserPoolMfaConfig).',
    find: onPool(({ MfaConfiguration = 'OFF' }) => MfaConfiguration === 'OFF'),
  },
  {
    id: 'unverified-update',
    severity: 'warning',
    reads: 'UserPool.UserAttributeUpdateSettings, AutoVerifiedAttributes',
    needs,
    message: 'A changed e-mail address takes the place of the verified one before it is verified itself.',
    fix: 'Put email into UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate.',
    find: onPool(
      ({ AutoVerifiedAttributes = [], UserAttributeUpdateSettings: settings }) =>
        AutoVerifiedAttributes.includes('email') &&
        !settings?.AttributesRequireVerificationBeforeUpdate?.includes('email'),
    ),
  },
  {
    id: 'deletion-protection',
    severity: 'warning',
    reads: 'UserPool.DeletionProtection',
    needs,
    message: 'One call deletes the pool with its users.',
    fix: 'Set DeletionProtection to ACTIVE.',
    find: onPool(({ DeletionProtection }) => DeletionProtection !== 'ACTIVE'),
  },
  {
    id: 'case-sensitive',
    severity: 'note',
    reads: 'UserPool.UsernameConfiguration',
    needs,
    message: 'User names differ by case: Alice and alice are two users.',
    fix: 'It is set when a pool is made: have the next one without (UsernameConfiguration.CaseSensitive false).',
    find: onPool(({ UsernameConfiguration }) => UsernameConfiguration?.CaseSensitive !== false),
  },
]

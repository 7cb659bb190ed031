import { findSelfAccess, type PolicyDocument } from '../../provision/index.ts'
import type { ClientSettings, PoolSettings, PoolWorld } from './read-world.ts'

/** How bad a finding is, by the levels of SARIF. */
export type Severity = 'error' | 'warning' | 'note'

/** One check: plain data but for `find`. */
export interface Check {
  readonly id: string
  readonly severity: Severity
  /** The members of AWS's answers that it reads. */
  readonly reads: string
  /** The IAM actions that it needs, separated by spaces. */
  readonly needs: string
  readonly message: string
  readonly fix: string
  find(world: PoolWorld): readonly Found[]
}

/** Where a check found something. */
export interface Found {
  /** Such as `client/1example`, `group/admin`, `pool/eu-west-1_AbCdEfGhI`. */
  readonly at: string
  /** What it is about there. */
  readonly detail?: string
  /** Where it differs from the check's. */
  readonly severity?: Severity
}

const clientActions = 'cognito-idp:ListUserPoolClients cognito-idp:DescribeUserPoolClient'
const poolAction = 'cognito-idp:DescribeUserPool'
const identityPoolAction = 'cognito-identity:DescribeIdentityPool'

/** A check of every app client. */
function onClients(find: (client: ClientSettings, world: PoolWorld) => readonly Omit<Found, 'at'>[]): Check['find'] {
  return (world) =>
    world.clients.flatMap((client) =>
      find(client, world).map((found) => ({ at: `client/${client.ClientId}`, ...found })),
    )
}

/** A check of the pool's settings. */
function onPool(isFaulty: (pool: PoolSettings) => unknown): Check['find'] {
  return ({ pool, userPoolId }) => (pool !== undefined && isFaulty(pool) ? [{ at: `pool/${userPoolId}` }] : [])
}

/** A check of the identity pool. */
function onIdentityPool(
  find: (pool: NonNullable<PoolWorld['identityPool']>, world: PoolWorld) => readonly string[],
): Check['find'] {
  return (world) =>
    world.identityPool === undefined
      ? []
      : find(world.identityPool, world).map((detail) => ({
          at: `identity-pool/${world.identityPool?.identityPoolId}`,
          ...(detail !== '' && { detail }),
        }))
}

const when = (holds: unknown): readonly Record<string, never>[] => (holds ? [{}] : [])

/** Every check, in the order in which findings are shown. */
export const checks: readonly Check[] = [
  {
    id: 'open-registration',
    severity: 'error',
    reads: 'UserPool.DcrConfiguration',
    needs: poolAction,
    message: 'Anyone can register an app client of this pool, and a guard with `clientId: null` admits its tokens.',
    fix: 'List the clients in `clientId`, or set DcrConfiguration.OpenDcrEnabled to false.',
    find: onPool(
      ({ DcrConfiguration }) => DcrConfiguration?.OpenDcrEnabled && DcrConfiguration.EnableStatus !== 'Disabled',
    ),
  },
  {
    id: 'unlisted-client',
    severity: 'warning',
    reads: 'UserPoolClient.ClientId, ClientType',
    needs: clientActions,
    message: 'The pool has an app client that nobody lists.',
    fix: 'Delete it, or add it to `clientId` of the guard and to --client here.',
    find: onClients(({ ClientId, ClientType }, { listedClients }) =>
      listedClients === undefined || listedClients.includes(ClientId)
        ? []
        : [String(ClientType) === 'DCR' ? { severity: 'error' } : {}],
    ),
  },
  {
    id: 'classic-flow',
    severity: 'error',
    reads: 'AllowClassicFlow',
    needs: identityPoolAction,
    message:
      'The identity pool allows the classic flow, in which every signed-in user can take the role of every group.',
    fix: 'Set AllowClassicFlow to false: cognigate apply --secure-identity-pool.',
    find: onIdentityPool(({ allowClassicFlow }) => (allowClassicFlow ? [''] : [])),
  },
  {
    id: 'ambiguous-role',
    severity: 'error',
    reads: 'RoleMappings',
    needs: `cognito-identity:GetIdentityPoolRoles ${identityPoolAction}`,
    message: 'The role is not chosen by the token, or an ambiguous choice falls back to the role of all users.',
    fix: 'Set a role mapping of type Token with AmbiguousRoleResolution Deny: cognigate apply --secure-identity-pool.',
    find: onIdentityPool(({ providers }, { poolRoles }) =>
      providers.flatMap(({ providerName, clientId }) => {
        const mapping = poolRoles?.roleMappings[`${providerName}:${clientId}`]
        const isSafe = mapping?.type === 'Token' && mapping.ambiguousRoleResolution === 'Deny'
        return isSafe ? [] : [`app client ${clientId}`]
      }),
    ),
  },
  {
    id: 'no-server-side-check',
    severity: 'warning',
    reads: 'CognitoIdentityProviders[].ServerSideTokenCheck',
    needs: identityPoolAction,
    message: 'Tokens of users who were signed out or disabled still give AWS credentials until they expire.',
    fix: 'Set ServerSideTokenCheck of the provider to true.',
    find: onIdentityPool(({ providers }) =>
      providers.flatMap(({ serverSideTokenCheck, clientId }) =>
        serverSideTokenCheck ? [] : [`app client ${clientId}`],
      ),
    ),
  },
  {
    id: 'guests',
    severity: 'warning',
    reads: 'AllowUnauthenticatedIdentities',
    needs: identityPoolAction,
    message: 'Whoever has not signed in gets AWS credentials.',
    fix: 'Set AllowUnauthenticatedIdentities to false, unless guests are meant.',
    find: onIdentityPool(({ allowUnauthenticatedIdentities }) => (allowUnauthenticatedIdentities ? [''] : [])),
  },
  {
    id: 'trust-without-audience',
    severity: 'error',
    reads: 'Role.AssumeRolePolicyDocument',
    needs: `cognito-idp:ListGroups iam:GetRole ${identityPoolAction}`,
    message: "The trust policy of a group's role does not bind this identity pool (aud) and authenticated users (amr).",
    fix: 'Apply the definitions, or require both in the trust policy.',
    find: ({ roles, identityPool }) =>
      roles.flatMap(({ name, trustPolicy }) =>
        trustPolicy !== undefined && isLoose(trustPolicy, identityPool?.identityPoolId) ? [{ at: `role/${name}` }] : [],
      ),
  },
  {
    id: 'self-access',
    severity: 'error',
    reads: 'PolicyDocument, AttachedPolicies',
    needs:
      'cognito-idp:ListGroups iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies sts:GetCallerIdentity',
    message: "A group's role lets its members change groups, roles or the pool itself.",
    fix: 'Take the actions on cognito-idp, cognito-identity and iam out of its policies.',
    find: ({ roles, userPoolId, identityPool, account }) =>
      roles.flatMap(({ name, arn, policies = [], managedPolicies = [] }) => {
        const place = {
          userPoolId,
          identityPoolId: identityPool?.identityPoolId,
          account: account ?? '',
          partition: arn.split(':')[1] ?? 'aws',
        }
        const inline = policies.flatMap((policy) => findSelfAccess(policy, place).flatMap(({ actions }) => actions))
        const attached = managedPolicies.filter((each) =>
          /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|AmazonCognitoPowerUser)$/.test(each),
        )
        const what = [...new Set([...inline, ...attached.map((each) => each.slice(each.lastIndexOf('/') + 1))])]
        return what.length > 0 ? [{ at: `role/${name}`, detail: what.join(', ') }] : []
      }),
  },
  {
    id: 'provider-group-role',
    severity: 'error',
    reads: 'Groups[].RoleArn, Providers[].ProviderName',
    needs: 'cognito-idp:ListGroups cognito-idp:ListIdentityProviders',
    message: 'Cognito puts every user of an identity provider into this group, and it has a role.',
    fix: 'Take the role off the group, or give it to a group that an administrator fills.',
    find: ({ groups, providers, userPoolId }) =>
      groups.flatMap(({ name, roleArn }) =>
        roleArn !== undefined && providers.some((provider) => name === `${userPoolId}_${provider.name}`)
          ? [{ at: `group/${name}` }]
          : [],
      ),
  },
  {
    id: 'precedence-tie',
    severity: 'warning',
    reads: 'Groups[].Precedence, RoleArn',
    needs: 'cognito-idp:ListGroups',
    message: 'Groups of one precedence have different roles: who is in both gets no role.',
    fix: 'Give each a precedence of its own.',
    find: ({ groups }) => {
      const byPrecedence = new Map<number, { name: string; roleArn?: string | undefined }[]>()
      for (const { name, roleArn, precedence } of groups) {
        if (roleArn === undefined || precedence === undefined) continue
        byPrecedence.set(precedence, [...(byPrecedence.get(precedence) ?? []), { name, roleArn }])
      }
      return [...byPrecedence.values()].flatMap((tied) =>
        new Set(tied.map(({ roleArn }) => roleArn)).size > 1
          ? [{ at: `group/${tied[0]?.name}`, detail: tied.map(({ name }) => name).join(', ') }]
          : [],
      )
    },
  },
  {
    id: 'writable-condition',
    severity: 'error',
    reads: 'UserPoolClient.WriteAttributes',
    needs: clientActions,
    message: 'Users can write an attribute that a condition depends on: they grant themselves the permission.',
    fix: 'Take it out of WriteAttributes of every app client.',
    find: onClients(({ WriteAttributes }, { claims }) =>
      claims.flatMap((claim) => {
        // Without a list, clients may write every standard attribute, and no custom one.
        const isWritable =
          WriteAttributes === undefined ? !claim.startsWith('custom:') : WriteAttributes.includes(claim)
        return isWritable ? [{ detail: claim }] : []
      }),
    ),
  },
  {
    id: 'long-lived-token',
    severity: 'warning',
    reads: 'UserPoolClient.AccessTokenValidity, IdTokenValidity, TokenValidityUnits',
    needs: clientActions,
    message: 'Access or ID tokens are valid for longer than an hour: a removed group still counts that long.',
    fix: 'Set AccessTokenValidity and IdTokenValidity to 15 to 60 minutes.',
    find: onClients((client) => {
      const seconds = Math.max(validity(client, 'AccessToken'), validity(client, 'IdToken'))
      if (seconds <= 3600) return []
      return [{ detail: `${seconds / 3600} h`, ...(seconds >= 86_400 && { severity: 'error' as const }) }]
    }),
  },
  {
    id: 'revocation-off',
    severity: 'warning',
    reads: 'UserPoolClient.EnableTokenRevocation',
    needs: clientActions,
    message: 'Refresh tokens cannot be revoked, and tokens of one sign-in cannot be told from others.',
    fix: 'Set EnableTokenRevocation to true.',
    find: onClients(({ EnableTokenRevocation }) => when(EnableTokenRevocation === false)),
  },
  {
    id: 'no-rotation',
    severity: 'note',
    reads: 'UserPoolClient.RefreshTokenRotation',
    needs: clientActions,
    message: 'Refresh tokens of a public client are not rotated.',
    fix: 'Set RefreshTokenRotation.Feature to ENABLED.',
    find: onClients(({ isPublic, RefreshTokenRotation }) =>
      when(isPublic && RefreshTokenRotation?.Feature !== 'ENABLED'),
    ),
  },
  {
    id: 'implicit-grant',
    severity: 'error',
    reads: 'UserPoolClient.AllowedOAuthFlows',
    needs: clientActions,
    message: 'The implicit grant puts tokens into addresses.',
    fix: 'Allow the code grant only.',
    find: onClients(({ AllowedOAuthFlowsUserPoolClient: isOn, AllowedOAuthFlows = [] }) =>
      when(isOn && AllowedOAuthFlows.includes('implicit')),
    ),
  },
  {
    id: 'http-callback',
    severity: 'error',
    reads: 'UserPoolClient.CallbackURLs, LogoutURLs',
    needs: clientActions,
    message: 'A callback or sign-out address is http.',
    fix: 'Use https; http only for localhost, while developing.',
    find: onClients(({ CallbackURLs = [], LogoutURLs = [] }) =>
      [...CallbackURLs, ...LogoutURLs].flatMap((url) =>
        url.startsWith('http:') && !isLocal(url) ? [{ detail: url }] : [],
      ),
    ),
  },
  {
    id: 'local-callback',
    severity: 'note',
    reads: 'UserPoolClient.CallbackURLs',
    needs: clientActions,
    message: 'A callback address is on localhost.',
    fix: 'Have an app client of its own for development.',
    find: onClients(({ CallbackURLs = [] }) => CallbackURLs.flatMap((url) => (isLocal(url) ? [{ detail: url }] : []))),
  },
  {
    id: 'password-flow',
    severity: 'warning',
    reads: 'UserPoolClient.ExplicitAuthFlows',
    needs: clientActions,
    message: 'A public client takes plain passwords (USER_PASSWORD_AUTH).',
    fix: 'Allow USER_SRP_AUTH in its place.',
    find: onClients(({ isPublic, ExplicitAuthFlows = [] }) =>
      when(isPublic && ExplicitAuthFlows.some((flow) => /^(ALLOW_)?USER_PASSWORD_AUTH$/.test(flow))),
    ),
  },
  {
    id: 'user-existence',
    severity: 'warning',
    reads: 'UserPoolClient.PreventUserExistenceErrors',
    needs: clientActions,
    message: 'Errors tell who has an account.',
    fix: 'Set PreventUserExistenceErrors to ENABLED.',
    find: onClients(({ PreventUserExistenceErrors }) => when(PreventUserExistenceErrors !== 'ENABLED')),
  },
  {
    id: 'self-service-scope',
    severity: 'warning',
    reads: 'UserPoolClient.AllowedOAuthScopes',
    needs: clientActions,
    message: "Access tokens have aws.cognito.signin.user.admin: whoever holds one changes the user's own attributes.",
    fix: 'Take the scope out of AllowedOAuthScopes.',
    find: onClients(({ AllowedOAuthFlowsUserPoolClient: isOn, AllowedOAuthScopes = [] }) =>
      when(isOn && AllowedOAuthScopes.includes('aws.cognito.signin.user.admin')),
    ),
  },
  {
    id: 'self-sign-up',
    severity: 'note',
    reads: 'UserPool.AdminCreateUserConfig',
    needs: poolAction,
    message: 'Anyone can sign up.',
    fix: 'Set AdminCreateUserConfig.AllowAdminCreateUserOnly to true, unless it is meant.',
    find: onPool(({ AdminCreateUserConfig }) => AdminCreateUserConfig?.AllowAdminCreateUserOnly !== true),
  },
  {
    id: 'no-mfa',
    severity: 'warning',
    reads: 'UserPool.MfaConfiguration',
    needs: poolAction,
    message: 'Multi-factor authentication is off.',
    fix: 'Set MfaConfiguration to OPTIONAL or ON.',
    find: onPool(({ MfaConfiguration = 'OFF' }) => MfaConfiguration === 'OFF'),
  },
  {
    id: 'unverified-update',
    severity: 'warning',
    reads: 'UserPool.UserAttributeUpdateSettings, AutoVerifiedAttributes',
    needs: poolAction,
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
    needs: poolAction,
    message: 'One call deletes the pool with its users.',
    fix: 'Set DeletionProtection to ACTIVE.',
    find: onPool(({ DeletionProtection }) => DeletionProtection !== 'ACTIVE'),
  },
  {
    id: 'case-sensitive',
    severity: 'note',
    reads: 'UserPool.UsernameConfiguration',
    needs: poolAction,
    message: 'User names differ by case: Alice and alice are two users.',
    fix: 'Only a new pool can be without.',
    find: onPool(({ UsernameConfiguration }) => UsernameConfiguration?.CaseSensitive !== false),
  },
  {
    id: 'token-overflow',
    severity: 'warning',
    reads: 'Groups[].GroupName, RoleArn',
    needs: 'cognito-idp:ListGroups',
    message: 'With all groups a token is larger than cookies and headers take.',
    fix: 'Have fewer groups, or shorter names.',
    find: ({ groups, userPoolId }) => {
      const characters = groups.reduce(
        (sum, { name, roleArn }) => sum + name.length + 3 + (roleArn?.length ?? -3) + 3,
        0,
      )
      return (characters * 4) / 3 > 6000 ? [{ at: `pool/${userPoolId}` }] : []
    },
  },
]

/** What the checks found, and those that could not look. */
export interface Examination {
  readonly findings: readonly (Found & Pick<Check, 'id' | 'message' | 'fix'> & { readonly severity: Severity })[]
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
}

/** Runs every check. One whose part of the world was not read is skipped, and says why. */
export function examine(world: PoolWorld): Examination {
  const findings: Examination['findings'][number][] = []
  const skipped: Examination['skipped'][number][] = []
  for (const { id, severity, needs, message, fix, find } of checks) {
    const missing = needs.split(' ').flatMap((action) => {
      const reason = world.unread.get(action)
      return reason === undefined ? [] : [`${action}: ${reason}`]
    })
    if (missing.length > 0) skipped.push({ id, reason: missing.join('; ') })
    else for (const found of find(world)) findings.push({ id, severity, message, fix, ...found })
  }
  return { findings, skipped }
}

/** In seconds. Cognito counts access and ID tokens in hours where no unit is set. */
function validity(client: ClientSettings, token: 'AccessToken' | 'IdToken'): number {
  const seconds = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 }
  return (client[`${token}Validity`] ?? 1) * seconds[client.TokenValidityUnits?.[token] ?? 'hours']
}

function isLocal(url: string): boolean {
  return /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i.test(url)
}

/** Whether some allowing statement leaves out the identity pool, or the users who have signed in. */
function isLoose({ Statement }: PolicyDocument, identityPoolId: string | undefined): boolean {
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement]
  return statements.some((given) => {
    const { Effect, Condition } = given as { Effect?: unknown; Condition?: Record<string, Record<string, unknown>> }
    if (Effect !== 'Allow') return false
    const only = (operators: readonly string[], key: string, value: string | undefined) =>
      operators.some((operator) => {
        const found = Condition?.[operator]?.[`cognito-identity.amazonaws.com:${key}`]
        return found !== undefined && (Array.isArray(found) ? found : [found]).every((each) => each === value)
      })
    const isBound = only(['StringEquals'], 'aud', identityPoolId)
    return (
      !isBound || !only(['ForAnyValue:StringLike', 'ForAnyValue:StringEquals', 'StringEquals'], 'amr', 'authenticated')
    )
  })
}

import type { Check, Found } from './check.ts'
import type { ClientSettings, PoolWorld } from './read-world.ts'

const needs = 'cognito-idp:ListUserPoolClients cognito-idp:DescribeUserPoolClient'

/** A check of every app client. */
function onClients(find: (client: ClientSettings, world: PoolWorld) => readonly Omit<Found, 'at'>[]): Check['find'] {
  return (world) =>
    world.clients.flatMap((client) =>
      find(client, world).map((found) => ({ at: `client/${client.ClientId}`, name: client.ClientName, ...found })),
    )
}

const when = (holds: unknown): readonly Record<string, never>[] => (holds ? [{}] : [])

/** The checks of app clients. */
export const clientChecks: readonly Check[] = [
  {
    id: 'unlisted-client',
    severity: 'warning',
    reads: 'UserPoolClient.ClientId, ClientType',
    needs,
    asks: 'clients',
    message: 'The pool has an app client that nobody lists.',
    fix: 'Delete it, or add it to `clientId` of the guard and to --client here.',
    find: onClients(({ ClientId, ClientType }, { listedClients }) =>
      listedClients === undefined || listedClients.includes(ClientId)
        ? []
        : [String(ClientType) === 'DCR' ? { severity: 'error' } : {}],
    ),
  },
  {
    id: 'writable-condition',
    severity: 'error',
    reads: 'UserPoolClient.WriteAttributes, the conditions of the definitions',
    needs,
    asks: 'definitions',
    message: 'Users can write an attribute that a condition depends on: they grant themselves the permission.',
    fix: 'Take it out of WriteAttributes of every app client that users have.',
    find: onClients(({ WriteAttributes = standardAttributes() }, { conditions }) =>
      conditions.flatMap(({ claim, path }) =>
        WriteAttributes.includes(claim) ? [{ detail: claim, key: claim, path }] : [],
      ),
    ),
  },
  {
    id: 'long-lived-token',
    severity: 'warning',
    reads: 'UserPoolClient.AccessTokenValidity, IdTokenValidity, TokenValidityUnits',
    needs,
    message: 'Access or ID tokens are valid for longer than an hour: a removed group still counts that long.',
    fix: 'Set AccessTokenValidity and IdTokenValidity to 15 to 60 minutes.',
    find: onClients((client) => {
      const seconds = Math.max(validity(client, 'AccessToken'), validity(client, 'IdToken'))
      if (seconds <= 3600) return []
      return [{ detail: `${+(seconds / 3600).toFixed(2)} h`, ...(seconds >= 86_400 && { severity: 'error' as const }) }]
    }),
  },
  {
    id: 'revocation-off',
    severity: 'warning',
    reads: 'UserPoolClient.EnableTokenRevocation',
    needs,
    message: 'Refresh tokens cannot be revoked, and tokens of one sign-in cannot be told from others.',
    fix: 'Set EnableTokenRevocation to true.',
    find: onClients(({ EnableTokenRevocation }) => when(EnableTokenRevocation === false)),
  },
  {
    id: 'no-rotation',
    severity: 'note',
    reads: 'UserPoolClient.RefreshTokenRotation, ClientSecret',
    needs,
    message: 'Refresh tokens of a public client are not rotated.',
    fix:
      'Set RefreshTokenRotation.Feature to ENABLED and take ALLOW_REFRESH_TOKEN_AUTH out of ExplicitAuthFlows, where apps ' +
      'refresh by GetTokensFromRefreshToken or /oauth2/token.',
    find: onClients(({ isPublic, RefreshTokenRotation }) =>
      when(isPublic && RefreshTokenRotation?.Feature !== 'ENABLED'),
    ),
  },
  {
    id: 'implicit-grant',
    severity: 'error',
    reads: 'UserPoolClient.AllowedOAuthFlows, AllowedOAuthFlowsUserPoolClient',
    needs,
    message: 'The implicit grant puts tokens into the address of a page, where history and scripts find them.',
    fix: 'Set AllowedOAuthFlows to code alone.',
    find: onClients(({ AllowedOAuthFlowsUserPoolClient: isOn, AllowedOAuthFlows = [] }) =>
      when(isOn && AllowedOAuthFlows.includes('implicit')),
    ),
  },
  {
    id: 'http-callback',
    severity: 'error',
    reads: 'UserPoolClient.CallbackURLs, LogoutURLs',
    needs,
    message: 'A callback or sign-out address is http.',
    fix: 'Use https in CallbackURLs and LogoutURLs; http only for localhost, while developing.',
    find: onClients(({ CallbackURLs = [], LogoutURLs = [] }) =>
      [...new Set([...CallbackURLs, ...LogoutURLs])].flatMap((url) =>
        /^http:/i.test(url) && !isLocal(url) ? [{ detail: url, key: url }] : [],
      ),
    ),
  },
  {
    id: 'local-callback',
    severity: 'note',
    reads: 'UserPoolClient.CallbackURLs',
    needs,
    message: 'A callback address is on localhost.',
    fix: 'Take it out of CallbackURLs, and have an app client of its own for development.',
    find: onClients(({ CallbackURLs = [] }) => {
      const [first, ...others] = CallbackURLs.filter(isLocal)
      if (first === undefined) return []
      return [{ detail: others.length === 0 ? first : `${first} and ${others.length} more` }]
    }),
  },
  {
    id: 'password-flow',
    severity: 'warning',
    reads: 'UserPoolClient.ExplicitAuthFlows, ClientSecret',
    needs,
    message: 'A public client takes plain passwords (USER_PASSWORD_AUTH).',
    fix: 'Have ALLOW_USER_SRP_AUTH in ExplicitAuthFlows in place of ALLOW_USER_PASSWORD_AUTH.',
    find: onClients(({ isPublic, ExplicitAuthFlows = [] }) =>
      when(isPublic && ExplicitAuthFlows.some((flow) => /^(ALLOW_)?USER_PASSWORD_AUTH$/.test(flow))),
    ),
  },
  {
    id: 'user-existence',
    severity: 'warning',
    reads: 'UserPoolClient.PreventUserExistenceErrors',
    needs,
    message: 'Errors of signing in tell who has an account.',
    fix: 'Set PreventUserExistenceErrors to ENABLED.',
    find: onClients(({ PreventUserExistenceErrors }) => when(PreventUserExistenceErrors !== 'ENABLED')),
  },
  {
    id: 'self-service-scope',
    severity: 'warning',
    reads: 'UserPoolClient.AllowedOAuthScopes, AllowedOAuthFlowsUserPoolClient',
    needs,
    message: "Access tokens have aws.cognito.signin.user.admin: whoever holds one changes the user's own attributes.",
    fix: 'Take the scope out of AllowedOAuthScopes.',
    find: onClients(({ AllowedOAuthFlowsUserPoolClient: isOn, AllowedOAuthScopes = [] }) =>
      when(isOn && AllowedOAuthScopes.includes('aws.cognito.signin.user.admin')),
    ),
  },
]

/** In seconds. Cognito counts access and ID tokens in hours where no unit is set, and they last one where nothing is. */
function validity(client: ClientSettings, token: 'AccessToken' | 'IdToken'): number {
  const seconds = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 }
  return (client[`${token}Validity`] ?? 1) * seconds[client.TokenValidityUnits?.[token] ?? 'hours']
}

function isLocal(url: string): boolean {
  return /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i.test(url)
}

/** What users may write through a client without a list of its own: the standard attributes, and no custom one. */
function standardAttributes(): string[] {
  const names =
    'address birthdate email family_name gender given_name locale middle_name name nickname phone_number picture ' +
    'preferred_username profile updated_at website zoneinfo'
  return names.split(' ')
}

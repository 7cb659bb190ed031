import type { Timestamp } from '../user-pool/cognito-idp.generated.ts'

/** Texts by name: logins by provider, roles by `authenticated` and `unauthenticated`, tags by key. */
export type Texts = Readonly<Record<string, string>>

export interface GetIdInput {
  readonly IdentityPoolId: string
  readonly AccountId?: string | undefined
  readonly Logins?: Texts | undefined
}

export interface GetIdOutput {
  readonly IdentityId?: string | undefined
}

export interface GetOpenIdTokenInput {
  readonly IdentityId: string
  readonly Logins?: Texts | undefined
}

export interface GetOpenIdTokenOutput {
  readonly IdentityId?: string | undefined
  readonly Token?: string | undefined
}

export interface GetCredentialsForIdentityInput {
  readonly IdentityId: string
  readonly Logins?: Texts | undefined
  readonly CustomRoleArn?: string | undefined
}

export interface IdentityCredentials {
  readonly AccessKeyId?: string | undefined
  readonly SecretKey?: string | undefined
  readonly SessionToken?: string | undefined
  readonly Expiration?: Timestamp | undefined
}

export interface GetCredentialsForIdentityOutput {
  readonly IdentityId?: string | undefined
  readonly Credentials?: IdentityCredentials | undefined
}

export interface UnlinkIdentityInput {
  readonly IdentityId: string
  readonly Logins: Texts
  readonly LoginsToRemove: readonly string[]
}

export interface IdentityPoolIdInput {
  readonly IdentityPoolId: string
}

export interface CognitoIdentityProvider {
  readonly ProviderName?: string | undefined
  readonly ClientId?: string | undefined
  readonly ServerSideTokenCheck?: boolean | undefined
}

/** The settings of an identity pool: what DescribeIdentityPool answers, and UpdateIdentityPool takes as a whole. */
export interface IdentityPoolSettings {
  readonly IdentityPoolId: string
  readonly IdentityPoolName: string
  readonly AllowUnauthenticatedIdentities: boolean
  readonly AllowClassicFlow?: boolean | undefined
  readonly SupportedLoginProviders?: Texts | undefined
  readonly DeveloperProviderName?: string | undefined
  readonly OpenIdConnectProviderARNs?: readonly string[] | undefined
  readonly CognitoIdentityProviders?: readonly CognitoIdentityProvider[] | undefined
  readonly SamlProviderARNs?: readonly string[] | undefined
  readonly IdentityPoolTags?: Texts | undefined
}

export interface MappingRule {
  readonly Claim: string
  readonly MatchType: 'Contains' | 'Equals' | 'NotEqual' | 'StartsWith'
  readonly Value: string
  readonly RoleARN: string
}

/** How the role of a provider's users is chosen. */
export interface RoleMapping {
  readonly Type: 'Rules' | 'Token'
  readonly AmbiguousRoleResolution?: 'AuthenticatedRole' | 'Deny' | undefined
  readonly RulesConfiguration?: { readonly Rules: readonly MappingRule[] } | undefined
}

export interface IdentityPoolRoles {
  readonly IdentityPoolId?: string | undefined
  readonly Roles?: Texts | undefined
  /** By provider, which is `<provider name>:<client id>` for a user pool. */
  readonly RoleMappings?: Readonly<Record<string, RoleMapping>> | undefined
}

export interface SetIdentityPoolRolesInput {
  readonly IdentityPoolId: string
  readonly Roles: Texts
  readonly RoleMappings?: Readonly<Record<string, RoleMapping>> | undefined
}

/** What each operation takes. */
export interface IdentityPoolInputs {
  DescribeIdentityPool: IdentityPoolIdInput
  GetCredentialsForIdentity: GetCredentialsForIdentityInput
  GetId: GetIdInput
  GetIdentityPoolRoles: IdentityPoolIdInput
  GetOpenIdToken: GetOpenIdTokenInput
  SetIdentityPoolRoles: SetIdentityPoolRolesInput
  UnlinkIdentity: UnlinkIdentityInput
  UpdateIdentityPool: IdentityPoolSettings
}

/** What each operation answers. */
export interface IdentityPoolOutputs {
  DescribeIdentityPool: IdentityPoolSettings
  GetCredentialsForIdentity: GetCredentialsForIdentityOutput
  GetId: GetIdOutput
  GetIdentityPoolRoles: IdentityPoolRoles
  GetOpenIdToken: GetOpenIdTokenOutput
  SetIdentityPoolRoles: object
  UnlinkIdentity: object
  UpdateIdentityPool: IdentityPoolSettings
}

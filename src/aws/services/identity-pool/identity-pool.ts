import type {
  CallOptions,
  ClientOptions,
  IdentityPoolCall,
  IdentityPoolRoles,
  IdentityPoolSettings,
} from '../../index.ts'

/** Which identity pool, and as whom it is called. */
export interface IdentityPoolOptions extends Omit<ClientOptions, 'region'> {
  /** `<region>:<uuid>`. */
  readonly identityPoolId: string
  /** Default: the one in `identityPoolId`. */
  readonly region?: string | undefined
}

/** An app client of a user pool whose users the identity pool takes. */
export interface UserPoolProvider {
  /** `cognito-idp.<region>.amazonaws.com/<user pool id>` */
  readonly providerName: string
  readonly clientId: string
  /** Whether each exchange asks the user pool if the user is still enabled. */
  readonly serverSideTokenCheck: boolean
}

/** The settings that can be changed. */
export interface IdentityPoolChanges {
  readonly name?: string | undefined
  /** Whether there are identities for callers without a login. */
  readonly allowUnauthenticatedIdentities?: boolean | undefined
  /** Whether callers may choose among all roles that trust the pool (GetOpenIdToken and AssumeRoleWithWebIdentity). */
  readonly allowClassicFlow?: boolean | undefined
  readonly providers?: readonly UserPoolProvider[] | undefined
  /** App ids of Facebook, Google and the like, by their domain. */
  readonly supportedLoginProviders?: Readonly<Record<string, string>> | undefined
  readonly developerProviderName?: string | undefined
  readonly openIdConnectProviderArns?: readonly string[] | undefined
  readonly samlProviderArns?: readonly string[] | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** The settings of an identity pool. */
export interface IdentityPoolDescription extends IdentityPoolChanges {
  readonly identityPoolId: string
  readonly name: string
  readonly allowUnauthenticatedIdentities: boolean
  /** True also where the pool was never told: AWS then allows it, at least to pools without role mappings. */
  readonly allowClassicFlow: boolean
  readonly providers: readonly UserPoolProvider[]
  readonly supportedLoginProviders: Readonly<Record<string, string>>
  readonly openIdConnectProviderArns: readonly string[]
  readonly samlProviderArns: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** As DescribeIdentityPool answers it. */
  readonly raw: IdentityPoolSettings
}

/** A rule that chooses a role by a claim. */
export interface RoleRule {
  readonly claim: string
  readonly matchType: 'Contains' | 'Equals' | 'NotEqual' | 'StartsWith'
  readonly value: string
  readonly roleArn: string
}

/** How the role of a provider's users is chosen: by the token's `cognito:preferred_role`, or by rules. */
export interface RoleMapping {
  readonly type: 'Rules' | 'Token'
  /** What happens where that gives no role. Default, where a mapping is set: Deny. */
  readonly ambiguousRoleResolution?: 'AuthenticatedRole' | 'Deny' | undefined
  /** Of type `Rules`. */
  readonly rules?: readonly RoleRule[] | undefined
}

/** The roles of an identity pool. */
export interface PoolRoles {
  /** The ARNs of `authenticated` and `unauthenticated`, as far as they are set. */
  readonly roles: Readonly<Record<string, string>>
  /** By provider, which is `<provider name>:<client id>` for a user pool. */
  readonly roleMappings: Readonly<Record<string, RoleMapping>>
  /** As GetIdentityPoolRoles answers it. */
  readonly raw: IdentityPoolRoles
}

/**
 * An identity pool. AWS replaces all of its settings, or all of its roles, with every write: each write here reads first and
 * keeps what it does not change, members that this library does not know included. Every write can be run again. Throws
 * AwsError.
 */
export interface IdentityPool {
  readonly identityPoolId: string
  readonly region: string
  /** Its settings (DescribeIdentityPool). */
  describe(options?: CallOptions): Promise<IdentityPoolDescription>
  /** Its roles, and how they are chosen (GetIdentityPoolRoles). */
  roles(options?: CallOptions): Promise<PoolRoles>
  /** Changes settings and keeps the others (DescribeIdentityPool, UpdateIdentityPool). */
  update(changes: IdentityPoolChanges, options?: CallOptions): Promise<IdentityPoolDescription>
  /**
   * Sets how the role of a provider's users is chosen, or with undefined takes that away; the roles and other providers'
   * mappings stay (GetIdentityPoolRoles, SetIdentityPoolRoles).
   */
  setRoleMapping(provider: string, mapping: RoleMapping | undefined, options?: CallOptions): Promise<void>
  /** Any operation of the API, in AWS's own names and shapes. A write whose answer was lost is not repeated. */
  readonly call: IdentityPoolCall
}

/** What roles, users and groups of IAM have in common. Policies are kept as they were sent, as text. Times are in milliseconds since the epoch. */
export interface PolicyHolderState {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly arn: string
  /** Inline policies by name. */
  readonly policies: Readonly<Record<string, string>>
  /** ARNs, in the order of attaching. */
  readonly managedPolicies: readonly string[]
  readonly createdAt: number
}

/** An IAM role. */
export interface RoleState extends PolicyHolderState {
  readonly description?: string | undefined
  readonly trustPolicy: string
  /** In seconds. */
  readonly maxSessionDuration: number
  readonly permissionsBoundary?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** The last call that its sessions signed, to the minute. */
  readonly lastUsed?: { readonly at: number; readonly region: string } | undefined
}

/** An IAM user: a person or a program of the account, and no user of a user pool. */
export interface IamUserState extends PolicyHolderState {
  readonly permissionsBoundary?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** Names of groups in lower case. */
  readonly groups: readonly string[]
  /** Ids of the user's access keys, oldest first. */
  readonly accessKeyIds: readonly string[]
}

/** An IAM group: its policies are those of its users too. */
export interface IamGroupState extends PolicyHolderState {}

/** A long-term access key of an IAM user. Times are in milliseconds since the epoch. */
export interface AccessKeyState {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** The user whose it is, as `State.iamUsers` has the name: in lower case. */
  readonly user: string
  readonly isActive: boolean
  readonly createdAt: number
  /** The last call that it signed, to the minute. */
  readonly lastUsed?: { readonly at: number; readonly region: string; readonly service: string } | undefined
}

/** An OpenID Connect provider of the account. Times are in milliseconds since the epoch. */
export interface OidcProviderState {
  readonly arn: string
  /** Without `https://`. */
  readonly url: string
  readonly clientIds: readonly string[]
  readonly thumbprints: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: number
}

/** A managed policy of the account. Times are in milliseconds since the epoch. */
export interface PolicyState {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly arn: string
  readonly description?: string | undefined
  /** The document of the default version, as it was sent. */
  readonly document: string
  readonly defaultVersion: number
  /** Oldest first. A number is never given twice. */
  readonly versions: readonly PolicyVersionState[]
  readonly lastVersion: number
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly updatedAt: number
}

/** One version of a managed policy; its number is 1 for `v1`. */
export interface PolicyVersionState {
  readonly version: number
  readonly document: string
  readonly createdAt: number
}

/**
 * Temporary credentials: of a role, of an IAM user (GetSessionToken), or of a federated user (GetFederationToken). Those
 * of neither a role nor a user are the administrator's. `until` is in milliseconds since the epoch.
 */
export interface SessionCredentialsState {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly roleName?: string | undefined
  /** Another role of the same name later is not meant. */
  readonly roleId?: string | undefined
  /** The IAM user, as `State.iamUsers` has the name, and the user's id. */
  readonly user?: string | undefined
  readonly userId?: string | undefined
  /** The name of a federated user. */
  readonly federatedName?: string | undefined
  /** The last part of the ARN of a role's session; empty for others. */
  readonly sessionName: string
  /** The identity that they were issued to, and its identity pool. */
  readonly identityId?: string | undefined
  readonly identityPoolId?: string | undefined
  /** Policies that narrow what the role may do, as text; absent where nothing does. An empty list leaves nothing. */
  readonly sessionPolicies?: readonly string[] | undefined
  /** Session tags, which policies know as `aws:PrincipalTag`. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Keys of the tags that sessions of sessions have as well, in lower case. */
  readonly transitiveTags?: readonly string[] | undefined
  readonly sourceIdentity?: string | undefined
  readonly until: number
}

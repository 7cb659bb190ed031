import { createMap, type JsonObject } from './json.ts'
import type { SavedKeys } from './key-ring.ts'

/** Which of its two issuers a pool uses: AWS's `IssuerConfigurationType` in lower case. */
export type IssuerKind = 'original' | 'updated'

/** An attribute by which a user can be addressed in place of the user name. */
export type AliasAttribute = 'email' | 'phone_number' | 'preferred_username'

/** An attribute that users have instead of a user name of their own. */
export type UsernameAttribute = 'email' | 'phone_number'

/** A second factor, by its name in AWS's `ChallengeNameType`. */
export type MfaMethod = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP'

/** Whether the pool remembers devices: never, where the user agrees, or always. */
export type DeviceTracking = 'off' | 'opt-in' | 'always'

/** A group of a user pool. Times are in milliseconds since the epoch. */
export interface GroupState {
  readonly name: string
  readonly description?: string | undefined
  readonly roleArn?: string | undefined
  readonly precedence?: number | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** A device that a user has signed in from. Times are in milliseconds since the epoch. */
export interface DeviceState {
  readonly key: string
  readonly attributes: Readonly<Record<string, string>>
  /** What ConfirmDevice has set; absent for devices that were there from the start. */
  readonly groupKey?: string | undefined
  readonly salt?: string | undefined
  readonly verifier?: string | undefined
  readonly isRemembered?: boolean | undefined
  readonly createdAt: number
  readonly updatedAt: number
  readonly usedAt: number
}

/** A passkey of a user. Bytes are in base64url; times in milliseconds since the epoch. */
export interface PasskeyState {
  readonly id: string
  readonly name: string
  /** The domain that it was made for. */
  readonly rpId: string
  readonly publicKey: { readonly algorithm: number; readonly jwk: Readonly<Record<string, string>> }
  /** How often it says to have signed; 0 for one that does not count. */
  readonly signCount: number
  readonly isBackupEligible: boolean
  readonly attachment?: string | undefined
  readonly transports: readonly string[]
  readonly createdAt: number
}

/** How a pool takes passkeys: AWS's `WebAuthnConfigurationType`. */
export interface PasskeySettings {
  /** The domain that passkeys are made for; absent for that of the managed login. */
  readonly rpId?: string | undefined
  readonly userVerification: 'required' | 'preferred'
  /** Whether a passkey with user verification counts as two factors. */
  readonly isMultiFactor: boolean
}

/** A user of a user pool. Times are in milliseconds since the epoch. */
export interface UserState {
  readonly username: string
  readonly status: string
  readonly enabled: boolean
  readonly password?: string | undefined
  /** The last passwords, this one too, where the policy keeps them from coming back. */
  readonly passwordHistory?: readonly string[] | undefined
  /** When a temporary password ends. */
  readonly passwordUntil?: number | undefined
  /** Wrong passwords in a row, and until when no further one is tried. */
  readonly failures?: { readonly count: number; readonly lockedUntil: number } | undefined
  /**
   * With `sub`. Values are text, as in the directory; booleans are `true` and `false`. Only names of the schema are
   * looked up, so an ordinary object is safe here; one without a prototype needs four times the memory.
   */
  readonly attributes: Readonly<Record<string, string>>
  /** New addresses and numbers that count once their code comes back. */
  readonly pendingAttributes?: Readonly<Partial<Record<'email' | 'phone_number', string>>> | undefined
  /** Memberships, as `membershipIn` names them. */
  readonly groups: readonly string[]
  readonly mfa: readonly MfaMethod[]
  readonly preferredMfa?: MfaMethod | undefined
  /** Whether the user has set a TOTP application up, whether or not it is among `mfa`. */
  readonly hasSoftwareToken?: boolean | undefined
  /** The secret of that application in base32, and the time step of the code that was used last. */
  readonly totpSecret?: string | undefined
  readonly totpUsed?: number | undefined
  /** A secret that AssociateSoftwareToken has given out and no code has confirmed yet. */
  readonly totpPending?: string | undefined
  /** Devices that were offered and not confirmed yet: group keys by device key. */
  readonly newDevices?: Readonly<Record<string, string>> | undefined
  /** Codes that wait to be entered. */
  readonly codes?: Readonly<Partial<Record<CodePurpose, CodeState>>> | undefined
  readonly devices: readonly DeviceState[]
  readonly passkeys?: readonly PasskeyState[] | undefined
  /** The passkey that is being registered, and by which client. */
  readonly passkeyChallenge?:
    | { readonly challenge: string; readonly clientId: string; readonly until: number }
    | undefined
  /** Whether the user's passkeys count as two factors. */
  readonly passkeyMfa?: boolean | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** An app client of a user pool. Times are in milliseconds since the epoch. */
export interface ClientState {
  readonly clientId: string
  readonly name: string
  /** The secret that it has had for longest. */
  readonly secret?: string | undefined
  readonly secretId?: string | undefined
  readonly secretAt?: number | undefined
  /** The other secret, while secrets are rotated: both count. */
  readonly newSecret?: { readonly id: string; readonly value: string; readonly createdAt: number } | undefined
  /** What CreateUserPoolClient and UpdateUserPoolClient set, in AWS's names, with Cognito's defaults. */
  readonly settings: JsonObject
  /** For how long managed login signs users in silently, in minutes; absent where it was never set. */
  readonly sessionReuse?: number | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** An identity provider of a user pool. Times are in milliseconds since the epoch. */
export interface ProviderState {
  readonly name: string
  readonly type: string
  readonly details: Readonly<Record<string, string>>
  readonly attributeMapping?: Readonly<Record<string, string>> | undefined
  readonly identifiers?: readonly string[] | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** A resource server of a user pool, with scopes in AWS's own shape. */
export interface ResourceServerState {
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly { readonly ScopeName: string; readonly ScopeDescription: string }[]
}

/** A challenge that waits for its answer. `until` is in milliseconds since the epoch. */
export interface SessionState {
  readonly username: string
  readonly clientId: string
  readonly challenge: string
  readonly until: number
  /** Whether an administrator signs the user in. Every challenge then holds the user's name. */
  readonly byAdministrator?: boolean | undefined
  /** Whether the challenge has been answered: a session can only be used once. */
  readonly isUsed?: boolean | undefined
  /** The exchange of a password or device verifier, whose secret block names the session. */
  readonly srp?: SrpExchange | undefined
  /** The session that has to come with the secret block. Absent where none was handed out. */
  readonly session?: string | undefined
  /** The code that was sent by mail or text. */
  readonly code?: string | undefined
  /** The address that the code went to, where it is to become a second factor. */
  readonly newEmail?: string | undefined
  /** The device that the user says to sign in from. */
  readonly deviceKey?: string | undefined
  /** The TOTP secret that is being set up, and whether a code of it has been seen. */
  readonly totpSecret?: string | undefined
  readonly isVerified?: boolean | undefined
  /** What CUSTOM_AUTH knows so far: the answers, and what the triggers keep to themselves of the open challenge. */
  readonly custom?:
    | {
        readonly results: readonly CustomResult[]
        readonly hidden?: JsonObject | undefined
        readonly metadata?: string | undefined
      }
    | undefined
  /** The factors that the user has shown so far, and the level that is to be reached. */
  readonly proven?: readonly string[] | undefined
  readonly target?: number | undefined
  /** What the answer to WEB_AUTHN has to be signed with, in base64url. */
  readonly passkeyChallenge?: string | undefined
  /** Whether there is no such user: the client hides that. */
  readonly isPretended?: boolean | undefined
}

/** An answer in CUSTOM_AUTH, as triggers receive it. */
export interface CustomResult {
  readonly challengeName: string
  readonly challengeResult: boolean
  readonly challengeMetadata?: string | undefined
}

/** The numbers of an SRP exchange, in hexadecimal. */
export interface SrpExchange {
  /** In lower case and without leading zeros, as it stands in the challenge. */
  readonly salt: string
  readonly verifier: string
  /** The server's secret and public value. */
  readonly b: string
  readonly B: string
  /** The client's public value. */
  readonly A: string
}

/** A code that was sent to a user. `until` is in milliseconds since the epoch. */
export interface CodeState {
  readonly code: string
  readonly until: number
  /** How many wrong codes have been tried since. */
  readonly attempts: number
  /** The codes before, which are refused as expired. */
  readonly replaced?: readonly string[] | undefined
}

/** What a code is for: an attribute's name stands for the verification of that attribute. */
export type CodePurpose = 'sign-up' | 'forgot-password' | 'email' | 'phone_number'

/** A message that Cognito would have sent. `at` is in milliseconds since the epoch. */
export interface MessageState {
  readonly medium: 'EMAIL' | 'SMS'
  /** The address or the number. */
  readonly to: string
  readonly username: string
  readonly purpose: 'sign-up' | 'forgot-password' | 'attribute' | 'sign-in' | 'sign-in-notice'
  /** Of a notice of a sign-in: the token of UpdateAuthEventFeedback. */
  readonly code: string
  readonly at: number
}

/**
 * A refresh token. `authTime` is in seconds, `until` in milliseconds since the epoch, and so is `replacedUntil`: until
 * when a token still works after rotation has put another one in its place.
 */
export interface RefreshState {
  readonly username: string
  readonly clientId: string
  readonly authTime: number
  readonly originJti: string
  readonly until: number
  readonly replacedUntil?: number | undefined
  readonly isRevoked?: boolean | undefined
  /** The device that the user signed in from. */
  readonly deviceKey?: string | undefined
  /** The scopes that were granted; absent where they are those of a sign-in by the API. */
  readonly scope?: string | undefined
  /** The resource that the access token is for, where managed login was asked for one. */
  readonly audience?: string | undefined
  /** How the user was authenticated, where a level was asked for. */
  readonly level?: AuthenticationLevel | undefined
  /** The factors that the user has shown; absent where there was no sign-in. */
  readonly factors?: readonly string[] | undefined
}

/** How a user was authenticated: the claims `acr` and `amr`. */
export interface AuthenticationLevel {
  readonly acr: string
  readonly amr: readonly string[]
}

/** A sign-in that threat protection has logged. Times are in milliseconds since the epoch. */
export interface AuthEventState {
  readonly username: string
  readonly at: number
  readonly until: number
  readonly hasPassed: boolean
  /** What was asked for, in AWS's words: `Password`, `Mfa`. */
  readonly factors: readonly ('Password' | 'Mfa')[]
  /** By which the user says what it was. */
  readonly feedbackToken: string
  readonly feedback?: { readonly value: string; readonly provider: string; readonly at: number } | undefined
}

/** A session of a user, where the pool tracks them. Times are in milliseconds since the epoch. */
export interface UserSessionState {
  readonly username: string
  /** The app client that it began with. */
  readonly clientId: string
  /** The sign-in that its tokens come from; absent for a session of managed login. */
  readonly originJti?: string | undefined
  /** The session of managed login that it came through. */
  readonly originSessionId?: string | undefined
  readonly createdAt: number
  readonly lastActiveAt: number
  readonly until: number
}

/** A code of managed login that waits to be redeemed. `authTime` is in seconds, `until` in milliseconds since the epoch. */
export interface AuthorizationCodeState {
  readonly username: string
  readonly clientId: string
  /** As it was asked for: the token endpoint has to hear the same. */
  readonly redirectUri: string
  readonly scope: string
  readonly codeChallenge?: string | undefined
  readonly nonce?: string | undefined
  /** The resource that the access token is for. */
  readonly audience?: string | undefined
  readonly authTime: number
  readonly factors: readonly string[]
  readonly level?: AuthenticationLevel | undefined
  /** The id of the session of managed login, where the pool tracks sessions. */
  readonly originSessionId?: string | undefined
  readonly until: number
}

/** A user whom managed login knows by a cookie. `authTime` is in seconds, `until` in milliseconds since the epoch. */
export interface LoginSessionState {
  readonly username: string
  readonly authTime: number
  /** What the user has shown. */
  readonly factors: readonly string[]
  /** Its id among the sessions of users, where the pool tracks them. */
  readonly trackedId?: string | undefined
  readonly until: number
}

/** What a pool demands of passwords. */
export interface PasswordPolicy {
  readonly minLength: number
  readonly requireLowercase: boolean
  readonly requireUppercase: boolean
  readonly requireNumbers: boolean
  readonly requireSymbols: boolean
  /** How long a temporary password works, in days. */
  readonly temporaryDays: number
  /** How many earlier passwords must not come back. */
  readonly historySize?: number | undefined
}

/** A document that users agree to when they sign up. Times are in milliseconds since the epoch. */
export interface TermsState {
  readonly id: string
  readonly clientId: string
  readonly name: string
  /** URLs by language, such as `cognito:default`. */
  readonly links: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly updatedAt: number
}

/** A style of managed login. Assets are in AWS's own shape. Times are in milliseconds since the epoch. */
export interface BrandingState {
  readonly id: string
  readonly clientId: string
  readonly usesDefaults: boolean
  readonly settings?: JsonObject | undefined
  readonly assets: readonly JsonObject[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** An import of users from a CSV file. Times are in milliseconds since the epoch. */
export interface ImportJobState {
  readonly id: string
  readonly name: string
  readonly roleArn: string
  readonly hashing?: string | undefined
  readonly status: 'Created' | 'Pending' | 'InProgress' | 'Stopping' | 'Expired' | 'Stopped' | 'Failed' | 'Succeeded'
  readonly imported: number
  readonly skipped: number
  readonly failed: number
  readonly message?: string | undefined
  /** What the upload of the file has to be signed with. */
  readonly uploadKey: string
  /** The file, from its upload until the job has run. */
  readonly file?: string | undefined
  readonly createdAt: number
  readonly startedAt?: number | undefined
  readonly completedAt?: number | undefined
}

/** A copy of the pool in another region: a setting, behind which there is no other pool. */
export interface ReplicaState {
  readonly region: string
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly tags: Readonly<Record<string, string>>
}

/** Whether users sign in with a second factor: AWS's `UserPoolMfaType`. */
export type MfaSetting = 'OFF' | 'OPTIONAL' | 'ON'

/** An attribute of a pool's schema. Limits are text, as in AWS's constraints: of length for texts, of value for numbers. */
export interface AttributeState {
  readonly name: string
  readonly type: 'String' | 'Number' | 'DateTime' | 'Boolean'
  readonly isMutable: boolean
  readonly min?: string | undefined
  readonly max?: string | undefined
}

/** The domain of a managed login. Times are in milliseconds since the epoch. */
export interface DomainState {
  /** A prefix, or a whole host name where there is a certificate. */
  readonly domain: string
  readonly certificateArn?: string | undefined
  readonly securityPolicy?: string | undefined
  readonly routing?: JsonObject | undefined
  readonly managedLoginVersion: number
  readonly createdAt: number
}

/** A user pool, as plain JSON. Times are in milliseconds since the epoch. */
export interface PoolState {
  readonly userPoolId: string
  readonly name: string
  readonly region: string
  /** The prefix of the managed login. */
  readonly domain?: string | undefined
  /** The domains of managed login by name: the prefix, and the pool's own domain. */
  readonly domains: Record<string, DomainState>
  /**
   * What CreateUserPool, UpdateUserPool and SetUserPoolMfaConfig set, in AWS's names and with Cognito's defaults, beside
   * what has a member of its own here.
   */
  readonly settings: JsonObject
  readonly tags: Readonly<Record<string, string>>
  readonly issuer: IssuerKind
  readonly strictIssuer: boolean
  readonly caseSensitive: boolean
  readonly aliases: readonly AliasAttribute[]
  readonly usernameAttributes: readonly UsernameAttribute[]
  /** Custom attributes by name, with `custom:` in front, and standard ones that are not as they are by default. */
  readonly schema: Readonly<Record<string, AttributeState>>
  /** Whether custom attributes need no place in the schema. */
  readonly takesAnyAttribute: boolean
  readonly requiredAttributes: readonly string[]
  readonly passwordPolicy: PasswordPolicy
  readonly createdAt: number
  readonly updatedAt: number
  readonly clients: Record<string, ClientState>
  readonly groups: Record<string, GroupState>
  readonly providers: Record<string, ProviderState>
  readonly resourceServers: Record<string, ResourceServerState>
  /** By id. */
  readonly terms: Record<string, TermsState>
  readonly brandings: Record<string, BrandingState>
  readonly importJobs: Record<string, ImportJobState>
  /** By region. */
  readonly replicas: Record<string, ReplicaState>
  /** `UICustomizationType` and `RiskConfigurationType` in AWS's own shape, by app client or `ALL`. */
  readonly customizations: Record<string, JsonObject>
  readonly riskConfigurations: Record<string, JsonObject>
  /** `LogConfigurationType` in AWS's own shape. */
  readonly logConfigurations: readonly JsonObject[]
  /** Written by `putUser` and `removeUser` alone, which keep what finds them. */
  readonly users: Readonly<Record<string, UserState>>
  /** How many times a group of this name was deleted. */
  readonly deletedGroups: Record<string, number>
  readonly sessions: Record<string, SessionState>
  /** `ON`: every user needs a second factor, and sets one up when signing in without. */
  readonly mfa: MfaSetting
  /** The second factors that users may have. */
  readonly mfaMethods: readonly MfaMethod[]
  readonly deviceTracking: DeviceTracking
  /** Absent where the pool takes no passkeys. */
  readonly passkeys?: PasskeySettings | undefined
  /** What was mailed and texted, oldest first. */
  readonly outbox: MessageState[]
  /** Sign-ins that were ended, by the `origin_jti` of their tokens. */
  readonly revokedOrigins: Record<string, { readonly username: string; readonly until: number }>
  readonly refreshTokens: Record<string, RefreshState>
  /** Sign-ins that were logged, by id. */
  readonly authEvents: Record<string, AuthEventState>
  /** Codes of managed login, by what the client redeems. */
  readonly authorizationCodes: Record<string, AuthorizationCodeState>
  /** Sessions of managed login, by their cookie. */
  readonly loginSessions: Record<string, LoginSessionState>
  /** Sessions of users, by id. */
  readonly userSessions: Record<string, UserSessionState>
  /** Whether sessions are tracked, and how many a user may have; absent where it was never set. */
  readonly sessionTracking?: { readonly isEnabled: boolean; readonly maxPerUser: number } | undefined
}

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

/** A user pool's app client that an identity pool trusts, as in `CognitoIdentityProvider`. */
export interface IdentityProviderState {
  readonly providerName: string
  readonly clientId: string
  readonly serverSideTokenCheck: boolean
}

/** An identity of an identity pool. Times are in milliseconds since the epoch. */
export interface IdentityState {
  /** The user's sub by provider; nothing for an identity without a login. */
  readonly logins: Readonly<Record<string, string>>
  /** Names that the developer's own provider has for the user. */
  readonly developerUsers?: readonly string[] | undefined
  /** Whether the last login was taken away, or another identity took its place: then nobody gets at it any more. */
  readonly isDisabled?: boolean | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** Which claims of a login become session tags. */
export interface PrincipalTagsState {
  readonly useDefaults: boolean
  /** Names of claims by tag. */
  readonly tags: Readonly<Record<string, string>>
}

/** An identity pool. Role mappings are in AWS's own shape, by provider. */
export interface IdentityPoolState {
  readonly identityPoolId: string
  readonly region: string
  /** What CreateIdentityPool and UpdateIdentityPool set, in AWS's names, besides the providers. */
  readonly settings: JsonObject
  readonly providers: readonly IdentityProviderState[]
  readonly roles: Readonly<Record<string, string>>
  readonly roleMappings: Readonly<Record<string, JsonObject>>
  /** By identity id. */
  readonly identities: Record<string, IdentityState>
  /** How session tags come from the claims of logins, by provider. */
  readonly principalTags: Readonly<Record<string, PrincipalTagsState>>
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

/** Everything that the services of a local world remember, as plain JSON. */
export interface State {
  readonly pools: Record<string, PoolState>
  /** Signing keys by user pool id, where the state outlives the process. */
  readonly signingKeys: Record<string, SavedKeys>
  /** What the clock was moved by, in milliseconds. */
  readonly clock: { offset: number }
  /** By name in lower case, since IAM ignores case. */
  readonly roles: Record<string, RoleState>
  /** Managed policies of the account, by ARN. */
  readonly policies: Record<string, PolicyState>
  /** IAM users by name in lower case. */
  readonly iamUsers: Record<string, IamUserState>
  /** IAM groups by name in lower case. */
  readonly iamGroups: Record<string, IamGroupState>
  /** Access keys of IAM users, by access key id. */
  readonly accessKeys: Record<string, AccessKeyState>
  /** By ARN. */
  readonly oidcProviders: Record<string, OidcProviderState>
  /** The one alias that the account may have. */
  readonly accountAliases: string[]
  readonly identityPools: Record<string, IdentityPoolState>
  /** Rates that were asked for (UpdateProvisionedLimit), in requests a second, by region and category. */
  readonly provisionedLimits: Record<string, number>
  /** By access key id. */
  readonly sessionCredentials: Record<string, SessionCredentialsState>
}

/** A world without a pool. */
export function createState(): State {
  return {
    pools: createMap(),
    signingKeys: createMap(),
    clock: { offset: 0 },
    roles: createMap(),
    policies: createMap(),
    iamUsers: createMap(),
    iamGroups: createMap(),
    accessKeys: createMap(),
    oidcProviders: createMap(),
    accountAliases: [],
    identityPools: createMap(),
    provisionedLimits: createMap(),
    sessionCredentials: createMap(),
  }
}

/** The AWS account of every local world. */
export function accountId(): string {
  return '123456789012'
}

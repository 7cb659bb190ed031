import type { JsonObject } from '../json.ts'
import type {
  AuthEventState,
  AuthorizationCodeState,
  LoginSessionState,
  MfaMethod,
  RefreshState,
  SessionState,
  UserSessionState,
  UserState,
} from './users.ts'

/** Which of its two issuers a pool uses: AWS's `IssuerConfigurationType` in lower case. */
export type IssuerKind = 'original' | 'updated'

/** An attribute by which a user can be addressed in place of the user name. */
export type AliasAttribute = 'email' | 'phone_number' | 'preferred_username'

/** An attribute that users have instead of a user name of their own. */
export type UsernameAttribute = 'email' | 'phone_number'

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

/** How a pool takes passkeys: AWS's `WebAuthnConfigurationType`. */
export interface PasskeySettings {
  /** The domain that passkeys are made for; absent for that of the managed login. */
  readonly rpId?: string | undefined
  readonly userVerification: 'required' | 'preferred'
  /** Whether a passkey with user verification counts as two factors. */
  readonly isMultiFactor: boolean
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

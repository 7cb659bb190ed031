import { createMap, type JsonObject } from './json.ts'

/** Which of its two issuers a pool uses, in the words of AWS's `IssuerConfigurationType`, in lower case. */
export type IssuerKind = 'original' | 'updated'

/** An attribute by which a user can be addressed in place of the user name. */
export type AliasAttribute = 'email' | 'phone_number' | 'preferred_username'

/** An attribute that users have instead of a user name of their own. */
export type UsernameAttribute = 'email' | 'phone_number'

/** A second factor, in the words of AWS's `ChallengeNameType`. */
export type MfaMethod = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP'

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
  readonly createdAt: number
  readonly updatedAt: number
  readonly usedAt: number
}

/** A user of a user pool. Times are in milliseconds since the epoch. */
export interface UserState {
  readonly username: string
  readonly status: string
  readonly enabled: boolean
  readonly password?: string | undefined
  /** When a temporary password ends. */
  readonly passwordUntil?: number | undefined
  /** Wrong passwords in a row, and until when no further one is tried. */
  readonly failures?: { readonly count: number; readonly lockedUntil: number } | undefined
  /** With `sub`. Values are text, as in the directory; booleans are `true` and `false`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  readonly mfa: readonly MfaMethod[]
  readonly preferredMfa?: MfaMethod | undefined
  readonly devices: readonly DeviceState[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** An app client of a user pool. Times are in milliseconds since the epoch. */
export interface ClientState {
  readonly clientId: string
  readonly name: string
  readonly secret?: string | undefined
  /** What CreateUserPoolClient and UpdateUserPoolClient set, in AWS's names, with Cognito's defaults. */
  readonly settings: JsonObject
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

/** A challenge that waits for its answer. `until` is in milliseconds since the epoch. */
export interface SessionState {
  readonly username: string
  readonly clientId: string
  readonly challenge: string
  readonly until: number
}

/** A refresh token. `authTime` is in seconds, `until` in milliseconds since the epoch. */
export interface RefreshState {
  readonly username: string
  readonly clientId: string
  readonly authTime: number
  readonly originJti: string
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
}

/** A user pool, as plain JSON. Times are in milliseconds since the epoch. */
export interface PoolState {
  readonly userPoolId: string
  readonly name: string
  readonly region: string
  readonly domain: string
  readonly issuer: IssuerKind
  readonly strictIssuer: boolean
  readonly caseSensitive: boolean
  readonly aliases: readonly AliasAttribute[]
  readonly usernameAttributes: readonly UsernameAttribute[]
  /** Names with `custom:` in front; absent where any will do. */
  readonly customAttributes?: readonly string[] | undefined
  readonly requiredAttributes: readonly string[]
  readonly passwordPolicy: PasswordPolicy
  readonly createdAt: number
  readonly clients: Record<string, ClientState>
  readonly groups: Record<string, GroupState>
  readonly providers: Record<string, ProviderState>
  readonly users: Record<string, UserState>
  readonly sessions: Record<string, SessionState>
  readonly refreshTokens: Record<string, RefreshState>
}

/** Everything that the services of a local world remember, as plain JSON. */
export interface State {
  readonly pools: Record<string, PoolState>
}

/** A world without a pool. */
export function createState(): State {
  return { pools: createMap() }
}

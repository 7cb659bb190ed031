import type { JsonObject } from '../json.ts'

/** A second factor, by its name in AWS's `ChallengeNameType`. */
export type MfaMethod = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP'

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

/** The tokens of a sign-in. Each of them is a secret. */
export interface Tokens {
  readonly accessToken: string
  readonly idToken: string | undefined
  readonly refreshToken: string | undefined
  /** For how many seconds the ID and access tokens are good, from when they were issued. */
  readonly expiresIn: number
}

/** A device that Cognito wants to remember (ConfirmDevice). */
export interface NewDevice {
  readonly key: string
  readonly groupKey: string
}

/** The user is signed in. */
export interface SignedIn {
  readonly status: 'signed-in'
  readonly tokens: Tokens
  readonly newDevice: NewDevice | undefined
}

/** The challenges that need more than their name says to be answered, and what Cognito sends with them. */
interface ChallengeDetails {
  /** A code was sent by text message. */
  SMS_MFA: CodeDelivery
  /** A code was sent by e-mail. */
  EMAIL_OTP: CodeDelivery
  /** A code was sent by text message, as a first factor. */
  SMS_OTP: CodeDelivery
  /** A code of an authenticator app. */
  SOFTWARE_TOKEN_MFA: {
    /** The name that the user gave to the app. */
    readonly deviceName: string | undefined
  }
  /** The user has several second factors: which one? */
  SELECT_MFA_TYPE: {
    /** Such as `SMS_MFA` and `SOFTWARE_TOKEN_MFA`. */
    readonly choices: readonly string[]
  }
  /** The user has to set up a second factor. */
  MFA_SETUP: {
    readonly choices: readonly string[]
  }
  /** The second step of SRP. */
  PASSWORD_VERIFIER: SrpParameters
  /** Whatever the pool's Lambda triggers ask. */
  CUSTOM_CHALLENGE: object
  /** The user has several first factors: which one? */
  SELECT_CHALLENGE: {
    readonly choices: readonly string[]
  }
  /** The device has to prove itself: first step of SRP. */
  DEVICE_SRP_AUTH: object
  /** The device has to prove itself: second step of SRP. */
  DEVICE_PASSWORD_VERIFIER: SrpParameters
  /** A password, sent as it is. */
  ADMIN_NO_SRP_AUTH: object
  /** The password is a temporary one. */
  NEW_PASSWORD_REQUIRED: {
    /** Attributes that must be given with the new password, such as `email`. */
    readonly requiredAttributes: readonly string[]
    /** Those that the user has, by Cognito's names. */
    readonly attributes: { readonly [name: string]: string }
  }
  /** A password, as the chosen first factor. */
  PASSWORD: object
  /** A passkey. */
  WEB_AUTHN: {
    /** What `navigator.credentials.get` takes as `publicKey`, in its JSON form. */
    readonly requestOptions: unknown
  }
  /** A password by SRP, as the chosen first factor. */
  PASSWORD_SRP: object
}

/** Where a code was sent. */
export interface CodeDelivery {
  /** `SMS` or `EMAIL`. */
  readonly medium: string | undefined
  /** Masked, such as `+*******1234`. */
  readonly destination: string | undefined
}

/** What Cognito sends for the second step of SRP. */
export interface SrpParameters {
  readonly salt: string
  readonly srpB: string
  readonly secretBlock: string
}

/** The names of all challenges of the API (`ChallengeNameType`). */
export type ChallengeName = keyof ChallengeDetails

interface Challenged {
  /** The name by which Cognito wants to hear of the user in the answer. */
  readonly username: string
  /** Binds the answer to the challenge. A secret; good for the minutes that the app client says. */
  readonly session: string | undefined
  /** All that Cognito sent with the challenge, by its own names. */
  readonly parameters: { readonly [name: string]: string }
}

/** Cognito asks for something more. */
export type ChallengeStep = {
  readonly [C in ChallengeName]: { readonly status: 'challenge'; readonly challenge: C } & Challenged &
    Readonly<ChallengeDetails[C]>
}[ChallengeName]

/** Cognito asks for something that this version does not know. */
export interface OtherChallenge extends Challenged {
  readonly status: 'other-challenge'
  readonly challenge: string
}

/** What a step of a sign-in led to. */
export type SignInStep = SignedIn | ChallengeStep | OtherChallenge

/** The tokens of a sign-in. Each of them is a secret. */
export interface Tokens {
  readonly accessToken: string
  readonly idToken: string | undefined
  readonly refreshToken: string | undefined
  /** For how many seconds the ID and access tokens are good, from when they were issued. */
  readonly expiresIn: number
  /** When they end, in seconds since the epoch, by the clock of the machine that received them. */
  readonly expiresAt: number
  /** The device that signed in, without which such tokens cannot be renewed. */
  readonly deviceKey: string | undefined
}

/** A device that Cognito has just begun to know. `createSignIn` has confirmed it (ConfirmDevice). */
export interface NewDevice {
  readonly key: string
  readonly groupKey: string
  /** Whether the pool leaves it to the user if the device is remembered: ask, then `devices.remember`. */
  readonly asksUser: boolean
}

/** The user is signed in. */
export interface SignedIn {
  readonly status: 'signed-in'
  readonly tokens: Tokens
  readonly newDevice: NewDevice | undefined
}

/** The challenges that a person answers, and what Cognito sends with each. */
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
  /** The user has to set up a second factor: `mfa.setUp(step)` for an authenticator app, or an e-mail address. */
  MFA_SETUP: {
    readonly choices: readonly string[]
  }
  /** Whatever the pool's Lambda triggers ask: see `parameters`. */
  CUSTOM_CHALLENGE: object
  /** The user has several first factors: which one? */
  SELECT_CHALLENGE: {
    readonly choices: readonly string[]
  }
  /** The password is a temporary one. */
  NEW_PASSWORD_REQUIRED: {
    /** Attributes that must be given with the new password, such as `email`. */
    readonly requiredAttributes: readonly string[]
    /** Those that the user has, by Cognito's names. */
    readonly attributes: { readonly [name: string]: string }
  }
  /** A password, as the chosen first factor. It is sent as it is. */
  PASSWORD: object
  /** A passkey. */
  WEB_AUTHN: {
    /** What `PublicKeyCredential.parseRequestOptionsFromJSON` takes, for `navigator.credentials.get`. */
    readonly requestOptions: unknown
  }
  /** A password by SRP, as the chosen first factor. */
  PASSWORD_SRP: object
}

/** What each challenge wants to hear. */
interface ChallengeAnswers {
  SMS_MFA: CodeAnswer
  EMAIL_OTP: CodeAnswer
  SMS_OTP: CodeAnswer
  SOFTWARE_TOKEN_MFA: CodeAnswer
  SELECT_MFA_TYPE: ChoiceAnswer
  /** The code of the authenticator app that `mfa.setUp` prepared, or an address to set up codes by e-mail. */
  MFA_SETUP:
    | { readonly code: string; readonly deviceName?: string | undefined; readonly email?: undefined }
    | { readonly email: string; readonly code?: undefined; readonly deviceName?: undefined }
  CUSTOM_CHALLENGE: { readonly answer: string }
  /** With `PASSWORD` or `PASSWORD_SRP` the password may come along, which spares a step. */
  SELECT_CHALLENGE: ChoiceAnswer & { readonly password?: string | undefined }
  NEW_PASSWORD_REQUIRED: {
    readonly password: string
    /** Those of `requiredAttributes`. Others can only be changed after signing in. */
    readonly attributes?: { readonly [name: string]: string } | undefined
  }
  PASSWORD: PasswordAnswer
  /** What `PublicKeyCredential.toJSON` gives. */
  WEB_AUTHN: { readonly credential: unknown }
  PASSWORD_SRP: PasswordAnswer
}

interface CodeAnswer {
  readonly code: string
}

interface ChoiceAnswer {
  /** One of the step's `choices`. */
  readonly choice: string
}

interface PasswordAnswer {
  readonly password: string
}

/** Where a code was sent. */
export interface CodeDelivery {
  /** `SMS` or `EMAIL`. */
  readonly medium: string | undefined
  /** Masked, such as `+*******1234`. */
  readonly destination: string | undefined
}

/** The names of the challenges that a person answers; those of SRP and of devices are answered by themselves. */
export type ChallengeName = keyof ChallengeDetails

interface Challenged {
  readonly userPoolId: string
  /** The app client that the sign-in goes through. `respond` takes no step of another one. */
  readonly clientId: string
  /** The user name to send in the answer: the one that Cognito gave, never the alias that was typed. */
  readonly username: string
  /** Binds the answer to the challenge. A secret; good for the minutes that the app client says. */
  readonly session: string | undefined
  /** All that Cognito sent with the challenge, by its own names. */
  readonly parameters: { readonly [name: string]: string }
}

/** Cognito asks for something more. */
export type ChallengeStep<C extends ChallengeName = ChallengeName> = {
  readonly [K in C]: { readonly status: 'challenge'; readonly challenge: K } & Challenged &
    Readonly<ChallengeDetails[K]>
}[C]

/** Cognito asks for something that this version does not know. */
export interface OtherChallenge extends Challenged {
  readonly status: 'other-challenge'
  readonly challenge: string
}

/** What a step of a sign-in led to. Plain JSON, without the password and without any number of SRP. */
export type SignInStep = SignedIn | ChallengeStep | OtherChallenge

/** A step that waits for an answer. */
export type OpenStep = ChallengeStep | OtherChallenge

/** What a step's answer needs. */
export type AnswerTo<S extends OpenStep> = S extends { readonly status: 'challenge'; readonly challenge: infer C }
  ? C extends ChallengeName
    ? ChallengeAnswers[C]
    : never
  : {
      /** `ChallengeResponses` as the API names them. User name, secret hash and device key are added. */
      readonly responses: { readonly [name: string]: string }
    }

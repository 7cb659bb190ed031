import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import {
  CALL_OPTIONS,
  createClient,
  mustText,
  type SignInCallOptions,
  type SignInOptions,
  type UserClient,
} from './client.ts'
import { createKnownDevices } from './devices.ts'
import { answer, type Beginning, begin, type SignInFlowOptions } from './flow.ts'
import {
  createSession,
  type RefreshOptions,
  refresh,
  revoke,
  type Session,
  type SessionOptions,
  type StartingTokens,
} from './session.ts'
import type { AnswerTo, OpenStep, SignInStep, Tokens } from './step.ts'

/** How a password signs in. */
export interface PasswordSignInOptions extends SignInFlowOptions {
  /**
   * Whether SRP proves the password, so that it never leaves (ALLOW_USER_SRP_AUTH). False sends it as it is
   * (ALLOW_USER_PASSWORD_AUTH), which triggers for the migration of users need. Default true.
   */
  readonly srp?: boolean | undefined
}

/** How the pool's own Lambda triggers sign a user in. */
export interface CustomSignInOptions extends SignInFlowOptions {
  /** Proved by SRP before the triggers ask their questions. Default: the triggers ask at once. */
  readonly password?: string | undefined
}

/** How a user signs in who may choose among first factors. */
export interface ChoiceSignInOptions extends SignInFlowOptions {
  /** The factor to begin with, where the user has it. Default: Cognito asks which. */
  readonly preferred?: 'PASSWORD_SRP' | 'PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP' | 'WEB_AUTHN' | undefined
  /** With PASSWORD_SRP it never leaves; with PASSWORD it is sent as it is. */
  readonly password?: string | undefined
  /** Of `confirmSignUp`: signs in without asking again. */
  readonly session?: string | undefined
  /** Levels of authentication to reach, such as `urn:cognito:loa:2`. */
  readonly acrValues?: readonly string[] | undefined
  /** How old the sign-in may be at most, in seconds. */
  readonly maxAge?: number | undefined
  /** Of the sign-in that is to be stepped up. */
  readonly accessToken?: string | undefined
}

/** Signs users in, through one app client. Calls throw AwsError, SignInError or ConfigurationError. */
export interface SignIn extends UserClient {
  /** Signs in with a password, by SRP. NotAuthorizedException is a wrong name or password. */
  withPassword(username: string, password: string, options?: PasswordSignInOptions): Promise<SignInStep>
  /** Signs in by what the pool's Lambda triggers ask (CUSTOM_AUTH). */
  custom(username: string, options?: CustomSignInOptions): Promise<SignInStep>
  /** Signs in by one of several first factors (USER_AUTH): passwords, codes, passkeys. */
  choose(username: string, options?: ChoiceSignInOptions): Promise<SignInStep>
  /**
   * Answers a challenge. After a wrong code (CodeMismatchException) the same step can be answered again, until it expires.
   * A success spends it.
   */
  respond<S extends OpenStep>(step: S, answer: AnswerTo<S>, options?: SignInFlowOptions): Promise<SignInStep>
  /** Renews tokens, once. For tokens that renew themselves see `session`. */
  refresh(tokens: StartingTokens, options?: RefreshOptions): Promise<Tokens>
  /** Tokens that renew themselves. */
  session(tokens: StartingTokens, options?: SessionOptions): Session
  /** Ends a refresh token and the access tokens made with it (RevokeToken). */
  revoke(refreshToken: string, options?: SignInCallOptions): Promise<void>
}

/**
 * A client of the user's side of Cognito: sign-in and what follows from it. Nothing is sent until something is asked for.
 * `createAccount`, `createMfa`, `createPasskeys` and `createDevices` take it for the rest of what users do for themselves.
 *
 * @example
 * ```ts
 * const signIn = createSignIn({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789abcdefghij' })
 * let step = await signIn.withPassword('alice', password)
 * if (step.status === 'challenge' && step.challenge === 'SOFTWARE_TOKEN_MFA') step = await signIn.respond(step, { code })
 * if (step.status === 'signed-in') console.log(step.tokens.expiresIn)
 * ```
 *
 * @throws ConfigurationError, naming the option
 */
export function createSignIn(options: SignInOptions): SignIn {
  const client = createClient(options)
  const known = createKnownDevices(client, options.deviceStore)
  const start = async (place: string, beginning: Beginning, given: SignInFlowOptions) => {
    mustText(`${place}: username`, beginning.username)
    return begin(client, known, beginning, given)
  }
  return {
    userPoolId: client.userPoolId,
    clientId: client.clientId,
    call: client.call,
    secretHash: client.secretHash,
    async withPassword(username, password, given = {}) {
      checkOptions<PasswordSignInOptions>('withPassword', given, [...CALL_OPTIONS, 'deviceName', 'srp'])
      mustText('withPassword: password', password)
      const isSrp = given.srp !== false
      const flow = isSrp ? 'USER_SRP_AUTH' : 'USER_PASSWORD_AUTH'
      const parameters = { PASSWORD: isSrp ? undefined : password }
      const srpPassword = isSrp ? password : undefined
      return start('withPassword', { flow, username, parameters, srpPassword }, given)
    },
    async custom(username, given = {}) {
      checkOptions<CustomSignInOptions>('custom', given, [...CALL_OPTIONS, 'deviceName', 'password'])
      const { password } = given
      if (password !== undefined) mustText('custom: password', password)
      const parameters = { CHALLENGE_NAME: password && 'SRP_A' }
      return start('custom', { flow: 'CUSTOM_AUTH', username, parameters, srpPassword: password }, given)
    },
    async choose(username, given = {}) {
      checkOptions<ChoiceSignInOptions>('choose', given, [
        ...CALL_OPTIONS,
        ...(['deviceName', 'preferred', 'password', 'session', 'acrValues', 'maxAge', 'accessToken'] as const),
      ])
      const { preferred, password, session, acrValues, maxAge, accessToken } = given
      const isSrp = preferred === 'PASSWORD_SRP'
      if (password !== undefined) {
        assertConfig(
          'choose: preferred',
          isSrp || preferred === 'PASSWORD',
          'PASSWORD_SRP or PASSWORD, with a password.',
        )
        mustText('choose: password', password)
      }
      const parameters = {
        PREFERRED_CHALLENGE: preferred,
        PASSWORD: isSrp ? undefined : password,
        TARGET_ACR_VALUES: acrValues?.join(' '),
        MAX_AGE: maxAge === undefined ? undefined : `${maxAge}`,
        ACCESS_TOKEN: accessToken,
      }
      const srpPassword = isSrp ? password : undefined
      return start('choose', { flow: 'USER_AUTH', username, parameters, srpPassword, session }, given)
    },
    async respond(step, given, callOptions = {}) {
      checkOptions<SignInFlowOptions>('respond', callOptions, [...CALL_OPTIONS, 'deviceName'])
      return answer(client, known, step, given, callOptions)
    },
    refresh: async (tokens, given = {}) => refresh(client, tokens, given),
    session: (tokens, given = {}) => createSession(client, tokens, given),
    revoke: async (refreshToken, given = {}) => revoke(client, refreshToken, given),
  }
}

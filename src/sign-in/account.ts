import { createList, type List } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import {
  CALL_OPTIONS,
  checkCall,
  contextOf,
  limitsOf,
  mustClient,
  mustText,
  type SignInCallOptions,
  type UserClient,
} from './client.ts'
import { arrayOf, attributesOf, dateOf, objectsOf } from './devices.ts'
import type { CodeDelivery } from './step.ts'

type Attributes = { readonly [name: string]: string }

export interface SignUpOptions extends SignInCallOptions {
  /** By Cognito's names: `email`, `custom:tier`. */
  readonly attributes?: Attributes | undefined
  /** For the pre-sign-up trigger only. */
  readonly validationData?: Attributes | undefined
}

/** What a sign-up led to. */
export interface SignUpResult {
  /** The user's `sub`. Where the pool hides who exists, it may be that of nobody. */
  readonly sub: string
  /** False where `confirmSignUp` is needed first. */
  readonly confirmed: boolean
  readonly delivery: CodeDelivery | undefined
  /** Where the pool allows to sign in at once: for `confirmSignUp` and `choose`. */
  readonly session: string | undefined
}

export interface ConfirmSignUpOptions extends SignInCallOptions {
  /** The session of `signUp`. */
  readonly session?: string | undefined
  /** Takes a verified address or number from the user who has it as an alias. Default false. */
  readonly forceAliasCreation?: boolean | undefined
}

/** The user's own profile, by access token. */
export interface Profile {
  get(accessToken: string, options?: SignInCallOptions): Promise<ProfileData>
  /** Resolves to where codes were sent, for attributes that are to be verified. */
  update(
    accessToken: string,
    attributes: Attributes,
    options?: SignInCallOptions,
  ): Promise<readonly AttributeDelivery[]>
  deleteAttributes(accessToken: string, names: readonly string[], options?: SignInCallOptions): Promise<void>
  /** Sends a code to an address or a number, to show that it is the user's. */
  sendCode(accessToken: string, attribute: string, options?: SignInCallOptions): Promise<CodeDelivery>
  verifyCode(accessToken: string, attribute: string, code: string, options?: SignInCallOptions): Promise<void>
}

export interface ProfileData {
  /** The name that the pool itself uses. */
  readonly username: string
  readonly attributes: Attributes
  readonly mfa: { readonly methods: readonly string[]; readonly preferred: string | undefined }
}

export interface AttributeDelivery extends CodeDelivery {
  readonly attribute: string | undefined
}

/** A session of the user that is alive, of pools that track sessions. */
export interface UserSession {
  readonly id: string
  /** `TOKEN` or `SSO`, as AWS names them. */
  readonly type: string | undefined
  readonly clientId: string | undefined
  readonly createdAt: Date | undefined
  readonly lastActiveAt: Date | undefined
  readonly deviceType: string | undefined
  readonly lastIpAddress: string | undefined
  /** Whether the access token belongs to it. Such a session cannot be revoked by itself. */
  readonly isCurrent: boolean
  /** The session of managed login that it came from. */
  readonly originId: string | undefined
}

/** The user's own sessions, by access token. */
export interface UserSessions {
  list(accessToken: string, options?: SignInCallOptions): List<UserSession>
  revoke(accessToken: string, sessionId: string, options?: RevokeSessionOptions): Promise<void>
}

export interface RevokeSessionOptions extends SignInCallOptions {
  /** Whether the sessions that belong to it end too. Default false. */
  readonly linked?: boolean | undefined
}

/** What users do for themselves. Every call throws AwsError. */
export interface Account {
  signUp(username: string, password: string | undefined, options?: SignUpOptions): Promise<SignUpResult>
  /** Resolves to a session that `choose` signs in with, where the pool gives one. */
  confirmSignUp(
    username: string,
    code: string,
    options?: ConfirmSignUpOptions,
  ): Promise<{ readonly session: string | undefined }>
  resendCode(username: string, options?: SignInCallOptions): Promise<CodeDelivery>
  /** Sends a code with which a new password can be set. */
  forgotPassword(username: string, options?: SignInCallOptions): Promise<CodeDelivery>
  confirmForgotPassword(username: string, code: string, password: string, options?: SignInCallOptions): Promise<void>
  /** `previous` is undefined for users who have no password yet. */
  changePassword(
    accessToken: string,
    previous: string | undefined,
    next: string,
    options?: SignInCallOptions,
  ): Promise<void>
  deleteAccount(accessToken: string, options?: SignInCallOptions): Promise<void>
  /** Ends all sessions of the user: no refresh token is good any more. Tokens that a server checks offline are good until they end. */
  globalSignOut(accessToken: string, options?: SignInCallOptions): Promise<void>
  readonly profile: Profile
  readonly sessions: UserSessions
}

/**
 * What users do for themselves: sign-up, passwords, profile, sessions.
 *
 * @example
 * ```ts
 * const account = createAccount(signIn)
 * await account.signUp('alice', password, { attributes: { email: 'alice@example.com' } })
 * await account.confirmSignUp('alice', code)
 * ```
 */
export function createAccount(client: UserClient): Account {
  mustClient('createAccount', client)
  const { call, clientId: ClientId } = client
  /** What calls without a token say about the client and the user. */
  const named = async (place: string, Username: string, options: SignInCallOptions) => {
    mustText(`${place}: username`, Username)
    return { ClientId, Username, SecretHash: await client.secretHash(Username), ...contextOf(options) }
  }
  return {
    async signUp(username, password, options = {}) {
      checkOptions<SignUpOptions>('signUp', options, [...CALL_OPTIONS, 'attributes', 'validationData'])
      const { attributes, validationData } = options
      const input = {
        ...(await named('signUp', username, options)),
        Password: password,
        UserAttributes: attributes && pairsOf(attributes),
        ValidationData: validationData && pairsOf(validationData),
      }
      const { UserSub, UserConfirmed, CodeDeliveryDetails, Session } = await call('SignUp', input, limitsOf(options))
      return {
        sub: UserSub,
        confirmed: UserConfirmed === true,
        delivery: CodeDeliveryDetails && deliveryOf(CodeDeliveryDetails),
        session: Session,
      }
    },
    async confirmSignUp(username, code, options = {}) {
      checkOptions<ConfirmSignUpOptions>('confirmSignUp', options, [...CALL_OPTIONS, 'session', 'forceAliasCreation'])
      const input = {
        ...(await named('confirmSignUp', username, options)),
        ConfirmationCode: code,
        ForceAliasCreation: options.forceAliasCreation,
        Session: options.session,
      }
      const { Session } = await call('ConfirmSignUp', input, limitsOf(options))
      return { session: Session }
    },
    async resendCode(username, options = {}) {
      checkCall('resendCode', options)
      const input = await named('resendCode', username, options)
      return deliveryOf((await call('ResendConfirmationCode', input, limitsOf(options))).CodeDeliveryDetails)
    },
    async forgotPassword(username, options = {}) {
      checkCall('forgotPassword', options)
      const input = await named('forgotPassword', username, options)
      return deliveryOf((await call('ForgotPassword', input, limitsOf(options))).CodeDeliveryDetails)
    },
    async confirmForgotPassword(username, code, password, options = {}) {
      checkCall('confirmForgotPassword', options)
      const input = { ...(await named('confirmForgotPassword', username, options)), ConfirmationCode: code }
      await call('ConfirmForgotPassword', { ...input, Password: password }, limitsOf(options))
    },
    async changePassword(accessToken, previous, next, options = {}) {
      checkCall('changePassword', options)
      const input = { AccessToken: accessToken, PreviousPassword: previous, ProposedPassword: next }
      await call('ChangePassword', input, limitsOf(options))
    },
    async deleteAccount(accessToken, options = {}) {
      checkCall('deleteAccount', options)
      await call('DeleteUser', { AccessToken: accessToken }, limitsOf(options))
    },
    async globalSignOut(accessToken, options = {}) {
      checkCall('globalSignOut', options)
      await call('GlobalSignOut', { AccessToken: accessToken }, limitsOf(options))
    },
    profile: createProfile(client),
    sessions: createUserSessions(client),
  }
}

function createProfile({ call }: UserClient): Profile {
  return {
    async get(accessToken, options = {}) {
      checkCall('profile.get', options)
      const user = await call('GetUser', { AccessToken: accessToken }, limitsOf(options))
      return {
        username: user.Username,
        attributes: attributesOf(user.UserAttributes),
        mfa: { methods: arrayOf(user.UserMFASettingList), preferred: user.PreferredMfaSetting },
      }
    },
    async update(accessToken, attributes, options = {}) {
      checkCall('profile.update', options)
      const { clientMetadata: ClientMetadata } = options
      const input = { AccessToken: accessToken, UserAttributes: pairsOf(attributes), ClientMetadata }
      const { CodeDeliveryDetailsList } = await call('UpdateUserAttributes', input, limitsOf(options))
      return objectsOf<WireDelivery>(CodeDeliveryDetailsList).map((one) => ({
        attribute: one.AttributeName,
        ...deliveryOf(one),
      }))
    },
    async deleteAttributes(accessToken, names, options = {}) {
      checkCall('profile.deleteAttributes', options)
      await call('DeleteUserAttributes', { AccessToken: accessToken, UserAttributeNames: names }, limitsOf(options))
    },
    async sendCode(accessToken, attribute, options = {}) {
      checkCall('profile.sendCode', options)
      const { clientMetadata: ClientMetadata } = options
      const input = { AccessToken: accessToken, AttributeName: attribute, ClientMetadata }
      return deliveryOf((await call('GetUserAttributeVerificationCode', input, limitsOf(options))).CodeDeliveryDetails)
    },
    async verifyCode(accessToken, attribute, code, options = {}) {
      checkCall('profile.verifyCode', options)
      await call(
        'VerifyUserAttribute',
        { AccessToken: accessToken, AttributeName: attribute, Code: code },
        limitsOf(options),
      )
    },
  }
}

function createUserSessions({ call }: UserClient): UserSessions {
  return {
    list(accessToken, options = {}) {
      checkCall('sessions.list', options)
      return createList('ListUserSessions', async ({ token } = {}) => {
        const input = { AccessToken: accessToken, NextToken: token }
        const { Sessions, NextToken } = await call('ListUserSessions', input, limitsOf(options))
        return { items: objectsOf<WireSession>(Sessions).map(userSessionOf), token: NextToken || undefined }
      })
    },
    async revoke(accessToken, sessionId, options = {}) {
      checkOptions<RevokeSessionOptions>('sessions.revoke', options, [...CALL_OPTIONS, 'linked'])
      const RevokeAssociatedSessions = options.linked ? 'LINKED' : 'NONE'
      const input = { AccessToken: accessToken, SessionId: sessionId, RevokeAssociatedSessions } as const
      await call('RevokeUserSession', input, limitsOf(options))
    },
  }
}

interface WireSession {
  readonly SessionId?: string | undefined
  readonly SessionType?: string | undefined
  readonly ClientId?: string | undefined
  readonly CreateDate?: unknown
  readonly LastActiveDate?: unknown
  readonly DeviceType?: string | undefined
  readonly LastIPAddress?: string | undefined
  readonly IsCurrentSession?: boolean | undefined
  readonly OriginSessionId?: string | undefined
}

function userSessionOf(wire: WireSession): UserSession {
  return {
    id: wire.SessionId ?? '',
    type: wire.SessionType,
    clientId: wire.ClientId,
    createdAt: dateOf(wire.CreateDate),
    lastActiveAt: dateOf(wire.LastActiveDate),
    deviceType: wire.DeviceType,
    lastIpAddress: wire.LastIPAddress,
    isCurrent: wire.IsCurrentSession === true,
    originId: wire.OriginSessionId,
  }
}

interface WireDelivery {
  readonly AttributeName?: string | undefined
  readonly DeliveryMedium?: string | undefined
  readonly Destination?: string | undefined
}

function deliveryOf(details: WireDelivery | undefined): CodeDelivery {
  return { medium: details?.DeliveryMedium, destination: details?.Destination }
}

function pairsOf(attributes: Attributes) {
  assertConfig('attributes', isJsonObject(attributes), 'values by the names of attributes.')
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
}

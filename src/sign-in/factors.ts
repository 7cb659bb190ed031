import { createList, type List } from '../aws/index.ts'
import { assertConfig } from '../errors.ts'
import { isJsonObject } from '../internal/encoding.ts'
import { checkOptions } from '../internal/options.ts'
import { CALL_OPTIONS, checkCall, limitsOf, mustClient, type SignInCallOptions, type UserClient } from './client.ts'
import { arrayOf, dateOf, objectsOf } from './devices.ts'
import { SignInError } from './error.ts'
import { isWellFormed } from './srp.ts'
import type { ChallengeStep } from './step.ts'

/** What an authenticator app is given. */
export interface TotpSetUp {
  /** Base32, for typing in. A secret. */
  readonly secret: string
  /** `otpauth://totp/…`, for a QR code. It holds the secret. */
  readonly uri: string
}

export interface TotpOptions extends SignInCallOptions {
  /** The application, as the app shows it. A colon is left out. */
  readonly issuer: string
  /** The account, as the app shows it: an e-mail address or a user name. */
  readonly account: string
}

/** What is done with a second factor: it is off, may be used, or is asked first. */
export type FactorPreference = 'off' | 'on' | 'preferred'

export interface MfaPreference {
  readonly totp?: FactorPreference | undefined
  readonly sms?: FactorPreference | undefined
  readonly email?: FactorPreference | undefined
  /** Whether a passkey with user verification counts as a second factor too. */
  readonly passkeys?: 'off' | 'on' | undefined
}

/** Second factors. */
export interface Mfa {
  /** For a user who is signed in. Verify the first code with `verify`, then set a preference. */
  setUp(accessToken: string, options: TotpOptions): Promise<TotpSetUp>
  /** During a sign-in that asks for it (MFA_SETUP): answer the step that comes with it with the first code. */
  setUp(
    step: ChallengeStep<'MFA_SETUP'>,
    options: TotpOptions,
  ): Promise<TotpSetUp & { readonly step: ChallengeStep<'MFA_SETUP'> }>
  /** Shows that the app is set up (VerifySoftwareToken). A wrong code is an AwsError, EnableSoftwareTokenMFAException. */
  verify(accessToken: string, code: string, options?: VerifyTotpOptions): Promise<void>
  setPreference(accessToken: string, preference: MfaPreference, options?: SignInCallOptions): Promise<void>
  /** Which factors are set up (GetUserAuthFactors). */
  factors(accessToken: string, options?: SignInCallOptions): Promise<AuthFactors>
}

export interface VerifyTotpOptions extends SignInCallOptions {
  /** What lists call the app. */
  readonly deviceName?: string | undefined
}

export interface AuthFactors {
  readonly username: string
  /** First factors: `PASSWORD`, `WEB_AUTHN`, `EMAIL_OTP`, `SMS_OTP`. */
  readonly first: readonly string[]
  /** Second factors. */
  readonly second: readonly string[]
  readonly preferred: string | undefined
}

/** A passkey of the user. */
export interface Passkey {
  readonly id: string
  readonly name: string
  /** The domain that it is good for. */
  readonly relyingPartyId: string
  /** `platform` or `cross-platform`. */
  readonly attachment: string | undefined
  readonly transports: readonly string[]
  readonly createdAt: Date | undefined
}

/** Passkeys, by access token. Options and answers are the browser's own JSON forms (WebAuthn Level 3). */
export interface Passkeys {
  /** What `PublicKeyCredential.parseCreationOptionsFromJSON` takes, for `navigator.credentials.create`. */
  start(accessToken: string, options?: SignInCallOptions): Promise<unknown>
  /** `credential` is what `PublicKeyCredential.toJSON` gives. */
  complete(accessToken: string, credential: unknown, options?: SignInCallOptions): Promise<void>
  list(accessToken: string, options?: SignInCallOptions): List<Passkey>
  delete(accessToken: string, id: string, options?: SignInCallOptions): Promise<void>
}

/**
 * The second factors of a user: set up, verified and preferred.
 *
 * @example
 * ```ts
 * const mfa = createMfa(signIn)
 * const { uri } = await mfa.setUp(accessToken, { issuer: 'Example', account: 'alice@example.com' }) // as a QR code
 * await mfa.verify(accessToken, code)
 * await mfa.setPreference(accessToken, { totp: 'preferred' })
 * ```
 */
export function createMfa(client: Pick<UserClient, 'call'>): Mfa {
  mustClient('createMfa', client)
  const { call } = client
  async function setUp(accessToken: string, options: TotpOptions): Promise<TotpSetUp>
  async function setUp(
    step: ChallengeStep<'MFA_SETUP'>,
    options: TotpOptions,
  ): Promise<TotpSetUp & { readonly step: ChallengeStep<'MFA_SETUP'> }>
  async function setUp(
    from: string | ChallengeStep<'MFA_SETUP'>,
    options: TotpOptions,
  ): Promise<TotpSetUp & { readonly step?: ChallengeStep<'MFA_SETUP'> }> {
    checkOptions<TotpOptions>('mfa.setUp', options, [...CALL_OPTIONS, 'issuer', 'account'])
    const { issuer, account } = options
    const isNamed = [issuer, account].every((name) => typeof name === 'string' && name !== '' && isWellFormed(name))
    assertConfig('mfa.setUp', isNamed, '"issuer" and "account", as the authenticator app shows them.')
    const isFrom = typeof from === 'string' || (isJsonObject(from) && from.challenge === 'MFA_SETUP')
    assertConfig('mfa.setUp', isFrom, 'an access token, or a step of MFA_SETUP.')
    const input = typeof from === 'string' ? { AccessToken: from } : { Session: from.session }
    const { SecretCode, Session } = await call('AssociateSoftwareToken', input, limitsOf(options))
    if (typeof SecretCode !== 'string' || !/^[A-Z2-7]+=*$/i.test(SecretCode)) throw new SignInError('ANSWER_MALFORMED')
    const secret = SecretCode.replace(/=+$/, '')
    const setUp = { secret, uri: otpauthUri(secret, issuer, account) }
    return typeof from === 'string' ? setUp : { ...setUp, step: { ...from, session: Session } }
  }
  return {
    setUp,
    async verify(accessToken, code, options = {}) {
      checkOptions<VerifyTotpOptions>('mfa.verify', options, [...CALL_OPTIONS, 'deviceName'])
      const input = { AccessToken: accessToken, UserCode: code, FriendlyDeviceName: options.deviceName }
      const { Status } = await call('VerifySoftwareToken', input, limitsOf(options))
      if (Status !== 'SUCCESS') throw new SignInError('ANSWER_MALFORMED')
    },
    async setPreference(accessToken, preference, options = {}) {
      checkCall('mfa.setPreference', options)
      checkOptions<MfaPreference>('mfa.setPreference', preference, ['totp', 'sms', 'email', 'passkeys'])
      const { totp, sms, email, passkeys } = preference
      const input = {
        AccessToken: accessToken,
        SoftwareTokenMfaSettings: settingsOf('totp', totp),
        SMSMfaSettings: settingsOf('sms', sms),
        EmailMfaSettings: settingsOf('email', email),
        WebAuthnMfaSettings: passkeys && { Enabled: settingsOf('passkeys', passkeys)?.Enabled },
      }
      await call('SetUserMFAPreference', input, limitsOf(options))
    },
    async factors(accessToken, options = {}) {
      checkCall('mfa.factors', options)
      const found = await call('GetUserAuthFactors', { AccessToken: accessToken }, limitsOf(options))
      return {
        username: found.Username,
        first: arrayOf(found.ConfiguredUserAuthFactors),
        second: arrayOf(found.UserMFASettingList),
        preferred: found.PreferredMfaSetting,
      }
    },
  }
}

function settingsOf(name: string, preference: FactorPreference | undefined) {
  if (preference === undefined) return undefined
  const isKnown = ['off', 'on', 'preferred'].includes(preference)
  assertConfig(`mfa.setPreference: ${name}`, isKnown, '"off", "on" or "preferred".')
  return { Enabled: preference !== 'off', PreferredMfa: preference === 'preferred' }
}

/** The Key URI that authenticator apps read. A colon separates issuer and account, so the issuer has none. */
function otpauthUri(secret: string, issuer: string, account: string): string {
  const name = encodeURIComponent(issuer.replaceAll(':', ''))
  return `otpauth://totp/${name}:${encodeURIComponent(account)}?secret=${secret}&issuer=${name}`
}

/**
 * The passkeys of a user who is signed in.
 *
 * @example
 * ```ts
 * const passkeys = createPasskeys(signIn)
 * const options = await passkeys.start(accessToken) // to the browser: navigator.credentials.create
 * await passkeys.complete(accessToken, credential) // what credential.toJSON() gave
 * ```
 */
export function createPasskeys(client: Pick<UserClient, 'call'>): Passkeys {
  mustClient('createPasskeys', client)
  const { call } = client
  return {
    async start(accessToken, options = {}) {
      checkCall('passkeys.start', options)
      const output = await call('StartWebAuthnRegistration', { AccessToken: accessToken }, limitsOf(options))
      if (!isJsonObject(output.CredentialCreationOptions)) throw new SignInError('ANSWER_MALFORMED')
      return output.CredentialCreationOptions
    },
    async complete(accessToken, credential, options = {}) {
      checkCall('passkeys.complete', options)
      assertConfig('passkeys.complete: credential', isJsonObject(credential), 'what PublicKeyCredential.toJSON gives.')
      // It is passed on as it came: Cognito judges it.
      const input = { AccessToken: accessToken, Credential: credential as { readonly [name: string]: never } }
      await call('CompleteWebAuthnRegistration', input, limitsOf(options))
    },
    list(accessToken, options = {}) {
      checkCall('passkeys.list', options)
      return createList('ListWebAuthnCredentials', async ({ token, limit } = {}) => {
        const input = { AccessToken: accessToken, NextToken: token, MaxResults: limit }
        const { Credentials, NextToken } = await call('ListWebAuthnCredentials', input, limitsOf(options))
        return { items: objectsOf<WirePasskey>(Credentials).map(passkeyOf), token: NextToken || undefined }
      })
    },
    async delete(accessToken, id, options = {}) {
      checkCall('passkeys.delete', options)
      await call('DeleteWebAuthnCredential', { AccessToken: accessToken, CredentialId: id }, limitsOf(options))
    },
  }
}

interface WirePasskey {
  readonly CredentialId?: string | undefined
  readonly FriendlyCredentialName?: string | undefined
  readonly RelyingPartyId?: string | undefined
  readonly AuthenticatorAttachment?: string | undefined
  readonly AuthenticatorTransports?: readonly string[] | undefined
  readonly CreatedAt?: unknown
}

function passkeyOf(wire: WirePasskey): Passkey {
  return {
    id: wire.CredentialId ?? '',
    name: wire.FriendlyCredentialName ?? '',
    relyingPartyId: wire.RelyingPartyId ?? '',
    attachment: wire.AuthenticatorAttachment,
    transports: arrayOf(wire.AuthenticatorTransports),
    createdAt: dateOf(wire.CreatedAt),
  }
}

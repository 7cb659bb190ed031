import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import { totp } from '../sign-in/totp.ts'
import { call } from '../support/local-pool.ts'
import { type Amplify, hasAmplify, loadAmplify, type Outcome } from './amplify.ts'

// Amplify of today signs in at the local pool: its SRP, its device maths and its renewal are its own.

if (!hasAmplify) console.log('skipped: Amplify is not installed (npm ci --prefix bench)')

const password = 'Correct-h0rse'
const phone = { phone_number: '+41791234567' }
let pool: LocalPool
let now = Date.now()
let amplify: Awaited<ReturnType<typeof loadAmplify>>
let auth: Amplify

/** A pool whose only user is Alice, unless others are given; Amplify is its client. */
async function usePool(options: LocalPoolOptions = {}): Promise<void> {
  pool = await createLocalPool({ users: { alice: { password } }, now: () => now, ...options })
  amplify.kept.clear()
  amplify.configure(pool.settings.userPoolId, pool.settings.clientId)
}

function signIn(username = 'alice', typed = password, options: object = {}): Promise<Outcome> {
  return auth.signIn({ username, password: typed, options })
}

/** The next step after an answer, by its name. */
async function answer(challengeResponse: string, options: object = {}): Promise<string> {
  return (await auth.confirmSignIn({ challengeResponse, options })).nextStep.signInStep
}

const newestCode = () => pool.outbox.at(-1)?.code ?? ''

describe.skipIf(!hasAmplify)('Amplify at the local pool', () => {
  beforeAll(async () => {
    vi.stubGlobal('fetch', (...args: Parameters<LocalPool['fetch']>) => pool.fetch(...args))
    amplify = await loadAmplify()
    auth = amplify.auth
  })

  beforeEach(async () => {
    now = Date.now()
    await usePool()
  })

  it.each([
    ['alice', password],
    ['Zoë.Ünïcode', 'pässwörd-🔑-1A'],
  ])('signs %s in by SRP', async (username, right) => {
    await usePool({ users: { [username]: { password: right } } })
    expect(await signIn(username, right)).toEqual({ isSignedIn: true, nextStep: { signInStep: 'DONE' } })
    expect(pool.requests.map(({ operation }) => operation)).toEqual(['InitiateAuth', 'RespondToAuthChallenge'])
    expect(await auth.getCurrentUser()).toMatchObject({ username })
  })

  it('is refused with a wrong password, and told of unknown users', async () => {
    await expect(signIn('alice', 'Wr0ng-password')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await expect(signIn('mallory')).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it('signs in with the password itself', async () => {
    expect((await signIn('alice', password, { authFlowType: 'USER_PASSWORD_AUTH' })).isSignedIn).toBe(true)
  })

  it('chooses a new password in place of a temporary one, with the attributes that are missing', async () => {
    await usePool({
      users: { bob: { password, status: 'FORCE_CHANGE_PASSWORD', email: 'bob@example.com' } },
      requiredAttributes: ['email', 'given_name'],
    })
    const { nextStep } = await signIn('bob')
    expect(nextStep).toMatchObject({
      signInStep: 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED',
      missingAttributes: ['given_name'],
    })
    expect(await answer('N3w-password', { userAttributes: { given_name: 'Bob' } })).toBe('DONE')
    expect(await auth.fetchUserAttributes()).toMatchObject({ given_name: 'Bob', email: 'bob@example.com' })
  })

  it('sets an authenticator app up, and signs in with its code', async () => {
    await signIn()
    const { sharedSecret } = await auth.setUpTOTP()
    await expect(auth.verifyTOTPSetup({ code: '000000' })).rejects.toMatchObject({
      name: 'EnableSoftwareTokenMFAException',
    })
    await auth.verifyTOTPSetup({ code: await totp(sharedSecret, now) })
    await auth.updateMFAPreference({ totp: 'PREFERRED' })
    expect(await auth.fetchMFAPreference()).toEqual({ enabled: ['TOTP'], preferred: 'TOTP' })
    await auth.signOut()
    now += 30_000
    expect((await signIn()).nextStep.signInStep).toBe('CONFIRM_SIGN_IN_WITH_TOTP_CODE')
    await expect(answer('000000')).rejects.toMatchObject({ name: 'CodeMismatchException' })
    expect(await answer(await totp(sharedSecret, now))).toBe('DONE')
  })

  it('sets an authenticator app up while signing in, where the pool demands a second factor', async () => {
    await usePool({ mfaRequired: true, mfaMethods: ['SOFTWARE_TOKEN_MFA'] })
    const { nextStep } = await signIn()
    expect(nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_TOTP_SETUP')
    const secret = nextStep.totpSetupDetails?.sharedSecret ?? ''
    expect(await answer(await totp(secret, now))).toBe('DONE')
  })

  it('sets codes by e-mail up while signing in', async () => {
    await usePool({ mfaRequired: true })
    const { nextStep } = await signIn()
    expect(nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION')
    expect(await answer('EMAIL')).toBe('CONTINUE_SIGN_IN_WITH_EMAIL_SETUP')
    expect(await answer('alice@example.com')).toBe('CONFIRM_SIGN_IN_WITH_EMAIL_CODE')
    expect(await answer(newestCode())).toBe('DONE')
  })

  it.each([
    ['SMS_MFA', { attributes: phone }, 'CONFIRM_SIGN_IN_WITH_SMS_CODE', 'SMS'],
    ['EMAIL_OTP', { email: 'alice@example.com', email_verified: true }, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', 'EMAIL'],
  ] as const)('signs in with a code of %s', async (factor, user, step, deliveryMedium) => {
    await usePool({ users: { alice: { password, mfa: [factor], ...user } } })
    const { nextStep } = await signIn()
    expect(nextStep).toMatchObject({ signInStep: step, codeDeliveryDetails: { deliveryMedium } })
    await expect(answer('000000')).rejects.toMatchObject({ name: 'CodeMismatchException' })
    expect(await answer(newestCode())).toBe('DONE')
  })

  it('chooses among several factors', async () => {
    await usePool({ users: { alice: { password, mfa: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'], attributes: phone } } })
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: false }
    await call(pool, 'AdminSetUserMFAPreference', { Username: 'alice', SoftwareTokenMfaSettings })
    const { nextStep } = await signIn()
    expect(nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_MFA_SELECTION')
    expect(nextStep.allowedMFATypes?.toSorted()).toEqual(['SMS', 'TOTP'])
    expect(await answer('SMS')).toBe('CONFIRM_SIGN_IN_WITH_SMS_CODE')
    expect(await answer(newestCode())).toBe('DONE')
  })

  it('chooses among first factors, and proves the password by SRP after that', async () => {
    await usePool({
      users: { alice: { password, email: 'alice@example.com', email_verified: true } },
      clientId: 'app',
      clients: [{ clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] }],
    })
    const chosen = await auth.signIn({ username: 'alice', options: { authFlowType: 'USER_AUTH' } })
    expect(chosen.nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION')
    expect(chosen.nextStep.availableChallenges).toEqual(expect.arrayContaining(['PASSWORD', 'PASSWORD_SRP']))
    expect(await answer('PASSWORD_SRP')).toBe('CONFIRM_SIGN_IN_WITH_PASSWORD')
    expect(await answer(password)).toBe('DONE')
    await auth.signOut()
    const preferred = { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' }
    expect((await signIn('alice', password, preferred)).isSignedIn).toBe(true)
  })

  it.each(['CUSTOM_WITHOUT_SRP', 'CUSTOM_WITH_SRP'])('answers the questions of triggers (%s)', async (authFlowType) => {
    await usePool({
      clientId: 'app',
      clients: [{ clientId: 'app', authFlows: ['ALLOW_CUSTOM_AUTH'] }],
      triggers: {
        DefineAuthChallenge(event) {
          const session = event.request['session'] as { challengeName: string; challengeResult: boolean }[]
          const last = session.at(-1)
          if (last?.challengeName === 'SRP_A') event.response['challengeName'] = 'PASSWORD_VERIFIER'
          else if (last?.challengeName === 'CUSTOM_CHALLENGE' && last.challengeResult)
            event.response['issueTokens'] = true
          else event.response['challengeName'] = 'CUSTOM_CHALLENGE'
          return event
        },
        CreateAuthChallenge(event) {
          event.response['publicChallengeParameters'] = { question: 'six times seven' }
          event.response['privateChallengeParameters'] = { answer: '42' }
          return event
        },
        VerifyAuthChallengeResponse(event) {
          const { answer: right } = event.request['privateChallengeParameters'] as { answer: string }
          event.response['answerCorrect'] = event.request['challengeAnswer'] === right
          return event
        },
      },
    })
    const typed = authFlowType === 'CUSTOM_WITH_SRP' ? { password } : {}
    const { nextStep } = await auth.signIn({ username: 'alice', ...typed, options: { authFlowType } })
    expect(nextStep).toMatchObject({
      signInStep: 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE',
      additionalInfo: { question: 'six times seven' },
    })
    expect(await answer('41')).toBe('CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE')
    expect(await answer('42')).toBe('DONE')
  })

  it.each(['always', 'opt-in'] as const)(
    'confirms a device, and signs in and renews with it (%s)',
    async (tracking) => {
      await usePool({ deviceTracking: tracking })
      await signIn()
      expect(pool.count('ConfirmDevice')).toBe(1)
      const [device] = await auth.fetchDevices()
      if (tracking === 'opt-in') await auth.rememberDevice()
      // Signing out leaves the device where it is, which the next sign-in proves by SRP.
      await auth.signOut()
      expect((await signIn()).isSignedIn).toBe(true)
      expect(pool.count('ConfirmDevice')).toBe(1)
      expect(pool.count('RespondToAuthChallenge')).toBe(4)
      const { tokens } = await auth.fetchAuthSession({ forceRefresh: true })
      expect(tokens?.accessToken).toBeDefined()
      expect((await auth.fetchDevices()).map(({ id }) => id)).toEqual([device?.id])
      await auth.forgetDevice()
      expect(await auth.fetchDevices()).toEqual([])
    },
  )

  it('renews by GetTokensFromRefreshToken when its tokens have ended, and keeps a rotated one', async () => {
    await signIn()
    const ClientId = pool.settings.clientId
    const RefreshTokenRotation = { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 }
    const ExplicitAuthFlows = ['ALLOW_USER_SRP_AUTH']
    expect(
      await call(pool, 'UpdateUserPoolClient', { ClientId, ExplicitAuthFlows, RefreshTokenRotation }),
    ).toMatchObject({ status: 200 })
    const before = refreshToken()
    const { tokens } = await auth.fetchAuthSession({ forceRefresh: true })
    expect(pool.count('GetTokensFromRefreshToken')).toBe(1)
    expect(pool.count('InitiateAuth')).toBe(1)
    expect(tokens?.accessToken).toMatchObject({ payload: { username: 'alice' } })
    expect(refreshToken()).not.toBe(before)
    await auth.fetchAuthSession({ forceRefresh: true })
    expect(pool.count('GetTokensFromRefreshToken')).toBe(2)
  })

  it('revokes its refresh token by signing out, and all of the user by signing out everywhere', async () => {
    const renew = (RefreshToken: string) =>
      call(pool, 'GetTokensFromRefreshToken', { RefreshToken, ClientId: pool.settings.clientId })
    await signIn()
    const first = refreshToken()
    await auth.signOut()
    expect(pool.count('RevokeToken')).toBe(1)
    const revoked = { __type: 'NotAuthorizedException', message: 'Refresh Token has been revoked' }
    expect((await renew(first)).body).toMatchObject(revoked)
    await signIn()
    const second = refreshToken()
    await auth.signOut({ global: true })
    expect(pool.count('GlobalSignOut')).toBe(1)
    expect((await renew(second)).body).toMatchObject(revoked)
  })

  it('signs up, and signs in once the address is confirmed', async () => {
    const options = { userAttributes: { email: 'dora@example.com' } }
    const created = await auth.signUp({ username: 'dora', password, options })
    expect(created.nextStep).toMatchObject({ signUpStep: 'CONFIRM_SIGN_UP' })
    expect((await signIn('dora')).nextStep.signInStep).toBe('CONFIRM_SIGN_UP')
    await auth.resendSignUpCode({ username: 'dora' })
    await auth.confirmSignUp({ username: 'dora', confirmationCode: newestCode() })
    expect((await signIn('dora')).isSignedIn).toBe(true)
    expect(await auth.fetchUserAttributes()).toMatchObject({ email: 'dora@example.com', email_verified: 'true' })
    await auth.deleteUser()
    expect((await call(pool, 'AdminGetUser', { Username: 'dora' })).status).toBe(400)
  })

  it.each(['USER_SRP_AUTH', 'USER_AUTH'])('signs in by itself after signing up (%s)', async (authFlowType) => {
    await usePool({
      clientId: 'app',
      clients: [{ clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_SRP_AUTH'] }],
    })
    const options = { userAttributes: { email: 'dora@example.com' }, autoSignIn: { authFlowType } }
    await auth.signUp({ username: 'dora', password, options })
    const { nextStep } = await auth.confirmSignUp({ username: 'dora', confirmationCode: newestCode() })
    expect(nextStep.signUpStep).toBe('COMPLETE_AUTO_SIGN_IN')
    expect((await auth.autoSignIn()).isSignedIn).toBe(true)
    expect(await auth.getCurrentUser()).toMatchObject({ username: 'dora' })
  })

  it('resets a forgotten password, changes the new one, and verifies an address', async () => {
    await usePool({ users: { alice: { password, email: 'alice@example.com', email_verified: true } } })
    const { nextStep } = await auth.resetPassword({ username: 'alice' })
    expect(nextStep.resetPasswordStep).toBe('CONFIRM_RESET_PASSWORD_WITH_CODE')
    const newPassword = 'N3w-password'
    await auth.confirmResetPassword({ username: 'alice', confirmationCode: newestCode(), newPassword })
    expect((await signIn('alice', newPassword)).isSignedIn).toBe(true)
    await auth.updatePassword({ oldPassword: newPassword, newPassword: password })
    await auth.updateUserAttributes({ userAttributes: { email: 'new@example.com' } })
    await auth.confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: newestCode() })
    expect(await auth.fetchUserAttributes()).toMatchObject({ email: 'new@example.com', email_verified: 'true' })
    await auth.signOut()
    expect((await signIn()).isSignedIn).toBe(true)
  })
})

/** The refresh token that Amplify keeps. */
function refreshToken(): string {
  const key = [...amplify.kept.keys()].find((name) => name.endsWith('.refreshToken'))
  return amplify.kept.get(key ?? '') ?? ''
}

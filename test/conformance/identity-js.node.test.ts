import type {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  CognitoUserSession,
} from 'amazon-cognito-identity-js'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { computeTotp } from '../../src/local/cognito-idp/totp.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { call } from '../support/local-pool.ts'

// The browser SDK of Amplify's first generation signs in at the local pool: its SRP and device maths are its own.

const password = 'Correct-h0rse'
let pool: LocalPool
let now = Date.now()
let library: typeof import('amazon-cognito-identity-js')

beforeAll(async () => {
  vi.stubGlobal('fetch', (...args: Parameters<LocalPool['fetch']>) => pool.fetch(...args))
  library = await import('amazon-cognito-identity-js')
})

beforeEach(async () => {
  now = Date.now()
  kept.clear()
  pool = await createLocalPool({
    groups: ['editor'],
    users: {
      alice: { password, groups: ['editor'], email: 'alice@example.com', email_verified: true },
      bob: { password, status: 'FORCE_CHANGE_PASSWORD', email: 'bob@example.com' },
      'Zoë.Ünïcode': { password: 'pässwörd-🔑-1A' },
    },
    clients: [{ clientId: 'hiding', hideUnknownUsers: true }],
    now: () => now,
  })
})

describe('amazon-cognito-identity-js at the local pool', () => {
  it.each([
    ['alice', password],
    ['Zoë.Ünïcode', 'pässwörd-🔑-1A'],
  ])('signs %s in by SRP', async (username, right) => {
    const session = await signIn(userOf(username), username, right)
    expect(session).toMatchObject({ kind: 'success' })
    if (session.kind !== 'success') return
    expect(session.session.getAccessToken().payload).toMatchObject({ username, token_use: 'access' })
    expect(session.session.getIdToken().payload['cognito:username']).toBe(username)
  })

  it('agrees with the pool on many salts and secrets', async () => {
    for (let round = 0; round < 3; round++) {
      expect((await signIn(userOf('alice'), 'alice', password)).kind).toBe('success')
    }
  })

  it('is refused with a wrong password, and told of unknown users as the client says', async () => {
    const wrong = { kind: 'failure', code: 'NotAuthorizedException', message: 'Incorrect username or password.' }
    expect(await signIn(userOf('alice'), 'alice', 'Wr0ng-password')).toEqual(wrong)
    expect(await signIn(userOf('mallory'), 'mallory', password)).toMatchObject({ code: 'UserNotFoundException' })
    expect(await signIn(userOf('mallory', 'hiding'), 'mallory', password)).toEqual(wrong)
  })

  it('chooses a new password in place of a temporary one', async () => {
    const user = userOf('bob')
    expect(await signIn(user, 'bob', password)).toMatchObject({
      kind: 'newPasswordRequired',
      attributes: { email: 'bob@example.com' },
    })
    const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) => {
      user.completeNewPasswordChallenge('N3w-password', {}, { onSuccess, onFailure })
    })
    expect(session.isValid()).toBe(true)
    expect((await signIn(userOf('bob'), 'bob', 'N3w-password')).kind).toBe('success')
  })

  it('signs in with the password itself', async () => {
    const user = userOf('alice')
    user.setAuthenticationFlowType('USER_PASSWORD_AUTH')
    expect((await signIn(user, 'alice', password)).kind).toBe('success')
  })

  it('renews its tokens', async () => {
    const user = userOf('alice')
    const outcome = await signIn(user, 'alice', password)
    if (outcome.kind !== 'success') throw new Error(outcome.kind)
    const renewed = await new Promise<CognitoUserSession>((resolve, reject) => {
      user.refreshSession(outcome.session.getRefreshToken(), (error, session) =>
        error ? reject(error) : resolve(session),
      )
    })
    expect(renewed.getAccessToken().getJwtToken()).not.toBe(outcome.session.getAccessToken().getJwtToken())
  })
})

describe('second factors with amazon-cognito-identity-js', () => {
  it('sets a TOTP application up, and signs in with its code once', async () => {
    const user = await signedIn('alice')
    const secret = await promise<string>((resolve, reject) => {
      user.associateSoftwareToken({ associateSecretCode: resolve, onFailure: reject })
    })
    await expect(verifyToken(user, '000000')).rejects.toMatchObject({ code: 'EnableSoftwareTokenMFAException' })
    await verifyToken(user, await computeTotp(secret, step()))
    await promise((resolve, reject) => {
      const settings = { PreferredMfa: true, Enabled: true }
      user.setUserMfaPreference(null, settings, (error, result) => (error ? reject(error) : resolve(result)))
    })
    now += 30_000
    const again = userOf('alice')
    expect(await signIn(again, 'alice', password)).toEqual({ kind: 'totpRequired' })
    await expect(sendCode(again, '000000', 'SOFTWARE_TOKEN_MFA')).rejects.toMatchObject({
      code: 'CodeMismatchException',
    })
    const code = await computeTotp(secret, step())
    expect((await sendCode(again, code, 'SOFTWARE_TOKEN_MFA')).isValid()).toBe(true)
    const third = userOf('alice')
    await signIn(third, 'alice', password)
    await expect(sendCode(third, code, 'SOFTWARE_TOKEN_MFA')).rejects.toMatchObject({ code: 'ExpiredCodeException' })
  })

  it('sets a TOTP application up while signing in, where the pool demands a second factor', async () => {
    pool = await createLocalPool({ users: { alice: { password } }, mfaRequired: true, now: () => now })
    const user = userOf('alice')
    expect(await signIn(user, 'alice', password)).toEqual({ kind: 'mfaSetup' })
    const secret = await promise<string>((resolve, reject) => {
      user.associateSoftwareToken({ associateSecretCode: resolve, onFailure: reject })
    })
    expect(await verifyToken(user, await computeTotp(secret, step()))).toMatchObject({ accessToken: expect.anything() })
    expect(await signIn(userOf('alice'), 'alice', password)).toEqual({ kind: 'totpRequired' })
  })

  it('signs in with a code that was texted', async () => {
    pool = await createLocalPool({
      users: { alice: { password, mfa: ['SMS_MFA'], attributes: { phone_number: '+41791234567' } } },
      now: () => now,
    })
    const user = userOf('alice')
    expect(await signIn(user, 'alice', password)).toEqual({ kind: 'mfaRequired' })
    expect(pool.outbox).toMatchObject([{ medium: 'SMS', to: '+41791234567', username: 'alice', purpose: 'sign-in' }])
    expect((await sendCode(user, pool.outbox[0]?.code ?? '')).isValid()).toBe(true)
  })

  it('chooses among several factors', async () => {
    const alice = {
      password,
      mfa: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'],
      attributes: { phone_number: '+41791234567' },
    } as const
    pool = await createLocalPool({ users: { alice }, now: () => now })
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: false }
    await call(pool, 'AdminSetUserMFAPreference', { Username: 'alice', SoftwareTokenMfaSettings })
    const user = userOf('alice')
    expect(await signIn(user, 'alice', password)).toEqual({ kind: 'selectMFAType' })
    await promise((resolve, reject) => {
      user.sendMFASelectionAnswer('SMS_MFA', {
        onSuccess: reject,
        onFailure: reject,
        mfaRequired: resolve,
        totpRequired: reject,
      })
    })
    expect((await sendCode(user, pool.outbox[0]?.code ?? '')).isValid()).toBe(true)
  })
})

describe('devices with amazon-cognito-identity-js', () => {
  it.each(['always', 'opt-in'] as const)(
    'confirms a device, and signs in with it afterwards (%s)',
    async (deviceTracking) => {
      pool = await createLocalPool({ users: { alice: { password } }, deviceTracking, now: () => now })
      const user = await signedIn('alice')
      const device = await promise<{ Device: { DeviceKey: string } }>((resolve, reject) => {
        user.getDevice({ onSuccess: resolve as never, onFailure: reject })
      })
      const again = userOf('alice')
      expect((await signIn(again, 'alice', password)).kind).toBe('success')
      expect(pool.count('RespondToAuthChallenge')).toBe(4)
      if (deviceTracking === 'opt-in') {
        await promise((resolve, reject) => again.setDeviceStatusRemembered({ onSuccess: resolve, onFailure: reject }))
      }
      const list = await promise<{ Devices: { DeviceKey: string }[] }>((resolve, reject) => {
        again.listDevices(60, null as never, { onSuccess: resolve, onFailure: reject })
      })
      expect(list.Devices.map(({ DeviceKey }) => DeviceKey)).toEqual([device.Device.DeviceKey])
      await promise((resolve, reject) => again.forgetDevice({ onSuccess: resolve, onFailure: reject }))
      expect((await call(pool, 'AdminListDevices', { Username: 'alice' })).body?.['Devices']).toEqual([])
    },
  )
})

describe('CUSTOM_AUTH with amazon-cognito-identity-js', () => {
  it.each([false, true])('asks what the triggers ask, with the password first: %s', async (withPassword) => {
    const asked: number[] = []
    pool = await createLocalPool({
      users: { alice: { password } },
      clientId: 'app',
      clients: [{ clientId: 'app', authFlows: ['ALLOW_CUSTOM_AUTH'] }],
      triggers: {
        DefineAuthChallenge(event) {
          const session = event.request['session'] as { challengeName: string; challengeResult: boolean }[]
          asked.push(session.length)
          const last = session.at(-1)
          if (last?.challengeName === 'SRP_A') event.response['challengeName'] = 'PASSWORD_VERIFIER'
          else if (last?.challengeName === 'CUSTOM_CHALLENGE' && last.challengeResult)
            event.response['issueTokens'] = true
          else if (session.length > 3) event.response['failAuthentication'] = true
          else event.response['challengeName'] = 'CUSTOM_CHALLENGE'
          return event
        },
        async CreateAuthChallenge(event) {
          event.response['publicChallengeParameters'] = { question: 'six times seven' }
          event.response['privateChallengeParameters'] = { answer: '42' }
          return event
        },
        VerifyAuthChallengeResponse(event) {
          const { answer } = event.request['privateChallengeParameters'] as { answer: string }
          event.response['answerCorrect'] = event.request['challengeAnswer'] === answer
          return event
        },
      },
    })
    const user = userOf('alice')
    user.setAuthenticationFlowType('CUSTOM_AUTH')
    const details = new library.AuthenticationDetails({ Username: 'alice', Password: password })
    const question = await promise((resolve, reject) => {
      const callbacks = { onSuccess: reject, onFailure: reject, customChallenge: resolve }
      if (withPassword) user.authenticateUser(details, callbacks)
      else user.initiateAuth(details, callbacks)
    })
    expect(question).toEqual({ USERNAME: 'alice', question: 'six times seven' })
    const answer = (text: string) =>
      promise<CognitoUserSession | object>((resolve, reject) => {
        user.sendCustomChallengeAnswer(text, { onSuccess: resolve, onFailure: reject, customChallenge: resolve })
      })
    expect(await answer('41')).toMatchObject({ question: 'six times seven' })
    expect(await answer('42')).toHaveProperty('accessToken')
    expect(asked).toEqual(withPassword ? [1, 2, 3, 4] : [0, 1, 2])
  })
})

describe('self-service with amazon-cognito-identity-js', () => {
  it('signs up, confirms, and signs in', async () => {
    const email = new library.CognitoUserAttribute({ Name: 'email', Value: 'dora@example.com' })
    const created = await promise<{ userConfirmed: boolean }>((resolve, reject) => {
      poolOf().signUp('dora', password, [email], [], (error, result) =>
        error ? reject(error) : resolve(result as never),
      )
    })
    expect(created.userConfirmed).toBe(false)
    expect(await signIn(userOf('dora'), 'dora', password)).toMatchObject({ code: 'UserNotConfirmedException' })
    const user = userOf('dora')
    await promise((resolve, reject) =>
      user.resendConfirmationCode((error, result) => (error ? reject(error) : resolve(result))),
    )
    const [first, second] = pool.outbox.map(({ code }) => code)
    const confirm = (code = '') =>
      promise((resolve, reject) =>
        user.confirmRegistration(code, true, (error, result) => (error ? reject(error) : resolve(result))),
      )
    if (first !== second) await expect(confirm(first)).rejects.toMatchObject({ code: 'ExpiredCodeException' })
    await confirm(second)
    expect((await signIn(user, 'dora', password)).kind).toBe('success')
    const attributes = await promise<{ Name: string; Value: string }[]>((resolve, reject) => {
      user.getUserAttributes((error, result) => (error ? reject(error) : resolve(result as never)))
    })
    expect(Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]))).toMatchObject({
      email: 'dora@example.com',
      email_verified: 'true',
    })
  })

  it('resets a forgotten password', async () => {
    const user = userOf('alice')
    await promise((resolve, reject) => user.forgotPassword({ onSuccess: resolve, onFailure: reject }))
    const code = pool.outbox.at(-1)?.code ?? ''
    await promise((resolve, reject) => {
      user.confirmPassword(code, 'N3w-password', { onSuccess: resolve, onFailure: reject })
    })
    expect((await signIn(userOf('alice'), 'alice', 'N3w-password')).kind).toBe('success')
  })

  it('changes the password and attributes, verifies an address, and deletes itself', async () => {
    const user = await signedIn('alice')
    const run = (action: (done: (error?: Error) => void) => void) =>
      promise<void>((resolve, reject) => action((error) => (error ? reject(error) : resolve())))
    await run((done) => user.changePassword(password, 'N3w-password', done))
    const email = new library.CognitoUserAttribute({ Name: 'email', Value: 'new@example.com' })
    await run((done) => user.updateAttributes([email], done))
    await promise((resolve, reject) => {
      user.verifyAttribute('email', pool.outbox.at(-1)?.code ?? '', { onSuccess: resolve, onFailure: reject })
    })
    const { body } = await call(pool, 'AdminGetUser', { Username: 'alice' })
    expect(body?.['UserAttributes']).toContainEqual({ Name: 'email_verified', Value: 'true' })
    await run((done) => user.deleteUser(done))
    expect((await call(pool, 'AdminGetUser', { Username: 'alice' })).status).toBe(400)
  })

  it('signs out everywhere', async () => {
    const user = await signedIn('alice')
    const refreshToken = user.getSignInUserSession()?.getRefreshToken()
    await promise((resolve, reject) => user.globalSignOut({ onSuccess: resolve, onFailure: reject }))
    const other = userOf('alice')
    await expect(
      promise((resolve, reject) => {
        if (refreshToken === undefined) return reject(new Error('no token'))
        other.refreshSession(refreshToken, (error, session) => (error ? reject(error) : resolve(session)))
      }),
    ).rejects.toMatchObject({ code: 'NotAuthorizedException', message: 'Refresh Token has been revoked' })
  })
})

type Outcome =
  | { readonly kind: 'success'; readonly session: CognitoUserSession }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string }
  | { readonly kind: 'newPasswordRequired'; readonly attributes: unknown; readonly required: unknown }
  | { readonly kind: 'totpRequired' | 'mfaRequired' | 'selectMFAType' | 'mfaSetup' }

function signIn(user: CognitoUser, Username: string, Password: string): Promise<Outcome> {
  const details: AuthenticationDetails = new library.AuthenticationDetails({ Username, Password })
  return new Promise((resolve) => {
    user.authenticateUser(details, {
      onSuccess: (session) => resolve({ kind: 'success', session }),
      onFailure: ({ code, message }) => resolve({ kind: 'failure', code, message }),
      newPasswordRequired: (attributes, required) => resolve({ kind: 'newPasswordRequired', attributes, required }),
      totpRequired: () => resolve({ kind: 'totpRequired' }),
      mfaRequired: () => resolve({ kind: 'mfaRequired' }),
      selectMFAType: () => resolve({ kind: 'selectMFAType' }),
      mfaSetup: () => resolve({ kind: 'mfaSetup' }),
    })
  })
}

async function signedIn(username: string): Promise<CognitoUser> {
  const user = userOf(username)
  const outcome = await signIn(user, username, password)
  if (outcome.kind !== 'success') throw new Error(JSON.stringify(outcome))
  return user
}

function verifyToken(user: CognitoUser, code: string): Promise<unknown> {
  return promise((resolve, reject) =>
    user.verifySoftwareToken(code, 'phone', { onSuccess: resolve, onFailure: reject }),
  )
}

function sendCode(user: CognitoUser, code: string, kind?: string): Promise<CognitoUserSession> {
  return promise((resolve, reject) => user.sendMFACode(code, { onSuccess: resolve, onFailure: reject }, kind))
}

function promise<T>(executor: (resolve: (value: T) => void, reject: (reason?: unknown) => void) => void): Promise<T> {
  return new Promise<T>(executor)
}

/** The time step of TOTP codes. */
function step(): number {
  return Math.floor(now / 30_000)
}

function poolOf(ClientId = pool.settings.clientId): CognitoUserPool {
  return new library.CognitoUserPool({ UserPoolId: pool.settings.userPoolId, ClientId, Storage: storage })
}

function userOf(Username: string, ClientId = pool.settings.clientId): CognitoUser {
  return new library.CognitoUser({ Username, Pool: poolOf(ClientId), Storage: storage })
}

/** What the library keeps in the browser: tokens, and the keys of devices. */
const kept = new Map<string, string>()
const storage = {
  setItem: (key: string, value: string) => kept.set(key, value),
  getItem: (key: string) => kept.get(key) ?? null,
  removeItem: (key: string) => kept.delete(key),
  clear: () => kept.clear(),
}

import { describe, expect, it } from 'vitest'
import { createPoolAdmin, signInAsAdmin } from '../../src/admin/index.ts'
import { createGuard } from '../../src/index.ts'
import { createLocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import {
  authorizedFetch,
  createAccount,
  createDevices,
  createSignIn,
  type SignInOptions,
  type SignInStep,
  type StoredDevice,
  type Tokens,
} from '../../src/sign-in/index.ts'
import { credentials, errorOf } from '../support/aws.ts'
import { accessToken as unsigned } from './scripted.ts'
import { srpTimestamp } from '../../src/sign-in/srp.ts'

// What the tests of pycognito show of it, each as a scenario of ours, where the local AWS answers in place of a stub.

const password = 'Bob-passw0rd'

async function createWorld(settings: LocalPoolOptions = {}, options: Partial<SignInOptions> = {}) {
  const clock = { now: Date.UTC(2026, 10, 5, 9, 7, 3) }
  const users = { bob: { password, email: 'bob@x.test', email_verified: true } }
  const pool = await createLocalPool({ users, now: () => clock.now, ...settings })
  const { userPoolId, clientId, fetch } = pool.settings
  const signIn = createSignIn({ userPoolId, clientId, fetch, now: () => clock.now, ...options })
  const account = createAccount(signIn)
  return { pool, clock, signIn, account, code: () => `${pool.outbox.at(-1)?.code}` }
}

function tokensOf(step: SignInStep): Tokens {
  if (step.status !== 'signed-in') throw new Error(step.challenge)
  return step.tokens
}

describe('authenticate of pycognito', () => {
  it('leaves a user with three tokens', async () => {
    const { signIn } = await createWorld()
    const { accessToken, idToken, refreshToken } = tokensOf(await signIn.withPassword('bob', password))
    for (const token of [accessToken, idToken, refreshToken]) expect(token).toMatch(/^[\w.=-]{40,}$/)
    expect(new Set([accessToken, idToken, refreshToken]).size).toBe(3)
  })

  it('names the device that is new, with its group', async () => {
    const { signIn } = await createWorld({ deviceTracking: 'always' })
    const step = await signIn.withPassword('bob', password)
    const device = { key: expect.stringMatching(/^eu-west-1_[\da-f-]{36}$/), groupKey: expect.stringMatching(/^-\w+$/) }
    expect(step).toMatchObject({ newDevice: device, tokens: { deviceKey: device.key } })
  })

  it('as administrator (admin_authenticate) leaves the user with three tokens too', async () => {
    const { pool, clock } = await createWorld()
    const { userPoolId, clientId, fetch } = pool.settings
    const admin = createPoolAdmin({ userPoolId, credentials, fetch, now: () => clock.now })
    const tokens = tokensOf(await signInAsAdmin(admin, { clientId }, 'bob', password))
    expect(tokens).toMatchObject({ accessToken: expect.any(String), idToken: expect.any(String) })
    expect(tokens.refreshToken).toMatch(/./)
  })

  it('with a temporary password is a step, where pycognito throws ForceChangePasswordException', async () => {
    const { signIn } = await createWorld({ users: { bob: { password, status: 'FORCE_CHANGE_PASSWORD' } } })
    const step = await signIn.withPassword('bob', password)
    if (step.status !== 'challenge' || step.challenge !== 'NEW_PASSWORD_REQUIRED') throw new Error(step.status)
    tokensOf(await signIn.respond(step, { password: 'N3w-password' }))
    tokensOf(await signIn.withPassword('bob', 'N3w-password'))
  })
})

describe('verify_token of pycognito', () => {
  it('takes the token of a sign-in, and none to which something was added', async () => {
    const { pool, signIn } = await createWorld()
    const guard = createGuard({ ...pool.settings })
    const { accessToken } = tokensOf(await signIn.withPassword('bob', password))
    expect(await guard.verify(accessToken)).toMatchObject({ username: 'bob' })
    expect(await errorOf(guard.verify(`${accessToken}wrong`))).toMatchObject({ code: 'SIGNATURE_INVALID' })
  })
})

describe('check_token and renew_access_token of pycognito', () => {
  it('renew nothing of a token that ends in the year 3000', async () => {
    const { pool, signIn } = await createWorld()
    const kept = { accessToken: unsigned('bob', { iat: 1_516_239_022, exp: 32_503_680_000 }), expiresIn: 3e10 }
    expect(await signIn.session(kept).tokens()).toMatchObject({ accessToken: kept.accessToken })
    expect(pool.requests).toHaveLength(0)
  })

  it.each(['off', 'always'] as const)(
    'renew a token that has ended, with the device where there is one (%s)',
    async (deviceTracking) => {
      const { pool, signIn, clock } = await createWorld({ deviceTracking })
      const session = signIn.session(tokensOf(await signIn.withPassword('bob', password)))
      const first = await session.tokens()
      clock.now += 7_200_000
      const second = await session.tokens()
      expect(second.accessToken).not.toBe(first.accessToken)
      expect(second.deviceKey).toBe(first.deviceKey)
      expect(await createGuard({ ...pool.settings }).verify(second.accessToken)).toMatchObject({ username: 'bob' })
    },
  )
})

describe('register of pycognito', () => {
  it('signs a user up with base and custom attributes, who can sign in once the code is there', async () => {
    const { signIn, account, code } = await createWorld()
    const attributes = {
      ...{ given_name: 'Brian', family_name: 'Jones', name: 'Brian Jones', email: 'brian@x.test' },
      ...{ phone_number: '+19195550100', gender: 'male', preferred_username: 'billy', 'custom:tier': 'true' },
    }
    const given = structuredClone(attributes)
    expect(await account.signUp('brian', password, { attributes })).toMatchObject({
      confirmed: false,
      delivery: { medium: expect.stringMatching(/^(EMAIL|SMS)$/) },
    })
    expect(attributes).toEqual(given)
    await account.confirmSignUp('brian', code())
    const { accessToken } = tokensOf(await signIn.withPassword('brian', password))
    // Where pycognito makes a boolean of it, a text stays a text.
    expect((await account.profile.get(accessToken)).attributes).toMatchObject(attributes)
  })

  it('hashes the secret for the user whom it is about, for resend_confirmation_code too', async () => {
    const secret = 'hushHushHushHushHushHush'
    const { signIn, account, code } = await createWorld(
      { clients: [{ clientId: 'secretive', secret }] },
      { clientId: 'secretive', clientSecret: secret },
    )
    await account.signUp('carla', password, { attributes: { email: 'carla@x.test' } })
    await account.resendCode('carla')
    await account.confirmSignUp('carla', code())
    tokensOf(await signIn.withPassword('carla', password))
    tokensOf(await signIn.withPassword('bob', password))
  })
})

describe('update_profile, send_verification and validate_verification of pycognito', () => {
  it('change one attribute and leave the others', async () => {
    const { signIn, account } = await createWorld()
    const { accessToken } = tokensOf(await signIn.withPassword('bob', password))
    await account.profile.update(accessToken, { given_name: 'Jenkins' })
    const { attributes } = await account.profile.get(accessToken)
    expect(attributes).toMatchObject({ given_name: 'Jenkins', email: 'bob@x.test' })
  })

  it('verify a new address by the code that was sent to it', async () => {
    const { signIn, account, code } = await createWorld()
    const { accessToken } = tokensOf(await signIn.withPassword('bob', password))
    await account.profile.update(accessToken, { email: 'new@x.test' })
    await account.profile.sendCode(accessToken, 'email')
    expect(await errorOf(account.profile.verifyCode(accessToken, 'email', '000000'))).toMatchObject({
      code: 'CodeMismatchException',
    })
    await account.profile.verifyCode(accessToken, 'email', code())
    expect((await account.profile.get(accessToken)).attributes).toMatchObject({ email_verified: 'true' })
  })
})

describe('passwords of pycognito', () => {
  it('are set anew after initiate_forgot_password, by code and password, and not without one', async () => {
    const { signIn, account, code } = await createWorld()
    await account.forgotPassword('bob')
    expect(await errorOf(account.confirmForgotPassword('bob', code(), undefined as never))).toMatchObject({
      code: 'InvalidParameterException',
    })
    await account.confirmForgotPassword('bob', code(), 'Sample-passw0rd')
    tokensOf(await signIn.withPassword('bob', 'Sample-passw0rd'))
  })

  it('are changed by change_password, and not to nothing', async () => {
    const { signIn, account } = await createWorld()
    const { accessToken } = tokensOf(await signIn.withPassword('bob', password))
    expect(await errorOf(account.changePassword(accessToken, password, null as never))).toMatchObject({
      code: 'InvalidParameterException',
    })
    await account.changePassword(accessToken, password, 'crazypassword$45DOG')
    tokensOf(await signIn.withPassword('bob', 'crazypassword$45DOG'))
  })

  it('are good for no refresh token any more after logout', async () => {
    const { signIn, account } = await createWorld()
    const tokens = tokensOf(await signIn.withPassword('bob', password))
    await account.globalSignOut(tokens.accessToken)
    expect(await errorOf(signIn.session(tokens).renew())).toMatchObject({ code: 'SESSION_ENDED' })
  })
})

describe('AWSSRP of pycognito', () => {
  it.each([
    [Date.UTC(2022, 0, 1), 'Sat Jan 1 00:00:00 UTC 2022'],
    [Date.UTC(2022, 0, 2, 12), 'Sun Jan 2 12:00:00 UTC 2022'],
    [Date.UTC(2022, 0, 3, 9), 'Mon Jan 3 09:00:00 UTC 2022'],
    [Date.UTC(2022, 11, 31, 23, 59, 59), 'Sat Dec 31 23:59:59 UTC 2022'],
  ])('writes the time %d as Cognito reads it', (milliseconds, text) => {
    expect(srpTimestamp(milliseconds)).toBe(text)
  })

  it('confirms a device, remembers it or not, and forgets it', async () => {
    const kept = new Map<string, StoredDevice>()
    const bob = { password, mfa: ['SMS_MFA'], attributes: { phone_number: '+19195550100' } } as const
    const { code, signIn } = await createWorld(
      { deviceTracking: 'opt-in', users: { bob } },
      {
        deviceStore: {
          get: (key) => kept.get(key),
          set: (key, device) => void kept.set(key, device),
          delete: (key) => void kept.delete(key),
        },
      },
    )
    const devices = createDevices(signIn)
    const asked = await signIn.withPassword('bob', password)
    if (asked.status !== 'challenge' || asked.challenge !== 'SMS_MFA') throw new Error(asked.status)
    const step = await signIn.respond(asked, { code: code() }, { deviceName: 'laptop' })
    expect(step).toMatchObject({ newDevice: { asksUser: true } })
    const { accessToken, deviceKey = '' } = tokensOf(step)
    expect((await devices.get(accessToken, deviceKey)).attributes['device_name']).toBe('laptop')
    // A device that is remembered spares the second factor.
    await devices.remember(accessToken, deviceKey)
    expect(await signIn.withPassword('bob', password)).toMatchObject({ status: 'signed-in' })
    await devices.remember(accessToken, deviceKey, false)
    expect(await signIn.withPassword('bob', password)).toMatchObject({ challenge: 'SMS_MFA' })
    expect(await devices.list(accessToken).toArray()).toMatchObject([{ key: deviceKey }])
    await devices.forget(accessToken, deviceKey)
    expect(await devices.list(accessToken).toArray()).toEqual([])
  })
})

describe('RequestsSrpAuth of pycognito', () => {
  it.each(['off', 'always'] as const)(
    'signs in at the first request, and renews two hours later (devices: %s)',
    async (deviceTracking) => {
      const { pool, signIn, clock } = await createWorld({ deviceTracking })
      const seen: (string | null)[] = []
      const api = authorizedFetch(signIn, {
        ...{ username: 'bob', password, origins: ['https://api.example.com'] },
        fetch: async ({ headers }) => {
          seen.push(headers.get('authorization'))
          return new Response('data')
        },
      })
      expect(pool.requests).toHaveLength(0)
      expect(await (await api('https://api.example.com/')).text()).toBe('data')
      await api('https://api.example.com/')
      clock.now += 7_200_000
      expect(await (await api('https://api.example.com/')).text()).toBe('data')
      expect(seen[0]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
      expect(seen[1]).toBe(seen[0])
      expect(seen[2]).not.toBe(seen[0])
      expect([pool.count('InitiateAuth'), pool.count('GetTokensFromRefreshToken')]).toEqual([1, 1])
    },
  )

  it('signs in again where pycognito cannot: when the refresh token is dead', async () => {
    const { pool, signIn, account, clock } = await createWorld()
    const seen: string[] = []
    const api = authorizedFetch(signIn, {
      ...{ username: 'bob', password, origins: ['https://api.example.com'] },
      fetch: async ({ headers }) => {
        seen.push(`${headers.get('authorization')}`)
        return new Response('data')
      },
    })
    await api('https://api.example.com/')
    await account.globalSignOut(`${seen[0]?.split(' ')[1]}`)
    clock.now += 7_200_000
    expect((await api('https://api.example.com/')).status).toBe(200)
    expect(pool.count('InitiateAuth')).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import {
  type ChallengeName,
  type ChallengeStep,
  createDevices,
  createMfa,
  createSignIn,
  openStep,
  parseStep,
  type SignIn,
  type SignInOptions,
  type SignInStep,
  type StoredDevice,
  sealStep,
  secretHash,
  type Tokens,
} from '../../src/sign-in/index.ts'
import { errorOf } from '../support/aws.ts'
import { call } from '../support/local-pool.ts'
import { totp } from './totp.ts'

// What happened to users of comparable software, each with the number by which it is known. The local AWS answers.

const password = 'Correct-Horse-1'
const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const email = { email: 'alice@x.test', email_verified: true }
const secretive = { clientId: 'secretive', secret: 'hushHushHushHushHushHush' }

interface Sent {
  readonly operation: string
  readonly input: Record<string, Record<string, string> & string>
}

interface World {
  readonly pool: LocalPool
  readonly signIn: SignIn
  /** What was sent to the pool, oldest first. */
  readonly sent: Sent[]
  /** The devices that are remembered here. */
  readonly devices: Map<string, StoredDevice>
  readonly clock: { now: number }
}

async function createWorld(settings: LocalPoolOptions, options: Partial<SignInOptions> = {}): Promise<World> {
  const clock = { now: Date.UTC(2026, 10, 5, 9, 7, 3) }
  const pool = await createLocalPool({ now: () => clock.now, ...settings })
  const sent: Sent[] = []
  const devices = new Map<string, StoredDevice>()
  const { userPoolId, clientId } = pool.settings
  const signIn = createSignIn({
    ...{ userPoolId, clientId, now: () => clock.now },
    async fetch(request) {
      const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? ''
      sent.push({ operation, input: JSON.parse(await request.clone().text()) })
      return pool.fetch(request)
    },
    deviceStore: {
      get: (key) => devices.get(key),
      set: (key, device) => void devices.set(key, device),
      delete: (key) => void devices.delete(key),
    },
    ...options,
  })
  return { pool, signIn, sent, devices, clock }
}

function tokensOf(step: SignInStep): Tokens {
  if (step.status !== 'signed-in') throw new Error(`a challenge: ${step.challenge}`)
  return step.tokens
}

function asked<C extends ChallengeName>(step: SignInStep, name: C): ChallengeStep<C> {
  if (step.status !== 'challenge' || step.challenge !== name) throw new Error(`${JSON.stringify(step)}, not ${name}`)
  return step as ChallengeStep<C>
}

const invalidRefreshToken = {
  code: 'NotAuthorizedException',
  message: expect.stringContaining('Invalid Refresh Token.'),
}

describe('S03: signing in by an alias through a client with a secret', () => {
  it('sends the alias once, and then the name that the challenge gave, with the secret hash over each', async () => {
    const alice = { password, ...email, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret } as const
    const { signIn, sent, clock } = await createWorld(
      { aliases: ['email'], users: { 'u-1': alice }, clients: [secretive] },
      { clientId: 'secretive', clientSecret: secretive.secret },
    )
    const step = asked(await signIn.withPassword('alice@x.test', password), 'SOFTWARE_TOKEN_MFA')
    expect(step.username).toBe('u-1')
    tokensOf(await signIn.respond(step, { code: await totp(totpSecret, clock.now) }))
    const hashOf = (name: string) => secretHash(secretive.secret, name, 'secretive')
    const alias = { USERNAME: 'alice@x.test', SECRET_HASH: await hashOf('alice@x.test') }
    const own = { USERNAME: 'u-1', SECRET_HASH: await hashOf('u-1') }
    expect(sent.map(({ operation }) => operation)).toEqual([
      ...['InitiateAuth', 'RespondToAuthChallenge', 'RespondToAuthChallenge'],
    ])
    expect(sent[0]?.input['AuthParameters']).toMatchObject(alias)
    for (const { input } of sent.slice(1)) expect(input['ChallengeResponses']).toMatchObject(own)
  })
})

describe('S04: renewing after a sign-in by e-mail, through a client with a secret', () => {
  it('hashes the real user name for REFRESH_TOKEN_AUTH, and sends the secret itself to the other operations', async () => {
    const { signIn, sent } = await createWorld(
      { aliases: ['email'], users: { 'u-1': { password, ...email } }, clients: [secretive] },
      { clientId: 'secretive', clientSecret: secretive.secret },
    )
    const tokens = tokensOf(await signIn.withPassword('alice@x.test', password))
    sent.length = 0
    expect((await signIn.refresh(tokens, { by: 'REFRESH_TOKEN_AUTH' })).accessToken).not.toBe('')
    expect(sent[0]?.input['AuthParameters']).toMatchObject({
      SECRET_HASH: await secretHash(secretive.secret, 'u-1', 'secretive'),
    })
    await signIn.refresh(tokens)
    await signIn.revoke(`${tokens.refreshToken}`)
    for (const { input } of sent.slice(1)) {
      expect(input).toMatchObject({ ClientSecret: secretive.secret })
      expect(JSON.stringify(input)).not.toContain('SECRET_HASH')
    }
    expect(sent.slice(1).map(({ operation }) => operation)).toEqual(['GetTokensFromRefreshToken', 'RevokeToken'])
  })
})

describe('S05: a pool that remembers devices', () => {
  it('renews nothing of a sign-in whose device was never confirmed, with its key or without', async () => {
    const { pool, signIn } = await createWorld({ deviceTracking: 'always', users: { alice: { password } } })
    const ClientId = pool.settings.clientId
    const { body } = await call(pool, 'InitiateAuth', {
      ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters: { USERNAME: 'alice', PASSWORD: password } },
    })
    const { AccessToken, RefreshToken, NewDeviceMetadata } = Object(body)['AuthenticationResult']
    const tokens = { accessToken: AccessToken, refreshToken: RefreshToken }
    for (const deviceKey of [undefined, NewDeviceMetadata.DeviceKey]) {
      expect(await errorOf(signIn.refresh({ ...tokens, deviceKey }))).toMatchObject(invalidRefreshToken)
    }
  })

  it('has the device confirmed before our client reports success, and renews with its key only', async () => {
    const { signIn, sent, clock } = await createWorld({ deviceTracking: 'always', users: { alice: { password } } })
    const tokens = tokensOf(await signIn.withPassword('alice', password))
    expect(sent.at(-1)?.operation).toBe('ConfirmDevice')
    clock.now += 3_700_000
    const renewed = await signIn.session(tokens).tokens()
    expect(sent.at(-1)?.input).toMatchObject({ DeviceKey: tokens.deviceKey })
    expect(renewed.deviceKey).toBe(tokens.deviceKey)
    expect(await errorOf(signIn.refresh({ ...tokens, deviceKey: undefined }))).toMatchObject(invalidRefreshToken)
  })
})

describe('S07: a stored device that Cognito does not know any more', () => {
  const settings = { deviceTracking: 'always', users: { alice: { password } } } as const

  it.each<[string, (world: World, key: string) => Promise<unknown>]>([
    [
      'an administrator forgot it',
      ({ pool }, DeviceKey) => call(pool, 'AdminForgetDevice', { Username: 'alice', DeviceKey }),
    ],
    [
      'its user was deleted and made again',
      async ({ pool }) => {
        await call(pool, 'AdminDeleteUser', { Username: 'alice' })
        await call(pool, 'AdminCreateUser', { Username: 'alice', MessageAction: 'SUPPRESS' })
        await call(pool, 'AdminSetUserPassword', { Username: 'alice', Password: password, Permanent: true })
      },
    ],
  ])('is dropped where %s, and the sign-in goes on as from a new one', async (_why, forget) => {
    const world = await createWorld(settings)
    const { signIn, devices } = world
    const before = tokensOf(await signIn.withPassword('alice', password))
    await forget(world, `${before.deviceKey}`)
    const after = await signIn.withPassword('alice', password)
    expect(after).toMatchObject({ status: 'signed-in', newDevice: { key: expect.any(String) } })
    expect(tokensOf(after).deviceKey).not.toBe(before.deviceKey)
    expect([...devices.values()].map(({ key }) => key)).toEqual([tokensOf(after).deviceKey])
  })

  it('counts as none where its entry lacks the secret', async () => {
    const { signIn, sent, devices } = await createWorld(settings)
    await signIn.withPassword('alice', password)
    for (const [name, device] of devices) devices.set(name, { ...device, password: '' })
    sent.length = 0
    expect(await signIn.withPassword('alice', password)).toMatchObject({ status: 'signed-in', newDevice: {} })
    expect(sent[0]?.input['AuthParameters']).not.toHaveProperty('DEVICE_KEY')
  })
})

describe('S08: a stored device and a second factor', () => {
  const settings = {
    deviceTracking: 'always',
    users: { alice: { password, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret } },
  } as const

  it('goes along in every call, also through a sealed step, and proves itself where it is asked to', async () => {
    const { signIn, sent, clock } = await createWorld(settings)
    const first = asked(await signIn.withPassword('alice', password), 'SOFTWARE_TOKEN_MFA')
    const secret = 'a secret of 32 characters or more'
    const opened = asked(await openStep(await sealStep(first, secret), secret), 'SOFTWARE_TOKEN_MFA')
    const { deviceKey } = tokensOf(await signIn.respond(opened, { code: await totp(totpSecret, clock.now) }))
    sent.length = 0
    clock.now += 60_000
    const step = await signIn.withPassword('alice', password)
    const last =
      step.status === 'signed-in'
        ? step
        : await signIn.respond(asked(parseStep(JSON.stringify(step)), 'SOFTWARE_TOKEN_MFA'), {
            code: await totp(totpSecret, clock.now),
          })
    expect(tokensOf(last).deviceKey).toBe(deviceKey)
    expect(sent[0]?.input['AuthParameters']).toMatchObject({ DEVICE_KEY: deviceKey })
    for (const { input } of sent.slice(1)) expect(input['ChallengeResponses']).toMatchObject({ DEVICE_KEY: deviceKey })
    expect(sent.at(-1)?.input['ChallengeName']).toBe('DEVICE_PASSWORD_VERIFIER')
  })
})

describe('S10: a user whom an administrator made', () => {
  const settings = {
    requiredAttributes: ['email', 'given_name'],
    users: { alice: { password, status: 'FORCE_CHANGE_PASSWORD', ...email } },
  } as const

  it('gives the attributes that are required and missing, and may send back the others unchanged', async () => {
    const { signIn, sent } = await createWorld(settings)
    const step = asked(await signIn.withPassword('alice', password), 'NEW_PASSWORD_REQUIRED')
    expect(step.requiredAttributes).toEqual(['given_name'])
    const attributes = { ...step.attributes, given_name: 'Alice' }
    tokensOf(await signIn.respond(step, { password: 'Another-Horse-2', attributes }))
    const { ChallengeResponses = {} } = sent.at(-1)?.input ?? {}
    expect(Object.keys(ChallengeResponses).filter((name) => name.startsWith('userAttributes.'))).toEqual([
      'userAttributes.given_name',
    ])
  })

  it('is told which attribute is missing, and which must not be changed here', async () => {
    const { signIn } = await createWorld(settings)
    const step = asked(await signIn.withPassword('alice', password), 'NEW_PASSWORD_REQUIRED')
    expect(await errorOf(signIn.respond(step, { password: 'Another-Horse-2' }))).toMatchObject({
      code: 'InvalidParameterException',
    })
    const changed = { email: 'b@x.test', given_name: 'Alice' }
    expect(await errorOf(signIn.respond(step, { password: 'Another-Horse-2', attributes: changed }))).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('"email" is not asked for here'),
    })
  })
})

describe('S12: a wrong answer, and then the right one', () => {
  it.each([
    ['SOFTWARE_TOKEN_MFA', { mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret }],
    ['SMS_MFA', { mfa: ['SMS_MFA'], attributes: { phone_number: '+41791234567' } }],
  ] as const)('leaves a step of %s usable, and success spends it', async (factor, user) => {
    const { signIn, pool, clock } = await createWorld({ users: { alice: { password, ...user } } })
    const step = asked(await signIn.withPassword('alice', password), factor)
    expect(await errorOf(signIn.respond(step, { code: '000000' }))).toMatchObject({ code: 'CodeMismatchException' })
    const code = factor === 'SMS_MFA' ? `${pool.outbox.at(-1)?.code}` : await totp(totpSecret, clock.now)
    tokensOf(await signIn.respond(step, { code }))
    clock.now += 30_000
    const later = factor === 'SMS_MFA' ? code : await totp(totpSecret, clock.now)
    expect(await errorOf(signIn.respond(step, { code: later }))).toMatchObject({ code: 'NotAuthorizedException' })
  })

  it('takes a new step in a custom challenge, whose session the next answer must use', async () => {
    const { signIn } = await createWorld({
      users: { alice: { password } },
      clientId: 'app',
      clients: [{ clientId: 'app', authFlows: ['ALLOW_CUSTOM_AUTH'] }],
      triggers: {
        DefineAuthChallenge(event) {
          const session = event.request['session'] as { challengeResult: boolean }[]
          if (session.at(-1)?.challengeResult) event.response['issueTokens'] = true
          else event.response['challengeName'] = 'CUSTOM_CHALLENGE'
          return event
        },
        CreateAuthChallenge: (event) => event,
        VerifyAuthChallengeResponse(event) {
          event.response['answerCorrect'] = event.request['challengeAnswer'] === '42'
          return event
        },
      },
    })
    const first = asked(await signIn.custom('alice'), 'CUSTOM_CHALLENGE')
    const second = asked(await signIn.respond(first, { answer: '41' }), 'CUSTOM_CHALLENGE')
    expect(second.session).not.toBe(first.session)
    expect(await errorOf(signIn.respond(first, { answer: '42' }))).toMatchObject({ code: 'NotAuthorizedException' })
    tokensOf(await signIn.respond(second, { answer: '42' }))
  })
})

describe('S14: how long a refresh token lives', () => {
  const minutes = 60_000

  async function renewals(rotates: boolean): Promise<{ tokens: Tokens[]; error: unknown }> {
    const { pool, signIn, clock } = await createWorld({ users: { alice: { password } } })
    const ClientId = pool.settings.clientId
    const { status } = await call(pool, 'UpdateUserPoolClient', {
      ...{ ClientId, ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'], AccessTokenValidity: 5, IdTokenValidity: 5 },
      ...{
        RefreshTokenValidity: 60,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      },
      RefreshTokenRotation: { Feature: rotates ? 'ENABLED' : 'DISABLED', RetryGracePeriodSeconds: 0 },
    })
    expect(status).toBe(200)
    const tokens = [tokensOf(await signIn.withPassword('alice', password))]
    const session = signIn.session(tokens[0] as Tokens)
    for (let count = 0; count < 3; count++) {
      clock.now += 15 * minutes
      tokens.push(await session.tokens())
    }
    clock.now += 15 * minutes + 1000
    return { tokens, error: await errorOf(session.tokens()) }
  }

  it('ends where the first one would have ended, however often it was rotated', async () => {
    const { tokens, error } = await renewals(true)
    expect(new Set(tokens.map(({ refreshToken }) => refreshToken)).size).toBe(4)
    expect(error).toMatchObject({ code: 'SESSION_ENDED' })
  })

  it('stays the same without rotation, where answers have none', async () => {
    const { tokens, error } = await renewals(false)
    expect(new Set(tokens.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(4)
    expect(error).toMatchObject({ code: 'SESSION_ENDED' })
  })
})

describe('S18: the address of an authenticator app', () => {
  it('escapes blanks, signs and letters, and has no colon in the issuer and no padding', async () => {
    const { pool, signIn } = await createWorld({ users: { alice: { password } } })
    const { accessToken } = await pool.tokens('alice')
    const uriOf = async (issuer: string) =>
      (await createMfa(signIn).setUp(accessToken, { issuer, account: 'a+b@x.test' })).uri
    const uri = await uriOf('Acme & Söhne')
    const name = 'Acme%20%26%20S%C3%B6hne'
    expect(uri).toMatch(new RegExp(`^otpauth://totp/${name}:a%2Bb%40x\\.test\\?secret=[A-Z2-7]+&issuer=${name}$`))
    expect(await uriOf('https://x.test')).toContain('/https%2F%2Fx.test:a%2Bb%40x.test?')
  })
})

describe('what is hostile in signing in', () => {
  it('lets one of ten guesses at one step win at most, and only the right one', async () => {
    const alice = { password, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret } as const
    const { signIn, clock } = await createWorld({ users: { alice } })
    const step = asked(await signIn.withPassword('alice', password), 'SOFTWARE_TOKEN_MFA')
    const right = await totp(totpSecret, clock.now)
    const guesses = ['000000', '111111', '222222', '333333', right, right, '444444', '555555', '666666', '777777']
    const outcomes = await Promise.allSettled(guesses.map((code) => signIn.respond(step, { code })))
    const won = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [guesses[at]] : []))
    expect(won.length).toBeLessThanOrEqual(1)
    for (const code of won) expect(code).toBe(right)
    expect(await errorOf(signIn.respond(step, { code: right }))).toMatchObject({ name: 'AwsError' })
  })

  it('has a replayed sealed step refused by Cognito once it was answered', async () => {
    const alice = { password, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret } as const
    const { signIn, clock } = await createWorld({ users: { alice } })
    const secret = 'a secret of 32 characters or more'
    const sealed = await sealStep(await signIn.withPassword('alice', password), secret)
    const open = async () => asked(await openStep(sealed, secret), 'SOFTWARE_TOKEN_MFA')
    tokensOf(await signIn.respond(await open(), { code: await totp(totpSecret, clock.now) }))
    clock.now += 30_000
    const again = signIn.respond(await open(), { code: await totp(totpSecret, clock.now) })
    expect(await errorOf(again)).toMatchObject({ code: 'NotAuthorizedException' })
  })

  it.each([-600_000, 600_000])(
    'signs in from an isolate whose clock is %d ms off, and keeps its session',
    async (off) => {
      const clock = { now: Date.UTC(2026, 10, 5, 9, 7, 3) }
      const pool = await createLocalPool({ users: { alice: { password } }, now: () => clock.now })
      const { userPoolId, clientId } = pool.settings
      let renewals = 0
      const signIn = createSignIn({
        ...{ userPoolId, clientId, now: () => clock.now + off },
        async fetch(request) {
          if (request.headers.get('x-amz-target')?.endsWith('GetTokensFromRefreshToken')) renewals++
          const { body, status, headers } = await pool.fetch(request)
          return new Response(body, { status, headers: { ...headers, date: new Date(clock.now).toUTCString() } })
        },
      })
      const session = signIn.session(tokensOf(await signIn.withPassword('alice', password)))
      await session.tokens()
      expect(renewals).toBe(0)
      clock.now += 3_545_000
      const { accessToken } = await session.tokens()
      expect(renewals).toBe(1)
      expect(JSON.parse(atob(`${accessToken.split('.')[1]}`)).exp * 1000).toBeGreaterThan(clock.now)
    },
  )

  it('names the day, the hour and the year of TIMESTAMP as Cognito demands, whatever the day', async () => {
    for (const [now, expected] of [
      [Date.UTC(2026, 0, 1, 0, 0, 0), 'Thu Jan 1 00:00:00 UTC 2026'],
      [Date.UTC(2028, 1, 29, 23, 59, 59), 'Tue Feb 29 23:59:59 UTC 2028'],
      [Date.UTC(2026, 11, 31, 12, 5, 9), 'Thu Dec 31 12:05:09 UTC 2026'],
    ] as const) {
      const { signIn, sent, clock } = await createWorld({ users: { alice: { password } } })
      clock.now = now
      await signIn.withPassword('alice', password)
      expect(sent[1]?.input['ChallengeResponses']).toMatchObject({ TIMESTAMP: expected })
    }
  })

  it('lets nobody sign in with a device that its user has forgotten', async () => {
    const { signIn, devices } = await createWorld({ deviceTracking: 'always', users: { alice: { password } } })
    const { accessToken, deviceKey } = tokensOf(await signIn.withPassword('alice', password))
    await createDevices(signIn).forget(accessToken, `${deviceKey}`)
    expect(await signIn.withPassword('alice', password)).toMatchObject({ status: 'signed-in', newDevice: {} })
    expect([...devices.values()].map(({ key }) => key)).not.toContain(deviceKey)
  })
})

import { describe, expect, it, vi } from 'vitest'
import { type DeviceStore, parseStep, type SignIn, SignInError, type StoredDevice } from '../../src/sign-in/index.ts'
import { secretHash } from '../../src/sign-in/srp.ts'
import { answer, errorOf, type Scripted } from '../support/aws.ts'
import {
  accessToken,
  challenge,
  clientId,
  modulus,
  refused,
  scriptedSignIn,
  signedIn,
  userPoolId,
  verifier,
} from './scripted.ts'

const password = 'Correct-Horse-1'
const operations = (sent: readonly { operation: string }[]) => sent.map(({ operation }) => operation)
const memory = (entries: Record<string, StoredDevice> = {}) => {
  const map = new Map(Object.entries(entries))
  const store: DeviceStore = {
    get: (key) => map.get(key),
    set: (key, device) => void map.set(key, device),
    delete: (key) => void map.delete(key),
  }
  return { map, store }
}
const device = { key: 'eu-west-1_0a0b', groupKey: '-group', password: 'device password' }

describe('withPassword', () => {
  it('proves the password by SRP, and never sends it', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), signedIn()])
    expect(await signIn.withPassword('alice', password)).toEqual({
      status: 'signed-in',
      tokens: {
        ...{ accessToken: accessToken('u-1'), idToken: 'i', refreshToken: 'r', expiresIn: 3600, deviceKey: undefined },
        expiresAt: Date.UTC(2026, 10, 5, 10, 7, 3) / 1000,
      },
      newDevice: undefined,
    })
    expect(sent[0]?.input).toEqual({
      AuthFlow: 'USER_SRP_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: 'alice', SRP_A: expect.stringMatching(/^[\da-f]{600,768}$/) },
    })
    expect(sent[1]?.input).toEqual({
      ClientId: clientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      Session: 'session of PASSWORD_VERIFIER',
      ChallengeResponses: {
        USERNAME: 'u-1',
        PASSWORD_CLAIM_SECRET_BLOCK: verifier.SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: expect.stringMatching(/^[\w+/]{43}=$/),
        TIMESTAMP: 'Thu Nov 5 09:07:03 UTC 2026',
      },
    })
    expect(JSON.stringify(sent)).not.toContain(password)
    expect(sent.every(({ headers }) => headers.get('authorization') === null)).toBe(true)
  })

  it('sends it as it is where asked to', async () => {
    const { signIn, sent } = scriptedSignIn([signedIn()])
    await signIn.withPassword('alice', password, { srp: false })
    expect(sent[0]?.input).toMatchObject({
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'alice', PASSWORD: password },
    })
  })

  it('goes by the name that Cognito gave, never by the alias that was typed, in every later answer', async () => {
    const script = [challenge('PASSWORD_VERIFIER', verifier), challenge('SOFTWARE_TOKEN_MFA'), signedIn()]
    const { signIn, sent } = scriptedSignIn(script, { clientSecret: 'hush' })
    const step = await signIn.withPassword('alice@x.test', password)
    if (step.status !== 'challenge' || step.challenge !== 'SOFTWARE_TOKEN_MFA') throw new Error('another step')
    expect(step.username).toBe('u-1')
    await signIn.respond(step, { code: '123456' })
    const alias = await secretHash('hush', 'alice@x.test', clientId)
    const name = await secretHash('hush', 'u-1', clientId)
    expect(sent[0]?.input).toMatchObject({ AuthParameters: { USERNAME: 'alice@x.test', SECRET_HASH: alias } })
    for (const { input } of sent.slice(1)) {
      expect(input).toMatchObject({ ChallengeResponses: { USERNAME: 'u-1', SECRET_HASH: name } })
    }
  })

  it('signs with the time of AWS where this clock is ten minutes off', async () => {
    const late = new Headers({ date: 'Thu, 05 Nov 2026 09:17:03 GMT' })
    const asked = () => new Response(challenge('PASSWORD_VERIFIER', verifier).body, { headers: late })
    const { signIn, sent } = scriptedSignIn([asked, signedIn()])
    await signIn.withPassword('alice', password)
    expect(sent[1]?.input).toMatchObject({ ChallengeResponses: { TIMESTAMP: 'Thu Nov 5 09:17:03 UTC 2026' } })
  })

  it('takes clocks that differ by half a minute for equal, and keeps the difference where an answer has no time', async () => {
    const dated = (date: string, name: string, parameters: object) => () =>
      new Response(challenge(name, parameters).body, { headers: { date } })
    const timestamps = async (...dates: string[]) => {
      const script = dates.map((date, at) => dated(date, at ? 'PASSWORD_VERIFIER' : 'PASSWORD_SRP', at ? verifier : {}))
      const { signIn, sent } = scriptedSignIn([...script, signedIn()])
      const step = await signIn.choose('alice')
      if (step.status !== 'challenge' || step.challenge !== 'PASSWORD_SRP') throw new Error('another step')
      await signIn.respond(step, { password })
      const { ChallengeResponses } = sent.at(-1)?.input ?? {}
      return (ChallengeResponses as Record<string, string>)['TIMESTAMP']
    }
    expect(await timestamps('', 'Thu, 05 Nov 2026 09:07:33 GMT')).toBe('Thu Nov 5 09:07:03 UTC 2026')
    expect(await timestamps('', 'Thu, 05 Nov 2026 09:07:34 GMT')).toBe('Thu Nov 5 09:07:34 UTC 2026')
    expect(await timestamps('Thu, 05 Nov 2026 09:17:03 GMT', 'no time')).toBe('Thu Nov 5 09:17:03 UTC 2026')
    expect(await timestamps('Thu, 05 Nov 2026 09:17:03 GMT', 'Thu, 05 Nov 2026 09:07:02 GMT')).toBe(
      'Thu Nov 5 09:07:03 UTC 2026',
    )
  })

  it('is tried as often as the call says', async () => {
    const busy = () => refused('TooManyRequestsException', 'Rate exceeded')
    for (const attempts of [1, 2]) {
      const { signIn, sent } = scriptedSignIn([busy, busy, busy])
      await errorOf(signIn.withPassword('alice', password, { attempts }))
      expect(sent).toHaveLength(attempts)
    }
  })

  it('takes no number for a text', async () => {
    const { signIn } = scriptedSignIn([])
    expect(await errorOf(signIn.withPassword(7 as never, password))).toMatchObject({
      message: expect.stringMatching(/^withPassword: username: /),
    })
  })

  it('passes client metadata, analytics and user context in every call', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), signedIn()])
    await signIn.withPassword('alice', password, {
      clientMetadata: { a: 'b' },
      analytics: { endpointId: 'e' },
      userContext: { ipAddress: '192.0.2.1', encodedData: 'x' },
    })
    for (const { input } of sent) {
      expect(input).toMatchObject({
        ClientMetadata: { a: 'b' },
        AnalyticsMetadata: { AnalyticsEndpointId: 'e' },
        UserContextData: { IpAddress: '192.0.2.1', EncodedData: 'x' },
      })
    }
  })

  it.each([
    ['B is 0', { ...verifier, SRP_B: '0' }],
    ['B is N', { ...verifier, SRP_B: modulus }],
    ['B is more than N', { ...verifier, SRP_B: 'f'.repeat(768) }],
    ['B ends in other characters', { ...verifier, SRP_B: '5x' }],
    ['B is longer than N', { ...verifier, SRP_B: `1${'0'.repeat(768)}` }],
    ['B is not hexadecimal', { ...verifier, SRP_B: 'xyz' }],
    ['B has a sign', { ...verifier, SRP_B: '-5' }],
    ['B is 1 MB long', { ...verifier, SRP_B: '5'.repeat(1_000_000) }],
    ['B is missing', { ...verifier, SRP_B: undefined }],
    ['the salt is not hexadecimal', { ...verifier, SALT: 'salt' }],
    ['the salt is missing', { ...verifier, SALT: undefined }],
    ['the salt is 1 MB long', { ...verifier, SALT: 'a'.repeat(1_000_000) }],
    ['the secret block is no base64', { ...verifier, SECRET_BLOCK: '%' }],
  ])('refuses to go on where %s, and nothing of the password has left', async (_name, parameters) => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', parameters)])
    const error = await errorOf(signIn.withPassword('alice', password))
    expect(error).toBeInstanceOf(SignInError)
    expect(error).toMatchObject({ code: 'SRP_REFUSED' })
    expect(sent).toHaveLength(1)
  })

  it('refuses a scrambler of 0', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier)])
    const digest = vi.spyOn(crypto.subtle, 'digest').mockResolvedValue(new ArrayBuffer(32))
    const error = await errorOf(signIn.withPassword('alice', password))
    digest.mockRestore()
    expect(error).toMatchObject({ code: 'SRP_REFUSED' })
    expect(sent).toHaveLength(1)
  })

  it('proves the password once: a second challenge of the kind is handed on', async () => {
    const asked = () => challenge('PASSWORD_VERIFIER', verifier)
    const { signIn, sent } = scriptedSignIn([asked, asked])
    expect(await signIn.withPassword('alice', password)).toMatchObject({
      status: 'other-challenge',
      challenge: 'PASSWORD_VERIFIER',
    })
    expect(sent).toHaveLength(2)
  })

  it.each(['lone \ud800 surrogate', '\udfff', ''])('takes no password of %j, which has no bytes', async (typed) => {
    const { signIn, sent } = scriptedSignIn([])
    expect(await errorOf(signIn.withPassword('alice', typed))).toMatchObject({ code: 'CONFIGURATION' })
    expect(sent).toHaveLength(0)
  })

  it('tells a wrong password by AWS’s code, without the password in any form', async () => {
    const said = refused('NotAuthorizedException', 'Incorrect username or password.')
    const { signIn } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), said])
    const error = await errorOf(signIn.withPassword('alice', password))
    expect(error).toMatchObject({ name: 'AwsError', code: 'NotAuthorizedException' })
    expect(String(error)).toBe(
      'AwsError: RespondToAuthChallenge: NotAuthorizedException, Incorrect username or password.',
    )
    expect(JSON.stringify(error)).not.toContain('Horse')
  })

  it.each([password, password.toUpperCase(), encodeURIComponent(`${password}%`), btoa(password), 'correct horse'])(
    'quotes nothing that echoes what was sent: %s',
    async (echo) => {
      const { signIn } = scriptedSignIn([refused('InvalidParameterException', `Not good, ${echo}`)])
      const error = await errorOf(signIn.withPassword('alice', password, { srp: false }))
      expect(String(error)).toBe('AwsError: InitiateAuth: InvalidParameterException')
    },
  )
})

describe('custom', () => {
  it('asks the triggers at once', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('CUSTOM_CHALLENGE', { question: '2 + 2' })])
    expect(await signIn.custom('alice')).toMatchObject({
      challenge: 'CUSTOM_CHALLENGE',
      parameters: { question: '2 + 2' },
    })
    expect(sent[0]?.input).toMatchObject({ AuthFlow: 'CUSTOM_AUTH', AuthParameters: { USERNAME: 'alice' } })
  })

  it('proves a password first where there is one', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), challenge('CUSTOM_CHALLENGE')])
    expect(await signIn.custom('alice', { password })).toMatchObject({ challenge: 'CUSTOM_CHALLENGE', username: 'u-1' })
    expect(sent[0]?.input).toMatchObject({
      AuthFlow: 'CUSTOM_AUTH',
      AuthParameters: { CHALLENGE_NAME: 'SRP_A', SRP_A: expect.any(String) },
    })
  })

  it('uses the session of the newest question', async () => {
    const again = challenge('CUSTOM_CHALLENGE', {}, { Session: 'second' })
    const { signIn, sent } = scriptedSignIn([challenge('CUSTOM_CHALLENGE'), again, signedIn()])
    let step = await signIn.custom('alice')
    for (const given of ['5', '4']) {
      if (step.status !== 'challenge' || step.challenge !== 'CUSTOM_CHALLENGE') throw new Error('another step')
      step = await signIn.respond(step, { answer: given })
    }
    expect(step.status).toBe('signed-in')
    expect(sent[1]?.input).toMatchObject({
      Session: 'session of CUSTOM_CHALLENGE',
      ChallengeResponses: { ANSWER: '5' },
    })
    expect(sent[2]?.input).toMatchObject({ Session: 'second', ChallengeResponses: { ANSWER: '4' } })
  })
})

describe('choose', () => {
  it('lets Cognito ask which factor', async () => {
    const asked = challenge('SELECT_CHALLENGE', {}, { AvailableChallenges: ['PASSWORD_SRP', 'WEB_AUTHN'] })
    const { signIn, sent } = scriptedSignIn([asked])
    expect(await signIn.choose('alice')).toMatchObject({ choices: ['PASSWORD_SRP', 'WEB_AUTHN'] })
    expect(sent[0]?.input).toMatchObject({ AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: 'alice' } })
  })

  it('begins with a password by SRP', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), signedIn()])
    expect(await signIn.choose('alice', { preferred: 'PASSWORD_SRP', password })).toMatchObject({ status: 'signed-in' })
    expect(sent[0]?.input).toMatchObject({
      AuthParameters: { PREFERRED_CHALLENGE: 'PASSWORD_SRP', SRP_A: expect.any(String) },
    })
    expect(JSON.stringify(sent)).not.toContain(password)
  })

  it('chooses a password by SRP in one call', async () => {
    const asked = challenge('SELECT_CHALLENGE', {}, { AvailableChallenges: ['PASSWORD_SRP'] })
    const { signIn, sent } = scriptedSignIn([asked, challenge('PASSWORD_VERIFIER', verifier), signedIn()])
    const step = await signIn.choose('alice')
    if (step.status !== 'challenge' || step.challenge !== 'SELECT_CHALLENGE') throw new Error('another step')
    expect(await signIn.respond(step, { choice: 'PASSWORD_SRP', password })).toMatchObject({ status: 'signed-in' })
    expect(sent[1]?.input).toMatchObject({
      ChallengeName: 'SELECT_CHALLENGE',
      ChallengeResponses: { ANSWER: 'PASSWORD_SRP', SRP_A: expect.any(String) },
    })
    expect(JSON.stringify(sent)).not.toContain(password)
  })

  it('steps up, and signs in with the session of a sign-up', async () => {
    const { signIn, sent } = scriptedSignIn([signedIn(), signedIn()])
    await signIn.choose('alice', { accessToken: 't', acrValues: ['urn:cognito:loa:2'], maxAge: 60 })
    await signIn.choose('alice', { session: 'of the sign-up' })
    expect(sent[0]?.input).toMatchObject({
      AuthParameters: { ACCESS_TOKEN: 't', TARGET_ACR_VALUES: 'urn:cognito:loa:2', MAX_AGE: '60', USERNAME: 'alice' },
    })
    expect(sent[1]?.input).toMatchObject({ Session: 'of the sign-up' })
  })
})

describe('respond', () => {
  const stepOf = async (signIn: SignIn) => {
    const step = await signIn.withPassword('alice', password, { srp: false })
    if (step.status === 'signed-in') throw new Error('signed in')
    return step
  }
  it.each<[string, object, object, object]>([
    ['SMS_MFA', {}, { code: '1' }, { SMS_MFA_CODE: '1' }],
    ['EMAIL_OTP', {}, { code: '1' }, { EMAIL_OTP_CODE: '1' }],
    ['SMS_OTP', {}, { code: '1' }, { SMS_OTP_CODE: '1' }],
    ['SOFTWARE_TOKEN_MFA', {}, { code: '1' }, { SOFTWARE_TOKEN_MFA_CODE: '1' }],
    ['SELECT_MFA_TYPE', { MFAS_CAN_CHOOSE: '["SMS_MFA"]' }, { choice: 'SMS_MFA' }, { ANSWER: 'SMS_MFA' }],
    ['CUSTOM_CHALLENGE', {}, { answer: '4' }, { ANSWER: '4' }],
    ['SELECT_CHALLENGE', {}, { choice: 'EMAIL_OTP' }, { ANSWER: 'EMAIL_OTP' }],
    ['SELECT_CHALLENGE', {}, { choice: 'PASSWORD', password: 'x' }, { ANSWER: 'PASSWORD', PASSWORD: 'x' }],
    ['PASSWORD', {}, { password: 'x' }, { PASSWORD: 'x' }],
    ['PASSWORD_SRP', {}, { password: 'x' }, { SRP_A: expect.any(String) }],
    ['WEB_AUTHN', { CREDENTIAL_REQUEST_OPTIONS: '{}' }, { credential: { id: 'k' } }, { CREDENTIAL: '{"id":"k"}' }],
    ['MFA_SETUP', {}, { email: 'a@x.test' }, { EMAIL: 'a@x.test' }],
    [
      'NEW_PASSWORD_REQUIRED',
      { requiredAttributes: '["userAttributes.name"]', userAttributes: '{"email":"a@x.test","email_verified":"true"}' },
      { password: 'x', attributes: { name: 'A', email: 'a@x.test', email_verified: 'true' } },
      { NEW_PASSWORD: 'x', 'userAttributes.name': 'A' },
    ],
    ['TELEPATHY', {}, { responses: { THOUGHT: '7' } }, { THOUGHT: '7' }],
  ])('answers %s', async (name, parameters, given, expected) => {
    const { signIn, sent } = scriptedSignIn([challenge(name, parameters), signedIn()])
    const step = await stepOf(signIn)
    expect(parseStep(JSON.stringify(step))).toEqual(step)
    expect(JSON.stringify(step)).not.toContain(password)
    await signIn.respond(step, given as never)
    expect(sent[1]?.input).toEqual({
      ClientId: clientId,
      ChallengeName: name,
      Session: `session of ${name}`,
      ChallengeResponses: { USERNAME: 'alice', ...expected },
    })
  })

  it.each<[string, object, unknown, RegExp]>([
    ['SMS_MFA', {}, {}, /respond: code: expected a text, as SMS_MFA/],
    ['SMS_MFA', {}, { code: 123456 }, /respond: code/],
    ['SMS_MFA', {}, null, /respond: answer/],
    ['SELECT_CHALLENGE', {}, { choice: 'EMAIL_OTP', password: 'x' }, /respond: password/],
    ['WEB_AUTHN', {}, { credential: 'x' }, /respond: credential/],
    ['MFA_SETUP', {}, {}, /respond: code/],
    ['PASSWORD', {}, { password: '\ud800' }, /respond: password/],
    [
      'NEW_PASSWORD_REQUIRED',
      { userAttributes: '{"email":"a@x.test"}' },
      { password: 'x', attributes: { email: 'b@x.test' } },
      /"email" is not asked for/,
    ],
    ['TELEPATHY', {}, { code: '1' }, /respond: responses/],
  ])('says what an answer to %s lacks', async (name, parameters, given, expected) => {
    const { signIn, sent } = scriptedSignIn([challenge(name, parameters)])
    const step = await stepOf(signIn)
    const error = await errorOf(signIn.respond(step, given as never))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(expected) })
    expect(sent).toHaveLength(1)
  })

  it('leaves a step answerable after a wrong code', async () => {
    const wrong = refused('CodeMismatchException', 'Invalid code or auth state for the user.')
    const { signIn } = scriptedSignIn([challenge('SMS_MFA'), wrong, signedIn()])
    const step = await stepOf(signIn)
    expect(await errorOf(signIn.respond(step, { code: '0' } as never))).toMatchObject({ code: 'CodeMismatchException' })
    expect(await signIn.respond(step, { code: '1' } as never)).toMatchObject({ status: 'signed-in' })
  })

  it.each([{ userPoolId: 'eu-west-1_Other' }, { clientId: 'other' }])('takes no step of another: %j', async (other) => {
    const { signIn } = scriptedSignIn([challenge('SMS_MFA')])
    const { signIn: stranger, sent } = scriptedSignIn([], other)
    const step = await stepOf(signIn)
    expect(await errorOf(stranger.respond(step, { code: '1' } as never))).toMatchObject({ code: 'STEP_INVALID' })
    expect(sent).toHaveLength(0)
  })

  it('sets up an authenticator app with each answer’s session', async () => {
    const verified = answer({ Status: 'SUCCESS', Session: 'verified' })
    const { signIn, sent } = scriptedSignIn([challenge('MFA_SETUP'), verified, signedIn()])
    const step = await stepOf(signIn)
    await signIn.respond(step, { code: '123456', deviceName: 'phone' } as never)
    expect(sent[1]).toMatchObject({
      operation: 'VerifySoftwareToken',
      input: { Session: 'session of MFA_SETUP', UserCode: '123456', FriendlyDeviceName: 'phone' },
    })
    expect(sent[2]?.input).toMatchObject({ ChallengeName: 'MFA_SETUP', Session: 'verified' })
  })
})

describe('devices', () => {
  const deviceVerifier = { ...verifier, DEVICE_KEY: device.key, USER_ID_FOR_SRP: 'u-1', USERNAME: 'u-1' }
  const fresh = { NewDeviceMetadata: { DeviceKey: device.key, DeviceGroupKey: device.groupKey } }

  it('are confirmed before a sign-in is reported, and stored by the user’s own name', async () => {
    const { map, store } = memory()
    const confirmed = answer({ UserConfirmationNecessary: true })
    const { signIn, sent } = scriptedSignIn([signedIn(fresh), confirmed], { deviceStore: store })
    const step = await signIn.withPassword('alice@x.test', password, { srp: false, deviceName: 'laptop' })
    expect(step).toMatchObject({
      status: 'signed-in',
      tokens: { deviceKey: device.key },
      newDevice: { key: device.key, groupKey: device.groupKey, asksUser: true },
    })
    expect(sent[1]).toMatchObject({
      operation: 'ConfirmDevice',
      input: {
        AccessToken: accessToken('u-1'),
        DeviceKey: device.key,
        DeviceName: 'laptop',
        DeviceSecretVerifierConfig: { Salt: expect.any(String), PasswordVerifier: expect.any(String) },
      },
    })
    const stored = map.get(`${userPoolId}/u-1`)
    expect(stored).toEqual({ key: device.key, groupKey: device.groupKey, password: expect.any(String) })
    expect(JSON.stringify([step, sent])).not.toContain(stored?.password)
  })

  it('prove themselves in the next sign-in, with their key in every call', async () => {
    const { store } = memory({ [`${userPoolId}/u-1`]: device })
    const script = [
      challenge('PASSWORD_VERIFIER', verifier),
      challenge('DEVICE_SRP_AUTH', {}),
      challenge('DEVICE_PASSWORD_VERIFIER', deviceVerifier),
      signedIn(),
    ]
    const { signIn, sent } = scriptedSignIn(script, { deviceStore: store, clientSecret: 'hush' })
    expect(await signIn.withPassword('u-1', password)).toMatchObject({ tokens: { deviceKey: device.key } })
    expect(sent[0]?.input).toMatchObject({ AuthParameters: { DEVICE_KEY: device.key } })
    for (const { input } of sent.slice(1)) {
      expect(input).toMatchObject({
        ChallengeResponses: { DEVICE_KEY: device.key, USERNAME: 'u-1', SECRET_HASH: expect.any(String) },
      })
    }
    expect(sent[2]?.input).toMatchObject({
      Session: 'session of DEVICE_SRP_AUTH',
      ChallengeResponses: { SRP_A: expect.any(String) },
    })
    expect(sent[3]?.input).toMatchObject({
      ChallengeName: 'DEVICE_PASSWORD_VERIFIER',
      Session: 'session of DEVICE_PASSWORD_VERIFIER',
    })
    expect(JSON.stringify(sent)).not.toContain(device.password)
  })

  it('are found by the name of the challenge where an alias was typed', async () => {
    const { store } = memory({ [`${userPoolId}/u-1`]: device })
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), signedIn()], {
      deviceStore: store,
    })
    await signIn.withPassword('alice@x.test', password)
    expect(sent[0]?.input).not.toHaveProperty('AuthParameters.DEVICE_KEY')
    expect(sent[1]?.input).toMatchObject({ ChallengeResponses: { DEVICE_KEY: device.key } })
  })

  it('prove themselves after a second factor, with a step that was carried as JSON', async () => {
    const { store } = memory({ [`${userPoolId}/alice`]: device })
    const script = [
      challenge('SOFTWARE_TOKEN_MFA'),
      challenge('DEVICE_SRP_AUTH', {}),
      challenge('DEVICE_PASSWORD_VERIFIER', deviceVerifier),
      signedIn(),
    ]
    const { signIn } = scriptedSignIn(script, { deviceStore: store })
    const step = parseStep(JSON.stringify(await signIn.withPassword('alice', password, { srp: false })))
    expect(await signIn.respond(step, { code: '1' } as never)).toMatchObject({ tokens: { deviceKey: device.key } })
  })

  const gone = () => refused('ResourceNotFoundException', 'Device does not exist.')
  it.each<[string, Scripted[]]>([
    ['at the beginning', [gone, () => challenge('PASSWORD_VERIFIER', verifier), () => signedIn()]],
    [
      'at the password',
      [
        ...[() => challenge('PASSWORD_VERIFIER', verifier), gone],
        ...[() => challenge('PASSWORD_VERIFIER', verifier), () => signedIn()],
      ],
    ],
  ])('that Cognito has forgotten are dropped %s, and the sign-in goes on without', async (_name, script) => {
    const { map, store } = memory({ [`${userPoolId}/u-1`]: device })
    const { signIn, sent } = scriptedSignIn(script, { deviceStore: store })
    expect(await signIn.withPassword('u-1', password)).toMatchObject({
      status: 'signed-in',
      tokens: { deviceKey: undefined },
    })
    expect(map.size).toBe(0)
    expect(JSON.stringify(sent.at(-1))).not.toContain(device.key)
  })

  it('are tried without once, whatever a store forgets to delete', async () => {
    const store: DeviceStore = { get: () => device, set: () => {}, delete: () => {} }
    const { signIn, sent } = scriptedSignIn([gone, () => challenge('PASSWORD_VERIFIER', verifier), gone], {
      deviceStore: store,
    })
    expect(await errorOf(signIn.withPassword('u-1', password))).toMatchObject({ code: 'ResourceNotFoundException' })
    expect(sent).toHaveLength(3)
  })

  it('are not to blame for a pool or a client that does not exist', async () => {
    const { map, store } = memory({ [`${userPoolId}/u-1`]: device })
    const missing = refused('ResourceNotFoundException', 'User pool client does not exist.')
    const { signIn, sent } = scriptedSignIn([missing], { deviceStore: store })
    expect(await errorOf(signIn.withPassword('u-1', password))).toMatchObject({ code: 'ResourceNotFoundException' })
    expect([map.size, sent.length]).toEqual([1, 1])
  })

  it('that are refused are dropped, or they would lock their user out', async () => {
    const { map, store } = memory({ [`${userPoolId}/u-1`]: device })
    const script = [
      challenge('DEVICE_SRP_AUTH', {}),
      refused('NotAuthorizedException', 'Incorrect username or password.'),
    ]
    const { signIn } = scriptedSignIn(script, { deviceStore: store })
    expect(await errorOf(signIn.withPassword('u-1', password))).toMatchObject({ code: 'NotAuthorizedException' })
    expect(map.size).toBe(0)
  })

  it('whose entry is incomplete are none', async () => {
    const { store } = memory({ [`${userPoolId}/u-1`]: { ...device, password: '' } })
    const { signIn, sent } = scriptedSignIn([signedIn()], { deviceStore: store })
    await signIn.withPassword('u-1', password, { srp: false })
    expect(JSON.stringify(sent)).not.toContain(device.key)
  })
})

describe('answers that no service would give', () => {
  const junk = [null, true, 7, 'text', [], [1], {}, { a: 1 }]
  const answers = junk.flatMap((value) => [
    { AuthenticationResult: value },
    { AuthenticationResult: { AccessToken: value } },
    { AuthenticationResult: { AccessToken: 'a', ExpiresIn: value, RefreshToken: value, NewDeviceMetadata: value } },
    { ChallengeName: value },
    { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: value },
    { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: { ...verifier, SRP_B: value } },
    { ChallengeName: 'SELECT_CHALLENGE', AvailableChallenges: value, Session: value },
    {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeParameters: { userAttributes: JSON.stringify(value), requiredAttributes: JSON.stringify(value) },
    },
    { ChallengeName: '__proto__', ChallengeParameters: { __proto__: value } },
  ])

  it('end in a step or in an error of ours', async () => {
    for (const output of answers) {
      const { signIn } = scriptedSignIn([answer(output), answer(output)])
      try {
        const step = await signIn.withPassword('alice', password)
        expect(JSON.parse(JSON.stringify(step))).toMatchObject({ status: step.status })
      } catch (error) {
        expect(['SignInError', 'AwsError']).toContain((error as Error).name)
      }
    }
  })

  it('go round at most a few times', async () => {
    const again = () => challenge('DEVICE_SRP_AUTH', {})
    const { store } = memory({ [`${userPoolId}/u-1`]: device })
    const { signIn, sent } = scriptedSignIn(Array(50).fill(again), { deviceStore: store })
    expect(await signIn.withPassword('u-1', password)).toMatchObject({ status: 'other-challenge' })
    expect(sent.length).toBeLessThan(8)
  })

  it('that are lost leave it unknown whether the user is signed in', async () => {
    const { signIn, sent } = scriptedSignIn([challenge('PASSWORD_VERIFIER', verifier), new TypeError('cut')])
    expect(await errorOf(signIn.withPassword('alice', password))).toMatchObject({
      code: 'NetworkError',
      outcome: 'unknown',
    })
    expect(operations(sent)).toEqual(['InitiateAuth', 'RespondToAuthChallenge'])
  })
})

describe('options', () => {
  it.each<[object, string]>([
    [{ userPoolID: 'x' }, 'did you mean "userPoolId"?'],
    [{ clientId: '' }, 'the id of an app client'],
    [{ userPoolId: 'nonsense' }, 'userPoolId'],
    [{ endpoint: 'http://example.com' }, 'endpoint'],
    [{ credentials: {} }, 'cognigate/admin'],
  ])('that are wrong are named: %j', (options, expected) => {
    expect(() => scriptedSignIn([], options)).toThrow(expected)
  })

  it.each<[string, (signIn: SignIn) => Promise<unknown>]>([
    ['withPassword', (signIn) => signIn.withPassword('a', 'b', { metadata: {} } as never)],
    ['custom', (signIn) => signIn.custom('a', { srp: true } as never)],
    ['choose', (signIn) => signIn.choose('a', { prefered: 'PASSWORD' } as never)],
    ['revoke', (signIn) => signIn.revoke('a', { b: 1 } as never)],
    ['refresh', (signIn) => signIn.refresh({ accessToken: 'a', refreshToken: 'r' }, { flow: 'x' } as never)],
  ])('of %s are checked', async (place, call) => {
    const error = await errorOf(call(scriptedSignIn([]).signIn))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(`${place}: unknown option`) })
  })
})

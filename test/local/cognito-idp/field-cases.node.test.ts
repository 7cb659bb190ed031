import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { computeSignature, computeVerifier, startExchange } from '../../../src/local/cognito-idp/srp.ts'
import { createLocalPool, type LocalPool, type LocalPoolOptions, type Trigger } from '../../../src/local/index.ts'
import { createSignIn } from '../../../src/sign-in/index.ts'
import { call as callSigned, type Json, requestFor } from '../../support/local-pool.ts'
import { totp } from '../../sign-in/totp.ts'

// What happened to users of comparable software, by its number.

const password = 'Correct-h0rse'
const start = 1_767_225_600_000
let pool: LocalPool

const create = async (options: LocalPoolOptions) => {
  pool = await createLocalPool({ now: () => start, clientId: 'app', ...options })
}
/** An operation of users, which carries no signature. */
const call = async (operation: string, input: Json): Promise<Json> => {
  const request = requestFor(pool, operation, input)
  request.headers.delete('authorization')
  const text = await (await pool.fetch(request)).text()
  return text === '' ? {} : JSON.parse(text)
}
const signIn = (AuthFlow: string, AuthParameters: Json, ClientId = 'app') =>
  call('InitiateAuth', { AuthFlow, ClientId, AuthParameters })
const refusedAs = (__type: string, message?: string) => ({ __type, ...(message !== undefined && { message }) })
const wrongPassword = refusedAs('NotAuthorizedException', 'Incorrect username or password.')
const wrongCode = refusedAs('CodeMismatchException', 'Invalid verification code provided, please try again.')
const oldCode = refusedAs('ExpiredCodeException', 'Invalid code provided, please request a code again.')
const lastCode = () => pool.outbox.at(-1)?.code ?? ''
const lastMessages = () => pool.outbox.map(({ code }) => code)

describe('E01: numbers of SRP', () => {
  it('are lower-case hexadecimal without leading zeros', async () => {
    await create({ users: { alice: { password } } })
    for (let round = 0; round < 40; round++) {
      const { ChallengeParameters } = await signIn('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: '2' })
      const { SALT, SRP_B } = ChallengeParameters as Record<string, string>
      for (const number of [SALT, SRP_B]) expect(number).toMatch(/^[1-9a-f][0-9a-f]*$/)
    }
  })
})

describe('E02: who is refused, and how', () => {
  it('a sub names nobody at sign-in, and an unconfirmed user is told before the password is looked at', async () => {
    const users = { alice: { password, sub: 'the-sub' }, dave: { password, status: 'UNCONFIRMED' as const } }
    await create({ users })
    expect(await signIn('USER_PASSWORD_AUTH', { USERNAME: 'the-sub', PASSWORD: password })).toEqual(
      refusedAs('UserNotFoundException', 'User does not exist.'),
    )
    expect((await callSigned(pool, 'AdminGetUser', { Username: 'the-sub' })).status).toBe(200)
    expect(await signIn('USER_PASSWORD_AUTH', { USERNAME: 'dave', PASSWORD: 'wrong' })).toEqual(
      refusedAs('UserNotConfirmedException', 'User is not confirmed.'),
    )
  })

  it('a changed secret block, signature or date is a wrong password; the pair of administrators works alike', async () => {
    await create({ users: { alice: { password } } })
    const { ChallengeParameters } = await signIn('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: '2' })
    const { SECRET_BLOCK = '' } = ChallengeParameters as Record<string, string>
    const answer = (changes: Json) =>
      call('RespondToAuthChallenge', {
        ClientId: 'app',
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: {
          USERNAME: 'alice',
          PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
          PASSWORD_CLAIM_SIGNATURE: 'AAAA',
          TIMESTAMP: 'Thu Jan 1 00:00:00 UTC 2026',
          ...changes,
        },
      })
    expect(await answer({ PASSWORD_CLAIM_SECRET_BLOCK: `A${SECRET_BLOCK.slice(1)}x` })).toEqual(wrongPassword)
    expect(await answer({})).toEqual(wrongPassword)
    expect(await answer({ TIMESTAMP: 'Fri Jan 2 00:00:00 UTC 2026' })).toEqual(wrongPassword)
    const begun = await callSigned(pool, 'AdminInitiateAuth', {
      ClientId: 'app',
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: 'alice', SRP_A: '2' },
    })
    expect(begun.body).toMatchObject({ ChallengeName: 'PASSWORD_VERIFIER' })
  })
})

describe('E04: users who do not exist', () => {
  const clients: LocalPoolOptions['clients'] = [
    {
      clientId: 'hiding',
      hideUnknownUsers: true,
      authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
    },
    { clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'] },
  ]
  const code = { ConfirmationCode: '000000' }
  const combination = refusedAs('UserNotFoundException', 'Username/client id combination not found.')
  const unknown = refusedAs('UserNotFoundException', 'User does not exist.')
  const delivery = {
    CodeDeliveryDetails: { Destination: 'm***@y***', DeliveryMedium: 'EMAIL', AttributeName: 'email' },
  }
  it.each<[string, Json, object, object]>([
    ['InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { PASSWORD: 'x' } }, unknown, wrongPassword],
    [
      'InitiateAuth',
      { AuthFlow: 'USER_SRP_AUTH', AuthParameters: { SRP_A: '2' } },
      unknown,
      { ChallengeName: 'PASSWORD_VERIFIER' },
    ],
    ['InitiateAuth', { AuthFlow: 'USER_AUTH' }, unknown, { ChallengeName: 'SELECT_CHALLENGE' }],
    ['ForgotPassword', {}, combination, delivery],
    ['ResendConfirmationCode', {}, combination, delivery],
    ['ConfirmForgotPassword', { ...code, Password: password }, combination, wrongCode],
    ['ConfirmSignUp', code, combination, oldCode],
  ])('%s %j', async (operation, input, legacy, hidden) => {
    await create({ clients, users: { alice: { password } } })
    for (const [ClientId, expected] of [
      ['app', legacy],
      ['hiding', hidden],
    ] as const) {
      const isSignIn = operation === 'InitiateAuth'
      const named = isSignIn
        ? { AuthParameters: { USERNAME: 'mallory', ...Object(input['AuthParameters']) } }
        : { Username: 'mallory' }
      expect(await call(operation, { ClientId, ...input, ...named })).toMatchObject(expected)
    }
  })
})

describe('E06: filters of ListUsers', () => {
  const names = async (Filter: string): Promise<unknown> => {
    const { body = {} } = await callSigned(pool, 'ListUsers', { Filter })
    const users = body['Users']
    return Array.isArray(users) ? users.map(({ Username }) => Username) : body['__type']
  }

  it.each([
    ['email = "USER@x.test"', ['alice']],
    ['"email"^="us"', ['alice']],
    ['family_name="O\\"Neil"', ['alice']],
    ['username = "ALICE"', []],
    ['username="alice"', ['alice']],
    ['status = "Disabled"', ['bob']],
    ['status = "Enabled"', ['alice']],
    ['cognito:user_status = "CONFIRMED"', ['alice', 'bob']],
    ['cognito:user_status = "confirmed"', ['alice', 'bob']],
    ['custom:a = "1"', 'InvalidParameterException'],
    ['nonsense', 'InvalidParameterException'],
  ])('%s', async (filter, expected) => {
    await create({
      customAttributes: ['custom:a'],
      users: {
        alice: { email: 'user@X.test', attributes: { family_name: 'O"Neil', 'custom:a': '1' } },
        bob: { enabled: false },
      },
    })
    expect(await names(filter)).toEqual(expected)
  })
})

describe('E09: what tokens say', () => {
  it('ID tokens have what the client may read, access tokens no attributes', async () => {
    await create({
      groups: ['editor', 'viewer'],
      users: {
        alice: {
          email: 'a@example.com',
          email_verified: true,
          groups: ['viewer', 'editor'],
          attributes: { birthdate: '2000-01-01', 'custom:n': 7, phone_number: '+491234567890' },
        },
      },
    })
    const UserPoolId = pool.settings.userPoolId
    const made = await callSigned(pool, 'CreateUserPoolClient', {
      UserPoolId,
      ClientName: 'reader',
      ReadAttributes: ['email', 'email_verified'],
    })
    const reader = String(Object(made.body?.['UserPoolClient'])['ClientId'])
    const all = await pool.tokens('alice')
    expect(decodeJwt(all.idToken)).toMatchObject({
      aud: 'app',
      'cognito:username': 'alice',
      'cognito:groups': ['editor', 'viewer'],
      email_verified: true,
      phone_number_verified: false,
      birthdate: '2000-01-01',
      'custom:n': '7',
    })
    const access = decodeJwt(all.accessToken)
    expect(access).toMatchObject({ client_id: 'app', username: 'alice', 'cognito:groups': ['editor', 'viewer'] })
    for (const name of ['email', 'birthdate', 'aud']) expect(access).not.toHaveProperty(name)
    const some = decodeJwt((await pool.tokens('alice', { clientId: reader })).idToken)
    expect(some).toMatchObject({ email: 'a@example.com', email_verified: true, sub: access.sub })
    for (const name of ['birthdate', 'custom:n', 'phone_number']) expect(some).not.toHaveProperty([name])
  })

  it('scopes of managed login narrow them, save for `profile` and for `openid` alone', async () => {
    const alice = { email: 'a@example.com', attributes: { phone_number: '+491234567890', given_name: 'A' } }
    await create({ users: { alice } })
    const names = async (scope: string) => {
      const claims = decodeJwt((await pool.tokens('alice', { scope })).idToken)
      return ['email', 'phone_number', 'given_name'].filter((name) => name in claims)
    }
    expect(await names('openid')).toEqual(['email', 'phone_number', 'given_name'])
    expect(await names('openid profile')).toEqual(['email', 'phone_number', 'given_name'])
    expect(await names('openid email')).toEqual(['email'])
    expect(await names('openid email phone')).toEqual(['email', 'phone_number'])
  })
})

describe('E10: rotation of refresh tokens', () => {
  it('is taken with no flows or SRP alone, and an old token ends with the grace', async () => {
    await create({ users: { alice: { password } } })
    const RefreshTokenRotation = { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 }
    const make = async (more: Json): Promise<Json> =>
      (await callSigned(pool, 'CreateUserPoolClient', { ClientName: 'app', RefreshTokenRotation, ...more })).body ?? {}
    expect(await make({})).toHaveProperty('UserPoolClient')
    expect(await make({ ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] })).toHaveProperty('UserPoolClient')
    const { UserPoolClient } = await make({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] })
    const { ClientId } = UserPoolClient as { ClientId: string }
    const signedIn = await signIn('USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: password }, ClientId)
    const { RefreshToken } = signedIn['AuthenticationResult'] as { RefreshToken: string }
    const refused = await signIn('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken }, ClientId)
    expect(refused['__type']).toBeDefined()
    const renew = () => call('GetTokensFromRefreshToken', { ClientId, RefreshToken })
    expect(await renew()).toHaveProperty('AuthenticationResult.RefreshToken')
    pool.advance(5)
    expect(await renew()).toHaveProperty('AuthenticationResult.AccessToken')
    pool.advance(10)
    expect((await renew())['__type']).toBe('RefreshTokenReuseException')

    const off = { ClientId, RefreshTokenRotation: { Feature: 'DISABLED' } }
    expect((await callSigned(pool, 'UpdateUserPoolClient', off)).status).toBe(200)
    expect((await callSigned(pool, 'DescribeUserPoolClient', { ClientId })).body).toMatchObject({
      UserPoolClient: { RefreshTokenRotation: { Feature: 'DISABLED' } },
    })
  })
})

describe('E12: applications', () => {
  const secret = 'JBSWY3DPEHPK3PXP'

  it('takes codes of the step before and after, no others, and each once', async () => {
    await create({ users: { alice: { password, mfa: ['SOFTWARE_TOKEN_MFA'], totpSecret: secret } } })
    const attempt = async (seconds: number) => {
      const { Session } = await signIn('USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: password })
      const SOFTWARE_TOKEN_MFA_CODE = await totp(secret, pool.settings.now() + seconds * 1000)
      const answered = await call('RespondToAuthChallenge', {
        ClientId: 'app',
        ChallengeName: 'SOFTWARE_TOKEN_MFA',
        ChallengeResponses: { USERNAME: 'alice', SOFTWARE_TOKEN_MFA_CODE },
        Session,
      })
      return answered['__type'] ?? 'signed-in'
    }
    expect(await attempt(-60)).toBe('CodeMismatchException')
    expect(await attempt(60)).toBe('CodeMismatchException')
    expect(await attempt(-30)).toBe('signed-in')
    expect(await attempt(-30)).toBe('ExpiredCodeException')
    expect(await attempt(0)).toBe('signed-in')
    expect(await attempt(30)).toBe('signed-in')
    expect(await attempt(0)).toBe('ExpiredCodeException')
  })

  it('wrong codes of a set-up, and a preference before it, are refused in AWS’s words', async () => {
    await create({ users: { alice: { password } } })
    const { accessToken: AccessToken } = await pool.tokens('alice')
    await call('AssociateSoftwareToken', { AccessToken })
    expect(await call('VerifySoftwareToken', { AccessToken, UserCode: '000000' })).toEqual(
      refusedAs('EnableSoftwareTokenMFAException', 'Code mismatch and fail enable Software Token MFA'),
    )
    const SoftwareTokenMfaSettings = { Enabled: true }
    expect(await call('SetUserMFAPreference', { AccessToken, SoftwareTokenMfaSettings })).toEqual(
      refusedAs('InvalidParameterException', 'User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA'),
    )
  })
})

describe('E13: codes', () => {
  const user = { Username: 'bob', ClientId: 'app' }
  const signUp = async () => {
    await create({ users: { alice: { password, email: 'a@example.com', email_verified: true } } })
    await call('SignUp', {
      ...user,
      Password: password,
      UserAttributes: [{ Name: 'email', Value: 'b@example.com' }],
    })
  }
  const confirm = (ConfirmationCode: string, more: Json = {}) =>
    call('ConfirmSignUp', { ...user, ConfirmationCode, ...more })

  it('of a sign-up: wrong, of another user or purpose, replaced, too old, used', async () => {
    await signUp()
    const first = lastCode()
    expect(await confirm(first === '000000' ? '000001' : '000000')).toEqual(wrongCode)
    await call('ForgotPassword', { ClientId: 'app', Username: 'alice' })
    const foreign = lastCode()
    if (foreign !== first) expect(await confirm(foreign)).toEqual(wrongCode)
    await call('ResendConfirmationCode', user)
    const second = lastCode()
    if (first !== second) expect(await confirm(first)).toEqual(oldCode)
    const before = await callSigned(pool, 'AdminGetUser', { Username: 'bob' })
    expect(before.body?.['UserStatus']).toBe('UNCONFIRMED')
    expect(await confirm(second)).toEqual({})
    expect(await confirm(second)).toEqual(
      refusedAs('NotAuthorizedException', 'User cannot be confirmed. Current status is CONFIRMED'),
    )
    await signUp()
    const late = lastCode()
    pool.advance(86_401)
    expect(await confirm(late)).toEqual(oldCode)
  })

  it('of a forgotten password: too old after an hour, replaced, used', async () => {
    await signUp()
    const forget = () => call('ForgotPassword', { ClientId: 'app', Username: 'alice' })
    const reset = (ConfirmationCode: string) =>
      call('ConfirmForgotPassword', {
        ClientId: 'app',
        Username: 'alice',
        ConfirmationCode,
        Password: 'N3w-password',
      })
    await forget()
    const first = lastCode()
    await forget()
    const second = lastCode()
    if (first !== second) expect(await reset(first)).toEqual(oldCode)
    expect(await signIn('USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: 'N3w-password' })).toEqual(wrongPassword)
    expect(await reset(second)).toEqual({})
    expect(await reset(second)).toEqual(oldCode)
    await forget()
    pool.advance(3601)
    expect(await reset(lastCode())).toEqual(oldCode)
    expect(lastMessages().length).toBeGreaterThan(2)
  })
})

describe('E14: custom challenges after a password', () => {
  const secret = 'JBSWY3DPEHPK3PXP'
  const sessions: unknown[] = []
  const define: Trigger = (event) => {
    const session = event.request['session'] as { challengeName: string; challengeResult: boolean }[]
    sessions.push(structuredClone(session))
    const last = session.at(-1)
    if (last?.challengeName === 'SRP_A') event.response['challengeName'] = 'PASSWORD_VERIFIER'
    else if (last?.challengeName === 'CUSTOM_CHALLENGE' && last.challengeResult) event.response['issueTokens'] = true
    else if (session.filter(({ challengeName }) => challengeName === 'CUSTOM_CHALLENGE').length >= 3) {
      event.response['failAuthentication'] = true
    } else event.response['challengeName'] = 'CUSTOM_CHALLENGE'
    return event
  }
  const triggers = {
    DefineAuthChallenge: define,
    CreateAuthChallenge: ((event) => {
      event.response['publicChallengeParameters'] = { question: '6 × 7' }
      event.response['challengeMetadata'] = 'SUM'
      return event
    }) satisfies Trigger,
    VerifyAuthChallengeResponse: ((event) => {
      event.response['answerCorrect'] = event.request['challengeAnswer'] === '42'
      return event
    }) satisfies Trigger,
  }
  const clients: LocalPoolOptions['clients'] = [{ clientId: 'app', authFlows: ['ALLOW_CUSTOM_AUTH'] }]

  it('ask again after wrong answers, and the right one at the last round signs in', async () => {
    sessions.length = 0
    await create({ clients, triggers, users: { alice: { password } } })
    const client = createSignIn(pool.settings)
    let step = await client.custom('alice', { password })
    for (const answer of ['1', '2', '42']) {
      if (step.status !== 'challenge' || step.challenge !== 'CUSTOM_CHALLENGE') throw new Error('another step')
      step = await client.respond(step, { answer })
    }
    expect(step.status).toBe('signed-in')
    expect(sessions.at(-1)).toEqual([
      { challengeName: 'SRP_A', challengeResult: true },
      { challengeName: 'PASSWORD_VERIFIER', challengeResult: true },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'SUM' },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'SUM' },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'SUM' },
    ])
  })

  it('a user with a second factor is asked for it before the triggers are', async () => {
    sessions.length = 0
    const alice = { password, mfa: ['SOFTWARE_TOKEN_MFA'] as const, totpSecret: secret }
    await create({ clients, triggers, users: { alice } })
    const client = createSignIn(pool.settings)
    const first = await client.custom('alice', { password })
    if (first.status !== 'challenge' || first.challenge !== 'SOFTWARE_TOKEN_MFA') throw new Error('another step')
    expect(sessions).toHaveLength(1)
    await expect(client.respond(first, { code: '000000' })).rejects.toMatchObject({ code: 'CodeMismatchException' })
    const second = await client.respond(first, { code: await totp(secret, start) })
    if (second.status !== 'challenge' || second.challenge !== 'CUSTOM_CHALLENGE') throw new Error('another step')
    expect((await client.respond(second, { answer: '42' })).status).toBe('signed-in')
    expect(sessions.at(-1)).toMatchObject([
      { challengeName: 'SRP_A' },
      { challengeName: 'PASSWORD_VERIFIER', challengeResult: true },
      { challengeName: 'SOFTWARE_TOKEN_MFA', challengeResult: true },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true },
    ])
  })
})

it('one flipped bit anywhere in an answer of SRP never signs in', async () => {
  await create({ users: { alice: { password } } })
  const sent: Json[] = []
  const client = createSignIn({
    ...pool.settings,
    fetch: async (request: Request) => {
      const copy = request.clone()
      if (copy.headers.get('x-amz-target')?.endsWith('RespondToAuthChallenge')) {
        sent.push(JSON.parse(await copy.text()) as Json)
        return new Response('{"__type":"InternalErrorException"}', { status: 400 })
      }
      return pool.fetch(request)
    },
  })
  await client.withPassword('alice', password).catch(() => undefined)
  const [answer] = sent
  if (answer === undefined) throw new Error('nothing was sent')
  const responses = answer['ChallengeResponses'] as Record<string, string>
  const attempt = (changes: Record<string, string>) =>
    call('RespondToAuthChallenge', { ...answer, ChallengeResponses: { ...responses, ...changes } })
  const flip = (text: string, at: number, bit: number) => {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0))
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
    return btoa(String.fromCharCode(...bytes))
  }
  const signature = responses['PASSWORD_CLAIM_SIGNATURE'] ?? ''
  const block = responses['PASSWORD_CLAIM_SECRET_BLOCK'] ?? ''
  const time = responses['TIMESTAMP'] ?? ''
  /** Without the lock of too many wrong passwords, which would refuse everything. */
  const unlock = () =>
    callSigned(pool, 'AdminSetUserPassword', { Username: 'alice', Password: password, Permanent: true })
  const isRefused = async (changes: Record<string, string>) => {
    await unlock()
    const { __type, message } = await attempt(changes)
    return message === 'Incorrect username or password.' || __type === 'InvalidParameterException'
  }
  for (let at = 0; at < 32; at++) {
    for (const bit of [at % 8]) {
      expect(await isRefused({ PASSWORD_CLAIM_SIGNATURE: flip(signature, at, bit) })).toBe(true)
    }
  }
  for (let at = 0; at < atob(block).length; at += 13) {
    expect(await isRefused({ PASSWORD_CLAIM_SECRET_BLOCK: flip(block, at, at % 8) })).toBe(true)
  }
  for (let at = 0; at < time.length; at++) {
    const changed = time.slice(0, at) + String.fromCharCode(time.charCodeAt(at) ^ 1) + time.slice(at + 1)
    expect(await isRefused({ TIMESTAMP: changed })).toBe(true)
  }
  await unlock()
  expect((await attempt({}))['AuthenticationResult']).toBeDefined()
})

it('one flipped bit of A, of the verifier or of the server’s secret changes the signature', async () => {
  const random = {
    hex: (bytes: number) =>
      createHmac('sha256', 'x')
        .update('y')
        .digest('hex')
        .slice(0, bytes * 2),
  }
  const verifier = await computeVerifier('Poolalice', password, 'ab12')
  const exchange = startExchange(verifier, 'ab12', '2b', random)
  const expected = await computeSignature(exchange, 'Poolalice', 'AAAA', 'now')
  const flipHex = (hex: string, at: number) => {
    const index = at % hex.length
    return hex.slice(0, index) + (Number.parseInt(hex[index] ?? '0', 16) ^ 1).toString(16) + hex.slice(index + 1)
  }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('A', 'verifier', 'b', 'B' as const), fc.nat(700), async (name, at) => {
      const changed = { ...exchange, [name]: flipHex(exchange[name as 'A'], at) }
      expect(await computeSignature(changed, 'Poolalice', 'AAAA', 'now')).not.toBe(expected)
    }),
    { numRuns: 20, seed: 1 },
  )
})

const unsigned = [
  ...['AssociateSoftwareToken', 'ChangePassword', 'CompleteWebAuthnRegistration', 'ConfirmDevice'],
  ...['ConfirmForgotPassword', 'ConfirmSignUp', 'DeleteUserAttributes', 'DeleteWebAuthnCredential', 'ForgetDevice'],
  ...['ForgotPassword', 'GetDevice', 'GetTokensFromRefreshToken', 'GetUser', 'GetUserAttributeVerificationCode'],
  ...['GetUserAuthFactors', 'InitiateAuth', 'ListDevices', 'ListWebAuthnCredentials', 'ResendConfirmationCode'],
  ...['RespondToAuthChallenge', 'RevokeToken', 'SetUserMFAPreference', 'SetUserSettings', 'SignUp'],
  ...['StartWebAuthnRegistration', 'UpdateAuthEventFeedback', 'UpdateDeviceStatus', 'UpdateUserAttributes'],
  ...['VerifySoftwareToken', 'VerifyUserAttribute', 'GetClientToken', 'ListUserSessions', 'RevokeUserSession'],
]

it('no input of an operation of users, whatever it holds, is answered with an error of the server', async () => {
  await create({
    users: { alice: { password, email: 'a@example.com', mfa: ['SOFTWARE_TOKEN_MFA'] } },
    clients: [{ clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] }],
    passkeys: {},
    maxSessions: 5,
    threatProtection: true,
    deviceTracking: 'always',
  })
  const { accessToken, refreshToken } = await pool.tokens('alice')
  const { Session = '' } = (await signIn('USER_AUTH', { USERNAME: 'alice' })) as { Session?: string }
  const value = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<unknown>(null, '', 0, -1, 1.5, true, [], {}, [null], { '': '' }, '000000'),
    },
    fc.constantFrom('alice', 'app', '__proto__', 'constructor', 'toString', '\u0000', '\ud800', 'x'.repeat(3000)),
    fc.constantFrom('USER_AUTH', 'USER_SRP_AUTH', 'PASSWORD_VERIFIER', 'WEB_AUTHN', 'SELECT_CHALLENGE', 'MFA_SETUP'),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const texts = fc.dictionary(
    fc.constantFrom('USERNAME', 'PASSWORD', 'SRP_A', 'ANSWER', 'CREDENTIAL', 'PASSWORD_CLAIM_SECRET_BLOCK', 'EMAIL'),
    fc.oneof(fc.string(), fc.constantFrom('alice', 'ff', '{}', '[]', 'WEB_AUTHN', 'PASSWORD_SRP')),
  )
  const input = fc.record(
    {
      ...Object.fromEntries(
        ['Username', 'Password', 'UserAttributes', 'AttributeName', 'DeviceKey', 'UserCode', 'Code', 'Token'].map(
          (name) => [name, value],
        ),
      ),
      ...Object.fromEntries(
        ['MFAOptions', 'SMSMfaSettings', 'DeviceSecretVerifierConfig', 'SessionId', 'CredentialId', 'NextToken'].map(
          (name) => [name, value],
        ),
      ),
      AccessToken: fc.oneof(fc.constant(accessToken), value),
      RefreshToken: fc.oneof(fc.constant(refreshToken), value),
      Session: fc.oneof(fc.constant(Session), value),
      ClientId: fc.oneof({ weight: 4, arbitrary: fc.constant('app') }, value),
      AuthFlow: fc.oneof(fc.constantFrom('USER_AUTH', 'USER_SRP_AUTH', 'REFRESH_TOKEN_AUTH', 'CUSTOM_AUTH'), value),
      ChallengeName: fc.oneof(fc.constantFrom('WEB_AUTHN', 'SELECT_CHALLENGE', 'PASSWORD_VERIFIER'), value),
      AuthParameters: fc.oneof(texts, value),
      ChallengeResponses: fc.oneof(texts, value),
      ClientMetadata: value,
      Credential: fc.oneof(
        fc.record({ id: fc.string(), rawId: fc.string(), type: fc.constant('public-key'), response: value }),
        value,
      ),
      ConfirmationCode: value,
      FeedbackToken: value,
      UserPoolId: fc.oneof(fc.constant(pool.settings.userPoolId), value),
      EventId: value,
      FeedbackValue: value,
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...unsigned), input, async (operation, body) => {
      const request = requestFor(pool, operation, body)
      request.headers.delete('authorization')
      const response = await pool.fetch(request)
      expect([operation, response.status < 500]).toEqual([operation, true])
    }),
    { numRuns: 1000, seed: 20_261_127 },
  )
})

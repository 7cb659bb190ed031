import {
  AdminListUserAuthEventsCommand,
  AdminUpdateAuthEventFeedbackCommand,
  ConfirmSignUpCommand,
  CreateUserPoolClientCommand,
  GetClientTokenCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SetUserSettingsCommand,
  SignUpCommand,
  UpdateAuthEventFeedbackCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../../src/local/index.ts'
import { clientToken, createAccount, createSignIn } from '../../../src/sign-in/index.ts'
import { call, type Json } from '../../support/local-pool.ts'
import { createAuthenticator } from '../../support/authenticator.ts'
import { totp } from '../../sign-in/totp.ts'
import { createSdkClient } from '../../support/sdk-client.ts'

const password = 'Correct-h0rse'
const secret = 'a_secret+of+its+own+of+some+length'
let pool: LocalPool
let sdk: ReturnType<typeof createSdkClient>

const create = async (options: LocalPoolOptions) => {
  pool = await createLocalPool({ now: () => 1_767_225_600_000, clientId: 'app', ...options })
  sdk = createSdkClient(pool)
}
const refused = (name: string, message?: RegExp) =>
  expect.objectContaining({ name, ...(message && { message: expect.stringMatching(message) }) })
const lastCode = () => pool.outbox.at(-1)?.code ?? ''

describe('MFA_SETUP by e-mail', () => {
  const begin = async (username = 'alice') => {
    const step = await createSignIn(pool.settings).withPassword(username, password)
    if (step.status !== 'challenge' || step.challenge !== 'MFA_SETUP') throw new Error(`another step: ${step.status}`)
    return step
  }

  it('sends a code to the address, which is then verified, and a second factor at the next sign-in', async () => {
    await create({ users: { alice: { password } }, mfaRequired: true })
    const signIn = createSignIn(pool.settings)
    const step = await begin()
    expect(step.choices).toEqual(['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'])
    const sent = await signIn.respond(step, { email: 'alice@example.com' })
    if (sent.status !== 'challenge' || sent.challenge !== 'EMAIL_OTP') throw new Error('another step')
    expect(sent.destination).toBe('a***@e***')
    await expect(signIn.respond(sent, { code: 'wrong' })).rejects.toMatchObject({ code: 'CodeMismatchException' })
    expect((await call(pool, 'AdminGetUser', { Username: 'alice' })).body).not.toHaveProperty('UserMFASettingList')
    const done = await signIn.respond(sent, { code: lastCode() })
    if (done.status !== 'signed-in') throw new Error('another step')
    expect(decodeJwt(done.tokens.idToken ?? '')).toMatchObject({ email: 'alice@example.com', email_verified: true })
    expect((await call(pool, 'AdminGetUser', { Username: 'alice' })).body).toMatchObject({
      UserMFASettingList: ['EMAIL_OTP'],
    })
    const again = await signIn.withPassword('alice', password)
    expect(again).toMatchObject({ status: 'challenge', challenge: 'EMAIL_OTP' })
  })

  it('asks for a code by itself where the address is verified and no application can be set up', async () => {
    const alice = { password, email: 'alice@example.com', email_verified: true }
    await create({ users: { alice }, mfaRequired: true, mfaMethods: ['EMAIL_OTP'] })
    const step = await createSignIn(pool.settings).withPassword('alice', password)
    expect(step).toMatchObject({ status: 'challenge', challenge: 'EMAIL_OTP' })
  })

  it('changes no address that is there, takes none that is none, and is refused where the pool mails no codes', async () => {
    await create({ users: { alice: { password, email: 'alice@example.com' } }, mfaRequired: true })
    const signIn = createSignIn(pool.settings)
    await expect(signIn.respond(await begin(), { email: 'other@example.com' })).rejects.toMatchObject({
      code: 'NotAuthorizedException',
    })
    await expect(signIn.respond(await begin(), { email: 'alice@example.com' })).resolves.toMatchObject({
      challenge: 'EMAIL_OTP',
    })
    await create({ users: { alice: { password } }, mfaRequired: true })
    await expect(createSignIn(pool.settings).respond(await begin(), { email: 'nobody' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
    await create({ users: { alice: { password } }, mfaRequired: true, mfaMethods: ['SOFTWARE_TOKEN_MFA'] })
    const step = await begin()
    expect(step.choices).toEqual(['SOFTWARE_TOKEN_MFA'])
    await expect(createSignIn(pool.settings).respond(step, { email: 'a@example.com' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
  })

  it.each([[['EMAIL']], ['EMAIL_OTP'], [[null]]])('the option `mfaMethods` refuses %j', async (mfaMethods) => {
    await expect(createLocalPool({ mfaMethods } as never)).rejects.toThrow('mfaMethods')
  })
})

describe('the session of a sign-up', () => {
  const ClientId = 'app'
  const Username = 'bob'
  const signUp = () =>
    sdk.send(
      new SignUpCommand({
        ClientId,
        Username,
        Password: password,
        UserAttributes: [{ Name: 'email', Value: 'b@example.com' }],
      }),
    )
  const confirm = (Session: string | undefined) =>
    sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: lastCode(), Session }))
  const begin = (Session: string | undefined, USERNAME = Username) =>
    sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME, PREFERRED_CHALLENGE: 'PASSWORD' },
        Session,
      }),
    )
  const choosing: LocalPoolOptions = {
    clients: [{ clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] }],
    users: { alice: { password } },
  }

  it('leads to tokens without the code again, once, for this user, and no later than it lives', async () => {
    await create(choosing)
    const { Session } = await signUp()
    expect(Session).toEqual(expect.any(String))
    const confirmed = await confirm(Session)
    await expect(begin(Session)).rejects.toEqual(refused('NotAuthorizedException'))
    await expect(begin(confirmed.Session, 'alice')).rejects.toEqual(refused('NotAuthorizedException'))
    const { AuthenticationResult } = await begin(confirmed.Session)
    expect(decodeJwt(AuthenticationResult?.IdToken ?? '')).toMatchObject({ 'cognito:username': 'bob' })
    await expect(begin(confirmed.Session)).rejects.toEqual(refused('NotAuthorizedException', /only be used once/))
    await create(choosing)
    const late = await confirm((await signUp()).Session)
    pool.advance(181)
    await expect(begin(late.Session)).rejects.toEqual(refused('NotAuthorizedException', /expired/))
  })

  it('works with the client of this package', async () => {
    await create(choosing)
    const signIn = createSignIn(pool.settings)
    const account = createAccount(signIn)
    const { session } = await account.signUp('bob', password, { attributes: { email: 'b@example.com' } })
    const confirmed = await account.confirmSignUp('bob', lastCode(), { session })
    const step = await signIn.choose('bob', { session: confirmed.session })
    expect(step.status).toBe('signed-in')
  })

  it('is not given where the client has no USER_AUTH, nor by a confirmation without one; a wrong one confirms nobody', async () => {
    await create({ users: { alice: { password } } })
    expect((await signUp()).Session).toBeUndefined()
    expect((await confirm(undefined)).Session).toBeUndefined()
    await create(choosing)
    await signUp()
    await expect(confirm('x'.repeat(40))).rejects.toEqual(refused('NotAuthorizedException'))
    expect((await call(pool, 'AdminGetUser', { Username })).body).toMatchObject({ UserStatus: 'UNCONFIRMED' })
  })

  it('does not take the place of a second factor', async () => {
    await create({ ...choosing, mfaRequired: true })
    const confirmed = await confirm((await signUp()).Session)
    expect(await begin(confirmed.Session)).toMatchObject({ ChallengeName: 'MFA_SETUP' })
  })
})

describe('GetClientToken', () => {
  const options: LocalPoolOptions = {
    clients: [
      {
        clientId: 'machine',
        secret,
        scopes: ['orders/read', 'orders/write'],
        authFlows: ['ALLOW_CLIENT_TOKEN_AUTH'],
      },
      { clientId: 'person', secret, scopes: ['orders/read'] },
    ],
  }
  const get = (input: Json = {}) =>
    sdk.send(new GetClientTokenCommand({ ClientId: 'machine', Secret: secret, ...input }))

  it('gives the scopes asked for, or all of the client', async () => {
    await create(options)
    const { ClientAuthenticationResult: all } = await get()
    expect(all).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' })
    expect(decodeJwt(all?.AccessToken ?? '')).toMatchObject({
      sub: 'machine',
      client_id: 'machine',
      token_use: 'access',
      scope: 'orders/read orders/write',
    })
    const { ClientAuthenticationResult: one } = await get({ Scopes: ['orders/read'] })
    expect(decodeJwt(one?.AccessToken ?? '')['scope']).toBe('orders/read')
    const token = await clientToken({
      userPoolId: pool.settings.userPoolId,
      clientId: 'machine',
      clientSecret: secret,
      fetch: pool.fetch,
    })
    expect(decodeJwt(token.accessToken)['sub']).toBe('machine')
  })

  it('refuses another secret, an unknown scope, and a client that has another flow', async () => {
    await create(options)
    await expect(get({ Secret: `other${secret}` })).rejects.toEqual(refused('NotAuthorizedException'))
    await expect(get({ Scopes: ['orders/delete'] })).rejects.toEqual(refused('InvalidParameterException'))
    await expect(get({ ClientId: 'person' })).rejects.toEqual(refused('InvalidParameterException', /not enabled/))
    await expect(get({ ClientId: 'nobody' })).rejects.toEqual(refused('ResourceNotFoundException'))
  })

  it('has its flow alone on a client, which needs a secret', async () => {
    await create({})
    const make = (flows: readonly string[], GenerateSecret: boolean) =>
      sdk.send(
        new CreateUserPoolClientCommand({
          UserPoolId: pool.settings.userPoolId,
          ClientName: 'm',
          GenerateSecret,
          ExplicitAuthFlows: flows as never,
        }),
      )
    await expect(make(['ALLOW_CLIENT_TOKEN_AUTH', 'ALLOW_USER_AUTH'], true)).rejects.toEqual(
      refused('InvalidParameterException'),
    )
    await expect(make(['ALLOW_CLIENT_TOKEN_AUTH'], false)).rejects.toEqual(refused('InvalidParameterException'))
    const { UserPoolClient } = await make(['ALLOW_CLIENT_TOKEN_AUTH'], true)
    expect(UserPoolClient?.ExplicitAuthFlows).toEqual(['ALLOW_CLIENT_TOKEN_AUTH'])
  })
})

it('SetUserSettings switches text messages on and off, and nothing else', async () => {
  await create({ users: { alice: { password, attributes: { phone_number: '+491234567890' } } } })
  const { accessToken: AccessToken } = await pool.tokens('alice')
  const set = (MFAOptions: { DeliveryMedium?: 'SMS' | 'EMAIL'; AttributeName?: string }[]) =>
    sdk.send(new SetUserSettingsCommand({ AccessToken, MFAOptions }))
  await set([{ DeliveryMedium: 'SMS', AttributeName: 'phone_number' }])
  expect((await call(pool, 'AdminGetUser', { Username: 'alice' })).body).toMatchObject({
    UserMFASettingList: ['SMS_MFA'],
  })
  await expect(set([{ DeliveryMedium: 'EMAIL', AttributeName: 'email' }])).rejects.toEqual(
    refused('InvalidParameterException'),
  )
  await set([])
  expect((await call(pool, 'AdminGetUser', { Username: 'alice' })).body).not.toHaveProperty('UserMFASettingList')
})

describe('logged sign-ins', () => {
  const signIn = (PASSWORD: string) =>
    sdk
      .send(
        new InitiateAuthCommand({
          ClientId: 'app',
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: 'alice', PASSWORD },
        }),
      )
      .catch((error: unknown) => error)
  const list = async (more: Json = {}) => {
    const input = { UserPoolId: pool.settings.userPoolId, Username: 'alice', ...more }
    return sdk.send(new AdminListUserAuthEventsCommand(input))
  }

  it('are listed, latest first and in pages, with what the user and the administrator say about them', async () => {
    await create({ users: { alice: { password, email: 'a@example.com' } }, threatProtection: true })
    const UserPoolId = pool.settings.userPoolId
    await signIn('wrong')
    pool.advance(1)
    await signIn(password)
    const { AuthEvents = [] } = await list()
    expect(AuthEvents.map(({ EventResponse }) => EventResponse)).toEqual(['Pass', 'Fail'])
    expect(AuthEvents[1]).toEqual({
      EventId: expect.any(String),
      EventType: 'SignIn',
      CreationDate: new Date(1_767_225_600_000),
      EventResponse: 'Fail',
      EventRisk: { RiskDecision: 'NoRisk', CompromisedCredentialsDetected: false },
      ChallengeResponses: [{ ChallengeName: 'Password', ChallengeResponse: 'Failure' }],
      EventContextData: { IpAddress: '127.0.0.1', DeviceName: 'unknown' },
    })
    const first = await list({ MaxResults: 1 })
    expect((await list({ MaxResults: 1, NextToken: first.NextToken })).AuthEvents).toEqual([AuthEvents[1]])
    const about = { UserPoolId, Username: 'alice', EventId: AuthEvents[1]?.EventId }
    const say = (FeedbackToken: string) =>
      sdk.send(new UpdateAuthEventFeedbackCommand({ ...about, FeedbackToken, FeedbackValue: 'Invalid' }))
    await expect(say('x')).rejects.toEqual(refused('NotAuthorizedException'))
    await say(lastCode())
    const feedback = async () => (await list()).AuthEvents?.[1]?.EventFeedback
    expect(await feedback()).toMatchObject({ FeedbackValue: 'Invalid', Provider: 'User' })
    await sdk.send(new AdminUpdateAuthEventFeedbackCommand({ ...about, FeedbackValue: 'Valid' }))
    expect(await feedback()).toMatchObject({ FeedbackValue: 'Valid', Provider: 'Admin' })
    const unknown = new AdminUpdateAuthEventFeedbackCommand({ ...about, EventId: 'x', FeedbackValue: 'Valid' })
    await expect(sdk.send(unknown)).rejects.toEqual(refused('ResourceNotFoundException'))
  })

  it('are the last sixty, and need threat protection', async () => {
    await create({ users: { alice: { password } }, threatProtection: true })
    for (let index = 0; index < 62; index++) {
      await signIn(password)
      pool.advance(1)
    }
    const { AuthEvents = [] } = await list()
    expect(AuthEvents).toHaveLength(60)
    expect(AuthEvents.at(-1)?.CreationDate).toEqual(new Date(1_767_225_602_000))
    await create({ users: { alice: { password } } })
    await signIn(password)
    await expect(list()).rejects.toEqual(refused('UserPoolAddOnNotEnabledException'))
  })

  it('say which factor failed', async () => {
    const alice = { password, email: 'a@example.com', email_verified: true, mfa: ['EMAIL_OTP'] as const }
    await create({ users: { alice }, threatProtection: true })
    const { Session } = (await signIn(password)) as { Session?: string }
    const answer = new RespondToAuthChallengeCommand({
      ClientId: 'app',
      ChallengeName: 'EMAIL_OTP',
      ChallengeResponses: { USERNAME: 'alice', EMAIL_OTP_CODE: 'wrong' },
      Session,
    })
    await expect(sdk.send(answer)).rejects.toEqual(refused('CodeMismatchException'))
    expect((await list()).AuthEvents).toMatchObject([
      { ChallengeResponses: [{ ChallengeName: 'Mfa', ChallengeResponse: 'Failure' }] },
    ])
  })
})

describe('step-up', () => {
  const level = (at: number) => `urn:cognito:loa:${at}`
  const choosing: LocalPoolOptions = {
    clients: [{ clientId: 'app', authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] }],
    users: {
      alice: {
        password,
        email: 'a@example.com',
        email_verified: true,
        mfa: ['EMAIL_OTP', 'SOFTWARE_TOKEN_MFA'],
        totpSecret: 'JBSWY3DPEHPK3PXP',
      },
      bob: { password },
    },
  }
  const begin = (parameters: Record<string, string>, USERNAME = 'bob') =>
    sdk.send(
      new InitiateAuthCommand({
        ClientId: 'app',
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME, PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD: password, ...parameters },
      }),
    )
  const respond = (ChallengeName: 'EMAIL_OTP' | 'SOFTWARE_TOKEN_MFA', code: string, Session: string | undefined) =>
    sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: 'app',
        ChallengeName,
        ChallengeResponses: { USERNAME: 'alice', [`${ChallengeName}_CODE`]: code },
        Session,
      }),
    )
  const claimsOf = (token: string | undefined) => decodeJwt(token ?? '')

  it('gives tokens the level that was reached, where one is asked for', async () => {
    await create(choosing)
    const plain = await begin({})
    expect(claimsOf(plain.AuthenticationResult?.AccessToken)).not.toHaveProperty('acr')
    const { AuthenticationResult } = await begin({ TARGET_ACR_VALUES: `nonsense ${level(3)} ${level(1)}` })
    expect(claimsOf(AuthenticationResult?.AccessToken)).toMatchObject({ acr: level(1), amr: ['pwd'] })
    expect(claimsOf(AuthenticationResult?.IdToken)).toMatchObject({ acr: level(1), amr: ['pwd'] })
    const renewed = await call(pool, 'GetTokensFromRefreshToken', {
      ClientId: 'app',
      RefreshToken: AuthenticationResult?.RefreshToken,
    })
    const { AccessToken } = (renewed.body?.['AuthenticationResult'] ?? {}) as Record<string, string>
    expect(claimsOf(AccessToken)).toMatchObject({ acr: level(1), amr: ['pwd'] })
  })

  it('asks an access token’s user for what is missing, and nobody else', async () => {
    await create(choosing)
    const { accessToken: ACCESS_TOKEN } = await pool.tokens('alice')
    const { ChallengeName, Session } = await begin({ ACCESS_TOKEN, TARGET_ACR_VALUES: level(3) }, 'alice')
    expect(ChallengeName).toBe('SOFTWARE_TOKEN_MFA')
    const code = await totp('JBSWY3DPEHPK3PXP', 1_767_225_600_000)
    const { AuthenticationResult } = await respond('SOFTWARE_TOKEN_MFA', code, Session)
    expect(claimsOf(AuthenticationResult?.AccessToken)).toMatchObject({ acr: level(3), amr: ['pwd', 'otp', 'mfa'] })
    const again = { ACCESS_TOKEN: AuthenticationResult?.AccessToken ?? '', TARGET_ACR_VALUES: level(2) }
    expect((await begin(again, 'alice')).AuthenticationResult).toBeDefined()
    const mailed = await begin({ ACCESS_TOKEN, TARGET_ACR_VALUES: level(2) }, 'alice')
    expect(mailed.ChallengeName).toBe('EMAIL_OTP')
    const second = await respond('EMAIL_OTP', lastCode(), mailed.Session)
    expect(claimsOf(second.AuthenticationResult?.AccessToken)).toMatchObject({ acr: level(2) })
    await expect(begin({ ACCESS_TOKEN, TARGET_ACR_VALUES: level(1) }, 'bob')).rejects.toEqual(
      refused('NotAuthorizedException'),
    )
    await expect(begin({ ACCESS_TOKEN: 'x.y.z', TARGET_ACR_VALUES: level(1) }, 'alice')).rejects.toEqual(
      refused('NotAuthorizedException', /Invalid Access Token/),
    )
  })

  it('counts nothing that is older than MAX_AGE', async () => {
    await create(choosing)
    const { accessToken: ACCESS_TOKEN } = await pool.tokens('bob')
    pool.advance(100)
    const wanted = { ACCESS_TOKEN, TARGET_ACR_VALUES: level(1), PASSWORD: 'wrong' }
    expect((await begin({ ...wanted, MAX_AGE: '100' })).AuthenticationResult).toBeDefined()
    await expect(begin({ ...wanted, MAX_AGE: '99' })).rejects.toEqual(refused('NotAuthorizedException'))
    await expect(begin({ ...wanted, MAX_AGE: 'soon' })).rejects.toEqual(refused('InvalidParameterException'))
  })

  it('needs levels that exist and can be reached, and a feature plan that has them', async () => {
    await create(choosing)
    const { accessToken: ACCESS_TOKEN } = await pool.tokens('bob')
    const refusedOnes: Record<string, string>[] = [
      { ACCESS_TOKEN },
      { TARGET_ACR_VALUES: 'urn:cognito:loa:5' },
      { TARGET_ACR_VALUES: level(2) },
    ]
    for (const parameters of refusedOnes) {
      await expect(begin(parameters)).rejects.toEqual(refused('InvalidParameterException'))
    }
    const UserPoolId = pool.settings.userPoolId
    await call(pool, 'UpdateUserPool', { UserPoolId, AcrConfiguration: { Level1: { AcrValue: 'urn:ours:low' } } })
    const named = await begin({ TARGET_ACR_VALUES: 'urn:ours:low' })
    expect(claimsOf(named.AuthenticationResult?.AccessToken)).toMatchObject({ acr: 'urn:ours:low' })
    await call(pool, 'UpdateUserPool', { UserPoolId, UserPoolTier: 'LITE' })
    await expect(begin({ TARGET_ACR_VALUES: level(1) })).rejects.toEqual(refused('FeatureUnavailableInTierException'))
  })

  it('asks for a passkey that counts as two factors at the highest level', async () => {
    await create({ ...choosing, passkeys: { relyingPartyId: 'example.com', multiFactor: true } })
    const { accessToken: AccessToken } = await pool.tokens('bob')
    const key = await createAuthenticator()
    const started = await call(pool, 'StartWebAuthnRegistration', { AccessToken })
    const Credential = await key.register(started.body?.['CredentialCreationOptions'] as Json)
    await call(pool, 'CompleteWebAuthnRegistration', { AccessToken, Credential })
    const { ChallengeName, ChallengeParameters, Session } = await begin({ TARGET_ACR_VALUES: level(4) })
    expect(ChallengeName).toBe('WEB_AUTHN')
    const options = JSON.parse(ChallengeParameters?.['CREDENTIAL_REQUEST_OPTIONS'] ?? '') as Json
    const CREDENTIAL = JSON.stringify(await key.assert(options))
    const { AuthenticationResult } = await sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: 'app',
        ChallengeName: 'WEB_AUTHN',
        ChallengeResponses: { USERNAME: 'bob', CREDENTIAL },
        Session,
      }),
    )
    expect(claimsOf(AuthenticationResult?.AccessToken)).toMatchObject({ acr: level(4), amr: ['hwk', 'mfa'] })
  })

  it('is asked for by the client of this package', async () => {
    await create(choosing)
    const { accessToken } = await pool.tokens('alice')
    const step = await createSignIn(pool.settings).choose('alice', { accessToken, acrValues: [level(3)] })
    expect(step).toMatchObject({ status: 'challenge', challenge: 'SOFTWARE_TOKEN_MFA' })
  })
})

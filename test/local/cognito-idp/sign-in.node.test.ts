import { createHmac } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { call, decode, type Json, readKeys, requestFor } from '../../support/local-pool.ts'

const start = 1_767_225_600
const password = 'Correct-h0rse'
const secret = 'a+secret/of=sorts'

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => start * 1000,
    clientId: 'main',
    clients: [
      { clientId: 'confidential', secret, hideUnknownUsers: true },
      { clientId: 'srponly', authFlows: ['ALLOW_USER_SRP_AUTH'] },
      { clientId: 'short', expiresIn: 600 },
    ],
    groups: ['viewer'],
    users: {
      alice: { password, groups: ['viewer'], email: 'alice@example.com', email_verified: true },
      bob: { password, status: 'FORCE_CHANGE_PASSWORD', email: 'bob@example.com' },
      carol: { password, mfa: ['SOFTWARE_TOKEN_MFA'] },
      dave: { password, status: 'UNCONFIRMED' },
      erin: { password, enabled: false },
    },
    aliases: ['email'],
    requiredAttributes: ['given_name'],
  })
})

const signIn = (parameters: Json, more: Json = {}) => {
  const AuthParameters = { USERNAME: 'alice', PASSWORD: password, ...parameters }
  return call(pool, 'AdminInitiateAuth', {
    ClientId: 'main',
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters,
    ...more,
  })
}

const renew = (token: unknown, more: Json = {}) =>
  call(pool, 'AdminInitiateAuth', {
    ClientId: 'main',
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: token, ...more },
  })

const answer = (responses: Json, Session: unknown, more: Json = {}) =>
  call(pool, 'AdminRespondToAuthChallenge', {
    ClientId: 'main',
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    ChallengeResponses: { USERNAME: 'bob', NEW_PASSWORD: 'N3w-password', ...responses },
    Session,
    ...more,
  })

const resultOf = ({ body }: { body: Json | undefined }) => body?.['AuthenticationResult'] as Record<string, string>
const hashOf = (username: string, clientId = 'confidential') =>
  createHmac('sha256', secret).update(`${username}${clientId}`).digest('base64')

const refused = (type: string, message: string | RegExp) => ({
  status: 400,
  body: { __type: type, message: typeof message === 'string' ? message : expect.stringMatching(message) },
})
const unauthorized = (message: string) => refused('NotAuthorizedException', message)
const wrong = unauthorized('Incorrect username or password.')

describe('with a password', () => {
  it('gives tokens that verify', async () => {
    const response = await signIn({ USERNAME: 'alice@example.com' })
    expect(response).toEqual({
      status: 200,
      body: {
        ChallengeParameters: {},
        AuthenticationResult: {
          AccessToken: expect.any(String),
          IdToken: expect.any(String),
          RefreshToken: expect.stringMatching(/^[\w=.-]+$/),
          TokenType: 'Bearer',
          ExpiresIn: 3600,
        },
      },
    })
    const { AccessToken = '', IdToken = '' } = resultOf(response)
    const keys = createLocalJWKSet(await readKeys(pool))
    const options = { issuer: pool.issuer, currentDate: new Date(start * 1000) }
    const access = await jwtVerify(AccessToken, keys, options)
    const id = await jwtVerify(IdToken, keys, { ...options, audience: 'main' })
    expect(access.payload).toMatchObject({ username: 'alice', 'cognito:groups': ['viewer'], client_id: 'main' })
    expect(id.payload).toMatchObject({ email: 'alice@example.com', origin_jti: access.payload['origin_jti'] })
  })

  it('takes the life of tokens from the client', async () => {
    const result = resultOf(await signIn({}, { ClientId: 'short' }))
    expect(result['ExpiresIn']).toBe(600)
    for (const token of [result['IdToken'], result['AccessToken']]) {
      expect(decode(token ?? '').claims['exp']).toBe(start + 600)
    }
  })

  const missing = (name: string) => refused('InvalidParameterException', `Missing required parameter ${name}`)
  it.each<[string, Json, Json, unknown]>([
    ['a wrong password', { PASSWORD: 'x' }, {}, wrong],
    ['an unknown user', { USERNAME: 'mallory' }, {}, refused('UserNotFoundException', 'User does not exist.')],
    ['no password', { PASSWORD: undefined }, {}, missing('PASSWORD')],
    ['an empty user name', { USERNAME: '' }, {}, missing('USERNAME')],
    ['an unconfirmed user', { USERNAME: 'dave' }, {}, refused('UserNotConfirmedException', 'User is not confirmed.')],
    [
      'an unconfirmed user with a wrong password',
      { USERNAME: 'dave', PASSWORD: 'x' },
      {},
      refused('UserNotConfirmedException', 'User is not confirmed.'),
    ],
    ['a disabled user', { USERNAME: 'erin' }, {}, unauthorized('User is disabled.')],
    ['a disabled user with a wrong password', { USERNAME: 'erin', PASSWORD: 'x' }, {}, wrong],
    [
      'an unknown client',
      {},
      { ClientId: 'nobody' },
      refused('ResourceNotFoundException', 'User pool client nobody does not exist.'),
    ],
    [
      'a client without the flow',
      {},
      { ClientId: 'srponly' },
      refused('InvalidParameterException', 'Auth flow not enabled for this client'),
    ],
    [
      'a flow of users',
      {},
      { AuthFlow: 'USER_PASSWORD_AUTH' },
      refused('InvalidParameterException', /AdminInitiateAuth/),
    ],
    [
      'a flow that needs triggers, which the client does not allow',
      {},
      { AuthFlow: 'CUSTOM_AUTH' },
      refused('InvalidParameterException', /flow/),
    ],
    ['no flow', {}, { AuthFlow: 'X' }, refused('InvalidParameterException', /'authFlow'.*enum value set/)],
    [
      'a password that is no text',
      { PASSWORD: 1 },
      {},
      refused('SerializationException', /^NUMBER_VALUE can not be converted to a String$/),
    ],
  ])('refuses %s', async (_, parameters, more, expected) => {
    expect(await signIn(parameters, more)).toEqual(expected)
  })

  it('locks out after five wrong passwords, for longer each time', async () => {
    for (let index = 0; index < 5; index++) expect(await signIn({ PASSWORD: 'x' })).toEqual(wrong)
    const locked = unauthorized('Password attempts exceeded')
    expect(await signIn({})).toEqual(locked)
    pool.advance(1.001)
    expect(await signIn({ PASSWORD: 'x' })).toEqual(wrong)
    pool.advance(1.001)
    expect(await signIn({})).toEqual(locked)
    pool.advance(1)
    expect((await signIn({})).status).toBe(200)
    expect(await signIn({ PASSWORD: 'x' })).toEqual(wrong)
    expect((await signIn({})).status).toBe(200)
  })

  it('has to wait for a new password after a reset', async () => {
    await call(pool, 'AdminResetUserPassword', { Username: 'alice' })
    const reset = refused('PasswordResetRequiredException', 'Password reset required for the user')
    expect(await signIn({})).toEqual(reset)
    expect(await signIn({ PASSWORD: 'x' })).toEqual(reset)
    await call(pool, 'AdminSetUserPassword', { Username: 'alice', Password: 'An0ther-one', Permanent: true })
    expect((await signIn({ PASSWORD: 'An0ther-one' })).status).toBe(200)
  })

  it('asks for the second factor', async () => {
    const carol = { USERNAME: 'carol' }
    const challenge = { Session: expect.stringMatching(/^\S{20,2048}$/), ChallengeParameters: expect.any(Object) }
    expect((await signIn(carol)).body).toEqual({ ChallengeName: 'SOFTWARE_TOKEN_MFA', ...challenge })
    const UserAttributes = [
      { Name: 'phone_number', Value: '+491234567890' },
      { Name: 'email', Value: 'carol@example.com' },
    ]
    await call(pool, 'AdminUpdateUserAttributes', { Username: 'carol', UserAttributes })
    const prefer = (settings: Json) => call(pool, 'AdminSetUserMFAPreference', { Username: 'carol', ...settings })
    await prefer({ SMSMfaSettings: { Enabled: true, PreferredMfa: true } })
    expect((await signIn(carol)).body).toMatchObject({
      ChallengeName: 'SMS_MFA',
      ChallengeParameters: { CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS', CODE_DELIVERY_DESTINATION: '+********7890' },
    })
    await prefer({ EmailMfaSettings: { Enabled: true, PreferredMfa: true }, SMSMfaSettings: { Enabled: false } })
    expect((await signIn(carol)).body).toMatchObject({
      ChallengeName: 'EMAIL_OTP',
      ChallengeParameters: { CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL', CODE_DELIVERY_DESTINATION: 'c***@e***' },
    })
    await prefer({ EmailMfaSettings: { Enabled: true } })
    expect((await signIn(carol)).body).toMatchObject({
      ChallengeName: 'SELECT_MFA_TYPE',
      ChallengeParameters: { MFAS_CAN_CHOOSE: '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]', USER_ID_FOR_SRP: 'carol' },
    })
  })
})

describe('with a client that has a secret', () => {
  const confidential = { ClientId: 'confidential' }

  it('needs the hash of the user name as given', async () => {
    for (const name of ['alice', 'alice@example.com']) {
      expect((await signIn({ USERNAME: name, SECRET_HASH: hashOf(name) }, confidential)).status).toBe(200)
    }
    const mismatch = unauthorized('Unable to verify secret hash for client confidential')
    expect(await signIn({ USERNAME: 'alice@example.com', SECRET_HASH: hashOf('alice') }, confidential)).toEqual(
      mismatch,
    )
    expect(await signIn({ SECRET_HASH: hashOf('alice', 'main') }, confidential)).toEqual(mismatch)
    expect(await signIn({ SECRET_HASH: '' }, confidential)).toEqual(mismatch)
    expect(await signIn({}, confidential)).toEqual(
      unauthorized('Client confidential is configured with secret but SECRET_HASH was not received'),
    )
    expect(await signIn({ SECRET_HASH: hashOf('alice') })).toEqual(
      unauthorized('Unable to verify secret hash for client main'),
    )
  })

  it('may hide who is there', async () => {
    const hash = { USERNAME: 'mallory', SECRET_HASH: hashOf('mallory') }
    expect(await signIn(hash, confidential)).toEqual(wrong)
  })
})

describe('with a temporary password', () => {
  const challenge = async (more: Json = {}) => (await signIn({ USERNAME: 'bob', ...more })).body?.['Session']

  it('asks for a new one and for missing attributes', async () => {
    const { body } = await signIn({ USERNAME: 'bob' })
    expect(body).toEqual({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: expect.stringMatching(/^\S{20,2048}$/),
      ChallengeParameters: {
        USER_ID_FOR_SRP: 'bob',
        requiredAttributes: '["userAttributes.given_name"]',
        userAttributes: '{"email":"bob@example.com"}',
      },
    })
    const signedIn = await answer({ 'userAttributes.given_name': 'Bob' }, body?.['Session'])
    expect(decode(resultOf(signedIn)['IdToken'] ?? '').claims).toMatchObject({ given_name: 'Bob' })
    expect((await call(pool, 'AdminGetUser', { Username: 'bob' })).body).toMatchObject({ UserStatus: 'CONFIRMED' })
    expect((await signIn({ USERNAME: 'bob', PASSWORD: 'N3w-password' })).body).toHaveProperty('AuthenticationResult')
    expect(await answer({ 'userAttributes.given_name': 'Bob' }, body?.['Session'])).toEqual(
      unauthorized('Invalid session for the user, session can only be used once.'),
    )
  })

  const given = { 'userAttributes.given_name': 'Bob' }
  const invalid = (message: string | RegExp) => refused('InvalidParameterException', message)
  it.each<[string, Json, Json, unknown]>([
    ['a password against the policy', { NEW_PASSWORD: 'new' }, {}, refused('InvalidPasswordException', /long enough/)],
    ['no password', { NEW_PASSWORD: '' }, {}, invalid('Missing required parameter NEW_PASSWORD')],
    ['no user name', { USERNAME: undefined }, {}, invalid('Missing required parameter USERNAME')],
    ['a missing attribute', { 'userAttributes.given_name': '' }, {}, invalid(/given_name is missing/)],
    [
      'an attribute that is there',
      { 'userAttributes.email': 'x@example.com' },
      {},
      unauthorized('Cannot modify an already provided email'),
    ],
    [
      'a verification',
      { 'userAttributes.email_verified': 'true' },
      {},
      unauthorized('A client attempted to write unauthorized attribute'),
    ],
    ['an unknown attribute', { 'userAttributes.shoe': '43' }, {}, invalid(/shoe/)],
    ['another user', { USERNAME: 'alice' }, {}, unauthorized('Invalid session for the user.')],
    ['another client', {}, { ClientId: 'short' }, unauthorized('Invalid session for the user.')],
    ['no session', {}, { Session: undefined }, invalid('Missing required parameter Session')],
    ['a short session', {}, { Session: 'x' }, invalid(/'session'/)],
    ['an unknown session', {}, { Session: 'x'.repeat(128) }, unauthorized('Invalid session for the user.')],
    ['another challenge', {}, { ChallengeName: 'SMS_MFA' }, unauthorized('Invalid session for the user.')],
    [
      'a hash for a client without a secret',
      { SECRET_HASH: 'x' },
      {},
      unauthorized('Unable to verify secret hash for client main'),
    ],
  ])('refuses %s, and can be answered again', async (_, responses, more, expected) => {
    const Session = await challenge()
    expect(await answer({ ...given, ...responses }, Session, more)).toEqual(expected)
    expect((await answer(given, Session)).status).toBe(200)
  })

  it('a session ends after three minutes', async () => {
    const session = await challenge()
    pool.advance(180)
    expect(await answer(given, session)).toEqual(unauthorized('Invalid session for the user, session is expired.'))
  })

  it('needs the hash where the client has a secret', async () => {
    const parameters = { USERNAME: 'bob', SECRET_HASH: hashOf('bob') }
    const Session = (await signIn(parameters, { ClientId: 'confidential' })).body?.['Session']
    const confidential = { ClientId: 'confidential' }
    expect((await answer(given, Session, confidential)).status).toBe(400)
    expect((await answer({ ...given, SECRET_HASH: hashOf('bob') }, Session, confidential)).status).toBe(200)
  })

  it('ends with its term, and is renewed by an invitation sent again', async () => {
    await call(pool, 'AdminCreateUser', { Username: 'frank', TemporaryPassword: password })
    pool.advance(7 * 86_400)
    const expired = unauthorized('Temporary password has expired and must be reset by an administrator.')
    expect(await signIn({ USERNAME: 'frank' })).toEqual(expired)
    await call(pool, 'AdminCreateUser', { Username: 'frank', TemporaryPassword: password, MessageAction: 'RESEND' })
    expect((await signIn({ USERNAME: 'frank' })).body).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED' })
  })
})

describe('with a refresh token', () => {
  it('renews, and keeps the time of the sign-in', async () => {
    const first = resultOf(await signIn({}))
    pool.advance(1800)
    const renewed = resultOf(await renew(first['RefreshToken']))
    expect(renewed).not.toHaveProperty('RefreshToken')
    const [before, after] = [first, renewed].map(({ AccessToken = '' }) => decode(AccessToken).claims)
    expect(after).toMatchObject({ auth_time: start, iat: start + 1800, origin_jti: before?.['origin_jti'] })
  })

  it('takes those of `tokens` too', async () => {
    const { refreshToken } = await pool.tokens('alice')
    expect((await renew(refreshToken)).status).toBe(200)
  })

  const invalid = unauthorized('Invalid Refresh Token')
  it.each([
    ['after a global sign-out', ['AdminUserGlobalSignOut']],
    ['of a disabled user', ['AdminDisableUser']],
    ['of a user disabled and enabled', ['AdminDisableUser', 'AdminEnableUser']],
    ['of a deleted user', ['AdminDeleteUser']],
  ])('refuses one %s', async (_, operations) => {
    const { RefreshToken } = resultOf(await signIn({}))
    for (const operation of operations) await call(pool, operation, { Username: 'alice' })
    expect(await renew(RefreshToken)).toEqual(unauthorized('Refresh Token has been revoked'))
  })

  it('refuses one that is none, of another client, or too old', async () => {
    for (const token of ['x', 'constructor', (await pool.tokens('alice', { clientId: 'short' })).refreshToken]) {
      expect(await renew(token)).toEqual(invalid)
    }
    const { refreshToken } = await pool.tokens('alice')
    pool.advance(30 * 86_400)
    expect(await renew(refreshToken)).toEqual(unauthorized('Refresh Token has expired'))
  })

  it('a sign-out of one user leaves the others in', async () => {
    const { refreshToken } = await pool.tokens('carol')
    expect(await call(pool, 'AdminUserGlobalSignOut', { Username: 'alice' })).toEqual({ status: 200, body: {} })
    expect((await renew(refreshToken)).status).toBe(200)
  })
})

describe('GetTokensFromRefreshToken', () => {
  const begin = Date.UTC(2026, 0, 1)
  const setUp = async (RefreshTokenRotation?: Json, more: Json = {}) => {
    const local = await createLocalPool({ now: () => begin, users: { alice: { password: 'Correct-horse-1' } } })
    const { body } = await call(local, 'CreateUserPoolClient', {
      ClientName: 'app',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      RefreshTokenValidity: 1,
      RefreshTokenRotation,
      ...more,
    })
    const client = body?.['UserPoolClient'] as { ClientId: string; ClientSecret?: string }
    const { ClientId } = client
    const { refreshToken } = await local.tokens('alice', { clientId: ClientId })
    const renew = async (RefreshToken: unknown, input: Json = {}) => {
      const request = requestFor(local, 'GetTokensFromRefreshToken', { RefreshToken, ClientId, ...input })
      request.headers.delete('authorization')
      const answer = (await (await local.fetch(request)).json()) as Json
      return (answer['AuthenticationResult'] ?? answer['__type']) as Json & { RefreshToken?: string }
    }
    return { local, client, refreshToken, renew }
  }

  it('gives no other refresh token without rotation, as REFRESH_TOKEN_AUTH does', async () => {
    const { local, client, refreshToken, renew } = await setUp()
    for (const _ of ['once', 'twice']) {
      const renewed = await renew(refreshToken, { ClientMetadata: { a: 'b' } })
      expect(renewed).not.toHaveProperty('RefreshToken')
      expect(decode(String(renewed['AccessToken'])).claims).toMatchObject({
        username: 'alice',
        client_id: client.ClientId,
      })
    }
    const input = {
      ClientId: client.ClientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    }
    expect((await call(local, 'AdminInitiateAuth', input)).status).toBe(200)
  })

  it('gives another one with rotation, which ends with the first, and tells of a reuse', async () => {
    const { local, client, refreshToken, renew } = await setUp({ Feature: 'ENABLED' })
    local.advance(80_000)
    const renewed = await renew(refreshToken)
    expect(renewed.RefreshToken).toEqual(expect.any(String))
    expect(renewed.RefreshToken).not.toBe(refreshToken)
    expect(await renew(refreshToken)).toBe('RefreshTokenReuseException')
    const again = await renew(renewed.RefreshToken)
    expect(decode(String(again['AccessToken'])).claims).toMatchObject({
      auth_time: begin / 1000,
      origin_jti: decode(String(renewed['AccessToken'])).claims['origin_jti'],
    })
    const input = {
      ClientId: client.ClientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: again.RefreshToken },
    }
    expect((await call(local, 'AdminInitiateAuth', input)).body).toMatchObject({
      __type: 'InvalidParameterException',
      message: expect.stringContaining('GetTokensFromRefreshToken'),
    })
    local.advance(6399)
    const last = await renew(again.RefreshToken)
    expect(last.RefreshToken).toEqual(expect.any(String))
    local.advance(1)
    expect(await renew(last.RefreshToken)).toBe('NotAuthorizedException')
  })

  it('takes a token again within the grace period that its first use began', async () => {
    const { local, refreshToken, renew } = await setUp({ Feature: 'ENABLED', RetryGracePeriodSeconds: 60 })
    const first = await renew(refreshToken)
    local.advance(59)
    const second = await renew(refreshToken)
    expect(second.RefreshToken).toEqual(expect.any(String))
    expect(second.RefreshToken).not.toBe(first.RefreshToken)
    local.advance(1)
    expect(await renew(refreshToken)).toBe('RefreshTokenReuseException')
    expect(await renew(first.RefreshToken)).toHaveProperty('AccessToken')
    await call(local, 'AdminUserGlobalSignOut', { Username: 'alice' })
    expect(await renew(second.RefreshToken)).toBe('NotAuthorizedException')
  })

  it('wants the secret as it is, of the client that the token is for, and a user who is there and enabled', async () => {
    const { local, client, refreshToken, renew } = await setUp(undefined, { GenerateSecret: true })
    expect(await renew(refreshToken)).toBe('NotAuthorizedException')
    expect(await renew(refreshToken, { ClientSecret: 'w'.repeat(24) })).toBe('NotAuthorizedException')
    const { ClientSecret } = client
    expect(await renew(refreshToken, { ClientSecret })).toHaveProperty('IdToken')
    expect(await renew(refreshToken, { ClientId: local.settings.clientId })).toBe('NotAuthorizedException')
    expect(await renew(refreshToken, { ClientId: 'nobody' })).toBe('ResourceNotFoundException')
    expect(await renew('nothing', { ClientSecret })).toBe('NotAuthorizedException')
    await call(local, 'AdminDisableUser', { Username: 'alice' })
    await call(local, 'AdminEnableUser', { Username: 'alice' })
    expect(await renew(refreshToken, { ClientSecret })).toBe('NotAuthorizedException')
  })
})

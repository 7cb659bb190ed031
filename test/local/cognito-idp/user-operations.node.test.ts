import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { type Json, requestFor } from '../../support/local-pool.ts'

const password = 'Correct-h0rse'
const secret = 'a+secret'
let pool: LocalPool

beforeEach(async () => {
  let now = 1_767_225_600_000
  pool = await createLocalPool({
    now: () => now++,
    clientId: 'main',
    clients: [
      {
        clientId: 'hiding',
        hideUnknownUsers: true,
        authFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
      },
      { clientId: 'choosing', authFlows: ['ALLOW_USER_AUTH'] },
      { clientId: 'confidential', secret },
    ],
    users: {
      alice: { password, email: 'alice@example.com', email_verified: true },
      dave: { password, email: 'dave@example.com' },
      erin: { password, enabled: false, email: 'erin@example.com', email_verified: true },
    },
    aliases: ['email'],
  })
})

/** An operation of users, which carries no signature. */
async function call(operation: string, input: Json): Promise<Json> {
  const request = requestFor(pool, operation, input)
  request.headers.delete('authorization')
  const text = await (await pool.fetch(request)).text()
  return text === '' ? {} : JSON.parse(text)
}

const start = (AuthFlow: string, AuthParameters: Json, ClientId = 'main') =>
  call('InitiateAuth', { AuthFlow, ClientId, AuthParameters })
const respond = (ChallengeName: string, ChallengeResponses: Json, Session: unknown, ClientId = 'main') =>
  call('RespondToAuthChallenge', { ChallengeName, ClientId, ChallengeResponses, Session })
const tokensOf = (answer: Json) => (answer['AuthenticationResult'] ?? {}) as Record<string, string>
const signIn = async () => tokensOf(await start('USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: password }))

describe('signing in', () => {
  it.each<[string, string, Json, string, string, string | RegExp]>([
    [
      'a flow that the client does not allow',
      'USER_AUTH',
      { USERNAME: 'alice' },
      'main',
      'InvalidParameterException',
      'Auth flow not enabled for this client',
    ],
    [
      'a flow of administrators',
      'ADMIN_USER_PASSWORD_AUTH',
      {},
      'main',
      'InvalidParameterException',
      /is not a flow of InitiateAuth/,
    ],
    [
      'an unknown client',
      'USER_PASSWORD_AUTH',
      {},
      'nobody',
      'ResourceNotFoundException',
      'User pool client nobody does not exist.',
    ],
    [
      'an SRP_A of zero',
      'USER_SRP_AUTH',
      { USERNAME: 'alice', SRP_A: '0' },
      'main',
      'InvalidParameterException',
      /SRP_A/,
    ],
    [
      'a missing SRP_A',
      'USER_SRP_AUTH',
      { USERNAME: 'alice' },
      'main',
      'InvalidParameterException',
      'Missing required parameter SRP_A',
    ],
    [
      'a missing secret hash',
      'USER_PASSWORD_AUTH',
      { USERNAME: 'alice', PASSWORD: password },
      'confidential',
      'NotAuthorizedException',
      /SECRET_HASH was not received/,
    ],
    [
      'an unknown user',
      'USER_SRP_AUTH',
      { USERNAME: 'mallory', SRP_A: '2' },
      'main',
      'UserNotFoundException',
      'User does not exist.',
    ],
    [
      'a hidden unknown user',
      'USER_PASSWORD_AUTH',
      { USERNAME: 'mallory', PASSWORD: password },
      'hiding',
      'NotAuthorizedException',
      'Incorrect username or password.',
    ],
  ])('refuses %s', async (_, flow, parameters, client, __type, message) => {
    expect(await start(flow, parameters, client)).toEqual({
      __type,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  it('knows nobody by sub', async () => {
    const sub = JSON.parse(atob((await signIn())['IdToken']?.split('.')[1] ?? '')).sub
    expect(await start('USER_PASSWORD_AUTH', { USERNAME: sub, PASSWORD: password })).toMatchObject({
      __type: 'UserNotFoundException',
    })
  })

  it('challenges a hidden unknown user with the same salt and id every time, and refuses any answer', async () => {
    const parameters = { USERNAME: 'mallory', SRP_A: 'abcdef' }
    const [first, second] = [
      await start('USER_SRP_AUTH', parameters, 'hiding'),
      await start('USER_SRP_AUTH', parameters, 'hiding'),
    ]
    const [one, two] = [first, second].map((answer) => answer['ChallengeParameters'] as Record<string, string>)
    expect(first['ChallengeName']).toBe('PASSWORD_VERIFIER')
    expect(first).not.toHaveProperty('Session')
    expect([two?.['SALT'], two?.['USER_ID_FOR_SRP']]).toEqual([one?.['SALT'], one?.['USER_ID_FOR_SRP']])
    const answers = {
      USERNAME: one?.['USER_ID_FOR_SRP'],
      PASSWORD_CLAIM_SECRET_BLOCK: one?.['SECRET_BLOCK'],
      PASSWORD_CLAIM_SIGNATURE: 'AAAA',
      TIMESTAMP: 'Thu Jan 1 00:00:00 UTC 2026',
    }
    expect(await respond('PASSWORD_VERIFIER', answers, undefined, 'hiding')).toEqual({
      __type: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
  })

  it('offers first factors, and signs in by a code that was mailed, which works once', async () => {
    const choice = await start('USER_AUTH', { USERNAME: 'alice' }, 'choosing')
    expect(choice).toMatchObject({
      ChallengeName: 'SELECT_CHALLENGE',
      ChallengeParameters: {},
      AvailableChallenges: ['PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP'],
    })
    const asked = await respond(
      'SELECT_CHALLENGE',
      { USERNAME: 'alice', ANSWER: 'EMAIL_OTP' },
      choice['Session'],
      'choosing',
    )
    expect(asked).toMatchObject({
      ChallengeName: 'EMAIL_OTP',
      ChallengeParameters: { CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL', CODE_DELIVERY_DESTINATION: 'a***@e***' },
    })
    const answer = (EMAIL_OTP_CODE = '') =>
      respond('EMAIL_OTP', { USERNAME: 'alice', EMAIL_OTP_CODE }, asked['Session'], 'choosing')
    expect(await answer('wrong')).toMatchObject({ __type: 'CodeMismatchException' })
    const { code } = pool.outbox.at(-1) ?? {}
    expect(tokensOf(await answer(code))['AccessToken']).toBeDefined()
    expect(await answer(code)).toMatchObject({
      message: 'Invalid session for the user, session can only be used once.',
    })
  })

  it('signs in by a preferred password', async () => {
    const parameters = { USERNAME: 'alice', PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD: password }
    expect(tokensOf(await start('USER_AUTH', parameters, 'choosing'))['AccessToken']).toBeDefined()
  })
})

describe('an access token', () => {
  it('is what user operations ask for, until it expires or is revoked', async () => {
    const { AccessToken, IdToken, RefreshToken } = await signIn()
    expect(await call('GetUser', { AccessToken })).toMatchObject({ Username: 'alice' })
    expect(await call('GetUser', { AccessToken: IdToken })).toMatchObject({ message: 'Invalid Access Token' })
    expect(await call('GetUser', { AccessToken: 'x.y.z' })).toMatchObject({ message: 'Invalid Access Token' })
    const { accessToken } = await pool.tokens('alice', { scope: 'openid' })
    expect(await call('GetUser', { AccessToken: accessToken })).toMatchObject({
      message: 'Access Token does not have required scopes',
    })
    expect(await call('RevokeToken', { Token: RefreshToken, ClientId: 'main' })).toEqual({})
    expect(await call('GetUser', { AccessToken })).toMatchObject({ message: 'Access Token has been revoked' })
    expect(await call('GetTokensFromRefreshToken', { RefreshToken, ClientId: 'main' })).toMatchObject({
      message: 'Refresh Token has been revoked',
    })
    const later = await signIn()
    pool.advance(3601)
    expect(await call('GetUser', { AccessToken: later['AccessToken'] })).toMatchObject({
      message: 'Access Token has expired',
    })
  })

  it('cannot write what the user must prove', async () => {
    const { AccessToken } = await signIn()
    const UserAttributes = [{ Name: 'email_verified', Value: 'true' }]
    expect(await call('UpdateUserAttributes', { AccessToken, UserAttributes })).toMatchObject({
      message: 'A client attempted to write unauthorized attribute',
    })
  })
})

describe('codes', () => {
  it('fail when wrong, are limited, and end', async () => {
    const reset = (ConfirmationCode: string) =>
      call('ConfirmForgotPassword', { ClientId: 'main', Username: 'alice', Password: 'N3w-password', ConfirmationCode })
    expect(await reset('000000')).toMatchObject({ __type: 'ExpiredCodeException' })
    expect(await call('ForgotPassword', { ClientId: 'main', Username: 'alice' })).toEqual({
      CodeDeliveryDetails: { Destination: 'a***@e***', DeliveryMedium: 'EMAIL', AttributeName: 'email' },
    })
    for (let attempt = 0; attempt < 5; attempt++)
      expect(await reset('x')).toMatchObject({ __type: 'CodeMismatchException' })
    const code = pool.outbox.at(-1)?.code ?? ''
    expect(await reset(code)).toMatchObject({ __type: 'LimitExceededException' })
    await call('ForgotPassword', { ClientId: 'main', Username: 'alice' })
    pool.advance(3601)
    expect(await reset(pool.outbox.at(-1)?.code ?? '')).toMatchObject({ __type: 'ExpiredCodeException' })
  })

  it.each<[string, string, string, Json]>([
    [
      'tells of an unknown user',
      'mallory',
      'main',
      { __type: 'UserNotFoundException', message: 'Username/client id combination not found.' },
    ],
    [
      'pretends to write to a hidden unknown user',
      'mallory',
      'hiding',
      { CodeDeliveryDetails: { Destination: 'm***@y***', DeliveryMedium: 'EMAIL', AttributeName: 'email' } },
    ],
    ['writes to no unverified address', 'dave', 'main', { __type: 'InvalidParameterException' }],
    ['writes to no disabled user', 'erin', 'main', { __type: 'NotAuthorizedException', message: 'User is disabled.' }],
  ])('ForgotPassword %s', async (_, Username, ClientId, answer) => {
    expect(await call('ForgotPassword', { ClientId, Username })).toMatchObject(answer)
    expect(pool.outbox).toEqual([])
  })

  it('SignUp wants the secret hash, a good password and a free name', async () => {
    const SecretHash = createHmac('sha256', secret).update('doraconfidential').digest('base64')
    const signUp = (more: Json) =>
      call('SignUp', { ClientId: 'confidential', Username: 'dora', Password: password, SecretHash, ...more })
    expect(await signUp({ SecretHash: 'wrong' })).toMatchObject({ __type: 'NotAuthorizedException' })
    expect(await signUp({ Password: 'short' })).toMatchObject({ __type: 'InvalidPasswordException' })
    expect(await signUp({})).toMatchObject({ UserConfirmed: false, UserSub: expect.any(String) })
    expect(await signUp({})).toMatchObject({ __type: 'UsernameExistsException' })
  })
})

import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  createLocalPool,
  type LocalPool,
  type LocalPoolOptions,
  type LocalTriggers,
  type Trigger,
  type TriggerEvent,
} from '../../../src/local/index.ts'
import { createAccount, createSignIn } from '../../../src/sign-in/index.ts'
import { call as callSigned, type Json, requestFor } from '../../support/local-pool.ts'

const password = 'Correct-h0rse'
let pool: LocalPool
let events: TriggerEvent[]

/** A trigger that notes its event, and fills in the response. */
const answering =
  (response: Json | ((event: TriggerEvent) => Json) = {}): Trigger =>
  (event) => {
    events.push(structuredClone(event))
    Object.assign(event.response, typeof response === 'function' ? response(event) : response)
    return event
  }
const failing =
  (message: string): Trigger =>
  async () => {
    throw new Error(message)
  }

const create = async (triggers: LocalTriggers, options: LocalPoolOptions = {}) => {
  pool = await createLocalPool({
    now: () => 1_767_225_600_000,
    clientId: 'app',
    clients: [
      {
        clientId: 'app',
        authFlows: [
          'ALLOW_USER_PASSWORD_AUTH',
          'ALLOW_USER_SRP_AUTH',
          'ALLOW_USER_AUTH',
          'ALLOW_REFRESH_TOKEN_AUTH',
          'ALLOW_ADMIN_USER_PASSWORD_AUTH',
        ],
      },
      { clientId: 'hiding', hideUnknownUsers: true },
      { clientId: 'machine', secret: 'secret', scopes: ['orders/read', 'orders/write'] },
    ],
    groups: [{ name: 'editor', roleArn: 'arn:aws:iam::123456789012:role/editor', precedence: 1 }],
    users: { alice: { password, email: 'alice@example.com', email_verified: true, groups: ['editor'] } },
    triggers,
    ...options,
  })
}

beforeEach(() => {
  events = []
})

/** An operation of users, which carries no signature. */
const call = async (operation: string, input: Json): Promise<Json> => {
  const request = requestFor(pool, operation, input)
  request.headers.delete('authorization')
  const text = await (await pool.fetch(request)).text()
  return text === '' ? {} : JSON.parse(text)
}
const signIn = (more: Json = {}, USERNAME = 'alice', PASSWORD = password) =>
  call('InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: 'app',
    AuthParameters: { USERNAME, PASSWORD },
    ...more,
  })
const tokensOf = (answer: Json) => (answer['AuthenticationResult'] ?? {}) as Record<string, string>
const claimsOf = (answer: Json) => {
  const { AccessToken = '', IdToken = '' } = tokensOf(answer)
  return { access: decodeJwt(AccessToken), id: decodeJwt(IdToken) }
}
const sources = () => events.map(({ triggerSource }) => triggerSource)

describe('PreTokenGeneration V1_0', () => {
  it('gets the event of AWS, and changes the claims of the ID token alone', async () => {
    await create({
      PreTokenGeneration: answering({
        claimsOverrideDetails: { claimsToAddOrOverride: { plan: 'gold' }, claimsToSuppress: ['email'] },
      }),
    })
    const { access, id } = claimsOf(await signIn({ ClientMetadata: { not: 'passed' } }))
    expect(id).toMatchObject({ plan: 'gold', 'cognito:groups': ['editor'] })
    expect(id).not.toHaveProperty('email')
    expect(access).not.toHaveProperty('plan')
    expect(events).toEqual([
      {
        version: '1',
        triggerSource: 'TokenGeneration_Authentication',
        region: 'eu-west-1',
        userPoolId: pool.settings.userPoolId,
        userName: 'alice',
        callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'app' },
        request: {
          userAttributes: {
            sub: expect.any(String),
            email: 'alice@example.com',
            email_verified: 'true',
            'cognito:user_status': 'CONFIRMED',
          },
          groupConfiguration: {
            groupsToOverride: ['editor'],
            iamRolesToOverride: ['arn:aws:iam::123456789012:role/editor'],
            preferredRole: 'arn:aws:iam::123456789012:role/editor',
          },
        },
        response: { claimsOverrideDetails: null },
      },
    ])
  })

  it('replaces the groups and roles of both tokens, and takes them away where it gives none', async () => {
    const groupOverrideDetails = { groupsToOverride: ['admin'], iamRolesToOverride: ['arn:r'], preferredRole: 'arn:r' }
    await create({ PreTokenGeneration: answering({ claimsOverrideDetails: { groupOverrideDetails } }) })
    const { access, id } = claimsOf(await signIn())
    expect(access['cognito:groups']).toEqual(['admin'])
    expect(id).toMatchObject({
      'cognito:groups': ['admin'],
      'cognito:roles': ['arn:r'],
      'cognito:preferred_role': 'arn:r',
    })
    await create({ PreTokenGeneration: answering({ claimsOverrideDetails: { groupOverrideDetails: null } }) })
    const none = claimsOf(await signIn())
    expect(none.access).not.toHaveProperty(['cognito:groups'])
    expect(none.id).not.toHaveProperty(['cognito:roles'])
  })

  it.each([
    ...['acr', 'amr', 'at_hash', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti'],
    ...['sub', 'token_use', 'aud', 'identities', 'cognito:username', 'dev:custom:x'],
  ])('cannot set or suppress %s', async (name) => {
    await create({})
    const before = claimsOf(await signIn()).id
    for (const changes of [{ claimsToAddOrOverride: { [name]: 'forged' } }, { claimsToSuppress: [name] }]) {
      await create({ PreTokenGeneration: answering({ claimsOverrideDetails: changes }) })
      const after = claimsOf(await signIn()).id
      expect(name in after).toBe(name in before)
      expect(after[name]).not.toBe('forged')
    }
  })

  it('is asked with every renewal, with the metadata of the call', async () => {
    await create({ PreTokenGeneration: answering() })
    const { RefreshToken } = tokensOf(await signIn())
    await call('GetTokensFromRefreshToken', { ClientId: 'app', RefreshToken, ClientMetadata: { a: 'b' } })
    await call('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: 'app',
      AuthParameters: { REFRESH_TOKEN: RefreshToken },
    })
    expect(sources().slice(1)).toEqual(['TokenGeneration_RefreshTokens', 'TokenGeneration_RefreshTokens'])
    expect(events[1]?.request['clientMetadata']).toEqual({ a: 'b' })
    expect(events[2]?.request).not.toHaveProperty('clientMetadata')
  })

  it('is asked by `tokens` of the pool too', async () => {
    await create({
      PreTokenGeneration: answering({ claimsOverrideDetails: { claimsToAddOrOverride: { plan: 'gold' } } }),
    })
    expect(decodeJwt((await pool.tokens('alice')).idToken)).toMatchObject({ plan: 'gold' })
  })

  it('that fails or answers nonsense leaves no tokens behind', async () => {
    await create({ PreTokenGeneration: failing('no luck') })
    expect(await signIn()).toEqual({
      __type: 'UserLambdaValidationException',
      message: 'PreTokenGeneration failed with error no luck.',
    })
    for (const response of [
      { claimsOverrideDetails: 'x' },
      { claimsOverrideDetails: { claimsToAddOrOverride: { n: 1 } } },
      { claimsOverrideDetails: { claimsToSuppress: [1] } },
      { claimsOverrideDetails: { claimsToSuppress: 'email' } },
    ]) {
      await create({ PreTokenGeneration: answering(response) })
      expect(await signIn()).toMatchObject({ __type: 'InvalidLambdaResponseException' })
    }
    await create({ PreTokenGeneration: (() => undefined) as never })
    expect(await signIn()).toMatchObject({ __type: 'InvalidLambdaResponseException' })
  })

  it('that fails at a renewal leaves a rotated refresh token as it was', async () => {
    let isFailing = false
    await create({
      PreTokenGeneration: (event) => {
        if (isFailing) throw new Error('no luck')
        return event
      },
    })
    const rotating = await callSigned(pool, 'CreateUserPoolClient', {
      ClientName: 'rotating',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    })
    const { ClientId } = (rotating.body?.['UserPoolClient'] ?? {}) as Json
    const { RefreshToken } = tokensOf(await signIn({ ClientId }))
    const renew = () => call('GetTokensFromRefreshToken', { ClientId, RefreshToken })
    isFailing = true
    expect(await renew()).toMatchObject({ __type: 'UserLambdaValidationException' })
    isFailing = false
    pool.advance(1)
    expect(tokensOf(await renew())['RefreshToken']).toEqual(expect.any(String))
    pool.advance(1)
    expect(await renew()).toMatchObject({ __type: 'RefreshTokenReuseException' })
  })
})

describe('PreTokenGeneration V2_0', () => {
  const v2 = (details: Json): LocalTriggers => ({
    PreTokenGeneration: { version: 'V2_0', handler: answering({ claimsAndScopeOverrideDetails: details }) },
  })

  it('changes claims of any kind in both tokens, and scopes', async () => {
    await create(
      v2({
        idTokenGeneration: { claimsToAddOrOverride: { n: 7, list: [1, { a: true }] }, claimsToSuppress: ['email'] },
        accessTokenGeneration: {
          claimsToAddOrOverride: { tenant: { id: 'x' }, both: 1 },
          claimsToSuppress: ['both'],
          scopesToAdd: ['orders/read'],
          scopesToSuppress: ['aws.cognito.signin.user.admin'],
        },
        groupOverrideDetails: { groupsToOverride: ['admin'] },
      }),
    )
    const { access, id } = claimsOf(await signIn())
    expect(events[0]).toMatchObject({ version: '2', request: { scopes: ['aws.cognito.signin.user.admin'] } })
    expect(events[0]?.response).toEqual({ claimsAndScopeOverrideDetails: null })
    expect(id).toMatchObject({ n: 7, list: [1, { a: true }], 'cognito:groups': ['admin'] })
    expect(id).not.toHaveProperty('email')
    expect(access).toMatchObject({ tenant: { id: 'x' }, scope: 'orders/read', 'cognito:groups': ['admin'] })
    expect(access).not.toHaveProperty('both')
    expect(access).not.toHaveProperty('n')
  })

  it.each(['username', 'client_id', 'scope', 'device_key', 'event_id', 'version', 'sub', 'cognito:groups'])(
    'cannot set or suppress %s of access tokens',
    async (name) => {
      await create({})
      const before = claimsOf(await signIn()).access
      for (const changes of [{ claimsToAddOrOverride: { [name]: 'forged' } }, { claimsToSuppress: [name] }]) {
        await create(v2({ accessTokenGeneration: changes }))
        const after = claimsOf(await signIn()).access
        expect(name in after).toBe(name in before)
        expect(after[name]).not.toBe('forged')
      }
    },
  )

  it('sets the audience of access tokens to the client, and to nothing else', async () => {
    await create(v2({ accessTokenGeneration: { claimsToAddOrOverride: { aud: 'app' } } }))
    expect(claimsOf(await signIn()).access['aud']).toBe('app')
    await create(v2({ accessTokenGeneration: { claimsToAddOrOverride: { aud: 'other' } } }))
    expect(claimsOf(await signIn()).access).not.toHaveProperty('aud')
  })

  it('takes no scopes with blanks, and leaves machines alone', async () => {
    await create(v2({ accessTokenGeneration: { scopesToAdd: ['a b'] } }))
    expect(await signIn()).toMatchObject({ __type: 'InvalidLambdaResponseException' })
    events = []
    await pool.clientTokens({ clientId: 'machine' })
    expect(events).toEqual([])
  })
})

describe('PreTokenGeneration V3_0', () => {
  it('changes the tokens of machines, by the token endpoint and by GetClientToken', async () => {
    const details = {
      accessTokenGeneration: {
        claimsToAddOrOverride: { tenant: 'x', sub: 'forged' },
        scopesToAdd: ['orders/more', 'openid'],
        scopesToSuppress: ['orders/write'],
      },
    }
    const handler = answering({ claimsAndScopeOverrideDetails: details })
    await create({ PreTokenGeneration: { version: 'V3_0', handler } })
    const response = await pool.fetch(`https://${pool.domain}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'machine',
        client_secret: 'secret',
        aws_client_metadata: '{"a":"b"}',
      }).toString(),
    })
    const { access_token } = (await response.json()) as Record<string, string>
    expect(decodeJwt(access_token ?? '')).toMatchObject({
      tenant: 'x',
      sub: 'machine',
      scope: 'orders/read orders/more',
    })
    expect(events).toMatchObject([
      {
        version: '3',
        triggerSource: 'TokenGeneration_ClientCredentials',
        callerContext: { clientId: 'machine' },
        request: { userAttributes: {}, scopes: ['orders/read', 'orders/write'], clientMetadata: { a: 'b' } },
      },
    ])
    expect(decodeJwt((await pool.clientTokens({ clientId: 'machine' })).accessToken)).toMatchObject({ tenant: 'x' })
    await create({ PreTokenGeneration: { version: 'V3_0', handler: failing('no') } })
    const failed = await pool.fetch(`https://${pool.domain}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=machine&client_secret=secret',
    })
    expect([failed.status, await failed.json()]).toEqual([400, { error: 'invalid_request' }])
  })
})

describe('PreAuthentication and PostAuthentication', () => {
  it('are asked around a sign-in, each with what AWS gives it', async () => {
    await create({ PreAuthentication: answering(), PostAuthentication: answering(), PreTokenGeneration: answering() })
    await signIn({ ClientMetadata: { a: 'b' } })
    expect(sources()).toEqual([
      'PreAuthentication_Authentication',
      'PostAuthentication_Authentication',
      'TokenGeneration_Authentication',
    ])
    expect(events[0]?.request).toMatchObject({ validationData: { a: 'b' }, userNotFound: false })
    expect(events[1]?.request).toEqual({ userAttributes: expect.any(Object), newDeviceUsed: false })
  })

  it('get the metadata of an answer, after SRP', async () => {
    await create({ PreAuthentication: answering(), PostAuthentication: answering(), PreTokenGeneration: answering() })
    const step = await createSignIn(pool.settings).withPassword('alice', password, { clientMetadata: { a: 'b' } })
    expect(step.status).toBe('signed-in')
    expect(sources()).toEqual([
      'PreAuthentication_Authentication',
      'PostAuthentication_Authentication',
      'TokenGeneration_Authentication',
    ])
    for (const at of [1, 2]) expect(events[at]?.request['clientMetadata']).toEqual({ a: 'b' })
  })

  it('refuse a sign-in by an error, and the first before the password is looked at', async () => {
    await create({ PreAuthentication: failing('closed') })
    const refused = { __type: 'UserLambdaValidationException', message: 'PreAuthentication failed with error closed.' }
    expect(await signIn({}, 'alice', 'wrong')).toEqual(refused)
    expect(await signIn()).toEqual(refused)
    await create({ PostAuthentication: failing('closed') }, { maxSessions: 5 })
    expect(await signIn()).toMatchObject({ message: 'PostAuthentication failed with error closed.' })
    const sessions = await callSigned(pool, 'AdminListUserSessions', { Username: 'alice' })
    expect(sessions.body?.['Sessions']).toEqual([])
  })

  it('are not asked about renewals, refused calls and unknown users, unless the client hides those', async () => {
    await create({ PreAuthentication: answering(), PostAuthentication: answering() })
    const { RefreshToken } = tokensOf(await signIn())
    events = []
    await call('GetTokensFromRefreshToken', { ClientId: 'app', RefreshToken })
    await signIn({ AuthFlow: 'CUSTOM_AUTH' })
    await signIn({ ClientId: 'machine' })
    await signIn({}, 'mallory')
    expect(events).toEqual([])
    await signIn({ ClientId: 'hiding' }, 'mallory')
    expect(events).toMatchObject([{ userName: 'mallory', request: { userNotFound: true, userAttributes: {} } }])
  })
})

describe('PreSignUp and PostConfirmation', () => {
  const signUp = (more: Json = {}) =>
    call('SignUp', {
      ClientId: 'app',
      Username: 'bob',
      Password: password,
      UserAttributes: [{ Name: 'email', Value: 'bob@example.com' }],
      ...more,
    })

  it('are asked about somebody who signs up and confirms', async () => {
    await create({ PreSignUp: answering(), PostConfirmation: answering() })
    const account = createAccount(createSignIn(pool.settings))
    await account.signUp('bob', password, {
      attributes: { email: 'bob@example.com' },
      validationData: { captcha: 'ok' },
      clientMetadata: { a: 'b' },
    })
    await account.confirmSignUp('bob', pool.outbox.at(-1)?.code ?? '', { clientMetadata: { c: 'd' } })
    expect(sources()).toEqual(['PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp'])
    expect(events[0]).toMatchObject({
      userName: 'bob',
      request: {
        userAttributes: { email: 'bob@example.com' },
        validationData: { captcha: 'ok' },
        clientMetadata: { a: 'b' },
      },
      response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
    })
    expect(events[1]?.request).toMatchObject({
      userAttributes: { email_verified: 'true', 'cognito:user_status': 'CONFIRMED' },
      clientMetadata: { c: 'd' },
    })
  })

  it('confirm and verify at once', async () => {
    await create({
      PreSignUp: answering({ autoConfirmUser: true, autoVerifyEmail: true }),
      PostConfirmation: answering(),
    })
    expect(await signUp()).toEqual({ UserConfirmed: true, UserSub: expect.any(String) })
    expect(pool.outbox).toEqual([])
    expect(sources()).toEqual(['PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp'])
    expect(claimsOf(await signIn({}, 'bob')).id).toMatchObject({ email_verified: true })
  })

  it('refuse somebody, who is then not there, or tell that something went wrong afterwards', async () => {
    await create({ PreSignUp: failing('not you') })
    expect(await signUp()).toEqual({
      __type: 'UserLambdaValidationException',
      message: 'PreSignUp failed with error not you.',
    })
    expect((await callSigned(pool, 'AdminGetUser', { Username: 'bob' })).status).toBe(400)
    await create({ PreSignUp: answering({ autoVerifyPhone: true }) })
    expect(await signUp()).toMatchObject({ __type: 'InvalidLambdaResponseException' })
    await create({ PostConfirmation: failing('mail is down') })
    await signUp()
    const ConfirmationCode = pool.outbox.at(-1)?.code
    expect(await call('ConfirmSignUp', { ClientId: 'app', Username: 'bob', ConfirmationCode })).toMatchObject({
      __type: 'UserLambdaValidationException',
    })
    const bob = await callSigned(pool, 'AdminGetUser', { Username: 'bob' })
    expect(bob.body?.['UserStatus']).toBe('CONFIRMED')
  })

  it('are not asked about what is refused anyway', async () => {
    await create({ PreSignUp: answering() })
    await signUp({ Username: 'alice' })
    await signUp({ Password: 'short' })
    await signUp({ ClientId: 'machine' })
    expect(events).toEqual([])
  })

  it('are asked about users of administrators, and about new passwords', async () => {
    await create({ PreSignUp: answering(), PostConfirmation: answering() })
    await callSigned(pool, 'AdminCreateUser', { Username: 'bob', ClientMetadata: { a: 'b' } })
    await call('ForgotPassword', { ClientId: 'app', Username: 'alice' })
    const ConfirmationCode = pool.outbox.at(-1)?.code
    await call('ConfirmForgotPassword', {
      ClientId: 'app',
      Username: 'alice',
      ConfirmationCode,
      Password: 'N3w-password',
    })
    expect(sources()).toEqual(['PreSignUp_AdminCreateUser', 'PostConfirmation_ConfirmForgotPassword'])
    await create({ PreSignUp: failing('no') })
    expect(await callSigned(pool, 'AdminCreateUser', { Username: 'bob' })).toMatchObject({
      status: 400,
      body: { __type: 'UserLambdaValidationException' },
    })
  })
})

describe('UserMigration', () => {
  const userAttributes = { email: 'old@example.com', email_verified: 'true' }

  it('brings a user in at the first sign-in, with the password that was sent', async () => {
    await create({
      UserMigration: answering(({ request }) =>
        request['password'] === password ? { userAttributes, finalUserStatus: 'CONFIRMED' } : {},
      ),
    })
    expect(await signIn({}, 'old', 'wrong')).toEqual({
      __type: 'UserNotFoundException',
      message: 'Exception migrating user in app client app',
    })
    expect(claimsOf(await signIn({ ClientMetadata: { a: 'b' } }, 'old')).id).toMatchObject({
      'cognito:username': 'old',
      email: 'old@example.com',
      email_verified: true,
    })
    expect(events[1]).toMatchObject({
      triggerSource: 'UserMigration_Authentication',
      userName: 'old',
      request: { password, validationData: { a: 'b' }, userAttributes: null },
    })
    await signIn({}, 'old')
    await signIn({}, 'alice')
    expect(events).toHaveLength(2)
  })

  it('brings a user in who has forgotten the password, or who has to choose another one', async () => {
    await create({ UserMigration: answering({ userAttributes, finalUserStatus: 'RESET_REQUIRED' }) })
    expect(await signIn({}, 'old')).toMatchObject({ __type: 'PasswordResetRequiredException' })
    await create({ UserMigration: answering({ userAttributes }) })
    const { CodeDeliveryDetails } = await call('ForgotPassword', { ClientId: 'app', Username: 'old' })
    expect(CodeDeliveryDetails).toMatchObject({ Destination: 'o***@e***' })
    expect(sources()).toEqual(['UserMigration_Authentication', 'UserMigration_ForgotPassword'])
  })

  it('that fails is an unknown user, hidden where the client hides those', async () => {
    await create({ UserMigration: failing('down') })
    expect(await signIn({}, 'old')).toMatchObject({ __type: 'UserNotFoundException' })
    expect(await signIn({ ClientId: 'hiding' }, 'old')).toMatchObject({
      __type: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
  })
})

describe('the option `triggers`', () => {
  it.each<[object, string]>([
    [{ PreTokenGeneration: 'x' }, 'triggers.PreTokenGeneration: expected a function'],
    [{ PreTokenGeneration: { handler: failing('x') } }, 'triggers.PreTokenGeneration.version'],
    [{ PreTokenGeneration: { version: 'V4_0', handler: failing('x') } }, 'expected one of V1_0, V2_0, V3_0'],
    [{ PreTokenGeneration: { version: 'V1_0' } }, 'triggers.PreTokenGeneration.handler'],
    [{ PreSignUp: { version: 'V1_0', handler: failing('x') } }, 'triggers.PreSignUp: expected a function'],
    [{ PreSignup: failing('x') }, 'did you mean "PreSignUp"'],
  ])('refuses %o', async (triggers, message) => {
    await expect(createLocalPool({ triggers: triggers as LocalTriggers })).rejects.toThrow(message)
  })
})

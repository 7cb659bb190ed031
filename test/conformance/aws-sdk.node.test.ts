import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createSdkClient, exampleCredentials } from '../support/sdk-client.ts'
import { createSignatureVerifier } from '../support/signature-verifier.ts'
import { calls, details, password, RoleArn, server, start, tokens } from './sdk-calls.ts'

let pool: LocalPool
let client: cognito.CognitoIdentityProviderClient
let UserPoolId: string

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => start * 1000,
    verifySignature: false,
    userPoolId: 'eu-west-1_AbCdEfGhI',
    clientId: 'main',
    groups: ['viewer', { name: 'editor', description: 'Writes', precedence: 20, roleArn: RoleArn }],
    users: {
      alice: {
        sub: 'a-sub',
        email: 'alice@example.com',
        email_verified: true,
        groups: ['editor'],
        password,
        mfa: ['EMAIL_OTP'],
      },
      bob: { password, devices: [{ key: 'eu-west-1_1', attributes: { device_name: 'phone' } }] },
      carol: { status: 'UNCONFIRMED' },
      dave: { password, status: 'FORCE_CHANGE_PASSWORD' },
    },
  })
  UserPoolId = pool.settings.userPoolId
  client = createSdkClient(pool)
})

type Output = object & { readonly $metadata: unknown }

const send = (command: object): Promise<Output> => client.send(command as never)
const result = async (command: object) => {
  const { $metadata: _, ...rest } = await send(command)
  return rest
}

const commandOf = (operation: string, input: Record<string, unknown>): object => {
  const Command = (cognito as unknown as Record<string, new (input: unknown) => object>)[`${operation}Command`]
  if (Command === undefined) throw new Error(`no ${operation}Command`)
  return new Command({ UserPoolId, ...input })
}

const userOperations = [
  ...['AdminForgetDevice', 'AdminGetDevice', 'AdminUpdateDeviceStatus', 'ConfirmDevice', 'ForgetDevice', 'GetDevice'],
  ...['ListDevices', 'UpdateDeviceStatus', 'AssociateSoftwareToken', 'VerifySoftwareToken', 'SetUserMFAPreference'],
  ...[
    'ChangePassword',
    'ConfirmForgotPassword',
    'ConfirmSignUp',
    'DeleteUser',
    'DeleteUserAttributes',
    'ForgotPassword',
  ],
  ...['GetUser', 'GetUserAttributeVerificationCode', 'GetUserAuthFactors', 'GlobalSignOut', 'InitiateAuth'],
  ...['ResendConfirmationCode', 'RespondToAuthChallenge', 'RevokeToken', 'SignUp', 'UpdateUserAttributes'],
  'VerifyUserAttribute',
]

describe('operations', () => {
  beforeEach(async () => {
    const corp = { ProviderName: 'Corp', ProviderType: 'SAML', ProviderDetails: details, IdpIdentifiers: ['x.y'] }
    await send(commandOf('CreateIdentityProvider', corp))
    await send(commandOf('CreateResourceServer', server))
  })

  it.each(Object.entries(calls))('%s', async (operation, [input, output]) => {
    expect(await result(commandOf(operation, input))).toEqual(output)
  })

  it('AdminRespondToAuthChallenge', async () => {
    const AuthParameters = { USERNAME: 'dave', PASSWORD: password }
    const signIn = { ClientId: 'main', AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters }
    const challenge = await result(commandOf('AdminInitiateAuth', signIn))
    expect(challenge).toEqual({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: expect.any(String),
      ChallengeParameters: { USER_ID_FOR_SRP: 'dave', requiredAttributes: '[]', userAttributes: '{}' },
    })
    const ChallengeResponses = { USERNAME: 'dave', NEW_PASSWORD: 'N3w-password' }
    const answer = { ...challenge, ClientId: 'main', ChallengeResponses }
    expect(await result(commandOf('AdminRespondToAuthChallenge', answer))).toEqual({
      ChallengeParameters: {},
      AuthenticationResult: tokens,
    })
  })

  it('GetTokensFromRefreshToken, which is not signed', async () => {
    const { refreshToken: RefreshToken } = await pool.tokens('bob')
    const { RefreshToken: _, ...renewed } = tokens
    const input = { RefreshToken, ClientId: 'main' }
    const command = new cognito.GetTokensFromRefreshTokenCommand(input)
    expect(await result(command)).toEqual({ AuthenticationResult: renewed })
  })

  it('of users and their devices, which are not signed', async () => {
    const users = { alice: { password, email: 'alice@example.com', email_verified: true } }
    const own = await createLocalPool({ clientId: 'app', deviceTracking: 'opt-in', users })
    const owned = createSdkClient(own)
    const driven = new Set<string>()
    const run = async (operation: string, input: Record<string, unknown>): Promise<Record<string, never>> => {
      const Command = (cognito as unknown as Record<string, new (input: unknown) => object>)[`${operation}Command`]
      if (Command === undefined) throw new Error(`no ${operation}Command`)
      driven.add(operation)
      return (await owned.send(new Command(input) as never)) as unknown as Record<string, never>
    }
    const code = () => own.outbox.at(-1)?.code
    const ClientId = 'app'
    const dora = { ClientId, Username: 'dora' }
    await run('SignUp', { ...dora, Password: password, UserAttributes: [{ Name: 'email', Value: 'dora@example.com' }] })
    await run('ResendConfirmationCode', dora)
    await run('ConfirmSignUp', { ...dora, ConfirmationCode: code() })
    await run('ForgotPassword', dora)
    await run('ConfirmForgotPassword', { ...dora, ConfirmationCode: code(), Password: 'N3w-password' })
    const AuthFlow = 'USER_PASSWORD_AUTH'
    const AuthParameters = { USERNAME: 'alice', PASSWORD: password }
    const { AuthenticationResult } = await run('InitiateAuth', { ClientId, AuthFlow, AuthParameters })
    const { AccessToken, RefreshToken, NewDeviceMetadata } = AuthenticationResult as unknown as Record<string, never>
    const { DeviceKey } = NewDeviceMetadata as unknown as { DeviceKey: string }
    const device = { AccessToken, DeviceKey }
    const DeviceSecretVerifierConfig = { PasswordVerifier: btoa('verifier'), Salt: btoa('salt') }
    await run('ConfirmDevice', { ...device, DeviceSecretVerifierConfig })
    await run('UpdateDeviceStatus', { ...device, DeviceRememberedStatus: 'remembered' })
    await run('ListDevices', { AccessToken })
    expect(await run('GetDevice', device)).toMatchObject({ Device: { DeviceKey, DeviceCreateDate: expect.any(Date) } })
    const administered = { UserPoolId: own.settings.userPoolId, Username: 'alice', DeviceKey }
    await run('AdminGetDevice', administered)
    await run('AdminUpdateDeviceStatus', { ...administered, DeviceRememberedStatus: 'not_remembered' })
    await run('AdminForgetDevice', administered)
    await expect(run('ForgetDevice', device)).rejects.toThrow('Device does not exist.')
    await run('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name: 'nickname', Value: 'al' }] })
    await run('DeleteUserAttributes', { AccessToken, UserAttributeNames: ['nickname'] })
    await run('GetUserAttributeVerificationCode', { AccessToken, AttributeName: 'email' })
    await run('VerifyUserAttribute', { AccessToken, AttributeName: 'email', Code: code() })
    await run('SetUserMFAPreference', { AccessToken, EmailMfaSettings: { Enabled: true, PreferredMfa: true } })
    const { Session } = await run('InitiateAuth', { ClientId, AuthFlow, AuthParameters })
    const ChallengeResponses = { USERNAME: 'alice', EMAIL_OTP_CODE: code() }
    await run('RespondToAuthChallenge', { ClientId, ChallengeName: 'EMAIL_OTP', Session, ChallengeResponses })
    expect(await run('AssociateSoftwareToken', { AccessToken })).toMatchObject({ SecretCode: expect.any(String) })
    await expect(run('VerifySoftwareToken', { AccessToken, UserCode: '000000' })).rejects.toThrow('Code mismatch')
    await run('ChangePassword', { AccessToken, PreviousPassword: password, ProposedPassword: 'N3w-password' })
    await run('GetUserAuthFactors', { AccessToken })
    expect(await run('GetUser', { AccessToken })).toMatchObject({ Username: 'alice', PreferredMfaSetting: 'EMAIL_OTP' })
    await run('RevokeToken', { ClientId, Token: RefreshToken })
    await run('GlobalSignOut', { AccessToken: (await own.tokens('alice')).accessToken })
    await run('DeleteUser', { AccessToken: (await own.tokens('alice')).accessToken })
    expect([...driven].sort()).toEqual(userOperations.toSorted())
  })
})

describe('refusals are instances of the SDK’s classes', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['UserNotFoundException', 'AdminGetUser', { Username: 'mallory' }],
    ['ResourceNotFoundException', 'GetGroup', { GroupName: 'nobody' }],
    ['GroupExistsException', 'CreateGroup', { GroupName: 'viewer' }],
    ['UsernameExistsException', 'AdminCreateUser', { Username: 'alice' }],
    ['UnsupportedUserStateException', 'AdminCreateUser', { Username: 'alice', MessageAction: 'RESEND' }],
    ['InvalidPasswordException', 'AdminSetUserPassword', { Username: 'alice', Password: 'x' }],
    ['InvalidParameterException', 'ListUsers', { Limit: 61 }],
    ['NotAuthorizedException', 'AdminConfirmSignUp', { Username: 'alice' }],
    [
      'DuplicateProviderException',
      'CreateIdentityProvider',
      { ProviderName: 'COGNITO', ProviderType: 'SAML', ProviderDetails: details },
    ],
    ['ScopeDoesNotExistException', 'CreateUserPoolClient', { ClientName: 'a', AllowedOAuthScopes: ['x'] }],
    [
      'InvalidOAuthFlowException',
      'CreateUserPoolClient',
      { ClientName: 'a', AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'] },
    ],
  ])('%s', async (name, operation, input) => {
    const error = await send(commandOf(operation, input)).catch((reason: unknown) => reason)
    const Exception = (cognito as unknown as Record<string, new () => object>)[name]
    expect(error).toBeInstanceOf(Exception)
    expect(error).toMatchObject({
      name,
      $fault: 'client',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
    expect((error as Error).message).not.toBe('')
  })
})

describe('the SDK’s own paginators', () => {
  it.each<
    [string, (settings: { client: cognito.CognitoIdentityProviderClient; pageSize: number }) => AsyncIterable<object>]
  >([
    ['Groups', (settings) => cognito.paginateListGroups(settings, { UserPoolId })],
    ['Users', (settings) => cognito.paginateListUsers(settings, { UserPoolId })],
    ['Users', (settings) => cognito.paginateListUsersInGroup(settings, { UserPoolId, GroupName: 'viewer' })],
    ['Groups', (settings) => cognito.paginateAdminListGroupsForUser(settings, { UserPoolId, Username: 'n00' })],
    ['UserPoolClients', (settings) => cognito.paginateListUserPoolClients(settings, { UserPoolId })],
    ['Providers', (settings) => cognito.paginateListIdentityProviders(settings, { UserPoolId })],
  ])('%s: every item once (%#)', async (member, paginate) => {
    const names = Array.from({ length: 25 }, (_, index) => `n${String(index).padStart(2, '0')}`)
    pool = await createLocalPool({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      verifySignature: false,
      clientId: 'n00',
      clients: names.slice(1).map((clientId) => ({ clientId })),
      groups: [...names, 'viewer'],
      users: Object.fromEntries(names.map((name) => [name, { groups: [...names.slice(0, 24), 'viewer'] }])),
    })
    client = createSdkClient(pool)
    for (const name of names) {
      await send(
        commandOf('CreateIdentityProvider', { ProviderName: name, ProviderType: 'SAML', ProviderDetails: details }),
      )
    }
    const pages: unknown[][] = []
    for await (const page of paginate({ client, pageSize: 10 }))
      pages.push((page as Record<string, unknown[]>)[member] ?? [])
    const items = pages.flat().map((item) => JSON.stringify(item))
    expect(pages.slice(0, 2).map(({ length }) => length)).toEqual([10, 10])
    expect(pages).toHaveLength(3)
    expect(new Set(items).size).toBe(items.length)
    expect([25, 26]).toContain(items.length)
  })
})

describe('the SDK’s own retries', () => {
  const listing = () => new cognito.ListGroupsCommand({ UserPoolId })

  it('get over a throttle, a cut connection and a lost answer', async () => {
    client = createSdkClient(pool, { maxAttempts: 4 })
    pool.fail('ListGroups', { times: 1, error: 'TooManyRequestsException' })
    pool.fail('ListGroups', { times: 1, status: 503, body: '<html>' })
    pool.fail('ListGroups', { times: 1, when: 'after', error: 'InternalErrorException', status: 500 })
    const { $metadata } = await client.send(listing())
    expect($metadata.attempts).toBe(4)
    expect(pool.requests.map(({ status }) => status)).toEqual([400, 503, 500, 200])
  })

  it('know a throttle by its name', async () => {
    pool.fail('ListGroups', { error: 'TooManyRequestsException' })
    const error = await send(listing()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(cognito.TooManyRequestsException)
  })

  it('correct a clock that is off by the time in the answer', async () => {
    const verifySignature = createSignatureVerifier([exampleCredentials])
    const ahead = await createLocalPool({ verifySignature, now: () => Date.now() + 600_000 })
    const skewed = createSdkClient({ region: ahead.region, fetch: ahead.fetch }, { maxAttempts: 2 })
    const command = new cognito.ListGroupsCommand({ UserPoolId: ahead.settings.userPoolId })
    expect((await skewed.send(command)).Groups).toEqual([])
    expect(ahead.requests.map(({ status }) => status)).toEqual([400, 200])
  })

  it('sign as the verifier expects, with session credentials too', async () => {
    const credentials = { ...exampleCredentials, sessionToken: 'a+token/of=sorts' }
    const strict = await createLocalPool({ verifySignature: createSignatureVerifier([credentials]) })
    const command = () => new cognito.ListGroupsCommand({ UserPoolId: strict.settings.userPoolId })
    expect((await createSdkClient(strict, { credentials }).send(command())).Groups).toEqual([])
    const wrong = { ...credentials, secretAccessKey: 'other' }
    await expect(createSdkClient(strict, { credentials: wrong }).send(command())).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    })
    await expect(createSdkClient(strict).send(command())).rejects.toMatchObject({ name: 'UnrecognizedClientException' })
  })
})

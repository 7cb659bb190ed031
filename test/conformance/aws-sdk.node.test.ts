import * as cognito from '@aws-sdk/client-cognito-identity-provider'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createOperations } from '../../src/local/operations.ts'
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

  it('all of the local pool are here', () => {
    const own = Object.keys(createOperations()).filter((name) => name.startsWith('cognito-idp.'))
    const driven = [...Object.keys(calls), 'AdminRespondToAuthChallenge', 'GetTokensFromRefreshToken'].map(
      (name) => `cognito-idp.${name}`,
    )
    expect(driven.sort()).toEqual(own.sort())
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
    ['UnsupportedOperationException', 'AdminInitiateAuth', { ClientId: 'main', AuthFlow: 'USER_AUTH' }],
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
    const skewed = createSdkClient(ahead, { maxAttempts: 2 })
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

import {
  AdminListUserSessionsCommand,
  AdminRevokeUserSessionCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GetUserPoolClientSessionConfigurationCommand,
  GetUserPoolSessionConfigurationCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ListUserSessionsCommand,
  RevokeUserSessionCommand,
  SetUserPoolClientSessionConfigurationCommand,
  SetUserPoolSessionConfigurationCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { beforeEach, describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../../src/admin/index.ts'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { createAccount, createSignIn } from '../../../src/sign-in/index.ts'
import { createSdkClient, exampleCredentials } from '../../support/sdk-client.ts'

const password = 'Correct-h0rse'
let pool: LocalPool
let sdk: ReturnType<typeof createSdkClient>
let UserPoolId: string

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => 1_767_225_600_000,
    clientId: 'app',
    maxSessions: 3,
    users: { alice: { password }, bob: { password } },
  })
  sdk = createSdkClient(pool)
  UserPoolId = pool.settings.userPoolId
})

const signIn = async (USERNAME = 'alice') => {
  const { AuthenticationResult } = await sdk.send(
    new InitiateAuthCommand({
      ClientId: 'app',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  )
  pool.advance(1)
  const { AccessToken = '', RefreshToken = '' } = AuthenticationResult ?? {}
  return { AccessToken, RefreshToken }
}
const list = async (AccessToken: string) =>
  (await sdk.send(new ListUserSessionsCommand({ AccessToken }))).Sessions ?? []
const listAsAdmin = async (Username = 'alice') =>
  (await sdk.send(new AdminListUserSessionsCommand({ UserPoolId, Username }))).Sessions ?? []
const refused = (name: string) => expect.objectContaining({ name })
const renew = (RefreshToken: string) =>
  sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: 'app', RefreshToken }))

describe('sessions of a user', () => {
  it('begin with a sign-in, and are listed with the one of the token marked', async () => {
    await signIn()
    const { AccessToken } = await signIn()
    await signIn('bob')
    const sessions = await list(AccessToken)
    expect(sessions).toHaveLength(2)
    expect(sessions.map(({ IsCurrentSession }) => IsCurrentSession)).toEqual([false, true])
    expect(sessions[0]).toEqual({
      SessionId: expect.stringMatching(/^tkn[a-z0-9]{25}$/),
      SessionType: 'TOKEN',
      ClientId: 'app',
      CreateDate: new Date(1_767_225_600_000),
      LastActiveDate: new Date(1_767_225_600_000),
      DeviceType: 'unknown',
      LastIPAddress: '127.0.0.1',
      LastLocation: { Country: 'unknown' },
      IsCurrentSession: false,
    })
    expect((await listAsAdmin()).every(({ IsCurrentSession }) => IsCurrentSession === false)).toBe(true)
  })

  it('are as many as the pool allows: a further sign-in ends the one that was used least recently', async () => {
    const first = await signIn()
    const second = await signIn()
    await signIn()
    await renew(first.RefreshToken)
    const ids = (await listAsAdmin()).map(({ SessionId }) => SessionId)
    await signIn()
    const left = await listAsAdmin()
    expect(left).toHaveLength(3)
    expect(left.map(({ SessionId }) => SessionId)).toEqual([ids[0], ids[2], expect.any(String)])
    await expect(renew(second.RefreshToken)).rejects.toEqual(refused('NotAuthorizedException'))
    await renew(first.RefreshToken)
  })

  it('are used by a renewal', async () => {
    const { RefreshToken, AccessToken } = await signIn()
    pool.advance(60)
    await renew(RefreshToken)
    const [session] = await list(AccessToken)
    expect(session?.LastActiveDate).toEqual(new Date(1_767_225_600_000 + 61_000))
    expect(session?.CreateDate).toEqual(new Date(1_767_225_600_000))
  })

  it('end one by one, with their tokens, but not by a token of their own', async () => {
    const other = await signIn()
    const { AccessToken } = await signIn()
    const [theirs, own] = await list(AccessToken)
    const revoke = (SessionId: string | undefined) => sdk.send(new RevokeUserSessionCommand({ AccessToken, SessionId }))
    await expect(revoke(own?.SessionId)).rejects.toEqual(refused('InvalidParameterException'))
    await revoke(theirs?.SessionId)
    expect(await list(AccessToken)).toHaveLength(1)
    await expect(renew(other.RefreshToken)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' })
    await expect(sdk.send(new GetUserCommand({ AccessToken: other.AccessToken }))).rejects.toMatchObject({
      message: 'Access Token has been revoked',
    })
    await expect(revoke(theirs?.SessionId)).rejects.toEqual(refused('ResourceNotFoundException'))
  })

  it('of another user cannot be revoked', async () => {
    const { AccessToken } = await signIn()
    const bob = await signIn('bob')
    const [session] = await list(bob.AccessToken)
    const revoke = new RevokeUserSessionCommand({ AccessToken, SessionId: session?.SessionId })
    await expect(sdk.send(revoke)).rejects.toEqual(refused('ResourceNotFoundException'))
    const byAdmin = new AdminRevokeUserSessionCommand({ UserPoolId, Username: 'alice', SessionId: session?.SessionId })
    await expect(sdk.send(byAdmin)).rejects.toEqual(refused('ResourceNotFoundException'))
    await renew(bob.RefreshToken)
  })

  it('end by the administrator, by signing out everywhere, by revoking their token, and with the refresh token', async () => {
    const first = await signIn()
    const [session] = await listAsAdmin()
    await sdk.send(new AdminRevokeUserSessionCommand({ UserPoolId, Username: 'alice', SessionId: session?.SessionId }))
    expect(await listAsAdmin()).toEqual([])
    await expect(renew(first.RefreshToken)).rejects.toEqual(refused('NotAuthorizedException'))
    const { AccessToken } = await signIn()
    await sdk.send(new GlobalSignOutCommand({ AccessToken }))
    expect(await listAsAdmin()).toEqual([])
    await signIn()
    expect(await listAsAdmin()).toHaveLength(1)
    pool.advance(30 * 86_400)
    expect(await listAsAdmin()).toEqual([])
  })

  it('are listed and revoked by the client of this package', async () => {
    const client = createSignIn(pool.settings)
    const { sessions } = createAccount(client)
    const other = await signIn()
    const { AccessToken } = await signIn()
    const [first] = await sessions.list(AccessToken).toArray()
    expect(first).toMatchObject({ type: 'TOKEN', clientId: 'app', isCurrent: false })
    await sessions.revoke(AccessToken, first?.id ?? '', { linked: true })
    expect(await sessions.list(AccessToken).toArray()).toHaveLength(1)
    await expect(renew(other.RefreshToken)).rejects.toEqual(refused('NotAuthorizedException'))
  })

  it('are listed and revoked by the administration of this package', async () => {
    const admin = createPoolAdmin({ userPoolId: UserPoolId, credentials: exampleCredentials, fetch: pool.fetch })
    const { RefreshToken } = await signIn()
    const [session] = await admin.users.sessions.list('alice').toArray()
    expect(session).toEqual({
      id: expect.stringMatching(/^tkn/),
      type: 'TOKEN',
      clientId: 'app',
      createdAt: new Date(1_767_225_600_000),
      lastActiveAt: new Date(1_767_225_600_000),
      deviceType: 'unknown',
      lastIpAddress: '127.0.0.1',
      isCurrent: false,
    })
    await admin.users.sessions.revoke('alice', session?.id ?? '', { linked: true })
    expect(await admin.users.sessions.list('alice').toArray()).toEqual([])
    await expect(renew(RefreshToken)).rejects.toEqual(refused('NotAuthorizedException'))
    await expect(admin.users.sessions.revoke('alice', session?.id ?? '')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })

  it('whose revocation lost its response are looked for, and gone', async () => {
    const admin = createPoolAdmin({ userPoolId: UserPoolId, credentials: exampleCredentials, fetch: pool.fetch })
    await signIn()
    const [session] = await admin.users.sessions.list('alice').toArray()
    pool.fail('AdminRevokeUserSession', { status: 500, times: 1, when: 'after' })
    await admin.users.sessions.revoke('alice', session?.id ?? '')
    expect(await admin.users.sessions.list('alice').toArray()).toEqual([])
  })

  it('need a session id of the right form', async () => {
    const { AccessToken } = await signIn()
    for (const SessionId of ['x', `tkn${'A'.repeat(25)}`, `abc${'a'.repeat(25)}`]) {
      await expect(sdk.send(new RevokeUserSessionCommand({ AccessToken, SessionId }))).rejects.toEqual(
        refused('InvalidParameterException'),
      )
    }
  })
})

describe('the settings of sessions', () => {
  it('track nothing until they are set, and say so', async () => {
    pool = await createLocalPool({ clientId: 'app', users: { alice: { password } } })
    sdk = createSdkClient(pool)
    UserPoolId = pool.settings.userPoolId
    expect(await sdk.send(new GetUserPoolSessionConfigurationCommand({ UserPoolId }))).toMatchObject({
      UserSessionTracking: 'DISABLED',
      TokenSession: { MaxPerUser: 20 },
    })
    const { AccessToken } = await signIn()
    await expect(list(AccessToken)).rejects.toEqual(refused('OperationNotEnabledException'))
    const clientOf = { UserPoolId, ClientId: 'app' }
    const setClient = new SetUserPoolClientSessionConfigurationCommand({
      ...clientOf,
      SSOSession: { MaxValidityMinutes: 5 },
    })
    await expect(sdk.send(setClient)).rejects.toEqual(refused('OperationNotEnabledException'))
    const settings = { UserSessionTracking: 'ENABLED', TokenSession: { MaxPerUser: 1 } } as const
    const set = new SetUserPoolSessionConfigurationCommand({ UserPoolId, ...settings })
    expect(await sdk.send(set)).toMatchObject({ UserPoolId, ...settings })
    await signIn()
    await signIn()
    expect(await listAsAdmin()).toHaveLength(1)
    const get = new GetUserPoolClientSessionConfigurationCommand(clientOf)
    expect((await sdk.send(get)).SSOSession).toEqual({ MaxValidityMinutes: 60 })
    await sdk.send(setClient)
    expect((await sdk.send(get)).SSOSession).toEqual({ MaxValidityMinutes: 5 })
  })

  it.each([0, 101])('allow 1 to 100 sessions, and not %i', async (MaxPerUser) => {
    const set = { UserPoolId, UserSessionTracking: 'ENABLED', TokenSession: { MaxPerUser } } as const
    await expect(sdk.send(new SetUserPoolSessionConfigurationCommand(set))).rejects.toEqual(
      refused('InvalidParameterException'),
    )
    await expect(createLocalPool({ maxSessions: MaxPerUser })).rejects.toThrow('maxSessions')
  })
})

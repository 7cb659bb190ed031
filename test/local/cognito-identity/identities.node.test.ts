import {
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  UpdateIdentityPoolCommand,
} from '@aws-sdk/client-cognito-identity'
import { describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld, type LocalPool } from '../../../src/local/index.ts'
import { trustPolicy } from '../../conformance/iam/clients.ts'
import {
  start,
  roleArn,
  type Scene,
  clientOf,
  scene,
  createRole,
  sessionOf,
  session,
} from '../../support/local-identity-pool.ts'

describe('identities', () => {
  it('are one for each user, and last', async () => {
    const { pool, identity, login } = await scene()
    const idOf = async (username: string) => {
      const input = { IdentityPoolId: pool.identityPoolId, Logins: await login(username) }
      return (await identity.send(new GetIdCommand(input))).IdentityId
    }
    const alice = await idOf('alice')
    expect(alice).toMatch(/^eu-west-1:[0-9a-f-]{36}$/)
    pool.advance(86_400)
    expect([await idOf('alice'), await idOf('bob')]).toEqual([alice, expect.not.stringContaining(alice!)])
  })

  it.each<[string, string, (scene: Scene) => Promise<string> | string, string]>([
    ['nonsense', 'alice', () => 'nonsense', "Couldn't verify signed token."],
    ['a forged token', 'alice', async ({ pool }) => forge((await pool.tokens('alice')).idToken), "Couldn't verify"],
    [
      'an unsigned token',
      'alice',
      async ({ pool }) => unsigned((await pool.tokens('alice')).idToken),
      "Couldn't verify",
    ],
    [
      'a token of a key that is gone',
      'alice',
      async ({ pool }) => {
        const { idToken } = await pool.tokens('alice')
        pool.rotateKeys({ keepOld: false })
        return idToken
      },
      "Couldn't verify",
    ],
    [
      'an access token',
      'alice',
      async ({ pool }) => (await pool.tokens('alice')).accessToken,
      'Missing a required claim',
    ],
    [
      'an access token with an audience',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { access: { aud: pool.settings.clientId } })).accessToken,
      'Not a Cognito token.',
    ],
    [
      'another audience',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { id: { aud: 'another' } })).idToken,
      'Incorrect token audience.',
    ],
    [
      'another client of the pool',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { clientId: 'second' })).idToken,
      'Incorrect token audience.',
    ],
    [
      'another issuer',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { id: { iss: 'https://evil.test' } })).idToken,
      "Issuer doesn't match providerName",
    ],
    [
      'an expired token',
      'alice',
      async ({ pool }) => {
        const { idToken } = await pool.tokens('alice')
        pool.advance(3600)
        return idToken
      },
      `Token expired: ${start / 1000 + 3600} >= ${start / 1000 + 3600}`,
    ],
    [
      'no expiry',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { id: { exp: undefined } })).idToken,
      'Token expired',
    ],
    [
      'an expiry that is text',
      'alice',
      async ({ pool }) => (await pool.tokens('alice', { id: { exp: '9999999999' } })).idToken,
      'Token expired',
    ],
  ])('are refused for %s', async (_, username, tokenOf, message) => {
    const local = await scene({ clients: [{ clientId: 'second' }] }, ['reports'])
    const { identity, pool, provider, login } = local
    const good = await login(username)
    const IdentityPoolId = pool.identityPoolId
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId, Logins: good }))
    const Logins = { [provider]: await tokenOf(local) }
    const refusal = { name: 'NotAuthorizedException', message: expect.stringContaining(message) }
    await expect(identity.send(new GetIdCommand({ IdentityPoolId, Logins }))).rejects.toMatchObject(refusal)
    const command = new GetCredentialsForIdentityCommand({ IdentityId, Logins })
    await expect(identity.send(command)).rejects.toMatchObject(refusal)
  })

  it('are refused for a provider that the pool does not have, and for none', async () => {
    const { identity, pool, login, provider } = await scene()
    const IdentityPoolId = pool.identityPoolId
    const [token = ''] = Object.values(await login('alice'))
    for (const name of [`${provider}x`, 'accounts.google.com', provider.replace('eu-west-1.', 'us-east-1.')]) {
      await expect(
        identity.send(new GetIdCommand({ IdentityPoolId, Logins: { [name]: token } })),
      ).rejects.toMatchObject({
        name: 'NotAuthorizedException',
        message: 'Token is not from a supported provider of this identity pool.',
      })
    }
    await expect(identity.send(new GetIdCommand({ IdentityPoolId }))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Unauthenticated access is not supported for this identity pool.',
    })
  })

  it('of another user, or without a login, are nobody to have credentials of', async () => {
    const { pool, identity, login } = await scene({}, ['reports'])
    const IdentityPoolId = pool.identityPoolId
    const ids = await Promise.all(
      ['alice', 'bob'].map(async (name) => {
        return (await identity.send(new GetIdCommand({ IdentityPoolId, Logins: await login(name) }))).IdentityId
      }),
    )
    const ask = async (IdentityId: string | undefined, Logins?: Record<string, string>) =>
      identity.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }))
    await expect(ask(ids[0], await login('bob'))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: expect.stringContaining("Logins don't match"),
    })
    await expect(ask(ids[0], await login('carol'))).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await expect(ask(ids[0])).rejects.toMatchObject({ message: `Access to Identity '${ids[0]}' is forbidden.` })
    await expect(ask(`${ids[0]}0`, await login('alice'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('are known in their own region only', async () => {
    const { pool, identity, login } = await scene({}, ['reports'])
    const Logins = await login('alice')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    const other = clientOf({ fetch: pool.fetch, region: 'us-east-1' })
    await expect(other.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('are proven by tokens of either issuer of the user pool', async () => {
    for (const issuer of ['original', 'updated'] as const) {
      const { pool, credentials } = await scene({ issuer }, ['reports'])
      expect(await sessionOf(pool, await credentials('alice'))).toBe(session('reports'))
    }
  })

  it('are not proven by a provider that names the user pool in another region', async () => {
    const { pool, identity, provider, login } = await scene()
    const [token = ''] = Object.values(await login('alice'))
    const ProviderName = provider.replace('eu-west-1.', 'us-east-1.')
    const update = { IdentityPoolId: pool.identityPoolId, IdentityPoolName: 'a', AllowUnauthenticatedIdentities: false }
    const CognitoIdentityProviders = [{ ProviderName, ClientId: pool.settings.clientId }]
    await identity.send(new UpdateIdentityPoolCommand({ ...update, CognitoIdentityProviders }))
    const Logins = { [ProviderName]: token }
    await expect(
      identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins })),
    ).rejects.toMatchObject({ message: expect.stringContaining("Couldn't verify") })
  })

  it('of users who are disabled, only where the provider is not asked', async () => {
    for (const serverSideTokenCheck of [false, true]) {
      const local = await scene(
        {
          users: { alice: { groups: ['reports'], enabled: false } },
          identityPool: { roleMapping: 'token', serverSideTokenCheck },
        },
        ['reports'],
      )
      const asked = local.credentials('alice')
      if (serverSideTokenCheck) await expect(asked).rejects.toMatchObject({ name: 'NotAuthorizedException' })
      else expect(await sessionOf(local.pool, await asked)).toBe(session('reports'))
    }
  })

  it('without a login exist where they are allowed, and take a login later', async () => {
    const { pool, identity, login } = await scene(
      {
        identityPool: {
          allowUnauthenticated: true,
          roles: { unauthenticated: roleArn('guest') },
          roleMapping: 'token',
        },
      },
      ['reports'],
    )
    await createRole(pool, 'guest', trustPolicy(pool.identityPoolId, 'unauthenticated'))
    const idOf = async (Logins?: Record<string, string>) =>
      (await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))).IdentityId
    const [one, two] = [await idOf(), await idOf()]
    expect(one).not.toBe(two)
    const ask = (IdentityId: string | undefined, Logins?: Record<string, string>) =>
      identity.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }))
    expect(await sessionOf(pool, { ...(await ask(one)).Credentials })).toBe(session('guest'))
    const Logins = await login('alice')
    expect(await sessionOf(pool, { ...(await ask(one, Logins)).Credentials })).toBe(session('reports'))
    expect(await idOf(Logins)).toBe(one)
    await expect(ask(one)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    await expect(ask(two, Logins)).rejects.toMatchObject({ name: 'NotAuthorizedException' })

    const update = { IdentityPoolId: pool.identityPoolId, IdentityPoolName: 'a', AllowUnauthenticatedIdentities: false }
    await identity.send(new UpdateIdentityPoolCommand(update))
    await expect(ask(two)).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it('have one login of each provider, and no login has two identities', async () => {
    const world = createLocalWorld({ now: () => start })
    const one = await createLocalPool({ world, users: { alice: {}, bob: {} } })
    const two = await createLocalPool({ world, users: { alice: {}, bob: {}, carol: {} } })
    const identity = clientOf(one)
    const getProviderName = ({ settings }: LocalPool) => `cognito-idp.eu-west-1.amazonaws.com/${settings.userPoolId}`
    const IdentityPoolId = one.identityPoolId
    const CognitoIdentityProviders = [one, two].map((pool) => {
      return { ProviderName: getProviderName(pool), ClientId: pool.settings.clientId }
    })
    const update = { IdentityPoolId, IdentityPoolName: 'both', AllowUnauthenticatedIdentities: false }
    await identity.send(new UpdateIdentityPoolCommand({ ...update, CognitoIdentityProviders }))
    const loginsOf = async (first?: string, second?: string) => ({
      ...(first !== undefined && { [getProviderName(one)]: (await one.tokens(first)).idToken }),
      ...(second !== undefined && { [getProviderName(two)]: (await two.tokens(second)).idToken }),
    })
    const idOf = async (first?: string, second?: string) => {
      const Logins = await loginsOf(first, second)
      return (await identity.send(new GetIdCommand({ IdentityPoolId, Logins }))).IdentityId
    }
    const alice = await idOf('alice', 'alice')
    expect([await idOf('alice'), await idOf(undefined, 'alice')]).toEqual([alice, alice])
    const bob = await idOf('bob')
    expect(bob).not.toBe(alice)
    const conflict = { name: 'ResourceConflictException' }
    await expect(idOf('bob', 'alice')).rejects.toMatchObject(conflict)
    await expect(idOf('alice', 'carol')).rejects.toMatchObject(conflict)
    expect(await idOf(undefined, 'carol')).not.toBe(alice)
    await expect(idOf('bob', 'carol')).rejects.toMatchObject(conflict)
    expect([await idOf('bob', 'bob'), await idOf(undefined, 'bob')]).toEqual([bob, bob])
  })
})

/** The same token with the claims of an administrator. */
function forge(token: string): string {
  const [head, body = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const forged = { ...claims, 'cognito:preferred_role': roleArn('admin') }
  return [head, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.')
}

function unsigned(token: string): string {
  const head = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
  return `${head}.${token.split('.')[1]}.`
}

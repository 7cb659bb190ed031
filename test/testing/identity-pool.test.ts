import {
  CognitoIdentityClient,
  type CognitoIdentityProvider,
  CreateIdentityPoolCommand,
  DeleteIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetIdentityPoolRolesCommand,
  GetOpenIdTokenCommand,
  ListIdentityPoolsCommand,
  type RoleMapping,
  SetIdentityPoolRolesCommand,
  UpdateIdentityPoolCommand,
} from '@aws-sdk/client-cognito-identity'
import { CreateRoleCommand, DeleteRoleCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld, type LocalPool, type LocalPoolOptions } from '../../src/testing/index.ts'
import { exampleCredentials, sdkTransport } from '../support/sdk-client.ts'
import { createIamClient, createStsClient, trustPolicy } from '../witnesses/iam/clients.ts'

const start = Date.UTC(2026, 0, 1)
const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const groups = {
  reports: { allow: [], roleArn: roleArn('reports'), precedence: 1 },
  audits: { allow: [], roleArn: roleArn('audits'), precedence: 2 },
  plain: { allow: [] },
}

interface Scene {
  readonly pool: LocalPool
  readonly identity: CognitoIdentityClient
  readonly provider: string
  login(username: string): Promise<Record<string, string>>
  /** An identity and its credentials. */
  credentials(username: string, role?: string): Promise<Record<string, unknown>>
}

const clientOf = (pool: Pick<LocalPool, 'fetch' | 'region'>) =>
  new CognitoIdentityClient({
    region: pool.region,
    credentials: exampleCredentials,
    maxAttempts: 1,
    requestHandler: sdkTransport(pool),
  })

async function scene(options: LocalPoolOptions = {}, roles: readonly string[] = []): Promise<Scene> {
  const pool = await createLocalPool({
    now: () => start,
    users: {
      alice: { groups: ['reports', 'audits'], sub: 'sub-of-alice', attributes: { 'custom:tier': 'gold' } },
      bob: { groups: ['plain'], sub: 'sub-of-bob' },
    },
    identityPool: { roleMapping: 'token' },
    ...options,
    groups,
  })
  const identity = clientOf(pool)
  const provider = `cognito-idp.${pool.region}.amazonaws.com/${pool.settings.userPoolId}`
  for (const name of roles) await createRole(pool, name)
  const login = async (username: string) => ({ [provider]: (await pool.tokens(username)).idToken })
  return {
    ...{ pool, identity, provider, login },
    async credentials(username, role) {
      const Logins = await login(username)
      const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
      const command = new GetCredentialsForIdentityCommand({ IdentityId, Logins, CustomRoleArn: role })
      const { Credentials } = await identity.send(command)
      return { IdentityId, ...Credentials }
    },
  }
}

async function createRole(pool: LocalPool, name: string, trust = trustPolicy(pool.identityPoolId)): Promise<void> {
  await createIamClient(pool).send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
}

/** The ARN of the session that credentials stand for, as STS tells it. */
async function sessionOf(pool: LocalPool, credentials: Record<string, unknown>): Promise<string | undefined> {
  const keys = {
    accessKeyId: String(credentials['AccessKeyId']),
    secretAccessKey: String(credentials['SecretKey'] ?? credentials['SecretAccessKey']),
    sessionToken: String(credentials['SessionToken']),
  }
  return (await createStsClient(pool, keys).send(new GetCallerIdentityCommand({}))).Arn
}

const session = (role: string) => `arn:aws:sts::123456789012:assumed-role/${role}/CognitoIdentityCredentials`

describe('the settings of identity pools', () => {
  it('of every local pool: one identity pool, closed', async () => {
    const { pool, identity, provider } = await scene()
    expect(pool.identityPoolId).toMatch(/^eu-west-1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const named = { IdentityPoolId: pool.identityPoolId }
    expect(await identity.send(new DescribeIdentityPoolCommand(named))).toMatchObject({
      ...named,
      IdentityPoolName: pool.identityPoolId.replace(':', '-'),
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: false,
      CognitoIdentityProviders: [
        { ProviderName: provider, ClientId: pool.settings.clientId, ServerSideTokenCheck: false },
      ],
    })
    expect(await identity.send(new GetIdentityPoolRolesCommand(named))).toMatchObject({
      Roles: {},
      RoleMappings: { [`${provider}:${pool.settings.clientId}`]: { Type: 'Token', AmbiguousRoleResolution: 'Deny' } },
    })
  })

  it('are created, replaced as a whole, listed in pages and deleted', async () => {
    const { pool, identity } = await scene()
    const full = {
      IdentityPoolName: 'Second pool',
      AllowUnauthenticatedIdentities: true,
      AllowClassicFlow: true,
      SupportedLoginProviders: { 'graph.facebook.com': '7346241598935552' },
      DeveloperProviderName: 'login.example',
      OpenIdConnectProviderARNs: ['arn:aws:iam::123456789012:oidc-provider/a.test'],
      SamlProviderARNs: ['arn:aws:iam::123456789012:saml-provider/b'],
      CognitoIdentityProviders: [{ ProviderName: 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x', ClientId: 'c' }],
      IdentityPoolTags: { team: 'a' },
    }
    const { IdentityPoolId = '', ...created } = await identity.send(new CreateIdentityPoolCommand(full))
    expect(created).toMatchObject({
      ...full,
      CognitoIdentityProviders: full.CognitoIdentityProviders.map((one) => ({ ...one, ServerSideTokenCheck: false })),
    })
    const roles = { IdentityPoolId, Roles: { authenticated: roleArn('audits') } }
    await identity.send(new SetIdentityPoolRolesCommand(roles))

    const small = { IdentityPoolId, IdentityPoolName: 'Third', AllowUnauthenticatedIdentities: false }
    await identity.send(new UpdateIdentityPoolCommand(small))
    const { $metadata: _, ...described } = await identity.send(new DescribeIdentityPoolCommand({ IdentityPoolId }))
    expect(described).toEqual({ ...small, AllowClassicFlow: false, IdentityPoolTags: {} })
    expect(await identity.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }))).toMatchObject(roles)

    const first = await identity.send(new ListIdentityPoolsCommand({ MaxResults: 1 }))
    const second = await identity.send(new ListIdentityPoolsCommand({ MaxResults: 1, NextToken: first.NextToken }))
    expect([...first.IdentityPools!, ...second.IdentityPools!].map((one) => one.IdentityPoolId).sort()).toEqual(
      [IdentityPoolId, pool.identityPoolId].sort(),
    )
    expect(second.NextToken).toBeUndefined()

    await identity.send(new DeleteIdentityPoolCommand({ IdentityPoolId }))
    await expect(identity.send(new DescribeIdentityPoolCommand({ IdentityPoolId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `IdentityPool '${IdentityPoolId}' not found.`,
    })
  })

  it('replace roles and mappings together', async () => {
    const { pool, identity } = await scene()
    const IdentityPoolId = pool.identityPoolId
    await identity.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: { authenticated: roleArn('a') } }))
    const found = await identity.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }))
    expect([found.Roles, found.RoleMappings]).toEqual([{ authenticated: roleArn('a') }, undefined])
  })

  it.each<[string, Partial<Record<string, unknown>>]>([
    ['no name', { IdentityPoolName: undefined }],
    ['a name of other characters', { IdentityPoolName: 'a/b' }],
    ['no word on guests', { AllowUnauthenticatedIdentities: undefined }],
    ['an ARN that is too short', { SamlProviderARNs: ['arn:aws'] }],
    ['a provider without a client', { CognitoIdentityProviders: [{ ProviderName: 'a' }] }],
    [
      'eleven providers',
      { SupportedLoginProviders: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`p${i}.test`, 'x'])) },
    ],
  ])('are refused with %s', async (_, change) => {
    const { identity } = await scene()
    const input = { IdentityPoolName: 'a', AllowUnauthenticatedIdentities: false, ...change }
    await expect(identity.send(new CreateIdentityPoolCommand(input as never))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  it.each<[string, object]>([
    ['a kind of role that is none', { Roles: { other: roleArn('a') } }],
    ['no AmbiguousRoleResolution', { RoleMappings: { p: { Type: 'Token' } } }],
    ['rules without rules', { RoleMappings: { p: { Type: 'Rules', AmbiguousRoleResolution: 'Deny' } } }],
    ['a type of mapping that is none', { RoleMappings: { p: { Type: 'Any', AmbiguousRoleResolution: 'Deny' } } }],
    [
      'rules for a mapping by token',
      {
        RoleMappings: {
          p: { Type: 'Token', AmbiguousRoleResolution: 'Deny', RulesConfiguration: { Rules: [] } },
        },
      },
    ],
  ])('refuse roles with %s', async (_, change) => {
    const { pool, identity } = await scene()
    const input = { IdentityPoolId: pool.identityPoolId, Roles: {}, ...change }
    await expect(identity.send(new SetIdentityPoolRolesCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  it('are not those of another region, and their operations want a signature', async () => {
    const { pool } = await scene()
    const other = clientOf({ fetch: pool.fetch, region: 'us-east-1' })
    const named = { IdentityPoolId: pool.identityPoolId }
    await expect(other.send(new DescribeIdentityPoolCommand(named))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
    const call = (operation: string, input: object) =>
      pool.fetch(
        new Request('https://cognito-identity.eu-west-1.amazonaws.com/', {
          method: 'POST',
          headers: { 'x-amz-target': `AWSCognitoIdentityService.${operation}` },
          body: JSON.stringify(input),
        }),
      )
    for (const operation of [
      'DescribeIdentityPool',
      'UpdateIdentityPool',
      'SetIdentityPoolRoles',
      'ListIdentityPools',
    ]) {
      expect(await (await call(operation, named)).json()).toMatchObject({
        __type: 'MissingAuthenticationTokenException',
      })
    }
    expect(await (await call('GetId', named)).json()).toMatchObject({ __type: 'NotAuthorizedException' })
  })
})

describe('createLocalPool sets the identity pool up', () => {
  it('as it is told', async () => {
    const clients = [{ clientId: 'one' }, { clientId: 'two' }]
    const { pool, identity, provider } = await scene({
      clients,
      identityPool: {
        identityPoolId: 'eu-west-1:01234567-89ab-4def-8123-456789abcdef',
        name: 'Own',
        allowClassicFlow: true,
        allowUnauthenticated: true,
        clientIds: ['one', 'two'],
        serverSideTokenCheck: true,
        roles: { authenticated: roleArn('in'), unauthenticated: roleArn('out') },
        roleMapping: 'token',
      },
    })
    const named = { IdentityPoolId: 'eu-west-1:01234567-89ab-4def-8123-456789abcdef' }
    expect(pool.identityPoolId).toBe(named.IdentityPoolId)
    expect(await identity.send(new DescribeIdentityPoolCommand(named))).toMatchObject({
      IdentityPoolName: 'Own',
      AllowClassicFlow: true,
      AllowUnauthenticatedIdentities: true,
      CognitoIdentityProviders: ['one', 'two'].map((ClientId) => {
        return { ProviderName: provider, ClientId, ServerSideTokenCheck: true }
      }),
    })
    const { Roles, RoleMappings = {} } = await identity.send(new GetIdentityPoolRolesCommand(named))
    expect(Roles).toEqual({ authenticated: roleArn('in'), unauthenticated: roleArn('out') })
    expect(Object.keys(RoleMappings)).toEqual([`${provider}:one`, `${provider}:two`])
  })

  it.each<[string, unknown]>([
    ['identityPool', 'yes'],
    ['identityPool', { rolemapping: 'token' }],
    ['identityPool.identityPoolId', { identityPoolId: 'eu-west-1_x' }],
    ['identityPool.identityPoolId', { identityPoolId: 'us-east-1:01234567-89ab-4def-8123-456789abcdef' }],
    ['identityPool.name', { name: '' }],
    ['identityPool.clientIds[0]', { clientIds: ['another'] }],
    ['identityPool.allowClassicFlow', { allowClassicFlow: 'no' }],
    ['identityPool.roleMapping', { roleMapping: 'rules' }],
    ['identityPool.roles', { roles: { admin: roleArn('a') } }],
    ['identityPool.roles.authenticated', { roles: { authenticated: 'a' } }],
  ])('or refuses, naming %s', async (path, identityPool) => {
    await expect(createLocalPool({ identityPool: identityPool as never })).rejects.toThrow(
      new RegExp(`^${path.replaceAll(/[.[\]]/g, '\\$&')}: `),
    )
  })

  it('with an id that is not taken in the world', async () => {
    const world = createLocalWorld()
    const identityPool = { identityPoolId: 'eu-west-1:01234567-89ab-4def-8123-456789abcdef' }
    await createLocalPool({ world, identityPool })
    await expect(createLocalPool({ world, identityPool })).rejects.toThrow(/identityPoolId: the world has/)
    const [one, two] = [await createLocalPool({ world }), await createLocalPool({ world })]
    expect(one.identityPoolId).not.toBe(two.identityPoolId)
  })
})

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
    await expect(ask(ids[0])).rejects.toMatchObject({ message: `Access to Identity '${ids[0]}' is forbidden.` })
    await expect(ask(`${ids[0]}0`, await login('alice'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
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
  })
})

describe('the role of an identity', () => {
  const expectRefusal = (promise: Promise<unknown>, name: string, message = '') =>
    expect(promise).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  const configuration = 'Invalid identity pool configuration. Check assigned IAM roles for this pool.'

  it('is that of the group that comes first', async () => {
    const { pool, credentials } = await scene({}, ['reports', 'audits'])
    const found = await credentials('alice')
    expect(found).toMatchObject({ Expiration: new Date(start + 3_600_000) })
    expect(await sessionOf(pool, found)).toBe(session('reports'))
  })

  it('is another of the user’s own, if the user asks for it', async () => {
    const { pool, credentials } = await scene({}, ['reports', 'audits', 'other'])
    expect(await sessionOf(pool, await credentials('alice', roleArn('audits')))).toBe(session('audits'))
    await expectRefusal(credentials('alice', roleArn('other')), 'NotAuthorizedException')
    await expectRefusal(credentials('bob', roleArn('reports')), 'NotAuthorizedException')
  })

  it('is not to be had by whose groups have none', async () => {
    const { credentials } = await scene(
      { identityPool: { roleMapping: 'token', roles: { authenticated: roleArn('in') } } },
      ['in'],
    )
    await expectRefusal(credentials('bob'), 'NotAuthorizedException')
  })

  it('without a mapping is that of everybody, and cannot be asked for', async () => {
    const { pool, credentials } = await scene({ identityPool: { roles: { authenticated: roleArn('in') } } }, [
      'in',
      'reports',
    ])
    for (const name of ['alice', 'bob']) expect(await sessionOf(pool, await credentials(name))).toBe(session('in'))
    await expectRefusal(credentials('alice', roleArn('reports')), 'InvalidParameterException')
  })

  it('must exist', async () => {
    const { pool, credentials } = await scene()
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException', configuration)
    await createRole(pool, 'reports')
    const found = await credentials('alice')
    await createIamClient(pool).send(new DeleteRoleCommand({ RoleName: 'reports' }))
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException')
    await expect(sessionOf(pool, found)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })

  it.each<[string, (pool: LocalPool) => string]>([
    ['the user pool in place of the identity pool', ({ settings }) => trustPolicy(settings.userPoolId)],
    ['another identity pool', () => trustPolicy('eu-west-1:01234567-89ab-4def-8123-456789abcdef')],
    ['guests', ({ identityPoolId }) => trustPolicy(identityPoolId, 'unauthenticated')],
    [
      'another service',
      (pool) => trustPolicy(pool.identityPoolId).replace('cognito-identity.amazonaws.com"}', 'accounts.google.com"}'),
    ],
    ['another user', (pool) => trustPolicy(pool.identityPoolId, `*:CognitoSignIn:sub-of-bob`)],
    ['nobody', (pool) => trustPolicy(pool.identityPoolId).replace('"Allow"', '"Deny"')],
  ])('must trust this identity pool, and not %s', async (_, policyOf) => {
    const { pool, credentials } = await scene({}, ['reports'])
    const update = { RoleName: 'reports', PolicyDocument: policyOf(pool) }
    await createIamClient(pool).send(new UpdateAssumeRolePolicyCommand(update))
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException', configuration)
  })

  it('may trust one user alone', async () => {
    const { pool, credentials, provider } = await scene()
    await createRole(pool, 'reports', trustPolicy(pool.identityPoolId, `${provider}:CognitoSignIn:sub-of-alice`))
    expect(await sessionOf(pool, await credentials('alice'))).toBe(session('reports'))
  })

  const rule = (Claim: string, MatchType: string, Value: string, name: string) => {
    return { Claim, MatchType, Value, RoleARN: roleArn(name) }
  }
  it.each<[string, string, readonly object[], string]>([
    [
      'Equals',
      'alice',
      [rule('custom:tier', 'Equals', 'silver', 'b'), rule('custom:tier', 'Equals', 'gold', 'a')],
      'a',
    ],
    [
      'the first that matches',
      'alice',
      [rule('custom:tier', 'Equals', 'gold', 'a'), rule('sub', 'StartsWith', 's', 'b')],
      'a',
    ],
    ['StartsWith', 'alice', [rule('custom:tier', 'StartsWith', 'go', 'a')], 'a'],
    ['StartsWith, not so', 'alice', [rule('custom:tier', 'StartsWith', 'old', 'a')], 'in'],
    ['Contains', 'alice', [rule('custom:tier', 'Contains', 'ol', 'a')], 'a'],
    ['Contains, in a list', 'alice', [rule('cognito:groups', 'Contains', 'audits', 'a')], 'a'],
    ['NotEqual', 'alice', [rule('custom:tier', 'NotEqual', 'silver', 'a')], 'a'],
    ['NotEqual, not so', 'alice', [rule('custom:tier', 'NotEqual', 'gold', 'a')], 'in'],
    ['NotEqual of a claim that is not there', 'bob', [rule('custom:tier', 'NotEqual', 'gold', 'a')], 'in'],
    ['another case', 'alice', [rule('custom:tier', 'Equals', 'Gold', 'a')], 'in'],
  ])('by rules: %s', async (_, username, Rules, expected) => {
    const { pool, identity, provider, credentials } = await scene({}, ['a', 'b', 'in'])
    const set = (resolution: 'AuthenticatedRole' | 'Deny') => {
      const mapping = {
        Type: 'Rules',
        AmbiguousRoleResolution: resolution,
        RulesConfiguration: { Rules },
      } as RoleMapping
      return identity.send(
        new SetIdentityPoolRolesCommand({
          IdentityPoolId: pool.identityPoolId,
          Roles: { authenticated: roleArn('in') },
          RoleMappings: { [`${provider}:${pool.settings.clientId}`]: mapping },
        }),
      )
    }
    await set('AuthenticatedRole')
    expect(await sessionOf(pool, await credentials(username))).toBe(session(expected))
    await set('Deny')
    if (expected === 'in') await expectRefusal(credentials(username), 'NotAuthorizedException')
    else expect(await sessionOf(pool, await credentials(username))).toBe(session(expected))
  })

  it('hidden by IAM for some time is not there yet', async () => {
    const { pool, credentials } = await scene({ iamDelay: 7 }, ['reports'])
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException')
    pool.advance(7)
    expect(await sessionOf(pool, await credentials('alice'))).toBe(session('reports'))
  })

  it('is one of a provider of the pool: others are no providers', async () => {
    const world = createLocalWorld({ now: () => start })
    const [one, two] = [await createLocalPool({ world, users: { alice: {} } }), await createLocalPool({ world })]
    const Logins = {
      [`cognito-idp.eu-west-1.amazonaws.com/${one.settings.userPoolId}`]: (await one.tokens('alice')).idToken,
    }
    const ask = (IdentityPoolId: string) => clientOf(one).send(new GetIdCommand({ IdentityPoolId, Logins }))
    await expectRefusal(ask(two.identityPoolId), 'NotAuthorizedException', 'not from a supported provider')
    const both: CognitoIdentityProvider[] = [one, two].map(({ settings }) => ({
      ProviderName: `cognito-idp.eu-west-1.amazonaws.com/${settings.userPoolId}`,
      ClientId: settings.clientId,
    }))
    const update = {
      IdentityPoolId: two.identityPoolId,
      IdentityPoolName: 'both',
      AllowUnauthenticatedIdentities: false,
    }
    await clientOf(one).send(new UpdateIdentityPoolCommand({ ...update, CognitoIdentityProviders: both }))
    expect((await ask(two.identityPoolId)).IdentityId).toBeDefined()
  })
})

describe('the classic flow', () => {
  it('is refused unless the identity pool allows it', async () => {
    const { pool, identity, login } = await scene({}, ['reports'])
    const Logins = await login('alice')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    await expect(identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Basic (classic) flow is not enabled, please use enhanced flow.',
    })
  })

  it('lets anybody have any role that trusts the identity pool, even roles of groups that they are not in', async () => {
    const { pool, identity, login, credentials } = await scene(
      { identityPool: { roleMapping: 'token', allowClassicFlow: true } },
      ['reports'],
    )
    await createRole(pool, 'elsewhere', trustPolicy('eu-west-1:01234567-89ab-4def-8123-456789abcdef'))
    await expect(credentials('bob')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    const Logins = await login('bob')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    const { Token } = await identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
    const assume = (name: string) =>
      createStsClient(pool).send(
        new AssumeRoleWithWebIdentityCommand({
          ...{ RoleArn: roleArn(name), RoleSessionName: 'bob', WebIdentityToken: Token },
        }),
      )
    const { Credentials, SubjectFromWebIdentityToken } = await assume('reports')
    expect(SubjectFromWebIdentityToken).toBe(IdentityId)
    expect(await sessionOf(pool, { ...Credentials })).toBe('arn:aws:sts::123456789012:assumed-role/reports/bob')
    await expect(assume('elsewhere')).rejects.toMatchObject({ name: 'AccessDenied' })
    pool.advance(600)
    await expect(assume('reports')).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  })
})

it('throttles and other faults hit identity pools by name', async () => {
  const { pool, credentials } = await scene({}, ['reports'])
  pool.fail('cognito-identity.GetCredentialsForIdentity', { error: 'TooManyRequestsException', times: 1 })
  await expect(credentials('alice')).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  expect(await credentials('alice')).toHaveProperty('AccessKeyId')
  expect([pool.count('GetId'), pool.count('GetCredentialsForIdentity')]).toEqual([2, 2])
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

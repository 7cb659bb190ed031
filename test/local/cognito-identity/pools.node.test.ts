import {
  CreateIdentityPoolCommand,
  DeleteIdentityPoolCommand,
  DescribeIdentityPoolCommand,
  GetIdentityPoolRolesCommand,
  ListIdentityPoolsCommand,
  SetIdentityPoolRolesCommand,
  UpdateIdentityPoolCommand,
} from '@aws-sdk/client-cognito-identity'
import { describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld } from '../../../src/local/index.ts'
import { roleArn, clientOf, scene } from '../../support/local-identity-pool.ts'

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
    expect(described).toEqual({ ...small, IdentityPoolTags: {} })
    expect(await identity.send(new GetIdentityPoolRolesCommand({ IdentityPoolId }))).toMatchObject(roles)

    const first = await identity.send(new ListIdentityPoolsCommand({ MaxResults: 1 }))
    const second = await identity.send(new ListIdentityPoolsCommand({ MaxResults: 1, NextToken: first.NextToken }))
    expect([...first.IdentityPools!, ...second.IdentityPools!].map((one) => one.IdentityPoolId).sort()).toEqual(
      [IdentityPoolId, pool.identityPoolId].sort(),
    )
    expect(second.NextToken).toBeUndefined()
    const elsewhere = clientOf({ fetch: pool.fetch, region: 'us-east-1' })
    expect((await elsewhere.send(new ListIdentityPoolsCommand({ MaxResults: 60 }))).IdentityPools).toEqual([])
    const foreign = new ListIdentityPoolsCommand({ MaxResults: 1, NextToken: first.NextToken })
    await expect(elsewhere.send(foreign)).rejects.toMatchObject({ name: 'InvalidParameterException' })

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
    [
      'eleven mappings',
      {
        RoleMappings: Object.fromEntries(
          Array.from({ length: 11 }, (_, i) => [`p${i}`, { Type: 'Token', AmbiguousRoleResolution: 'Deny' }]),
        ),
      },
    ],
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

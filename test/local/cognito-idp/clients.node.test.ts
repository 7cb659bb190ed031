import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { call, type Json } from '../../support/local-pool.ts'

const start = 1_767_225_600

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => start * 1000,
    clientId: 'main',
    clients: [{ clientId: 'machine', name: 'Robot', secret: 'x'.repeat(51), scopes: ['orders/read'], expiresIn: 900 }],
  })
})

const clientOf = ({ status, body }: { status: number; body: Json | undefined }) => {
  expect(status).toBe(200)
  return (body as { UserPoolClient: Json }).UserPoolClient
}

const create = async (input: Json) =>
  clientOf(await call(pool, 'CreateUserPoolClient', { ClientName: 'Web', ...input }))

const defaults = {
  RefreshTokenValidity: 30,
  ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
  AllowedOAuthFlowsUserPoolClient: false,
  EnableTokenRevocation: true,
  EnablePropagateAdditionalUserContextData: false,
  AuthSessionValidity: 3,
}

describe('app clients', () => {
  it('have defaults', async () => {
    const client = await create({})
    expect(client).toEqual({
      UserPoolId: pool.settings.userPoolId,
      ClientName: 'Web',
      ClientId: expect.stringMatching(/^[0-9a-z]{26}$/),
      CreationDate: start,
      LastModifiedDate: start,
      ...defaults,
    })
    expect(clientOf(await call(pool, 'DescribeUserPoolClient', { ClientId: client['ClientId'] }))).toEqual(client)
  })

  it('of the options are described too', async () => {
    const client = clientOf(await call(pool, 'DescribeUserPoolClient', { ClientId: 'machine' }))
    expect(client).toMatchObject({
      ClientName: 'Robot',
      ClientSecret: 'x'.repeat(51),
      AllowedOAuthScopes: ['orders/read'],
      AllowedOAuthFlows: ['client_credentials'],
      AccessTokenValidity: 900,
      TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds' },
    })
  })

  it('have a secret where one is asked for or given', async () => {
    expect((await create({ GenerateSecret: true }))['ClientSecret']).toMatch(/^[0-9a-z]{51}$/)
    expect((await create({ ClientSecret: 'k'.repeat(24) }))['ClientSecret']).toBe('k'.repeat(24))
  })

  it('keep name and secret at an update, and lose whatever else is not sent', async () => {
    const settings = {
      CallbackURLs: ['https://app.example/callback', 'com.example.app://callback', 'http://localhost:3000/'],
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'orders/read'],
      AllowedOAuthFlowsUserPoolClient: true,
      PreventUserExistenceErrors: 'ENABLED',
      RefreshTokenValidity: 5,
      TokenValidityUnits: { RefreshToken: 'hours' },
      ReadAttributes: ['email'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 },
    }
    const created = await create({ GenerateSecret: true, ...settings, Unknown: 'left out' })
    expect(created).toMatchObject(settings)
    expect(created).not.toHaveProperty('Unknown')
    pool.advance(60)
    const ClientId = created['ClientId']
    const updated = clientOf(await call(pool, 'UpdateUserPoolClient', { ClientId, ReadAttributes: ['name'] }))
    expect(updated).toEqual({
      UserPoolId: pool.settings.userPoolId,
      ClientId,
      ClientName: 'Web',
      ClientSecret: created['ClientSecret'],
      CreationDate: start,
      LastModifiedDate: start + 60,
      ...defaults,
      ReadAttributes: ['name'],
    })
    expect(clientOf(await call(pool, 'UpdateUserPoolClient', { ClientId, ClientName: 'App' }))).toMatchObject({
      ClientName: 'App',
    })
  })

  it('are listed in pages, with their names only', async () => {
    for (let index = 0; index < 60; index++) await create({ ClientName: `n${index}` })
    const first = (await call(pool, 'ListUserPoolClients', { MaxResults: 60 })).body
    expect(first?.['UserPoolClients']).toHaveLength(60)
    const second = (await call(pool, 'ListUserPoolClients', { MaxResults: 60, NextToken: first?.['NextToken'] })).body
    const all = [first, second].flatMap((page) => page?.['UserPoolClients'] as Json[])
    expect(all).toHaveLength(62)
    expect(all).toContainEqual({ ClientId: 'machine', UserPoolId: pool.settings.userPoolId, ClientName: 'Robot' })
    expect(second).not.toHaveProperty('NextToken')
  })

  it('are deleted', async () => {
    expect(await call(pool, 'DeleteUserPoolClient', { ClientId: 'machine' })).toEqual({ status: 200, body: undefined })
    expect((await call(pool, 'DescribeUserPoolClient', { ClientId: 'machine' })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'User pool client machine does not exist.',
    })
    expect(() => pool.clientSecret('machine')).toThrow('clientSecret')
  })

  const invalid = 'InvalidParameterException'
  const interactive = { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'] }
  const machine = { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['client_credentials'] }
  it.each<[string, Json, string, RegExp]>([
    ['no name', { ClientName: null }, invalid, /Value null at 'clientName'/],
    ['a name with a slash', { ClientName: 'a/b' }, invalid, /'clientName'/],
    ['AuthSessionValidity 2', { AuthSessionValidity: 2 }, invalid, /'authSessionValidity'/],
    [
      'an unknown flow',
      { ExplicitAuthFlows: ['X'] },
      invalid,
      /Value '\[X\]' at 'explicitAuthFlows' .* enum value set/,
    ],
    ['a null flow', { ExplicitAuthFlows: [null] }, invalid, /Value null at 'explicitAuthFlows.1.member'/],
    ['flows old and new', { ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'USER_PASSWORD_AUTH'] }, invalid, /mixed/],
    ['an unknown unit', { TokenValidityUnits: { IdToken: 'years' } }, invalid, /'tokenValidityUnits.idToken'/],
    [
      'a unit that is no object',
      { TokenValidityUnits: 'days' },
      'SerializationException',
      /^Expected structure or null$/,
    ],
    ['tokens of 2 days', { AccessTokenValidity: 48 }, invalid, /AccessToken/],
    ['tokens of 4 minutes', { IdTokenValidity: 4, TokenValidityUnits: { IdToken: 'minutes' } }, invalid, /IdToken/],
    [
      'refresh tokens shorter than access tokens',
      { RefreshTokenValidity: 2, AccessTokenValidity: 3, TokenValidityUnits: { RefreshToken: 'hours' } },
      invalid,
      /Refresh/,
    ],
    ['an unknown provider', { SupportedIdentityProviders: ['COGNITO', 'Google'] }, invalid, /provider Google does not/],
    ['a plain URL', { CallbackURLs: ['http://app.example/'] }, invalid, /redirect/],
    ['a URL like localhost', { CallbackURLs: ['http://localhost.example/'] }, invalid, /redirect/],
    ['a URL with a fragment', { LogoutURLs: ['https://app.example/#x'] }, invalid, /redirect/],
    ['no URL', { CallbackURLs: ['callback'] }, invalid, /redirect/],
    ['101 URLs', { CallbackURLs: Array(101).fill('https://app.example/') }, invalid, /'callbackURLs'/],
    ['a default that is not listed', { DefaultRedirectURI: 'https://app.example/' }, invalid, /CallbackURLs/],
    ['an unknown scope', { AllowedOAuthScopes: ['orders'] }, 'ScopeDoesNotExistException', /orders/],
    ['no resource server', { AllowedOAuthScopes: ['bills/read'] }, 'ScopeDoesNotExistException', /bills\/read/],
    ['not its scope', { AllowedOAuthScopes: ['orders/write'] }, 'ScopeDoesNotExistException', /orders\/write/],
    ['an attribute of no schema to read', { ReadAttributes: ['shoe'] }, invalid, /Invalid read attributes/],
    ['an attribute of no schema to write', { WriteAttributes: ['shoe'] }, invalid, /Invalid write attributes/],
    ['an attribute that clients cannot write', { WriteAttributes: ['email_verified'] }, invalid, /Invalid write/],
    ['a code flow without URLs', interactive, 'InvalidOAuthFlowException', /CallbackURLs/],
    ['a machine without a secret', machine, 'InvalidOAuthFlowException', /secret/],
    [
      'a machine that signs users in',
      { ...machine, AllowedOAuthFlows: ['code', 'client_credentials'], GenerateSecret: true },
      'InvalidOAuthFlowException',
      /code flow/,
    ],
    [
      'a machine with the scopes of a user',
      { ...machine, GenerateSecret: true, AllowedOAuthScopes: ['openid'] },
      'InvalidOAuthFlowException',
      /openid/,
    ],
    ['a short secret', { ClientSecret: 'x' }, invalid, /'clientSecret'/],
    ['two secrets', { ClientSecret: 'x'.repeat(24), GenerateSecret: true }, invalid, /either/],
  ])('are refused: %s', async (_, input, type, message) => {
    const answer = await call(pool, 'CreateUserPoolClient', { ClientName: 'Web', ...input })
    expect(answer).toEqual({ status: 400, body: { __type: type, message: expect.stringMatching(message) } })
  })

  it('an update that is refused changes nothing', async () => {
    const before = await call(pool, 'DescribeUserPoolClient', { ClientId: 'machine' })
    const input = { ClientId: 'machine', CallbackURLs: ['http://app.example/'] }
    expect((await call(pool, 'UpdateUserPoolClient', input)).status).toBe(400)
    expect(await call(pool, 'DescribeUserPoolClient', { ClientId: 'machine' })).toEqual(before)
  })

  it.each([
    ['ListUserPoolClients', { MaxResults: 0 }, /'maxResults' .* greater than or equal to 1/],
    ['ListUserPoolClients', { MaxResults: 61 }, /'maxResults' .* less than or equal to 60/],
    ['DescribeUserPoolClient', { ClientId: 'a b' }, /'clientId'/],
  ])('%s %j is refused', async (operation, input, message) => {
    expect((await call(pool, operation, input)).body).toEqual({
      __type: invalid,
      message: expect.stringMatching(message),
    })
  })
})

describe('resource servers', () => {
  const scope = (ScopeName: string) => ({ ScopeName, ScopeDescription: 'd' })
  const input = { Identifier: 'https://api.example/v1', Name: 'API', Scopes: [scope('read'), scope('write')] }
  const create = (more: Json = {}) => call(pool, 'CreateResourceServer', { ...input, ...more })

  it('give the scopes that clients may have, until they are gone', async () => {
    const allow = async (AllowedOAuthScopes: string[]) => {
      return (await call(pool, 'CreateUserPoolClient', { ClientName: 'a', AllowedOAuthScopes })).status
    }
    expect(await allow(['https://api.example/v1/read'])).toBe(400)
    const server = { UserPoolId: pool.settings.userPoolId, ...input }
    expect(await create()).toEqual({ status: 200, body: { ResourceServer: server } })
    expect(await allow(['https://api.example/v1/read', 'openid'])).toBe(200)
    expect((await call(pool, 'ListResourceServers')).body).toMatchObject({
      ResourceServers: [server, { Identifier: 'orders', Scopes: [{ ScopeName: 'read' }] }],
    })
    const change = { Identifier: input.Identifier, Name: 'New', Scopes: [scope('write')] }
    expect((await call(pool, 'UpdateResourceServer', change)).body).toMatchObject({ ResourceServer: change })
    expect(await allow(['https://api.example/v1/read'])).toBe(400)
    const { Identifier } = input
    expect(await call(pool, 'DeleteResourceServer', { Identifier })).toEqual({ status: 200, body: undefined })
    expect((await call(pool, 'DescribeResourceServer', { Identifier })).body).toMatchObject({
      __type: 'ResourceNotFoundException',
    })
  })

  it.each<[string, Json, RegExp]>([
    ['of a name that is taken', { Identifier: 'orders' }, /already exists/],
    ['with a scope twice', { Scopes: [scope('a'), scope('a')] }, /Duplicate/],
    ['with a slash in a scope', { Scopes: [scope('a/b')] }, /'scopes\.1\.member\.scopeName'/],
    ['without a name', { Name: null }, /Value null at 'name'/],
  ])('are refused: %s', async (_, more, message) => {
    const refusal = { __type: 'InvalidParameterException', message: expect.stringMatching(message) }
    expect(await create(more)).toEqual({ status: 400, body: refusal })
  })
})

describe('identity providers', () => {
  const google = {
    ProviderName: 'Google',
    ProviderType: 'Google',
    ProviderDetails: { client_id: 'a', client_secret: 'b', authorize_scopes: 'openid' },
    AttributeMapping: { email: 'email' },
    IdpIdentifiers: ['example.com'],
  }
  const times = (updated = start) => ({ CreationDate: start, LastModifiedDate: updated })
  const create = (input: Json = {}) => call(pool, 'CreateIdentityProvider', { ...google, ...input })

  it('are created, described, found and updated by what is sent', async () => {
    const created = await create()
    const described = {
      UserPoolId: pool.settings.userPoolId,
      ...google,
      ProviderDetails: {
        ...google.ProviderDetails,
        attributes_url: 'https://people.googleapis.com/v1/people/me?personFields=',
        attributes_url_add_attributes: 'true',
        authorize_url: 'https://accounts.google.com/o/oauth2/v2/auth',
        oidc_issuer: 'https://accounts.google.com',
        token_request_method: 'POST',
        token_url: 'https://www.googleapis.com/oauth2/v4/token',
      },
      AttributeMapping: { email: 'email', username: 'sub' },
    }
    expect(created).toEqual({ status: 200, body: { IdentityProvider: { ...described, ...times() } } })
    expect(await call(pool, 'DescribeIdentityProvider', { ProviderName: 'Google' })).toEqual(created)
    expect(await call(pool, 'GetIdentityProviderByIdentifier', { IdpIdentifier: 'example.com' })).toEqual(created)
    pool.advance(60)
    const change = { AttributeMapping: { name: 'name' } }
    expect((await call(pool, 'UpdateIdentityProvider', { ProviderName: 'Google', ...change })).body).toEqual({
      IdentityProvider: { ...described, AttributeMapping: { name: 'name', username: 'sub' }, ...times(start + 60) },
    })
    expect(
      (await call(pool, 'CreateUserPoolClient', { ClientName: 'a', SupportedIdentityProviders: ['Google'] })).status,
    ).toBe(200)
  })

  it.each<[string, Json, Json, Json, Json]>([
    [
      'SignInWithApple',
      { client_id: 'a', team_id: 't', key_id: 'k', private_key: 'secret', authorize_scopes: 'email' },
      { private_key: undefined, oidc_issuer: 'https://appleid.apple.com', token_request_method: 'POST' },
      {},
      { username: 'sub' },
    ],
    [
      'LoginWithAmazon',
      { client_id: 'a', client_secret: 'b', authorize_scopes: 'profile' },
      { token_url: 'https://api.amazon.com/auth/o2/token', attributes_url_add_attributes: 'false' },
      { name: 'name' },
      { username: 'user_id', name: 'name' },
    ],
    [
      'Facebook',
      { client_id: 'a', client_secret: 'b', authorize_scopes: 'email', api_version: 'v18.0' },
      { authorize_url: 'https://www.facebook.com/v18.0/dialog/oauth', token_request_method: 'GET' },
      { username: 'email' },
      { username: 'email' },
    ],
    [
      'OIDC',
      {
        client_id: 'a',
        attributes_request_method: 'GET',
        oidc_issuer: 'https://i.example',
        authorize_scopes: 'openid',
      },
      { attributes_url_add_attributes: 'false', oidc_issuer: 'https://i.example' },
      {},
      { username: 'sub' },
    ],
    [
      'SAML',
      {
        MetadataFile:
          '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://i.example/sso"/>',
      },
      { SSORedirectBindingURI: 'https://i.example/sso' },
      { email: 'mail' },
      { email: 'mail' },
    ],
  ])('of type %s are told with what Cognito adds', async (type, sent, added, mapping, mapped) => {
    const provider = { ProviderName: type === 'OIDC' || type === 'SAML' ? 'Corp' : type, ProviderType: type }
    const input = { ...provider, ProviderDetails: sent, AttributeMapping: mapping }
    const { status, body } = await call(pool, 'CreateIdentityProvider', input)
    const { private_key: _, ...told } = { ...sent, ...added } as Json
    expect([status, body]).toMatchObject([200, { IdentityProvider: { ...provider, ProviderDetails: told } }])
    const { AttributeMapping, IdpIdentifiers, ProviderDetails } = (body as { IdentityProvider: Json }).IdentityProvider
    expect([AttributeMapping, IdpIdentifiers]).toEqual([mapped, []])
    expect(ProviderDetails).not.toHaveProperty('private_key')
  })

  it('map attributes of the schema only', async () => {
    const local = await createLocalPool({ customAttributes: ['custom:tier'] })
    const attempt = (AttributeMapping: Json) => call(local, 'CreateIdentityProvider', { ...google, AttributeMapping })
    const { body } = await attempt({ 'custom:other': 'x' })
    expect(body).toMatchObject({
      __type: 'InvalidParameterException',
      message: expect.stringContaining('custom:other'),
    })
    expect((await attempt({ 'custom:tier': 'tier', username: 'email' })).status).toBe(200)
  })

  it('are listed in pages and deleted', async () => {
    for (let index = 0; index < 61; index++) {
      await create({
        ProviderName: `Oidc${index}`,
        ProviderType: 'SAML',
        ProviderDetails: { MetadataURL: 'https://idp.example/' },
        IdpIdentifiers: [],
      })
    }
    const first = (await call(pool, 'ListIdentityProviders')).body
    expect(first?.['Providers']).toHaveLength(60)
    const second = (await call(pool, 'ListIdentityProviders', { NextToken: first?.['NextToken'] })).body
    expect(second).toEqual({ Providers: [{ ProviderName: 'Oidc9', ProviderType: 'SAML', ...times() }] })
    expect(await call(pool, 'DeleteIdentityProvider', { ProviderName: 'Oidc9' })).toEqual({
      status: 200,
      body: undefined,
    })
    expect((await call(pool, 'DescribeIdentityProvider', { ProviderName: 'Oidc9' })).body).toMatchObject({
      __type: 'ResourceNotFoundException',
    })
  })

  const invalid = 'InvalidParameterException'
  it.each<[string, string, Json, string, RegExp]>([
    ['a name that is taken', 'Create', google, 'DuplicateProviderException', /Google/],
    [
      'an identifier that is taken',
      'Create',
      { ...google, ProviderName: 'Corp', ProviderType: 'SAML', ProviderDetails: { MetadataFile: '<x/>' } },
      invalid,
      /example\.com/,
    ],
    ['a name with an underscore in front', 'Create', { ...google, ProviderName: '_Corp' }, invalid, /'providerName'/],
    ['a name of two characters', 'Create', { ...google, ProviderName: 'Go' }, invalid, /'providerName'/],
    ['a social provider of another name', 'Create', { ...google, ProviderName: 'Goggle' }, invalid, /Google/],
    ['an unknown type', 'Create', { ...google, ProviderType: 'Myspace' }, invalid, /'providerType'/],
    ['no details', 'Create', { ...google, ProviderDetails: null }, invalid, /'providerDetails'/],
    [
      'details without the client',
      'Create',
      { ...google, ProviderName: 'Corp', ProviderType: 'OIDC' },
      invalid,
      /attributes_request_method/,
    ],
    [
      'Apple without a team',
      'Create',
      { ...google, ProviderName: 'SignInWithApple', ProviderType: 'SignInWithApple' },
      invalid,
      /team_id/,
    ],
    ['SAML without metadata', 'Create', { ...google, ProviderName: 'Corp', ProviderType: 'SAML' }, invalid, /Metadata/],
    [
      'details of an update',
      'Update',
      { ProviderName: 'Google', ProviderDetails: { client_id: 'x' } },
      invalid,
      /client_secret/,
    ],
    ['an update of nobody', 'Update', { ProviderName: 'constructor' }, 'ResourceNotFoundException', /does not exist/],
    [
      '51 identifiers',
      'Update',
      { ProviderName: 'Google', IdpIdentifiers: Array(51).fill('a') },
      invalid,
      /'idpIdentifiers'/,
    ],
    [
      'a long name in the mapping',
      'Update',
      { ProviderName: 'Google', AttributeMapping: { ['x'.repeat(33)]: 'a' } },
      invalid,
      /at 'attributeMapping' .* Map keys must satisfy/,
    ],
  ])('are refused: %s', async (_, verb, input, type, message) => {
    await create()
    const answer = await call(pool, `${verb}IdentityProvider`, input)
    expect(answer).toEqual({ status: 400, body: { __type: type, message: expect.stringMatching(message) } })
  })
})

it('a pool is described', async () => {
  const local = await createLocalPool({
    now: () => start * 1000,
    userPoolId: 'eu-west-1_AbCdEfGhI',
    name: 'Staff',
    users: ['alice', 'bob'],
    aliases: ['email'],
    caseSensitive: false,
    customAttributes: ['custom:tier'],
    requiredAttributes: ['email'],
  })
  const { body } = await call(local, 'DescribeUserPool')
  const described = (body as { UserPool: Json & { SchemaAttributes: Json[] } }).UserPool
  expect(described).toMatchObject({
    Id: 'eu-west-1_AbCdEfGhI',
    Name: 'Staff',
    Arn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI',
    CreationDate: start,
    AliasAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
    EstimatedNumberOfUsers: 2,
    Domain: 'local-abcdefghi',
  })
  expect(described).not.toHaveProperty('UsernameAttributes')
  const schema = new Map(described.SchemaAttributes.map((attribute) => [attribute['Name'], attribute]))
  expect(schema.get('sub')).toMatchObject({ Mutable: false, Required: true })
  expect(schema.get('email')).toMatchObject({ AttributeDataType: 'String', Required: true })
  expect(schema.get('email_verified')).toMatchObject({ AttributeDataType: 'Boolean', Required: false })
  expect(schema.get('custom:tier')).toMatchObject({ AttributeDataType: 'String', Mutable: true })
  expect(schema.get('identities')).toMatchObject({ AttributeDataType: 'String', Mutable: true, Required: false })
  expect(schema.size).toBe(22)
  expect(described).toMatchObject({
    MfaConfiguration: 'OPTIONAL',
    UserPoolTags: {},
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
  })
  const strict = await createLocalPool({ mfaRequired: true })
  expect((await call(strict, 'DescribeUserPool')).body).toMatchObject({ UserPool: { MfaConfiguration: 'ON' } })
})

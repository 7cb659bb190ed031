import { X509Certificate } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { call, type Json } from '../../support/local-pool.ts'

const start = 1_767_225_600
const password = 'Correct-horse-1'

let local: LocalPool
let clientId: string

beforeEach(async () => {
  local = await createLocalPool({
    now: () => start * 1000,
    domain: 'first',
    clientId: 'web',
    clients: [{ clientId: 'machine', secret: 'a1b2c3d4e5f6a1b2c3d4e5f6', scopes: ['orders/read'] }],
    users: { alice: { password, email: 'alice@example.com', email_verified: true }, bob: { password } },
    customAttributes: ['custom:tier'],
  })
  clientId = 'web'
})

async function ask(operation: string, input: Json = {}): Promise<Json> {
  const { status, body } = await call(local, operation, input)
  if (status !== 200) throw new Error(`${operation}: ${JSON.stringify(body)}`)
  return body ?? {}
}

async function refusal(operation: string, input: Json = {}): Promise<unknown> {
  const { status, body } = await call(local, operation, input)
  return status === 400 ? `${body?.['__type']}: ${body?.['message']}` : status
}

const describeDomain = async (Domain: string) => (await ask('DescribeUserPoolDomain', { Domain }))['DomainDescription']

describe('domains', () => {
  it('are described with what serves them; an unknown one is nothing', async () => {
    expect(await describeDomain('first')).toMatchObject({
      UserPoolId: local.settings.userPoolId,
      AWSAccountId: '123456789012',
      Domain: 'first',
      Status: 'ACTIVE',
      ManagedLoginVersion: 1,
    })
    expect(await describeDomain('nobody')).toEqual({})
  })

  it('are a prefix and one of the pool’s own, and have to go before the pool', async () => {
    const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/a'
    const own = {
      Domain: 'auth.example.com',
      CustomDomainConfig: { CertificateArn: certificate },
      ManagedLoginVersion: 2,
    }
    expect(await ask('CreateUserPoolDomain', own)).toEqual({
      ManagedLoginVersion: 2,
      CloudFrontDomain: expect.stringMatching(/^d\w{13}\.cloudfront\.net$/),
    })
    expect(await ask('DescribeUserPool')).toMatchObject({
      UserPool: { Domain: 'first', CustomDomain: 'auth.example.com' },
    })
    expect(await refusal('CreateUserPoolDomain', { Domain: 'second' })).toMatch(/already has a domain/)
    expect(await refusal('CreateUserPoolDomain', { ...own, Domain: 'b.example.com' })).toMatch(/custom domain/)
    const other = String(((await ask('CreateUserPool', { PoolName: 'x' }))['UserPool'] as Json)['Id'])
    const taken = /Domain already associated with another user pool/
    expect(await refusal('CreateUserPoolDomain', { UserPoolId: other, Domain: 'first' })).toMatch(taken)
    expect(await refusal('CreateUserPoolDomain', { ...own, UserPoolId: other })).toMatch(taken)
    expect(await refusal('CreateUserPoolDomain', { UserPoolId: other, Domain: 'my-aws' })).toMatch(/reserved word: aws/)
    const abroad = { CertificateArn: certificate.replace('us-east-1', 'eu-west-1') }
    const moved = { UserPoolId: other, Domain: 'b.example.com', CustomDomainConfig: abroad }
    expect(await refusal('CreateUserPoolDomain', moved)).toMatch(/us-east-1/)
    const renewed = { CertificateArn: `${certificate}b` }
    await ask('UpdateUserPoolDomain', { Domain: 'auth.example.com', CustomDomainConfig: renewed })
    expect(await describeDomain('auth.example.com')).toMatchObject({
      CustomDomainConfig: renewed,
      ManagedLoginVersion: 2,
    })
    expect(await refusal('DeleteUserPool')).toMatch(/domain configured that should be deleted first/)
    await ask('DeleteUserPoolDomain', { Domain: 'first' })
    await ask('DeleteUserPoolDomain', { Domain: 'auth.example.com' })
    expect(await describeDomain('first')).toEqual({})
    expect((await ask('DescribeUserPool'))['UserPool']).not.toHaveProperty('Domain')
    expect((await call(local, 'DeleteUserPool')).status).toBe(200)
  })
})

describe('client secrets', () => {
  it('serve at the domain of the pool’s own too', async () => {
    const CustomDomainConfig = { CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a' }
    const secret = local.clientSecret('machine')
    expect((await token(secret, 'auth.example.com').catch(() => 404)) === 200).toBe(false)
    await ask('CreateUserPoolDomain', { Domain: 'auth.example.com', CustomDomainConfig })
    expect([await token(secret, 'auth.example.com'), await token(secret)]).toEqual([200, 200])
  })

  const token = async (secret: string, host = local.domain) => {
    const response = await local.fetch(`https://${host}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'machine', client_secret: secret }),
    })
    return response.status
  }

  it('are two at most, both count, and the last one stays', async () => {
    const ClientId = 'machine'
    const old = 'a1b2c3d4e5f6a1b2c3d4e5f6'
    const { ClientSecretDescriptor } = await ask('AddUserPoolClientSecret', { ClientId })
    const { ClientSecretId, ClientSecretValue } = ClientSecretDescriptor as Json
    expect(ClientSecretValue).toMatch(/^\w{51}$/)
    expect([await token(old), await token(String(ClientSecretValue)), await token('wrong')]).toEqual([200, 200, 400])
    expect(await refusal('AddUserPoolClientSecret', { ClientId })).toMatch(/^LimitExceededException/)
    const { ClientSecrets } = await ask('ListUserPoolClientSecrets', { ClientId })
    const [first, second] = ClientSecrets as Json[]
    expect(second).toEqual({ ClientSecretId, ClientSecretCreateDate: start })
    expect(String(ClientSecretId)).toMatch(/^machine--\d+$/)
    await ask('DeleteUserPoolClientSecret', { ClientId, ClientSecretId: first?.['ClientSecretId'] })
    expect([await token(old), await token(String(ClientSecretValue))]).toEqual([400, 200])
    expect(await ask('ListUserPoolClientSecrets', { ClientId })).toEqual({ ClientSecrets: [second] })
    expect(await ask('DescribeUserPoolClient', { ClientId })).toMatchObject({
      UserPoolClient: { ClientSecret: ClientSecretValue },
    })
    expect(await refusal('DeleteUserPoolClientSecret', { ClientId, ClientSecretId })).toMatch(/last client secret/)
  })

  it('that were sent are not shown, and public clients have none', async () => {
    const ClientSecret = 'z'.repeat(24)
    const added = await ask('AddUserPoolClientSecret', { ClientId: 'machine', ClientSecret })
    expect(added['ClientSecretDescriptor']).not.toHaveProperty('ClientSecretValue')
    expect(await token(ClientSecret)).toBe(200)
    expect(await refusal('AddUserPoolClientSecret', { ClientId: clientId })).toMatch(/public/)
  })
})

describe('identities of providers', () => {
  const Google = { ProviderName: 'Google', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: '42' }
  const link = (username: string, source: Json = Google) => ({
    DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: username },
    SourceUser: source,
  })

  beforeEach(async () => {
    const ProviderDetails = { client_id: 'a', client_secret: 'b', authorize_scopes: 'openid' }
    await ask('CreateIdentityProvider', { ProviderName: 'Google', ProviderType: 'Google', ProviderDetails })
  })

  it('are linked to a user, each to one, and stand in the ID token', async () => {
    await ask('AdminLinkProviderForUser', link('alice'))
    const { UserAttributes } = await ask('AdminGetUser', { Username: 'alice' })
    const identities = (UserAttributes as Json[]).find(({ Name }) => Name === 'identities')?.['Value']
    expect(JSON.parse(String(identities))).toEqual([
      {
        userId: '42',
        providerName: 'Google',
        providerType: 'Google',
        issuer: null,
        primary: false,
        dateCreated: start * 1000,
      },
    ])
    expect(await refusal('AdminLinkProviderForUser', link('bob'))).toMatch(/has not been merged already/)
    for (const value of ['1', '2', '3', '4']) {
      await ask('AdminLinkProviderForUser', link('alice', { ...Google, ProviderAttributeValue: value }))
    }
    const sixth = link('alice', { ...Google, ProviderAttributeValue: '6' })
    expect(await refusal('AdminLinkProviderForUser', sixth)).toMatch(/^LimitExceededException/)
    expect(await refusal('AdminLinkProviderForUser', link('nobody'))).toMatch(/^UserNotFoundException/)
    const unknown = link('bob', { ...Google, ProviderName: 'Other' })
    expect(await refusal('AdminLinkProviderForUser', unknown)).toMatch(/^ResourceNotFoundException/)
  })

  it('are taken away, and native users are disabled', async () => {
    await ask('AdminLinkProviderForUser', link('alice'))
    await ask('AdminDisableProviderForUser', { User: Google })
    const { UserAttributes, Enabled } = await ask('AdminGetUser', { Username: 'alice' })
    expect((UserAttributes as Json[]).map(({ Name }) => Name)).not.toContain('identities')
    expect(Enabled).toBe(true)
    expect(await refusal('AdminDisableProviderForUser', { User: Google })).toMatch(/^UserNotFoundException/)
    const native = { ProviderName: 'Cognito', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: 'bob' }
    await ask('AdminDisableProviderForUser', { User: native })
    expect(await ask('AdminGetUser', { Username: 'bob' })).toMatchObject({ Enabled: false })
    await ask('AdminLinkProviderForUser', link('bob'))
  })
})

it('the signing certificate is one that others read, good for ten years, and always the same', async () => {
  const { Certificate } = await ask('GetSigningCertificate')
  const certificate = new X509Certificate(Buffer.from(String(Certificate), 'base64'))
  expect(certificate.subject).toBe(`CN=${local.settings.userPoolId}`)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.validFromDate.getTime()).toBe(start * 1000)
  expect(certificate.validToDate.getUTCFullYear()).toBe(2035)
  expect(await ask('GetSigningCertificate')).toEqual({ Certificate })
})

describe('an import of users', () => {
  const CloudWatchLogsRoleArn = 'arn:aws:iam::123456789012:role/import'
  const jobOf = (body: Json) => body['UserImportJob'] as Json & { JobId: string; PreSignedUrl: string }
  const create = async () => jobOf(await ask('CreateUserImportJob', { JobName: 'all', CloudWatchLogsRoleArn }))
  const send = (url: string, body: string) => local.fetch(url, { method: 'PUT', body })

  const fileOf = async (...users: Record<string, string>[]) => {
    const header = (await ask('GetCSVHeader'))['CSVHeader'] as string[]
    return [header.join(','), ...users.map((user) => header.map((name) => user[name] ?? '').join(','))].join('\r\n')
  }

  it('has the columns of the schema', async () => {
    const { CSVHeader } = await ask('GetCSVHeader')
    expect(CSVHeader).toContain('custom:tier')
    expect(CSVHeader).toContain('cognito:mfa_enabled')
    expect((CSVHeader as string[])[0]).toBe('cognito:username')
    expect(CSVHeader).not.toContain('sub')
  })

  it('brings users in who set a password first; those who are there or unfit are counted', async () => {
    const job = await create()
    expect(job).toMatchObject({ Status: 'Created', ImportedUsers: 0 })
    const verified = { email: 'new@example.com', email_verified: 'TRUE' }
    const text = await fileOf(
      { 'cognito:username': 'carol', ...verified, 'custom:tier': '"gold, old ""9"""', name: 'Last\\, First' },
      { 'cognito:username': 'alice', email: 'a@example.com', email_verified: 'true' },
      { 'cognito:username': 'dave', email: 'd@example.com', email_verified: 'false' },
    )
    expect((await send(job.PreSignedUrl, text)).status).toBe(200)
    expect(jobOf(await ask('StartUserImportJob', { JobId: job.JobId }))).toMatchObject({ Status: 'Pending' })
    expect(jobOf(await ask('DescribeUserImportJob', { JobId: job.JobId }))).toMatchObject({
      Status: 'Succeeded',
      ImportedUsers: 1,
      SkippedUsers: 1,
      FailedUsers: 1,
      CompletionDate: start,
    })
    const { UserStatus, UserAttributes } = await ask('AdminGetUser', { Username: 'carol' })
    expect(UserStatus).toBe('RESET_REQUIRED')
    expect(UserAttributes).toEqual(
      expect.arrayContaining([
        { Name: 'custom:tier', Value: 'gold, old "9"' },
        { Name: 'name', Value: 'Last, First' },
        { Name: 'email_verified', Value: 'true' },
      ]),
    )
    const again = await refusal('StartUserImportJob', { JobId: job.JobId })
    expect(again).toMatch(/^PreconditionNotMetException.*Succeeded/)
  })

  it('fails without a file or with another header, and is not open to everyone', async () => {
    const job = await create()
    const { origin, pathname } = new URL(job.PreSignedUrl)
    expect((await send(`${origin}${pathname}?X-Amz-Signature=0`, 'x')).status).toBe(403)
    await ask('StartUserImportJob', { JobId: job.JobId })
    const other = await create()
    await send(other.PreSignedUrl, 'cognito:username,shoe\nalice,42')
    await ask('StartUserImportJob', { JobId: other.JobId })
    for (const JobId of [job.JobId, other.JobId]) {
      expect(jobOf(await ask('DescribeUserImportJob', { JobId }))).toMatchObject({ Status: 'Failed' })
    }
    const third = await create()
    expect(jobOf(await ask('StopUserImportJob', { JobId: third.JobId }))).toMatchObject({ Status: 'Stopped' })
    const first = await ask('ListUserImportJobs', { MaxResults: 2 })
    const rest = await ask('ListUserImportJobs', { MaxResults: 2, PaginationToken: first['PaginationToken'] })
    const ids = [first, rest].flatMap((page) => (page['UserImportJobs'] as Json[]).map(({ JobId }) => JobId))
    expect(ids.toSorted()).toEqual([job.JobId, other.JobId, third.JobId].toSorted())
  })
})

it('terms are one of each name for an app client', async () => {
  const input = { ClientId: clientId, TermsName: 'terms-of-use', TermsSource: 'LINK', Enforcement: 'NONE' }
  const Links = { 'cognito:default': 'https://example.com/terms' }
  const { Terms } = await ask('CreateTerms', { ...input, Links })
  const { TermsId } = Terms as Json
  expect(Terms).toEqual({
    ...input,
    TermsId: expect.any(String),
    UserPoolId: local.settings.userPoolId,
    Links,
    CreationDate: start,
    LastModifiedDate: start,
  })
  expect(await refusal('CreateTerms', { ...input, Links })).toMatch(/^TermsExistsException/)
  const moved = { 'cognito:default': 'https://example.com/new' }
  await ask('UpdateTerms', { TermsId, Links: moved })
  expect(await ask('DescribeTerms', { TermsId })).toMatchObject({ Terms: { Links: moved } })
  const byClient = await ask('DescribeTermsByClient', { ClientId: clientId, TermsName: 'terms-of-use' })
  expect(byClient).toEqual(await ask('DescribeTerms', { TermsId }))
  expect(((await ask('ListTerms'))['Terms'] as Json[])[0]).toEqual({
    TermsId,
    TermsName: 'terms-of-use',
    Enforcement: 'NONE',
    CreationDate: start,
    LastModifiedDate: start,
  })
  await call(local, 'DeleteTerms', { TermsId })
  expect(await refusal('DescribeTerms', { TermsId })).toMatch(/^ResourceNotFoundException/)
})

it('a style of managed login is one for an app client, and is kept as it was sent', async () => {
  const Settings = { components: { primaryButton: { darkMode: { active: { backgroundColor: '0000ffff' } } } } }
  const Assets = [{ Category: 'FORM_LOGO', ColorMode: 'LIGHT', Extension: 'PNG', Bytes: 'AAAA' }]
  const { ManagedLoginBranding } = await ask('CreateManagedLoginBranding', { ClientId: clientId, Settings, Assets })
  const { ManagedLoginBrandingId } = ManagedLoginBranding as Json
  expect(ManagedLoginBranding).toMatchObject({ UseCognitoProvidedValues: false, Settings, Assets })
  const again = await refusal('CreateManagedLoginBranding', { ClientId: clientId, UseCognitoProvidedValues: true })
  expect(again).toMatch(/^ManagedLoginBrandingExistsException/)
  await ask('UpdateManagedLoginBranding', { ManagedLoginBrandingId, Settings: {} })
  const byClient = await ask('DescribeManagedLoginBrandingByClient', { ClientId: clientId })
  expect(byClient).toMatchObject({ ManagedLoginBranding: { Settings: {}, Assets } })
  expect(await ask('DescribeManagedLoginBranding', { ManagedLoginBrandingId })).toEqual(byClient)
  await call(local, 'DeleteManagedLoginBranding', { ManagedLoginBrandingId })
  expect(await refusal('DescribeManagedLoginBrandingByClient', { ClientId: clientId })).toMatch(/does not exist/)
})

it('the classic style is that of the app client, or that of all', async () => {
  const get = async (ClientId?: string) => (await ask('GetUICustomization', { ClientId }))['UICustomization']
  expect(await get(clientId)).toEqual({ UserPoolId: local.settings.userPoolId })
  await ask('SetUICustomization', { CSS: '.a {}' })
  expect(await get(clientId)).toMatchObject({ ClientId: 'ALL', CSS: '.a {}' })
  await ask('SetUICustomization', { ClientId: clientId, CSS: '.b {}' })
  expect(await get(clientId)).toMatchObject({ ClientId: clientId, CSS: '.b {}' })
  expect(await refusal('SetUICustomization', { ClientId: 'nobody' })).toMatch(/^ResourceNotFoundException/)
})

it('risks are for pools with threat protection', async () => {
  const RiskExceptionConfiguration = { BlockedIPRangeList: ['203.0.113.0/24'] }
  const input = { ClientId: clientId, RiskExceptionConfiguration }
  expect(await refusal('SetRiskConfiguration', input)).toMatch(/^UserPoolAddOnNotEnabledException/)
  await ask('UpdateUserPool', { UserPoolTier: 'PLUS', UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } })
  await ask('SetRiskConfiguration', input)
  expect(await ask('DescribeRiskConfiguration', { ClientId: clientId })).toEqual({
    RiskConfiguration: { UserPoolId: local.settings.userPoolId, ...input, LastModifiedDate: start },
  })
  expect(await ask('DescribeRiskConfiguration')).toEqual({
    RiskConfiguration: { UserPoolId: local.settings.userPoolId },
  })
})

it('where logs go is kept, each source once', async () => {
  const CloudWatchLogsConfiguration = { LogGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:a' }
  const one = { LogLevel: 'ERROR', EventSource: 'userNotification', CloudWatchLogsConfiguration }
  const configuration = { UserPoolId: local.settings.userPoolId, LogConfigurations: [one] }
  expect(await ask('GetLogDeliveryConfiguration')).toMatchObject({
    LogDeliveryConfiguration: { LogConfigurations: [] },
  })
  await ask('SetLogDeliveryConfiguration', { LogConfigurations: [one] })
  expect(await ask('GetLogDeliveryConfiguration')).toEqual({ LogDeliveryConfiguration: configuration })
  expect(await refusal('SetLogDeliveryConfiguration', { LogConfigurations: [one, one] })).toMatch(/each EventSource/)
  const events = { ...one, LogLevel: 'INFO', EventSource: 'userAuthEvents' }
  const refused = await refusal('SetLogDeliveryConfiguration', { LogConfigurations: [events] })
  expect(refused).toMatch(/^FeatureUnavailableInTierException/)
})

it('replicas are settings: inactive at first, and deleted only so', async () => {
  const RegionName = 'eu-central-1'
  expect(await ask('ListUserPoolReplicas')).toEqual({ UserPoolReplicas: [] })
  expect(await ask('CreateUserPoolReplica', { RegionName })).toEqual({
    UserPoolReplica: {
      RegionName,
      Status: 'INACTIVE',
      Role: 'SECONDARY',
      UserPoolArn: `arn:aws:cognito-idp:eu-central-1:123456789012:userpool/${local.settings.userPoolId}`,
    },
  })
  expect(await refusal('CreateUserPoolReplica', { RegionName: 'eu-west-1' })).toMatch(/already/)
  expect(await refusal('CreateUserPoolReplica', { RegionName: 'us-gov-west-1' })).toMatch(/no region/)
  await ask('UpdateUserPoolReplica', { RegionName, Status: 'ACTIVE' })
  expect(await refusal('DeleteUserPoolReplica', { RegionName })).toMatch(/inactive/)
  const { UserPoolReplicas } = await ask('ListUserPoolReplicas')
  expect((UserPoolReplicas as Json[]).map(({ Role, Status }) => [Role, Status])).toEqual([
    ['PRIMARY', 'ACTIVE'],
    ['SECONDARY', 'ACTIVE'],
  ])
  await ask('UpdateUserPoolReplica', { RegionName, Status: 'INACTIVE' })
  await ask('DeleteUserPoolReplica', { RegionName })
  expect(await ask('ListUserPoolReplicas')).toEqual({ UserPoolReplicas: [] })
})

it('provisioned limits lie between what is free and the maximum', async () => {
  const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserCreation' } }
  const limit = { LimitDefinition, ProvisionedLimitValue: 50, FreeLimitValue: 50 }
  expect(await ask('GetProvisionedLimit', { LimitDefinition })).toEqual({ Limit: limit })
  await ask('UpdateProvisionedLimit', { LimitDefinition, RequestedLimitValue: 80 })
  expect(await ask('GetProvisionedLimit', { LimitDefinition })).toEqual({
    Limit: { ...limit, ProvisionedLimitValue: 80 },
  })
  const set = (RequestedLimitValue: number) =>
    refusal('UpdateProvisionedLimit', { LimitDefinition, RequestedLimitValue })
  expect([await set(49), await set(501)]).toEqual([
    expect.stringMatching(/at least 50/),
    expect.stringMatching(/^ServiceQuotaExceededException/),
  ])
  const unknown = { LimitClass: 'API_CATEGORY', Attributes: { Category: 'Shoes' } }
  expect(await refusal('GetProvisionedLimit', { LimitDefinition: unknown })).toMatch(/^ResourceNotFoundException/)
})

it('a software token is taken away by an administrator, and factors are shown', async () => {
  const pool = await createLocalPool({ users: { alice: { password, mfa: ['SOFTWARE_TOKEN_MFA'] } } })
  const factors = async () => (await call(pool, 'AdminGetUserAuthFactors', { Username: 'alice' })).body
  expect(await factors()).toEqual({
    Username: 'alice',
    PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
    UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    ConfiguredUserAuthFactors: ['PASSWORD'],
  })
  expect((await call(pool, 'AdminDeleteSoftwareToken', { Username: 'alice' })).status).toBe(200)
  expect(await factors()).toEqual({ Username: 'alice', ConfiguredUserAuthFactors: ['PASSWORD'] })
  expect((await call(pool, 'AdminDeleteSoftwareToken', { Username: 'alice' })).body).toMatchObject({
    __type: 'ResourceNotFoundException',
  })
})

/**
 * What an administrator does with user pools, step by step, as every client can do it: the operation, its input, where
 * to find in the answer what later steps name by `$name`, and what comes of it: a value of the answer by its path, or
 * the code of an error.
 */
export interface Step {
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
  readonly keep?: Readonly<Record<string, string>>
  readonly path?: string
  /** What AWS answers. */
  readonly right: unknown
  /** What moto 5 answers where that is another thing, and why it is wrong. */
  readonly moto?: readonly [answer: unknown, source: string]
}

const role = 'arn:aws:iam::123456789012:role/cognito'
const pool = { UserPoolId: '$pool' }
const absent = [500, 'not implemented there'] as const

export const steps: readonly Step[] = [
  {
    operation: 'CreateUserPool',
    input: {
      PoolName: 'staff',
      UserPoolTags: { team: 'red' },
      AutoVerifiedAttributes: ['email'],
      Schema: [{ Name: 'tier', AttributeDataType: 'String', Mutable: true }],
      UserPoolTier: 'PLUS',
      UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' },
    },
    keep: { pool: 'UserPool.Id', arn: 'UserPool.Arn' },
    path: 'UserPool.MfaConfiguration',
    right: 'OFF',
  },
  {
    operation: 'DescribeUserPool',
    input: pool,
    path: 'UserPool.SchemaAttributes.length',
    right: 22,
    moto: [1, 'the standard attributes are gone with one of the own: DescribeUserPool has them all (E16)'],
  },
  {
    operation: 'CreateUserPool',
    input: { PoolName: 'both', AliasAttributes: ['email'], UsernameAttributes: ['email'] },
    right: 'InvalidParameterException',
    moto: ['ok', 'CreateUserPool: aliases and user-name attributes exclude each other'],
  },
  {
    operation: 'AddCustomAttributes',
    input: { ...pool, CustomAttributes: [{ Name: 'badge', AttributeDataType: 'Number' }] },
    right: 'ok',
  },
  {
    operation: 'AddCustomAttributes',
    input: { ...pool, CustomAttributes: [{ Name: 'badge', AttributeDataType: 'Number' }] },
    right: 'InvalidParameterException',
  },
  {
    operation: 'SetUserPoolMfaConfig',
    input: { ...pool, MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } },
    path: 'MfaConfiguration',
    right: 'OPTIONAL',
  },
  { operation: 'GetUserPoolMfaConfig', input: pool, path: 'SoftwareTokenMfaConfiguration.Enabled', right: true },
  {
    operation: 'SetUserPoolMfaConfig',
    input: { ...pool, MfaConfiguration: 'OFF', SoftwareTokenMfaConfiguration: { Enabled: true } },
    right: 'InvalidParameterException',
    moto: ['ok', 'seen in Terraform’s provider: MFA cannot be off and configured together'],
  },
  {
    operation: 'TagResource',
    input: { ResourceArn: '$arn', Tags: { cost: '7' } },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'ListTagsForResource',
    input: { ResourceArn: '$arn' },
    path: 'Tags.cost',
    right: '7',
    moto: absent,
  },
  { operation: 'UntagResource', input: { ResourceArn: '$arn', TagKeys: ['cost'] }, right: 'ok', moto: absent },
  { operation: 'CreateUserPoolDomain', input: { ...pool, Domain: 'staff-of-example' }, right: 'ok' },
  {
    operation: 'DescribeUserPoolDomain',
    input: { Domain: 'staff-of-example' },
    path: 'DomainDescription.Status',
    right: 'ACTIVE',
  },
  {
    operation: 'UpdateUserPoolDomain',
    input: { ...pool, Domain: 'staff-of-example', ManagedLoginVersion: 2 },
    right: 'ok',
  },
  {
    operation: 'CreateResourceServer',
    input: {
      ...pool,
      Identifier: 'orders',
      Name: 'Orders',
      Scopes: [{ ScopeName: 'read', ScopeDescription: 'Reads' }],
    },
    path: 'ResourceServer.Identifier',
    right: 'orders',
  },
  {
    operation: 'CreateUserPoolClient',
    input: {
      ...pool,
      ClientName: 'machine',
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['orders/read'],
    },
    keep: { client: 'UserPoolClient.ClientId' },
    path: 'UserPoolClient.ClientName',
    right: 'machine',
  },
  {
    operation: 'CreateUserPoolClient',
    input: { ...pool, ClientName: 'wrong', AllowedOAuthScopes: ['orders/write'] },
    right: 'ScopeDoesNotExistException',
    moto: ['ok', 'CreateUserPoolClient: ScopeDoesNotExistException is among its errors'],
  },
  {
    operation: 'AddUserPoolClientSecret',
    input: { ...pool, ClientId: '$client' },
    keep: { secret: 'ClientSecretDescriptor.ClientSecretId' },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'ListUserPoolClientSecrets',
    input: { ...pool, ClientId: '$client' },
    path: 'ClientSecrets.length',
    right: 2,
    moto: absent,
  },
  {
    operation: 'DeleteUserPoolClientSecret',
    input: { ...pool, ClientId: '$client', ClientSecretId: '$secret' },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'CreateIdentityProvider',
    input: {
      ...pool,
      ProviderName: 'Google',
      ProviderType: 'Google',
      ProviderDetails: { client_id: 'a', client_secret: 'b', authorize_scopes: 'openid' },
    },
    path: 'IdentityProvider.ProviderDetails.oidc_issuer',
    right: 'https://accounts.google.com',
    moto: [null, 'CreateIdentityProvider documents what describing Google returns'],
  },
  { operation: 'AdminCreateUser', input: { ...pool, Username: 'alice' }, path: 'User.Enabled', right: true },
  {
    operation: 'AdminLinkProviderForUser',
    input: {
      ...pool,
      DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: 'alice' },
      SourceUser: { ProviderName: 'Google', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: '42' },
    },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'AdminDisableProviderForUser',
    input: {
      ...pool,
      User: { ProviderName: 'Google', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: '42' },
    },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'AdminUpdateUserAttributes',
    input: { ...pool, Username: 'alice', UserAttributes: [{ Name: 'custom:badge', Value: 'seven' }] },
    right: 'InvalidParameterException',
    moto: ['ok', 'the schema has a number there'],
  },
  {
    operation: 'AdminUpdateUserAttributes',
    input: { ...pool, Username: 'alice', UserAttributes: [{ Name: 'sub', Value: '7' }] },
    right: 'InvalidParameterException',
    moto: ['ok', 'AdminUpdateUserAttributes: sub cannot be changed'],
  },
  {
    operation: 'AdminSetUserPassword',
    input: { ...pool, Username: 'alice', Password: 'weak', Permanent: true },
    right: 'InvalidPasswordException',
  },
  { operation: 'GetSigningCertificate', input: pool, right: 'ok', moto: absent },
  { operation: 'GetCSVHeader', input: pool, path: 'CSVHeader.0', right: 'cognito:username', moto: absent },
  {
    operation: 'CreateUserImportJob',
    input: { ...pool, JobName: 'all', CloudWatchLogsRoleArn: role },
    keep: { job: 'UserImportJob.JobId' },
    path: 'UserImportJob.Status',
    right: 'Created',
    moto: absent,
  },
  {
    operation: 'DescribeUserImportJob',
    input: { ...pool, JobId: '$job' },
    path: 'UserImportJob.JobName',
    right: 'all',
    moto: absent,
  },
  {
    operation: 'ListUserImportJobs',
    input: { ...pool, MaxResults: 1 },
    path: 'UserImportJobs.length',
    right: 1,
    moto: absent,
  },
  {
    operation: 'StopUserImportJob',
    input: { ...pool, JobId: '$job' },
    path: 'UserImportJob.Status',
    right: 'Stopped',
    moto: absent,
  },
  {
    operation: 'StartUserImportJob',
    input: { ...pool, JobId: '$job' },
    right: 'PreconditionNotMetException',
    moto: absent,
  },
  { operation: 'SetUICustomization', input: { ...pool, CSS: '.a {}' }, right: 'ok', moto: absent },
  { operation: 'GetUICustomization', input: pool, path: 'UICustomization.CSS', right: '.a {}', moto: absent },
  {
    operation: 'SetRiskConfiguration',
    input: { ...pool, RiskExceptionConfiguration: { BlockedIPRangeList: ['203.0.113.0/24'] } },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'DescribeRiskConfiguration',
    input: pool,
    path: 'RiskConfiguration.RiskExceptionConfiguration.BlockedIPRangeList.0',
    right: '203.0.113.0/24',
    moto: absent,
  },
  {
    operation: 'SetLogDeliveryConfiguration',
    input: { ...pool, LogConfigurations: [{ LogLevel: 'ERROR', EventSource: 'userNotification' }] },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'GetLogDeliveryConfiguration',
    input: pool,
    path: 'LogDeliveryConfiguration.LogConfigurations.0.LogLevel',
    right: 'ERROR',
    moto: absent,
  },
  {
    operation: 'CreateTerms',
    input: {
      ...pool,
      ClientId: '$client',
      TermsName: 'terms-of-use',
      TermsSource: 'LINK',
      Enforcement: 'NONE',
      Links: { 'cognito:default': 'https://example.com/old' },
    },
    keep: { terms: 'Terms.TermsId' },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'UpdateTerms',
    input: { ...pool, TermsId: '$terms', Links: { 'cognito:default': 'https://example.com' } },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'DescribeTerms',
    input: { ...pool, TermsId: '$terms' },
    path: 'Terms.TermsName',
    right: 'terms-of-use',
    moto: absent,
  },
  { operation: 'ListTerms', input: pool, path: 'Terms.length', right: 1, moto: absent },
  { operation: 'DeleteTerms', input: { ...pool, TermsId: '$terms' }, right: 'ok', moto: absent },
  {
    operation: 'CreateManagedLoginBranding',
    input: { ...pool, ClientId: '$client', UseCognitoProvidedValues: true },
    keep: { style: 'ManagedLoginBranding.ManagedLoginBrandingId' },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'UpdateManagedLoginBranding',
    input: { ...pool, ManagedLoginBrandingId: '$style', Settings: { a: { b: 1 } } },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'DescribeManagedLoginBranding',
    input: { ...pool, ManagedLoginBrandingId: '$style' },
    path: 'ManagedLoginBranding.Settings.a.b',
    right: 1,
    moto: absent,
  },
  {
    operation: 'DescribeManagedLoginBrandingByClient',
    input: { ...pool, ClientId: '$client' },
    path: 'ManagedLoginBranding.UseCognitoProvidedValues',
    right: false,
    moto: absent,
  },
  {
    operation: 'DeleteManagedLoginBranding',
    input: { ...pool, ManagedLoginBrandingId: '$style' },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'AdminSetUserSettings',
    input: { ...pool, Username: 'alice', MFAOptions: [] },
    right: 'ok',
    moto: absent,
  },
  {
    operation: 'AdminListUserAuthEvents',
    input: { ...pool, Username: 'alice' },
    path: 'AuthEvents.length',
    right: 0,
    moto: absent,
  },
  {
    operation: 'UpdateUserPool',
    input: { ...pool, PoolName: 'people', DeletionProtection: 'ACTIVE' },
    right: 'ok',
  },
  {
    operation: 'DescribeUserPool',
    input: pool,
    path: 'UserPool.Name',
    right: 'people',
    moto: ['staff', 'UpdateUserPool: PoolName is the new name'],
  },
  {
    operation: 'DeleteUserPool',
    input: pool,
    right: 'InvalidParameterException',
    moto: ['ok', 'DeletionProtection: an active one refuses, and so does a domain'],
  },
  { operation: 'UpdateUserPool', input: pool, right: 'ok', moto: ['ResourceNotFoundException', 'deleted above'] },
  {
    operation: 'DeleteUserPool',
    input: pool,
    right: 'InvalidParameterException',
    moto: ['ResourceNotFoundException', 'deleted above'],
  },
  { operation: 'DeleteUserPoolDomain', input: { ...pool, Domain: 'staff-of-example' }, right: 'ok' },
  {
    operation: 'DeleteUserPool',
    input: pool,
    right: 'ok',
    moto: ['ResourceNotFoundException', 'deleted above'],
  },
  { operation: 'DescribeUserPool', input: pool, right: 'ResourceNotFoundException' },
]

/** Operations that no botocore knows: the AWS SDK alone drives them. */
export const newestSteps: readonly Step[] = [
  { operation: 'CreateUserPool', input: { PoolName: 'new' }, keep: { pool: 'UserPool.Id' }, right: 'ok' },
  {
    operation: 'CreateUserPoolReplica',
    input: { ...pool, RegionName: 'eu-central-1' },
    path: 'UserPoolReplica.Status',
    right: 'INACTIVE',
  },
  {
    operation: 'UpdateUserPoolReplica',
    input: { ...pool, RegionName: 'eu-central-1', Status: 'ACTIVE' },
    path: 'UserPoolReplica.Role',
    right: 'SECONDARY',
  },
  { operation: 'ListUserPoolReplicas', input: pool, path: 'UserPoolReplicas.length', right: 2 },
  {
    operation: 'DeleteUserPoolReplica',
    input: { ...pool, RegionName: 'eu-central-1' },
    right: 'InvalidParameterException',
  },
  {
    operation: 'GetProvisionedLimit',
    input: { LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserRead' } } },
    path: 'Limit.FreeLimitValue',
    right: 120,
  },
  {
    operation: 'UpdateProvisionedLimit',
    input: {
      LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserRead' } },
      RequestedLimitValue: 130,
    },
    path: 'Limit.ProvisionedLimitValue',
    right: 130,
  },
  {
    operation: 'CreateUserPoolClient',
    input: { ...pool, ClientName: 'a' },
    keep: { client: 'UserPoolClient.ClientId' },
    right: 'ok',
  },
  {
    operation: 'DescribeTermsByClient',
    input: { ...pool, ClientId: '$client', TermsName: 'privacy-policy' },
    right: 'ResourceNotFoundException',
  },
  { operation: 'AdminCreateUser', input: { ...pool, Username: 'alice' }, right: 'ok' },
  {
    operation: 'AdminGetUserAuthFactors',
    input: { ...pool, Username: 'alice' },
    path: 'ConfiguredUserAuthFactors.0',
    right: 'PASSWORD',
  },
  {
    operation: 'AdminDeleteSoftwareToken',
    input: { ...pool, Username: 'alice' },
    right: 'ResourceNotFoundException',
  },
]

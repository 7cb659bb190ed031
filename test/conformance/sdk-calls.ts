import { expect } from 'vitest'

export const start = 1_767_225_600
const day = new Date(start * 1000)
export const RoleArn = 'arn:aws:iam::123456789012:role/editor'
export const password = 'Correct-h0rse'

const group = {
  GroupName: 'editor',
  UserPoolId: 'eu-west-1_AbCdEfGhI',
  Description: 'Writes',
  RoleArn,
  Precedence: 20,
  CreationDate: day,
  LastModifiedDate: day,
}
const attributes = [
  { Name: 'sub', Value: 'a-sub' },
  { Name: 'email', Value: 'alice@example.com' },
  { Name: 'email_verified', Value: 'true' },
]
const user = {
  Username: 'alice',
  Enabled: true,
  UserStatus: 'CONFIRMED',
  UserCreateDate: day,
  UserLastModifiedDate: day,
  Attributes: attributes,
}
const webClient = { UserPoolId: 'eu-west-1_AbCdEfGhI', ClientId: 'main', ClientName: 'main' }
export const details = { MetadataURL: 'https://idp.example/' }
const provider = { ProviderName: 'Corp', ProviderType: 'SAML', CreationDate: day, LastModifiedDate: day }
const described = {
  ...provider,
  UserPoolId: 'eu-west-1_AbCdEfGhI',
  ProviderDetails: details,
  AttributeMapping: {},
  IdpIdentifiers: ['x.y'],
}
const scopes = [{ ScopeName: 'read', ScopeDescription: 'Reads orders' }]
export const server = { UserPoolId: 'eu-west-1_AbCdEfGhI', Identifier: 'orders', Name: 'Orders', Scopes: scopes }
export const tokens = {
  AccessToken: expect.any(String),
  IdToken: expect.any(String),
  RefreshToken: expect.any(String),
  ExpiresIn: 3600,
  TokenType: 'Bearer',
}

/** Every operation of the local pool by its name, with an input, and what the AWS SDK makes of the answer. */
export const calls: Readonly<Record<string, readonly [input: Record<string, unknown>, output: unknown]>> = {
  AdminAddUserToGroup: [{ Username: 'bob', GroupName: 'viewer' }, {}],
  AdminConfirmSignUp: [{ Username: 'carol' }, {}],
  AdminCreateUser: [
    { Username: 'erin', TemporaryPassword: password, MessageAction: 'SUPPRESS' },
    {
      User: {
        ...user,
        Username: 'erin',
        UserStatus: 'FORCE_CHANGE_PASSWORD',
        Attributes: [{ Name: 'sub', Value: expect.any(String) }],
      },
    },
  ],
  AdminDeleteUser: [{ Username: 'bob' }, {}],
  AdminDeleteUserAttributes: [{ Username: 'alice', UserAttributeNames: ['email'] }, {}],
  AdminDisableUser: [{ Username: 'bob' }, {}],
  AdminEnableUser: [{ Username: 'bob' }, {}],
  AdminGetUser: [
    { Username: 'alice' },
    {
      Username: 'alice',
      Enabled: true,
      UserStatus: 'CONFIRMED',
      UserCreateDate: day,
      UserLastModifiedDate: day,
      UserAttributes: attributes,
      PreferredMfaSetting: 'EMAIL_OTP',
      UserMFASettingList: ['EMAIL_OTP'],
    },
  ],
  AdminInitiateAuth: [
    {
      ClientId: 'main',
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'bob', PASSWORD: password },
      ContextData: {
        IpAddress: '192.0.2.1',
        ServerName: 'a',
        ServerPath: '/',
        HttpHeaders: [{ headerName: 'a', headerValue: 'b' }],
      },
    },
    { ChallengeParameters: {}, AuthenticationResult: tokens },
  ],
  AdminListDevices: [
    { Username: 'bob' },
    {
      Devices: [
        {
          DeviceKey: 'eu-west-1_1',
          DeviceAttributes: [{ Name: 'device_name', Value: 'phone' }],
          DeviceCreateDate: day,
          DeviceLastModifiedDate: day,
          DeviceLastAuthenticatedDate: day,
        },
      ],
    },
  ],
  AdminListGroupsForUser: [{ Username: 'alice' }, { Groups: [group] }],
  AdminRemoveUserFromGroup: [{ Username: 'alice', GroupName: 'editor' }, {}],
  AdminResetUserPassword: [{ Username: 'alice' }, {}],
  AdminSetUserMFAPreference: [{ Username: 'alice', EmailMfaSettings: { Enabled: true, PreferredMfa: true } }, {}],
  AdminSetUserPassword: [{ Username: 'bob', Password: password, Permanent: true }, {}],
  AdminUpdateUserAttributes: [{ Username: 'bob', UserAttributes: [{ Name: 'name', Value: 'Bob' }] }, {}],
  AdminUserGlobalSignOut: [{ Username: 'bob' }, {}],
  CreateGroup: [
    { GroupName: 'admin', Precedence: 0 },
    {
      Group: {
        GroupName: 'admin',
        UserPoolId: 'eu-west-1_AbCdEfGhI',
        Precedence: 0,
        CreationDate: day,
        LastModifiedDate: day,
      },
    },
  ],
  CreateIdentityProvider: [
    { ProviderName: 'Other', ProviderType: 'SAML', ProviderDetails: details },
    { IdentityProvider: { ...described, ProviderName: 'Other', IdpIdentifiers: [] } },
  ],
  CreateResourceServer: [
    { Identifier: 'bills', Name: 'Bills', Scopes: scopes },
    { ResourceServer: { ...server, Identifier: 'bills', Name: 'Bills' } },
  ],
  CreateUserPoolClient: [
    { ClientName: 'Web', GenerateSecret: true, AuthSessionValidity: 5 },
    {
      UserPoolClient: expect.objectContaining({
        ClientName: 'Web',
        ClientSecret: expect.any(String),
        AuthSessionValidity: 5,
        CreationDate: day,
      }),
    },
  ],
  DeleteGroup: [{ GroupName: 'viewer' }, {}],
  DeleteIdentityProvider: [{ ProviderName: 'Corp' }, {}],
  DeleteResourceServer: [{ Identifier: 'orders' }, {}],
  DeleteUserPoolClient: [{ ClientId: 'main' }, {}],
  DescribeIdentityProvider: [{ ProviderName: 'Corp' }, { IdentityProvider: described }],
  DescribeResourceServer: [{ Identifier: 'orders' }, { ResourceServer: server }],
  DescribeUserPool: [
    {},
    { UserPool: expect.objectContaining({ Id: 'eu-west-1_AbCdEfGhI', EstimatedNumberOfUsers: 4, CreationDate: day }) },
  ],
  DescribeUserPoolClient: [
    { ClientId: 'main' },
    { UserPoolClient: expect.objectContaining({ ...webClient, LastModifiedDate: day, EnableTokenRevocation: true }) },
  ],
  GetGroup: [{ GroupName: 'editor' }, { Group: group }],
  GetIdentityProviderByIdentifier: [{ IdpIdentifier: 'x.y' }, { IdentityProvider: described }],
  ListGroups: [{ Limit: 1 }, { Groups: [group], NextToken: expect.any(String) }],
  ListIdentityProviders: [{ MaxResults: 1 }, { Providers: [provider] }],
  ListResourceServers: [{ MaxResults: 1 }, { ResourceServers: [server] }],
  ListUserPoolClients: [{ MaxResults: 1 }, { UserPoolClients: [webClient] }],
  ListUsers: [
    { Filter: 'username = "alice"', AttributesToGet: ['email'] },
    { Users: [{ ...user, Attributes: [attributes[1]] }] },
  ],
  ListUsersInGroup: [{ GroupName: 'editor' }, { Users: [user] }],
  UpdateGroup: [{ GroupName: 'editor', Description: '' }, { Group: { ...group, Description: '' } }],
  UpdateIdentityProvider: [
    { ProviderName: 'Corp', IdpIdentifiers: [] },
    { IdentityProvider: { ...described, IdpIdentifiers: [] } },
  ],
  UpdateResourceServer: [
    { Identifier: 'orders', Name: 'All orders' },
    { ResourceServer: { ...server, Name: 'All orders', Scopes: [] } },
  ],
  UpdateUserPoolClient: [
    { ClientId: 'main', ClientName: 'Renamed' },
    { UserPoolClient: expect.objectContaining({ ClientName: 'Renamed', RefreshTokenValidity: 30 }) },
  ],
}

import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createOperations } from '../../src/local/operations.ts'
import { queryJson, trusting } from '../support/local-iam.ts'
import { authorizationFor } from '../support/local-pool.ts'

// Every operation that is offered is called at least once with good input, and its answer is held against AWS's service model,
// as all answers are in this project's tests. What needs more of a story than fits here is named at the end, with the test that
// tells it.

type Input = Record<string, unknown>
type Output = Readonly<Record<string, unknown>>

/** The text at a path of an answer, such as `UserPool.Id`. */
function at(output: Output, path: string): string {
  const value = path.split('.').reduce<unknown>((inner, name) => (inner as Output | undefined)?.[name], output)
  if (typeof value !== 'string') throw new TypeError(`${path} is not in the answer.`)
  return value
}

/** Calls operations in turn, and remembers which. */
function createCaller(pool: LocalPool) {
  const called = new Set<string>()
  const json = async (
    service: 'cognito-idp' | 'cognito-identity',
    operation: string,
    input: Input,
  ): Promise<Output> => {
    const prefix = service === 'cognito-idp' ? 'AWSCognitoIdentityProviderService' : 'AWSCognitoIdentityService'
    const response = await pool.fetch(
      new Request(`https://${service}.${pool.region}.amazonaws.com/`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${prefix}.${operation}`,
          authorization: authorizationFor(pool.region, service),
        },
        body: JSON.stringify(input),
      }),
    )
    const text = await response.text()
    expect([operation, response.status, response.status === 200 ? '' : text]).toEqual([operation, 200, ''])
    called.add(`${service}.${operation}`)
    return text === '' ? {} : JSON.parse(text)
  }
  const query = async (service: 'iam' | 'sts', operation: string, input: Record<string, string>): Promise<Output> => {
    const { status, body } = await queryJson(pool, operation, input, { service })
    expect([operation, status, status === 200 ? '' : body]).toEqual([operation, 200, ''])
    called.add(`${service}.${operation}`)
    const answer = body[`${operation}Response`] as Output | undefined
    return (answer?.[`${operation}Result`] ?? {}) as Output
  }
  return {
    called,
    idp: (operation: string, input: Input = {}) => json('cognito-idp', operation, input),
    identity: (operation: string, input: Input = {}) => json('cognito-identity', operation, input),
    iam: (operation: string, input: Record<string, string> = {}) => query('iam', operation, input),
    sts: (operation: string, input: Record<string, string> = {}) => query('sts', operation, input),
  }
}

type Caller = ReturnType<typeof createCaller>

const password = 'Correct-h0rse'
const start = Date.UTC(2026, 0, 1)

const totp = (secret: string, at = start) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function userPools({ idp }: Caller, pool: LocalPool): Promise<void> {
  const created = await idp('CreateUserPool', { PoolName: 'other', UserPoolTags: { team: 'a' } })
  const other = { UserPoolId: at(created, 'UserPool.Id') }
  await idp('DescribeUserPool', other)
  await idp('ListUserPools', { MaxResults: 10 })
  await idp('UpdateUserPool', { ...other, DeletionProtection: 'INACTIVE' })
  await idp('AddCustomAttributes', { ...other, CustomAttributes: [{ Name: 'tier', AttributeDataType: 'String' }] })
  await idp('SetUserPoolMfaConfig', {
    ...other,
    SoftwareTokenMfaConfiguration: { Enabled: true },
    MfaConfiguration: 'OPTIONAL',
  })
  await idp('GetUserPoolMfaConfig', other)
  const TokenSession = { MaxPerUser: 5 }
  await idp('SetUserPoolSessionConfiguration', { ...other, UserSessionTracking: 'DISABLED', TokenSession })
  await idp('GetUserPoolSessionConfiguration', other)
  const ResourceArn = at(created, 'UserPool.Arn')
  await idp('TagResource', { ResourceArn, Tags: { a: 'b' } })
  await idp('ListTagsForResource', { ResourceArn })
  await idp('UntagResource', { ResourceArn, TagKeys: ['a'] })
  await idp('DeleteUserPool', other)

  const UserPoolId = pool.settings.userPoolId
  const group = { UserPoolId, GroupName: 'new' }
  await idp('CreateGroup', { ...group, Precedence: 3 })
  await idp('GetGroup', group)
  await idp('UpdateGroup', { ...group, Description: 'New' })
  await idp('ListGroups', { UserPoolId })
  await idp('AdminAddUserToGroup', { ...group, Username: 'alice' })
  await idp('ListUsersInGroup', group)
  await idp('AdminListGroupsForUser', { UserPoolId, Username: 'alice' })
  await idp('AdminRemoveUserFromGroup', { ...group, Username: 'alice' })
  await idp('DeleteGroup', group)

  const identifier = { UserPoolId, Identifier: 'orders' }
  const Scopes = [{ ScopeName: 'read', ScopeDescription: 'Reads' }]
  await idp('CreateResourceServer', { ...identifier, Name: 'Orders', Scopes })
  await idp('DescribeResourceServer', identifier)
  await idp('UpdateResourceServer', { ...identifier, Name: 'Orders', Scopes })
  await idp('ListResourceServers', { UserPoolId })

  const provider = { UserPoolId, ProviderName: 'corp' }
  const ProviderDetails = { MetadataURL: 'https://idp.example/metadata' }
  await idp('CreateIdentityProvider', {
    ...provider,
    ProviderType: 'SAML',
    ProviderDetails,
    IdpIdentifiers: ['corp.example'],
  })
  await idp('DescribeIdentityProvider', provider)
  await idp('UpdateIdentityProvider', { ...provider, AttributeMapping: { email: 'mail' } })
  await idp('GetIdentityProviderByIdentifier', { UserPoolId, IdpIdentifier: 'corp.example' })
  await idp('ListIdentityProviders', { UserPoolId })
  await idp('DeleteIdentityProvider', provider)
  await idp('DeleteResourceServer', identifier)

  const second = await idp('CreateUserPoolClient', { UserPoolId, ClientName: 'second' })
  const client = { UserPoolId, ClientId: at(second, 'UserPoolClient.ClientId') }
  await idp('DescribeUserPoolClient', client)
  await idp('UpdateUserPoolClient', { ...client, ClientName: 'renamed' })
  await idp('ListUserPoolClients', { UserPoolId })
  await idp('SetUserPoolSessionConfiguration', { UserPoolId, UserSessionTracking: 'ENABLED', TokenSession })
  const SSOSession = { MaxValidityMinutes: 60 }
  await idp('SetUserPoolClientSessionConfiguration', { ...client, SSOSession })
  await idp('GetUserPoolClientSessionConfiguration', client)
  await idp('DeleteUserPoolClient', client)
}

/** What managed login shows, and settings that are kept and described. */
async function appearance({ idp }: Caller, pool: LocalPool): Promise<void> {
  const { userPoolId: UserPoolId, clientId: ClientId } = pool.settings
  const branding = await idp('CreateManagedLoginBranding', { UserPoolId, ClientId, UseCognitoProvidedValues: true })
  const style = { UserPoolId, ManagedLoginBrandingId: at(branding, 'ManagedLoginBranding.ManagedLoginBrandingId') }
  await idp('DescribeManagedLoginBranding', style)
  await idp('DescribeManagedLoginBrandingByClient', { UserPoolId, ClientId })
  await idp('UpdateManagedLoginBranding', { ...style, UseCognitoProvidedValues: true })
  await idp('DeleteManagedLoginBranding', style)
  await idp('SetUICustomization', { UserPoolId, ClientId, CSS: '.logo-customizable { max-width: 60% }' })
  await idp('GetUICustomization', { UserPoolId, ClientId })
  const terms = { UserPoolId, ClientId, TermsName: 'terms-of-use' }
  const Links = { 'cognito:default': 'https://example.com/terms' }
  const created = await idp('CreateTerms', { ...terms, TermsSource: 'LINK', Enforcement: 'NONE', Links })
  const id = { UserPoolId, TermsId: at(created, 'Terms.TermsId') }
  await idp('DescribeTerms', id)
  await idp('DescribeTermsByClient', terms)
  await idp('ListTerms', { UserPoolId })
  await idp('UpdateTerms', { ...id, Links })
  await idp('DeleteTerms', id)
  const group = { LogGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:example' }
  const log = { LogLevel: 'ERROR', EventSource: 'userNotification', CloudWatchLogsConfiguration: group }
  await idp('SetLogDeliveryConfiguration', { UserPoolId, LogConfigurations: [log] })
  await idp('GetLogDeliveryConfiguration', { UserPoolId })
  await idp('GetSigningCertificate', { UserPoolId })
  const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserCreation' } }
  await idp('GetProvisionedLimit', { LimitDefinition })
  await idp('UpdateProvisionedLimit', { LimitDefinition, RequestedLimitValue: 60 })
}

/** Domains, secrets, replicas, imports and linked providers. */
async function more({ idp }: Caller, pool: LocalPool): Promise<void> {
  const { userPoolId: UserPoolId } = pool.settings
  const UserPoolAddOns = { AdvancedSecurityMode: 'AUDIT' }
  const created = await idp('CreateUserPool', { PoolName: 'second', UserPoolTier: 'PLUS', UserPoolAddOns })
  const second = { UserPoolId: at(created, 'UserPool.Id') }
  const RiskExceptionConfiguration = { BlockedIPRangeList: ['192.0.2.0/24'] }
  await idp('SetRiskConfiguration', { ...second, RiskExceptionConfiguration })
  await idp('DescribeRiskConfiguration', second)
  const domain = { ...second, Domain: 'example-second' }
  await idp('CreateUserPoolDomain', domain)
  await idp('DescribeUserPoolDomain', { Domain: 'example-second' })
  await idp('UpdateUserPoolDomain', { ...domain, ManagedLoginVersion: 2 })
  await idp('DeleteUserPoolDomain', domain)
  const client = await idp('CreateUserPoolClient', { ...second, ClientName: 'confidential', GenerateSecret: true })
  const secrets = { ...second, ClientId: at(client, 'UserPoolClient.ClientId') }
  const secret = await idp('AddUserPoolClientSecret', secrets)
  await idp('ListUserPoolClientSecrets', secrets)
  const ClientSecretId = at(secret, 'ClientSecretDescriptor.ClientSecretId')
  await idp('DeleteUserPoolClientSecret', { ...secrets, ClientSecretId })
  const replica = { ...second, RegionName: 'eu-central-1' }
  await idp('CreateUserPoolReplica', replica)
  await idp('ListUserPoolReplicas', second)
  await idp('UpdateUserPoolReplica', { ...replica, Status: 'INACTIVE' })
  await idp('DeleteUserPoolReplica', replica)
  await idp('GetCSVHeader', second)
  const CloudWatchLogsRoleArn = 'arn:aws:iam::123456789012:role/import'
  const job = await idp('CreateUserImportJob', { ...second, JobName: 'import', CloudWatchLogsRoleArn })
  const running = { ...second, JobId: at(job, 'UserImportJob.JobId') }
  await idp('DescribeUserImportJob', running)
  await idp('ListUserImportJobs', { ...second, MaxResults: 10 })
  const provider = { UserPoolId, ProviderName: 'linked', ProviderType: 'SAML' }
  await idp('CreateIdentityProvider', { ...provider, ProviderDetails: { MetadataURL: 'https://idp.example/metadata' } })
  const SourceUser = { ProviderName: 'linked', ProviderAttributeName: 'Cognito_Subject', ProviderAttributeValue: 'a' }
  const DestinationUser = { ProviderName: 'Cognito', ProviderAttributeValue: 'alice' }
  await idp('AdminLinkProviderForUser', { UserPoolId, DestinationUser, SourceUser })
  await idp('AdminDisableProviderForUser', { UserPoolId, User: SourceUser })
  await idp('AdminGetUserAuthFactors', { UserPoolId, Username: 'alice' })
}

async function administrators({ idp }: Caller, pool: LocalPool): Promise<void> {
  const { userPoolId: UserPoolId, clientId: ClientId } = pool.settings
  const user = { UserPoolId, Username: 'erin' }
  await idp('AdminCreateUser', {
    ...user,
    TemporaryPassword: password,
    MessageAction: 'SUPPRESS',
    UserAttributes: [
      { Name: 'email', Value: 'erin@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ],
  })
  const AuthParameters = { USERNAME: 'erin', PASSWORD: password }
  const challenge = await idp('AdminInitiateAuth', {
    UserPoolId,
    ClientId,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters,
  })
  expect(challenge['ChallengeName']).toBe('NEW_PASSWORD_REQUIRED')
  await idp('AdminRespondToAuthChallenge', {
    ...{ UserPoolId, ClientId, ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: challenge['Session'] },
    ChallengeResponses: { USERNAME: 'erin', NEW_PASSWORD: password },
  })
  await idp('AdminGetUser', user)
  await idp('ListUsers', { UserPoolId })
  await idp('AdminUpdateUserAttributes', { ...user, UserAttributes: [{ Name: 'name', Value: 'Erin' }] })
  await idp('AdminDeleteUserAttributes', { ...user, UserAttributeNames: ['name'] })
  await idp('AdminSetUserPassword', { ...user, Password: password, Permanent: true })
  await idp('AdminSetUserMFAPreference', { ...user, EmailMfaSettings: { Enabled: false } })
  await idp('AdminSetUserSettings', { ...user, MFAOptions: [] })
  await idp('AdminListUserSessions', user)
  await idp('AdminDisableUser', user)
  await idp('AdminEnableUser', user)
  await idp('AdminUserGlobalSignOut', user)
  await idp('AdminResetUserPassword', user)
  await idp('AdminDeleteUser', user)
  await idp('AdminConfirmSignUp', { UserPoolId, Username: 'frank' })
}

async function users({ idp }: Caller, pool: LocalPool): Promise<void> {
  const { userPoolId: UserPoolId, clientId: ClientId } = pool.settings
  const codeOf = (username: string) => pool.outbox.findLast((message) => message.username === username)?.code
  const user = { ClientId, Username: 'dora' }
  await idp('SignUp', { ...user, Password: password, UserAttributes: [{ Name: 'email', Value: 'dora@example.com' }] })
  await idp('ResendConfirmationCode', user)
  await idp('ConfirmSignUp', { ...user, ConfirmationCode: codeOf('dora') })
  await idp('ForgotPassword', user)
  await idp('ConfirmForgotPassword', { ...user, Password: password, ConfirmationCode: codeOf('dora') })
  const signIn = async () => {
    const AuthParameters = { USERNAME: 'dora', PASSWORD: password }
    const step = await idp('InitiateAuth', { ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters })
    return {
      AccessToken: at(step, 'AuthenticationResult.AccessToken'),
      RefreshToken: at(step, 'AuthenticationResult.RefreshToken'),
    }
  }
  const { AccessToken, RefreshToken } = await signIn()
  const own = { AccessToken }
  await idp('GetUser', own)
  await idp('GetUserAuthFactors', own)
  await idp('UpdateUserAttributes', { ...own, UserAttributes: [{ Name: 'email', Value: 'd@example.com' }] })
  await idp('GetUserAttributeVerificationCode', { ...own, AttributeName: 'email' })
  await idp('VerifyUserAttribute', { ...own, AttributeName: 'email', Code: codeOf('dora') })
  await idp('UpdateUserAttributes', { ...own, UserAttributes: [{ Name: 'name', Value: 'Dora' }] })
  await idp('DeleteUserAttributes', { ...own, UserAttributeNames: ['name'] })
  await idp('ChangePassword', { ...own, PreviousPassword: password, ProposedPassword: `${password}2` })
  await idp('AdminSetUserPassword', { UserPoolId, Username: 'dora', Password: password, Permanent: true })
  const SecretCode = at(await idp('AssociateSoftwareToken', own), 'SecretCode')
  await idp('VerifySoftwareToken', { ...own, UserCode: totp(SecretCode) })
  await idp('SetUserMFAPreference', { ...own, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } })
  const AuthParameters = { USERNAME: 'dora', PASSWORD: password }
  const step = await idp('InitiateAuth', { ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters })
  pool.advance(30)
  await idp('RespondToAuthChallenge', {
    ...{ ClientId, ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: step['Session'] },
    ChallengeResponses: { USERNAME: 'dora', SOFTWARE_TOKEN_MFA_CODE: totp(SecretCode, start + 30_000) },
  })
  await idp('SetUserMFAPreference', { ...own, SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false } })
  await idp('AdminDeleteSoftwareToken', { UserPoolId, Username: 'dora' })
  await idp('SetUserSettings', { ...own, MFAOptions: [] })
  await idp('ListWebAuthnCredentials', own)
  const renewed = await idp('GetTokensFromRefreshToken', { ClientId, RefreshToken })
  expect(renewed['AuthenticationResult']).toMatchObject({ TokenType: 'Bearer' })
  await idp('RevokeToken', { ClientId, Token: RefreshToken })
  await idp('GlobalSignOut', { AccessToken: (await signIn())['AccessToken'] })
  await idp('DeleteUser', { AccessToken: (await signIn())['AccessToken'] })
}

async function identityPools({ identity }: Caller, pool: LocalPool): Promise<void> {
  const created = await identity('CreateIdentityPool', {
    IdentityPoolName: 'other',
    AllowUnauthenticatedIdentities: true,
  })
  const IdentityPoolId = at(created, 'IdentityPoolId')
  await identity('DescribeIdentityPool', { IdentityPoolId })
  await identity('UpdateIdentityPool', { ...created, AllowClassicFlow: true })
  await identity('ListIdentityPools', { MaxResults: 10 })
  const Roles = { authenticated: 'arn:aws:iam::123456789012:role/web' }
  await identity('SetIdentityPoolRoles', { IdentityPoolId: pool.identityPoolId, Roles })
  await identity('GetIdentityPoolRoles', { IdentityPoolId: pool.identityPoolId })
  const ResourceArn = `arn:aws:cognito-identity:${pool.region}:123456789012:identitypool/${IdentityPoolId}`
  await identity('TagResource', { ResourceArn, Tags: { a: 'b' } })
  await identity('ListTagsForResource', { ResourceArn })
  await identity('UntagResource', { ResourceArn, TagKeys: ['a'] })
  const developer = { IdentityPoolId, DeveloperProviderName: 'login.example' }
  await identity('UpdateIdentityPool', { ...created, DeveloperProviderName: 'login.example' })
  const first = await identity('GetOpenIdTokenForDeveloperIdentity', {
    IdentityPoolId,
    Logins: { 'login.example': 'a' },
  })
  await identity('GetOpenIdTokenForDeveloperIdentity', { IdentityPoolId, Logins: { 'login.example': 'b' } })
  await identity('LookupDeveloperIdentity', { IdentityPoolId, IdentityId: at(first, 'IdentityId') })
  const merged = { SourceUserIdentifier: 'b', DestinationUserIdentifier: 'a' }
  const kept = await identity('MergeDeveloperIdentities', { ...developer, ...merged })
  const IdentityId = at(kept, 'IdentityId')
  await identity('UnlinkDeveloperIdentity', { ...developer, IdentityId, DeveloperUserIdentifier: 'a' })
  await identity('DeleteIdentityPool', { IdentityPoolId })
}

async function federation({ identity, iam, sts }: Caller, pool: LocalPool): Promise<void> {
  const federated = { Federated: 'cognito-identity.amazonaws.com' }
  const aud = { StringEquals: { 'cognito-identity.amazonaws.com:aud': pool.identityPoolId } }
  const trust = trusting(federated, 'sts:AssumeRoleWithWebIdentity', aud)
  await iam('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: trust })
  const { identityPoolId: IdentityPoolId } = pool
  const Logins = {
    [`cognito-idp.${pool.region}.amazonaws.com/${pool.settings.userPoolId}`]: (await pool.tokens('alice')).idToken,
  }
  const IdentityId = at(await identity('GetId', { IdentityPoolId, Logins }), 'IdentityId')
  await identity('GetCredentialsForIdentity', { IdentityId, Logins })
  const Token = at(await identity('GetOpenIdToken', { IdentityId, Logins }), 'Token')
  const RoleArn = 'arn:aws:iam::123456789012:role/web'
  await sts('AssumeRoleWithWebIdentity', { RoleArn, RoleSessionName: 'alice', WebIdentityToken: Token })
  await iam('CreateRole', { RoleName: 'own', AssumeRolePolicyDocument: trusting({ AWS: '123456789012' }) })
  await sts('AssumeRole', { RoleArn: 'arn:aws:iam::123456789012:role/own', RoleSessionName: 'alice' })
  await sts('GetCallerIdentity')
  await sts('GetSessionToken')
  await sts('GetFederationToken', { Name: 'bob' })
  await sts('GetAccessKeyInfo', { AccessKeyId: 'AKIAEXAMPLEEXAMPLE00' })
  await identity('DescribeIdentity', { IdentityId })
  await identity('ListIdentities', { IdentityPoolId, MaxResults: 10 })
  await identity('UnlinkIdentity', { IdentityId, Logins, LoginsToRemove: Object.keys(Logins) })
  await identity('DeleteIdentities', { IdentityIdsToDelete: [IdentityId] })
  const provider = `cognito-idp.${pool.region}.amazonaws.com/${pool.settings.userPoolId}`
  const mapped = { IdentityPoolId, IdentityProviderName: provider }
  await identity('SetPrincipalTagAttributeMap', { ...mapped, UseDefaults: true })
  await identity('GetPrincipalTagAttributeMap', mapped)
}

const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }],
})
const tags = { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' }
const untag = { 'TagKeys.member.1': 'a' }

async function roles({ iam }: Caller): Promise<void> {
  const role = { RoleName: 'own' }
  await iam('GetRole', role)
  await iam('ListRoles')
  await iam('UpdateRole', { ...role, Description: 'Own' })
  await iam('UpdateRoleDescription', { ...role, Description: 'Mine' })
  await iam('UpdateAssumeRolePolicy', { ...role, PolicyDocument: trusting({ AWS: '123456789012' }) })
  await iam('ListInstanceProfilesForRole', role)
  await iam('TagRole', { ...role, ...tags })
  await iam('ListRoleTags', role)
  await iam('UntagRole', { ...role, ...untag })
  await holder(iam, 'Role', role)
  await boundary(iam, 'Role', role)
  await iam('DeleteRole', role)
  const linked = await iam('CreateServiceLinkedRole', { AWSServiceName: 'email.cognito-idp.amazonaws.com' })
  const RoleName = at(linked, 'Role.RoleName')
  const DeletionTaskId = at(await iam('DeleteServiceLinkedRole', { RoleName }), 'DeletionTaskId')
  await iam('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })
}

/** The operations on policies, which roles, users and groups have alike. */
async function holder(
  iam: Caller['iam'],
  kind: 'Role' | 'User' | 'Group',
  name: Record<string, string>,
): Promise<void> {
  const policy = { ...name, PolicyName: 'own' }
  await iam(`Put${kind}Policy`, { ...policy, PolicyDocument: document })
  await iam(`Get${kind}Policy`, policy)
  await iam(`List${kind}Policies`, name)
  await iam(`Delete${kind}Policy`, policy)
  const attached = { ...name, PolicyArn: 'arn:aws:iam::aws:policy/AmazonCognitoReadOnly' }
  await iam(`Attach${kind}Policy`, attached)
  await iam(`ListAttached${kind}Policies`, name)
  await iam(`Detach${kind}Policy`, attached)
}

async function boundary(iam: Caller['iam'], kind: 'Role' | 'User', name: Record<string, string>): Promise<void> {
  const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonCognitoReadOnly'
  await iam(`Put${kind}PermissionsBoundary`, { ...name, PermissionsBoundary })
  await iam(`Get${kind}`, name)
  await iam(`Delete${kind}PermissionsBoundary`, name)
}

async function people({ iam }: Caller): Promise<void> {
  const user = { UserName: 'zoe' }
  await iam('CreateUser', { ...user, ...tags })
  await iam('ListUsers')
  await iam('UpdateUser', { ...user, NewPath: '/people/' })
  await iam('ListUserTags', user)
  await iam('UntagUser', { ...user, ...untag })
  await iam('TagUser', { ...user, ...tags })
  await holder(iam, 'User', user)
  await boundary(iam, 'User', user)
  const key = { ...user, AccessKeyId: at(await iam('CreateAccessKey', user), 'AccessKey.AccessKeyId') }
  await iam('ListAccessKeys', user)
  await iam('UpdateAccessKey', { ...key, Status: 'Inactive' })
  await iam('GetAccessKeyLastUsed', { AccessKeyId: key.AccessKeyId })
  for (const operation of ['ListMFADevices', 'ListSSHPublicKeys', 'ListSigningCertificates']) await iam(operation, user)
  await iam('ListServiceSpecificCredentials', user)
  const group = { GroupName: 'people' }
  await iam('CreateGroup', group)
  await iam('GetGroup', group)
  await iam('ListGroups')
  await iam('UpdateGroup', { ...group, NewPath: '/people/' })
  await holder(iam, 'Group', group)
  await iam('AddUserToGroup', { ...group, ...user })
  await iam('ListGroupsForUser', user)
  await iam('RemoveUserFromGroup', { ...group, ...user })
  await iam('DeleteGroup', group)
  await iam('DeleteAccessKey', key)
  await iam('DeleteUser', user)
}

async function account({ iam }: Caller): Promise<void> {
  const reading = await iam('CreatePolicy', { PolicyName: 'reading', PolicyDocument: document })
  const policy = { PolicyArn: at(reading, 'Policy.Arn') }
  await iam('GetPolicy', policy)
  await iam('ListPolicies', { Scope: 'Local' })
  await iam('CreatePolicyVersion', { ...policy, PolicyDocument: document })
  await iam('ListPolicyVersions', policy)
  await iam('GetPolicyVersion', { ...policy, VersionId: 'v2' })
  await iam('SetDefaultPolicyVersion', { ...policy, VersionId: 'v2' })
  await iam('DeletePolicyVersion', { ...policy, VersionId: 'v1' })
  await iam('ListEntitiesForPolicy', policy)
  await iam('TagPolicy', { ...policy, ...tags })
  await iam('ListPolicyTags', policy)
  await iam('UntagPolicy', { ...policy, ...untag })
  await iam('DeletePolicy', policy)
  const created = await iam('CreateOpenIDConnectProvider', {
    Url: 'https://idp.example',
    'ClientIDList.member.1': 'web',
    'ThumbprintList.member.1': '0'.repeat(40),
  })
  const provider = { OpenIDConnectProviderArn: at(created, 'OpenIDConnectProviderArn') }
  await iam('GetOpenIDConnectProvider', provider)
  await iam('ListOpenIDConnectProviders')
  await iam('UpdateOpenIDConnectProviderThumbprint', { ...provider, 'ThumbprintList.member.1': '1'.repeat(40) })
  await iam('AddClientIDToOpenIDConnectProvider', { ...provider, ClientID: 'app' })
  await iam('RemoveClientIDFromOpenIDConnectProvider', { ...provider, ClientID: 'app' })
  await iam('TagOpenIDConnectProvider', { ...provider, ...tags })
  await iam('ListOpenIDConnectProviderTags', provider)
  await iam('UntagOpenIDConnectProvider', { ...provider, ...untag })
  await iam('DeleteOpenIDConnectProvider', provider)
  const asked = { 'PolicyInputList.member.1': document }
  await iam('SimulateCustomPolicy', { ...asked, 'ActionNames.member.1': 's3:GetObject' })
  await iam('GetContextKeysForCustomPolicy', asked)
  const source = { PolicySourceArn: 'arn:aws:iam::123456789012:role/web' }
  await iam('SimulatePrincipalPolicy', { ...source, 'ActionNames.member.1': 's3:GetObject' })
  await iam('GetContextKeysForPrincipalPolicy', source)
  await iam('CreateAccountAlias', { AccountAlias: 'example' })
  await iam('ListAccountAliases')
  await iam('DeleteAccountAlias', { AccountAlias: 'example' })
  await iam('GetAccountSummary')
  await iam('GetAccountAuthorizationDetails')
}

/** Operations whose good input is a story of its own, and the tests that tell it. */
const elsewhere: Readonly<Record<string, string>> = {
  devices:
    'AdminForgetDevice AdminGetDevice AdminListDevices AdminUpdateDeviceStatus ConfirmDevice ForgetDevice GetDevice ListDevices UpdateDeviceStatus',
  passkeys: 'CompleteWebAuthnRegistration DeleteWebAuthnCredential StartWebAuthnRegistration',
  sessions: 'AdminRevokeUserSession ListUserSessions RevokeUserSession',
  'client tokens': 'GetClientToken',
  'advanced security': 'AdminListUserAuthEvents AdminUpdateAuthEventFeedback UpdateAuthEventFeedback',
  'imports, which need a file': 'StartUserImportJob StopUserImportJob',
  'login profiles, which nobody has': 'GetLoginProfile DeleteLoginProfile',
}

it('Every operation that is offered answers good input as the service models say.', async () => {
  const pool = await createLocalPool({
    now: () => start,
    users: { alice: { password }, frank: { status: 'UNCONFIRMED', email: 'f@example.com' } },
    identityPool: { allowClassicFlow: true },
  })
  const caller = createCaller(pool)
  await userPools(caller, pool)
  await appearance(caller, pool)
  await more(caller, pool)
  await administrators(caller, pool)
  await users(caller, pool)
  await identityPools(caller, pool)
  await federation(caller, pool)
  await roles(caller)
  await people(caller)
  await account(caller)
  const others = Object.values(elsewhere).flatMap((names) => names.split(' '))
  const missing = Object.keys(createOperations()).filter((name) => {
    const [service = '', operation = ''] = name.split('.')
    return (
      !['issuer', 'oauth2', 'user-import'].includes(service) && !caller.called.has(name) && !others.includes(operation)
    )
  })
  expect(missing).toEqual([])
})

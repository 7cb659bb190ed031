import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { call, type Json } from '../../support/local-pool.ts'

const start = 1_767_225_600

let local: LocalPool

beforeEach(async () => {
  local = await createLocalPool({ now: () => start * 1000 })
})

type Pool = Json & { Id: string; SchemaAttributes: (Json & { Name: string })[] }

async function ask(operation: string, input: Json = {}): Promise<Json> {
  const { status, body } = await call(local, operation, input)
  if (status !== 200) throw new Error(`${operation}: ${JSON.stringify(body)}`)
  return body ?? {}
}

async function create(input: Json = {}): Promise<Pool> {
  return (await ask('CreateUserPool', { PoolName: 'staff', ...input }))['UserPool'] as Pool
}

async function describePool(UserPoolId: string): Promise<Pool> {
  return (await ask('DescribeUserPool', { UserPoolId }))['UserPool'] as Pool
}

async function refusal(operation: string, input: Json): Promise<unknown> {
  const { status, body } = await call(local, operation, input)
  return status === 400 ? `${body?.['__type']}: ${body?.['message']}` : status
}

describe('a pool of nothing but a name', () => {
  it('has what Cognito gives every pool, and no block that was never set up', async () => {
    const pool = await create()
    expect(pool).toEqual(await describePool(pool.Id))
    const { SchemaAttributes, ...rest } = pool
    expect(rest).toEqual({
      Id: expect.stringMatching(/^eu-west-1_[0-9A-Za-z]{9}$/),
      Name: 'staff',
      Arn: `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${pool.Id}`,
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireUppercase: true,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          TemporaryPasswordValidityDays: 7,
        },
        SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
      },
      DeletionProtection: 'INACTIVE',
      LambdaConfig: {},
      LastModifiedDate: start,
      CreationDate: start,
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
      MfaConfiguration: 'OFF',
      EstimatedNumberOfUsers: 0,
      EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
      UserPoolTags: {},
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
      UserPoolTier: 'ESSENTIALS',
    })
    expect(SchemaAttributes.map(({ Name }) => Name).toSorted()).toEqual([
      'address',
      'birthdate',
      'email',
      'email_verified',
      'family_name',
      'gender',
      'given_name',
      'identities',
      'locale',
      'middle_name',
      'name',
      'nickname',
      'phone_number',
      'phone_number_verified',
      'picture',
      'preferred_username',
      'profile',
      'sub',
      'updated_at',
      'website',
      'zoneinfo',
    ])
    const constraints = new Map(SchemaAttributes.map(({ Name, ...attribute }) => [Name, attribute]))
    const text = { AttributeDataType: 'String', DeveloperOnlyAttribute: false, Mutable: true, Required: false }
    expect(constraints.get('email')).toEqual({
      ...text,
      StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' },
    })
    expect(constraints.get('birthdate')).toMatchObject({
      StringAttributeConstraints: { MinLength: '10', MaxLength: '10' },
    })
    expect(constraints.get('identities')).toEqual({ ...text, StringAttributeConstraints: {} })
    expect(constraints.get('sub')).toEqual({
      ...text,
      Mutable: false,
      Required: true,
      StringAttributeConstraints: { MinLength: '1', MaxLength: '2048' },
    })
    expect(constraints.get('email_verified')).toEqual({ ...text, AttributeDataType: 'Boolean' })
    expect(constraints.get('updated_at')).toEqual({
      ...text,
      AttributeDataType: 'Number',
      NumberAttributeConstraints: { MinValue: '0' },
    })
  })

  it('has no user, no client, no domain, and MFA that is off', async () => {
    const { Id: UserPoolId } = await create()
    expect(await ask('ListUsers', { UserPoolId })).toEqual({ Users: [] })
    expect(await ask('ListUserPoolClients', { UserPoolId, MaxResults: 10 })).toEqual({ UserPoolClients: [] })
    expect(await ask('GetUserPoolMfaConfig', { UserPoolId })).toEqual({ MfaConfiguration: 'OFF' })
  })

  it('publishes keys of its own', async () => {
    const { Id } = await create()
    const keys = async (id: string) => {
      const response = await local.fetch(`${local.endpoint}/${id}/.well-known/jwks.json`)
      return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    }
    const [first, second] = [await keys(Id), await keys(Id)]
    expect(first).toHaveLength(2)
    expect(second).toEqual(first)
    expect(await keys(local.settings.userPoolId)).not.toEqual(first)
  })
})

describe('every setting', () => {
  const sent = {
    Policies: {
      PasswordPolicy: {
        MinimumLength: 12,
        RequireUppercase: false,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: false,
        PasswordHistorySize: 3,
        TemporaryPasswordValidityDays: 2,
      },
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] },
    },
    DeletionProtection: 'ACTIVE',
    AutoVerifiedAttributes: ['email'],
    VerificationMessageTemplate: {
      DefaultEmailOption: 'CONFIRM_WITH_LINK',
      EmailMessageByLink: 'Click {##here##}',
      EmailSubjectByLink: 'Welcome',
    },
    SmsAuthenticationMessage: 'Code {####}',
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true },
    EmailConfiguration: {
      EmailSendingAccount: 'DEVELOPER',
      SourceArn: 'arn:aws:ses:eu-west-1:123456789012:identity/a@example.com',
      ReplyToEmailAddress: 'a@example.com',
    },
    SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x', SnsRegion: 'eu-west-1' },
    UserPoolTags: { team: 'red' },
    UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Priority: 1, Name: 'verified_email' }] },
    UserPoolTier: 'PLUS',
  }

  it('comes back as it was sent', async () => {
    const once = {
      UsernameConfiguration: { CaseSensitive: false },
      AliasAttributes: ['email', 'preferred_username'],
      IssuerConfiguration: { Type: 'UPDATED' },
      KeyConfiguration: { KeyType: 'AWS_OWNED_KEY' },
      DcrConfiguration: { EnableStatus: 'Enabled', OpenDcrEnabled: true, OpenDcrGrantTypes: ['code'] },
      AcrConfiguration: { '1': { AcrValue: 'urn:cognito:loa:1' } },
    }
    const pool = await create({ ...sent, ...once })
    expect(pool).toMatchObject({ ...sent, ...once })
    expect(await describePool(pool.Id)).toEqual(pool)
  })

  it('goes back to its default where UpdateUserPool does not send it; name, tags, plan and schema stay', async () => {
    const { Id: UserPoolId } = await create({
      ...sent,
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Schema: [{ Name: 'tier', AttributeDataType: 'String' }],
    })
    expect(await ask('UpdateUserPool', { UserPoolId })).toEqual({})
    const pool = await describePool(UserPoolId)
    const gone = [
      'AutoVerifiedAttributes',
      'SmsAuthenticationMessage',
      'UserAttributeUpdateSettings',
      'DeviceConfiguration',
    ]
    for (const name of [...gone, 'SmsConfiguration', 'UserPoolAddOns', 'AccountRecoverySetting']) {
      expect(pool).not.toHaveProperty(name)
    }
    expect(pool).toMatchObject({
      Name: 'staff',
      UserPoolTags: { team: 'red' },
      UserPoolTier: 'PLUS',
      DeletionProtection: 'INACTIVE',
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
      Policies: { PasswordPolicy: { MinimumLength: 8, RequireUppercase: true } },
    })
    expect(pool.SchemaAttributes.map(({ Name }) => Name)).toContain('custom:tier')
    await ask('UpdateUserPool', { UserPoolId, PoolName: 'people' })
    expect(await describePool(UserPoolId)).toMatchObject({ Name: 'people' })
  })

  it('that has two names stands under both', async () => {
    const old = await create({
      EmailVerificationMessage: 'Code {####}',
      EmailVerificationSubject: 'Hi',
      SmsVerificationMessage: 'SMS {####}',
      LambdaConfig: { PreTokenGeneration: 'arn:aws:lambda:eu-west-1:123456789012:function:tokens' },
    })
    const template = { EmailMessage: 'Code {####}', EmailSubject: 'Hi', SmsMessage: 'SMS {####}' }
    expect(old).toMatchObject({
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE', ...template },
      LambdaConfig: {
        PreTokenGenerationConfig: {
          LambdaVersion: 'V1_0',
          LambdaArn: 'arn:aws:lambda:eu-west-1:123456789012:function:tokens',
        },
      },
    })
    const fresh = await create({
      VerificationMessageTemplate: template,
      LambdaConfig: {
        PreTokenGenerationConfig: {
          LambdaVersion: 'V2_0',
          LambdaArn: 'arn:aws:lambda:eu-west-1:123456789012:function:tokens',
        },
      },
    })
    expect(fresh).toMatchObject({
      EmailVerificationMessage: 'Code {####}',
      EmailVerificationSubject: 'Hi',
      SmsVerificationMessage: 'SMS {####}',
      LambdaConfig: { PreTokenGeneration: 'arn:aws:lambda:eu-west-1:123456789012:function:tokens' },
    })
  })

  it.each<[string, Json, RegExp]>([
    [
      'aliases beside user-name attributes',
      { AliasAttributes: ['email'], UsernameAttributes: ['email'] },
      /Only one of/,
    ],
    ['MFA without texts', { MfaConfiguration: 'ON' }, /SMS configuration/],
    ['own mail without its address', { EmailConfiguration: { EmailSendingAccount: 'DEVELOPER' } }, /SourceArn/],
    [
      'two lives of temporary passwords',
      {
        Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 3 } },
        AdminCreateUserConfig: { UnusedAccountValidityDays: 3 },
      },
      /Please use TemporaryPasswordValidityDays/,
    ],
    [
      'a check before updates of what is not verified',
      { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] } },
      /AutoVerifiedAttributes/,
    ],
    [
      'recovery by administrators and by others',
      {
        AccountRecoverySetting: {
          RecoveryMechanisms: [
            { Priority: 1, Name: 'admin_only' },
            { Priority: 2, Name: 'verified_email' },
          ],
        },
      },
      /admin_only/,
    ],
    ['a tag of AWS', { UserPoolTags: { 'aws:x': '1' } }, /reserved/],
    [
      'a required custom attribute',
      { Schema: [{ Name: 'a', AttributeDataType: 'String', Required: true }] },
      /Required/,
    ],
    ['another type of a standard attribute', { Schema: [{ Name: 'email', AttributeDataType: 'Number' }] }, /email/],
    [
      'limits the wrong way round',
      {
        Schema: [
          { Name: 'a', AttributeDataType: 'String', StringAttributeConstraints: { MinLength: '9', MaxLength: '3' } },
        ],
      },
      /Max length/,
    ],
  ])('refuses %s', async (_, input, message) => {
    const answer = String(await refusal('CreateUserPool', { PoolName: 'x', ...input }))
    expect(answer).toMatch(/^InvalidParameterException/)
    expect(answer).toMatch(message)
  })

  it('belongs to a feature plan', async () => {
    const addOns = { UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' } }
    const factors = { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] } } }
    const tier = (UserPoolTier: string, more: Json) =>
      refusal('CreateUserPool', { PoolName: 'x', UserPoolTier, ...more })
    expect(await tier('ESSENTIALS', addOns)).toMatch(/^FeatureUnavailableInTierException/)
    expect(await tier('LITE', factors)).toMatch(/^FeatureUnavailableInTierException/)
    expect(await tier('PLUS', addOns)).toBe(200)
    expect(await tier('ESSENTIALS', factors)).toBe(200)
  })
})

describe('pools', () => {
  it('are listed in pages, those of the region alone', async () => {
    const made = await Promise.all(['a', 'b', 'c'].map((PoolName) => create({ PoolName })))
    const all = [...made.map(({ Id }) => Id), local.settings.userPoolId]
    const seen: unknown[] = []
    let next: unknown
    do {
      const body = await ask('ListUserPools', { MaxResults: 3, NextToken: next })
      seen.push(...(body['UserPools'] as Json[]).map(({ Id }) => Id))
      next = body['NextToken']
    } while (next !== undefined)
    expect(seen.toSorted()).toEqual(all.toSorted())
    expect(await ask('ListUserPools', { MaxResults: 60 })).toMatchObject({
      UserPools: expect.arrayContaining([
        { Id: made[0]?.Id, Name: 'a', LambdaConfig: {}, LastModifiedDate: start, CreationDate: start },
      ]),
    })
    expect(await refusal('ListUserPools', {})).toMatch(/maxResults/)
  })

  it('are deleted with all that they hold, unless they are protected', async () => {
    const { Id: UserPoolId } = await create({ DeletionProtection: 'ACTIVE' })
    await ask('AdminCreateUser', { UserPoolId, Username: 'alice' })
    expect(await refusal('DeleteUserPool', { UserPoolId })).toMatch(/deletion protection/)
    await ask('UpdateUserPool', { UserPoolId, DeletionProtection: 'INACTIVE' })
    expect(await describePool(UserPoolId)).toMatchObject({ EstimatedNumberOfUsers: 1 })
    await ask('DeleteUserPool', { UserPoolId })
    const gone = `ResourceNotFoundException: User pool ${UserPoolId} does not exist.`
    expect(await refusal('DescribeUserPool', { UserPoolId })).toBe(gone)
    expect(await refusal('DeleteUserPool', { UserPoolId })).toBe(gone)
    expect((await local.fetch(`${local.endpoint}/${UserPoolId}/.well-known/jwks.json`)).status).toBe(404)
  })

  it('take further custom attributes, each once', async () => {
    const { Id: UserPoolId } = await create({
      Schema: [
        { Name: 'email', AttributeDataType: 'String', Required: true, Mutable: true },
        { Name: 'badge', AttributeDataType: 'Number', Mutable: false, NumberAttributeConstraints: { MaxValue: '99' } },
      ],
    })
    const tier = { Name: 'tier', AttributeDataType: 'String', DeveloperOnlyAttribute: true }
    await ask('AddCustomAttributes', { UserPoolId, CustomAttributes: [tier] })
    expect(await refusal('AddCustomAttributes', { UserPoolId, CustomAttributes: [tier] })).toMatch(/Existing attribute/)
    const { SchemaAttributes } = await describePool(UserPoolId)
    expect(SchemaAttributes.filter(({ Name }) => /custom:|^email$/.test(Name))).toEqual([
      expect.objectContaining({ Name: 'email', Required: true }),
      {
        Name: 'custom:badge',
        AttributeDataType: 'Number',
        DeveloperOnlyAttribute: false,
        Mutable: false,
        Required: false,
        NumberAttributeConstraints: { MaxValue: '99' },
      },
      expect.objectContaining({ Name: 'dev:custom:tier', DeveloperOnlyAttribute: true }),
    ])
  })

  it('are tagged by their ARN', async () => {
    const { Arn: ResourceArn, Id } = await create({ UserPoolTags: { a: '1', b: '2' } })
    await ask('TagResource', { ResourceArn, Tags: { b: '3', c: '4' } })
    await ask('UntagResource', { ResourceArn, TagKeys: ['a', 'zzz'] })
    expect(await ask('ListTagsForResource', { ResourceArn })).toEqual({ Tags: { b: '3', c: '4' } })
    expect(await describePool(Id)).toMatchObject({ UserPoolTags: { b: '3', c: '4' } })
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`k${index}`, '']))
    expect(await refusal('TagResource', { ResourceArn, Tags: many })).toMatch(/50 tags/)
    expect(await refusal('TagResource', { ResourceArn: `${ResourceArn}x`, Tags: {} })).toMatch(/ResourceNotFound/)
  })
})

describe('what a pool says', () => {
  const password = 'Correct-1-horse'

  async function client(UserPoolId: string, more: Json = {}): Promise<string> {
    const { UserPoolClient } = await ask('CreateUserPoolClient', { UserPoolId, ClientName: 'app', ...more })
    return String((UserPoolClient as Json)['ClientId'])
  }

  const signIn = (UserPoolId: string, ClientId: string, USERNAME = 'alice') =>
    ask('AdminInitiateAuth', {
      UserPoolId,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    })

  it('of its schema is what users are held to', async () => {
    const { Id: UserPoolId } = await create({
      Schema: [
        { Name: 'badge', AttributeDataType: 'Number', Mutable: false, NumberAttributeConstraints: { MaxValue: '99' } },
        { Name: 'tier', AttributeDataType: 'String', StringAttributeConstraints: { MinLength: '2', MaxLength: '4' } },
      ],
    })
    const attributes = (entries: Json) => Object.entries(entries).map(([Name, Value]) => ({ Name, Value }))
    const make = (Username: string, entries: Json) =>
      refusal('AdminCreateUser', { UserPoolId, Username, UserAttributes: attributes(entries) })
    const change = (entries: Json) =>
      refusal('AdminUpdateUserAttributes', { UserPoolId, Username: 'a', UserAttributes: attributes(entries) })
    expect(await make('a', { 'custom:badge': '7', 'custom:tier': 'gold' })).toBe(200)
    expect(await make('b', { 'custom:badge': '100' })).toMatch(/not be greater than 99/)
    expect(await make('b', { 'custom:badge': 'seven' })).toMatch(/number/)
    expect(await make('b', { 'custom:tier': 'platinum' })).toMatch(/at most 4/)
    expect(await make('b', { 'custom:shoe': '1' })).toMatch(/does not exist in the schema/)
    expect(await change({ 'custom:tier': 'iron' })).toBe(200)
    expect(await change({ 'custom:badge': '8' })).toMatch(/custom:badge: Attribute cannot be updated/)
  })

  it('of MFA is what users are asked for', async () => {
    const { Id: UserPoolId } = await create()
    await ask('AdminCreateUser', {
      UserPoolId,
      Username: 'alice',
      UserAttributes: [{ Name: 'phone_number', Value: '+4912345' }],
    })
    await ask('AdminSetUserPassword', { UserPoolId, Username: 'alice', Password: password, Permanent: true })
    const id = await client(UserPoolId, { ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] })
    const prefer = { UserPoolId, Username: 'alice', SMSMfaSettings: { Enabled: true, PreferredMfa: true } }
    expect(await refusal('AdminSetUserMFAPreference', prefer)).toMatch(/SetUserPoolMfaConfig/)
    const SmsConfiguration = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' }
    const mfa = { UserPoolId, MfaConfiguration: 'OPTIONAL', SmsMfaConfiguration: { SmsConfiguration } }
    expect(await ask('SetUserPoolMfaConfig', mfa)).toEqual({
      MfaConfiguration: 'OPTIONAL',
      SmsMfaConfiguration: { SmsConfiguration },
    })
    expect(await describePool(UserPoolId)).toMatchObject({ MfaConfiguration: 'OPTIONAL', SmsConfiguration })
    expect(await signIn(UserPoolId, id)).toHaveProperty('AuthenticationResult')
    await ask('AdminSetUserMFAPreference', prefer)
    expect(await signIn(UserPoolId, id)).toMatchObject({ ChallengeName: 'SMS_MFA' })
    const WebAuthnConfiguration = { RelyingPartyId: 'example.com' }
    const off = { UserPoolId, MfaConfiguration: 'OFF', WebAuthnConfiguration }
    expect(await ask('SetUserPoolMfaConfig', off)).toEqual({
      MfaConfiguration: 'OFF',
      WebAuthnConfiguration: {
        ...WebAuthnConfiguration,
        UserVerification: 'preferred',
        FactorConfiguration: 'SINGLE_FACTOR',
      },
    })
    expect(await signIn(UserPoolId, id)).toHaveProperty('AuthenticationResult')
    expect(await refusal('SetUserPoolMfaConfig', { ...mfa, MfaConfiguration: 'OFF' })).toMatch(/can't turn off MFA/)
    expect(await refusal('SetUserPoolMfaConfig', { UserPoolId, MfaConfiguration: 'ON' })).toMatch(/no MFA method/)
    await ask('SetUserPoolMfaConfig', {
      UserPoolId,
      MfaConfiguration: 'ON',
      SoftwareTokenMfaConfiguration: { Enabled: true },
    })
    expect(await signIn(UserPoolId, id)).toMatchObject({ ChallengeName: 'MFA_SETUP' })
  })

  it('of signing up is what people may do, and where the code goes', async () => {
    const { Id: UserPoolId } = await create()
    const ClientId = await client(UserPoolId)
    const signUp = (Username: string) => ({
      ClientId,
      Username,
      Password: password,
      UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
    })
    expect(await ask('SignUp', signUp('anna'))).not.toHaveProperty('CodeDeliveryDetails')
    await ask('UpdateUserPool', { UserPoolId, AutoVerifiedAttributes: ['email'] })
    expect(await ask('SignUp', signUp('ben'))).toMatchObject({ CodeDeliveryDetails: { AttributeName: 'email' } })
    await ask('UpdateUserPool', { UserPoolId, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } })
    expect(await refusal('SignUp', signUp('cara'))).toBe(
      'NotAuthorizedException: SignUp is not permitted for this user pool',
    )
  })

  it('of recovery is where codes of forgotten passwords go', async () => {
    const { Id: UserPoolId } = await create({ AutoVerifiedAttributes: ['email'] })
    const ClientId = await client(UserPoolId)
    const contact = { email: 'alice@example.com', email_verified: 'true', phone_number: '+4912345' }
    const UserAttributes = Object.entries({ ...contact, phone_number_verified: 'true' }).map(([Name, Value]) => {
      return { Name, Value }
    })
    await ask('AdminCreateUser', { UserPoolId, Username: 'alice', UserAttributes })
    await ask('AdminSetUserPassword', { UserPoolId, Username: 'alice', Password: password, Permanent: true })
    const recover = async (...names: string[]) => {
      const RecoveryMechanisms = names.map((Name, index) => ({ Name, Priority: index + 1 }))
      const AccountRecoverySetting = names.length === 0 ? undefined : { RecoveryMechanisms }
      await ask('UpdateUserPool', { UserPoolId, AccountRecoverySetting })
      const { status, body } = await call(local, 'ForgotPassword', { ClientId, Username: 'alice' })
      const details = body?.['CodeDeliveryDetails'] as Json | undefined
      return status === 200 ? details?.['DeliveryMedium'] : body?.['message']
    }
    expect(await recover()).toBe('EMAIL')
    expect(await recover('verified_phone_number', 'verified_email')).toBe('SMS')
    expect(await recover('verified_email')).toBe('EMAIL')
    expect(await recover('admin_only')).toBe('Contact administrator to reset password.')
  })

  it('of updates is whether a new address counts before its code came back', async () => {
    const { Id: UserPoolId } = await create({ AutoVerifiedAttributes: ['email'] })
    const ClientId = await client(UserPoolId, { ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] })
    const UserAttributes = [
      { Name: 'email', Value: 'old@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]
    await ask('AdminCreateUser', { UserPoolId, Username: 'alice', UserAttributes })
    await ask('AdminSetUserPassword', { UserPoolId, Username: 'alice', Password: password, Permanent: true })
    const { AuthenticationResult } = await signIn(UserPoolId, ClientId)
    const { AccessToken } = AuthenticationResult as Json
    const change = (Name: string, Value: string) => {
      return ask('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name, Value }] })
    }
    const email = async () => {
      const { UserAttributes: held } = await ask('GetUser', { AccessToken })
      const value = (name: string) => (held as Json[]).find(({ Name }) => Name === name)?.['Value']
      return [value('email'), value('email_verified')]
    }
    expect(await change('phone_number', '+4912345')).toEqual({})
    expect(await change('email', 'new@example.com')).toHaveProperty('CodeDeliveryDetailsList')
    expect(await email()).toEqual(['new@example.com', 'false'])
    const settings = { AttributesRequireVerificationBeforeUpdate: ['email'] }
    const update = { AutoVerifiedAttributes: ['email'], UserAttributeUpdateSettings: settings }
    await ask('UpdateUserPool', { UserPoolId, ...update })
    await ask('AdminUpdateUserAttributes', {
      UserPoolId,
      Username: 'alice',
      UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
    })
    expect(await change('email', 'next@example.com')).toMatchObject({
      CodeDeliveryDetailsList: [{ Destination: 'n***@e***' }],
    })
    expect(await email()).toEqual(['new@example.com', 'true'])
    const wrong = { AccessToken, AttributeName: 'email', Code: '000000' }
    expect(await refusal('VerifyUserAttribute', wrong)).toMatch(/^CodeMismatchException/)
    expect(await email()).toEqual(['new@example.com', 'true'])
    const { UserPool } = await ask('DescribeUserPool', { UserPoolId })
    expect(UserPool).toMatchObject(update)
  })

  it('of updates lets the right code bring the new address in', async () => {
    const settings = { AttributesRequireVerificationBeforeUpdate: ['email'] }
    await ask('UpdateUserPool', { AutoVerifiedAttributes: ['email'], UserAttributeUpdateSettings: settings })
    const UserAttributes = [
      { Name: 'email', Value: 'old@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]
    await ask('AdminCreateUser', { Username: 'alice', UserAttributes })
    const { accessToken: AccessToken } = await local.tokens('alice')
    await ask('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name: 'email', Value: 'new@example.com' }] })
    expect((await ask('GetUser', { AccessToken }))['UserAttributes']).toEqual(expect.arrayContaining(UserAttributes))
    const message = local.outbox.at(-1)
    expect(message?.to).toBe('new@example.com')
    await ask('VerifyUserAttribute', { AccessToken, AttributeName: 'email', Code: message?.code })
    expect((await ask('GetUser', { AccessToken }))['UserAttributes']).toEqual(
      expect.arrayContaining([
        { Name: 'email', Value: 'new@example.com' },
        { Name: 'email_verified', Value: 'true' },
      ]),
    )
  })

  it('of earlier passwords is which ones do not come back', async () => {
    const PasswordPolicy = { MinimumLength: 6, PasswordHistorySize: 2 }
    const { Id: UserPoolId } = await create({ Policies: { PasswordPolicy } })
    await ask('AdminCreateUser', { UserPoolId, Username: 'alice' })
    const set = (Password: string) => {
      return refusal('AdminSetUserPassword', { UserPoolId, Username: 'alice', Password, Permanent: true })
    }
    expect([await set('first-1'), await set('second-2')]).toEqual([200, 200])
    expect(await set('first-1')).toMatch(/^PasswordHistoryPolicyViolationException/)
    expect([await set('third-3'), await set('first-1')]).toEqual([200, 200])
    const { Id: lax } = await create({ Policies: { PasswordPolicy: { MinimumLength: 6 } } })
    await ask('AdminCreateUser', { UserPoolId: lax, Username: 'alice' })
    const again = { UserPoolId: lax, Username: 'alice', Password: 'same-again', Permanent: true }
    expect([await refusal('AdminSetUserPassword', again), await refusal('AdminSetUserPassword', again)]).toEqual([
      200, 200,
    ])
  })

  it('of first factors is what USER_AUTH offers', async () => {
    const { Id: UserPoolId } = await create()
    const ClientId = await client(UserPoolId, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] })
    const contact = { email: 'alice@example.com', email_verified: 'true' }
    const UserAttributes = Object.entries(contact).map(([Name, Value]) => ({ Name, Value }))
    await ask('AdminCreateUser', { UserPoolId, Username: 'alice', UserAttributes })
    await ask('AdminSetUserPassword', { UserPoolId, Username: 'alice', Password: password, Permanent: true })
    const offered = async () => {
      const input = { ClientId, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: 'alice' } }
      return (await ask('InitiateAuth', input))['AvailableChallenges']
    }
    expect(await offered()).toEqual(['PASSWORD', 'PASSWORD_SRP'])
    const SignInPolicy = { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] }
    await ask('UpdateUserPool', { UserPoolId, Policies: { SignInPolicy } })
    expect(await offered()).toEqual(['PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP'])
  })

  it('of names, passwords and devices holds as for pools of createLocalPool', async () => {
    const { Id: UserPoolId } = await create({
      UsernameAttributes: ['email'],
      Policies: { PasswordPolicy: { MinimumLength: 20 } },
      DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false },
    })
    expect(await refusal('AdminCreateUser', { UserPoolId, Username: 'anna' })).toMatch(/should be an email/)
    const { User } = await ask('AdminCreateUser', { UserPoolId, Username: 'anna@example.com' })
    expect((User as Json)['Username']).toMatch(/^[0-9a-f-]{36}$/)
    const set = { UserPoolId, Username: 'anna@example.com', Password: password, Permanent: true }
    expect(await refusal('AdminSetUserPassword', set)).toMatch(/long enough/)
    await ask('AdminSetUserPassword', { ...set, Password: 'nothing-but-small-letters' })
  })
})

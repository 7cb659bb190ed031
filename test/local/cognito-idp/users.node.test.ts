import { beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.ts'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../../src/local/index.ts'
import { call, itemsOf, type Json } from '../../support/local-pool.ts'

const start = 1_767_225_600
const done = { status: 200, body: {} }

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => start * 1000,
    groups: ['viewer'],
    users: {
      alice: { email: 'alice@example.com', email_verified: true, groups: ['viewer'], password: 'old' },
      bob: { email: 'bob@example.com', enabled: false, mfa: ['SOFTWARE_TOKEN_MFA', 'SMS_MFA'] },
      carol: { status: 'UNCONFIRMED' },
    },
    aliases: ['email', 'preferred_username'],
    customAttributes: ['custom:tier', 'dev:custom:note'],
    requiredAttributes: ['given_name'],
  })
})

const attributesOf = async (Username: string, of = pool) => {
  const { body } = await call(of, 'AdminGetUser', { Username })
  const list = body?.['UserAttributes'] as { Name: string; Value: string }[]
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]))
}

const attribute = (Name: string, Value: string) => ({ Name, Value })

const expectRefusal = async (operation: string, input: Json, type: string, message: string | RegExp, of = pool) => {
  expect(await call(of, operation, input)).toEqual({
    status: 400,
    body: { __type: type, message: typeof message === 'string' ? message : expect.stringMatching(message) },
  })
}

describe('groups', () => {
  it('are updated by what is sent', async () => {
    const RoleArn = 'arn:aws:iam::123456789012:role/viewer'
    await call(pool, 'UpdateGroup', { GroupName: 'viewer', Description: 'Reads', Precedence: 3 })
    pool.advance(60)
    const { body } = await call(pool, 'UpdateGroup', { GroupName: 'viewer', RoleArn, Precedence: 0 })
    expect(body).toEqual({
      Group: {
        GroupName: 'viewer',
        UserPoolId: pool.settings.userPoolId,
        Description: 'Reads',
        RoleArn,
        Precedence: 0,
        CreationDate: start,
        LastModifiedDate: start + 60,
      },
    })
    expect((await call(pool, 'GetGroup', { GroupName: 'viewer' })).body).toEqual(body)
  })

  it('that are not there, and bad values, are refused', async () => {
    await expectRefusal('UpdateGroup', { GroupName: 'nobody' }, 'ResourceNotFoundException', 'Group not found.')
    await expectRefusal('UpdateGroup', { GroupName: 'viewer', Precedence: -1 }, 'InvalidParameterException', /preced/)
  })
})

describe('users', () => {
  it('are disabled and enabled', async () => {
    for (const [operation, Enabled] of [
      ['AdminDisableUser', false],
      ['AdminDisableUser', false],
      ['AdminEnableUser', true],
    ] as const) {
      pool.advance(1)
      expect(await call(pool, operation, { Username: 'alice@example.com' })).toEqual(done)
      const { body } = await call(pool, 'AdminGetUser', { Username: 'alice' })
      expect(body).toMatchObject({ Enabled, UserLastModifiedDate: pool.settings.now() / 1000, UserCreateDate: start })
    }
  })

  it('are deleted, from their groups too', async () => {
    expect(await call(pool, 'AdminDeleteUser', { Username: 'alice' })).toEqual({ status: 200, body: undefined })
    expect((await call(pool, 'ListUsersInGroup', { GroupName: 'viewer' })).body).toEqual({ Users: [] })
    for (const operation of ['AdminGetUser', 'AdminDeleteUser', 'AdminEnableUser', 'AdminUserGlobalSignOut']) {
      await expectRefusal(operation, { Username: 'alice' }, 'UserNotFoundException', 'User does not exist.')
    }
  })

  it('are confirmed once', async () => {
    expect(await call(pool, 'AdminConfirmSignUp', { Username: 'carol', ClientMetadata: { a: 'b' } })).toEqual(done)
    expect((await call(pool, 'AdminGetUser', { Username: 'carol' })).body).toMatchObject({ UserStatus: 'CONFIRMED' })
    await expectRefusal(
      'AdminConfirmSignUp',
      { Username: 'carol' },
      'NotAuthorizedException',
      'User cannot be confirmed. Current status is CONFIRMED',
    )
  })

  it('have second factors, of which one may be preferred', async () => {
    const mfaOf = async (Username: string) => {
      const { body } = await call(pool, 'AdminGetUser', { Username })
      return [body?.['UserMFASettingList'], body?.['PreferredMfaSetting']]
    }
    expect(await mfaOf('alice')).toEqual([undefined, undefined])
    expect(await mfaOf('bob')).toEqual([['SOFTWARE_TOKEN_MFA', 'SMS_MFA'], 'SOFTWARE_TOKEN_MFA'])
    const settings = {
      SoftwareTokenMfaSettings: { Enabled: false },
      SMSMfaSettings: { Enabled: false },
      EmailMfaSettings: { Enabled: true, PreferredMfa: true },
    }
    expect(await call(pool, 'AdminSetUserMFAPreference', { Username: 'bob', ...settings })).toEqual(done)
    expect(await mfaOf('bob')).toEqual([['EMAIL_OTP'], 'EMAIL_OTP'])
    const input = { Username: 'alice', EmailMfaSettings: { Enabled: false, PreferredMfa: true } }
    await expectRefusal('AdminSetUserMFAPreference', input, 'InvalidParameterException', /not enabled/)
    const sms = { Username: 'alice', SMSMfaSettings: { Enabled: true } }
    await expectRefusal('AdminSetUserMFAPreference', sms, 'InvalidParameterException', /phone number/)
    const app = { SoftwareTokenMfaSettings: { Enabled: true } }
    const refusal = /^User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA$/
    await expectRefusal(
      'AdminSetUserMFAPreference',
      { Username: 'alice', ...app },
      'InvalidParameterException',
      refusal,
    )
    expect(await call(pool, 'AdminSetUserMFAPreference', { Username: 'bob', ...app })).toEqual(done)
  })

  it('have devices', async () => {
    const keys = Array.from({ length: 61 }, (_, index) => `eu-west-1_${String(index).padStart(2, '0')}`)
    const devices = keys.map((key) => ({ key, attributes: { device_name: 'phone' } }))
    const local = await createLocalPool({ users: { alice: { devices } }, now: () => start * 1000 })
    const first = await call(local, 'AdminListDevices', { Username: 'alice' })
    expect(first.body?.['Devices']).toHaveLength(60)
    const token = { PaginationToken: first.body?.['PaginationToken'] }
    expect(await call(local, 'AdminListDevices', { Username: 'alice', ...token })).toEqual({
      status: 200,
      body: {
        Devices: [
          {
            DeviceKey: 'eu-west-1_60',
            DeviceAttributes: [attribute('device_name', 'phone')],
            DeviceCreateDate: start,
            DeviceLastModifiedDate: start,
            DeviceLastAuthenticatedDate: start,
          },
        ],
      },
    })
  })
})

describe('attributes', () => {
  it('are changed and deleted', async () => {
    const UserAttributes = [
      attribute('custom:tier', 'gold'),
      attribute('given_name', 'Alice'),
      attribute('dev:custom:note', 'x'),
    ]
    expect(await call(pool, 'AdminUpdateUserAttributes', { Username: 'alice', UserAttributes })).toEqual(done)
    expect(await attributesOf('alice')).toMatchObject({
      'custom:tier': 'gold',
      given_name: 'Alice',
      email_verified: 'true',
    })
    const names = { UserAttributeNames: ['custom:tier', 'email', 'website'] }
    expect(await call(pool, 'AdminDeleteUserAttributes', { Username: 'alice', ...names })).toEqual(done)
    expect(Object.keys(await attributesOf('alice')).sort()).toEqual(['dev:custom:note', 'given_name', 'sub'])
    const blank = [attribute('dev:custom:note', '')]
    await call(pool, 'AdminUpdateUserAttributes', { Username: 'alice', UserAttributes: blank })
    expect(Object.keys(await attributesOf('alice')).sort()).toEqual(['given_name', 'sub'])
  })

  it('a new e-mail address is unverified unless it says otherwise', async () => {
    const update = (...UserAttributes: Json[]) =>
      call(pool, 'AdminUpdateUserAttributes', { Username: 'alice', UserAttributes })
    await update(attribute('email', 'alice@example.com'))
    expect(await attributesOf('alice')).toMatchObject({ email_verified: 'true' })
    await update(attribute('email', 'a@example.com'))
    expect(await attributesOf('alice')).toMatchObject({ email: 'a@example.com', email_verified: 'false' })
    await update(attribute('email_verified', 'true'), attribute('email', 'b@example.com'))
    expect(await attributesOf('alice')).toMatchObject({ email: 'b@example.com', email_verified: 'true' })
  })

  const invalid = 'InvalidParameterException'
  it.each<[string, string, Json, string, string | RegExp]>([
    ['sub', 'Update', attribute('sub', 'x'), invalid, /sub/],
    [
      'custom attribute outside the schema',
      'Update',
      attribute('custom:other', 'x'),
      invalid,
      /custom:other: Attribute/,
    ],
    ['unknown attribute', 'Update', attribute('toString', 'x'), invalid, /not exist in the schema/],
    ['e-mail address', 'Update', attribute('email', 'x'), invalid, 'Invalid email address format.'],
    ['phone number', 'Update', attribute('phone_number', '0123'), invalid, 'Invalid phone number format.'],
    ['verification', 'Update', attribute('email_verified', 'yes'), invalid, /boolean/],
    ['nothing to verify', 'Update', attribute('phone_number_verified', 'true'), invalid, /^Phone Number is required/],
    ['birthdate', 'Update', attribute('birthdate', '1.1.2000'), invalid, /10 characters/],
    ['updated_at', 'Update', attribute('updated_at', 'now'), invalid, /number/],
    ['required attribute', 'Update', attribute('given_name', ''), invalid, /cannot be deleted/],
    [
      'taken preferred name',
      'Update',
      attribute('preferred_username', 'ally'),
      'AliasExistsException',
      /preferred_user/,
    ],
    ['deleting sub', 'Delete', { Name: 'sub' }, invalid, /cannot be deleted/],
    ['deleting the unknown', 'Delete', { Name: 'constructor' }, invalid, /not exist in the schema/],
    ['deleting the required', 'Delete', { Name: 'given_name' }, invalid, /cannot be deleted/],
  ])('refused: %s', async (_, verb, item, type, message) => {
    await call(pool, 'AdminUpdateUserAttributes', {
      Username: 'carol',
      UserAttributes: [attribute('preferred_username', 'ally')],
    })
    const before = await attributesOf('alice')
    const input = verb === 'Update' ? { UserAttributes: [item] } : { UserAttributeNames: [item['Name']] }
    await expectRefusal(`Admin${verb}UserAttributes`, { Username: 'alice', ...input }, type, message)
    expect(await attributesOf('alice')).toEqual(before)
  })

  it('a verified alias of somebody else cannot be taken by an update', async () => {
    const UserAttributes = [attribute('email', 'alice@example.com'), attribute('email_verified', 'true')]
    const input = { Username: 'bob', UserAttributes }
    await expectRefusal('AdminUpdateUserAttributes', input, 'AliasExistsException', /given email already exists/)
  })

  it('members that must be there are missed', async () => {
    for (const [operation, member] of [
      ['AdminUpdateUserAttributes', 'userAttributes'],
      ['AdminDeleteUserAttributes', 'userAttributeNames'],
    ] as const) {
      await expectRefusal(operation, { Username: 'alice' }, invalid, new RegExp(`Value null at '${member}'`))
    }
  })
})

describe('passwords', () => {
  const statusOf = async (Username: string) => {
    return (await call(pool, 'AdminGetUser', { Username })).body?.['UserStatus']
  }

  it('are set for good, or until the user chooses one', async () => {
    const input = { Username: 'carol', Password: 'Tempor4ry!' }
    expect(await call(pool, 'AdminSetUserPassword', input)).toEqual(done)
    expect(await statusOf('carol')).toBe('FORCE_CHANGE_PASSWORD')
    expect(await call(pool, 'AdminSetUserPassword', { ...input, Permanent: true })).toEqual(done)
    expect(await statusOf('carol')).toBe('CONFIRMED')
  })

  it('follow the policy of the pool', async () => {
    const input = { Username: 'alice', Password: 'plain-words', Permanent: true }
    await expectRefusal('AdminSetUserPassword', input, 'InvalidPasswordException', /uppercase/)
    const passwordPolicy = { minLength: 20, requireUppercase: false, requireNumbers: false }
    const local = await createLocalPool({ users: ['alice'], passwordPolicy })
    await expectRefusal('AdminSetUserPassword', input, 'InvalidPasswordException', /long enough/, local)
    expect(await call(local, 'AdminSetUserPassword', { ...input, Password: 'plain-words-but-many' })).toEqual(done)
    const { body } = await call(local, 'DescribeUserPool')
    expect(body).toMatchObject({
      UserPool: { Policies: { PasswordPolicy: { MinimumLength: 20, RequireNumbers: false, RequireSymbols: true } } },
    })
  })

  it('are reset for those who can be reached', async () => {
    expect(await call(pool, 'AdminResetUserPassword', { Username: 'alice' })).toEqual(done)
    expect(await statusOf('alice')).toBe('RESET_REQUIRED')
    const refuse = (Username: string, type: string, message: RegExp) =>
      expectRefusal('AdminResetUserPassword', { Username }, type, message)
    await refuse('bob', 'NotAuthorizedException', /disabled/)
    await refuse('carol', 'NotAuthorizedException', /current state/)
    await call(pool, 'AdminEnableUser', { Username: 'bob' })
    await refuse('bob', 'InvalidParameterException', /verified email/)
  })
})

describe('users who have an e-mail address instead of a name', () => {
  let local: LocalPool

  beforeEach(async () => {
    local = await createLocalPool({
      usernameAttributes: ['email'],
      caseSensitive: false,
      groups: ['viewer'],
      users: { 'alice@example.com': { sub: '11111111-2222-4333-8444-555555555555' } },
    })
  })

  it('are created by it, and listed by their sub', async () => {
    const created = await call(local, 'AdminCreateUser', { Username: 'bob@example.com' })
    const { User } = created.body as { User: { Username: string; Attributes: Json[] } }
    const { Username, Attributes } = User
    expect(Username).toMatch(/^[0-9a-f-]{36}$/)
    expect(Attributes).toEqual([attribute('email', 'bob@example.com'), attribute('sub', Username)])
    const users = itemsOf(await call(local, 'ListUsers'), 'Users')
    expect(new Set(users.map((user) => user['Username']))).toEqual(
      new Set([Username, '11111111-2222-4333-8444-555555555555']),
    )
  })

  it('are addressed by either', async () => {
    for (const Username of ['Alice@example.com', '11111111-2222-4333-8444-555555555555']) {
      expect((await call(local, 'AdminAddUserToGroup', { Username, GroupName: 'viewer' })).status).toBe(200)
    }
    const members = itemsOf(await call(local, 'ListUsersInGroup', { GroupName: 'viewer' }), 'Users')
    expect(members.map(({ Username }) => Username)).toEqual(['11111111-2222-4333-8444-555555555555'])
    expect(await attributesOf('alice@EXAMPLE.com', local)).toMatchObject({ email: 'alice@example.com' })
  })

  it('keep it, even where another one is created by force', async () => {
    const both = await createLocalPool({ usernameAttributes: ['email', 'phone_number'], users: ['alice@example.com'] })
    const UserAttributes = [attribute('email', 'alice@example.com'), attribute('email_verified', 'true')]
    const input = { Username: '+491234567890', UserAttributes, ForceAliasCreation: true }
    await expectRefusal('AdminCreateUser', input, 'AliasExistsException', /email/, both)
    await expectRefusal('AdminCreateUser', { Username: 'bob' }, 'InvalidParameterException', /either an email/, both)
    expect((await call(both, 'AdminCreateUser', { Username: '+491234567890' })).status).toBe(200)
  })

  it('are refused without one, and twice', async () => {
    const invalid = 'InvalidParameterException'
    await expectRefusal('AdminCreateUser', { Username: 'bob' }, invalid, 'Username should be an email.', local)
    const again = { Username: 'ALICE@example.com' }
    await expectRefusal('AdminCreateUser', again, 'UsernameExistsException', /exists/, local)
    await call(local, 'AdminCreateUser', { Username: 'bob@example.com' })
    const UserAttributes = [attribute('email', 'alice@example.com')]
    const rename = { Username: 'bob@example.com', UserAttributes }
    await expectRefusal('AdminUpdateUserAttributes', rename, 'AliasExistsException', /email/, local)
    const removal = { Username: 'alice@example.com', UserAttributeNames: ['email'] }
    await expectRefusal('AdminDeleteUserAttributes', removal, invalid, /cannot be deleted/, local)
  })
})

describe('creating users', () => {
  it('checks all members, those without an effect too', async () => {
    const valid = {
      Username: 'dave',
      TemporaryPassword: 'Tempor4ry!',
      ValidationData: [attribute('from', 'here')],
      DesiredDeliveryMediums: ['EMAIL', 'SMS'],
      ClientMetadata: { a: 'b' },
    }
    for (const [change, type] of [
      [{ ValidationData: [{ Value: 'x' }] }, 'InvalidParameterException'],
      [{ DesiredDeliveryMediums: ['PIGEON'] }, 'InvalidParameterException'],
      [{ DesiredDeliveryMediums: 'EMAIL' }, 'SerializationException'],
      [{ ClientMetadata: { a: 1 } }, 'SerializationException'],
      [{ ForceAliasCreation: 'true' }, 'SerializationException'],
      [{ TemporaryPassword: 'with a space' }, 'InvalidParameterException'],
      [{ Username: 'dave@example.com' }, 'InvalidParameterException'],
    ] as const) {
      await expectRefusal('AdminCreateUser', { ...valid, ...change }, type, /./)
    }
    expect((await call(pool, 'AdminCreateUser', valid)).status).toBe(200)
  })
})

describe('the options refuse', () => {
  it.each<[string, LocalPoolOptions, string]>([
    ['aliases with user names by e-mail', { aliases: ['email'], usernameAttributes: ['email'] }, 'usernameAttributes'],
    ['a user of no e-mail address', { usernameAttributes: ['email'], users: ['bob'] }, 'users[0]'],
    ['a custom attribute without its prefix', { customAttributes: ['tier'] }, 'customAttributes[0]'],
    ['an unknown required attribute', { requiredAttributes: ['custom:tier'] }, 'requiredAttributes[0]'],
    ['a policy of 5 characters', { passwordPolicy: { minLength: 5 } }, 'passwordPolicy.minLength'],
    ['a policy of 100 characters', { passwordPolicy: { minLength: 100 } }, 'passwordPolicy.minLength'],
    ['a device key of another form', { users: { bob: { devices: [{ key: 'x' }] } } }, 'users.bob.devices[0].key'],
  ])('%s', async (_, options, path) => {
    await expect(createLocalPool(options)).rejects.toThrow(ConfigurationError)
    await expect(createLocalPool(options)).rejects.toThrow(path)
  })
})

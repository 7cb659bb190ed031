import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { call, decode, itemsOf, type Json, readPages, requestFor } from '../../support/local-pool.ts'

const start = 1_767_225_600
const arn = 'arn:aws:iam::123456789012:role/editor'

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({
    now: () => start * 1000 + 250,
    groups: ['viewer', { name: 'editor', description: 'Writes', precedence: 20, roleArn: arn }, '__proto__'],
    users: {
      alice: {
        sub: '11111111-2222-4333-8444-555555555555',
        email: 'alice@example.com',
        email_verified: true,
        groups: ['viewer', '__proto__'],
      },
      bob: { email: 'bob@example.com', enabled: false, status: 'RESET_REQUIRED' },
      'say"hi"\\o/': { email: 'hi@example.com' },
    },
    aliases: ['email'],
  })
})

const groupOf = (name: string, more: Json = {}) => ({
  GroupName: name,
  UserPoolId: pool.settings.userPoolId,
  CreationDate: start + 0.25,
  LastModifiedDate: start + 0.25,
  ...more,
})

describe('groups', () => {
  it('are created, read and listed', async () => {
    const details = { Description: 'Runs it', RoleArn: arn, Precedence: 0 }
    const created = await call(pool, 'CreateGroup', { GroupName: 'admin', ...details })
    expect(created).toEqual({ status: 200, body: { Group: groupOf('admin', details) } })
    expect(await call(pool, 'GetGroup', { GroupName: 'admin' })).toEqual(created)
    expect((await call(pool, 'ListGroups')).body).toEqual({
      Groups: [
        groupOf('__proto__'),
        groupOf('admin', details),
        groupOf('editor', { Description: 'Writes', RoleArn: arn, Precedence: 20 }),
        groupOf('viewer'),
      ],
    })
  })

  it('are deleted with their memberships', async () => {
    expect(await call(pool, 'DeleteGroup', { GroupName: 'viewer' })).toEqual({ status: 200, body: undefined })
    expect((await call(pool, 'GetGroup', { GroupName: 'viewer' })).body).toMatchObject({ message: 'Group not found.' })
    await call(pool, 'CreateGroup', { GroupName: 'viewer' })
    expect((await call(pool, 'ListUsersInGroup', { GroupName: 'viewer' })).body).toEqual({ Users: [] })
  })

  it('take names of 128 code points, emoji included, and of punctuation', async () => {
    for (const name of ['\u{1f600}'.repeat(128), 'a/b%"\'', 'constructor', 'toString', '*']) {
      expect((await call(pool, 'CreateGroup', { GroupName: name })).status).toBe(200)
      expect((await call(pool, 'GetGroup', { GroupName: name })).body).toMatchObject({ Group: { GroupName: name } })
    }
  })
})

describe('memberships', () => {
  it('show in lists, both ways round, and in tokens', async () => {
    const membership = { Username: 'bob', GroupName: 'editor' }
    for (const _ of ['once', 'twice']) {
      expect(await call(pool, 'AdminAddUserToGroup', membership)).toEqual({ status: 200, body: undefined })
    }
    const groups = await call(pool, 'AdminListGroupsForUser', { Username: 'bob' })
    expect(groups.body).toEqual({
      Groups: [groupOf('editor', { Description: 'Writes', RoleArn: arn, Precedence: 20 })],
    })
    const members = await call(pool, 'ListUsersInGroup', { GroupName: 'editor' })
    expect(members.body).toMatchObject({ Users: [{ Username: 'bob', Enabled: false, UserStatus: 'RESET_REQUIRED' }] })
    expect(decode((await pool.tokens('bob')).accessToken).claims['cognito:groups']).toEqual(['editor'])
    for (const _ of ['once', 'twice']) {
      expect(await call(pool, 'AdminRemoveUserFromGroup', membership)).toEqual({ status: 200, body: undefined })
    }
    expect((await call(pool, 'AdminListGroupsForUser', { Username: 'bob' })).body).toEqual({ Groups: [] })
    expect(decode((await pool.tokens('bob')).accessToken).claims).not.toHaveProperty('cognito:groups')
  })

  it('take a sub or a verified alias for the user name, and return the user name', async () => {
    for (const Username of ['alice@example.com', '11111111-2222-4333-8444-555555555555']) {
      expect((await call(pool, 'AdminAddUserToGroup', { Username, GroupName: 'editor' })).status).toBe(200)
    }
    const members = await call(pool, 'ListUsersInGroup', { GroupName: 'editor' })
    expect(itemsOf(members, 'Users').map(({ Username }) => Username)).toEqual(['alice'])
    const unverified = await call(pool, 'AdminAddUserToGroup', { Username: 'bob@example.com', GroupName: 'editor' })
    expect(unverified.body).toMatchObject({ __type: 'UserNotFoundException' })
  })
})

// The 32 that the service model marks `authtype: none`, and what AWS has documented so since.
const unsigned = [
  ...['AssociateSoftwareToken', 'ChangePassword', 'CompleteWebAuthnRegistration', 'ConfirmDevice'],
  ...['ConfirmForgotPassword', 'ConfirmSignUp', 'DeleteUser', 'DeleteUserAttributes', 'DeleteWebAuthnCredential'],
  ...['ForgetDevice', 'ForgotPassword', 'GetDevice', 'GetTokensFromRefreshToken', 'GetUser'],
  ...['GetUserAttributeVerificationCode', 'GetUserAuthFactors', 'GlobalSignOut', 'InitiateAuth', 'ListDevices'],
  ...['ListWebAuthnCredentials', 'ResendConfirmationCode', 'RespondToAuthChallenge', 'RevokeToken'],
  ...['SetUserMFAPreference', 'SetUserSettings', 'SignUp', 'StartWebAuthnRegistration', 'UpdateAuthEventFeedback'],
  ...['UpdateDeviceStatus', 'UpdateUserAttributes', 'VerifySoftwareToken', 'VerifyUserAttribute'],
  ...['GetClientToken', 'ListUserSessions', 'RevokeUserSession'],
]

it('what users call is all offered, and not signed', async () => {
  expect(new Set(unsigned).size).toBe(35)
  for (const operation of unsigned) {
    const request = requestFor(pool, operation, { ClientId: 'x' })
    request.headers.delete('authorization')
    const response = await pool.fetch(request)
    const { __type } = (await response.json()) as Json
    expect([operation, response.status, __type]).toEqual([
      operation,
      400,
      expect.stringMatching(/^(?!Unknown|Missing)/),
    ])
  }
  for (const operation of ['AdminGetUser', 'ListUsers']) {
    const request = requestFor(pool, operation, {})
    request.headers.delete('authorization')
    expect(await (await pool.fetch(request)).json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' })
  }
})

it('attributes that the schema does not have, or that a user in the results lacks, cannot be asked for', async () => {
  const users = { alice: { attributes: { 'custom:tier': 'gold' } }, bob: {} }
  const local = await createLocalPool({ users, customAttributes: ['custom:tier'] })
  const ask = async (name: string, Filter?: string) => {
    return (await call(local, 'ListUsers', { AttributesToGet: [name], Filter })).status
  }
  expect([await ask('shoe'), await ask('custom:other'), await ask('custom:tier'), await ask('sub')]).toEqual([
    400, 400, 400, 200,
  ])
  expect([await ask('custom:tier', 'username = "alice"'), await ask('custom:tier', 'username = "bob"')]).toEqual([
    200, 400,
  ])
})

describe('users', () => {
  it('are read with all attributes', async () => {
    expect(await call(pool, 'AdminGetUser', { Username: 'alice' })).toEqual({
      status: 200,
      body: {
        Username: 'alice',
        UserAttributes: [
          { Name: 'sub', Value: '11111111-2222-4333-8444-555555555555' },
          { Name: 'email', Value: 'alice@example.com' },
          { Name: 'email_verified', Value: 'true' },
        ],
        UserCreateDate: start + 0.25,
        UserLastModifiedDate: start + 0.25,
        Enabled: true,
        UserStatus: 'CONFIRMED',
      },
    })
  })

  it('are created', async () => {
    pool.advance(60)
    const UserAttributes = [
      { Name: 'email', Value: 'dave@example.com' },
      { Name: 'custom:tier', Value: 'gold' },
    ]
    const created = await call(pool, 'AdminCreateUser', { Username: 'dave', UserAttributes, MessageAction: 'SUPPRESS' })
    expect(created).toEqual({
      status: 200,
      body: {
        User: {
          Username: 'dave',
          Attributes: [...UserAttributes, { Name: 'sub', Value: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
          UserCreateDate: start + 60.25,
          UserLastModifiedDate: start + 60.25,
          Enabled: true,
          UserStatus: 'FORCE_CHANGE_PASSWORD',
        },
      },
    })
    expect(await call(pool, 'AdminCreateUser', { Username: 'dave', MessageAction: 'RESEND' })).toEqual(created)
    expect(decode((await pool.tokens('dave')).idToken).claims).toMatchObject({
      'custom:tier': 'gold',
      email_verified: false,
    })
  })

  it('take over a verified alias only by force', async () => {
    const input = {
      Username: 'eve',
      UserAttributes: [
        { Name: 'email', Value: 'alice@example.com' },
        { Name: 'email_verified', Value: 'true' },
      ],
    }
    expect((await call(pool, 'AdminCreateUser', input)).body).toMatchObject({ __type: 'AliasExistsException' })
    expect((await call(pool, 'AdminCreateUser', { ...input, ForceAliasCreation: true })).status).toBe(200)
    expect((await call(pool, 'AdminGetUser', { Username: 'alice@example.com' })).body).toMatchObject({
      Username: 'eve',
    })
  })

  it.each<[string, string[]]>([
    ['', ['alice', 'bob', 'say"hi"\\o/']],
    ['username = "bob"', ['bob']],
    ['"username" = "BOB"', []],
    ['username ^= "a"', ['alice']],
    ['email="ALICE@example.com"', ['alice']],
    ['email ^= "b"', ['bob']],
    ['status = "Disabled"', ['bob']],
    ['cognito:user_status = "confirmed"', ['alice', 'say"hi"\\o/']],
    ['sub = "11111111-2222-4333-8444-555555555555"', ['alice']],
    ['username = "say\\"hi\\"\\\\o/"', ['say"hi"\\o/']],
    ['given_name = "x"', []],
  ])('are listed by the filter %s', async (Filter, names) => {
    const users = itemsOf(await call(pool, 'ListUsers', { Filter, AttributesToGet: ['email'] }), 'Users')
    expect(users.map(({ Username }) => Username)).toEqual(names)
    for (const user of users) expect(user['Attributes']).toEqual([{ Name: 'email', Value: expect.any(String) }])
  })

  it.each([
    'username',
    'username = bob',
    'username = "a" or username = "b"',
    'username = "a"b"',
    'username != "a"',
    'custom:tier = "gold"',
    'constructor = "x"',
  ])('are not listed by the filter %s', async (Filter) => {
    expect(await call(pool, 'ListUsers', { Filter })).toMatchObject({
      status: 400,
      body: { __type: 'InvalidParameterException' },
    })
  })
})

describe('paging', () => {
  let large: LocalPool

  beforeEach(async () => {
    const names = Array.from({ length: 130 }, (_, index) => `n${String(index).padStart(3, '0')}`)
    large = await createLocalPool({
      groups: names,
      users: Object.fromEntries(
        names.map((name) => [name, name === 'n000' ? { groups: names } : { groups: ['n000'] }]),
      ),
    })
  })

  it.each([
    ['ListGroups', {}, 'NextToken', 'Groups'],
    ['AdminListGroupsForUser', { Username: 'n000' }, 'NextToken', 'Groups'],
    ['ListUsersInGroup', { GroupName: 'n000' }, 'NextToken', 'Users'],
    ['ListUsers', {}, 'PaginationToken', 'Users'],
  ] as const)('%s gives every item once', async (operation, input, token, result) => {
    for (const [Limit, lengths] of [
      [undefined, [60, 60, 10]],
      [0, [60, 60, 10]],
      [50, [50, 50, 30]],
      [26, [26, 26, 26, 26, 26]],
    ] as const) {
      const pages = await readPages(large, operation, { ...input, Limit }, [token, result])
      expect(pages.map(({ length }) => length)).toEqual(lengths)
      const names = pages.flat().map((item) => item['GroupName'] ?? item['Username'])
      expect(new Set(names).size).toBe(130)
    }
  })

  it('loses and repeats nothing when items go between two pages', async () => {
    const first = await call(large, 'ListGroups', { Limit: 2 })
    await call(large, 'DeleteGroup', { GroupName: 'n001' })
    await call(large, 'DeleteGroup', { GroupName: 'n000' })
    const second = await call(large, 'ListGroups', { Limit: 2, NextToken: first.body?.['NextToken'] })
    expect(itemsOf(second, 'Groups').map(({ GroupName }) => GroupName)).toEqual(['n002', 'n003'])
  })

  it.each([
    ['of another operation', 'AdminListGroupsForUser', { Username: 'n000' }],
    ['of another user', 'AdminListGroupsForUser', { Username: 'n001' }],
  ])('refuses a token %s', async (_, operation, input) => {
    const from = operation === 'AdminListGroupsForUser' && input.Username === 'n001' ? operation : 'ListGroups'
    const { body } = await call(large, from, { Username: 'n000', Limit: 1 })
    const token = body?.['NextToken']
    expect(token).toEqual(expect.any(String))
    const answer = await call(large, operation, { ...input, NextToken: token })
    expect(answer).toMatchObject({ status: 400, body: { __type: 'InvalidParameterException' } })
  })
})

describe('refusals', () => {
  const invalid = 'InvalidParameterException'
  it.each<[string, string, Json, string, string | RegExp]>([
    [
      'unknown pool',
      'ListGroups',
      { UserPoolId: 'eu-west-1_Nowhere00' },
      'ResourceNotFoundException',
      'User pool eu-west-1_Nowhere00 does not exist.',
    ],
    ['pool id of another form', 'ListGroups', { UserPoolId: '_proto_' }, invalid, /userPoolId/],
    [
      'no pool',
      'ListGroups',
      { UserPoolId: undefined },
      invalid,
      /'userPoolId' failed to satisfy constraint: Member must not be null/,
    ],
    ['Limit 61', 'ListGroups', { Limit: 61 }, invalid, /'limit' .* less than or equal to 60/],
    ['Limit -1', 'ListUsers', { Limit: -1 }, invalid, /'limit' .* greater than or equal to 0/],
    [
      'Limit as text',
      'ListUsers',
      { Limit: '1' },
      'SerializationException',
      /^STRING_VALUE can not be converted to an Integer$/,
    ],
    ['Limit 1.5', 'ListUsers', { Limit: 1.5 }, 'SerializationException', /'limit'/],
    ['bad token', 'ListGroups', { NextToken: 'x' }, invalid, /token/],
    ['token with a space', 'ListGroups', { NextToken: 'a b' }, invalid, /'nextToken'/],
    ['group exists', 'CreateGroup', { GroupName: 'viewer' }, 'GroupExistsException', /exists/],
    ['group with a space', 'CreateGroup', { GroupName: 'a b' }, invalid, /'groupName'/],
    ['group without a name', 'CreateGroup', {}, invalid, /'groupName'/],
    ['group of 129', 'CreateGroup', { GroupName: 'a'.repeat(129) }, invalid, /less than or equal to 128/],
    ['negative precedence', 'CreateGroup', { GroupName: 'a', Precedence: -1 }, invalid, /'precedence'/],
    ['bad ARN', 'CreateGroup', { GroupName: 'a', RoleArn: 'arn:aws:iam::me:role/xx' }, invalid, /'roleArn'/],
    ['long description', 'CreateGroup', { GroupName: 'a', Description: 'x'.repeat(2049) }, invalid, /'description'/],
    ['unknown group', 'GetGroup', { GroupName: 'nobody' }, 'ResourceNotFoundException', 'Group not found.'],
    ['group toString', 'GetGroup', { GroupName: 'toString' }, 'ResourceNotFoundException', 'Group not found.'],
    ['unknown user', 'AdminGetUser', { Username: 'mallory' }, 'UserNotFoundException', 'User does not exist.'],
    ['user valueOf', 'AdminGetUser', { Username: 'valueOf' }, 'UserNotFoundException', 'User does not exist.'],
    ['user of other case', 'AdminGetUser', { Username: 'Alice' }, 'UserNotFoundException', 'User does not exist.'],
    [
      'member of nothing',
      'AdminAddUserToGroup',
      { Username: 'alice', GroupName: 'nothing' },
      'ResourceNotFoundException',
      'Group not found.',
    ],
    [
      'nobody as member',
      'AdminRemoveUserFromGroup',
      { Username: 'x', GroupName: 'viewer' },
      'UserNotFoundException',
      'User does not exist.',
    ],
    ['user exists', 'AdminCreateUser', { Username: 'alice' }, 'UsernameExistsException', 'User account already exists'],
    [
      'nobody to resend to',
      'AdminCreateUser',
      { Username: 'x', MessageAction: 'RESEND' },
      'UserNotFoundException',
      'User does not exist.',
    ],
    [
      'resend to the confirmed',
      'AdminCreateUser',
      { Username: 'alice', MessageAction: 'RESEND' },
      'UnsupportedUserStateException',
      /state/,
    ],
    ['unknown action', 'AdminCreateUser', { Username: 'x', MessageAction: 'SHOUT' }, invalid, /'messageAction'/],
    [
      'sub of one’s own',
      'AdminCreateUser',
      { Username: 'x', UserAttributes: [{ Name: 'sub', Value: 'y' }] },
      invalid,
      /sub/,
    ],
    [
      'attribute of 33',
      'AdminCreateUser',
      { Username: 'x', UserAttributes: [{ Name: 'n'.repeat(33) }] },
      invalid,
      /'userAttributes\.1\.member\.name'/,
    ],
    [
      'attribute of no type',
      'AdminCreateUser',
      { Username: 'x', UserAttributes: ['y'] },
      'SerializationException',
      /^Expected structure or null$/,
    ],
    [
      'short password',
      'AdminCreateUser',
      { Username: 'x', TemporaryPassword: 'aA1!' },
      'InvalidPasswordException',
      /long enough/,
    ],
    [
      'plain password',
      'AdminCreateUser',
      { Username: 'x', TemporaryPassword: 'aaaaAAAA1111' },
      'InvalidPasswordException',
      /symbol/,
    ],
    ['unknown operation', 'AdminFlyToTheMoon', {}, 'UnknownOperationException', /operation/],
    ['name of Object.prototype', 'constructor', {}, 'UnknownOperationException', /operation/],
    ['key set as an operation', 'jwks', {}, 'UnknownOperationException', /operation/],
  ])('%s', async (_, operation, input, type, message) => {
    const { status, body } = await call(pool, operation, input)
    expect(status).toBe(type === 'UnknownOperationException' ? 501 : 400)
    expect(body).toEqual({
      __type: type,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  const badPool =
    "Value '!' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"
  it.each<[string, string, Json, string]>([
    [
      'the value',
      'ListGroups',
      { Limit: 61 },
      "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60",
    ],
    ['the pattern', 'ListGroups', { UserPoolId: '!' }, `1 validation error detected: ${badPool}`],
    [
      'all that is wrong, in the order of the names, without what is secret',
      'AdminCreateUser',
      { UserPoolId: '!', Username: '', MessageAction: 'SHOUT', TemporaryPassword: 'a b' },
      "5 validation errors detected: Value 'SHOUT' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]; " +
        "Value at 'temporaryPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+; " +
        `${badPool}; ` +
        "Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
    ],
    [
      'what is not there',
      'AdminAddUserToGroup',
      { UserPoolId: null },
      "3 validation errors detected: Value null at 'groupName' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'username' failed to satisfy constraint: Member must not be null",
    ],
    [
      'items of lists',
      'AdminUpdateUserAttributes',
      { Username: 'alice', UserAttributes: [{ Name: 'name' }, { Name: '' }, {}] },
      "3 validation errors detected: Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r ]+; " +
        "Value null at 'userAttributes.3.member.name' failed to satisfy constraint: Member must not be null",
    ],
  ])('of an invalid input tell %s', async (_, operation, input, message) => {
    expect(await call(pool, operation, input)).toEqual({
      status: 400,
      body: { __type: 'InvalidParameterException', message },
    })
  })

  it('never show the value that broke a rule', async () => {
    const { body } = await call(pool, 'AdminCreateUser', { Username: 'x', TemporaryPassword: 'my secret' })
    expect(JSON.stringify(body)).not.toContain('my secret')
  })

  it.each(['', 'null', '[]', '"x"', '{'])('the body %j is no input', async (body) => {
    const response = await pool.fetch(requestFor(pool, 'ListGroups', body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ __type: 'SerializationException' })
  })

  it('a pool of another region is not found here', async () => {
    const request = requestFor(
      { endpoint: 'https://cognito-idp.us-east-1.amazonaws.com', region: 'us-east-1' },
      'ListGroups',
      {
        UserPoolId: pool.settings.userPoolId,
      },
    )
    expect(await (await pool.fetch(request)).json()).toMatchObject({ __type: 'ResourceNotFoundException' })
  })
})

it('user names may ignore case', async () => {
  const local = await createLocalPool({ users: ['Alice'], caseSensitive: false })
  expect((await call(local, 'AdminGetUser', { Username: 'aLICE' })).body).toMatchObject({ Username: 'Alice' })
  expect((await call(local, 'AdminCreateUser', { Username: 'alice' })).body).toMatchObject({
    __type: 'UsernameExistsException',
  })
})

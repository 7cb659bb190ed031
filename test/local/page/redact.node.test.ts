import * as identity from '@aws-sdk/client-cognito-identity'
import * as userPools from '@aws-sdk/client-cognito-identity-provider'
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { redact } from '../../../src/local/page/redact.ts'

/** Members that AWS marks as sensitive because they are about people. They are what the page is there to show. */
const aboutPeople = ['ClientId', 'Username', 'Value', 'LastIPAddress']

/** Members whose simple type is marked as sensitive in the schemas that an SDK carries: a structure is `[3, …, members, types]`. */
function sensitiveMembers(sdk: object): string[] {
  const found = new Set<string>()
  for (const [name, schema] of Object.entries(sdk)) {
    if (!name.endsWith('$') || !Array.isArray(schema) || schema[0] !== 3) continue
    const [, , , , members, types] = schema
    for (const [index, member] of members.entries()) {
      let type = types[index]
      if (Array.isArray(type) && ['function', 'object'].includes(typeof type[0])) type = type[0]
      if (typeof type === 'function') type = type()
      const isSensitive = Array.isArray(type) && type[0] === 0 && (type[3] === 8 || type[3]?.sensitive)
      if (isSensitive && !aboutPeople.includes(member)) found.add(member)
    }
  }
  return [...found]
}

describe('what is hidden', () => {
  it.each([
    ['cognito-idp', userPools, 16],
    ['cognito-identity', identity, 1],
    ['iam', iam, 1],
    ['sts', sts, 1],
  ])('is all that AWS marks as sensitive in %s', (_, sdk, least) => {
    const members = sensitiveMembers(sdk)
    expect(members.length).toBeGreaterThanOrEqual(least)
    for (const member of members) {
      expect(redact({ a: [{ [member]: 'the-value' }] }), member).toEqual({ a: [{ [member]: '•••' }] })
    }
  })

  it.each([
    ...[
      'PASSWORD',
      'NEW_PASSWORD',
      'SECRET_HASH',
      'SRP_A',
      'SRP_B',
      'SALT',
      'SECRET_BLOCK',
      'REFRESH_TOKEN',
      'ANSWER',
      'CREDENTIAL',
    ],
    ...[
      'PASSWORD_CLAIM_SIGNATURE',
      'PASSWORD_CLAIM_SECRET_BLOCK',
      'SMS_MFA_CODE',
      'EMAIL_OTP_CODE',
      'SOFTWARE_TOKEN_MFA_CODE',
    ],
    ...[
      'ConfirmationCode',
      'Code',
      'SecretAccessKey',
      'SessionToken',
      'SecretKey',
      'WebIdentityToken',
      'SAMLAssertion',
    ],
    ...['access_token', 'id_token', 'refresh_token', 'client_secret', 'code', 'code_verifier', 'client_assertion'],
  ])('has the member %s', (name) => {
    expect(redact({ Parameters: { [name]: 'the-value' } })).toEqual({ Parameters: { [name]: '•••' } })
  })

  it('has the tokens of logins, and a JWT wherever it stands', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
    expect(redact({ Logins: { 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI': 'the-token' } })).toEqual({
      Logins: { 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI': '•••' },
    })
    expect(redact({ ClientMetadata: { given: jwt }, list: [jwt] })).toEqual({
      ClientMetadata: { given: '•••' },
      list: ['•••'],
    })
  })

  it.each<[object]>([
    [{ Username: 'alice', UserStatus: 'CONFIRMED', Enabled: true, UserCreateDate: 1_795_740_000.5 }],
    [{ ChallengeName: 'SMS_MFA', ChallengeParameters: { CODE_DELIVERY_DESTINATION: '+*******0123' } }],
    [{ CodeDeliveryDetails: { DeliveryMedium: 'EMAIL', Destination: 'a***@x***', AttributeName: 'email' } }],
    [{ TokenType: 'Bearer', ExpiresIn: 3600, token_type: 'Bearer', NextToken: 'abc', PaginationToken: 'def' }],
    [{ TokenValidityUnits: { AccessToken: 'hours' }, AccessTokenValidity: 1, AuthSessionValidity: 3 }],
    [{ Policies: { PasswordPolicy: { MinimumLength: 8, RequireSymbols: true } } }],
    [{ PolicyDocument: '{"Version":"2012-10-17"}', RoleSessionName: 'me', MaxSessionDuration: 3600 }],
    [{ AuthFlow: 'USER_SRP_AUTH', EnableTokenRevocation: true, Groups: [{ GroupName: 'editor' }], nothing: null }],
  ])('is none of %j', (value) => {
    expect(redact(value)).toEqual(value)
  })
})

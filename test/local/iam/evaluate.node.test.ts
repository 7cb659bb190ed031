import { describe, expect, it } from 'vitest'
import { type TrustAttempt, trustAllows } from '../../../src/local/iam/evaluate.ts'

const poolId = 'eu-west-1:0a1b2c3d-0000-4000-8000-000000000000'
const provider = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI'
const aud = 'cognito-identity.amazonaws.com:aud'
const amr = 'cognito-identity.amazonaws.com:amr'
const sub = 'cognito-identity.amazonaws.com:sub'

/** A signed-in user of the identity pool. */
const signedIn: TrustAttempt = {
  action: 'sts:AssumeRoleWithWebIdentity',
  federated: 'cognito-identity.amazonaws.com',
  context: {
    [aud]: poolId,
    [amr]: ['authenticated', provider, `${provider}:CognitoSignIn:a-sub`],
    [sub]: 'eu-west-1:identity',
  },
}
const guest: TrustAttempt = { ...signedIn, context: { ...signedIn.context, [amr]: ['unauthenticated'] } }
const alice: TrustAttempt = {
  action: 'sts:AssumeRole',
  aws: 'arn:aws:iam::123456789012:user/alice',
  context: { 'sts:ExternalId': '42' },
}
const session: TrustAttempt = {
  action: 'sts:AssumeRole',
  aws: ['arn:aws:sts::123456789012:assumed-role/reader/alice', 'arn:aws:iam::123456789012:role/reader'],
  context: {},
}

type Shape = Record<string, unknown>

/** Policy variables are written #{…} in this file. */
const policyOf = (...statements: Shape[]) => {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }).replaceAll('#{', '${')
}
const isTrusted = (attempt: TrustAttempt, ...statements: Shape[]) => {
  return trustAllows({ trustPolicy: policyOf(...statements) }, attempt)
}

/** The policy that the Cognito developer guide gives roles of identity pools. */
const documented: Shape = {
  Effect: 'Allow',
  Principal: { Federated: 'cognito-identity.amazonaws.com' },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: { [aud]: poolId },
    'ForAnyValue:StringLike': { [amr]: 'authenticated' },
  },
}
const conditionOf = (condition: Shape): Shape => ({ ...documented, Condition: condition })

describe('a role of an identity pool trusts', () => {
  it.each<[string, boolean, TrustAttempt]>([
    ['who is signed in to the pool', true, signedIn],
    ['no guests', false, guest],
    ['nobody of another pool', false, { ...signedIn, context: { ...signedIn.context, [aud]: `${poolId}0` } }],
    ['nobody without a pool', false, { ...signedIn, context: { [amr]: ['authenticated'] } }],
    ['nobody without amr', false, { ...signedIn, context: { [aud]: poolId } }],
    ['nobody with an empty amr', false, { ...signedIn, context: { [aud]: poolId, [amr]: [] } }],
    ['no other identity provider', false, { ...signedIn, federated: 'accounts.google.com' }],
    ['no provider whose name goes on', false, { ...signedIn, federated: 'cognito-identity.amazonaws.com.example' }],
    ['no other action', false, { ...signedIn, action: 'sts:AssumeRole' }],
    ['no session tags', false, { ...signedIn, action: 'sts:TagSession' }],
    ['nobody in AWS', false, alice],
  ])('%s', (_, expected, attempt) => {
    expect(isTrusted(attempt, documented)).toBe(expected)
  })

  it.each<[string, Shape]>([
    ['without amr it lets guests in', { StringEquals: { [aud]: poolId } }],
    ['with both in amr too', { 'ForAnyValue:StringLike': { [amr]: ['authenticated', 'unauthenticated'] } }],
    ['with a wildcard in amr too', { StringEquals: { [aud]: poolId }, 'ForAnyValue:StringLike': { [amr]: '*' } }],
    ['without conditions too', {}],
  ])('%s', (_, condition) => {
    expect([isTrusted(guest, conditionOf(condition)), isTrusted(signedIn, conditionOf(condition))]).toEqual([
      true,
      true,
    ])
  })
})

describe('principals', () => {
  it.each<[string, unknown, boolean, TrustAttempt]>([
    ['everybody', '*', true, alice],
    ['everybody, identity providers too', '*', true, signedIn],
    ['everybody by kind', { AWS: '*' }, true, alice],
    ['the account', { AWS: '123456789012' }, true, alice],
    ['the root of the account', { AWS: 'arn:aws:iam::123456789012:root' }, true, alice],
    ['another account', { AWS: '210987654321' }, false, alice],
    ['the root of another partition', { AWS: 'arn:aws-cn:iam::123456789012:root' }, false, alice],
    ['the user', { AWS: ['arn:aws:iam::123456789012:user/bob', 'arn:aws:iam::123456789012:user/alice'] }, true, alice],
    ['another user', { AWS: 'arn:aws:iam::123456789012:user/bob' }, false, alice],
    ['a user whose name goes on', { AWS: 'arn:aws:iam::123456789012:user/alice2' }, false, alice],
    ['an ARN with a wildcard, which is no wildcard', { AWS: 'arn:aws:iam::123456789012:user/*' }, false, alice],
    ['the role of a session', { AWS: 'arn:aws:iam::123456789012:role/reader' }, true, session],
    ['the session', { AWS: 'arn:aws:sts::123456789012:assumed-role/reader/alice' }, true, session],
    ['another session', { AWS: 'arn:aws:sts::123456789012:assumed-role/reader/bob' }, false, session],
    ['a service', { Service: 'ec2.amazonaws.com' }, false, alice],
    ['an identity provider', { Federated: 'cognito-identity.amazonaws.com' }, false, alice],
    ['a provider under another kind', { AWS: 'cognito-identity.amazonaws.com' }, false, signedIn],
    ['one of several kinds', { Service: 'ec2.amazonaws.com', AWS: '123456789012' }, true, alice],
    ['a kind of inherited name', JSON.parse('{"__proto__":"*"}'), false, alice],
  ])('%s', (_, Principal, expected, attempt) => {
    expect(isTrusted(attempt, { Effect: 'Allow', Principal, Action: 'sts:*' })).toBe(expected)
  })
})

describe('actions', () => {
  it.each<[string, Shape, boolean]>([
    ['of another case', { Action: 'STS:assumerole' }, true],
    ['one of a list', { Action: ['sts:TagSession', 'sts:AssumeRole'] }, true],
    ['with a wildcard', { Action: 'sts:Assume*' }, true],
    ['with wildcards of one character', { Action: 'sts:Assume????' }, true],
    ['with one such too many', { Action: 'sts:AssumeRole?' }, false],
    ['of a name that goes on', { Action: 'sts:AssumeRoleWithWebIdentity' }, false],
    ['all but others', { NotAction: 'sts:TagSession' }, true],
    ['all but this one', { NotAction: ['sts:TagSession', 'sts:assume*'] }, false],
  ])('%s', (_, action, expected) => {
    expect(isTrusted(alice, { Effect: 'Allow', Principal: { AWS: '123456789012' }, ...action })).toBe(expected)
  })
})

describe('a denial wins', () => {
  const allow: Shape = { Effect: 'Allow', Principal: '*', Action: 'sts:*' }
  const deny: Shape = { ...allow, Effect: 'Deny' }

  it.each<[string, Shape[], boolean]>([
    ['nothing said', [{ ...allow, Action: 'sts:TagSession' }], false],
    ['allowed', [allow], true],
    ['denied', [deny], false],
    ['allowed, then denied', [allow, deny], false],
    ['denied, then allowed', [deny, allow], false],
    ['others denied', [allow, { ...deny, Principal: { AWS: 'arn:aws:iam::123456789012:user/bob' } }], true],
    ['denied on a condition that holds', [allow, { ...deny, Condition: { Bool: { 'aws:a': 'false' } } }], false],
    ['denied on one that does not', [allow, { ...deny, Condition: { Bool: { 'aws:a': 'true' } } }], true],
    ['denied on a missing key', [allow, { ...deny, Condition: { StringEquals: { 'aws:b': 'c' } } }], true],
    ['denied unless a missing key', [allow, { ...deny, Condition: { StringNotEquals: { 'aws:b': 'c' } } }], false],
    ['denied on what cannot be told', [allow, { ...deny, Condition: { IpAddress: { 'aws:a': '::/0' } } }], false],
    ['denied on a Null of neither', [allow, { ...deny, Condition: { Null: { 'aws:a': 'perhaps' } } }], false],
    [
      'denied on a Null of one and neither',
      [allow, { ...deny, Condition: { Null: { 'aws:a': ['true', '?'] } } }],
      false,
    ],
    ['allowed on what cannot be told', [{ ...allow, Condition: { IpAddress: { 'aws:a': '::/0' } } }], false],
    ['allowed on an unknown operator', [{ ...allow, Condition: { StringIs: { 'aws:a': 'false' } } }], false],
    ['all but somebody allowed', [{ Effect: 'Allow', NotPrincipal: { AWS: 'bob' }, Action: 'sts:*' }], false],
    ['all but the caller denied', [allow, { Effect: 'Deny', NotPrincipal: '*', Action: 'sts:*' }], false],
    ['an unreadable statement beside', [allow, { Effect: 'allow', Principal: '*', Action: 'sts:*' }], false],
    ['a list with what is no statement', [allow, JSON.parse('5')], false],
    ['no action beside', [allow, { Effect: 'Allow', Principal: '*' }], false],
    ['an action that is none beside', [allow, { ...allow, Action: ['sts:*', {}] }], false],
    ['a principal that is none beside', [allow, { ...allow, Principal: 'alice' }], false],
    ['a kind of principal that is none beside', [allow, { ...allow, Principal: { AWS: '*', Service: {} } }], false],
    ['no kind of principal beside', [allow, { ...allow, Principal: {} }], false],
    ['a condition that is none beside', [allow, { ...allow, Condition: [] }], false],
    ['an operator that is none beside', [allow, { ...allow, Condition: { Bool: 'a' } }], false],
    ['a value that is none beside', [allow, { ...allow, Condition: { Bool: { 'aws:a': {} } } }], false],
    ['a resource, which trust policies do not have', [{ ...allow, Resource: '*' }], false],
    ['no principal', [{ Effect: 'Allow', Action: 'sts:*' }], false],
  ])('%s', (_, statements, expected) => {
    const attempt = { ...alice, context: { 'aws:a': 'false' } }
    expect(isTrusted(attempt, ...statements)).toBe(expected)
  })

  it.each(['', '{', 'null', '[]', '{}', '"*"', '{"Statement":[]}', '{"Statement":"Allow"}'])('%s', (trustPolicy) => {
    expect(trustAllows({ trustPolicy }, alice)).toBe(false)
  })
})

describe('conditions', () => {
  const context = {
    'aws:text': 'Red',
    'aws:number': '10',
    'aws:date': '2026-01-01T00:00:00Z',
    'aws:arn': 'arn:aws:s3:eu-west-1:123456789012:bucket/a:b',
    'aws:short': 'arn:aws:s3:eu-west-1:123456789012',
    'aws:many': ['red', 'green'],
    'aws:one': ['red'],
    'aws:none': [],
    'aws:star': 'r*d',
  }

  it.each<[string, Shape, boolean]>([
    ['StringEquals', { 'aws:text': 'Red' }, true],
    ['StringEquals', { 'AWS:TEXT': 'Red' }, true],
    ['StringEquals', { 'aws:text': 'red' }, false],
    ['StringEquals', { 'aws:text': ['Blue', 'Red'] }, true],
    ['StringEquals', { 'aws:text': 'R*' }, false],
    ['StringEquals', { 'aws:text': [] }, false],
    ['StringEquals', { 'aws:text': 'Red', 'aws:number': '11' }, false],
    ['StringEquals', { 'aws:missing': 'Red' }, false],
    ['StringEquals', { 'aws:one': 'red' }, true],
    ['StringEquals', { 'aws:many': 'red' }, false],
    ['StringEqualsIfExists', { 'aws:missing': 'Red' }, true],
    ['StringEqualsIfExists', { 'aws:text': 'Blue' }, false],
    ['stringequals', { 'aws:text': 'Red' }, true],
    ['StringNotEquals', { 'aws:text': ['Blue', 'Green'] }, true],
    ['StringNotEquals', { 'aws:text': ['Blue', 'Red'] }, false],
    ['StringNotEquals', { 'aws:missing': 'Red' }, true],
    ['StringNotEquals', { 'aws:many': 'blue' }, false],
    ['StringEqualsIgnoreCase', { 'aws:text': 'rED' }, true],
    ['StringEqualsIgnoreCase', { 'aws:text': 'blue' }, false],
    ['StringNotEqualsIgnoreCase', { 'aws:text': 'rED' }, false],
    ['StringNotEqualsIgnoreCase', { 'aws:text': 'blue' }, true],
    ['StringGreaterThan', { 'aws:text': 'A' }, false],
    ['BoolEquals', { 'aws:text': 'Red' }, false],
    ['StringLike', { 'aws:text': 'R?d' }, true],
    ['StringLike', { 'aws:text': '*e*' }, true],
    ['StringLike', { 'aws:text': 'R?' }, false],
    ['StringNotLike', { 'aws:text': 'B*' }, true],
    ['StringNotLike', { 'aws:text': 'R*' }, false],
    ['StringLike', { 'aws:star': '#{aws:star}' }, true],
    ['StringLike', { 'aws:one': '#{aws:star}' }, false],
    ['StringLike', { 'aws:star': 'r#{*}d' }, true],
    ['StringLike', { 'aws:one': 'r#{*}d' }, false],
    ['StringEquals', { 'aws:text': '#{aws:missing}' }, false],
    ['StringNotEquals', { 'aws:text': '#{aws:missing}' }, false],
    ['StringEquals', { 'aws:text': "#{aws:missing, 'Red'}" }, true],
    ['ForAnyValue:StringEquals', { 'aws:many': ['blue', 'green'] }, true],
    ['ForAnyValue:StringEquals', { 'aws:many': 'blue' }, false],
    ['ForAnyValue:StringEquals', { 'aws:missing': 'blue' }, false],
    ['ForAnyValue:StringEqualsIfExists', { 'aws:missing': 'blue' }, true],
    ['ForAnyValue:StringNotEquals', { 'aws:many': 'red' }, true],
    ['ForAnyValue:StringNotEquals', { 'aws:one': 'red' }, false],
    ['ForAnyValue:StringNotEquals', { 'aws:none': 'red' }, false],
    ['ForAllValues:StringEquals', { 'aws:many': ['red', 'green', 'blue'] }, true],
    ['ForAllValues:StringEquals', { 'aws:many': ['red', 'blue'] }, false],
    ['ForAllValues:StringEquals', { 'aws:missing': 'red' }, true],
    ['ForAllValues:StringNotLike', { 'aws:many': 'b*' }, true],
    ['ForAllValues:StringNotLike', { 'aws:many': 'g*' }, false],
    ['ForSomeValues:StringEquals', { 'aws:many': 'red' }, false],
    ['ForSomeValues:StringEquals', { 'aws:one': 'red' }, false],
    ['ForAnyValue:StringEqualsOften', { 'aws:one': 'red' }, false],
    ['Null', { 'aws:missing': 'true' }, true],
    ['Null', { 'aws:none': true }, true],
    ['Null', { 'aws:text': 'true' }, false],
    ['Null', { 'aws:text': 'false' }, true],
    ['Null', { 'aws:missing': 'false' }, false],
    ['Null', { 'aws:missing': 'perhaps' }, false],
    ['Bool', { 'aws:text': 'RED' }, true],
    ['NumericEquals', { 'aws:number': 10 }, true],
    ['NumericNotEquals', { 'aws:number': '10.0' }, false],
    ['NumericEquals', { 'aws:number': '+10.00' }, true],
    ['NumericEquals', { 'aws:number': '11' }, false],
    ['NumericEquals', { 'aws:number': '10x' }, false],
    ['NumericEquals', { 'aws:number': '0x0a' }, false],
    ['NumericNotEquals', { 'aws:number': '-10' }, true],
    ['NumericLessThan', { 'aws:number': '10' }, false],
    ['NumericLessThanEquals', { 'aws:number': '9' }, false],
    ['NumericGreaterThan', { 'aws:number': '10' }, false],
    ['NumericGreaterThanEquals', { 'aws:number': '10' }, true],
    ['NumericLike', { 'aws:number': '10' }, false],
    ['NumericBetween', { 'aws:number': '5' }, false],
    ['NumericLessThan', { 'aws:number': '9' }, false],
    ['NumericLessThanEquals', { 'aws:number': '10' }, true],
    ['NumericGreaterThan', { 'aws:number': '9' }, true],
    ['NumericGreaterThanEquals', { 'aws:number': '11' }, false],
    ['NumericLessThan', { 'aws:text': '100' }, false],
    ['NumericNotLessThan', { 'aws:number': '1' }, false],
    ['DateEquals', { 'aws:date': '2026-01-01T01:00:00+01:00' }, true],
    ['DateLessThan', { 'aws:date': '2026-01-01T00:00:01Z' }, true],
    ['DateGreaterThan', { 'aws:date': '1767225599' }, true],
    ['DateLessThan', { 'aws:date': '1767225600.25' }, true],
    ['DateEquals', { 'aws:date': '2026' }, true],
    ['DateGreaterThan', { 'aws:date': '2026-06-01' }, false],
    ['DateLessThan', { 'aws:date': 'soon' }, false],
    ['ArnLike', { 'aws:arn': 'arn:aws:s3:*:123456789012:bucket/*' }, true],
    ['ArnEquals', { 'aws:arn': 'arn:aws:s3:*:123456789012:bucket/a:?' }, true],
    ['ArnLike', { 'aws:arn': 'arn:*' }, false],
    ['ArnLike', { 'aws:arn': 'arn:aws:s3:*:bucket/*' }, false],
    ['ArnLike', { 'aws:arn': 'arn:aws:ec2:*:*:*' }, false],
    ['ArnLike', { 'aws:arn': 'arn:aws:s3:*:*:bucket' }, false],
    ['ArnLike', { 'aws:arn': 'arn:aws:s3:*:*' }, false],
    ['ArnLike', { 'aws:short': 'arn:aws:s3:*:*:*' }, false],
    ['ArnGreaterThan', { 'aws:arn': 'arn:aws:s3:*:*:*' }, false],
    ['ArnNotLike', { 'aws:arn': 'arn:aws:s3:*:*:other' }, true],
    ['ArnLike', { 'aws:text': '*' }, false],
  ])('%s %o: %s', (operator, keys, expected) => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Condition: { [operator]: keys } }
    expect(isTrusted({ ...alice, context }, statement)).toBe(expected)
  })
})

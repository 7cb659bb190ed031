import * as iam from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { createCalls } from './calls.ts'
import { createIamClient, trustPolicy } from './clients.ts'

const RoleName = 'reader'

let pool: LocalPool
let client: iam.IAMClient

beforeEach(async () => {
  pool = await createLocalPool({ verifySignature: false })
  client = createIamClient(pool)
  await send('CreateRole', { RoleName, AssumeRolePolicyDocument: trustPolicy() })
})

const { send, outcomes } = createCalls(() => client)

describe('policies that IAM does not take', () => {
  const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const trusted = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }

  it.each<[string, unknown]>([
    ['no object', []],
    ['no statement', { Version: '2012-10-17' }],
    ['no statements', { Version: '2012-10-17', Statement: [] }],
    ['a statement that is none', { Version: '2012-10-17', Statement: ['a'] }],
    ['another version', { Version: '2012-10-18', Statement: allow }],
    ['an unknown member', { Version: '2012-10-17', Statement: allow, Statment: allow }],
    ['an unknown member of a statement', { Statement: { ...allow, Effects: 'Allow' } }],
    ['no effect', { Statement: { ...allow, Effect: undefined } }],
    ['an effect of another case', { Statement: { ...allow, Effect: 'allow' } }],
    ['no action', { Statement: { ...allow, Action: undefined } }],
    ['an action without a service among others', { Statement: { ...allow, Action: ['s3:GetObject', 'GetObject'] } }],
    ['an action with a space', { Statement: { ...allow, Action: 's3:Get Object' } }],
    ['an action that begins with a space', { Statement: { ...allow, Action: ' s3:GetObject' } }],
    ['both kinds of action', { Statement: { ...allow, NotAction: 's3:PutObject' } }],
    ['an empty list of actions', { Statement: { ...allow, Action: [] } }],
    ['an action without a service', { Statement: { ...allow, Action: 'GetObject' } }],
    ['no resource', { Statement: { ...allow, Resource: undefined } }],
    ['both kinds of resource', { Statement: { ...allow, NotResource: '*' } }],
    ['a resource that is no ARN among others', { Statement: { ...allow, Resource: ['*', 'bucket/*'] } }],
    ['a resource that holds an ARN', { Statement: { ...allow, Resource: ' arn:aws:s3:::b' } }],
    ['a resource that is no ARN', { Statement: { ...allow, Resource: 'bucket/*' } }],
    ['a principal', { Statement: { ...allow, Principal: '*' } }],
    ['no principal but one', { Statement: { ...allow, NotPrincipal: '*' } }],
    ['an unknown operator', { Statement: { ...allow, Condition: { StringMatches: { 'aws:a': 'b' } } } }],
    ['a condition without operator', { Statement: { ...allow, Condition: { 'aws:a': 'b' } } }],
    ['a condition of another form', { Statement: { ...allow, Condition: { StringLike: { 'aws:a': {} } } } }],
    ['a condition that is none', { Statement: { ...allow, Condition: [] } }],
    ['a key without a service', { Statement: { ...allow, Condition: { StringLike: { a: 'b' } } } }],
    [
      'two statements of one name',
      {
        Statement: [
          { ...allow, Sid: 'a' },
          { ...allow, Sid: 'a' },
        ],
      },
    ],
    ['a name that is no text', { Statement: { ...allow, Sid: 5 } }],
    ['a key with a space', { Statement: { ...allow, Condition: { StringLike: { 'aws:a b': 'c' } } } }],
    ['an operator that goes on', { Statement: { ...allow, Condition: { IpAddresses: { 'aws:a': 'b' } } } }],
    ['an operator that begins otherwise', { Statement: { ...allow, Condition: { AnIpAddress: { 'aws:a': 'b' } } } }],
    ['a name with a space', { Statement: { ...allow, Sid: 'a b' } }],
  ])('of a role: %s', async (_, document) => {
    const PolicyDocument = JSON.stringify(document)
    const call = send('PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument })
    await expect(call).rejects.toBeInstanceOf(iam.MalformedPolicyDocumentException)
    expect(await send('ListRolePolicies', { RoleName })).toMatchObject({ PolicyNames: [] })
  })

  it.each<[string, unknown]>([
    ['no principal', { ...trusted, Principal: undefined }],
    ['a principal of an unknown kind', { ...trusted, Principal: { Aws: '*' } }],
    ['a principal that is a text', { ...trusted, Principal: 'alice' }],
    ['a principal that is no ARN among others', { ...trusted, Principal: { AWS: ['*', 'alice'] } }],
    ['a kind with a wildcard among others', { ...trusted, Principal: { AWS: '*', Service: '*' } }],
    ['a service with a space', { ...trusted, Principal: { Service: 'ec2 .amazonaws.com' } }],
    ['an identity provider with a space', { ...trusted, Principal: { Federated: 'a.example b' } }],
    [
      'an ARN of an identity provider with a wildcard',
      { ...trusted, Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/*' } },
    ],
    ['an empty principal', { ...trusted, Principal: { AWS: [] } }],
    ['a principal that is no ARN', { ...trusted, Principal: { AWS: 'alice' } }],
    ['an ARN of a principal with a wildcard', { ...trusted, Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }],
    ['any identity provider', { ...trusted, Principal: { Federated: '*' } }],
    ['all principals but one', { ...trusted, NotPrincipal: { AWS: '*' } }],
    ['a resource', { ...trusted, Resource: '*' }],
    ['an action of another service', { ...trusted, Action: 's3:GetObject' }],
    ['an action of another service among others', { ...trusted, Action: ['sts:AssumeRole', 's3:GetObject'] }],
    ['an action of a service that ends so', { ...trusted, Action: 'nosts:AssumeRole' }],
    ['all resources but one', { ...trusted, NotResource: '*' }],
    ['any action', { ...trusted, Action: '*' }],
  ])('on who may assume a role: %s', async (_, statement) => {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    const refused = ['MalformedPolicyDocumentException', 400]
    expect(
      await outcomes(
        ['UpdateAssumeRolePolicy', { RoleName, PolicyDocument }],
        ['CreateRole', { RoleName: 'a', AssumeRolePolicyDocument: PolicyDocument }],
        ['GetRole', { RoleName: 'a' }],
      ),
    ).toEqual([refused, refused, ['NoSuchEntityException', 404]])
  })

  it.each<[string, unknown]>([
    ['the older version', { Version: '2008-10-17', Statement: allow }],
    ['no version', { Statement: allow }],
    ['a name of several characters', { Statement: { ...allow, Sid: 'Read1' } }],
    [
      'all members of the grammar',
      {
        Id: 'a',
        Statement: [
          { Sid: '', Effect: 'Deny', NotAction: ['s3:*', 'iam:Get?ole'], NotResource: 'arn:aws:s3:::b' },
          { Sid: '', ...allow, Condition: { 'ForAllValues:StringNotLikeIfExists': { 'aws:TagKeys': ['a', 'b'] } } },
          { ...allow, Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': 10 } } },
          { ...allow, Condition: { Null: { 'aws:a': false }, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
        ],
      },
    ],
  ])('but it takes %s', async (_, document) => {
    const PolicyDocument = JSON.stringify(document)
    expect(await outcomes(['PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument }])).toEqual(['done'])
  })

  it.each<[string, unknown]>([
    ['everybody', '*'],
    [
      'accounts, users, roles and sessions',
      {
        AWS: ['123456789012', 'arn:aws:iam::123456789012:user/alice', 'arn:aws:sts::123456789012:assumed-role/a/b'],
      },
    ],
    [
      'services and identity providers',
      {
        CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be',
        Service: 'lambda.amazonaws.com',
        Federated: ['graph.facebook.com', 'arn:aws:iam::123456789012:oidc-provider/example.com/a'],
      },
    ],
  ])('it trusts %s', async (_, Principal) => {
    const PolicyDocument = JSON.stringify({ Statement: { ...trusted, Action: ['sts:*'], Principal } })
    expect(await outcomes(['UpdateAssumeRolePolicy', { RoleName, PolicyDocument }])).toEqual(['done'])
  })
})

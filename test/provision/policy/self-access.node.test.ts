import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../../src/aws/index.ts'
import { createTrustPolicy } from '../../../src/provision/policy/documents.ts'
import { canBothMatch, covers, findSelfAccess } from '../../../src/provision/policy/self-access.ts'

const place = {
  userPoolId: 'us-east-1_AbCdEfGhI',
  identityPoolId: 'us-east-1:12345678-90ab-cdef-1234-567890abcdef',
  account: '123456789012',
  partition: 'aws',
}
const userPool = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI'
const identityPool = `arn:aws:cognito-identity:us-east-1:123456789012:identitypool/${place.identityPoolId}`
const role = 'arn:aws:iam::123456789012:role/role_admin'
const account = 'arn:aws:iam::123456789012:*'

const allow = (members: PolicyDocument): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...members }],
})
const found = (Action: unknown, Resource: unknown) => findSelfAccess(allow({ Action, Resource }), place)

describe('a group can change what restricts it by', () => {
  it.each([
    ['cognito-idp:*', userPool],
    ['cognito-idp:AdminAddUserToGroup', userPool],
    ['COGNITO-IDP:adminaddusertogroup', userPool],
    ['cognito-idp:Admin*', userPool],
    ['cognito-idp:UpdateGroup', '*'],
    ['cognito-idp:?pdateGroup', userPool],
    ['cognito-*:*', userPool],
    ['cognito-idp*', userPool],
    ['*', userPool],
    ['*', '*'],
    ['*:*', '*'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:*:*:*'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/*'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_????????I'],
    ['cognito-idp:*', `arn:aws:cognito-idp:us-east-1:123456789012:userpool/\${aws:PrincipalTag/pool}`],
    ['cognito-idp:*', 'arn:aws:*'],
    ['cognito-identity:SetIdentityPoolRoles', identityPool],
    ['cognito-identity:Update*', 'arn:aws:cognito-identity:us-east-1:123456789012:identitypool/*'],
    ['cognito-identity:GetOpenIdTokenForDeveloperIdentity', identityPool],
    ['cognito-identity:Get*', identityPool],
    ['iam:PassRole', role],
    ['iam:PutRolePolicy', role],
    ['iam:PutRolePolicy', 'arn:aws:iam::123456789012:role/*'],
    ['iam:PutRolePolicy', 'arn:aws:iam::*:role/role_*'],
    ['iam:AttachRolePolicy', 'arn:aws:iam::123456789012:role/another'],
    ['iam:CreatePolicyVersion', 'arn:aws:iam::123456789012:policy/own'],
    ['iam:CreateAccessKey', 'arn:aws:iam::123456789012:user/alice'],
    ['iam:*', `arn:aws:iam::123456789012:user/\${aws:username}`],
    ['sts:AssumeRole', role],
    ['sts:*', '*'],
    ['sts:Assume*', 'arn:aws:iam::123456789012:role/another'],
  ])('%s on %s', (action, resource) => {
    expect(found(action, resource)).toEqual([{ statement: 0, actions: [action], resources: [resource] }])
  })
})

describe('a group cannot by', () => {
  it.each([
    ['cognito-idp:ListUsers', userPool],
    ['cognito-idp:List*', '*'],
    ['cognito-idp:Describe*', userPool],
    ['cognito-idp:GetGroup', userPool],
    ['cognito-idp:AdminGetUser', userPool],
    ['cognito-idp:AdminListGroupsForUser', userPool],
    ['cognito-*:Describe*', '*'],
    ['cognito-identity:DescribeIdentityPool', identityPool],
    ['iam:Get*', '*'],
    ['iam:ListRoles', '*'],
    ['sts:GetCallerIdentity', '*'],
    ['sts:TagSession', role],
    ['s3:*', '*'],
    ['cognito-sync:*', '*'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Another12'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/us-east-1_AbCdEfGhI'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:210987654321:userpool/us-east-1_AbCdEfGhI'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:userid:userpool/us-east-1_Another12'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:210987654321:userpool/pool_id'],
    ['cognito-idp:*', 'arn:aws-cn:cognito-idp:*:*:*'],
    ['cognito-idp:*', identityPool],
    ['cognito-identity:*', userPool],
    ['iam:PassRole', 'arn:aws:iam::210987654321:role/role_admin'],
    ['iam:*', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    ['sts:AssumeRole', 'arn:aws:iam::210987654321:role/another'],
    ['sts:AssumeRole', 'arn:aws:iam::123456789012:user/alice'],
    ['sts:AssumeRole', userPool],
  ])('%s on %s', (action, resource) => {
    expect(found(action, resource)).toEqual([])
  })
})

describe('an ARN that is still to be filled in counts as filled in', () => {
  const example = 'arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id'
  it.each([
    ['cognito-idp:*', example],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/pool_id'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:us-east-1:userid:userpool/us-east-1_AbCdEfGhI'],
    ['cognito-idp:*', 'arn:aws:cognito-idp:region::userpool/us-east-1_AbCdEfGhI'],
    ['cognito-identity:*', 'arn:aws:cognito-identity:us-east-1:ACCOUNT:identitypool/POOL'],
    ['iam:PassRole', 'arn:aws:iam::userid:role/any'],
    ['sts:AssumeRole', 'arn:aws:iam::<account>:role/any'],
  ])('%s on %s', (action, resource) => {
    expect(found(action, resource)).toEqual([{ statement: 0, actions: [action], resources: [resource] }])
  })

  it('whichever region the pool is in', () => {
    const elsewhere = { ...place, userPoolId: 'eu-west-1_AbCdEfGhI' }
    const policy = allow({ Action: 'cognito-idp:*', Resource: example })
    expect(findSelfAccess(policy, elsewhere)).toHaveLength(1)
  })

  it('but a placeholder in an ARN of another service does not', () => {
    expect(found('*', 'arn:aws:dynamodb:us-east-1:userid:table/name')).toEqual([])
  })
})

describe('of a statement only what counts is told', () => {
  it('among lists', () => {
    const actions = ['s3:GetObject', 'cognito-idp:ListUsers', 'cognito-idp:DeleteGroup', 'iam:PassRole']
    const resources = ['arn:aws:s3:::a/*', userPool, 'arn:aws:iam::210987654321:role/x']
    expect(found(actions, resources)).toEqual([
      { statement: 0, actions: ['cognito-idp:DeleteGroup'], resources: [userPool] },
    ])
    expect(found(actions, ['*', role])).toEqual([
      { statement: 0, actions: ['cognito-idp:DeleteGroup', 'iam:PassRole'], resources: ['*', role] },
    ])
  })

  it('by the place of the statement', () => {
    const policy = {
      Statement: [
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
        { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
        { Effect: 'Allow', Action: 'iam:*', Resource: '*' },
      ],
    }
    expect(findSelfAccess(policy, place)).toEqual([{ statement: 2, actions: ['iam:*'], resources: ['*'] }])
  })

  it('a statement without a list, or under a condition, counts', () => {
    const statement = { Effect: 'Allow', Action: 'iam:*', Resource: '*', Condition: { Bool: { 'aws:a': 'true' } } }
    expect(findSelfAccess({ Statement: statement }, place)).toHaveLength(1)
  })

  it('in doubt it counts: no actions, no resources, an unknown effect', () => {
    expect(findSelfAccess(allow({ Resource: userPool }), place)).toEqual([
      { statement: 0, actions: ['*'], resources: [userPool] },
    ])
    expect(findSelfAccess(allow({ Action: 'iam:PassRole' }), place)).toEqual([
      { statement: 0, actions: ['iam:PassRole'], resources: ['*'] },
    ])
    const statement = { Effect: 'deny', Action: 'iam:PassRole', Resource: '*' }
    expect(findSelfAccess({ Statement: [statement] }, place)).toHaveLength(1)
  })
})

describe('what runs code with a role of its own', () => {
  it.each([
    ['lambda:UpdateFunctionCode', 'arn:aws:lambda:eu-west-1:123456789012:permission:pre-token'],
    ['lambda:AddPermission', '*'],
    ['lambda:*', '*'],
    ['lambda:Update*', 'arn:aws:lambda:*:*:permission:*'],
    ['cloudformation:CreateStack', '*'],
    ['cloudformation:ExecuteChangeSet', 'arn:aws:cloudformation:eu-west-1:123456789012:stack/auth/*'],
    ['ssm:SendCommand', 'arn:aws:ssm:eu-west-1::document/AWS-RunShellScript'],
    ['ssm:SendCommand', 'arn:aws:ec2:eu-west-1:123456789012:instance/*'],
    ['ssm:StartSession', '*'],
    ['ssm:StartAutomationExecution', '*'],
    ['codebuild:StartBuild', '*'],
    ['ecs:ExecuteCommand', '*'],
    ['glue:UpdateDevEndpoint', '*'],
    ['states:UpdateStateMachine', '*'],
    ['ec2-instance-connect:SendSSHPublicKey', 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1'],
  ])('%s on %s counts', (Action, Resource) => {
    expect(findSelfAccess(allow({ Action, Resource }), place)).toEqual([
      { statement: 0, actions: [Action], resources: [Resource] },
    ])
  })

  it.each([
    ['lambda:InvokeFunction', '*'],
    ['lambda:GetFunction', '*'],
    ['lambda:List*', '*'],
    ['cloudformation:DescribeStacks', '*'],
    ['ssm:GetParameter', '*'],
    ['ssm:PutParameter', '*'],
    ['states:StartExecution', '*'],
    ['lambda:UpdateFunctionCode', 'arn:aws:s3:::permissions/*'],
  ])('%s on %s does not count', (Action, Resource) => {
    expect(findSelfAccess(allow({ Action, Resource }), place)).toEqual([])
  })
})

describe('lists of exceptions', () => {
  const runners = ['cloudformation', 'codebuild', 'ec2-instance-connect', 'ecs', 'glue', 'lambda', 'ssm', 'states'].map(
    (service) => `${service}:*`,
  )
  const everything = ['cognito-idp:*', 'cognito-identity:*', 'iam:*', 'sts:*', ...runners]
  it.each([
    [
      ['s3:*'],
      [
        'cognito-idp:*',
        'cognito-identity:*',
        'cognito-identity:getopenidtokenfordeveloperidentity',
        'iam:*',
        'sts:assumerole',
        ...runners,
      ],
    ],
    [['iam:*', 'COGNITO-*', ...runners], ['sts:assumerole']],
    [['cognito*', 'sts:Assume*', 'iam:Put*', 'iam:Create*', ...runners], ['iam:*']],
    [['iam:Get*', 'cognito-*', 'sts:AssumeRole', ...runners], ['iam:*']],
    [
      ['cognito*', 'iam:*', 'sts:*', 'lambda:*Code', 'glue:*', ...runners.filter((text) => !/lambda|glue/.test(text))],
      ['lambda:*'],
    ],
  ])('NotAction %j leaves %j open', (NotAction, actions) => {
    expect(findSelfAccess(allow({ NotAction, Resource: '*' }), place)).toEqual([
      { statement: 0, actions, resources: ['*'] },
    ])
  })

  it.each([[everything], [['*']], [['*:*']], [['cognito-i*', '?am:*', 'sts:AssumeRole', ...runners]]])(
    'NotAction %j leaves none open',
    (NotAction) => {
      expect(findSelfAccess(allow({ NotAction, Resource: '*' }), place)).toEqual([])
    },
  )

  it.each([
    ['iam:PassRole', [role], [account]],
    ['iam:PassRole', ['arn:aws:iam::123456789012:role/*'], [account]],
    ['sts:AssumeRole', ['arn:aws:iam::123456789012:role/role_*'], ['arn:aws:iam::123456789012:role/*']],
    ['cognito-idp:*', ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Another12'], [userPool]],
    ['cognito-idp:*', [`arn:aws:cognito-idp:us-east-1:123456789012:userpool/\${aws:PrincipalTag/pool}`], [userPool]],
    ['cognito-idp:*', [`arn:aws:cognito-idp:us-east-1:123456789012:userpool/\${*}`], [userPool]],
  ])('%s on all but %j reaches %j', (Action, NotResource, resources) => {
    expect(findSelfAccess(allow({ Action, NotResource }), place)).toEqual([
      { statement: 0, actions: [Action], resources },
    ])
  })

  it.each([
    ['iam:PassRole', ['arn:aws:iam::123456789012:*']],
    ['sts:AssumeRole', ['arn:aws:iam::*:role/*']],
    ['cognito-idp:*', [userPool]],
    ['cognito-idp:*', ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_?bCdEfGhI']],
    ['*', ['arn:*']],
  ])('%s on all but %j reaches nothing', (Action, NotResource) => {
    expect(findSelfAccess(allow({ Action, NotResource }), place)).toEqual([])
  })
})

describe('wildcards', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 })
  const texts = ['a', 'b', 'c'].flatMap((x) =>
    ['', 'a', 'b', 'c'].flatMap((y) => ['', 'a', 'b', 'c'].map((z) => x + y + z)),
  )
  const all = ['', ...new Set([...texts, ...texts.flatMap((x) => texts.map((y) => x + y))])]
  const matching = (given: string) => {
    const form = new RegExp(`^${given.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    return all.filter((text) => form.test(text))
  }

  it('two patterns match a text in common, or none, as regular expressions tell', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const theirs = new Set(matching(other))
        // Patterns of at most five symbols that have a text in common have one of at most ten; those here have six.
        fc.pre(one.replaceAll('*', '').length + other.replaceAll('*', '').length <= 6)
        expect(canBothMatch(one, other)).toBe(matching(one).some((text) => theirs.has(text)))
      }),
      { numRuns: 500 },
    )
  })

  it('a pattern that covers another one matches all that it matches', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        fc.pre(covers(one, other))
        const ours = new Set(matching(one))
        expect(matching(other).filter((text) => !ours.has(text))).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(covers('a*', 'ab')).toBe(true)
    expect(covers('a*', 'a*b')).toBe(true)
    expect(covers('a?', 'a*')).toBe(false)
    expect(covers('ab', 'a*')).toBe(false)
  })
})

describe('the trust policy', () => {
  it.each([
    ['eu-west-1', 'cognito-identity.amazonaws.com'],
    ['us-gov-west-1', 'cognito-identity-us-gov.amazonaws.com'],
    ['us-gov-east-1', 'cognito-identity.us-gov-east-1.amazonaws.com'],
    ['cn-north-1', 'cognito-identity.cn-north-1.amazonaws.com.cn'],
  ])('in %s trusts signed-in users of the identity pool, by %s', (region, issuer) => {
    const id = `${region}:12345678-90ab-cdef-1234-567890abcdef`
    expect(createTrustPolicy(id)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: issuer },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { [`${issuer}:aud`]: id },
            'ForAnyValue:StringLike': { [`${issuer}:amr`]: 'authenticated' },
          },
        },
      ],
    })
  })

  it.each(['', 'eu-west-1_AbCdEfGhI', 'eu-west-1', 'eu-west-1:', '*', 'eu-west-1:*', 'x:12345678'])(
    'is of no identity pool %j',
    (id) => {
      expect(() => createTrustPolicy(id)).toThrow(/^identityPoolId: expected/)
    },
  )
})

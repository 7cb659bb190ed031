import * as idp from '@aws-sdk/client-cognito-identity-provider'
import {
  CognitoIdentityClient,
  DescribeIdentityPoolCommand,
  GetIdCommand,
  ListIdentityPoolsCommand,
  SetIdentityPoolRolesCommand,
} from '@aws-sdk/client-cognito-identity'
import * as iam from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { assumeRole, putAccessKey, type StatementText } from '../../support/access-key.ts'
import { clockOf, exampleCredentials, sdkTransport } from '../../support/sdk-client.ts'

const start = Date.UTC(2026, 0, 1)
const user = 'arn:aws:iam::123456789012:user/alice'
const poolArn = 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI'
const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({ userPoolId: 'eu-west-1_AbCdEfGhI', now: () => start, users: { alice: {} } })
})

const allow = (Action: string | string[], more: StatementText = {}): StatementText => {
  return { Effect: 'Allow', Action, Resource: '*', ...more }
}
const deny = (Action: string, more: StatementText = {}): StatementText => ({ ...allow(Action, more), Effect: 'Deny' })
const documentOf = (...Statement: StatementText[]) => JSON.stringify({ Version: '2012-10-17', Statement })

/** The clients of a key. */
function clientsOf(credentials: Keys) {
  const options = { credentials, maxAttempts: 1, requestHandler: sdkTransport(pool), ...clockOf(pool) }
  return {
    idp: new idp.CognitoIdentityProviderClient({ ...options, region: pool.region }),
    identity: new CognitoIdentityClient({ ...options, region: pool.region }),
    iam: new iam.IAMClient({ ...options, region: 'us-east-1' }),
    sts: new STSClient({ ...options, region: 'us-east-1' }),
  }
}

/** The clients of an IAM user with these statements. */
const as = async (...statements: StatementText[]) => clientsOf(await putAccessKey(pool, 'alice', statements))

/** `ok`, or status, name and message of the refusal. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'ok'
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
    return [$metadata?.httpStatusCode, name, message]
  }
}

const getUser = () => new idp.AdminGetUserCommand({ UserPoolId: 'eu-west-1_AbCdEfGhI', Username: 'alice' })
const denied = (action: string, resource: string, why?: string) => [
  ...(action.startsWith('iam:') && why !== 'passed' ? [403, 'AccessDenied'] : [400, 'AccessDeniedException']),
  `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ` +
    (why === undefined || why === 'passed' ? `because no identity-based policy allows the ${action} action` : why),
]

describe('A call that no policy allows is denied, on the resource that AWS names', () => {
  it.each<[string, string, (clients: ReturnType<typeof clientsOf>) => Promise<unknown>]>([
    ['cognito-idp:AdminGetUser', poolArn, ({ idp }) => idp.send(getUser())],
    ['cognito-idp:ListUserPools', '*', ({ idp: c }) => c.send(new idp.ListUserPoolsCommand({ MaxResults: 1 }))],
    ['cognito-idp:CreateUserPool', '*', ({ idp: c }) => c.send(new idp.CreateUserPoolCommand({ PoolName: 'a' }))],
    [
      'cognito-identity:DescribeIdentityPool',
      'arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:1',
      ({ identity }) => identity.send(new DescribeIdentityPoolCommand({ IdentityPoolId: 'eu-west-1:1' })),
    ],
    [
      'cognito-identity:ListIdentityPools',
      'arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/',
      ({ identity }) => identity.send(new ListIdentityPoolsCommand({ MaxResults: 1 })),
    ],
    ['iam:GetRole', roleArn('reader'), ({ iam: c }) => c.send(new iam.GetRoleCommand({ RoleName: 'reader' }))],
    ['iam:ListRoles', roleArn(''), ({ iam: c }) => c.send(new iam.ListRolesCommand({}))],
    ['iam:ListPolicies', 'policy path /', ({ iam: c }) => c.send(new iam.ListPoliciesCommand({}))],
    ['iam:GetUser', user, ({ iam: c }) => c.send(new iam.GetUserCommand({}))],
    [
      'iam:GetPolicy',
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
      ({ iam: c }) => c.send(new iam.GetPolicyCommand({ PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })),
    ],
    [
      'iam:CreatePolicy',
      'policy reading',
      ({ iam: c }) =>
        c.send(new iam.CreatePolicyCommand({ PolicyName: 'reading', PolicyDocument: documentOf(allow('a:b')) })),
    ],
    [
      'iam:GetAccountAuthorizationDetails',
      '*',
      ({ iam: c }) => c.send(new iam.GetAccountAuthorizationDetailsCommand({})),
    ],
  ])('%s', async (action, resource, work) => {
    expect(await outcome(work(await as()))).toEqual(denied(action, resource))
    const [service = ''] = action.split(':')
    expect(await outcome(work(clientsOf(await putAccessKey(pool, 'bob', [allow(`${service}:*`)]))))).not.toMatchObject([
      expect.any(Number),
      expect.stringMatching(/^AccessDenied/),
    ])
  })
})

describe('Policies of every kind count', () => {
  it('an explicit deny beats every allow', async () => {
    const clients = await as(allow('*'), deny('cognito-idp:Admin*'))
    const why = 'with an explicit deny in an identity-based policy'
    expect(await outcome(clients.idp.send(getUser()))).toEqual(denied('cognito-idp:AdminGetUser', poolArn, why))
    expect(await outcome(clients.iam.send(new iam.ListRolesCommand({})))).toBe('ok')
  })

  it('a permissions boundary limits what the policies of a user allow', async () => {
    const administrator = clientsOf(exampleCredentials).iam
    const boundary = documentOf(allow('iam:*'), deny('iam:GetUser'))
    const { Policy } = await administrator.send(
      new iam.CreatePolicyCommand({ PolicyName: 'boundary', PolicyDocument: boundary }),
    )
    const clients = await as(allow('*'))
    await administrator.send(
      new iam.PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary: Policy?.Arn }),
    )
    const none = 'because no permissions boundary allows the cognito-idp:AdminGetUser action'
    expect(await outcome(clients.idp.send(getUser()))).toEqual(denied('cognito-idp:AdminGetUser', poolArn, none))
    const why = 'with an explicit deny in a permissions boundary'
    expect(await outcome(clients.iam.send(new iam.GetUserCommand({})))).toEqual(denied('iam:GetUser', user, why))
    expect(await outcome(clients.iam.send(new iam.ListRolesCommand({})))).toBe('ok')
  })

  it('a session policy limits what the role allows, and the session is named', async () => {
    const narrow = documentOf(allow('cognito-idp:ListGroups'))
    const { idp: client } = clientsOf(await assumeRole(pool, exampleCredentials, [allow('*')], 'reader', narrow))
    const session = 'arn:aws:sts::123456789012:assumed-role/reader/alice'
    expect(await outcome(client.send(getUser()))).toEqual([
      400,
      'AccessDeniedException',
      `User: ${session} is not authorized to perform: cognito-idp:AdminGetUser on resource: ${poolArn} ` +
        'because no session policy allows the cognito-idp:AdminGetUser action',
    ])
    const groups = new idp.ListGroupsCommand({ UserPoolId: pool.settings.userPoolId })
    expect(await outcome(client.send(groups))).toBe('ok')
  })

  it('managed policies, AWS’s own among them, and those of groups', async () => {
    const clients = await as()
    const administrator = clientsOf(exampleCredentials).iam
    const attach = (PolicyArn: string) =>
      administrator.send(new iam.AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }))
    await attach('arn:aws:iam::aws:policy/AmazonCognitoReadOnly')
    expect(await outcome(clients.idp.send(getUser()))).toBe('ok')
    await administrator.send(new iam.CreateGroupCommand({ GroupName: 'operators' }))
    const PolicyDocument = documentOf(allow('iam:ListRoles'))
    await administrator.send(
      new iam.PutGroupPolicyCommand({ GroupName: 'operators', PolicyName: 'own', PolicyDocument }),
    )
    await administrator.send(new iam.AddUserToGroupCommand({ GroupName: 'operators', UserName: 'alice' }))
    expect(await outcome(clients.iam.send(new iam.ListRolesCommand({ PathPrefix: '/a/' })))).toBe('ok')
  })

  it.each<[string, string, boolean]>([
    ['this pool', poolArn, true],
    ['pools of the region', 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/*', true],
    ['another pool', 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_BbCdEfGhI', false],
    ['pools of another region', 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/*', false],
  ])('resources: %s', async (_, Resource, isAllowed) => {
    const { idp: client } = await as(allow('cognito-idp:*', { Resource }))
    expect((await outcome(client.send(getUser()))) === 'ok').toBe(isAllowed)
  })
})

describe('Conditions are about the call', () => {
  const readTags = { TagsOfUser: () => new iam.ListUserTagsCommand({ UserName: 'alice' }) }

  it.each<[string, StatementText, boolean]>([
    ['the region', { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }, true],
    ['another region', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }, false],
    ['the time', { DateLessThan: { 'aws:CurrentTime': '2026-01-02T00:00:00Z' } }, true],
    ['a time that is over', { DateLessThan: { 'aws:CurrentTime': '2025-01-02T00:00:00Z' } }, false],
    ['a secure connection', { Bool: { 'aws:SecureTransport': 'true' } }, true],
    ['the name of the caller', { StringEquals: { 'aws:username': 'alice' } }, true],
    ['the tag of the resource', { StringEquals: { 'aws:ResourceTag/team': 'a' } }, false],
  ])('%s', async (_, Condition, isAllowed) => {
    const { iam: client } = await as(allow('iam:*', { Condition }))
    expect((await outcome(client.send(readTags.TagsOfUser()))) === 'ok').toBe(isAllowed)
  })

  it('tags of the request, and of the resource', async () => {
    const only = {
      StringEquals: { 'aws:RequestTag/team': 'a' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
    }
    const own = { StringEquals: { 'aws:ResourceTag/team': 'a' } }
    const { iam: client } = await as(
      allow(['iam:CreateRole', 'iam:TagRole'], { Condition: only }),
      allow('iam:GetRole', { Condition: own }),
    )
    const create = (RoleName: string, ...keys: string[]) => {
      const Tags = keys.map((Key) => ({ Key, Value: 'a' }))
      const trust = { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }
      return client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: documentOf(trust), Tags }))
    }
    expect(await outcome(create('a', 'team'))).toBe('ok')
    expect(await outcome(create('b', 'other'))).toEqual(denied('iam:CreateRole', roleArn('b')))
    expect(await outcome(create('c', 'team', 'other'))).toEqual(denied('iam:CreateRole', roleArn('c')))
    await clientsOf(exampleCredentials).iam.send(
      new iam.CreateRoleCommand({
        RoleName: 'd',
        AssumeRolePolicyDocument: documentOf({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
      }),
    )
    expect(await outcome(client.send(new iam.GetRoleCommand({ RoleName: 'a' })))).toBe('ok')
    expect(await outcome(client.send(new iam.GetRoleCommand({ RoleName: 'd' })))).toEqual(
      denied('iam:GetRole', roleArn('d')),
    )
  })

  it('the policy that is attached', async () => {
    const arn = 'arn:aws:iam::aws:policy/AmazonCognitoReadOnly'
    const { iam: client } = await as(
      allow('iam:AttachUserPolicy', { Condition: { ArnEquals: { 'iam:PolicyARN': arn } } }),
    )
    const attach = (PolicyArn: string) => client.send(new iam.AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }))
    expect(await outcome(attach(arn))).toBe('ok')
    expect(await outcome(attach('arn:aws:iam::aws:policy/AdministratorAccess'))).toEqual(
      denied('iam:AttachUserPolicy', user),
    )
  })
})

describe('What a call needs besides itself', () => {
  it('a role that is handed to Cognito has to be passed', async () => {
    const service = { StringEquals: { 'iam:PassedToService': 'cognito-idp.amazonaws.com' } }
    const clients = await as(
      allow(['cognito-idp:*', 'cognito-identity:*']),
      allow('iam:PassRole', { Resource: roleArn('reader'), Condition: service }),
    )
    const create = (GroupName: string, RoleArn: string) => {
      return clients.idp.send(new idp.CreateGroupCommand({ UserPoolId: pool.settings.userPoolId, GroupName, RoleArn }))
    }
    expect(await outcome(create('a', roleArn('reader')))).toBe('ok')
    expect(await outcome(create('b', roleArn('admin')))).toEqual(denied('iam:PassRole', roleArn('admin'), 'passed'))
    const set = new SetIdentityPoolRolesCommand({
      IdentityPoolId: pool.identityPoolId,
      Roles: { authenticated: roleArn('reader') },
    })
    expect(await outcome(clients.identity.send(set))).toEqual(denied('iam:PassRole', roleArn('reader'), 'passed'))
  })

  it('a role that is created with tags needs the permission to tag it', async () => {
    const { iam: client } = await as(allow('iam:CreateRole'))
    const AssumeRolePolicyDocument = documentOf({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' })
    const create = (RoleName: string, Tags?: iam.Tag[]) => {
      return client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags }))
    }
    expect(await outcome(create('plain'))).toBe('ok')
    expect(await outcome(create('tagged', [{ Key: 'a', Value: 'b' }]))).toEqual(
      denied('iam:TagRole', roleArn('tagged')),
    )
  })
})

it('Nobody needs a permission to ask who they are, and users of pools need none.', async () => {
  const clients = await as(deny('*'))
  expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(user)
  const { clientId } = pool.settings
  const signUp = new idp.SignUpCommand({ ClientId: clientId, Username: 'new', Password: 'Correct-h0rse' })
  expect(await outcome(clients.idp.send(signUp))).toBe('ok')
  const { idToken } = await pool.tokens('alice')
  const Logins = { [`cognito-idp.${pool.region}.amazonaws.com/${pool.settings.userPoolId}`]: idToken }
  expect(await outcome(clients.identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins })))).toBe(
    'ok',
  )
})

it('A call that is denied has no effect, and meets no fault that was ordered.', async () => {
  const { idp: client } = await as()
  const fault = pool.fail('AdminDeleteUser', { error: 'TooManyRequestsException' })
  const { userPoolId: UserPoolId } = pool.settings
  await outcome(client.send(new idp.AdminDeleteUserCommand({ UserPoolId, Username: 'alice' })))
  expect([fault.hits, await outcome(clientsOf(exampleCredentials).idp.send(getUser()))]).toEqual([0, 'ok'])
})

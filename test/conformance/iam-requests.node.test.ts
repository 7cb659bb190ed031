import * as identity from '@aws-sdk/client-cognito-identity'
import * as iamSdk from '@aws-sdk/client-iam'
import * as stsSdk from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import {
  createIamClient,
  createIdentityPoolCall,
  createIdentityPoolClient,
  type IamClient,
  type IdentityPoolClient,
  resolveIamEndpoints,
} from '../../src/aws/index.ts'
import { credentials } from '../support/aws.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly type: string | undefined
  readonly target: string | undefined
  readonly token: string | undefined
  /** What a signature is for: the region and the service. */
  readonly scope: string | undefined
  readonly input: unknown
}

const session = { ...credentials, sessionToken: 'session' }

function seen(method: string, url: string, read: (header: string) => string | null | undefined, body: string): Seen {
  const header = (name: string) => read(name) ?? undefined
  const [type] = header('content-type')?.split(';') ?? []
  const isForm = type === 'application/x-www-form-urlencoded'
  return {
    ...{ method, url, type },
    target: header('x-amz-target'),
    token: header('x-amz-security-token'),
    scope: /Credential=[^/]+\/\d+\/([^,]+)/.exec(header('authorization') ?? '')?.[1],
    input: isForm ? [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1)) : JSON.parse(body),
  }
}

interface SdkRequest {
  readonly method: string
  readonly hostname: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

/** What one of the SDK's clients sends for an operation. */
async function sentBySdk(sdk: object, client: string, operation: string, input: object, region = 'eu-west-1') {
  const sent: Seen[] = []
  const members = new Map(Object.entries(sdk))
  const [Client, Command] = [members.get(client), members.get(`${operation}Command`)]
  if (typeof Client !== 'function' || typeof Command !== 'function') throw new Error(`the SDK has no ${operation}`)
  const requestHandler = {
    async handle({ method, hostname, path, headers, body }: SdkRequest) {
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
      sent.push(seen(method, `https://${hostname}${path}`, (name) => headers[name], text))
      return { response: { statusCode: 200, headers: {}, body: new TextEncoder().encode('{}') } }
    },
  }
  const one: { send(command: object): Promise<unknown> } = Reflect.construct(Client, [
    { region, credentials: session, maxAttempts: 1, requestHandler },
  ])
  // What is answered is no XML: only the request counts.
  await one.send(Reflect.construct(Command, [input])).catch(() => {})
  return sent[0]
}

/** What ours send. Every answer is an error, so that nothing goes on. */
function ours() {
  const sent: Seen[] = []
  const answers: Record<string, object> = {}
  const options = {
    credentials: session,
    region: 'eu-west-1',
    retry: { attempts: 1 },
    async fetch(request: Request) {
      const { method, url, headers } = request
      const body = await request.text()
      sent.push(seen(method, url, (name) => headers.get(name), body))
      const operation = headers.get('x-amz-target')?.split('.')[1] ?? ''
      const answer = answers[operation]
      return answer ? Response.json(answer) : Response.json({ __type: 'Enough', message: '' }, { status: 400 })
    },
  }
  return { sent, options, answers }
}

const name = 'Ops+=,.@-_'
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: 'é😀 & "<>%2F+*\'()~!' }],
}
const text = JSON.stringify(policy)
const arn = 'arn:aws:iam::123456789012:policy/a b'
const tags = { 'a:b': 'x y', é: '', plus: '+' }
const pairs = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

const roleCalls: [string, (iam: IamClient) => Promise<unknown>, object][] = [
  [
    'ListRoles',
    (i) => i.roles.list({ pathPrefix: '/a/' }).page({ limit: 7, token: 'm=' }),
    { PathPrefix: '/a/', MaxItems: 7, Marker: 'm=' },
  ],
  ['ListRoles', (i) => i.roles.list().page(), {}],
  ['GetRole', (i) => i.roles.get(name), { RoleName: name }],
  [
    'CreateRole',
    (i) =>
      i.roles.create({
        ...{ name, trustPolicy: policy, path: '/a/', description: 'd é\n', tags, permissionsBoundary: arn },
        maxSessionDuration: 7200,
      }),
    {
      ...{ RoleName: name, AssumeRolePolicyDocument: text, Path: '/a/', Description: 'd é\n', Tags: pairs },
      ...{ PermissionsBoundary: arn, MaxSessionDuration: 7200 },
    },
  ],
  ['DeleteRole', (i) => i.roles.delete(name), { RoleName: name }],
  ['UpdateAssumeRolePolicy', (i) => i.roles.setTrustPolicy(name, policy), { RoleName: name, PolicyDocument: text }],
  [
    'PutRolePermissionsBoundary',
    (i) => i.roles.setPermissionsBoundary(name, arn),
    { RoleName: name, PermissionsBoundary: arn },
  ],
  ['DeleteRolePermissionsBoundary', (i) => i.roles.setPermissionsBoundary(name, undefined), { RoleName: name }],
  ['TagRole', (i) => i.roles.tag(name, tags), { RoleName: name, Tags: pairs }],
  ['UntagRole', (i) => i.roles.untag(name, ['a', 'b']), { RoleName: name, TagKeys: ['a', 'b'] }],
  ['ListRolePolicies', (i) => i.roles.policies(name).page({ limit: 1 }), { RoleName: name, MaxItems: 1 }],
  ['GetRolePolicy', (i) => i.roles.policy(name, 'p'), { RoleName: name, PolicyName: 'p' }],
  [
    'PutRolePolicy',
    (i) => i.roles.putPolicy(name, 'p', policy),
    { RoleName: name, PolicyName: 'p', PolicyDocument: text },
  ],
  ['DeleteRolePolicy', (i) => i.roles.deletePolicy(name, 'p'), { RoleName: name, PolicyName: 'p' }],
  ['ListAttachedRolePolicies', (i) => i.roles.managedPolicies(name).page(), { RoleName: name }],
  ['AttachRolePolicy', (i) => i.roles.attach(name, arn), { RoleName: name, PolicyArn: arn }],
  ['DetachRolePolicy', (i) => i.roles.detach(name, arn), { RoleName: name, PolicyArn: arn }],
  [
    'UpdateRole',
    (i) => i.call('UpdateRole', { RoleName: name, MaxSessionDuration: 3600 }),
    { RoleName: name, MaxSessionDuration: 3600 },
  ],
  ['ListRoleTags', (i) => i.call('ListRoleTags', { RoleName: name }), { RoleName: name }],
  ['UntagRole', (i) => i.call('UntagRole', { RoleName: name, TagKeys: [] }), { RoleName: name, TagKeys: [] }],
]

describe('the AWS SDK sends the same to IAM and STS', () => {
  it.each(roleCalls)('%s', async (operation, act, input) => {
    const { sent, options } = ours()
    await act(createIamClient(options)).catch(() => {})
    expect(sent).toEqual([await sentBySdk(iamSdk, 'IAMClient', operation, input)])
  })

  it('GetCallerIdentity', async () => {
    const { sent, options } = ours()
    await createIamClient(options)
      .caller()
      .catch(() => {})
    expect(sent).toEqual([await sentBySdk(stsSdk, 'STSClient', 'GetCallerIdentity', {})])
  })

  it.each([
    ...['us-east-1', 'eu-west-1', 'ap-southeast-2', 'us-gov-east-1', 'us-gov-west-1', 'cn-north-1', 'cn-northwest-1'],
    ...['us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1'],
  ])('to the hosts of %s', async (region) => {
    const { sent, options } = ours()
    const iam = createIamClient({ ...options, region })
    await iam.roles.find(name).catch(() => {})
    await iam.caller().catch(() => {})
    expect(sent).toEqual([
      await sentBySdk(iamSdk, 'IAMClient', 'GetRole', { RoleName: name }, region),
      await sentBySdk(stsSdk, 'STSClient', 'GetCallerIdentity', {}, region),
    ])
    expect(resolveIamEndpoints({ region }).iam.endpoint).toBe(sent[0]?.url)
  })
})

const IdentityPoolId = 'eu-west-1:01234567-89ab-cdef-0123-456789abcdef'
const settings = {
  ...{ IdentityPoolId, IdentityPoolName: 'web é', AllowUnauthenticatedIdentities: false, AllowClassicFlow: true },
  CognitoIdentityProviders: [{ ProviderName: 'p', ClientId: 'c', ServerSideTokenCheck: true }],
  ...{ OpenIdConnectProviderARNs: ['arn:o'], SamlProviderARNs: ['arn:s'], DeveloperProviderName: 'd' },
  ...{ SupportedLoginProviders: { a: '1' }, IdentityPoolTags: { k: 'v' } },
}
const rule = { Claim: 'c', MatchType: 'Contains', Value: 'v', RoleARN: 'arn:r' }
const mappings = { old: { Type: 'Rules', AmbiguousRoleResolution: 'Deny', RulesConfiguration: { Rules: [rule] } } }
const poolCalls: [string, (pool: IdentityPoolClient) => Promise<unknown>, object][] = [
  ['DescribeIdentityPool', (p) => p.describe(), { IdentityPoolId }],
  ['GetIdentityPoolRoles', (p) => p.roles(), { IdentityPoolId }],
  [
    'UpdateIdentityPool',
    (p) =>
      p.update({
        ...{ name: 'n', allowUnauthenticatedIdentities: true, allowClassicFlow: false, developerProviderName: 'e' },
        providers: [{ providerName: 'q', clientId: 'd', serverSideTokenCheck: false }],
        ...{
          supportedLoginProviders: { b: '2' },
          tags: { l: 'w' },
          openIdConnectProviderArns: [],
          samlProviderArns: ['arn:t'],
        },
      }),
    {
      ...{ IdentityPoolId, IdentityPoolName: 'n', AllowUnauthenticatedIdentities: true, AllowClassicFlow: false },
      CognitoIdentityProviders: [{ ProviderName: 'q', ClientId: 'd', ServerSideTokenCheck: false }],
      ...{ OpenIdConnectProviderARNs: [], SamlProviderARNs: ['arn:t'], DeveloperProviderName: 'e' },
      ...{ SupportedLoginProviders: { b: '2' }, IdentityPoolTags: { l: 'w' } },
    },
  ],
  ['UpdateIdentityPool', (p) => p.update({ allowClassicFlow: false }), { ...settings, AllowClassicFlow: false }],
  [
    'SetIdentityPoolRoles',
    (p) =>
      p.setRoleMapping('p:c', {
        ...{ type: 'Rules', ambiguousRoleResolution: 'AuthenticatedRole' },
        rules: [{ claim: 'c', matchType: 'StartsWith', value: 'v', roleArn: 'arn:r' }],
      }),
    {
      ...{ IdentityPoolId, Roles: { authenticated: 'arn:a' } },
      RoleMappings: {
        ...mappings,
        'p:c': {
          ...{ Type: 'Rules', AmbiguousRoleResolution: 'AuthenticatedRole' },
          RulesConfiguration: { Rules: [{ ...rule, MatchType: 'StartsWith' }] },
        },
      },
    },
  ],
]
const open = [
  ['GetId', { IdentityPoolId, AccountId: '123456789012', Logins: { a: 'token' } }],
  ['GetOpenIdToken', { IdentityId: 'i', Logins: { a: 'token' } }],
  ['GetCredentialsForIdentity', { IdentityId: 'i', Logins: { a: 'token' }, CustomRoleArn: arn }],
  ['UnlinkIdentity', { IdentityId: 'i', Logins: { a: 'token' }, LoginsToRemove: ['a'] }],
] as const

describe('the AWS SDK sends the same to identity pools', () => {
  const roles = { IdentityPoolId, Roles: { authenticated: 'arn:a' }, RoleMappings: mappings }

  it.each(poolCalls)('%s', async (operation, act, input) => {
    const { sent, options, answers } = ours()
    if (operation.startsWith('Update')) answers['DescribeIdentityPool'] = settings
    if (operation.startsWith('Set')) answers['GetIdentityPoolRoles'] = roles
    await act(createIdentityPoolClient({ ...options, identityPoolId: IdentityPoolId })).catch(() => {})
    expect(sent.at(-1)).toEqual(await sentBySdk(identity, 'CognitoIdentityClient', operation, input))
  })

  it.each(open)('%s, not signed', async (operation, input) => {
    const { sent, options } = ours()
    await createIdentityPoolCall(options)(operation, input).catch(() => {})
    const [theirs] = [await sentBySdk(identity, 'CognitoIdentityClient', operation, input)]
    expect(theirs?.scope).toBeUndefined()
    expect(sent).toEqual([theirs])
  })
})

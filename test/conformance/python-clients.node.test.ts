import { spawn, spawnSync } from 'node:child_process'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'

/** Whether a command can be run; where it cannot, the tests that need it are skipped. */
function isThere(command: string, args: readonly string[]): boolean {
  const found = spawnSync(command, args, { stdio: 'ignore' }).status === 0
  if (!found) process.stderr.write(`${command} ${args.join(' ')}: not found; its tests are skipped.\n`)
  return found
}

const hasCli = isThere('aws', ['--version'])
const hasBoto = isThere('python3', ['-c', 'import boto3'])

let server: LocalServer | undefined
let endpoint: string

beforeAll(async () => {
  server = await startLocalServer({
    pool: {
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: 'main',
      groups: ['viewer'],
      users: { alice: { password: 'Correct-horse-1', email: 'alice@example.com' }, bob: {}, carol: {} },
    },
  })
  endpoint = server.url
})

afterAll(() => server?.close())

function run(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      AWS_PAGER: '',
      ENDPOINT: endpoint,
    }
    const child = spawn(command, args, { env })
    const texts = { out: '', err: '' }
    child.stdout.on('data', (text) => {
      texts.out += text
    })
    child.stderr.on('data', (text) => {
      texts.err += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...texts }))
    child.stdin.end(input)
  })
}

describe.skipIf(!hasCli)('the AWS CLI', () => {
  const aws = (...args: string[]) => {
    return run('aws', [...args, '--endpoint-url', endpoint, '--region', 'eu-west-1', '--output', 'json'])
  }
  const pools = ['--user-pool-id', 'eu-west-1_AbCdEfGhI']

  it('describes the pool', async () => {
    const { out, err } = await aws('cognito-idp', 'describe-user-pool', ...pools)
    expect(err).toBe('')
    const { UserPool } = JSON.parse(out)
    expect(UserPool).toMatchObject({
      Arn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI',
      MfaConfiguration: 'OPTIONAL',
      UserPoolTags: {},
    })
    expect(UserPool.SchemaAttributes.map(({ Name }: { Name: string }) => Name)).toContain('identities')
  })

  it('signs nothing that users call, and is told what is wrong with the token', async () => {
    const { code, err } = await aws('cognito-idp', 'start-web-authn-registration', '--access-token', 'x')
    expect(code).not.toBe(0)
    expect(err).toContain('Invalid Access Token')
  })

  it('is told all that is wrong with an input', async () => {
    const { err } = await aws('cognito-idp', 'list-groups', '--user-pool-id', '!', '--limit', '61')
    expect(err).toContain('2 validation errors detected: Value')
    expect(err).toContain(
      "Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60",
    )
  })
})

describe.skipIf(!hasBoto)('boto3', () => {
  /** Runs Python that prints one JSON value, with `idp`, `iam` and `refused(call, …)` at hand. */
  const python = async (code: string) => {
    const start = `
import boto3, json, os
from botocore.exceptions import ClientError
make = lambda name: boto3.client(name, region_name='eu-west-1', endpoint_url=os.environ['ENDPOINT'])
idp, iam = make('cognito-idp'), boto3.client('iam', region_name='us-east-1', endpoint_url=os.environ['ENDPOINT'])
pool = 'eu-west-1_AbCdEfGhI'
def refused(call, **input):
    try:
        call(**input)
    except ClientError as error:
        return error.response['Error']['Code']
    return None
`
    const { out, err } = await run('python3', ['-'], start + code)
    if (err !== '') throw new Error(err)
    return JSON.parse(out)
  }

  it('pages users, and is refused what AWS refuses', async () => {
    const outcome = await python(`
pages = idp.get_paginator('list_users').paginate(UserPoolId=pool, PaginationConfig={'PageSize': 1})
names = [user['Username'] for page in pages for user in page['Users']]
trust = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'AWS': '123456789012'}, 'Action': 'sts:AssumeRole'}]})
iam.create_role(RoleName='reader', AssumeRolePolicyDocument=trust)
print(json.dumps([
    names,
    refused(idp.list_users, UserPoolId=pool, AttributesToGet=['shoe']),
    refused(idp.create_user_pool_client, UserPoolId=pool, ClientName='a', AllowedOAuthScopes=['bills/read']),
    refused(idp.admin_set_user_mfa_preference, UserPoolId=pool, Username='bob', SoftwareTokenMfaSettings={'Enabled': True}),
    refused(idp.create_user_pool_client, UserPoolId=pool, ClientName='a', ReadAttributes=['shoe']),
]))
`)
    const refusals = [
      'InvalidParameterException',
      'ScopeDoesNotExistException',
      ...Array(2).fill('InvalidParameterException'),
    ]
    expect(outcome).toEqual([['alice', 'bob', 'carol'], ...refusals])
  })

  it('rotates refresh tokens and is told of a reuse', async () => {
    const outcome = await python(`
client = idp.create_user_pool_client(UserPoolId=pool, ClientName='r', ExplicitAuthFlows=['ALLOW_ADMIN_USER_PASSWORD_AUTH'], RefreshTokenRotation={'Feature': 'ENABLED'})['UserPoolClient']['ClientId']
signed = idp.admin_initiate_auth(UserPoolId=pool, ClientId=client, AuthFlow='ADMIN_USER_PASSWORD_AUTH', AuthParameters={'USERNAME': 'alice', 'PASSWORD': 'Correct-horse-1'})['AuthenticationResult']
renewed = idp.get_tokens_from_refresh_token(ClientId=client, RefreshToken=signed['RefreshToken'])['AuthenticationResult']
print(json.dumps([
    renewed['RefreshToken'] != signed['RefreshToken'],
    refused(idp.get_tokens_from_refresh_token, ClientId=client, RefreshToken=signed['RefreshToken']),
]))
`)
    expect(outcome).toEqual([true, 'RefreshTokenReuseException'])
  })

  it('gets providers completed, and resource servers in pages', async () => {
    const outcome = await python(`
details = {'client_id': 'a', 'client_secret': 'b', 'authorize_scopes': 'openid'}
google = idp.create_identity_provider(UserPoolId=pool, ProviderName='Google', ProviderType='Google', ProviderDetails=details)['IdentityProvider']
for name in ['a', 'b']:
    idp.create_resource_server(UserPoolId=pool, Identifier=name, Name=name, Scopes=[{'ScopeName': 'read', 'ScopeDescription': 'd'}])
pages = idp.get_paginator('list_resource_servers').paginate(UserPoolId=pool, PaginationConfig={'PageSize': 1})
print(json.dumps([google['ProviderDetails']['oidc_issuer'], google['AttributeMapping'], [one['Identifier'] for page in pages for one in page['ResourceServers']]]))
`)
    expect(outcome).toEqual(['https://accounts.google.com', { username: 'sub' }, ['a', 'b']])
  })
})

import { spawn, spawnSync } from 'node:child_process'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'

// A witness of signatures and permissions that shares nothing with this package: boto3 signs, over HTTP, at a strict server.

const hasBoto = spawnSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0
if (!hasBoto) process.stderr.write('python3 -c import boto3: not found; its tests are skipped.\n')

let server: LocalServer | undefined

beforeAll(async () => {
  const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', users: { alice: {} } }
  server = await startLocalServer({ pool, region: 'eu-west-1', strict: true })
})

afterAll(() => server?.close())

/** Prints what came out of each call as a line of JSON: the name, then `ok` or status, code and message. */
const program = `
import boto3, botocore, json, os
from botocore.config import Config
def clients(key, secret, token=None):
    make = lambda name, region: boto3.client(name, endpoint_url=os.environ['ENDPOINT'], region_name=region,
        aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token,
        config=Config(retries={'max_attempts': 0}))
    return {'idp': make('cognito-idp', 'eu-west-1'), 'identity': make('cognito-identity', 'eu-west-1'),
        'iam': make('iam', 'us-east-1'), 'sts': make('sts', 'us-east-1')}
def say(name, work):
    try:
        work()
        print(json.dumps([name, 'ok']))
    except botocore.exceptions.ClientError as error:
        meta = error.response['ResponseMetadata']['HTTPStatusCode']
        print(json.dumps([name, meta, error.response['Error']['Code'], error.response['Error']['Message']]))
pool = 'eu-west-1_AbCdEfGhI'
arn = 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/' + pool
document = lambda *statements: json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})
root = clients(os.environ['ROOT_KEY'], os.environ['ROOT_SECRET'])
say('administrator', lambda: root['iam'].create_user(UserName='zoe'))
root['iam'].put_user_policy(UserName='zoe', PolicyName='own', PolicyDocument=document(
    {'Effect': 'Allow', 'Action': ['cognito-idp:List*', 'cognito-idp:AdminGetUser', 'sts:AssumeRole'], 'Resource': '*'},
    {'Effect': 'Deny', 'Action': 'cognito-idp:ListUsers', 'Resource': arn}))
key = root['iam'].create_access_key(UserName='zoe')['AccessKey']
zoe = clients(key['AccessKeyId'], key['SecretAccessKey'])
say('allowed', lambda: zoe['idp'].admin_get_user(UserPoolId=pool, Username='alice'))
say('denied', lambda: zoe['idp'].list_users(UserPoolId=pool))
say('nothing said', lambda: zoe['idp'].admin_delete_user(UserPoolId=pool, Username='alice'))
say('iam', lambda: zoe['iam'].list_roles())
say('who', lambda: zoe['sts'].get_caller_identity())
wrong = clients(key['AccessKeyId'], 'wrong')
for name, call in [('idp', lambda c: c['idp'].list_groups(UserPoolId=pool)), ('iam', lambda c: c['iam'].list_roles())]:
    say('wrong ' + name, lambda: call(wrong))
    say('stranger ' + name, lambda: call(clients('AKIASTRANGER00000000', 'x')))
trust = document({'Effect': 'Allow', 'Principal': {'AWS': '123456789012'}, 'Action': 'sts:AssumeRole'})
role = root['iam'].create_role(RoleName='reader', AssumeRolePolicyDocument=trust)['Role']['Arn']
root['iam'].put_role_policy(RoleName='reader', PolicyName='own', PolicyDocument=document(
    {'Effect': 'Allow', 'Action': 'cognito-idp:ListGroups', 'Resource': arn}))
given = zoe['sts'].assume_role(RoleArn=role, RoleSessionName='zoe')['Credentials']
session = clients(given['AccessKeyId'], given['SecretAccessKey'], given['SessionToken'])
say('session', lambda: session['idp'].list_groups(UserPoolId=pool))
say('session denied', lambda: session['idp'].list_users(UserPoolId=pool))
say('session without its token', lambda: clients(given['AccessKeyId'], given['SecretAccessKey'])['idp'].list_groups(UserPoolId=pool))
`

function run(): Promise<{ lines: unknown[]; err: string }> {
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ENDPOINT: server?.url,
      ROOT_KEY: server?.administrator?.accessKeyId,
      ROOT_SECRET: server?.administrator?.secretAccessKey,
    }
    const child = spawn('python3', ['-'], { env })
    const texts = { out: '', err: '' }
    child.stdout.on('data', (text) => {
      texts.out += text
    })
    child.stderr.on('data', (text) => {
      texts.err += text
    })
    child.on('error', reject)
    child.on('close', () => {
      const lines = texts.out.split('\n').filter((line) => line !== '')
      resolve({ lines: lines.map((line) => JSON.parse(line)), err: texts.err })
    })
    child.stdin.end(program)
  })
}

describe.skipIf(!hasBoto)('boto3 at a strict server', () => {
  it('is let in by keys that the server knows, does what their policies allow, and is told why it may not', async () => {
    const { lines, err } = await run()
    expect(err).toBe('')
    const arn = 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI'
    const user = 'arn:aws:iam::123456789012:user/zoe'
    const refusal = (who: string, action: string, on: string, why: string) =>
      `User: ${who} is not authorized to perform: ${action} on resource: ${on} ${why}`
    const none = (action: string) => `because no identity-based policy allows the ${action} action`
    const unknown = 'The security token included in the request is invalid.'
    const wrong = expect.stringMatching(/^The request signature we calculated does not match/)
    expect(lines).toEqual([
      ['administrator', 'ok'],
      ['allowed', 'ok'],
      [
        ...['denied', 400, 'AccessDeniedException'],
        refusal(user, 'cognito-idp:ListUsers', arn, 'with an explicit deny in an identity-based policy'),
      ],
      [
        ...['nothing said', 400, 'AccessDeniedException'],
        refusal(user, 'cognito-idp:AdminDeleteUser', arn, none('cognito-idp:AdminDeleteUser')),
      ],
      [
        ...['iam', 403, 'AccessDenied'],
        refusal(user, 'iam:ListRoles', 'arn:aws:iam::123456789012:role/', none('iam:ListRoles')),
      ],
      ['who', 'ok'],
      ['wrong idp', 400, 'InvalidSignatureException', wrong],
      ['stranger idp', 400, 'UnrecognizedClientException', unknown],
      ['wrong iam', 403, 'SignatureDoesNotMatch', wrong],
      ['stranger iam', 403, 'InvalidClientTokenId', unknown],
      ['session', 'ok'],
      [
        ...['session denied', 400, 'AccessDeniedException'],
        refusal(
          'arn:aws:sts::123456789012:assumed-role/reader/zoe',
          'cognito-idp:ListUsers',
          arn,
          none('cognito-idp:ListUsers'),
        ),
      ],
      ['session without its token', 400, 'UnrecognizedClientException', unknown],
    ])
  })
})

import { CognitoIdentityProviderClient, UpdateGroupCommand } from '@aws-sdk/client-cognito-identity-provider'
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupDetail } from '../../../examples/group-detail.ts'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import { createPoolAdmin, type PoolAdmin } from '../../../src/admin/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { putAccessKey } from '../../support/access-key.ts'
import { commandLine, type Ended, hasProgram, run } from '../../support/command-line.ts'

// The built command line in a process of its own, against a local AWS over loopback.

const userPoolId = 'eu-west-1_AbCdEfGhI'
const account = '123456789012'
let server: LocalServer
let admin: PoolAdmin
let folder: string
beforeEach(async () => {
  const users = { alice: {}, bob: {}, carol: {} }
  server = await startLocalServer({ pool: { userPoolId, clientId: 'web', users, identityPool: {} } })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  admin = createPoolAdmin({ userPoolId, endpoint: server.url, credentials })
  folder = mkdtempSync(join(tmpdir(), 'cognigate-apply-'))
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

function cognigate(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run([runtimes.node, commandLine, ...args], {
    cwd: folder,
    env: { AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId, ...env },
  })
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

async function membersOf(group: string): Promise<string[]> {
  return (await admin.groups.members(group).toArray()).map(({ username }) => username).sort()
}

const withMembers = `groups:
  viewer: { allow: [posts.read], precedence: 20, description: Reads }
  editor: { inherits: [viewer], allow: [posts.write], precedence: 10 }
members:
  editor: [alice, bob]
`

describe('cognigate apply', () => {
  it.each([
    ['viewer.yaml', 'viewer: { allow: [posts.read] }'],
    ['viewer.mjs', "export default { viewer: { allow: ['posts.read'] } }"],
  ])('makes a map of groups alone: %s', async (name, text) => {
    const file = write(name, text)
    expect(await cognigate(['plan', file])).toMatchObject({ status: 2, stderr: '' })
    expect(await cognigate(['apply', '--yes', file])).toMatchObject({ status: 0, stderr: '' })
    expect((await admin.groups.list().toArray()).map((group) => group.name)).toEqual(['viewer'])
    expect(await cognigate(['drift', file])).toMatchObject({ status: 0, stderr: '' })
  })

  it('makes what the plan says, members too, and then there is nothing to change', async () => {
    const file = write('groups.yaml', withMembers)
    const planned = await cognigate(['plan', '--json', file])
    expect(planned).toMatchObject({ status: 2, stderr: '' })
    expect(JSON.parse(planned.stdout)).toMatchObject({
      version: 1,
      members: [{ group: 'editor', add: ['alice', 'bob'], remove: [], found: [] }],
    })
    expect(await cognigate(['apply', '--yes', file])).toMatchObject({ status: 0, stderr: '' })
    expect(await membersOf('editor')).toEqual(['alice', 'bob'])
    expect(await admin.groups.get('viewer')).toMatchObject({ precedence: 20, description: 'Reads' })
    expect(await cognigate(['plan', file])).toEqual({ status: 0, stdout: 'Nothing to change.\n', stderr: '' })

    // Members of groups that the file does not list are nobody's business.
    await admin.users.addToGroup('carol', 'viewer')
    await admin.users.addToGroup('carol', 'editor')
    await admin.users.removeFromGroup('bob', 'editor')
    const drift = await cognigate(['drift', file])
    expect(drift).toEqual({ status: 2, stdout: '~ members of editor\n    + bob\n    - carol\n', stderr: '' })
    const again = await cognigate(['apply', '--yes', '--json', file])
    expect(JSON.parse(again.stdout)).toEqual({ version: 1, changes: [], members: 2 })
    expect([await membersOf('editor'), await membersOf('viewer')]).toEqual([['alice', 'bob'], ['carol']])
  })

  it('is judged by the AWS CLI and by boto3', async (context) => {
    if (!hasProgram('aws') || !hasProgram('python3')) context.skip('no AWS CLI and Python here')
    await cognigate(['apply', '--yes', write('groups.yaml', withMembers)])
    const { PATH, HOME } = process.env
    const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'eu-west-1' }
    const env = { PATH, HOME, ...keys, AWS_ENDPOINT_URL: server.url }
    const listed = await run(
      ['aws', 'cognito-idp', 'list-groups', '--user-pool-id', userPoolId, '--query', 'Groups[].[GroupName,Precedence]'],
      { env },
    )
    expect(JSON.parse(listed.stdout).sort()).toEqual([
      ['editor', 10],
      ['viewer', 20],
    ])
    const program = `import boto3, json
found = boto3.client('cognito-idp').list_users_in_group(UserPoolId='${userPoolId}', GroupName='editor')
print(json.dumps(sorted(user['Username'] for user in found['Users'])))`
    const python = await run(['python3', '-c', program], { env })
    if (/ModuleNotFoundError/.test(python.stderr)) context.skip('no boto3 here')
    expect(python.stdout).toBe('["alice", "bob"]\n')
  })

  it('makes a saved plan exactly, once, and refuses it when the pool has moved on', async () => {
    const file = write('groups.yaml', withMembers)
    const saved = await cognigate(['plan', '--out', 'plan.json', file])
    expect(saved.status).toBe(2)
    expect(statSync(join(folder, 'plan.json')).mode & 0o777).toBe(0o600)
    symlinkSync('plan.json', join(folder, 'link.json'))
    await cognigate(['plan', '--out', 'link.json', file])
    expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true)
    // The file may change meanwhile: it is the plan that counts.
    write('groups.yaml', 'groups:\n  other: { allow: [x] }\n')
    expect((await cognigate(['apply', '--yes', 'plan.json'])).status).toBe(0)
    expect((await admin.groups.list().toArray()).map(({ name }) => name).sort()).toEqual(['editor', 'viewer'])
    const twice = await cognigate(['apply', '--yes', 'plan.json'])
    expect(twice.status).toBe(1)
    expect(twice.stderr).toContain('The plan is out of date; make a new one.')

    write('groups.yaml', withMembers.replace('[alice, bob]', '[alice]'))
    await cognigate(['plan', '--out', 'plan.json', 'groups.yaml'])
    await admin.users.addToGroup('carol', 'editor')
    const stale = await cognigate(['apply', '--yes', 'plan.json'])
    expect(stale).toMatchObject({
      status: 1,
      stderr: 'the plan is out of date: the members of editor have changed; make a new one\n',
    })
    expect(await membersOf('editor')).toEqual(['alice', 'bob', 'carol'])

    const edited = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))
    const joining = { group: 'editor', add: ['carol'], remove: [], found: ['alice', 'bob', 'carol'] }
    for (const change of [{ cognigatePlan: 2 }, { members: [joining] }, { extra: 1 }, { sha256: undefined }]) {
      write('edited.json', JSON.stringify({ ...edited, ...change }))
      const { status, stderr } = await cognigate(['apply', '--yes', 'edited.json'])
      expect([status, stderr]).toEqual([1, expect.stringContaining('is of another version or was edited')])
    }
    expect(await membersOf('editor')).toEqual(['alice', 'bob', 'carol'])
  })

  it('takes over a role by --adopt alone, and deletes what is not defined by --prune alone', {
    timeout: 60_000,
  }, async () => {
    const identityPool = server.pool.identityPoolId ?? ''
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const iam = new IAMClient({ region: 'us-east-1', endpoint: server.url, credentials })
    const trust = { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust })
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'role_viewer', AssumeRolePolicyDocument }))
    await admin.groups.create({ name: 'legacy' })
    const policy = "{ Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }] }"
    const file = write(
      'roles.yaml',
      `groups: { viewer: { allow: [x], precedence: 1 } }\npolicies: { viewer: ${policy} }\n`,
    )
    const flags = ['--identity-pool', identityPool, '--secure-identity-pool']
    const refused = await cognigate(['apply', '--yes', ...flags, file])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('add its ARN to --adopt to take it over')
    const adopted = await cognigate(['apply', '--yes', ...flags, '--adopt', Role?.Arn ?? '', file])
    expect(adopted, adopted.stderr).toMatchObject({ status: 0 })
    expect(adopted.stdout).toContain(`takes over ${Role?.Arn}`)
    expect((await admin.groups.get('viewer')).roleArn).toBe(Role?.Arn)
    expect((await admin.groups.list().toArray()).map(({ name }) => name).sort()).toEqual(['legacy', 'viewer'])
    const fewer = write('fewer.yaml', 'groups: { editor: { allow: [x] } }\n')
    expect((await cognigate(['plan', fewer])).stdout).not.toContain('- group')
    expect((await cognigate(['plan', '--prune', fewer])).stdout).toMatch(/^- group legacy$/m)
    expect((await cognigate(['apply', '--yes', '--prune', fewer])).stdout).toContain('4 changes made.')
    expect((await admin.groups.list().toArray()).map(({ name }) => name)).toEqual(['editor'])
    expect(
      (await iam.send(new ListRolesCommand({}))).Roles?.filter(({ RoleName }) => RoleName === 'role_viewer'),
    ).toEqual([])
  })

  it('does nothing without --yes where there is no terminal, and nothing while findings block', async () => {
    const asked = await cognigate(['apply', write('groups.yaml', withMembers)])
    expect(asked).toMatchObject({ status: 1, stderr: '--yes: expected, since there is no terminal to ask at\n' })
    const detail = write('group_detail.json', JSON.stringify(groupDetail))
    const identityPool = server.pool.identityPoolId ?? ''
    const blocked = await cognigate(['apply', '--yes', '--identity-pool', identityPool, detail])
    expect(blocked.status).toBe(1)
    expect(blocked.stderr).toMatch(
      /^nothing was changed, since findings block the plan: role-mapping, self-access:Group1@/,
    )
    expect(await admin.groups.list().toArray()).toEqual([])
  })

  it('writes `created` back into a cognises file as the ancestor did, whole, and only after all is made', async () => {
    const detail = groupDetail.map(({ group_policy: _, ...group }, index) => ({ ...group, precedence: index }))
    const text = JSON.stringify(detail, null, 4)
    const file = write('group_detail.json', text)
    server.pool.fail('CreateGroup', { error: 'NotAuthorizedException' })
    expect((await cognigate(['apply', '--yes', '--write-back', '--timeout', '3', file])).status).toBe(1)
    expect(readFileSync(join(folder, file), 'utf8')).toBe(text)
    server.pool.recover()
    expect(await cognigate(['apply', '--yes', '--write-back', file])).toMatchObject({ status: 0 })
    const written = readFileSync(join(folder, file), 'utf8')
    expect(written).toBe(
      `${JSON.stringify(
        detail.map((group) => ({ ...group, created: 'true' })),
        null,
        4,
      )}\n`,
    )
    expect(readdirSync(folder)).toEqual([file])
    const refused = await cognigate(['apply', '--yes', '--write-back', write('groups.yaml', withMembers)])
    expect(refused).toMatchObject({
      status: 1,
      stderr: '--write-back: expected a cognises file: a JSON list of groups\n',
    })
  })

  it('says where it failed half way, and goes on when it is run again', async () => {
    const file = write('groups.yaml', withMembers.replace('[alice, bob]', '[alice, nobody]'))
    const failed = await cognigate(['apply', '--yes', file])
    expect(failed.status).toBe(1)
    expect(failed.stderr).toMatch(/^nobody in editor failed: .*; apply again to go on\n$/)
    expect(await membersOf('editor')).toEqual(['alice'])
    await admin.users.create({ username: 'nobody', messageAction: 'SUPPRESS' })
    expect((await cognigate(['apply', '--yes', file])).status).toBe(0)
    expect(await membersOf('editor')).toEqual(['alice', 'nobody'])
  })
})

/** The actions that a row of the table of docs/command-line/aws.md names, without those of policies. */
function permissionsOf(command: string): string[] {
  const row = readFileSync(`${root}/docs/command-line/aws.md`, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${command} |`))
  const own = row?.replace(/with policies.*/, '') ?? ''
  return [...own.matchAll(/`([a-z-]+:[A-Za-z]+)`/g)].map(([, action = '']) => action)
}

describe('what the AWS key may do', () => {
  const planning = permissionsOf('`plan`, `drift`')
  const applying = [...planning, ...permissionsOf('`apply`')]
  const withPrecedence = withMembers.replace('precedence: 20', 'precedence: 21').replace('[alice, bob]', '[bob, carol]')

  /** What ends with which code, under these permissions alone. */
  async function statuses(
    permissions: readonly string[],
    commands: readonly (readonly string[])[],
  ): Promise<unknown[]> {
    const resources = { 'cognito-idp': `arn:aws:cognito-idp:eu-west-1:${account}:userpool/${userPoolId}` }
    const statements = permissions.map((action) => ({
      Effect: 'Allow',
      Action: action,
      Resource: action.startsWith('iam:') ? `arn:aws:iam::${account}:role/*` : resources['cognito-idp'],
    }))
    const keys = await putAccessKey(server.pool, `user-${Math.random().toString(36).slice(2)}`, statements)
    const env = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey }
    const found: unknown[] = []
    for (const command of commands) {
      const { status, stderr } = await cognigate(command, env)
      found.push(status === 1 ? (/AccessDenied|not authorized/.exec(stderr)?.[0] ?? stderr) : status)
    }
    return found
  }

  it('is what the page says, for each command, and no less will do', { timeout: 120_000 }, async () => {
    write('groups.yaml', withMembers)
    write('next.yaml', withPrecedence)
    expect(planning).toEqual(['cognito-idp:ListGroups', 'iam:ListRoles', 'cognito-idp:ListUsersInGroup'])
    const all = [
      ['plan', 'groups.yaml'],
      ['apply', '--yes', 'groups.yaml'],
      ['apply', '--yes', 'next.yaml'],
      ['drift', 'next.yaml'],
    ]
    expect(await statuses(applying, all)).toEqual([2, 0, 0, 0])
    const impact = [
      [
        'impact',
        'groups.yaml',
        write('less.yaml', 'groups: { viewer: {}, editor: {} }\npermissions: [posts.read, posts.write]\n'),
      ],
    ]
    expect(await statuses(permissionsOf('`impact`'), impact)).toEqual([2])
    expect(await statuses([], impact)).toEqual(['AccessDenied'])
    const init = [['init', '--pool', userPoolId, '--members', 'from-pool.yaml']]
    expect(await statuses(permissionsOf('`init --pool`'), init)).toEqual([0])
    const explain = [['explain', '--map', 'groups.yaml', 'carol', 'posts.write']]
    expect(await statuses(permissionsOf('`explain`'), explain)).toEqual([0])
    for (const permission of permissionsOf('`explain`')) {
      expect(
        await statuses(
          permissionsOf('`explain`').filter((other) => other !== permission),
          explain,
        ),
      ).toEqual(['AccessDenied'])
    }
    for (const permission of planning) {
      write('groups.yaml', withMembers)
      const rest = planning.filter((other) => other !== permission)
      expect(await statuses(rest, [['plan', 'groups.yaml']]), permission).toEqual(['AccessDenied'])
    }
  })

  it('lets nobody write who may only plan', async () => {
    write('groups.yaml', withMembers)
    expect(
      await statuses(planning, [
        ['plan', 'groups.yaml'],
        ['apply', '--yes', 'groups.yaml'],
      ]),
    ).toEqual([2, 'AccessDenied'])
    expect(await admin.groups.list().toArray()).toEqual([])
  })
})

describe('cognigate drift', () => {
  it('sees what the AWS SDK has changed', async () => {
    const file = write('groups.yaml', 'groups:\n  viewer: { allow: [x], precedence: 20 }\n')
    await cognigate(['apply', '--yes', file])
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const client = new CognitoIdentityProviderClient({ region: 'eu-west-1', endpoint: server.url, credentials })
    await client.send(new UpdateGroupCommand({ UserPoolId: userPoolId, GroupName: 'viewer', Precedence: 1 }))
    expect(await cognigate(['drift', file])).toEqual({
      status: 2,
      stdout: '~ group viewer\n    precedence: 1 → 20\n',
      stderr: '',
    })
  })
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runtimes } from '../../../scripts/lib/runtimes.mjs'
import type { CallOptions } from '../../../src/admin/index.ts'
import { connect } from '../../../src/cli/connection.ts'
import type { Finding } from '../../../src/cli/doctor/check.ts'
import { checks } from '../../../src/cli/doctor/checks.ts'
import { readWorld } from '../../../src/cli/doctor/read-world.ts'
import type { Step } from '../../../src/cli/progress.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { putAccessKey, type StatementText } from '../../support/access-key.ts'
import { commandLine, run } from '../../support/command-line.ts'
import {
  cleanClient,
  createDoctorPool,
  doctor,
  type DoctorPool,
  examination,
  sdkOf,
  trustText,
} from '../../support/doctor.ts'

let folder: string
let file: string
let server: LocalServer
let pool: DoctorPool
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-doctor-'))
  file = join(folder, 'groups.yaml')
  writeFileSync(
    file,
    "groups:\n  vip: { allow: [{ permission: a.b, when: { 'custom:tier': gold } }] }\ntrustedClaims: ['custom:tier']\n",
  )
  server = await startLocalServer({ pool: {}, region: 'eu-west-1' })
  pool = await createDoctorPool(server)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** The policy that the page shows, for the pools here. */
function readPolicy(): StatementText[] {
  const page = readFileSync(`${root}/docs/command-line/doctor.md`, 'utf8')
  const text = /```json\n(\{\s+"Version"[\s\S]*?)```/.exec(page)?.[1] ?? ''
  const filled = text
    .replaceAll('us-east-1_AbCdEfGhI', pool.UserPoolId)
    .replaceAll('us-east-1:11111111-2222-4333-8444-555555555555', pool.IdentityPoolId)
    .replaceAll(':us-east-1:', `:${server.region}:`)
  const { Statement } = JSON.parse(filled)
  return Statement
}

const actionsOf = (statements: readonly StatementText[]) =>
  statements.flatMap(({ Action }) => [Action].flat().map(String))

describe('the permissions of doctor', () => {
  it('are those that the page names, and those of its checks', () => {
    const needed = new Set(checks.flatMap(({ needs }) => needs.split(' ')))
    expect(actionsOf(readPolicy()).sort()).toEqual([...needed].sort())
  })

  it('are enough: no check is skipped with exactly these', async () => {
    const key = await putAccessKey(server.pool, 'doctor', readPolicy())
    const told = await doctor(server, pool, { client: [pool.ClientId] }, file, key)
    expect(told).toEqual({ stdout: '26 checks: no findings.\n', stderr: '', exitCode: 0 })
  })

  it('leave other checks at work, each action taken away in turn: its checks are skipped, and it is named', async () => {
    // A fault for each service, which is still found wherever its check can look.
    await sdkOf(server).idp.createGroup({
      UserPoolId: pool.UserPoolId,
      GroupName: 'tied',
      Precedence: 10,
      RoleArn: roleArn,
    })
    await sdkOf(server).iam.putRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad', PolicyDocument: policy })
    const actions = actionsOf(readPolicy())
    expect(actions).toHaveLength(13)
    for (const [index, action] of actions.entries()) {
      const statements = readPolicy().flatMap((statement) => {
        const Action = [statement['Action']].flat().filter((each) => each !== action)
        return Action.length > 0 ? [{ ...statement, Action }] : []
      })
      const key = await putAccessKey(server.pool, `without-${index}`, statements)
      const { stdout, exitCode } = await doctor(
        server,
        pool,
        { client: [pool.ClientId], json: true, failOn: 'error' },
        file,
        key,
      )
      const { findings, skipped } = JSON.parse(stdout)
      const affected = checks.filter(({ needs }) => needs.split(' ').includes(action)).map(({ id }) => id)
      expect(affected.length).toBeGreaterThan(0)
      expect(skipped.map(({ id }: { id: string }) => id).sort()).toEqual(affected.sort())
      for (const { refused, reason } of skipped) {
        expect(refused).toEqual([action])
        expect(reason).toContain(`${action} was refused`)
      }
      // Roles are looked at as far as they were read.
      const sees = !['cognito-idp:ListGroups', 'iam:ListRolePolicies', 'iam:GetRolePolicy'].includes(action)
      const expected = [
        ...(sees ? ['self-access'] : []),
        ...(action === 'cognito-idp:ListGroups' ? [] : ['precedence-tie']),
      ]
      expect([action, findings.map(({ id }: { id: string }) => id)]).toEqual([action, expected])
      expect([action, exitCode]).toEqual([action, 2])
    }
    await sdkOf(server).idp.deleteGroup({ UserPoolId: pool.UserPoolId, GroupName: 'tied' })
    await sdkOf(server).iam.deleteRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad' })
  })

  it('can be given for some roles only: the others are named, and those are examined', async () => {
    const statements = readPolicy().map((statement) =>
      JSON.stringify(statement['Resource']).includes(':role/')
        ? { ...statement, Resource: 'arn:aws:iam::123456789012:role/role_viewer' }
        : statement,
    )
    const key = await putAccessKey(server.pool, 'some', statements)
    await sdkOf(server).iam.putRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad', PolicyDocument: policy })
    const { stdout, exitCode } = await doctor(server, pool, { client: [pool.ClientId] }, file, key)
    await sdkOf(server).iam.deleteRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad' })
    expect(stdout).toContain('error self-access role/role_viewer (group viewer: iam:PassRole)')
    expect(stdout).toContain('skipped trust-without-audience\n    iam:GetRole was refused for role/role_editor\n')
    expect(stdout).toMatch(
      /skipped self-access\n {4}iam:ListRolePolicies was refused for role\/role_editor; iam:ListAttached/,
    )
    expect(exitCode).toBe(2)
  })
})

const roleArn = 'arn:aws:iam::123456789012:role/role_viewer'
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
})

describe('cognigate doctor', () => {
  it('says which checks had nothing to look at, and passes', async () => {
    const told = await doctor(server, { UserPoolId: pool.UserPoolId })
    expect(told).toEqual({
      stdout: `skipped classic-flow, ambiguous-role, no-server-side-check, guests, trust-without-audience
    no identity pool is named: --identity-pool
skipped unlisted-client
    the clients that guards list are not named: --client
skipped writable-condition
    no definitions file is named, and conditions are in it
26 checks: no findings, 7 skipped.
`,
      stderr: '',
      exitCode: 0,
    })
  })

  it('says what many clients have in common once', async () => {
    const { idp } = sdkOf(server)
    const { UserPoolId } = pool
    const settings = { ...cleanClient, PreventUserExistenceErrors: 'LEGACY' } as const
    const made = await Promise.all(
      ['a', 'b'].map((ClientName) => idp.createUserPoolClient({ UserPoolId, ClientName, ...settings })),
    )
    const ids = made.map(({ UserPoolClient }) => UserPoolClient?.ClientId ?? '')
    const { stdout } = await doctor(server, { UserPoolId })
    for (const id of ids) expect(stdout).toMatch(new RegExp(`warning user-existence client/${id} "[ab]"`))
    expect(stdout.match(/Errors of signing in tell who has an account/g)).toHaveLength(1)
    expect(stdout).toContain('26 checks: 2 warnings, 7 skipped.')
    expect(stdout).toContain('Updates at AWS reset what they leave out')
    const [id = ''] = ids
    const accepted = await doctor(server, { UserPoolId }, { accept: [`user-existence@client/${id}=It has no form`] })
    expect(accepted.stdout).toMatch(new RegExp(`accepted user-existence client/${id} "[ab]": It has no form\n`))
    expect(accepted).toMatchObject({ exitCode: 2, stderr: '' })
    expect(accepted.stdout).toContain('26 checks: 1 warning, 1 accepted, 7 skipped.')
    const all = await doctor(server, { UserPoolId }, { accept: ['user-existence=An internal tool', 'guests=Old'] })
    expect(all.exitCode).toBe(0)
    expect(all.stderr).toBe('')
    const json = JSON.parse((await doctor(server, { UserPoolId }, { json: true, accept: ['no-mfa=x'] })).stdout)
    expect(json).toMatchObject({ version: 1, findings: [{ id: 'user-existence', name: 'a' }, { name: 'b' }] })
    for (const ClientId of ids) await idp.deleteUserPoolClient({ UserPoolId, ClientId })
  })

  it('says so where there is nothing left to accept', async () => {
    const told = await doctor(server, pool, { accept: ['no-mfa=Later'], client: [pool.ClientId] }, file)
    expect(told).toEqual({
      stdout: '26 checks: no findings.\n',
      stderr: '--accept no-mfa: there is nothing to accept\n',
      exitCode: 0,
    })
  })

  it.each([
    [{ accept: ['no-mfa'] }, /^--accept no-mfa: expected ID=REASON/],
    [{ accept: ['no-mfa= '] }, /^--accept no-mfa= : expected ID=REASON/],
    [{ accept: ['no-mfaa=Later'] }, /did you mean "no-mfa"/],
    [{ format: 'sarif' }, /^--format sarif: expected a definitions file/],
    [{ format: 'sarif', json: true }, /^--json: expected without --format sarif/],
  ] as const)('refuses %j', async (flags, message) => {
    await expect(doctor(server, pool, { ...flags })).rejects.toThrow(message)
  })

  it('names roles that groups have and IAM has not, and goes on', async () => {
    const { idp } = sdkOf(server)
    const { UserPoolId } = pool
    const RoleArn = 'arn:aws:iam::123456789012:role/gone'
    await idp.createGroup({ UserPoolId, GroupName: 'old', RoleArn, Precedence: 99 })
    const { skipped, findings } = await examination(server, pool, file)
    await idp.deleteGroup({ UserPoolId, GroupName: 'old' })
    expect(findings).toEqual([])
    expect(skipped.map(({ id, refused, reason }) => [id, refused, reason])).toEqual([
      ['trust-without-audience', [], 'there is no role/gone'],
      ['self-access', [], 'there is no role/gone'],
    ])
  })

  it('never prints the secret of a client', async () => {
    const { idp } = sdkOf(server)
    const { UserPoolId } = pool
    const { UserPoolClient } = await idp.createUserPoolClient({
      UserPoolId,
      ClientName: 'server',
      GenerateSecret: true,
    })
    const told = await Promise.all(
      (['text', 'json', 'sarif'] as const).map((format) => doctor(server, pool, { format }, file)),
    )
    expect(told.map(({ stdout }) => stdout.includes('user-existence'))).toEqual([true, true, true])
    for (const { stdout } of told) expect(stdout).not.toContain(UserPoolClient?.ClientSecret)
    await idp.deleteUserPoolClient({ UserPoolId, ClientId: UserPoolClient?.ClientId })
  })

  it('waits out throttles in every call, within its time', async () => {
    const connection = connect({ pool: pool.UserPoolId, identityPool: pool.IdentityPoolId, endpoint: server.url })
    const seen: (CallOptions | undefined)[] = []
    const spy =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => {
        seen.push(args.at(-1) as CallOptions)
        return call(...args)
      }
    const { admin, iam, identityPool } = connection
    const watched = {
      ...connection,
      admin: { ...admin, call: spy(admin.call) as typeof admin.call },
      iam: { ...iam, call: spy(iam.call) as typeof iam.call },
      identityPool: identityPool && {
        ...identityPool,
        describe: spy(identityPool.describe),
        roles: spy(identityPool.roles),
      },
    }
    const { signal } = new AbortController()
    await readWorld(watched, { timeout: 60 }, { show() {}, clear() {} }, signal)
    expect(seen.length).toBeGreaterThan(7)
    for (const options of seen) {
      expect(options).toMatchObject({ signal, attempts: 5, pace: expect.anything() })
      expect(options?.timeout).toBeLessThanOrEqual(60)
      expect(options?.pace).toBe(seen[0]?.pace)
    }
  })

  it('tells how far it is with clients, roles and policies', async () => {
    const connection = connect({ pool: pool.UserPoolId, identityPool: pool.IdentityPoolId, endpoint: server.url })
    const steps: string[] = []
    const progress = {
      show: (what: string, { done, total }: Step) =>
        void steps.push(`${what} ${done}${total === undefined ? '' : ` of ${total}`}`),
      clear() {},
    }
    await readWorld(connection, {}, progress, new AbortController().signal)
    expect(steps).toEqual([
      ...['settings 0', 'clients 0 of 1', 'clients 1 of 1', 'groups 0'],
      ...['roles 0 of 2', 'roles 1 of 2', 'roles 2 of 2', 'policies 0 of 1', 'policies 1 of 1'],
    ])
  })

  it('is the same as a process of its own', async () => {
    const env = { AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: pool.UserPoolId }
    const args = ['--identity-pool', pool.IdentityPoolId, '--client', pool.ClientId, '--format', 'sarif', 'groups.yaml']
    const ended = await run([runtimes.node, commandLine, 'doctor', ...args], { cwd: folder, env })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] })
  })
})

describe('--account-details', () => {
  it('finds the same in a page of roles, and reads them one by one where it is refused', async () => {
    const { iam, idp } = sdkOf(server)
    const { UserPoolId } = pool
    await iam.putRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad', PolicyDocument: policy })
    await iam.attachRolePolicy({ RoleName: 'role_editor', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })
    const AssumeRolePolicyDocument = trustText(pool.IdentityPoolId, 'unauthenticated')
    await iam.createRole({ RoleName: 'role_loose', AssumeRolePolicyDocument })
    const RoleArn = 'arn:aws:iam::123456789012:role/role_loose'
    await idp.createGroup({ UserPoolId, GroupName: 'loose', RoleArn, Precedence: 40 })
    await idp.createGroup({ UserPoolId, GroupName: 'old', RoleArn: `${RoleArn}_gone`, Precedence: 50 })
    const countOf = async (flags: object, key?: Parameters<typeof doctor>[4]) => {
      const before = server.pool.requests.length
      const { stdout } = await doctor(server, pool, { json: true, ...flags }, file, key)
      const operations = server.pool.requests.slice(before).map(({ operation = '' }) => operation)
      return {
        told: JSON.parse(stdout),
        roles: operations.filter((name) => /Role|AccountAuth/.test(name) && name !== 'GetIdentityPoolRoles').sort(),
      }
    }
    const single = await countOf({})
    expect(single.told.findings.map(({ id, at }: Finding) => [id, at])).toEqual([
      ['trust-without-audience', 'role/role_loose'],
      ['self-access', 'role/role_editor'],
      ['self-access', 'role/role_viewer'],
    ])
    expect(single.roles.length).toBeGreaterThan(9)
    const allowed = [...readPolicy(), { Effect: 'Allow', Action: 'iam:GetAccountAuthorizationDetails', Resource: '*' }]
    const details = await countOf({ accountDetails: true }, await putAccessKey(server.pool, 'details', allowed))
    expect(details).toEqual({ told: single.told, roles: ['GetAccountAuthorizationDetails'] })
    const refused = await countOf({ accountDetails: true }, await putAccessKey(server.pool, 'none', readPolicy()))
    expect(refused).toEqual({ told: single.told, roles: ['GetAccountAuthorizationDetails', ...single.roles].sort() })
    for (const GroupName of ['loose', 'old']) await idp.deleteGroup({ UserPoolId, GroupName })
    await iam.deleteRolePolicy({ RoleName: 'role_viewer', PolicyName: 'bad' })
    await iam.detachRolePolicy({ RoleName: 'role_editor', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })
  })
})

describe('the calls of doctor', () => {
  it.each([10, 70])(
    'grow with clients and roles, a page with 60 groups, and not with users: %d of each',
    { timeout: 120_000 },
    async (size) => {
      const groups = Object.fromEntries(
        Array.from({ length: size }, (_, index) => [
          `group${index}`,
          { allow: [], precedence: index, roleArn: `arn:aws:iam::123456789012:role/role${index}` },
        ]),
      )
      const clients = Array.from({ length: size }, (_, index) => ({ clientId: `client${index}` }))
      const users = Object.fromEntries(Array.from({ length: size }, (_, index) => [`user${index}`, {}]))
      const many = await startLocalServer({ pool: { groups, clients, users, identityPool: {} } })
      const { iam } = sdkOf(many)
      const AssumeRolePolicyDocument = policyOfNobody
      await Promise.all(
        Array.from({ length: size }, async (_, index) => {
          const RoleName = `role${index}`
          await iam.createRole({ RoleName, AssumeRolePolicyDocument })
          await iam.putRolePolicy({ RoleName, PolicyName: 'own', PolicyDocument: policy })
          await iam.attachRolePolicy({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })
        }),
      )
      const before = many.pool.requests.length
      const { identityPoolId: IdentityPoolId } = many.pool
      await doctor(many, { UserPoolId: many.pool.settings.userPoolId, ...(IdentityPoolId && { IdentityPoolId }) })
      const made = many.pool.requests.slice(before).flatMap(({ operation }) => operation ?? [])
      const counts: Record<string, number> = {}
      for (const operation of made) counts[operation] = (counts[operation] ?? 0) + 1
      await many.close()
      const pages = Math.ceil(size / 60)
      expect(counts).toEqual({
        ...{
          DescribeUserPool: 1,
          ListGroups: pages,
          ListIdentityProviders: 1,
          ListUserPoolClients: Math.ceil((size + 1) / 60),
        },
        ...{ DescribeIdentityPool: 1, GetIdentityPoolRoles: 1, DescribeUserPoolClient: size + 1 },
        ...{ GetRole: size, ListRolePolicies: size, GetRolePolicy: size, ListAttachedRolePolicies: size },
        ...{ GetPolicy: 1, GetPolicyVersion: 1 },
      })
    },
  )
})

const policyOfNobody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})

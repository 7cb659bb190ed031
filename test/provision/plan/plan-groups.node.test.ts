import { beforeEach, describe, expect, it } from 'vitest'
import { groupDetail } from '../../../examples/group-detail.ts'
import {
  applyPlan,
  createUpdate,
  describePlan,
  type GroupPlan,
  type PlanOptions,
  PlanBlockedError,
  PlanFailedError,
  StalePlanError,
  planGroups,
  RoleConflictError,
} from '../../../src/provision/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import { type LocalClients, clientsOf, provisioned, snapshot } from '../../support/provision.ts'
import { outcome } from '../../support/local-iam.ts'
import { allow } from '../../support/local-sts.ts'

const reader = policyOf('s3:GetObject')
const writer = policyOf('s3:GetObject', 's3:PutObject')
const definitions = {
  groups: {
    viewer: { allow: ['read'], precedence: 20, description: 'May look' },
    editor: { inherits: ['viewer'], allow: ['write'], precedence: 10 },
    guest: { allow: ['read'] },
  },
  policies: { viewer: reader, editor: writer },
} as const
const trusted = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

let pool: LocalPool
let clients: LocalClients

beforeEach(async () => {
  const { pool: local, ...others } = await provisioned({
    users: { alice: {}, bob: {} },
    identityPool: { roleMapping: 'token' },
  })
  pool = local
  clients = others
})

function policyOf(...actions: string[]) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::reports/*' }],
  }
}

function plan(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return planGroups(given, { ...clients, ...options })
}

/** What a plan would do, a line each. */
function linesOf({ changes }: GroupPlan): string[] {
  return changes.map((change) => {
    const what = change.kind === 'role' ? change.name : change.kind === 'group' ? change.group : ''
    return `${change.action} ${change.kind} ${what}`.trim()
  })
}

async function deleteRole(name: string) {
  for await (const policy of clients.iam.roles.policies(name)) await clients.iam.roles.deletePolicy(name, policy)
  await clients.iam.roles.delete(name)
}

async function applied(given = definitions, options: Partial<PlanOptions> = {}) {
  return applyPlan(await plan(given, options), clients)
}

describe('from nothing', () => {
  it('creates roles and groups, and then there is nothing to do', async () => {
    const first = await plan()
    expect(linesOf(first)).toEqual([
      'create role role_viewer',
      'create group viewer',
      'create role role_editor',
      'create group editor',
      'create group guest',
    ])
    const before = pool.requests.length
    await applyPlan(JSON.parse(JSON.stringify(first)), clients)
    expect(pool.requests.length).toBeGreaterThan(before)
    const { groups, roles } = await snapshot(clients)
    const account = first.account
    expect(groups).toEqual({
      viewer: { description: 'May look', precedence: 20, roleArn: `arn:aws:iam::${account}:role/role_viewer` },
      editor: { precedence: 10, roleArn: `arn:aws:iam::${account}:role/role_editor` },
      guest: {},
    })
    expect(Object.keys(roles).sort()).toEqual(['role_editor', 'role_viewer'])
    expect(roles['role_viewer']).toEqual({
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: 'cognito-identity.amazonaws.com' },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: { 'cognito-identity.amazonaws.com:aud': pool.identityPoolId },
              'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
            },
          },
        ],
      },
      tags: { 'cognigate:user-pool': pool.settings.userPoolId, 'cognigate:group': 'viewer' },
      permissionsBoundary: undefined,
      policies: { viewer_policy: reader },
      managedPolicies: [],
    })
    expect(linesOf(await plan())).toEqual([])
  })

  it('writes nothing while planning', async () => {
    await plan()
    const writes = pool.requests.filter(({ operation }) => !/^(List|Get|Describe)/.test(operation ?? ''))
    expect(writes).toEqual([])
  })

  it('waits until Cognito and IAM know a new role', async () => {
    const { pool: slow, ...others } = await provisioned({ identityPool: { roleMapping: 'token' }, iamDelay: 7 })
    const made = await applyPlan(await planGroups(definitions, others), others)
    expect(made).toHaveLength(5)
    expect((await planGroups(definitions, others)).changes).toEqual([])
    expect(slow.count('CreateRole')).toBe(2)
  })

  it('takes managed policies and a permissions boundary', async () => {
    const managed = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'
    const boundary = 'arn:aws:iam::123456789012:policy/developers'
    await outcome(pool, 'CreatePolicy', { PolicyName: 'developers', PolicyDocument: allow('*', '*') })
    const given = {
      groups: { viewer: { allow: ['read'] } },
      policies: {},
      managedPolicies: { viewer: [managed] },
      permissionsBoundary: boundary,
    }
    await applyPlan(await plan(given), clients)
    const { roles } = await snapshot(clients)
    expect(roles['role_viewer']).toMatchObject({
      managedPolicies: [managed],
      permissionsBoundary: boundary,
      policies: {},
    })
    expect((await plan(given)).changes).toEqual([])
    await applyPlan(
      await plan({ ...given, managedPolicies: {}, permissionsBoundary: undefined, policies: { viewer: reader } }),
      clients,
    )
    expect((await snapshot(clients)).roles['role_viewer']).toMatchObject({
      managedPolicies: [],
      permissionsBoundary: undefined,
      policies: { viewer_policy: reader },
    })
  })
})

describe('drift', () => {
  beforeEach(async () => {
    await applied()
  })

  it.each([
    ['a role is deleted', async () => deleteRole('role_viewer'), ['create role role_viewer']],
    [
      'a policy is edited by hand',
      async () => clients.iam.roles.putPolicy('role_viewer', 'viewer_policy', writer),
      ['change role role_viewer'],
    ],
    [
      'a policy is added by hand',
      async () => clients.iam.roles.putPolicy('role_viewer', 'more', writer),
      ['change role role_viewer'],
    ],
    [
      'a policy is taken away',
      async () => clients.iam.roles.deletePolicy('role_viewer', 'viewer_policy'),
      ['change role role_viewer'],
    ],
    [
      'the trust policy is changed',
      async () => clients.iam.roles.setTrustPolicy('role_viewer', trusted),
      ['change role role_viewer'],
    ],
    [
      'a managed policy is attached',
      async () => clients.iam.roles.attach('role_viewer', 'arn:aws:iam::aws:policy/ReadOnlyAccess'),
      ['change role role_viewer'],
    ],
    [
      'a boundary is set',
      async () => clients.iam.roles.setPermissionsBoundary('role_viewer', 'arn:aws:iam::aws:policy/ReadOnlyAccess'),
      ['change role role_viewer'],
    ],
    [
      'the precedence is moved',
      async () => clients.admin.groups.update('viewer', { precedence: 3 }),
      ['change group viewer'],
    ],
    [
      'the group is linked to the role of another',
      async () => clients.admin.groups.update('viewer', { roleArn: 'arn:aws:iam::123456789012:role/role_editor' }),
      ['change group viewer'],
    ],
    ['the group is deleted', async () => clients.admin.groups.delete('viewer'), ['create group viewer']],
  ])('%s: it is shown with its reason, and set right', async (_, drift, lines) => {
    const before = await snapshot(clients)
    await drift()
    const found = await plan()
    expect(linesOf(found)).toEqual(lines)
    for (const { reasons } of found.changes) expect(reasons.join()).not.toBe('')
    await applyPlan(found, clients)
    expect(await snapshot(clients)).toEqual(before)
    expect(linesOf(await plan())).toEqual([])
  })

  it('does not take another order or spelling for drift', async () => {
    const statement = {
      Resource: ['arn:aws:s3:::reports/*'],
      Action: ['S3:PutObject', 's3:GetObject'],
      Effect: 'Allow',
      Sid: 'Other',
    }
    await clients.iam.roles.putPolicy('role_editor', 'editor_policy', { Statement: statement, Version: '2012-10-17' })
    expect(linesOf(await plan())).toEqual([])
  })

  it('keeps members when definitions are reordered', async () => {
    await clients.admin.users.addToGroup('alice', 'viewer')
    const { guest, editor, viewer } = definitions.groups
    const shuffled = { policies: { editor: writer, viewer: reader }, groups: { guest, editor, viewer } }
    expect(linesOf(await plan(shuffled))).toEqual([])
    expect((await clients.admin.groups.members('viewer').toArray()).map(({ username }) => username)).toEqual(['alice'])
  })

  it('takes the power of a role whose group has no policy any more, and leaves the role', async () => {
    const given = { ...definitions, policies: { editor: writer } }
    const found = await plan(given)
    expect(linesOf(found)).toEqual(['change role role_viewer'])
    await applyPlan(found, clients)
    expect((await snapshot(clients)).roles['role_viewer']?.policies).toEqual({})
    expect(linesOf(await plan(given))).toEqual([])
  })
})

describe('what is not ours', () => {
  it.each([
    ['without tags', 'role_viewer', {}],
    ['of another case', 'Role_Viewer', {}],
    ['of another pool', 'role_viewer', { 'cognigate:user-pool': 'eu-west-1_Other', 'cognigate:group': 'viewer' }],
    ['of another group', 'role_viewer', { 'cognigate:user-pool': 'POOL', 'cognigate:group': 'editor' }],
  ])('a role %s stops the plan, with its ARN, trust and policies', async (_, name, tags) => {
    const own = Object.fromEntries(
      Object.entries(tags).map(([key, value]) => [key, value.replace('POOL', pool.settings.userPoolId)]),
    )
    const role = await clients.iam.roles.create({ name, trustPolicy: trusted, tags: own })
    await clients.iam.roles.putPolicy(name, 'all', policyOf('*'))
    await clients.iam.roles.attach(name, 'arn:aws:iam::aws:policy/AdministratorAccess')
    const before = await snapshot(clients)
    const error = await plan().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RoleConflictError)
    expect(error).toMatchObject({
      roles: [{ group: 'viewer', arn: role.arn, trustPolicy: trusted, policies: { all: policyOf('*') } }],
    })
    expect(String(error)).toContain(role.arn)
    expect(String(error)).toContain('AdministratorAccess')
    expect(String(error)).toContain('ec2.amazonaws.com')
    await expect(
      createUpdate([{ group_name: 'viewer', group_policy: reader, allowed_functions: ['read'] }], clients),
    ).rejects.toThrow(RoleConflictError)
    expect(await snapshot(clients)).toEqual(before)
  })

  it('is taken over once `adopt` names it', async () => {
    const { arn } = await clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted, tags: { team: 'a' } })
    await clients.iam.roles.putPolicy('role_viewer', 'all', policyOf('*'))
    const found = await plan(definitions, { adopt: [arn] })
    expect(linesOf(found)[0]).toBe('change role role_viewer')
    await applyPlan(found, clients)
    const { roles } = await snapshot(clients)
    expect(roles['role_viewer']).toMatchObject({
      tags: { team: 'a', 'cognigate:user-pool': pool.settings.userPoolId, 'cognigate:group': 'viewer' },
      policies: { viewer_policy: reader },
    })
    expect(linesOf(await plan())).toEqual([])
  })

  it('cannot be taken from another pool', async () => {
    const tags = { 'cognigate:user-pool': 'eu-west-1_Other', 'cognigate:group': 'viewer' }
    const { arn } = await clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted, tags })
    await expect(plan(definitions, { adopt: [arn] })).rejects.toThrow(/rolePrefix/)
    expect(linesOf(await plan(definitions, { rolePrefix: 'staging_' }))[0]).toBe('create role staging_viewer')
  })

  it('is not written to through the link of a group', async () => {
    const { arn } = await clients.iam.roles.create({ name: 'somebodys', trustPolicy: trusted })
    await clients.admin.groups.create({ name: 'viewer', roleArn: arn })
    await expect(plan()).rejects.toThrow(RoleConflictError)
    const found = await plan(definitions, { adopt: [arn] })
    expect(linesOf(found)).toContain('change role somebodys')
    await applyPlan(found, clients)
    expect((await snapshot(clients)).groups['viewer']).toMatchObject({ roleArn: arn })
    expect(linesOf(await plan())).toEqual([])
  })

  it('a role to adopt that no group has is an error', async () => {
    await expect(plan(definitions, { adopt: ['arn:aws:iam::123456789012:role/role_other'] })).rejects.toThrow(/adopt/)
  })

  it('groups that differ in case only are an error', async () => {
    const given = { groups: { Admin: {}, admin: {} }, policies: { Admin: reader, admin: reader } }
    await expect(plan(given)).rejects.toThrow(/ignores case/)
  })
})

describe('deletion', () => {
  const rest = { groups: { viewer: definitions.groups.viewer }, policies: { viewer: reader } }

  beforeEach(async () => {
    await applied()
    await clients.admin.users.addToGroup('alice', 'editor')
    await clients.admin.users.addToGroup('bob', 'editor')
  })

  it('happens only with `prune`, and says who loses what', async () => {
    const kept = await plan(rest)
    expect(linesOf(kept)).toEqual([])
    expect(kept.unmanaged.map(({ group }) => group).sort()).toEqual(['editor', 'guest'])
    const pruned = await plan(rest, { prune: true })
    expect(linesOf(pruned)).toEqual(['delete group editor', 'delete group guest', 'delete role role_editor'])
    expect(pruned.changes[0]).toMatchObject({ members: 2, actions: ['s3:GetObject', 's3:PutObject'] })
    expect(describePlan(pruned)).toContain('2 members lose')
    await applyPlan(pruned, clients)
    expect(Object.keys((await snapshot(clients)).roles)).toEqual(['role_viewer'])
    expect(linesOf(await plan(rest, { prune: true }))).toEqual([])
  })

  it('is refused when somebody has joined since', async () => {
    const pruned = await plan(rest, { prune: true })
    await clients.admin.users.addToGroup('bob', 'guest')
    await expect(applyPlan(pruned, clients)).rejects.toMatchObject({ changed: ['members of guest'] })
  })

  it('finds a role whose group is gone', async () => {
    await clients.admin.groups.delete('editor')
    expect(linesOf(await plan(rest, { prune: true }))).toEqual(['delete group guest', 'delete role role_editor'])
  })

  it('leaves roles that are not ours', async () => {
    await clients.iam.roles.create({ name: 'role_other', trustPolicy: trusted })
    const { arn } = await clients.iam.roles.create({ name: 'elsewhere', trustPolicy: trusted })
    await clients.admin.groups.create({ name: 'stranger', roleArn: arn })
    const pruned = await plan(rest, { prune: true })
    expect(linesOf(pruned)).toEqual([
      'delete group editor',
      'delete group guest',
      'delete group stranger',
      'delete role role_editor',
    ])
    await applyPlan(pruned, clients)
    expect(Object.keys((await snapshot(clients)).roles).sort()).toEqual(['elsewhere', 'role_other', 'role_viewer'])
  })

  it('leaves the groups that Cognito makes for identity providers', async () => {
    await clients.admin.groups.create({ name: `${pool.settings.userPoolId}_Google` })
    expect(linesOf(await plan(rest, { prune: true }))).not.toContain(`delete group ${pool.settings.userPoolId}_Google`)
  })
})

describe('a saved plan', () => {
  it.each([
    ['a group appeared', async () => clients.admin.groups.create({ name: 'viewer' }), ['group viewer']],
    [
      'a role of the wanted name appeared',
      async () => clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted }),
      ['role role_viewer'],
    ],
    [
      'the identity pool was changed',
      async () => clients.identityPool.update({ allowClassicFlow: true }),
      ['identity pool'],
    ],
  ])('is refused when %s', async (_, move, changed) => {
    const found = await plan()
    await move()
    const before = await snapshot(clients)
    const error = await applyPlan(found, clients).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StalePlanError)
    expect(error).toMatchObject({ changed })
    expect(await snapshot(clients)).toEqual(before)
  })

  it('is refused for another pool', async () => {
    const found = await plan()
    const { pool: _, ...others } = await provisioned()
    await expect(applyPlan(found, others)).rejects.toThrow(/plan: it is for user pool .*, and the client is for/)
    await expect(applyPlan(found, { ...clients, identityPool: others.identityPool })).rejects.toThrow(/identity pool/)
  })

  it('is refused when a role that was right has been opened', async () => {
    await applied()
    const found = await plan({ ...definitions, groups: { ...definitions.groups, guest: { precedence: 4 } } })
    await clients.iam.roles.putPolicy('role_viewer', 'viewer_policy', policyOf('*'))
    await expect(applyPlan(found, clients)).rejects.toMatchObject({ changed: ['role role_viewer'] })
  })
})

describe('findings', () => {
  it('block until they are accepted by name', async () => {
    const { pool: open, ...others } = await provisioned({ identityPool: { allowClassicFlow: true } })
    const found = await planGroups(definitions, others)
    expect(found.findings.map(({ id }) => id)).toEqual(['classic-flow', 'role-mapping'])
    const before = await snapshot(others)
    await expect(applyPlan(found, others)).rejects.toThrow(PlanBlockedError)
    expect(await snapshot(others)).toEqual(before)
    const allowed = await planGroups(definitions, { ...others, acceptFindings: ['classic-flow', 'role-mapping'] })
    await applyPlan(allowed, others)
    expect((await snapshot(others)).identityPool).toEqual(before.identityPool)
    expect(open.count('CreateRole')).toBe(2)
  })

  it('count an identity pool that was never told about the classic flow as open', async () => {
    const { fetch } = pool
    const forgetful = async (request: Request) => {
      const isDescription = request.headers.get('x-amz-target')?.endsWith('.DescribeIdentityPool')
      const response = await fetch(request)
      if (!isDescription) return response
      const { AllowClassicFlow: _, ...settings } = (await response.json()) as Record<string, unknown>
      return Response.json(settings)
    }
    const others = clientsOf(pool, forgetful)
    expect((await planGroups(definitions, others)).findings.map(({ id }) => id)).toEqual(['classic-flow'])
    const found = await planGroups(definitions, { ...others, secureIdentityPool: true })
    expect(linesOf(found)[0]).toBe('change identity-pool')
  })

  it('about the identity pool are settled by the plan', async () => {
    const { pool: _, ...others } = await provisioned({ identityPool: { allowClassicFlow: true } })
    const found = await planGroups(definitions, { ...others, secureIdentityPool: true })
    expect(linesOf(found)[0]).toBe('change identity-pool')
    expect(found.findings).toEqual([])
    await applyPlan(found, others)
    const safe = await planGroups(definitions, others)
    expect(safe.changes).toEqual([])
    expect(safe.findings).toEqual([])
  })

  it('about a policy that reaches its own pool name the group, and can be accepted', async () => {
    const arn = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${pool.settings.userPoolId}`
    const own = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'cognito-idp:*', Resource: arn }] }
    const given = { groups: { viewer: {} }, policies: { viewer: own } }
    const found = await plan(given)
    const acceptFindings = found.findings.map(({ id }) => id)
    expect(acceptFindings).toEqual([expect.stringMatching(/^self-access:viewer@/)])
    await expect(applyPlan(found, clients)).rejects.toThrow(/self-access:viewer/)
    const bare = await plan(given, { acceptFindings: ['self-access:viewer'] })
    await expect(applyPlan(bare, clients)).rejects.toThrow(/was for something else.*self-access:viewer@/)
    await applyPlan(await plan(given, { acceptFindings }), clients)
    await expect(plan(given, { acceptFindings: ['self-acces:viewer'] })).rejects.toThrow(
      /acceptFindings: there is no finding/,
    )
  })

  it('about a group without a policy that somebody linked to a role', async () => {
    await applyPlan(await plan(), clients)
    await clients.admin.groups.update('guest', { roleArn: 'arn:aws:iam::123456789012:role/role_editor' })
    const found = await plan()
    expect(found.changes).toEqual([])
    expect(found.findings.map(({ id }) => id)).toEqual([expect.stringMatching(/^foreign-role:guest@/)])
    const given = { ...definitions, policies: { ...definitions.policies, guest: reader } }
    await applyPlan(await plan(given), clients)
    expect((await plan(given)).findings).toEqual([])
    expect((await snapshot(clients)).groups['guest']).toMatchObject({
      roleArn: 'arn:aws:iam::123456789012:role/role_guest',
    })
  })

  it('about managed policies of AWS that reach everything', async () => {
    const given = {
      groups: { viewer: {} },
      policies: {},
      managedPolicies: { viewer: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    }
    expect((await plan(given)).findings).toMatchObject([{ code: 'self-access', group: 'viewer' }])
  })
})

describe('createUpdate', () => {
  it("takes cognises' own file from nothing, reports its findings and goes on", async () => {
    const { pool: local, ...others } = await provisioned()
    const findings: string[] = []
    const given = JSON.stringify(groupDetail)
    const updated = await createUpdate(groupDetail, {
      ...others,
      onFinding: ({ id }) => findings.push(id.replace(/@.*/, '')),
    })
    expect(JSON.stringify(groupDetail)).toBe(given)
    expect(updated).toEqual(groupDetail.map((group) => ({ ...group, created: 'true' })))
    expect(findings).toEqual(['role-mapping', 'self-access:Group1', 'self-access:String'])
    const { groups, roles } = await snapshot(others)
    expect(groups['Group1']).toMatchObject({ roleArn: 'arn:aws:iam::123456789012:role/role_Group1' })
    expect(roles['role_Group1']?.policies).toEqual({ Group1_policy: groupDetail[0].group_policy })
    const calls = local.requests.length
    await createUpdate(updated, others)
    const writes = local.requests.slice(calls).filter(({ operation }) => !/^(List|Get|Describe)/.test(operation ?? ''))
    expect(writes).toEqual([])
  })

  it.each([[true], [false], ['true'], ['false'], [undefined]])('asks AWS and not `created: %s`', async (created) => {
    const entry = { group_name: 'Group1', group_policy: reader, created, allowed_functions: ['protected'] }
    const [updated] = await createUpdate([entry], clients)
    expect(updated?.created).toBe(typeof created === 'boolean' ? true : 'true')
    await createUpdate([{ ...entry, group_policy: writer }], clients)
    expect((await snapshot(clients)).roles['role_Group1']?.policies).toEqual({ Group1_policy: writer })
  })

  it('takes over the roles that cognises made', async () => {
    const wrong = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'cognito-identity.amazonaws.com' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': pool.settings.userPoolId } },
        },
      ],
    }
    const { arn } = await clients.iam.roles.create({ name: 'role_Group1', trustPolicy: wrong })
    await clients.iam.roles.putPolicy('role_Group1', 'Group1_policy', groupDetail[0].group_policy)
    await clients.admin.groups.create({ name: 'Group1', roleArn: arn })
    await expect(createUpdate(groupDetail, clients)).rejects.toThrow(RoleConflictError)
    await createUpdate(groupDetail, { ...clients, adopt: [arn] })
    const { roles } = await snapshot(clients)
    expect(JSON.stringify(roles['role_Group1']?.trustPolicy)).toContain(pool.identityPoolId)
    await createUpdate(groupDetail, clients)
  })
})

describe('work that ends early', () => {
  it('says what is done, and goes on by a new plan', async () => {
    const stop = new AbortController()
    const onChange = ({ done, state }: { done: number; state: string }) => {
      if (state === 'done' && done === 2) stop.abort(new Error('enough'))
    }
    const first = await plan()
    const error = await applyPlan(first, { ...clients, onChange, signal: stop.signal }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PlanFailedError)
    expect(error).toMatchObject({
      done: first.changes.slice(0, 2),
      failed: first.changes[2],
      cause: { message: 'enough' },
    })
    await expect(applyPlan(first, clients)).rejects.toThrow(StalePlanError)
    await applied()
    expect(linesOf(await plan())).toEqual([])
  })

  it('when AWS refuses a call, names the change and the reason', async () => {
    pool.fail('PutRolePolicy', {
      error: 'AccessDenied',
      status: 403,
      message: 'not authorized to perform iam:PutRolePolicy',
    })
    const error = await applied().catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/create role of group viewer failed.*PutRolePolicy: AccessDenied/)
    pool.recover()
    await applied()
    expect(linesOf(await plan())).toEqual([])
  })
})

describe('a client that is missing', () => {
  it.each(['admin', 'iam', 'identityPool'])('is named: %s', async (name) => {
    const rest = { ...clients, [name]: undefined }
    await expect(planGroups(definitions, rest)).rejects.toThrow(`${name}: expected what create`)
    const expected = name === 'identityPool' ? /identity pool/ : `${name}: expected what create`
    await expect(applyPlan(await plan(), rest)).rejects.toThrow(expected)
    await expect(createUpdate(groupDetail, rest)).rejects.toThrow(`${name}: expected what create`)
  })
})

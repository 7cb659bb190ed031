import { beforeEach, describe, expect, it } from 'vitest'
import {
  applyPlan,
  createIamClient,
  createIdentityPoolClient,
  createUpdate,
  describePlan,
  planGroups,
  planImpact,
  type PlanProgress,
} from '../../../src/provision/index.ts'
import { readXml } from '../../../src/aws/client/query.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import { credentials } from '../../support/aws.ts'
import {
  type LocalClients,
  allReading,
  clientsOf,
  linesOf,
  policyOf,
  provisioned,
  snapshot,
} from '../../support/provision.ts'

const names = Array.from({ length: 50 }, (_, index) => `group${index}`)
const definitions = allReading(names)

let pool: LocalPool
let clients: LocalClients

beforeEach(async () => {
  const { pool: local, ...others } = await provisioned({ identityPool: { roleMapping: 'token' } })
  pool = local
  clients = others
})

describe('failures while a plan is made', () => {
  it.each([
    ['planGroups', () => planGroups(definitions, clients)],
    [
      'createUpdate',
      () => createUpdate([{ group_name: 'a', group_policy: policyOf('s3:*'), allowed_functions: [] }], clients),
    ],
    ['planImpact', () => planImpact({ a: { allow: ['x'] } }, { a: { allow: [] } }, clients)],
  ])('%s gives up soon where AWS answers 500 again and again', async (name, work) => {
    const start = pool.settings.now()
    pool.fail('*', { status: 500, error: 'ServiceFailure' })
    if (name === 'planImpact') {
      const { admin } = clients
      await expect(planImpact({ a: { allow: ['x'] } }, { a: { allow: [] } }, { admin })).rejects.toMatchObject({
        status: 500,
      })
    } else await expect(work()).rejects.toMatchObject({ status: 500 })
    expect(pool.settings.now() - start).toBeLessThan(120_000)
    expect(Math.max(...['ListGroups', 'ListRoles'].map((operation) => pool.count(operation)))).toBeLessThanOrEqual(5)
  })

  it('three hundred throttles are waited out, and told of', async () => {
    await applyPlan(await planGroups(definitions, clients), clients)
    pool.fail('GetRole', { times: 150, error: 'Throttling', message: 'Rate exceeded' })
    pool.fail('ListRolePolicies', { times: 150, error: 'Throttling', message: 'Rate exceeded' })
    const told: PlanProgress[] = []
    const found = await planGroups(definitions, {
      ...clients,
      timeout: 5000,
      onProgress: (progress) => told.push(progress),
    })
    expect(found.changes).toEqual([])
    expect(told.filter(({ waiting }) => waiting !== undefined && waiting > 0)).toHaveLength(300)
    expect(told.filter(({ waiting }) => waiting === undefined).at(-1)).toEqual({ read: 50, total: 50 })
  })

  it('waits are told of while a plan is applied, too', async () => {
    const plan = await planGroups(allReading(['viewer']), clients)
    pool.fail('CreateRole', { times: 3, error: 'Throttling' })
    const waits: number[] = []
    await applyPlan(plan, { ...clients, onProgress: ({ waiting }) => waiting !== undefined && waits.push(waiting) })
    expect(waits).toHaveLength(3)
  })
})

describe('accountDetails', () => {
  it('sees what is read role by role, in XML and in JSON', async () => {
    await applyPlan(await planGroups(definitions, clients), clients)
    const { roles } = clients.iam
    await roles.putPolicy('role_group1', 'more', policyOf('s3:*'))
    await roles.attach('role_group2', 'arn:aws:iam::aws:policy/ReadOnlyAccess')
    await roles.tag('role_group3', { team: 'a + b/ä' })
    await roles.setPermissionsBoundary('role_group4', 'arn:aws:iam::aws:policy/ReadOnlyAccess')
    const slowly = await planGroups(definitions, clients)
    const inXml = clientsOf(pool, (request) => {
      const headers = new Headers(request.headers)
      headers.delete('accept')
      return pool.fetch(new Request(request, { headers }))
    })
    for (const others of [clients, inXml]) {
      expect(await planGroups(definitions, { ...others, accountDetails: true })).toEqual(slowly)
    }
    expect(linesOf(slowly)).toEqual(['change role role_group1', 'change role role_group2', 'change role role_group4'])
    await applyPlan(slowly, { ...clients, accountDetails: true })
    expect((await planGroups(definitions, clients)).changes).toEqual([])
  })

  it('reads role by role where it is denied', async () => {
    await applyPlan(await planGroups(definitions, clients), clients)
    pool.fail('GetAccountAuthorizationDetails', { error: 'AccessDenied', status: 403 })
    expect((await planGroups(definitions, { ...clients, accountDetails: true })).changes).toEqual([])
    expect(pool.count('GetRole')).toBeGreaterThanOrEqual(50)
    pool.recover()
    pool.fail('GetAccountAuthorizationDetails', { error: 'ValidationError', status: 400 })
    await expect(planGroups(definitions, { ...clients, accountDetails: true })).rejects.toThrow(/ValidationError/)
  })
})

describe('without an identity pool', () => {
  it('groups without policies are planned and applied', async () => {
    const { admin, iam } = clients
    const given = { groups: { viewer: { precedence: 1, description: 'May look' } }, policies: {} }
    const plan = await planGroups(given, { admin, iam })
    expect(plan.identityPoolId).toBeUndefined()
    expect(describePlan(plan)).toContain('+ group viewer')
    await applyPlan(JSON.parse(JSON.stringify(plan)), { admin, iam })
    expect((await planGroups(given, { admin, iam })).changes).toEqual([])
    await createUpdate([{ group_name: 'viewer', allowed_functions: [] }], { admin, iam })
    expect(pool.count('DescribeIdentityPool')).toBe(0)
  })

  it('a group with a policy, or secureIdentityPool, says why one is needed', async () => {
    const { admin, iam } = clients
    await expect(planGroups(allReading(['viewer']), { admin, iam })).rejects.toThrow(/identityPool: .*viewer/)
    await expect(planGroups([], { admin, iam, secureIdentityPool: true })).rejects.toThrow(/secureIdentityPool/)
  })

  it('a role whose group lost its policy loses what it holds', async () => {
    const { admin, iam } = clients
    await applyPlan(await planGroups(allReading(['viewer']), clients), clients)
    const given = { groups: { viewer: { precedence: 0 } }, policies: {} }
    await applyPlan(await planGroups(given, { admin, iam }), { admin, iam })
    expect((await snapshot(clients)).roles['role_viewer']?.policies).toEqual({})
  })
})

describe('words', () => {
  it('a plan says what a new role allows', async () => {
    const given = {
      ...allReading(['viewer']),
      managedPolicies: { viewer: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'] },
      permissionsBoundary: 'arn:aws:iam::123456789012:policy/developers',
    }
    expect(describePlan(await planGroups(given, clients)).split('\n')).toEqual([
      '+ role role_viewer of group viewer',
      '    the group is new',
      '    policy viewer_policy allows s3:GetObject on arn:aws:s3:::reports/*',
      '    managed policy arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess is attached',
      '    permissions boundary: arn:aws:iam::123456789012:policy/developers',
      '+ group viewer',
      '    the pool has no such group',
    ])
  })

  it('a role that cannot be deleted, being in an instance profile, says what to do', async () => {
    await applyPlan(await planGroups(allReading(['viewer', 'editor']), clients), clients)
    const message = 'Cannot delete entity, must remove roles from instance profile first.'
    pool.fail('DeleteRole', { error: 'DeleteConflict', status: 409, message })
    const plan = await planGroups(allReading(['viewer']), { ...clients, prune: true })
    const error = await applyPlan(plan, clients).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/remove-role-from-instance-profile.*plan again.*must remove roles/)
  })
})

describe('clocks', () => {
  it.each([
    ['ours is ten minutes ahead', 600_000],
    ['ours is ten minutes behind', -600_000],
    ['ours is a year behind', -31_536_000_000],
  ])('where %s a saved plan is applied, also to roles that AWS does not know everywhere yet', async (_, ahead) => {
    const { pool: slow } = await provisioned({ identityPool: { roleMapping: 'token' }, iamDelay: 7 })
    const off = clientsOf(slow, slow.fetch, ahead)
    const plan = JSON.parse(JSON.stringify(await planGroups(allReading(['viewer']), off)))
    slow.fail('CreateGroup', { times: 1, networkError: true })
    await applyPlan(plan, off).catch(() => {})
    await applyPlan(await planGroups(allReading(['viewer']), off), off)
    const right = clientsOf(slow)
    const saved = await planGroups(allReading(['viewer', 'editor']), right)
    await applyPlan(saved, off)
    expect((await planGroups(allReading(['viewer', 'editor']), right)).changes).toEqual([])
  })
})

describe('XML', () => {
  const role = `<member><Path>/</Path><RoleName>role</RoleName><Arn>arn</Arn><Document>${'%7B'.repeat(300)}</Document></member>`
  it.each<[string, string, boolean]>([
    ['a page of 1,000 roles', `<R>${role.repeat(1000)}</R>`, true],
    ['15 MB', `<R>${role.repeat(15_000)}</R>`, false],
    ['a million small elements', `<R>${'<a/>'.repeat(1_000_000)}</R>`, false],
    ['elements 60 deep', '<a>'.repeat(60) + '</a>'.repeat(60), false],
    ['elements 40 deep', '<a>'.repeat(40) + '</a>'.repeat(40), true],
    ['elements a million deep', '<a>'.repeat(1_000_000), false],
    ['only openings', '<'.repeat(5_000_000), false],
    ['a comment without an end', '<!--'.repeat(1_000_000), false],
    ['much text', `<a>${'x'.repeat(5_000_000)}</a>`, true],
    [
      'comments and sections with tags in them',
      `<a><!-- ${'<b>'.repeat(100)} --><![CDATA[${'<b>'.repeat(100)}]]></a>`,
      true,
    ],
  ])('%s: read is %s', (_, text, isRead) => {
    const start = performance.now()
    expect(readXml(text) !== undefined).toBe(isRead)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('options', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'createIamClient',
      () => createIamClient({ credentials, useFipsEndpoint: true } as never),
      /createIamClient: unknown option "useFipsEndpoint"; it is called "fips"/,
    ],
    ['createIamClient', () => createIamClient({ credentials, enpoint: 'x' } as never), /did you mean "endpoint"/],
    ['createIamClient', () => createIamClient({ credentials, endpoint: 'http://moto:5000' }), /allowHttp/],
    [
      'createIdentityPoolClient',
      () => createIdentityPoolClient({ identityPoolID: 'x' } as never),
      /did you mean "identityPoolId"/,
    ],
    ['planGroups', () => planGroups([], { ...clients, prun: true } as never), /planGroups: .*did you mean "prune"/],
    ['planGroups', () => planGroups([], { ...clients, prune: 'no' } as never), /prune: expected true or false/],
    [
      'planGroups',
      () => planGroups([], { ...clients, acceptFindings: 'classic-flow' } as never),
      /acceptFindings: expected a list/,
    ],
    [
      'applyPlan',
      async () => applyPlan(await planGroups([], clients), { ...clients, acceptFindings: [] } as never),
      /applyPlan: .*it is an option of planGroups/,
    ],
    ['createUpdate', () => createUpdate([], { ...clients, onFindings() {} } as never), /did you mean "onFinding"/],
    ['planImpact', () => planImpact({}, {}, { ...clients } as never), /planImpact: unknown option/],
    [
      'update',
      () => clients.identityPool.update({ allowClassicFlw: false } as never),
      /did you mean "allowClassicFlow"/,
    ],
    [
      'setRoleMapping',
      () => clients.identityPool.setRoleMapping('x', { typ: 'Token' } as never),
      /did you mean "type"/,
    ],
    [
      'roles.create',
      () => clients.iam.roles.create({ name: 'x', trustPolicy: {}, boundary: 'x' } as never),
      /roles.create: unknown option "boundary"/,
    ],
    ['roles.update', () => clients.iam.roles.update('x', { descripton: '' } as never), /did you mean "description"/],
    [
      'definitions',
      () => planGroups({ groups: {}, policies: {}, managedPolices: {} } as never, clients),
      /managedPolices/,
    ],
    [
      'definitions',
      () => planGroups({ groups: { a: { precedense: 1 } }, policies: {} } as never, clients),
      /precedense/,
    ],
    [
      'definitions',
      () => planGroups([{ group_name: 'a', allowed_functions: [], group_polcy: {} }] as never, clients),
      /group_polcy/,
    ],
  ])('%s refuses what it does not know', async (_, work, words) => {
    await expect((async () => work())()).rejects.toThrow(words)
  })
})

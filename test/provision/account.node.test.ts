import { describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../src/admin/index.ts'
import {
  applyPlan,
  createIamClient,
  createIdentityPoolClient,
  type GroupPlan,
  planGroups,
} from '../../src/provision/index.ts'
import { createLocalWorld } from '../../src/local/index.ts'
import { credentials } from '../support/aws.ts'
import {
  allReading,
  clientsOf,
  linesOf,
  policyOf,
  provisioned,
  snapshot,
  strangersTrust,
} from '../support/provision.ts'

const account = '123456789012'
const reader = policyOf('s3:GetObject')
const trusted = strangersTrust()
const identityPool = { roleMapping: 'token' } as const
const two = {
  groups: { viewer: { precedence: 0 }, editor: { precedence: 1 } },
  policies: { viewer: reader, editor: reader },
}

describe('names', () => {
  const hex = '0123456789abcdef0123456789abcdef'
  const odd = [
    '\u{1f451}',
    '\u{1f469}\u200d\u{1f692}'.replace('\u200d', ''),
    'cafe\u0301',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '\u{1f451}'.repeat(128),
    'x'.repeat(128),
    `a.${hex}`,
    `A-.${hex}`,
    'a/b',
    'a%2Fb',
    '"quoted\'',
    '*',
    '&<>;',
    '..',
    'sha256:x',
    'members',
    '\u7ba1\u7406',
  ]

  it('of every kind are planned, applied, found again and pruned', async () => {
    const { pool: _, ...clients } = await provisioned({ identityPool })
    const definitions = allReading(odd)
    expect(Object.keys(definitions.groups)).toHaveLength(odd.length)
    const saved: GroupPlan = JSON.parse(JSON.stringify(await planGroups(definitions, clients)))
    await applyPlan(saved, clients)
    expect(linesOf(await planGroups(definitions, { ...clients, prune: true }))).toEqual([])
    const { groups, roles } = await snapshot(clients)
    expect(Object.keys(groups).sort()).toEqual([...odd].sort())
    expect(Object.keys(roles)).toHaveLength(odd.length)
    const rest = allReading(['a/b'], odd)
    const pruned: GroupPlan = JSON.parse(JSON.stringify(await planGroups(rest, { ...clients, prune: true })))
    expect(pruned.changes).toHaveLength(2 * odd.length - 2)
    await applyPlan(pruned, clients)
    expect(Object.keys((await snapshot(clients)).groups)).toEqual(['a/b'])
  })

  it('of a group whose mapped name another group has as its own, but for case', async () => {
    const { pool: _, ...clients } = await provisioned({ identityPool })
    const first = await planGroups(allReading(['a/b']), clients)
    const taken = linesOf(first)[0]?.replace('create role role_', '') ?? ''
    const definitions = allReading(['a/b', taken, taken.toUpperCase()])
    await applyPlan(await planGroups(definitions, clients), clients)
    expect(Object.keys((await snapshot(clients)).roles)).toHaveLength(3)
    expect(linesOf(await planGroups(definitions, clients))).toEqual([])
  })
})

describe('two pools of one account', () => {
  it('with groups of the same names keep to their own roles, also when they prune', async () => {
    const world = createLocalWorld({ now: () => Date.UTC(2026, 0, 1) })
    const dev = clientsOf(await world.createPool({ identityPool }))
    const prod = clientsOf(await world.createPool({ identityPool }))
    await applyPlan(await planGroups(two, dev), dev)
    await expect(planGroups(two, prod)).rejects.toThrow(/rolePrefix/)
    const prefixed = { ...prod, rolePrefix: 'role_prod_' }
    await applyPlan(await planGroups(two, prefixed), prod)
    const before = await snapshot(prod)
    expect(Object.keys(before.roles).sort()).toEqual([
      'role_editor',
      'role_prod_editor',
      'role_prod_viewer',
      'role_viewer',
    ])
    const pruned = await planGroups(allReading(['viewer']), { ...dev, prune: true })
    expect(linesOf(pruned)).toEqual(['delete group editor', 'delete role role_editor'])
    await applyPlan(pruned, dev)
    expect((await snapshot(prod)).groups).toEqual(before.groups)
    expect(Object.keys((await snapshot(prod)).roles)).toHaveLength(3)
    expect(linesOf(await planGroups(two, { ...prefixed, prune: true }))).toEqual([])
  })
})

describe('a large account', () => {
  it('with 65 groups, more than a page of ListGroups, and 250 other roles', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    for (let index = 0; index < 250; index++) {
      await clients.iam.roles.create({ name: `service-${index}`, trustPolicy: trusted })
    }
    const names = Array.from({ length: 65 }, (_, index) => `group${index}`)
    const definitions = allReading(names)
    await applyPlan(await planGroups(definitions, clients), clients)
    pool.fail('*', { rate: 0.3, seed: 1, error: 'Throttling' })
    // The clock of the test adds up waits that are side by side.
    const patient = { ...clients, prune: true, timeout: 3000 }
    expect(linesOf(await planGroups(definitions, patient))).toEqual([])
    expect(linesOf(await planGroups(definitions, { ...patient, accountDetails: true }))).toEqual([])
    const pruned = await planGroups(allReading(['group7'], names), patient)
    expect(pruned.changes).toHaveLength(128)
    await applyPlan(pruned, { ...clients, accountDetails: true, timeout: 9000 })
    pool.recover()
    expect(await clients.iam.roles.list().toArray()).toHaveLength(251)
  })
})

describe('an identity pool', () => {
  it('that another user pool chooses roles in by its tokens is a finding', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    const { providers } = await clients.identityPool.describe()
    const providerName = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other0000'
    const foreign = { providerName, clientId: 'dev', serverSideTokenCheck: false }
    await clients.identityPool.update({ providers: [...providers, foreign] })
    expect((await planGroups(two, clients)).findings).toEqual([])
    await clients.identityPool.setRoleMapping(`${providerName}:dev`, { type: 'Token' })
    const found = await planGroups(two, clients)
    expect(found.findings).toMatchObject([
      {
        id: expect.stringMatching(/^other-pool@/),
        code: 'other-pool',
        message: expect.stringContaining(`${providerName}:dev`),
      },
    ])
    await expect(applyPlan(found, clients)).rejects.toThrow(/other-pool/)
    await applyPlan(await planGroups(two, { ...clients, acceptFindings: found.findings.map(({ id }) => id) }), clients)
    expect(pool.count('CreateRole')).toBe(2)
  })

  it('of another region than the user pool, with other providers and two app clients', async () => {
    const world = createLocalWorld({ now: () => Date.UTC(2026, 0, 1) })
    const pool = await world.createPool({
      userPoolId: 'eu-west-1_Home00000',
      clients: [{ clientId: 'web' }, { clientId: 'app' }],
    })
    const away = await world.createPool({ userPoolId: 'us-east-1_Away00000' })
    const { userPoolId, now } = pool.settings
    const seams = { credentials, fetch: world.fetch, now }
    const clients = {
      admin: createPoolAdmin({ userPoolId, ...seams }),
      iam: createIamClient(seams),
      identityPool: createIdentityPoolClient({ identityPoolId: away.identityPoolId, ...seams }),
    }
    const providerName = `cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`
    const { providers } = await clients.identityPool.describe()
    const own = ['web', 'app'].map((clientId) => ({ providerName, clientId, serverSideTokenCheck: true }))
    await clients.identityPool.update({ providers: [...providers, ...own], allowClassicFlow: true })
    const rules = [
      { claim: 'custom:team', matchType: 'Equals', value: 'a', roleArn: `arn:aws:iam::${account}:role/team-a` },
    ] as const
    const [other] = providers.map((provider) => `${provider.providerName}:${provider.clientId}`)
    await clients.identityPool.setRoleMapping(String(other), {
      type: 'Rules',
      ambiguousRoleResolution: 'AuthenticatedRole',
      rules,
    })
    const before = await clients.identityPool.roles()

    const plan = await planGroups(two, { ...clients, secureIdentityPool: true })
    expect(plan.changes[0]).toMatchObject({
      disableClassicFlow: true,
      mapByToken: [`${providerName}:app`, `${providerName}:web`],
    })
    await applyPlan(plan, clients)
    const after = await clients.identityPool.roles()
    expect(after.roleMappings).toMatchObject(before.roleMappings)
    expect(Object.keys(after.roleMappings)).toHaveLength(3)
    expect((await clients.identityPool.describe()).providers).toEqual([...providers, ...own])
    expect(linesOf(await planGroups(two, clients))).toEqual([])
    const { trustPolicy } = await clients.iam.roles.get('role_viewer')
    expect(JSON.stringify(trustPolicy)).toContain(away.identityPoolId)
  })
})

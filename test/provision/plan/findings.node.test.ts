import { beforeEach, describe, expect, it } from 'vitest'
import { applyPlan, describePlan, type PlanOptions, planGroups } from '../../../src/provision/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import { type LocalClients, policyOf, provisioned, strangersTrust } from '../../support/provision.ts'

const reader = policyOf('s3:GetObject')
const definitions = {
  groups: { viewer: { precedence: 2 }, editor: { precedence: 1 } },
  policies: { viewer: reader, editor: reader },
}
const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`

let pool: LocalPool
let clients: LocalClients

beforeEach(async () => {
  const { pool: local, ...others } = await provisioned({ users: { alice: {} }, identityPool: { roleMapping: 'token' } })
  pool = local
  clients = others
})

const plan = (given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) =>
  planGroups(given, { ...clients, ...options })

describe('a group that is not defined', () => {
  it.each(['backdoor', 'POOL_Google'])('%s, with the role of a defined one, blocks the plan', async (name) => {
    await applyPlan(await plan(), clients)
    const group = name.replace('POOL', pool.settings.userPoolId)
    await clients.admin.groups.create({ name: group, roleArn: roleArn('role_editor') })
    const found = await plan()
    expect(found.findings).toMatchObject([{ code: 'undefined-group', group, accepted: false }])
    expect(describePlan(found)).toContain('its members have the role of group editor')
    await expect(applyPlan(found, clients)).rejects.toMatchObject({ code: 'PLAN_BLOCKED' })
    const acceptFindings = found.findings.map(({ id }) => id)
    await applyPlan(await plan(definitions, { acceptFindings }), clients)
    await clients.admin.groups.update(group, { roleArn: roleArn('role_viewer') })
    expect((await plan(definitions, { acceptFindings })).findings).toMatchObject([{ accepted: false }])
  })

  it('is found when it appears between plan and apply', async () => {
    await applyPlan(await plan(), clients)
    const changed = { ...definitions, policies: { viewer: policyOf('s3:PutObject'), editor: reader } }
    const saved = await plan(changed)
    await clients.admin.groups.create({ name: 'backdoor', roleArn: roleArn('role_editor') })
    await expect(applyPlan(saved, clients)).rejects.toMatchObject({
      code: 'STALE_PLAN',
      changed: ['group backdoor'],
    })
  })

  it('with the role of another group that is not defined either is found', async () => {
    await applyPlan(await plan(), clients)
    await clients.admin.groups.create({ name: 'backdoor', roleArn: roleArn('role_editor'), precedence: 9 })
    const rest = { groups: { viewer: { precedence: 2 } }, policies: { viewer: reader } }
    expect((await plan(rest)).findings).toMatchObject([{ code: 'undefined-group', group: 'backdoor' }])
  })

  it('with its own role, no role, a role of somebody else or about to be deleted is none', async () => {
    await applyPlan(await plan(), clients)
    await clients.iam.roles.create({ name: 'payroll', trustPolicy: strangersTrust() })
    await clients.admin.groups.create({ name: 'plain' })
    await clients.admin.groups.create({ name: 'payroll', roleArn: roleArn('payroll'), precedence: 9 })
    const rest = { groups: { viewer: { precedence: 2 } }, policies: { viewer: reader } }
    expect((await plan(rest)).findings).toEqual([])
    await clients.admin.groups.create({ name: 'backdoor', roleArn: roleArn('role_viewer') })
    expect((await plan(rest, { prune: true })).findings).toEqual([])
  })
})

describe('groups that tie in precedence', () => {
  const tied = (viewer: number | undefined, editor: number | undefined) => ({
    ...definitions,
    groups: { viewer: { precedence: viewer }, editor: { precedence: editor } },
  })

  it.each<[string, number | undefined, number | undefined, boolean]>([
    ['both without', undefined, undefined, true],
    ['both 3', 3, 3, true],
    ['both 0', 0, 0, true],
    ['one without', 0, undefined, false],
    ['different', 1, 2, false],
  ])('%s: found is %s, %s, %s', async (_, viewer, editor, isTied) => {
    const found = await plan(tied(viewer, editor))
    expect(found.findings.map(({ code }) => code)).toEqual(isTied ? ['tied-precedence'] : [])
  })

  it('are those whose members the identity pool denies a role', async () => {
    const found = await plan(tied(3, 3))
    await applyPlan(await plan(tied(3, 3), { acceptFindings: found.findings.map(({ id }) => id) }), clients)
    const roleOf = async (...groups: string[]) => {
      for (const group of groups) await clients.admin.users.addToGroup('alice', group)
      const { idToken } = await pool.tokens('alice')
      return JSON.parse(atob(`${idToken.split('.')[1]}`.replaceAll('-', '+').replaceAll('_', '/')))[
        'cognito:preferred_role'
      ]
    }
    expect(await roleOf('viewer')).toBe(roleArn('role_viewer'))
    expect(await roleOf('editor')).toBeUndefined()
  })

  it('count only where the identity pool chooses by the token, and with the groups that nobody defined', async () => {
    const { pool: _, ...open } = await provisioned()
    expect((await planGroups(tied(3, 3), open)).findings.map(({ code }) => code)).toEqual(['role-mapping'])
    const secured = await planGroups(tied(3, 3), { ...open, secureIdentityPool: true })
    expect(secured.findings.map(({ code }) => code)).toEqual(['tied-precedence'])
    await clients.admin.groups.create({ name: 'other', roleArn: roleArn('elsewhere'), precedence: 2 })
    const found = await plan()
    expect(found.findings).toMatchObject([
      { code: 'tied-precedence', message: expect.stringContaining('other, viewer') },
    ])
    await clients.admin.groups.create({ name: 'more', roleArn: roleArn('more'), precedence: 2 })
    expect((await plan(definitions, { acceptFindings: found.findings.map(({ id }) => id) })).findings).toMatchObject([
      { accepted: false },
    ])
  })
})

describe('an accepted policy', () => {
  const policy = (Statement: object[]) => ({ Version: '2012-10-17', Statement })
  const iam = { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }
  const given = (statements: object[], permissionsBoundary?: string) => ({
    groups: { viewer: {} },
    policies: { viewer: policy(statements) },
    permissionsBoundary,
  })
  const deny = { Effect: 'Deny', Action: 'iam:CreateRole', Resource: '*' }

  it.each<[string, ReturnType<typeof given>, boolean]>([
    ['the same', given([iam, deny], 'arn:aws:iam::aws:policy/ReadOnlyAccess'), true],
    [
      'in another order and spelling',
      given([deny, { ...iam, Action: ['IAM:passrole'], Sid: 'x' }], 'arn:aws:iam::aws:policy/ReadOnlyAccess'),
      true,
    ],
    ['without the denial', given([iam], 'arn:aws:iam::aws:policy/ReadOnlyAccess'), false],
    ['without the boundary', given([iam, deny]), false],
    [
      'with more actions',
      given([iam, deny, { ...iam, Action: 'iam:*' }], 'arn:aws:iam::aws:policy/ReadOnlyAccess'),
      false,
    ],
  ])('covers %s: %s', async (_, later, isCovered) => {
    const { findings } = await plan(given([iam, deny], 'arn:aws:iam::aws:policy/ReadOnlyAccess'))
    const acceptFindings = findings.map(({ id }) => id)
    const found = await plan(later, { acceptFindings })
    expect(found.findings).toMatchObject([{ code: 'self-access', accepted: isCovered }])
    if (!isCovered) expect(found.findings[0]?.message).toContain(`${acceptFindings[0]}, which was for something else`)
  })
})

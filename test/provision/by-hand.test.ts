import { beforeEach, describe, expect, it } from 'vitest'
import {
  applyPlan,
  createUpdate,
  describePlan,
  type GroupPlan,
  type PlanOptions,
  planGroups,
  type ProvisionClients,
} from '../../src/provision/index.ts'
import type { LocalPool } from '../../src/testing/index.ts'
import { clientsOf, type Fetch, provisioned, snapshot } from './support.ts'

const account = '123456789012'
const reader = policyOf('s3:GetObject')
const everything = policyOf('*')
const definitions = { groups: { viewer: {}, editor: {} }, policies: { viewer: reader, editor: reader } }
const trusted = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

let pool: LocalPool
let clients: ProvisionClients

beforeEach(async () => {
  const { pool: local, ...others } = await provisioned({ identityPool: { roleMapping: 'token' } })
  pool = local
  clients = others
})

function policyOf(...actions: string[]) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::reports/*' }],
  }
}

function managed(index: number) {
  return `arn:aws:iam::aws:policy/Managed${index}`
}

function plan(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return planGroups(given, { ...clients, ...options })
}

async function applied(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return applyPlan(await plan(given, options), clients)
}

/** What a plan would do, a line each. */
function linesOf({ changes }: GroupPlan): string[] {
  return changes.map((change) => {
    const what = change.kind === 'role' ? change.name : change.kind === 'group' ? change.group : ''
    return `${change.action} ${change.kind} ${what}`.trim()
  })
}

/** Clients that look at the world after each write. */
function watched(look: () => Promise<void>): ProvisionClients {
  const fetch: Fetch = async (request) => {
    const said = `${request.headers.get('x-amz-target')} ${await request.clone().text()}`
    const response = await pool.fetch(request)
    if (!/[.=](Get|List|Describe)[A-Z]/.test(said)) await look()
    return response
  }
  return clientsOf(pool, fetch)
}

describe('what somebody did by hand', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'an inline policy called %s is drift and is taken away',
    async (name) => {
      await applied()
      const before = await snapshot(clients)
      await clients.iam.roles.putPolicy('role_viewer', name, everything)
      const found = await plan()
      expect(linesOf(found)).toEqual(['change role role_viewer'])
      expect(describePlan(found)).toContain(`policy ${name} is not declared`)
      await applyPlan(JSON.parse(JSON.stringify(found)), clients)
      expect(await snapshot(clients)).toEqual(before)
    },
  )

  it('writes no lines of its own into a plan', async () => {
    await applied()
    const forged = String.raw`arn:aws:s3:::a\n! self-access:viewer (allowed)\u001b[2K\u009b1A\u202e\u2028\u2029`
    const text = `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"${forged}"}]}`
    await clients.iam.call('PutRolePolicy', {
      RoleName: 'role_viewer',
      PolicyName: 'viewer_policy',
      PolicyDocument: text,
    })
    const shown = describePlan(await plan())
    expect(shown.split('\n').filter((line) => line.startsWith('!'))).toEqual([])
    expect(shown).toContain('! self-access:viewer')
    expect(shown).not.toMatch(/[^\n\P{C}]|[\u2028\u2029]/u)
  })

  it('an undefined group with the role of a defined one is shown with its role', async () => {
    await applied()
    const roleArn = `arn:aws:iam::${account}:role/role_editor`
    await clients.admin.groups.create({ name: 'backdoor', roleArn })
    await clients.admin.groups.create({ name: `${pool.settings.userPoolId}_Google`, roleArn })
    await clients.admin.groups.create({ name: `${pool.settings.userPoolId}_Facebook` })
    const found = await plan()
    expect(found.unmanaged).toEqual([
      { group: 'backdoor', roleArn },
      { group: `${pool.settings.userPoolId}_Google`, roleArn },
    ])
    expect(describePlan(found)).toContain(`group backdoor is not defined, and left alone with ${roleArn}`)
    const pruned = await plan(definitions, { prune: true })
    expect(linesOf(pruned)).toEqual(['delete group backdoor'])
    expect(pruned.unmanaged).toEqual([{ group: `${pool.settings.userPoolId}_Google`, roleArn }])
  })

  it('a role whose trust policy cannot be read does not stop the plan for the others', async () => {
    await clients.iam.roles.create({ name: 'odd', trustPolicy: trusted })
    const fetch: Fetch = async (request) => {
      const isList = (await request.clone().text()).includes('Action=ListRoles')
      const response = await pool.fetch(request)
      if (!isList) return response
      const text = (await response.text()).replaceAll(
        /"AssumeRolePolicyDocument":"[^"]*"/g,
        '"AssumeRolePolicyDocument":null',
      )
      return new Response(text.replaceAll(/<AssumeRolePolicyDocument>.*?<\/AssumeRolePolicyDocument>/g, ''), response)
    }
    expect(linesOf(await planGroups(definitions, clientsOf(pool, fetch)))).toHaveLength(4)
  })

  it('a role that vanishes while it is read counts as gone', async () => {
    await applied()
    const fetch: Fetch = async (request) => {
      const body = await request.clone().text()
      if (body.includes('Action=ListRolePolicies') && body.includes('RoleName=role_viewer')) {
        await clients.iam.roles.deletePolicy('role_viewer', 'viewer_policy')
        await clients.iam.roles.delete('role_viewer')
      }
      return pool.fetch(request)
    }
    expect(linesOf(await planGroups(definitions, clientsOf(pool, fetch)))).toEqual(['create role role_viewer'])
  })
})

describe("IAM's limits", () => {
  const attached = (from: number, count: number) => Array.from({ length: count }, (_, index) => managed(from + index))

  it.each([
    ['ten for ten others', attached(0, 10), attached(10, 10)],
    ['ten for nine of them and another', attached(0, 10), attached(1, 10)],
    ['eight for eight others', attached(0, 8), attached(8, 8)],
  ])('%s managed policies, and the role is never without any', async (_, before, after) => {
    const given = (arns: string[]) => ({ groups: { viewer: {} }, policies: {}, managedPolicies: { viewer: arns } })
    await applied(given(before))
    const counts: number[] = []
    const found = await plan(given(after))
    await applyPlan(
      found,
      watched(async () => {
        const now = await clients.iam.roles.managedPolicies('role_viewer').toArray()
        counts.push(now.length)
        expect(before.filter((arn) => after.includes(arn) && !now.includes(arn))).toEqual([])
      }),
    )
    expect((await clients.iam.roles.managedPolicies('role_viewer').toArray()).sort()).toEqual([...after].sort())
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(7)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(Math.min(before.length, 9))
  })

  it('a long policy beside a long one that was added by hand', async () => {
    const long = (letter: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${letter.repeat(7000)}` }],
    })
    const { arn } = await clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted })
    await clients.iam.roles.putPolicy('role_viewer', 'by-hand', long('a'))
    const given = { groups: { viewer: {} }, policies: { viewer: long('b') } }
    await applied(given, { adopt: [arn] })
    expect((await snapshot(clients)).roles['role_viewer']?.policies).toEqual({ viewer_policy: long('b') })
  })
})

describe('on the way, nobody has more than before or after', () => {
  const boundary = `arn:aws:iam::${account}:policy/developers`

  it('a permissions boundary goes last and comes first', async () => {
    const wide = { groups: { viewer: {} }, policies: { viewer: everything }, permissionsBoundary: boundary }
    const narrow = { groups: { viewer: {} }, policies: { viewer: reader } }
    const states: string[] = []
    const look = async () => {
      const role = (await snapshot(clients)).roles['role_viewer']
      const isWide = JSON.stringify(role?.policies).includes('"*"')
      states.push(`${isWide ? 'wide' : 'narrow'} ${role?.permissionsBoundary ? 'bounded' : 'free'}`)
    }
    const allow = { allow: ['self-access:viewer'] }
    await applied(wide, allow)
    await applyPlan(await plan(narrow), watched(look))
    await applyPlan(await plan(wide, allow), watched(look))
    expect(states).toEqual(['narrow bounded', 'narrow free', 'narrow bounded', 'wide bounded'])
  })

  it('a role that is taken over is not opened to the group with what it held before', async () => {
    const { arn } = await clients.iam.roles.create({ name: 'somebodys', trustPolicy: trusted })
    await clients.iam.roles.putPolicy('somebodys', 'all', everything)
    await clients.iam.roles.attach('somebodys', 'arn:aws:iam::aws:policy/AdministratorAccess')
    await clients.admin.groups.create({ name: 'viewer', roleArn: arn })
    const found = await plan(definitions, { adopt: [arn] })
    const open: unknown[] = []
    await applyPlan(
      found,
      watched(async () => {
        const role = (await snapshot(clients)).roles['somebodys']
        const isOpen = JSON.stringify(role?.trustPolicy).includes(pool.identityPoolId)
        if (isOpen) open.push([Object.keys(role?.policies ?? {}), role?.managedPolicies])
      }),
    )
    expect(open.length).toBeGreaterThan(1)
    for (const state of open)
      expect([
        [[], []],
        [['viewer_policy'], []],
      ]).toContainEqual(state)
  })

  it('a role that two groups share is taken over for one, and the other gets its own', async () => {
    const { arn } = await clients.iam.roles.create({ name: 'role_editor', trustPolicy: trusted })
    await clients.admin.groups.create({ name: 'viewer', roleArn: arn })
    await clients.admin.groups.create({ name: 'editor', roleArn: arn })
    const given = { groups: definitions.groups, policies: { viewer: reader, editor: policyOf('s3:*') } }
    await applied(given, { adopt: [arn] })
    const { roles, groups } = await snapshot(clients)
    expect(groups).toMatchObject({
      editor: { roleArn: arn },
      viewer: { roleArn: `arn:aws:iam::${account}:role/role_viewer` },
    })
    expect(roles['role_editor']?.policies).toEqual({ editor_policy: policyOf('s3:*') })
    expect(roles['role_editor']?.tags['cognigate:group']).toBe('editor')
    expect(linesOf(await plan(given))).toEqual([])
  })

  it('two roles for one group: the one that it is linked to is taken over, and the other is named', async () => {
    const linked = await clients.iam.roles.create({ name: 'somebodys', trustPolicy: trusted, path: '/team/' })
    const named = await clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted })
    await clients.admin.groups.create({ name: 'viewer', roleArn: linked.arn })
    await expect(plan(definitions, { adopt: [linked.arn, named.arn] })).rejects.toThrow(
      `adopt: ${named.arn} becomes the role of no defined group`,
    )
    await applied(definitions, { adopt: [linked.arn] })
    expect(linesOf(await plan())).toEqual([])
    expect((await snapshot(clients)).groups['viewer']).toMatchObject({ roleArn: linked.arn })
  })
})

describe('createUpdate', () => {
  it('deletes nothing and secures nothing, whatever else its options hold', async () => {
    await clients.admin.groups.create({ name: 'other' })
    await clients.identityPool.update({ allowClassicFlow: true })
    const options = { ...clients, prune: true, secureIdentityPool: true }
    const detail = [{ group_name: 'viewer', group_policy: reader, allowed_functions: ['read'] }]
    await createUpdate(detail, options)
    expect(Object.keys((await snapshot(clients)).groups).sort()).toEqual(['other', 'viewer'])
    expect((await clients.identityPool.describe()).allowClassicFlow).toBe(true)
  })

  it('takes an empty file, a group without a policy, and refuses a name that comes twice', async () => {
    expect(await createUpdate([], clients)).toEqual([])
    expect(await createUpdate([{ group_name: 'plain', allowed_functions: [] }], clients)).toMatchObject([
      { created: 'true' },
    ])
    const twice = { group_name: 'twice', group_policy: reader, allowed_functions: [] }
    await expect(createUpdate([twice, twice], clients)).rejects.toThrow('groups[1].group_name')
    expect((await snapshot(clients)).groups).toEqual({ plain: {} })
  })
})

describe('a group', () => {
  it('with an empty description is as one without', async () => {
    const given = { groups: { viewer: { description: '' } }, policies: {} }
    await clients.admin.groups.create({ name: 'viewer' })
    expect(linesOf(await plan(given))).toEqual([])
  })

  it.each([
    ['with a path', `arn:aws:iam::${account}:role/a/b/gone`, 'create role role_viewer'],
    ['of another partition', `arn:aws-us-gov:iam::${account}:role/role_viewer`, 'create role role_viewer'],
    ['that is none', `arn:aws:iam::${account}:user/alice`, 'create role role_viewer'],
    ['of another case', `arn:aws:iam::${account}:role/ROLE_VIEWER`, 'create role role_viewer'],
  ])('linked to a role %s gets its own', async (_, roleArn, line) => {
    await clients.admin.groups.create({ name: 'viewer', roleArn })
    const found = await plan({ groups: { viewer: {} }, policies: { viewer: reader } })
    expect(linesOf(found)).toEqual([line, 'change group viewer'])
    await applyPlan(found, clients)
    expect((await clients.admin.groups.get('viewer')).roleArn).toBe(`arn:aws:iam::${account}:role/role_viewer`)
  })

  it('that loses its policy and gets it back keeps its role', async () => {
    await applied()
    const before = await snapshot(clients)
    await applied({ ...definitions, policies: {} })
    expect((await snapshot(clients)).roles['role_viewer']?.policies).toEqual({})
    await applied()
    expect(await snapshot(clients)).toEqual(before)
  })

  it('precedence 0 is set and seen', async () => {
    const given = { groups: { viewer: { precedence: 0 } }, policies: {} }
    await clients.admin.groups.create({ name: 'viewer', precedence: 3 })
    await applied(given)
    expect((await clients.admin.groups.get('viewer')).precedence).toBe(0)
    expect(linesOf(await plan(given))).toEqual([])
  })
})

describe('time', () => {
  it('a clock that is ahead does not end the waiting for a new role', async () => {
    const ahead = clientsOf(pool, pool.fetch, 600_000)
    pool.fail('CreateGroup', { times: 3, error: 'InvalidParameterException' })
    await applyPlan(await planGroups(definitions, ahead), ahead)
    expect(linesOf(await plan())).toEqual([])
  })

  it('the deadline of a plan counts for the whole of it', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `group${index}`)
    const given = {
      groups: Object.fromEntries(names.map((name) => [name, {}])),
      policies: Object.fromEntries(names.map((name) => [name, reader])),
    }
    await applied(given)
    const { fetch } = pool
    const slow = clientsOf(pool, async (request) => {
      pool.advance(5)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return fetch(request)
    })
    const start = pool.settings.now()
    const error = await planGroups(given, { ...slow, deadline: 60 }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'DeadlineExceeded' })
    expect(pool.settings.now() - start).toBeLessThan(120_000)
    const saved = await plan({ ...given, groups: { ...given.groups, more: {} } })
    await expect(applyPlan(saved, { ...slow, deadline: 60 })).rejects.toMatchObject({ code: 'DeadlineExceeded' })
  })

  it.each([0, -1, Number.NaN])('a deadline of %s is refused', async (deadline) => {
    await expect(plan(definitions, { deadline })).rejects.toThrow(/deadline: expected/)
    const saved = await plan()
    await expect(applyPlan(saved, { ...clients, deadline })).rejects.toThrow(/deadline: expected/)
  })
})

describe('a saved plan', () => {
  it.each([
    ['nothing', null],
    ['a list', []],
    ['one without what it saw', { seen: undefined }],
    ['one without what it allows', { allow: undefined }],
  ])('that is %s is refused', async (_, part) => {
    const found = await plan()
    const broken = part === null || Array.isArray(part) ? part : { ...found, ...part }
    await expect(applyPlan(JSON.parse(JSON.stringify(broken)), clients)).rejects.toThrow(/a plan of planGroups/)
  })
})

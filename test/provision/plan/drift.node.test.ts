import { beforeEach, describe, expect, it } from 'vitest'
import { applyPlan, createUpdate, describePlan, type PlanOptions, planGroups } from '../../../src/provision/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import {
  type LocalClients,
  clientsOf,
  type Fetch,
  linesOf,
  policyOf,
  provisioned,
  snapshot,
  strangersTrust,
} from '../../support/provision.ts'

const account = '123456789012'
const reader = policyOf('s3:GetObject')
const everything = policyOf('*')
const definitions = {
  groups: { viewer: { precedence: 0 }, editor: { precedence: 1 } },
  policies: { viewer: reader, editor: reader },
}
const trusted = strangersTrust()

let pool: LocalPool
let clients: LocalClients

beforeEach(async () => {
  const { pool: local, ...others } = await provisioned({ identityPool: { roleMapping: 'token' } })
  pool = local
  clients = others
})

function plan(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return planGroups(given, { ...clients, ...options })
}

async function applied(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return applyPlan(await plan(given, options), clients)
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
    const forged = String.raw`arn:aws:s3:::a\n! self-access:viewer (accepted)\u001b[2K\u009b1A\u202e\u2028\u2029`
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
    expect(describePlan(found)).toContain(`group backdoor is not defined and stays as it is, with the role ${roleArn}`)
    const pruned = await plan(definitions, { prune: true })
    expect(linesOf(pruned)).toEqual(['delete group backdoor'])
    expect(pruned.unmanaged).toEqual([{ group: `${pool.settings.userPoolId}_Google`, roleArn }])
  })

  it.each<[string, (roleArn: string) => Promise<unknown>]>([
    [
      'by default',
      async (authenticated) => {
        const { raw } = await clients.identityPool.roles()
        return clients.identityPool.call('SetIdentityPoolRoles', {
          ...raw,
          IdentityPoolId: pool.identityPoolId,
          Roles: { authenticated },
        })
      },
    ],
    [
      'by a rule of another provider',
      async (roleArn) => {
        const rules = [{ claim: 'sub', matchType: 'NotEqual', value: 'x', roleArn }] as const
        await clients.identityPool.update({ supportedLoginProviders: { 'accounts.google.com': 'app' } })
        return clients.identityPool.setRoleMapping('accounts.google.com', { type: 'Rules', rules })
      },
    ],
  ])('a role that the identity pool gives to others %s is a finding', async (_, give) => {
    await applied()
    await give(`arn:aws:iam::${account}:role/role_editor`)
    const found = await plan({ ...definitions, groups: { ...definitions.groups, more: {} } })
    expect(found.findings).toMatchObject([{ code: 'given-role', group: 'editor', accepted: false }])
    await expect(applyPlan(found, clients)).rejects.toThrow(/given-role:editor/)
    const acceptFindings = found.findings.map(({ id }) => id)
    expect((await plan(definitions, { acceptFindings })).findings).toMatchObject([{ accepted: true }])
  })

  it('is told without its control characters where it is in the way', async () => {
    await clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted })
    const text = String.raw`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a\n\u009b1A\u202e"}]}`
    await clients.iam.call('PutRolePolicy', { RoleName: 'role_viewer', PolicyName: 'odd', PolicyDocument: text })
    const error = await plan().catch((reason: unknown) => reason)
    expect(String(error)).toContain('inline policy odd')
    expect(String(error)).not.toMatch(/[^\n\P{C}]/u)
  })

  it.each([
    ['AdministratorAccess-Amplify', true],
    ['AmazonCognitoDeveloperAuthenticatedIdentities', true],
    ['AmazonOpenSearchServiceCognitoAccess', true],
    ['AmazonESCognitoAccess', true],
    ['AWSLambda_FullAccess', true],
    ['AWSCloudFormationFullAccess', true],
    ['AmazonSSMFullAccess', true],
    ['service-role/AmazonSSMAutomationRole', true],
    ['job-function/SystemAdministrator', true],
    ['AWSCodeBuildDeveloperAccess', true],
    ['AWSLambda_ReadOnlyAccess', false],
    ['AmazonSSMReadOnlyAccess', false],
    ['service-role/AWSLambdaRole', false],
    ['job-function/ViewOnlyAccess', false],
    ['AmazonCognitoReadOnly', false],
    ['ReadOnlyAccess', false],
  ])('the managed policy %s of a group reaches its own pool: %s', async (name, isPowerful) => {
    const given = {
      groups: { viewer: {} },
      policies: {},
      managedPolicies: { viewer: [`arn:aws:iam::aws:policy/${name}`] },
    }
    expect((await plan(given)).findings.map(({ code }) => code)).toEqual(isPowerful ? ['self-access'] : [])
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

describe('createUpdate', () => {
  it('deletes nothing and secures nothing, and says so where it is asked to', async () => {
    await clients.admin.groups.create({ name: 'other' })
    await clients.identityPool.update({ allowClassicFlow: true })
    const detail = [{ group_name: 'viewer', group_policy: reader, allowed_functions: ['read'] }]
    for (const name of ['prune', 'secureIdentityPool', 'acceptFindings']) {
      await expect(createUpdate(detail, { ...clients, [name]: true })).rejects.toThrow(`unknown option "${name}"`)
    }
    await createUpdate(detail, clients)
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

  it('whose name has colons has its findings accepted by that name, and no other', async () => {
    const given = {
      groups: { 'a:b': {}, a: {} },
      policies: {},
      managedPolicies: { 'a:b': ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    }
    const [finding] = (await plan(given)).findings
    expect(finding?.id).toMatch(/^self-access:a:b@[0-9a-f]{16}$/)
    expect((await plan(given, { acceptFindings: [`${finding?.id}`] })).findings).toMatchObject([{ accepted: true }])
    for (const id of ['self-access:a', 'self-access:a:b', 'self-access:a:b@0123456789abcdef']) {
      expect((await plan(given, { acceptFindings: [id] })).findings).toMatchObject([{ accepted: false }])
    }
    for (const id of [
      'self-access:a:c',
      'self-access:',
      'self-access',
      'other-pool:a',
      'nonsense:a',
      'undefined-group:',
    ]) {
      await expect(plan(given, { acceptFindings: [id] })).rejects.toThrow(`acceptFindings: there is no finding ${id}`)
    }
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

describe('a saved plan', () => {
  it.each([
    ['nothing', null],
    ['a list', []],
    ['one without what it saw', { snapshot: undefined }],
    ['one without what it accepts', { acceptFindings: undefined }],
  ])('that is %s is refused', async (_, part) => {
    const found = await plan()
    const broken = part === null || Array.isArray(part) ? part : { ...found, ...part }
    await expect(applyPlan(JSON.parse(JSON.stringify(broken)), clients)).rejects.toThrow(/planGroups/)
  })
})

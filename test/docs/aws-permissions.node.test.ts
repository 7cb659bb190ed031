import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/lib/runtimes.mjs'
import * as administration from '../../src/admin/index.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { roleCredentials } from '../../src/credentials/index.ts'
import { createGuard } from '../../src/index.ts'
import * as provision from '../../src/provision/index.ts'
import { putAccessKey, type StatementText } from '../support/access-key.ts'
import { clientsOf, policyOf, strangersTrust } from '../support/provision.ts'

// The documents say which permissions an AWS key needs. Here everything runs with a key that has exactly those, at a local AWS
// that enforces policies as IAM does; and with each of them taken away something is denied.

const account = '123456789012'
const password = 'Correct-h0rse'
type Clients = provision.ProvisionClients & { readonly identityPool: provision.IdentityPoolClient }
type Program = (clients: Clients, pool: LocalPool) => Promise<unknown>

const all = async (bulk: Promise<administration.BulkResult<unknown>>) => {
  const { failed, pending } = await bulk
  for (const { error } of failed) throw error
  expect(pending).toEqual([])
}

/** What each line of the table in docs/administration.md is for: every call of its own. */
const programs: Readonly<Record<string, Program>> = {
  'admin.groups': async ({ admin }) => {
    await admin.groups.list().toArray()
    await admin.groups.create({ name: 'new', description: 'New', precedence: 9 })
    await admin.groups.update('new', { precedence: 8 })
    await admin.groups.update('new', { description: null })
    await admin.groups.get('new')
    await admin.groups.members('new').toArray()
    await admin.groups.delete('new')
  },
  'admin.users': async ({ admin }) => {
    const { users } = admin
    await users.list().toArray()
    await users.create({ username: 'erin', messageAction: 'SUPPRESS' })
    await users.get('erin')
    await users.setPassword('erin', password, { permanent: true })
    await users.disable('erin')
    await users.enable('erin')
    await users.updateAttributes('erin', { email: 'erin@example.com', email_verified: 'true' })
    await users.resetPassword('erin')
    await users.deleteAttributes('erin', ['email'])
    await users.signOut('erin')
    await users.confirmSignUp('frank')
    await users.addToGroup('erin', 'editor')
    await users.groups('erin').toArray()
    await users.removeFromGroup('erin', 'editor')
    await users.delete('erin')
  },
  'admin.clients': async ({ admin }, { settings }) => {
    await admin.clients.describe(settings.clientId)
    await admin.clients.update(settings.clientId, { clientName: 'web' })
  },
  'admin.identityProviders': async ({ admin }) => {
    const details = { MetadataURL: 'https://idp.example/metadata' }
    await admin.identityProviders.create({ name: 'corp', type: 'SAML', details })
    await admin.identityProviders.describe('corp')
    await admin.identityProviders.update('corp', { identifiers: ['corp.example'] })
  },
  assignRole: async ({ admin }) => {
    await administration.assignRole(admin, 'alice', 'editor', { among: ['editor', 'viewer'] })
  },
  promote: async ({ admin }) => {
    await administration.promote(admin, 'alice', 'editor', { among: ['editor', 'viewer'] })
  },
  highestRole: async ({ admin }) => {
    await administration.highestRole(admin, 'alice', { among: ['editor', 'viewer'] })
  },
  addMembers: ({ admin }) => all(administration.addMembers(admin, [{ username: 'bob', group: 'editor' }])),
  removeMembers: ({ admin }) => all(administration.removeMembers(admin, [{ username: 'alice', group: 'viewer' }])),
  syncMembers: ({ admin }) => {
    const options = { groups: ['viewer'], maxRemovals: 1 }
    return all(administration.syncMembers(admin, [{ username: 'bob', group: 'viewer' }], options))
  },
  auditPool: ({ admin }) => administration.auditPool(admin),
  signInAsAdmin: async ({ admin }, { settings }) => {
    const { clientId } = settings
    const step = await administration.signInAsAdmin(admin, { clientId }, 'grace', 'Tempor4ry!pass')
    if (step.status !== 'challenge' || step.challenge !== 'NEW_PASSWORD_REQUIRED') throw new TypeError('no challenge')
    const next = await administration.respondAsAdmin(admin, { clientId }, step, { password })
    expect(next.status).toBe('signed-in')
  },
}

interface Line {
  readonly name: string
  readonly permissions: readonly string[]
}

/** The lines of the table. */
function readTable(): Line[] {
  const [, section = ''] = readFileSync(`${root}/docs/administration.md`, 'utf8').split('## What the AWS key may do\n')
  const [table = ''] = section.split('\n## ')
  return [...table.matchAll(/^\| `([\w.]+)`(?:, `\w+`)* \| (.*) \|$/gm)].map(([, name = '', list = '']) => {
    return { name, permissions: list.split(', ').map((action) => `cognito-idp:${action}`) }
  })
}

async function openPool(): Promise<LocalPool> {
  const pool = await createLocalPool({
    now: () => Date.UTC(2026, 0, 1),
    groups: { viewer: { allow: [], precedence: 20 }, editor: { allow: [], precedence: 10 } },
    users: {
      alice: { groups: ['viewer'], password, email: 'alice@example.com' },
      bob: {},
      frank: { status: 'UNCONFIRMED' },
      grace: { status: 'FORCE_CHANGE_PASSWORD', password: 'Tempor4ry!pass' },
    },
    identityPool: {},
  })
  return pool
}

/** The clients of a key that has these permissions, each on what the pool and its roles are. */
async function clientsWith(pool: LocalPool, permissions: readonly string[]): Promise<Clients> {
  const { userPoolId } = pool.settings
  const resources: Readonly<Record<string, string>> = {
    'cognito-idp': `arn:aws:cognito-idp:${pool.region}:${account}:userpool/${userPoolId}`,
    'cognito-identity': `arn:aws:cognito-identity:${pool.region}:${account}:identitypool/${pool.identityPoolId}`,
    iam: `arn:aws:iam::${account}:role/*`,
  }
  const statements = Object.entries(resources).flatMap(([service, Resource]): StatementText[] => {
    const Action = permissions.filter((action) => action.startsWith(`${service}:`))
    return Action.length > 0 ? [{ Effect: 'Allow', Action, Resource }] : []
  })
  const credentials = await putAccessKey(pool, 'operator', statements)
  return clientsOf(pool, pool.fetch, 0, credentials)
}

async function run(program: Program, permissions: readonly string[], prepare?: (pool: LocalPool) => Promise<unknown>) {
  const pool = await openPool()
  await prepare?.(pool)
  await program(await clientsWith(pool, permissions), pool)
}

/** What went wrong: AWS's code, also of errors that are wrapped. */
async function denialOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'nothing was denied'
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      if (administration.isAwsError(at)) return at.code
    }
    return error
  }
}

const lines = readTable()

it('Every line of the table has a program here.', () => {
  expect(lines.map(({ name }) => name).sort()).toEqual(Object.keys(programs).sort())
})

describe.each(lines)('$name', ({ name, permissions }) => {
  const program = programs[name] ?? (() => Promise.reject(new TypeError(name)))

  it('works with the permissions that its line names', async () => {
    await run(program, permissions)
  })

  it.each(permissions)('is denied something without %s', async (permission) => {
    const rest = permissions.filter((other) => other !== permission)
    expect(await denialOf(run(program, rest))).toBe('AccessDeniedException')
  })
})

/** From nothing to applied, adopted, changed, drifted and pruned. */
const provisioning: Program = async ({ admin, iam, identityPool }) => {
  const clients = { admin, iam, identityPool }
  const apply = async (definitions: provision.Definitions, options: Partial<provision.PlanOptions> = {}) => {
    const all = { ...clients, secureIdentityPool: true, ...options }
    const { findings } = await provision.planGroups(definitions, all)
    const plan = await provision.planGroups(definitions, { ...all, acceptFindings: findings.map(({ id }) => id) })
    await provision.applyPlan(plan, clients)
  }
  const reading = policyOf('s3:GetObject')
  const groups = { viewer: { precedence: 20 }, editor: { precedence: 10 }, writer: { precedence: 5 } }
  const policies = { viewer: reading, editor: reading, writer: reading }
  const boundary = `arn:aws:iam::${account}:policy/boundary`
  const adopt = [`arn:aws:iam::${account}:role/role_viewer`]
  await apply({ groups, policies, managedPolicies: { editor: [boundary] } }, { adopt })
  await apply({ groups, policies, permissionsBoundary: { editor: boundary } })
  const { editor: _, writer: __, ...fewer } = groups
  await apply({ groups: fewer, policies: { viewer: reading } }, { prune: true })
}

/** A role of a group's name that somebody else has made, a policy of the account, and an identity pool that is open. */
async function prepareAccount(pool: LocalPool): Promise<void> {
  const { iam, identityPool } = clientsOf(pool)
  const Document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  })
  await createPolicy(pool, 'boundary', Document)
  const policy = `arn:aws:iam::${account}:policy/boundary`
  await iam.roles.create({ name: 'role_viewer', trustPolicy: strangersTrust(), permissionsBoundary: policy })
  await iam.roles.putPolicy('role_viewer', 'old', policyOf('s3:*'))
  await iam.roles.attach('role_viewer', policy)
  await identityPool.update({ allowClassicFlow: true })
}

async function createPolicy(pool: LocalPool, PolicyName: string, PolicyDocument: string): Promise<void> {
  const { CreatePolicyCommand, IAMClient } = await import('@aws-sdk/client-iam')
  const { sdkTransport, exampleCredentials } = await import('../support/sdk-client.ts')
  const iam = new IAMClient({
    region: 'us-east-1',
    credentials: exampleCredentials,
    requestHandler: sdkTransport(pool),
  })
  await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))
}

/** The permissions that docs/groups-and-roles.md lists: `Of \`iam\`: ListRoles, …`. */
function readList(): string[] {
  const text = readFileSync(`${root}/docs/groups-and-roles.md`, 'utf8')
  const [, section = ''] = text.split('## What the AWS key may do\n')
  const [list = ''] = section.trim().split('\n\n')
  return [...list.replace(/\s+/g, ' ').matchAll(/Of `([\w-]+)`: ([\w, ]+)/g)].flatMap(([, service, names = '']) => {
    return names.split(', ').map((name) => `${service}:${name}`)
  })
}

describe('groups and roles as code', () => {
  const permissions = readList()

  it('work with the permissions that the document lists', async () => {
    await run(provisioning, permissions, prepareAccount)
  })

  it.each(permissions)('are denied something without %s', async (permission) => {
    const rest = permissions.filter((other) => other !== permission)
    expect(await denialOf(run(provisioning, rest, prepareAccount))).toMatch(/^AccessDenied/)
  })

  it('are planned with those that list, get and describe', async () => {
    const reading = permissions.filter((action) => /:(?:List|Get|Describe)/.test(action))
    const plan: Program = async (clients) => {
      const definitions = { groups: { viewer: { precedence: 20 } }, policies: { viewer: policyOf('s3:GetObject') } }
      const options = { ...clients, adopt: [`arn:aws:iam::${account}:role/role_viewer`], prune: true }
      const { changes } = await provision.planGroups(definitions, options)
      expect(changes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['role', 'group']))
    }
    await run(plan, reading, prepareAccount)
  })
})

it('The credentials of a caller need no AWS key at all.', async () => {
  const pool = await createLocalPool({
    strict: true,
    administrator: { accessKeyId: 'AKIAADMINISTRATOR000', secretAccessKey: 'admin-secret' },
    groups: { reports: { allow: [], roleArn: `arn:aws:iam::${account}:role/reports` } },
    users: { alice: { groups: ['reports'] } },
    identityPool: { roleMapping: 'token' },
  })
  const { fetch, now } = pool.settings
  const credentials = { accessKeyId: 'AKIAADMINISTRATOR000', secretAccessKey: 'admin-secret' }
  const iam = provision.createIamClient({ credentials, fetch, now })
  const federated = 'cognito-identity.amazonaws.com'
  const trust = {
    Effect: 'Allow',
    Principal: { Federated: federated },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${federated}:aud`]: pool.identityPoolId } },
  }
  await iam.roles.create({ name: 'reports', trustPolicy: { Version: '2012-10-17', Statement: [trust] } })
  const guard = createGuard({ ...pool.settings, tokenUse: 'id' })
  const principal = await guard.verify((await pool.tokens('alice')).idToken)
  const { identityPoolId } = pool
  expect(await roleCredentials(principal, { guard, identityPoolId, fetch, now })).toMatchObject({
    accessKeyId: expect.stringMatching(/^ASIA/),
  })
})

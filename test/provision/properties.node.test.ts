import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPlan, type Definitions, describePlan, type GroupPlan } from '../../src/provision/index.ts'
import { type LocalClients, planAccepting, policyOf, provisioned, snapshot } from '../support/provision.ts'

const managed = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'
const trusts = [
  {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] },
]

/** Names that IAM takes, and names that have to be mapped; none of them differ in case only. */
const names = ['viewer', 'editor', 'admin', 'a,b', 'straße', '日本', 'x'.repeat(90), 'e\u0301', '🦊']
const policy = fc
  .uniqueArray(fc.constantFrom<string[]>('s3:GetObject', 's3:PutObject', 'sqs:SendMessage'), { minLength: 1 })
  .map((Action) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: 'arn:aws:s3:::reports/*' }],
  }))
const definition = fc.record(
  {
    name: fc.constantFrom(...names),
    precedence: fc.nat(5),
    description: fc.constantFrom('one', 'two'),
    policy,
    managed: fc.boolean(),
  },
  { requiredKeys: ['name', 'managed'] },
)
const reader = { name: 'viewer', policy: policyOf('s3:GetObject'), managed: false }
const definitions = fc.uniqueArray(definition, { selector: ({ name }) => name, maxLength: 6 })
const world = fc.record({
  applied: definitions,
  /** What somebody does by hand, to the role or the group of a name. */
  deeds: fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      deed: fc.constantFrom('put', 'trust', 'delete role', 'delete group', 'relink', 'untag', 'join'),
    }),
    { maxLength: 5 },
  ),
  foreign: fc.boolean(),
})

type Definition = typeof definition extends fc.Arbitrary<infer T> ? T : never

function written(given: readonly Definition[]) {
  return {
    groups: Object.fromEntries(
      given.map(({ name, precedence, description }) => [
        name,
        { ...(precedence !== undefined && { precedence }), ...(description !== undefined && { description }) },
      ]),
    ),
    policies: Object.fromEntries(given.flatMap((group) => (group.policy ? [[group.name, group.policy]] : []))),
    managedPolicies: Object.fromEntries(given.flatMap((group) => (group.managed ? [[group.name, [managed]]] : []))),
  }
}

async function roleNameOfGroup({ admin }: LocalClients, name: string): Promise<string | undefined> {
  const group = (await admin.groups.list().toArray()).find((candidate) => candidate.name === name)
  return group?.roleArn?.split('/').at(-1)
}

async function act(clients: LocalClients, name: string, deed: string): Promise<void> {
  const { admin, iam } = clients
  const role = await roleNameOfGroup(clients, name)
  const isThere = (await admin.groups.list().toArray()).some((group) => group.name === name)
  if (deed === 'delete group' && isThere) return admin.groups.delete(name)
  if (deed === 'join' && isThere) return void (await admin.users.addToGroup('alice', name))
  if (deed === 'relink' && isThere) {
    await admin.groups.update(name, { roleArn: 'arn:aws:iam::123456789012:role/gone' })
    return
  }
  if (role === undefined || !(await iam.roles.find(role))) return
  if (deed === 'put')
    return iam.roles.putPolicy(role, 'more', {
      ...trusts[0],
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    })
  if (deed === 'trust') return iam.roles.setTrustPolicy(role, trusts[1] ?? {})
  if (deed === 'untag') return iam.roles.untag(role, ['cognigate:group'])
  if (deed !== 'delete role') return
  for await (const inline of iam.roles.policies(role)) await iam.roles.deletePolicy(role, inline)
  for await (const arn of iam.roles.managedPolicies(role)) await iam.roles.detach(role, arn)
  await iam.roles.delete(role)
}

async function membersOf({ admin }: LocalClients): Promise<string[]> {
  return (await admin.users.groups('alice').toArray()).map(({ name }) => name).sort()
}

describe('for random definitions and random worlds', () => {
  it('a plan that was applied leaves nothing to plan, whatever the order of the file, and touches nothing that is not ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        definitions,
        world,
        fc.boolean(),
        fc.boolean(),
        async (given, { applied, deeds, foreign }, prune, accountDetails) => {
          const { pool, ...clients } = await provisioned({
            users: { alice: {} },
            identityPool: { roleMapping: 'token' },
          })
          await applyPlan(await planAccepting(written(applied), clients), clients)
          for (const { name, deed } of deeds) await act(clients, name, deed)
          if (foreign) await clients.iam.roles.create({ name: 'role_foreign', trustPolicy: trusts[0] ?? {} })
          const before = await snapshot(clients)
          const joined = await membersOf(clients)
          const foreignArns = Object.entries(before.roles).flatMap(([name, { tags }]) =>
            tags['cognigate:group'] === undefined ? [`arn:aws:iam::123456789012:role/${name}`] : [],
          )
          const adopt: string[] = []
          const plan = async (order = given) =>
            planAccepting(written(order), { ...clients, prune, adopt, accountDetails })
          const first = await plan().catch(async (error: { roles?: { arn: string }[] }) => {
            // Untagged by hand: what stops the plan is what is then adopted, and nothing was written.
            expect(await snapshot(clients)).toEqual(before)
            adopt.push(...(error.roles ?? []).map(({ arn }) => arn))
            expect(adopt.length).toBeGreaterThan(0)
            for (const arn of adopt) expect(foreignArns).toContain(arn)
            return plan()
          })
          await applyPlan(first, clients)

          adopt.length = 0
          expect((await plan()).changes).toEqual([])
          expect((await plan([...given].reverse())).changes).toEqual([])
          const after = await snapshot(clients)
          const adopted = new Set(first.changes.flatMap((change) => ('arn' in change ? change.arn : [])))
          for (const arn of foreignArns) {
            const name = arn.split('/').at(-1) ?? ''
            if (!adopted.has(arn)) expect(after.roles[name]).toEqual(before.roles[name])
          }
          const deleted = first.changes.flatMap((change) =>
            change.kind === 'group' && change.action === 'delete' ? change.group : [],
          )
          expect(await membersOf(clients)).toEqual(joined.filter((name) => !deleted.includes(name)))
          expect(pool.requests.every(({ status }) => status !== undefined)).toBe(true)
        },
      ),
      {
        numRuns: 20,
        // The details of an account list policies in another order than ListRolePolicies, by which the plan is applied.
        examples: [[[], { applied: [reader], deeds: [{ name: 'viewer', deed: 'put' }], foreign: false }, true, true]],
      },
    )
  }, 120_000)
})

/** Policies as somebody may write them: right, odd, and wrong. */
const statement = fc.record(
  {
    Effect: fc.constantFrom('Allow', 'Deny', 'allow', null),
    Action: fc.oneof(
      fc.constantFrom('s3:GetObject', '*', 'iam:*', 's3', ''),
      fc.array(fc.constantFrom('s3:*', 'lambda:Update*')),
    ),
    Resource: fc.oneof(fc.constantFrom('*', 'arn:aws:s3:::x/*', 'x'), fc.array(fc.constant('arn:aws:s3:::y'))),
    Condition: fc.constantFrom({}, { StringEquals: { 'aws:x': 'y' } }, { x: null }, 'x'),
    Sid: fc.string({ maxLength: 5 }),
  },
  { requiredKeys: ['Effect', 'Action'] },
)
const anyPolicy = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ Version: fc.constant('2012-10-17'), Statement: fc.array(statement, { maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.constantFrom('__proto__', 'a/b', 'A', 'a', 'x'.repeat(128), 'role_a'),
)

describe('for random names and policies', () => {
  it('definitions are refused with ConfigurationError or planned, applied and found done', async () => {
    let applied = 0
    const groups = fc.uniqueArray(fc.tuple(anyName, anyPolicy, fc.oneof(fc.nat(9), fc.jsonValue({ maxDepth: 1 }))), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(groups, async (list) => {
        const { pool, ...clients } = await provisioned({ identityPool: { roleMapping: 'token' } })
        const given = {
          groups: Object.fromEntries(list.map(([name, , precedence]) => [name, { precedence }])),
          policies: Object.fromEntries(list.map(([name, policy]) => [name, policy])),
        } as Definitions
        try {
          const saved: GroupPlan = JSON.parse(JSON.stringify(await planAccepting(given, clients)))
          expect(describePlan(saved)).not.toMatch(/[^\n\P{C}]/u)
          await applyPlan(saved, clients)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConfigurationError' })
          expect((await snapshot(clients)).groups).toEqual({})
          return
        }
        applied++
        expect((await planAccepting(given, clients)).changes).toEqual([])
        expect(pool.requests.every(({ status }) => status !== 500)).toBe(true)
      }),
      { numRuns: 100 },
    )
    expect(applied).toBeGreaterThan(10)
  }, 120_000)
})

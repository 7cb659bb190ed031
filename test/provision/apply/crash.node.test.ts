import { describe, expect, it } from 'vitest'
import { groupDetail } from '../../../examples/group-detail.ts'
import { applyPlan, createUpdate, planGroups } from '../../../src/provision/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import {
  type LocalClients,
  afterWrites,
  clientsOf,
  isWrite,
  type Fetch,
  provisioned,
  snapshot,
} from '../../support/provision.ts'

/** What is done; it can be done again. */
type Work = (clients: LocalClients) => Promise<unknown>

/**
 * Works with clients that never hear of anything again after a number of writes: what is read in between leaves the same
 * state behind. Resolves to whether the work came to its end.
 */
async function workUntil(pool: LocalPool, writes: number, work: Work, afterWrite: Work): Promise<boolean> {
  const clients = clientsOf(pool)
  let left = writes
  let crash = () => {}
  const crashed = new Promise<false>((resolve) => {
    crash = () => resolve(false)
  })
  const heard = afterWrites(pool.fetch, () => afterWrite(clients))
  const fetch: Fetch = async (request) => {
    if ((await isWrite(request)) && left-- <= 0) return new Promise(crash)
    return heard(request)
  }
  return Promise.race([work(clientsOf(pool, fetch)).then(() => true), crashed])
}

/** Looks which roles have a policy; `lost` are those that had one and have none. */
function watchPolicies(): { readonly watch: Work; readonly lost: string[] } {
  const armed = new Set<string>()
  const lost: string[] = []
  const watch: Work = async ({ iam }) => {
    const { RoleDetailList = [] } = await iam.call('GetAccountAuthorizationDetails', {
      Filter: ['Role'],
      MaxItems: 200,
    })
    for (const { RoleName: name, RolePolicyList = [] } of RoleDetailList) {
      if (RolePolicyList.length > 0) armed.add(name)
      else if (armed.has(name)) lost.push(name)
    }
  }
  return { watch, lost }
}

/** Crashes after every single write of the work in turn, each time in a new world, and then does the work again. */
async function crashEverywhere(open: () => Promise<LocalPool>, work: Work): Promise<number> {
  const whole = await open()
  await work(clientsOf(whole))
  const wanted = await snapshot(clientsOf(whole))
  for (let writes = 0; ; writes++) {
    const pool = await open()
    const { watch, lost } = watchPolicies()
    await watch(clientsOf(pool))
    const isDone = await workUntil(pool, writes, work, watch)
    await workUntil(pool, Number.POSITIVE_INFINITY, work, watch)
    expect(await snapshot(clientsOf(pool)), `after ${writes} writes`).toEqual(wanted)
    expect(lost, `after ${writes} writes`).toEqual([])
    if (isDone) return writes
  }
}

const now = () => Date.UTC(2026, 0, 1)
const base = {
  now,
  userPoolId: 'eu-west-1_Crashing1',
  clientId: 'crashing',
  identityPool: { identityPoolId: 'eu-west-1:11111111-2222-3333-4444-555555555555' },
}
const open = async () => (await provisioned(base)).pool

function policyOf(action: string) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: 'arn:aws:s3:::reports/*' }] }
}

const seed: Work = (clients) => createUpdate(groupDetail, clients)

describe('a crash after every single write', () => {
  it("of createUpdate, on cognises' own file, from nothing", async () => {
    expect(await crashEverywhere(open, seed)).toBeGreaterThan(5)
  })

  it('of createUpdate with another policy, where the file was applied before', async () => {
    const changed = groupDetail.map((group) => ({ ...group, group_policy: policyOf('s3:GetObject') }))
    const applied = async () => {
      const { pool, ...clients } = await provisioned(base)
      await seed(clients)
      return pool
    }
    expect(await crashEverywhere(applied, (clients) => createUpdate(changed, clients))).toBeGreaterThan(1)
  })

  it.each([
    ['read role by role', false],
    ['read by accountDetails', true],
  ])(
    'of a plan for seven groups, %s, in a world that has drifted in every way',
    async (_, accountDetails) => {
      const names = Array.from({ length: 7 }, (_, index) => `group${index}`)
      const definitions = {
        groups: Object.fromEntries(names.map((name, precedence) => [name, { precedence, description: name }])),
        policies: Object.fromEntries(names.map((name) => [name, policyOf('s3:GetObject')])),
        managedPolicies: { group3: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'] },
      }
      const work: Work = async (clients) => {
        const plan = await planGroups(definitions, { ...clients, accountDetails, secureIdentityPool: true })
        await applyPlan(plan, { ...clients, accountDetails })
      }
      const drifted = async () => {
        const { pool, ...clients } = await provisioned(base)
        const { admin, iam } = clients
        const half = Object.fromEntries(names.slice(0, 6).map((name, index) => [name, { precedence: 20 + index }]))
        const policies = Object.fromEntries(names.slice(0, 6).map((name) => [name, policyOf('s3:*')]))
        await applyPlan(await planGroups({ groups: half, policies }, { ...clients, secureIdentityPool: true }), clients)
        await iam.roles.deletePolicy('role_group1', 'group1_policy')
        await iam.roles.delete('role_group1')
        await admin.groups.delete('group2')
        await iam.roles.putPolicy('role_group4', 'more', policyOf('*'))
        await iam.roles.setTrustPolicy('role_group5', {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
        })
        return pool
      }
      expect(await crashEverywhere(drifted, work)).toBeGreaterThan(18)
    },
    120_000,
  )
})

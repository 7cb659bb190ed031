import { beforeEach, describe, expect, it } from 'vitest'
import { applyPlan, type PlanOptions, planGroups } from '../../../src/provision/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import {
  type LocalClients,
  afterWrites,
  clientsOf,
  linesOf,
  policyOf,
  provisioned,
  snapshot,
  strangersTrust,
} from '../../support/provision.ts'
import { outcome } from '../../support/local-iam.ts'
import { allow } from '../../support/local-sts.ts'

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

/** Policies that AWS has: some twenty. */
function managed(index: number) {
  const names =
    'AWSDenyAll AmazonS3FullAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonSESFullAccess AmazonKinesisFullAccess ' +
    'IAMReadOnlyAccess AmazonSSMReadOnlyAccess ReadOnlyAccess SecurityAudit AWSLambda_ReadOnlyAccess CloudFrontReadOnlyAccess ' +
    'AmazonEC2ReadOnlyAccess AmazonElastiCacheReadOnlyAccess AmazonVPCReadOnlyAccess AmazonRoute53ReadOnlyAccess AmazonKinesisReadOnlyAccess ' +
    'AmazonRDSReadOnlyAccess AmazonSNSReadOnlyAccess AmazonSQSReadOnlyAccess'
  return `arn:aws:iam::aws:policy/${names.split(' ')[index]}`
}

function plan(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return planGroups(given, { ...clients, ...options })
}

async function applied(given: Parameters<typeof planGroups>[0] = definitions, options: Partial<PlanOptions> = {}) {
  return applyPlan(await plan(given, options), clients)
}

const clientsWatched = (look: () => Promise<unknown>) => clientsOf(pool, afterWrites(pool.fetch, look))

describe("IAM's limits", () => {
  const attached = (from: number, count: number) => Array.from({ length: count }, (_, index) => managed(from + index))

  it.each([
    ['ten for ten others', attached(0, 10), attached(10, 10)],
    ['ten for nine of them and another', attached(0, 10), attached(1, 10)],
    ['eight for eight others', attached(0, 8), attached(8, 8)],
  ])('%s managed policies, and the role never has less than it must', async (_, before, after) => {
    const given = (arns: string[]) => ({ groups: { viewer: {} }, policies: {}, managedPolicies: { viewer: arns } })
    await applied(given(before))
    const counts: number[] = []
    const lost: string[] = []
    const found = await plan(given(after))
    await applyPlan(
      found,
      clientsWatched(async () => {
        const now = await clients.iam.roles.managedPolicies('role_viewer').toArray()
        counts.push(now.length)
        lost.push(...before.filter((arn) => after.includes(arn) && !now.includes(arn)))
      }),
    )
    expect(lost).toEqual([])
    expect((await clients.iam.roles.managedPolicies('role_viewer').toArray()).sort()).toEqual([...after].sort())
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(Math.min(before.length, 9))
  })

  it.each([
    ['a role that is taken over', { trustPolicy: trusted }],
    ['a role of ours', undefined],
  ])('a long policy of %s beside a long one that was added by hand', async (_, found) => {
    const long = (letter: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${letter.repeat(7000)}` }],
    })
    if (found) await clients.iam.roles.create({ name: 'role_viewer', ...found })
    else await applied()
    const { arn } = await clients.iam.roles.get('role_viewer')
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
    await outcome(pool, 'CreatePolicy', { PolicyName: 'developers', PolicyDocument: allow('*', '*') })
    const accepting = { acceptFindings: (await plan(wide)).findings.map(({ id }) => id) }
    await applied(wide, accepting)
    await applyPlan(await plan(narrow), clientsWatched(look))
    await applyPlan(await plan(wide, accepting), clientsWatched(look))
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
      clientsWatched(async () => {
        const role = (await snapshot(clients)).roles['somebodys']
        const isOpen = JSON.stringify(role?.trustPolicy).includes(pool.identityPoolId)
        if (isOpen) open.push([Object.keys(role?.policies ?? {}), role?.managedPolicies])
      }),
    )
    expect(open.length).toBeGreaterThan(1)
    const isDeclared = (state: unknown) => ['[[],[]]', '[["viewer_policy"],[]]'].includes(JSON.stringify(state))
    expect(open.filter((state) => !isDeclared(state))).toEqual([])
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

describe('time', () => {
  it('a clock that is ahead does not end the waiting for a new role', async () => {
    const ahead = clientsOf(pool, pool.fetch, 600_000)
    pool.fail('CreateGroup', { times: 3, error: 'InvalidParameterException' })
    await applyPlan(await planGroups(definitions, ahead), ahead)
    expect(linesOf(await plan())).toEqual([])
  })

  it('the timeout of a plan counts for the whole of it', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `group${index}`)
    const given = {
      groups: Object.fromEntries(names.map((name, precedence) => [name, { precedence }])),
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
    const error = await planGroups(given, { ...slow, timeout: 60 }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'TimeoutError' })
    expect(pool.settings.now() - start).toBeLessThan(120_000)
    const saved = await plan({ ...given, groups: { ...given.groups, more: {} } })
    await expect(applyPlan(saved, { ...slow, timeout: 60 })).rejects.toMatchObject({ code: 'TimeoutError' })
  })

  it.each([0, -1, Number.NaN])('a timeout of %s is refused', async (timeout) => {
    await expect(plan(definitions, { timeout })).rejects.toThrow(/timeout: expected/)
    const saved = await plan()
    await expect(applyPlan(saved, { ...clients, timeout })).rejects.toThrow(/timeout: expected/)
  })
})

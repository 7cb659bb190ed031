import { describe, expect, it } from 'vitest'
import { applyPlan, createIamClient, createUpdate, PlanFailedError, planGroups } from '../../../src/provision/index.ts'
import { credentials } from '../../support/aws.ts'
import {
  type LocalClients,
  allReading,
  clientsOf,
  justBefore,
  linesOf,
  policyOf,
  provisioned,
  snapshot,
  strangersTrust,
} from '../../support/provision.ts'

const account = '123456789012'
const reader = policyOf('s3:GetObject')
const trusted = strangersTrust()
const identityPool = { roleMapping: 'token' } as const
const two = {
  groups: { viewer: { precedence: 0 }, editor: { precedence: 1 } },
  policies: { viewer: reader, editor: reader },
}

describe('others at the same time', () => {
  it('two runs from nothing end as one', async () => {
    const { pool: _, ...clients } = await provisioned({ identityPool })
    const detail = ['viewer', 'editor'].map((group_name, precedence) => ({
      group_name,
      precedence,
      group_policy: reader,
      allowed_functions: [],
    }))
    await Promise.all([createUpdate(detail, clients), createUpdate(detail, clients)])
    expect(linesOf(await planGroups(two, clients))).toEqual([])
    const [one, other] = [
      await planGroups(allReading(['third'], ['viewer', 'editor', 'third']), clients),
      await planGroups(allReading(['third'], ['viewer', 'editor', 'third']), clients),
    ]
    await Promise.all([applyPlan(one, clients), applyPlan(other, clients)])
    expect(linesOf(await planGroups(allReading(['third'], ['viewer', 'editor', 'third']), clients))).toEqual([])
  })

  it('a role of somebody else that appears while the plan is applied is not touched', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    const fetch = justBefore(pool.fetch, 'Action=CreateRole', () =>
      clients.iam.roles.create({ name: 'role_viewer', trustPolicy: trusted }),
    )
    const raced = clientsOf(pool, fetch)
    const error = await applyPlan(await planGroups(two, raced), raced).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PlanFailedError)
    expect(error).toMatchObject({ done: [], cause: { code: 'EntityAlreadyExists' } })
    const { roles, groups } = await snapshot(clients)
    expect(roles).toEqual({ role_viewer: expect.objectContaining({ trustPolicy: trusted, tags: {}, policies: {} }) })
    expect(groups).toEqual({})
  })

  it('a role of ours that appears while the plan is applied, from another plan, loses what is not declared', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    const wider = { ...two, managedPolicies: { viewer: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] } }
    const widerPlan = await planGroups(wider, clients)
    const fetch = justBefore(pool.fetch, 'Action=CreateRole', async () => {
      await applyPlan(widerPlan, clients)
      await clients.iam.roles.putPolicy('role_viewer', 'more', policyOf('*'))
      await clients.iam.roles.setPermissionsBoundary('role_viewer', 'arn:aws:iam::aws:policy/ReadOnlyAccess')
    })
    const raced = clientsOf(pool, fetch)
    await applyPlan(await planGroups(two, raced), raced)
    expect(linesOf(await planGroups(two, clients))).toEqual([])
  })

  it('a role that is deleted while the plan is applied ends it, and the next plan creates it anew', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    await applyPlan(await planGroups(two, clients), clients)
    const changed = { ...two, policies: { viewer: policyOf('s3:PutObject'), editor: reader } }
    const fetch = justBefore(pool.fetch, 'Action=PutRolePolicy', async () => {
      await clients.iam.roles.deletePolicy('role_viewer', 'viewer_policy')
      await clients.iam.roles.delete('role_viewer')
    })
    const raced = clientsOf(pool, fetch)
    await expect(applyPlan(await planGroups(changed, raced), raced)).rejects.toMatchObject({
      name: 'PlanFailedError',
      cause: { code: 'NoSuchEntity' },
    })
    const next = await planGroups(changed, clients)
    expect(linesOf(next)).toEqual(['create role role_viewer'])
    await applyPlan(next, clients)
    expect(linesOf(await planGroups(changed, clients))).toEqual([])
  })

  it('a group that joins the role to be pruned keeps it', async () => {
    const { pool: _, ...clients } = await provisioned({ identityPool })
    await applyPlan(await planGroups(two, clients), clients)
    await clients.admin.groups.create({ name: 'guest', roleArn: `arn:aws:iam::${account}:role/role_editor` })
    const rest = { groups: { viewer: { precedence: 0 }, guest: {} }, policies: { viewer: reader } }
    const pruned = await planGroups(rest, { ...clients, prune: true })
    expect(linesOf(pruned)).toEqual(['delete group editor'])
    expect(pruned.findings.map(({ id }) => id)).toEqual([expect.stringMatching(/^foreign-role:guest@/)])
  })
})

/** Works with clients that never hear of anything again after each number of calls in turn, and then again with others. */
async function crashAfterEach(
  open: () => ReturnType<typeof provisioned>,
  work: (clients: LocalClients) => Promise<unknown>,
  look: (clients: LocalClients) => Promise<void>,
) {
  const whole = await open()
  const before = whole.pool.requests.length
  await work(clientsOf(whole.pool))
  const calls = whole.pool.requests.length - before
  expect(calls).toBeGreaterThan(10)
  for (let survived = 1; survived < calls; survived++) {
    const { pool, ...clients } = await open()
    let left = survived
    let crash = () => {}
    const crashed = new Promise<void>((resolve) => {
      crash = resolve
    })
    const dying = clientsOf(pool, (request) => (left-- > 0 ? pool.fetch(request) : new Promise(() => crash())))
    await Promise.race([work(dying), crashed])
    pool.advance(1)
    await work(clients)
    pool.advance(10)
    await look(clients)
  }
}

describe('a crash after every single call', () => {
  const detail = ['viewer', 'editor'].map((group_name, precedence) => ({
    group_name,
    precedence,
    group_policy: reader,
    allowed_functions: [],
  }))
  const userPoolId = 'eu-west-1_Crashing2'

  it('and a run one second later, before IAM knows the new role', async () => {
    await crashAfterEach(
      () => provisioned({ userPoolId, identityPool, iamDelay: 7 }),
      (clients) => createUpdate(detail, clients),
      async (clients) => {
        expect(linesOf(await planGroups(two, clients))).toEqual([])
        expect(Object.keys((await snapshot(clients)).roles)).toHaveLength(2)
      },
    )
  })

  it.each(['role_editor', 'shared'])('of taking over %s, a role that two groups share', async (name) => {
    const arn = `arn:aws:iam::${account}:role/${name}`
    const open = async () => {
      const opened = await provisioned({ userPoolId, identityPool })
      await opened.iam.roles.create({ name, trustPolicy: trusted })
      await opened.iam.roles.putPolicy(name, 'all', policyOf('*'))
      for (const group of ['viewer', 'editor']) await opened.admin.groups.create({ name: group, roleArn: arn })
      return opened
    }
    await crashAfterEach(
      open,
      (clients) => createUpdate(detail, { ...clients, adopt: [arn] }),
      async (clients) => {
        expect(linesOf(await planGroups(two, clients))).toEqual([])
        const { groups, roles } = await snapshot(clients)
        expect(groups[name === 'shared' ? 'viewer' : 'editor']).toMatchObject({ roleArn: arn })
        expect(Object.keys(roles)).toHaveLength(2)
      },
    )
  })
})

describe('ends', () => {
  it.each(['ListRoles', 'GetRole', 'ListGroups', 'DescribeIdentityPool', 'ListAttachedRolePolicies'])(
    'that %s is not permitted is told in the words of AWS',
    async (operation) => {
      const { pool, ...clients } = await provisioned({ identityPool })
      await applyPlan(await planGroups(two, clients), clients)
      pool.fail(operation, { error: 'AccessDenied', status: 403, message: `not authorized to perform: x:${operation}` })
      await expect(planGroups(two, clients)).rejects.toThrow(`${operation}: AccessDenied, not authorized to perform`)
    },
  )

  it('by a signal while it waits', async () => {
    const { pool } = await provisioned({ identityPool })
    const stop = new AbortController()
    const clients = clientsOf(pool)
    pool.fail('CreateGroup', { error: 'InvalidParameterException' })
    let waits = 0
    const testOptions = {
      credentials,
      fetch: pool.fetch,
      now: pool.settings.now,
      sleep: async () => {
        if (++waits === 3) stop.abort(new Error('enough'))
      },
    }
    const waiting: LocalClients = { ...clients, iam: createIamClient(testOptions) }
    const error = await applyPlan(await planGroups(two, clients), { ...waiting, signal: stop.signal }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'PlanFailedError', cause: { message: 'enough' } })
    expect(waits).toBe(3)
    const read = pool.requests.length
    await expect(planGroups(two, { ...clients, signal: stop.signal })).rejects.toThrow('enough')
    expect(pool.requests.length).toBe(read)
  })

  it('by its timeout, and says what is done', async () => {
    const { pool, ...clients } = await provisioned({ identityPool })
    pool.fail('CreateGroup', { error: 'TooManyRequestsException', message: 'Rate exceeded' })
    const start = pool.settings.now()
    const error = await applyPlan(await planGroups(two, clients), { ...clients, timeout: 30 }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'PlanFailedError', done: [{ kind: 'role', name: 'role_viewer' }] })
    expect(String(error)).toMatch(/create group of group viewer failed.*TooManyRequestsException, Rate exceeded/)
    expect(pool.settings.now() - start).toBeLessThanOrEqual(30_000)
  })
})

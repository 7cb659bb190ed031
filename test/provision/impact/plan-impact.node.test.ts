import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditRecord, auditPool, streamAudit } from '../../../src/admin/index.ts'
import { ConfigurationError } from '../../../src/errors.ts'
import { defineGroups, type GroupDefinition, type Groups } from '../../../src/permissions/index.ts'
import { type Impact, planImpact } from '../../../src/provision/impact/plan-impact.ts'
import type { ImpactProgress } from '../../../src/provision/impact/read-memberships.ts'
import { type NaiveGroup, type NaiveMap, naiveCode } from '../../permissions/naive.ts'
import { administered } from '../../support/administered.ts'

interface Member {
  username: string
  groups: string[]
}

/** Members as an audit tells them, each group's together, as they come. */
async function* auditOf(members: readonly Member[]): AsyncGenerator<AuditRecord, void, undefined> {
  const userOf = ({ username }: Member) => ({
    username,
    attributes: {},
    enabled: true,
    status: undefined,
    mfa: undefined,
    createdAt: undefined,
    updatedAt: undefined,
  })
  for (const group of new Set(members.flatMap(({ groups }) => groups))) {
    yield { kind: 'group', group: { name: group } }
    for (const member of members) {
      yield { kind: 'user', user: userOf(member) }
      if (member.groups.includes(group)) yield { kind: 'member', group, user: userOf(member) }
    }
  }
}

const impactFor = (before: Groups, after: Groups, members: Member[]) =>
  planImpact(before, after, { audit: auditOf(members) })

const users = (impact: Impact) =>
  Object.fromEntries(
    impact.users.map(({ username, gains, loses, conditional }) => [username, { gains, loses, conditional }]),
  )

describe('against the rules counted out', () => {
  const names = ['a', 'b', 'c', '__proto__', 'constructor']
  const permissions = ['x', 'y.z', 'y.w', '__proto__', 'toString']
  const rules = ['*', 'y.*', ...permissions]
  const map: fc.Arbitrary<NaiveMap> = fc
    .record({ names: fc.subarray(names), permissions: fc.subarray(permissions, { minLength: 1 }) })
    .chain((given) => {
      const covered = (name: string) => name === 'y.*' && given.permissions.some((fn) => fn.startsWith('y.'))
      const rule = fc.constantFrom(
        ...rules.filter((name) => name === '*' || covered(name) || given.permissions.includes(name)),
      )
      return fc.record<NaiveMap>({
        permissions: fc.constant(given.permissions),
        groups: fc.tuple(
          ...given.names.map((name, index) =>
            fc.record<NaiveGroup>({
              name: fc.constant(name),
              inherits: index ? fc.subarray(given.names.slice(0, index), { maxLength: 1 }) : fc.constant<string[]>([]),
              allow: fc.array(
                fc.oneof(
                  rule.map((of) => ({ name: of })),
                  rule.map((of) => ({ name: of, acr: 'high' })),
                ),
                { maxLength: 3 },
              ),
              deny: fc.array(rule, { maxLength: 1 }),
            }),
          ),
        ),
        gates: fc.array(fc.tuple(rule, fc.constant('high')), { maxLength: 1 }),
      })
    })
  const member = fc.record<Member>({
    username: fc.constantFrom('alice', 'bob', 'carol', 'dave', 'erin', 'frank'),
    groups: fc.subarray([...names, 'unknown']),
  })
  const members = fc.uniqueArray(member, { selector: ({ username }) => username })

  const compiled = ({ groups, permissions: known, gates }: NaiveMap): Groups => {
    const definitions = Object.fromEntries(
      groups.map(({ name, inherits, allow, deny }): [string, GroupDefinition] => [
        name,
        {
          inherits,
          allow: allow.map((rule) => (rule.acr ? { permission: rule.name, when: { acr: rule.acr } } : rule.name)),
          deny,
        },
      ]),
    )
    const require = Object.fromEntries(gates.map(([name, acr]) => [name, { acr }]))
    return defineGroups(definitions, { permissions: known, require })
  }

  /** Asked with no claims and with those that every condition asks for: what differs is conditional. */
  const accessOf = (rulesOf: NaiveMap, memberOf: readonly string[], fn: string) => {
    const never = naiveCode(rulesOf, memberOf, fn, undefined) === 'ALLOW'
    const always = naiveCode(rulesOf, memberOf, fn, 'high') === 'ALLOW'
    return never ? 'allow' : always ? 'conditional' : 'deny'
  }

  it('it finds who gains, who loses and who depends on claims', async () => {
    let affected = 0
    await fc.assert(
      fc.asyncProperty(map, map, members, async (before, after, people) => {
        const impact = await impactFor(compiled(before), compiled(after), people)
        const wanted = people.flatMap(({ username, groups }) => {
          const became = (access: string) =>
            permissions.filter((fn) => {
              const now = accessOf(after, groups, fn)
              return now === access && accessOf(before, groups, fn) !== now
            })
          const change = { gains: became('allow'), loses: became('deny'), conditional: became('conditional') }
          return Object.values(change).every((list) => list.length === 0) ? [] : [[username, change] as const]
        })
        affected += wanted.length
        const inOrder = Object.entries(users(impact)).map(([username, change]) => [
          username,
          Object.fromEntries(
            Object.entries(change).map(([kind, list]) => [kind, permissions.filter((fn) => list.includes(fn))]),
          ),
        ])
        expect(inOrder).toEqual(wanted.toSorted(([a], [b]) => (a < b ? -1 : 1)))
        for (const kind of ['gains', 'loses', 'conditional'] as const) {
          const counted = Object.entries(impact.permissions).flatMap(([fn, count]) => Array(count[kind]).fill(fn))
          expect(counted.sort()).toEqual(wanted.flatMap(([, change]) => change[kind]).sort())
        }
        expect(impact.users.length + impact.unaffected).toBeLessThanOrEqual(people.length)
      }),
      { numRuns: 500 },
    )
    expect(affected).toBeGreaterThan(500)
  })
})

const before = defineGroups({
  viewer: { allow: ['read'] },
  editor: { inherits: ['viewer'], allow: ['write'] },
  guest: { deny: ['purge'] },
  admin: { allow: ['*', 'purge'] },
})
const after = defineGroups({
  viewer: { allow: ['read'] },
  editor: { inherits: ['viewer'], allow: ['publish'] },
  guest: { deny: ['purge', 'publish'] },
  admin: { allow: [{ permission: 'purge', when: { acr: 'high' } }, 'read', 'publish'] },
})
const people = [
  { username: 'alice', groups: ['editor'] },
  { username: 'bob', groups: ['editor', 'guest', 'viewer'] },
  { username: 'carol', groups: ['admin'] },
  { username: 'dave', groups: ['viewer', 'unknown'] },
  { username: 'erin', groups: ['guest'] },
]
const wanted: Impact = {
  users: [
    { username: 'alice', groups: ['editor'], gains: ['publish'], loses: ['write'], conditional: [] },
    { username: 'bob', groups: ['editor', 'guest'], gains: [], loses: ['write'], conditional: [] },
    { username: 'carol', groups: ['admin'], gains: ['publish'], loses: ['write'], conditional: ['purge'] },
  ],
  permissions: {
    publish: { gains: 2, loses: 0, conditional: 0 },
    write: { gains: 0, loses: 3, conditional: 0 },
    purge: { gains: 0, loses: 0, conditional: 1 },
  },
  // The new deny of guests takes nothing from anybody: erin is not concerned.
  unaffected: 0,
}

describe('the impact on a pool', () => {
  const scene = () =>
    administered({
      groups: ['viewer', 'editor', 'guest', 'admin', 'unknown', 'unrelated'],
      users: [...people, { username: 'frank', groups: ['unrelated'] }],
    })

  it('is the same from the pool, from an audit and from one that streams', async () => {
    const { admin } = await scene()
    expect(await planImpact(before, after, { admin })).toEqual(wanted)
    expect(await planImpact(before, after, { audit: await auditPool(admin) })).toEqual(wanted)
    expect(await planImpact(before, after, { audit: streamAudit(admin) })).toEqual(wanted)
  })

  it('reads only the groups that have a say, each once, and no users', async () => {
    const { pool, admin } = await scene()
    const asked: string[] = []
    const members: typeof admin.groups.members = (name, options) => {
      asked.push(name)
      return admin.groups.members(name, options)
    }
    await planImpact(before, after, { admin: { groups: { ...admin.groups, members } } })
    expect(asked.sort()).toEqual(['admin', 'editor', 'guest'])
    expect(pool.count('ListUsersInGroup')).toBe(3)
    expect(pool.count('ListUsers')).toBe(0)
    expect(pool.count('AdminListGroupsForUser')).toBe(0)
  })

  it('reads nothing where nothing changes', async () => {
    const { pool, admin } = await scene()
    expect(await planImpact(before, before, { admin })).toEqual({ users: [], permissions: {}, unaffected: 0 })
    expect(pool.requests).toHaveLength(0)
  })

  it('reads past many pages and waits out throttles', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `user-${index}`)
    const { pool, admin } = await administered({
      groups: ['editor'],
      users: names.map((username) => ({ username, groups: ['editor'] })),
    })
    pool.fail('ListUsersInGroup', { rate: 0.5, seed: 7, error: 'TooManyRequestsException' })
    const impact = await planImpact(before, after, { admin })
    expect(impact.users.map(({ username }) => username)).toEqual(names.toSorted())
    expect(impact.permissions['write']).toEqual({ gains: 0, loses: 130, conditional: 0 })
  })

  it('counts groups that the pool does not have yet as empty, and a failing pool as an error', async () => {
    const { pool, admin } = await administered({ groups: ['admin'], users: [{ username: 'carol', groups: ['admin'] }] })
    expect((await planImpact(before, after, { admin })).users.map(({ username }) => username)).toEqual(['carol'])
    pool.fail('ListUsersInGroup', { error: 'NotAuthorizedException' })
    await expect(planImpact(before, after, { admin })).rejects.toMatchObject({ code: 'NotAuthorizedException' })
    pool.recover()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(planImpact(before, after, { admin, signal })).rejects.toThrow('enough')
  })

  it('leaves out who is only in groups that stay the same, and names groups once and in order', async () => {
    const old = defineGroups({ a: { allow: ['f'] }, b: { deny: ['g'] } })
    const now = defineGroups({ a: { allow: ['g'] }, b: { deny: ['g'] } })
    const users = [
      { username: 'alice', groups: ['b', 'a'] },
      { username: 'bob', groups: ['b'] },
      { username: 'carol', groups: ['a'] },
    ]
    const impact: Impact = {
      users: [
        { username: 'alice', groups: ['a', 'b'], gains: [], loses: ['f'], conditional: [] },
        { username: 'carol', groups: ['a'], gains: ['g'], loses: ['f'], conditional: [] },
      ],
      permissions: {
        g: { gains: 1, loses: 0, conditional: 0 },
        f: { gains: 0, loses: 2, conditional: 0 },
      },
      unaffected: 0,
    }
    const { admin } = await administered({ groups: ['b', 'a'], users })
    const progress: ImpactProgress[] = []
    expect(await planImpact(old, now, { admin, onProgress: (each) => progress.push(each) })).toEqual(impact)
    expect(progress.at(-1)).toEqual({ memberships: 3, users: 2 })
    async function* twice() {
      yield* auditOf(users)
      yield* auditOf(users)
    }
    expect(await planImpact(old, now, { audit: twice() })).toEqual(impact)
  })

  it('merges each distinct set of groups once', async () => {
    let merges = 0
    const counted: Groups = {
      ...before,
      effective: (memberOf) => {
        merges++
        return before.effective(memberOf)
      },
    }
    const many = Array.from({ length: 1000 }, (_, index) => ({
      username: `user-${index}`,
      groups: index % 2 ? ['editor', 'admin'] : ['admin', 'editor', 'viewer'],
    }))
    expect((await impactFor(counted, after, many)).users).toHaveLength(1000)
    expect(merges).toBe(1)
  })

  it('tells how far it is', async () => {
    const { admin } = await scene()
    const progress: ImpactProgress[] = []
    await planImpact(before, after, { admin, onProgress: (each) => progress.push(each) })
    expect(progress.map(({ memberships }) => memberships)).toEqual([1, 2, 3, 4])
    expect(progress.at(-1)).toEqual({ memberships: 4, users: 3 })
  })
})

describe('the impact of', () => {
  const alice = { username: 'alice', groups: ['a', 'b'] }
  const impactOn = (one: { [name: string]: GroupDefinition }, other: { [name: string]: GroupDefinition }) =>
    impactFor(defineGroups(one), defineGroups(other), [alice])

  it('a group that vanishes is the loss of what only it granted', async () => {
    const impact = await impactOn({ a: { allow: ['f', 'g'] }, b: { allow: ['g'] } }, { b: { allow: ['g'] } })
    expect(users(impact)).toEqual({ alice: { gains: [], loses: ['f'], conditional: [] } })
  })

  it('a group that denied and vanishes is a gain', async () => {
    const impact = await impactOn({ a: { deny: ['g'] }, b: { allow: ['g'] } }, { b: { allow: ['g'] } })
    expect(users(impact)).toEqual({ alice: { gains: ['g'], loses: [], conditional: [] } })
  })

  it('a denial that comes beside another one is none', async () => {
    const impact = await impactOn(
      { a: { deny: ['g'] }, b: { allow: ['g'] } },
      { a: { deny: ['g'] }, b: { deny: ['g'] } },
    )
    expect(impact).toEqual({ users: [], permissions: { g: { gains: 0, loses: 0, conditional: 0 } }, unaffected: 1 })
  })

  it('a change that nobody is concerned by is counted with none', async () => {
    const impact = await impactOn({ c: { allow: ['g'] } }, { c: { allow: ['h'] } })
    const none = { gains: 0, loses: 0, conditional: 0 }
    expect(impact).toEqual({ users: [], permissions: { h: none, g: none }, unaffected: 0 })
  })

  it('a condition that comes, goes or becomes another one is told', async () => {
    const rule = (when: { acr: string } | undefined) => ({ a: { allow: [when ? { permission: 'f', when } : 'f'] } })
    expect(users(await impactOn(rule({ acr: 'low' }), rule({ acr: 'high' })))).toEqual({
      alice: { gains: [], loses: [], conditional: ['f'] },
    })
    expect((await impactOn(rule({ acr: 'high' }), rule({ acr: 'high' }))).users).toEqual([])
    expect(users(await impactOn(rule(undefined), rule({ acr: 'high' })))).toEqual({
      alice: { gains: [], loses: [], conditional: ['f'] },
    })
    expect(users(await impactOn(rule({ acr: 'high' }), rule(undefined)))).toEqual({
      alice: { gains: ['f'], loses: [], conditional: [] },
    })
  })

  it('a gate is told for all whom it stops', async () => {
    const map = { a: { allow: ['f'] } } as const
    const gated = defineGroups(map, { require: { f: { acr: 'high' } } })
    expect(users(await impactFor(defineGroups(map), gated, [alice]))).toEqual({
      alice: { gains: [], loses: [], conditional: ['f'] },
    })
  })

  it('definitions of every form, and is fit for JSON', async () => {
    const detail = [{ group_name: 'a', allowed_functions: ['f'], description: 'The first', precedence: 1 }]
    const impact = await planImpact(
      detail,
      { groups: { a: { allow: ['g'] } }, policies: {} },
      { audit: auditOf([alice]) },
    )
    expect(users(impact)).toEqual({ alice: { gains: ['g'], loses: ['f'], conditional: [] } })
    expect(JSON.parse(JSON.stringify(impact))).toEqual(impact)
    const same = await planImpact({ a: { allow: ['f'] } }, detail, { audit: auditOf([alice]) })
    expect(same.users).toEqual([])
  })

  it('wrong definitions is an error before anything is read', async () => {
    const wrong = planImpact({ a: { allow: ['f'], inherits: ['b'] } }, {}, { audit: auditOf([]) })
    await expect(wrong).rejects.toThrow(ConfigurationError)
    await expect(planImpact(before, after, {} as never)).rejects.toThrow(/^planImpact: expected `admin` or `audit`/)
  })
})

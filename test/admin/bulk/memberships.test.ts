import { describe, expect, it } from 'vitest'
import {
  addMembers,
  auditPool,
  createPoolAdmin,
  type BulkProgress,
  type Finding,
  type Journal,
  type Membership,
  type PoolAdmin,
  removeMembers,
  streamAudit,
  syncMembers,
} from '../../../src/admin/index.ts'
import { getClock } from '../../../src/aws/index.ts'
import type { LocalPool } from '../../../src/local/index.ts'
import { administered } from '../../support/administered.ts'
import { answer, credentials, errorOf, refusal, scripted } from '../../support/aws.ts'

const usernames = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`)
const entriesFor = (names: readonly string[], group = 'staff') => names.map((username) => ({ username, group }))
const membersOf = async (admin: PoolAdmin, group = 'staff') => {
  const members = await admin.groups.members(group, { attempts: 30, timeout: 600 }).toArray()
  return members.map(({ username }) => username).sort()
}
const writesOf = (pool: LocalPool) => pool.count('AdminAddUserToGroup') + pool.count('AdminRemoveUserFromGroup')

function memory(text?: string): Journal & { text: string | undefined; saves: number } {
  return {
    text,
    saves: 0,
    async load() {
      return this.text
    },
    async save(given) {
      this.text = given
      this.saves++
    },
  }
}

/** 30 % throttles, 2 % cut connections, 2 % lost answers, the same in every run. */
function storm(pool: LocalPool): void {
  pool.fail('*', { rate: 0.3, seed: 1, error: 'TooManyRequestsException' })
  pool.fail('*', { rate: 0.02, seed: 2, networkError: true })
  pool.fail('*', { rate: 0.02, seed: 3, networkError: true, when: 'after' })
}

describe('1,000 memberships in a storm', () => {
  const names = usernames(1000)
  const already = names.slice(0, 100)
  const scene = () =>
    administered({
      groups: ['staff'],
      users: names.map((username, index) => ({ username, groups: index < 100 ? ['staff'] : [] })),
    })

  it('are added, every one, and reported as they are', async () => {
    const { pool, admin } = await scene()
    storm(pool)
    const result = await addMembers(admin, [...entriesFor(names), { username: 'nobody', group: 'staff' }])
    expect(result.failed.map(({ entry, error }) => [entry.username, (error as { code: string }).code])).toEqual([
      ['nobody', 'UserNotFoundException'],
    ])
    expect(result.pending).toEqual([])
    expect(result.skipped).toEqual(entriesFor(already))
    expect(result.ok).toEqual(entriesFor(names.slice(100)))
    expect(result.stopReason).toBe('done')
    pool.recover()
    expect(await membersOf(admin)).toEqual([...names].sort())
  }, 60_000)

  it('are resumed after an abort half way, and nothing is done twice', async () => {
    const { pool, admin } = await scene()
    storm(pool)
    const controller = new AbortController()
    const journal = memory()
    const first = await addMembers(admin, entriesFor(names), {
      journal,
      signal: controller.signal,
      onProgress: () => {
        if (pool.count('AdminAddUserToGroup') >= 600) controller.abort()
      },
    })
    expect(first.stopReason).toBe('aborted')
    expect(first.ok.length + first.pending.length).toBe(900)
    expect(first.pending.length).toBeGreaterThan(100)
    const actual = new Set(await membersOf(admin))
    for (const { username } of first.ok) expect(actual.has(username)).toBe(true)
    const journaled = journal.text
    const writes = pool.requests.length
    const second = await addMembers(admin, entriesFor(names), { journal })
    expect(second).toMatchObject({ stopReason: 'done', pending: [], failed: [], skipped: entriesFor(already) })
    expect(second.ok).toEqual(entriesFor(names.slice(100)))
    expect(pool.requests.slice(writes).some(({ operation }) => operation === 'AdminGetUser')).toBe(false)
    const repeated = pool.requests
      .slice(writes)
      .filter(({ operation, faulted }) => operation === 'AdminAddUserToGroup' && !faulted)
    expect(repeated.length).toBeLessThanOrEqual(first.pending.length)
    const count = pool.requests.length
    expect(await errorOf(addMembers(admin, entriesFor(names), { journal }))).toMatchObject({ code: 'CONFIGURATION' })
    expect(pool.requests).toHaveLength(count)
    expect(journaled).not.toBe(journal.text)
    pool.recover()
    expect(await membersOf(admin)).toEqual([...names].sort())
  }, 60_000)
})

describe('addMembers and removeMembers', () => {
  const scene = () =>
    administered({
      groups: ['staff', 'club'],
      users: {
        alice: { email: 'alice@example.com', email_verified: true, groups: ['staff'] },
        bob: {},
        carol: { groups: ['club'] },
      },
      aliases: ['email'],
    })

  it('know users by their aliases, and entries that are given twice', async () => {
    const { pool, admin } = await scene()
    const entries = [
      { username: 'alice@example.com', group: 'staff' },
      { username: 'bob', group: 'staff' },
      { username: 'bob', group: 'staff' },
      { username: 'alice', group: 'staff' },
    ]
    const added = await addMembers(admin, entries)
    expect(added).toEqual({
      ok: [entries[1]],
      skipped: [entries[0], entries[2], entries[3]],
      failed: [],
      pending: [],
      stopReason: 'done',
    })
    expect(writesOf(pool)).toBe(1)
    const removed = await removeMembers(admin, [entries[0]!, { username: 'carol', group: 'staff' }, entries[3]!])
    expect(removed).toMatchObject({
      ok: [entries[0]],
      skipped: [{ username: 'carol', group: 'staff' }, entries[3]],
      failed: [],
    })
    expect(await membersOf(admin)).toEqual(['bob'])
  })

  it('list each named group once, and nothing else', async () => {
    const { pool, admin } = await scene()
    await addMembers(admin, [
      { username: 'alice', group: 'staff' },
      { username: 'carol', group: 'club' },
    ])
    expect(pool.requests.map(({ operation }) => operation)).toEqual(['ListUsersInGroup', 'ListUsersInGroup'])
  })

  it('go on where entries fail', async () => {
    const { admin } = await scene()
    const entries = [
      { username: 'bob', group: 'ghosts' },
      { username: 'nobody', group: 'staff' },
      { username: 'bob', group: 'staff' },
    ]
    const result = await addMembers(admin, entries)
    expect(result.ok).toEqual([entries[2]])
    expect(result.failed).toEqual([
      { entry: entries[0], error: expect.objectContaining({ code: 'ResourceNotFoundException' }) },
      { entry: entries[1], error: expect.objectContaining({ code: 'UserNotFoundException' }) },
    ])
  })

  it('count errors that are no throttles, and check a lost write before they give it up', async () => {
    const { pool, admin } = await scene()
    pool.fail('AdminAddUserToGroup', { networkError: true })
    const result = await addMembers(admin, entriesFor(['bob']), { attempts: 3 })
    expect(result.failed).toEqual([
      { entry: entriesFor(['bob'])[0], error: expect.objectContaining({ outcome: 'unknown' }) },
    ])
    expect(pool.count('AdminAddUserToGroup')).toBe(3)
    pool.recover()
    pool.fail('AdminAddUserToGroup', { networkError: true, when: 'after' })
    expect(await addMembers(admin, entriesFor(['bob']), { attempts: 1 })).toMatchObject({ ok: entriesFor(['bob']) })
  })

  it('wait for throttled entries until the timeout, and no longer', async () => {
    const { pool, admin } = await scene()
    pool.fail('AdminAddUserToGroup', { error: 'TooManyRequestsException' })
    const result = await addMembers(admin, entriesFor(['bob']), { timeout: 300 })
    expect(result).toMatchObject({ ok: [], failed: [], pending: entriesFor(['bob']), stopReason: 'timeout' })
    expect(pool.count('AdminAddUserToGroup')).toBeGreaterThan(10)
  })

  it('stay within the quota, and below it where AWS says so', async () => {
    const names = usernames(200)
    const { pool, admin } = await administered({ groups: ['staff'], users: names })
    const throttle = pool.fail('AdminAddUserToGroup', { perSecond: 8, error: 'TooManyRequestsException' })
    const result = await addMembers(admin, entriesFor(names))
    expect(result.ok).toHaveLength(200)
    expect(throttle.hits).toBeLessThan(200)
    throttle.recover()
    const before = pool.settings.now()
    await removeMembers(admin, entriesFor(names), { concurrency: 1, rate: 10 })
    expect(pool.settings.now() - before).toBeGreaterThanOrEqual(19_900)
  })

  it('end after so many calls, and go on another time until all is done', async () => {
    const names = usernames(150)
    const { pool, admin } = await administered({
      groups: ['staff'],
      users: names.map((username) => ({ username, groups: ['staff'] })),
    })
    await removeMembers(admin, entriesFor(names.slice(0, 60)))
    const journal = memory()
    const entries = [...entriesFor(names), { username: 'nobody', group: 'staff' }]
    let runs = 0
    let result = await addMembers(admin, entries, { journal, maxCalls: 7 })
    for (; result.pending.length > 0 && runs < 100; runs++) {
      const before = pool.requests.length
      result = await addMembers(admin, entries, { journal, maxCalls: 7 })
      expect(pool.requests.length - before).toBeLessThanOrEqual(7)
    }
    expect(runs).toBeGreaterThan(10)
    expect(result).toMatchObject({ ok: entriesFor(names.slice(0, 60)), skipped: entriesFor(names.slice(60)) })
    expect(result.failed).toHaveLength(1)
    expect(await membersOf(admin)).toEqual([...names].sort())
  })

  it('tell how far they are', async () => {
    const { admin } = await administered({ groups: ['staff'], users: usernames(30) })
    const told: BulkProgress[] = []
    await addMembers(admin, [...entriesFor(usernames(30)), { username: 'nobody', group: 'staff' }], {
      onProgress: (progress) => told.push(progress),
    })
    expect(told.at(-1)).toMatchObject({ total: 31, done: 30, failed: 1, throttled: 0, remaining: 0 })
    expect(told.at(-1)?.rate).toBeGreaterThan(5)
  })

  it('share one renewal of the credentials', async () => {
    let asked = 0
    const credentials = async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: `${++asked}`,
    })
    const { admin } = await administered({ groups: ['staff'], users: usernames(30) }, { credentials })
    await addMembers(admin, entriesFor(usernames(30)), { concurrency: 10 })
    expect(asked).toBe(1)
  })

  it.each<[string, unknown[], RegExp]>([
    ['no username', [{ group: 'staff' }], /entries\[0\]/],
    [
      'an empty group',
      [
        { username: 'bob', group: 'staff' },
        { username: 'bob', group: '' },
      ],
      /entries\[1\]/,
    ],
    ['null', [null], /entries\[0\]/],
  ])('refuse input with %s before they send anything', async (_, entries, message) => {
    const { pool, admin } = await scene()
    await expect(addMembers(admin, entries as Membership[])).rejects.toThrow(message)
    expect(pool.requests).toHaveLength(0)
  })

  it.each([{ rate: 0 }, { concurrency: 0.5 }, { attempts: -1 }, { timeout: Number.NaN }, { maxCalls: 0 }])(
    'refuse %o',
    async (options) => {
      const { admin } = await scene()
      expect(await errorOf(addMembers(admin, [], options))).toMatchObject({ code: 'CONFIGURATION' })
    },
  )

  it('refuse the journal of another pool, operation or input', async () => {
    const { admin } = await scene()
    const other = await scene()
    const journal = memory()
    await addMembers(admin, entriesFor(['bob']), { journal, maxCalls: 1 })
    const copy = () => memory(journal.text)
    await addMembers(admin, entriesFor(['bob']), { journal: copy() })
    for (const attempt of [
      () => addMembers(other.admin, entriesFor(['bob']), { journal: copy() }),
      () => removeMembers(admin, entriesFor(['bob']), { journal: copy() }),
      () => addMembers(admin, entriesFor(['bob', 'alice']), { journal: copy() }),
      () => addMembers(admin, entriesFor(['bob']), { journal: memory('{"version":1}') }),
      () => addMembers(admin, entriesFor(['bob']), { journal: memory('nonsense') }),
    ]) {
      expect(await errorOf(attempt())).toMatchObject({
        code: 'CONFIGURATION',
        message: expect.stringContaining('journal'),
      })
    }
  })

  it.each([
    [{ onprogress: () => {} }, 'addMembers: unknown option "onprogress"; did you mean "onProgress"?'],
    [{ concurency: 3 }, 'did you mean "concurrency"?'],
    [{ retries: 3 }, 'it is called "attempts"'],
    [{ maxRemovals: 3 }, 'syncMembers'],
    [[], 'expected an object with options'],
    [{ journal: {} }, 'journal: expected functions load and save.'],
  ])('refuse options that there are not: %o', async (options, message) => {
    const { pool, admin } = await scene()
    const error = await errorOf(addMembers(admin, entriesFor(['bob']), options as object))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(message) })
    expect(pool.requests).toHaveLength(0)
  })

  it.each([
    ['addMembers', addMembers, removeMembers],
    ['removeMembers', removeMembers, addMembers],
  ] as const)('%s refuses the journal of a run that is finished, and says what to do', async (_, change, undo) => {
    const { pool, admin } = await scene()
    const entries = [...entriesFor(['bob', 'alice']), { username: 'nobody', group: 'staff' }]
    const journal = memory()
    const first = await change(admin, entries, { journal })
    expect(first).toMatchObject({ stopReason: 'done', failed: [{ entry: { username: 'nobody' } }] })
    await undo(admin, entries)
    const before = pool.requests.length
    const error = await errorOf(change(admin, entries, { journal }))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(/^journal: .*start a new/) })
    expect(pool.requests).toHaveLength(before)
    expect((await change(admin, entries, { journal: memory() })).ok).toHaveLength(2)
  })

  it('say that they wait, and for how long', async () => {
    const { pool, admin } = await scene()
    pool.fail('AdminAddUserToGroup', { error: 'TooManyRequestsException', times: 3 })
    const told: BulkProgress[] = []
    const result = await addMembers(admin, entriesFor(['bob']), { onProgress: (progress) => told.push(progress) })
    expect(result.ok).toHaveLength(1)
    expect(told.slice(-4).map(({ waiting, throttled, done }) => [waiting, throttled, done])).toEqual([
      [0.375, 1, 0],
      [0.75, 2, 0],
      [1.5, 3, 0],
      [undefined, 3, 1],
    ])
  })

  it.each([
    ['https://proxy.test/', 3200],
    ['http://localhost:9229/', 0],
    ['http://127.0.0.1:9229/', 0],
  ])('take their time for %s: %i ms at least', async (endpoint, milliseconds) => {
    const names = usernames(50)
    const { pool, admin } = await administered({ groups: ['staff'], users: names }, {})
    const local = createPoolAdmin({
      ...{ ...getClock(admin), userPoolId: pool.settings.userPoolId, credentials, endpoint },
      fetch: (request) => pool.fetch(new Request(pool.endpoint, request)),
    })
    const start = pool.settings.now()
    expect((await addMembers(local, entriesFor(names))).ok).toHaveLength(50)
    const took = pool.settings.now() - start
    if (milliseconds > 0) expect(took).toBeGreaterThanOrEqual(milliseconds)
    else expect(took).toBe(0)
  })

  it('know aliases of members whom an earlier run has listed', async () => {
    const { pool, admin } = await scene()
    const entries = [{ username: 'alice@example.com', group: 'staff' }]
    for (const [change, list] of [
      [addMembers, 'skipped'],
      [removeMembers, 'ok'],
    ] as const) {
      const journal = memory()
      expect(await change(admin, entries, { journal, maxCalls: 1 })).toMatchObject({
        stopReason: 'max-calls',
        pending: entries,
      })
      expect((await change(admin, entries, { journal }))[list]).toEqual(entries)
    }
    expect(pool.count('ListUsersInGroup')).toBe(2)
  })

  it('list again where the page token of an earlier run is too old', async () => {
    const { pool, admin } = await administered({
      groups: ['staff'],
      users: usernames(70).map((username) => ({ username, groups: ['staff'] })),
    })
    const journal = memory()
    const entries = entriesFor(usernames(70))
    expect(await addMembers(admin, entries, { journal, maxCalls: 1 })).toMatchObject({ stopReason: 'max-calls' })
    journal.text = journal.text?.replace(/"token":"[^"]*"/, '"token":"stale"')
    expect(journal.text).toContain('"stale"')
    expect((await addMembers(admin, entries, { journal })).skipped).toHaveLength(70)
    expect(writesOf(pool)).toBe(0)
  })

  it('end with an error for each entry where pages go round', async () => {
    const page = () => answer({ Users: [], NextToken: 'again' })
    const { admin } = scripted([page, page, page])
    const { failed } = await addMembers(admin, entriesFor(['bob']))
    expect(failed).toMatchObject([{ error: { code: 'PageTokenRepeated' } }])
  })
})

describe('syncMembers', () => {
  const scene = () =>
    administered({
      groups: ['staff', 'club'],
      users: {
        alice: { email: 'alice@example.com', email_verified: true, groups: ['staff'] },
        bob: { groups: ['staff'] },
        carol: { groups: ['club'] },
        dave: {},
      },
      aliases: ['email'],
    })
  const entries = entriesFor(['alice@example.com', 'dave'])
  const options = { groups: ['staff'], maxRemovals: 5 }

  it('makes the members those of the input, adding first', async () => {
    const { pool, admin } = await scene()
    const result = await syncMembers(admin, entries, options)
    expect(result).toEqual({
      ok: [
        { username: 'dave', group: 'staff', change: 'add' },
        { username: 'bob', group: 'staff', change: 'remove' },
      ],
      skipped: [{ username: 'alice@example.com', group: 'staff', change: 'add' }],
      failed: [],
      pending: [],
      stopReason: 'done',
    })
    expect([await membersOf(admin), await membersOf(admin, 'club')]).toEqual([['alice', 'dave'], ['carol']])
    const writes = pool.requests
      .map(({ operation }) => operation)
      .filter((name) => name?.startsWith('AdminAdd') || name?.startsWith('AdminRem'))
    expect(writes).toEqual(['AdminAddUserToGroup', 'AdminRemoveUserFromGroup'])
  })

  it('removes nobody where the input fails half way', async () => {
    const { pool, admin } = await scene()
    async function* broken() {
      yield entries[0]!
      throw new Error('the file ends here')
    }
    await expect(syncMembers(admin, broken(), options)).rejects.toThrow('the file ends here')
    expect(pool.requests).toHaveLength(0)
  })

  it('refuses no entries, too many removals, and groups that it may not touch', async () => {
    const { pool, admin } = await scene()
    expect(await errorOf(syncMembers(admin, [], options))).toMatchObject({ code: 'NO_ENTRIES' })
    const tooMany = syncMembers(admin, entries, { ...options, maxRemovals: 0 })
    expect(await errorOf(tooMany)).toMatchObject({ code: 'TOO_MANY_REMOVALS', removals: 1 })
    const club = [{ username: 'carol', group: 'club' }]
    expect(await errorOf(syncMembers(admin, club, options))).toMatchObject({ code: 'CONFIGURATION' })
    expect(await errorOf(syncMembers(admin, entries, { groups: [], maxRemovals: 1 }))).toMatchObject({
      code: 'CONFIGURATION',
    })
    const noLimit = { groups: ['staff'] } as unknown as typeof options
    expect(await errorOf(syncMembers(admin, entries, noLimit))).toMatchObject({ code: 'CONFIGURATION' })
    expect(writesOf(pool)).toBe(0)
  })

  it('removes nobody from a group of which an entry cannot be told', async () => {
    const { pool, admin } = await scene()
    pool.fail('AdminGetUser', { error: 'InternalErrorException', status: 500 })
    const result = await syncMembers(admin, entriesFor(['alice@example.com']), options)
    expect(result.ok).toEqual([])
    expect(result.failed.map(({ entry }) => entry)).toEqual([
      { username: 'alice@example.com', group: 'staff', change: 'add' },
      { username: 'alice', group: 'staff', change: 'remove' },
      { username: 'bob', group: 'staff', change: 'remove' },
    ])
    expect(writesOf(pool)).toBe(0)
  })

  it('removes others though an entry names nobody', async () => {
    const { admin } = await scene()
    const result = await syncMembers(admin, entriesFor(['alice', 'nobody']), options)
    expect(result.ok).toEqual([{ username: 'bob', group: 'staff', change: 'remove' }])
    expect(result.failed).toMatchObject([{ entry: { username: 'nobody' } }])
  })

  it('touches nothing of a group that cannot be listed', async () => {
    const { pool, admin } = await scene()
    pool.fail('ListUsersInGroup', { error: 'InternalErrorException', status: 500 })
    const result = await syncMembers(admin, entriesFor(['alice']), options)
    expect(result.failed).toHaveLength(1)
    expect(writesOf(pool)).toBe(0)
  })

  it('counts the removals of earlier runs of a journal', async () => {
    const names = usernames(20)
    const { pool, admin } = await administered({
      groups: ['staff'],
      users: names.map((username) => ({ username, groups: ['staff'] })),
    })
    const journal = memory()
    const keep = entriesFor(['user-0'])
    const settings = { groups: ['staff'], journal, concurrency: 1 }
    // One list and six removals.
    const first = await syncMembers(admin, keep, { ...settings, maxRemovals: 19, maxCalls: 7 })
    expect([first.ok.length, first.pending.length]).toEqual([6, 13])
    const error = await errorOf(syncMembers(admin, keep, { ...settings, maxRemovals: 18 }))
    expect(error).toMatchObject({ code: 'TOO_MANY_REMOVALS', removals: 19 })
    expect(pool.count('AdminRemoveUserFromGroup')).toBe(6)
    const last = await syncMembers(admin, keep, { ...settings, maxRemovals: 19 })
    expect([last.ok.length, last.stopReason]).toEqual([19, 'done'])
    expect(await membersOf(admin)).toEqual(['user-0'])
  })

  it('refuses the journal of a run that is finished, though the world has changed', async () => {
    const { pool, admin } = await scene()
    const journal = memory()
    await syncMembers(admin, entries, { ...options, journal })
    await admin.users.addToGroup('carol', 'staff')
    const writes = writesOf(pool)
    const error = await errorOf(syncMembers(admin, entries, { ...options, journal }))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(/^journal: .*start a new/) })
    expect(writesOf(pool)).toBe(writes)
    await syncMembers(admin, entries, { ...options, journal: memory() })
    expect(await membersOf(admin)).toEqual(['alice', 'dave'])
  })

  it.each([
    [undefined, 'syncMembers: expected an object with options.'],
    [null, 'syncMembers: expected an object with options.'],
    [{}, 'groups'],
    [{ ...options, maxRemoval: 3 }, 'did you mean "maxRemovals"?'],
    [{ ...options, groups: 'staff' }, 'groups'],
    [{ ...options, groups: [7] }, 'groups'],
    [{ ...options, maxRemovals: Number.NaN }, 'maxRemovals'],
    [{ ...options, maxRemovals: -1 }, 'maxRemovals'],
  ])('refuses %o', async (given, message) => {
    const { pool, admin } = await scene()
    const error = await errorOf(syncMembers(admin, entries, given as typeof options))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(message) })
    expect(pool.requests).toHaveLength(0)
  })

  it('goes on where it stopped, call by call', async () => {
    const names = usernames(100)
    const { pool, admin } = await administered({
      groups: ['staff'],
      users: names.map((username, index) => ({ username, groups: index < 80 ? ['staff'] : [] })),
    })
    const wanted = entriesFor(names.slice(10))
    const journal = memory()
    const sync = () => syncMembers(admin, wanted, { groups: ['staff'], maxRemovals: 10, journal, maxCalls: 6 })
    let result = await sync()
    let runs = 0
    for (; result.stopReason !== 'done' && runs < 50; runs++) result = await sync()
    expect(runs).toBeGreaterThan(5)
    expect(result.pending).toEqual([])
    expect(result.failed).toEqual([])
    expect(result.ok.filter(({ change }) => change === 'add')).toHaveLength(20)
    expect(
      result.ok
        .filter(({ change }) => change === 'remove')
        .map(({ username }) => username)
        .sort(),
    ).toEqual(names.slice(0, 10))
    expect(writesOf(pool)).toBe(30)
    expect(await membersOf(admin)).toEqual(names.slice(10).sort())
  })
})

describe('auditPool', () => {
  const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
  const scene = async () => {
    const userPoolId = 'eu-west-1_AbCdEfGhI'
    return administered({
      userPoolId,
      groups: [
        { name: 'Admin', precedence: 1, roleArn: arn('a-role') },
        { name: 'editor', precedence: 1, roleArn: arn('b-role') },
        'empty',
        { name: `${userPoolId}_Corp`, roleArn: arn('corp-role') },
        ...Array.from({ length: 30 }, (_, index) => `long-${'x'.repeat(100)}-${index}`),
      ],
      users: [
        { username: 'alice', groups: ['Admin', 'editor', `${userPoolId}_Corp`] },
        { username: 'bob', groups: ['editor'], enabled: false },
        { username: 'carol', groups: Array.from({ length: 30 }, (_, index) => `long-${'x'.repeat(100)}-${index}`) },
        ...usernames(70),
      ],
    })
  }
  const shown: Finding[] = [
    { kind: 'empty-group', group: 'empty', message: 'Nobody is in the group "empty".' },
    {
      ...{ kind: 'unknown-group', group: 'Admin', similar: 'admin' },
      message: 'The map has no group "Admin", so it grants its members nothing. Did you mean "admin"?',
    },
    {
      ...{ kind: 'unknown-group', group: 'empty', similar: undefined },
      message: 'The map has no group "empty", so it grants its members nothing.',
    },
    {
      ...{ kind: 'disabled-member', group: 'editor', username: 'bob' },
      message: '"bob" is disabled but still in the group "editor".',
    },
    {
      ...{ kind: 'provider-group', group: 'eu-west-1_AbCdEfGhI_Corp', roleArn: arn('corp-role') },
      message: expect.stringMatching(/^Every user of an identity provider gets the role arn:.*"eu-west-1_AbC/),
    },
    {
      ...{ kind: 'precedence-tie', precedence: 1, groups: ['Admin', 'editor'], rolesDiffer: true },
      message: expect.stringMatching(/^The groups "Admin", "editor" have the same precedence, 1\. A user in several/),
    },
    {
      ...{ kind: 'large-token', username: 'carol', bytes: expect.any(Number) as number },
      message: expect.stringMatching(/^The groups of "carol" add \d+ bytes to an ID token/),
    },
  ]
  const groups = { names: ['admin', 'editor'] }

  it('lists groups and users in the order of Cognito, whichever answer comes last', async () => {
    const groups = ['first', 'second', 'third']
    const { pool } = await administered({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      groups,
      users: [...usernames(70), { username: 'zoe', groups }],
    })
    const read = async (late: string) => {
      let answered = 0
      let release = () => {}
      const others = new Promise<void>((resolve) => {
        release = resolve
      })
      const admin = createPoolAdmin({
        ...{ userPoolId: 'eu-west-1_AbCdEfGhI', credentials },
        async fetch(request) {
          const asked = `${request.headers.get('x-amz-target')} ${await request.clone().text()}`
          if (asked.includes(late)) await others
          const response = await pool.fetch(request)
          answered++
          // The list of groups, and three of the four that follow it.
          if (answered === 4) setTimeout(release)
          return response
        },
      })
      const audit = await auditPool(admin)
      return [
        audit.users.map(({ user }) => user.username),
        audit.users.find(({ user }) => user.username === 'zoe')?.groups,
      ]
    }
    const list = await read('nothing')
    expect(list[1]).toEqual(groups)
    for (const late of [...groups, 'ListUsers {']) expect(await read(late)).toEqual(list)
  })

  it('shows who is in which group, both ways round, and what deserves a look', async () => {
    const { pool, admin } = await scene()
    const audit = await auditPool(admin, { groups })
    expect(audit.groups.find(({ group }) => group.name === 'editor')?.members.toSorted()).toEqual(['alice', 'bob'])
    expect(audit.users.find(({ user }) => user.username === 'alice')?.groups.toSorted()).toEqual([
      'Admin',
      'editor',
      'eu-west-1_AbCdEfGhI_Corp',
    ])
    expect([audit.groups.length, audit.users.length]).toEqual([34, 73])
    expect(audit.findings).toEqual(expect.arrayContaining(shown))
    const others = audit.findings.filter((finding) => !(finding.kind === 'unknown-group'))
    expect(others).toHaveLength(shown.length - 2)
    expect(pool.requests).toHaveLength(1 + 2 + 34)
    expect(new Set(pool.requests.map(({ operation }) => operation))).toEqual(
      new Set(['ListGroups', 'ListUsers', 'ListUsersInGroup']),
    )
  })

  it('knows the groups that Cognito makes for the users of identity providers', async () => {
    const userPoolId = 'eu-west-1_AbCdEfGhI'
    const { admin } = await administered({
      userPoolId,
      groups: [`${userPoolId}_Corp`, `${userPoolId}_Google`, `${userPoolId}x`, 'admin'],
      users: [{ username: 'Corp_alice', groups: [`${userPoolId}_Corp`] }],
    })
    const { findings } = await auditPool(admin, { groups: ['admin'] })
    expect(findings.map(({ message }) => message).sort()).toEqual([
      'Nobody is in the group "admin".',
      `Nobody is in the group "${userPoolId}x".`,
      `The map has no group "${userPoolId}x", so it grants its members nothing.`,
    ])
  })

  it('escapes what a terminal would take for a command', async () => {
    const { admin } = scripted([
      answer({ Groups: [{ GroupName: '\u001b[2J\u202e' }] }),
      answer({ Users: [] }),
      answer({ Users: [] }),
    ])
    const { findings } = await auditPool(admin)
    expect(findings).toMatchObject([{ message: 'Nobody is in the group "\\u{1b}[2J\\u{202e}".' }])
  })

  it('says that it waits, and refuses options that there are not', async () => {
    const { pool, admin } = await scene()
    pool.fail('ListUsers', { error: 'TooManyRequestsException', times: 2 })
    const told: object[] = []
    await auditPool(admin, { onProgress: (progress) => told.push(progress) })
    expect(told).toEqual([
      { throttled: 1, waiting: 0.375 },
      { throttled: 2, waiting: 0.75 },
    ])
    const wrong = { maxGroupByte: 3 } as object
    expect(await errorOf(auditPool(admin, wrong))).toMatchObject({ code: 'CONFIGURATION' })
    expect(await errorOf(streamAudit(admin, wrong).next())).toMatchObject({
      message: 'audit: unknown option "maxGroupByte"; did you mean "maxGroupBytes"?',
    })
  })

  it('streams the same', async () => {
    const { admin } = await scene()
    const seen: string[] = []
    const findings: Finding[] = []
    for await (const record of streamAudit(admin, { groups: groups.names })) {
      seen.push(record.kind)
      if (record.kind === 'finding') findings.push(record.finding)
    }
    expect(seen.filter((kind) => kind === 'member')).toHaveLength(34)
    expect(findings).toEqual(expect.arrayContaining(shown))
  })

  it('waits throttles out, and ends with an error rather than with half the truth', async () => {
    const { pool, admin } = await scene()
    pool.fail('*', { rate: 0.3, seed: 5, error: 'TooManyRequestsException' })
    expect((await auditPool(admin)).users).toHaveLength(73)
    pool.fail('ListUsersInGroup', { error: 'TooManyRequestsException' })
    expect(await errorOf(auditPool(admin, { timeout: 60 }))).toMatchObject({ code: 'TimeoutError' })
    pool.recover()
    expect(await errorOf(auditPool(admin, { signal: AbortSignal.abort(new Error('enough')) }))).toMatchObject({
      message: 'enough',
    })
    const refused = scripted([refusal('AccessDeniedException')])
    expect(await errorOf(auditPool(refused.admin))).toMatchObject({ code: 'AccessDeniedException' })
  })
})

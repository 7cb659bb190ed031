import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  assignRole,
  highestRole,
  type PoolAdmin,
  paginate,
  promote,
  respondAsAdmin,
  signInAsAdmin,
  type User,
} from '../../src/admin/index.ts'
import type { LocalPool } from '../../src/local/index.ts'
import { administered } from '../support/administered.ts'
import { answer, errorOf, scripted } from '../support/aws.ts'

const arn = 'arn:aws:iam::123456789012:role/editor'
let pool: LocalPool
let admin: PoolAdmin

beforeEach(async () => {
  ;({ pool, admin } = await administered({
    groups: [
      'viewer',
      { name: 'editor', description: 'Writes', precedence: 20, roleArn: arn },
      { name: 'admin', precedence: 1 },
    ],
    users: {
      alice: {
        email: 'alice@example.com',
        email_verified: true,
        groups: ['viewer'],
        attributes: { 'custom:tier': 'gold', given_name: 'Alice' },
      },
      bob: { email: 'bob@example.com', enabled: false, attributes: { 'custom:flag': 'true' } },
      'say"hi"\\o/': { email: 'hi@example.com' },
    },
    aliases: ['email'],
  }))
})

/** Loses the answer to the next call of an operation: after its effect, or before. */
const lose = (operation: string, when: 'before' | 'after') =>
  pool.fail(operation, { times: 1, networkError: true, when })

describe('groups', () => {
  it('are created, read, changed, listed and deleted', async () => {
    const date = new Date(Date.UTC(2026, 0, 1))
    const group = { name: 'ops', description: 'Runs it', roleArn: arn, precedence: 0, createdAt: date, updatedAt: date }
    expect(await admin.groups.create({ name: 'ops', description: 'Runs it', roleArn: arn, precedence: 0 })).toEqual(
      group,
    )
    expect(await admin.groups.get('ops')).toEqual(group)
    pool.advance(60)
    const later = { ...group, precedence: 7, updatedAt: new Date(+date + 60_000) }
    expect(await admin.groups.update('ops', { precedence: 7 })).toEqual(later)
    expect((await admin.groups.list().toArray()).map(({ name }) => name).sort()).toEqual([
      'admin',
      'editor',
      'ops',
      'viewer',
    ])
    await admin.groups.delete('ops')
    expect(await errorOf(admin.groups.get('ops'))).toMatchObject({ code: 'ResourceNotFoundException' })
  })

  it('refuse a second one of a name', async () => {
    expect(await errorOf(admin.groups.create({ name: 'viewer' }))).toMatchObject({ code: 'GroupExistsException' })
  })

  it('have names of any kind', async () => {
    for (const name of ['\u{1f600}'.repeat(128), 'a/b%"\'', '__proto__', '*']) {
      await admin.groups.create({ name })
      await admin.users.addToGroup('alice', name)
      expect((await admin.groups.members(name).toArray()).map(({ username }) => username)).toEqual(['alice'])
      expect((await admin.groups.get(name)).name).toBe(name)
    }
  })
})

describe('users', () => {
  it('are read, attributes as a record of texts', async () => {
    expect(await admin.users.get('alice@example.com')).toEqual({
      username: 'alice',
      attributes: {
        sub: expect.any(String),
        email: 'alice@example.com',
        email_verified: 'true',
        'custom:tier': 'gold',
        given_name: 'Alice',
      },
      enabled: true,
      status: 'CONFIRMED',
      mfa: { methods: [], preferred: undefined },
      createdAt: new Date(Date.UTC(2026, 0, 1)),
      updatedAt: new Date(Date.UTC(2026, 0, 1)),
    })
    expect((await admin.users.get('bob')).attributes['custom:flag']).toBe('true')
  })

  it('are created, with a password, disabled, enabled and deleted', async () => {
    const created = await admin.users.create({
      username: 'carol',
      attributes: { email: 'carol@example.com' },
      temporaryPassword: 'Correct-Horse-1',
      messageAction: 'SUPPRESS',
    })
    expect(created).toMatchObject({ username: 'carol', status: 'FORCE_CHANGE_PASSWORD', enabled: true, mfa: undefined })
    await admin.users.setPassword('carol', 'Correct-Horse-2', { permanent: true })
    await admin.users.disable('carol')
    expect(await admin.users.get('carol')).toMatchObject({ status: 'CONFIRMED', enabled: false })
    await admin.users.enable('carol')
    expect(await admin.users.get('carol')).toMatchObject({ enabled: true })
    await admin.users.signOut('carol')
    await admin.users.resetPassword('alice')
    expect(await admin.users.get('alice')).toMatchObject({ status: 'RESET_REQUIRED' })
    await admin.users.delete('carol')
    expect(await errorOf(admin.users.get('carol'))).toMatchObject({ code: 'UserNotFoundException' })
    expect(await errorOf(admin.users.create({ username: 'bob' }))).toMatchObject({ code: 'UsernameExistsException' })
  })

  it('change their attributes', async () => {
    await admin.users.updateAttributes('alice', { 'custom:tier': 'platinum', family_name: 'Doe' })
    await admin.users.deleteAttributes('alice', ['given_name'])
    const { attributes } = await admin.users.get('alice')
    expect(attributes).toMatchObject({ 'custom:tier': 'platinum', family_name: 'Doe', email: 'alice@example.com' })
    expect(attributes).not.toHaveProperty('given_name')
  })

  it('have attributes by other names', async () => {
    const attributeMap = { tier: 'custom:tier', givenName: 'given_name' }
    const scene = await administered({ users: { alice: { attributes: { 'custom:tier': 'gold' } } } }, { attributeMap })
    await scene.admin.users.updateAttributes('alice', { tier: 'true', givenName: 'Al' })
    const { attributes } = await scene.admin.users.get('alice')
    expect(attributes).toMatchObject({ tier: 'true', givenName: 'Al' })
    const { UserAttributes } = await scene.admin.call('AdminGetUser', { Username: 'alice' })
    expect(UserAttributes).toContainEqual({ Name: 'custom:tier', Value: 'true' })
    const [found] = await scene.admin.users
      .list({ where: (user) => user.attributes['tier'] === 'true', attributes: ['tier', 'givenName'] })
      .toArray()
    expect(found?.attributes).toEqual({ tier: 'true', givenName: 'Al' })
    await scene.admin.users.deleteAttributes('alice', ['tier'])
    expect((await scene.admin.users.get('alice')).attributes).not.toHaveProperty('tier')
  })

  it('have the attribute that the map names, where Cognito has another one of that name', async () => {
    const attributes = { 'custom:mail': 'ours', email: 'theirs' }
    for (const entries of [Object.entries(attributes), Object.entries(attributes).reverse()]) {
      const UserAttributes = entries.map(([Name, Value]) => ({ Name, Value }))
      const scene = scripted([answer({ Username: 'alice', UserAttributes })], {
        attributeMap: { email: 'custom:mail' },
      })
      expect((await scene.admin.users.get('alice')).attributes).toEqual({ email: 'ours' })
    }
  })

  it('are in groups', async () => {
    await admin.users.addToGroup('alice', 'editor')
    expect((await admin.users.groups('alice').toArray()).map(({ name }) => name).sort()).toEqual(['editor', 'viewer'])
    await admin.users.removeFromGroup('alice', 'viewer')
    expect(await admin.groups.members('viewer').toArray()).toEqual([])
    expect(await errorOf(admin.users.addToGroup('nobody', 'viewer'))).toMatchObject({ code: 'UserNotFoundException' })
  })
})

describe('lists of users', () => {
  it.each([
    [{ email: 'ALICE@example.com' }, ['alice']],
    [{ email: { startsWith: 'bo' } }, ['bob']],
    [{ username: { startsWith: 'say' } }, ['say"hi"\\o/']],
    [{ username: 'say"hi"\\o/' }, ['say"hi"\\o/']],
    [{ username: 'x" or username ^= "' }, []],
    [{ username: '\\' }, []],
    [{ enabled: false }, ['bob']],
    [{ status: 'CONFIRMED' }, ['alice', 'bob', 'say"hi"\\o/']],
  ] as const)('are filtered by Cognito: %o', async (filter, usernames) => {
    const users = await admin.users.list({ filter }).toArray()
    expect(users.map(({ username }) => username).sort()).toEqual(usernames)
  })

  it.each<[(user: User) => boolean, string[]]>([
    [({ attributes }) => attributes['custom:tier'] === 'gold' && attributes['given_name'] === 'Alice', ['alice']],
    [({ enabled, attributes }) => !enabled && attributes['custom:flag'] === 'true', ['bob']],
    [() => false, []],
  ])('are filtered here: %s', async (where, usernames) => {
    const users = await admin.users.list({ where }).toArray()
    expect(users.map(({ username }) => username)).toEqual(usernames)
    expect((await admin.users.list({ where, filter: { enabled: false } }).toArray()).length).toBe(
      usernames[0] === 'bob' ? 1 : 0,
    )
  })

  it('take one condition of those that Cognito has', () => {
    const wrong: object[] = [{}, { email: 'a', username: 'b' }, { 'custom:tier': 'gold' }]
    // @ts-expect-error several conditions at once
    const both = () => admin.users.list({ filter: { email: 'a', username: 'b' } })
    expect(both).toThrow(/filter/)
    // @ts-expect-error a custom attribute
    expect(() => admin.users.list({ filter: { 'custom:tier': 'gold' } })).toThrow(/filter/)
    for (const filter of wrong) expect(() => admin.users.list({ filter: filter as { sub: '' } })).toThrow(/filter/)
  })

  it('come in pages, and stop where they are told to', async () => {
    const { items, token } = await admin.users.list().page({ limit: 2 })
    expect(items).toHaveLength(2)
    const last = await admin.users.list().page({ limit: 2, token })
    expect([last.items.length, last.token]).toEqual([1, undefined])
    expect(await admin.users.list().toArray(1)).toHaveLength(1)
    expect(await admin.users.list().toArray(0)).toEqual([])
  })
})

describe('pages', () => {
  const page = (names: string[], NextToken?: string) =>
    answer({ Groups: names.map((GroupName) => ({ GroupName })), NextToken })

  it('without items do not end a list', async () => {
    const { admin } = scripted([page([], 'one'), page(['a'], 'two'), page([], 'three'), page(['b'])])
    expect((await admin.groups.list().toArray()).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each([[['one', 'one']], [['one', 'two', 'one']]])('with the tokens %o end it with an error', async (tokens) => {
    const { admin } = scripted([...tokens.map((token) => page(['a'], token)), page(['b'])])
    expect(await errorOf(admin.groups.list().toArray())).toMatchObject({
      code: 'PageTokenRepeated',
      operation: 'ListGroups',
    })
  })

  it('have the names of their operation', async () => {
    const { admin, sent } = scripted([
      answer({ Devices: [{ DeviceKey: 'a' }], PaginationToken: 'next' }),
      answer({ Devices: [{ DeviceKey: 'b' }] }),
      answer({ UserPoolClients: [{ ClientId: 'c' }] }),
    ])
    expect(await paginate(admin, 'AdminListDevices', { Username: 'alice' }).toArray()).toEqual([
      { DeviceKey: 'a' },
      { DeviceKey: 'b' },
    ])
    await paginate(admin, 'ListUserPoolClients', {}).page({ limit: 5, token: 't' })
    expect(sent.map(({ input }) => ({ ...input, UserPoolId: 0 }))).toEqual([
      { UserPoolId: 0, Username: 'alice' },
      { UserPoolId: 0, Username: 'alice', PaginationToken: 'next' },
      { UserPoolId: 0, MaxResults: 5, NextToken: 't' },
    ])
  })

  it.each([
    ['1767225600.25', '2026-01-01T00:00:00.250Z'],
    ['1.76722560025E9', '2026-01-01T00:00:00.250Z'],
    ['"1767225600"', '2026-01-01T00:00:00.000Z'],
    ['"2026-01-01T00:00:00Z"', '2026-01-01T00:00:00.000Z'],
    ['null', undefined],
    ['"soon"', undefined],
    ['{}', undefined],
    ['1e999', undefined],
  ])('have dates: %s', async (json, iso) => {
    const { admin } = scripted([new Response(`{"Group":{"GroupName":"a","CreationDate":${json}}}`)])
    expect((await admin.groups.get('a')).createdAt?.toISOString()).toBe(iso)
  })
})

describe('a write whose answer was lost', () => {
  const writes: [string, (admin: PoolAdmin) => Promise<unknown>, () => Promise<unknown>, unknown][] = [
    [
      'CreateGroup',
      (a) => a.groups.create({ name: 'ops', precedence: 3 }),
      async () => (await admin.groups.get('ops')).precedence,
      3,
    ],
    [
      'UpdateGroup',
      (a) => a.groups.update('editor', { description: 'x' }),
      async () => (await admin.groups.get('editor')).description,
      'x',
    ],
    ['DeleteGroup', (a) => a.groups.delete('editor'), async () => (await admin.groups.list().toArray()).length, 2],
    ['AdminDeleteUser', (a) => a.users.delete('bob'), async () => (await admin.users.list().toArray()).length, 2],
    ['AdminEnableUser', (a) => a.users.enable('bob'), async () => (await admin.users.get('bob')).enabled, true],
    ['AdminDisableUser', (a) => a.users.disable('alice'), async () => (await admin.users.get('alice')).enabled, false],
    [
      'AdminUpdateUserAttributes',
      (a) => a.users.updateAttributes('bob', { name: 'B' }),
      async () => (await admin.users.get('bob')).attributes['name'],
      'B',
    ],
    [
      'AdminDeleteUserAttributes',
      (a) => a.users.deleteAttributes('alice', ['given_name']),
      async () => (await admin.users.get('alice')).attributes['given_name'],
      undefined,
    ],
    [
      'AdminAddUserToGroup',
      (a) => a.users.addToGroup('bob', 'editor'),
      async () => (await admin.groups.members('editor').toArray()).length,
      1,
    ],
    [
      'AdminRemoveUserFromGroup',
      (a) => a.users.removeFromGroup('alice', 'viewer'),
      async () => (await admin.groups.members('viewer').toArray()).length,
      0,
    ],
    [
      'AdminCreateUser',
      (a) => a.users.create({ username: 'carol', attributes: { name: 'C' } }),
      async () => (await admin.users.get('carol')).status,
      'FORCE_CHANGE_PASSWORD',
    ],
  ]

  it.each(writes)('%s, is sent again only where it had no effect', async (operation, act, look, expected) => {
    lose(operation, 'after')
    await act(admin)
    expect([await look(), pool.count(operation)]).toEqual([expected, 1])
  })

  it.each(writes)('%s, is sent again where it had none', async (operation, act, look, expected) => {
    lose(operation, 'before')
    await act(admin)
    expect([await look(), pool.count(operation)]).toEqual([expected, 2])
  })

  it.each<[string, (admin: PoolAdmin) => Promise<unknown>]>([
    ['AdminSetUserPassword', (a) => a.users.setPassword('alice', 'Correct-Horse-2')],
    ['AdminResetUserPassword', (a) => a.users.resetPassword('alice')],
    ['AdminUserGlobalSignOut', (a) => a.users.signOut('alice')],
    ['AdminCreateUser', (a) => a.users.create({ username: 'bob', messageAction: 'RESEND' })],
  ])('%s, leaves no trace: nobody knows', async (operation, act) => {
    lose(operation, 'after')
    expect(await errorOf(act(admin))).toMatchObject({ operation, outcome: 'unknown' })
    expect(pool.count(operation)).toBe(1)
  })

  it('is not taken for done because of somebody else', async () => {
    lose('AdminCreateUser', 'before')
    expect(await errorOf(admin.users.create({ username: 'bob' }))).toMatchObject({ outcome: 'unknown' })
  })

  it('is unknown where looking fails', async () => {
    lose('AdminEnableUser', 'after')
    pool.fail('AdminGetUser', { networkError: true })
    expect(await errorOf(admin.users.enable('bob'))).toMatchObject({ operation: 'AdminEnableUser', outcome: 'unknown' })
  })

  it('is given up after three attempts', async () => {
    pool.fail('AdminEnableUser', { networkError: true })
    expect(await errorOf(admin.users.enable('bob'))).toMatchObject({ operation: 'AdminEnableUser', outcome: 'unknown' })
    expect(pool.count('AdminEnableUser')).toBe(3)
  })
})

describe('roles', () => {
  const among = ['admin', 'editor', 'viewer']
  const rolesOf = async (username: string) =>
    (await admin.users.groups(username).toArray()).map(({ name }) => name).sort()

  it('are assigned: the new one before the old ones go', async () => {
    await admin.groups.create({ name: 'club' })
    await admin.users.addToGroup('alice', 'club')
    expect(await assignRole(admin, 'alice', 'editor', { among })).toEqual({ added: true, removed: ['viewer'] })
    expect(await rolesOf('alice')).toEqual(['club', 'editor'])
    expect(await assignRole(admin, 'alice', 'editor', { among })).toEqual({ added: false, removed: [] })
    pool.fail('AdminRemoveUserFromGroup', { error: 'InternalErrorException', status: 500 })
    await errorOf(assignRole(admin, 'alice', 'admin', { among }))
    expect(await rolesOf('alice')).toEqual(['admin', 'club', 'editor'])
  })

  it('are not removed for one that does not exist', async () => {
    const error = await errorOf(assignRole(admin, 'alice', 'ghost', { among: ['ghost', 'viewer'] }))
    expect(error).toMatchObject({ code: 'ResourceNotFoundException' })
    expect(await rolesOf('alice')).toEqual(['viewer'])
    expect(await errorOf(assignRole(admin, 'alice', 'editor', { among: ['viewer'] }))).toMatchObject({
      code: 'CONFIGURATION',
    })
    expect(await errorOf(highestRole(admin, 'alice', { among: [] }))).toMatchObject({ code: 'CONFIGURATION' })
  })

  it.each([
    [['viewer', 'editor'], {}, { role: 'editor', ties: [] }],
    [['viewer', 'editor'], { order: 'given', among: ['viewer', 'editor'] }, { role: 'viewer', ties: [] }],
    [['viewer', 'editor'], { among: { viewer: 5, editor: 5 } }, { role: 'editor', ties: ['viewer'] }],
    [['viewer', 'editor'], { among: { viewer: 1, editor: 5 } }, { role: 'viewer', ties: [] }],
    [['viewer'], { among: ['admin'] }, { role: undefined, ties: [] }],
    [[], { fallback: 'guest' }, { role: 'guest', ties: [] }],
  ] as const)('of which the highest of %o by %o is %o', async (groups, options, expected) => {
    for (const group of groups) await admin.users.addToGroup('bob', group)
    expect(await highestRole(admin, 'bob', { among, ...options })).toEqual(expected)
  })

  it('are promoted to higher ones only', async () => {
    expect(await promote(admin, 'alice', 'editor', { among })).toEqual({ added: true, removed: ['viewer'] })
    const writes = pool.count('AdminAddUserToGroup') + pool.count('AdminRemoveUserFromGroup')
    for (const role of ['editor', 'viewer']) {
      expect(await errorOf(promote(admin, 'alice', role, { among }))).toMatchObject({
        code: 'NOT_HIGHER',
        current: ['editor'],
      })
    }
    const tie = errorOf(promote(admin, 'alice', 'admin', { among: { admin: 2, editor: 2 } }))
    expect(await tie).toMatchObject({ code: 'NOT_HIGHER' })
    expect(pool.count('AdminAddUserToGroup') + pool.count('AdminRemoveUserFromGroup')).toBe(writes)
    await promote(admin, 'bob', 'viewer', { among })
    expect(await rolesOf('bob')).toEqual(['viewer'])
  })
})

describe('roles that are given at the same time', () => {
  const order = { admin: 1, editor: 2, viewer: 3 }
  const names = Object.keys(order)

  /** A user's groups, and administrations whose calls take turns, one call each, in the order of these numbers. */
  const inTurns = (before: readonly string[], turns: readonly number[], callers: number) => {
    const held = new Set(before)
    const waiting: ((() => void) | undefined)[] = []
    const queue = [...turns]
    let working = callers
    const pump = () => {
      if (waiting.filter(Boolean).length < working) return
      const next = [queue.shift() ?? 0, ...waiting.keys()].find((caller) => waiting[caller])
      const run = next === undefined ? undefined : waiting[next]
      if (next !== undefined) waiting[next] = undefined
      run?.()
    }
    const adminOf = (caller: number) => {
      const turn = () =>
        new Promise<void>((resolve) => {
          waiting[caller] = resolve
          pump()
        })
      const users = {
        groups: () => ({
          async toArray() {
            await turn()
            return [...held].map((name) => ({ name }))
          },
        }),
        async addToGroup(_: string, name: string) {
          await turn()
          held.add(name)
        },
        async removeFromGroup(_: string, name: string) {
          await turn()
          held.delete(name)
        },
      }
      return { users, groups: {} } as unknown as PoolAdmin
    }
    return {
      held,
      run: (wanted: readonly string[]) =>
        Promise.all(
          wanted.map(async (role, caller) => {
            const result = await assignRole(adminOf(caller), 'bob', role, { among: order })
            working--
            pump()
            return result
          }),
        ),
    }
  }

  it('are one in the end, whichever turns the calls take, and each result says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 2 }), { maxLength: 40 }),
        fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 3 }),
        fc.subarray(names),
        async (turns, wanted, before) => {
          const { held, run } = inTurns(before, turns, wanted.length)
          const results = await run(wanted)
          expect(held.size).toBe(1)
          expect(wanted).toContain([...held][0])
          const told = results.filter(
            ({ overruledBy }, index) => overruledBy === undefined && !held.has(wanted[index] ?? ''),
          )
          // Who is told nothing was overtaken by a call that began later, or has the role.
          expect(told.length).toBeLessThan(wanted.length)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are settled for the weaker one, and the other call is told', async () => {
    const { held, run } = inTurns(
      [],
      Array.from({ length: 20 }, (_, turn) => turn % 2),
      2,
    )
    const [one, two] = await run(['admin', 'viewer'])
    expect([...held]).toEqual(['viewer'])
    expect(one).toMatchObject({ added: true, overruledBy: 'viewer' })
    expect(two).toMatchObject({ added: true, overruledBy: undefined })
  })

  it('are read again only after a write', async () => {
    await assignRole(admin, 'alice', 'viewer', { among: order })
    expect(pool.requests.map(({ operation }) => operation)).toEqual(['AdminListGroupsForUser'])
  })
})

describe('which role is higher', () => {
  const operations = () => pool.requests.map(({ operation }) => operation)

  it('is said by the pool where groups have a precedence, asked for where it decides', async () => {
    await promote(admin, 'alice', 'editor', { among: ['admin', 'editor', 'viewer'] })
    expect(operations().slice(0, 3)).toEqual(['AdminListGroupsForUser', 'GetGroup', 'AdminAddUserToGroup'])
  })

  it.each([{ among: { editor: 1, viewer: 2 } }, { among: ['editor', 'viewer'], order: 'given' }] as const)(
    'is said by %o without asking the pool',
    async (options) => {
      await promote(admin, 'alice', 'editor', options)
      expect(operations()).not.toContain('GetGroup')
      expect(operations().filter((name) => name === 'AdminListGroupsForUser')).toHaveLength(2)
      expect(await errorOf(promote(admin, 'alice', 'viewer', options))).toMatchObject({ code: 'NOT_HIGHER' })
    },
  )

  it('cannot be said of groups without precedence: the error says how to give an order', async () => {
    for (const name of ['club', 'crew']) await admin.groups.create({ name })
    await admin.users.addToGroup('bob', 'club')
    const error = await errorOf(promote(admin, 'bob', 'crew', { among: ['crew', 'club'] }))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(/"crew","club".*'given'/) })
    await promote(admin, 'bob', 'crew', { among: ['crew', 'club'], order: 'given' })
    expect((await admin.users.groups('bob').toArray()).map(({ name }) => name)).toEqual(['crew'])
    await admin.groups.update('club', { precedence: 1 })
    await promote(admin, 'bob', 'club', { among: ['crew', 'club'] })
    await promote(admin, 'alice', 'crew', { among: ['crew', 'club'] })
  })

  it('is asked once by highestRole', async () => {
    await highestRole(admin, 'alice', { among: ['admin', 'editor', 'viewer'], fallback: 'none' })
    expect(operations()).toEqual(['AdminListGroupsForUser'])
  })

  it.each([
    [{ amon: ['viewer'] }, 'unknown option "amon"; did you mean "among"?'],
    [{ among: ['viewer'], order: 'pol' }, 'order'],
    [{ among: ['viewer'], fallback: 'x' }, 'fallback'],
    [{ among: { viewer: Number.NaN } }, 'among'],
    [{ among: { viewer: '1' } }, 'among'],
    [{ among: 'viewer' }, 'among'],
    [undefined, 'expected an object'],
  ])('refuses %o', async (options, message) => {
    for (const act of [assignRole, promote]) {
      const error = await errorOf(act(admin, 'alice', 'viewer', options as { among: string[] }))
      expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(message) })
    }
    expect(pool.requests).toHaveLength(0)
  })
})

describe('a change of a group', () => {
  const whole = {
    GroupName: 'ops',
    Description: 'Operations',
    RoleArn: 'arn:aws:iam::123456789012:role/x',
    Precedence: 3,
  }
  const changed = async (changes: object, after: object = {}) => {
    const scene = scripted([answer({ Group: whole }), answer({ Group: { ...whole, ...after } })])
    const result = await scene.admin.groups.update('ops', changes).catch((error: unknown) => error)
    return { result, input: scene.sent[1]?.input }
  }

  it.each<[object, object]>([
    [{ description: 'x' }, { ...whole, Description: 'x' }],
    [{ precedence: 0 }, { ...whole, Precedence: 0 }],
    [
      { roleArn: undefined, precedence: 9 },
      { ...whole, Precedence: 9 },
    ],
    [{ description: null }, { ...whole, Description: '' }],
    [{ description: '' }, { ...whole, Description: '' }],
  ])('%o sends all that the group has', async (changes, expected) => {
    expect((await changed(changes)).input).toEqual({ UserPoolId: 'eu-west-1_AbCdEfGhI', ...expected })
  })

  it.each(['roleArn', 'precedence'] as const)('takes away %s where AWS lets it', async (name) => {
    const member = name === 'roleArn' ? 'RoleArn' : 'Precedence'
    const gone = await changed({ [name]: null }, { [member]: undefined })
    expect(gone.input).not.toHaveProperty(member)
    expect(gone.result).not.toHaveProperty(name)
    const kept = await changed({ [name]: null })
    expect(kept.result).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(`${name}: AWS has kept`),
    })
  })

  it('with null for what is not there changes nothing', async () => {
    await admin.groups.update('viewer', { roleArn: null, description: null })
    expect(await admin.groups.get('viewer')).not.toHaveProperty('roleArn')
  })
})

describe('options that there are not', () => {
  const cases: [string, (admin: PoolAdmin, options: never) => Promise<unknown>, object, string][] = [
    ['groups.create', (a, o) => a.groups.create(o), { name: 'x', descripton: 'y' }, 'did you mean "description"?'],
    ['groups.update', (a, o) => a.groups.update('viewer', o), { rolearn: 'y' }, 'did you mean "roleArn"?'],
    ['users.create', (a, o) => a.users.create(o), { username: 'x', temporarypassword: 'y' }, '"temporaryPassword"?'],
    ['users.list', (a, o) => a.users.list(o).toArray(), { filters: {} }, 'did you mean "filter"?'],
    ['AdminGetUser', (a, o) => a.users.get('alice', o), { wait: 3 }, 'unknown option "wait"'],
    ['AdminGetUser', (a, o) => a.users.get('alice', o), { atempts: 3 }, 'did you mean "attempts"?'],
    ['ListGroups', (a, o) => a.groups.list(o).toArray(), { timout: 3 }, 'did you mean "timeout"?'],
    ['AdminGetUser', (a, o) => a.call('AdminGetUser', { Username: 'a' }, o), { sginal: 3 }, 'did you mean "signal"?'],
    ['AdminSetUserPassword', (a, o) => a.users.setPassword('alice', 'x', o), { permanant: true }, '"permanent"?'],
    ['signInAsAdmin', (a, o) => signInAsAdmin(a, o, 'alice', 'x'), { clientID: 'x' }, 'did you mean "clientId"?'],
    ['identityProviders.update', (a, o) => a.identityProviders.update('x', o), { detail: {} }, '"details"?'],
    ['identityProviders.create', (a, o) => a.identityProviders.create(o), { typ: 'OIDC' }, '"type"?'],
  ]

  it.each(cases)('%s names them', async (place, act, options, message) => {
    const error = await errorOf((async () => act(admin, options as never))())
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(String((error as Error).message)).toContain(place)
    expect(String((error as Error).message)).toContain(message)
    expect(pool.requests).toHaveLength(0)
  })
})

describe('app clients and identity providers', () => {
  it('keep what an update does not name', async () => {
    const clientId = pool.settings.clientId
    await admin.clients.update(clientId, {
      callbackURLs: ['https://app.test/cb'],
      supportedIdentityProviders: ['COGNITO'],
      allowedOAuthFlows: ['code'],
      allowedOAuthScopes: ['openid'],
      allowedOAuthFlowsUserPoolClient: true,
      tokenValidityUnits: { accessToken: 'minutes' },
      accessTokenValidity: 30,
    })
    const before = await admin.clients.describe(clientId)
    expect(before).toMatchObject({
      clientId,
      callbackURLs: ['https://app.test/cb'],
      tokenValidityUnits: { accessToken: 'minutes' },
    })
    const after = await admin.clients.update(clientId, { accessTokenValidity: 45, callbackURLs: undefined })
    expect(after).toEqual({ ...before, accessTokenValidity: 45, updatedAt: after.updatedAt })
    expect(after.createdAt).toBeInstanceOf(Date)
  })

  it('have names of their own in their details', async () => {
    const details = {
      client_id: 'a',
      client_secret: 'b',
      authorize_scopes: 'openid',
      attributes_request_method: 'GET',
      oidc_issuer: 'https://idp.test',
    }
    const provider = {
      name: 'Corp',
      type: 'OIDC',
      details,
      attributeMapping: { email: 'email' },
      identifiers: ['corp.test'],
    } as const
    expect(await admin.identityProviders.create(provider)).toMatchObject(provider)
    await admin.identityProviders.update('Corp', { attributeMapping: { name: 'name' } })
    expect(await admin.identityProviders.describe('Corp')).toMatchObject({
      name: 'Corp',
      attributeMapping: { name: 'name' },
      details,
    })
  })
})

describe('signInAsAdmin', () => {
  const tokens = {
    AuthenticationResult: { AccessToken: 'a', IdToken: 'i', RefreshToken: 'r', ExpiresIn: 3600, TokenType: 'Bearer' },
  }
  const challenge = (ChallengeName: string, ChallengeParameters: object = {}, more: object = {}) =>
    answer({ ChallengeName, Session: 's', ChallengeParameters, ...more })
  const signIn = async (response: Response) =>
    signInAsAdmin(scripted([response]).admin, { clientId: 'c' }, 'alice', 'Correct-Horse-1')

  it('gives tokens', async () => {
    const { admin, sent } = scripted([answer(tokens)])
    expect(await signInAsAdmin(admin, { clientId: 'c', clientSecret: 'k' }, 'alice', 'Correct-Horse-1')).toEqual({
      status: 'signed-in',
      tokens: {
        ...{ accessToken: 'a', idToken: 'i', refreshToken: 'r', expiresIn: 3600, deviceKey: undefined },
        expiresAt: Date.UTC(2026, 0, 1) / 1000 + 3600,
      },
      newDevice: undefined,
    })
    expect(sent[0]?.input).toMatchObject({
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: {
        USERNAME: 'alice',
        PASSWORD: 'Correct-Horse-1',
        SECRET_HASH: expect.stringMatching(/^[\w+/]{43}=$/),
      },
    })
  })

  const delivery = { CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS', CODE_DELIVERY_DESTINATION: '+***1' }
  it.each<[string, object, object, object]>([
    ['SMS_MFA', delivery, {}, { medium: 'SMS', destination: '+***1' }],
    ['EMAIL_OTP', delivery, {}, { medium: 'SMS', destination: '+***1' }],
    ['SMS_OTP', delivery, {}, { medium: 'SMS', destination: '+***1' }],
    ['SOFTWARE_TOKEN_MFA', { FRIENDLY_DEVICE_NAME: 'phone' }, {}, { deviceName: 'phone' }],
    [
      'SELECT_MFA_TYPE',
      { MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]' },
      {},
      { choices: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] },
    ],
    ['MFA_SETUP', { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' }, {}, { choices: ['SOFTWARE_TOKEN_MFA'] }],
    ['MFA_SETUP', { MFAS_CAN_SETUP: 'nonsense' }, {}, { choices: [] }],
    [
      'SELECT_CHALLENGE',
      {},
      { AvailableChallenges: ['PASSWORD', 'WEB_AUTHN'] },
      { choices: ['PASSWORD', 'WEB_AUTHN'] },
    ],
    ['WEB_AUTHN', { CREDENTIAL_REQUEST_OPTIONS: '{"challenge":"x"}' }, {}, { requestOptions: { challenge: 'x' } }],
    [
      'NEW_PASSWORD_REQUIRED',
      { requiredAttributes: '["userAttributes.name"]', userAttributes: '{"email":"a@b.c"}' },
      {},
      { requiredAttributes: ['name'], attributes: { email: 'a@b.c' } },
    ],
    ['CUSTOM_CHALLENGE', { question: '?' }, {}, { parameters: { question: '?' } }],
    ['PASSWORD', {}, {}, {}],
    ['PASSWORD_SRP', { USER_ID_FOR_SRP: 'u-1' }, {}, { username: 'u-1' }],
  ])('gives the challenge %s', async (name, parameters, more, expected) => {
    const step = await signIn(challenge(name, parameters, more))
    expect(step).toMatchObject({ status: 'challenge', challenge: name, session: 's', username: 'alice', ...expected })
  })

  it.each([
    ...[
      'TELEPATHY',
      'PASSWORD_VERIFIER',
      'DEVICE_SRP_AUTH',
      'DEVICE_PASSWORD_VERIFIER',
      'ADMIN_NO_SRP_AUTH',
      'toString',
    ],
  ])('gives %s, which no person answers here, as it is', async (name) => {
    expect(await signIn(challenge(name, { HINT: '7' }))).toEqual({
      status: 'other-challenge',
      challenge: name,
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: 'c',
      username: 'alice',
      session: 's',
      parameters: { HINT: '7' },
    })
  })

  it('answers challenges, by the name that Cognito gave', async () => {
    const asked = challenge('SMS_MFA', { USER_ID_FOR_SRP: 'u-1' })
    const { admin, sent } = scripted([asked, answer(tokens)])
    const options = { clientId: 'c', clientSecret: 'k', clientMetadata: { a: 'b' } }
    const step = await signInAsAdmin(admin, options, 'alice@x.test', 'Correct-Horse-1')
    if (step.status !== 'challenge' || step.challenge !== 'SMS_MFA') throw new Error('another step')
    expect(await respondAsAdmin(admin, options, step, { code: '123456' })).toMatchObject({ status: 'signed-in' })
    expect(sent[1]).toMatchObject({
      operation: 'AdminRespondToAuthChallenge',
      input: {
        ChallengeName: 'SMS_MFA',
        Session: 's',
        ChallengeResponses: { USERNAME: 'u-1', SMS_MFA_CODE: '123456', SECRET_HASH: expect.any(String) },
        ClientMetadata: { a: 'b' },
      },
    })
  })

  it('sets up an authenticator app on the way', async () => {
    const verified = answer({ Status: 'SUCCESS', Session: 's2' })
    const { admin, sent } = scripted([challenge('MFA_SETUP'), verified, answer(tokens)])
    const step = await signInAsAdmin(admin, { clientId: 'c' }, 'alice', 'Correct-Horse-1')
    if (step.status !== 'challenge' || step.challenge !== 'MFA_SETUP') throw new Error('another step')
    await respondAsAdmin(admin, { clientId: 'c' }, step, { code: '123456' })
    expect(sent.map(({ operation }) => operation)).toEqual([
      ...['AdminInitiateAuth', 'VerifySoftwareToken', 'AdminRespondToAuthChallenge'],
    ])
    expect(sent[2]?.input).toMatchObject({ Session: 's2' })
  })

  it('sets up no authenticator app without a code, or by one that was not right', async () => {
    const refusal = answer({ Status: 'ERROR', Session: 's2' })
    const { admin, sent } = scripted([challenge('MFA_SETUP'), refusal])
    const step = await signInAsAdmin(admin, { clientId: 'c' }, 'alice', 'Correct-Horse-1')
    if (step.status !== 'challenge' || step.challenge !== 'MFA_SETUP') throw new Error('another step')
    for (const given of [{}, { code: undefined }, { code: 7 }]) {
      expect(await errorOf(respondAsAdmin(admin, { clientId: 'c' }, step, given as never))).toMatchObject({
        message: 'respondAsAdmin: code: expected the first code of the app, or an email.',
      })
    }
    const options = { clientId: 'c' }
    const named = { code: '123456', deviceName: 'phone' }
    expect(await errorOf(respondAsAdmin(admin, options, step, named))).toMatchObject({ code: 'ANSWER_MALFORMED' })
    expect(sent[1]?.input).toEqual({ Session: 's', UserCode: '123456', FriendlyDeviceName: 'phone' })
    expect(sent).toHaveLength(2)
  })

  it('takes a step that was carried as JSON, and refuses what is none', async () => {
    const { admin } = scripted([])
    const place = { userPoolId: admin.userPoolId, clientId: 'c', username: 'alice', parameters: {} }
    const bare = { status: 'challenge', challenge: 'NEW_PASSWORD_REQUIRED', ...place, username: undefined }
    const asked = respondAsAdmin(admin, { clientId: 'c' }, bare as never, { password: 'x' } as never)
    expect(await errorOf(asked)).toMatchObject({ code: 'STEP_INVALID' })
  })

  it('answers no step of another client, and none by SRP', async () => {
    const { admin } = scripted([challenge('PASSWORD_SRP')])
    const step = await signInAsAdmin(admin, { clientId: 'c' }, 'alice', 'Correct-Horse-1')
    if (step.status !== 'challenge' || step.challenge !== 'PASSWORD_SRP') throw new Error('another step')
    for (const clientId of ['c', 'd']) {
      const error = await errorOf(respondAsAdmin(admin, { clientId }, step, { password: 'Correct-Horse-1' }))
      expect(error).toMatchObject({ code: 'CONFIGURATION' })
    }
  })

  it('works with the local pool', async () => {
    const scene = await administered({
      users: { alice: { password: 'Correct-Horse-1' } },
      clients: [{ clientId: 'server', secret: 'hush' }],
    })
    const options = { clientId: 'server', clientSecret: 'hush' }
    expect(await signInAsAdmin(scene.admin, options, 'alice', 'Correct-Horse-1')).toMatchObject({ status: 'signed-in' })
    const error = await errorOf(signInAsAdmin(scene.admin, options, 'alice', 'Wrong-Horse-7'))
    expect(error).toMatchObject({ code: 'NotAuthorizedException' })
    expect(String(error)).not.toContain('Wrong-Horse')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMembers, type Journal, type SyncOptions, syncMembers } from '../../src/admin/index.ts'
import { administered } from '../support/administered.ts'
import { answer, scripted } from '../support/aws.ts'

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 }))

/** What a filter says, read as Cognito documents it: an attribute, an operator, a quoted text with escapes. */
function readFilter(filter: unknown): { name: string; operator: string; value: string } | undefined {
  const [, name, operator, quoted] = /^([a-z_:]+) (=|\^=) "((?:[^"\\]|\\["\\])*)"$/s.exec(`${filter}`) ?? []
  if (name === undefined || operator === undefined || quoted === undefined) return undefined
  return { name, operator, value: quoted.replace(/\\(.)/gs, '$1') }
}

describe('filters', () => {
  it('say what was asked for, whatever is in the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('username', 'sub', 'email', 'phone_number', 'name', 'given_name', 'preferred_username'),
        text,
        fc.boolean(),
        async (name, value, isStart) => {
          const { admin, sent } = scripted([answer({ Users: [] })])
          await admin.users.list({ filter: { [name]: isStart ? { startsWith: value } : value } as never }).toArray()
          expect(readFilter(sent[0]?.input['Filter'])).toEqual({ name, operator: isStart ? '^=' : '=', value })
        },
      ),
    )
  })

  it('find the users who have it, and no others', async () => {
    const { admin } = await administered({ users: ['alice', 'bob', 'carol'] })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), async (value) => {
        await admin.users.updateAttributes('alice', { given_name: value })
        await admin.users.updateAttributes('bob', { given_name: `${value}"` })
        const found = await admin.users.list({ filter: { given_name: value } }).toArray()
        expect(found.map(({ username }) => username)).toEqual(['alice'])
      }),
      { numRuns: 60 },
    )
  })

  it('of more than one condition, or of none, are refused', async () => {
    const { admin, sent } = scripted([])
    const name = fc.constantFrom('email', 'name', 'status', 'a b', 'email = "x" or name', '', '__proto__', 'Email')
    await fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 3 }), (names) => {
        const filter = Object.fromEntries(names.map((key) => [key, 'x']))
        fc.pre(names.length !== 1 || !/^[a-z_]+$/.test(names[0] ?? ''))
        expect(() => admin.users.list({ filter: filter as never })).toThrow(
          expect.objectContaining({ code: 'CONFIGURATION' }),
        )
      }),
    )
    expect(sent).toHaveLength(0)
  })
})

describe('names', () => {
  /** 1 to 128 code points of the classes that Cognito admits. */
  const name = fc
    .array(fc.constantFrom(...'aZ9/%"\'\\#?&+=.,:;<>(){}[]|~^$€äß😀漢字é*@!-_', 'e\u0301', '__proto__', '..'), {
      minLength: 1,
      maxLength: 20,
    })
    .map((parts) => parts.join(''))

  it('of groups come back as they were given, in every method', async () => {
    const { admin } = await administered({ users: ['alice'] })
    await fc.assert(
      fc.asyncProperty(name, async (group) => {
        expect(await admin.groups.create({ name: group, description: group })).toMatchObject({ name: group })
        expect(await admin.groups.get(group)).toMatchObject({ name: group, description: group })
        await admin.users.addToGroup('alice', group)
        expect((await admin.users.groups('alice').toArray()).map((item) => item.name)).toEqual([group])
        expect((await admin.groups.members(group).toArray()).map(({ username }) => username)).toEqual(['alice'])
        expect(await addMembers(admin, [{ username: 'alice', group }])).toMatchObject({ skipped: [{ group }] })
        await admin.groups.delete(group)
      }),
      { numRuns: 60 },
    )
  })
})

describe('journals', () => {
  const names = ['ann', 'bea', 'cat', 'dan', 'eve', 'fay']
  const entries = ['ann', 'bea', 'cat'].map((username) => ({ username, group: 'staff' }))
  const scene = () =>
    administered({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      groups: ['staff'],
      users: names.map((username, index) => ({ username, groups: index > 1 ? ['staff'] : [] })),
    })
  const memory = (given?: string) => {
    const journal: Journal & { text: string | undefined } = {
      text: given,
      load: async () => journal.text,
      save: async (saved) => void (journal.text = saved),
    }
    return journal
  }
  const options = (journal: Journal): SyncOptions => ({ groups: ['staff'], maxRemovals: 3, journal, concurrency: 1 })

  it('take a run that is cut anywhere, any number of times, to the same end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }), async (cuts) => {
        const { pool, admin } = await scene()
        const journal = memory()
        for (const maxCalls of cuts) {
          const cut = await syncMembers(admin, entries, { ...options(journal), maxCalls })
          const { ok, skipped, failed, pending } = cut
          expect(ok.length + skipped.length + failed.length + pending.length).toBeGreaterThanOrEqual(entries.length)
          if (cut.stopReason === 'done') return
        }
        const { stopReason, failed } = await syncMembers(admin, entries, options(journal))
        expect([stopReason, failed]).toEqual(['done', []])
        expect((await admin.groups.members('staff').toArray()).map(({ username }) => username)).toEqual([
          'ann',
          'bea',
          'cat',
        ])
        expect(pool.count('AdminRemoveUserFromGroup')).toBe(3)
        expect(pool.count('AdminAddUserToGroup')).toBe(2)
      }),
      { numRuns: 40 },
    )
  })

  it('that somebody has edited are refused or do no harm', async () => {
    const { admin: first } = await scene()
    const written = memory()
    await syncMembers(first, entries, { ...options(written), maxCalls: 3 })
    const saved: object = JSON.parse(written.text ?? '')
    const paths = pathsOf(saved)
    const { admin: second } = await scene()
    expect(await syncMembers(second, entries, options(memory(written.text)))).toMatchObject({ stopReason: 'done' })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), async (path, value) => {
        const { pool, admin } = await scene()
        const journal = memory(JSON.stringify(replaced(saved, path, value)))
        const outcome = await syncMembers(admin, entries, options(journal)).catch((error: unknown) => error)
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ code: expect.stringMatching(/^(CONFIGURATION|TOO_MANY_REMOVALS)$/) })
        }
        expect(pool.count('AdminRemoveUserFromGroup')).toBeLessThanOrEqual(3)
        const now = (await admin.groups.members('staff').toArray()).map(({ username }) => username)
        expect(now).toContain('cat')
      }),
      { numRuns: 150 },
    )
  })

  it('of any text are refused', async () => {
    const { pool, admin } = await scene()
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.json()), async (garbage) => {
        const error = await syncMembers(admin, entries, options(memory(garbage))).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(/^journal: /) })
      }),
      { numRuns: 60 },
    )
    expect(pool.requests).toHaveLength(0)
  })
})

/** The ways to all values of a JSON value. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))]
}

/** A copy in which one value is another. */
function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by
  if (Array.isArray(value)) return value.map((item, index) => (`${index}` === name ? replaced(item, rest, by) : item))
  const members = Object.entries(value as object)
  return Object.fromEntries(members.map(([key, item]) => [key, key === name ? replaced(item, rest, by) : item]))
}

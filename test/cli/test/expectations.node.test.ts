import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { findUnnoticed } from '../../../src/cli/test/coverage.ts'
import { askedAt, checkExpectations, type Question, readExpectations } from '../../../src/cli/test/expectations.ts'
import { FileError } from '../../../src/cli/source-text.ts'
import { defineGroups, type GroupDefinition } from '../../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'cognigate-expectations-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

function write(text: string): string {
  const file = join(folder, `groups${count++}.test.yaml`)
  writeFileSync(file, text)
  return file
}

const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'] },
    vip: { allow: [{ permission: 'posts.preview', when: { 'custom:tier': ['gold', 'platinum'] } }] },
    admin: { allow: ['*'] },
  },
  {
    permissions: ['posts.read', 'posts.write', 'posts.purge', 'posts.preview', 'users.delete'],
    require: { 'users.delete': { auth_time: { maxAge: 900 } } },
    trustedClaims: ['custom:tier'],
  },
)

describe('expectations', () => {
  it('hold, each asked once for every permission that it means', async () => {
    const { rows, map } = await readExpectations(
      write(`map: groups.yaml
expect:
  - { who: viewer, may only: posts.read }
  - { who: [admin, editor], may: 'posts.*', not: users.delete }
  - { who: vip, claims: { 'custom:tier': gold }, may: posts.preview }
  - { who: admin, signed in: 10 min ago, may: users.delete }
  - { who: admin, signed in: 2 h ago, not: users.delete }
  - { who: nobody, not: '*' }
`),
    )
    expect(map).toBe(join(folder, 'groups.yaml'))
    const { questions, failures } = checkExpectations(groups, rows)
    expect(questions).toHaveLength(5 + 5 + 1 + 1 + 1 + 5)
    expect(failures.map(({ message, place }) => [place?.line, message])).toEqual([
      [4, 'members of admin and editor may not posts.purge'],
    ])
    expect(failures[0]?.reason).toBe('DENY_EXPLICIT; editor denies posts.purge')
  })

  it('that are wrong say which rule decided, and who would allow it', async () => {
    const { rows } = await readExpectations(
      write(`expect:
  - who: viewer
    may: [posts.write, users.raed, post.read]
  - { who: edtor, not: posts.read }
  - { who: admin, may: users.delete }
`),
    )
    const { failures } = checkExpectations(groups, rows)
    expect(failures.map(({ message, reason, place }) => [`${place?.line}:${place?.column}`, message, reason])).toEqual([
      ['3:24', 'there is no permission "users.raed"', undefined],
      ['3:36', 'there is no permission "post.read"; did you mean "posts.read"?', undefined],
      ['3:11', 'members of viewer may not posts.write', 'DENY_DEFAULT; editor, admin would allow it'],
      ['4:12', 'there is no group "edtor"; the groups are viewer, editor, vip, admin', undefined],
      [
        '5:24',
        'members of admin may not users.delete',
        'DENY_CONDITION; admin allows *; the gate of users.delete does not hold: auth_time',
      ],
    ])
  })

  it('with mistakes are refused, every mistake with its place', async () => {
    const reading = readExpectations(
      write(`exepct: []
expect:
  - { whom: viewer, may: posts.read }
  - { who: viewer, signed in: yesterday, may: 7 }
  - { who: viewer }
  - { who: viewer, may only: a, not: b }
`),
    )
    const error = await reading.catch((reason: unknown) => reason)
    expect(
      error instanceof FileError && error.problems.map(({ place, message }) => `${place?.line} ${message}`),
    ).toEqual([
      '1 unknown key "exepct"; expected map, expect',
      '3 unknown key "whom"; expected one of who, claims, signed in, may, may only, not',
      '3 expected `who`: a group, a list of groups, or nobody',
      '4 expected how long ago, such as "10 min ago" (s, min, h or d)',
      '4 expected a name, or a list of names',
      '5 expected `may`, `may only` or `not`',
      '6 beside `may only` it says nothing: leave it out',
    ])
  })
})

describe('changes of one thing', () => {
  const question = (who: string[], permission: string, claims = {}): Question => ({
    who,
    permission,
    claims,
    isAllowed: groups.can(who, permission as 'posts.read', { claims, now: askedAt }),
    place: undefined,
  })

  it('that no expectation notices are shown with one that would', () => {
    const { unnoticed, changes, noticed } = findUnnoticed(groups, [
      question(['viewer'], 'posts.read'),
      question(['editor'], 'posts.write'),
      question(['vip'], 'posts.preview', { 'custom:tier': 'gold' }),
    ])
    expect(changes - noticed).toBe(unnoticed.length)
    expect(unnoticed.map(({ path, change, add }) => [path, change, add])).toEqual([
      ['groups.editor.deny[0]', 'deny posts.purge dropped', { who: ['admin', 'editor'], not: 'posts.purge' }],
      ['groups.editor.inherits[0]', 'inherits viewer dropped', { who: 'editor', may: 'posts.read' }],
      ['groups.vip.allow[0]', 'allow posts.preview: condition dropped', { who: 'vip', not: 'posts.preview' }],
      [
        'groups.vip.allow[0]',
        'allow posts.preview: custom:tier "platinum" dropped',
        { who: 'vip', claims: { 'custom:tier': 'platinum' }, may: 'posts.preview' },
      ],
      ['groups.admin.allow[0]', 'allow * dropped', expect.objectContaining({ who: 'admin' })],
      ['require["users.delete"]', 'gate of users.delete dropped', { who: 'admin', not: 'users.delete' }],
      [
        'require["users.delete"]',
        'gate of users.delete: auth_time twice as old',
        { who: 'admin', 'signed in': '901 s ago', not: 'users.delete' },
      ],
    ])
  })

  it('are noticed by exactly the questions whose answer they change', () => {
    const names = ['a', 'b', 'c']
    const permissions = ['x.one', 'x.two', 'y']
    const rule = fc.constantFrom('*', 'x.*', ...permissions)
    const group = (parents: readonly string[]): fc.Arbitrary<GroupDefinition> =>
      fc.record({
        inherits: parents.length > 0 ? fc.subarray([...parents]) : fc.constant([]),
        allow: fc.array(
          fc.oneof(
            rule,
            rule.map((permission) => ({ permission, when: { acr: ['high', 'low'] } })),
          ),
          { maxLength: 2 },
        ),
        deny: fc.array(rule, { maxLength: 1 }),
      })
    const map = fc
      .record({
        definitions: fc.record({ a: group([]), b: group(['a']), c: group(['a', 'b']) }),
        gate: fc.option(fc.constantFrom('x.*', 'y')),
      })
      .map(({ definitions, gate }) =>
        defineGroups<string, string>(definitions, {
          permissions,
          ...(gate !== null && { require: { [gate]: { auth_time: { maxAge: 60 } } } }),
        }),
      )
    const asked = fc.array(
      fc.record({
        who: fc.subarray(names),
        permission: fc.constantFrom(...permissions),
        claims: fc.record(
          { acr: fc.constantFrom('high', 'low'), auth_time: fc.constantFrom(askedAt / 1000, askedAt / 1000 - 90) },
          { requiredKeys: [] },
        ),
      }),
      { maxLength: 6 },
    )
    let seen = 0
    fc.assert(
      fc.property(map, asked, (drawn, questions) => {
        const wanted = questions.map(
          ({ who, permission, claims }): Question => ({
            who,
            permission,
            claims,
            isAllowed: drawn.can(who, permission, { claims, now: askedAt }),
            place: undefined,
          }),
        )
        const { unnoticed, noticed } = findUnnoticed(drawn, wanted)
        seen += noticed
        // Each line that is to be added holds for the map, and tells it from the changed one.
        const added = unnoticed.flatMap(({ add }) => {
          if (add === undefined) return []
          const age = /^(\d+) s ago$/.exec(String(add['signed in'] ?? ''))?.[1]
          const claims = { ...(add['claims'] as object), ...(age && { auth_time: askedAt / 1000 - Number(age) }) }
          const isAllowed = 'may' in add
          const question: Question = {
            who: [add['who']].flat() as string[],
            permission: String(add['may'] ?? add['not']),
            claims,
            isAllowed,
            place: undefined,
          }
          expect(drawn.can(question.who, question.permission, { claims, now: askedAt })).toBe(isAllowed)
          return [question]
        })
        const left = findUnnoticed(drawn, [...wanted, ...added]).unnoticed
        expect(left.filter(({ add }) => add !== undefined)).toEqual([])
      }),
      { numRuns: 150, seed: 20_261_127 },
    )
    expect(seen).toBeGreaterThan(100)
  })
})

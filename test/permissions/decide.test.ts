import { describe, expect, it } from 'vitest'
import { defineGroups } from '../../src/permissions/index.ts'

const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'], precedence: 20 },
    chief: { inherits: ['editor'], allow: ['posts.*'] },
    vip: { allow: [{ permission: 'posts.preview', when: { 'custom:tier': ['gold', 'platinum'] } }] },
    admin: { allow: ['*'], precedence: 1, description: 'All of it' },
  },
  {
    permissions: [
      'posts',
      'posts.read',
      'posts.write',
      'posts.purge',
      'posts.preview',
      'posts.drafts.read',
      'users.delete',
    ],
    require: { 'users.delete': { auth_time: { maxAge: 900 } } },
    trustedClaims: ['custom:tier'],
  },
)

describe('decisions', () => {
  it.each<[string[], Parameters<typeof groups.can>[1], string]>([
    [['viewer'], 'posts.read', 'ALLOW'],
    [['viewer'], 'posts.write', 'DENY_DEFAULT'],
    [['editor'], 'posts.read', 'ALLOW'],
    [['unknown'], 'posts.read', 'DENY_DEFAULT'],
    [['unknown', 'viewer'], 'posts.read', 'ALLOW'],
    [[], 'posts.read', 'NO_GROUPS'],
    [['chief'], 'posts.drafts.read', 'ALLOW'],
    [['chief'], 'posts', 'DENY_DEFAULT'],
    [['chief'], 'posts.purge', 'DENY_EXPLICIT'],
    [['admin'], 'posts', 'ALLOW'],
    [['admin'], 'posts.purge', 'ALLOW'],
    [['admin', 'editor'], 'posts.purge', 'DENY_EXPLICIT'],
    [['chief', 'admin'], 'posts.purge', 'DENY_EXPLICIT'],
    [['vip'], 'posts.preview', 'DENY_CONDITION'],
    [['vip', 'chief'], 'posts.preview', 'ALLOW'],
    [['admin'], 'users.delete', 'DENY_CONDITION'],
  ])('%j, %s: %s', (memberOf, fn, code) => {
    const decision = { allowed: code === 'ALLOW', code, permission: fn, groups: memberOf }
    expect(groups.decide(memberOf, fn)).toMatchObject(decision)
    expect(groups.explain(memberOf, fn)).toMatchObject(decision)
    expect(groups.can(memberOf, fn)).toBe(decision.allowed)
  })

  it.each(['posts.raed', 'posts.*', '*', '', 'posts.', 'toString', '__proto__', 'POSTS.READ', 'posts.read '])(
    'a permission that is not known is never allowed: %j',
    (fn) => {
      expect(groups.knows(fn)).toBe(false)
      expect(groups.decide(['admin'], fn)).toEqual({
        allowed: false,
        code: 'DENY_DEFAULT',
        permission: fn,
        groups: ['admin'],
        matched: [],
        failed: [],
      })
      expect(groups.explain([], fn)).toMatchObject({ code: 'DENY_DEFAULT', matched: [], failed: [], wouldAllow: [] })
      expect(groups.stepUp(['admin'], fn)).toBeUndefined()
    },
  )

  it('without a list knows the names that rules of any kind have, wildcards aside', () => {
    const few = defineGroups({
      a: { allow: ['x', { permission: 'y', when: { acr: 'high' } }, 'z.*'], deny: ['z.deny'] },
      b: { allow: ['*'] },
    })
    expect(few.permissions.toSorted()).toEqual(['x', 'y', 'z.deny'])
    expect(few.can(['b'], 'z.deny')).toBe(true)
    expect(few.decide(['b'], 'z.other').code).toBe('DENY_DEFAULT')
  })

  it('reads a cognises array', () => {
    const seed = defineGroups([
      {
        group_name: 'Group1',
        group_policy: {},
        created: 'false',
        allowed_functions: ['protected', 'admin_panel', 'update_data'],
      },
      { group_name: 'String', group_policy: {}, created: 'true', allowed_functions: ['public', 'view_data'] },
    ])
    expect(seed.names).toEqual(['Group1', 'String'])
    expect(seed.can(['String'], 'admin_panel')).toBe(false)
    expect(seed.can(['String', 'Group1'], 'admin_panel')).toBe(true)
    expect(seed.definitions.String).toEqual({ inherits: [], allow: ['public', 'view_data'], deny: [] })
  })

  it('takes groups that are defined already as they are, from any copy of the package', () => {
    expect(defineGroups(groups)).toBe(groups)
    const other = { ...groups }
    expect(defineGroups(other)).toBe(other)
  })

  it('hands out the full definitions', () => {
    expect(groups.definitions).toEqual({
      viewer: { inherits: [], allow: ['posts.read'], deny: [] },
      editor: { inherits: ['viewer'], allow: ['posts.write'], deny: ['posts.purge'], precedence: 20 },
      chief: { inherits: ['editor'], allow: ['posts.*'], deny: [] },
      vip: {
        inherits: [],
        allow: [{ permission: 'posts.preview', when: { 'custom:tier': ['gold', 'platinum'] } }],
        deny: [],
      },
      admin: { inherits: [], allow: ['*'], deny: [], precedence: 1, description: 'All of it' },
    })
    expect(groups.options.require).toEqual({ 'users.delete': { auth_time: { maxAge: 900 } } })
  })
})

describe('explanations', () => {
  it('name the rules that decide and the way they came', () => {
    expect(groups.explain(['chief', 'admin'], 'posts.read')).toEqual({
      allowed: true,
      code: 'ALLOW',
      permission: 'posts.read',
      groups: ['chief', 'admin'],
      matched: [
        { effect: 'allow', rule: 'posts.*', group: 'chief', via: ['chief'] },
        { effect: 'allow', rule: '*', group: 'admin', via: ['admin'] },
        { effect: 'allow', rule: 'posts.read', group: 'viewer', via: ['chief', 'editor', 'viewer'] },
      ],
      failed: [],
      wouldAllow: [],
    })
    expect(groups.explain(['chief', 'admin'], 'posts.purge')).toMatchObject({
      code: 'DENY_EXPLICIT',
      matched: [{ effect: 'deny', rule: 'posts.purge', group: 'editor', via: ['chief', 'editor'] }],
      wouldAllow: [],
    })
  })

  it('cannot be changed for those who ask later', () => {
    const { matched } = groups.explain(['chief'], 'posts.purge')
    const [rule] = matched
    expect(rule).toEqual({ effect: 'deny', rule: 'posts.purge', group: 'editor', via: ['chief', 'editor'] })
    expect([Object.isFrozen(rule), Object.isFrozen(rule?.via)]).toEqual([true, true])
  })

  it('take the shortest way', () => {
    const way = (memberOf: string[]) =>
      groups.explain(memberOf, 'posts.read').matched.find(({ group }) => group === 'viewer')?.via
    expect(way(['chief'])).toEqual(['chief', 'editor', 'viewer'])
    expect(way(['chief', 'editor'])).toEqual(['editor', 'viewer'])
    expect(way(['viewer', 'chief'])).toEqual(['viewer'])
  })

  it('name the condition that does not hold, and nothing of its values', () => {
    const denied = groups.explain(['vip'], 'posts.preview', { claims: { 'custom:tier': 'silver' } })
    expect(denied).toMatchObject({
      code: 'DENY_CONDITION',
      matched: [{ effect: 'allow', rule: 'posts.preview', group: 'vip', via: ['vip'] }],
      failed: [{ at: 'when', rule: 'posts.preview', group: 'vip', claim: 'custom:tier', kind: 'equals' }],
      wouldAllow: ['chief', 'admin'],
    })
    expect(JSON.stringify(denied)).not.toMatch(/silver|gold|platinum/)
    const gated = groups.explain(['admin'], 'users.delete', { claims: { auth_time: 1_111 }, now: 9_999_000 })
    expect(gated).toMatchObject({
      failed: [{ at: 'require', rule: 'users.delete', claim: 'auth_time', kind: 'maxAge' }],
      wouldAllow: [],
    })
    expect(JSON.stringify(gated)).not.toMatch(/1111|9999|900/)
  })

  it('leave conditions out that made no difference', () => {
    const { matched, failed } = groups.explain(['vip', 'chief'], 'posts.preview')
    expect(matched).toEqual([{ effect: 'allow', rule: 'posts.*', group: 'chief', via: ['chief'] }])
    expect(failed).toEqual([])
  })

  it('name what would have helped somebody without groups', () => {
    expect(groups.explain([], 'posts.write').wouldAllow).toEqual(['editor', 'chief', 'admin'])
    expect(groups.explain(['unknown'], 'users.delete', { claims: { auth_time: 1 }, now: 2_000 }).wouldAllow).toEqual([
      'admin',
    ])
    expect(groups.explain(['unknown'], 'users.delete').wouldAllow).toEqual([])
  })

  it('survive JSON unchanged', () => {
    for (const memberOf of [[], ['vip'], ['chief', 'admin']]) {
      for (const fn of groups.permissions) {
        const explanation = groups.explain(memberOf, fn)
        expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
      }
    }
  })
})

describe('reports', () => {
  it('mark what depends on claims', () => {
    expect(groups.effective(['admin', 'editor'])).toEqual({
      posts: 'allow',
      'posts.read': 'allow',
      'posts.write': 'allow',
      'posts.purge': 'deny',
      'posts.preview': 'allow',
      'posts.drafts.read': 'allow',
      'users.delete': 'conditional',
    })
    expect(groups.matrix().vip['posts.preview']).toBe('conditional')
    expect(groups.matrix().viewer).toEqual(groups.effective(['viewer']))
    expect(JSON.parse(JSON.stringify(groups.matrix()))).toEqual(groups.matrix())
  })
})

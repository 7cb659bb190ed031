import { expectTypeOf, test } from 'vitest'
import { defineGroups, type GroupDefinition, type Groups, type ReasonedDecision } from '../../src/permissions/index.ts'

test('the known permissions are the literals of the map that are not wildcards', () => {
  const groups = defineGroups({
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write', 'drafts.*'], deny: ['posts.purge'], precedence: 20 },
    vip: { allow: [{ permission: 'posts.preview', when: { 'custom:tier': ['gold'] } }] },
    owner: { allow: [{ permission: 'posts.edit', when: (claims, { resource }) => claims.sub === resource }] },
    admin: { allow: ['*'] },
  })
  type Names = 'posts.read' | 'posts.write' | 'posts.purge' | 'posts.preview' | 'posts.edit'
  expectTypeOf(groups).toEqualTypeOf<Groups<Names, 'viewer' | 'editor' | 'vip' | 'owner' | 'admin'>>()
  groups.can([], 'posts.read')
  // @ts-expect-error a misspelt name
  groups.can([], 'posts.raed')
  // @ts-expect-error a wildcard is no function
  groups.can([], 'drafts.*')
  expectTypeOf(groups.explain([], 'anything').wouldAllow).toEqualTypeOf<readonly string[]>()
  expectTypeOf(groups.decide([], 'anything')).toEqualTypeOf<ReasonedDecision>()
  const name: string = 'posts.read'
  if (groups.knows(name)) expectTypeOf(name).toEqualTypeOf<Names>()
  expectTypeOf(groups.matrix().vip['posts.read']).toEqualTypeOf<'allow' | 'deny' | 'conditional'>()
})

test('with a list the permissions are exactly the list, and the map is checked against it', () => {
  const groups = defineGroups(
    { viewer: { allow: ['posts.read', 'posts.*', '*'] }, editor: { inherits: ['viewer'], deny: ['posts.purge'] } },
    {
      permissions: ['posts.read', 'posts.purge', 'users.delete'],
      require: { 'users.delete': { auth_time: { maxAge: 900 } }, 'posts.*': { acr: 'high' } },
    },
  )
  expectTypeOf(groups).toEqualTypeOf<Groups<'posts.read' | 'posts.purge' | 'users.delete', 'viewer' | 'editor'>>()
  // @ts-expect-error not in the list
  groups.can([], 'posts.write')

  defineGroups(
    {
      // @ts-expect-error misspelt in allow
      viewer: { allow: ['posts.raed'] },
      // @ts-expect-error misspelt in deny
      editor: { deny: ['posts.raed'] },
      // @ts-expect-error misspelt in a rule with a condition
      vip: { allow: [{ permission: 'posts.raed', when: { acr: 'high' } }] },
      // @ts-expect-error misspelt parent
      admin: { inherits: ['editr'] },
    },
    { permissions: ['posts.read'] },
  )
  const read = { viewer: { allow: ['posts.read'] } } as const
  // @ts-expect-error misspelt in a gate
  defineGroups(read, { permissions: ['posts.read'], require: { 'posts.raed': { acr: 'high' } } })
})

test('mistakes in a map without a list', () => {
  // @ts-expect-error misspelt parent
  defineGroups({ viewer: { allow: ['posts.read'] }, editor: { inherits: ['viewr'] } })
  // @ts-expect-error a parent in a map without rules
  defineGroups({ viewer: {}, editor: { inherits: ['viewr'] } })
  // @ts-expect-error misspelt key
  defineGroups({ viewer: { alow: ['posts.read'] } })
  // @ts-expect-error a deny has no condition
  defineGroups({ viewer: { deny: [{ permission: 'posts.read', when: { acr: 'high' } }] } })
  // @ts-expect-error not a name
  defineGroups({ viewer: { allow: [5] } })
  // @ts-expect-error maxAge is a number
  defineGroups({ viewer: { allow: [{ permission: 'a', when: { auth_time: { maxAge: '900' } } }] } })
  // @ts-expect-error a predicate is synchronous
  defineGroups({ viewer: { allow: [{ permission: 'a', when: async () => true }] } })
  // @ts-expect-error a gate over a function that no rule names
  defineGroups({ viewer: { allow: ['posts.read'] } }, { require: { 'posts.raed': { acr: 'high' } } })
})

test('a cognises array', () => {
  const groups = defineGroups([
    {
      group_name: 'Group1',
      group_policy: { Version: '2012-10-17' },
      created: 'false',
      allowed_functions: ['protected', 'admin_panel'],
    },
    {
      group_name: 'Group2',
      group_policy: {},
      created: true,
      allowed_functions: ['public'],
      precedence: 1,
      description: '',
    },
  ])
  expectTypeOf(groups).toEqualTypeOf<Groups<'protected' | 'admin_panel' | 'public', 'Group1' | 'Group2'>>()
  const file = JSON.parse('[]') as {
    group_name: string
    group_policy: object
    created: string
    allowed_functions: string[]
  }[]
  expectTypeOf(defineGroups(file)).toEqualTypeOf<Groups<string, string>>()
  expectTypeOf(defineGroups(file, { permissions: ['a', 'b'] })).toEqualTypeOf<Groups<'a' | 'b', string>>()
  // @ts-expect-error no conditions in this form
  defineGroups([{ group_name: 'Group1', allowed_functions: [{ permission: 'a', when: { acr: 'x' } }] }])
  // @ts-expect-error not in the list
  defineGroups([{ group_name: 'Group1', allowed_functions: ['c'] }], { permissions: ['a', 'b'] })
})

test('a map imported from JSON', () => {
  const file = {
    viewer: { allow: ['a'] },
    editor: { inherits: ['viewer'], allow: ['b', { permission: 'c', when: { acr: ['x'] } }] },
  }
  expectTypeOf(defineGroups(file)).toEqualTypeOf<Groups<string, 'viewer' | 'editor'>>()
  expectTypeOf(defineGroups(file, { permissions: ['a', 'b', 'c'] })).toEqualTypeOf<
    Groups<'a' | 'b' | 'c', 'viewer' | 'editor'>
  >()
  const any: Record<string, GroupDefinition> = file
  expectTypeOf(defineGroups(any)).toEqualTypeOf<Groups<string, string>>()
})

test('a map that names its schema', () => {
  const file = {
    $schema: './groups.schema.json',
    viewer: { allow: ['a'] },
    editor: { inherits: ['viewer'], allow: ['b', { permission: 'c', when: { acr: ['x'] } }] },
  }
  expectTypeOf(defineGroups(file)).toEqualTypeOf<Groups<string, 'viewer' | 'editor'>>()
  expectTypeOf(defineGroups(file, { permissions: ['a', 'b', 'c'] })).toEqualTypeOf<
    Groups<'a' | 'b' | 'c', 'viewer' | 'editor'>
  >()
  const literal = defineGroups({ $schema: './x.json', viewer: { allow: ['a'] }, editor: { inherits: ['viewer'] } })
  expectTypeOf(literal).toEqualTypeOf<Groups<'a', 'viewer' | 'editor'>>()
  expectTypeOf(defineGroups({ $schema: 'x', viewer: { allow: ['a'] } }, { permissions: ['a', 'b'] })).toEqualTypeOf<
    Groups<'a' | 'b', 'viewer'>
  >()
  // @ts-expect-error neither a reference nor a group
  defineGroups({ $schema: 7, viewer: { allow: ['a'] } })
  // @ts-expect-error a group is an object
  defineGroups({ schema: './x.json', viewer: { allow: ['a'] } })
})

test('a group named $schema', () => {
  const groups = defineGroups({ $schema: { allow: ['a'] }, viewer: { inherits: ['$schema'], allow: ['b'] } })
  expectTypeOf(groups).toEqualTypeOf<Groups<'a' | 'b', '$schema' | 'viewer'>>()
})

test('groups that are defined already', () => {
  const groups = defineGroups({ viewer: { allow: ['a', '*'] }, editor: { inherits: ['viewer'], allow: ['b'] } })
  expectTypeOf(defineGroups(groups)).toEqualTypeOf(groups)
  expectTypeOf(defineGroups(groups.definitions)).toEqualTypeOf(groups)
  expectTypeOf(defineGroups(groups.definitions, groups.options)).toEqualTypeOf(groups)
  expectTypeOf(groups).toExtend<Groups>()
})

/** What nothing is known of. */
type Parsed = ReturnType<typeof JSON.parse>

test('what no compiler knows', () => {
  const list: Parsed[] = []
  const map: Record<string, Parsed> = {}
  const nothing: Parsed = []
  expectTypeOf(defineGroups(list)).toEqualTypeOf<Groups<string, string>>()
  expectTypeOf(defineGroups(map)).toEqualTypeOf<Groups<string, string>>()
  expectTypeOf(defineGroups(nothing)).toEqualTypeOf<Groups<string, string>>()
  expectTypeOf(defineGroups(JSON.parse('[]'))).toEqualTypeOf<Groups<string, string>>()
  expectTypeOf(defineGroups(list as readonly Parsed[])).toEqualTypeOf<Groups<string, string>>()
  defineGroups(list).can(['any'], 'any')
  const names = ['a', 'b'] as const
  expectTypeOf(defineGroups(list, { permissions: names })).toEqualTypeOf<Groups<'a' | 'b', string>>()
  expectTypeOf(defineGroups(map, { permissions: ['a', 'b'] })).toEqualTypeOf<Groups<'a' | 'b', string>>()
  defineGroups(map, { require: { any: { acr: 'high' } }, trustedClaims: ['custom:tier'] })
  // @ts-expect-error a gate over a function that is not listed
  defineGroups(map, { permissions: ['a', 'b'], require: { c: { acr: 'high' } } })
  // @ts-expect-error a misspelt option
  defineGroups(list, { permission: ['a'] })
  // @ts-expect-error neither an array nor an object
  defineGroups('editor')
})

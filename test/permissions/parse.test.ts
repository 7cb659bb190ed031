import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { defineGroups } from '../../src/permissions/index.ts'

/** As a program without types would call it. */
const define: (definitions: unknown, options?: unknown) => unknown = Object.assign(defineGroups)

const group = (definition: unknown) => ({ editor: definition })
const when = (condition: unknown) => group({ allow: [{ permission: 'a', when: condition }] })
const cognises = (changes: object) => [
  { group_name: 'g', group_policy: {}, created: 'false', allowed_functions: ['a'], ...changes },
]

describe('definitions that are refused, with the place of the fault', () => {
  it.each<[string, string, unknown, unknown?]>([
    ['nothing', 'groups:', undefined],
    ['null', 'groups:', null],
    ['a string', 'groups:', 'editor'],
    ['an instance', 'groups:', new Map()],
    ['a group hidden in the prototype', 'groups:', { __proto__: { admin: { allow: ['*'] } } }],
    ['a group that is no object', 'groups.editor:', group(['a'])],
    ['a misspelt key', 'groups.editor.alow:', group({ alow: ['a'] })],
    ['a key named __proto__', 'groups.editor.__proto__:', JSON.parse('{"editor":{"__proto__":{}}}')],
    ['allow that is no array', 'groups.editor.allow:', group({ allow: 'a' })],
    ['allow that is null', 'groups.editor.allow:', group({ allow: null })],
    ['a permission that is a number', 'groups.editor.allow[1]:', group({ allow: ['a', 1] })],
    ['a permission that is undefined', 'groups.editor.allow[0]:', group({ allow: [undefined] })],
    ['a hole', 'groups.editor.allow[0]:', group({ allow: new Array(1) })],
    ['a permission that is null', 'groups.editor.allow[0]:', group({ allow: [null] })],
    ['an empty permission', 'groups.editor.allow[0]:', group({ allow: [''] })],
    ['an empty segment', 'groups.editor.allow[0]:', group({ allow: ['a..b'] })],
    ['an empty last segment', 'groups.editor.allow[0]:', group({ allow: ['a.'] })],
    ['an empty first segment', 'groups.editor.allow[0]:', group({ allow: ['.a'] })],
    ['a wildcard within a segment', 'groups.editor.allow[0]:', group({ allow: ['post*'] })],
    ['a wildcard at the end of a segment', 'groups.editor.allow[0]:', group({ allow: ['a.b*'] })],
    ['a wildcard first', 'groups.editor.allow[0]:', group({ allow: ['*.a'] })],
    ['a wildcard between', 'groups.editor.deny[0]:', group({ deny: ['a.*.b'] })],
    ['two wildcards', 'groups.editor.deny[0]:', group({ deny: ['a.*.*'] })],
    ['a double wildcard', 'groups.editor.deny[0]:', group({ deny: ['a.**'] })],
    ['a deny with a condition', 'groups.editor.deny[0]:', group({ deny: [{ permission: 'a', when: { acr: 'x' } }] })],
    ['a deny as an object', 'groups.editor.deny[0]:', group({ deny: [{ permission: 'a' }] })],
    [
      'a rule with a misspelt key',
      'groups.editor.allow[0].wen:',
      group({ allow: [{ permission: 'a', wen: { acr: 'x' } }] }),
    ],
    ['a rule without a permission', 'groups.editor.allow[0].permission:', group({ allow: [{ when: { acr: 'x' } }] })],
    ['an undefined condition', 'groups.editor.allow[0].when:', when(undefined)],
    ['a null condition', 'groups.editor.allow[0].when:', when(null)],
    ['a true condition', 'groups.editor.allow[0].when:', when(true)],
    ['an empty condition', 'groups.editor.allow[0].when:', when({})],
    ['an array as a condition', 'groups.editor.allow[0].when:', when([])],
    ['an empty choice', 'groups.editor.allow[0].when.acr:', when({ acr: [] })],
    ['an undefined claim test', 'groups.editor.allow[0].when.acr[0]:', when({ acr: undefined })],
    ['a null claim test', 'groups.editor.allow[0].when.acr:', when({ acr: null })],
    ['a nested choice', 'groups.editor.allow[0].when.acr[0]:', when({ acr: [['x']] })],
    ['NaN', 'groups.editor.allow[0].when.auth_time[0]:', when({ auth_time: NaN })],
    ['maxAge of another claim', 'groups.editor.allow[0].when.iat:', when({ iat: { maxAge: 5 } })],
    ['maxAge 0', 'groups.editor.allow[0].when.auth_time:', when({ auth_time: { maxAge: 0 } })],
    ['a negative maxAge', 'groups.editor.allow[0].when.auth_time:', when({ auth_time: { maxAge: -1 } })],
    ['an infinite maxAge', 'groups.editor.allow[0].when.auth_time:', when({ auth_time: { maxAge: Infinity } })],
    ['maxAge as a string', 'groups.editor.allow[0].when.auth_time:', when({ auth_time: { maxAge: '900' } })],
    ['another object', 'groups.editor.allow[0].when.auth_time.minAge:', when({ auth_time: { minAge: 5 } })],
    ['an untrusted attribute', 'groups.editor.allow[0].when["custom:tier"]:', when({ 'custom:tier': 'gold' })],
    ['an untrusted email', 'groups.editor.allow[0].when.email:', when({ email: 'alice@example.com' })],
    ['an untrusted claim with a predicate', 'groups.editor.allow[0].when.email:', when({ email: () => true })],
    ['a user name', 'groups.editor.allow[0].when.username:', when({ username: 'alice' })],
    ['a negative precedence', 'groups.editor.precedence:', group({ precedence: -1 })],
    ['a fractional precedence', 'groups.editor.precedence:', group({ precedence: 1.5 })],
    ['precedence as a string', 'groups.editor.precedence:', group({ precedence: '1' })],
    ['a description that is no string', 'groups.editor.description:', group({ description: 1 })],
    ['an unknown parent', 'groups.editor.inherits[0]:', { viewer: {}, editor: { inherits: ['viewr'] } }],
    ['a parent only the prototype has', 'groups.editor.inherits[0]:', group({ inherits: ['constructor'] })],
    ['a parent that is no string', 'groups.editor.inherits[0]:', group({ inherits: [1] })],
    ['a group that inherits itself', 'groups.editor.inherits:', group({ inherits: ['editor'] })],
    ['an empty group name', 'groups[""]:', { '': {} }],
    ['a group name with a space', 'groups[" admin"]:', { ' admin': {} }],
    ['a group name with a zero-width space', 'groups["admin\u200b"]:', { 'admin\u200b': {} }],
    ['a group name with a control character', 'groups["a\\u0007"]:', { 'a\u0007': {} }],
    ['a group name with a lone surrogate', 'groups["\\ud800"]:', { '\ud800': {} }],
    ['a group name of 129 characters', `groups.${'a'.repeat(129)}:`, { ['a'.repeat(129)]: {} }],
    ['a group name of 129 code points', 'groups["', { ['é'.repeat(129)]: {} }],
    [
      'an unlisted permission',
      'groups.editor.allow[0]:',
      group({ allow: ['posts.raed'] }),
      { permissions: ['posts.read'] },
    ],
    [
      'an unlisted permission in a deny',
      'groups.editor.deny[0]:',
      group({ deny: ['posts.raed'] }),
      { permissions: ['posts.read'] },
    ],
    [
      'an unlisted permission with a condition',
      'groups.editor.allow[0].permission:',
      group({ allow: [{ permission: 'b', when: { acr: 'x' } }] }),
      { permissions: ['a'] },
    ],
    ['any permission with an empty list', 'groups.editor.allow[0]:', group({ allow: ['a'] }), { permissions: [] }],
    ['a wildcard in the list', 'permissions[0]:', {}, { permissions: ['a.*'] }],
    ['a number in the list', 'permissions[0]:', {}, { permissions: [1] }],
    ['a list that is no array', 'permissions:', {}, { permissions: 'a' }],
    ['an unknown option', 'defineGroups: unknown option "trusted"', {}, { trusted: [] }],
    [
      'a misspelt option',
      'defineGroups: unknown option "Permissions"; did you mean "permissions"?',
      {},
      { Permissions: [] },
    ],
    ['an option of another name', 'defineGroups: unknown option "functions"', {}, { functions: [] }],
    ['a wildcard over nothing', 'groups.editor.allow[1]:', group({ allow: ['posts.read', 'post.*'] })],
    [
      'a wildcard over a name alone',
      'groups.editor.allow[0]:',
      group({ allow: ['posts.*'] }),
      { permissions: ['posts'] },
    ],
    ['a wildcard over part of a name', 'groups.editor.allow[1]:', group({ allow: ['posts.read', 'posts.r.*'] })],
    [
      'a wildcard with a condition over nothing',
      'groups.editor.allow[1].permission:',
      group({ allow: ['a.b', { permission: 'b.*', when: { acr: 'x' } }] }),
    ],
    ['a wildcard over nothing beside a deny', 'groups.editor.allow[0]:', group({ allow: ['a.*'], deny: ['a.*'] })],
    ['a gate over nothing', 'require["b.*"]:', group({ allow: ['a.b'] }), { require: { 'b.*': { acr: 'x' } } }],
    ['cognises: a wildcard over nothing', 'groups[0].allowed_functions[0]:', cognises({ allowed_functions: ['b.*'] })],
    ['two spellings of a group', 'groups:', { '\u00e9': {}, 'e\u0301': {} }],
    ['a group spelt as a plain one', 'groups:', { K: {}, '\u212a': {} }],
    [
      'two spellings of a group in cognises',
      'groups:',
      [...cognises({ group_name: '\u00e9' }), ...cognises({ group_name: 'e\u0301' })],
    ],
    ['two spellings of a permission', 'permissions:', group({ allow: ['\u00e9'], deny: ['e\u0301'] })],
    ['two spellings in a list', 'permissions:', {}, { permissions: ['a.\u00e9', 'a.e\u0301'] }],
    ['two spellings of an area', 'permissions:', {}, { permissions: ['\u00e9.a', 'e\u0301.b'] }],
    ['a deny over an area of another spelling', 'permissions:', group({ allow: ['\u00e9.a'], deny: ['e\u0301.*'] })],
    ['options that are no object', 'options:', {}, []],
    [
      'a gate over an unknown permission',
      'require["posts.raed"]:',
      group({ allow: ['posts.read'] }),
      { require: { 'posts.raed': { acr: 'x' } } },
    ],
    ['a gate without a condition', 'require.a:', group({ allow: ['a'] }), { require: { a: undefined } }],
    ['a gate that is empty', 'require.a:', group({ allow: ['a'] }), { require: { a: {} } }],
    ['a gate on an untrusted claim', 'require.a.email:', group({ allow: ['a'] }), { require: { a: { email: 'x' } } }],
    ['gates that are no object', 'require:', {}, { require: [] }],
    ['trusted claims that are no array', 'trustedClaims:', {}, { trustedClaims: 'email' }],
    ['a trusted claim that is no string', 'trustedClaims[0]:', {}, { trustedClaims: [1] }],
    ['options beside groups defined already', 'options:', defineGroups({}), {}],
    ['cognises: a group twice', 'groups[1].group_name:', [...cognises({}), ...cognises({})]],
    ['cognises: no name', 'groups[0].group_name:', cognises({ group_name: undefined })],
    ['cognises: a bad name', 'groups[0].group_name:', cognises({ group_name: 'a b' })],
    ['cognises: created yes', 'groups[0].created:', cognises({ created: 'yes' })],
    ['cognises: created True', 'groups[0].created:', cognises({ created: 'True' })],
    ['cognises: created 1', 'groups[0].created:', cognises({ created: 1 })],
    ['cognises: created null', 'groups[0].created:', cognises({ created: null })],
    ['cognises: created as an array', 'groups[0].created:', cognises({ created: ['true'] })],
    ['cognises: permissions as a string', 'groups[0].allowed_functions:', cognises({ allowed_functions: 'a' })],
    ['cognises: no permissions', 'groups[0].allowed_functions:', [{ group_name: 'g', created: true }]],
    [
      'cognises: a number among the permissions',
      'groups[0].allowed_functions[0]:',
      cognises({ allowed_functions: [1] }),
    ],
    [
      'cognises: a condition',
      'groups[0].allowed_functions[0]:',
      cognises({ allowed_functions: [{ permission: 'a', when: { acr: 'x' } }] }),
    ],
    ['cognises: a fractional precedence', 'groups[0].precedence:', cognises({ precedence: 1.5 })],
    ['cognises: a description that is no string', 'groups[0].description:', cognises({ description: 1 })],
    ['cognises: null for permissions', 'groups[0].allowed_functions:', cognises({ allowed_functions: null })],
    ['a schema that is no string', 'groups.$schema:', { $schema: 1 }],
    ['a schema within a group', 'groups.editor.$schema:', group({ $schema: 'x' })],
    ['null for options', 'options:', {}, null],
    ['null for gates', 'require:', {}, { require: null }],
    ['null for permissions', 'permissions:', {}, { permissions: null }],
    ['null for trusted claims', 'trustedClaims:', {}, { trustedClaims: null }],
    ['cognises: another key', 'groups[0].deny:', cognises({ deny: ['a'] })],
    ['cognises: no object', 'groups[0]:', ['g']],
    ['cognises: a hole', 'groups[0]:', new Array(1)],
  ])('%s', (...[, place, definitions, options]) => {
    let thrown: unknown
    try {
      define(definitions, options)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ConfigurationError)
    expect(String(thrown)).toContain(`ConfigurationError: ${place}`)
  })

  it('suggests the nearest name, or lists the known ones', () => {
    const map = { viewer: {}, editor: {}, reviewer: { inherits: ['veiwer'] } }
    expect(() => define(map)).toThrow('unknown group "veiwer"; did you mean "viewer"?')
    expect(() => define({ ...map, reviewer: { inherits: ['x'] } })).toThrow('expected one of viewer, editor, reviewer.')
    const permissions = ['posts.read', 'posts.write', 'users.delete']
    expect(() => define(group({ allow: ['post.write'] }), { permissions })).toThrow('did you mean "posts.write"?')
    const many = Array.from({ length: 500 }, (_, index) => `f${index}`)
    expect(() => define(group({ allow: ['g'] }), { permissions: many })).toThrow(/^.{0,300}$/)
  })

  it('shows the cycle', () => {
    const map = { x: { inherits: ['a'] }, a: { inherits: ['b'] }, b: { inherits: ['c', 'a'] }, c: {} }
    expect(() => define(map)).toThrow('a → b → a')
    expect(() => define({ a: { inherits: ['b'] }, b: { inherits: ['c'] }, c: { inherits: ['a'] } })).toThrow(
      'a → b → c → a',
    )
  })

  it('says nothing of a condition that it refuses', () => {
    expect(() => define(when({ email: 'secret-value' }))).toThrow(/^(?!.*secret-value)/)
    expect(() => define(when({ acr: [{ 'secret-value': 1 }] }))).toThrow(/^(?!.*secret-value)/)
  })
})

describe('definitions at the edge that are accepted', () => {
  it.each<[string, unknown, unknown?]>([
    ['no groups', {}],
    ['an empty group', { a: {} }],
    ['undefined members', group({ inherits: undefined, allow: undefined, deny: undefined, precedence: undefined })],
    ['undefined options', {}, { permissions: undefined, require: undefined, trustedClaims: undefined }],
    ['a name of 128 characters', { ['a'.repeat(128)]: {} }],
    ['a name of 128 code points beyond the basic plane', { ['😀'.repeat(128)]: {} }],
    ['names of marks and symbols', { 'a,b': {}, '*': {}, 'e\u0301': {}, '€': {}, 'a"b': {} }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: { allow: ['x'] } })],
    ['an inherited group named like a property', { constructor: {}, a: { inherits: ['constructor'] } }],
    [
      'a parent twice, and a diamond',
      { a: {}, b: { inherits: ['a', 'a'] }, c: { inherits: ['a'] }, d: { inherits: ['b', 'c'] } },
    ],
    ['a rule twice', group({ allow: ['a', 'a'] })],
    ['a permission listed twice', {}, { permissions: ['a', 'a'] }],
    ['a deny over nothing yet', group({ allow: ['posts.read'], deny: ['drafts.*'] })],
    ['a star over nothing yet', group({ allow: ['*'] }), { require: { '*': { acr: 'x' } } }],
    ['a wildcard over what only a deny names', group({ allow: ['posts.*'], deny: ['posts.purge'] })],
    [
      'one spelling throughout',
      group({ allow: ['e\u0301.a', 'e\u0301.*'] }),
      { require: { 'e\u0301.*': { acr: 'x' } } },
    ],
    ['precedence 0', group({ precedence: 0 })],
    ['cognises without policy and created', [{ group_name: 'a', allowed_functions: [] }]],
    ['an empty array', []],
  ])('%s', (...[, definitions, options]) => {
    expect(define(definitions, options)).toHaveProperty('can')
  })

  it('never looks into a policy', () => {
    const policy = new Proxy({}, { get: () => expect.unreachable(), ownKeys: () => expect.unreachable() })
    expect(define(cognises({ group_policy: policy }))).toHaveProperty('names', ['g'])
  })

  it('neither changes what it is given nor keeps hold of it', () => {
    const permissions = ['a', 'b']
    const tiers = ['gold']
    const allow = ['a', { permission: 'b', when: { acr: tiers } }]
    const map = { editor: { allow } }
    const copy = structuredClone({ map, permissions })
    const groups = defineGroups<'editor', string>(map, { permissions })
    expect({ map, permissions }).toEqual(copy)
    tiers.push('none')
    allow.push('b')
    permissions.pop()
    expect(groups.permissions).toEqual(['a', 'b'])
    expect(groups.can(['editor'], 'b', { claims: { acr: 'none' } })).toBe(false)
    for (const part of [
      groups,
      groups.permissions,
      groups.names,
      groups.definitions,
      groups.definitions.editor,
      groups.definitions.editor.allow,
      groups.options,
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

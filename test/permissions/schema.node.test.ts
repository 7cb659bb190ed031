import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import schema from '../../src/permissions/groups.schema.json' with { type: 'json' }
import {
  type CognisesGroup,
  defineGroups,
  type GroupDefinition,
  type GroupsOptions,
} from '../../src/permissions/index.ts'
import { type Fault, faultBeyondShape, type GroupsFile, type Json, type JsonCondition } from './groups-file.ts'

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictNumbers: true })
const fits = ajv.compile<GroupsFile>(schema)
const optionsFit = ajv.compile({ $ref: '#/definitions/options', definitions: schema.definitions })

/** As a program does that has read JSON. */
function accepts(definitions: unknown, options?: unknown): boolean {
  try {
    Reflect.apply(defineGroups, undefined, [definitions, options])
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return false
  }
}

/** The keys of a type, all of them and no other. */
type Keys<T> = Record<keyof T, true>

describe('the schema', () => {
  it('is one, of draft-07, which editors know best', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
    expect(ajv.validateSchema(schema)).toBe(true)
  })

  it.each<[keyof typeof schema.definitions, Record<string, true>]>([
    [
      'group',
      { inherits: true, allow: true, deny: true, precedence: true, description: true } satisfies Keys<GroupDefinition>,
    ],
    [
      'cognisesGroup',
      {
        group_name: true,
        group_policy: true,
        created: true,
        allowed_functions: true,
        precedence: true,
        description: true,
      } satisfies Keys<CognisesGroup>,
    ],
    ['options', { permissions: true, require: true, trustedClaims: true } satisfies Keys<GroupsOptions>],
    [
      'allowRule',
      { permission: true, when: true } satisfies Keys<Exclude<NonNullable<GroupDefinition['allow']>[number], string>>,
    ],
  ])('%s has the keys of its type', (name, keys) => {
    const { properties, additionalProperties } = {
      properties: {},
      additionalProperties: true,
      ...schema.definitions[name],
    }
    expect(Object.keys(properties)).toEqual(Object.keys(keys))
    expect(additionalProperties).toBe(false)
  })

  it('says of everything what it is', () => {
    const silent = Object.entries(schema.definitions).flatMap(([name, definition]) =>
      Object.entries({ '': definition, ...('properties' in definition ? definition.properties : {}) })
        .filter(([, part]) => !('description' in part) && !('$ref' in part))
        .map(([part]) => `${name}.${part}`),
    )
    expect(silent).toEqual([])
  })

  it('lists the claims that may be used freely', () => {
    for (const claim of Object.keys(schema.definitions.condition.properties)) {
      expect(accepts({ g: { allow: [{ permission: 'a', when: { [claim]: 'x' } }] } })).toBe(true)
    }
    expect(Object.keys(schema.definitions.condition.properties)).toHaveLength(11)
  })

  it.each(schema.examples)('gives an example that is right: %#', (example) => {
    expect([fits(example), accepts(example)]).toEqual([true, true])
  })
})

const one = (group: Json<GroupDefinition>): GroupsFile => ({ g: group })
const when = (condition: JsonCondition) => one({ allow: [{ permission: 'a', when: condition }] })

describe('files that are right', () => {
  it.each<[string, GroupsFile]>([
    ['no groups', {}],
    ['no groups, as an array', []],
    ['an empty group', one({})],
    ['names', one({ allow: ['posts.read', 'posts.*', '*', 'ä b', 'a.b.c'], deny: ['posts.purge', 'x.*'] })],
    ['a parent', { a: {}, b: { inherits: ['a', 'a'] } }],
    ['precedence 0', one({ precedence: 0 })],
    ['precedence 1.0', JSON.parse('{"g":{"precedence":1.0}}')],
    ['the highest precedence', one({ precedence: Number.MAX_SAFE_INTEGER })],
    ['a description', one({ description: '' })],
    ['a rule without a condition', one({ allow: [{ permission: '*' }] })],
    ['a string', when({ acr: 'high' })],
    ['a number', when({ exp: 1.5 })],
    ['a boolean', when({ sub: false })],
    ['several', when({ amr: ['mfa', 1, true, 'mfa'], scope: '' })],
    ['an age', when({ auth_time: { maxAge: 1 } })],
    ['a time', when({ auth_time: 1_700_000_000 })],
    ['several times', when({ auth_time: [1, '1'] })],
    ['a name of 128 characters', { ['x'.repeat(128)]: {} }],
    ['a name of 128 characters beyond the basic plane', { ['😀'.repeat(128)]: {} }],
    ['names of properties', JSON.parse('{"__proto__":{},"constructor":{"inherits":["__proto__"]},"toString":{}}')],
    [
      'cognises',
      [{ group_name: 'a', group_policy: { Statement: [] }, created: 'false', allowed_functions: ['x', '*'] }],
    ],
    ['cognises without what has no effect', [{ group_name: 'a,b', created: true, allowed_functions: [] }]],
    ['cognises with a rank', [{ group_name: 'a', allowed_functions: [], precedence: 0, description: '' }]],
    ['a reference to the schema', { $schema: './groups.schema.json', g: {} }],
    ['a group named like the reference', { $schema: { allow: ['a'] }, g: { inherits: ['$schema'] } }],
    ['cognises with any policy', [{ group_name: 'a', group_policy: null, allowed_functions: ['a.b', 'a.*'] }]],
  ])('%s', (_, file) => {
    expect([fits(file), accepts(file)]).toEqual([true, true])
  })
})

describe('files that are wrong in shape', () => {
  const any = (group: unknown) => ({ g: group })
  const rule = (item: unknown) => any({ allow: [item] })
  const test = (claim: string, value: unknown) => rule({ permission: 'a', when: { [claim]: value } })
  const cognises = (changes: object) => [{ group_name: 'g', allowed_functions: ['a'], ...changes }]

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', 'g'],
    ['a number', 1],
    ['a reference that is a number', { $schema: 7 }],
    ['a reference that is null', { $schema: null }],
    ['a reference below the top', any({ $schema: './groups.schema.json' })],
    ['a group that is a string', any('./groups.schema.json')],
    ['a group that is null', any(null)],
    ['a group that is an array', any([])],
    ['a misspelt key', any({ alow: [] })],
    ['a key of an inherited property', JSON.parse('{"g":{"__proto__":[]}}')],
    ['a group without a name', { '': {} }],
    ['a group name with a space', { 'a b': {} }],
    ['a group name with a line break', { 'a\n': {} }],
    ['a group name of 129 characters', { ['x'.repeat(129)]: {} }],
    ['a group name of 129 characters beyond ASCII', { ['é'.repeat(129)]: {} }],
    ['a lone surrogate', { '\ud800': {} }],
    ['allow as a string', any({ allow: '*' })],
    ['allow as null', any({ allow: null })],
    ['deny as an object', any({ deny: {} })],
    ['a deny with a condition', any({ deny: [{ permission: 'a', when: { acr: 'x' } }] })],
    ['inherits as a string', any({ inherits: 'g' })],
    ['a parent that is a number', any({ inherits: [1] })],
    ['a negative precedence', any({ precedence: -1 })],
    ['a fractional precedence', any({ precedence: 0.5 })],
    ['a precedence that is not exact', any({ precedence: 2 ** 53 })],
    ['a precedence as text', any({ precedence: '1' })],
    ['a description that is null', any({ description: null })],
    ['a rule that is a number', rule(1)],
    ['a rule that is an array', rule(['a'])],
    ['an empty name', rule('')],
    ['an empty segment', rule('a..b')],
    ['a final dot', rule('a.')],
    ['a leading dot', rule('.a')],
    ['a wildcard that is not the last segment', rule('*.a')],
    ['a wildcard within a segment', rule('a*')],
    ['a double wildcard', rule('a.**')],
    ['a rule without a permission', rule({ when: { acr: 'x' } })],
    ['a rule with a wrong permission', rule({ permission: 'a*' })],
    ['a rule with a misspelt key', rule({ permission: 'a', unless: { acr: 'x' } })],
    ['a condition that is null', rule({ permission: 'a', when: null })],
    ['a condition that is a name', rule({ permission: 'a', when: 'acr' })],
    ['an empty condition', rule({ permission: 'a', when: {} })],
    ['a test that is null', test('acr', null)],
    ['a test without values', test('acr', [])],
    ['a test with null among the values', test('acr', ['x', null])],
    ['a test with a list in a list', test('acr', [['x']])],
    ['an object for a test', test('acr', {})],
    ['an age of another claim', test('iat', { maxAge: 5 })],
    ['an age of 0', test('auth_time', { maxAge: 0 })],
    ['a fractional age', test('auth_time', { maxAge: 1.5 })],
    ['an age as text', test('auth_time', { maxAge: '900' })],
    ['no age', test('auth_time', {})],
    ['an age and more', test('auth_time', { maxAge: 900, minAge: 1 })],
    ['a list of ages', test('auth_time', [{ maxAge: 900 }])],
    ['a time without values', test('auth_time', [])],
    ['infinity', JSON.parse('{"g":{"allow":[{"permission":"a","when":{"exp":1e999}}]}}')],
    ['cognises: a name', ['g']],
    ['cognises: null', [null]],
    ['cognises: no name', [{ allowed_functions: [] }]],
    ['cognises: no permissions', [{ group_name: 'g' }]],
    ['cognises: a wrong name', cognises({ group_name: 'a b' })],
    ['cognises: created yes', cognises({ created: 'yes' })],
    ['cognises: created null', cognises({ created: null })],
    ['cognises: created 1', cognises({ created: 1 })],
    ['cognises: permissions as a string', cognises({ allowed_functions: 'a' })],
    ['cognises: a permission that is a number', cognises({ allowed_functions: [1] })],
    ['cognises: a wrong permission', cognises({ allowed_functions: ['a*'] })],
    ['cognises: a condition', cognises({ allowed_functions: [{ permission: 'a', when: { acr: 'x' } }] })],
    ['cognises: a permission as an object', cognises({ allowed_functions: [{ permission: 'a' }] })],
    ['cognises: a negative precedence', cognises({ precedence: -1 })],
    ['cognises: a precedence as text', cognises({ precedence: '1' })],
    ['cognises: a description that is null', cognises({ description: null })],
    ['cognises: a reference', cognises({ $schema: './groups.schema.json' })],
    ['cognises: another key', cognises({ deny: [] })],
  ])('%s', (_, file) => {
    expect([fits(file), accepts(file)]).toEqual([false, false])
  })
})

describe('options beside the groups', () => {
  const map = { g: { allow: ['a', 'b.c'] } }
  const permissions = ['a', 'b.c']

  it.each<[string, Json<GroupsOptions>]>([
    ['none', {}],
    [
      'all',
      { permissions, require: { a: { acr: 'x' }, 'b.*': { auth_time: { maxAge: 5 } } }, trustedClaims: ['email'] },
    ],
    ['no gates', { require: {} }],
    ['a gate over all', { require: { '*': { amr: ['mfa'] } } }],
  ])('right: %s', (_, options) => {
    expect([optionsFit(options), accepts(map, options)]).toEqual([true, true])
  })

  it.each<[string, unknown]>([
    ['a list', []],
    ['a misspelt key', { trusted: [] }],
    ['permissions as a string', { permissions: 'a' }],
    ['a permission that is a number', { permissions: [...permissions, 1] }],
    ['a wildcard among the permissions', { permissions: [...permissions, 'x.*'] }],
    ['an empty permission', { permissions: [...permissions, ''] }],
    ['null', null],
    ['permissions as null', { permissions: null }],
    ['gates as null', { require: null }],
    ['trusted claims as null', { trustedClaims: null }],
    ['gates as a list', { require: [] }],
    ['a gate of a wrong name', { require: { 'a*': { acr: 'x' } } }],
    ['a gate without a condition', { require: { a: {} } }],
    ['a gate that is null', { require: { a: null } }],
    ['a gate with an age of 0', { require: { a: { auth_time: { maxAge: 0 } } } }],
    ['trusted claims as a string', { trustedClaims: 'email' }],
    ['a trusted claim that is null', { trustedClaims: [null] }],
  ])('wrong: %s', (_, options) => {
    expect([optionsFit(options), accepts(map, options)]).toEqual([false, false])
  })
})

describe('any document', () => {
  const mostly = (right: readonly string[], wrong: readonly string[]) =>
    fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) })
  const names = mostly(['a', 'b', 'c', '__proto__', '😀', '$schema'], ['a b', '', 'a\n'])
  const rules = mostly(['x', 'x.y', 'x.*', '*', '__proto__', 'toString'], ['x*', 'x..y', ''])
  const scalars = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean())
  const tests = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(scalars, fc.array(scalars, { minLength: 1, maxLength: 2 })) },
    fc.record({ maxAge: fc.integer({ min: -1, max: 9 }) }),
    fc.constant([]),
  )
  const claims = fc.constantFrom('acr', 'auth_time', 'sub', 'custom:tier', 'email', '__proto__')
  const record = (keys: fc.Arbitrary<string>, values: fc.Arbitrary<unknown>, minLength: number, maxLength: number) =>
    fc.array(fc.tuple(keys, values), { minLength, maxLength }).map((entries): unknown => Object.fromEntries(entries))
  const allow = fc.oneof(
    { weight: 3, arbitrary: rules },
    {
      weight: 2,
      arbitrary: fc.record({ permission: rules, when: record(claims, tests, 1, 2) }, { requiredKeys: ['permission'] }),
    },
  )
  const definition = fc.record(
    {
      inherits: fc.array(names, { maxLength: 2 }),
      allow: fc.array(allow, { maxLength: 3 }),
      deny: fc.array(rules, { maxLength: 2 }),
      precedence: fc.oneof({ weight: 9, arbitrary: fc.nat() }, fc.constantFrom(-1, 0.5, '1')),
      description: fc.string(),
    },
    { requiredKeys: [] },
  )
  const cognises = fc.record(
    {
      group_name: names,
      group_policy: fc.jsonValue(),
      created: mostly(['true', 'false'], ['yes', 'True']),
      allowed_functions: fc.array(rules, { maxLength: 3 }),
      precedence: fc.oneof({ weight: 9, arbitrary: fc.nat() }, fc.constantFrom(-1, 0.5, '1')),
      description: fc.string(),
    },
    { requiredKeys: ['group_name', 'allowed_functions'] },
  )
  const document = fc.oneof(
    { weight: 6, arbitrary: record(names, definition, 0, 4) },
    { weight: 3, arbitrary: fc.array(cognises, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  )

  /** Puts something else in one place of a document. */
  function spoil(value: unknown, path: readonly number[], other: unknown): unknown {
    const [first, ...rest] = path
    if (first === undefined || typeof value !== 'object' || value === null) return other
    const entries = Object.entries(value)
    const at = first % (entries.length + 1)
    const changed = entries.map(([key, part], index) => [key, index === at ? spoil(part, rest, other) : part] as const)
    if (Array.isArray(value)) return at === entries.length ? [...value, other] : changed.map(([, part]) => part)
    return Object.fromEntries(at === entries.length ? [...changed, ['allow', other]] : changed)
  }

  const spoilt = fc
    .tuple(document, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), fc.oneof(fc.jsonValue(), rules))
    .map(([file, path, other]) => spoil(file, path, other))
  const trustedClaims = ['custom:tier']

  it('fits the schema exactly where `defineGroups` takes it, but for what no schema can tell', () => {
    const seen = new Map<Fault | 'taken' | 'wrong in shape', number>()
    fc.assert(
      fc.property(fc.oneof({ weight: 2, arbitrary: document }, spoilt), (file) => {
        const outcome = fits(file) ? (faultBeyondShape(file, trustedClaims) ?? 'taken') : 'wrong in shape'
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
        expect(accepts(file, { trustedClaims })).toBe(outcome === 'taken')
      }),
      { numRuns: 4000, seed: 20_240_601 },
    )
    expect(
      [...seen]
        .filter(([, times]) => times > 10)
        .map(([outcome]) => outcome)
        .sort(),
    ).toEqual([
      'a circle',
      'a claim that users can write',
      'a name twice',
      'a wildcard over nothing',
      'an unknown parent',
      'taken',
      'wrong in shape',
    ])
  })
})

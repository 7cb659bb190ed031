import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.ts'
import { defineGroups } from '../../../src/permissions/index.ts'
import { readGroups, readDefinitions } from '../../../src/provision/definitions/read-definitions.ts'

const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*' }],
}
const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const ownArn = 'arn:aws:iam::123456789012:policy/a/b/Bound'
const groups = {
  viewer: { allow: ['posts.read'] },
  editor: { inherits: ['viewer'], allow: ['posts.write'], precedence: 5 },
}

/** As the README of cognises has it. */
const groupDetail = ['Group1', 'String'].map((group_name) => ({
  group_name,
  group_policy: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Stmt1524591948858',
        Action: 'cognito-idp:*',
        Effect: 'Allow',
        Resource: 'arn:aws:cognito-idp:us-east-1:userid:userpool/pool_id',
      },
    ],
  },
  created: 'false',
  allowed_functions: ['protected', 'admin_panel', 'update_data'],
}))

/** Reads what no compiler has seen. */
const readAny = (input: unknown) => readDefinitions(input as [])
const messageOf = (input: unknown) => {
  try {
    readAny(input)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('a cognises array', () => {
  it('is read unchanged', () => {
    expect(readDefinitions(groupDetail)).toEqual(
      groupDetail.map(({ group_name, group_policy }) => ({
        name: group_name,
        policy: group_policy,
        managedPolicies: [],
      })),
    )
  })

  it('may have a description and a precedence besides', () => {
    const entry = { group_name: 'a', allowed_functions: [], description: 'The first', precedence: 0 }
    expect(readDefinitions([entry])).toEqual([
      { name: 'a', description: 'The first', precedence: 0, managedPolicies: [] },
    ])
    expect(readGroups([entry]).names).toEqual(['a'])
  })

  it('may be created or not, in all the ways of saying so, which decide nothing', () => {
    for (const created of [true, false, 'true', 'false']) {
      expect(readDefinitions([{ group_name: 'a', allowed_functions: [], created }])).toHaveLength(1)
    }
  })
})

describe('groups and policies apart', () => {
  const wanted = [
    { name: 'viewer', policy, managedPolicies: [] },
    { name: 'editor', precedence: 5, managedPolicies: [arn], permissionsBoundary: ownArn },
  ]
  const rest = {
    policies: { viewer: policy },
    managedPolicies: { editor: [arn] },
    permissionsBoundary: { editor: ownArn },
  } as const

  it.each([
    ['as an object', groups],
    ['as defineGroups returns them', defineGroups(groups)],
    [
      'as an array',
      [
        { group_name: 'viewer', allowed_functions: ['posts.read'] },
        { group_name: 'editor', allowed_functions: ['posts.write'], precedence: 5 },
      ],
    ],
  ])('the groups %s', (_, given) => {
    expect(readAny({ groups: given, ...rest })).toEqual(wanted)
  })

  it('a boundary for all', () => {
    const specs = readDefinitions({ groups, policies: {}, permissionsBoundary: arn })
    expect(specs.map(({ permissionsBoundary }) => permissionsBoundary)).toEqual([arn, arn])
  })

  it('the policy of an entry counts, unless there are two', () => {
    const entry = { group_name: 'a', allowed_functions: [], group_policy: policy }
    expect(readDefinitions({ groups: [entry], policies: {}, managedPolicies: { a: [arn] } })).toEqual([
      { name: 'a', policy, managedPolicies: [arn] },
    ])
    expect(messageOf({ groups: [entry], policies: { a: policy } })).toBe(
      'policies.a: expected none beside groups[0].group_policy',
    )
  })

  it('what is undefined is absent', () => {
    const input = {
      groups,
      policies: { viewer: undefined },
      managedPolicies: undefined,
      permissionsBoundary: undefined,
    }
    expect(readAny(input)).toEqual([
      { name: 'viewer', managedPolicies: [] },
      { name: 'editor', precedence: 5, managedPolicies: [] },
    ])
  })

  it('names of all kinds are names only', () => {
    const names = ['__proto__', 'constructor', 'toString', 'a,b', '*', 'é', '1']
    const given = Object.fromEntries(names.map((name) => [name, { allow: ['f'] }]))
    const policies = Object.fromEntries(names.map((name) => [name, policy]))
    const specs = readDefinitions({ groups: given, policies })
    expect(specs.map(({ name }) => name).sort()).toEqual([...names].sort())
    expect(specs.every((spec) => spec.policy !== undefined)).toBe(true)
    const none = readDefinitions({ groups: given, policies: {}, managedPolicies: {}, permissionsBoundary: {} })
    expect(none.every((spec) => spec.policy === undefined && spec.managedPolicies.length === 0)).toBe(true)
    expect(none.every((spec) => spec.permissionsBoundary === undefined)).toBe(true)
  })

  it('the policy is a copy', () => {
    const own = structuredClone(policy)
    const [spec] = readDefinitions({ groups, policies: { viewer: own } })
    own.Statement.length = 0
    expect(spec?.policy).toEqual(policy)
  })
})

describe('mistakes are named with their place', () => {
  const entry = (members: object) => [{ group_name: 'a', allowed_functions: [], ...members }]
  it.each([
    [undefined, /^definitions: expected a plain object/],
    ['text', /^definitions: expected a plain object/],
    [{}, /^definitions\.groups: expected/],
    [{ groups }, /^definitions\.policies: expected/],
    [{ groups, policies: [] }, /^policies: expected a plain object/],
    [{ groups, policies: {}, managedPolicy: {} }, /^definitions\.managedPolicy: expected no such member/],
    [{ groups: 'viewer', policies: {} }, /^groups: expected a plain object/],
    [{ groups: { a: 5 }, policies: {} }, /^groups\.a: expected a plain object/],
    [{ groups: { 'a b': {} }, policies: {} }, /^groups\["a b"\]: expected 1-128 letters/],
    [{ groups: { a: { alow: [] } }, policies: {} }, /^groups\.a\.alow: unknown key/],
    [{ groups: { a: { inherits: ['b'] } }, policies: {} }, /^groups\.a\.inherits\[0\]: unknown group/],
    [{ groups, policies: { viewr: policy } }, /^policies\.viewr: expected a group that is defined: viewer, editor/],
    [{ groups, policies: {}, managedPolicies: { editr: [arn] } }, /^managedPolicies\.editr: expected a group/],
    [{ groups, policies: {}, permissionsBoundary: { editr: arn } }, /^permissionsBoundary\.editr: expected a group/],
    [{ groups, policies: {}, managedPolicies: { editor: arn } }, /^managedPolicies\.editor: expected a list/],
    [{ groups, policies: {}, managedPolicies: { editor: [arn, arn] } }, /^managedPolicies\.editor: expected each/],
    [
      { groups, policies: {}, managedPolicies: { editor: ['ReadOnly'] } },
      /^managedPolicies\.editor\[0\]: expected the ARN/,
    ],
    [
      { groups, policies: {}, managedPolicies: { editor: ['arn:aws:iam::12:policy/a'] } },
      /^managedPolicies\.editor\[0\]: expected/,
    ],
    [
      { groups, policies: {}, managedPolicies: { editor: ['arn:aws:iam::aws:role/a'] } },
      /^managedPolicies\.editor\[0\]: expected/,
    ],
    [{ groups, policies: {}, permissionsBoundary: 'none' }, /^permissionsBoundary: expected the ARN/],
    [{ groups, policies: {}, permissionsBoundary: { editor: 1 } }, /^permissionsBoundary\.editor: expected the ARN/],
    [{ groups, policies: {}, permissionsBoundary: 1 }, /^permissionsBoundary: expected a plain object/],
    [{ groups: { a: { precedence: -1 } }, policies: {} }, /^groups\.a\.precedence: expected an integer from 0/],
    [
      { groups: { a: { description: 'x'.repeat(2049) } }, policies: {} },
      /^groups\.a\.description: expected a string of at most 2,048/,
    ],
    [entry({ group_name: '' }), /^groups\[0\]\.group_name: expected 1-128/],
    [entry({ group_name: 'x'.repeat(129) }), /^groups\[0\]\.group_name: expected 1-128/],
    [entry({ group_name: 'a\u200bb' }), /^groups\[0\]\.group_name: expected 1-128/],
    [entry({ created: 'yes' }), /^groups\[0\]\.created: expected true or false/],
    [entry({ precedence: '1' }), /^groups\[0\]\.precedence: expected an integer from 0/],
    [entry({ precedence: 1.5 }), /^groups\[0\]\.precedence: expected an integer from 0/],
    [entry({ description: 1 }), /^groups\[0\]\.description: expected a string/],
    [entry({ description: 'x'.repeat(2049) }), /^groups\[0\]\.description: expected a string of at most 2,048/],
    [entry({ policy }), /^groups\[0\]\.policy: unknown key/],
    [entry({ group_policy: JSON.stringify(policy) }), /^groups\[0\]\.group_policy: expected a plain object/],
    [entry({ group_policy: null }), /^groups\[0\]\.group_policy: expected a plain object/],
    [[...entry({}), ...entry({})], /^groups\[1\]\.group_name: expected a name that no other group has/],
    [[{ group_name: 'a' }], /^groups\[0\]\.allowed_functions: expected an array/],
    [[null], /^groups\[0\]: expected a plain object/],
    [new Array(1), /^groups\[0\]: expected a plain object/],
  ])('%#: %j', (input, message) => {
    expect(messageOf(input)).toMatch(message)
  })
})

describe('a policy that is none', () => {
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  const at = (members: object) => ({ Version: '2012-10-17', Statement: [{ ...statement, ...members }] })
  it.each([
    [{ Version: '2012-10-18', Statement: statement }, /^\.Version: expected "2012-10-17"/],
    [{ Version: '2012-10-17' }, /^\.Statement: expected a statement/],
    [{ Version: '2012-10-17', Statement: [] }, /^\.Statement: expected a statement/],
    [{ Version: '2012-10-17', Statement: [], Id: 'a' }, /^\.Id: expected no such member/],
    [{ Statement: ['a'] }, /^\.Statement\[0\]: expected a plain object/],
    [{ Statement: { ...statement, Effect: 'allow' } }, /^\.Statement\.Effect: expected "Allow" or "Deny"/],
    [at({ Effect: undefined }), /^\.Statement\[0\]\.Effect: expected "Allow" or "Deny"/],
    [at({ Principal: '*' }), /^\.Statement\[0\]: expected no Principal/],
    [at({ NotPrincipal: '*' }), /^\.Statement\[0\]: expected no Principal/],
    [at({ action: 's3:*' }), /^\.Statement\[0\]\.action: expected no such member/],
    [at({ Action: undefined }), /^\.Statement\[0\]: expected either Action or NotAction/],
    [at({ NotAction: 's3:*' }), /^\.Statement\[0\]: expected either Action or NotAction/],
    [at({ Action: 'GetObject' }), /^\.Statement\[0\]\.Action: expected an action/],
    [at({ Action: [] }), /^\.Statement\[0\]\.Action: expected an action/],
    [at({ Action: ['s3:GetObject', 's3 :x'] }), /^\.Statement\[0\]\.Action\[1\]: expected an action/],
    [at({ Action: [1] }), /^\.Statement\[0\]\.Action\[0\]: expected an action/],
    [at({ Resource: undefined }), /^\.Statement\[0\]: expected either Resource or NotResource/],
    [at({ NotResource: '*' }), /^\.Statement\[0\]: expected either Resource or NotResource/],
    [at({ Resource: 'bucket/*' }), /^\.Statement\[0\]\.Resource: expected an ARN or "\*"/],
    [at({ Sid: 'a b' }), /^\.Statement\[0\]\.Sid: expected letters and digits/],
    [
      {
        Statement: [
          { ...statement, Sid: 'a' },
          { ...statement, Sid: 'a' },
        ],
      },
      /^\.Statement\[1\]\.Sid: expected one that no/,
    ],
    [at({ Condition: [] }), /^\.Statement\[0\]\.Condition: expected a plain object/],
    [
      at({ Condition: { 'String Equals': {} } }),
      /^\.Statement\[0\]\.Condition\["String Equals"\]: expected an operator/,
    ],
    [at({ Condition: { Bool: 'true' } }), /^\.Statement\[0\]\.Condition\.Bool: expected a plain object/],
    [at({ Condition: { Bool: { 'aws:a': null } } }), /^\.Statement\[0\]\.Condition\.Bool\["aws:a"\]: expected a text/],
    [
      at({ Condition: { Bool: { 'aws:a': [{}] } } }),
      /^\.Statement\[0\]\.Condition\.Bool\["aws:a"\]\[0\]: expected a text/,
    ],
    [at({ Condition: { NumericEquals: { 'aws:a': Number.NaN } } }), /"aws:a"\]: expected a text, a number/],
    [at({ Resource: 'arn:aws:s3:::ő' }), /^: expected characters up to U\+00FF only/],
    [
      at({ Resource: `arn:${'x'.repeat(10_240)}` }),
      /^: expected at most 10240 characters without whitespace, found 10/,
    ],
  ])('%#: %j', (given, message) => {
    const text = messageOf({ groups, policies: { viewer: given } })
    expect(text.startsWith('policies.viewer')).toBe(true)
    expect(text.slice('policies.viewer'.length)).toMatch(message)
    expect(messageOf([{ group_name: 'a', allowed_functions: [], group_policy: given }])).toBe(
      text.replaceAll('policies.viewer', 'groups[0].group_policy'),
    )
  })

  it('is not one that fits exactly, whitespace aside', () => {
    const long = (length: number) => at({ Resource: `arn:${'x '.repeat(length)}` })
    const empty = JSON.stringify(long(0)).length
    expect(readDefinitions({ groups, policies: { viewer: long(10_240 - empty) } })).toHaveLength(2)
    expect(messageOf({ groups, policies: { viewer: long(10_241 - empty) } })).toMatch(/found 10241$/)
  })

  it.each([
    [{ Statement: statement }],
    [
      at({
        Sid: 'One',
        Condition: { 'ForAnyValue:StringLike': { 'aws:a': ['x', 1, true] }, Null: { 'aws:b': false } },
      }),
    ],
    [at({ Action: undefined, NotAction: ['iam:*', '*'], Resource: undefined, NotResource: ['*', 'arn:aws:s3:::a'] })],
    [at({ Action: ['execute-api:Invoke', 'dynamodb:Get?tem', '*:*'] })],
    [{ Statement: [{ ...statement, Sid: '' }, { ...statement, Sid: '' }, statement] }],
  ])('is not %j', (given) => {
    const [spec] = readAny({ groups, policies: { viewer: given } })
    expect(spec?.policy).toEqual(JSON.parse(JSON.stringify(given)))
  })
})

describe('groups of definitions', () => {
  it('are told from a map whose groups have the names of parts', () => {
    expect(readGroups({ groups, policies: {} }).names).toEqual(['viewer', 'editor'])
    expect(readGroups({ groups: { allow: ['f'] }, policies: { allow: ['g'] } }).names).toEqual(['groups', 'policies'])
    expect(readGroups({ groups: { inherits: ['policies'] }, policies: {} }).names).toEqual(['groups', 'policies'])
    expect(readGroups({ groups: defineGroups(groups), policies: {} }).names).toEqual(['viewer', 'editor'])
    const defined = defineGroups(groups)
    expect(readGroups(defined)).toBe(defined)
  })

  it('are read whatever they are, or refused with a clear error', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (input) => {
        for (const given of [input, [input], { groups: input, policies: {} }, { groups, policies: input }]) {
          try {
            readAny(given)
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigurationError)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

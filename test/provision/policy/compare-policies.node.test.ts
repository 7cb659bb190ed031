import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../../src/aws/index.ts'
import { describePolicyChange, isSamePolicy } from '../../../src/provision/policy/compare-policies.ts'
import { listAllowedActions } from '../../../src/provision/policy/documents.ts'

const version = '2012-10-17'
const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*' }
const write = { Effect: 'Allow', Action: ['s3:PutObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::a/*' }
const deny = { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::secret/*' }
const trust = { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }
const of = (...statements: unknown[]): PolicyDocument => ({ Version: version, Statement: statements })
const when = (Condition: unknown) => of({ ...read, Condition })
const by = (Principal: unknown) => of({ ...trust, Principal })

const same: [string, PolicyDocument, PolicyDocument][] = [
  ['a statement and a list of it', { Version: version, Statement: read }, of(read)],
  ['an action and a list of it', of(read), of({ ...read, Action: ['s3:GetObject'] })],
  ['a resource and a list of it', of(read), of({ ...read, Resource: ['arn:aws:s3:::a/*'] })],
  ['members in another order', of({ Resource: read.Resource, Action: read.Action, Effect: 'Allow' }), of(read)],
  ['elements in another order', { Statement: [read], Version: version }, of(read)],
  ['statements in another order', of(read, deny), of(deny, read)],
  ['a statement twice', of(read, deny, read), of(read, deny)],
  ['actions in another order', of(write), of({ ...write, Action: ['s3:DeleteObject', 's3:PutObject'] })],
  ['an action twice', of(read), of({ ...read, Action: ['s3:GetObject', 's3:GetObject'] })],
  ['the prefix in capitals', of(read), of({ ...read, Action: 'S3:GetObject' })],
  ['the action in small letters', of(read), of({ ...read, Action: 's3:getobject' })],
  ['one action in two cases', of(read), of({ ...read, Action: ['s3:getobject', 'S3:GETOBJECT'] })],
  [
    'NotAction in another case and order',
    of({ ...deny, Action: undefined, NotAction: ['iam:*', 'sts:*'] }),
    of({ ...deny, Action: undefined, NotAction: ['STS:*', 'iam:*'] }),
  ],
  [
    'NotResource in another order',
    of({ ...deny, Resource: undefined, NotResource: ['arn:a', 'arn:b'] }),
    of({ ...deny, Resource: undefined, NotResource: ['arn:b', 'arn:a', 'arn:b'] }),
  ],
  [
    'a statement split by actions',
    of(write),
    of({ ...write, Action: 's3:PutObject' }, { ...write, Action: 's3:DeleteObject' }),
  ],
  [
    'a statement split by resources',
    of({ ...read, Resource: ['arn:a', 'arn:b'] }),
    of({ ...read, Resource: 'arn:a' }, { ...read, Resource: 'arn:b' }),
  ],
  ['no version and 2008-10-17', { Statement: [read] }, { Version: '2008-10-17', Statement: [read] }],
  ['another Sid', of({ ...read, Sid: 'One' }), of({ ...read, Sid: 'Two' })],
  ['no Sid', of({ ...read, Sid: 'One' }), of(read)],
  [
    'condition keys in another case',
    when({ StringEquals: { 'aws:SourceVpc': 'a' } }),
    when({ StringEquals: { 'AWS:sourcevpc': 'a' } }),
  ],
  [
    'condition keys in another order',
    when({ StringEquals: { 'aws:a': '1', 'aws:b': '2' } }),
    when({ StringEquals: { 'aws:b': '2', 'aws:a': '1' } }),
  ],
  [
    'operators in another order',
    when({ Bool: { 'aws:a': 'true' }, Null: { 'aws:b': 'true' } }),
    when({ Null: { 'aws:b': 'true' }, Bool: { 'aws:a': 'true' } }),
  ],
  [
    'a condition value and a list of it',
    when({ StringEquals: { 'aws:a': '1' } }),
    when({ StringEquals: { 'aws:a': ['1'] } }),
  ],
  [
    'condition values in another order',
    when({ StringLike: { 'aws:a': ['x', 'y'] } }),
    when({ StringLike: { 'aws:a': ['y', 'x', 'y'] } }),
  ],
  [
    '"true" and true',
    when({ Bool: { 'aws:SecureTransport': 'true' } }),
    when({ Bool: { 'aws:SecureTransport': true } }),
  ],
  ['"10" and 10', when({ NumericLessThan: { 's3:max-keys': '10' } }), when({ NumericLessThan: { 's3:max-keys': 10 } })],
  ['an empty condition', when({}), of(read)],
  ['everybody in two forms', by('*'), by({ AWS: '*' })],
  ['everybody in a list', by('*'), by({ AWS: ['*'] })],
  ['an account and its root', by({ AWS: '123456789012' }), by({ AWS: 'arn:aws:iam::123456789012:root' })],
  ['an account and its root in China', by({ AWS: '123456789012' }), by({ AWS: ['arn:aws-cn:iam::123456789012:root'] })],
  ['an account twice', by({ AWS: ['123456789012', 'arn:aws:iam::123456789012:root'] }), by({ AWS: '123456789012' })],
  [
    'principals in another order',
    by({ AWS: ['111111111111', '222222222222'], Service: 'a.amazonaws.com' }),
    by({ Service: ['a.amazonaws.com'], AWS: ['222222222222', '111111111111'] }),
  ],
  ['an action of two cases in a trust policy', of(trust), of({ ...trust, Action: 'STS:assumeRole' })],
  [
    'unknown members in another order',
    of({ ...read, Extra: { a: 1, b: [2] } }),
    of({ ...read, Extra: { b: [2], a: 1 } }),
  ],
]

const different: [string, PolicyDocument, PolicyDocument][] = [
  ['versions', { Version: version, Statement: [read] }, { Statement: [read] }],
  ['effects', of(read), of({ ...read, Effect: 'Deny' })],
  ['an effect in another case', of(read), of({ ...read, Effect: 'allow' })],
  ['actions', of(read), of({ ...read, Action: 's3:GetObjectAcl' })],
  ['a further action', of(read), of({ ...read, Action: ['s3:GetObject', 's3:PutObject'] })],
  ['a wildcard', of(read), of({ ...read, Action: 's3:Get*' })],
  ['resources', of(read), of({ ...read, Resource: 'arn:aws:s3:::b/*' })],
  ['a resource in another case', of(read), of({ ...read, Resource: 'arn:aws:s3:::A/*' })],
  ['a further resource', of(read), of({ ...read, Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'] })],
  ['a statement more', of(read), of(read, deny)],
  ['no statements', of(read), of()],
  ['Action and NotAction', of(read), of({ ...read, Action: undefined, NotAction: 's3:GetObject' })],
  ['Resource and NotResource', of(read), of({ ...read, Resource: undefined, NotResource: read.Resource })],
  [
    'NotAction split',
    of({ ...deny, Action: undefined, NotAction: ['a:b', 'c:d'] }),
    of({ ...deny, Action: undefined, NotAction: 'a:b' }, { ...deny, Action: undefined, NotAction: 'c:d' }),
  ],
  [
    'NotResource split',
    of({ ...deny, Resource: undefined, NotResource: ['arn:a', 'arn:b'] }),
    of({ ...deny, Resource: undefined, NotResource: 'arn:a' }, { ...deny, Resource: undefined, NotResource: 'arn:b' }),
  ],
  [
    'crossed pairs',
    of({ ...read, Action: 'a:a', Resource: 'arn:x' }, { ...read, Action: 'b:b', Resource: 'arn:y' }),
    of({ ...read, Action: ['a:a', 'b:b'], Resource: ['arn:x', 'arn:y'] }),
  ],
  ['a condition', of(read), when({ Bool: { 'aws:SecureTransport': 'true' } })],
  ['condition values', when({ StringEquals: { 'aws:a': 'x' } }), when({ StringEquals: { 'aws:a': 'y' } })],
  [
    'condition values in another case',
    when({ StringEquals: { 'aws:a': 'x' } }),
    when({ StringEquals: { 'aws:a': 'X' } }),
  ],
  ['"true" and "false"', when({ Bool: { 'aws:a': 'true' } }), when({ Bool: { 'aws:a': false } })],
  ['operators', when({ StringEquals: { 'aws:a': 'x' } }), when({ StringLike: { 'aws:a': 'x' } })],
  ['IfExists', when({ StringEquals: { 'aws:a': 'x' } }), when({ StringEqualsIfExists: { 'aws:a': 'x' } })],
  ['ForAnyValue', when({ StringLike: { 'aws:a': 'x' } }), when({ 'ForAnyValue:StringLike': { 'aws:a': 'x' } })],
  [
    'a key of another operator',
    when({ StringEquals: { 'aws:a': 'x', 'aws:b': 'y' } }),
    when({ StringEquals: { 'aws:a': 'x' }, StringLike: { 'aws:b': 'y' } }),
  ],
  [
    'a condition split',
    when({ Bool: { 'aws:a': 'true' }, Null: { 'aws:b': 'true' } }),
    of({ ...read, Condition: { Bool: { 'aws:a': 'true' } } }, { ...read, Condition: { Null: { 'aws:b': 'true' } } }),
  ],
  ['no values', when({ StringEquals: { 'aws:a': [] } }), of(read)],
  ['a value that is none', when({ StringEquals: { 'aws:a': null } }), when({ StringEquals: { 'aws:a': 'null' } })],
  ['a condition that is none', when(null), of(read)],
  ['principals', by({ AWS: '123456789012' }), by({ AWS: '210987654321' })],
  ['an account and a user of it', by({ AWS: '123456789012' }), by({ AWS: 'arn:aws:iam::123456789012:user/root' })],
  ['kinds of principal', by({ AWS: 'a.amazonaws.com' }), by({ Service: 'a.amazonaws.com' })],
  [
    'an account where none is meant',
    by({ Federated: '123456789012' }),
    by({ Federated: 'arn:aws:iam::123456789012:root' }),
  ],
  ['a federation and everybody', by({ Federated: '*' }), by('*')],
  ['Principal and NotPrincipal', of(trust), of({ ...trust, Principal: undefined, NotPrincipal: trust.Principal })],
  [
    'nobody in two forms',
    of({ ...trust, Principal: undefined, NotPrincipal: '*' }),
    of({ ...trust, Principal: undefined, NotPrincipal: { AWS: '*' } }),
  ],
  ['no principal', of(trust), of({ ...trust, Principal: undefined })],
  ['an unknown member of a statement', of(read), of({ ...read, Extra: true })],
  ['values of an unknown member', of({ ...read, Extra: [1, 2] }), of({ ...read, Extra: [2, 1] })],
  ['an unknown element', of(read), { ...of(read), Extra: 1 }],
  ['an Id', of(read), { ...of(read), Id: 'one' }],
  ['members named differently', of(read), of({ ...read, Action: undefined, action: 's3:GetObject' })],
  ['a statement that is none', of(read), of(read, 'other')],
  ['nothing as a statement', { Version: version }, of()],
  ['__proto__ as a member', JSON.parse('{"Statement":[],"__proto__":{"a":1}}'), { Statement: [] }],
]

describe('policies that mean the same', () => {
  it.each(same)('%s', (_, one, other) => {
    expect(isSamePolicy(one, other)).toBe(true)
    expect(isSamePolicy(other, one)).toBe(true)
    expect(describePolicyChange(one, other)).toEqual([])
  })
})

describe('policies that do not, or that nobody knows to', () => {
  it.each(different)('%s', (_, one, other) => {
    expect(isSamePolicy(one, other)).toBe(false)
    expect(isSamePolicy(other, one)).toBe(false)
    expect(describePolicyChange(one, other)).not.toEqual([])
  })
})

describe('on random policies', () => {
  const list = <T>(item: fc.Arbitrary<T>) => fc.oneof(item, fc.uniqueArray(item, { minLength: 1, maxLength: 3 }))
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: list(fc.constantFrom('a:x', 'a:y', 'b:*')),
    Resource: list(fc.constantFrom('*', 'arn:a', 'arn:b')),
  })
  const policy = fc.array(statement, { maxLength: 3 })
  const lists = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value])
  /** Every effect, action and resource that a policy speaks of, by counting them out. */
  const spoken = (statements: readonly { Effect: string; Action: string | string[]; Resource: string | string[] }[]) =>
    new Set(
      statements.flatMap(({ Effect, Action, Resource }) =>
        lists(Action).flatMap((action) => lists(Resource).map((resource) => `${Effect} ${action} ${resource}`)),
      ),
    )

  it('same is what says the same of every action and resource', () => {
    fc.assert(
      fc.property(policy, policy, (one, other) => {
        const [a, b] = [spoken(one), spoken(other)]
        const isSame = a.size === b.size && [...a].every((text) => b.has(text))
        expect(isSamePolicy(of(...one), of(...other))).toBe(isSame)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the description of a change', () => {
  it.each([
    [of(), of(read), ['allows s3:GetObject on arn:aws:s3:::a/*']],
    [of(read), of(), ['no longer allows s3:GetObject on arn:aws:s3:::a/*']],
    [of(deny), of(), ['no longer denies s3:* on arn:aws:s3:::secret/*']],
    [of(read), of(read, write), ['allows s3:PutObject, s3:DeleteObject on arn:aws:s3:::a/*']],
    [
      of({ ...read, Resource: ['arn:a', 'arn:b'] }),
      of({ ...read, Action: ['s3:GetObject', 's3:PutObject'], Resource: ['arn:a', 'arn:b'] }),
      ['allows s3:PutObject on arn:a, arn:b'],
    ],
    [
      of(read),
      of({ ...read, Effect: 'Deny' }),
      ['denies s3:GetObject on arn:aws:s3:::a/*', 'no longer allows s3:GetObject on arn:aws:s3:::a/*'],
    ],
    [of(), of({ Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' }), ['allows all but iam:*, sts:* on *']],
    [of(), of({ Effect: 'Deny', Action: '*', NotResource: 'arn:a' }), ['denies * on all but arn:a']],
    [of(), by({ Federated: 'example.com' }), ['allows sts:AssumeRole for example.com']],
    [
      when({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }),
      when({ IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } }),
      ['allows s3:GetObject on arn:aws:s3:::a/* under another condition on aws:SourceIp'],
    ],
    [
      of(read),
      when({ Bool: { 'aws:SecureTransport': 'true' } }),
      [
        'allows s3:GetObject on arn:aws:s3:::a/* under a condition on aws:SecureTransport',
        'no longer allows s3:GetObject on arn:aws:s3:::a/*',
      ],
    ],
    [{ Statement: [read] }, of(read), ['is of version 2012-10-17, not 2008-10-17']],
    [of(read), { ...of(read), Id: 'one' }, ['has other members beside its statements']],
  ] as [PolicyDocument, PolicyDocument, string[]][])('%#: %j → %j', (before, after, lines) => {
    expect(describePolicyChange(before, after)).toEqual(lines)
  })

  it('names an action once, whose condition makes way for two', () => {
    const from = (vpc: string) => ({ ...read, Condition: { StringEquals: { 'aws:SourceVpc': vpc } } })
    expect(describePolicyChange(of(from('a')), of(from('b'), from('c')))).toEqual([
      'allows s3:GetObject on arn:aws:s3:::a/* under another condition on aws:SourceVpc',
    ])
  })

  it('tells no value of a condition', () => {
    const lines = describePolicyChange(of(read), when({ StringEquals: { 'aws:PrincipalTag/key': 'hidden-value' } }))
    expect(lines.join()).not.toContain('hidden-value')
    expect(lines.join()).toContain('aws:PrincipalTag/key')
  })

  it('is ready soon for the longest policies that IAM takes', () => {
    const actions = Array.from({ length: 600 }, (_, index) => `a:${index}`)
    const resources = Array.from({ length: 600 }, (_, index) => `arn:${index}`)
    const long = of({ Effect: 'Allow', Action: actions, Resource: resources })
    expect(isSamePolicy(long, of({ Effect: 'Allow', Action: actions.toReversed(), Resource: resources }))).toBe(true)
  })
})

describe('the actions of a policy', () => {
  it('are those that it allows, each once', () => {
    expect(listAllowedActions(of(read, read, write, deny))).toEqual(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'])
    expect(listAllowedActions(of({ Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' }))).toEqual([
      'all but iam:*, sts:*',
    ])
    expect(listAllowedActions({ Statement: read })).toEqual(['s3:GetObject'])
    expect(listAllowedActions({})).toEqual([])
  })
})

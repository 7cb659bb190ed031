import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPieces, piecesOf, policyAllows } from '../../../src/local/iam/evaluate.ts'

type Shape = Record<string, unknown>

const get = { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/2026/a b.pdf' }
const allow: Shape = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' }
const deny: Shape = { Effect: 'Deny', Action: 's3:*', Resource: '*' }
/** Policy variables are written #{…} in this file. */
const withVariables = (text: string) => text.replaceAll('#{', '${')
const policyOf = (...statements: Shape[]) => {
  return withVariables(JSON.stringify({ Version: '2012-10-17', Statement: statements }))
}

describe('an action on a resource', () => {
  it.each<[string, Shape[], boolean]>([
    ['nothing said', [], false],
    ['allowed', [allow], true],
    ['all allowed', [{ ...allow, Action: '*', Resource: '*' }], true],
    ['another action', [{ ...allow, Action: 's3:PutObject' }], false],
    ['another bucket', [{ ...allow, Resource: 'arn:aws:s3:::report/*' }], false],
    ['the bucket alone', [{ ...allow, Resource: 'arn:aws:s3:::reports' }], false],
    ['another case of the resource', [{ ...allow, Resource: 'arn:aws:s3:::Reports/*' }], false],
    ['another case of the action', [{ ...allow, Action: 'S3:getobject' }], true],
    ['one of several resources', [{ ...allow, Resource: ['arn:aws:s3:::x', 'arn:aws:s3:::reports/20??/*'] }], true],
    ['all resources but others', [{ ...allow, Resource: undefined, NotResource: 'arn:aws:s3:::x/*' }], true],
    ['all resources but this', [{ ...allow, Resource: undefined, NotResource: 'arn:aws:s3:::r*' }], false],
    ['all actions but others', [{ ...allow, Action: undefined, NotAction: 'iam:*' }], true],
    ['all actions but this', [{ ...allow, Action: undefined, NotAction: 's3:Get*' }], false],
    ['denied', [allow, deny], false],
    ['denied elsewhere', [allow, { ...deny, Resource: 'arn:aws:s3:::x' }], true],
    ['a principal, which makes it no identity policy', [{ ...allow, Principal: '*' }], false],
    ['no resource', [{ ...allow, Resource: undefined }], false],
    ['a resource that is none beside', [allow, { ...allow, Resource: [{}] }], false],
    ['denied without a resource', [allow, { ...deny, Resource: undefined }], false],
  ])('%s', (_, statements, expected) => {
    expect(
      policyAllows(
        statements.map((statement) => policyOf(statement)),
        get,
      ),
    ).toBe(expected)
    if (statements.length > 0) expect(policyAllows([policyOf(...statements)], get)).toBe(expected)
  })

  it.each(['', '{}', '[]', '{"Statement":[{}]}'])('an unreadable policy beside forbids everything: %s', (text) => {
    expect(policyAllows([policyOf(allow), text], get)).toBe(false)
  })
})

describe('policy variables', () => {
  const sub = 'cognito-identity.amazonaws.com:sub'
  const context = { [sub]: 'eu-west-1:a', 'aws:star': '*', 'aws:many': ['a', 'b'] }
  const reads = (Resource: string, key: string, more: Shape = {}) => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...allow, Resource }], ...more })
    return policyAllows([withVariables(text)], {
      action: 's3:GetObject',
      resource: `arn:aws:s3:::users/${key}`,
      context,
    })
  }

  it.each<[string, string, boolean]>([
    ['#{cognito-identity.amazonaws.com:sub}/*', 'eu-west-1:a/x', true],
    ['#{Cognito-Identity.amazonaws.com:SUB}/*', 'eu-west-1:a/x', true],
    ['#{cognito-identity.amazonaws.com:sub}/*', 'eu-west-1:b/x', false],
    ['#{cognito-identity.amazonaws.com:sub}', 'eu-west-1:a/x', false],
    ['#{aws:star}/x', '*/x', true],
    ['#{aws:star}/x', 'a/x', false],
    ['#{*}#{?}#{$}', '*?$', true],
    ['#{*}', 'a', false],
    ['#{aws:missing}', '', false],
    ["#{aws:missing, 'guest'}/x", 'guest/x', true],
    ['#{aws:many}', 'a', false],
    ['#{cognito-identity', '${cognito-identity', false],
  ])('%s and %s', (pattern, key, expected) => {
    expect(reads(`arn:aws:s3:::users/${pattern}`, key)).toBe(expected)
  })

  it('are texts in policies of the older version', () => {
    const pattern = 'arn:aws:s3:::users/#{aws:star}'
    expect(reads(pattern, '*', { Version: '2008-10-17' })).toBe(false)
    expect(reads(pattern, '*', { Version: undefined })).toBe(false)
    expect(reads(pattern, withVariables('#{aws:star}'), { Version: undefined })).toBe(true)
  })

  it('without a value make a denial hold', () => {
    const denial = { ...deny, Resource: 'arn:aws:s3:::#{aws:missing}/*' }
    expect(policyAllows([policyOf(allow, denial)], { ...get, context })).toBe(false)
  })
})

describe('wildcards', () => {
  it('match as a regular expression does', () => {
    const character = fc.constantFrom('a', 'b', '*', '?', '.', '\n', '😀')
    const text = fc.string({ unit: character, maxLength: 12 })
    fc.assert(
      fc.property(text, text, (pattern, subject) => {
        const source = Array.from(pattern, (mark) => ({ '*': '.*', '?': '.', '.': '\\.' })[mark] ?? mark).join('')
        const expected = new RegExp(`^${source}$`, 'su').test(subject)
        expect(matchesPieces(piecesOf(pattern), subject)).toBe(expected)
      }),
      { numRuns: 3000, seed: 7 },
    )
  })

  it('take no exponential time', () => {
    expect(matchesPieces(piecesOf('*a'.repeat(500)), `${'a'.repeat(5000)}b`)).toBe(false)
  })
})

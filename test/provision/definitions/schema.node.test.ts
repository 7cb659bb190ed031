import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parseDefinitions } from '../../../src/cli/definitions-file.ts'
import groupsSchema from '../../../src/permissions/groups.schema.json' with { type: 'json' }
import schema from '../../../src/provision/definitions/definitions.schema.json' with { type: 'json' }
import { groupDetail } from '../../../examples/group-detail.ts'

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictNumbers: true })
ajv.addSchema(groupsSchema, 'groups.schema.json')
const fits = ajv.compile(schema)

function accepts(file: unknown): boolean {
  try {
    parseDefinitions('x.json', JSON.stringify(file))
    return true
  } catch {
    return false
  }
}

const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }
const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const groups = { viewer: { allow: ['posts.read'] }, admin: { allow: ['*'], deny: ['posts.purge'], precedence: 1 } }

describe('the schema of definitions files', () => {
  it.each([
    ['groups alone', groups],
    ['a cognises file', groupDetail],
    ['groups within a file', { groups }],
    ['a cognises file within a file', { groups: groupDetail }],
    ['a group of the name groups', { groups: { allow: ['posts.read'] } }],
    [
      'everything',
      {
        $schema: 'definitions.schema.json',
        groups,
        permissions: ['posts.read', 'posts.purge'],
        require: { 'posts.*': { auth_time: { maxAge: 60 } } },
        trustedClaims: ['custom:tier'],
        policies: { viewer: policy, admin: { Statement: { ...policy.Statement[0], Sid: 'a' } } },
        managedPolicies: { viewer: [arn] },
        permissionsBoundary: arn,
        members: { admin: ['alice'], viewer: [] },
      },
    ],
    ['a boundary by group', { groups, permissionsBoundary: { admin: arn } }],
  ])('takes %s, as the command line does', (_, file) => {
    expect([fits(file), accepts(file)]).toEqual([true, true])
  })

  it.each([
    ['a key that there is not', { groups, member: {} }],
    ['an unknown key of a group', { groups: { viewer: { alow: [] } } }],
    ['members that are no list', { groups, members: { admin: 'alice' } }],
    ['a member twice', { groups, members: { admin: ['alice', 'alice'] } }],
    ['a user name with a space', { groups, members: { admin: ['a b'] } }],
    ['a policy without an effect', { groups, policies: { viewer: { Statement: [{ Action: '*', Resource: '*' }] } } }],
    ['a policy without statements', { groups, policies: { viewer: { Statement: [] } } }],
    ['what is no ARN', { groups, managedPolicies: { viewer: ['ReadOnlyAccess'] } }],
    ['an ARN twice', { groups, managedPolicies: { viewer: [arn, arn] } }],
    ['a boundary that is no ARN', { groups, permissionsBoundary: 'x' }],
    ['a gate of nothing', { groups, require: { 'posts.read': {} } }],
    ['a text', 'groups'],
  ])('refuses %s, as the command line does', (_, file) => {
    expect([fits(file), accepts(file)]).toEqual([false, false])
  })

  it('has every part that the command line reads', () => {
    expect(Object.keys(schema.definitions.file.properties)).toEqual([
      ...['$schema', 'groups', 'permissions', 'require', 'trustedClaims', 'policies', 'managedPolicies'],
      ...['permissionsBoundary', 'members'],
    ])
  })
})

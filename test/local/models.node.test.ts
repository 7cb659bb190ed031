import { describe, expect, it } from 'vitest'
import { answerFaults, readModels } from '../support/models.ts'

const json = (operation: string, body: unknown, status = 200) => {
  const answer = { service: 'cognito-idp', operation, status, contentType: 'application/x-amz-json-1.1' }
  return answerFaults({ ...answer, body: body === undefined ? '' : JSON.stringify(body) })
}
const xml = (operation: string, body: string, status = 200) => {
  return answerFaults({ service: 'iam', operation, status, contentType: 'text/xml', body })
}
const role = (more: string) =>
  `<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>a</RoleName><RoleId>b</RoleId><Arn>c</Arn>${more}</Role></GetRoleResult></GetRoleResponse>`
const created = '<CreateDate>2026-01-01T00:00:00Z</CreateDate>'

describe('The judge of answers finds', () => {
  it.each<[string, string[], string[]]>([
    ['nothing in a good one', json('GetGroup', { Group: { GroupName: 'a', Precedence: 1, CreationDate: 1.5 } }), []],
    ['nothing in an empty one', json('DeleteGroup', undefined), []],
    ['a member that there is not', json('GetGroup', { Group: { groupName: 'a' } }), ['Group.groupName is no member']],
    [
      'a date as text',
      json('GetGroup', { Group: { CreationDate: '2026' } }),
      ['Group.CreationDate should be a timestamp, not string'],
    ],
    ['null', json('GetGroup', { Group: { Description: null } }), ['Group.Description should be a string, not null']],
    [
      'a number as text',
      json('GetGroup', { Group: { Precedence: '1' } }),
      ['Group.Precedence should be a integer, not string'],
    ],
    ['no list', json('ListGroups', { Groups: {} }), ['Groups should be a list']],
    ['a content where there is none', json('DeleteGroup', { a: 1 }), ['the answer should be empty']],
    [
      'a value of no enumeration',
      json('AdminGetUser', { Username: 'a', UserStatus: 'confirmed' }),
      [expect.stringMatching(/^UserStatus should be one of UNCONFIRMED, CONFIRMED/)],
    ],
    ['what is required', json('AdminGetUser', {}), ['Username is required']],
    [
      'an error of another operation',
      json('GetGroup', { __type: 'UserNotFoundException' }, 400),
      ['the error UserNotFoundException is not documented'],
    ],
    [
      'an operation that nobody knows',
      json('GetGruop', {}),
      ['the model has no such operation: run scripts/generate-models.ts'],
    ],
    ['nothing in a good role', xml('GetRole', role(created)), []],
    ['a role without its date', xml('GetRole', role('')), ['Role.CreateDate is required']],
    [
      'a date that is none',
      xml('GetRole', role('<CreateDate>1</CreateDate>')),
      ['Role.CreateDate should be a timestamp, not string'],
    ],
    [
      'a number that is none',
      xml('GetRole', role(`${created}<MaxSessionDuration>x</MaxSessionDuration>`)),
      ['Role.MaxSessionDuration should be a integer, not string'],
    ],
    [
      'an error of Cognito',
      xml('GetRole', '<ErrorResponse><Error><Code>ResourceNotFoundException</Code></Error></ErrorResponse>', 404),
      ['the error ResourceNotFoundException is not documented'],
    ],
    [
      'nothing in an error of IAM',
      xml('GetRole', '<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>', 404),
      [],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected)
  })
})

it('The models hold all 140 operations of user pools, and no prose.', () => {
  const { errors = {}, shapes = {} } = readModels()['cognito-idp'] ?? {}
  expect(Object.keys(errors)).toHaveLength(140)
  expect(shapes['UserPoolType']?.m).toHaveProperty('DcrConfiguration')
  expect(JSON.stringify(readModels())).not.toMatch(/<p>|documentation/)
})

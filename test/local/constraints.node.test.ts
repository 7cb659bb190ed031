import { describe, expect, it } from 'vitest'
import { createInputCheck } from '../../src/local/constraints.ts'
import { createOperations } from '../../src/local/operations.ts'
import { readModels } from '../support/models.ts'

const check = createInputCheck()
const pool = { UserPoolId: 'eu-west-1_AbCdEfGhI' }
const idp = (operation: string, input: Record<string, unknown>) =>
  check('cognito-idp', operation, { ...pool, ...input })?.message

describe('AWS’s texts of validation', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['nothing is wrong', idp('ListUsers', { Limit: 60 }), undefined],
    [
      'all faults at once, by the names of the members',
      idp('ListUsers', { Limit: 61, PaginationToken: '' }),
      "3 validation errors detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60; " +
        "Value '' at 'paginationToken' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'paginationToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+",
    ],
    [
      'several constraints of one value',
      check('cognito-idp', 'ListGroups', { UserPoolId: '' })?.message,
      "2 validation errors detected: Value '' at 'userPoolId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
    ],
    [
      'what is required and absent, in structures of lists too',
      idp('CreateResourceServer', { Identifier: 'a', Name: 'b', Scopes: [{ ScopeName: 'c' }] }),
      "1 validation error detected: Value null at 'scopes.1.member.scopeDescription' failed to satisfy constraint: Member must not be null",
    ],
    [
      'plain items by the whole list',
      idp('CreateUserPoolClient', { ClientName: 'a', ExplicitAuthFlows: ['NONE'] })?.replace(
        /: \[ADMIN.*\]\]/,
        ': […]]',
      ),
      "1 validation error detected: Value '[NONE]' at 'explicitAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: […]]",
    ],
    [
      'the values of a map by the whole map',
      check('cognito-identity', 'SetIdentityPoolRoles', {
        IdentityPoolId: 'eu-west-1:0',
        Roles: { authenticated: 'short' },
      })?.message,
      "1 validation error detected: Value '{authenticated=short}' at 'roles' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length greater than or equal to 20]",
    ],
    [
      'secrets are not shown',
      idp('AdminSetUserPassword', { Username: 'alice', Password: 'a b' }),
      "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+",
    ],
    [
      'forms have numbers as texts',
      check('iam', 'ListRoles', { MaxItems: '0' })?.message,
      "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'IAM says in words which characters names may have',
      check('iam', 'GetRole', { RoleName: 'a b' })?.message,
      'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
    [
      'and in the common form what else is wrong',
      check('iam', 'GetRole', { RoleName: 'a'.repeat(65) })?.message,
      `1 validation error detected: Value '${'a'.repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      'an operation that only the SDK knows',
      idp('SetUserPoolSessionConfiguration', { UserSessionTracking: 'ON' }),
      "2 validation errors detected: Value null at 'tokenSession' failed to satisfy constraint: Member must not be null; " +
        "Value 'ON' at 'userSessionTracking' failed to satisfy constraint: Member must satisfy enum value set: [DISABLED, ENABLED]",
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected)
  })
})

describe('A value of the wrong type cannot be read', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a number in place of a text', { Username: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    ['a boolean in place of a text', { Username: true }, 'TRUE_VALUE can not be converted to a String'],
    ['a structure in place of a text', { Username: {} }, 'Start of structure or map found where not expected.'],
    ['a list in place of a text', { Username: [] }, 'Start of list found where not expected'],
    ['a text in place of a boolean', { ForceAliasCreation: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
    ['a text in place of a list', { UserAttributes: 'a' }, 'Expected list or null'],
    ['a text in place of a map', { ClientMetadata: 'a' }, 'Expected map or null'],
    [
      'a number in a list’s structure',
      { UserAttributes: [{ Name: 'a', Value: 7 }] },
      'NUMBER_VALUE can not be converted to a String',
    ],
  ])('%s', (_, input, message) => {
    const error = check('cognito-idp', 'AdminCreateUser', { ...pool, Username: 'alice', ...input })
    expect([error?.code, error?.message]).toEqual(['SerializationException', message])
  })

  it('null and members that the model does not know are left alone', () => {
    expect(idp('AdminGetUser', { Username: 'alice', Other: 1, __proto__: null })).toBeUndefined()
    expect(idp('ListUsers', { Limit: null, AttributesToGet: null })).toBeUndefined()
  })
})

it('The models know the input of every operation that is offered, where it has one.', () => {
  const without = Object.keys(createOperations()).filter((name) => {
    const [service = '', operation = ''] = name.split('.')
    return readModels()[service] !== undefined && readModels()[service]?.errors[operation] === undefined
  })
  expect(without).toEqual([])
})

import { expectTypeOf, test } from 'vitest'
import { defineGroups } from '../../src/permissions/index.ts'
import { type Definitions, type GroupSpec, readDefinitions } from '../../src/provision/definitions/read-definitions.ts'
import type { ImpactInput } from '../../src/provision/impact/plan-impact.ts'

const policy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } }
const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const groups = defineGroups({ viewer: { allow: ['posts.read'] }, editor: { inherits: ['viewer'], allow: ['posts.*'] } })

test('policies are about groups that are defined', () => {
  expectTypeOf(readDefinitions({ groups, policies: { viewer: policy } })).toEqualTypeOf<GroupSpec[]>()
  readDefinitions({ groups, policies: {} })
  readDefinitions({ groups, policies: { viewer: policy, editor: undefined }, managedPolicies: { editor: [arn] } })
  // @ts-expect-error a misspelt group
  readDefinitions({ groups, policies: { viewr: policy } })
  // @ts-expect-error a misspelt group
  readDefinitions({ groups, policies: {}, managedPolicies: { editr: [arn] } })
  // @ts-expect-error a misspelt group
  readDefinitions({ groups, policies: {}, permissionsBoundary: { editr: arn } })
  // @ts-expect-error a misspelt member
  readDefinitions({ groups, policies: {}, managedPolicy: {} })
  // @ts-expect-error no policies
  readDefinitions({ groups })
  // @ts-expect-error no list
  readDefinitions({ groups, policies: {}, managedPolicies: { editor: arn } })
})

test('policies that stand in a variable are checked, too', () => {
  const policies = { viewer: policy, editr: policy }
  // @ts-expect-error a misspelt group
  readDefinitions({ groups, policies })
  const managedPolicies = { viewer: [arn], editr: [arn] }
  // @ts-expect-error a misspelt group
  readDefinitions({ groups, policies: {}, managedPolicies })
})

test('with the map of the groups itself', () => {
  readDefinitions({ groups: { viewer: { allow: ['posts.read'] } }, policies: { viewer: policy } })
  // @ts-expect-error a misspelt group
  readDefinitions({ groups: { viewer: { allow: ['posts.read'] } }, policies: { viewr: policy } })
})

test('a cognises array, as it is and from JSON', () => {
  const entry = { group_name: 'Group1', group_policy: policy, created: 'false', allowed_functions: ['protected'] }
  readDefinitions([entry])
  readDefinitions([{ ...entry, description: 'The first', precedence: 1 }])
  readDefinitions({ groups: [entry], policies: { Group1: policy } })
  // @ts-expect-error a precedence is a number
  readDefinitions([{ ...entry, precedence: '1' }])
  const json: { groups: { [name: string]: { allow: string[] } }; policies: { [name: string]: typeof policy } } = {
    groups: {},
    policies: {},
  }
  readDefinitions(json)
  expectTypeOf<typeof json>().toExtend<Definitions>()
})

test('the form that planning and impact take', () => {
  expectTypeOf({ groups, policies: { viewer: policy } }).toExtend<Definitions>()
  expectTypeOf(groups).toExtend<ImpactInput>()
  expectTypeOf({ groups, policies: { viewer: policy } }).toExtend<ImpactInput>()
  expectTypeOf({ viewer: { allow: ['posts.read'] } }).toExtend<ImpactInput>()
})

import { expectTypeOf, it } from 'vitest'
import { groupDetail } from '../../examples/group-detail.ts'
import {
  type ApplyOptions,
  applyPlan,
  createUpdate,
  type GroupPlan,
  type PlannedChange,
  type PlanOptions,
  planGroups,
} from '../../src/provision/index.ts'

declare const options: PlanOptions
declare const applyOptions: ApplyOptions

it('plans are plain data, told apart by kind and action', async () => {
  const plan = await planGroups(groupDetail, options)
  expectTypeOf(plan).toEqualTypeOf<GroupPlan>()
  for (const change of plan.changes) {
    if (change.kind === 'identity-pool') expectTypeOf(change.mapByToken).toEqualTypeOf<readonly string[]>()
    else expectTypeOf(change.group).toEqualTypeOf<string>()
    if (change.kind === 'group' && change.action === 'delete') expectTypeOf(change.members).toEqualTypeOf<number>()
  }
  expectTypeOf(await applyPlan(plan, applyOptions)).toEqualTypeOf<readonly PlannedChange[]>()
})

it('a policy of a group that is not defined does not compile', () => {
  const policy = { Version: '2012-10-17', Statement: [] }
  void planGroups({ groups: { viewer: {} }, policies: { viewer: policy } }, options)
  // @ts-expect-error: misspelt
  void planGroups({ groups: { viewer: {} }, policies: { vewer: policy } }, options)
  // @ts-expect-error: without clients
  void planGroups({ groups: { viewer: {} }, policies: {} }, {})
})

it('createUpdate keeps what it was given', async () => {
  const [first] = await createUpdate(groupDetail, applyOptions)
  expectTypeOf(first?.created).toEqualTypeOf<true | 'true' | undefined>()
  expectTypeOf(first?.group_name).toEqualTypeOf<'Group1' | 'String' | undefined>()
})

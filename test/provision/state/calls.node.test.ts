import { expect, it } from 'vitest'
import { applyPlan, planGroups } from '../../../src/provision/index.ts'
import { provisioned } from '../../support/provision.ts'

const names = Array.from({ length: 50 }, (_, index) => `group${index}`)
const definitions = {
  groups: Object.fromEntries(names.map((name, precedence) => [name, { precedence }])),
  policies: Object.fromEntries(
    names.map((name) => [
      name,
      {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${name}/*` }],
      },
    ]),
  ),
}

it('a plan for 50 groups takes 5 calls, and 4 more for each role that is there, or one with accountDetails; applying it 3 for each that is new', async () => {
  const { pool, ...clients } = await provisioned({ identityPool: { roleMapping: 'token' } })
  const counted = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const before = pool.requests.length
    return [await work, pool.requests.length - before]
  }
  const [plan, planning] = await counted(planGroups(definitions, clients))
  const [changes, applying] = await counted(applyPlan(plan, clients))
  const [again, planningAgain] = await counted(planGroups(definitions, clients))
  expect(changes).toHaveLength(100)
  expect(again.changes).toEqual([])
  expect({ planning, applying, planningAgain }).toEqual({ planning: 5, applying: 155, planningAgain: 205 })
  const [quick, planningQuickly] = await counted(planGroups(definitions, { ...clients, accountDetails: true }))
  expect(planningQuickly).toBe(6)
  expect(quick).toEqual(again)
})

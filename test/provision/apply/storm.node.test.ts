import { expect, it } from 'vitest'
import { applyPlan, planGroups } from '../../../src/provision/index.ts'
import { provisioned, snapshot } from '../../support/provision.ts'

const base = {
  userPoolId: 'eu-west-1_Storming1',
  clientId: 'storming',
  identityPool: { identityPoolId: 'eu-west-1:11111111-2222-3333-4444-555555555555' },
}
const names = Array.from({ length: 8 }, (_, index) => `group${index}`)
const definitions = (action: string) => ({
  groups: Object.fromEntries(names.map((name, precedence) => [name, { precedence, description: name }])),
  policies: Object.fromEntries(
    names.map((name) => [
      name,
      { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: 'arn:aws:s3:::reports/*' }] },
    ]),
  ),
})

it.each([
  [1, false],
  [2, true],
])(
  'throttles, cut connections and lost answers change nothing of the outcome (seed %i, accountDetails %s)',
  async (seed, accountDetails) => {
    const { pool: calm, ...calmly } = await provisioned(base)
    const { pool, ...clients } = await provisioned(base)
    pool.fail('*', { rate: 0.2, seed, error: 'Throttling', message: 'Rate exceeded' })
    pool.fail('*', { rate: 0.05, seed: seed + 10, networkError: true })
    pool.fail('*', { rate: 0.05, seed: seed + 20, networkError: true, when: 'after' })
    pool.fail('*', { rate: 0.05, seed: seed + 30, status: 500, error: 'ServiceFailure', when: 'after' })
    for (const action of ['s3:GetObject', 's3:PutObject']) {
      for (const place of [calmly, clients]) {
        const options = { ...place, accountDetails, timeout: 5000 }
        await applyPlan(await planGroups(definitions(action), { ...options, secureIdentityPool: true }), options)
      }
      pool.recover()
      expect(await snapshot(clients)).toEqual(await snapshot(calmly))
      pool.fail('*', { rate: 0.3, seed: seed + 40, error: 'TooManyRequestsException' })
    }
    expect(calm.count('CreateRole')).toBe(8)
  },
)

import { expect, it } from 'vitest'
import { createPoolAdmin } from '../../src/admin/index.ts'
import {
  applyPlan,
  createIamClient,
  createIdentityPoolClient,
  createUpdate,
  planGroups,
} from '../../src/provision/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { credentials } from '../support/aws.ts'

const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' }],
}
const groupDetail = ['Group1', 'größe'].map((group_name, precedence) => ({
  group_name,
  precedence,
  group_policy: policy,
  created: 'false',
  allowed_functions: ['protected'],
}))

it('groups and roles are created, drift, and are set right', async () => {
  const pool = await createLocalPool({ iamDelay: 2, identityPool: { allowClassicFlow: true } })
  const { userPoolId, fetch, now } = pool.settings
  const options = { credentials, fetch, now, sleep: async (milliseconds: number) => pool.advance(milliseconds / 1000) }
  const clients = {
    admin: createPoolAdmin({ userPoolId, ...options }),
    iam: createIamClient(options),
    identityPool: createIdentityPoolClient({ identityPoolId: pool.identityPoolId, ...options }),
  }
  const findings: string[] = []
  const updated = await createUpdate(groupDetail, { ...clients, onFinding: ({ id }) => void findings.push(id) })
  expect(updated.map(({ created }) => created)).toEqual(['true', 'true'])
  expect(findings).toEqual(['classic-flow', 'role-mapping'])

  await clients.iam.roles.putPolicy('role_Group1', 'Group1_policy', {
    ...policy,
    Statement: [{ ...policy.Statement[0], Action: '*' }],
  })
  const plan = await planGroups(updated, { ...clients, secureIdentityPool: true })
  expect(plan.changes.map(({ kind }) => kind)).toEqual(['identity-pool', 'role'])
  await applyPlan(JSON.parse(JSON.stringify(plan)), clients)
  expect(await planGroups(updated, clients)).toMatchObject({ changes: [], findings: [] })
})

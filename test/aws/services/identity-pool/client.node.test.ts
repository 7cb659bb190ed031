import { describe, expect, it } from 'vitest'
import { createIdentityPoolClient } from '../../../../src/aws/index.ts'
import { createLocalPool, type LocalPoolOptions } from '../../../../src/local/index.ts'
import { credentials, errorOf } from '../../../support/aws.ts'
import { createSignatureVerifier } from '../../../support/signature-verifier.ts'

/** An identity pool of a local pool that judges signatures, by a clock that only waiting moves. */
async function scene(identityPool: LocalPoolOptions['identityPool'] = { allowClassicFlow: true }) {
  const pool = await createLocalPool({
    now: () => Date.UTC(2026, 0, 1),
    verifySignature: createSignatureVerifier([credentials]),
    identityPool,
  })
  const client = createIdentityPoolClient({
    identityPoolId: pool.identityPoolId,
    credentials,
    fetch: pool.fetch,
    now: pool.settings.now,
    random: () => 0.5,
    sleep: async (milliseconds) => pool.advance(milliseconds / 1000),
  })
  return { pool, client }
}

const arn = 'arn:aws:iam::123456789012:role/signed-in'
const rules = [{ claim: 'email', matchType: 'Contains', value: '@', roleArn: arn }] as const
const token = { type: 'Token', ambiguousRoleResolution: 'Deny' } as const

describe('an identity pool of the local pool', () => {
  it('is described and updated, and keeps what is not changed', async () => {
    const { pool, client } = await scene()
    const before = await client.describe()
    expect(before).toMatchObject({ identityPoolId: pool.identityPoolId, allowClassicFlow: true })
    expect(before.providers).toMatchObject([{ providerName: expect.stringContaining(pool.settings.userPoolId) }])
    const after = await client.update({ allowClassicFlow: false, tags: { a: 'b' } })
    const { raw: _, ...expected } = { ...before, allowClassicFlow: false, tags: { a: 'b' } }
    expect(after).toMatchObject(expected)
    expect(await client.describe()).toMatchObject(expected)
  })

  it('gets mappings one by one, and keeps its roles', async () => {
    const { client } = await scene({ roles: { authenticated: arn } })
    const { providers } = await client.describe()
    const [own] = providers.map(({ providerName, clientId }) => `${providerName}:${clientId}`)
    await client.setRoleMapping(own!, { type: 'Rules', rules, ambiguousRoleResolution: 'AuthenticatedRole' })
    expect((await client.roles()).roleMappings[own!]).toMatchObject({ type: 'Rules', rules })
    await client.setRoleMapping('graph.facebook.com', { type: 'Rules', rules, ambiguousRoleResolution: 'Deny' })
    await client.setRoleMapping(own!, token)
    const { roles, roleMappings } = await client.roles()
    expect(roles).toEqual({ authenticated: arn })
    expect(Object.keys(roleMappings).sort()).toEqual([own!, 'graph.facebook.com'].sort())
    expect(roleMappings[own!]).toMatchObject(token)
    await client.setRoleMapping(own!, undefined)
    expect(Object.keys((await client.roles()).roleMappings)).toEqual(['graph.facebook.com'])
  })

  it.each(['UpdateIdentityPool', 'SetIdentityPoolRoles'])(
    'knows that %s took effect though the answer was lost',
    async (name) => {
      const { pool, client } = await scene()
      pool.fail(name, { when: 'after' })
      pool.fail('DescribeIdentityPool', { error: 'TooManyRequestsException', times: 1 })
      const { providers } = await client.describe()
      const own = `${providers[0]?.providerName}:${providers[0]?.clientId}`
      await client.update({ allowClassicFlow: false })
      await client.setRoleMapping(own, token)
      expect((await client.describe()).allowClassicFlow).toBe(false)
      expect((await client.roles()).roleMappings[own]).toMatchObject(token)
    },
  )

  it('of another id is not found', async () => {
    const { pool } = await scene()
    const identityPoolId = `${pool.region}:00000000-0000-0000-0000-000000000000`
    const client = createIdentityPoolClient({ identityPoolId, credentials, fetch: pool.fetch, now: pool.settings.now })
    expect(await errorOf(client.describe())).toMatchObject({ code: 'ResourceNotFoundException' })
    expect(await errorOf(client.update({ name: 'x' }))).toMatchObject({ code: 'ResourceNotFoundException' })
  })
})

import { describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../src/admin/index.ts'
import { roleCredentials } from '../../src/credentials/index.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { applyPlan, createIamClient, createIdentityPoolClient, planGroups } from '../../src/provision/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { credentials } from '../support/aws.ts'
import { policyOf, snapshot } from '../support/provision.ts'

const definitions = {
  groups: { viewer: { precedence: 1 }, editor: { precedence: 0 } },
  policies: { viewer: policyOf('s3:GetObject'), editor: policyOf('s3:PutObject') },
}

describe('in every partition', () => {
  it.each([
    ['eu-west-1', 'aws', 'cognito-identity.amazonaws.com', 'iam.amazonaws.com', 'amazonaws.com'],
    [
      'us-gov-west-1',
      'aws-us-gov',
      'cognito-identity-us-gov.amazonaws.com',
      'iam.us-gov.amazonaws.com',
      'amazonaws.com',
    ],
    [
      'cn-north-1',
      'aws-cn',
      'cognito-identity.cn-north-1.amazonaws.com.cn',
      'iam.cn-north-1.amazonaws.com.cn',
      'amazonaws.com.cn',
    ],
    ['eusc-de-east-1', 'aws-eusc', 'cognito-identity.amazonaws.com', 'iam.eusc-de-east-1.amazonaws.eu', 'amazonaws.eu'],
  ])(
    '%s: a plan is made, applied and found done, and members get the role',
    async (region, partition, principal, iamHost, suffix) => {
      const pool = await createLocalPool({
        userPoolId: `${region}_Partition`,
        users: { alice: {} },
        identityPool: { roleMapping: 'token' },
      })
      const hosts = new Set<string>()
      const fetch = async (request: Request) => {
        hosts.add(new URL(request.url).hostname)
        return pool.fetch(request)
      }
      const { userPoolId, clientId, now } = pool.settings
      const seams = { credentials, fetch, now }
      const clients = {
        admin: createPoolAdmin({ userPoolId, ...seams }),
        iam: createIamClient({ region, ...seams }),
        identityPool: createIdentityPoolClient({ identityPoolId: pool.identityPoolId, ...seams }),
      }
      await applyPlan(JSON.parse(JSON.stringify(await planGroups(definitions, clients))), clients)
      expect(await planGroups(definitions, clients)).toMatchObject({ changes: [], findings: [] })
      const { roles, groups } = await snapshot(clients)
      expect(groups['viewer']).toMatchObject({ roleArn: `arn:${partition}:iam::123456789012:role/role_viewer` })
      expect(roles['role_viewer']?.trustPolicy).toMatchObject({
        Statement: [
          {
            Principal: { Federated: principal },
            Condition: { StringEquals: { [`${principal}:aud`]: pool.identityPoolId } },
          },
        ],
      })
      await clients.admin.users.addToGroup('alice', 'viewer')
      const guard = createGuard({
        ...pool.settings,
        groups: defineGroups(definitions.groups),
        tokenUse: 'id',
        clientId,
      })
      const { idToken } = await pool.tokens('alice')
      const principalOfAlice = await guard.verify(idToken)
      const issued = await roleCredentials(principalOfAlice, { guard, identityPoolId: pool.identityPoolId, fetch, now })
      const sts = createIamClient({ region, ...seams, credentials: issued })
      expect(await sts.caller()).toMatchObject({
        arn: expect.stringMatching(`^arn:${partition}:sts::123456789012:assumed-role/role_viewer/`),
      })
      expect([...hosts].sort()).toEqual(
        [
          `cognito-idp.${region}.${suffix}`,
          `cognito-identity.${region}.${suffix}`,
          iamHost,
          `sts.${region}.${suffix}`,
        ].sort(),
      )
    },
  )

  it.each(['aws-us-gov', 'aws-cn', 'aws-eusc'])('a policy on the own pool of %s is a finding', async (partition) => {
    const region =
      { 'aws-us-gov': 'us-gov-west-1', 'aws-cn': 'cn-north-1', 'aws-eusc': 'eusc-de-east-1' }[partition] ?? ''
    const pool = await createLocalPool({ userPoolId: `${region}_Partition`, identityPool: { roleMapping: 'token' } })
    const seams = { credentials, fetch: pool.fetch, now: pool.settings.now }
    const clients = {
      admin: createPoolAdmin({ userPoolId: pool.settings.userPoolId, ...seams }),
      iam: createIamClient({ region, ...seams }),
      identityPool: createIdentityPoolClient({ identityPoolId: pool.identityPoolId, ...seams }),
    }
    const own = `arn:${partition}:cognito-idp:${region}:123456789012:userpool/${pool.settings.userPoolId}`
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'cognito-idp:*', Resource: own }] }
    const managed = [`arn:${partition}:iam::aws:policy/AdministratorAccess`]
    const { findings } = await planGroups(
      { groups: { own: {}, managed: {} }, policies: { own: policy }, managedPolicies: { managed } },
      { ...clients, acceptFindings: [] },
    )
    expect(findings.map(({ code, group }) => [code, group])).toEqual([
      ['self-access', 'own'],
      ['self-access', 'managed'],
      ['tied-precedence', undefined],
    ])
  })
})

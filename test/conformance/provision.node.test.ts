import { CognitoIdentityProviderClient, CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider'
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupDetail } from '../../examples/group-detail.ts'
import { createPoolAdmin } from '../../src/admin/index.ts'
import {
  applyPlan,
  createIamClient,
  createIdentityPoolClient,
  createUpdate,
  type PlanOptions,
  planGroups,
} from '../../src/provision/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { exampleCredentials, sdkTransport } from '../support/sdk-client.ts'
import type { LocalClients } from '../support/provision.ts'
import { hasMoto, type Moto, startMoto } from './emulators/moto.ts'

/** A user pool and an IAM with our clients, and AWS's own, which looks and drifts. */
interface Place {
  readonly clients: LocalClients
  readonly iam: IAMClient
}

const region = 'eu-west-1'
const motoIsHere = hasMoto()
let moto: Moto

beforeAll(async () => {
  if (motoIsHere) moto = await startMoto()
}, 60_000)
afterAll(() => moto?.stop())

async function localPlace(roleMapping?: 'token'): Promise<Place> {
  const pool = await createLocalPool({ identityPool: { roleMapping } })
  const options = { credentials: exampleCredentials, fetch: pool.fetch, now: pool.settings.now }
  const clients = {
    admin: createPoolAdmin({ userPoolId: pool.settings.userPoolId, ...options }),
    iam: createIamClient(options),
    identityPool: createIdentityPoolClient({ identityPoolId: pool.identityPoolId, ...options }),
  }
  return {
    clients,
    iam: new IAMClient({ region, credentials: exampleCredentials, requestHandler: sdkTransport(pool) }),
  }
}

/** Moto knows no GetIdentityPoolRoles: there the identity pool is a local one, with nothing of moto's pool in it. */
async function motoPlace(): Promise<Place> {
  const { url: endpoint, credentials } = moto
  const cognito = new CognitoIdentityProviderClient({ region, endpoint, credentials })
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'provision' }))
  const { identityPool } = (await localPlace()).clients
  const clients = {
    admin: createPoolAdmin({ userPoolId: UserPool?.Id ?? '', region, endpoint, credentials }),
    iam: createIamClient({ endpoint, credentials }),
    identityPool,
  }
  return { clients, iam: new IAMClient({ region: 'us-east-1', endpoint, credentials }) }
}

const reader = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' }],
}

/** cognises' file from nothing to applied, drifted, set right and pruned, as AWS's client sees it. */
async function live({ clients, iam }: Place): Promise<void> {
  const policyOf = async (RoleName: string, PolicyName: string): Promise<unknown> => {
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
    return JSON.parse(decodeURIComponent(PolicyDocument))
  }
  await createUpdate(groupDetail, clients)
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'role_Group1' }))
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain(clients.identityPool.identityPoolId)
  expect(await clients.admin.groups.get('Group1')).toMatchObject({ roleArn: Role?.Arn })
  expect(await policyOf('role_Group1', 'Group1_policy')).toEqual(groupDetail[0].group_policy)
  const { RoleDetailList = [] } = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }))
  const detail = RoleDetailList.find(({ RoleName }) => RoleName === 'role_Group1')
  expect(detail?.Tags).toContainEqual({ Key: 'cognigate:group', Value: 'Group1' })
  expect(detail?.RolePolicyList?.map(({ PolicyName }) => PolicyName)).toEqual(['Group1_policy'])
  const { findings } = await planGroups(groupDetail, clients)
  const acceptFindings = findings.map(({ id }) => id)
  const options: PlanOptions = { ...clients, acceptFindings }
  expect((await planGroups(groupDetail, options)).changes).toEqual([])
  expect(await planGroups(groupDetail, { ...options, accountDetails: true })).toEqual(
    await planGroups(groupDetail, options),
  )

  const PolicyDocument = JSON.stringify(reader)
  await iam.send(new PutRolePolicyCommand({ RoleName: 'role_Group1', PolicyName: 'Group1_policy', PolicyDocument }))
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'role_String', PolicyName: 'String_policy' }))
  await iam.send(new DeleteRoleCommand({ RoleName: 'role_String' }))
  const drift = await planGroups(groupDetail, options)
  expect(drift.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['change role', 'create role'])
  await applyPlan(drift, clients)
  expect(await policyOf('role_Group1', 'Group1_policy')).toEqual(groupDetail[0].group_policy)
  expect((await planGroups(groupDetail, options)).changes).toEqual([])

  const rest = groupDetail.slice(0, 1)
  const pruning = {
    ...options,
    acceptFindings: acceptFindings.filter((id) => !id.startsWith('self-access:String')),
    prune: true,
  }
  const pruned = await planGroups(rest, pruning)
  expect(pruned.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['delete group', 'delete role'])
  await applyPlan(pruned, clients)
  await expect(iam.send(new GetRoleCommand({ RoleName: 'role_String' }))).rejects.toThrow(/role_String/)
  expect((await planGroups(rest, pruning)).changes).toEqual([])
}

describe("cognises' file from nothing to applied, drifted and pruned", () => {
  it('on the local pool, seen by the AWS SDK', async () => live(await localPlace('token')))

  it.skipIf(!motoIsHere)('on moto (where moto_server is on PATH), seen by the AWS SDK', async () => {
    await live(await motoPlace())
  })
})

import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  DeleteUserPoolClientCommand,
  ListGroupsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPoolAdmin, type PoolAdmin } from '../../src/admin/index.ts'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createSdkClient, exampleCredentials } from '../support/sdk-client.ts'
import { createSignatureVerifier } from '../support/signature-verifier.ts'
import { administer, administered } from './administration.ts'
import { createAdminDriver } from './drivers/admin.ts'
import type { Driver } from './drivers/driver.ts'
import { createSdkDriver } from './drivers/sdk.ts'
import { startCognitoLocal } from './emulators/cognito-local.ts'
import { cognitoLocalDefects, motoDefects } from './emulators/defects.ts'
import { hasMoto, type Moto, startMoto } from './emulators/moto.ts'
import type { Emulator } from './emulators/process.ts'
import { runScenario, steps } from './scenario.ts'

/** Where a pool is: AWS's client speaks to a local pool by its own transport, and to emulators by HTTP. */
interface Place {
  readonly client: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly admin: PoolAdmin
}

const drivers: [string, (place: Place) => Driver][] = [
  ['the AWS SDK', ({ client, userPoolId }) => createSdkDriver(client, userPoolId)],
  ['our administration', ({ admin }) => createAdminDriver(admin)],
]
const retry = { attempts: 1 }
const motoIsHere = hasMoto()
const withMoto = '(where moto_server is on PATH, with its signature checks)'
let cognitoLocal: Emulator
let moto: Moto

beforeAll(async () => {
  cognitoLocal = await startCognitoLocal()
  if (motoIsHere) moto = await startMoto()
}, 60_000)

afterAll(async () => {
  await cognitoLocal?.stop()
  await moto?.stop()
})

const clientFor = (endpoint: string, credentials: typeof exampleCredentials) =>
  new CognitoIdentityProviderClient({ region: 'eu-west-1', endpoint, credentials, maxAttempts: 1 })

/** A new pool in an emulator. */
async function openEmulator(endpoint: string, credentials: typeof exampleCredentials): Promise<Place> {
  const client = clientFor(endpoint, credentials)
  const { UserPool } = await client.send(new CreateUserPoolCommand({ PoolName: 'scenario' }))
  const userPoolId = UserPool?.Id ?? ''
  const admin = createPoolAdmin({ userPoolId, region: 'eu-west-1', endpoint, credentials, retry })
  return { client, userPoolId, admin }
}

function openLocalPool(pool: LocalPool): Place {
  const { userPoolId, fetch, now } = pool.settings
  const admin = createPoolAdmin({ userPoolId, credentials: exampleCredentials, fetch, now, retry })
  return { client: createSdkClient(pool), userPoolId, admin }
}

it('every defect that is written down belongs to a step', () => {
  const names = steps().map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining([...Object.keys(cognitoLocalDefects), ...Object.keys(motoDefects)]))
})

describe.each(drivers)('by %s', (_, drive) => {
  it('the local pool does as Cognito does', async () => {
    const verifySignature = createSignatureVerifier([exampleCredentials])
    const place = openLocalPool(await createLocalPool({ verifySignature, clientId: 'own' }))
    await place.client.send(new DeleteUserPoolClientCommand({ UserPoolId: place.userPoolId, ClientId: 'own' }))
    const outcomes = await runScenario(drive(place))
    for (const { name, expected } of steps()) expect.soft([name, outcomes.get(name)]).toEqual([name, expected])
  })

  it('cognito-local does the same, but for its known defects', { timeout: 60_000 }, async () => {
    const outcomes = await runScenario(drive(await openEmulator(cognitoLocal.url, exampleCredentials)))
    for (const { name, expected } of steps()) {
      const defect = cognitoLocalDefects[name]
      expect.soft([name, outcomes.get(name)]).toEqual([name, defect === undefined ? expected : defect.outcome])
    }
  })

  it.skipIf(!motoIsHere)(`moto too ${withMoto}`, { timeout: 60_000 }, async () => {
    const outcomes = await runScenario(drive(await openEmulator(moto.url, moto.credentials)))
    for (const { name, expected } of steps()) {
      const defect = motoDefects[name]
      const right = [name, expected]
      // Another version of moto may have mended what is written down.
      const known = defect === undefined ? [right] : [right, [name, defect.outcome]]
      expect.soft(known).toContainEqual([name, outcomes.get(name)])
    }
  })
})

describe('what our administration does by several calls comes out right', () => {
  it('at the local pool', { timeout: 60_000 }, async () => {
    const verifySignature = createSignatureVerifier([exampleCredentials])
    const { admin } = openLocalPool(await createLocalPool({ verifySignature }))
    expect(await administer(admin)).toEqual(administered())
  })

  it('at cognito-local', { timeout: 60_000 }, async () => {
    const { admin } = await openEmulator(cognitoLocal.url, exampleCredentials)
    expect(await administer(admin)).toEqual(administered())
  })

  it.skipIf(!motoIsHere)(`at moto ${withMoto}`, { timeout: 60_000 }, async () => {
    const { admin } = await openEmulator(moto.url, moto.credentials)
    expect(await administer(admin)).toEqual(administered())
  })
})

it.skipIf(!motoIsHere)(`moto refuses what another key signed ${withMoto}`, async () => {
  const { userPoolId } = await openEmulator(moto.url, moto.credentials)
  const credentials = { ...moto.credentials, secretAccessKey: 'other' }
  const theirs = clientFor(moto.url, credentials).send(new ListGroupsCommand({ UserPoolId: userPoolId }))
  await expect(theirs).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
  const admin = createPoolAdmin({ userPoolId, region: 'eu-west-1', endpoint: moto.url, credentials, retry })
  await expect(admin.groups.list().toArray()).rejects.toMatchObject({ name: 'AwsError', status: 403 })
})

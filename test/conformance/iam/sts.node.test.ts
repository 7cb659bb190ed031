import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../src/local/dispatcher.ts'
import type { LocalFetch, SignedRequest } from '../../../src/local/index.ts'
import { createOperations } from '../../../src/local/operations.ts'
import { createWorld, type World } from '../../../src/local/world.ts'
import { exampleCredentials } from '../../support/sdk-client.ts'
import { createSignatureVerifier } from '../../support/signature-verifier.ts'
import { accountTrust, allowPolicy, createIamClient, createStsClient, type Keys, trustPolicy } from './clients.ts'

const identityPoolId = 'eu-west-1:0a1b2c3d-0000-4000-8000-000000000000'
const identityId = 'eu-west-1:1a1b2c3d-0000-4000-8000-000000000000'
const RoleArn = 'arn:aws:iam::123456789012:role/reader'
const RoleSessionName = 'alice'
const WebIdentityToken = 'a token of an identity pool'

let world: World
let place: { fetch: LocalFetch }
let client: sts.STSClient

/** Judges signatures with the secrets of the credentials that the world itself issued, and the example's. */
const verifySignature = (request: SignedRequest) => {
  const issued = Object.values(world.state.sessionCredentials).map(({ until, ...keys }) => ({
    ...keys,
    expiresAt: until,
  }))
  return createSignatureVerifier([exampleCredentials, ...issued])(request)
}

beforeEach(async () => {
  world = createWorld({ now: () => Date.now(), verifySignature })
  place = { fetch: (request, init) => dispatch(world, request, init) }
  client = createStsClient(place)
  const iam = createIamClient(place)
  const trust = { RoleName: 'reader', AssumeRolePolicyDocument: accountTrust() }
  await iam.send(new CreateRoleCommand(trust))
  const web = { RoleName: 'web', AssumeRolePolicyDocument: trustPolicy(identityPoolId) }
  await iam.send(new CreateRoleCommand(web))
  const PolicyDocument = allowPolicy('sts:AssumeRole', '*')
  await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'a', PolicyDocument }))
  const until = Date.now() + 600_000
  world.state.openIdTokens[WebIdentityToken] = { identityPoolId, identityId, amr: ['authenticated'], until }
})

const credentials = {
  AccessKeyId: expect.stringMatching(/^ASIA[0-9A-Z]{16}$/),
  SecretAccessKey: expect.any(String),
  SessionToken: expect.any(String),
  Expiration: expect.any(Date),
}
const keysOf = ({ Credentials }: { Credentials?: sts.Credentials | undefined }): Keys => ({
  accessKeyId: Credentials?.AccessKeyId ?? '',
  secretAccessKey: Credentials?.SecretAccessKey ?? '',
  sessionToken: Credentials?.SessionToken ?? '',
})
const whoIs = async (keys: Keys) => {
  const { Account, Arn, UserId } = await createStsClient(place, keys).send(new sts.GetCallerIdentityCommand())
  return { Account, Arn, UserId }
}
const userOf = (role: string) => ({
  AssumedRoleId: expect.stringMatching(/^AROA[0-9A-Z]{17}:alice$/),
  Arn: `arn:aws:sts::123456789012:assumed-role/${role}/alice`,
})
const webRole = { RoleArn: 'arn:aws:iam::123456789012:role/web', RoleSessionName, WebIdentityToken }

describe('every operation', () => {
  it('GetCallerIdentity', async () => {
    expect(await whoIs(exampleCredentials)).toEqual({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/local',
      UserId: expect.any(String),
    })
  })

  it('AssumeRole, whose credentials sign further calls', async () => {
    const SourceIdentity = 'bob'
    const answer = await client.send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName, DurationSeconds: 900 }))
    expect(answer).toMatchObject({ Credentials: credentials, AssumedRoleUser: userOf('reader') })
    const lasts = (answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()
    expect([lasts > 600_000, lasts <= 900_000]).toEqual([true, true])
    const { AssumedRoleId, Arn } = userOf('reader')
    expect(await whoIs(keysOf(answer))).toEqual({ Account: '123456789012', Arn, UserId: AssumedRoleId })
    const again = createStsClient(place, keysOf(answer)).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName }))
    expect(await again).toMatchObject({ Credentials: credentials })
    const tagged = { RoleArn, RoleSessionName, SourceIdentity, Tags: [{ Key: 'a', Value: 'b' }] }
    await expect(client.send(new sts.AssumeRoleCommand(tagged))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('AssumeRoleWithWebIdentity, unsigned', async () => {
    const answer = await client.send(new sts.AssumeRoleWithWebIdentityCommand(webRole))
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: identityId,
      Audience: identityPoolId,
      Provider: 'cognito-identity.amazonaws.com',
      Credentials: credentials,
      AssumedRoleUser: userOf('web'),
    })
    expect(await whoIs(keysOf(answer))).toMatchObject({ Arn: userOf('web').Arn })
  })

  it('there are no others', () => {
    const names = Object.keys(createOperations()).filter((name) => name.startsWith('sts.'))
    expect(names.sort()).toEqual(['sts.AssumeRole', 'sts.AssumeRoleWithWebIdentity', 'sts.GetCallerIdentity'])
  })
})

describe('refusals', () => {
  it.each<[string, number, Partial<sts.AssumeRoleWithWebIdentityCommandInput>]>([
    ['InvalidIdentityTokenException', 400, { WebIdentityToken: 'another' }],
    ['MalformedPolicyDocumentException', 400, { Policy: '{"Statement":[]}' }],
  ])('%s', async (name, httpStatusCode, more) => {
    const error = await client.send(new sts.AssumeRoleWithWebIdentityCommand({ ...webRole, ...more })).catch((e) => e)
    const Exception = (sts as unknown as Record<string, new () => object>)[name]
    expect(error).toBeInstanceOf(Exception)
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode } })
  })

  it('of a token that has ended', async () => {
    world.clock.advance(600)
    const call = client.send(new sts.AssumeRoleWithWebIdentityCommand(webRole))
    await expect(call).rejects.toBeInstanceOf(sts.ExpiredTokenException)
  })

  it('of a role that trusts others', async () => {
    const call = client.send(new sts.AssumeRoleWithWebIdentityCommand({ ...webRole, RoleArn }))
    await expect(call).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
  })

  it('of credentials that have ended, or are not those that were issued', async () => {
    const keys = keysOf(await client.send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName })))
    const invalid = { name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } }
    await expect(whoIs({ ...keys, sessionToken: 'other' })).rejects.toMatchObject(invalid)
    await expect(whoIs({ ...keys, accessKeyId: 'ASIAUNKNOWNUNKNOWN00' })).rejects.toMatchObject(invalid)
    await expect(whoIs({ ...keys, secretAccessKey: 'other' })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  })

  it.each([
    ['PackedPolicyTooLarge', 400, 'PackedPolicyTooLargeException'],
    ['IDPRejectedClaim', 403, 'IDPRejectedClaimException'],
    ['IDPCommunicationError', 400, 'IDPCommunicationErrorException'],
    ['RegionDisabledException', 403, 'RegionDisabledException'],
  ])('%s, when told to', async (error, status, name) => {
    world.faults.add('sts.AssumeRoleWithWebIdentity', { error, status })
    const refusal = await client.send(new sts.AssumeRoleWithWebIdentityCommand(webRole)).catch((e) => e)
    expect(refusal).toBeInstanceOf((sts as unknown as Record<string, new () => object>)[name])
    expect(refusal).toMatchObject({ $metadata: { httpStatusCode: status } })
  })
})

import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createIdentityToken } from '../../../src/local/cognito-identity/openid-tokens.ts'
import { dispatch } from '../../../src/local/dispatcher.ts'
import type { LocalFetch, SignedRequest } from '../../../src/local/index.ts'
import { identityKeys } from '../../../src/local/key-ring.ts'
import { createOperations } from '../../../src/local/operations.ts'
import { createWorld, getKeys, type World } from '../../../src/local/world.ts'
import { exampleCredentials } from '../../support/sdk-client.ts'
import { createSignatureVerifier } from '../../support/signature-verifier.ts'
import { accountTrust, allowPolicy, createIamClient, createStsClient, type Keys, trustPolicy } from './clients.ts'

const identityPoolId = 'eu-west-1:0a1b2c3d-0000-4000-8000-000000000000'
const identityId = 'eu-west-1:1a1b2c3d-0000-4000-8000-000000000000'
const RoleArn = 'arn:aws:iam::123456789012:role/reader'
const RoleSessionName = 'alice'

let world: World
let place: { fetch: LocalFetch }
let client: sts.STSClient
let webRole: { RoleArn: string; RoleSessionName: string; WebIdentityToken: string }

/** Judges signatures with the secrets of the credentials that the world itself issued, and the example's. */
const verifySignature = (request: SignedRequest) => {
  const issued = Object.values(world.state.sessionCredentials).map(({ until, ...keys }) => ({
    ...keys,
    expiresAt: until,
  }))
  const ofUsers = Object.values(world.state.accessKeys)
  return createSignatureVerifier([exampleCredentials, ...issued, ...ofUsers])(request)
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
  const nothing = { settings: {}, providers: [], roles: {}, roleMappings: {}, identities: {}, principalTags: {} }
  world.state.identityPools[identityPoolId] = { identityPoolId, region: 'eu-west-1', ...nothing }
  const content = { identityPoolId, identityId, amr: ['authenticated'], tags: {}, seconds: 600 }
  const token = createIdentityToken(content, { now: Date.now() })
  const WebIdentityToken = String(await token.make(getKeys(world, identityKeys)))
  webRole = { RoleArn: 'arn:aws:iam::123456789012:role/web', RoleSessionName, WebIdentityToken }
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

  it('a user’s access key, its session and its federated users, each by what the policies allow', async () => {
    const iam = createIamClient(place)
    await iam.send(new CreateUserCommand({ UserName: 'Alice', Path: '/team/', Tags: [{ Key: 'team', Value: 'a' }] }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }))
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
    const keys = { accessKeyId, secretAccessKey }
    const arn = 'arn:aws:iam::123456789012:user/team/Alice'
    const UserId = expect.stringMatching(/^AIDA[0-9A-Z]{17}$/)
    const user = { Account: '123456789012', Arn: arn, UserId }
    expect(await whoIs(keys)).toEqual(user)
    const by = (given: Keys) => createStsClient(place, given)

    const assume = () => by(keys).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName }))
    await expect(assume()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    })
    const allowing = { UserName: 'Alice', PolicyName: 'a', PolicyDocument: allowPolicy('sts:*', '*') }
    await iam.send(new PutUserPolicyCommand(allowing))
    expect((await assume()).AssumedRoleUser).toEqual(userOf('reader'))

    const session = keysOf(await by(keys).send(new sts.GetSessionTokenCommand({ DurationSeconds: 900 })))
    expect(await whoIs(session)).toEqual(user)
    await expect(by(session).send(new sts.GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' })

    const Policy = allowPolicy('s3:GetObject', '*')
    const federated = await by(keys).send(new sts.GetFederationTokenCommand({ Name: 'bob', Policy }))
    const Arn = 'arn:aws:sts::123456789012:federated-user/bob'
    expect(federated.FederatedUser).toEqual({ FederatedUserId: '123456789012:bob', Arn })
    expect(await whoIs(keysOf(federated))).toMatchObject({ Arn, UserId: '123456789012:bob' })
    const asking = { AccessKeyId: accessKeyId }
    expect((await by(keys).send(new sts.GetAccessKeyInfoCommand(asking))).Account).toBe('123456789012')

    const used = await iam.send(new GetAccessKeyLastUsedCommand(asking))
    expect([used.UserName, used.AccessKeyLastUsed]).toMatchObject([
      'Alice',
      { ServiceName: 'sts', Region: 'eu-west-1' },
    ])
    await iam.send(new UpdateAccessKeyCommand({ ...asking, UserName: 'Alice', Status: 'Inactive' }))
    await expect(whoIs(keys)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    await iam.send(new UpdateAccessKeyCommand({ ...asking, UserName: 'Alice', Status: 'Active' }))
    expect(await whoIs(keys)).toEqual(user)
    await iam.send(new DeleteAccessKeyCommand({ ...asking, UserName: 'Alice' }))
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'Alice', PolicyName: 'a' }))
    await iam.send(new DeleteUserCommand({ UserName: 'Alice' }))
    await expect(whoIs(session)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })

  it('session tags and the source identity, which later roles keep', async () => {
    const iam = createIamClient(place)
    const every = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
    for (const RoleName of ['first', 'second']) {
      const document = accountTrust(undefined, every)
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }))
      const PolicyDocument = allowPolicy(every, '*')
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'a', PolicyDocument }))
    }
    const roleOf = (name: string) => ({ RoleArn: `arn:aws:iam::123456789012:role/${name}`, RoleSessionName })
    const first = await client.send(
      new sts.AssumeRoleCommand({
        ...roleOf('first'),
        SourceIdentity: 'bob',
        Tags: [
          { Key: 'team', Value: 'a' },
          { Key: 'own', Value: 'b' },
        ],
        TransitiveTagKeys: ['team'],
      }),
    )
    const chained = createStsClient(place, keysOf(first))
    const second = await chained.send(new sts.AssumeRoleCommand(roleOf('second')))
    expect([first.SourceIdentity, second.SourceIdentity]).toEqual(['bob', 'bob'])
    const kept = world.state.sessionCredentials[second.Credentials?.AccessKeyId ?? '']
    expect([kept?.tags, kept?.sourceIdentity]).toEqual([{ team: 'a' }, 'bob'])
    const other = new sts.AssumeRoleCommand({ ...roleOf('second'), SourceIdentity: 'carol' })
    await expect(chained.send(other)).rejects.toMatchObject({ name: 'AccessDenied' })
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'first' }))
    expect(Role?.RoleLastUsed).toMatchObject({ Region: 'eu-west-1', LastUsedDate: expect.any(Date) })
  })

  it('the local AWS has none that AWS’s client does not know', () => {
    const names = Object.keys(createOperations()).filter((name) => name.startsWith('sts.'))
    expect(names.filter((name) => !(`${name.slice(4)}Command` in sts))).toEqual([])
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

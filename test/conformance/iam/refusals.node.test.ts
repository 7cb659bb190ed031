import * as iam from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { createCalls, type Input } from './calls.ts'
import { accountTrust, allowPolicy, createIamClient, trustPolicy } from './clients.ts'

const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const RoleName = 'reader'

let pool: LocalPool
let client: iam.IAMClient

beforeEach(async () => {
  pool = await createLocalPool({ verifySignature: false })
  client = createIamClient(pool)
  await send('CreateRole', { RoleName, AssumeRolePolicyDocument: trustPolicy() })
})

const { send, outcomes } = createCalls(() => client)

const trust = { AssumeRolePolicyDocument: trustPolicy() }
const numbered = (count: number) => Array.from({ length: count }, (_, index) => index)
const tagsOf = (count: number, prefix = 'k') => numbered(count).map((i) => ({ Key: `${prefix}${i}`, Value: '' }))

describe('modelled refusals are instances of the SDK’s classes', () => {
  it.each<[string, string, Input]>([
    ['EntityAlreadyExistsException', 'CreateRole', { RoleName: 'READER', ...trust }],
    ['MalformedPolicyDocumentException', 'CreateRole', { RoleName: 'a', AssumeRolePolicyDocument: '{' }],
    [
      'InvalidInputException',
      'TagRole',
      {
        RoleName,
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'A', Value: '' },
        ],
      },
    ],
    ['InvalidInputException', 'TagRole', { RoleName, Tags: [{ Key: 'aws:a', Value: '' }] }],
    ['InvalidInputException', 'AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::aws:role/NotAPolicy' }],
    ['InvalidInputException', 'CreateRole', { RoleName: 'a', ...trust, PermissionsBoundary: 'not-an-arn-of-a-policy' }],
    [
      'LimitExceededException',
      'CreateRole',
      { RoleName: 'a', AssumeRolePolicyDocument: trustPolicy('a'.repeat(2000)) },
    ],
    ['LimitExceededException', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: trustPolicy('a'.repeat(2000)) }],
    ['NoSuchEntityException', 'AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::210987654321:policy/Theirs' }],
    ['NoSuchEntityException', 'DetachRolePolicy', { RoleName, PolicyArn }],
    ['NoSuchEntityException', 'GetRolePolicy', { RoleName, PolicyName: 'constructor' }],
    ['NoSuchEntityException', 'DeleteRolePolicy', { RoleName, PolicyName: 'a' }],
    ['NoSuchEntityException', 'DeleteRolePermissionsBoundary', { RoleName }],
  ])('%s of %s (%#)', async (name, operation, input) => {
    const error = await send(operation, input).catch((reason: unknown) => reason)
    const Exception = (iam as unknown as Record<string, new () => object>)[name]
    expect(error).toBeInstanceOf(Exception)
    const statuses: Record<string, number> = { NoSuch: 404, Entity: 409, LimitE: 409 }
    expect(error).toMatchObject({
      name,
      $fault: 'client',
      $metadata: {
        httpStatusCode: statuses[name.slice(0, 6)] ?? 400,
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })
    expect((error as Error).message).not.toBe('')
  })

  it.each([
    'GetRole',
    'DeleteRole',
    'UpdateRole',
    'ListRolePolicies',
    'ListAttachedRolePolicies',
    'ListRoleTags',
    'DeleteRolePermissionsBoundary',
  ])('%s of a role that is not there', async (operation) => {
    await expect(send(operation, { RoleName: '__proto__' })).rejects.toBeInstanceOf(iam.NoSuchEntityException)
  })

  it.each<[string, Input]>([
    ['UpdateAssumeRolePolicy', { PolicyDocument: trustPolicy() }],
    ['PutRolePolicy', { PolicyName: 'a', PolicyDocument: allowPolicy('*', '*') }],
    ['GetRolePolicy', { PolicyName: 'a' }],
    ['DeleteRolePolicy', { PolicyName: 'a' }],
    ['AttachRolePolicy', { PolicyArn }],
    ['DetachRolePolicy', { PolicyArn }],
    ['TagRole', { Tags: [] }],
    ['UntagRole', { TagKeys: [] }],
    ['PutRolePermissionsBoundary', { PermissionsBoundary: PolicyArn }],
  ])('%s too', async (operation, input) => {
    const call = send(operation, { RoleName: 'nobody', ...input })
    await expect(call).rejects.toBeInstanceOf(iam.NoSuchEntityException)
  })
})

describe('input against the service model is a ValidationError', () => {
  it.each<[string, Input]>([
    ['GetRole', { RoleName: 'a'.repeat(65) }],
    ['GetRole', { RoleName: 'a/b' }],
    ['CreateRole', { RoleName: 'ä', ...trust }],
    ['CreateRole', { RoleName: 'a', ...trust, Path: 'no-slash/' }],
    ['CreateRole', { RoleName: 'a', ...trust, Path: '/no end' }],
    ['CreateRole', { RoleName: 'a', ...trust, Description: '😀' }],
    ['CreateRole', { RoleName: 'a', ...trust, Description: 'a'.repeat(1001) }],
    ['CreateRole', { RoleName: 'a', ...trust, MaxSessionDuration: 3599 }],
    ['CreateRole', { RoleName: 'a', ...trust, MaxSessionDuration: 43_201 }],
    ['CreateRole', { RoleName: 'a', ...trust, Tags: tagsOf(51) }],
    ['CreateRole', { RoleName: 'a', ...trust, Tags: [{ Key: '<a>', Value: '' }] }],
    ['CreateRole', { RoleName: 'a', ...trust, Tags: [{ Key: 'a', Value: '😀' }] }],
    ['CreateRole', { RoleName: 'a', ...trust, Tags: [{ Key: 'a' }] }],
    ['CreateRole', { RoleName: 'a', AssumeRolePolicyDocument: trustPolicy('😀') }],
    ['CreateRole', { RoleName: 'a', AssumeRolePolicyDocument: '' }],
    ['PutRolePolicy', { RoleName, PolicyName: 'a b', PolicyDocument: allowPolicy('*', '*') }],
    ['PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument: allowPolicy('*', 'arn:aws:s3:::b/😀') }],
    ['PutRolePermissionsBoundary', { RoleName }],
    ['TagRole', { RoleName }],
    ['UntagRole', { RoleName }],
    ['UntagRole', { RoleName, TagKeys: [''] }],
    ['ListRoles', { MaxItems: 0 }],
    ['ListRoles', { MaxItems: 1001 }],
    ['ListRoles', { Marker: 'made-up' }],
    ['ListRoles', { PathPrefix: 'no-slash' }],
    ['ListAttachedRolePolicies', { RoleName, PathPrefix: '/no-end' }],
  ])('%s %o', async (operation, input) => {
    await expect(send(operation, input)).rejects.toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('a marker is good for its own operation and role', async () => {
    for (const name of ['a', 'b']) {
      await send('PutRolePolicy', { RoleName, PolicyName: name, PolicyDocument: allowPolicy('*', '*') })
    }
    const page = (await send('ListRolePolicies', { RoleName, MaxItems: 1 })) as { Marker: string }
    await send('CreateRole', { RoleName: 'other', ...trust })
    const refused = ['ValidationError', 400]
    expect(
      await outcomes(
        ['ListRolePolicies', { RoleName, Marker: page.Marker }],
        ['ListRolePolicies', { RoleName: 'other', Marker: page.Marker }],
        ['ListRoleTags', { RoleName, Marker: page.Marker }],
      ),
    ).toEqual(['done', refused, refused])
  })

  it('a number that is none is MalformedInput', async () => {
    await expect(send('ListRoles', { MaxItems: '1e1' })).rejects.toMatchObject({ name: 'MalformedInput' })
  })
})

describe('limits', () => {
  const exceeded = ['LimitExceededException', 409]

  it('ten managed policies a role', async () => {
    const names =
      'AWSDenyAll AmazonS3FullAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonSESFullAccess IAMFullAccess ' +
      'IAMReadOnlyAccess PowerUserAccess ReadOnlyAccess SecurityAudit AWSLambda_FullAccess'
    const attach = (index: number): [string, Input] => [
      'AttachRolePolicy',
      { RoleName, PolicyArn: `arn:aws:iam::aws:policy/${names.split(' ')[index]}` },
    ]
    const calls = numbered(11).map(attach)
    expect(await outcomes(...calls, attach(3))).toEqual([...numbered(10).map(() => 'done'), exceeded, 'done'])
  })

  it('fifty tags a role', async () => {
    const calls: [string, Input][] = [
      ['TagRole', { RoleName, Tags: tagsOf(50) }],
      ['TagRole', { RoleName, Tags: tagsOf(1, 'other') }],
      ['TagRole', { RoleName, Tags: tagsOf(50, 'K') }],
    ]
    expect(await outcomes(...calls)).toEqual(['done', exceeded, 'done'])
  })

  it('10,240 characters of inline policies a role, white space apart', async () => {
    const sized = (length: number) => {
      const empty = allowPolicy('s3:GetObject', 'arn:aws:s3:::')
      return allowPolicy('s3:GetObject', `arn:aws:s3:::${'b'.repeat(length - empty.length)}`)
    }
    const put = (PolicyName: string, PolicyDocument: string): [string, Input] => [
      'PutRolePolicy',
      { RoleName, PolicyName, PolicyDocument },
    ]
    const spaced = JSON.stringify(JSON.parse(sized(240)), undefined, 40)
    const calls = [put('a', sized(10_000)), put('b', sized(241)), put('b', spaced), put('a', sized(10_001))]
    expect(await outcomes(...calls)).toEqual(['done', exceeded, 'done', exceeded])
  })

  it('1,000 roles an account', async () => {
    for (const index of numbered(999)) await send('CreateRole', { RoleName: `r${index}`, ...trust })
    const calls: [string, Input][] = [
      ['CreateRole', { RoleName: 'more', ...trust }],
      ['DeleteRole', { RoleName: 'r0' }],
      ['CreateRole', { RoleName: 'more', ...trust }],
    ]
    expect(await outcomes(...calls)).toEqual([exceeded, 'done', 'done'])
  })
})

it('a role is deleted when it has no policies left', async () => {
  const conflict = ['DeleteConflictException', 409]
  const calls: [string, Input][] = [
    ['PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument: allowPolicy('*', '*') }],
    ['AttachRolePolicy', { RoleName, PolicyArn }],
    ['DeleteRole', { RoleName }],
    ['DetachRolePolicy', { RoleName, PolicyArn }],
    ['DeleteRole', { RoleName }],
    ['DeleteRolePolicy', { RoleName, PolicyName: 'a' }],
    ['DeleteRole', { RoleName }],
    ['CreateRole', { RoleName, AssumeRolePolicyDocument: accountTrust() }],
  ]
  expect(await outcomes(...calls)).toEqual(['done', 'done', conflict, 'done', conflict, 'done', 'done', 'done'])
})

describe('refusals that the local pool makes only when told to', () => {
  it.each([
    ['ConcurrentModification', 409],
    ['UnmodifiableEntity', 400],
    ['PolicyNotAttachable', 400],
    ['ServiceFailure', 500],
  ])('%s', async (code, status) => {
    pool.fail('iam.AttachRolePolicy', { error: code, status })
    const error = await send('AttachRolePolicy', { RoleName, PolicyArn }).catch((reason: unknown) => reason)
    const Exception = (iam as unknown as Record<string, new () => object>)[`${code}Exception`]
    expect(error).toBeInstanceOf(Exception)
    expect(error).toMatchObject({ $metadata: { httpStatusCode: status }, message: 'A fault was ordered.' })
  })

  it('Throttling, which the SDK tries again', async () => {
    const fault = pool.fail('GetRole', { error: 'Throttling', status: 400, times: 2 })
    client = createIamClient(pool, 'us-east-1', 3)
    expect(await send('GetRole', { RoleName })).toMatchObject({ $metadata: { attempts: 3 } })
    expect(fault.hits).toBe(2)
  })
})

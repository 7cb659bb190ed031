import * as iam from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../../src/local/index.ts'
import { createOperations } from '../../../src/local/operations.ts'
import { createSignatureVerifier } from '../../support/signature-verifier.ts'
import { exampleCredentials } from '../../support/sdk-client.ts'
import { accountTrust, allowPolicy, createIamClient, createStsClient, trustPolicy } from './clients.ts'

const start = 1_767_225_600_500
const managed = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const own = 'arn:aws:iam::123456789012:policy/Boundary'
const RoleName = 'Group.reader'

let pool: LocalPool
let client: iam.IAMClient

beforeEach(async () => {
  pool = await createLocalPool({ now: () => start, verifySignature: false })
  client = createIamClient(pool)
  await send('CreatePolicy', { PolicyName: 'Boundary', PolicyDocument: allowPolicy('s3:GetObject', '*') })
})

type Input = Record<string, unknown>

const send = async (operation: string, input: Input = {}): Promise<Input> => {
  const Command = (iam as unknown as Record<string, new (input: unknown) => object>)[`${operation}Command`]
  if (Command === undefined) throw new Error(`no ${operation}Command`)
  const { $metadata: _, ...output } = (await client.send(new Command(input) as never)) as object as Input
  return output
}

const create = (input: Input = {}) =>
  send('CreateRole', { RoleName, AssumeRolePolicyDocument: trustPolicy(), ...input })

const listed = {
  Path: '/cognigate/eu/',
  RoleName,
  RoleId: expect.stringMatching(/^AROA[0-9A-Z]{17}$/),
  Arn: `arn:aws:iam::123456789012:role/cognigate/eu/${RoleName}`,
  CreateDate: new Date('2026-01-01T00:00:00Z'),
  AssumeRolePolicyDocument: encodeURIComponent(trustPolicy()),
  Description: 'Reads & <writes> "all" \'of\' it;\r\n\tÄÖ',
  MaxSessionDuration: 7200,
}
const details = {
  Path: listed.Path,
  Description: listed.Description,
  MaxSessionDuration: 7200,
  PermissionsBoundary: own,
  Tags: [
    { Key: 'cognigate:pool', Value: 'eu-west-1_a' },
    { Key: '__proto__', Value: '' },
  ],
}
const whole = {
  ...listed,
  PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: own },
  Tags: details.Tags,
}
/** With every mark that XML or percent-encoding gives a meaning. */
const marks = allowPolicy('s3:GetObject', 'arn:aws:s3:::b/&<>"\'!*()%20+/ÿ')

describe('every operation on roles', () => {
  it('CreateRole, GetRole and ListRoles', async () => {
    expect(await create(details)).toEqual({ Role: whole })
    expect(await send('GetRole', { RoleName: 'group.READER' })).toEqual({ Role: { ...whole, RoleLastUsed: {} } })
    await create({ RoleName: 'other' })
    const { Roles, ...rest } = await send('ListRoles', { PathPrefix: '/cognigate/' })
    expect([Roles, rest]).toEqual([[listed], { IsTruncated: false }])
    expect((await send('ListRoles'))['Roles']).toHaveLength(2)
  })

  it('a role has little by default', async () => {
    expect(await create()).toEqual({
      Role: {
        ...listed,
        Path: '/',
        Arn: `arn:aws:iam::123456789012:role/${RoleName}`,
        Description: undefined,
        MaxSessionDuration: 3600,
      },
    })
  })

  it('UpdateRole, UpdateAssumeRolePolicy and DeleteRole', async () => {
    await create(details)
    expect(await send('UpdateRole', { RoleName, MaxSessionDuration: 3601 })).toEqual({})
    expect(await send('GetRole', { RoleName })).toMatchObject({ Role: { ...whole, MaxSessionDuration: 3601 } })
    await send('UpdateRole', { RoleName, Description: 'New' })
    await send('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: accountTrust() })
    expect(await send('GetRole', { RoleName })).toMatchObject({
      Role: {
        Description: 'New',
        MaxSessionDuration: 3600,
        AssumeRolePolicyDocument: encodeURIComponent(accountTrust()).replaceAll('*', '%2A'),
      },
    })
    expect(await send('DeleteRole', { RoleName })).toEqual({})
    await expect(send('GetRole', { RoleName })).rejects.toBeInstanceOf(iam.NoSuchEntityException)
  })

  it('PutRolePolicy, GetRolePolicy, ListRolePolicies and DeleteRolePolicy', async () => {
    await create()
    await send('PutRolePolicy', { RoleName, PolicyName: '__proto__', PolicyDocument: allowPolicy('s3:*', '*') })
    await send('PutRolePolicy', { RoleName, PolicyName: '__proto__', PolicyDocument: marks })
    const { PolicyDocument, ...names } = await send('GetRolePolicy', { RoleName, PolicyName: '__proto__' })
    expect(names).toEqual({ RoleName, PolicyName: '__proto__' })
    expect(PolicyDocument).toMatch(/^[A-Za-z0-9\-._~%]+$/)
    expect(decodeURIComponent(String(PolicyDocument))).toBe(marks)
    expect(await send('ListRolePolicies', { RoleName })).toEqual({ PolicyNames: ['__proto__'], IsTruncated: false })
    expect(await send('DeleteRolePolicy', { RoleName, PolicyName: '__proto__' })).toEqual({})
    expect(await send('ListRolePolicies', { RoleName })).toEqual({ PolicyNames: [], IsTruncated: false })
  })

  it('AttachRolePolicy, ListAttachedRolePolicies and DetachRolePolicy', async () => {
    await create()
    for (const PolicyArn of [`${own}s`, `${managed}s`]) {
      await expect(send('AttachRolePolicy', { RoleName, PolicyArn })).rejects.toMatchObject({
        name: 'NoSuchEntityException',
        message: `Policy ${PolicyArn} does not exist or is not attachable.`,
      })
    }
    const attached = { PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: managed }
    for (const PolicyArn of [managed, own, managed]) await send('AttachRolePolicy', { RoleName, PolicyArn })
    expect(await send('ListAttachedRolePolicies', { RoleName })).toEqual({
      AttachedPolicies: [attached, { PolicyName: 'Boundary', PolicyArn: own }],
      IsTruncated: false,
    })
    const ofService = await send('ListAttachedRolePolicies', { RoleName, PathPrefix: '/service-role/' })
    expect(ofService['AttachedPolicies']).toEqual([attached])
    await send('DetachRolePolicy', { RoleName, PolicyArn: managed })
    const rest = await send('ListAttachedRolePolicies', { RoleName })
    expect(rest['AttachedPolicies']).toMatchObject([{ PolicyArn: own }])
  })

  it('CreatePolicy, GetPolicy and DeletePolicy', async () => {
    await create()
    const input = { PolicyName: 'Reader', Path: '/team/', PolicyDocument: allowPolicy('s3:GetObject', '*') }
    const { Policy } = (await send('CreatePolicy', input)) as { Policy: iam.Policy }
    const { Arn: PolicyArn } = Policy
    expect(PolicyArn).toBe('arn:aws:iam::123456789012:policy/team/Reader')
    expect(await send('GetPolicy', { PolicyArn })).toEqual({ Policy: { ...Policy, Tags: [] } })
    await expect(send('CreatePolicy', input)).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' })
    await expect(send('CreatePolicy', { ...input, PolicyName: 'a', PolicyDocument: '{}' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    })
    await send('AttachRolePolicy', { RoleName, PolicyArn })
    await expect(send('DeletePolicy', { PolicyArn })).rejects.toMatchObject({ name: 'DeleteConflictException' })
    expect(await send('GetPolicy', { PolicyArn })).toMatchObject({ Policy: { AttachmentCount: 1 } })
    await send('DetachRolePolicy', { RoleName, PolicyArn })
    expect(await send('DeletePolicy', { PolicyArn })).toEqual({})
    await expect(send('GetPolicy', { PolicyArn })).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    const china = 'arn:aws-cn:iam::aws:policy/ReadOnlyAccess'
    await expect(send('AttachRolePolicy', { RoleName, PolicyArn: china })).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    })
  })

  it('TagRole, ListRoleTags and UntagRole', async () => {
    await create(details)
    await send('TagRole', { RoleName, Tags: [{ Key: 'COGNIGATE:POOL', Value: 'ü = 1' }] })
    const tags = [
      { Key: '__proto__', Value: '' },
      { Key: 'COGNIGATE:POOL', Value: 'ü = 1' },
    ]
    expect(await send('ListRoleTags', { RoleName })).toEqual({ Tags: tags, IsTruncated: false })
    await send('TagRole', { RoleName, Tags: [] })
    await send('UntagRole', { RoleName, TagKeys: [] })
    expect((await send('ListRoleTags', { RoleName }))['Tags']).toEqual(tags)
    await send('UntagRole', { RoleName, TagKeys: ['__PROTO__', 'unknown'] })
    expect((await send('ListRoleTags', { RoleName }))['Tags']).toEqual(tags.slice(1))
  })

  it('PutRolePermissionsBoundary and DeleteRolePermissionsBoundary', async () => {
    await create()
    await send('PutRolePermissionsBoundary', { RoleName, PermissionsBoundary: own })
    expect(await send('GetRole', { RoleName })).toMatchObject({
      Role: { PermissionsBoundary: whole.PermissionsBoundary },
    })
    await send('DeleteRolePermissionsBoundary', { RoleName })
    expect((await send('GetRole', { RoleName }))['Role']).not.toHaveProperty('PermissionsBoundary')
  })

  it('the local pool has none that AWS’s client does not know', () => {
    const names = Object.keys(createOperations()).filter((name) => name.startsWith('iam.'))
    const missing = names.filter((name) => !(`${name.slice(4)}Command` in iam))
    expect([names.length > 95, missing]).toEqual([true, []])
  })
})

describe('the SDK’s own paginators find every item once', () => {
  it('roles', async () => {
    const names = Array.from({ length: 13 }, (_, index) => `role-${String(index).padStart(2, '0')}`)
    for (const name of names.toReversed()) await create({ RoleName: name })
    const pages: (string | undefined)[][] = []
    for await (const { Roles = [] } of iam.paginateListRoles({ client, pageSize: 5 }, {})) {
      pages.push(Roles.map((role) => role.RoleName))
      if (pages.length === 1) await send('DeleteRole', { RoleName: 'role-04' })
    }
    expect(pages).toEqual([names.slice(0, 5), names.slice(5, 10), names.slice(10)])
  })

  it('policies and tags', async () => {
    const numbers = Array.from({ length: 10 }, (_, index) => index)
    const name = (index: number) => `${'n'.repeat(127)}${index}`
    await create({ Tags: numbers.map((index) => ({ Key: `${'ü'.repeat(127)}${index}`, Value: `${index}` })) })
    for (const index of numbers) {
      const PolicyDocument = allowPolicy('s3:GetObject', '*')
      await send('CreatePolicy', { PolicyName: name(index), PolicyDocument })
      await send('AttachRolePolicy', { RoleName, PolicyArn: `arn:aws:iam::123456789012:policy/${name(index)}` })
      await send('PutRolePolicy', { RoleName, PolicyName: name(index), PolicyDocument })
    }
    const read = async <T>(pages: AsyncIterable<T>, itemsOf: (page: T) => unknown[] | undefined) => {
      const found: unknown[][] = []
      for await (const page of pages) found.push(itemsOf(page) ?? [])
      expect(found.map((page) => page.length)).toEqual([4, 4, 2])
      return found.flat()
    }
    const paging = { client, pageSize: 4 }
    const inline = await read(iam.paginateListRolePolicies(paging, { RoleName }), (page) => page.PolicyNames)
    expect(inline).toEqual(numbers.map(name))
    const attached = await read(iam.paginateListAttachedRolePolicies(paging, { RoleName }), (page) => {
      return page.AttachedPolicies
    })
    expect(attached).toMatchObject(numbers.map((index) => ({ PolicyName: name(index) })))
    const tags: unknown[] = []
    let Marker: unknown
    do {
      const page = await send('ListRoleTags', { RoleName, MaxItems: 4, Marker })
      tags.push(...(page['Tags'] as unknown[]))
      expect(page['IsTruncated']).toBe(page['Marker'] !== undefined)
      Marker = page['Marker']
    } while (Marker !== undefined)
    expect(tags).toMatchObject(numbers.map((index) => ({ Value: `${index}` })))
  })
})

describe('signatures', () => {
  beforeEach(async () => {
    pool = await createLocalPool({ verifySignature: createSignatureVerifier([exampleCredentials]) })
  })

  it.each([
    ['us-east-1', 'arn:aws:iam::123456789012:role/a'],
    ['eu-west-1', 'arn:aws:iam::123456789012:role/a'],
    ['us-gov-west-1', 'arn:aws-us-gov:iam::123456789012:role/a'],
    ['cn-north-1', 'arn:aws-cn:iam::123456789012:role/a'],
  ])('IAM of %s is signed for the region that AWS signs it for', async (region, Arn) => {
    client = createIamClient(pool, region)
    expect(await create({ RoleName: 'a' })).toMatchObject({ Role: { Arn } })
  })

  it.each([
    ['eu-west-1', 'arn:aws:iam::123456789012:user/local'],
    ['us-gov-west-1', 'arn:aws-us-gov:iam::123456789012:user/local'],
    ['cn-north-1', 'arn:aws-cn:iam::123456789012:user/local'],
  ])('STS of %s', async (region, Arn) => {
    const sts = createStsClient(pool, exampleCredentials, region)
    expect(await sts.send(new GetCallerIdentityCommand())).toMatchObject({ Account: '123456789012', Arn })
  })

  it('of another key are refused', async () => {
    const sts = createStsClient(pool, { ...exampleCredentials, secretAccessKey: 'other' })
    await expect(sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    })
  })
})

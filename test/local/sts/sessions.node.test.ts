import { beforeEach, describe, expect, it } from 'vitest'
import { sessionAllows } from '../../../src/local/sts/sessions.ts'
import { outcome, trusting } from '../../support/local-iam.ts'
import { account, allow, createSts } from '../../support/local-sts.ts'

let sts: ReturnType<typeof createSts>

beforeEach(() => {
  sts = createSts()
})

describe('what a session may do', () => {
  const read = { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/x' }
  const may = async (more: Record<string, string> = {}) => {
    const session = sts.world.state.sessionCredentials[(await sts.keysOf('reader', more)).AccessKeyId]
    return session !== undefined && sessionAllows(sts.world.state, session, read)
  }

  beforeEach(async () => {
    await sts.createRole('reader', trusting(account))
    await sts.putPolicy('reader', allow('s3:GetObject', 'arn:aws:s3:::reports/*'))
  })

  it('is what its role’s inline policies allow', async () => {
    expect(await may()).toBe(true)
    await sts.putPolicy('reader', allow('s3:GetObject', 'arn:aws:s3:::other/*'))
    expect(await may()).toBe(false)
  })

  it.each<[string, Record<string, string>, boolean]>([
    ['a session policy that allows it too', { Policy: allow('s3:*', '*') }, true],
    ['a session policy of something else', { Policy: allow('s3:PutObject', '*') }, false],
    ['a managed session policy', { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' }, false],
  ])('under %s', async (_, more, expected) => {
    expect(await may(more)).toBe(expected)
  })

  it('is what a managed policy of the account allows', async () => {
    await outcome(sts.place, 'DeleteRolePolicy', { RoleName: 'reader', PolicyName: 'own' })
    await outcome(sts.place, 'CreatePolicy', { PolicyName: 'Reads', PolicyDocument: allow('s3:*', '*') })
    const PolicyArn = 'arn:aws:iam::123456789012:policy/Reads'
    expect(await outcome(sts.place, 'AttachRolePolicy', { RoleName: 'reader', PolicyArn })).toBe(200)
    expect([await may(), await may({ Policy: allow('s3:PutObject', '*') })]).toEqual([true, false])
  })

  it.each([
    ['AdministratorAccess', [true, true, false]],
    ['AmazonS3ReadOnlyAccess', [true, true, false]],
    ['IAMFullAccess', [false, false, false]],
    // Only its name is known here.
    ['AmazonEC2FullAccess', [false, false, false]],
  ])('is what AWS’s policy %s allows, and nothing that a session policy alone allows', async (name, expected) => {
    await outcome(sts.place, 'DeleteRolePolicy', { RoleName: 'reader', PolicyName: 'own' })
    const PolicyArn = `arn:aws:iam::aws:policy/${name}`
    expect(await outcome(sts.place, 'AttachRolePolicy', { RoleName: 'reader', PolicyArn })).toBe(200)
    const Policy = allow('*', '*')
    expect([await may(), await may({ Policy }), await may({ Policy: allow('s3:PutObject', '*') })]).toEqual(expected)
  })

  it('is what the permissions boundary allows too, and nothing when the role is gone', async () => {
    const under = async (name: string) => {
      const PermissionsBoundary = `arn:aws:iam::aws:policy/${name}`
      await outcome(sts.place, 'PutRolePermissionsBoundary', { RoleName: 'reader', PermissionsBoundary })
      return may()
    }
    expect(await under('PowerUserAccess')).toBe(true)
    expect(await under('IAMFullAccess')).toBe(false)
    expect(await under('AmazonEC2FullAccess')).toBe(false)
    await outcome(sts.place, 'DeleteRolePermissionsBoundary', { RoleName: 'reader' })
    const keys = await sts.keysOf('reader')
    const session = sts.world.state.sessionCredentials[keys.AccessKeyId]
    await outcome(sts.place, 'DeleteRolePolicy', { RoleName: 'reader', PolicyName: 'own' })
    await outcome(sts.place, 'DeleteRole', { RoleName: 'reader' })
    expect(session !== undefined && sessionAllows(sts.world.state, session, read)).toBe(false)
  })
})

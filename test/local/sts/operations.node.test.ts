import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool } from '../../../src/local/index.ts'
import { answerOf, outcome, queryJson, queryRequest, trusting } from '../../support/local-iam.ts'
import { account, allow, arnOf, by, createSts, denied, start } from '../../support/local-sts.ts'
import { authorizationFor } from '../../support/local-pool.ts'

const webTrust = trusting({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity', {
  StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:pool' },
})
let sts: ReturnType<typeof createSts>

beforeEach(() => {
  sts = createSts()
})

describe('GetCallerIdentity', () => {
  it('of long-term keys is the user of the account', async () => {
    expect(await sts.result('GetCallerIdentity')).toEqual({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/local',
      UserId: expect.stringMatching(/^AIDA/),
    })
  })

  it('may be asked for by GET', async () => {
    const url = 'https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15'
    const headers = { authorization: authorizationFor('us-east-1', 'sts') }
    const { status, text } = await answerOf(sts.place, new Request(url, { headers }))
    expect([status, text]).toEqual([200, expect.stringContaining('user/local</Arn>')])
    expect(text).toContain('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
    expect(sts.world.log.list()).toMatchObject([{ url: 'https://sts.amazonaws.com/', operation: 'GetCallerIdentity' }])
  })

  it('of temporary credentials is the session of the role, as long as they last', async () => {
    await sts.createRole('reader', trusting(account), { Path: '/groups/' })
    const keys = await sts.keysOf('groups/reader', { DurationSeconds: '900' })
    const { Arn, UserId } = await sts.result('GetCallerIdentity', {}, by(keys))
    expect(Arn).toBe('arn:aws:sts::123456789012:assumed-role/reader/alice')
    expect(UserId).toMatch(/^AROA[0-9A-Z]{17}:alice$/)
    sts.world.clock.advance(899.999)
    expect(await sts.send('GetCallerIdentity', {}, by(keys))).toBe(200)
    sts.world.clock.advance(0.001)
    expect(await sts.send('GetCallerIdentity', {}, by(keys))).toEqual([403, 'ExpiredToken'])
  })

  it('of credentials that are not quite those that were issued is refused, by every service', async () => {
    await sts.createRole('reader', trusting(account))
    const [keys, others] = [await sts.keysOf('reader'), await sts.keysOf('reader')]
    const invalid = [403, 'InvalidClientTokenId']
    const { authorization } = by(keys)
    expect(await sts.send('GetCallerIdentity', {}, { authorization })).toEqual(invalid)
    expect(await sts.send('GetCallerIdentity', {}, { ...by(others), authorization })).toEqual(invalid)
    expect(await sts.send('GetCallerIdentity', {}, by({ ...keys, AccessKeyId: 'ASIAUNKNOWNUNKNOWN00' }))).toEqual(
      invalid,
    )
    expect(await sts.send('GetCallerIdentity', {}, by({ ...keys, AccessKeyId: 'AKIDEXAMPLE' }))).toEqual(invalid)
    const iamHeaders = { ...by(keys, 'iam'), 'x-amz-security-token': others.SessionToken }
    expect(await outcome(sts.place, 'ListRoles', {}, { headers: iamHeaders })).toEqual(invalid)
    const request = new Request('https://cognito-idp.us-east-1.amazonaws.com/', {
      method: 'POST',
      headers: {
        ...{ ...iamHeaders, ...by(others, 'cognito-idp'), authorization: by(keys, 'cognito-idp').authorization },
        'x-amz-target': 'AWSCognitoIdentityProviderService.ListGroups',
      },
      body: '{}',
    })
    const refusal = await sts.place.fetch(request)
    expect([refusal.status, await refusal.json()]).toMatchObject([400, { __type: 'UnrecognizedClientException' }])
  })

  it('of nobody is the user too, where calls may be unsigned', async () => {
    const unsigned = await createLocalPool({ verifySignature: false })
    const request = queryRequest('GetCallerIdentity', {}, { service: 'sts' })
    request.headers.delete('authorization')
    expect(await answerOf(unsigned, request)).toMatchObject({
      status: 200,
      text: expect.stringContaining(':user/local<'),
    })
  })

  it('of an unknown key of the temporary kind is refused without a token too', async () => {
    const authorization = authorizationFor('us-east-1', 'sts').replace('AKIDEXAMPLE', 'ASIAEXAMPLE')
    expect(await sts.send('GetCallerIdentity', {}, { authorization })).toEqual([403, 'InvalidClientTokenId'])
  })

  it('of a role that was deleted, and made anew, is refused', async () => {
    await sts.createRole('reader', trusting(account))
    const keys = await sts.keysOf('reader')
    await outcome(sts.place, 'DeleteRole', { RoleName: 'reader' })
    await sts.createRole('reader', trusting(account))
    expect(await sts.send('GetCallerIdentity', {}, by(keys))).toEqual([403, 'InvalidClientTokenId'])
  })
})

describe('AssumeRole', () => {
  it('gives credentials of their own', async () => {
    await sts.createRole('reader', trusting(account), { MaxSessionDuration: '7200' })
    const input = { RoleArn: arnOf('reader'), RoleSessionName: 'alice' }
    const { Credentials, ...rest } = await sts.result('AssumeRole', input)
    expect(Credentials).toEqual({
      AccessKeyId: expect.stringMatching(/^ASIA[0-9A-Z]{16}$/),
      SecretAccessKey: expect.stringMatching(/^\w{40}$/),
      SessionToken: expect.stringMatching(/^[\w-]{256}$/),
      Expiration: start / 1000 + 3600,
    })
    expect(rest).toEqual({
      AssumedRoleUser: {
        AssumedRoleId: expect.stringMatching(/^AROA\w{17}:alice$/),
        Arn: 'arn:aws:sts::123456789012:assumed-role/reader/alice',
      },
      SourceIdentity: null,
    })
    const other = await sts.result('AssumeRole', input)
    for (const name of ['AccessKeyId', 'SecretAccessKey', 'SessionToken'] as const) {
      expect(other.Credentials[name]).not.toBe(Credentials[name])
    }
    expect((await sts.result('AssumeRole', { ...input, DurationSeconds: '7200' })).Credentials.Expiration).toBe(
      start / 1000 + 7200,
    )
    expect(await sts.assume('reader', { DurationSeconds: '7201' })).toEqual([400, 'ValidationError'])
  })

  it.each<[string, unknown, Record<string, string>, unknown]>([
    ['the account', trusting(account), {}, 200],
    ['the user', trusting({ AWS: 'arn:aws:iam::123456789012:user/local' }), {}, 200],
    ['another user', trusting({ AWS: 'arn:aws:iam::123456789012:user/alice' }), {}, denied],
    ['another account', trusting({ AWS: '210987654321' }), {}, denied],
    ['identities of an identity pool', webTrust, {}, denied],
    [
      'with an external id',
      trusting(account, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': '42' } }),
      { ExternalId: '42' },
      200,
    ],
    ['without it', trusting(account, 'sts:AssumeRole', { StringEquals: { 'sts:ExternalId': '42' } }), {}, denied],
    [
      'a session name',
      trusting(account, 'sts:AssumeRole', { StringLike: { 'sts:RoleSessionName': 'b*' } }),
      {},
      denied,
    ],
    [
      'session tags',
      trusting(account, ['sts:AssumeRole', 'sts:TagSession']),
      { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' },
      200,
    ],
    ['no session tags', trusting(account), { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' }, denied],
    [
      'a source identity',
      trusting(account, ['sts:AssumeRole', 'sts:SetSourceIdentity']),
      { SourceIdentity: 'bob' },
      200,
    ],
    ['no source identity', trusting(account), { SourceIdentity: 'bob' }, denied],
    [
      'a source identity by name',
      trusting(account, 'sts:*', { StringEquals: { 'sts:SourceIdentity': 'bob' } }),
      { SourceIdentity: 'bob' },
      200,
    ],
    [
      'session tags by key and value',
      trusting(account, 'sts:*', {
        StringEquals: { 'aws:RequestTag/a': 'b' },
        'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' },
      }),
      { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' },
      200,
    ],
    ['only who has no session tags', trusting(account, 'sts:*', { Null: { 'aws:TagKeys': 'true' } }), {}, 200],
    ['users', trusting(account, 'sts:*', { StringEquals: { 'aws:PrincipalType': 'User' } }), {}, 200],
    ['a device that is not there', trusting(account), { SerialNumber: 'arn:aws:iam::1', TokenCode: '123456' }, denied],
  ])('a role that trusts %s', async (_, trust, more, expected) => {
    expect(await sts.createRole('reader', String(trust))).toBe(200)
    expect(await sts.assume('reader', more)).toEqual(expected)
  })

  it('of a role that is not there is denied in the same words', async () => {
    await sts.createRole('closed', webTrust)
    const refusal = async (name: string) => {
      const { status, body } = await queryJson(
        sts.place,
        'AssumeRole',
        { RoleArn: arnOf(name), RoleSessionName: 'alice' },
        { service: 'sts' },
      )
      return [status, JSON.stringify(body['Error']).replaceAll(name, 'a role')]
    }
    expect(await refusal('nobody')).toEqual(await refusal('closed'))
    expect(await sts.assume('other/closed')).toEqual(denied)
  })

  it('from a role needs both its trust and the caller’s own policies, for an hour at most', async () => {
    await sts.createRole('first', trusting(account))
    await sts.createRole('second', trusting(account), { MaxSessionDuration: '43200' })
    await sts.createRole('closed', trusting({ AWS: 'arn:aws:iam::123456789012:user/local' }))
    const headers = by(await sts.keysOf('first'))
    expect(await sts.assume('second', {}, headers)).toEqual(denied)
    await sts.putPolicy('first', allow('sts:AssumeRole', 'arn:aws:iam::123456789012:role/*'))
    expect(await sts.assume('second', {}, headers)).toBe(200)
    expect(await sts.assume('closed', {}, headers)).toEqual(denied)
    expect(await sts.assume('second', { DurationSeconds: '3601' }, headers)).toEqual([400, 'ValidationError'])
    const named = trusting({ AWS: arnOf('first') }, 'sts:*', {
      StringEquals: { 'aws:PrincipalArn': arnOf('first'), 'aws:PrincipalType': 'AssumedRole' },
    })
    await sts.createRole('named', named)
    expect([await sts.assume('named', {}, headers), await sts.assume('named')]).toEqual([200, denied])
    const narrowed = by(await sts.keysOf('first', { Policy: allow('s3:*', '*') }))
    expect(await sts.assume('second', {}, narrowed)).toEqual(denied)
  })

  it.each<[string, Record<string, string>, string]>([
    ['a short session name', { RoleSessionName: 'a' }, 'ValidationError'],
    ['a session name with a slash', { RoleSessionName: 'a/b' }, 'ValidationError'],
    ['too short a time', { DurationSeconds: '899' }, 'ValidationError'],
    ['no ARN', { RoleArn: 'reader' }, 'ValidationError'],
    ['an external id with a space', { ExternalId: 'a b' }, 'ValidationError'],
    ['a short external id', { ExternalId: 'a' }, 'ValidationError'],
    ['a short serial number', { SerialNumber: 'a' }, 'ValidationError'],
    ['a serial number with a space', { SerialNumber: 'a serial number' }, 'ValidationError'],
    ['a source identity with a slash', { SourceIdentity: 'a/b' }, 'ValidationError'],
    ['a long session policy', { Policy: `${' '.repeat(2048)}${allow('*', '*')}` }, 'ValidationError'],
    ['a session policy with a letter too many', { Policy: allow('*', 'arn:aws:s3:::\u0100') }, 'ValidationError'],
    ['a short ARN of a session policy', { 'PolicyArns.member.1.arn': 'short' }, 'ValidationError'],
    ['a session policy that is none', { Policy: '{"Statement":[]}' }, 'MalformedPolicyDocument'],
  ])('%s', async (_, more, code) => {
    await sts.createRole('reader', trusting(account))
    expect(await sts.assume('reader', more)).toEqual([400, code])
  })
})

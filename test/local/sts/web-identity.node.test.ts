import { beforeEach, describe, expect, it } from 'vitest'
import { identityKeys } from '../../../src/local/key-ring.ts'
import { getKeys } from '../../../src/local/world.ts'
import { answerOf, outcome, queryRequest, trusting } from '../../support/local-iam.ts'
import { account, arnOf, by, createSts, denied, start } from '../../support/local-sts.ts'

const poolId = 'eu-west-1:0a1b2c3d-0000-4000-8000-000000000000'
const identityId = 'eu-west-1:1a1b2c3d-0000-4000-8000-000000000000'
const webTrust = trusting({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity', {
  StringEquals: { 'cognito-identity.amazonaws.com:aud': poolId },
  'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
})
let sts: ReturnType<typeof createSts>

beforeEach(() => {
  sts = createSts()
  for (const identityPoolId of [poolId, `${poolId}0`]) {
    const nothing = { settings: {}, providers: [], roles: {}, roleMappings: {}, identities: {}, principalTags: {} }
    sts.world.state.identityPools[identityPoolId] = { identityPoolId, region: 'eu-west-1', ...nothing }
  }
})

describe('AssumeRoleWithWebIdentity', () => {
  const put = async (claims: Record<string, unknown> = {}) => {
    const issued = { iss: 'https://cognito-identity.amazonaws.com', aud: poolId, sub: identityId }
    const amr = ['authenticated', 'cognito-idp']
    const ring = getKeys(sts.world, identityKeys)
    const token = await ring.issue('id', { ...issued, amr, exp: start / 1000 + 600, ...claims })
    return { RoleArn: arnOf('reader'), RoleSessionName: 'alice', WebIdentityToken: token }
  }
  const send = async (input: Record<string, string>) => {
    const request = queryRequest('AssumeRoleWithWebIdentity', input, { service: 'sts' })
    request.headers.delete('authorization')
    const { status, text } = await answerOf(sts.place, request)
    return status === 200 ? 200 : [status, /<Code>([^<]+)</.exec(text)?.[1]]
  }

  beforeEach(async () => {
    await sts.createRole('reader', webTrust)
  })

  it('needs no signature and gives credentials of the identity', async () => {
    const input = await put()
    expect(await send(input)).toBe(200)
    const { Credentials, ...rest } = await sts.result('AssumeRoleWithWebIdentity', input)
    expect(rest).toEqual({
      SubjectFromWebIdentityToken: identityId,
      Audience: poolId,
      Provider: 'cognito-identity.amazonaws.com',
      AssumedRoleUser: {
        AssumedRoleId: expect.stringMatching(/^AROA\w{17}:alice$/),
        Arn: 'arn:aws:sts::123456789012:assumed-role/reader/alice',
      },
    })
    expect(sts.world.state.sessionCredentials[Credentials.AccessKeyId]).toMatchObject({
      identityId,
      roleName: 'reader',
    })
    expect(await sts.send('GetCallerIdentity', {}, by(Credentials))).toBe(200)
  })

  it.each<[string, Record<string, unknown>, unknown]>([
    ['of another identity pool', { aud: `${poolId}0` }, denied],
    ['of an identity pool that is not there', { aud: `${poolId}1` }, [400, 'InvalidIdentityToken']],
    ['of another issuer', { iss: 'https://cognito-identity.example.com' }, [400, 'InvalidIdentityToken']],
    ['of a provider that the account does not have', { iss: 'https://a.example.com' }, [400, 'InvalidIdentityToken']],
    ['without an audience', { aud: undefined }, [400, 'InvalidIdentityToken']],
    ['of a guest', { amr: ['unauthenticated'] }, denied],
    ['without amr', { amr: [] }, denied],
    ['that has ended', { exp: start / 1000 }, [400, 'ExpiredTokenException']],
  ])('a token %s', async (_, claims, expected) => {
    expect(await send(await put(claims))).toEqual(expected)
    expect(Object.keys(sts.world.state.sessionCredentials)).toEqual([])
  })

  it('a role for one identity', async () => {
    const one = (sub: string) => {
      return trusting({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity', {
        StringEquals: { 'cognito-identity.amazonaws.com:sub': sub },
      })
    }
    await sts.createRole('own', one(identityId))
    await sts.createRole('other', one(`${identityId}0`))
    const input = await put()
    expect(await send({ ...input, RoleArn: arnOf('own') })).toBe(200)
    expect(await send({ ...input, RoleArn: arnOf('other') })).toEqual(denied)
  })

  it('a token of more than 20,000 characters', async () => {
    expect(await send({ ...(await put()), WebIdentityToken: 'a'.repeat(20_001) })).toEqual([400, 'ValidationError'])
  })

  it.each(['unknown', '__proto__', 'constructor'])('a token that nobody issued: %s', async (WebIdentityToken) => {
    expect(await send({ ...(await put()), WebIdentityToken })).toEqual([400, 'InvalidIdentityToken'])
  })

  it('a role that is not there, or trusts others, or is changed to do so', async () => {
    const input = await put()
    await sts.createRole('closed', trusting(account))
    expect(await send({ ...input, RoleArn: arnOf('nobody') })).toEqual(denied)
    expect(await send({ ...input, RoleArn: arnOf('closed') })).toEqual(denied)
    expect(await send({ ...input, DurationSeconds: '3601' })).toEqual([400, 'ValidationError'])
    await outcome(sts.place, 'UpdateAssumeRolePolicy', { RoleName: 'reader', PolicyDocument: trusting(account) })
    expect(await send(input)).toEqual(denied)
  })
})

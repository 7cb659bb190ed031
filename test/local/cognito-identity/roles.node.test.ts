import {
  DescribeIdentityPoolCommand,
  type CognitoIdentityProvider,
  DeleteIdentityPoolCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
  type RoleMapping,
  SetIdentityPoolRolesCommand,
  UpdateIdentityPoolCommand,
} from '@aws-sdk/client-cognito-identity'
import { DeleteRoleCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts'
import { AwsV4Signer } from 'aws4fetch'
import { describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld, type LocalPool } from '../../../src/local/index.ts'
import { allowPolicy, createIamClient, createStsClient, trustPolicy } from '../../conformance/iam/clients.ts'
import { start, roleArn, clientOf, scene, createRole, sessionOf, session } from '../../support/local-identity-pool.ts'

describe('the role of an identity', () => {
  const expectRefusal = (promise: Promise<unknown>, name: string, message = '') =>
    expect(promise).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  const configuration = 'Invalid identity pool configuration. Check assigned IAM roles for this pool.'

  it('is that of the group that comes first', async () => {
    const { pool, credentials } = await scene({}, ['reports', 'audits'])
    const found = await credentials('alice')
    expect(found).toMatchObject({ Expiration: new Date(start + 3_600_000) })
    expect(await sessionOf(pool, found)).toBe(session('reports'))
  })

  it('is another of the user’s own, if the user asks for it', async () => {
    const { pool, credentials } = await scene({}, ['reports', 'audits', 'other'])
    expect(await sessionOf(pool, await credentials('alice', roleArn('audits')))).toBe(session('audits'))
    await expectRefusal(credentials('alice', roleArn('other')), 'NotAuthorizedException')
    await expectRefusal(credentials('bob', roleArn('reports')), 'NotAuthorizedException')
  })

  it('is not to be had by whose groups have none', async () => {
    const { credentials } = await scene(
      { identityPool: { roleMapping: 'token', roles: { authenticated: roleArn('in') } } },
      ['in'],
    )
    await expectRefusal(
      credentials('bob'),
      'NotAuthorizedException',
      'The ambiguous role mapping rules denied this request.',
    )
  })

  it('without a mapping is that of everybody, and cannot be asked for', async () => {
    const { pool, credentials } = await scene({ identityPool: { roles: { authenticated: roleArn('in') } } }, [
      'in',
      'reports',
    ])
    for (const name of ['alice', 'bob']) expect(await sessionOf(pool, await credentials(name))).toBe(session('in'))
    await expectRefusal(credentials('alice', roleArn('reports')), 'InvalidParameterException')
  })

  it('must exist', async () => {
    const { pool, credentials } = await scene()
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException', configuration)
    await createRole(pool, 'reports')
    const found = await credentials('alice')
    await createIamClient(pool).send(new DeleteRoleCommand({ RoleName: 'reports' }))
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException')
    await expect(sessionOf(pool, found)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })

  it.each<[string, (pool: LocalPool) => string]>([
    ['the user pool in place of the identity pool', ({ settings }) => trustPolicy(settings.userPoolId)],
    ['another identity pool', () => trustPolicy('eu-west-1:01234567-89ab-4def-8123-456789abcdef')],
    ['guests', ({ identityPoolId }) => trustPolicy(identityPoolId, 'unauthenticated')],
    [
      'another service',
      (pool) => trustPolicy(pool.identityPoolId).replace('cognito-identity.amazonaws.com"}', 'accounts.google.com"}'),
    ],
    ['another user', (pool) => trustPolicy(pool.identityPoolId, `*:CognitoSignIn:sub-of-bob`)],
    ['nobody', (pool) => trustPolicy(pool.identityPoolId).replace('"Allow"', '"Deny"')],
  ])('must trust this identity pool, and not %s', async (_, policyOf) => {
    const { pool, credentials } = await scene({}, ['reports'])
    const update = { RoleName: 'reports', PolicyDocument: policyOf(pool) }
    await createIamClient(pool).send(new UpdateAssumeRolePolicyCommand(update))
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException', configuration)
  })

  it('may trust one user alone', async () => {
    const { pool, credentials, provider } = await scene()
    await createRole(pool, 'reports', trustPolicy(pool.identityPoolId, `${provider}:CognitoSignIn:sub-of-alice`))
    expect(await sessionOf(pool, await credentials('alice'))).toBe(session('reports'))
  })

  const rule = (Claim: string, MatchType: string, Value: string, name: string) => {
    return { Claim, MatchType, Value, RoleARN: roleArn(name) }
  }
  it.each<[string, string, readonly object[], string]>([
    [
      'Equals',
      'alice',
      [rule('custom:tier', 'Equals', 'silver', 'b'), rule('custom:tier', 'Equals', 'gold', 'a')],
      'a',
    ],
    [
      'the first that matches',
      'alice',
      [rule('custom:tier', 'Equals', 'gold', 'a'), rule('sub', 'StartsWith', 's', 'b')],
      'a',
    ],
    ['StartsWith', 'alice', [rule('custom:tier', 'StartsWith', 'go', 'a')], 'a'],
    ['StartsWith, not so', 'alice', [rule('custom:tier', 'StartsWith', 'old', 'a')], 'in'],
    ['Contains', 'alice', [rule('custom:tier', 'Contains', 'ol', 'a')], 'a'],
    ['Contains, in a list', 'alice', [rule('cognito:groups', 'Contains', 'audits', 'a')], 'a'],
    ['NotEqual', 'alice', [rule('custom:tier', 'NotEqual', 'silver', 'a')], 'a'],
    ['NotEqual, not so', 'alice', [rule('custom:tier', 'NotEqual', 'gold', 'a')], 'in'],
    ['NotEqual of a claim that is not there', 'bob', [rule('custom:tier', 'NotEqual', 'gold', 'a')], 'in'],
    ['another case', 'alice', [rule('custom:tier', 'Equals', 'Gold', 'a')], 'in'],
  ])('by rules: %s', async (_, username, Rules, expected) => {
    const { pool, identity, provider, credentials } = await scene({}, ['a', 'b', 'in'])
    const set = (resolution: 'AuthenticatedRole' | 'Deny') => {
      const mapping = {
        Type: 'Rules',
        AmbiguousRoleResolution: resolution,
        RulesConfiguration: { Rules },
      } as RoleMapping
      return identity.send(
        new SetIdentityPoolRolesCommand({
          IdentityPoolId: pool.identityPoolId,
          Roles: { authenticated: roleArn('in') },
          RoleMappings: { [`${provider}:${pool.settings.clientId}`]: mapping },
        }),
      )
    }
    await set('AuthenticatedRole')
    expect(await sessionOf(pool, await credentials(username))).toBe(session(expected))
    await set('Deny')
    if (expected === 'in') await expectRefusal(credentials(username), 'NotAuthorizedException')
    else expect(await sessionOf(pool, await credentials(username))).toBe(session(expected))
  })

  it('hidden by IAM for some time is not there yet', async () => {
    const { pool, credentials } = await scene({ iamDelay: 7 }, ['reports'])
    await expectRefusal(credentials('alice'), 'InvalidIdentityPoolConfigurationException')
    pool.advance(7)
    expect(await sessionOf(pool, await credentials('alice'))).toBe(session('reports'))
  })

  it('is one of a provider of the pool: others are no providers', async () => {
    const world = createLocalWorld({ now: () => start })
    const [one, two] = [await createLocalPool({ world, users: { alice: {} } }), await createLocalPool({ world })]
    const Logins = {
      [`cognito-idp.eu-west-1.amazonaws.com/${one.settings.userPoolId}`]: (await one.tokens('alice')).idToken,
    }
    const ask = (IdentityPoolId: string) => clientOf(one).send(new GetIdCommand({ IdentityPoolId, Logins }))
    await expectRefusal(ask(two.identityPoolId), 'NotAuthorizedException', 'not from a supported provider')
    const both: CognitoIdentityProvider[] = [one, two].map(({ settings }) => ({
      ProviderName: `cognito-idp.eu-west-1.amazonaws.com/${settings.userPoolId}`,
      ClientId: settings.clientId,
    }))
    const update = {
      IdentityPoolId: two.identityPoolId,
      IdentityPoolName: 'both',
      AllowUnauthenticatedIdentities: false,
    }
    await clientOf(one).send(new UpdateIdentityPoolCommand({ ...update, CognitoIdentityProviders: both }))
    expect((await ask(two.identityPoolId)).IdentityId).toBeDefined()
  })
})

describe('the classic flow', () => {
  it('is refused unless the identity pool allows it', async () => {
    const { pool, identity, login } = await scene({}, ['reports'])
    const Logins = await login('alice')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    await expect(identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Basic (classic) flow is not enabled, please use enhanced flow.',
    })
  })

  it('is open where the identity pool was never told, unless it has role mappings', async () => {
    const { pool, identity, login } = await scene()
    const Logins = await login('alice')
    const IdentityPoolId = pool.identityPoolId
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId, Logins }))
    const ask = () => identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
    const { CognitoIdentityProviders } = await identity.send(new DescribeIdentityPoolCommand({ IdentityPoolId }))
    const settings = { IdentityPoolId, IdentityPoolName: 'a', AllowUnauthenticatedIdentities: false }
    await identity.send(new UpdateIdentityPoolCommand({ ...settings, CognitoIdentityProviders }))
    await expect(ask()).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.',
    })
    await identity.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: {} }))
    expect((await ask()).Token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const closed = { ...settings, CognitoIdentityProviders, AllowClassicFlow: false }
    await identity.send(new UpdateIdentityPoolCommand(closed))
    await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining('not enabled') })
  })

  it('lets anybody have any role that trusts the identity pool, even roles of groups that they are not in', async () => {
    const { pool, identity, login, credentials } = await scene(
      { identityPool: { roleMapping: 'token', allowClassicFlow: true } },
      ['reports'],
    )
    await createRole(pool, 'elsewhere', trustPolicy('eu-west-1:01234567-89ab-4def-8123-456789abcdef'))
    await expect(credentials('bob')).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    const Logins = await login('bob')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    const { Token } = await identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
    const assume = (name: string) =>
      createStsClient(pool).send(
        new AssumeRoleWithWebIdentityCommand({
          ...{ RoleArn: roleArn(name), RoleSessionName: 'bob', WebIdentityToken: Token },
        }),
      )
    const { Credentials, SubjectFromWebIdentityToken } = await assume('reports')
    expect(SubjectFromWebIdentityToken).toBe(IdentityId)
    expect(await sessionOf(pool, { ...Credentials })).toBe('arn:aws:sts::123456789012:assumed-role/reports/bob')
    await expect(assume('elsewhere')).rejects.toMatchObject({ name: 'AccessDenied' })
    pool.advance(600)
    await expect(assume('reports')).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  })

  it('ends with the identity pool', async () => {
    const { pool, identity, login } = await scene({ identityPool: { allowClassicFlow: true } }, ['reports'])
    const Logins = await login('alice')
    const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
    const { Token } = await identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
    await identity.send(new DeleteIdentityPoolCommand({ IdentityPoolId: pool.identityPoolId }))
    const input = { RoleArn: roleArn('reports'), RoleSessionName: 'alice', WebIdentityToken: Token }
    await expect(createStsClient(pool).send(new AssumeRoleWithWebIdentityCommand(input))).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
    })
  })
})

it('a policy may name what is an identity’s own', async () => {
  const { pool, credentials } = await scene({}, ['reports'])
  const PolicyDocument = allowPolicy('s3:GetObject', `arn:aws:s3:::files/\${cognito-identity.amazonaws.com:sub}/*`)
  const input = { RoleName: 'reports', PolicyName: 'own', PolicyDocument }
  await createIamClient(pool).send(new PutRolePolicyCommand(input))
  const { AccessKeyId, SecretKey, SessionToken, IdentityId } = await credentials('alice')
  const keys = { accessKeyId: String(AccessKeyId), secretAccessKey: String(SecretKey) }
  const signer = new AwsV4Signer({
    ...{ url: 'https://files.s3.eu-west-1.amazonaws.com/x', service: 's3', region: 'eu-west-1' },
    ...{ ...keys, sessionToken: String(SessionToken), datetime: '20260101T000000Z' },
  })
  const { url, headers } = await signer.sign()
  const caller = await pool.caller(new Request(url, { headers }))
  expect(caller).toMatchObject({ identityId: IdentityId, arn: session('reports') })
  expect(caller?.allows('s3:GetObject', `arn:aws:s3:::files/${IdentityId}/x`)).toBe(true)
  expect(caller?.allows('s3:GetObject', 'arn:aws:s3:::files/eu-west-1:other/x')).toBe(false)
})

it('throttles and other faults hit identity pools by name', async () => {
  const { pool, credentials } = await scene({}, ['reports'])
  pool.fail('cognito-identity.GetCredentialsForIdentity', { error: 'TooManyRequestsException', times: 1 })
  await expect(credentials('alice')).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  expect(await credentials('alice')).toHaveProperty('AccessKeyId')
  expect([pool.count('GetId'), pool.count('GetCredentialsForIdentity')]).toEqual([2, 2])
})

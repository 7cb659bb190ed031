import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
} from '@aws-sdk/client-cognito-identity'
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  ListGroupsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { partition } from '@aws-sdk/core/client'
import { describe, expect, it } from 'vitest'
import { createLocalPool } from '../../src/local/index.ts'
import { federatedPrincipal, isRegion, partitionOf, serviceHost } from '../../src/local/hosts.ts'
import { exampleCredentials, sdkTransport } from '../support/sdk-client.ts'
import { trustPolicy } from '../conformance/iam/clients.ts'

const regions = [
  ...['us-east-1', 'eu-west-1', 'ap-southeast-7', 'sa-east-1', 'ca-west-1', 'me-south-1', 'af-south-1', 'il-central-1'],
  ...['mx-central-1', 'us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'cn-northwest-1', 'eusc-de-east-1'],
  ...['us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'],
]

/** As AWS documents them. */
const principals: Readonly<Record<string, string>> = {
  'us-gov-west-1': 'cognito-identity-us-gov.amazonaws.com',
  'us-gov-east-1': 'cognito-identity.us-gov-east-1.amazonaws.com',
  'cn-north-1': 'cognito-identity.cn-north-1.amazonaws.com.cn',
  'cn-northwest-1': 'cognito-identity.cn-northwest-1.amazonaws.com.cn',
}

const kinds = regions.flatMap((region) => [[region, false] as const, [region, true] as const])

describe('the local AWS in every partition, beside the AWS SDK', () => {
  it.each(regions)('%s: names and suffix', (region) => {
    const { name, dnsSuffix } = partition(region)
    expect([partitionOf(region), serviceHost('sts', region)]).toEqual([name, `sts.${region}.${dnsSuffix}`])
    expect(federatedPrincipal(region)).toBe(principals[region] ?? 'cognito-identity.amazonaws.com')
  })

  it.each(kinds)('%s, FIPS %s: serves the hosts of all four services as they are signed', async (region, fips) => {
    const pool = await createLocalPool({ region })
    const options = {
      ...{ region, useFipsEndpoint: fips, maxAttempts: 1, credentials: exampleCredentials },
      requestHandler: sdkTransport(pool),
    }
    const name = partition(region).name
    const arn = `arn:${name}:iam::123456789012:user/local`
    expect((await new IAMClient(options).send(new ListRolesCommand({}))).Roles).toEqual([])
    expect((await new STSClient(options).send(new GetCallerIdentityCommand({}))).Arn).toBe(arn)
    const UserPoolId = pool.settings.userPoolId
    const users = new CognitoIdentityProviderClient(options)
    expect((await users.send(new ListGroupsCommand({ UserPoolId }))).Groups).toEqual([])
    const { UserPool } = await users.send(new DescribeUserPoolCommand({ UserPoolId }))
    expect(UserPool?.Arn).toBe(`arn:${name}:cognito-idp:${region}:123456789012:userpool/${UserPoolId}`)
    const guests = new CognitoIdentityClient(options).send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId }))
    await expect(guests).rejects.toMatchObject({ name: 'NotAuthorizedException' })
  })

  it.each(['us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'eusc-de-east-1', 'eu-west-1'])(
    '%s: tokens, keys, role credentials and their trust',
    async (region) => {
      const { name, dnsSuffix } = partition(region)
      const roleArn = `arn:${name}:iam::123456789012:role/reader`
      const pool = await createLocalPool({
        region,
        groups: [{ name: 'readers', roleArn, precedence: 1 }],
        users: { alice: { groups: ['readers'] } },
        identityPool: { roleMapping: 'token', allowClassicFlow: true },
      })
      const options = {
        ...{ region, maxAttempts: 1, credentials: exampleCredentials, requestHandler: sdkTransport(pool) },
      }
      const { idToken } = await pool.tokens('alice')
      const issuer = `https://cognito-idp.${region}.${dnsSuffix}/${pool.settings.userPoolId}`
      expect(pool.issuer).toBe(issuer)
      const discovery = await pool.fetch(new Request(`${issuer}/.well-known/openid-configuration`))
      const { jwks_uri: keysAt, token_endpoint: tokenEndpoint } = (await discovery.json()) as Record<string, string>
      const keys = await (await pool.fetch(new Request(String(keysAt)))).json()
      expect(keys).toMatchObject({ keys: [{}, {}] })
      expect(new URL(String(tokenEndpoint)).host).toBe(pool.domain)
      expect((await pool.fetch(new Request(String(tokenEndpoint), { method: 'POST' }))).status).toBe(400)

      const trust = (principal: string) => {
        return trustPolicy(pool.identityPoolId).replaceAll('cognito-identity.amazonaws.com', principal)
      }
      const iam = new IAMClient(options)
      const right = principals[region] ?? 'cognito-identity.amazonaws.com'
      const created = await iam.send(
        new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust(right) }),
      )
      expect(created.Role?.Arn).toBe(roleArn)
      const wrong = trust(region === 'eu-west-1' ? String(principals['cn-north-1']) : 'cognito-identity.example.com')
      await iam.send(new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: wrong }))

      const identity = new CognitoIdentityClient(options)
      const Logins = { [`cognito-idp.${region}.${dnsSuffix}/${pool.settings.userPoolId}`]: idToken }
      const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId: pool.identityPoolId, Logins }))
      const { Credentials } = await identity.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }))
      const session = new STSClient({
        ...options,
        credentials: {
          accessKeyId: String(Credentials?.AccessKeyId),
          secretAccessKey: String(Credentials?.SecretKey),
          sessionToken: String(Credentials?.SessionToken),
        },
      })
      const { Arn } = await session.send(new GetCallerIdentityCommand({}))
      expect(Arn).toBe(`arn:${name}:sts::123456789012:assumed-role/reader/CognitoIdentityCredentials`)

      const { Token } = await identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
      const sts = new STSClient(options)
      const assume = (RoleArn: string) =>
        sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'alice', WebIdentityToken: Token }))
      expect((await assume(roleArn)).Provider).toBe(right)
      await expect(assume(roleArn.replace('reader', 'other'))).rejects.toMatchObject({ name: 'AccessDenied' })
    },
  )

  it.each(['', 'eu-west', 'EU-WEST-1', 'xx-west-1', 'eu-west-1.evil.example', 'us-gov-gov-west-1', 'eusc-east-1'])(
    'has no region %j',
    async (region) => {
      expect(isRegion(region)).toBe(false)
      await expect(createLocalPool({ region })).rejects.toThrow(/^region: /)
      await expect(createLocalPool({ userPoolId: `${region}_abc` })).rejects.toThrow(/^userPoolId: /)
    },
  )

  it.each([
    ['https://cognito-idp.cn-north-1.amazonaws.com/', 'the suffix of another partition'],
    ['https://cognito-idp.eu-west-1.amazonaws.com.cn/', 'the suffix of another partition'],
    ['https://iam.cn-north-1.amazonaws.com/', 'IAM of another partition'],
    ['https://iam.eu-west-1.amazonaws.com/', 'a regional IAM'],
    ['https://sts.eusc-de-east-1.amazonaws.com/', 'the suffix of another partition'],
    ['https://iam.us-gov-west-1.amazonaws.com/', 'a regional IAM'],
  ])('serves nothing at %s: %s', async (url) => {
    const pool = await createLocalPool()
    expect((await pool.fetch(new Request(url, { method: 'POST', body: '{}' }))).status).toBe(404)
  })
})

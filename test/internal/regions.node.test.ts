import { CognitoIdentityClient } from '@aws-sdk/client-cognito-identity'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { partition } from '@aws-sdk/core/client'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import {
  iamEndpoint,
  identityPoolIssuer,
  partitionOf,
  regionOf,
  regionOfIdentityPool,
  serviceHost,
} from '../../src/internal/regions.ts'

const regions = [
  ...['us-east-1', 'us-west-2', 'eu-central-2', 'ap-southeast-7', 'sa-east-1', 'ca-west-1', 'me-south-1', 'af-south-1'],
  ...['il-central-1', 'mx-central-1', 'us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'cn-northwest-1'],
  ...['eusc-de-east-1', 'us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'],
]

describe('the table of partitions, beside the AWS SDK’s own', () => {
  it.each(regions)('%s: name and suffix', (region) => {
    const { name, dnsSuffix } = partition(region)
    expect(partitionOf(region)).toEqual({ name, suffix: dnsSuffix })
  })

  it.each(regions)('%s: hosts of user pools and identity pools', async (region) => {
    const userPools = new CognitoIdentityProviderClient({ region })
    const identityPools = new CognitoIdentityClient({ region })
    const hostOf = (client: { config: { endpointProvider: (parameters: { Region: string }) => { url: URL } } }) =>
      client.config.endpointProvider({ Region: region }).url.host
    expect(serviceHost('cognito-idp', region)).toBe(hostOf(userPools))
    expect(serviceHost('cognito-identity', region)).toBe(hostOf(identityPools))
  })

  it.each(regions.flatMap((region) => [[region, false] as const, [region, true] as const]))(
    '%s, FIPS %s: where IAM is, and the region that its calls are signed for',
    async (region, useFipsEndpoint) => {
      let asked: { hostname: string; headers: Record<string, string> } | undefined
      const client = new IAMClient({
        region,
        useFipsEndpoint,
        maxAttempts: 1,
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' },
        requestHandler: {
          handle: async (request: { hostname: string; headers: Record<string, string> }) => {
            asked = request
            throw new Error('enough')
          },
        },
      })
      await expect(client.send(new ListRolesCommand())).rejects.toThrow('enough')
      const signedFor = /Credential=AKIDEXAMPLE\/\d+\/([^/]+)\//.exec(asked?.headers['authorization'] ?? '')?.[1]
      expect(iamEndpoint(region, useFipsEndpoint)).toEqual({ host: asked?.hostname, region: signedFor })
    },
  )

  it.each([
    '',
    'eu-west',
    'EU-WEST-1',
    'xx-west-1',
    'local',
    'eu-west-1.evil.example',
    'us-gov-gov-west-1',
    'eusc-east-1',
  ])('refuses %j', (region) => expect(() => partitionOf(region)).toThrow(ConfigurationError))
})

describe('identityPoolIssuer', () => {
  it.each([
    ['eu-west-1', 'cognito-identity.amazonaws.com'],
    ['us-gov-west-1', 'cognito-identity-us-gov.amazonaws.com'],
    ['cn-north-1', 'cognito-identity.cn-north-1.amazonaws.com.cn'],
  ])('%s', (region, issuer) => expect(identityPoolIssuer(region)).toBe(issuer))
})

describe('the region of an id', () => {
  it('stands at its beginning', () => {
    expect(regionOf('eusc-de-east-1_AbC123')).toBe('eusc-de-east-1')
    expect(regionOfIdentityPool('cn-north-1:01234567-89ab-cdef-0123-456789abcdef')).toBe('cn-north-1')
  })

  it.each(['', 'eu-west-1', 'eu-west-1_', 'eu-west-1_a b', 'eu-west-1:x'])('%j is no user pool id', (id) => {
    expect(() => regionOf(id)).toThrow('userPoolId: expected an id such as eu-west-1_AbCdEfGhI.')
  })

  it('must be one of AWS', () => {
    expect(() => regionOf('mars-north-1_AbC')).toThrow(
      'userPoolId: expected a region of AWS such as eu-west-1, and not "mars-north-1"',
    )
  })
})

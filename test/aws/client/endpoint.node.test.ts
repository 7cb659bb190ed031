import { CognitoIdentityClient } from '@aws-sdk/client-cognito-identity'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../../src/admin/index.ts'
import { createIdentityPoolCall } from '../../../src/aws/index.ts'
import { createIamClient, createIdentityPoolClient } from '../../../src/provision/index.ts'
import { credentials, errorOf } from '../../support/aws.ts'

const regions = ['us-east-1', 'eu-west-1', 'us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'eusc-de-east-1']
const uuid = '01234567-89ab-cdef-0123-456789abcdef'

/** The URL that a call goes to. */
async function urlOf(call: (fetch: (request: Request) => Promise<Response>) => Promise<unknown>): Promise<string> {
  let url = 'not sent'
  await errorOf(
    call(async (request) => {
      url = request.url
      return new Response('{}', { status: 403 })
    }),
  )
  return url
}

const clients = (region: string, options: object) => ({
  'cognito-idp': (fetch: (request: Request) => Promise<Response>) =>
    createPoolAdmin({ userPoolId: `${region}_AbC`, credentials, fetch, ...options }).users.get('alice'),
  'cognito-identity': (fetch: (request: Request) => Promise<Response>) =>
    createIdentityPoolClient({ identityPoolId: `${region}:${uuid}`, credentials, fetch, ...options }).describe(),
  iam: (fetch: (request: Request) => Promise<Response>) =>
    createIamClient({ region, credentials, fetch, ...options }).roles.get('x'),
  sts: (fetch: (request: Request) => Promise<Response>) =>
    createIamClient({ region, credentials, fetch, ...options }).caller(),
})

describe.each(regions.flatMap((region) => [[region, false] as const, [region, true] as const]))(
  '%s, FIPS %s: calls go where those of the AWS SDK go',
  (region, fips) => {
    const sdk = {
      'cognito-idp': new CognitoIdentityProviderClient({ region }),
      'cognito-identity': new CognitoIdentityClient({ region }),
      sts: new STSClient({ region }),
    }

    it.each(['cognito-idp', 'cognito-identity', 'sts'] as const)('%s', async (service) => {
      const { url } = sdk[service].config.endpointProvider({ Region: region, UseFIPS: fips })
      expect(await urlOf(clients(region, { fips })[service])).toBe(`${url.origin}/`)
    })
  },
)

it('IAM has hosts of its own for FIPS, which another test takes from the AWS SDK', async () => {
  expect(await urlOf(clients('eu-west-1', { fips: true }).iam)).toBe('https://iam-fips.amazonaws.com/')
  expect(await urlOf(clients('us-gov-east-1', { fips: true }).iam)).toBe('https://iam.us-gov.amazonaws.com/')
})

describe.each(['cognito-idp', 'cognito-identity', 'iam', 'sts'] as const)('endpoints of %s', (service) => {
  const go = (options: object) => urlOf(clients('eu-west-1', options)[service])

  it.each([
    'https://proxy.test/aws',
    'https://10.0.0.1/',
    'http://localhost:5000/',
    'http://127.0.0.1/',
    'http://127.9.9.9:1/a',
    'http://[::1]:4566/',
    'HTTP://LOCALHOST:5000/',
  ])('%s is taken', async (endpoint) => expect(await go({ endpoint })).toBe(new URL(endpoint).href))

  it.each([
    'http://moto:5000/',
    'http://10.0.0.1/',
    'http://localhost.evil.test/',
    'http://127.0.0.1.evil.test/',
    'http://evil.test/localhost',
    'http://[::2]/',
    'http://0.0.0.0:5000/',
  ])('%s needs allowHttp', async (endpoint) => {
    await expect(async () => await go({ endpoint })).rejects.toThrow(/^endpoint: .*allowHttp/)
    expect(await go({ endpoint, allowHttp: true })).toBe(endpoint)
  })

  it.each([
    'https://user:secret@proxy.test/',
    'https://user@proxy.test/',
    'http://user:secret@localhost/',
    'https://proxy.test/?a=b',
    'https://proxy.test/#a',
    'https://proxy.test\\@evil.test/',
    'ftp://localhost/',
    'file:///etc',
    'javascript:1',
    'localhost:5000',
    '//proxy.test',
    'https://',
    '',
  ])('%j is refused, whatever is allowed', async (endpoint) => {
    for (const allowHttp of [false, true]) {
      await expect(async () => await go({ endpoint, allowHttp })).rejects.toMatchObject({ code: 'CONFIGURATION' })
    }
  })

  it('do not go with fips', async () => {
    await expect(async () => await go({ endpoint: 'https://proxy.test/', fips: true })).rejects.toThrow(/fips/)
  })

  it('name no region of nobody', async () => {
    await expect(async () => urlOf(clients('mars-north-1', {})[service])).rejects.toThrow(/region/)
  })
})

it('another STS is checked as well', () => {
  expect(() => createIamClient({ credentials, stsEndpoint: 'http://sts.test' })).toThrow(/allowHttp/)
  expect(() =>
    createIamClient({ credentials, stsEndpoint: 'https://sts.test', fips: true, region: 'us-gov-west-1' }),
  ).toThrow(/fips/)
})

it('calls without credentials of their own are held to it', () => {
  expect(() => createIdentityPoolCall({ region: 'eu-west-1', endpoint: 'http://proxy.test' })).toThrow(/allowHttp/)
})

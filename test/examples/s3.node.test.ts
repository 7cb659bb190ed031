import {
  CognitoIdentityClient,
  GetIdCommand,
  GetOpenIdTokenCommand,
  UpdateIdentityPoolCommand,
} from '@aws-sdk/client-cognito-identity'
import { CreateRoleCommand, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts'
import { AwsClient } from 'aws4fetch'
import { convertV4MiniflareOptions, Response as EdgeResponse, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../examples/playground/bundle.ts'
import { type CallerRequest, createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { exampleCredentials, sdkTransport } from '../support/sdk-client.ts'
import { allowPolicy, createIamClient, createStsClient, trustPolicy } from '../conformance/iam/clients.ts'

const bucket = 'files.s3.eu-west-1.amazonaws.com'
const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const objects = new Map([
  ['reports/x', 'report x'],
  ['reports/ä b', 'a name with more in it'],
  ['other/x', 'not for everybody'],
])

let pool: LocalPool
let miniflare: Miniflare
/** How the bucket answered, and to whom. */
let asked: string[] = []

/** A bucket that gives an object to whom the role's policy lets. */
async function answerObject(request: CallerRequest): Promise<Response> {
  const key = decodeURIComponent(new URL(request.url).pathname.slice(1))
  const caller = await pool.caller(request)
  const isAllowed = caller?.service === 's3' && caller.allows('s3:GetObject', `arn:aws:s3:::files/${key}`)
  const body = objects.get(key)
  const status = !isAllowed ? 403 : body === undefined ? 404 : 200
  asked.push(`${caller?.roleName} ${key} ${status}`)
  if (status !== 200) return new Response(`<Error><Message>${caller?.arn}</Message></Error>`, { status })
  return new Response(body, { headers: { 'content-type': 'text/plain', etag: '"1"', 'x-amz-id-2': 'internal' } })
}

async function createRole(name: string, resource: string, trust = trustPolicy(pool.identityPoolId)): Promise<void> {
  const iam = createIamClient(pool)
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
  const PolicyDocument = allowPolicy('s3:GetObject', resource)
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument }))
}

const get = async (username: string, path: string) => {
  const { idToken } = await pool.tokens(username)
  return miniflare.dispatchFetch(`https://app.test${path}`, { headers: { authorization: `Bearer ${idToken}` } })
}

beforeAll(async () => {
  pool = await createLocalPool({
    groups: {
      reports: { allow: [], roleArn: roleArn('reports') },
      elsewhere: { allow: [], roleArn: roleArn('elsewhere') },
      plain: { allow: [] },
    },
    users: { alice: { groups: ['reports'] }, bob: { groups: ['plain'] }, carol: { groups: ['elsewhere'] } },
    identityPool: { roleMapping: 'token' },
  })
  await createRole('reports', 'arn:aws:s3:::files/reports/*')
  await createRole('elsewhere', 'arn:aws:s3:::files/*', trustPolicy(pool.settings.userPoolId))
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      modules: true,
      script: await bundle('examples/s3/worker.ts', ['workerd', 'worker']),
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        COGNITO_USER_POOL_ID: pool.settings.userPoolId,
        COGNITO_CLIENT_ID: pool.settings.clientId,
        COGNITO_IDENTITY_POOL_ID: pool.identityPoolId,
        BUCKET: 'files',
        BUCKET_REGION: 'eu-west-1',
      },
      outboundService: async (request) => {
        const { hostname } = new URL(request.url)
        const response = hostname === bucket ? await answerObject(request) : await pool.fetch(request)
        return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
      },
    }),
  )
  await miniflare.ready
}, 60_000)

afterAll(() => miniflare?.dispose())

describe('the files of a bucket, in workerd', () => {
  it('are read with the role of the caller’s group', async () => {
    asked = []
    const response = await get('alice', '/files/reports/x')
    expect([response.status, await response.text()]).toEqual([200, 'report x'])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain',
      'cache-control': 'private, no-store',
      etag: '"1"',
    })
    expect(response.headers.has('x-amz-id-2')).toBe(false)
    expect(await (await get('alice', '/files/reports/%C3%A4%20b')).text()).toBe('a name with more in it')
    expect(asked).toEqual(['reports reports/x 200', 'reports reports/ä b 200'])
  })

  it.each([
    ['alice', 'another folder', '/files/other/x', 403, 'FILE_DENIED'],
    ['alice', 'another folder, by dots', '/files/reports/..%2Fother/x', 404, 'NOT_FOUND'],
    ['alice', 'another folder, by dots of the URL', '/files/reports/%2e%2e/other/x', 403, 'FILE_DENIED'],
    ['alice', 'what is not there', '/files/reports/y', 404, 'NOT_FOUND'],
    ['alice', 'no file', '/files/', 404, 'NOT_FOUND'],
    ['bob', 'without a role', '/files/reports/x', 403, 'ROLE_REQUIRED'],
    ['carol', 'with a role that trusts another audience', '/files/reports/x', 403, 'ROLE_REQUIRED'],
  ])('are refused to %s: %s', async (username, _, path, status, code) => {
    const response = await get(username, path)
    const text = await response.text()
    expect([response.status, JSON.parse(text).code]).toEqual([status, code])
    expect(text).not.toMatch(/arn:|assumed-role/)
  })

  it('are refused to nobody and to access tokens, before AWS is asked', async () => {
    const count = pool.count('GetId')
    asked = []
    expect((await miniflare.dispatchFetch('https://app.test/files/reports/x')).status).toBe(401)
    const { accessToken } = await pool.tokens('alice')
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await miniflare.dispatchFetch('https://app.test/files/reports/x', { headers })).status).toBe(401)
    expect([pool.count('GetId') - count, asked]).toEqual([0, []])
  })

  it('are asked for with credentials that are remembered', async () => {
    const { idToken } = await pool.tokens('alice')
    const headers = { authorization: `Bearer ${idToken}` }
    const count = pool.count('GetCredentialsForIdentity')
    for (let index = 0; index < 3; index++) {
      expect((await miniflare.dispatchFetch('https://app.test/files/reports/x', { headers })).status).toBe(200)
    }
    expect(pool.count('GetCredentialsForIdentity') - count).toBe(1)
  })

  it('are not there where AWS does not answer as it should', async () => {
    pool.fail('GetCredentialsForIdentity', { error: 'InternalErrorException', status: 400, times: 1 })
    const response = await get('alice', '/files/reports/x')
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'FILES_UNAVAILABLE' }])
  })

  it('are given by a role whose trust policy is put right', async () => {
    const PolicyDocument = trustPolicy(pool.identityPoolId)
    await createIamClient(pool).send(new UpdateAssumeRolePolicyCommand({ RoleName: 'elsewhere', PolicyDocument }))
    expect(await (await get('carol', '/files/other/x')).text()).toBe('not for everybody')
  })
})

it('with the classic flow anybody reads with the role of any group: it must stay off', async () => {
  const identity = new CognitoIdentityClient({
    region: pool.region,
    credentials: exampleCredentials,
    maxAttempts: 1,
    requestHandler: sdkTransport(pool),
  })
  const IdentityPoolId = pool.identityPoolId
  const provider = `cognito-idp.eu-west-1.amazonaws.com/${pool.settings.userPoolId}`
  const Logins = { [provider]: (await pool.tokens('bob')).idToken }
  const { IdentityId } = await identity.send(new GetIdCommand({ IdentityPoolId, Logins }))
  const ask = () => identity.send(new GetOpenIdTokenCommand({ IdentityId, Logins }))
  await expect(ask()).rejects.toMatchObject({ name: 'InvalidParameterException' })

  const settings = { IdentityPoolId, IdentityPoolName: 'open', AllowUnauthenticatedIdentities: false }
  const CognitoIdentityProviders = [{ ProviderName: provider, ClientId: pool.settings.clientId }]
  await identity.send(new UpdateIdentityPoolCommand({ ...settings, AllowClassicFlow: true, CognitoIdentityProviders }))
  const { Token } = await ask()
  const input = { RoleArn: roleArn('reports'), RoleSessionName: 'bob', WebIdentityToken: Token }
  const { Credentials } = await createStsClient(pool).send(new AssumeRoleWithWebIdentityCommand(input))
  const thief = new AwsClient({
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    ...{ service: 's3', region: 'eu-west-1' },
  })
  const response = await answerObject(await thief.sign(`https://${bucket}/reports/x`))
  expect([response.status, await response.text()]).toEqual([200, 'report x'])
})

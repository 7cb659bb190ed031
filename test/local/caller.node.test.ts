import { createHmac } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { CreateRoleCommand, DeleteRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, type Credentials } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import { AwsV4Signer } from 'aws4fetch'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalCaller, type LocalPool } from '../../src/local/index.ts'
import { accountTrust, allowPolicy, createIamClient, createStsClient } from '../conformance/iam/clients.ts'

const start = Date.UTC(2026, 0, 1)

interface Message {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string | undefined
}

interface Signing extends Message {
  readonly service?: string
  readonly region?: string
  readonly credentials?: Keys
  /** Milliseconds since the epoch. */
  readonly at?: number
  /** Signs the body as well. */
  readonly whole?: boolean
  /** Whether the header says what the body is. Default: with S3. */
  readonly declared?: boolean
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

let pool: LocalPool
let keys: Keys

beforeEach(async () => {
  pool = await createLocalPool({ now: () => start })
  const iam = createIamClient(pool)
  await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: accountTrust() }))
  const PolicyDocument = allowPolicy('s3:Get*', 'arn:aws:s3:::files/reports/*')
  await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'reader', PolicyDocument }))
  keys = keysOf(await assume())
})

async function assume(): Promise<Credentials | undefined> {
  const input = { RoleArn: 'arn:aws:iam::123456789012:role/reader', RoleSessionName: 'alice' }
  return (await createStsClient(pool).send(new AssumeRoleCommand(input))).Credentials
}

function keysOf(found: Credentials | undefined): Keys {
  return {
    accessKeyId: found?.AccessKeyId ?? '',
    secretAccessKey: found?.SecretAccessKey ?? '',
    sessionToken: found?.SessionToken,
  }
}

const longDate = (time: number) => new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')

/** Signed as aws4fetch does it. */
async function byAws4fetch(signing: Signing): Promise<Request> {
  const {
    service = 's3',
    region = 'eu-west-1',
    credentials = keys,
    at = start,
    method = 'GET',
    headers,
    body,
  } = signing
  const { url = 'https://files.s3.eu-west-1.amazonaws.com/reports/x', whole = false } = signing
  const { sessionToken, ...pair } = credentials
  const signed = await new AwsV4Signer({
    ...{ url, method, service, region, ...pair, datetime: longDate(at) },
    ...(sessionToken !== undefined && { sessionToken }),
    headers: { ...headers, ...(whole && { 'x-amz-content-sha256': await hashOf(body) }) },
    ...(body !== undefined && { body }),
  }).sign()
  return new Request(signed.url, { method, headers: signed.headers, ...(body !== undefined && { body }) })
}

/** Signed as the AWS SDK does it. */
async function bySdk(signing: Signing): Promise<Request> {
  const {
    service = 's3',
    region = 'eu-west-1',
    credentials = keys,
    at = start,
    method = 'GET',
    headers,
    body,
  } = signing
  const { declared = service === 's3' } = signing
  const url = new URL(signing.url ?? 'https://files.s3.eu-west-1.amazonaws.com/reports/x')
  const { sessionToken, ...pair } = credentials
  const signer = new SignatureV4({
    ...{ service, region, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: declared },
    credentials: { ...pair, ...(sessionToken !== undefined && { sessionToken }) },
  })
  const query: Record<string, string[]> = {}
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value]
  const { headers: signed } = await signer.sign(
    {
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query, body },
      headers: { ...headers, host: url.host },
    },
    { signingDate: new Date(at) },
  )
  const { host: _, ...rest } = signed
  return new Request(url, { method, headers: rest, ...(body !== undefined && { body }) })
}

async function hashOf(body = ''): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))).toString('hex')
}

const bucket = 'https://files.s3.eu-west-1.amazonaws.com'

describe.each([
  ['aws4fetch', byAws4fetch],
  ['the AWS SDK', bySdk],
] as const)('a request that %s signed', (_, sign) => {
  it('tells whose it is and what they may do', async () => {
    const caller = await pool.caller(await sign({}))
    expect(caller).toEqual({
      account: '123456789012',
      arn: 'arn:aws:sts::123456789012:assumed-role/reader/alice',
      roleArn: 'arn:aws:iam::123456789012:role/reader',
      roleName: 'reader',
      identityId: undefined,
      service: 's3',
      region: 'eu-west-1',
      allows: expect.any(Function),
    } satisfies LocalCaller)
    expect(caller?.allows('s3:GetObject', 'arn:aws:s3:::files/reports/x')).toBe(true)
    expect(caller?.allows('s3:GetObject', 'arn:aws:s3:::files/other/x')).toBe(false)
    expect(caller?.allows('s3:PutObject', 'arn:aws:s3:::files/reports/x')).toBe(false)
  })

  it.each<[string, Signing]>([
    ['a path with everything in it', { url: `${bucket}/a%20b/%C3%A4%2B%281%29%27%21%2A~/%25/x%3Dy%26z` }],
    ['slashes and dots', { url: `${bucket}//a//b.c/` }],
    ['a query', { url: `${bucket}/?list-type=2&prefix=a%2Fb%20c&delimiter=%2F&a-b=1&a=2` }],
    ['a header with spaces', { headers: { 'x-amz-meta-a': ' two  spaces ' } }],
    ['a body', { method: 'PUT', body: 'ä body' }],
    ['an empty body', { method: 'PUT', body: '' }],
    ['another port', { url: 'http://127.0.0.1:9000/files/x' }],
    [
      'another service',
      { service: 'dynamodb', method: 'POST', url: 'https://dynamodb.eu-west-1.amazonaws.com/', body: '{}' },
    ],
    [
      'another service and a path',
      {
        service: 'execute-api',
        url: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a%20b/%C3%A4?x=2&x=1&x-y=0',
      },
    ],
    ['another region', { region: 'us-gov-west-1' }],
    ['a clock 15 minutes off', { at: start - 900_000 }],
    ['a clock 15 minutes ahead', { at: start + 900_000 }],
  ])('counts with %s', async (_, signing) => {
    const request = await sign(signing)
    expect(await pool.caller(request)).toMatchObject({
      roleName: 'reader',
      service: signing.service ?? 's3',
      region: signing.region ?? 'eu-west-1',
    })
    expect(await request.text()).toBe(signing.body ?? '')
  })

  it.each<[string, Signing]>([
    ['another secret', { credentials: { ...exampleOf(), secretAccessKey: 'other' } }],
    ['an access key of nobody', { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' } }],
    ['a clock more than 15 minutes off', { at: start - 901_000 }],
    ['a clock more than 5 minutes off, elsewhere', { at: start - 301_000, service: 'dynamodb' }],
    ['a clock more than 5 minutes ahead, elsewhere', { at: start + 301_000, service: 'dynamodb' }],
  ])('does not count with %s', async (_, signing) => {
    const { credentials } = signing
    const used = credentials?.accessKeyId === 'ISSUED' ? { ...keys, secretAccessKey: 'other' } : (credentials ?? keys)
    expect(await pool.caller(await sign({ ...signing, credentials: used }))).toBeUndefined()
  })

  it('does not count with another session token, or none', async () => {
    const { sessionToken: _, ...pair } = keys
    for (const credentials of [
      pair,
      { ...keys, sessionToken: 'other' },
      { ...keys, sessionToken: keysOf(await assume()).sessionToken },
    ]) {
      expect(await pool.caller(await sign({ credentials }))).toBeUndefined()
    }
  })

  it('does not count past the end of the credentials', async () => {
    pool.advance(3599)
    expect(await pool.caller(await sign({ at: start + 3_599_000 }))).toBeDefined()
    pool.advance(1)
    expect(await pool.caller(await sign({ at: start + 3_600_000 }))).toBeUndefined()
  })

  it('does not count where the role is gone, or changed since', async () => {
    const iam = createIamClient(pool)
    const before = await pool.caller(await sign({}))
    const PolicyDocument = allowPolicy('s3:*', '*').replace('Allow', 'Deny')
    await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'none', PolicyDocument }))
    expect(before?.allows('s3:GetObject', 'arn:aws:s3:::files/reports/x')).toBe(false)
    const other = await createLocalPool({ now: () => start })
    expect(await other.caller(await sign({}))).toBeUndefined()
  })
})

describe('what was changed after signing does not count', () => {
  const change = (request: Request, name: string, value: string | undefined) => {
    const headers = new Headers(request.headers)
    if (value === undefined) headers.delete(name)
    else headers.set(name, value)
    return new Request(request, { headers })
  }
  it.each<[string, (request: Request) => Request | Promise<Request>]>([
    ['path', (request) => new Request(`${bucket}/reports/y`, request)],
    ['query', (request) => new Request(`${request.url}?versionId=1`, request)],
    ['host', (request) => new Request(request.url.replace('files.', 'other.'), request)],
    ['method', (request) => new Request(request, { method: 'DELETE' })],
    ['date', (request) => change(request, 'x-amz-date', longDate(start + 1000))],
    ['no date', (request) => change(request, 'x-amz-date', undefined)],
    ['a date that is none', (request) => change(request, 'x-amz-date', '20260101')],
    ['word on the body', (request) => change(request, 'x-amz-content-sha256', '0'.repeat(64))],
    ['no word on the body', (request) => change(request, 'x-amz-content-sha256', undefined)],
    ['a target that is not signed', (request) => change(request, 'x-amz-target', 'A.B')],
    ['no signature', (request) => change(request, 'authorization', undefined)],
    ['another scheme', (request) => change(request, 'authorization', 'Bearer a.b.c')],
    ...(
      [
        ['region', '/eu-west-1/', '/us-east-1/'],
        ['service', '/s3/', '/sts/'],
        ['day', '/20260101/', '/20260102/'],
        ['signed host', 'host;', ''],
        ['signed token', ';x-amz-security-token', ''],
        ['terminator', 'aws4_request', 'aws4_requests'],
      ] as const
    ).map(([name, from, to]): [string, (request: Request) => Request] => [
      name,
      (request) => change(request, 'authorization', (request.headers.get('authorization') ?? '').replace(from, to)),
    ]),
  ])('%s', async (_, changed) => {
    const request = await bySdk({})
    expect(await pool.caller(request)).toBeDefined()
    expect(await pool.caller(await changed(request))).toBeUndefined()
  })

  it('a body that was signed', async () => {
    const request = await bySdk({ method: 'PUT', body: 'one' })
    expect(await pool.caller(new Request(request.clone(), { body: 'two' }))).toBeUndefined()
    const other = await byAws4fetch({ method: 'PUT', body: 'one', whole: true })
    expect(await pool.caller(new Request(other.clone(), { body: 'two' }))).toBeUndefined()
    const open = await byAws4fetch({ method: 'PUT', body: 'one' })
    expect(open.headers.get('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD')
    expect(await pool.caller(new Request(open.clone(), { body: 'two' }))).toBeDefined()
  })

  it('an unsigned body, elsewhere than S3', async () => {
    const message = {
      service: 'dynamodb',
      method: 'POST',
      body: '{}',
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    }
    expect(await pool.caller(await byAws4fetch(message))).toBeUndefined()
  })
})

it('the key of another day signs nothing', async () => {
  const signedFor = async (day: string) => {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = keys
    const signer = new AwsV4Signer({
      ...{ url: `${bucket}/reports/x`, service: 's3', region: 'eu-west-1', datetime: longDate(start) },
      ...{ accessKeyId, secretAccessKey, sessionToken },
    })
    signer.credentialString = `${day}/eu-west-1/s3/aws4_request`
    const hmac = (key: string | Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
    const key = signer.credentialString.split('/').reduce<string | Uint8Array>(hmac, `AWS4${secretAccessKey}`)
    const signature = hmac(key, await signer.stringToSign()).toString('hex')
    const credential = `${accessKeyId}/${signer.credentialString}`
    const headers = new Headers(signer.headers)
    headers.set(
      'authorization',
      `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signer.signedHeaders}, Signature=${signature}`,
    )
    return new Request(`${bucket}/reports/x`, { headers })
  }
  expect(await pool.caller(await signedFor('20260101'))).toBeDefined()
  expect(await pool.caller(await signedFor('20251231'))).toBeUndefined()
})

it('S3 wants to be told what the body is', async () => {
  expect(await pool.caller(await bySdk({ declared: false }))).toBeUndefined()
  expect(await pool.caller(await bySdk({ declared: false, service: 'dynamodb' }))).toBeDefined()
})

it('presigned URLs, signed chunks and plain requests are of nobody', async () => {
  const presigned = await new AwsV4Signer({
    ...{ url: `${bucket}/reports/x`, service: 's3', region: 'eu-west-1', signQuery: true, datetime: longDate(start) },
    ...{ accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey, sessionToken: keys.sessionToken ?? '' },
  }).sign()
  expect(await pool.caller(new Request(presigned.url))).toBeUndefined()
  expect(await pool.caller(new Request(`${bucket}/reports/x`))).toBeUndefined()
  const headers = { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }
  expect(await pool.caller(await byAws4fetch({ method: 'PUT', body: 'one', headers }))).toBeUndefined()
})

it('S3 signs the key of an object, in which an escaped slash is a slash', async () => {
  for (const path of ['a%2F%2E.b', 'a+b', 'a%20b']) {
    expect(await pool.caller(await byAws4fetch({ url: `${bucket}/${path}` }))).toMatchObject({ roleName: 'reader' })
  }
})

it('a role that is deleted is nobody’s, and so is a later one of its name', async () => {
  const iam = createIamClient(pool)
  const other = { RoleName: 'other', AssumeRolePolicyDocument: accountTrust() }
  await iam.send(new CreateRoleCommand(other))
  const input = { RoleArn: 'arn:aws:iam::123456789012:role/other', RoleSessionName: 'bob' }
  const credentials = keysOf((await createStsClient(pool).send(new AssumeRoleCommand(input))).Credentials)
  const request = await bySdk({ credentials })
  expect(await pool.caller(request)).toMatchObject({ roleName: 'other' })
  await iam.send(new DeleteRoleCommand({ RoleName: 'other' }))
  expect(await pool.caller(request)).toBeUndefined()
  await iam.send(new CreateRoleCommand(other))
  expect(await pool.caller(request)).toBeUndefined()
})

it('requests need no more than miniflare’s have', async () => {
  const { url, method, headers } = await bySdk({ method: 'PUT', body: 'one' })
  const plain = { url, method, headers: { get: (name: string) => headers.get(name) }, text: async () => 'one' }
  expect(await pool.caller(plain)).toMatchObject({ roleName: 'reader' })
  expect(await pool.caller({ ...plain, text: async () => 'two' })).toBeUndefined()
})

/** Stands for the credentials that each test is issued. */
function exampleOf(): Keys {
  return { accessKeyId: 'ISSUED', secretAccessKey: '' }
}

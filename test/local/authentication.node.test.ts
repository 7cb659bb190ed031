import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, createLocalWorld, type LocalPool, type LocalPoolOptions } from '../../src/local/index.ts'
import { assumeRole, putAccessKey } from '../support/access-key.ts'
import { createSdkClient, sdkTransport } from '../support/sdk-client.ts'
import { signRequest, type Signing } from '../support/signed-request.ts'

const start = Date.UTC(2026, 0, 1)
const services = ['cognito-idp', 'cognito-identity', 'iam', 'sts'] as const
type Service = (typeof services)[number]
type Key = Pick<Signing, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>

let pool: LocalPool
/** An access key of an IAM user who may do everything, and temporary credentials of such a role. */
let key: Key
let session: Key

beforeEach(() => open())

async function open(options: LocalPoolOptions = {}): Promise<void> {
  pool = await createLocalPool({ now: () => start, ...options })
  key = await putAccessKey(pool, 'root', [{ Effect: 'Allow', Action: '*', Resource: '*' }], rootKey(options))
  session = await assumeRole(pool, rootKey(options))
}

const rootKey = ({ administrator }: LocalPoolOptions) => administrator

interface Sending {
  readonly key: Key | undefined
  readonly action?: string
  /** Minutes by which the clock of the sender is off. */
  readonly minutes?: number
  readonly change?: (request: Request) => Request
}

const query = (service: Service) => service === 'iam' || service === 'sts'
const regionOf = (service: Service) => (query(service) ? 'us-east-1' : pool.region)

function plain(service: Service, action: string): Request {
  const host = query(service) ? `${service}.amazonaws.com` : `${service}.${pool.region}.amazonaws.com`
  const version = service === 'iam' ? '2010-05-08' : '2011-06-15'
  const target = service === 'cognito-idp' ? 'AWSCognitoIdentityProviderService' : 'AWSCognitoIdentityService'
  const body = query(service)
    ? new URLSearchParams({ Action: action, Version: version }).toString()
    : JSON.stringify({ UserPoolId: pool.settings.userPoolId, IdentityPoolId: pool.identityPoolId })
  const headers: Record<string, string> = query(service)
    ? { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    : { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` }
  return new Request(`https://${host}/`, { method: 'POST', headers, body })
}

async function send(service: Service, sending: Sending): Promise<Response> {
  const own = {
    'cognito-idp': 'ListGroups',
    'cognito-identity': 'DescribeIdentityPool',
    iam: 'ListRoles',
    sts: 'GetCallerIdentity',
  }
  const { key: by, action = own[service], minutes = 0, change = (request) => request } = sending
  const request = plain(service, action)
  const at = start + minutes * 60_000
  const signed = by && (await signRequest(request, { ...by, service, region: regionOf(service), at }))
  return pool.fetch(change(signed ?? request))
}

/** The status and the error of an answer. */
async function outcome(response: Response): Promise<unknown> {
  if (response.status === 200) return 200
  const text = await response.text()
  const [, code, message] = /<Code>(.*)<\/Code><Message>(.*)<\/Message>/.exec(text) ?? []
  if (code !== undefined) return [response.status, code, message?.replaceAll('&#39;', "'")]
  const body = JSON.parse(text) as { __type: string; message: string }
  return [response.status, body.__type, body.message]
}

const change = (name: string, value: string) => (request: Request) => {
  const headers = new Headers(request.headers)
  if (value === '') headers.delete(name)
  else headers.set(name, value)
  return new Request(request, { headers })
}

const unknown = 'The security token included in the request is invalid.'
const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.'

/** What each kind of service answers: the JSON services with 400, the Query services with 403 and other names. */
function refusal(service: Service, json: string, form: string, message: string): unknown {
  return query(service) ? [403, form, message] : [400, json, message]
}

describe.each(services)('%s verifies the signatures of keys that it knows', (service) => {
  const ask = async (sending: Sending) => outcome(await send(service, sending))

  it('takes those of an access key and of temporary credentials', async () => {
    expect([await ask({ key }), await ask({ key: session })]).toEqual([200, 200])
  })

  it('refuses another secret', async () => {
    const expected = refusal(service, 'InvalidSignatureException', 'SignatureDoesNotMatch', mismatch)
    expect(await ask({ key: { ...key, secretAccessKey: 'other' } })).toEqual(expected)
    expect(await ask({ key: { ...session, secretAccessKey: 'other' } })).toEqual(expected)
  })

  it('refuses calls without a signature', async () => {
    const message = query(service) ? 'Request is missing Authentication Token' : 'Missing Authentication Token'
    expect(await ask({ key: undefined })).toEqual(
      refusal(service, 'MissingAuthenticationTokenException', 'MissingAuthenticationToken', message),
    )
  })

  it('refuses a session token that is missing, or another, or one too many', async () => {
    const expected = refusal(service, 'UnrecognizedClientException', 'InvalidClientTokenId', unknown)
    const { sessionToken: _, ...without } = session
    expect(await ask({ key: without })).toEqual(expected)
    expect(await ask({ key: { ...session, sessionToken: 'other' } })).toEqual(expected)
    expect(await ask({ key: { ...key, sessionToken: 'other' } })).toEqual(expected)
  })

  it('takes a clock that is off by up to its window, and names both times beyond', async () => {
    const limit = query(service) ? 15 : 5
    for (const minutes of [6, 14, 16, 20, -6, -14, -16, -20, limit, -limit]) {
      const [signedAt, edge] = [start + minutes * 60_000, start + Math.sign(minutes) * limit * 60_000].map((time) => {
        return new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
      })
      const now = '20260101T000000Z'
      const message =
        minutes < 0
          ? `Signature expired: ${signedAt} is now earlier than ${edge} (${now} - ${limit} min.)`
          : `Signature not yet current: ${signedAt} is still later than ${edge} (${now} + ${limit} min.)`
      const late = refusal(service, 'InvalidSignatureException', 'SignatureDoesNotMatch', message)
      const expected = Math.abs(minutes) <= limit ? 200 : late
      expect([minutes, await ask({ key, minutes })]).toEqual([minutes, expected])
    }
  })

  it('takes keys that it does not know as those of the administrator, and in a strict world refuses them', async () => {
    const stranger = { accessKeyId: 'AKIDSTRANGER12345678', secretAccessKey: 'any' }
    expect(await ask({ key: stranger })).toBe(200)
    const administrator = { accessKeyId: 'AKIAADMINISTRATOR000', secretAccessKey: 'admin-secret' }
    await open({ strict: true, administrator })
    expect(await ask({ key: stranger })).toEqual(
      refusal(service, 'UnrecognizedClientException', 'InvalidClientTokenId', unknown),
    )
    expect([await ask({ key: administrator }), await ask({ key })]).toEqual([200, 200])
    expect(await ask({ key: { ...administrator, secretAccessKey: 'other' } })).toEqual(
      refusal(service, 'InvalidSignatureException', 'SignatureDoesNotMatch', mismatch),
    )
  })

  it('refuses what was changed after it was signed, and headers of AWS that are not signed', async () => {
    const wrong = refusal(service, 'InvalidSignatureException', 'SignatureDoesNotMatch', mismatch)
    const more = (request: Request, body: string) =>
      new Request(request.url, { method: 'POST', headers: request.headers, body })
    const body = query(service) ? 'Action=ListRoles&Version=2010-05-08&MaxItems=1' : '{"Limit":1}'
    const action = service === 'sts' ? 'GetCallerIdentity' : undefined
    const changed = action === undefined ? body : `Action=${action}&Version=2011-06-15&a=b`
    expect(await ask({ key, change: (request) => more(request, changed) })).toEqual(wrong)
    const unsigned = (message: string) => {
      return refusal(service, 'InvalidSignatureException', 'SignatureDoesNotMatch', message)
    }
    const text = "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization."
    expect(await ask({ key, change: change('x-amz-meta', 'a') })).toEqual(unsigned(text))
    const host = (request: Request) => {
      return change('authorization', (request.headers.get('authorization') ?? '').replace('=host;', '='))(request)
    }
    const hostText = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    expect(await ask({ key, change: host })).toEqual(unsigned(hostText))
  })
})

it('The signature is over the host that the client sent, wherever the request is answered.', async () => {
  const local = new Request('http://127.0.0.1:9229/', plain('cognito-idp', 'ListGroups'))
  const signed = await signRequest(local, { ...key, service: 'cognito-idp', region: pool.region, at: start })
  const body = await signed.text()
  const received = (host: string) => ({
    url: `${pool.endpoint}/`,
    method: 'POST',
    headers: { get: (name: string) => (name.toLowerCase() === 'host' ? host : signed.headers.get(name)) },
    text: async () => body,
  })
  expect((await pool.fetch(received('127.0.0.1:9229'))).status).toBe(200)
  expect((await pool.fetch(received('127.0.0.1:9230'))).status).toBe(400)
})

it('A signature that lacks parts is refused, and the answer says which.', async () => {
  const ask = async (authorization: string) => {
    return outcome(await send('cognito-idp', { key, change: change('authorization', authorization) }))
  }
  expect(await ask('AWS4-HMAC-SHA256 SignedHeaders=host')).toEqual([
    400,
    'IncompleteSignatureException',
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter.",
  ])
  const undated = await send('cognito-idp', { key, change: change('x-amz-date', '') })
  expect(await outcome(undated)).toEqual([
    400,
    'IncompleteSignatureException',
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
  ])
})

it('The clock that signatures are judged by is that of the world, or what it was before it was moved.', async () => {
  pool.advance(86_400)
  const ask = async (minutes: number) => (await send('iam', { key, minutes })).status
  expect([await ask(0), await ask(24 * 60), await ask(12 * 60)]).toEqual([200, 200, 403])
})

it('An access key that was made inactive or deleted is refused.', async () => {
  const { accessKeyId: AccessKeyId } = key
  const client = new IAMClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' },
    requestHandler: sdkTransport(pool),
  })
  const { DeleteAccessKeyCommand, UpdateAccessKeyCommand } = await import('@aws-sdk/client-iam')
  await client.send(new UpdateAccessKeyCommand({ UserName: 'root', AccessKeyId, Status: 'Inactive' }))
  expect(await outcome(await send('iam', { key }))).toEqual([403, 'InvalidClientTokenId', unknown])
  await client.send(new UpdateAccessKeyCommand({ UserName: 'root', AccessKeyId, Status: 'Active' }))
  expect(await outcome(await send('iam', { key }))).toBe(200)
  await client.send(new DeleteAccessKeyCommand({ UserName: 'root', AccessKeyId }))
  expect(await outcome(await send('iam', { key: session }))).toBe(200)
})

it('The AWS SDK signs as the local AWS verifies.', async () => {
  const { accessKeyId, secretAccessKey } = key
  const credentials = { accessKeyId, secretAccessKey }
  const real = await createLocalPool()
  const own = await putAccessKey(real, 'root', [{ Effect: 'Allow', Action: '*', Resource: '*' }])
  const iam = (secret: string) => {
    const keys = { accessKeyId: own.accessKeyId, secretAccessKey: secret }
    return new IAMClient({ region: 'us-east-1', credentials: keys, maxAttempts: 1, requestHandler: sdkTransport(real) })
  }
  expect((await iam(own.secretAccessKey).send(new ListRolesCommand({}))).$metadata.httpStatusCode).toBe(200)
  await expect(iam('other').send(new ListRolesCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  const { ListGroupsCommand } = await import('@aws-sdk/client-cognito-identity-provider')
  const input = { UserPoolId: pool.settings.userPoolId }
  expect(await createSdkClient(pool, { credentials }).send(new ListGroupsCommand(input))).toMatchObject({ Groups: [] })
})

it.each<[string, object, string]>([
  ['strict', { strict: 'yes' }, 'strict: expected true or false.'],
  ['administrator', { administrator: 'AKIA' }, 'administrator: expected an access key.'],
  ['its key', { administrator: { accessKeyId: 'a b', secretAccessKey: 'x' } }, 'accessKeyId must have 16 to 128'],
  ['its secret', { administrator: { accessKeyId: 'AKIAADMINISTRATOR000' } }, 'expected a secretAccessKey'],
  ['its names', { administrator: { accessKeyID: 'AKIAADMINISTRATOR000' } }, 'did you mean "accessKeyId"?'],
])('An option of the wrong kind is refused: %s.', (_, options, message) => {
  expect(() => createLocalWorld(options)).toThrow(message)
})

import { AwsV4Signer } from 'aws4fetch'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalPool, type LocalPool } from '../../src/local/index.ts'
import { createSignatureVerifier, type KnownCredentials } from '../support/signature-verifier.ts'
import { call } from '../support/local-pool.ts'

const start = 1_767_225_600
const longTerm = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'long-term/secret+key' }
const session = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'session-secret', sessionToken: 'a+token/of=sorts' }

let pool: LocalPool
let known: KnownCredentials[]

beforeEach(async () => {
  known = [longTerm, { ...session, expiresAt: (start + 3600) * 1000 }]
  pool = await createLocalPool({ now: () => start * 1000, verifySignature: createSignatureVerifier(known) })
})

const longDateOf = (seconds: number) => new Date(seconds * 1000).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')

interface Signing {
  readonly credentials?: KnownCredentials
  readonly at?: number
  readonly headers?: Record<string, string>
}

const signed = async ({ credentials = longTerm, at = start, headers = {} }: Signing = {}) => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const signer = new AwsV4Signer({
    method: 'POST',
    url: `${pool.endpoint}/`,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.ListGroups',
      ...headers,
    },
    body: JSON.stringify({ UserPoolId: pool.settings.userPoolId }),
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: 'cognito-idp',
    region: pool.region,
    datetime: longDateOf(at),
  })
  const { method, url, headers: all, body } = await signer.sign()
  return { method, url: url.href, headers: new Headers(all), body: String(body) }
}

const send = async ({ url, ...init }: Awaited<ReturnType<typeof signed>>) => {
  const response = await pool.fetch(new Request(url, init))
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, type: body['__type'], message: body['message'], date: response.headers.get('date') }
}

const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
const mismatch = {
  status: 400,
  type: 'InvalidSignatureException',
  message: 'The request signature does not match.',
  date,
}

describe('a verifier of its own accepts', () => {
  it.each<[string, Signing]>([
    ['long-term credentials', {}],
    ['session credentials', { credentials: session }],
    ['a clock that is five minutes behind', { at: start - 300 }],
    ['a clock that is five minutes ahead', { at: start + 300 }],
    ['further headers', { headers: { 'x-amz-meta': ' two  spaces ' } }],
  ])('%s', async (_, signing) => {
    expect(await send(await signed(signing))).toMatchObject({ status: 200 })
  })
})

describe('a verifier of its own refuses', () => {
  it.each<[string, Signing]>([
    ['another secret', { credentials: { ...longTerm, secretAccessKey: 'other' } }],
    ['another secret of a session', { credentials: { ...session, secretAccessKey: 'other' } }],
  ])('%s', async (_, signing) => {
    expect(await send(await signed(signing))).toEqual(mismatch)
  })

  it.each<[string, KnownCredentials]>([
    ['an unknown key', { ...longTerm, accessKeyId: 'AKIDOTHER' }],
    ['a session without its token', { ...session, sessionToken: undefined }],
    ['a session with another token', { ...session, sessionToken: 'other' }],
    ['long-term credentials with a token', { ...longTerm, sessionToken: 'other' }],
  ])('%s', async (_, credentials) => {
    expect(await send(await signed({ credentials }))).toMatchObject({
      status: 400,
      type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    })
  })

  it('a session that is over', async () => {
    pool.advance(3599)
    expect(await send(await signed({ credentials: session, at: start + 3599 }))).toMatchObject({ status: 200 })
    pool.advance(1)
    expect(await send(await signed({ credentials: session, at: start + 3600 }))).toMatchObject({
      status: 400,
      type: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    })
  })

  it.each([
    [-301, 'Signature expired: 20251231T235459Z is now earlier than 20251231T235500Z (20260101T000000Z - 5 min.)'],
    [
      301,
      'Signature not yet current: 20260101T000501Z is still later than 20260101T000500Z (20260101T000000Z + 5 min.)',
    ],
  ])('a clock that is off by %i s, and tells the time', async (offset, message) => {
    expect(await send(await signed({ at: start + offset }))).toEqual({
      status: 400,
      type: 'InvalidSignatureException',
      message,
      date,
    })
  })

  it('what was changed after signing', async () => {
    const original = await signed({ credentials: session })
    const change = (name: string, value: string) => {
      const headers = new Headers(original.headers)
      headers.set(name, value)
      return { ...original, headers }
    }
    const authorization = original.headers.get('authorization') ?? ''
    for (const changed of [
      { ...original, body: original.body.replace('}', ' }') },
      { ...original, url: `${original.url}?a=b` },
      change('x-amz-target', 'AWSCognitoIdentityProviderService.ListUsers'),
      change('x-amz-date', longDateOf(start + 1)),
      change('x-amz-content-sha256', '0'.repeat(64)),
      change(
        'authorization',
        authorization.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
      change('authorization', authorization.replace('x-amz-target', 'x-amz-other')),
      change('authorization', authorization.replace('x-amz-security-token;', '')),
      change('authorization', authorization.replace('/20260101/', '/20260102/')),
    ]) {
      expect(await send(changed)).toEqual(mismatch)
    }
  })
})

it('an answer that is neither true nor a refusal is a mismatch', async () => {
  for (const verdict of [undefined, null, 1, {}, { code: 1 }, 'true']) {
    const verifySignature = () => verdict as unknown as boolean
    const local = await createLocalPool({ verifySignature })
    expect((await call(local, 'ListGroups')).body).toMatchObject({ __type: 'InvalidSignatureException' })
  }
})

it('credentials that expire or are refused can be ordered as faults', async () => {
  for (const error of ['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidSignatureException']) {
    pool.fail('ListGroups', { error, times: 1 })
    expect(await send(await signed())).toMatchObject({ status: 400, type: error, date })
    expect(await send(await signed())).toMatchObject({ status: 200 })
  }
})

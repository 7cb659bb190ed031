import { compareText, isObject } from './json.ts'
import { type Call, type Caller, type Incoming, ServiceError } from './operation.ts'

/** A request whose signature is to be judged. */
export interface SignedRequest {
  readonly method: string
  readonly url: string
  readonly headers: { get(name: string): string | null }
  readonly body: string
  /** The service and region that the signature must be made for. */
  readonly service: string
  readonly region: string
  /** The time by the clock of the world, in milliseconds since the epoch. */
  readonly now: number
}

/** Why a signature is refused, as an error code of AWS, such as `ExpiredTokenException`. */
export interface SignatureRefusal {
  readonly code: string
  readonly message: string
}

/**
 * Judges a Signature Version 4: true lets the request pass, a refusal is answered as it is, and anything else with
 * `InvalidSignatureException`.
 */
export type VerifySignature = (
  request: SignedRequest,
) => boolean | SignatureRefusal | Promise<boolean | SignatureRefusal>

/** The keys that a request says it is signed with, whether or not the signature is right. */
export function readCaller({ headers }: Incoming): Caller | undefined {
  const [, accessKeyId] = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\//.exec(headers.get('authorization') ?? '') ?? []
  if (accessKeyId === undefined) return undefined
  return { accessKeyId, sessionToken: headers.get('x-amz-security-token') ?? undefined }
}

/**
 * Throws unless an `Authorization` header of AWS Signature Version 4 for this service and region is there, and, where
 * a function is given, unless it accepts the signature. `false` lets calls pass unsigned.
 */
export async function authenticate(
  call: Call,
  incoming: Incoming,
  verifySignature: false | VerifySignature | undefined,
  now: number,
): Promise<void> {
  if (!call.signed || verifySignature === false) return
  const authorization = incoming.headers.get('authorization')
  if (authorization === null) {
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const [credential = '', ...rest] = authorization.split(/, ?/)
  const [, region, service] =
    /^AWS4-HMAC-SHA256 Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential) ?? []
  if (region === undefined || !/^SignedHeaders=[a-z0-9;-]+ Signature=[0-9a-f]{64}$/.test(rest.join(' '))) {
    throw new ServiceError('IncompleteSignatureException', 'The Authorization header is not a Signature Version 4.')
  }
  if (region !== call.region || service !== call.service) {
    throw new ServiceError(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region and to ${call.service}.`,
    )
  }
  if (verifySignature === undefined) return
  const { method, url, headers, body } = incoming
  const request = { method, url: url.href, headers, body, service: call.service, region: call.region, now }
  const verdict: unknown = await verifySignature(request)
  if (verdict === true) return
  if (isObject(verdict) && typeof verdict['code'] === 'string') {
    throw new ServiceError(verdict['code'], String(verdict['message'] ?? ''))
  }
  throw new ServiceError('InvalidSignatureException', 'The request signature does not match.')
}

/** The parts of an `Authorization` header of AWS Signature Version 4. */
export interface Signature {
  readonly accessKeyId: string
  /** The day, as in 20260131. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly value: string
}

/** What a signature is over. */
export interface SignedMessage {
  readonly method: string
  readonly url: URL
  readonly headers: { get(name: string): string | null }
  /** Asked for where the signature is over the body. */
  body(): Promise<Uint8Array<ArrayBuffer>>
}

/** Undefined where there is no signature, or one of another form. */
export function readSignature(headers: SignedMessage['headers']): Signature | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', value = ''] =
    form.exec(headers.get('authorization') ?? '') ?? []
  if (value === '') return undefined
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), value }
}

/**
 * Whether a request is signed with this secret, at most 5 minutes from `now`, with S3 15 (AWS Signature Version 4,
 * "Create a signed AWS API request"). S3 takes a body that is not signed, if the signed headers say so.
 */
export async function signatureFits(
  message: SignedMessage,
  signature: Signature,
  secret: string,
  now: number,
): Promise<boolean> {
  const { headers } = message
  const { date, region, service, signedHeaders } = signature
  const isS3 = service === 's3'
  const longDate = headers.get('x-amz-date') ?? ''
  const signedAt = Date.parse(longDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!longDate.startsWith(date) || !(Math.abs(now - signedAt) <= (isS3 ? 900_000 : 300_000))) return false
  const needed = ['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', 'x-amz-target'].filter(
    (name) => {
      return name === 'host' || (isS3 && name === 'x-amz-content-sha256') || headers.get(name) !== null
    },
  )
  if (!needed.every((name) => signedHeaders.includes(name))) return false
  const isUnsigned = isS3 && headers.get('x-amz-content-sha256') === 'UNSIGNED-PAYLOAD'
  const hash = isUnsigned ? 'UNSIGNED-PAYLOAD' : await sha256(await message.body())
  const scope = `${date}/${region}/${service}/aws4_request`
  const canonical = await sha256(encode(canonicalRequest(message, signature, hash)))
  let key: Uint8Array<ArrayBuffer> = encode(`AWS4${secret}`)
  for (const part of scope.split('/')) key = await hmac(key, part)
  return hex(await hmac(key, ['AWS4-HMAC-SHA256', longDate, scope, canonical].join('\n'))) === signature.value
}

function canonicalRequest(
  { method, url, headers }: SignedMessage,
  { service, signedHeaders }: Signature,
  hash: string,
): string {
  const headerOf = (name: string) => (name === 'host' ? url.host : (headers.get(name) ?? ''))
  const query = [...url.searchParams]
    .map((pair) => pair.map(escapeText))
    .sort(([a = '', x = ''], [b = '', y = '']) => compareText(a, b) || compareText(x, y))
    .map((pair) => pair.join('='))
  return [
    method,
    canonicalPath(url.pathname, service),
    query.join('&'),
    ...signedHeaders.map((name) => `${name}:${headerOf(name).trim().replace(/\s+/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    hash,
  ].join('\n')
}

/** Paths are escaped once more than they are sent; with S3 it is the object's key that is, and a plus sign is a space. */
function canonicalPath(path: string, service: string): string {
  const text = service === 's3' ? decode(path.replace(/\+/g, ' ')) : path.replace(/\/+/g, '/')
  return text.split('/').map(escapeText).join('/')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** RFC 3986 section 2.3: all but unreserved characters are escaped. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

async function hmac(secret: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)))
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

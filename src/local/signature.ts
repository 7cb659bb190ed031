import { compareText } from './json.ts'

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
  readonly headers: { get(name: string): string | null; keys?(): Iterable<string> }
  /** Asked for where the signature is over the body. */
  body(): Promise<Uint8Array<ArrayBuffer>>
}

/** Undefined where there is no signature, or one of another form. */
export function readSignature(headers: SignedMessage['headers']): Signature | undefined {
  const [, rest] = /^AWS4-HMAC-SHA256\s+(.+)$/.exec(headers.get('authorization') ?? '') ?? []
  const parts = new Map((rest ?? '').split(/\s*,\s*/).map((part) => [part.slice(0, part.indexOf('=')), part] as const))
  const partOf = (name: string) => parts.get(name)?.slice(name.length + 1) ?? ''
  const [, accessKeyId = '', date = '', region = '', service = ''] =
    /^([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(partOf('Credential')) ?? []
  const [names, value] = [partOf('SignedHeaders'), partOf('Signature')]
  if (accessKeyId === '' || !/^[a-z0-9;_-]+$/.test(names) || !/^[0-9a-f]{64}$/.test(value)) return undefined
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), value }
}

/** What a signature is judged by. Times are in milliseconds. */
export interface SignatureRules {
  readonly secret: string
  /** The clocks that a request may be signed by: it has to be near to one of them. */
  readonly clocks: readonly number[]
  /** How far from the clock. */
  readonly window: number
  /** Signing keys that were derived before, by what they are derived from. */
  readonly keys?: Map<string, HmacKey> | undefined
}

/** How many signing keys are remembered. */
const maxKeys = 200

/**
 * What is wrong with a signature (AWS Signature Version 4, "Create a signed AWS API request"), in AWS's words; undefined
 * where nothing is. The host is the one that the request names, wherever it was sent. S3 takes a body that is not signed,
 * if the signed headers say so.
 */
export async function signatureFault(
  message: SignedMessage,
  signature: Signature,
  rules: SignatureRules,
): Promise<string | undefined> {
  const { headers } = message
  const longDate = headers.get('x-amz-date') ?? ''
  const fault = dateFault(longDate, signature, rules) ?? headerFault(message, signature)
  if (fault !== undefined) return fault
  const isUnsigned = signature.service === 's3' && headers.get('x-amz-content-sha256') === 'UNSIGNED-PAYLOAD'
  const hash = isUnsigned ? 'UNSIGNED-PAYLOAD' : await sha256(await message.body())
  const scope = [signature.date, signature.region, signature.service, 'aws4_request'].join('/')
  const canonical = await sha256(encode(canonicalRequest(message, signature, hash)))
  const key = await signingKey(scope, rules)
  const value = hex(await hmac(key, ['AWS4-HMAC-SHA256', longDate, scope, canonical].join('\n')))
  const declared = headers.get('x-amz-content-sha256') ?? hash
  return value === signature.value && declared === hash ? undefined : mismatch
}

/** AWS's words for a signature that does not fit. */
const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.'

function dateFault(longDate: string, { date }: Signature, { clocks, window }: SignatureRules): string | undefined {
  const signedAt = Date.parse(longDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(signedAt) || !/^\d{8}T\d{6}Z$/.test(longDate)) {
    return "Date must be in ISO-8601 'basic format'. See the X-Amz-Date header of Signature Version 4."
  }
  if (!longDate.startsWith(date)) {
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${longDate.slice(0, 8)}', from '${longDate}'.`
  }
  if (clocks.some((now) => Math.abs(Math.floor(now / 1000) * 1000 - signedAt) <= window)) return undefined
  const now = clocks[0] ?? 0
  const minutes = window / 60_000
  return signedAt < now
    ? `Signature expired: ${longDate} is now earlier than ${longDateOf(now - window)} (${longDateOf(now)} - ${minutes} min.)`
    : `Signature not yet current: ${longDate} is still later than ${longDateOf(now + window)} (${longDateOf(now)} + ${minutes} min.)`
}

function longDateOf(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

/** The host, and whatever headers of AWS's are there, have to be signed. */
function headerFault({ headers }: SignedMessage, { service, signedHeaders }: Signature): string | undefined {
  const known = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', 'x-amz-target']
  const present = [...known.filter((name) => headers.get(name) !== null), ...(headers.keys?.() ?? [])]
  const needed = present.map((name) => name.toLowerCase()).filter((name) => name.startsWith('x-amz-'))
  if (service === 's3') needed.push('x-amz-content-sha256')
  const missing = ['host', ...needed].find((name) => !signedHeaders.includes(name))
  if (missing === undefined) return undefined
  const name = missing === 'host' ? "'Host' or ':authority'" : `'${missing}'`
  return `${name} must be a 'SignedHeader' in the AWS Authorization.`
}

/** Not every set of global types has the name `CryptoKey`. */
export type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

async function signingKey(scope: string, { secret, keys }: SignatureRules): Promise<HmacKey> {
  const name = `${secret}/${scope}`
  const known = keys?.get(name)
  if (known !== undefined) return known
  let key = await hmacKey(encode(`AWS4${secret}`))
  for (const part of scope.split('/')) key = await hmacKey(await hmac(key, part))
  if (keys !== undefined && keys.size >= maxKeys) keys.clear()
  keys?.set(name, key)
  return key
}

function canonicalRequest(
  { method, url, headers }: SignedMessage,
  { service, signedHeaders }: Signature,
  hash: string,
): string {
  const headerOf = (name: string) => headers.get(name) ?? (name === 'host' ? url.host : '')
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

function hmacKey(secret: Uint8Array<ArrayBuffer>): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

async function hmac(key: HmacKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)))
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

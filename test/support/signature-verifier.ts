import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SignatureRefusal, SignedRequest, VerifySignature } from '../../src/local/index.ts'

/** Credentials that a verifier knows. */
export interface KnownCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Milliseconds since the epoch, by the clock of the world. Default: never. */
  readonly expiresAt?: number | undefined
}

/** AWS takes signatures that are at most so far from its own clock, in milliseconds. */
const tolerance = 300_000

/**
 * Judges signatures as AWS does: by its own signer, within five minutes, for credentials that are known and not
 * expired. The list may change between requests.
 */
export function createSignatureVerifier(known: readonly KnownCredentials[]): VerifySignature {
  return async (request) => {
    const signature = parse(request)
    if (signature === undefined) return false
    const { accessKeyId, scopeDate, signedHeaders, longDate, given } = signature
    const token = request.headers.get('x-amz-security-token') ?? undefined
    const credentials = known.find((candidate) => candidate.accessKeyId === accessKeyId)
    if (credentials === undefined || credentials.sessionToken !== token) {
      return refuse('UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    if (credentials.expiresAt !== undefined && credentials.expiresAt <= request.now) {
      return refuse('ExpiredTokenException', 'The security token included in the request is expired')
    }
    const signedAt = timeOf(longDate)
    if (!(signedAt >= request.now - tolerance)) return skewed('expired', longDate, request.now, 'earlier', '-')
    if (signedAt > request.now + tolerance) return skewed('not yet current', longDate, request.now, 'later', '+')
    if (!longDate.startsWith(scopeDate)) return false
    const needed = ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token', 'x-amz-content-sha256']
    const present = needed.filter((name) => name === 'host' || request.headers.get(name) !== null)
    if (present.some((name) => !signedHeaders.includes(name))) return false
    const declared = request.headers.get('x-amz-content-sha256')
    if (declared !== null && declared !== (await sha256(request.body))) return false
    return (await expectedSignature(request, signedHeaders, credentials, signedAt)) === given
  }
}

function parse({ headers }: SignedRequest) {
  const [, accessKeyId = '', scopeDate = '', signed = '', given = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/[^,]+, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.get('authorization') ?? '',
    ) ?? []
  const longDate = headers.get('x-amz-date')
  if (given === '' || longDate === null || !/^\d{8}T\d{6}Z$/.test(longDate)) return undefined
  return { accessKeyId, scopeDate, signedHeaders: signed.split(';'), longDate, given }
}

async function expectedSignature(
  { method, url, headers, body, service, region }: SignedRequest,
  signedHeaders: readonly string[],
  credentials: KnownCredentials,
  signedAt: number,
): Promise<string | undefined> {
  const { hostname, host, pathname, protocol, searchParams } = new URL(url)
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const identity = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  const signer = new SignatureV4({ service, region, credentials: identity, sha256: Sha256, applyChecksum: false })
  const request = {
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(
      signedHeaders.map((name) => [name, name === 'host' ? host : (headers.get(name) ?? '')]),
    ),
    body,
  }
  const options = { signingDate: new Date(signedAt), signableHeaders: new Set(signedHeaders) }
  const { headers: signed } = await signer.sign(request, options)
  return /Signature=([0-9a-f]{64})$/.exec(signed['authorization'] ?? '')?.[1]
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function skewed(fault: string, longDate: string, now: number, comparison: string, sign: string): SignatureRefusal {
  const limit = sign === '-' ? now - tolerance : now + tolerance
  return refuse(
    'InvalidSignatureException',
    `Signature ${fault}: ${longDate} is ${comparison === 'earlier' ? 'now' : 'still'} ${comparison} than ` +
      `${longDateOf(limit)} (${longDateOf(now)} ${sign} 5 min.)`,
  )
}

function refuse(code: string, message: string): SignatureRefusal {
  return { code, message }
}

function timeOf(longDate: string): number {
  return Date.parse(longDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function longDateOf(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

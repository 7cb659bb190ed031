import { isObject } from './json.ts'
import type { Call, Caller, Incoming } from './operation.ts'
import { ServiceError } from './service-error.ts'

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

/** Why a signature is refused, in AWS's words, such as `ExpiredTokenException`. */
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
export function callerOf({ headers }: Incoming): Caller | undefined {
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

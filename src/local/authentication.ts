import { isLoopback } from './hosts.ts'
import { isObject } from './json.ts'
import { type Call, type Caller, type Incoming, ServiceError } from './operation.ts'
import { readSignature, signatureFault } from './signature.ts'
import { checkSession } from './sts/sessions.ts'
import type { World } from './world.ts'

/** The keys that a request says it is signed with, whether or not the signature is right. */
export function readCaller({ headers }: Incoming): Caller | undefined {
  const [, accessKeyId] =
    /^AWS4-HMAC-SHA256\s+(?:.*,\s*)?Credential=([^/,\s]+)\//.exec(headers.get('authorization') ?? '') ?? []
  if (accessKeyId === undefined) return undefined
  return { accessKeyId, sessionToken: headers.get('x-amz-security-token') ?? undefined }
}

/**
 * Throws for a call that AWS expects to be signed unless it has a Signature Version 4 for this service and region. The
 * signature itself is judged by the world's `verifySignature` where there is one, and otherwise for each key that the
 * world has issued. Other keys are the administrator's; in a strict world they are refused, and from pages that do not come from this
 * machine: any site that somebody visits can send such a request.
 */
export async function authenticate(world: World, call: Call, incoming: Incoming): Promise<Caller | undefined> {
  const caller = readCaller(incoming)
  if (!call.signed) return undefined
  const now = world.clock.now()
  const isJudged = typeof world.verifySignature === 'function'
  if (!isJudged && isForeignPage(incoming) && secretOf(world, caller?.accessKeyId) === undefined) throw unknownKey()
  if (world.verifySignature === false) {
    checkSession(world.state, caller, now)
    return caller
  }
  const signature = readSignature(incoming.headers)
  if (signature === undefined) throw incomplete(call, incoming)
  checkScope(call, signature)
  if (world.verifySignature !== undefined) await judge(world.verifySignature, call, incoming, now)
  const secret = world.verifySignature === undefined ? secretOf(world, signature.accessKeyId) : undefined
  if (secret === undefined && world.verifySignature === undefined && world.isStrict) throw unknownKey()
  checkSession(world.state, caller, now)
  if (secret === undefined) return caller
  if (incoming.headers.get('x-amz-date') === null) throw incomplete(call, incoming)
  const { method, url, headers, body } = incoming
  const message = { method, url, headers, body: async () => new TextEncoder().encode(body) }
  const clocks = [now, world.clock.unmoved()]
  const window = isQuery(call) ? 900_000 : 300_000
  const fault = await signatureFault(message, signature, { secret, clocks, window, keys: world.signingKeys })
  if (fault !== undefined) throw new ServiceError('InvalidSignatureException', fault)
  return caller
}

/** The secret of a key that this world has issued. */
function secretOf({ state, administrator }: World, accessKeyId = ''): string | undefined {
  if (administrator?.accessKeyId === accessKeyId) return administrator.secretAccessKey
  return (state.sessionCredentials[accessKeyId] ?? state.accessKeys[accessKeyId])?.secretAccessKey
}

/**
 * Whether a browser may have sent this for a page of another machine. Browsers send the origin of a page with all but the page's own
 * GET: then the host is the origin's, whatever that name leads to.
 */
function isForeignPage({ method, url, headers }: Incoming): boolean {
  const origin = headers.get('origin')
  if (origin !== null) return !(URL.canParse(origin) && isLoopback(new URL(origin).hostname))
  return method === 'GET' && !isLoopback(url.hostname) && !/\.amazonaws\.com(\.cn)?$/.test(url.hostname)
}

function isQuery({ service }: Call): boolean {
  return service === 'iam' || service === 'sts'
}

function unknownKey(): ServiceError {
  return new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.')
}

function incomplete(call: Call, { headers }: Incoming): ServiceError {
  const authorization = headers.get('authorization')
  if (authorization === null) {
    const message = isQuery(call) ? 'Request is missing Authentication Token' : 'Missing Authentication Token'
    return new ServiceError('MissingAuthenticationTokenException', message)
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !authorization.includes(`${name}=`))
  const date = headers.get('x-amz-date') === null ? ["existence of either a 'X-Amz-Date' or a 'Date' header"] : []
  const faults = [...missing.map((name) => `'${name}' parameter`), ...date]
  if (faults.length === 0) {
    return new ServiceError('IncompleteSignatureException', 'The Authorization header is not a Signature Version 4.')
  }
  return new ServiceError(
    'IncompleteSignatureException',
    faults.map((fault) => `Authorization header requires ${fault}.`).join(' '),
  )
}

function checkScope(call: Call, { region, service }: { readonly region: string; readonly service: string }): void {
  const faults = [
    ...(region === call.region ? [] : [`Credential should be scoped to a valid region, not '${region}'.`]),
    ...(service === call.service ? [] : [`Credential should be scoped to correct service: '${call.service}'.`]),
  ]
  if (faults.length > 0) throw new ServiceError('InvalidSignatureException', faults.join(' '))
}

async function judge(
  verifySignature: Exclude<World['verifySignature'], false | undefined>,
  call: Call,
  { method, url, headers, body }: Incoming,
  now: number,
): Promise<void> {
  const request = { method, url: url.href, headers, body, service: call.service, region: call.region, now }
  const verdict: unknown = await verifySignature(request)
  if (verdict === true) return
  if (isObject(verdict) && typeof verdict['code'] === 'string') {
    throw new ServiceError(verdict['code'], String(verdict['message'] ?? ''))
  }
  throw new ServiceError('InvalidSignatureException', 'The request signature does not match.')
}

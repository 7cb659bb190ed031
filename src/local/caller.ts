import { roleOfSession, sessionArn } from './iam/principal.ts'
import { readSignature, type SignedMessage, signatureFault } from './signature.ts'
import { accountId, type State } from './state/index.ts'
import { sessionAllows } from './sts/sessions.ts'

/** A request to a service of AWS: a global `Request`, or one of the same shape, as miniflare hands out. */
export interface CallerRequest {
  readonly url: string
  readonly method: string
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  clone?(): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** Who signed a request: the session of a role. */
export interface LocalCaller {
  /** The account's id. */
  readonly account: string
  /** The session's ARN, such as `arn:aws:sts::123456789012:assumed-role/reader/CognitoIdentityCredentials`. */
  readonly arn: string
  readonly roleArn: string
  readonly roleName: string
  /** The identity of an identity pool; undefined where the role was assumed without one. */
  readonly identityId: string | undefined
  /** The service and the region that the request is signed for, such as `s3` and `eu-west-1`. */
  readonly service: string
  readonly region: string
  /**
   * Whether the role's inline policies, or policies of CreatePolicy that are attached to it, allow an action, such as
   * `s3:GetObject`, on the resource of this ARN, as far as its permissions boundary allows it too. Of
   * AWS's own policies those count whose documents are known here.
   */
  allows(action: string, resource: string): boolean
}

/** Who signed a request with credentials of this world. Undefined if the signature does not prove it. `now` is in milliseconds. */
export async function findCaller(state: State, request: CallerRequest, now: number): Promise<LocalCaller | undefined> {
  const signature = readSignature(request.headers)
  const session = state.sessionCredentials[signature?.accessKeyId ?? '']
  if (signature === undefined || session === undefined || now >= session.until) return undefined
  if (request.headers.get('x-amz-security-token') !== session.sessionToken) return undefined
  const role = roleOfSession(state, session)
  if (role === undefined) return undefined
  const message: SignedMessage = { ...messageOf(request), body: () => readBody(request) }
  const rules = {
    secret: session.secretAccessKey,
    clocks: [now],
    window: signature.service === 's3' ? 900_000 : 300_000,
  }
  if ((await signatureFault(message, signature, rules)) !== undefined) return undefined
  return {
    account: accountId(),
    arn: sessionArn(role, session.sessionName),
    roleArn: role.arn,
    roleName: role.name,
    identityId: session.identityId,
    service: signature.service,
    region: signature.region,
    allows: (action, resource) => sessionAllows(state, session, { action, resource }),
  }
}

function messageOf({ method, url, headers }: CallerRequest): Omit<SignedMessage, 'body'> {
  return { method, url: new URL(url), headers }
}

async function readBody(request: CallerRequest): Promise<Uint8Array<ArrayBuffer>> {
  const copy = request.clone?.()
  if (copy !== undefined) return new Uint8Array(await copy.arrayBuffer())
  return new TextEncoder().encode(await request.text())
}

import { assertConfig } from '../../errors.ts'
import { encodeUtf8, sha256, toHex } from '../../internal/encoding.ts'
import { checkOptions } from '../../internal/options.ts'
import type { ClientOptions, Message } from './call.ts'
import { createRequest, resolveEndpoint } from './endpoint.ts'

/** Makes the requests of one service, signed where credentials are given (AWS Signature Version 4). */
export interface Signer {
  request(message: Message, credentials: Credentials | undefined, signal: AbortSignal): Promise<Request>
  /** Takes the server's time for the right one. False where the clock was not off, or was corrected already. */
  correct(serverTime: number): boolean
}

/** What the calls of one client are signed with. */
export type Signing = Signer & CredentialSource

/** Signs the calls of a service. Throws ConfigurationError, naming the option. */
export function createSigning(service: string, options: ClientOptions): Signing {
  const { region, credentials, now = Date.now } = options
  return {
    ...createSigner(service, resolveEndpoint(service, options), region, now),
    ...createCredentialSource(credentials, now),
  }
}

/** AWS refuses signatures that are off by more than 5 minutes. In milliseconds. */
const TOLERANCE = 240_000

/** `url` is where the requests go. It has no query. */
export function createSigner(service: string, url: string, region: string, now: () => number): Signer {
  const { host, pathname } = new URL(url)
  let skew = 0
  // Keys derived of a secret and a day: values, which requests may share.
  const keys = new Map<string, ArrayBuffer>()

  const deriveKey = async (secret: string, day: string) => {
    const id = day + secret
    let key = keys.get(id)
    if (!key) {
      let step: BufferSource = encodeUtf8(`AWS4${secret}`)
      for (const part of [day, region, service, 'aws4_request']) step = await hmac(step, part)
      key = step as ArrayBuffer
      if (keys.size > 9) keys.clear()
      keys.set(id, key)
    }
    return key
  }

  /** The headers of a signed message. All but `content-type`, which proxies may change, are signed. */
  const sign = async ({ method, headers, body }: Message, credentials: Credentials) => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials
    const time = new Date(now() + skew).toISOString().replace(/[:-]|\.\d{3}/g, '')
    const day = time.slice(0, 8)
    const { 'content-type': type, ...others } = headers
    const signed: Record<string, string> = { ...others, host, 'x-amz-date': time }
    if (sessionToken) signed['x-amz-security-token'] = sessionToken
    const names = Object.keys(signed).sort()
    const list = names.join(';')
    const hash = await sha256(body)
    const lines = names.map((name) => `${name}:${signed[name]?.trim().replace(/\s+/g, ' ')}`)
    const canonical = [method, canonicalPath(pathname), '', ...lines, '', list, hash].join('\n')
    const scope = `${day}/${region}/${service}/aws4_request`
    const digest = await sha256(canonical)
    const text = ['AWS4-HMAC-SHA256', time, scope, digest].join('\n')
    const signature = toHex(await hmac(await deriveKey(secretAccessKey, day), text))
    const { host: _, ...sent } = signed
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`
    return { ...sent, ...(type !== undefined && { 'content-type': type }), authorization }
  }

  return {
    async request(message, credentials, signal) {
      const headers = credentials ? await sign(message, credentials) : message.headers
      return createRequest(url, { ...message, headers }, signal)
    },
    correct(serverTime) {
      const isOff = Math.abs(serverTime - now() - skew) > TOLERANCE
      if (isOff) skew = serverTime - now()
      return isOff
    },
  }
}

/** A path as services other than S3 sign it: encoded once more, without empty segments. */
function canonicalPath(path: string): string {
  const encoded = encodeURIComponent(path.replace(/\/+/g, '/')).replaceAll('%2F', '/')
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

async function hmac(key: BufferSource, text: string): Promise<ArrayBuffer> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return crypto.subtle.sign('HMAC', imported, encodeUtf8(text))
}

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
  /** When they expire: a Date, or what `Date` understands. They are renewed 5 minutes earlier. Default: never. */
  readonly expiration?: Date | string | number | undefined
}

/** Asks for credentials: each time none are known, those known are about to expire, or they were refused as expired. */
export type CredentialProvider = () => Credentials | Promise<Credentials>

/**
 * Shares one renewal of the credentials among the calls that name the same object, and no longer than they last. A
 * promise is never shared between requests, so make one for each piece of work.
 */
export interface Renewal {
  pending?: Promise<Credentials> | undefined
}

/** The credentials of a client. */
export interface CredentialSource {
  /** Those to sign with now. Throws what the provider throws, and ConfigurationError where it gives none. */
  get(renewal: Renewal | undefined): Promise<Credentials>
  /** They were refused as expired: whether asking again makes sense. */
  refuse(credentials: Credentials): boolean
}

/** Credentials are renewed this long before they expire, in milliseconds. */
const MARGIN = 300_000

/** Throws ConfigurationError unless `given` is a function or holds an access key. */
export function createCredentialSource(given: Credentials | CredentialProvider, now: () => number): CredentialSource {
  const provide = typeof given === 'function' ? given : undefined
  let known: Credentials | undefined
  if (typeof given !== 'function') {
    known = check(given)
    // What a provider gives may have further members; what is written down has none but those of other makes.
    checkOptions<Credentials & { [name in 'accountId' | 'identityId' | 'credentialScope' | '$source']?: unknown }>(
      'credentials',
      known,
      [
        'accessKeyId',
        'secretAccessKey',
        'sessionToken',
        'expiration',
        'accountId',
        'identityId',
        'credentialScope',
        '$source',
      ],
    )
  }
  const renew = async () => (known = check(await provide?.()))
  return {
    async get(renewal = {}) {
      if (known && (!provide || !(+new Date(known.expiration ?? '') - MARGIN < now()))) return known
      const pending = (renewal.pending ??= renew())
      try {
        return await pending
      } finally {
        if (renewal.pending === pending) renewal.pending = undefined
      }
    },
    refuse(credentials) {
      if (provide && known === credentials) known = undefined
      return provide !== undefined
    },
  }
}

function check(given: Credentials | undefined): Credentials {
  assertConfig('credentials', given?.accessKeyId && given.secretAccessKey, 'accessKeyId and secretAccessKey.')
  return given
}

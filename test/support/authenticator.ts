/** How an authenticator behaves, and what is wrong with it. */
export interface AuthenticatorOptions {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly isUserVerified?: boolean
  readonly isUserPresent?: boolean
  /** Default: one more than the last time; 0 does not count. */
  readonly signCount?: number
  readonly userHandle?: string | undefined
  readonly type?: string
  readonly id?: string
}

type Json = Record<string, unknown>

/** An authenticator with one passkey, as a browser hands out what it says: written from the specification. */
export interface Authenticator {
  readonly id: string
  register(options: Json, how?: AuthenticatorOptions): Promise<Json>
  assert(options: Json, how?: AuthenticatorOptions): Promise<Json>
}

const encoder = new TextEncoder()

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
}

/** `algorithm`: -7 for ES256, -257 for RS256. */
export async function createAuthenticator(algorithm: -7 | -257 = -7, origin = 'https://example.com') {
  const scheme =
    algorithm === -7
      ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
      : {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: 2048,
          publicExponent: Uint8Array.from([1, 0, 1]),
        }
  const keys = (await crypto.subtle.generateKey(scheme, true, ['sign', 'verify'])) as CryptoKeyPair
  const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const id = crypto.getRandomValues(new Uint8Array(32))
  let count = 0
  let handle: string | undefined

  const clientData = (type: string, options: Json, how: AuthenticatorOptions) =>
    encoder.encode(
      JSON.stringify({
        type: how.type ?? type,
        challenge: how.challenge ?? options['challenge'],
        origin: how.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const authData = async (rpId: unknown, extra: number, how: AuthenticatorOptions, attested: readonly Uint8Array[]) => {
    const { isUserPresent = true, isUserVerified = true, signCount = count } = how
    const flags = (isUserPresent ? 1 : 0) | (isUserVerified ? 4 : 0) | extra
    const counter = new Uint8Array(4)
    new DataView(counter.buffer).setUint32(0, signCount)
    return join(await sha256(encoder.encode(how.rpId ?? String(rpId))), Uint8Array.from([flags]), counter, ...attested)
  }
  const authenticator: Authenticator = {
    id: toBase64Url(id),
    async register(options, how = {}) {
      const rp = options['rp'] as Json
      handle = (options['user'] as Json)['id'] as string
      const clientDataJSON = clientData('webauthn.create', options, how)
      const key =
        algorithm === -7
          ? cborMap([
              [1, 2],
              [3, -7],
              [-1, 1],
              [-2, fromBase64Url(jwk.x ?? '')],
              [-3, fromBase64Url(jwk.y ?? '')],
            ])
          : cborMap([
              [1, 3],
              [3, -257],
              [-1, fromBase64Url(jwk.n ?? '')],
              [-2, fromBase64Url(jwk.e ?? '')],
            ])
      const data = await authData(rp['id'], 0x40, how, [new Uint8Array(16), Uint8Array.from([0, id.length]), id, key])
      const attestationObject = cborMap([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', data],
      ])
      return {
        id: how.id ?? toBase64Url(id),
        rawId: how.id ?? toBase64Url(id),
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: {},
        response: {
          clientDataJSON: toBase64Url(clientDataJSON),
          attestationObject: toBase64Url(attestationObject),
          transports: ['internal'],
        },
      }
    },
    async assert(options, how = {}) {
      count += 1
      const clientDataJSON = clientData('webauthn.get', options, how)
      const authenticatorData = await authData(options['rpId'], 0, how, [])
      const signed = join(authenticatorData, await sha256(clientDataJSON))
      const raw = new Uint8Array(await crypto.subtle.sign(scheme, keys.privateKey, signed))
      const userHandle = 'userHandle' in how ? how.userHandle : handle
      return {
        id: how.id ?? toBase64Url(id),
        rawId: how.id ?? toBase64Url(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: toBase64Url(clientDataJSON),
          authenticatorData: toBase64Url(authenticatorData),
          signature: toBase64Url(algorithm === -7 ? toDer(raw) : raw),
          ...(userHandle !== undefined && { userHandle }),
        },
      }
    },
  }
  return authenticator
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** The two numbers of an ECDSA signature in DER. */
function toDer(raw: Uint8Array): Uint8Array {
  const numbers = [raw.slice(0, 32), raw.slice(32)].map((number) => {
    const first = number.findIndex((byte) => byte !== 0)
    const short = [...number.slice(first)]
    const padded = (short[0] ?? 0) >= 0x80 ? [0, ...short] : short
    return [0x02, padded.length, ...padded]
  })
  const content = numbers.flat()
  return Uint8Array.from([0x30, content.length, ...content])
}

type CborValue = number | string | Uint8Array | ReadonlyMap<CborValue, CborValue>

function cborMap(entries: readonly (readonly [CborValue, CborValue])[]): Uint8Array<ArrayBuffer> {
  return join(head(5, entries.length), ...entries.flatMap(([key, value]) => [cbor(key), cbor(value)]))
}

function cbor(value: CborValue): Uint8Array {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return join(head(3, encoder.encode(value).length), encoder.encode(value))
  if (value instanceof Uint8Array) return join(head(2, value.length), value)
  return cborMap([...value])
}

function head(kind: number, number: number): Uint8Array {
  if (number < 24) return Uint8Array.from([(kind << 5) | number])
  if (number < 256) return Uint8Array.from([(kind << 5) | 24, number])
  return Uint8Array.from([(kind << 5) | 25, number >> 8, number & 255])
}

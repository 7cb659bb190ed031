import { isObject, type JsonObject } from '../json.ts'

// The relying party's side of Web Authentication Level 3, with Web Crypto and without a library: what a registration
// (section 7.1) and an assertion (section 7.2) have to hold. Attestation is not asked for, so that a statement of the
// authenticator's maker is not judged.

/** What the relying party expects of both ceremonies. */
export interface Expectation {
  /** In base64url. */
  readonly challenge: string
  readonly rpId: string
  readonly needsVerification: boolean
}

/** A credential that was registered. Bytes are in base64url. */
export interface Registered {
  readonly id: string
  readonly publicKey: PublicKey
  readonly signCount: number
  readonly isBackupEligible: boolean
}

/** The public key of a credential as a JSON Web Key, with the number of its algorithm (`COSEAlgorithmIdentifier`). */
export interface PublicKey {
  readonly algorithm: number
  readonly jwk: Readonly<Record<string, string>>
}

/** What an assertion has shown. */
export interface Asserted {
  readonly signCount: number
  readonly isUserVerified: boolean
}

/** Why a ceremony is refused. */
export type CeremonyFault = 'malformed' | 'challenge' | 'origin' | 'relying-party' | 'unsupported' | 'refused'

/** Thrown for a ceremony that the relying party has to refuse. */
export class CeremonyError extends Error {
  readonly fault: CeremonyFault

  constructor(fault: CeremonyFault, message: string) {
    super(message)
    this.fault = fault
  }
}

/** The algorithms that are offered: ES256 and RS256. */
export const algorithms = [-7, -257] as const

/** Judges a `RegistrationResponseJSON`. Throws CeremonyError. */
export async function verifyRegistration(credential: JsonObject, expected: Expectation): Promise<Registered> {
  const { rawId, response } = readCredential(credential)
  const clientData = readClientData(response, 'webauthn.create', expected)
  const attestation = toMap(decodeCbor(readBytes(response, 'attestationObject')))
  const authData = attestation.get('authData')
  if (!(authData instanceof Uint8Array)) throw malformed('attestationObject has no authData.')
  const data = await readAuthenticatorData(authData, expected)
  const { id, key } = readAttested(authData, data.flags)
  if (encode(id) !== rawId) throw malformed('The id of the credential is not that of its attestation.')
  const publicKey = toPublicKey(key)
  await checkStatement(attestation, publicKey, authData, clientData)
  return { id: rawId, publicKey, signCount: data.signCount, isBackupEligible: (data.flags & 0x08) !== 0 }
}

/** Judges an `AuthenticationResponseJSON` by a credential of the user. Throws CeremonyError. */
export async function verifyAssertion(
  credential: JsonObject,
  expected: Expectation & { readonly userHandle: string },
  registered: Registered,
): Promise<Asserted> {
  const { rawId, response } = readCredential(credential)
  if (rawId !== registered.id) throw new CeremonyError('refused', 'It is another credential.')
  const handle = response['userHandle'] ?? undefined
  if (handle !== undefined && handle !== expected.userHandle) throw new CeremonyError('refused', 'It is another user.')
  const clientData = readClientData(response, 'webauthn.get', expected)
  const authData = readBytes(response, 'authenticatorData')
  const { flags, signCount } = await readAuthenticatorData(authData, expected)
  if (((flags & 0x08) !== 0) !== registered.isBackupEligible) {
    throw new CeremonyError('refused', 'Whether the credential can be backed up has changed.')
  }
  const signed = join(authData, await sha256(clientData))
  if (!(await isSigned(registered.publicKey, readBytes(response, 'signature'), signed))) {
    throw new CeremonyError('refused', 'The signature is wrong.')
  }
  return { signCount, isUserVerified: (flags & 0x04) !== 0 }
}

/** The id of a credential of JSON form, whatever else it holds; undefined where there is none. */
export function readCredentialId(credential: JsonObject): string | undefined {
  const id = credential['rawId'] ?? credential['id']
  return typeof id === 'string' ? id : undefined
}

function readCredential(credential: JsonObject): { readonly rawId: string; readonly response: JsonObject } {
  const { type, response } = credential
  const rawId = readCredentialId(credential)
  if (type !== 'public-key' || rawId === undefined || !isObject(response)) {
    throw malformed('Expected the JSON form of a public-key credential.')
  }
  if (credential['id'] !== undefined && credential['id'] !== rawId) throw malformed('id and rawId differ.')
  return { rawId: encode(decode(rawId, 'rawId')), response }
}

/** The bytes of `clientDataJSON`, once all that they say is as expected. */
function readClientData(response: JsonObject, type: string, { challenge, rpId }: Expectation): Bytes {
  const bytes = readBytes(response, 'clientDataJSON')
  const data = parseJson(bytes)
  if (!isObject(data) || data['type'] !== type) throw malformed('clientDataJSON is not that of this ceremony.')
  if (data['challenge'] !== challenge) throw new CeremonyError('challenge', 'The challenge is another one.')
  if (!isOriginOf(rpId, data['origin']))
    throw new CeremonyError('origin', 'The origin is not one of the relying party.')
  return bytes
}

/** An https origin of the relying party's domain or below it, at any port; http on this machine too. */
function isOriginOf(rpId: string, origin: unknown): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false
  const url = new URL(origin)
  if (url.origin !== origin) return false
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost')
  return isSecure && (url.hostname === rpId || url.hostname.endsWith(`.${rpId}`))
}

async function readAuthenticatorData(
  bytes: Bytes,
  { rpId, needsVerification }: Expectation,
): Promise<{ readonly flags: number; readonly signCount: number }> {
  if (bytes.length < 37) throw malformed('The authenticator data is too short.')
  const hash = await sha256(new TextEncoder().encode(rpId))
  if (hash.some((byte, at) => byte !== bytes[at])) {
    throw new CeremonyError('relying-party', 'The credential is one of another relying party.')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint8(32)
  if ((flags & 0x01) === 0) throw new CeremonyError('refused', 'Nobody was present.')
  if (needsVerification && (flags & 0x04) === 0) throw new CeremonyError('refused', 'The user was not verified.')
  if ((flags & 0x18) === 0x10) throw malformed('A credential is backed up that cannot be.')
  return { flags, signCount: view.getUint32(33) }
}

/** `attestedCredentialData`, section 6.5.1: AAGUID, length of the id, id, key. */
function readAttested(bytes: Bytes, flags: number): { readonly id: Bytes; readonly key: Cbor } {
  if ((flags & 0x40) === 0 || bytes.length < 55) throw malformed('There is no attested credential.')
  const length = ((bytes[53] ?? 0) << 8) | (bytes[54] ?? 0)
  if (length === 0 || length > 1023 || bytes.length < 55 + length)
    throw malformed('The credential id has a bad length.')
  const [key, end] = readCbor(bytes, 55 + length, 0)
  const hasExtensions = (flags & 0x80) !== 0
  const rest = hasExtensions ? readCbor(bytes, end, 0)[1] : end
  if (rest !== bytes.length) throw malformed('The authenticator data is longer than what it holds.')
  return { id: bytes.slice(55, 55 + length), key }
}

/** A `COSE_Key` (RFC 9053) of one of the offered algorithms. */
function toPublicKey(value: Cbor): PublicKey {
  const key = toMap(value)
  const algorithm = Number(key.get(3))
  const text = (label: number, length?: number): string => {
    const bytes = key.get(label)
    if (bytes instanceof Uint8Array && (length === undefined || bytes.length === length)) return encode(bytes)
    throw malformed('The public key is malformed.')
  }
  if (algorithm === -7 && key.get(1) === 2 && key.get(-1) === 1) {
    return { algorithm, jwk: { kty: 'EC', crv: 'P-256', x: text(-2, 32), y: text(-3, 32) } }
  }
  if (algorithm === -257 && key.get(1) === 3) return { algorithm, jwk: { kty: 'RSA', n: text(-1), e: text(-2) } }
  throw new CeremonyError('unsupported', 'The algorithm of the public key was not offered.')
}

/** `none` has an empty statement; a self attestation is signed by the credential. Statements with certificates are not judged. */
async function checkStatement(
  attestation: ReadonlyMap<unknown, Cbor>,
  publicKey: PublicKey,
  authData: Bytes,
  clientData: Bytes,
): Promise<void> {
  const statement = toMap(attestation.get('attStmt') ?? null)
  const format = attestation.get('fmt')
  const formats = ['none', 'packed', 'tpm', 'android-key', 'android-safetynet', 'fido-u2f', 'apple', 'compound']
  if (!formats.some((known) => known === format)) throw malformed('attestationObject names no known format.')
  if (format === 'none' && statement.size > 0) throw malformed('An attestation of the format none holds a statement.')
  if (format !== 'packed' || statement.has('x5c')) return
  const signature = statement.get('sig')
  const isOwn = statement.get('alg') === publicKey.algorithm && signature instanceof Uint8Array
  const signed = join(authData, await sha256(clientData))
  if (!isOwn || !(await isSigned(publicKey, signature, signed))) {
    throw new CeremonyError('refused', 'The self attestation is not signed by the credential.')
  }
}

async function isSigned({ algorithm, jwk }: PublicKey, signature: Bytes, signed: Bytes): Promise<boolean> {
  const scheme =
    algorithm === -7
      ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  try {
    const key = await crypto.subtle.importKey('jwk', { ...jwk }, scheme, false, ['verify'])
    const raw = algorithm === -7 ? joinSignature(signature) : signature
    return raw !== undefined && (await crypto.subtle.verify(scheme, key, raw, signed))
  } catch {
    return false
  }
}

/** An ECDSA signature of DER form, as the two numbers of 32 bytes that Web Crypto takes. */
function joinSignature(der: Bytes): Bytes | undefined {
  const readNumber = (at: number): [Bytes, number] | undefined => {
    const length = der[at + 1] ?? 0
    const number = der.slice(at + 2, at + 2 + length)
    if (der[at] !== 0x02 || length === 0 || number.length !== length || (number[0] ?? 0) >= 0x80) return undefined
    const short = number[0] === 0 ? number.slice(1) : number
    return short.length > 32 ? undefined : [short, at + 2 + length]
  }
  const r = der[0] === 0x30 && der[1] === der.length - 2 ? readNumber(2) : undefined
  const s = r && readNumber(r[1])
  if (r === undefined || s === undefined || s[1] !== der.length) return undefined
  const raw = new Uint8Array(64)
  raw.set(r[0], 32 - r[0].length)
  raw.set(s[0], 64 - s[0].length)
  return raw
}

type Bytes = Uint8Array<ArrayBuffer>
type Cbor = number | string | boolean | null | Bytes | readonly Cbor[] | ReadonlyMap<unknown, Cbor>

function toMap(value: Cbor): ReadonlyMap<unknown, Cbor> {
  if (value instanceof Map) return value
  throw malformed('A CBOR map is missing.')
}

function decodeCbor(bytes: Bytes): Cbor {
  const [value, end] = readCbor(bytes, 0, 0)
  if (end !== bytes.length) throw malformed('There is something after the CBOR value.')
  return value
}

/** One value of CBOR (RFC 8949) as CTAP2 allows it: definite lengths, and no more than a few levels. */
function readCbor(bytes: Bytes, at: number, depth: number): [value: Cbor, end: number] {
  const head = bytes[at]
  if (head === undefined || depth > 8) throw malformed('The CBOR value ends too early.')
  const kind = head >> 5
  const [number, start] = readArgument(bytes, at, head & 0x1f)
  switch (kind) {
    case 0:
      return [number, start]
    case 1:
      return [-1 - number, start]
    case 2:
    case 3: {
      const content = bytes.slice(start, start + number)
      if (content.length !== number) throw malformed('The CBOR value ends too early.')
      return [kind === 2 ? content : new TextDecoder().decode(content), start + number]
    }
    case 4:
    case 5: {
      const items: Cbor[] = []
      let end = start
      for (let left = kind === 4 ? number : number * 2; left > 0; left -= 1) {
        const [item, next] = readCbor(bytes, end, depth + 1)
        items.push(item)
        end = next
      }
      if (kind === 4) return [items, end]
      return [new Map(items.flatMap((key, index) => (index % 2 ? [] : [[key, items[index + 1] ?? null]]))), end]
    }
    default: {
      const simple = new Map<number, Cbor>([
        [0xf4, false],
        [0xf5, true],
        [0xf6, null],
      ]).get(head)
      if (simple === undefined) throw malformed('A CBOR value is of an unknown kind.')
      return [simple, start]
    }
  }
}

function readArgument(bytes: Bytes, at: number, short: number): [number: number, start: number] {
  if (short < 24) return [short, at + 1]
  const size = 2 ** (short - 24)
  if (short > 26 || at + 1 + size > bytes.length) throw malformed('A CBOR value has no good length.')
  const number = bytes.slice(at + 1, at + 1 + size).reduce((sum, byte) => sum * 256 + byte, 0)
  return [number, at + 1 + size]
}

function readBytes(response: JsonObject, name: string): Bytes {
  return decode(response[name], name)
}

function decode(text: unknown, name: string): Bytes {
  if (typeof text !== 'string' || !/^[\w-]+$/.test(text)) throw malformed(`${name} is not base64url.`)
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    throw malformed(`${name} is not base64url.`)
  }
}

/** Base64url without padding. */
export function encode(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function parseJson(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw malformed('clientDataJSON is not JSON.')
  }
}

function join(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function malformed(message: string): CeremonyError {
  return new CeremonyError('malformed', message)
}

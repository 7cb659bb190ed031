import { decodeBase64Url, isJsonObject } from '../internal/encoding.ts'

/** The members of an RSA public key in a JWK Set (RFC 7517, RFC 7518 section 6.3.1) that matter here. */
export interface Jwk {
  readonly kty: string
  readonly kid: string
  readonly n: string
  readonly e: string
  readonly alg?: string
  readonly use?: string
}

/** A JWK Set as an issuer publishes it. */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

/** A public key for RS256, imported once. Its identity outlives a refresh of the key set that holds the same key. */
export interface SigningKey {
  readonly jwk: Jwk
  /** Not every set of global types has the name `CryptoKey`; that of Node lacks it. */
  readonly cryptoKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

export type SigningKeys = ReadonlyMap<string, SigningKey>

/** RS256 (RFC 7518 section 3.3) as Web Crypto calls it. */
const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** Whether `signature` is the RS256 signature of `input`. */
export function verifySignature(
  key: SigningKey,
  signature: Uint8Array<ArrayBuffer>,
  input: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return crypto.subtle.verify(rs256, key.cryptoKey, signature, input)
}

/**
 * The usable RS256 signature keys of a parsed JWK Set. A key without `alg` or `use` counts as one; any other value, or two
 * keys of one kid, disqualifies, and so does a modulus of less than the 2,048 bits that RFC 7518 section 3.3 asks for, or an
 * exponent that is even or 1: signatures could be made up. Empty where `value` is not a JWK Set.
 */
export function usableKeys(value: unknown): readonly Jwk[] {
  const keys: unknown[] = isJsonObject(value) && Array.isArray(value.keys) ? value.keys : []
  const unique = new Map<unknown, boolean>()
  for (const key of keys) if (isJsonObject(key)) unique.set(key.kid, !unique.has(key.kid))
  return keys.filter(isRs256Key).filter(({ kid }) => unique.get(kid))
}

function isRs256Key(value: unknown): value is Jwk {
  if (!isJsonObject(value)) return false
  const { kty, kid, n, e, alg = 'RS256', use = 'sig', key_ops: operations = ['verify'] } = value
  return (
    Boolean(kid && typeof kid === 'string') &&
    kty === 'RSA' &&
    alg === 'RS256' &&
    use === 'sig' &&
    Array.isArray(operations) &&
    operations.includes('verify') &&
    isLongModulus(n) &&
    isSoundExponent(e)
  )
}

/**
 * At least 2,048 bits, and no leading zeros, which RFC 7518 section 6.3.1.1 forbids: some platforms count them, and a
 * published key could hide behind them.
 */
function isLongModulus(n: unknown): boolean {
  const { length, 0: first = 0 } = readBytes(n)
  return length > 256 ? first > 0 : length === 256 && first >= 0x80
}

/** Odd, and more than 1. */
function isSoundExponent(e: unknown): boolean {
  const bytes = readBytes(e)
  const last = bytes.at(-1) ?? 0
  return last % 2 === 1 && (last > 1 || bytes.subarray(0, -1).some((byte) => byte > 0))
}

function readBytes(text: unknown): Uint8Array {
  return (typeof text === 'string' && decodeBase64Url(text)) || new Uint8Array()
}

/** Imports the keys, keeping those of `previous` that have not changed. A key that does not import is left out. */
export async function importKeys(jwks: readonly Jwk[], previous: SigningKeys): Promise<SigningKeys> {
  const keys = new Map<string, SigningKey>()
  for (const jwk of jwks) {
    const { kid, n, e } = jwk
    let key = previous.get(kid)
    if (key?.jwk.n !== n || key.jwk.e !== e) {
      const cryptoKey = await crypto.subtle
        .importKey('jwk', { kty: 'RSA', n, e }, rs256, false, ['verify'])
        .catch(() => {})
      key = cryptoKey ? { jwk, cryptoKey } : undefined
    }
    if (key) keys.set(kid, key)
  }
  return keys
}

import { assertConfig } from '../errors.ts'
import { decodeBase64Url, encodeBase64Url, encodeUtf8 } from './encoding.ts'

/** One secret, or several: the first one seals, all of them open, so that secrets can be replaced one after another. */
export type Secrets = string | readonly string[]

/** What a sealed text is for: a text sealed for one purpose, or for another context, does not open. */
export interface SealUse {
  /** A fixed name of what is sealed. The key is derived for it. */
  readonly purpose: string
  /** What the text is bound to, and does not hold itself. */
  readonly context: string
}

const VERSION = 1
const SALT = 16
const IV = 12

type RandomBytes = (length: number) => Uint8Array

/**
 * Encrypts bytes with AES-256-GCM, by a key of its own that HKDF-SHA-256 makes of the secret, a fresh salt and the purpose.
 * The result is base64url. Whoever takes secrets from an application checks them first.
 */
export async function sealBytes(
  bytes: Uint8Array,
  secrets: Secrets,
  use: SealUse,
  randomBytes: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length)),
): Promise<string> {
  const [secret = ''] = [secrets].flat()
  const head = Uint8Array.of(VERSION, ...randomBytes(SALT + IV))
  const key = await keyOf(secret, head, use)
  const encrypted = await crypto.subtle.encrypt(cipher(head, use), key, bytes as BufferSource)
  return encodeBase64Url(Uint8Array.of(...head, ...new Uint8Array(encrypted)))
}

/** The bytes that were sealed for this use; undefined for anything else. */
export async function unsealBytes(
  sealed: string,
  secrets: Secrets,
  use: SealUse,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = decodeBase64Url(sealed)
  if (bytes?.[0] !== VERSION || bytes.length < 1 + SALT + IV + 16) return undefined
  const head = bytes.slice(0, 1 + SALT + IV)
  for (const secret of [secrets].flat()) {
    try {
      const key = await keyOf(secret, head, use)
      return new Uint8Array(await crypto.subtle.decrypt(cipher(head, use), key, bytes.slice(head.length)))
    } catch {}
  }
  return undefined
}

/** As `sealBytes`, for a text. */
export function seal(text: string, secrets: Secrets, use: SealUse, randomBytes?: RandomBytes): Promise<string> {
  return sealBytes(encodeUtf8(text), secrets, use, randomBytes)
}

/** The text that was sealed for this use; undefined for anything else. */
export async function unseal(sealed: string, secrets: Secrets, use: SealUse): Promise<string | undefined> {
  const bytes = typeof sealed === 'string' ? await unsealBytes(sealed, secrets, use) : undefined
  return bytes && new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)
}

/** Throws ConfigurationError for secrets of fewer than 32 characters, or none. */
export function checkSecrets(secrets: Secrets): void {
  const all: unknown[] = [secrets].flat()
  const areLong = all.length > 0 && all.every((one) => typeof one === 'string' && one.length >= 32)
  assertConfig('secret', areLong, 'random text of 32 characters or more, such as 32 bytes in base64.')
}

function cipher(head: Uint8Array, { context }: SealUse) {
  return { name: 'AES-GCM', iv: head.slice(1 + SALT) as BufferSource, additionalData: encodeUtf8(context) }
}

async function keyOf(secret: string, head: Uint8Array, { purpose }: SealUse): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', encodeUtf8(secret), 'HKDF', false, ['deriveKey'])
  const salt = head.slice(1, 1 + SALT) as BufferSource
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: encodeUtf8(`cognigate ${purpose}`) }
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

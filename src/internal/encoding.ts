let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

/**
 * Decodes base64url without padding (RFC 4648 section 5, as RFC 7515 appendix C uses it), strictly: undefined for any
 * other character, a padding, an impossible length, or left-over bits that are not zero.
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4
  const lastDigits = rest === 2 ? 'AQgw' : rest === 3 ? 'AEIMQUYcgkosw048' : undefined
  if (rest === 1 || (lastDigits && !lastDigits.includes(text.slice(-1)))) return undefined
  try {
    const bytes = decodeLoosely(text)
    // White space and padding are passed over there, and show in the length.
    return bytes?.length === (text.length * 3) >> 2 ? bytes : undefined
  } catch {
    return undefined
  }
}

/** The part of ECMAScript 2026 that Node has from version 25 on. */
interface Base64Decoder {
  fromBase64?(text: string, options: { alphabet: 'base64url' }): Uint8Array<ArrayBuffer>
}

/** Throws, or gives nothing, for characters that are neither digits, white space nor padding. */
function decodeLoosely(text: string): Uint8Array<ArrayBuffer> | undefined {
  const native: Uint8ArrayConstructor & Base64Decoder = Uint8Array
  if (native.fromBase64) return native.fromBase64(text, { alphabet: 'base64url' })
  if (/[+/]/.test(text)) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** The UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder()
  return encoder.encode(text) as Uint8Array<ArrayBuffer>
}

/** Whether `value` is an object in the sense of JSON: neither null nor an array. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether `value` is an array of strings. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Freezes a value and all that it holds. Without recursion, so that deep nesting cannot exhaust the stack. */
export function deepFreeze<T>(value: T): T {
  const found = new Set<object>()
  const find = (inner: unknown) => {
    if (typeof inner === 'object' && inner !== null) found.add(inner)
  }
  find(value)
  // A Set goes on to what is added to it meanwhile.
  for (const next of found) Object.values(Object.freeze(next)).forEach(find)
  return value
}

/**
 * Decodes a part of a token that holds one JSON object. Undefined for anything else: no base64url, invalid UTF-8, a byte
 * order mark, another JSON value. The parser's own message is dropped, since it quotes the input.
 */
export function decodeJsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const bytes = decodeBase64Url(part)
    decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. */
export async function sha256(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', encodeUtf8(text)))
}

/** Bytes in lower-case hexadecimal. */
export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

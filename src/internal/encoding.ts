let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

/**
 * Decodes base64url without padding (RFC 4648 section 5, as RFC 7515 appendix C uses it), strictly: undefined for any
 * other character, a padding, an impossible length, or left-over bits that are not zero.
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const native: Uint8ArrayConstructor & Base64Decoder = Uint8Array
  return decodeStrictly(text, () => native.fromBase64?.(text, { alphabet: 'base64url' }) ?? toBytes(decodeBinary(text)))
}

/** The part of ECMAScript 2026 that Node has from version 25 on. */
interface Base64Decoder {
  fromBase64?(text: string, options: { alphabet: 'base64url' }): Uint8Array<ArrayBuffer>
}

/** What a decoder makes of base64url that passes over white space and padding, which show in the length. */
function decodeStrictly<T extends { readonly length: number }>(
  text: string,
  decode: (text: string) => T,
): T | undefined {
  const rest = text.length % 4
  const lastDigits = rest === 2 ? 'AQgw' : rest === 3 ? 'AEIMQUYcgkosw048' : undefined
  if (rest === 1 || (lastDigits && !lastDigits.includes(text.slice(-1)))) return undefined
  try {
    const decoded = decode(text)
    return decoded.length === (text.length * 3) >> 2 ? decoded : undefined
  } catch {
    return undefined
  }
}

/** One character a byte; empty for digits of plain base64. Throws for other characters. */
function decodeBinary(text: string): string {
  return /[+/]/.test(text) ? '' : atob(text.replaceAll('-', '+').replaceAll('_', '/'))
}

function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  const { length } = binary
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
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
 * order mark, another JSON value.
 */
export function decodeJsonObject(part: string): Record<string, unknown> | undefined {
  try {
    // Nearly always ASCII, which is its own UTF-8.
    let text = decodeStrictly(part, decodeBinary) ?? ''
    if (/[\x80-\xff]/.test(text)) {
      decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      text = decoder.decode(toBytes(text))
    }
    return parseJsonObject(text)
  } catch {
    return undefined
  }
}

/** One JSON object; undefined for anything else. The parser's own message is dropped, since it quotes the input. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The text of an answer; undefined where it has more than `limit` bytes. Throws only where the connection fails. */
export async function readText({ body }: Response, limit = 65_536): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > limit) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

/** The SHA-256 of a text's UTF-8 bytes. */
export async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(text)))
}

/** The same in lower-case hexadecimal. */
export async function sha256(text: string): Promise<string> {
  return toHex(await digest(text))
}

/** Bytes in lower-case hexadecimal. */
export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Escapes what a terminal could take for a command or the end of a line, so that foreign text cannot forge lines of output. */
export function escapeControlCharacters(line: string): string {
  return line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

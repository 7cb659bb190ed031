/** The value of each byte as a base64url digit, -1 where it is none. */
let values: Int8Array | undefined
let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

/**
 * Decodes base64url without padding (RFC 4648 section 5, as RFC 7515 appendix C uses it), strictly: undefined for any
 * other character, a padding, an impossible length, or left-over bits that are not zero. The bytes take the place of the
 * text: a copy would cost as much as the decoding.
 */
export function decodeBase64Url(text: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  values ??= digitValues()
  const digits = values
  const digit = (index: number) => digits[text[index] ?? 0] ?? -1
  const rest = text.length % 4
  let size = 0
  let index = 0
  // Negative from the first character on that is no digit.
  let all = 0
  while (index < text.length - rest) {
    const word = (digit(index++) << 18) | (digit(index++) << 12) | (digit(index++) << 6) | digit(index++)
    all |= word
    text[size++] = word >> 16
    text[size++] = word >> 8
    text[size++] = word
  }
  if (rest) {
    const word = (digit(index++) << 10) | (digit(index++) << 4) | (rest > 2 ? digit(index) >> 2 : 0)
    all |= word | -(rest > 2 ? digit(index) & 3 : word & 255)
    text[size++] = word >> 8
    if (rest > 2) text[size++] = word
  }
  return all < 0 ? undefined : text.subarray(0, size)
}

function digitValues(): Int8Array {
  const digits = new Int8Array(256).fill(-1)
  let value = 0
  // From the first character of each to the second.
  for (const range of ['AZ', 'az', '09', '--', '__']) {
    for (let code = range.charCodeAt(0); code <= range.charCodeAt(1); code++) digits[code] = value++
  }
  return digits
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
export function decodeJsonObject(part: Uint8Array<ArrayBuffer>): Record<string, unknown> | undefined {
  try {
    const bytes = decodeBase64Url(part)
    decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

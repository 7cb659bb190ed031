import { base64url } from 'jose'
import { ConfigurationError } from '../errors.ts'

const alphanumerics = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const lowerAlphanumerics = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Gives as many bytes as asked for. */
export type RandomBytes = (length: number) => Uint8Array

/** Everything a local world leaves to chance, except keys and signatures. */
export interface Randomness {
  /** A version 4 UUID (RFC 9562 section 5.4). */
  uuid(): string
  /** Characters of `0-9A-Za-z`. */
  alphanumeric(length: number): string
  /** Characters of `0-9a-z`. */
  lowerAlphanumeric(length: number): string
  /** `length` bytes as base64url text. */
  opaque(length: number): string
  /** `length` bytes in hexadecimal. */
  hex(length: number): string
  /** Decimal digits, as many as asked for. */
  digits(length: number): string
  /** At least 0 and less than 1. */
  fraction(): number
}

/** The randomness that `randomBytes` makes; by default that of Web Crypto. */
export function createRandomness(randomBytes: RandomBytes = webCryptoBytes): Randomness {
  const bytes = (length: number): Uint8Array => {
    const drawn = randomBytes(length)
    if (drawn.length !== length) {
      throw new ConfigurationError('randomBytes: expected as many bytes as were asked for.')
    }
    return drawn
  }
  const pick = (alphabet: string, length: number) =>
    Array.from(bytes(length), (byte) => alphabet.charAt(byte % alphabet.length)).join('')
  return {
    uuid() {
      const hex = Array.from(bytes(16), (byte, index) => {
        if (index === 6) return ((byte & 0x0f) | 0x40).toString(16).padStart(2, '0')
        if (index === 8) return ((byte & 0x3f) | 0x80).toString(16).padStart(2, '0')
        return byte.toString(16).padStart(2, '0')
      }).join('')
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
    },
    alphanumeric: (length) => pick(alphanumerics, length),
    lowerAlphanumeric: (length) => pick(lowerAlphanumerics, length),
    opaque: (length) => base64url.encode(bytes(length)),
    hex: (length) => Array.from(bytes(length), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    digits: (length) => pick('0123456789', length),
    fraction: () => bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32,
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32); good enough to decide which requests fail. */
export function createSeededFraction(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function webCryptoBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

import type { Randomness } from '../randomness.ts'
import type { SrpExchange } from '../state/index.ts'

// The server's half of the Secure Remote Password protocol as Cognito speaks it: the 3072-bit group of RFC 5054 with
// SHA-256, where `k` is the hash of N and g without padding. The maths are the local AWS's own and shared with no client.

/** The verifier of a password: g to the power of the hash of salt, name and password. `owner` is pool part and name. */
export async function computeVerifier(owner: string, password: string, salt: string): Promise<string> {
  const inner = await sha256(new TextEncoder().encode(`${owner}:${password}`))
  const x = await hashNumbers(hexToBytes(padHex(salt)), inner)
  return power(2n, x).toString(16)
}

/** The server's answer to the client's `A`. */
export function startExchange(verifier: string, salt: string, A: string, random: Pick<Randomness, 'hex'>): SrpExchange {
  const b = random.hex(32)
  const B = (multiplier() * BigInt(`0x${verifier}`) + power(2n, BigInt(`0x${b}`))) % prime()
  return { salt, verifier, b, B: B.toString(16), A: BigInt(`0x${A}`).toString(16) }
}

/** A salt of 16 bytes, in the form of `SrpExchange`. */
export function createSalt(random: Pick<Randomness, 'hex'>): string {
  return BigInt(`0x${random.hex(16)}`).toString(16)
}

/** Whether `A` is a public value that a server may go on with (RFC 5054 section 2.5.4). */
export function isPublicValue(A: string): boolean {
  return /^[0-9a-f]+$/i.test(A) && A.length <= 800 && BigInt(`0x${A}`) % prime() !== 0n
}

/** The signature by which the client shows that it knows the password, in base64. */
export async function computeSignature(
  exchange: SrpExchange,
  owner: string,
  secretBlock: string,
  timestamp: string,
): Promise<string> {
  const { A, B, b, verifier } = exchange
  const u = await hashNumbers(hexToBytes(padHex(A)), hexToBytes(padHex(B)))
  const S = power((BigInt(`0x${A}`) * power(BigInt(`0x${verifier}`), u)) % prime(), BigInt(`0x${b}`))
  const material = await crypto.subtle.importKey('raw', hexToBytes(padHex(S.toString(16))), 'HKDF', false, [
    'deriveBits',
  ])
  const info = new TextEncoder().encode('Caldera Derived Key')
  const salt = hexToBytes(padHex(u.toString(16)))
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, material, 128)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bits, algorithm, false, ['sign'])
  const head = new TextEncoder().encode(owner)
  const block = Uint8Array.from(atob(secretBlock), (character) => character.charCodeAt(0))
  const message = joinBytes(head, block, new TextEncoder().encode(timestamp))
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
  return btoa(String.fromCharCode(...signature))
}

/** 32 hexadecimal digits that are always the same for a name: what an unknown user is answered with where the client hides that. */
export async function derivePretended(seed: string): Promise<string> {
  const digest = await sha256(new TextEncoder().encode(seed))
  return bytesToNumber(digest.slice(0, 16)).toString(16).padStart(32, '0')
}

/** Two's complement, as Java writes integers: an even number of digits, and zeros before a high bit. */
function padHex(hex: string): string {
  const even = hex.length % 2 === 1 ? `0${hex}` : hex
  return /^[89a-f]/i.test(even) ? `00${even}` : even
}

function power(base: bigint, exponent: bigint): bigint {
  const modulus = prime()
  let result = 1n
  for (const digit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (digit === '1') result = (result * base) % modulus
  }
  return result
}

async function hashNumbers(...parts: readonly Uint8Array[]): Promise<bigint> {
  return bytesToNumber(await sha256(joinBytes(...parts)))
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function hexToBytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  )
}

function bytesToNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
}

/** SHA-256 of 00 ‖ N ‖ 02. */
function multiplier(): bigint {
  return 0x538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6n
}

/** N of RFC 5054, appendix A, 3072 bits (RFC 3526 group 15). */
function prime(): bigint {
  return 0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffffn
}

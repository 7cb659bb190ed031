import { assertConfig } from '../errors.ts'
import { encodeUtf8 } from '../internal/encoding.ts'
import { SignInError } from './error.ts'

/**
 * SRP-6a as Cognito does it: the 3072-bit group of RFC 5054 with g = 2, SHA-256, integers hashed as in Java's
 * `BigInteger.toByteArray`, and k over N and g without RFC 5054's padding. BigInt takes different times for different
 * numbers; SECURITY.md says what that means.
 */

/** Who proves a password to whom: a user to a pool, or a device to its group. */
export interface SrpIdentity {
  /** The part of the pool's id after `_`, or the device group's key. */
  readonly group: string
  /** `USER_ID_FOR_SRP`, or the device's key. */
  readonly name: string
  readonly password: string
}

/** What the server sends for the second step of SRP. */
export interface SrpChallenge {
  /** Hexadecimal. */
  readonly salt: string
  /** Hexadecimal. */
  readonly srpB: string
  /** Base64. */
  readonly secretBlock: string
}

/** One side's secret number and what the other one gets to see of it. Good for one exchange. */
export interface SrpKeys {
  readonly a: bigint
  /** Hexadecimal: `SRP_A`. */
  readonly srpA: string
}

type RandomBytes = (length: number) => Uint8Array
type Bytes = Uint8Array<ArrayBuffer>

interface Group {
  /** The modulus. */
  readonly n: bigint
  /** The multiplier. */
  readonly k: bigint
}

let known: Group | undefined

/**
 * Made when it is first needed, in less than a millisecond: the prime is defined by the digits of π (RFC 3526 section 4), and
 * takes less room so than written out.
 */
function group(): Group {
  const pi = () => 16n * arccot(5n) - 4n * arccot(239n)
  known ??= {
    n: (1n << 3072n) - (1n << 3008n) - 1n + (((pi() >> 130n) + 1_690_314n) << 64n),
    // SHA-256 of 00, N and 02.
    k: 0x538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6n,
  }
  return known
}

/** 2 to the power of 3072 times the arc whose cotangent is `x`, by Gregory's series. */
function arccot(x: bigint): bigint {
  let sum = 0n
  for (let term = (1n << 3072n) / x, odd = 1n; term; term /= -x * x, odd += 2n) sum += term / odd
  return sum
}

/** A fresh secret number of 256 bits, and g to its power. */
export function createSrpKeys(randomBytes: RandomBytes): SrpKeys {
  const bytes = randomBytes(32)
  const a = BigInt(`0x0${hexOf(bytes)}`)
  assertConfig('randomBytes', bytes.length === 32 && a > 0n, 'as many random bytes as were asked for.')
  return { a, srpA: powerOfTwo(a).toString(16) }
}

/**
 * The answer to the second step, without what does not depend on the password. Throws SignInError where the server's values
 * are not acceptable: then nothing that depends on the password has been computed.
 */
export async function answerSrp(
  { a, srpA }: SrpKeys,
  { salt, srpB, secretBlock }: SrpChallenge,
  identity: SrpIdentity,
  timestamp: string,
): Promise<{ readonly PASSWORD_CLAIM_SIGNATURE: string }> {
  const { n, k } = group()
  const b = readHex(srpB, 770)
  const block = decodeBase64(secretBlock)
  const saltHex = padHex(readHex(salt, 1024))
  if (b <= 0n || b >= n) throw new SignInError('SRP_REFUSED')
  const scrambler = await sha256(bytesOf(padHex(BigInt(`0x${srpA}`)) + padHex(b)))
  const u = BigInt(`0x${hexOf(scrambler)}`)
  if (u === 0n) throw new SignInError('SRP_REFUSED')
  const x = await privateKey(saltHex, identity)
  // The difference may be negative, and the base of a power must not be.
  const base = (((b - k * powerOfTwo(x)) % n) + n) % n
  const secret = await crypto.subtle.importKey('raw', bytesOf(padHex(power(base, a + u * x))), 'HKDF', false, [
    'deriveBits',
  ])
  const derivation = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: bytesOf(padHex(u)),
    info: encodeUtf8('Caldera Derived Key'),
  }
  const key = await crypto.subtle.deriveBits(derivation, secret, 128)
  const { group: groupName, name } = identity
  const message = [encodeUtf8(groupName + name), block, encodeUtf8(timestamp)].map(hexOf).join('')
  return { PASSWORD_CLAIM_SIGNATURE: encodeBase64(await hmac(key, bytesOf(message))) }
}

/** What proves a device later, without its password: for ConfirmDevice. The salt has 16 bytes. */
export async function createVerifier(
  identity: SrpIdentity,
  salt: Uint8Array,
): Promise<{ readonly Salt: string; readonly PasswordVerifier: string }> {
  const saltHex = padHex(BigInt(`0x${hexOf(salt)}`))
  const verifier = powerOfTwo(await privateKey(saltHex, identity))
  return { Salt: encodeBase64(bytesOf(saltHex)), PasswordVerifier: encodeBase64(bytesOf(padHex(verifier))) }
}

/** The time as the second step wants it: `Thu Nov 5 09:07:03 UTC 2026`. */
export function srpTimestamp(milliseconds: number): string {
  const [weekday, day, month, year, time] = new Date(milliseconds).toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`
}

/** Cognito's `SECRET_HASH`: HMAC-SHA256 of user name and client id by the client's secret, in base64. */
export async function secretHash(secret: string, username: string, clientId: string): Promise<string> {
  assertConfig('secretHash: secret', typeof secret === 'string' && secret, 'the secret of the app client.')
  return encodeBase64(await hmac(encodeUtf8(secret), encodeUtf8(username + clientId)))
}

/** x: the hash of the salt and of the hash of group, name and password. */
async function privateKey(saltHex: string, { group: groupName, name, password }: SrpIdentity): Promise<bigint> {
  assertConfig('password', isWellFormed(password), 'well-formed Unicode text.')
  const inner = await sha256(encodeUtf8(`${groupName}${name}:${password}`))
  return BigInt(`0x${hexOf(await sha256(bytesOf(saltHex + hexOf(inner))))}`)
}

/** A lone surrogate has no UTF-8: it would be hashed as another character, and so fit another password. */
export function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text)
}

/** A power of g, which is 2: multiplying by it is a shift, so five bits of the exponent cost one. */
function powerOfTwo(exponent: bigint): bigint {
  const { n } = group()
  let result = 1n
  for (const digit of exponent.toString(32)) {
    for (let square = 0; square < 4; square++) result = (result * result) % n
    result = ((result * result) << BigInt(Number.parseInt(digit, 32))) % n
  }
  return result
}

/** A power of any base, by windows of five bits. */
function power(base: bigint, exponent: bigint): bigint {
  const { n } = group()
  const powers = [1n]
  for (let at = 1; at < 32; at++) powers.push(((powers[at - 1] ?? 0n) * base) % n)
  let result = 1n
  for (const digit of exponent.toString(32)) {
    for (let square = 0; square < 5; square++) result = (result * result) % n
    if (digit !== '0') result = (result * (powers[Number.parseInt(digit, 32)] ?? 0n)) % n
  }
  return result
}

function readHex(text: string, longest: number): bigint {
  if (text.length > longest || !/^[\da-f]+$/i.test(text)) throw new SignInError('SRP_REFUSED')
  return BigInt(`0x${text}`)
}

/** Bytes as two's complement has them: as few as possible, with 00 before a high bit. */
function padHex(value: bigint): string {
  const hex = value.toString(16)
  const even = hex.length % 2 ? `0${hex}` : hex
  return /^[89a-f]/.test(even) ? `00${even}` : even
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function bytesOf(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

async function hmac(key: BufferSource, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message))
}

export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

export function decodeBase64(text: string): Bytes {
  try {
    if (text.length > 65_536) throw undefined
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    throw new SignInError('SRP_REFUSED')
  }
}

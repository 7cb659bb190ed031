import type { Randomness } from '../randomness.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A secret for a TOTP application: 32 characters of base32 (RFC 4648 section 6). */
export function createTotpSecret(random: Pick<Randomness, 'hex'>): string {
  return toBase32(BigInt(`0x${random.hex(20)}`))
}

/**
 * The time step to which a code belongs: the present one, or one beside it, whose codes Cognito takes too. Undefined
 * for a code that does not fit. RFC 6238 with HMAC-SHA-1, six digits and steps of 30 seconds.
 */
export async function findTotpStep(secret: string, code: string, now: number): Promise<number | undefined> {
  const present = Math.floor(now / 30_000)
  for (const step of [present, present - 1, present + 1]) if ((await computeTotp(secret, step)) === code) return step
  return undefined
}

/** The code of a time step (RFC 4226 section 5.3). */
export async function computeTotp(secret: string, step: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', fromBase32(secret), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
  const message = new DataView(new ArrayBuffer(8))
  message.setBigUint64(0, BigInt(step))
  const digest = new DataView(await crypto.subtle.sign('HMAC', key, message))
  const offset = digest.getUint8(19) & 0x0f
  const number = (digest.getUint32(offset) & 0x7fffffff) % 1_000_000
  return String(number).padStart(6, '0')
}

function toBase32(number: bigint): string {
  return Array.from({ length: 32 }, (_, index) => alphabet[Number((number >> BigInt(155 - 5 * index)) & 31n)]).join('')
}

function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from({ length: Math.floor(bits.length / 8) }, (_, index) =>
    Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2),
  )
}

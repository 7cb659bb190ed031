import { describe, expect, it } from 'vitest'
import { answerSrp, createSrpKeys, secretHash, srpTimestamp } from '../../src/sign-in/srp.ts'
import vectors from './srp-vectors.json' with { type: 'json' }

const timestamp = 'Thu Nov 5 09:07:03 UTC 2026'
const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

describe('SRP', () => {
  it.each(vectors)(
    'gives what amazon-cognito-identity-js and the server of cognito-srp gave: $title',
    async (vector) => {
      const { group, name, password, salt, a, srpB, srpA, signature } = vector
      const keys = createSrpKeys(() => bytesOf(a))
      expect(keys.srpA).toBe(srpA)
      const challenge = { salt, srpB, secretBlock: btoa('a secret block') }
      const { PASSWORD_CLAIM_SIGNATURE } = await answerSrp(keys, challenge, { group, name, password }, timestamp)
      expect(PASSWORD_CLAIM_SIGNATURE).toBe(signature)
    },
  )

  it.each([
    [Date.UTC(2026, 10, 5, 9, 7, 3), 'Thu Nov 5 09:07:03 UTC 2026'],
    [Date.UTC(2024, 1, 29, 23, 59, 59), 'Thu Feb 29 23:59:59 UTC 2024'],
    [0, 'Thu Jan 1 00:00:00 UTC 1970'],
  ])('writes the time %d without a leading zero in the day', (milliseconds, text) => {
    expect(srpTimestamp(milliseconds)).toBe(text)
  })

  it('takes no bytes that are none', () => {
    for (const bytes of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array()]) {
      expect(() => createSrpKeys(() => bytes)).toThrow('randomBytes')
    }
  })

  it('makes the secret hash of RFC 2104 over name and client', async () => {
    // RFC 4231 section 4.3: key "Jefe", data "what do ya want for nothing?".
    const mac = bytesOf('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    expect(await secretHash('Jefe', 'what do ya want ', 'for nothing?')).toBe(btoa(String.fromCharCode(...mac)))
  })
})

import { expect, it } from 'vitest'
import { computeTotp, createTotpSecret, findTotpStep } from '../../../src/local/cognito-idp/totp.ts'

/** The secret of RFC 6238, appendix B, in base32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('has the code of RFC 6238 at %i seconds', async (seconds, code) => {
  expect(await computeTotp(secret, Math.floor(seconds / 30))).toBe(code)
  expect(await findTotpStep(secret, code, seconds * 1000)).toBe(Math.floor(seconds / 30))
  expect(await findTotpStep(secret, code, (seconds + 30) * 1000)).toBe(Math.floor(seconds / 30))
  expect(await findTotpStep(secret, code, (seconds + 60) * 1000)).toBeUndefined()
})

it('makes secrets of 32 characters of base32', () => {
  expect(createTotpSecret({ hex: () => '3132333435363738393031323334353637383930' })).toBe(secret)
})

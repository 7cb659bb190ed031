import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

let key: TestKey

beforeAll(async () => {
  key = await createKey('key-1')
})

const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({ ...new TestIssuer(key).settings, ...options } as GuardOptions)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('the length of a token', () => {
  /** Signs a token of exactly so many characters; a member of the header makes up for lengths base64url cannot have. */
  async function tokenOf(length: number): Promise<string> {
    const encoded = (bytes: number) => Math.ceil((bytes * 4) / 3)
    for (let pad = 0; pad < 4; pad++) {
      const header = { typ: 'x'.repeat(pad) }
      const fixed = encoded(JSON.stringify({ alg: 'RS256', kid: key.kid, ...header }).length) + 2 + encoded(256)
      const empty = JSON.stringify(accessClaims({ filler: '' })).length
      for (let filler = 0; filler < 16_384; filler++) {
        if (fixed + encoded(empty + filler) === length)
          return sign(key, accessClaims({ filler: 'x'.repeat(filler) }), header)
      }
    }
    throw new Error('no such length')
  }

  it('is 16,384 characters at the most', async () => {
    const [longest, longer] = [await tokenOf(16_384), await tokenOf(16_385)]
    expect([longest.length, longer.length]).toEqual([16_384, 16_385])
    expect(await codeOf(guardOf().verify(longest))).toBe('accepted')
    expect(await codeOf(guardOf().verify(longer))).toBe('TOKEN_MALFORMED')
  })
})

describe('forms of other kinds', () => {
  it.each(['', '.', '..', '...', 'a', 'a.b', 'Stryker', '.e30.e30', 'e30..e30', 'e30.e30.', 'é.e30.e30'])(
    '%j is malformed',
    async (token) => {
      expect(await codeOf(guardOf().verify(token))).toBe('TOKEN_MALFORMED')
    },
  )
})

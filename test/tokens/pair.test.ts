import { beforeAll, describe, expect, it } from 'vitest'
import { createGuard, type GuardOptions } from '../../src/index.ts'
import { accessClaims, createKey, idClaims, sign, TestIssuer, type TestKey } from '../support/issuer.ts'

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

describe('at_hash', () => {
  it('must be right to the last byte', async () => {
    const accessToken = await sign(key, accessClaims())
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken)))
    const hashOf = (bytes: Uint8Array) =>
      btoa(String.fromCharCode(...bytes))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '')
    const outcome = async (bytes: Uint8Array) => {
      const idToken = await sign(key, idClaims({ at_hash: hashOf(bytes) }))
      return codeOf(guardOf().verifyTokens({ idToken, accessToken }))
    }
    const half = digest.slice(0, 16)
    expect(await outcome(half)).toBe('accepted')
    for (const index of [0, 8, 15]) {
      expect(await outcome(half.map((byte, at) => (at === index ? byte ^ 1 : byte)))).toBe('TOKENS_MISMATCHED')
    }
    expect(await outcome(digest.slice(0, 15))).toBe('TOKENS_MISMATCHED')
    expect(await outcome(digest.slice(0, 17))).toBe('TOKENS_MISMATCHED')
    expect(await outcome(digest)).toBe('TOKENS_MISMATCHED')
  })
})

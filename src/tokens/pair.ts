import { decodeBase64Url, digest } from '../internal/encoding.ts'
import { AuthenticationError } from '../errors.ts'
import { claim } from '../internal/claims.ts'
import { wrongClaim } from './claims.ts'
import type { VerifiedToken } from './verify.ts'

/**
 * Checks that an ID token and an access token come from one sign-in: same issuer, subject and client, the same `origin_jti`
 * where either has one, and `at_hash`, where present, as OpenID Connect Core section 3.1.3.6 defines it.
 * Throws AuthenticationError `TOKENS_MISMATCHED`.
 */
export async function checkTokenPair(id: VerifiedToken, access: VerifiedToken): Promise<void> {
  for (const [name, expected, actual] of [
    ['iss', id.issuer.issuer, access.issuer.issuer],
    ['sub', id.claims.sub, access.claims.sub],
    ['client_id', id.claims.clientId, access.claims.clientId],
    ['origin_jti', claim(id.payload, 'origin_jti'), claim(access.payload, 'origin_jti')],
  ] as const) {
    if (expected !== actual) throw wrongClaim('TOKENS_MISMATCHED', name, expected, actual)
  }
  if (!(await isHash(claim(id.payload, 'at_hash'), access.token))) {
    throw new AuthenticationError('TOKENS_MISMATCHED', { claim: 'at_hash' })
  }
}

/** Whether `hash`, where there is one, is the left half of the token's SHA-256. */
async function isHash(hash: unknown, token: string): Promise<boolean> {
  if (hash === undefined) return true
  const expected = await digest(token)
  const bytes = typeof hash === 'string' ? decodeBase64Url(hash) : undefined
  return bytes?.length === expected.length / 2 && bytes.every((byte, index) => byte === expected[index])
}

import { AuthenticationError, assertConfig } from '../errors.ts'
import type { KeySource } from './remote.ts'
import { importKeys, type Jwk, type JwkSet, type SigningKeys, usableKeys } from './jwk.ts'

/** Key ids of local pools begin with this. */
const LOCAL_KEY_PREFIX = 'cognigate-local-'

/** How the moduli of the keys begin whose private halves stand in public repositories: cognito-local's and moto's. */
const publishedModulus = /^(2uLO7yh1_6Ic|j1pT3xKbswmM)/

/**
 * A fixed key set, which is never fetched and never out of date. Throws ConfigurationError where no key of it is usable, or
 * where it holds a key whose private half is public or local.
 */
export function createStaticKeys(jwks: JwkSet, allowTestKeys = false): KeySource {
  const usable = usableKeys(jwks)
  assertConfig('jwks', usable.length, 'a JWK Set with an RS256 signature key')
  const isTestKey = ({ kid, n }: Jwk) => kid.startsWith(LOCAL_KEY_PREFIX) || publishedModulus.test(n)
  assertConfig(
    'jwks',
    allowTestKeys || !usable.some(isTestKey),
    'no keys that anybody can sign with, unless `allowTestKeys` is set',
  )
  let keys: SigningKeys | undefined
  async function prefetch(): Promise<void> {
    keys ??= await importKeys(usable, new Map())
  }
  return {
    current: (kid) => keys?.get(kid),
    prefetch,
    async find(kid) {
      await prefetch()
      const key = keys?.get(kid)
      if (!key) throw new AuthenticationError('KEY_UNKNOWN')
      return key
    },
  }
}

import { ConfigurationError } from '../errors.ts'
import { type Jwk, type JwkSet, usableKeys } from './signing-key.ts'

/** Key ids of local pools begin with this. */
const LOCAL_KEY_PREFIX = 'cognigate-local-'

/** How the moduli of the keys begin whose private halves stand in public repositories: cognito-local's and moto's. */
const publishedModulus = '2uLO7yh1_6Icfd89V3nNTc|j1pT3xKbswmMySvCefmiD3'

/**
 * The keys of a fixed key set. Throws ConfigurationError where no key of it is usable, or where it holds a key whose private
 * half is public or local.
 */
export function readStaticKeys(jwks: JwkSet, allowTestKeys: boolean): readonly Jwk[] {
  const usable = usableKeys(jwks)
  if (!usable.length) throw new ConfigurationError('jwks: expected a JWK Set with an RS256 signature key.')
  if (
    !allowTestKeys &&
    usable.some(({ kid, n }) => kid.startsWith(LOCAL_KEY_PREFIX) || n.match(`^(${publishedModulus})`))
  ) {
    throw new ConfigurationError('jwks: expected no test keys, which let anybody in, unless `allowTestKeys` is set.')
  }
  return usable
}

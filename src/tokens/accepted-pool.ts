import { ConfigurationError } from '../errors.ts'
import { issuersOf } from '../pool.ts'
import { type Fetch, fetchKeys } from './fetch-keys.ts'
import type { KeySource } from './key-source.ts'
import type { KeyStore } from './key-store.ts'
import { createRemoteKeys, type RemoteKeysOptions } from './remote-keys.ts'
import type { JwkSet } from './signing-key.ts'
import { readStaticKeys } from './static-keys.ts'

/** One user pool whose tokens are accepted, as it is configured. */
export interface PoolSettings {
  /** Such as `eu-west-1_AbCdEfGhI`. */
  readonly userPoolId: string
  /**
   * The app client or clients whose tokens are accepted. `null` accepts any client of the pool, which is the only way to
   * do so and rarely right: in a pool with open client registration it admits whoever registers one.
   */
  readonly clientId: string | readonly string[] | null
  /** Replaces both issuers that follow from the pool id, for emulators; the form of the pool id is then not checked. */
  readonly issuer?: string | undefined
  /** A fixed key set (nothing is fetched), or a store outside the isolate that keeps fetched ones. Default: memory only. */
  readonly jwks?: JwkSet | KeyStore | undefined
}

/** One issuer of one pool, ready for use. */
export interface AcceptedIssuer {
  readonly issuer: string
  readonly userPoolId: string
  /** Empty accepts any client. */
  readonly clientIds: readonly string[]
  readonly keys: KeySource
}

/** How keys are fetched and kept, whatever the issuer. */
export interface KeyOptions extends Omit<RemoteKeysOptions, 'load' | 'store'> {
  readonly fetch: Fetch
}

/** Checks the settings of pools, and names their issuers. Throws ConfigurationError. */
export function acceptPools(
  pools: readonly PoolSettings[],
  { fetch, ...remote }: KeyOptions,
  allowTestKeys: boolean,
): ReadonlyMap<string, AcceptedIssuer> {
  const accepted = new Map<string, AcceptedIssuer>()
  for (const { userPoolId, clientId, issuer, jwks } of pools) {
    const clientIds = clientIdsOf(clientId)
    for (const name of issuer === undefined ? issuersOf(userPoolId) : [checkIssuer(issuer)]) {
      if (accepted.has(name))
        throw new ConfigurationError('pools: expected each pool once, if need be with several client ids.')
      const load = (signal: AbortSignal) => fetchKeys(name, fetch, signal)
      const keys = createRemoteKeys(name, { ...remote, load, ...optionsFor(jwks, allowTestKeys) })
      accepted.set(name, { issuer: name, userPoolId, clientIds, keys })
    }
  }
  if (accepted.size === 0) throw new ConfigurationError('pools: expected at least one pool.')
  return accepted
}

/** A fixed key set is an issuer that answers at once and is never out of date. */
function optionsFor(jwks: JwkSet | KeyStore | undefined, allowTestKeys: boolean): Partial<RemoteKeysOptions> {
  if (jwks === undefined) return {}
  if (typeof jwks === 'object' && 'get' in jwks) return { store: jwks }
  const keys = readStaticKeys(jwks, allowTestKeys)
  return { load: async () => keys, softAge: Infinity, hardAge: Infinity, cooldown: 0 }
}

function clientIdsOf(clientId: PoolSettings['clientId']): readonly string[] {
  if (clientId === null) return []
  const ids = [clientId].flat()
  if (ids.length === 0 || !ids.every((id) => id && typeof id === 'string')) {
    throw new ConfigurationError('clientId: expected an app client id, or several, or null to accept any client.')
  }
  return ids
}

function checkIssuer(issuer: string): string {
  if (!/^https?:\/\/[^?#\s]*[^/?#\s]$/.test(issuer)) {
    throw new ConfigurationError('issuer: expected an http(s) URL without query or final slash.')
  }
  return issuer
}

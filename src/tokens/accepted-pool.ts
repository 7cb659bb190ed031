import { ConfigurationError } from '../errors.ts'
import { issuersOf } from '../pool.ts'
import { type Fetch, fetchKeys } from './fetch-keys.ts'
import type { KeySource } from './key-source.ts'
import type { KeyStore } from './key-store.ts'
import { createRemoteKeys, type RemoteKeysOptions } from './remote-keys.ts'
import type { JwkSet } from './signing-key.ts'
import { createStaticKeys } from './static-keys.ts'

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
  /** Whether a fixed key set may hold keys that anybody can sign with. */
  readonly allowTestKeys: boolean
}

/** Checks the settings of pools, and names their issuers. Throws ConfigurationError. */
export function acceptPools(pools: readonly PoolSettings[], options: KeyOptions): ReadonlyMap<string, AcceptedIssuer> {
  const accepted = new Map<string, AcceptedIssuer>()
  for (const { userPoolId, clientId, issuer, jwks } of pools) {
    const clientIds = clientIdsOf(clientId)
    for (const name of issuer === undefined ? issuersOf(userPoolId) : [checkIssuer(issuer)]) {
      if (accepted.has(name))
        throw new ConfigurationError('pools: expected each pool once, if need be with several client ids.')
      accepted.set(name, { issuer: name, userPoolId, clientIds, keys: keysOf(name, jwks, options) })
    }
  }
  if (accepted.size === 0) throw new ConfigurationError('pools: expected at least one pool.')
  return accepted
}

function keysOf(issuer: string, jwks: PoolSettings['jwks'], options: KeyOptions): KeySource {
  const load = (signal: AbortSignal) => fetchKeys(issuer, options.fetch, signal)
  if (jwks === undefined) return createRemoteKeys(issuer, { ...options, load })
  if (typeof jwks === 'object' && 'get' in jwks) return createRemoteKeys(issuer, { ...options, load, store: jwks })
  return createStaticKeys(jwks, options.allowTestKeys)
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

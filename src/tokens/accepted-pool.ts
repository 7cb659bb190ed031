import { isTexts } from '../encoding.ts'
import { must } from '../errors.ts'
import { issuersOf } from './issuers.ts'
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

/** How the keys of pools are fetched and kept, and which of a fixed set are accepted. */
export interface KeyOptions extends RemoteKeysOptions {
  /** Whether a fixed key set may hold keys that anybody can sign with. Default false. */
  readonly allowTestKeys?: boolean | undefined
}

/** Checks the settings of pools, and names their issuers. Throws ConfigurationError. */
export function acceptPools(pools: readonly PoolSettings[], options: KeyOptions): ReadonlyMap<string, AcceptedIssuer> {
  const accepted = new Map<string, AcceptedIssuer>()
  for (const { userPoolId, clientId, issuer: only, jwks } of pools) {
    const clientIds = clientId === null ? [] : [clientId].flat()
    const named = clientIds.length > 0 && isTexts(clientIds) && !clientIds.includes('')
    must('clientId', clientId === null || named, 'an app client id, an array of them, or null for any client')
    const form = /^https?:\/\/[^?#\s]*[^/?#\s]$/
    must('issuer', only === undefined || form.test(only), 'an http(s) URL without query or final slash')
    for (const issuer of only === undefined ? issuersOf(userPoolId) : [only]) {
      must('pools', !accepted.has(issuer), 'each pool once')
      accepted.set(issuer, { issuer, userPoolId, clientIds, keys: keysOf(issuer, jwks, options) })
    }
  }
  must('pools', accepted.size, 'at least one pool')
  return accepted
}

function keysOf(issuer: string, jwks: PoolSettings['jwks'], options: KeyOptions): KeySource {
  if (jwks === undefined) return createRemoteKeys(issuer, options)
  if (typeof jwks === 'object' && 'get' in jwks) return createRemoteKeys(issuer, options, jwks)
  return createStaticKeys(jwks, options.allowTestKeys)
}

import { assertConfig } from '../errors.ts'
import { regionOf, serviceHost } from '../internal/regions.ts'
import type { JwkSet } from './jwk.ts'
import { createRemoteKeys, type KeySource, type RemoteKeysOptions, type RequestContext } from './remote.ts'
import { createStaticKeys } from './static.ts'
import type { KeyStore } from './store.ts'

/** One user pool whose tokens are accepted, as it is configured. */
export interface PoolSettings {
  /** Such as `eu-west-1_AbCdEfGhI`. */
  readonly userPoolId: string
  /**
   * The app client or clients whose tokens are accepted. `null` accepts any client of the pool, which is the only way to
   * do so and rarely right: in a pool with open client registration it admits whoever registers one.
   */
  readonly clientId: string | readonly string[] | null
  /**
   * The other regions of a pool that Cognito replicates, such as `['us-west-2']`: tokens whose issuer names one of them are
   * of the same pool. Default: none.
   */
  readonly replicaRegions?: readonly string[] | undefined
  /**
   * Replaces the issuers that follow from the pool id, for emulators; the form of the pool id is then not checked. An https
   * URL without query or final slash; `http:` on loopback hosts only, unless `allowTestKeys` is set.
   */
  readonly issuer?: string | undefined
  /**
   * Where the keys are, if not below the issuer: an emulator that a container reaches by another name, a mirror. The keys
   * found there are those of every issuer of the pool. https, as for `issuer`.
   */
  readonly jwksUrl?: string | undefined
  /** A fixed key set: nothing is fetched. */
  readonly jwks?: JwkSet | undefined
  /** Keeps fetched keys outside the isolate, so that fresh ones need not ask the issuer. Default: memory only. */
  readonly keyStore?: KeyStore | undefined
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
  /**
   * For tests and emulators: whether a fixed key set may hold keys that anybody can sign with, and whether `issuer` and
   * `jwksUrl` may be `http:` addresses of other machines. Default false.
   */
  readonly allowTestKeys?: boolean | undefined
}

/** The issuers of pools, each with its keys. Throws ConfigurationError where a pool, or a region of it, is named twice or is none. */
export function acceptPools(pools: readonly PoolSettings[], options: KeyOptions): ReadonlyMap<string, AcceptedIssuer> {
  const accepted = new Map<string, AcceptedIssuer>()
  for (const pool of pools) {
    const { userPoolId, clientId, issuer: only, replicaRegions } = pool
    const clientIds = Object.freeze(clientId === null ? [] : [clientId].flat())
    for (const issuer of only === undefined ? issuersOf(userPoolId, replicaRegions) : [only]) {
      assertConfig('pools', !accepted.has(issuer), 'each pool once, and each of its regions')
      accepted.set(issuer, { issuer, userPoolId, clientIds, keys: keysOf(issuer, pool, options) })
    }
  }
  assertConfig('pools', accepted.size, 'at least one pool')
  return accepted
}

function keysOf(issuer: string, { jwks, jwksUrl, keyStore }: PoolSettings, options: KeyOptions): KeySource {
  if (jwks) return createStaticKeys(jwks, options.allowTestKeys)
  return createRemoteKeys({ issuer, url: jwksUrl ?? jwksUrlOf(issuer), store: keyStore }, options)
}

/**
 * Returns a function that fetches the keys of all pools before the first request. A pool uses one of its issuers, and the
 * others may refuse to answer: the first that gives keys is enough, and is asked first the next time. The function throws
 * UnavailableError if a pool has no keys.
 */
export function createPrefetch(accepted: ReadonlyMap<string, AcceptedIssuer>) {
  const pools = new Map<string, AcceptedIssuer[]>()
  for (const issuer of accepted.values()) {
    pools.set(issuer.userPoolId, [...(pools.get(issuer.userPoolId) ?? []), issuer])
  }
  async function prefetchPool(issuers: AcceptedIssuer[], context: RequestContext): Promise<void> {
    let failure: unknown
    for (const [at, issuer] of issuers.entries()) {
      try {
        await issuer.keys.prefetch(context)
        issuers.unshift(...issuers.splice(at, 1))
        return
      } catch (error) {
        failure ??= error
      }
    }
    throw failure
  }
  return async (context: RequestContext = {}): Promise<void> => {
    const outcomes = await Promise.allSettled([...pools.values()].map((issuers) => prefetchPool(issuers, context)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }
}

/**
 * The issuers of a user pool's tokens: the two of its own region, of which its `IssuerConfigurationType` says one, and where
 * the pool is replicated, one for each other region. Throws ConfigurationError for a region that there is not.
 */
export function issuersOf(userPoolId: string, replicaRegions: readonly string[] = []): readonly string[] {
  const [own, ...replicas] = [regionOf(userPoolId), ...replicaRegions].map(
    (region) => `${serviceHost('cognito-idp', region)}/${userPoolId}`,
  )
  return [`https://${own}`, `https://issuer-${own}`, ...replicas.map((host) => `https://${host}`)]
}

/** Where an issuer publishes its keys (OpenID Connect Discovery 1.0). */
export function jwksUrlOf(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`
}

import { isJsonObject } from '../../src/internal/encoding.ts'
import { assertConfig } from '../../src/errors.ts'
import type { KeyStore, KeyStoreEntry } from '../../src/index.ts'
import { checkOptions } from '../../src/internal/options.ts'

export interface KeyStoreOptions {
  /**
   * Seconds after which the platform drops an entry: at least 60, and better more than `maxAge` and `staleIfError` of the
   * guard's `keyCache` together, or an outage of the issuer is bridged no longer than this. Default 90,000 (25 hours).
   */
  readonly keepFor?: number | undefined
}

/** What is needed of the platform's `caches`. */
export interface NamedCaches {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>
    put(url: string, response: Response): Promise<void>
  }>
}

export interface CacheKeyStoreOptions extends KeyStoreOptions {
  /** The cache to be opened; let nothing else write to it. Default `cognigate-keys`. */
  readonly name?: string | undefined
  /** Replaces the platform's `caches`. */
  readonly caches?: NamedCaches | undefined
}

/** What is needed of the platform's KVNamespace. */
export interface KeyNamespace {
  get(key: string, type: 'json'): Promise<unknown>
  put(key: string, value: string, options: { readonly expirationTtl: number }): Promise<void>
}

/** An unchanged key set is written again only when it is newer by as much. In milliseconds. */
const REWRITE = 600_000

/**
 * Keeps key sets in a cache of their own (Cache API), which the isolates of one data centre share. Entries lie under a
 * host of the reserved domain `invalid` (RFC 6761 section 6.4), so that no request from outside names one. On
 * `workers.dev` the platform's caches keep nothing. Throws ConfigurationError where there is no Cache API.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { cacheKeyStore } from 'cognigate/workers'
 *
 * createGuard({
 *   userPoolId: 'eu-west-1_AbCdEfGhI',
 *   clientId: '1example23456789abcdefghij',
 *   keyStore: cacheKeyStore(),
 * })
 * ```
 */
export function cacheKeyStore(options: CacheKeyStoreOptions = {}): KeyStore {
  checkOptions<CacheKeyStoreOptions>('cacheKeyStore', options, ['keepFor', 'name', 'caches'])
  const { name = 'cognigate-keys', caches: storage = platformCaches() } = options
  const keepFor = checkKeepFor(options)
  assertConfig('cacheKeyStore', storage, 'a runtime with `caches`.')
  const named = name && typeof name === 'string' && name !== 'default'
  assertConfig('name', named, 'the name of a cache, not default.')
  const urlOf = (issuer: string) => `https://keys.cognigate.invalid/v1/${encodeURIComponent(issuer)}`
  return {
    async get(issuer) {
      const cache = await storage.open(name)
      return (await cache.match(urlOf(issuer)))?.json()
    },
    async put(issuer, entry) {
      const cache = await storage.open(name)
      await cache.put(urlOf(issuer), Response.json(entry, { headers: { 'cache-control': `max-age=${keepFor}` } }))
    },
  }
}

/**
 * Keeps key sets in a Workers KV namespace, which all isolates share; a write takes a minute or so to be seen
 * everywhere. Writes cost money, and anybody can cause a refresh by a token with an unknown key: an unchanged key set is
 * written again after ten minutes at the earliest. Throws ConfigurationError where `namespace` is none.
 *
 * @example
 * ```ts
 * import { createGuard } from 'cognigate'
 * import { type KeyNamespace, kvKeyStore, perEnv } from 'cognigate/workers'
 *
 * export const guardOf = perEnv((env: { readonly KEYS: KeyNamespace }) =>
 *   createGuard({
 *     userPoolId: 'eu-west-1_AbCdEfGhI',
 *     clientId: '1example23456789abcdefghij',
 *     keyStore: kvKeyStore(env.KEYS),
 *   }),
 * )
 * ```
 */
export function kvKeyStore(namespace: KeyNamespace, options: KeyStoreOptions = {}): KeyStore {
  checkOptions<KeyStoreOptions>('kvKeyStore', options, ['keepFor'])
  const expirationTtl = checkKeepFor(options)
  const bound = typeof namespace?.get === 'function' && typeof namespace.put === 'function'
  assertConfig('kvKeyStore', bound, 'a KV namespace; is its binding configured?')
  const keyOf = (issuer: string) => `cognigate:keys:v1:${issuer}`
  /** What the namespace is known to hold for an issuer. */
  const held = new Map<string, unknown>()
  return {
    async get(issuer) {
      const entry = await namespace.get(keyOf(issuer), 'json')
      held.set(issuer, entry)
      return entry
    },
    async put(issuer, entry) {
      if (isHeld(held.get(issuer), entry)) return
      await namespace.put(keyOf(issuer), JSON.stringify(entry), { expirationTtl })
      held.set(issuer, entry)
    },
  }
}

function platformCaches(): NamedCaches | undefined {
  return typeof caches === 'undefined' ? undefined : caches
}

/** Whether `held` serves as well as `entry`: the same keys, and hardly older. */
function isHeld(held: unknown, { issuer, fetchedAt, keys }: KeyStoreEntry): boolean {
  if (!isJsonObject(held) || held.issuer !== issuer || typeof held.fetchedAt !== 'number') return false
  const newerBy = fetchedAt - held.fetchedAt
  return newerBy >= 0 && newerBy < REWRITE && JSON.stringify(held.keys) === JSON.stringify(keys)
}

function checkKeepFor({ keepFor = 90_000 }: KeyStoreOptions): number {
  assertConfig('keepFor', Number.isInteger(keepFor) && keepFor >= 60, 'a whole number of seconds, at least 60.')
  return keepFor
}

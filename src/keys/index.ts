export {
  acceptPools,
  createPrefetch,
  issuersOf,
  type AcceptedIssuer,
  type KeyOptions,
  type PoolSettings,
} from './issuers.ts'
export type { Fetch, KeyCacheOptions, RequestContext } from './remote.ts'
export type { KeyStore, KeyStoreEntry } from './store.ts'
export { type Jwk, type JwkSet, type SigningKey, verifySignature } from './jwk.ts'

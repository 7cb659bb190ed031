import { isJsonObject } from '../internal/encoding.ts'
import { type Jwk, usableKeys } from './jwk.ts'

/** What a store holds for one issuer: JSON, public, and worthless to anybody but the issuer's verifiers. */
export interface KeyStoreEntry {
  readonly issuer: string
  /** When the issuer answered with these keys, in milliseconds since the epoch. */
  readonly fetchedAt: number
  readonly keys: readonly Jwk[]
}

/**
 * A place outside the isolate that keeps key sets, so that a fresh isolate need not ask the issuer. Whoever can write to
 * it can forge tokens: give it to nobody else. A `get` or `put` that fails is as good as an empty store.
 */
export interface KeyStore {
  /** The entry that was last put for `issuer`; anything else is taken for a miss. */
  get(issuer: string): Promise<unknown>
  put(issuer: string, entry: KeyStoreEntry): Promise<void>
}

/** What a store gave, if it is this issuer's entry, not from the future, and younger than `lifetime` (ms). */
export function checkEntry(entry: unknown, issuer: string, now: number, lifetime: number): KeyStoreEntry | undefined {
  if (!isJsonObject(entry) || entry.issuer !== issuer) return undefined
  const { fetchedAt } = entry
  if (typeof fetchedAt !== 'number' || !(fetchedAt <= now && now - fetchedAt < lifetime)) return undefined
  return { issuer, fetchedAt, keys: usableKeys(entry) }
}

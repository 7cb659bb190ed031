import type { SigningKey } from './signing-key.ts'

/** What a request brings along for work that may outlive its answer. */
export interface RequestContext {
  /** The platform's `waitUntil`, for store writes that the answer does not wait for. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** Where the signing keys of one issuer come from. */
export interface KeySource {
  /** The key, if it is known and nobody has to be asked first. */
  current(kid: string): SigningKey | undefined
  /**
   * The key, after whatever has to be asked. `issuedAt` is the token's `iat` in seconds.
   * Throws AuthenticationError `KEY_UNKNOWN`, or UnavailableError where that cannot be told now.
   */
  find(kid: string, issuedAt: number, context: RequestContext): Promise<SigningKey>
}

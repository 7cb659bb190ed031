import type { SigningKey } from './signing-key.ts'

/** What a request brings along for work that may outlive its answer. */
export interface RequestContext {
  /** The platform's `waitUntil`, for store writes that the answer does not wait for. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** How long keys and verified tokens are remembered. */
export interface CacheOptions {
  /** Seconds during which known keys serve without asking the issuer. Default 3,600. */
  readonly softAge?: number | undefined
  /** Seconds after which known keys are no longer used, even in an outage of the issuer. Default 86,400. */
  readonly hardAge?: number | undefined
  /** Seconds in which an issuer is not asked again, after a failure or for an unknown key. Default 10. */
  readonly cooldown?: number | undefined
  /** Seconds that a request waits for keys at most. Default 3. */
  readonly deadline?: number | undefined
  /** How many verified tokens are remembered; 0 for none. Default 1,000. */
  readonly maxTokens?: number | undefined
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
  /** Has the keys ready before anybody needs one. Throws UnavailableError where they cannot be had. */
  prefetch(context: RequestContext): Promise<void>
}

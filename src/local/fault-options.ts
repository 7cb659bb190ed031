import type { JsonObject } from './json.ts'

/**
 * What goes wrong. Without any of `error`, `status`, `body`, `stream`, `hang`, `networkError` and `delay` it is an
 * internal error with HTTP status 500, in the protocol of the operation.
 */
export interface FaultOptions {
  /** How many requests are hit. Default: all, until `recover()`. */
  readonly times?: number | undefined
  /** The share of the requests that are hit, over 0 and up to 1, drawn at random. Default 1. */
  readonly rate?: number | undefined
  /**
   * Where `rate` draws from: with a whole number the same requests in a row are hit in every run, whatever else is left
   * to chance. Default: the randomness of the world.
   */
  readonly seed?: number | undefined
  /** Hits what exceeds so many requests in one second by the clock of the world, as a quota does. Not with `rate`. */
  readonly perSecond?: number | undefined
  /**
   * `before` the operation, so that it has no effect, or `after` it, so that only its answer is lost. Default
   * `before`.
   */
  readonly when?: 'before' | 'after' | undefined
  /** The service's own error, such as `TooManyRequestsException`. Its status is 400 unless `status` says otherwise. */
  readonly error?: string | undefined
  /** The message of the error. Default: that a fault was ordered. */
  readonly message?: string | undefined
  /** The HTTP status, 200 to 599. Default: that of the error; 200 with a `body` or `stream` and without `error`. */
  readonly status?: number | undefined
  /** Headers of the answer, such as `location` with status 302 or `retry-after` with status 503. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body, taken as it is, whatever the protocol says; an object is sent as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | JsonObject | undefined
  /**
   * A body that does not end well: after `body` it sends nothing more (`stalled`), or `body` again and again
   * (`endless`), or fails as when the connection is cut (`cut`).
   */
  readonly stream?: 'stalled' | 'endless' | 'cut' | undefined
  /** No answer ever comes; the request fails when its signal aborts. */
  readonly hang?: boolean | undefined
  /** The connection is cut: fetch rejects with a TypeError. */
  readonly networkError?: boolean | undefined
  /**
   * Milliseconds to wait, by the `sleep` of the world, or until the request's signal aborts. Alone it makes a right
   * answer slow, and other faults can hit the request too; with another kind it makes that one slow.
   */
  readonly delay?: number | undefined
}

import type { JsonObject } from './json.ts'

/**
 * What goes wrong. Without any of `error`, `status`, `body`, `stream`, `hang` and `networkError` it is an internal
 * error with HTTP status 500, in the protocol of the operation.
 */
export interface FaultOptions {
  /** How many requests fail. Default: all, until `recover()`. */
  readonly times?: number | undefined
  /** The share of the requests that fail, over 0 and up to 1, drawn from the randomness of the world. Default 1. */
  readonly rate?: number | undefined
  /**
   * `before` the operation, so that it has no effect, or `after` it, so that only its answer is lost. Default
   * `before`.
   */
  readonly when?: 'before' | 'after' | undefined
  /** The service's own error, such as `TooManyRequestsException`. Its status is 400 unless `status` says otherwise. */
  readonly error?: string | undefined
  /** The HTTP status, 200 to 599. Default: that of the error; 200 with a `body` or `stream` and without `error`. */
  readonly status?: number | undefined
  /** Headers of the answer, such as `location` with status 302 or `retry-after` with status 503. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body, taken as it is, whatever the protocol says; an object is sent as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | JsonObject | undefined
  /** A body that never ends: after `body` it sends nothing more (`stalled`), or `body` again and again (`endless`). */
  readonly stream?: 'stalled' | 'endless' | undefined
  /** No answer ever comes; the request fails when its signal aborts. */
  readonly hang?: boolean | undefined
  /** The connection is cut: fetch rejects with a TypeError. */
  readonly networkError?: boolean | undefined
}

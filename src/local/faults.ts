import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import type { JsonObject } from './json.ts'
import { type Codec, ServiceError } from './operation.ts'
import { createSeededFraction } from './randomness.ts'
import { isCallOf } from './request-log.ts'

/** A fault that was ordered with `fail`. */
export interface Fault {
  /** How many requests it has hit. */
  readonly hits: number
  /** Ends the fault. Requests that hang because of it keep hanging. */
  recover(): void
}

/** The part of a call that decides whether a fault hits it. */
export interface FaultTarget {
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly userPoolId: string | undefined
}

/** What hits one request at one point of its way. */
export interface Hit {
  /** Milliseconds to wait first. */
  readonly delay: number
  /** What replaces the response. Undefined if the request is not hit. */
  readonly fault: FaultOptions | undefined
}

/** The faults of a world. */
export interface Faults {
  /** `userPoolId` restricts the fault to requests that name this pool, or no pool at all. */
  add(operation: string, options: FaultOptions, userPoolId?: string): Fault
  /** Those that were not ended, in the order of ordering. */
  list(): readonly OrderedFault[]
  /** The first fault in the order of ordering that hits this call, and all delays before it. `now` is in milliseconds. */
  take(target: FaultTarget, when: 'before' | 'after', now: number): Hit
  /** Ends those of one pool, or all. */
  clear(userPoolId?: string): void
}

/** A fault as it was ordered, and how many requests it has hit. */
export interface OrderedFault {
  readonly operation: string
  readonly options: FaultOptions
  readonly userPoolId: string | undefined
  readonly hits: number
}

interface Entry extends OrderedFault {
  readonly fraction: () => number
  /** When the requests of the last second came that `perSecond` let pass. */
  passed: readonly number[]
  hits: number
}

/** `fraction` gives the random numbers (0 to 1) that `rate` compares with; `operations` are the names that exist. */
export function createFaults(fraction: () => number, operations: readonly string[]): Faults {
  let entries: Entry[] = []
  return {
    add(operation, options, userPoolId) {
      checkTarget(operation, operations)
      checkFaultOptions(options)
      const own = options.seed === undefined ? fraction : createSeededFraction(options.seed)
      const entry: Entry = { operation, options: { ...options }, userPoolId, fraction: own, passed: [], hits: 0 }
      entries.push(entry)
      return {
        get hits() {
          return entry.hits
        },
        recover() {
          entries = entries.filter((other) => other !== entry)
        },
      }
    },
    list: () => entries.map(({ operation, userPoolId, hits, options }) => ({ operation, userPoolId, hits, options })),
    take(target, when, now) {
      let delay = 0
      for (const entry of entries) {
        const { options } = entry
        if ((options.when ?? 'before') !== when || !matches(entry, target) || !draw(entry, now)) continue
        entry.hits += 1
        if (entry.hits === options.times) entries = entries.filter((other) => other !== entry)
        delay += options.delay ?? 0
        if (!isDelayOnly(options)) return { delay, fault: options }
      }
      return { delay, fault: undefined }
    },
    clear(userPoolId) {
      entries = userPoolId === undefined ? [] : entries.filter((entry) => entry.userPoolId !== userPoolId)
    },
  }
}

function matches(entry: Entry, target: FaultTarget): boolean {
  const here =
    entry.userPoolId === undefined || target.userPoolId === undefined || entry.userPoolId === target.userPoolId
  return here && isCallOf(target, entry.operation)
}

function draw(entry: Entry, now: number): boolean {
  const { rate, perSecond } = entry.options
  if (perSecond === undefined) return rate === undefined || entry.fraction() < rate
  entry.passed = entry.passed.filter((time) => time > now - 1000 && time <= now)
  if (entry.passed.length >= perSecond) return true
  entry.passed = [...entry.passed, now]
  return false
}

function checkTarget(operation: string, operations: readonly string[]): void {
  const known = operations.some((name) => {
    const dot = name.indexOf('.')
    return isCallOf({ service: name.slice(0, dot), operation: name.slice(dot + 1) }, operation)
  })
  if (!known) {
    throw new ConfigurationError(`fail: unknown operation ${operation}; the local pool has ${operations.join(', ')}.`)
  }
}

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

/** Whether a fault makes answers slow and no more. */
export function isDelayOnly(options: FaultOptions): boolean {
  const { delay, error, status, body, stream, hang, networkError } = options
  const others = [error, status, body, stream, hang || undefined, networkError || undefined]
  return delay !== undefined && others.every((kind) => kind === undefined)
}

/** Throws ConfigurationError for options out of bounds, and for such as contradict each other. */
export function checkFaultOptions(options: FaultOptions): void {
  checkOptions<FaultOptions>(
    'fail',
    options,
    [
      ...(['times', 'rate', 'seed', 'perSecond', 'when', 'error', 'message', 'status', 'headers', 'body'] as const),
      ...(['stream', 'hang', 'networkError', 'delay'] as const),
    ],
    {
      code: 'it is called "error".',
      count: 'it is called "times".',
      probability: 'it is called "rate".',
      latency: 'it is called "delay".',
    },
  )
  const kinds = [
    options.error !== undefined,
    options.hang === true,
    options.networkError === true,
    options.body !== undefined || options.stream !== undefined,
  ]
  if (kinds.filter(Boolean).length > 1) {
    throw new ConfigurationError('fail: give only one of error, hang, networkError, and body with stream.')
  }
  const { times, rate, seed, perSecond, status, delay } = options
  checkWhole('times', times, 1)
  checkWhole('perSecond', perSecond, 1)
  checkWhole('seed', seed, 0)
  if (rate !== undefined && !(rate > 0 && rate <= 1)) {
    throw new ConfigurationError('fail: rate must be more than 0 and at most 1.')
  }
  if (rate !== undefined && perSecond !== undefined) {
    throw new ConfigurationError('fail: give only one of rate and perSecond.')
  }
  if (seed !== undefined && rate === undefined) throw new ConfigurationError('fail: a seed is for a rate.')
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new ConfigurationError('fail: status must be a whole number from 200 to 599.')
  }
  if (delay !== undefined && !(Number.isFinite(delay) && delay >= 0)) {
    throw new ConfigurationError('fail: delay must be a number of milliseconds.')
  }
}

function checkWhole(name: string, value: number | undefined, min: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min)) return
  throw new ConfigurationError(`fail: ${name} must be a whole number of at least ${min}.`)
}

/**
 * What a fault answers. Rejects where it cuts the connection; where it hangs, it settles only when the signal that
 * `signalOf` gives aborts.
 */
export async function answerFault(
  fault: FaultOptions,
  codec: Codec,
  requestId: string,
  signalOf: () => AbortSignal | undefined,
): Promise<Response> {
  if (fault.networkError === true) throw new TypeError('fetch failed')
  if (fault.hang === true) return hang(signalOf())
  if (fault.error !== undefined || (fault.status === undefined && fault.body === undefined && !fault.stream)) {
    const { error = 'InternalErrorException' } = fault
    const status = fault.status ?? (fault.error === undefined ? 500 : 400)
    const { message = 'A fault was ordered.' } = fault
    return withHeaders(codec.refuse(new ServiceError(error, message, status), requestId), fault.headers)
  }
  const { status = 200 } = fault
  return withHeaders(new Response(isBodiless(status) ? null : bodyOf(fault), { status }), fault.headers)
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function bodyOf(fault: FaultOptions): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = fault.body ?? ''
  const plain = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  if (fault.stream === undefined) return plain
  const chunk = typeof plain === 'string' ? new TextEncoder().encode(plain) : plain
  if (fault.stream === 'endless') return endless(chunk.length > 0 ? chunk : new Uint8Array([0x20]))
  return fault.stream === 'cut' ? cut(chunk) : stalled(chunk)
}

function endless(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk.slice())
    },
  })
}

function stalled(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      if (chunk.length > 0) controller.enqueue(chunk.slice())
    },
  })
}

function cut(chunk: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isSent = chunk.length === 0
  return new ReadableStream({
    pull(controller) {
      if (isSent) controller.error(new TypeError('terminated'))
      else controller.enqueue(chunk.slice())
      isSent = true
    },
  })
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

function withHeaders(response: Response, headers: FaultOptions['headers']): Response {
  for (const [name, value] of Object.entries(headers ?? {})) response.headers.set(name, value)
  return response
}

import { assertConfig } from '../../errors.ts'
import { isJsonObject } from '../../internal/encoding.ts'
import { checkOptions } from '../../internal/options.ts'
import { createRequest, type EndpointOptions, resolveEndpoint } from './endpoint.ts'
import { AwsError, type ErrorResponse, readErrorResponse } from './error.ts'
import { backoff, type Pace, type RetryOptions, sleep, type TestOptions } from './retry.ts'
import type { CredentialProvider, Credentials, Renewal, Signing } from './sign.ts'

/** How a client reaches AWS. */
export interface ClientOptions extends EndpointOptions, TestOptions {
  /** An access key, or a function that gives one; asked again when it is about to expire or was refused as expired. */
  readonly credentials: Credentials | CredentialProvider
  readonly retry?: RetryOptions | undefined
  /** Replaces the platform's `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
}

/** One call's own limits. */
export interface CallOptions extends RetryOptions {
  /** Aborts the call: it throws the signal's reason, or AwsError of outcome `unknown` if a write was under way. */
  readonly signal?: AbortSignal | undefined
  /** Shares a renewal of the credentials with the other calls that name the same object. */
  readonly renewal?: Renewal | undefined
  /**
   * Shared by the calls of one piece of work. Throttled calls then wait until the timeout: throttles count neither as attempts
   * nor against the client's retry budget, and slow down all calls that share the object. Default: none.
   */
  readonly pace?: Pace | undefined
}

/** Options of some methods, which pass through. */
interface KnownCallOptions extends CallOptions {
  readonly clientMetadata?: unknown
  readonly permanent?: unknown
}

/** How a service's calls look. */
export interface ServiceShape extends Protocol {
  /** Its host's first label and its name in signatures, such as `cognito-idp`. */
  readonly service: string
  /** Whether an operation is signed. */
  isSigned(operation: string): boolean
  /** Whether an operation changes nothing, so that it may be repeated when its answer was lost. */
  isRead(operation: string): boolean
  /** The part of the service's message that is safe to show: the service can echo what it was sent. */
  quote(reason: string | undefined, operation: string, input: object, credentials: unknown): string | undefined
}

/** Calls an operation; resolves to its output as it is on the wire. Throws AwsError. */
export type Call = (operation: string, input: object, options?: CallOptions) => Promise<object>

/** What all retries of a client may cost together, until calls succeed again, as in AWS's standard mode. */
const BUCKET = 500

/**
 * Calls a service, retrying as AWS's standard mode does. If the response to a write is lost, the write is not repeated. `signing`
 * comes from the caller, so that clients that sign nothing do not carry the code. Throws ConfigurationError, naming the option.
 */
export function createCall(
  { service, isSigned, isRead, quote, encode, decode }: ServiceShape,
  options: Omit<ClientOptions, 'credentials'>,
  signing?: Signing,
): Call {
  const { now = Date.now, random = Math.random, sleep: pause = sleep } = options
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  const url = resolveEndpoint(service, options)
  let bucket = BUCKET
  const { retry = {} } = options
  checkOptions<RetryOptions>('retry', retry, ['attempts', 'timeout'], { retries: 'it is called "attempts".' })
  const { attempts = 3, timeout = 20 } = retry
  assertConfig('retry', attempts > 0 && timeout > 0, 'numbers over 0.')

  return async (operation, input, callOptions = {}) => {
    // The options of all methods end here, with those that belong to some of them.
    checkOptions<KnownCallOptions>(operation, callOptions, [
      'attempts',
      'timeout',
      'signal',
      'renewal',
      'pace',
      'clientMetadata',
      'permanent',
    ])
    const { signal, renewal, pace, ...limits } = callOptions
    const most = limits.attempts ?? attempts
    const end = now() + (limits.timeout ?? timeout) * 1000
    const message = encode(operation, input)
    let renewed = false
    let corrected = false
    let cost = 0
    for (let sent = 0, tries = 0, throttles = 0; ; ) {
      signal?.throwIfAborted()
      const limit = createLimit(end - now(), signal)
      let isSent = false
      let used: Credentials | undefined
      let failed: ErrorResponse
      let cause: unknown
      let serverTime = 0
      try {
        if (pace) await limit.race(pace.next(limit.signal))
        if (signing && isSigned(operation)) used = await limit.race(signing.get(renewal))
        const request = signing
          ? await signing.request(message, used, limit.signal)
          : createRequest(url, message, limit.signal)
        if (limit.isOver() || now() >= end) throw undefined
        isSent = true
        sent++
        const response = await limit.race(fetch(request))
        const text = await readText(response, limit)
        if (text === undefined) {
          tries = most
          cause = new Error('The response is longer than 8 MB.')
        }
        const members = text === undefined ? undefined : decode(text, response, operation)
        if (response.ok && members) {
          bucket = Math.min(BUCKET, bucket + (cost || 1))
          pace?.faster()
          return members
        }
        failed = readErrorResponse(response, text, members, now(), [input, used])
        serverTime = Date.parse(response.headers.get('date') ?? '')
      } catch (error) {
        const isOver = limit.isOver() || now() >= end
        if (!isOver && (!isSent || (signal?.aborted && isRead(operation)))) throw error
        cause = error
        failed = { code: isOver ? 'TimeoutError' : 'NetworkError', retryable: true }
      } finally {
        limit.end()
      }
      const { code, throttled, retryable = false, retryAfter = 0 } = failed
      const isLost = retryable && isSent && !throttled && !isRead(operation)
      const failure = new AwsError(
        {
          ...failed,
          operation,
          attempts: sent,
          reason: quote(failed.reason, operation, input, used),
          retryable: retryable && !isLost,
          outcome: isLost ? 'unknown' : 'failed',
        },
        { cause },
      )
      if (isLost) throw failure
      if (used && !renewed && code.startsWith('ExpiredToken') && signing?.refuse(used)) {
        renewed = true
        continue
      }
      if (!corrected && isAboutTime(code) && signing?.correct(serverTime)) {
        corrected = true
        continue
      }
      const paced = throttled && pace
      const delay = paced
        ? paced.slower(operation, ++throttles, retryAfter * 1000)
        : Math.max(backoff(++tries, random), retryAfter * 1000)
      if (!retryable || now() + delay >= end) throw failure
      if (!paced) {
        cost = failed.status ? 5 : 10
        if (tries >= most || bucket < cost) throw failure
        bucket -= cost
      }
      await pause(delay, signal)
    }
  }
}

/** The longest answer that is read, in bytes. The longest pages that AWS gives stay below. */
const MAX_BODY = 8_000_000

/** The text of an answer; undefined where it is longer than anything that is read. */
async function readText({ body }: Response, limit: Limit): Promise<string | undefined> {
  if (!body) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let length = 0; ; ) {
    const { done, value } = await limit.race(reader.read())
    if (done) return text + decoder.decode()
    length += value.length
    if (length > MAX_BODY) {
      limit.race(reader.cancel()).catch(() => {})
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** Whether a clock that is off can be behind an error. */
function isAboutTime(code: string): boolean {
  return /^(Request(Expired|TimeToo|InThe)|InvalidSig|SignatureDoes|AuthFail)/.test(code)
}

/** Ends waiting: after a time, or with a signal. */
export interface Limit {
  readonly signal: AbortSignal
  /** Whether the time has passed. */
  isOver(): boolean
  /** Stops the clock, which would keep some runtimes alive. */
  end(): void
  /** The same as `promise`, or a rejection as soon as the limit is reached. */
  race<T>(promise: Promise<T>): Promise<T>
}

/** What timers count in 32 bits, in milliseconds: 24 days. */
const MAX = 2 ** 31 - 1

/** A limit of some milliseconds, and of an outer signal. */
export function createLimit(milliseconds: number, outer: AbortSignal | undefined): Limit {
  // Nothing of a call listens to a signal beyond its end: not to `outer`, as AbortSignal.any would, and not to the call's own,
  // which Node's Request keeps in a finalization registry. Either would hold the answers of all calls in memory.
  const own = new AbortController()
  let isOver = false
  let fail: (reason: unknown) => void = () => {}
  const ended = new Promise<never>((_, reject) => {
    fail = reject
  })
  ended.catch(() => {})
  const stop = () => {
    own.abort(outer?.reason)
    fail(own.signal.reason)
  }
  const timer = setTimeout(
    () => {
      isOver = true
      stop()
    },
    Math.max(0, Math.min(milliseconds, MAX)),
  )
  if (outer?.aborted) stop()
  else outer?.addEventListener('abort', stop)
  return {
    signal: own.signal,
    isOver: () => isOver,
    end() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
    },
    race: (promise) => Promise.race([promise, ended]),
  }
}

/** What a call sends. */
export interface Message {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a service's calls are encoded and its answers decoded. */
export interface Protocol {
  encode(operation: string, input: object): Message
  /**
   * The members that an answer holds, an output's where it is `ok`, else an error's `code` and `message`. Undefined where
   * it holds none: cut off, or a proxy's page.
   */
  decode(body: string, response: Response, operation: string): Record<string, unknown> | undefined
}

/** AWS's JSON 1.1 protocol. `target` stands before the operation in `X-Amz-Target`. */
export function jsonProtocol(target: string): Protocol {
  return {
    encode: (operation, input) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target + operation },
      body: JSON.stringify(input),
    }),
    decode: parseObject,
  }
}

/** The object that a JSON text is, an empty one where it is blank; undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() || '{}')
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

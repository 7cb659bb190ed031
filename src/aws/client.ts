import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { type Refusal, refusalOf } from './answer.ts'
import { AwsError } from './aws-error.ts'
import { type CredentialProvider, type Credentials, createCredentialSource, type Renewal } from './credentials.ts'
import { type EndpointOptions, endpointOf } from './endpoint.ts'
import { createLimit, type Limit, sleep } from './limit.ts'
import type { Protocol } from './protocol.ts'
import { backoff, type RetryOptions } from './retry.ts'
import { quote } from './secrets.ts'
import { createSigner } from './signer.ts'

/** How a client of AWS reaches it. */
export interface ClientOptions extends EndpointOptions {
  /** An access key, or a function that gives one; asked again when it is about to expire or was refused as expired. */
  readonly credentials: Credentials | CredentialProvider
  readonly retry?: RetryOptions | undefined
  /** Replaces the platform's `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** Replaces the timer of the waits between attempts. An aborted sleep may end early. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined
  /** Replaces `Math.random`, which spreads the waits. From 0 to 1. */
  readonly random?: (() => number) | undefined
}

/** One call's own limits. */
export interface CallOptions extends RetryOptions {
  /** Ends the call: it throws the signal's reason, or AwsError of outcome `unknown` where a write was under way. */
  readonly signal?: AbortSignal | undefined
  /** Shares a renewal of the credentials with the other calls that name the same object. */
  readonly renewal?: Renewal | undefined
  /**
   * Shared by the calls of one piece of work. With it throttles are waited out until the deadline: they count neither as
   * attempts nor against the client's retry budget, and slow down all calls that name the same object. Default: none.
   */
  readonly pace?: Pace | undefined
}

/** Options of some methods, which pass through. */
interface KnownCallOptions extends CallOptions {
  readonly clientMetadata?: unknown
  readonly permanent?: unknown
}

/** How fast a piece of work calls AWS: see `createPace`. */
export interface Pace {
  /** Waits until a call may go out. */
  next(signal: AbortSignal): Promise<void>
  /** A call went through. */
  faster(): void
  /** AWS asked to slow down for the time number `throttles` in one call: the wait before its next attempt, in milliseconds. */
  slower(operation: string, throttles: number, asked: number): number
}

/** How a service's calls look. */
export interface ServiceShape extends Protocol {
  /** Its host's first label and its name in signatures, such as `cognito-idp`. */
  readonly service: string
  /** Whether an operation is signed. */
  isSigned(operation: string): boolean
  /** Whether an operation changes nothing, so that it may be repeated when its answer was lost. */
  isRead(operation: string): boolean
}

/** Calls an operation; resolves to its output as it is on the wire. Throws AwsError. */
export type Call = (operation: string, input: object, options?: CallOptions) => Promise<object>

/** What all retries of a client may cost together, until calls succeed again, as in AWS's standard mode. */
const BUCKET = 500

/**
 * Calls a service, retrying as AWS's standard mode does. A write whose answer was lost is not repeated. Throws
 * ConfigurationError, naming the option.
 */
export function createCall({ service, isSigned, isRead, encode, decode }: ServiceShape, options: ClientOptions): Call {
  const { region, now = Date.now, random = Math.random, sleep: pause = sleep } = options
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request))
  const signer = createSigner(service, endpointOf(service, options), region, now)
  const source = createCredentialSource(options.credentials, now)
  let bucket = BUCKET
  const { retry = {} } = options
  checkOptions<RetryOptions>('retry', retry, ['attempts', 'deadline'], { retries: 'it is called "attempts".' })
  const { attempts = 3, deadline = 20 } = retry
  if (!(attempts > 0 && deadline > 0)) throw new ConfigurationError('retry: expected over 0.')

  return async (operation, input, callOptions = {}) => {
    // The options of all methods end here, with those that belong to some of them.
    checkOptions<KnownCallOptions>(operation, callOptions, [
      ...(['attempts', 'deadline', 'signal', 'renewal', 'pace', 'clientMetadata', 'permanent'] as const),
    ])
    const { signal, renewal, pace, ...limits } = callOptions
    const most = limits.attempts ?? attempts
    const end = now() + (limits.deadline ?? deadline) * 1000
    const message = encode(operation, input)
    let renewed = false
    let corrected = false
    let cost = 0
    for (let sent = 0, tries = 0, throttles = 0; ; ) {
      signal?.throwIfAborted()
      const limit = createLimit(end - now(), signal)
      let isSent = false
      let used: Credentials | undefined
      let refusal: Refusal
      let cause: unknown
      let serverTime = 0
      try {
        if (pace) await limit.race(pace.next(limit.signal))
        if (isSigned(operation)) used = await limit.race(source.get(renewal))
        const request = await signer.request(message, used, limit.signal)
        if (limit.isOver() || now() >= end) throw undefined
        isSent = true
        sent++
        const response = await limit.race(fetch(request))
        const text = await readText(response, limit)
        if (text === undefined) {
          tries = most
          cause = new Error(`The answer is longer than ${MAX_BODY} bytes.`)
        }
        const members = text === undefined ? undefined : decode(text, response, operation)
        if (response.ok && members) {
          bucket = Math.min(BUCKET, bucket + (cost || 1))
          pace?.faster()
          return members
        }
        refusal = refusalOf(response, text, members, now())
        serverTime = Date.parse(response.headers.get('date') ?? '')
      } catch (error) {
        const isOver = limit.isOver() || now() >= end
        if (!isOver && (!isSent || (signal?.aborted && isRead(operation)))) throw error
        cause = error
        refusal = { code: isOver ? 'DeadlineExceeded' : 'NetworkError', retryable: true }
      } finally {
        limit.end()
      }
      const { code, throttled, retryable = false, retryAfter = 0 } = refusal
      const isLost = retryable && isSent && !throttled && !isRead(operation)
      const failure = new AwsError(
        {
          ...{ ...refusal, operation, attempts: sent },
          reason: quote(refusal.reason, operation, input, used),
          retryable: retryable && !isLost,
          outcome: isLost ? 'unknown' : 'failed',
        },
        { cause },
      )
      if (isLost) throw failure
      if (used && !renewed && code.startsWith('ExpiredToken') && source.refuse(used)) {
        renewed = true
        continue
      }
      if (!corrected && isAboutTime(code) && signer.correct(serverTime)) {
        corrected = true
        continue
      }
      const paced = throttled && pace
      const delay = paced
        ? paced.slower(operation, ++throttles, retryAfter)
        : Math.max(backoff(++tries, random), retryAfter)
      if (!retryable || now() + delay >= end) throw failure
      if (!paced) {
        cost = refusal.status ? 5 : 10
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

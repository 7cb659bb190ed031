/** How often and how long a call is tried. */
export interface RetryOptions {
  /** Requests for one call at most, the first included. Default 3. */
  readonly attempts?: number | undefined
  /** Seconds that a call may take, with all its attempts and waiting. Default 20. */
  readonly timeout?: number | undefined
}

/** Options for tests: the clock, the timer and the source of randomness of a client. Applications leave them out. */
export interface TestOptions {
  /** For tests: replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** For tests: replaces the timer of the waits between attempts. An aborted sleep may end early. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined
  /** For tests: replaces `Math.random`, which spreads the waits. From 0 to 1. */
  readonly random?: (() => number) | undefined
}

/** A clock, a timer and a source of randomness: the platform's, or those of a test. */
export type Clock = { readonly [S in keyof TestOptions]-?: NonNullable<TestOptions[S]> }

/** What a client was made with, for the functions that take the client. */
interface Kept extends TestOptions {
  readonly endpoint?: string | undefined
}

/** A member that is on no public type. Copies of a client (`{ ...client }`) have it as well. */
const kept = /* @__PURE__ */ Symbol('clock')

/** Lets `getClock` find the clock of a client. */
export function keepClock<C extends object>(client: C, { now, sleep, random, endpoint }: Kept): C {
  return { ...client, [kept]: { now, sleep, random, endpoint } }
}

/** The clock of a client, and the endpoint that it was given. */
export function getClock(client: object): Clock & Pick<Kept, 'endpoint'> {
  const given: Kept = Reflect.get(client, kept) ?? {}
  const { now = Date.now, sleep: pause = sleep, random = Math.random, endpoint } = given
  return { now, sleep: pause, random, endpoint }
}

/** Whether AWS asks to be called less often. Cognito says so with HTTP status 400, so the code decides. */
export function isThrottle(code: string, status?: number): boolean {
  return (
    status === 429 || /^(Throttl|TooManyRequests|SlowDown|PriorRequest|Bandwidth|Request(Throttled|Limit))/.test(code)
  )
}

/** The wait before the attempt that follows attempt number `attempt`, in milliseconds (AWS's standard mode). */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(2 ** (attempt - 1), 20) * 1000
}

/** The wait after throttle or error number `times` of a piece of work, in milliseconds; `asked` is what AWS asked for at least. */
export function workBackoff(times: number, asked: number, random: () => number): number {
  return Math.max((0.5 + random() / 2) * Math.min(2 ** times, 20) * 500, asked)
}

/** The wait that an answer asks for, in seconds: `x-amz-retry-after` (milliseconds), or `Retry-After` (RFC 9110 section 10.2.3). */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const own = headers.get('x-amz-retry-after')
  const common = headers.get('retry-after') ?? ''
  const delay = own ? +own / 1000 : +common || (Date.parse(common) - now) / 1000
  return delay > 0 ? delay : undefined
}

/** Waits for some milliseconds, or until the signal aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
  })
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

/** A wait because AWS asked to be called less often. */
export interface ThrottleWait {
  readonly operation: string
  /** How often AWS asked so in this piece of work. */
  readonly throttled: number
  /** How long the call waits now, in seconds. */
  readonly seconds: number
}

/** The longest time between two calls of a piece of work, in milliseconds. */
const SLOWEST = 2000

/**
 * The pace of one piece of work, for the `pace` of all its calls. Without throttles it slows nothing down; each throttle
 * lengthens the time between two calls, and successes shorten it again. `onWait` is called with every wait. Make one for each
 * piece of work: it holds no promises, only times.
 */
export function createPace(
  { now = Date.now, sleep: pause = sleep, random = Math.random }: TestOptions,
  onWait?: (wait: ThrottleWait) => void,
): Pace {
  let interval = 0
  let free = 0
  let throttled = 0
  return {
    async next(signal) {
      const at = Math.max(now(), free)
      free = at + interval
      if (at > now()) await pause(at - now(), signal)
    },
    faster() {
      interval = interval < 20 ? 0 : interval * 0.8
    },
    slower(operation, throttles, asked) {
      interval = Math.min(SLOWEST, Math.max(50, interval * 1.5))
      const wait = workBackoff(throttles, asked, random)
      onWait?.({ operation, throttled: ++throttled, seconds: wait / 1000 })
      return wait
    },
  }
}

import { type CallOptions, type Clock, createPace, isAwsError } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'

/** How often a call is sent at most where it fails for another reason than a throttle. */
const ATTEMPTS = 5

/**
 * Limits for all calls of one piece of work. Throttles are waited out, at one pace for all calls, as long as the timeout
 * admits; what fails otherwise is tried a few times, as a single call is. Whenever it is read, `timeout` is what is left of
 * the seconds given. `onWait` is told of each wait for a throttle, in seconds. Throws ConfigurationError.
 */
export function sharedLimits(
  clock: Clock,
  timeout: number,
  signal: AbortSignal | undefined,
  onWait?: (seconds: number) => void,
): CallOptions {
  if (!(timeout > 0)) throw new ConfigurationError('timeout: expected seconds, over 0.')
  const { now } = clock
  const end = now() + timeout * 1000
  return {
    attempts: ATTEMPTS,
    get timeout() {
      return (end - now()) / 1000
    },
    signal,
    pace: createPace(clock, ({ seconds }) => onWait?.(seconds)),
  }
}

/** How long a new role may stay unknown to other calls of AWS, in milliseconds. */
const CONSISTENCY_TIMEOUT = 60_000

/** Time that is shared by all calls of one piece of work. */
export interface WorkLimits {
  /** The limits of each call: throttles are waited out in what is left of the timeout then. */
  readonly limits: CallOptions
  /** Repeats what fails with one of these codes because a new role is not known everywhere yet. */
  until<T>(codes: RegExp, work: () => Promise<T>): Promise<T>
}

/** `timeout` is in seconds; `onWait` is told of waits for throttles, in seconds. */
export function createWorkLimits(
  clock: Clock,
  timeout: number,
  signal: AbortSignal | undefined,
  onWait: (seconds: number) => void,
): WorkLimits {
  const { now, sleep } = clock
  const end = now() + timeout * 1000
  const limits = sharedLimits(clock, timeout, signal, onWait)
  return {
    limits,
    async until(codes, work) {
      const last = Math.min(end, now() + CONSISTENCY_TIMEOUT)
      for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
        try {
          return await work()
        } catch (error) {
          if (!isAwsError(error) || !codes.test(error.code) || now() + wait > last) throw error
        }
        await sleep(wait, signal)
        signal?.throwIfAborted()
      }
    },
  }
}

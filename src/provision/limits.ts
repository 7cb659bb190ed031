import { type CallOptions, type Clock, createPace, isAwsError } from '../aws/index.ts'
import { ConfigurationError } from '../errors.ts'

/** How many calls are under way at once: IAM throttles a caller that asks for everything at once. */
export const CONCURRENCY = 8

/** How often a call is sent at most. Throttled calls do not count. */
const ATTEMPTS = 5

/**
 * The options that all calls of one piece of work share. Throttled calls are repeated, at one pace for all, until `timeout`
 * seconds have passed since now; other errors are retried a few times. `onWait` gets the seconds of each wait for a throttle.
 * Throws ConfigurationError.
 */
export function sharedLimits(
  clock: Clock,
  timeout: number,
  signal: AbortSignal | undefined,
  onWait?: (seconds: number) => void,
): CallOptions {
  if (!(timeout > 0)) throw new ConfigurationError('timeout: expected a number of seconds over 0.')
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

/** How long a new role may stay unknown to the rest of AWS, in milliseconds. */
const CONSISTENCY_TIMEOUT = 60_000

/** Limits that all calls of one piece of work share. */
export interface WorkLimits {
  /** The options of each call. Their `timeout` is the time that is left. */
  readonly call: CallOptions
  /** Repeats work that fails with one of these codes, since a new role is not known everywhere at once. */
  waitForConsistency<T>(codes: RegExp, work: () => Promise<T>): Promise<T>
}

/** The arguments are those of `sharedLimits`. */
export function createWorkLimits(
  clock: Clock,
  timeout: number,
  signal: AbortSignal | undefined,
  onWait: (seconds: number) => void,
): WorkLimits {
  const { now, sleep } = clock
  const end = now() + timeout * 1000
  const call = sharedLimits(clock, timeout, signal, onWait)
  return {
    call,
    async waitForConsistency(codes, work) {
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

import type { CallOptions, ClientOptions } from './call.ts'
import { type AwsError, isAwsError } from './error.ts'
import { backoff, sleep } from './retry.ts'

/**
 * Sends a write that may be sent again. `check` resolves to what the write would have answered if it took effect, else to
 * something false; it may throw where it cannot tell.
 */
export type Write = <T extends object>(
  options: CallOptions | undefined,
  send: (limits: CallOptions) => Promise<T>,
  check: (limits: CallOptions) => Promise<T | false | undefined>,
) => Promise<T>

/** What the errors of a service say about a write. */
export interface WriteRules {
  /** Whether a write that is sent again fails like this where its first attempt took effect. Default: never. */
  readonly mayBeOurs?: ((error: AwsError) => boolean) | undefined
  /** Whether another change is under way: then the write had no effect, and waits as after a throttle. Default: never. */
  readonly isConflict?: ((error: AwsError) => boolean) | undefined
}

/**
 * Writes that can be run again. If the response to a write is lost, `check` finds out whether it took effect before it is
 * sent again. Throws the AwsError of outcome `unknown` if that cannot be found out in time.
 */
export function createWrite(
  {
    retry,
    now = Date.now,
    random = Math.random,
    sleep: pause = sleep,
  }: Pick<ClientOptions, 'retry' | 'now' | 'random' | 'sleep'>,
  { mayBeOurs, isConflict }: WriteRules = {},
): Write {
  return async (options, send, check) => {
    const { attempts = 3, timeout = 20 } = { ...retry, ...options }
    const end = now() + timeout * 1000
    const limits = () => ({ ...options, timeout: (end - now()) / 1000 })
    let lost: unknown
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(limits())
      } catch (error) {
        if (!isAwsError(error)) throw error
        const isLost = error.outcome === 'unknown'
        if (isLost) lost = error
        const isUncertain = isLost || (lost && mayBeOurs?.(error))
        if (isUncertain) {
          const found = await check(limits()).catch(() => {
            throw lost
          })
          if (found) return found
        }
        // A service may say that something is there before it can be read.
        const delay = isLost ? 0 : backoff(attempt, random)
        if (!(isUncertain || isConflict?.(error)) || attempt >= attempts || now() + delay >= end) throw error
        if (delay) await pause(delay, options?.signal)
        options?.signal?.throwIfAborted()
      }
    }
  }
}

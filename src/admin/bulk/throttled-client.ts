import { AwsError, type Clock, getClock, isAwsError, type PoolCall, workBackoff } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import { isLoopback } from '../../internal/urls.ts'
import type { PoolAdmin } from '../pool-admin.ts'
import type { BulkOptions, StopReason } from './memberships.ts'

/** A limit of the work was reached. */
export class Stop extends Error {
  readonly stopReason: StopReason

  constructor(stopReason: StopReason) {
    super(stopReason)
    this.stopReason = stopReason
  }
}

/** Calls AWS within the limits of a piece of bulk work. */
export interface ThrottledClient {
  /**
   * Like `admin.call`, at the pace of the work: throttles are waited out, other retryable errors use up `attempts`. Throws
   * Stop before a call if a limit is reached.
   */
  readonly call: (quota: Quota) => PoolCall
  /** Whether a user, by the pool's own name, is in a group. */
  isMember(username: string, group: string): Promise<boolean>
  readonly attempts: number
  /** How often AWS asked to slow down. */
  readonly throttled: number
}

/** `onWait` is called with the seconds of each wait for a throttle. Throws ConfigurationError, naming the option. */
export function createThrottledClient(
  admin: Pick<PoolAdmin, 'call'>,
  options: Omit<BulkOptions, 'onProgress' | 'journal'>,
  onWait: (seconds: number) => void,
): ThrottledClient {
  const clock = getClock(admin)
  const { now, sleep, random, endpoint } = clock
  // The quotas are AWS's: a server on this machine has none.
  const { rate = endpoint !== undefined && isLoopback(endpoint) ? Number.POSITIVE_INFINITY : 15 } = options
  const { attempts = 5, timeout = 3600, maxCalls = Number.POSITIVE_INFINITY, signal } = options
  for (const [name, value] of Object.entries({ rate, attempts, timeout, maxCalls })) {
    if (!(value > 0)) throw new ConfigurationError(`${name}: expected a number, more than 0.`)
  }
  const limiter = createRateLimiter(rate, clock)
  const end = now() + timeout * 1000
  const renewal = {}
  let calls = 0
  let throttled = 0

  const check = () => {
    if (signal?.aborted) throw new Stop('aborted')
    if (now() >= end) throw new Stop('timeout')
    if (calls >= maxCalls) throw new Stop('max-calls')
  }
  const toDelay = (tries: number, asked = 0) => Math.min(workBackoff(tries, asked * 1000, random), end - now())

  const call =
    (quota: Quota): PoolCall =>
    async (operation, input) => {
      for (let throttles = 0, errors = 0; ; ) {
        check()
        await limiter.next(quota, signal)
        check()
        calls++
        try {
          const output = await admin.call(operation, input, {
            attempts: 1,
            timeout: Math.min(20, (end - now()) / 1000),
            renewal,
          })
          limiter.faster()
          return output
        } catch (error) {
          if (!isAwsError(error) || !error.retryable) throw error
          if (error.throttled) {
            throttled++
            limiter.slower()
            const delay = toDelay(throttles++, error.retryAfter)
            onWait(delay / 1000)
            await sleep(delay, signal)
          } else {
            if (++errors >= attempts) throw error
            await sleep(toDelay(errors, error.retryAfter), signal)
          }
        }
      }
    }

  return {
    call,
    async isMember(Username, group) {
      const seen = new Set<string>()
      let token: string | undefined
      do {
        const page = await call('list')('AdminListGroupsForUser', { Username, NextToken: token })
        if (page.Groups?.some(({ GroupName }) => GroupName === group)) return true
        token = page.NextToken || undefined
        remember(seen, token, 'AdminListGroupsForUser')
      } while (token !== undefined)
      return false
    },
    attempts,
    get throttled() {
      return throttled
    },
  }
}

/** Throws AwsError where a page token comes for the second time. */
export function remember(seen: Set<string>, token: string | undefined, operation: string): void {
  if (token === undefined) return
  if (seen.has(token)) throw new AwsError({ code: 'PageTokenRepeated', operation })
  seen.add(token)
}

/** What is called, by the quota that it counts for: UserResourceUpdate, UserResourceRead, UserRead. */
export type Quota = 'write' | 'list' | 'read'

/** Spreads calls over time. */
export interface RateLimiter {
  /** Waits until a call may go out. */
  next(quota: Quota, signal: AbortSignal | undefined): Promise<void>
  /** After a call that succeeded. The rate rises a little, at most to the one that was asked for. */
  faster(): void
  /** After a throttle. The rate falls, but not below a tenth of the one that was asked for. */
  slower(): void
}

/** `rate` is in writes a second; the other quotas are larger by the factors by which AWS's own are. */
export function createRateLimiter(rate: number, { now, sleep }: Clock): RateLimiter {
  const factors = { write: 1, list: 2, read: 4 }
  const free = { write: 0, list: 0, read: 0 }
  let share = 1
  return {
    async next(quota, signal) {
      const at = Math.max(now(), free[quota])
      free[quota] = at + 1000 / (rate * share * factors[quota])
      if (at > now()) await sleep(at - now(), signal)
    },
    faster() {
      share = Math.min(1, share + 0.05)
    },
    slower() {
      share = Math.max(0.1, share * 0.8)
    },
  }
}

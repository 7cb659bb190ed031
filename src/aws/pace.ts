import type { ClientOptions, Pace } from './client.ts'
import { sleep as timer } from './limit.ts'

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
 * lengthens the time between two calls, and successes shorten it again. `onWait` is told of every wait. Make one for each
 * piece of work: it holds no promises, only times.
 */
export function createPace(
  { now = Date.now, sleep = timer, random = Math.random }: Pick<ClientOptions, 'now' | 'sleep' | 'random'>,
  onWait?: (wait: ThrottleWait) => void,
): Pace {
  let interval = 0
  let free = 0
  let throttled = 0
  return {
    async next(signal) {
      const at = Math.max(now(), free)
      free = at + interval
      if (at > now()) await sleep(at - now(), signal)
    },
    faster() {
      interval = interval < 20 ? 0 : interval * 0.8
    },
    slower(operation, throttles, asked) {
      interval = Math.min(SLOWEST, Math.max(50, interval * 1.5))
      const wait = Math.max((0.5 + random() / 2) * Math.min(2 ** throttles, 20) * 500, asked)
      onWait?.({ operation, throttled: ++throttled, seconds: wait / 1000 })
      return wait
    },
  }
}

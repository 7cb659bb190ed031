import type { Time } from './time.ts'

/** What is called, by the quota that it counts for: UserResourceUpdate, UserResourceRead, UserRead. */
export type Quota = 'write' | 'list' | 'read'

/** Spreads calls over time. */
export interface Pacer {
  /** Waits until a call may go out. */
  next(quota: Quota, signal: AbortSignal | undefined): Promise<void>
  /** A call went through: a little faster, up to the rate that was asked for. */
  faster(): void
  /** AWS asked to slow down: a fifth slower, and no slower than a tenth of the rate that was asked for. */
  slower(): void
}

/** `rate` is in writes a second; the other quotas are larger by the factors by which AWS's own are. */
export function createPacer(rate: number, { now, sleep }: Time): Pacer {
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

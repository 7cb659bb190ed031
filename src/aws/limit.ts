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
  const timeout = new AbortController()
  const late = timeout.signal
  const timer = setTimeout(() => timeout.abort(), Math.max(0, Math.min(milliseconds, MAX)))
  const signal = AbortSignal.any([late, outer ?? late])
  return {
    signal,
    isOver: () => late.aborted,
    end: () => clearTimeout(timer),
    race: (promise) =>
      Promise.race([
        promise,
        new Promise<never>((_, reject) => {
          signal.throwIfAborted()
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      ]),
  }
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

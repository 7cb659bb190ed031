/** Ends waiting: after a time, or with a signal. */
export interface Limit {
  readonly signal: AbortSignal
  /** Whether the time has passed. */
  isOver(): boolean
  /** The same as `promise`, or a rejection as soon as the limit is reached. */
  race<T>(promise: Promise<T>): Promise<T>
}

/** What timers count in 32 bits, in milliseconds: 24 days. */
const MAX = 2 ** 31 - 1

/** A limit of some milliseconds, of the platform's own timer, and of an outer signal. */
export function createLimit(milliseconds: number, outer: AbortSignal | undefined): Limit {
  const timeout = AbortSignal.timeout(Math.ceil(Math.min(Math.max(milliseconds, 0), MAX)))
  const signal = outer ? AbortSignal.any([outer, timeout]) : timeout
  return {
    signal,
    isOver: () => timeout.aborted && !outer?.aborted,
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

/** Ends waiting: after a time, or with a signal. */
export interface Limit {
  readonly signal: AbortSignal
  /** Whether the time has passed. */
  isOver(): boolean
  /** The same as `promise`, or a rejection as soon as the limit is reached. */
  race<T>(promise: Promise<T>): Promise<T>
  /** To be called when nothing waits any more. */
  clear(): void
}

/** A limit of some milliseconds, of the platform's own timer, and of an outer signal. */
export function createLimit(milliseconds: number, outer: AbortSignal | undefined): Limit {
  const controller = new AbortController()
  const { signal } = controller
  let over = false
  const forward = () => controller.abort(outer?.reason)
  outer?.addEventListener('abort', forward)
  sleep(milliseconds, signal).then(() => {
    over = !signal.aborted
    controller.abort()
  })
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  ended.catch(() => {})
  return {
    signal,
    isOver: () => over,
    race: (promise) => Promise.race([promise, ended]),
    clear() {
      outer?.removeEventListener('abort', forward)
      controller.abort()
    },
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
    const timer = setTimeout(end, Math.min(milliseconds, 2 ** 31 - 1))
    signal?.addEventListener('abort', end)
  })
}

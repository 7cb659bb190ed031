import { must } from '../errors.ts'

/**
 * Fulfils when `work` is over, whatever becomes of it, so that a rejection does not go unhandled. A `then` or `constructor`
 * that throws does so in here.
 */
export async function settle(work: unknown): Promise<void> {
  try {
    await work
  } catch {}
}

/** Throws ConfigurationError where the application gave a promise in place of a value, which must not reject unheard. */
export function noPromise(place: string, given: unknown): void {
  if (typeof given !== 'object' || !given || !('then' in given)) return
  settle(given)
  must(place, false, 'a value, and no promise')
}

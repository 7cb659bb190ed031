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

/**
 * Throws ConfigurationError unless what the application gave is what there should be. Where that is a promise in place of a
 * value, it does not reject unheard.
 */
export function mustGive(place: string, given: unknown, holds: unknown, expected: string): asserts holds {
  if (!holds) settle(given)
  must(place, holds, expected)
}

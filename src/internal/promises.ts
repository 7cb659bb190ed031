import { assertConfig } from '../errors.ts'

/**
 * Fulfils when `work` is over, whatever becomes of it, so that a rejection does not go unhandled. A `then` or `constructor`
 * that throws does so in here.
 */
export async function settle(work: unknown): Promise<void> {
  try {
    await work
  } catch {}
}

/** Whether a value is a promise, or passes for one. */
export function isPromised(value: unknown): boolean {
  const holdsMembers = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return holdsMembers && typeof Reflect.get(value, 'then') === 'function'
}

/** Throws ConfigurationError where the application gave a promise in place of a value, which must not reject unheard. */
export function noPromise(place: string, given: unknown): void {
  assertGiven(place, given, !isPromised(given), 'a value, and no promise')
}

/** Throws ConfigurationError unless what the application gave is as it should be. A promise must not reject unheard. */
export function assertGiven(place: string, given: unknown, holds: unknown, expected: string): asserts holds {
  if (!holds) settle(given)
  assertConfig(place, holds, expected)
}

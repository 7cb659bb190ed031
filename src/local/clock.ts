import { ConfigurationError } from '../errors.ts'

/** The time of a local world. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves the time by some seconds: forwards, or backwards with a negative number. */
  advance(seconds: number): void
}

/** A clock that runs with `source` (milliseconds since the epoch), plus what it was advanced by. */
export function createClock(source: () => number = Date.now): Clock {
  let offset = 0
  return {
    now: () => source() + offset,
    advance(seconds) {
      if (!Number.isFinite(seconds)) throw new ConfigurationError('advance: expected a finite number of seconds.')
      offset += seconds * 1000
    },
  }
}

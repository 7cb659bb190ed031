import { ConfigurationError } from '../../errors.ts'
import type { StopReason } from './memberships.ts'
import { Stop } from './throttled-client.ts'

/** Does pieces of work side by side, until one of them meets a limit. */
export interface Crew {
  /** Resolves when all pieces are done, or a limit was reached and those under way are done. */
  each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void>
  /** Why it ended so far. */
  readonly stopReason: StopReason
}

/** Throws ConfigurationError for a `concurrency` that is none. */
export function createCrew(concurrency = 5): Crew {
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new ConfigurationError('concurrency: expected a whole number, at least 1.')
  }
  let stopReason: StopReason = 'done'
  return {
    async each(items, work) {
      const queue = items[Symbol.iterator]()
      const worker = async () => {
        for (let item = queue.next(); !item.done && stopReason === 'done'; item = queue.next()) {
          try {
            await work(item.value)
          } catch (error) {
            stopReason = error instanceof Stop ? error.stopReason : 'aborted'
            if (!(error instanceof Stop)) throw error
          }
        }
      }
      const outcomes = await Promise.allSettled(Array.from({ length: concurrency }, worker))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },
    get stopReason() {
      return stopReason
    },
  }
}

import { type CallOptions, createPace } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Iam } from '../iam/index.ts'

/** How often a call is sent at most where it fails for another reason than a throttle. */
const ATTEMPTS = 5

/**
 * Limits for all calls of one piece of work. Throttles are waited out, at one pace for all calls, as long as the deadline
 * admits; what fails otherwise is tried a few times, as a single call is. Whenever it is read, `deadline` is what is left of
 * the seconds given. `onWait` is told of each wait for a throttle, in seconds. Throws ConfigurationError.
 */
export function sharedLimits(
  seams: Iam['seams'],
  deadline: number,
  signal: AbortSignal | undefined,
  onWait?: (seconds: number) => void,
): CallOptions {
  if (!(deadline > 0)) throw new ConfigurationError('deadline: expected seconds, over 0.')
  const { now = Date.now } = seams
  const end = now() + deadline * 1000
  return {
    attempts: ATTEMPTS,
    get deadline() {
      return (end - now()) / 1000
    },
    signal,
    pace: createPace(seams, ({ seconds }) => onWait?.(seconds)),
  }
}

import type { CallOptions } from '../../aws/index.ts'
import { ConfigurationError } from '../../errors.ts'
import type { Iam } from '../iam/index.ts'

/**
 * Limits for all calls of one piece of work, which repeat them as often as fits: whenever it is read, `deadline` is what is
 * left of the seconds given. Throws ConfigurationError.
 */
export function sharedLimits(
  { now = Date.now }: Iam['seams'],
  deadline: number,
  signal: AbortSignal | undefined,
): CallOptions {
  if (!(deadline > 0)) throw new ConfigurationError('deadline: expected seconds, over 0.')
  const end = now() + deadline * 1000
  return {
    attempts: Number.POSITIVE_INFINITY,
    get deadline() {
      return (end - now()) / 1000
    },
    signal,
  }
}

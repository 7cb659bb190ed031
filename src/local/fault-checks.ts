import { ConfigurationError } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import type { FaultOptions } from './fault-options.ts'

/** Whether a fault makes answers slow and no more. */
export function isDelayOnly(options: FaultOptions): boolean {
  const { delay, error, status, body, stream, hang, networkError } = options
  const others = [error, status, body, stream, hang || undefined, networkError || undefined]
  return delay !== undefined && others.every((kind) => kind === undefined)
}

/** Throws ConfigurationError for options out of bounds, and for such as contradict each other. */
export function checkFaultOptions(options: FaultOptions): void {
  checkOptions<FaultOptions>(
    'fail',
    options,
    [
      ...(['times', 'rate', 'seed', 'perSecond', 'when', 'error', 'message', 'status', 'headers', 'body'] as const),
      ...(['stream', 'hang', 'networkError', 'delay'] as const),
    ],
    {
      code: 'it is called "error".',
      count: 'it is called "times".',
      probability: 'it is called "rate".',
      latency: 'it is called "delay".',
    },
  )
  const kinds = [
    options.error !== undefined,
    options.hang === true,
    options.networkError === true,
    options.body !== undefined || options.stream !== undefined,
  ]
  if (kinds.filter(Boolean).length > 1) {
    throw new ConfigurationError('fail: give only one of error, hang, networkError, and body with stream.')
  }
  const { times, rate, seed, perSecond, status, delay } = options
  checkWhole('times', times, 1)
  checkWhole('perSecond', perSecond, 1)
  checkWhole('seed', seed, 0)
  if (rate !== undefined && !(rate > 0 && rate <= 1)) {
    throw new ConfigurationError('fail: rate must be more than 0 and at most 1.')
  }
  if (rate !== undefined && perSecond !== undefined) {
    throw new ConfigurationError('fail: give only one of rate and perSecond.')
  }
  if (seed !== undefined && rate === undefined) throw new ConfigurationError('fail: a seed is for a rate.')
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new ConfigurationError('fail: status must be a whole number from 200 to 599.')
  }
  if (delay !== undefined && !(Number.isFinite(delay) && delay >= 0)) {
    throw new ConfigurationError('fail: delay must be a number of milliseconds.')
  }
}

function checkWhole(name: string, value: number | undefined, min: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min)) return
  throw new ConfigurationError(`fail: ${name} must be a whole number of at least ${min}.`)
}

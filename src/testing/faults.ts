import { ConfigurationError } from '../errors.ts'
import type { FaultOptions } from './fault-options.ts'
import { isCallOf } from './request-log.ts'

/** A fault that was ordered with `fail`. */
export interface Fault {
  /** How many requests it has hit. */
  readonly hits: number
  /** Ends it. Requests that hang because of it go on hanging. */
  recover(): void
}

/** The part of a call that decides whether a fault hits it. */
export interface FaultTarget {
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly userPoolId: string | undefined
}

/** The faults of a world. */
export interface Faults {
  /** `userPoolId` restricts the fault to requests that name this pool, or no pool at all. */
  add(operation: string, options: FaultOptions, userPoolId?: string): Fault
  /** The first fault in the order of ordering that hits this call. */
  take(target: FaultTarget, when: 'before' | 'after'): FaultOptions | undefined
  /** Ends those of one pool, or all. */
  clear(userPoolId?: string): void
}

interface Entry {
  readonly operation: string
  readonly options: FaultOptions
  readonly userPoolId: string | undefined
  hits: number
}

/** `fraction` gives the random numbers (0 to 1) that `rate` compares with; `operations` are the names that exist. */
export function createFaults(fraction: () => number, operations: readonly string[]): Faults {
  let entries: Entry[] = []
  return {
    add(operation, options, userPoolId) {
      checkTarget(operation, operations)
      checkOptions(options)
      const entry: Entry = { operation, options: { ...options }, userPoolId, hits: 0 }
      entries.push(entry)
      return {
        get hits() {
          return entry.hits
        },
        recover() {
          entries = entries.filter((other) => other !== entry)
        },
      }
    },
    take(target, when) {
      const hit = entries.find(
        (entry) => (entry.options.when ?? 'before') === when && matches(entry, target) && draw(entry.options, fraction),
      )
      if (hit === undefined) return undefined
      hit.hits += 1
      if (hit.hits === hit.options.times) entries = entries.filter((entry) => entry !== hit)
      return hit.options
    },
    clear(userPoolId) {
      entries = userPoolId === undefined ? [] : entries.filter((entry) => entry.userPoolId !== userPoolId)
    },
  }
}

function matches(entry: Entry, target: FaultTarget): boolean {
  const here =
    entry.userPoolId === undefined || target.userPoolId === undefined || entry.userPoolId === target.userPoolId
  return here && isCallOf(target, entry.operation)
}

function draw({ rate }: FaultOptions, fraction: () => number): boolean {
  return rate === undefined || fraction() < rate
}

function checkTarget(operation: string, operations: readonly string[]): void {
  const known = operations.some((name) => {
    const dot = name.indexOf('.')
    return isCallOf({ service: name.slice(0, dot), operation: name.slice(dot + 1) }, operation)
  })
  if (!known) {
    throw new ConfigurationError(`fail: unknown operation ${operation}; the local pool has ${operations.join(', ')}.`)
  }
}

function checkOptions(options: FaultOptions): void {
  const kinds = [
    options.error !== undefined,
    options.hang === true,
    options.networkError === true,
    options.body !== undefined || options.stream !== undefined,
  ]
  if (kinds.filter(Boolean).length > 1) {
    throw new ConfigurationError('fail: give only one of error, hang, networkError, and body with stream.')
  }
  const { times, rate, status } = options
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) {
    throw new ConfigurationError('fail: times must be a whole number of at least 1.')
  }
  if (rate !== undefined && !(rate > 0 && rate <= 1)) {
    throw new ConfigurationError('fail: rate must be more than 0 and at most 1.')
  }
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new ConfigurationError('fail: status must be a whole number from 200 to 599.')
  }
}

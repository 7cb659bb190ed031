import { ConfigurationError } from '../errors.ts'
import { checkFaultOptions, isDelayOnly } from './fault-checks.ts'
import type { FaultOptions } from './fault-options.ts'
import { createSeededFraction } from './randomness.ts'
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

/** What hits one request at one point of its way. */
export interface Hit {
  /** Milliseconds to wait first. */
  readonly delay: number
  /** What takes the place of the answer; undefined where the request goes on its way. */
  readonly fault: FaultOptions | undefined
}

/** The faults of a world. */
export interface Faults {
  /** `userPoolId` restricts the fault to requests that name this pool, or no pool at all. */
  add(operation: string, options: FaultOptions, userPoolId?: string): Fault
  /** The first fault in the order of ordering that hits this call, and all delays before it. `now` is in milliseconds. */
  take(target: FaultTarget, when: 'before' | 'after', now: number): Hit
  /** Ends those of one pool, or all. */
  clear(userPoolId?: string): void
}

interface Entry {
  readonly operation: string
  readonly options: FaultOptions
  readonly userPoolId: string | undefined
  readonly fraction: () => number
  /** When the requests of the last second came that `perSecond` let pass. */
  passed: readonly number[]
  hits: number
}

/** `fraction` gives the random numbers (0 to 1) that `rate` compares with; `operations` are the names that exist. */
export function createFaults(fraction: () => number, operations: readonly string[]): Faults {
  let entries: Entry[] = []
  return {
    add(operation, options, userPoolId) {
      checkTarget(operation, operations)
      checkFaultOptions(options)
      const own = options.seed === undefined ? fraction : createSeededFraction(options.seed)
      const entry: Entry = { operation, options: { ...options }, userPoolId, fraction: own, passed: [], hits: 0 }
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
    take(target, when, now) {
      let delay = 0
      for (const entry of entries) {
        const { options } = entry
        if ((options.when ?? 'before') !== when || !matches(entry, target) || !draw(entry, now)) continue
        entry.hits += 1
        if (entry.hits === options.times) entries = entries.filter((other) => other !== entry)
        delay += options.delay ?? 0
        if (!isDelayOnly(options)) return { delay, fault: options }
      }
      return { delay, fault: undefined }
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

function draw(entry: Entry, now: number): boolean {
  const { rate, perSecond } = entry.options
  if (perSecond === undefined) return rate === undefined || entry.fraction() < rate
  entry.passed = entry.passed.filter((time) => time > now - 1000 && time <= now)
  if (entry.passed.length >= perSecond) return true
  entry.passed = [...entry.passed, now]
  return false
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

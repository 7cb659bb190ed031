import { checkOptions } from '../internal/options.ts'
import { dispatch } from './dispatcher.ts'
import type { FaultOptions } from './fault-options.ts'
import type { Fault } from './faults.ts'
import { type LocalPool, openPool } from './local-pool.ts'
import type { LocalFetch } from './operation.ts'
import { refuse } from './options/check.ts'
import { type LocalPoolSettings, settingNames } from './options/pool.ts'
import { countRequests, type RequestRecord } from './request-log.ts'
import { createWorld, type LocalWorldOptions } from './world.ts'

/** Several local pools with one clock, one randomness, one log and one `fetch`. */
export interface LocalWorld {
  /** Sets up a further pool. Throws ConfigurationError for a bad option, or where an id or domain is taken. */
  createPool(settings?: LocalPoolSettings): Promise<LocalPool>
  /** Answers for all pools, and never from the network. Anything unknown is 404. Called as `fetch` is. */
  fetch: LocalFetch
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves the clock by some seconds. */
  advance(seconds: number): void
  /** Orders a fault for requests of every pool; see `LocalPool.fail`. */
  fail(operation: string, options?: FaultOptions): Fault
  /** Ends all faults, those of single pools too. */
  recover(): void
  /** A copy of all requests so far, oldest first. */
  readonly requests: readonly RequestRecord[]
  /** How many requests called this operation; without one, how many there are. */
  count(operation?: string): number
}

/** A pool, and the world that it is alone in unless `world` names another. */
export interface LocalPoolOptions extends LocalPoolSettings, LocalWorldOptions {
  /** A world of `createLocalWorld`; `now`, `randomBytes`, `sleep`, `verifySignature` and `iamDelay` are then given there. */
  readonly world?: LocalWorld | undefined
}

/** An empty world. Throws ConfigurationError for options of the wrong type. */
export function createLocalWorld(options: LocalWorldOptions = {}): LocalWorld {
  checkOptions<LocalWorldOptions>('createLocalWorld', options, worldOptionNames())
  const world = createWorld(options)
  return {
    createPool: async (settings = {}) => openPool(world, settings),
    fetch: (request, init) => dispatch(world, request, init),
    now: world.clock.now,
    advance: world.clock.advance,
    fail: (operation, faultOptions = {}) => world.faults.add(operation, faultOptions),
    recover: () => world.faults.clear(),
    get requests() {
      return world.log.list()
    },
    count: (operation) => countRequests(world.log.list(), operation),
  }
}

/**
 * A Cognito user pool in memory, for development and tests: it issues tokens as Cognito does and answers as Cognito
 * does, through `fetch`. Its keys are random, with key ids that begin with `cognigate-local-`. Throws
 * ConfigurationError, naming the option.
 */
export async function createLocalPool(options: LocalPoolOptions = {}): Promise<LocalPool> {
  checkOptions<LocalPoolOptions>('createLocalPool', options, ['world', ...worldOptionNames(), ...settingNames()])
  const { world, now, randomBytes, sleep, verifySignature, iamDelay, ...settings } = options
  const shared = { now, randomBytes, sleep, verifySignature, iamDelay }
  if (world === undefined) return createLocalWorld(shared).createPool(settings)
  for (const [name, value] of Object.entries(shared)) {
    if (value !== undefined) refuse(name, 'with `world`, give it to createLocalWorld.')
  }
  return world.createPool(settings)
}

function worldOptionNames() {
  return ['now', 'randomBytes', 'sleep', 'verifySignature', 'iamDelay'] as const
}

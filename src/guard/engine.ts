import { acceptPools, createVerifier, type TokenVerifier, type VerifiedToken } from '../tokens/index.ts'
import type { CommonOptions, GuardPool } from './options.ts'

/** What guards over the same pools share, whatever their maps are: keys, verified tokens, and what is known of whom. */
export interface Engine<C> {
  readonly verify: TokenVerifier<C>
  readonly clientIds: readonly string[]
  /** What stands behind each principal. Whatever is not in here was not established by this guard. */
  readonly records: WeakMap<object, VerifiedToken<C>>
  /** What the token source left for the answer to a request. */
  readonly cookies: WeakMap<Request, readonly string[]>
  readonly now: () => number
}

type EngineOptions<C> = Pick<
  CommonOptions<'any', C>,
  'now' | 'sleep' | 'fetch' | 'cache' | 'audience' | 'clockTolerance' | 'claims' | 'allowTestKeys'
>

export function createEngine<C>(pools: readonly GuardPool[], options: EngineOptions<C>): Engine<C> {
  const issuers = acceptPools(pools, options)
  return {
    verify: createVerifier(issuers, options),
    clientIds: [...issuers.values()].flatMap(({ clientIds }) => clientIds),
    records: new WeakMap<object, VerifiedToken<C>>(),
    cookies: new WeakMap<Request, readonly string[]>(),
    now: options.now ?? Date.now,
  }
}

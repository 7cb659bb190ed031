import { acceptPools, createPrefetch, type KeyOptions, type RequestContext } from '../keys/index.ts'
import type { AnswerChange } from '../token-sources/index.ts'
import {
  createPrincipal,
  createVerifier,
  type Principal,
  type TokenVerifier,
  type VerifiedToken,
} from '../tokens/index.ts'
import { createEvents, type Events } from './events.ts'
import type { CommonOptions, GuardPool } from './options.ts'

/** What guards over the same pools share, whatever their maps are: keys, verified tokens, and what is known of whom. */
export interface Shared<C> {
  readonly verify: TokenVerifier<Principal<C>>
  readonly clientIds: readonly string[]
  /** Has the keys of all pools ready. Throws UnavailableError where those of one cannot be had. */
  readonly prefetchKeys: (context?: RequestContext) => Promise<void>
  /** What stands behind each principal. Whatever is not in here was not established by this guard. */
  readonly records: WeakMap<object, VerifiedToken<Principal<C>>>
  /** What the token source left for the answer to a request. */
  readonly cookies: WeakMap<Request, readonly string[]>
  /** What the token source does to the answer to a request. */
  readonly changes: WeakMap<Request, Set<AnswerChange>>
  /** Denials of these guards, which each of them answers. */
  readonly denials: WeakSet<object>
  /** Absent where nobody listens. */
  readonly events: Events<C> | undefined
  readonly now: () => number
}

type SharedOptions<C> = Pick<
  CommonOptions<'any', C>,
  | 'now'
  | 'sleep'
  | 'fetch'
  | 'keyCache'
  | 'tokenCache'
  | 'audience'
  | 'clockTolerance'
  | 'mapClaims'
  | 'allowTestKeys'
  | 'onEvent'
>

export function createShared<C>(pools: readonly GuardPool[], options: SharedOptions<C>): Shared<C> {
  const events = options.onEvent && createEvents(options.onEvent)
  const onFailure: KeyOptions['onFailure'] =
    events && ((issuer, error, context) => events.emit({ type: 'keys-failed', issuer, error }, undefined, context))
  const issuers = acceptPools(pools, { ...options, onFailure })
  return {
    verify: createVerifier(issuers, options, (payload, claims, issuer) =>
      createPrincipal(payload, claims, issuer, options.mapClaims),
    ),
    prefetchKeys: createPrefetch(issuers),
    clientIds: [...issuers.values()].flatMap(({ clientIds }) => clientIds),
    records: new WeakMap<object, VerifiedToken<Principal<C>>>(),
    cookies: new WeakMap<Request, readonly string[]>(),
    changes: new WeakMap<Request, Set<AnswerChange>>(),
    denials: new WeakSet(),
    events,
    now: options.now ?? Date.now,
  }
}

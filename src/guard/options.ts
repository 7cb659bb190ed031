import { isJsonObject, isTexts } from '../internal/encoding.ts'
import { assertConfig } from '../errors.ts'
import { checkNames } from '../internal/options.ts'
import { isSafeEndpoint } from '../internal/urls.ts'
import type { Groups } from '../permissions/index.ts'
import type { Claims } from '../internal/claims.ts'
import type { Principal, PrincipalFor, TokenCacheOptions, TokenUse } from '../tokens/index.ts'
import type { ProtectedResource } from './protected-resource.ts'
import type { Fetch, KeyCacheOptions, PoolSettings } from '../keys/index.ts'
import type { TokenSource } from '../token-sources/index.ts'
import type { OnEvent } from './events.ts'

/** What a guard needs of compiled groups. */
export type GroupMap<F extends string, G extends string> = Pick<
  Groups<F, G>,
  'names' | 'permissions' | 'knows' | 'can' | 'decide' | 'explain' | 'stepUp'
> & { readonly definitions: object }

/** One user pool of a guard, with the map of what its groups may do. */
export interface GuardPool<F extends string = string, G extends string = string> extends PoolSettings {
  /** What `defineGroups` returned. Without it the guard authenticates, and authorizes nothing. */
  readonly groups?: GroupMap<F, G> | undefined
}

export type { TokenCacheOptions }

export interface CommonOptions<U extends TokenUse | 'any', C> {
  /** Which tokens are accepted: 'access' (the default), 'id', or 'any'. */
  readonly tokenUse?: U | undefined
  /** With resource binding: the `aud` that access tokens must carry. */
  readonly audience?: string | undefined
  /** OAuth scopes that every access token must have; a token without one of them is answered 403. */
  readonly scopes?: readonly string[] | undefined
  /** Seconds by which `exp` and `nbf` may be off. Default 0. */
  readonly clockTolerance?: number | undefined
  /** Where a request carries its token. Default: `bearer`, the Authorization header. */
  readonly tokenSource?: TokenSource | undefined
  /** Makes the principal's `claims` of the raw ones, once a token; a throw is answered 401 `CLAIM_INVALID`. */
  readonly mapClaims?: ((raw: Claims) => C) | undefined
  /**
   * Your own final check, on every request. Passes only on exactly `true`; anything else is 401 `VALIDATION_FAILED`; what it
   * throws propagates.
   */
  readonly validate?:
    | ((
        principal: PrincipalFor<U, C>,
        context: { readonly request: Request | undefined },
      ) => boolean | Promise<boolean>)
    | undefined
  /** Replaces the groups of a principal, on every request and synchronously: for machines, tenants, federated roles. */
  readonly resolveGroups?:
    | ((principal: PrincipalFor<U, C>, context: { readonly request: Request | undefined }) => readonly string[])
    | undefined
  /** What to do with a caller in a group that the map does not know: 'ignore' the group (default), or 'refuse' with 403. */
  readonly unknownGroups?: 'ignore' | 'refuse' | undefined
  readonly keyCache?: KeyCacheOptions | undefined
  readonly tokenCache?: TokenCacheOptions | undefined
  /** Accepts the keys of local pools and emulators in a static `jwks`. For tests only. */
  readonly allowTestKeys?: boolean | undefined
  /** What `protectedResource` returned: refusals then name its metadata, and the adapters serve them (RFC 9728). */
  readonly protectedResource?: ProtectedResource | undefined
  /**
   * Called when a caller was let in or refused, and for each decision: for logs, metrics and audits. Nobody waits for what it
   * returns, though the platform's `waitUntil` keeps it alive; what it throws or rejects with changes nothing.
   */
  readonly onEvent?: OnEvent<Principal<C>> | undefined
  /** Replaces the platform's `fetch`, which asks issuers for their keys. */
  readonly fetch?: Fetch | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** Replaces the timer. An aborted sleep may end early. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined
}

/** A guard over one user pool. */
export interface SinglePoolOptions<F extends string, G extends string, U extends TokenUse | 'any', C>
  extends GuardPool<F, G>,
    CommonOptions<U, C> {
  readonly pools?: undefined
  readonly selectPool?: undefined
}

/** A guard over several user pools, each with its own clients and its own map. */
export interface ManyPoolsOptions<F extends string, G extends string, U extends TokenUse | 'any', C>
  extends CommonOptions<U, C> {
  readonly pools: readonly GuardPool<F, G>[]
  readonly userPoolId?: undefined
  readonly clientId?: undefined
  readonly issuer?: undefined
  readonly replicaRegions?: undefined
  readonly jwksUrl?: undefined
  readonly jwks?: undefined
  readonly keyStore?: undefined
  readonly groups?: undefined
  /**
   * The id of the only pool whose tokens a request may carry, such as the tenant's of its host name. Undefined is answered
   * 401. Without this option a token may be of any configured pool.
   */
  readonly selectPool?: ((request: Request) => string | undefined) | undefined
}

export type GuardOptions<
  F extends string = string,
  G extends string = string,
  U extends TokenUse | 'any' = TokenUse | 'any',
  C = Claims,
> = SinglePoolOptions<F, G, U, C> | ManyPoolsOptions<F, G, U, C>

/**
 * Where the type parameters of a guard come from, whichever alternative of the options is meant. The compiler infers nothing
 * from a union none of whose members fits, and would then complain of what is right beside one misspelt option.
 */
export interface InferenceSites<F extends string, G extends string, U extends TokenUse | 'any', C> {
  readonly groups?: GroupMap<F, G> | undefined
  readonly pools?: readonly Partial<GuardPool<F, G>>[] | undefined
  readonly tokenUse?: U | undefined
  readonly mapClaims?: ((raw: Claims) => C) | undefined
}

/** Whether a value will do for an option, and what is expected. */
type Rule = readonly [holds: (value: unknown) => unknown, expected: string]
type Rules<N extends string = string> = Readonly<Record<N, Rule>>
type PoolName = keyof GuardPool
type GuardName = Exclude<keyof ManyPoolsOptions<string, string, 'any', unknown>, PoolName>

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Checks what the types cannot. Throws ConfigurationError that names the option and says what is expected. */
export function checkGuardOptions<C>(options: GuardOptions<string, string, TokenUse | 'any', C>): void {
  const amount: Rule = [(value) => Number.isFinite(value) && Number(value) >= 0, 'a number, 0 or more']
  const keyCache: Rules<keyof KeyCacheOptions> = {
    maxAge: amount,
    staleIfError: amount,
    cooldown: amount,
    timeout: amount,
  }
  const tokenCache: Rules<keyof TokenCacheOptions> = { maxEntries: amount }
  const levels = { 'the guard': guardRules(options, amount), 'a pool': poolRules({}), keyCache, tokenCache }
  const hints: Record<string, string> = {
    graceSeconds: 'it is called "clockTolerance" here.',
    customJwtCheck: 'it is called "validate" here.',
  }
  for (const [level, rules] of Object.entries(levels)) for (const name in rules) hints[name] = `it belongs to ${level}.`
  const check = (place: string, given: object, rules: Rules, other: Rules = rules) => {
    checkNames(place, given, Object.keys({ ...other, ...rules }), hints)
    for (const [name, [holds, expected]] of Object.entries(rules)) {
      const value: unknown = Reflect.get(given, name)
      // The client is the only one that has to be there.
      if (value !== undefined || name === 'clientId') assertConfig(name, holds(value), expected)
    }
  }

  check('createGuard', options, levels['the guard'], levels['a pool'])
  const { pools, allowTestKeys, keyCache: keys = {}, tokenCache: tokens = {} } = options
  check('createGuard: keyCache', keys, keyCache)
  check('createGuard: tokenCache', tokens, tokenCache)
  if (!pools) {
    check('createGuard', options, poolRules(options, allowTestKeys), levels['the guard'])
    return
  }
  for (const [at, pool] of pools.entries()) {
    check(`createGuard: pools[${at}]`, pool, poolRules(pool, allowTestKeys))
  }
  for (const name in levels['a pool']) {
    assertConfig(name, Reflect.get(options, name) === undefined, 'to stand in each of `pools`')
  }
}

function guardRules(
  options: { readonly pools?: unknown; readonly tokenUse?: string | undefined },
  amount: Rule,
): Rules<GuardName> {
  const callback: Rule = [isFunction, 'a function']
  return {
    tokenSource: [isFunction, "a function, such as `cookie('name')`"],
    selectPool: [(value) => isFunction(value) && options.pools, 'a function, beside `pools`'],
    mapClaims: callback,
    validate: callback,
    resolveGroups: callback,
    onEvent: callback,
    fetch: callback,
    now: callback,
    sleep: callback,
    pools: [Array.isArray, 'an array'],
    tokenUse: [(value) => isText(value) && /^(access|id|any)$/.test(value), 'access, id or any'],
    audience: [(value) => value && isText(value), 'a string'],
    // RFC 6749 section 3.3. They are quoted in header fields, and ID tokens carry none.
    scopes: [
      (value) =>
        isTexts(value) &&
        value.every((scope) => /^[!#-[\]-~]+$/.test(scope)) &&
        (!value[0] || (options.tokenUse ?? 'access') === 'access'),
      'scope names, with access tokens only',
    ],
    clockTolerance: amount,
    unknownGroups: [(value) => isText(value) && /^(ignore|refuse)$/.test(value), 'ignore or refuse'],
    keyCache: [() => true, ''],
    tokenCache: [() => true, ''],
    // A promise would pass for true.
    allowTestKeys: [(value) => typeof value === 'boolean', 'true or false'],
    protectedResource: [(value) => isJsonObject(value) && 'respond' in value, 'what `protectedResource` returned'],
  }
}

function poolRules(pool: Partial<GuardPool>, allowHttp?: boolean): Rules<PoolName> {
  const url: Rule = [
    (value) => isText(value) && isSafeEndpoint(value, allowHttp) && !value.endsWith('/'),
    'an https URL without credentials, query or final slash; http needs `allowTestKeys`',
  ]
  return {
    userPoolId: [isText, 'the id of a pool'],
    clientId: [
      (value) => value === null || ([value].flat()[0] && [value].flat().every((id) => id && isText(id))),
      'an app client id, an array of them, or null for any client',
    ],
    replicaRegions: [(value) => isTexts(value) && !(pool.issuer && value[0]), 'an array of regions, and no `issuer`'],
    issuer: url,
    jwksUrl: url,
    jwks: [() => !pool.jwksUrl && !pool.keyStore, 'neither `jwksUrl` nor `keyStore` beside it'],
    keyStore: [(value) => isJsonObject(value) && isFunction(value.get), 'a key store, which has `get` and `put`'],
    groups: [(value) => checkGroups(value) === undefined, ''],
  }
}

/** Names of groups, or their definitions, would pass for a map that allows nothing. */
export function checkGroups(groups: unknown): void {
  const made = isJsonObject(groups) && isFunction(groups.can)
  assertConfig('groups', made, 'what `defineGroups` makes of a map; to ask for a group, use `groupRequired`')
}

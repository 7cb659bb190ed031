import { isTexts } from '../internal/encoding.ts'
import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
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
>

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
   * Told who was let in, who was refused and what was decided: for logs, metrics and audits. Nobody waits for what it
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

const callbackNames = [
  'selectPool',
  'tokenSource',
  'mapClaims',
  'validate',
  'resolveGroups',
  'onEvent',
  'fetch',
  'now',
  'sleep',
] as const
const guardNames = [
  ...callbackNames,
  'pools',
  'tokenUse',
  'audience',
  'scopes',
  'clockTolerance',
  'unknownGroups',
  'keyCache',
  'tokenCache',
  'allowTestKeys',
  'protectedResource',
] as const
const poolNames = [
  'userPoolId',
  'clientId',
  'replicaRegions',
  'issuer',
  'jwksUrl',
  'jwks',
  'keyStore',
  'groups',
] as const
const keyCacheNames = ['maxAge', 'staleIfError', 'cooldown', 'timeout'] as const
const tokenCacheNames = ['maxEntries'] as const

/** By a name that is not known where it stands, what was meant. */
function hintsFor(): Record<string, string> {
  const hints: Record<string, string> = {
    graceSeconds: 'it is called "clockTolerance" here.',
    customJwtCheck: 'it is called "validate" here.',
  }
  const levels = {
    'to the guard itself': guardNames,
    'to a pool': poolNames,
    'in "keyCache"': keyCacheNames,
    'in "tokenCache"': tokenCacheNames,
  }
  for (const [level, names] of Object.entries(levels)) for (const name of names) hints[name] = `it belongs ${level}.`
  return hints
}

/** Checks what the types cannot. Throws ConfigurationError that names the option and says what is expected. */
export function checkGuardOptions<C>(options: GuardOptions<string, string, TokenUse | 'any', C>): void {
  const hints = hintsFor()
  checkOptions<typeof options>('createGuard', options, [...guardNames, ...poolNames], hints)
  const {
    tokenUse = 'access',
    unknownGroups = 'ignore',
    audience,
    scopes = [],
    clockTolerance,
    keyCache = {},
    tokenCache = {},
  } = options
  checkOptions<KeyCacheOptions>('createGuard: keyCache', keyCache, keyCacheNames, hints)
  checkOptions<TokenCacheOptions>('createGuard: tokenCache', tokenCache, tokenCacheNames, hints)
  const { pools = [] } = options
  assertConfig('pools', Array.isArray(pools), 'an array')
  pools.forEach((pool, at) => {
    checkOptions<GuardPool>(`createGuard: pools[${at}]`, pool, poolNames, hints)
    checkGroups(pool.groups)
  })
  checkGroups(options.groups)
  for (const name of poolNames)
    assertConfig(name, !options.pools || options[name] === undefined, 'to stand in each of `pools`')
  for (const name of callbackNames) {
    const value = options[name]
    assertConfig(
      name,
      value === undefined || typeof value === 'function',
      "a function, such as `cookie('name')` for `tokenSource`",
    )
  }
  assertConfig('selectPool', options.pools || !options.selectPool, 'to stand beside `pools`')
  // A promise would pass for true, and the options of the function for what it returns.
  assertConfig('allowTestKeys', typeof (options.allowTestKeys ?? false) === 'boolean', 'true or false')
  const { protectedResource } = options
  assertConfig(
    'protectedResource',
    !protectedResource || 'respond' in protectedResource,
    'what `protectedResource` returned',
  )
  assertConfig('tokenUse', /^(access|id|any)$/.test(tokenUse), 'access, id or any')
  assertConfig('unknownGroups', /^(ignore|refuse)$/.test(unknownGroups), 'ignore or refuse')
  assertConfig('audience', audience === undefined || (audience && typeof audience === 'string'), 'a string')
  // RFC 6749 section 3.3. They are quoted in header fields, and ID tokens carry none.
  const quotable = isTexts(scopes) && scopes.every((scope) => /^[!#-[\]-~]+$/.test(scope))
  assertConfig('scopes', quotable && (!scopes.length || tokenUse === 'access'), 'scope names, with access tokens only')
  for (const [name, value = 0] of Object.entries({ clockTolerance, ...keyCache, ...tokenCache })) {
    assertConfig(name, Number.isFinite(value) && value >= 0, 'a number, 0 or more')
  }
}

/** Names of groups, or their definitions, would pass for a map that allows nothing. */
export function checkGroups(groups: Partial<GroupMap<string, string>> | undefined): void {
  const made = groups === undefined || typeof groups?.can === 'function'
  assertConfig('groups', made, 'what `defineGroups` makes of a map; to ask for a group, use `groupRequired`')
}

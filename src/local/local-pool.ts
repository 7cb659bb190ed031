import { checkOptions } from '../internal/options.ts'
import { type CallerRequest, findCaller, type LocalCaller } from './caller.ts'
import { getProviderName } from './cognito-identity/identities.ts'
import { getIssuer } from './cognito-idp/user-pool.ts'
import { dispatch } from './dispatcher.ts'
import type { Fault, FaultOptions } from './faults.ts'
import { managedLoginHost, userPoolEndpoint } from './hosts.ts'
import type { LocalFetch, LocalRequest } from './operation.ts'
import { refuse } from './options/check.ts'
import type { MainClient } from './options/clients.ts'
import { createIdentityPoolState } from './options/identity-pool.ts'
import { createPoolState, type LocalPoolSettings, settingNames } from './options/pool.ts'
import { countRequests, type RequestRecord } from './request-log.ts'
import type { MessageState, PoolState } from './state/index.ts'
import { serve } from './serve.ts'
import { createTokenIssuer, type TokenIssuer } from './token-issuer.ts'
import { createWorld, getKeys, type LocalWorldOptions, type World, worldOptionNames } from './world.ts'

/** A pool, and the world that it is alone in unless `world` names another. */
export interface LocalPoolOptions extends LocalPoolSettings, LocalWorldOptions {
  /** A world of `createLocalWorld`; what concerns the world as a whole, such as `now`, is then given there. */
  readonly world?: LocalWorld | undefined
}

/**
 * A Cognito user pool in memory, for development and tests: it issues tokens as Cognito does and answers as Cognito
 * does, through `fetch`. Its keys are random, with key ids that begin with `cognigate-local-`. Throws
 * ConfigurationError, naming the option.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { createLocalPool } from 'cognigate/testing'
 *
 * const pool = await createLocalPool({ groups: ['editor'], users: { alice: { groups: ['editor'] } } })
 * const guard = createGuard({ ...pool.settings, groups: defineGroups({ editor: { allow: ['posts.write'] } }) })
 * const { accessToken } = await pool.tokens('alice')
 * const principal = await guard.verify(accessToken)
 * ```
 */
export async function createLocalPool(options: LocalPoolOptions = {}): Promise<LocalPool> {
  checkOptions<LocalPoolOptions>('createLocalPool', options, ['world', ...worldOptionNames(), ...settingNames()])
  const { world, now, randomBytes, sleep, verifySignature, iamDelay, strict, administrator, ...settings } = options
  const shared = { now, randomBytes, sleep, verifySignature, iamDelay, strict, administrator }
  if (world === undefined) return createLocalWorld(shared).createPool(settings)
  for (const [name, value] of Object.entries(shared)) {
    if (value !== undefined) refuse(name, 'with `world`, give it to createLocalWorld.')
  }
  return world.createPool(settings)
}

/** An empty world. Throws ConfigurationError for options of the wrong type. */
export function createLocalWorld(options: LocalWorldOptions = {}): LocalWorld {
  checkOptions<LocalWorldOptions>('createLocalWorld', options, worldOptionNames())
  const world = createWorld(options)
  return {
    createPool: async (settings = {}) => openPool(world, settings),
    fetch: (request, init) => dispatch(world, request, init),
    serve: (request) => serve(world, request),
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

/** What a guard needs in order to work against a local pool: `createGuard({ ...pool.settings, groups })`. */
export interface LocalSettings {
  readonly userPoolId: string
  readonly clientId: string
  readonly fetch: LocalFetch
  /** Milliseconds since the epoch, by the clock of the world. */
  readonly now: () => number
}

/** A Cognito user pool in memory, for development and tests. */
export interface LocalPool extends TokenIssuer {
  readonly settings: LocalSettings
  readonly region: string
  /** Where the API of the pool is, as the `endpoint` of API clients. */
  readonly endpoint: string
  /** The host of the managed login, without scheme. */
  readonly domain: string
  /** The `iss` of the pool's tokens. */
  readonly issuer: string
  /** The id of the identity pool that takes the pool's users: `<region>:<uuid>`. */
  readonly identityPoolId: string
  /**
   * Who signed a request to any service of AWS, such as S3, for a test's own stub of that service: the header form of
   * Signature Version 4, with temporary credentials that this world issued, at most 5 minutes ago (S3: 15). Ask before
   * the body is read; it is left unread where the request can be cloned. Undefined for anything that is unsigned, unknown, expired or wrongly
   * signed, for presigned URLs and for signed chunks.
   *
   * @example
   * ```ts
   * const s3 = async (request: Request) => {
   *   const caller = await pool.caller(request)
   *   if (caller === undefined) return new Response('AccessDenied', { status: 403 })
   *   return new Response(`hello, ${caller.roleName}`)
   * }
   * ```
   */
  caller(request: CallerRequest): Promise<LocalCaller | undefined>
  /** Answers for the whole world of the pool, and never from the network. Anything unknown is 404. Called as `fetch` is. */
  fetch: LocalFetch
  /**
   * Answers for the whole world of the pool at any address, as a server does: by the signature of a call, its target header,
   * its form or its path. For a Worker, or another server, that is to be the local AWS.
   *
   * @example
   * ```ts
   * const pool = await createLocalPool({ users: ['alice'] })
   * export default { fetch: (request: Request) => pool.serve(request) }
   * ```
   */
  serve(request: LocalRequest): Promise<Response>
  /**
   * The tokens that this user gets by signing in. Groups stand in the order of their precedence, lowest number first
   * and those without one last, then by name. Throws ConfigurationError for an unknown user or client.
   *
   * @example
   * ```ts
   * const { accessToken, idToken } = await pool.tokens('alice', { claims: { acr: 'urn:cognito:loa:2' } })
   * ```
   */
  tokens: TokenIssuer['tokens']
  /**
   * The token that an app client gets for itself (client credentials), without asking for its secret. Throws
   * ConfigurationError for an unknown client or a scope that it may not have.
   *
   * @example
   * ```ts
   * const { accessToken } = await pool.clientTokens({ scope: 'orders/read' })
   * ```
   */
  clientTokens: TokenIssuer['clientTokens']
  /**
   * Codes that Cognito would have mailed and texted, oldest first: of sign-up, forgotten passwords, attributes that are
   * to be verified, and sign-in.
   *
   * @example
   * ```ts
   * const code = pool.outbox.findLast(({ username }) => username === 'alice')?.code
   * ```
   */
  readonly outbox: readonly LocalMessage[]
  /** Signs any payload with a key of the pool, for tests with tokens that Cognito would never issue. */
  sign: TokenIssuer['sign']
  /** The secret of an app client. Throws ConfigurationError where it has none. */
  clientSecret(clientId: string): string
  /** From now on new keys sign. */
  rotateKeys(options?: RotationOptions): void
  /**
   * Orders a fault for requests that name this pool or no pool: for `jwks`, `openid-configuration`, `token`, the name
   * of an operation such as `ListGroups`, either with its service in front (`cognito-idp.ListGroups`), or `*`.
   *
   * @example
   * ```ts
   * const outage = pool.fail('jwks', { status: 503, times: 2 })
   * // … two requests for the keys are refused
   * pool.recover()
   * ```
   */
  fail(operation: string, options?: FaultOptions): Fault
  /** Ends all faults that were ordered on this pool. */
  recover(): void
  /**
   * Moves the clock of the world by some seconds.
   *
   * @example
   * ```ts
   * const { accessToken } = await pool.tokens('alice', { expiresIn: 300 })
   * pool.advance(301) // the token has expired for everything that uses pool.settings.now
   * ```
   */
  advance(seconds: number): void
  /** A copy of the world's requests so far, oldest first, without those that name another pool of the world. */
  readonly requests: readonly RequestRecord[]
  /** How many of `requests` called this operation; without one, how many there are. */
  count(operation?: string): number
}

/** A message with a code. `at` is in milliseconds since the epoch, by the clock of the world. */
export type LocalMessage = MessageState

/** What `rotateKeys` does with the keys that signed until now. */
export interface RotationOptions {
  /** Whether they stay published, so that tokens from before still verify. Default true. */
  readonly keepOld?: boolean | undefined
}

/** Several local pools with one clock, one randomness, one log and one `fetch`. */
export interface LocalWorld {
  /** Sets up a further pool. Throws ConfigurationError for a bad option, or where an id or domain is taken. */
  createPool(settings?: LocalPoolSettings): Promise<LocalPool>
  /** Answers for all pools, and never from the network. Anything unknown is 404. Called as `fetch` is. */
  fetch: LocalFetch
  /** Answers for all pools at any address, as a server does; see `LocalPool.serve`. */
  serve(request: LocalRequest): Promise<Response>
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

/** Sets up a pool in this world. Throws ConfigurationError, naming the option. */
export function openPool(world: World, settings: LocalPoolSettings, mainClient?: MainClient): LocalPool {
  const { pool, clientId } = createPoolState(world, settings, mainClient)
  const { userPoolId } = pool
  const identityPool = createIdentityPoolState(world, pool, clientId, settings.identityPool)
  const { identityPoolId } = identityPool
  if (Object.keys(world.state.pools).length === 0) world.region = pool.region
  world.state.pools[userPoolId] = pool
  world.state.identityPools[identityPoolId] = identityPool
  getKeys(world, userPoolId)
  if (settings.triggers !== undefined) world.triggers[userPoolId] = settings.triggers
  return createHandle(world, pool, clientId, identityPoolId)
}

/**
 * A pool that the world has already. Its main client is `clientId`, or else its first one, those without a secret before
 * others. Throws ConfigurationError where there is no such pool or client.
 */
export function findPool(world: World, userPoolId: string, clientId?: string): LocalPool {
  const pool = world.state.pools[userPoolId] ?? refuse('userPoolId', 'the world has no pool of this id.')
  const clients = Object.values(pool.clients)
  const client =
    clientId === undefined
      ? (clients.find(({ secret }) => secret === undefined) ?? clients[0])
      : clients.find((one) => one.clientId === clientId)
  if (client === undefined) refuse('clientId', 'the pool has no such app client.')
  const providerName = getProviderName(pool)
  const identityPool = Object.values(world.state.identityPools).find(({ providers }) =>
    providers.some((provider) => provider.providerName === providerName),
  )
  return createHandle(world, pool, client.clientId, identityPool?.identityPoolId ?? '')
}

function createHandle(world: World, pool: PoolState, clientId: string, identityPoolId: string): LocalPool {
  const { userPoolId } = pool
  const keys = getKeys(world, userPoolId)
  const fetch: LocalFetch = (request, init) => dispatch(world, request, init)
  // UpdateUserPool and its like put another pool into the place of the first.
  const current = () => world.state.pools[userPoolId] ?? pool
  const requests = () =>
    world.log.list().filter((record) => {
      return record.userPoolId === userPoolId || world.state.pools[record.userPoolId ?? ''] === undefined
    })
  return {
    ...createTokenIssuer(world, current, keys, clientId),
    settings: { userPoolId, clientId, fetch, now: world.clock.now },
    region: pool.region,
    endpoint: userPoolEndpoint(pool.region),
    domain: managedLoginHost(pool.domain ?? '', pool.region),
    get issuer() {
      return getIssuer(current(), world)
    },
    identityPoolId,
    caller: (request) => findCaller(world.state, request, world.clock.now()),
    fetch,
    serve: (request) => serve(world, request),
    clientSecret: (id) => current().clients[id]?.secret ?? refuse('clientSecret', 'no client of this id has a secret.'),
    rotateKeys: (options = {}) => {
      checkOptions<RotationOptions>('rotateKeys', options, ['keepOld'])
      keys.rotate(options.keepOld ?? true)
    },
    fail: (operation, options = {}) => world.faults.add(operation, options, userPoolId),
    recover: () => world.faults.clear(userPoolId),
    advance: world.clock.advance,
    get requests() {
      return requests()
    },
    get outbox() {
      return [...current().outbox]
    },
    count: (operation) => countRequests(requests(), operation),
  }
}

import { assertConfig } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { isRegion } from '../hosts.ts'
import { type LocalPool, openPool } from '../local-pool.ts'
import { refuse } from '../options/check.ts'
import type { LocalPoolSettings } from '../options/pool.ts'
import { serve } from '../serve.ts'
import { createWorld, type LocalWorldOptions, type World, worldOptionNames } from '../world.ts'
import { listen } from './http.ts'

/** How a local server is started. */
export interface LocalServerOptions extends LocalWorldOptions {
  /** The user pool that it begins with, as for `createLocalPool`; false for none. Default: an empty pool. */
  readonly pool?: LocalPoolSettings | false | undefined
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** The address to listen at. Default `127.0.0.1`, which only this machine reaches. */
  readonly host?: string | undefined
  /** The region of calls that name none. Default: that of the pool, or eu-west-1. */
  readonly region?: string | undefined
  /**
   * Whose names the tokens bear as their issuer: `aws` for `https://cognito-idp.<region>.amazonaws.com/<pool>`, as in
   * production; `local` for the address of the server, at which any library then finds the keys by discovery. Default
   * `aws`.
   */
  readonly issuer?: 'aws' | 'local' | undefined
  /** Told of what is not offered and of what went wrong, one line each. Default: nothing. */
  readonly log?: ((line: string) => void) | undefined
}

/** What a guard needs against a local server: `createGuard({ ...server.settings, groups })`. */
export interface LocalServerSettings {
  readonly userPoolId: string
  readonly clientId: string
  /** Only where the tokens are issued by the server's own address. */
  readonly issuer?: string
  readonly jwksUrl: string
}

/** A local AWS that listens. */
export interface LocalServer {
  /** Such as `http://127.0.0.1:49152`, without a slash at the end: the `endpoint` of every client. */
  readonly url: string
  readonly region: string
  /** What a guard needs for the pool. Throws ConfigurationError where the server began without one. */
  readonly settings: LocalServerSettings
  /** The pool that the server began with: its tokens, its outbox, its faults. Throws ConfigurationError without one. */
  readonly pool: LocalPool
  /** Stops listening. Requests that are being answered have a second to finish. */
  close(): Promise<void>
}

/**
 * Serves the local AWS over HTTP, on Node, Bun and Deno, for any client: the AWS CLI, the SDKs, Terraform, Amplify. Throws
 * ConfigurationError for a bad option, and where the port is taken.
 *
 * @example
 * ```ts
 * import { createGuard, defineGroups } from 'cognigate'
 * import { startLocalServer } from 'cognigate/testing/server'
 *
 * const server = await startLocalServer({ pool: { groups: ['editor'], users: { alice: { groups: ['editor'] } } } })
 * const groups = defineGroups({ editor: { allow: ['posts.write'] } })
 * const guard = createGuard({ ...server.settings, groups })
 * const { accessToken } = await server.pool.tokens('alice')
 * const principal = await guard.verify(accessToken)
 * await server.close()
 * ```
 */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  checkOptions<LocalServerOptions>('startLocalServer', options, optionNames(), {
    groups: 'put it into "pool".',
    users: 'put it into "pool".',
    clients: 'put it into "pool".',
    userPoolId: 'put it into "pool".',
    hostname: 'it is called "host".',
  })
  const { pool: settings = {}, port = 0, host = '127.0.0.1', region, issuer = 'aws', log = () => {}, ...rest } = options
  assertConfig('port', Number.isInteger(port) && port >= 0 && port <= 65_535, 'a whole number from 0 to 65535.')
  assertConfig('host', typeof host === 'string' && host !== '', 'an address, such as 127.0.0.1.')
  assertConfig('region', region === undefined || isRegion(region), 'a region of AWS, such as eu-west-1.')
  assertConfig('issuer', issuer === 'aws' || issuer === 'local', '"aws" or "local".')
  assertConfig('log', typeof log === 'function', 'a function.')
  const world = createWorld(rest)
  world.report = log
  const pool = settings === false ? undefined : openPool(world, { region, ...settings })
  if (region !== undefined) world.region = region
  const server = await listen({ host, port, report: log, handle: (request) => serve(world, request) })
  if (issuer === 'local') world.issuerBase = server.url
  const needPool = () => pool ?? refuse('pool', 'the server began without one.')
  return {
    url: server.url,
    region: world.region,
    get settings() {
      return settingsOf(world, needPool(), server.url)
    },
    get pool() {
      return needPool()
    },
    close: server.close,
  }
}

function settingsOf(world: World, pool: LocalPool, url: string): LocalServerSettings {
  const { userPoolId, clientId } = pool.settings
  const jwksUrl = `${url}/${userPoolId}/.well-known/jwks.json`
  return world.issuerBase === undefined
    ? { userPoolId, clientId, jwksUrl }
    : { userPoolId, clientId, issuer: pool.issuer, jwksUrl }
}

function optionNames() {
  return ['pool', 'port', 'host', 'region', 'issuer', 'log', ...worldOptionNames()] as const
}

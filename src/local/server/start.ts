import { assertConfig } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import { listSetting } from '../cognito-idp/clients.ts'
import { countUsers } from '../cognito-idp/directory.ts'
import { isRegion } from '../hosts.ts'
import { findPool, type LocalPool, openPool } from '../local-pool.ts'
import { refuse } from '../options/check.ts'
import type { MainClient } from '../options/clients.ts'
import type { LocalPoolSettings } from '../options/pool.ts'
import { serve } from '../serve.ts'
import { createWorld, type LocalWorldOptions, type World, worldOptionNames } from '../world.ts'
import { listen } from './http.ts'
import { openStateFile, type SavedState } from './state-file.ts'

/** How a local server is started. */
export interface LocalServerOptions extends LocalWorldOptions {
  /**
   * The user pool that it begins with, as for `createLocalPool`; false for none. Its app client of `clientId`, unless `clients`
   * says otherwise, has managed login for an app at port 3000, 5173, 8000 or 8787 of localhost: `/auth/callback` and `/` as
   * callbacks, `/auth/logout` and `/` for signing out. Default: an empty pool.
   */
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
  /**
   * A file that keeps everything, users, tokens and keys, over restarts and however the process ends; only its owner can
   * read it. Where it has the pool already, that is used as it is. Default: everything is gone at the end.
   */
  readonly state?: string | undefined
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
  /**
   * Where managed login is, such as `http://127.0.0.1:49152/eu-west-1_AbCdEfGhI`: the `domain` of a login, as in
   * `createLogin({ ...server.settings, domain: server.domain, … })`. Throws ConfigurationError where the server began without
   * a pool.
   */
  readonly domain: string
  /** What the app client of `settings` has registered: a `redirectUri` of a login is one of them. Throws as `domain` does. */
  readonly callbackUrls: readonly string[]
  /**
   * The administrator's access key: the one that was given, or in a strict world one that was made at random. Undefined
   * where any unknown key is the administrator's.
   */
  readonly administrator: LocalWorldOptions['administrator']
  /** The pool that the server began with: its tokens, its outbox, its faults. Throws ConfigurationError without one. */
  readonly pool: LocalPool
  /** Stops listening. Requests that are being answered have a second to finish. */
  close(): Promise<void>
}

/**
 * Serves the local AWS over HTTP, on Node, Bun and Deno, for any client: the AWS CLI, the SDKs, Terraform, Amplify. Throws
 * ConfigurationError for a bad option, where the port is taken, and where another server has the state file.
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
  const { pool: settings = {}, port = 0, host = '127.0.0.1', region, issuer = 'aws', state, ...others } = options
  const { log = () => {}, ...rest } = others
  assertConfig('port', Number.isInteger(port) && port >= 0 && port <= 65_535, 'a whole number from 0 to 65535.')
  assertConfig('host', typeof host === 'string' && host !== '', 'an address, such as 127.0.0.1.')
  assertConfig('region', region === undefined || isRegion(region), 'a region of AWS, such as eu-west-1.')
  assertConfig('issuer', issuer === 'aws' || issuer === 'local', '"aws" or "local".')
  assertConfig('state', state === undefined || (typeof state === 'string' && state !== ''), 'the name of a file.')
  assertConfig('log', typeof log === 'function', 'a function.')
  const saved = state === undefined ? undefined : await openStateFile(state, log)
  try {
    const administrator = rest.administrator ?? (rest.strict === true ? createAdministrator() : undefined)
    const world = createWorld({ ...rest, administrator }, saved)
    world.report = log
    const begun = settings === false ? undefined : await beginPool(world, saved, { region, ...settings })
    // What finds users is made now, and not at the first call.
    for (const pool of Object.values(world.state.pools)) countUsers(pool)
    world.region = region ?? begun?.region ?? Object.values(world.state.pools)[0]?.region ?? world.region
    const server = await listen({
      ...{ host, port, report: log },
      handle: (request) => serve(world, request),
    })
    if (issuer === 'local') world.issuerBase = server.url
    const needPool = () => begun ?? refuse('pool', 'the server began without one.')
    return {
      url: server.url,
      region: world.region,
      administrator,
      get settings() {
        return settingsOf(world, needPool(), server.url)
      },
      get domain() {
        return `${server.url}/${needPool().settings.userPoolId}`
      },
      get callbackUrls() {
        const { userPoolId, clientId } = needPool().settings
        const client = world.state.pools[userPoolId]?.clients[clientId]
        return client === undefined ? [] : listSetting(client, 'CallbackURLs')
      },
      get pool() {
        return needPool()
      },
      async close() {
        await server.close()
        await saved?.close()
      },
    }
  } catch (error) {
    await saved?.close()
    throw error
  }
}

/** An access key that nobody can guess. */
function createAdministrator(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  const text = (length: number) => crypto.randomUUID().replaceAll('-', '').toUpperCase().slice(0, length)
  return { accessKeyId: `AKIALOCAL${text(11)}`, secretAccessKey: `${text(32)}${text(8)}` }
}

/** The pool of the state that is meant, or else a new one. */
async function beginPool(world: World, saved: SavedState | undefined, settings: LocalPoolSettings): Promise<LocalPool> {
  const { userPoolId = Object.keys(world.state.pools)[0], clientId, triggers } = settings
  if (userPoolId === undefined || world.state.pools[userPoolId] === undefined) {
    if (saved === undefined) return openPool(world, settings, loopbackClient())
    let pool: LocalPool | undefined
    await saved.begin(() => {
      pool = openPool(world, settings, loopbackClient())
    })
    if (pool !== undefined) return pool
  }
  if (triggers !== undefined) world.triggers[String(userPoolId)] = triggers
  if (settings.users !== undefined || settings.groups !== undefined) {
    world.report(
      `The state file has the user pool ${userPoolId} already, as it was left; what it should begin with is not applied.`,
    )
  }
  return findPool(world, String(userPoolId), clientId)
}

/** Managed login for an app on this machine, where the tools of today listen: Node and Bun, Vite, Deno, wrangler. */
function loopbackClient(): MainClient {
  const at = (...paths: readonly string[]) =>
    [3000, 5173, 8000, 8787].flatMap((port) => paths.map((path) => `http://localhost:${port}${path}`))
  return { callbackUrls: at('/auth/callback', '/'), logoutUrls: at('/auth/logout', '/') }
}

function settingsOf(world: World, pool: LocalPool, url: string): LocalServerSettings {
  const { userPoolId, clientId } = pool.settings
  const jwksUrl = `${url}/${userPoolId}/.well-known/jwks.json`
  return world.issuerBase === undefined
    ? { userPoolId, clientId, jwksUrl }
    : { userPoolId, clientId, issuer: pool.issuer, jwksUrl }
}

function optionNames() {
  return ['pool', 'port', 'host', 'region', 'issuer', 'state', 'log', ...worldOptionNames()] as const
}

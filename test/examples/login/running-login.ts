import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare, type Request as EdgeRequest, Response as EdgeResponse } from 'miniflare'
import { root } from '../../../scripts/lib/runtimes.mjs'
import type { LocalClient, LocalPoolSettings } from '../../../src/local/index.ts'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'

/** A Worker of the login example in workerd, before the managed login of a local AWS. */
export interface RunningLogin {
  readonly server: LocalServer
  /** Where the application listens. */
  readonly url: string
  /** Moves the clocks of the Worker and of Cognito. */
  advance(seconds: number): Promise<void>
  /** From now on the browser gets no cookie of a session. */
  loseSessions(): Promise<void>
  stop(): Promise<void>
}

export interface LoginSettings {
  readonly pool: LocalPoolSettings
  /** Of the app client, beside its addresses. */
  readonly client?: Partial<LocalClient>
  /** Whether renewals go by a Durable Object. */
  readonly hasObject?: boolean
}

export const secrets = '8Pz4mK1xQ0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM='

/**
 * The Worker with a clock that a test sets, and with cookies that it may lose. A page with `isolate` in its query is served, with
 * all that it asks for, by a login of its own, as by another isolate: another secret to open by makes it one.
 */
const entryOf = (file: string) => `
import * as example from './examples/login/${file}'
let ahead = 0
let loses = false
const { now } = Date
Date.now = () => now() + ahead
export * from './examples/login/${file}'
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (url.pathname === '/clock') {
      ahead = Number(url.searchParams.get('to'))
      return new Response()
    }
    if (url.pathname === '/lose') {
      loses = true
      return new Response()
    }
    const asker = new URL(request.headers.get('referer') ?? url)
    const isolate = url.searchParams.get('isolate') ?? asker.searchParams.get('isolate') ?? ''
    const own = { ...env, SECRETS: env.SECRETS + ',' + isolate.padEnd(44, 'abcdefghijklmnop') }
    const answer = await example.default.fetch(request, own, ctx)
    if (!loses) return answer
    const others = answer.headers.getSetCookie().filter((line) => !line.startsWith('session='))
    const copy = new Response(answer.body, answer)
    copy.headers.delete('set-cookie')
    for (const line of others) copy.headers.append('set-cookie', line)
    return copy
  },
}`

const bundles: Record<string, Promise<string>> = {}

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entryOf(file), resolveDir: root },
    bundle: true,
    conditions: ['workerd', 'worker'],
    format: 'esm',
    logLevel: 'silent',
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

export async function startLogin(
  file: 'worker.ts' | 'plain-worker.ts',
  { pool, client = {}, hasObject = false }: LoginSettings,
): Promise<RunningLogin> {
  // The address to come back to holds the port, so the port is found first.
  const port = await freePort()
  const url = `http://localhost:${port}`
  const addresses = { callbackUrls: [`${url}/auth/callback`], logoutUrls: [`${url}/auth/logout`] }
  // At 127.0.0.1, where the application is at localhost: two sites, with cookies of their own.
  const server = await startLocalServer({
    pool: { ...pool, clientId: 'app', clients: [{ clientId: 'app', ...addresses, ...client }] },
  })
  const script = await (bundles[file] ??= bundle(file))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      host: '127.0.0.1',
      port,
      modules: true,
      script,
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        DOMAIN: server.domain,
        USER_POOL_ID: server.settings.userPoolId,
        CLIENT_ID: server.settings.clientId,
        REDIRECT_URI: `${url}/auth/callback`,
        SECRETS: secrets,
      },
      ...(hasObject && { durableObjects: { LOGIN: { className: 'LoginObject', useSQLite: true } } }),
      // As a deployed Worker has it: Cognito's own host for the keys, and the domain for all else.
      outboundService: (request) => ask(server, request),
    }),
  )
  await miniflare.ready
  let ahead = 0
  return {
    server,
    url,
    loseSessions: async () => void (await miniflare.dispatchFetch(`${url}/lose`)),
    async advance(seconds) {
      ahead += seconds * 1000
      server.pool.advance(seconds)
      await miniflare.dispatchFetch(`${url}/clock?to=${ahead}`)
    },
    async stop() {
      await miniflare.dispose()
      await server.close()
    },
  }
}

async function ask({ pool }: LocalServer, request: EdgeRequest): Promise<EdgeResponse> {
  const { method, headers, url } = request
  const body = method === 'POST' ? await request.text() : undefined
  const sent = new Request(url, { method, headers: [...headers], ...(body && { body }) })
  const answer = await pool.serve(sent)
  return new EdgeResponse(await answer.text(), { status: answer.status, headers: [...answer.headers] })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'
import { root } from '../../../scripts/lib/runtimes.mjs'
import { type Cognito, scriptedCognito } from '../../support/managed-login.ts'

/** A Worker of the login example in workerd, with a managed login that a browser can open. */
export interface RunningLogin {
  readonly cognito: Cognito
  /** Where the application listens. */
  readonly url: string
  readonly miniflare: Miniflare
  /** Moves the clocks of the Worker and of Cognito. */
  advance(seconds: number): Promise<void>
  /** From now on the browser gets no cookie of a session. */
  loseSessions(): Promise<void>
  /** How often somebody was asked for a name at Cognito. */
  readonly asked: () => number
  stop(): Promise<void>
}

export const secrets = '8Pz4mK1xQ0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM='

/** The Worker with a clock that a test sets, and with cookies that it may lose. */
const entryOf = (file: string) => `
let ahead = 0
let loses = false
const { now } = Date
Date.now = () => now() + ahead
const { default: worker } = await import('./examples/login/${file}')
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
    const answer = await worker.fetch(request, env, ctx)
    if (!loses) return answer
    const others = answer.headers.getSetCookie().filter((line) => !line.startsWith('session='))
    const copy = new Response(answer.body, answer)
    copy.headers.delete('set-cookie')
    for (const line of others) copy.headers.append('set-cookie', line)
    return copy
  },
}`

export async function startLogin(file: 'worker.ts' | 'plain-worker.ts'): Promise<RunningLogin> {
  const cognito = await scriptedCognito()
  let asked = 0
  let isSignedIn = false
  // At 127.0.0.1, where the application is at localhost: two sites, with cookies of their own.
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', cognito.domain)
    response.setHeader('cache-control', 'no-store')
    if (url.pathname === '/logout') {
      isSignedIn = false
      response.writeHead(302, { location: url.searchParams.get('logout_uri') ?? '' }).end()
    } else if (url.pathname === '/oauth2/authorize') {
      const maxAge = url.searchParams.get('max_age')
      if (url.searchParams.has('as') || (isSignedIn && maxAge === null)) {
        if (url.searchParams.has('as')) cognito.authTime = Math.floor(cognito.pool.settings.now() / 1000)
        isSignedIn = true
        response.writeHead(302, { location: cognito.authorize(url).headers.get('location') ?? '' }).end()
        return
      }
      asked++
      url.searchParams.set('as', 'alice')
      response.setHeader('content-type', 'text/html')
      response.end(
        `<!doctype html><title>Cognito</title><h1>Cognito</h1><a href="${url.pathname}${url.search.replaceAll('&', '&amp;')}">Continue as alice</a>`,
      )
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const domain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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
  // The address to come back to holds the port, so the port is found first.
  const port = await freePort()
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      host: '127.0.0.1',
      port,
      modules: true,
      script: outputFiles[0]?.text ?? '',
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        DOMAIN: domain,
        USER_POOL_ID: cognito.pool.settings.userPoolId,
        CLIENT_ID: cognito.pool.settings.clientId,
        REDIRECT_URI: `http://localhost:${port}/auth/callback`,
        SECRETS: secrets,
      },
      outboundService: async (request) => {
        const { method, headers } = request
        const body = method === 'POST' ? await request.text() : undefined
        const url = request.url.replace(domain, cognito.domain)
        const sent = new Request(url, { method, headers: [...headers], ...(body && { body }) })
        const answer = await cognito.fetch(sent)
        return new EdgeResponse(await answer.text(), { status: answer.status, headers: [...answer.headers] })
      },
    }),
  )
  await miniflare.ready
  const url = `http://localhost:${port}`
  let ahead = 0
  return {
    cognito,
    url,
    miniflare,
    asked: () => asked,
    loseSessions: async () => void (await miniflare.dispatchFetch(`${url}/lose`)),
    async advance(seconds) {
      ahead += seconds * 1000
      cognito.pool.advance(seconds)
      await miniflare.dispatchFetch(`${url}/clock?to=${ahead}`)
    },
    async stop() {
      await miniflare.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoginApp } from './login-app.ts'

/** An application behind a login at https://app.example.com, Cognito beside it, and hosts that wish it ill. */
export interface SecureSite {
  /** What Chromium has to be told, so that all names lead here. */
  readonly args: readonly string[]
  /** What reached the application, in order. */
  readonly requests: { readonly method: string; readonly path: string; readonly headers: Headers }[]
  /** What the hosts that are not the application answer with, by path. */
  readonly evil: Map<string, { readonly html?: string; readonly setCookie?: readonly string[] }>
  /** Whether Cognito shows a page, in place of sending everybody back at once. */
  holds: boolean
  /** Changes the application, between tests. */
  app: LoginApp
  stop(): Promise<void>
}

/** By https with a certificate of its own, and by plain http: openssl makes the certificate. */
export async function startSecureSite(): Promise<SecureSite> {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=example.com', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  const pair = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })

  const site: Omit<SecureSite, 'app' | 'args'> & { app: LoginApp | undefined } = {
    requests: [],
    evil: new Map(),
    holds: false,
    app: undefined,
    async stop() {
      for (const server of [secure, plain]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }

  async function answer(url: URL, request: Request): Promise<Response> {
    if (url.host === 'app.example.com' && url.protocol === 'https:') {
      if (url.pathname === '/favicon.ico') return new Response(null, { status: 204 })
      site.requests.push({ method: request.method, path: url.pathname, headers: request.headers })
      return (await site.app?.app(request)) ?? new Response('no application', { status: 404 })
    }
    if (url.host === 'auth.example.com') {
      if (site.holds) return new Response('Who are you?')
      if (url.pathname === '/oauth2/authorize') return site.app?.cognito.authorize(url) ?? new Response()
      const location = url.searchParams.get('logout_uri')
      return location ? new Response(null, { status: 302, headers: { location } }) : new Response()
    }
    const { html = '<!doctype html>', setCookie = [] } = site.evil.get(url.pathname) ?? {}
    const response = new Response(html, { headers: { 'content-type': 'text/html' } })
    for (const line of setCookie) response.headers.append('set-cookie', line)
    return response
  }

  const listener =
    (scheme: string): RequestListener =>
    async (incoming, outgoing) => {
      const url = new URL(incoming.url ?? '/', `${scheme}://${incoming.headers.host}`)
      const headers = new Headers()
      for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, `${value}`)
      const response = await answer(url, new Request(url, { method: incoming.method ?? 'GET', headers }))
      const { ['set-cookie']: _, ...fields } = Object.fromEntries(response.headers)
      outgoing.writeHead(response.status, { ...fields, 'set-cookie': response.headers.getSetCookie() })
      outgoing.end(new Uint8Array(await response.arrayBuffer()))
    }
  const secure = createServer(pair, listener('https'))
  const plain = createPlainServer(listener('http'))
  const ports: number[] = []
  for (const server of [secure, plain]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as AddressInfo).port)
  }
  const rules = `MAP *:443 127.0.0.1:${ports[0]}, MAP *:80 127.0.0.1:${ports[1]}`
  return Object.assign(site, { args: [`--host-resolver-rules=${rules}`, '--ignore-certificate-errors'] }) as SecureSite
}

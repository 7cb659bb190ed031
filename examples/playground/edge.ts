import { convertV4MiniflareOptions, type Request as EdgeRequest, Response as EdgeResponse, Miniflare } from 'miniflare'
import { root } from '../../scripts/lib/runtimes.mjs'
import { bundle, StartError } from './bundle.ts'
import type { Settings } from './settings.ts'

/** Answers requests outside of workerd. */
export type Handler = (request: Request) => Promise<Response>

export interface EdgeOptions {
  readonly port: number
  readonly settings: Settings
  /** Answers `/` and `/__start/…`. */
  readonly page: Handler
  /** The local pool; without it Cognito's hosts are the real ones. */
  readonly cognito?: LocalCognito | undefined
  /** The URL of managed login; undefined where it is not known. */
  readonly domain: string | undefined
}

/** A local pool: at Cognito's hosts, and at any address. */
export interface LocalCognito {
  readonly fetch: Handler
  readonly serve: Handler
}

export interface Edge {
  /** Where it listens. */
  readonly url: URL
  /** Ends workerd. */
  stop(): Promise<void>
}

/** Starts workerd with the app, and the page in front of it. Throws StartError where the port is taken. */
export async function startEdge({ port, settings, page, cognito, domain }: EdgeOptions): Promise<Edge> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      host: '127.0.0.1',
      port,
      workers: [
        {
          name: 'front',
          modules: true,
          script: await bundle(`${root}/examples/playground/front-worker.ts`, ['workerd', 'worker', 'browser']),
          compatibilityDate: '2026-08-03',
          bindings: { COGNITO_USER_POOL_ID: settings.userPoolId, ...sessionBindings(settings, port, domain) },
          serviceBindings: {
            APP: 'app',
            SIGN_IN: 'sign-in',
            PAGE: adapt(page),
            ...(cognito && { ADMIN: 'admin', MANAGED_LOGIN: adapt(cognito.serve) }),
          },
          ...(cognito && { outboundService: adapt(outbound(cognito, domain)) }),
        },
        {
          ...settings.worker,
          name: 'app',
          modules: true,
          script: await bundle(settings.main, ['workerd', 'worker', 'browser']),
          ...(cognito && { outboundService: adapt(outbound(cognito)) }),
        },
        await signInWorker(settings, cognito),
        ...(cognito === undefined ? [] : [await adminWorker(settings, cognito)]),
      ],
    }),
  )
  try {
    const { port: taken } = await miniflare.ready
    return { url: new URL(`http://localhost:${taken}/`), stop: () => miniflare.dispose() }
  } catch (error) {
    await miniflare.dispose().catch(() => {})
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE')) throw error
    throw new StartError(
      `Port ${port} is taken. Choose another one: \`npm start -- --port ${port + 1}\` or \`PORT=${port + 1} npm start\`.`,
    )
  }
}

/** The admin API, with an access key that only the local pool takes. */
async function adminWorker({ userPoolId, clientId }: Settings, cognito: LocalCognito) {
  return {
    name: 'admin',
    modules: true,
    script: await bundle(`${root}/examples/admin-api/worker.ts`, ['workerd', 'worker', 'browser']),
    compatibilityDate: '2026-08-03',
    bindings: {
      COGNITO_USER_POOL_ID: userPoolId,
      COGNITO_CLIENT_ID: clientId,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'of-the-local-pool',
    },
    outboundService: adapt(outbound(cognito)),
  }
}

/** The sign-in example, with a secret that lasts as long as the process. */
async function signInWorker({ userPoolId, clientId }: Settings, cognito: LocalCognito | undefined) {
  return {
    name: 'sign-in',
    modules: true,
    script: await bundle(`${root}/examples/sign-in/worker.ts`, ['workerd', 'worker', 'browser']),
    compatibilityDate: '2026-08-03',
    bindings: {
      COGNITO_USER_POOL_ID: userPoolId,
      COGNITO_CLIENT_ID: clientId,
      STEP_SECRET: `${crypto.randomUUID()}${crypto.randomUUID()}`,
      ...(cognito && { OUTBOX_URL: '/#outbox' }),
    },
    ...(cognito && { outboundService: adapt(outbound(cognito)) }),
  }
}

/** What the sessions of managed login need; its secret lasts as long as the process. */
function sessionBindings({ clientId }: Settings, port: number, domain: string | undefined): Record<string, string> {
  if (domain === undefined) return {}
  return {
    COGNITO_CLIENT_ID: clientId,
    DOMAIN: domain,
    REDIRECT_URI: `http://localhost:${port}/auth/callback`,
    SECRETS: `${crypto.randomUUID()}${crypto.randomUUID()}`,
  }
}

/** The network as the app sees it: Cognito's hosts lead to the local pool, and so does its managed login; all others where they always do. */
function outbound({ fetch: cognito, serve }: LocalCognito, domain?: string): Handler {
  const cognitos = /^(?:(?:issuer-)?cognito-[a-z]+\.[a-z0-9-]+\.amazonaws\.com|.+\.amazoncognito\.com)$/
  return (request) => {
    if (domain !== undefined && request.url.startsWith(`${domain}/`)) return serve(request)
    return (cognitos.test(new URL(request.url).hostname) ? cognito : fetch)(request)
  }
}

/** A handler for Miniflare, whose requests and responses are of classes of their own. */
function adapt(handler: Handler) {
  return async (request: EdgeRequest): Promise<EdgeResponse> => {
    const { method, url } = request
    const body = method === 'GET' || method === 'HEAD' ? null : await request.arrayBuffer()
    const response = await handler(
      new Request(url, { method, headers: [...request.headers], body, redirect: 'manual' }),
    )
    const { status, headers } = response
    return new EdgeResponse(response.body === null ? null : await response.arrayBuffer(), {
      status,
      headers: [...headers],
    })
  }
}

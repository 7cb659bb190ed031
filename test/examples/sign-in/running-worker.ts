import { convertV4MiniflareOptions, type Request as EdgeRequest, Response as EdgeResponse, Miniflare } from 'miniflare'
import { bundle } from '../../../examples/playground/bundle.ts'
import { createLocalPool, type LocalPool, type LocalPoolOptions } from '../../../src/local/index.ts'

/** The sign-in example before a local pool. */
export interface RunningWorker {
  readonly pool: LocalPool
  /** Where it listens, as a browser on this machine goes there. */
  readonly url: string
  readonly miniflare: Miniflare
}

export const password = 'Correct-Horse-1'
export const clientId = '4p8m2k7c1v9x3t6r5n0q8h2b7d'

let script: Promise<string> | undefined

/** Runs the example in workerd, without the API of Node. `outbound` stands before the pool. */
export async function startWorker(
  options: LocalPoolOptions,
  outbound: (request: EdgeRequest) => EdgeResponse | undefined = () => undefined,
): Promise<RunningWorker> {
  script ??= bundle('examples/sign-in/worker.ts', ['workerd', 'worker'])
  const pool = await createLocalPool({
    clientId,
    passkeys: { relyingPartyId: 'localhost' },
    clients: [
      {
        clientId,
        hideUnknownUsers: true,
        authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      },
    ],
    ...options,
  })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      host: '127.0.0.1',
      port: 0,
      modules: true,
      script: await script,
      compatibilityDate: '2026-08-03',
      compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
      bindings: {
        COGNITO_USER_POOL_ID: pool.settings.userPoolId,
        COGNITO_CLIENT_ID: clientId,
        OUTBOX_URL: '/codes?a=1&b="2"',
        STEP_SECRET: 'a secret of 32 characters or more',
      },
      outboundService: async (request) => {
        const answered = outbound(request)
        if (answered !== undefined) return answered
        const response = await pool.fetch(request)
        return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
      },
    }),
  )
  const { port } = await miniflare.ready
  return { pool, url: `http://localhost:${port}/`, miniflare }
}

import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare, Response as EdgeResponse } from 'miniflare'

type V4Options = Parameters<typeof convertV4MiniflareOptions>[0]

/** What a test sets of a Worker; the rest is the same for all. */
export interface EdgeWorker {
  readonly name: string
  /** Path of its source, from the checkout's root. */
  readonly source: string
  readonly bindings: Readonly<Record<string, unknown>>
  readonly [option: string]: unknown
}

/** The network as the Workers see it. */
export type Network = (request: Request) => Promise<Response>

/** Starts Workers in one workerd, each at `http://<its name>.test/`, without any Node API in them. */
export async function startWorkers(
  workers: readonly EdgeWorker[],
  network: Network,
  options: object = {},
): Promise<Miniflare> {
  const scripts = new Map<string, string>()
  for (const { source } of workers) {
    if (!scripts.has(source)) scripts.set(source, await bundle(source))
  }
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      ...options,
      workers: workers.map(({ source, ...worker }) => ({
        ...worker,
        routes: [`${worker.name}.test/*`],
        modules: true,
        script: scripts.get(source),
        compatibilityDate: '2026-08-03',
        compatibilityFlags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
        outboundService: async (request: { url: string }) => {
          const response = await network(new Request(request.url))
          return new EdgeResponse(await response.text(), { status: response.status, headers: [...response.headers] })
        },
      })),
    } as V4Options),
  )
  await miniflare.ready
  return miniflare
}

async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    conditions: ['workerd', 'worker'],
    external: ['cloudflare:*'],
    format: 'esm',
    logLevel: 'silent',
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

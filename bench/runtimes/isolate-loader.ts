interface Loader {
  get(id: string, code: () => unknown): { getEntrypoint(): { fetch(request: Request): Promise<Response> } }
}

/** Answers each request in an isolate that has never run before: the path names the module, the query what it is to do. */
export default {
  async fetch(request: Request, env: Record<string, string> & { LOADER: Loader; JWK: object }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const worker = env.LOADER.get(searchParams.get('id') ?? '', () => ({
      compatibilityDate: '2026-08-03',
      mainModule: 'main.js',
      modules: { 'main.js': env[pathname.slice(1)] },
      env: { jwk: env.JWK, answer: searchParams.has('answer') },
    }))
    return worker.getEntrypoint().fetch(request)
  },
}

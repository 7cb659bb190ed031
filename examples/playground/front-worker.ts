interface Env {
  /** The worker of wrangler.toml. */
  readonly APP: { fetch(request: Request): Promise<Response> }
  /** The admin API, where it is known whose access key it has: before the local pool. */
  readonly ADMIN?: { fetch(request: Request): Promise<Response> }
  /** The page and its data. */
  readonly PAGE: { fetch(request: Request): Promise<Response> }
}

/** Stands in front of the app and the admin API under `npm start`: the app itself knows nothing of the page. */
const frontWorker = {
  fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/' || pathname.startsWith('/__start/')) return env.PAGE.fetch(request)
    return (pathname.startsWith('/admin/') ? (env.ADMIN ?? env.APP) : env.APP).fetch(request)
  },
}

export default frontWorker

interface Env {
  /** The worker of wrangler.toml. */
  readonly APP: { fetch(request: Request): Promise<Response> }
  /** The page and its data. */
  readonly PAGE: { fetch(request: Request): Promise<Response> }
}

/** Stands in front of the app under `npm start`: the app itself knows nothing of the page. */
const frontWorker = {
  fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    return (pathname === '/' || pathname.startsWith('/__start/') ? env.PAGE : env.APP).fetch(request)
  },
}

// biome-ignore lint/style/noDefaultExport: workerd takes the entry of a worker from there.
export default frontWorker

interface Env {
  /** The worker of wrangler.toml. */
  readonly APP: { fetch(request: Request): Promise<Response> }
  /** The admin API, where it is known whose access key it has: before the local pool. */
  readonly ADMIN?: { fetch(request: Request): Promise<Response> }
  /** The sign-in example, which knows nothing of the path that it stands below. */
  readonly SIGN_IN: { fetch(request: Request): Promise<Response> }
  /** The page and its data. */
  readonly PAGE: { fetch(request: Request): Promise<Response> }
}

/** Stands in front of the app and the admin API under `npm start`: the app itself knows nothing of the page. */
const frontWorker = {
  fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url)
    const { pathname } = url
    if (pathname === '/sign-in') return Promise.resolve(Response.redirect(new URL('/sign-in/', url).href, 308))
    if (pathname.startsWith('/sign-in/')) {
      url.pathname = pathname.slice('/sign-in'.length)
      return env.SIGN_IN.fetch(new Request(url, request))
    }
    if (pathname === '/' || pathname.startsWith('/__start/')) return env.PAGE.fetch(request)
    return (pathname.startsWith('/admin/') ? (env.ADMIN ?? env.APP) : env.APP).fetch(request)
  },
}

export default frontWorker

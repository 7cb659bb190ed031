import { answerHere, type Context, type SessionEnv, withSession } from './sessions.ts'

interface Service {
  fetch(request: Request): Promise<Response>
}

interface Env extends Partial<SessionEnv> {
  /** The worker of wrangler.toml. */
  readonly APP: Service
  /** The admin API, where it is known whose access key it has: before the local pool. */
  readonly ADMIN?: Service
  /** The sign-in example, which knows nothing of the path that it stands below. */
  readonly SIGN_IN: Service
  /** The page and its data. */
  readonly PAGE: Service
  /** The managed login of the local pool, below the pool's id. */
  readonly MANAGED_LOGIN?: Service
}

/** Stands in front of the app and the admin API under `npm start`: the app itself knows nothing of the page. */
const frontWorker = {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const url = new URL(request.url)
    const { pathname } = url
    if (pathname === '/sign-in') return Response.redirect(new URL('/sign-in/', url).href, 308)
    if (pathname.startsWith('/sign-in/')) {
      url.pathname = pathname.slice('/sign-in'.length)
      return env.SIGN_IN.fetch(new Request(url, request))
    }
    if (env.MANAGED_LOGIN && pathname.startsWith(`/${env.COGNITO_USER_POOL_ID}/`))
      return env.MANAGED_LOGIN.fetch(request)
    if (!hasSessions(env)) return answer(request, env)
    const own = await answerHere(request, env, ctx)
    if (own !== undefined) return own
    const needsToken = /^\/(?:api|admin|__start\/(?:scene$|verdicts))/.test(pathname)
    return needsToken ? withSession(request, env, (other) => answer(other, env)) : answer(request, env)
  },
}

/** Whether it is known where managed login is. */
function hasSessions(env: Env): env is Env & SessionEnv {
  return env.DOMAIN !== undefined
}

function answer(request: Request, { APP, ADMIN = APP, PAGE }: Env): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/' || pathname.startsWith('/__start/')) return PAGE.fetch(request)
  return (pathname.startsWith('/admin/') ? ADMIN : APP).fetch(request)
}

export default frontWorker
